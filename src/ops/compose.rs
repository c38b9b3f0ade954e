//! Work without a work tree: a commit that is put together from the new state of paths, judged like any other.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

use super::chain::Chain;
use super::patch;
use super::session::Session;
use super::wish;
use super::work::{self, InUse};
use crate::git::Oid;
use crate::git::read::Reader;
use crate::git::trees::Raw;
use crate::git::write::Put;
use crate::model::change::{FOLDER, REGULAR};
use crate::model::finding::Finding;
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::trailer;

/// What becomes of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// The whole file; whether it may be run stays as it is where nothing is said.
    Write {
        path: TreePath,
        bytes: Vec<u8>,
        executable: Option<bool>,
    },
    Delete(TreePath),
    Move {
        from: TreePath,
        to: TreePath,
    },
    /// A unified diff of any number of files, as git prints it.
    Patch(String),
}

/// Work that somebody wants to have done.
#[derive(Debug, Clone)]
pub struct Work {
    pub change: Id,
    pub item: Option<String>,
    pub message: String,
    pub edits: Vec<Edit>,
    /// The commit that he has seen: what has changed of these paths since is not written over.
    pub seen: Option<String>,
    /// Only to be judged.
    pub dry_run: bool,
}

/// What became of it.
#[derive(Debug)]
pub struct Committed {
    /// None of what was only judged.
    pub commit: Option<Oid>,
    pub subject: String,
    /// The paths that it changes.
    pub paths: Vec<TreePath>,
    pub warnings: Vec<Finding>,
}

/// Paths of one commit.
const MOST: usize = 2_000;

/// Refuses an item that the change does not have: the trailer that names it stays.
fn known_item(session: &Session, change: &Id, item: &str) -> Result<()> {
    let reader = Reader::new(&session.repo);
    let document = session.document(&reader, &*session.policy(&reader)?, change)?;
    if !document.tree().rows().any(|row| row.name() == item) {
        let item = item.escape_debug();
        bail!("{change} has no item `{item}`; which there are: qms item list {change}");
    }
    Ok(())
}

/// Commits work on top of the branch, or refuses it with everything that speaks against it.
pub fn commit(session: &Session, work: &Work) -> Result<Committed> {
    let mut chain = Chain::begin(session)?;
    if work.dry_run {
        chain = chain.trying();
    }
    if let Some(item) = &work.item {
        known_item(session, &work.change, item)?;
    }
    if work.edits.len() > MOST {
        bail!("one commit takes at most {MOST} edits; make several");
    }
    let mut state = State::of(&chain)?;
    for edit in &work.edits {
        state.apply(edit)?;
        if state.now.len() > MOST {
            bail!("one commit changes at most {MOST} paths; make several");
        }
    }
    let puts = state.puts()?;
    if puts.is_empty() {
        bail!("nothing would change: every path is as it should be already");
    }
    if let Some(seen) = &work.seen {
        unchanged_since(session, seen, &puts)?;
    }
    let message = message(session, &chain, work)?;
    let author = chain.author().clone();
    let commit = chain.commit(&puts, &message, &author)?;
    let subject = message.lines().next().unwrap_or_default().to_owned();
    let warnings = std::mem::take(&mut chain.warnings);
    if !work.dry_run {
        chain.land_all(&format!("qms: {subject}"))?;
    }
    Ok(Committed {
        commit: (!work.dry_run).then_some(commit),
        subject,
        paths: puts.into_iter().map(|(path, _)| path).collect(),
        warnings,
    })
}

fn message(session: &Session, chain: &Chain<'_>, wanted: &Work) -> Result<String> {
    let used = InUse {
        change: wanted.change.clone(),
        item: wanted.item.clone(),
    };
    let reader = Reader::new(&session.repo);
    let mut trailers = work::work(session, &reader, &used, chain.actor().to_owned())?;
    session.name_request(&mut trailers);
    let mut text = wanted.message.trim().to_owned();
    if text.is_empty() {
        bail!("the message is empty; say what the commit does");
    }
    if let Some(client) = session.seat().and_then(|seat| seat.client.as_ref()) {
        let gap = if trailer::ends_in_trailers(&text) {
            "\n"
        } else {
            "\n\n"
        };
        text.push_str(&format!("{gap}Assisted-by: {client}"));
    }
    Ok(wish::written(&trailers, &text)?)
}

/// Refuses to write over what somebody else has changed since the caller looked.
fn unchanged_since(session: &Session, seen: &str, puts: &[Put]) -> Result<()> {
    let head = session.head()?;
    let known = session.repo.revision(seen).with_context(|| {
        let seen = seen.escape_debug();
        format!("`{seen}` is no commit here; the branch is at {head}")
    })?;
    if known == head {
        return Ok(());
    }
    let trees = (session.repo.tree_of(known)?, session.repo.tree_of(head)?);
    let mut moved = Vec::new();
    for (path, _) in puts {
        if session.repo.entry(trees.0, path)? != session.repo.entry(trees.1, path)? {
            moved.push(format!("`{path}`"));
        }
    }
    if !moved.is_empty() {
        bail!(
            "changed since {seen}: {}; the branch is at {head}: read them again and make the change on top",
            moved.join(", ")
        );
    }
    Ok(())
}

