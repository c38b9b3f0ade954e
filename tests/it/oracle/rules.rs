//! The state rules once more, slowly and obviously: what a move makes of a document, or why it may not be made.
//! Written from lifecycle.md "Moves", "Versions" and "Rounds" and model.md "A document", not from the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::document::{Block, Doc, sha256};
use super::policy::Policy;
use super::table::{Row, Type, path_of, rows, type_of};
use super::{frozen, gates, round};

/// A file of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) mode: u32,
    pub(crate) text: Rc<str>,
}

pub(crate) const PLAIN: u32 = 0o100_644;

/// Every file of a tree by its path.
pub(crate) type Files = BTreeMap<String, File>;

/// What was done under a change since its release.
#[derive(Debug, Clone, Default)]
pub(crate) struct Under {
    pub(crate) people: BTreeSet<String>,
    pub(crate) paths: BTreeSet<String>,
    /// The items that its work names.
    pub(crate) items: BTreeSet<String>,
}

/// Where a move is made: the tree of its own parent, whose rules hold, and what history knows.
pub(crate) struct Scene<'a> {
    pub(crate) tree: &'a Files,
    /// At P: who may act.
    pub(crate) policy: &'a Policy,
    /// At the merge base with P: who is asked.
    pub(crate) asking: &'a Policy,
    pub(crate) under: &'a dyn Fn(&str) -> Under,
    /// The file that a blob id in some `in_force` means.
    pub(crate) blob: &'a dyn Fn(&str) -> Option<Rc<str>>,
    /// On which day its author makes it.
    pub(crate) day: &'a str,
}

impl Scene<'_> {
    pub(crate) fn doc(&self, id: &str) -> Option<Doc> {
        Doc::read(&self.tree.get(&path_of(id))?.text)
    }

    pub(crate) fn status(&self, id: &str) -> String {
        self.doc(id).map(|d| d.block.status).unwrap_or_default()
    }

    /// The ids of the children that a document has here.
    pub(crate) fn children(&self, id: &str) -> Vec<String> {
        let ids = self
            .tree
            .keys()
            .filter_map(|p| super::table::document_at(p));
        ids.filter(|child| super::table::parent_of(child) == Some(id))
            .collect()
    }

    /// The text of the version in force that a document's block names.
    pub(crate) fn in_force(&self, doc: &Doc) -> Option<Doc> {
        Doc::read(&(self.blob)(&doc.block.in_force.as_ref()?.1)?)
    }
}

/// A move that somebody asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    pub(crate) action: String,
    pub(crate) id: String,
    pub(crate) actor: String,
    pub(crate) co_authors: Vec<String>,
    pub(crate) users: Vec<String>,
    pub(crate) outcome: Option<String>,
    pub(crate) item: Option<String>,
    pub(crate) ends: bool,
    pub(crate) reason: bool,
    pub(crate) comment: bool,
    /// The text after the move; none: as it was.
    pub(crate) text: Option<String>,
}

/// What a legal move leaves behind.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    /// Every path that it changes, and what that holds then.
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) before: Option<Block>,
    pub(crate) after: Block,
}

pub(crate) fn need(holds: bool, why: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}

/// Makes a move, or says why it is refused.
pub(crate) fn make(scene: &Scene<'_>, ask: &Ask) -> Result<Made, String> {
    let kind = type_of(&ask.id).ok_or("no document id")?;
    let path = path_of(&ask.id);
    need(scene.policy.active(&ask.actor).is_some(), "an unknown user")?;
    if ask.action == "create" {
        return gates::birth(scene, ask, kind);
    }
    let file = scene.tree.get(&path).ok_or("no such document")?;
    let before = Doc::read(&file.text).ok_or("a document that cannot be read")?;
    let row = rows(kind.class)
        .into_iter()
        .find(|r| r.action == ask.action && r.from == before.block.status)
        .ok_or_else(|| format!("no row for {} in {}", ask.action, before.block.status))?;
    who(scene, ask, &row, &before.block)?;
    lock(ask, &before.block)?;
    let after = match &ask.text {
        Some(text) => Doc::of_text(text, before.block.clone()).ok_or("a text that is none")?,
        None => before.clone(),
    };
    text(scene, ask, &before, &after)?;
    gates::parents(scene, ask, kind, &before.block)?;
    let (from, to) = (Rc::<str>::from(&*file.text), &row.to);
    let block = block(scene, ask, kind, to, &before, &after, &from)?;
    let mut files = BTreeMap::from([(path, after.with(block.clone()).file())]);
    if ask.action == "close" {
        files.extend(gates::close(scene, &ask.id)?);
    }
    need(
        files.values().next().map(String::as_str) != Some(&file.text) || files.len() > 1,
        "nothing changes",
    )?;
    Ok(Made {
        files,
        before: Some(before.block),
        after: block,
    })
}

