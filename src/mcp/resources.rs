//! Resources: each document as it binds people now, and each of its versions.

use anyhow::{Context, Result};
use rmcp::model::{
    CacheScope, ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult, Resource,
    ResourceContents, ResourceTemplate,
};

use super::reading;
use super::tool::Call;
use crate::model::browse::name;
use crate::ops::list::{self, Filter};
use crate::ops::versions::{self, Which};

/// How their addresses begin; the id follows, and after a slash the version.
const SCHEME: &str = "qms://doc/";
const TYPE: &str = "text/markdown";
/// Documents of one answer.
const PAGE: usize = 200;

/// The documents after the one that a cursor names.
pub(super) fn listed(call: &Call, cursor: Option<&str>) -> Result<ListResourcesResult> {
    let (views, _) = list::list(&call.session, &Filter::default())?;
    let first = match cursor {
        None => 0,
        Some(id) => {
            let last = views.iter().position(|view| view.doc_id == id);
            1 + last.context("the cursor is none of this list's")?
        }
    };
    let page = &views[first..views.len().min(first + PAGE)];
    let shown = page.iter().map(|view| {
        let about = format!("{} {}", view.status, view.version);
        Resource::new(format!("{SCHEME}{}", view.doc_id), view.doc_id.as_str())
            .with_title(name::shown(&view.title))
            .with_description(about)
            .with_mime_type(TYPE)
    });
    let mut all = ListResourcesResult::with_all_items(shown.collect());
    if first + PAGE < views.len() {
        all.next_cursor = page.last().map(|view| view.doc_id.clone());
    }
    Ok(all.with_ttl_ms(0).with_cache_scope(CacheScope::Private))
}

pub(super) fn templates() -> ListResourceTemplatesResult {
    let of = |rest: &str, name: &str, about: &str| {
        ResourceTemplate::new(format!("{SCHEME}{rest}"), name)
            .with_description(about)
            .with_mime_type(TYPE)
    };
    ListResourceTemplatesResult::with_all_items(vec![
        of(
            "{id}",
            "document",
            "A document: the version in force, else the current text.",
        ),
        of(
            "{id}/{version}",
            "version",
            "A document as it was at a version, such as 1.0.",
        ),
    ])
    .with_ttl_ms(0)
    .with_cache_scope(CacheScope::Public)
}

pub(super) fn read(call: &Call, uri: &str) -> Result<ReadResourceResult> {
    let rest = uri.strip_prefix(SCHEME);
    let rest = rest.with_context(|| {
        let shown = name::shown(uri);
        format!("there is no resource `{shown}`; documents are {SCHEME}ID or {SCHEME}ID/VERSION")
    })?;
    let (id, which) = match rest.split_once('/') {
        None => (rest, Which::InForce),
        Some((id, version)) => (id, Which::Version(versions::version(version)?)),
    };
    let text = reading::text(call, id, &which)?.text;
    let contents = ResourceContents::text(text, uri).with_mime_type(TYPE);
    Ok(ReadResourceResult::new(vec![contents])
        .with_ttl_ms(0)
        .with_cache_scope(CacheScope::Private))
}
