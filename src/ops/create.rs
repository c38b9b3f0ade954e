//! Creating a document from the template in force, under the lowest free number.

use anyhow::{Context, Result, bail};

use super::chain::{Chain, Wish};
use super::list;
use super::moves::Done;
use super::session::Session;
use crate::checks::birth;
use crate::git::Oid;
use crate::git::read::Reader;
use crate::git::write::Lost;
use crate::model::body::Row;
use crate::model::kind::{Id, KINDS, Kind, Naming};
use crate::model::pattern::Pattern;
use crate::model::policy::Policy;
use crate::model::template;
use crate::model::workflow::Action;

/// What is to be created.
#[derive(Debug, Clone, Default)]
pub struct Birth {
    pub kind: String,
    pub title: String,
    pub parent: Option<String>,
    pub name: Option<String>,
    pub scope: Vec<String>,
    /// The items of the parent that it is for.
    pub items: Vec<String>,
}

// Implements: REQ-QMS-CMD-CREATE
pub fn create(session: &Session, birth: &Birth) -> Result<Done> {
    let kind = list::kind(&birth.kind)?;
    if !birth.scope.is_empty() && !kind.has_scope {
        bail!(
            "a {} has no scope; changes have one: CR, VAR, ADD",
            kind.name
        );
    }
    if !birth.items.is_empty() && !kind.is_for_items() {
        let of = match kind.parents {
            [] => "has no parent whose items it could name",
            _ => "names no items of its parent",
        };
        let able = KINDS.iter().filter(|k| k.is_for_items()).map(|k| k.name);
        let able = able.collect::<Vec<_>>().join(", ");
        bail!("a {} {of}; those that do: {able}", kind.name);
    }
    for pattern in &birth.scope {
        Pattern::parse(pattern).map_err(anyhow::Error::msg)?;
    }
    session.repo.recover()?;
    let reader = Reader::new(&session.repo);
    let (head, policy) = (session.head()?, session.policy(&reader)?);
    let id = free_id(session, &policy, kind, birth)?;
    let path = id.path(&policy.folder);
    if session.in_work_tree(&path)?.is_some() {
        // Somebody else's, who was faster: the work tree moves before the branch does.
        if session.repo.is_on_the_way() || session.repo.head() != Some(head) {
            bail!(Lost);
        }
        bail!("`{path}` is in the way: a file that is not committed; move it elsewhere");
    }
    let tree = session.repo.tree_of(head)?;
    let items = items(&reader, tree, &policy, &id, &birth.items)?;
    let template = reader.template(tree, &policy.folder, kind.name)?;
    let template = match template.as_deref() {
        Some(Ok(document)) => document,
        Some(Err(flaws)) => bail!(
            "TEMPLATE-{} cannot be read: {}",
            kind.name,
            flaws[0].message
        ),
        None => bail!(
            "no template is in force for {0}; it would be TEMPLATE-{0}",
            kind.name
        ),
    };
    let text = template::instantiate(template, &id, &birth.title, &birth.scope, &items)
        .map_err(anyhow::Error::msg)?;
    let mut chain = Chain::begin(session)?;
    chain.step(&Wish {
        text: Some(text),
        ..Wish::new(&id, Action::Create)
    })?;
    chain.land()
}

/// The items that a new document is for, each once and as rows of its parent's item table.
fn items<'b>(
    reader: &Reader<'_>,
    tree: Oid,
    policy: &Policy,
    id: &Id,
    named: &'b [String],
) -> Result<Vec<&'b str>> {
    let Some(parent) = id.parent().filter(|_| !named.is_empty()) else {
        return Ok(Vec::new());
    };
    let entry = reader.document_in(tree, &policy.folder, &parent)?;
    let document = entry.and_then(|e| e.document);
    let document = document.as_deref().and_then(|d| d.as_ref().ok());
    let document = document.with_context(|| format!("{parent} cannot be read"))?;
    let form = reader.form(tree, policy, parent.kind())?;
    let body = document.tree();
    let table = form.items(&body);
    let table = table.with_context(|| format!("{parent} has no item table"))?;
    let rows: Vec<&str> = table.rows.iter().map(Row::name).collect();
    let mut items: Vec<&str> = Vec::new();
    for name in named.iter().map(String::as_str) {
        if !rows.contains(&name) {
            let rows = rows.join(", ");
            bail!("{parent} has no item `{name}`; its items are {rows}");
        }
        if !items.contains(&name) {
            items.push(name);
        }
    }
    Ok(items)
}

fn free_id(session: &Session, policy: &Policy, kind: &'static Kind, birth: &Birth) -> Result<Id> {
    match kind.naming {
        Naming::System | Naming::Named => {
            let example = if kind.naming == Naming::System {
                "the system, such as QMS"
            } else {
                "the type, such as FORM"
            };
            let name = birth
                .name
                .as_deref()
                .with_context(|| format!("--name is missing: {example}"))?;
            let id = Id::named(kind, &name.to_ascii_uppercase());
            id.with_context(|| format!("`{name}` is no name: capitals, digits and dashes"))
        }
        Naming::Number => number(session, policy, kind, None),
        Naming::Child => {
            let parents = kind.parents.join(", ");
            let parent = birth
                .parent
                .as_deref()
                .with_context(|| format!("--parent is missing: a {parents}"))?;
            let parent = session.id(parent)?;
            if !kind.parents.contains(&parent.kind().name) {
                bail!(
                    "a {} is no child of {parent}; its parents are {parents}",
                    kind.name
                );
            }
            number(session, policy, kind, Some(&parent))
        }
    }
}

/// The lowest number above the highest of this tree that no ref has.
pub(super) fn number(
    session: &Session,
    policy: &Policy,
    kind: &'static Kind,
    parent: Option<&Id>,
) -> Result<Id> {
    let like = Id::numbered(kind, parent, 1);
    let ids_in = |commit, folder: &str| -> Result<Vec<Id>> {
        let files = session
            .repo
            .files_below(session.repo.tree_of(commit)?, folder)?;
        Ok(files
            .iter()
            .filter_map(|(path, _)| Id::of_path(path, &policy.folder))
            .collect())
    };
    // Here a misplaced file counts too, as it will when the number is judged; elsewhere the usual place is enough.
    let mut next = birth::highest(ids_in(session.head()?, &policy.folder)?.iter(), &like) + 1;
    let home = match parent {
        Some(_) => format!("{}/{}", policy.folder, like.home()),
        None => format!("{}/{}", policy.folder, kind.name),
    };
    let mut taken = std::collections::BTreeSet::new();
    let mut seen = std::collections::BTreeSet::new();
    for (_, commit) in session.repo.all_refs()? {
        // A tag of a tree or blob holds no documents; two refs at one commit hold the same.
        if seen.insert(commit) && session.repo.node(commit).is_ok() {
            let ids = ids_in(commit, &home)?;
            taken.extend(
                ids.iter()
                    .filter(|i| i.kind() == kind && i.parent().as_ref() == parent)
                    .filter_map(Id::number),
            );
        }
    }
    while taken.contains(&next) {
        next += 1;
    }
    Ok(Id::numbered(kind, parent, next))
}
