//! Making moves: each is computed with `apply`, judged with `check` as the server will judge it, and made a commit.
//! A chain of several moves the branch once, or not at all.

use anyhow::{Context, Result, bail};

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
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::round::Policies;
use crate::model::state::{State, Version};
use crate::model::trailer::{Key, Trailers};
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
            bail!("a {what} is under way here; finish it, or give it up with git {what} --abort");
        }
        if let Some(why) = session.repo.cannot_follow()? {
            bail!("{why}");
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
        super::session::readable(entry.with_context(|| self.session.missing(id))?, id)
    }

    /// Makes one move, or refuses it with everything that speaks against it.
    pub fn step(&mut self, wish: &Wish) -> Result<()> {
        let reader = Reader::new(&self.repo);
        let folder = self.session.policy(&reader)?.folder.clone();
        let path = wish.id.path(&folder);
        let raw = self.repo.entry(self.repo.tree_of(self.tip)?, &path)?;
        let before = raw.map(|r| self.repo.blob(r.id)).transpose()?;
        let parsed = before.clone().and_then(|bytes| Document::parse(bytes).ok());
        let text = match (&wish.text, &parsed) {
            (Some(text), _) => text.clone(),
            (None, Some(document)) => document.text(),
            (None, None) => bail!("{}", self.session.missing(&wish.id)),
        };
        // The text that is to be, under the block that still is: enough to compute the one that follows.
        let born = State::bare(workflow::birth(wish.id.kind()), Version::FIRST);
        let old = parsed.as_ref().map_or(born, |d| d.state.clone());
        let unmoved = Document::splice_block(&text, &old);
        let unmoved = unmoved.context("the text has no front matter between `---` lines")?;
        let written = Document::parse(unmoved.clone());
        let title = written
            .as_ref()
            .ok()
            .or(parsed.as_ref())
            .map_or("", |d| d.front.title.as_str());
        let mut trailers = self.trailers(wish, parsed.as_ref());
        let mut file = File {
            path,
            before,
            after: unmoved,
        };
        let change = self.change(
            &reader,
            std::slice::from_ref(&file),
            &message(wish, title, &trailers)?,
        )?;
        let Ok(after) = &written else {
            return Err(Refused(checks::check(&change)).into());
        };
        let known = trailers.clone();
        let step = Step {
            id: &wish.id,
            action: wish.action,
            actor: &self.actor,
            co_authors: &[],
            trailers: &known,
            policies: Policies {
                acting: &change.policy,
                asking: &change.asking,
            },
            before: parsed.as_ref(),
            blob: &raw.map(|r| r.id.to_string()).unwrap_or_default(),
            after,
            under: change.under.as_ref(),
        };
        let state = step.apply().unwrap_or(old);
        apply::complete(&mut trailers, wish.action, parsed.as_ref(), &state);
        file.after = after.with_state(&state);
        let mut files = vec![file];
        if wish.action == Action::Close {
            files.extend(self.attachments(&reader, &folder, &wish.id)?);
        }
        let message = message(wish, title, &trailers)?;
        drop(reader);
        let commit = self.seal(files, &message)?;
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

    /// What a commit of these files under this message would be.
    fn change(&self, reader: &Reader<'_>, files: &[File], message: &str) -> Result<Change> {
        let tree = self.repo.tree_of(self.tip)?;
        let mut staged = Vec::new();
        for file in files {
            let before = self.repo.entry(tree, &file.path)?;
            let after = Raw {
                mode: REGULAR,
                id: self.repo.write_blob(&file.after)?,
            };
            staged.push(Differs {
                path: file.path.clone(),
                before,
                after: Some(after),
            });
        }
        let commit = Commit {
            author: self.who.0.clone(),
            committer: self.who.1.clone(),
            message: Some(message.as_bytes().to_vec()),
            ..Commit::default()
        };
        reader.draft(
            Draft {
                commit,
                parents: vec![self.tip],
                staged,
            },
            self.p,
        )
    }

    /// Judges files and message as the commit that they become, and makes it on top of the others.
    pub fn seal(&mut self, files: Vec<File>, message: &str) -> Result<Oid> {
        let findings = checks::check(&self.change(&Reader::new(&self.repo), &files, message)?);
        if findings.iter().any(Finding::is_error) {
            return Err(Refused(findings).into());
        }
        let mut ids = Vec::new();
        for file in &files {
            ids.push((file.path.clone(), self.repo.write_blob(&file.after)?));
        }
        let tree = self
            .repo
            .write_tree(Some(self.repo.tree_of(self.tip)?), &ids)?;
        self.tip =
            self.repo
                .write_commit(tree, &[self.tip], (&self.who.0, &self.who.1), message)?;
        self.warnings = findings;
        self.files = merged(std::mem::take(&mut self.files), files);
        Ok(self.tip)
    }

    /// Moves the branch to the last commit, and index and work tree after it.
    pub fn land(self) -> Result<(Vec<Made>, Vec<Finding>)> {
        let subject = self.repo.commit(self.tip)?.name().subject;
        self.repo.land(
            Some(self.start),
            self.tip,
            &format!("qms: {subject}"),
            &self.files,
        )?;
        Ok((self.made, self.warnings))
    }

    /// The attachments that a close ends.
    fn attachments(&self, reader: &Reader<'_>, folder: &str, parent: &Id) -> Result<Vec<File>> {
        let tree = self.repo.tree_of(self.tip)?;
        let mut out = Vec::new();
        for (path, raw) in self
            .repo
            .files_below(tree, &format!("{folder}/{}", parent.home()))?
        {
            let ours = Id::of_path(&path, folder).is_some_and(|id| id.is_attachment_of(parent));
            let loaded = if ours {
                reader.document(raw.id)?
            } else {
                continue;
            };
            let Ok(document) = loaded.as_ref() else {
                continue;
            };
            if !document.state.status.is_final() {
                let after = document.with_state(&apply::closed_with_parent(&document.state));
                out.push(File {
                    path,
                    before: Some(document.bytes().to_vec()),
                    after,
                });
            }
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

fn message(wish: &Wish, title: &str, trailers: &Trailers) -> Result<String, Refused> {
    let action = wish.action.as_str().replace('-', " for ");
    let comment = wish
        .comment
        .as_ref()
        .map(|c| format!("\n\n{}", c.trim()))
        .unwrap_or_default();
    written(trailers, &format!("{} {action}: {title}{comment}", wish.id))
}

/// A message with its trailers, or why it cannot be written.
pub(super) fn written(trailers: &Trailers, text: &str) -> Result<String, Refused> {
    trailers
        .write(text)
        .map_err(|faults| Refused(faults.into_iter().map(checks::misread).collect()))
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
