//! Whether whoever made a tag may stand behind it: judged as the author of a commit on the trunk is.

use anyhow::Result;

use crate::checks;
use crate::git::Oid;
use crate::git::read::{Draft, Reader};
use crate::git::tags::Tag;
use crate::git::way::Way;
use crate::model::finding::Finding;

/// What is wrong with the tagger of the tag `name` and with its signature, by the trunk's commit `p`.
pub(super) fn judged(
    reader: &Reader<'_>,
    (tag, name): (&Tag, &str),
    (trunk, p): (&str, Oid),
    anchor: Option<Oid>,
) -> Result<Vec<Finding>> {
    let mut way = Way::new(trunk, p, anchor);
    way.time = Some(reader.time(&way)?);
    let draft = Draft {
        commit: tag.made.clone(),
        parents: vec![tag.commit],
        staged: Vec::new(),
    };
    let mut found = checks::tagged(&reader.draft(draft, &way)?);
    for finding in &mut found {
        finding.commit = None;
        finding.facts.push(("tag".into(), name.to_owned()));
    }
    Ok(found)
}