/// The paths that are touched, as they are to be; what is not here is as the tip has it.
struct State<'c, 's> {
    chain: &'c Chain<'s>,
    tree: Oid,
    now: BTreeMap<TreePath, Option<(u32, Vec<u8>)>>,
}

impl<'c, 's> State<'c, 's> {
    fn of(chain: &'c Chain<'s>) -> Result<State<'c, 's>> {
        Ok(State {
            chain,
            tree: chain.repo().tree_of(chain.tip())?,
            now: BTreeMap::new(),
        })
    }

    /// A file as it is now: its mode and its content.
    fn file(&self, path: &TreePath) -> Result<Option<(u32, Vec<u8>)>> {
        if let Some(known) = self.now.get(path) {
            return Ok(known.clone());
        }
        let Some(raw) = self.chain.repo().entry(self.tree, path)? else {
            return Ok(None);
        };
        if raw.mode == FOLDER {
            bail!("`{path}` is a folder here; delete what is in it first, in a commit of its own");
        }
        if !raw.is_file() {
            bail!("`{path}` is no plain file");
        }
        Ok(Some((raw.mode, self.chain.repo().blob(raw.id)?)))
    }

    /// Whether something that is no folder is, or is to be, at a path.
    fn is_file(&self, path: &TreePath) -> Result<bool> {
        if let Some(known) = self.now.get(path) {
            return Ok(known.is_some());
        }
        let raw = self.chain.repo().entry(self.tree, path)?;
        Ok(raw.is_some_and(|raw| raw.mode != FOLDER))
    }

    fn there(&self, path: &TreePath) -> Result<(u32, Vec<u8>)> {
        self.file(path)?
            .with_context(|| format!("there is no file `{path}` here"))
    }

    fn apply(&mut self, edit: &Edit) -> Result<()> {
        match edit {
            Edit::Write {
                path,
                bytes,
                executable,
            } => {
                let old = self.file(path)?.map_or(REGULAR, |(mode, _)| mode);
                let mode = executable.map_or(old, patch::mode);
                self.now.insert(path.clone(), Some((mode, bytes.clone())));
            }
            Edit::Delete(path) => {
                if !self.is_file(path)? {
                    bail!("there is no file `{path}` here");
                }
                self.now.insert(path.clone(), None);
            }
            Edit::Move { from, to } => {
                let file = self.there(from)?;
                if self.file(to)?.is_some() {
                    bail!("`{to}` is there already; delete it first if that is meant");
                }
                self.now.insert(from.clone(), None);
                self.now.insert(to.clone(), Some(file));
            }
            Edit::Patch(text) => {
                for piece in patch::read(text)? {
                    self.patch(&piece)?;
                }
            }
        }
        Ok(())
    }

    fn patch(&mut self, piece: &patch::Piece<'_>) -> Result<()> {
        let (mode, before) = match &piece.from {
            Some(path) => self.there(path)?,
            None => match piece
                .to
                .as_ref()
                .map(|to| self.file(to))
                .transpose()?
                .flatten()
            {
                Some(_) => bail!("the patch creates a file that is there already"),
                None => (REGULAR, Vec::new()),
            },
        };
        let after = piece.apply(&before)?;
        if piece.moves
            && let Some(from) = &piece.from
        {
            self.now.insert(from.clone(), None);
        }
        match &piece.to {
            Some(to) => {
                let mode = piece.mode.unwrap_or(mode);
                self.now.insert(to.clone(), Some((mode, after)));
            }
            None if after.is_empty() => {}
            None => bail!("the patch deletes a file and leaves lines of it"),
        }
        Ok(())
    }

    /// What differs from the tip.
    fn puts(&self) -> Result<Vec<Put>> {
        let repo = self.chain.repo();
        let mut out = Vec::new();
        for (path, _) in self.now.iter().filter(|(_, file)| file.is_some()) {
            for above in path.folders() {
                if self.is_file(&above)? {
                    bail!(
                        "`{above}` is a file, and `{path}` lies below it; delete the file in the same call if that is meant"
                    );
                }
            }
        }
        for (path, file) in &self.now {
            let put = match file {
                Some((mode, bytes)) => Some(Raw {
                    mode: *mode,
                    id: repo.write_blob(bytes)?,
                }),
                None => None,
            };
            if repo.entry(self.tree, path)? != put {
                out.push((path.clone(), put));
            }
        }
        Ok(out)
    }
}
