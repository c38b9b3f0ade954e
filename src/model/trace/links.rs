//! Which items implement and which verify a requirement, by the tags of all files.

use std::collections::HashMap;

use super::item::{Item, Standing, Standings};
use super::requirement::Requirement;
use super::tag::{Claim, Tag};

/// A file with tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub path: String,
    pub tags: Vec<Tag>,
    pub standings: Standings,
}

/// A tag with what it stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'f> {
    pub path: &'f str,
    pub tag: &'f Tag,
    pub item: &'f Item,
}

/// A tag that stands on nothing, or that the grammar takes for no comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loose<'f> {
    pub path: &'f str,
    pub tag: &'f Tag,
    pub standing: Standing,
}

/// What is tagged with a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Linked<'f> {
    pub code: Vec<Link<'f>>,
    pub tests: Vec<Link<'f>>,
    pub loose: Vec<Loose<'f>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Links<'f> {
    /// For each requirement, in their order, whether it is tagged or not; None for one that is retired.
    pub of: Vec<Option<Linked<'f>>>,
    /// Tags with ids that no requirement has, with their paths.
    pub unknown: Vec<(&'f str, &'f Tag)>,
}

/// What a tag on this item says. One that says nothing itself claims no implementation on what is part of tests.
pub fn claim(tag: &Tag, item: &Item) -> Claim {
    match tag.claim {
        Claim::Unsaid if item.in_tests => Claim::Verifies,
        Claim::Unsaid => Claim::Implements,
        said => said,
    }
}

/// Which requirement each name is of, by its place: its own id before what another one is also called.
pub fn names(requirements: &[Requirement]) -> HashMap<&str, usize> {
    let mut names: HashMap<&str, usize> = HashMap::with_capacity(requirements.len());
    for (at, requirement) in requirements.iter().enumerate() {
        let also = requirement.attributes.also.iter().map(String::as_str);
        names.extend(also.map(|name| (name, at)));
    }
    let ids = requirements.iter().map(|requirement| &*requirement.id);
    names.extend(ids.zip(0..));
    names
}

/// Joins the tags of files with requirements. Requirements that are retired are known, and have no links.
pub fn links<'f>(requirements: &'f [Requirement], files: &'f [File]) -> Links<'f> {
    let names = names(requirements);
    let mut all = vec![Linked::default(); requirements.len()];
    let mut unknown = Vec::new();
    for file in files {
        for (tag, standing) in file.tags.iter().zip(&file.standings.of) {
            let Some(at) = names.get(tag.id.as_str()) else {
                // What is no comment after all is no tag, and so names nothing.
                if *standing != Standing::NoComment {
                    unknown.push((file.path.as_str(), tag));
                }
                continue;
            };
            let linked = &mut all[*at];
            let path = file.path.as_str();
            let on = match standing {
                Standing::On(at) => file.standings.items.get(*at),
                _ => None,
            };
            match on {
                Some(item) => {
                    let link = Link { path, tag, item };
                    match claim(tag, item) {
                        Claim::Verifies => linked.tests.push(link),
                        _ => linked.code.push(link),
                    }
                }
                None => linked.loose.push(Loose {
                    path,
                    tag,
                    standing: *standing,
                }),
            }
        }
    }
    let judged = |requirement: &Requirement| !requirement.is_retired();
    let of = requirements.iter().zip(all);
    let of = of.map(|(requirement, linked)| judged(requirement).then_some(linked));
    Links {
        of: of.collect(),
        unknown,
    }
}
