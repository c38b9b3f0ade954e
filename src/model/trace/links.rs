//! Which items implement and which verify a requirement, by the tags of all files.

use std::collections::BTreeMap;

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
    /// For each requirement, whether it is tagged or not.
    pub of: BTreeMap<&'f str, Linked<'f>>,
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

/// Joins the tags of files with requirements. Requirements that are retired are known, and have no links.
pub fn links<'f>(requirements: &'f [Requirement], files: &'f [File]) -> Links<'f> {
    let mut out = Links::default();
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for requirement in requirements {
        let also = requirement.attributes.also.iter().map(String::as_str);
        names.extend(also.map(|name| (name, requirement.id.as_str())));
    }
    for requirement in requirements {
        names.insert(&requirement.id, &requirement.id);
        out.of.insert(&requirement.id, Linked::default());
    }
    for file in files {
        for (tag, standing) in file.tags.iter().zip(&file.standings.of) {
            let linked = names.get(tag.id.as_str()).and_then(|id| out.of.get_mut(id));
            let Some(linked) = linked else {
                // What is no comment after all is no tag, and so names nothing.
                if *standing != Standing::NoComment {
                    out.unknown.push((&file.path, tag));
                }
                continue;
            };
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
    for requirement in requirements
        .iter()
        .filter(|r| r.attributes.retired.is_some())
    {
        out.of.remove(requirement.id.as_str());
    }
    out
}
