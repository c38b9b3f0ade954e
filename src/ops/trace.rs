//! Traceability of the policy's systems at a commit: the requirements of each, and what is tagged with them.

use anyhow::{Context, Result, bail};

use super::session::{Session, readable};
use crate::git::Oid;
use crate::git::read::Reader;
use crate::model::browse::name;
use crate::model::change::{EXECUTABLE, REGULAR};
use crate::model::document::Document;
use crate::model::near;
use crate::model::policy::Policy;
use crate::model::system::System;
use crate::model::trace::item::standings;
use crate::model::trace::links::File;
use crate::model::trace::matrix::{self, Matrix, Source};
use crate::model::trace::requirement;
use crate::model::trace::scan::Scanner;

/// What is asked for: all systems, and the commit that is checked out, where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub system: Option<String>,
    pub at: Option<String>,
}

/// Bytes at the beginning of a file among which a zero says that it is no text.
const LOOK: usize = 8_000;

/// The matrix of each system that is asked for.
pub fn trace(session: &Session, asked: &Asked) -> Result<Vec<Matrix>> {
    let reader = Reader::new(&session.repo);
    let commit = match &asked.at {
        Some(text) => session.repo.revision(name::revision(text)?)?,
        None => session.head()?,
    };
    let policy = Session::policy_at(&reader, commit)?;
    let wanted = asked.system.as_ref().map(|name| name.to_ascii_uppercase());
    if let Some(wanted) = &wanted
        && !policy.systems.contains_key(wanted)
    {
        let names = policy.systems.keys().map(String::as_str);
        let near = near::nearest(wanted, names, 3).join(", ");
        bail!(
            "`{}` is no system; near it are {near}; all: qms system list",
            name::shown(wanted)
        );
    }
    if policy.systems.is_empty() {
        bail!("the policy names no system; to add one: qms system add NAME --code GLOB");
    }
    let of = policy.systems.iter();
    let of = of.filter(|(name, _)| wanted.as_ref().is_none_or(|wanted| wanted == *name));
    of.map(|(name, system)| one(session, &reader, &policy, commit, (name, system)))
        .collect()
}

fn one(
    session: &Session,
    reader: &Reader<'_>,
    policy: &Policy,
    commit: Oid,
    (name, system): (&str, &System),
) -> Result<Matrix> {
    let tree = session.repo.tree_of(commit)?;
    let rs = &system.rs;
    let entry = reader.document_in(tree, &policy.folder, rs)?;
    let entry = entry.with_context(|| {
        format!("{name} has no {rs} at that commit; to write one: qms create RS --name {name} --title \"…\"")
    })?;
    let current = readable(entry, rs)?;
    // What binds people is what is traced; a draft where nothing does yet.
    let force = current
        .in_force_blob()
        .and_then(|blob| session.repo.oid(blob));
    let document = match force {
        Some(blob) => Document::parse(session.repo.blob(blob)?).map_err(|flaws| {
            anyhow::anyhow!("{rs} in force cannot be read: {}", flaws[0].message)
        })?,
        None => current,
    };
    let text = String::from_utf8(document.text()).context("a document is UTF-8")?;
    let read = requirement::read(&text, Document::body_start(&text), &system.ids);
    let files = tagged(session, tree, system)?;
    let path = rs.path(&policy.folder).to_string();
    let source = Source {
        system: name,
        commit: &commit.to_string(),
        rs: rs.as_str(),
        path: &path,
        version: &document.state.version.to_string(),
        in_force: document.state.effective_version().is_some() || force.is_some(),
    };
    Ok(matrix::of(&source, &read, &files))
}

/// The files of a system that hold tags.
fn tagged(session: &Session, tree: Oid, system: &System) -> Result<Vec<File>> {
    let scanner = Scanner::new([system.ids.as_str()]);
    let mut out = Vec::new();
    for differs in session.repo.differences(None, Some(tree))? {
        let raw = differs
            .after
            .filter(|raw| [REGULAR, EXECUTABLE].contains(&raw.mode));
        let Some(raw) = raw.filter(|_| system.code.iter().any(|p| p.matches(&differs.path))) else {
            continue;
        };
        let bytes = session.repo.blob(raw.id)?;
        if bytes.iter().take(LOOK).any(|b| *b == 0) {
            continue;
        }
        let path = differs.path.as_bytes();
        let tags = scanner.tags(path, &bytes);
        if tags.is_empty() {
            continue;
        }
        let standings = standings(path, &bytes, &tags);
        out.push(File {
            path: differs.path.to_string(),
            tags,
            standings,
        });
    }
    Ok(out)
}
