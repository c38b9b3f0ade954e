//! Making moves: each is computed with `apply`, judged with `check` as the server will judge it, and made a commit.
//! A chain of several moves the branch once, or not at all.

use anyhow::{Context, Result, bail};

use super::evidence::relied_on;
use super::session::{Refused, Session};
use super::signing;
use super::wish::message;
pub use super::wish::{Made, Wish};
use crate::checks;
use crate::git::read::{Draft, Reader};
use crate::git::trees::{Differs, Raw};
use crate::git::way::Way;
use crate::git::write::{File, Put};
use crate::git::{Oid, Repo};
use crate::model::apply::{self, Step};
use crate::model::change::{Change, Commit, REGULAR};
use crate::model::document::Document;
use crate::model::finding::Finding;
use crate::model::ident::Ident;
use crate::model::kind::Id;
use crate::model::round::Policies;
use crate::model::signing::Level;
use crate::model::state::{State, Version};
use crate::model::trailer::{self, Key, Trailers};
use crate::model::workflow::{self, Action};

/// Moves on top of `HEAD`, in memory until `land`.
pub struct Chain<'s> {
    session: &'s Session,
    repo: Repo,
    /// Who acts in what is made next.
    pub(super) actor: String,
    who: (Ident, Ident),
    start: Oid,
    tip: Oid,
    /// By whose policy the next step is judged; on a mainline by that of the step before it.
    p: Option<Oid>,
    files: Vec<File>,
    /// Not what was only tried; that is not signed either.
    lands: bool,
    pub made: Vec<Made>,
    /// Warnings of what was made.
    pub warnings: Vec<Finding>,
}

impl<'s> Chain<'s> {
    pub fn begin(session: &'s Session) -> Result<Chain<'s>> {
        let reader = Reader::new(&session.repo);
        session.policy(&reader)?;
        let (head, p) = (session.head()?, session.p(&reader)?);
        Chain::on(session, head, Some(p).filter(|p| *p != head))
    }

    /// A chain as another user would begin it: for looking only.
    pub(super) fn posing(session: &'s Session, name: &str) -> Result<Chain<'s>> {
        let reader = Reader::new(&session.repo);
        let policy = session.policy(&reader)?;
        let mail = policy
            .people
            .0
            .get(name)
            .and_then(|u| u.emails.first().cloned());
        let ident = Ident::new(name, &mail.unwrap_or_default());
        let mut chain = Chain::begin(session)?;
        chain.actor = name.to_owned();
        chain.who = (ident.clone(), ident);
        Ok(chain.trying())
    }

    /// The same, for looking only.
    pub(super) fn trying(mut self) -> Chain<'s> {
        self.lands = false;
        self
    }

    pub(super) fn session(&self) -> &'s Session {
        self.session
    }