/// Nobody reviews or approves what he owns or wrote.
pub(crate) fn own(block: &Block, name: &str) -> bool {
    block.authors.contains(name) || block.owner.as_deref() == Some(name)
}

fn who(scene: &Scene<'_>, ask: &Ask, row: &Row, block: &Block) -> Result<(), String> {
    let (policy, actor) = (scene.policy, ask.actor.as_str());
    let owner = block.owner.as_deref() == Some(actor);
    let judge = policy.judges(actor) && !own(block, actor);
    let may = match row.who.as_str() {
        "owner" => owner,
        "initiator" => policy.initiates(actor),
        "quality" => policy.is(actor, "quality"),
        "asked" => judge && block.reviews.contains_key(actor),
        "approver" => judge && block.approvals.contains_key(actor),
        "owner or administrator" => owner || policy.is(actor, "administrator"),
        "administrator" => policy.is(actor, "administrator"),
        other => panic!("{other} is nobody"),
    };
    need(may, &format!("it takes {}", row.who))
}

/// `locked` means that the owner has the document checked out.
fn lock(ask: &Ask, block: &Block) -> Result<(), String> {
    let holder = block.locked.as_ref().and(block.owner.as_deref());
    match ask.action.as_str() {
        "edit" | "checkin" => need(holder.is_some(), "it is not checked out"),
        "checkout" | "route-review" | "route-approval" | "assign" => {
            need(holder.is_none(), "it is checked out")
        }
        "item" => need(
            holder.is_none_or(|h| h == ask.actor),
            "another has it checked out",
        ),
        _ => Ok(()),
    }
}

/// Which moves may change the text, and how far.
fn text(scene: &Scene<'_>, ask: &Ask, before: &Doc, after: &Doc) -> Result<(), String> {
    let same = before.text() == after.text();
    match ask.action.as_str() {
        "edit" | "checkin" | "item" => {}
        "abandon" => {
            let in_force = scene.in_force(before).ok_or("nothing is in force")?;
            need(in_force.text() == after.text(), "not the text in force")?;
        }
        "fix" => {
            let equal = frozen::reads_the_same(before, after) && before.keys() == after.keys();
            need(equal, "a fix that changes words")?;
        }
        _ => need(same, "the text changes")?,
    }
    if before.block.status == "IN_EXECUTION" && ["edit", "checkin", "item"].contains(&&*ask.action)
    {
        frozen::executed(scene, ask, before, after)?;
    }
    for key in ["title", "revision_summary"] {
        need(!after.key(key).is_empty(), "the front matter is incomplete")?;
    }
    Ok(())
}

