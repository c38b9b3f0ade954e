//! Making moves: each is computed with `apply`, judged with `check` as the server will judge it, and made a commit.
//! A chain of several moves the branch once, or not at all.

use anyhow::{Context, Result};

use super::session::{Refused, Session};
use crate::checks;
use crate::git::read::{Draft, Reader};
use crate::git::trees::{Differs, Raw};
use crate::git::write::File;
use crate::git::{Oid, Repo};
use crate::model::apply::{self, Step};
use crate::model::change::{Change, Commit, REGULAR};
use crate::model::document::Document;
use crate::model::finding::Finding;
use crate::model::ident::Ident;
use crate::model::kind::{Class, Id};
use crate::model::path::TreePath;
use crate::model::round::Policies;
use crate::model::state::State;
use crate::model::trailer::{Key, Misread, Trailers};
use crate::model::workflow::{self, Action};

/// A move that somebody wants to make.
#[derive(Debug, Clone)]
pub struct Wish {
    pub id: Id,
    pub action: Action,
    /// The new text, for moves that change it; else the text stays.
    pub text: Option<Vec<u8>>,
    /// What only the person can say: outcome, users, reason, end, item.
    pub says: Vec<(Key, String)>,
    /// Longer words, for the body of the message.
    pub comment: Option<String>,
}

impl Wish {
    pub fn new(id: &Id, action: Action) -> Wish {
        Wish {
            id: id.clone(),
            action,
            text: None,
            says: Vec::new(),
            comment: None,
        }
    }

    pub fn say(mut self, key: Key, value: impl Into<String>) -> Wish {
        self.says.push((key, value.into()));
        self
    }
}

/// A move that was made.
#[derive(Debug, Clone)]
pub struct Made {
    pub id: Id,
    pub action: Action,
    pub commit: Oid,
    pub from: Option<State>,
    pub state: State,
}

/// Moves on top of `HEAD`, in memory until `land`.
pub struct Chain<'s> {
    session: &'s Session,
    repo: Repo,
    actor: String,
    who: (Ident, Ident),
    start: Oid,
    tip: Oid,
    p: Oid,
    files: Vec<File>,
    pub made: Vec<Made>,
    /// Warnings of what was made.
    pub warnings: Vec<Finding>,
}