    /// Moves on top of another commit. `p`: by whose policy they are judged, where that is not the step before each.
    pub fn on(session: &'s Session, tip: Oid, p: Option<Oid>) -> Result<Chain<'s>> {
        session.repo.recover()?;
        if let Some(what) = session.repo.in_progress() {
            bail!("a {what} is under way here; finish it, or give it up with git {what} --abort");
        }
        if let Some(why) = session.repo.cannot_follow()? {
            bail!("{why}");
        }
        let reader = Reader::new(&session.repo);
        // Who may act is read from P.
        let policy = Session::policy_at(&reader, p.unwrap_or(tip))?;
        let actor = session.actor(&policy)?;
        Ok(Chain {
            session,
            repo: session.in_memory()?,
            actor,
            who: session.identities(&policy)?,
            start: session.head()?,
            tip,
            p,
            files: Vec::new(),
            lands: true,
            made: Vec::new(),
            warnings: Vec::new(),
        })
    }

    pub(super) fn repo(&self) -> &Repo {
        &self.repo
    }

    pub(super) fn tip(&self) -> Oid {
        self.tip
    }

    /// By which way the next step would enter.
    pub(super) fn way(&self, reader: &Reader<'_>) -> Result<Way> {
        self.session.way_from(reader, self.p.unwrap_or(self.tip))
    }

    /// Who makes these moves, with the time of now.
    pub(super) fn author(&self) -> &Ident {
        &self.who.0
    }

    /// A commit that is there already, right on top: it is part of the chain as it is.
    pub(super) fn take(&mut self, commit: Oid) {
        self.tip = commit;
    }

    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// The document as the moves so far leave it.
    pub fn document(&self, id: &Id) -> Result<Document> {
        let reader = Reader::new(&self.repo);
        let policy = Session::policy_at(&reader, self.tip)?;
        let tree = self.repo.tree_of(self.tip)?;
        let entry = reader.document_in(tree, &policy.folder, id)?;
        super::session::readable(entry.with_context(|| self.session.missing(id))?, id)
    }

    /// Makes one move, or refuses it with everything that speaks against it.
    pub fn step(&mut self, wish: &Wish) -> Result<()> {
        let reader = Reader::new(&self.repo);
        let folder = Session::policy_at(&reader, self.tip)?.folder.clone();
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
        let author = wish
            .again
            .as_ref()
            .map_or(&self.who.0, |(_, author)| author)
            .clone();
        let puts = self.puts(std::slice::from_ref(&file))?;
        let (change, _) =
            self.change(&reader, &puts, &message(wish, title, &trailers)?, &author)?;
        let Ok(after) = &written else {
            // Of a text that cannot be read nothing follows but what is wrong with it.
            let mut findings = checks::check(&change);
            findings.retain(|f| f.path.is_some());
            return Err(Refused(findings).into());
        };
        let known = trailers.clone();
        let said = trailer::read(message(wish, title, &trailers)?.as_bytes()).unwrap_or_default();
        let step = Step {
            id: &wish.id,
            action: wish.action,
            actor: &self.actor,
            co_authors: &change.policy.co_authors(&said),
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
        let commit = self.commit(&self.puts(&files)?, &message, &author)?;
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

    fn puts(&self, files: &[File]) -> Result<Vec<Put>> {
        let put = |file: &File| -> Result<Put> {
            let id = self.repo.write_blob(&file.after)?;
            Ok((file.path.clone(), Some(Raw { mode: REGULAR, id })))
        };
        files.iter().map(put).collect()
    }

    /// What a commit of these paths under this message would be, and its tree.
    fn change(
        &self,
        reader: &Reader<'_>,
        puts: &[Put],
        message: &str,
        author: &Ident,
    ) -> Result<(Change, Oid)> {
        // What the tree becomes, and not what was asked for: a path may take another's place.
        let before = self.repo.tree_of(self.tip)?;
        let tree = self.repo.write_tree(Some(before), puts)?;
        let mut staged = self.repo.differences(Some(before), Some(tree))?;
        for (path, after) in puts {
            if staged.iter().all(|differs| differs.path != *path) {
                staged.push(Differs {
                    path: path.clone(),
                    before: *after,
                    after: *after,
                });
            }
        }
        let commit = Commit {
            author: author.clone(),
            committer: self.who.1.clone(),
            message: Some(message.as_bytes().to_vec()),
            ..Commit::default()
        };
        let draft = Draft {
            commit,
            parents: vec![self.tip],
            staged,
        };
        Ok((reader.draft(draft, &self.way(reader)?)?, tree))
    }

    /// Judges paths and message as the commit that they become, and makes it on top of the others; signed, if it is to
    /// be, and then judged once more as it is.
    pub(super) fn commit(&mut self, puts: &[Put], message: &str, author: &Ident) -> Result<Oid> {
        let reader = Reader::new(&self.repo);
        let (change, tree) = self.change(&reader, puts, message, author)?;
        let findings = checks::check(&change);
        if findings.iter().any(Finding::is_error) {
            return Err(Refused(findings).into());
        }
        let (policy, branch) = (&change.policy, &change.passage.branch);
        let signer = match self.lands {
            true => signing::signer(&self.repo, policy, branch)?,
            false => None,
        };
        let who = (author, &self.who.1);
        let made = self
            .repo
            .write_commit(tree, &[self.tip], who, message, signer.as_ref());
        let level = policy.signatures.on(branch);
        let made = signing::told(made, level == Level::Require)?;
        self.warnings = if self.lands && level != Level::Off {
            let mut findings = checks::check(&reader.commit(made, &self.way(&reader)?)?);
            if findings.iter().any(Finding::is_error) {
                // It is thrown away, and nobody will find it by its id.
                for finding in &mut findings {
                    finding.commit = Some(change.commit.name());
                }
                return Err(Refused(findings).into());
            }
            findings
        } else {
            findings
        };
        self.tip = made;
        Ok(self.tip)
    }

    /// A commit of whole files by whoever makes the chain.
    pub fn seal(&mut self, files: Vec<File>, message: &str) -> Result<Oid> {
        let commit = self.commit(&self.puts(&files)?, message, &self.who.0.clone())?;
        self.files = merged(std::mem::take(&mut self.files), files);
        Ok(commit)
    }

    /// Moves the branch to the last commit, and index and work tree after it.
    pub fn land(self) -> Result<(Vec<Made>, Vec<Finding>)> {
        if !self.lands {
            bail!("what was only tried is not kept");
        }
        let subject = self.repo.commit(self.tip)?.name().subject;
        self.repo.land(
            Some(self.start),
            self.tip,
            &format!("qms: {subject}"),
            &self.files,
        )?;
        Ok((self.made, self.warnings))
    }

    /// Moves the branch to the last commit, whatever the chain changed.
    pub(super) fn land_all(self, reflog: &str) -> Result<()> {
        self.repo.land_all(self.start, self.tip, reflog)
    }

    /// Moves the branch to a chain that is another history of it; index and work tree follow as a whole.
    pub(super) fn land_whole(self, reflog: &str) -> Result<()> {
        self.repo.land_whole(self.start, self.tip, reflog)
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
        self.session.name_request(&mut trailers);
        if let Some(evidence) = relied_on(self.session, wish.action, &wish.id) {
            trailers.set(Key::Evidence, evidence);
        }
        trailers
    }
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