/// The block that the move leaves. `to`: where the row leads, at once and when it is complete.
fn block(
    scene: &Scene<'_>,
    ask: &Ask,
    kind: Type,
    to: &[String],
    before: &Doc,
    after: &Doc,
    file: &str,
) -> Result<Block, String> {
    let old = &before.block;
    let mut new = old.clone();
    new.status = to[0].clone();
    match ask.action.as_str() {
        "edit" => {
            let co = co_authors(scene, ask);
            need(co.is_subset(&old.authors), "a co-author who is none")?;
        }
        "item" => {}
        "revert" | "fix" => need(ask.reason, "no reason")?,
        "release" => {}
        "checkout" => {
            if old.status == "EFFECTIVE" {
                let blob = super::history::blob_id(file);
                new.in_force = Some((old.version, blob));
                new.version.1 += 1;
            }
            new.owner = Some(ask.actor.clone());
            new.locked = Some(sha256(&before.text()));
            writers(&mut new, scene, ask);
        }
        "checkin" => {
            unlock(&mut new, &after.text(), to);
            writers(&mut new, scene, ask);
        }
        "route-review" => round::route_review(scene, ask, kind, &mut new, before, to)?,
        "assign" => round::assign(scene, ask, &mut new, after, to)?,
        "review" => {
            let outcome = ask.outcome.as_deref().unwrap_or_default();
            let known = ["recommend", "request-updates"].contains(&outcome);
            need(known, "no outcome")?;
            new.reviews.insert(ask.actor.clone(), outcome.to_owned());
            round::close(&mut new, to);
        }
        "route-approval" => round::route_approval(scene, &mut new)?,
        "approve" => round::approve(scene, ask, &mut new, to)?,
        "reject" => {
            need(ask.comment, "no comment")?;
            new.approvals.clear();
            let outcome = "request-updates".to_owned();
            new.reviews.insert(ask.actor.clone(), outcome);
        }
        "withdraw" => {
            new.approvals.clear();
            if new.status == "DRAFT" {
                drop_end(&mut new);
            }
        }
        "close" => return Ok(Block::bare("CLOSED", old.version)),
        "cancel" => {
            gates::cancel(scene, ask, old)?;
            return Ok(Block::bare("CANCELLED", old.version));
        }
        "abandon" => {
            need(ask.reason, "no reason")?;
            let (version, _) = old.in_force.as_ref().ok_or("nothing is in force")?;
            let owner = old.owner.clone();
            return Ok(Block {
                owner,
                ..Block::bare("EFFECTIVE", *version)
            });
        }
        "transfer" => {
            need(ask.reason, "no reason")?;
            let [heir] = &ask.users[..] else {
                return Err("it goes to one user".to_owned());
            };
            need(scene.policy.initiates(heir), "the heir could not own it")?;
            let open = super::round::is_open(&old.status);
            let asked = old.reviews.contains_key(heir) || old.approvals.contains_key(heir);
            need(!(open && asked), "the heir is asked in the open round")?;
            if new.locked.is_some() {
                unlock(&mut new, &after.text(), to);
            }
            new.owner = Some(heir.clone());
            new.reviews.remove(heir);
        }
        other => panic!("{other} is no action"),
    }
    Ok(new)
}

/// A lock ends: the version counts up if the text is another than the one that was checked out.
fn unlock(block: &mut Block, text: &str, to: &[String]) {
    if block.locked.take() != Some(sha256(text)) {
        block.version.1 += 1;
        block.status = to[to.len() - 1].clone();
        drop_end(block);
    }
}

/// Outcomes belong to a digest and an end: with the end goes what was said for it.
fn drop_end(block: &mut Block) {
    if block.ends {
        block.ends = false;
        block.reviews.clear();
        block.digest = None;
    }
}

/// The co-authors who are users.
pub(crate) fn co_authors(scene: &Scene<'_>, ask: &Ask) -> BTreeSet<String> {
    let users = ask
        .co_authors
        .iter()
        .filter(|n| scene.policy.users.contains_key(*n));
    users.cloned().collect()
}

fn writers(block: &mut Block, scene: &Scene<'_>, ask: &Ask) {
    block.authors.insert(ask.actor.clone());
    block.authors.extend(co_authors(scene, ask));
    lose_entries(block);
}

/// Whoever becomes owner or author loses his entry.
pub(crate) fn lose_entries(block: &mut Block) {
    let (owner, authors) = (block.owner.clone(), block.authors.clone());
    block
        .reviews
        .retain(|name, _| owner.as_ref() != Some(name) && !authors.contains(name));
}