impl<'s> Chain<'s> {
    pub fn begin(session: &'s Session) -> Result<Chain<'s>> {
        if let Some(what) = session.repo.in_progress() {
            anyhow::bail!(
                "a {what} is under way here; finish it, or give it up with git {what} --abort"
            );
        }
        if let Some(why) = session.repo.cannot_follow()? {
            anyhow::bail!("{why}");
        }
        let repo = session.repo.in_memory();
        let (start, p, actor) = {
            let reader = Reader::new(&session.repo);
            let policy = session.policy(&reader)?;
            (
                session.head()?,
                session.p(&reader)?,
                session.actor(&policy)?,
            )
        };
        let who = session.repo.identities()?;
        Ok(Chain {
            session,
            repo,
            actor,
            who,
            start,
            tip: start,
            p,
            files: Vec::new(),
            made: Vec::new(),
            warnings: Vec::new(),
        })
    }

    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// The document as the moves so far leave it.
    pub fn document(&self, id: &Id) -> Result<Document> {
        let reader = Reader::new(&self.repo);
        let policy = self.session.policy(&reader)?;
        let tree = self.repo.tree_of(self.tip)?;
        let entry = reader.document_in(tree, &policy.folder, id)?;
        super::session::readable(
            entry.with_context(|| format!("there is no {id} here; what there is: qms list"))?,
            id,
        )
    }

    /// Makes one move, or refuses it with everything that speaks against it.
    pub fn step(&mut self, wish: &Wish) -> Result<()> {
        let reader = Reader::new(&self.repo);
        let policy = match reader.policy(self.p)? {
            Some(Ok(policy)) => policy,
            _ => self.session.policy(&reader)?,
        };
        let tree = self.repo.tree_of(self.tip)?;
        let path = wish.id.path(&policy.folder);
        let raw = self.repo.entry(tree, &path)?;
        let before = raw.map(|r| self.repo.blob(r.id)).transpose()?;
        let parsed = before.clone().and_then(|bytes| Document::parse(bytes).ok());
        let text = match (&wish.text, &parsed) {
            (Some(text), _) => text.clone(),
            (None, Some(document)) => document.text(),
            (None, None) => anyhow::bail!(
                "there is no {} here that can be read; what there is: qms list",
                wish.id
            ),
        };
        let mut trailers = self.trailers(wish, parsed.as_ref());
        let placeholder = State::bare(
            workflow::birth(wish.id.kind()),
            crate::model::state::Version::FIRST,
        );
        let state = parsed.as_ref().map_or(placeholder, |d| d.state.clone());
        let unchanged = Document::splice_block(&text, &state)
            .context("the text has no front matter between `---` lines")?;
        let written = Document::parse(unchanged.clone());
        let title = written
            .as_ref()
            .ok()
            .or(parsed.as_ref())
            .map(|d| d.front.title.clone())
            .unwrap_or_default();
        // The change around the move, with the text that is to be and the block that still is.
        let draft = |repo: &Repo,
                     after: &[u8],
                     extra: &[Differs],
                     trailers: &Trailers|
         -> Result<(Change, String)> {
            let message = message(wish, &title, trailers).map_err(|faults| {
                let finding = faults.into_iter().map(checks::misread).collect();
                anyhow::Error::new(Refused(finding))
            })?;
            let after = Raw {
                mode: REGULAR,
                id: repo.write_blob(after)?,
            };
            let mut staged = vec![Differs {
                path: path.clone(),
                before: raw,
                after: Some(after),
            }];
            staged.extend(extra.iter().cloned());
            let commit = Commit {
                author: self.who.0.clone(),
                committer: self.who.1.clone(),
                message: Some(message.clone().into_bytes()),
                ..Commit::default()
            };
            let change = reader.draft(
                Draft {
                    commit,
                    parents: vec![self.tip],
                    staged,
                },
                self.p,
            )?;
            Ok((change, message))
        };
        let (change, _) = draft(&self.repo, &unchanged, &[], &trailers)?;
        let Ok(after) = written else {
            return Err(Refused(checks::check(&change)).into());
        };
        let co_authors: Vec<&str> = Vec::new();
        let step = Step {
            id: &wish.id,
            action: wish.action,
            actor: &self.actor,
            co_authors: &co_authors,
            trailers: &trailers.clone(),
            policies: Policies {
                acting: &change.policy,
                asking: &change.asking,
            },
            before: parsed.as_ref(),
            blob: &raw.map(|r| r.id.to_string()).unwrap_or_default(),
            after: &after,
            under: change.under.as_ref(),
        };
        let state = step.apply().unwrap_or(state);
        apply::complete(&mut trailers, wish.action, parsed.as_ref(), &state);
        let bytes = after.with_state(&state);
        let mut files = vec![File {
            path: path.clone(),
            before,
            after: bytes.clone(),
        }];
        let mut extra = Vec::new();
        if wish.action == Action::Close {
            for (file, differs) in self.attachments(&reader, tree, &policy.folder, &wish.id)? {
                files.push(file);
                extra.push(differs);
            }
        }
        let (change, message) = draft(&self.repo, &bytes, &extra, &trailers)?;
        let findings = checks::check(&change);
        if findings.iter().any(Finding::is_error) {
            return Err(Refused(findings).into());
        }
        let mut ids = Vec::new();
        for file in &files {
            ids.push((file.path.clone(), self.repo.write_blob(&file.after)?));
        }
        let tree = self.repo.write_tree(Some(tree), &ids)?;
        let commit =
            self.repo
                .write_commit(tree, &[self.tip], (&self.who.0, &self.who.1), &message)?;
        drop(reader);
        self.tip = commit;
        self.warnings = findings;
        self.files = merged(std::mem::take(&mut self.files), files);
        let from = parsed.map(|d| d.state);
        self.made.push(Made {
            id: wish.id.clone(),
            action: wish.action,
            commit,
            from,
            state,
        });
        Ok(())
    }

    /// Moves the branch to the last move, and index and work tree after it.
    pub fn land(self) -> Result<(Vec<Made>, Vec<Finding>)> {
        let last = self.made.last().context("no move was made")?;
        let reflog = format!("qms: {} {}", last.action, last.id);
        self.repo
            .land(Some(self.start), self.tip, &reflog, &self.files)?;
        Ok((self.made, self.warnings))
    }

    /// Of the attachments that a close ends: the file before and after.
    fn attachments(
        &self,
        reader: &Reader<'_>,
        tree: Oid,
        folder: &str,
        parent: &Id,
    ) -> Result<Vec<(File, Differs)>> {
        let mut out = Vec::new();
        for (path, raw) in self
            .repo
            .files_below(tree, &format!("{folder}/{}", parent.home()))?
        {
            let child =
                Id::of_path(&path, folder).filter(|id| id.parent().as_ref() == Some(parent));
            if child.is_none_or(|id| id.kind().class != Class::Attachment) {
                continue;
            }
            let loaded = reader.document(raw.id)?;
            let Ok(document) = loaded.as_ref() else {
                continue;
            };
            if document.state.status.is_final() {
                continue;
            }
            let after = document.with_state(&apply::closed_with_parent(&document.state));
            let id = self.repo.write_blob(&after)?;
            let differs = Differs {
                path: path.clone(),
                before: Some(raw),
                after: Some(Raw { mode: REGULAR, id }),
            };
            out.push((
                File {
                    path,
                    before: Some(document.bytes().to_vec()),
                    after,
                },
                differs,
            ));
        }
        Ok(out)
    }

    /// The trailers that are known before the move is computed.
    fn trailers(&self, wish: &Wish, before: Option<&Document>) -> Trailers {
        let mut trailers = Trailers::new(wish.says.iter().cloned());
        trailers.set(Key::Action, wish.action.as_str().to_owned());
        trailers.set(Key::Document, wish.id.to_string());
        trailers.set(Key::Actor, self.actor.clone());
        if let Some(before) = before {
            trailers.set(Key::Before, before.file_digest());
        }
        trailers
    }
}

fn message(wish: &Wish, title: &str, trailers: &Trailers) -> Result<String, Vec<Misread>> {
    let action = wish.action.as_str().replace('-', " for ");
    let comment = wish
        .comment
        .as_ref()
        .map(|c| format!("\n\n{}", c.trim()))
        .unwrap_or_default();
    trailers.write(&format!("{} {action}: {title}{comment}", wish.id))
}

/// Two lists of changed files as one: the first state before, the last after.
fn merged(mut all: Vec<File>, more: Vec<File>) -> Vec<File> {
    for file in more {
        match all.iter_mut().find(|f| f.path == file.path) {
            Some(known) => known.after = file.after,
            None => all.push(file),
        }
    }
    all
}

/// A file as the user has it in the work tree.
pub(super) fn in_work_tree(session: &Session, path: &TreePath) -> Result<Option<Vec<u8>>> {
    let Some(place) = session.repo.on_disk(path) else {
        return Ok(None);
    };
    match std::fs::read(&place) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e).with_context(|| format!("cannot read `{}`", place.display())),
    }
}
