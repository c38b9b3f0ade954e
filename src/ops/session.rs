//! Somebody at work in a repository: which policy holds, against which tip he is judged, and who he is.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use super::away;
use super::mainline::Trust;
use crate::git::read::Reader;
use crate::git::way::Way;
use crate::git::{Oid, Repo};
use crate::model::browse::name;
use crate::model::change::Entry;
use crate::model::document::Document;
use crate::model::finding::Finding;
use crate::model::ident::Ident;
use crate::model::kind::Id;
use crate::model::near;
use crate::model::path::TreePath;
use crate::model::policy::Policy;
use crate::model::trailer::{Key, Trailers};

/// What was asked is refused: the findings say why, and nothing was changed.
#[derive(Debug, thiserror::Error)]
#[error("refused")]
pub struct Refused(pub Vec<Finding>);

/// Told how far a long loop has come: what is counted, how many are done, and of how many where that is known.
type Listener = Box<dyn Fn(&str, usize, Option<usize>)>;

/// Somebody for whom this process commits: a gateway's caller.
#[derive(Debug, Clone, Default)]
pub struct Seat {
    /// What the gateway calls this request, so that a retry finds its own commit.
    pub request: Option<String>,
    /// The program that he uses, as it calls itself.
    pub client: Option<String>,
    /// Where the folders are that agents have of their own.
    pub workspaces: Option<PathBuf>,
    /// The branch that is meant, whatever is checked out meanwhile.
    pub branch: Option<String>,
}

/// A repository and who is at work in it.
pub struct Session {
    pub repo: Rc<Repo>,
    user: Option<String>,
    seat: Option<Seat>,
    listener: Option<Listener>,
    /// Where `HEAD` was when the session first asked; every verdict of a session is about one tip.
    head: OnceCell<Option<Oid>>,
    /// The policy there, which several steps of one command ask for.
    policy: OnceCell<Arc<Policy>>,
    p: OnceCell<Oid>,
}

impl Session {
    pub fn open(dir: &Path, user: Option<String>) -> Result<Session> {
        Ok(Session::of(Rc::new(Repo::discover(dir)?), user, None))
    }

    /// A session for somebody who is not at this machine, one of many: what lies in its work tree is not his, and the
    /// repository stays open for the next.
    /// `on`: the branch, where it is not the one that is checked out.
    pub fn served(
        dir: &Path,
        on: Option<&str>,
        user: Option<String>,
        seat: Seat,
    ) -> Result<Session> {
        Ok(Session::of(Repo::kept(dir, on)?, user, Some(seat)))
    }

    /// The same session on another branch, which no work tree follows.
    pub fn on(&self, branch: &str) -> Result<Session> {
        let repo = Repo::discover(self.repo.git_dir())?.on(branch);
        let (user, mut seat) = (self.user.clone(), self.seat.clone());
        if let Some(seat) = &mut seat {
            seat.branch = Some(branch.to_owned());
        }
        Ok(Session::of(Rc::new(repo), user, seat))
    }

    /// The repository with a memory of its own for what is made, on the branch that is meant.
    pub(super) fn in_memory(&self) -> Result<Repo> {
        let repo = self.repo.in_memory();
        let meant = self.seat.as_ref().and_then(|seat| seat.branch.as_ref());
        match meant {
            Some(meant) if repo.branch().as_ref() != Some(meant) => {
                bail!("`{meant}` is not what is checked out any more; nothing was changed")
            }
            _ => Ok(repo),
        }
    }

    fn of(repo: Rc<Repo>, user: Option<String>, seat: Option<Seat>) -> Session {
        Session {
            repo,
            user,
            seat,
            listener: None,
            head: OnceCell::new(),
            policy: OnceCell::new(),
            p: OnceCell::new(),
        }
    }

    /// The same session as it would begin now: after something was made.
    pub fn open_again(session: &Session) -> Result<Session> {
        let dir = session.repo.work_dir().unwrap_or(session.repo.git_dir());
        let repo = Repo::discover(dir)?;
        let repo = match session
            .repo
            .branch()
            .filter(|_| session.repo.stands_alone())
        {
            Some(branch) => repo.on(&branch),
            None => repo,
        };
        let (user, seat) = (session.user.clone(), session.seat.clone());
        Ok(Session::of(Rc::new(repo), user, seat))
    }

    /// The same, where what is made is not what the request asks for.
    pub(super) fn unnamed(mut self) -> Session {
        if let Some(seat) = &mut self.seat {
            seat.request = None;
        }
        self
    }

    /// The same session as if this commit were checked out, on the branch that is.
    pub(super) fn at(self, commit: Oid) -> Session {
        Session {
            head: OnceCell::from(Some(commit)),
            policy: OnceCell::new(),
            p: OnceCell::new(),
            ..self
        }
    }

    /// Who is served, where that is not whoever runs this process.
    pub fn seat(&self) -> Option<&Seat> {
        self.seat.as_ref()
    }

    /// Author and committer of what is made now. For somebody who is served, he is the author.
    pub fn identities(&self, policy: &Policy) -> Result<(Ident, Ident)> {
        let (author, committer) = self.repo.identities()?;
        let (Some(_), Some(user)) = (&self.seat, &self.user) else {
            return Ok((author, committer));
        };
        if policy.people.known_as(&committer) == Some(user) {
            return Ok((committer.clone(), committer));
        }
        let mail = policy.people.0.get(user).and_then(|u| u.emails.first());
        let author = Ident {
            name: user.clone(),
            email: mail.cloned().unwrap_or_default(),
            ..committer.clone()
        };
        Ok((author, committer))
    }

    /// A file as the user has it in the work tree; who is served from elsewhere has none.
    pub(super) fn in_work_tree(&self, path: &TreePath) -> Result<Option<Vec<u8>>> {
        let own = self.repo.on_disk(path);
        let Some(place) = own.filter(|_| self.seat.is_none()) else {
            return Ok(None);
        };
        match std::fs::read(&place) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e).with_context(|| format!("cannot read `{}`", place.display())),
        }
    }

    /// The same session, with somebody who waits for it.
    pub fn watched(self, listener: impl Fn(&str, usize, Option<usize>) + 'static) -> Session {
        Session {
            listener: Some(Box::new(listener)),
            ..self
        }
    }

    /// Tells who waits how far a long loop has come.
    pub fn tell(&self, what: &str, done: usize, total: Option<usize>) {
        if let Some(listener) = &self.listener {
            listener(what, done, total);
        }
    }

    /// What a gateway calls the request that asks for what is made.
    pub(super) fn name_request(&self, trailers: &mut Trailers) {
        let seat = self.seat.as_ref();
        if let Some(request) = seat.and_then(|seat| seat.request.as_ref()) {
            trailers.set(Key::Request, request.clone());
        }
    }

    /// The commit that `HEAD` points at; none on an unborn branch.
    pub fn tip(&self) -> Option<Oid> {
        *self.head.get_or_init(|| self.repo.head())
    }

    pub fn head(&self) -> Result<Oid> {
        self.tip()
            .context("nothing is committed here yet; to begin: qms init")
    }

    /// The commit that somebody names, or `HEAD` where he names none.
    pub(super) fn commit(&self, named: Option<&str>) -> Result<Oid> {
        match named {
            Some(text) => self.repo.revision(name::revision(text)?),
            None => self.head(),
        }
    }

    /// The policy in the tree of `HEAD`.
    pub fn policy(&self, reader: &Reader<'_>) -> Result<Arc<Policy>> {
        if let Some(known) = self.policy.get() {
            return Ok(known.clone());
        }
        let policy = Session::policy_at(reader, self.head()?)?;
        Ok(self.policy.get_or_init(|| policy).clone())
    }

    /// The policy in the tree of a commit.
    pub fn policy_at(reader: &Reader<'_>, commit: Oid) -> Result<Arc<Policy>> {
        match reader.policy(commit)? {
            Some(Ok(policy)) => Ok(policy),
            Some(Err(flaws)) => bail!(
                "`qms.yaml` cannot be read: {}; to see where: qms check",
                flaws[0].message
            ),
            None => bail!("this repository is not under change control; to begin: qms init"),
        }
    }

    /// The commit whose policy judges what is made now: on a protected branch its own tip, elsewhere the trunk as
    /// last fetched, if that is governed. Advice; the server decides.
    pub fn p(&self, reader: &Reader<'_>) -> Result<Oid> {
        if let Some(p) = self.p.get() {
            return Ok(*p);
        }
        let p = self.find_p(reader)?;
        Ok(*self.p.get_or_init(|| p))
    }

    /// By which way what is made now would enter.
    pub fn way(&self, reader: &Reader<'_>) -> Result<Way> {
        self.way_from(reader, self.p(reader)?)
    }

    /// The same from another commit of the branch.
    pub fn way_from(&self, reader: &Reader<'_>, p: Oid) -> Result<Way> {
        let policy = Session::policy_at(reader, p)?;
        let branch = self.target(&policy);
        let away = match branch == policy.branches.trunk {
            true => None,
            false => away::floor(reader, p, self.trust(&policy, None))?,
        };
        Ok(Way {
            current: true,
            away,
            ..Way::new(&branch, p, None)
        })
    }

    /// The protected branch that takes in what is made here: the one that `HEAD` is on, else the trunk.
    pub fn target(&self, policy: &Policy) -> String {
        let own = self.repo.branch().filter(|b| policy.protects(b));
        own.unwrap_or_else(|| policy.branches.trunk.clone())
    }

    /// What a clone believes where nobody tells it: the trunk as last fetched, else as it is here.
    pub fn trust<'a>(&self, policy: &'a Policy, anchor: Option<Oid>) -> Trust<'a> {
        let trunk = &policy.branches.trunk;
        let here = || self.repo.resolve(&format!("refs/heads/{trunk}"));
        Trust {
            trunk,
            anchor,
            tip: self.repo.fetched(trunk).or_else(here),
            now: None,
            current: true,
        }
    }

    fn find_p(&self, reader: &Reader<'_>) -> Result<Oid> {
        let head = self.head()?;
        let policy = self.policy(reader)?;
        if self.repo.branch().is_some_and(|b| policy.protects(&b)) {
            return Ok(head);
        }
        // A gateway's own trunk is what its work comes home to.
        let trunk = &policy.branches.trunk;
        let served = self.seat.as_ref().map(|_| format!("refs/heads/{trunk}"));
        let served = served.and_then(|name| self.repo.resolve(&name));
        let Some(fetched) = served.or_else(|| self.repo.fetched(trunk)) else {
            return Ok(head);
        };
        Ok(if matches!(reader.policy(fetched)?, Some(Ok(_))) {
            fetched
        } else {
            head
        })
    }

    /// Who acts: the name that was given, else the user that git's identity means. Naming somebody does not make
    /// it so; the commit's author must bear it out, and `check` asks.
    pub fn actor(&self, policy: &Policy) -> Result<String> {
        if let Some(user) = &self.user {
            return Ok(user.clone());
        }
        let (author, _) = self.repo.names()?;
        match policy.people.known_as(&author) {
            Some(name) => Ok(name.to_owned()),
            None => bail!(
                "`{} <{}>` is no user of this repository; who is: qms user list; to say who you are: \
                 git config user.name NAME, or git config user.email MAIL",
                author.name,
                author.email
            ),
        }
    }

    /// An id as somebody typed it; the nearest that exist are named where it is none.
    pub fn id(&self, text: &str) -> Result<Id> {
        match Id::parse(&text.to_ascii_uppercase()) {
            Some(id) => Ok(id),
            None => bail!(
                "`{}` is no document id; {}",
                name::shown(text),
                self.near(text)
            ),
        }
    }

    /// The id of a document that is in the tree of `HEAD`.
    pub fn known(&self, text: &str) -> Result<Id> {
        let id = self.id(text)?;
        let reader = Reader::new(&self.repo);
        let policy = self.policy(&reader)?;
        self.entry(&reader, &policy, &id)?;
        Ok(id)
    }

    /// The ids of `HEAD` that look most like a text, in a sentence.
    pub(super) fn near(&self, text: &str) -> String {
        let ids = self.ids().unwrap_or_default();
        let near = near::nearest(&text.to_ascii_uppercase(), ids.iter().map(Id::as_str), 3);
        match near.is_empty() {
            true => "ids look like CR-045, SOP-001, CR-045-VAR-001: qms list".to_owned(),
            false => format!("near it are {}; all: qms list", near.join(", ")),
        }
    }

    fn ids(&self) -> Result<Vec<Id>> {
        let policy = self.policy(&Reader::new(&self.repo))?;
        let tree = self.repo.tree_of(self.head()?)?;
        let files = self.repo.files_below(tree, &policy.folder)?;
        Ok(files
            .iter()
            .filter_map(|(path, _)| Id::at_home(path, &policy.folder))
            .collect())
    }

    /// A document in the tree of `HEAD`.
    pub fn entry(&self, reader: &Reader<'_>, policy: &Policy, id: &Id) -> Result<Entry> {
        let tree = self.repo.tree_of(self.head()?)?;
        let entry = reader.document_in(tree, &policy.folder, id)?;
        entry.with_context(|| self.missing(id))
    }

    /// What to say of a document that is not there.
    pub(super) fn missing(&self, id: &Id) -> String {
        format!("there is no {id} here; {}", self.near(id.as_str()))
    }

    pub fn document(&self, reader: &Reader<'_>, policy: &Policy, id: &Id) -> Result<Document> {
        readable(self.entry(reader, policy, id)?, id)
    }
}

/// The document of an entry, or why it cannot be read.
pub fn readable(entry: Entry, id: &Id) -> Result<Document> {
    match entry.document.as_deref() {
        Some(Ok(document)) => Ok(document.clone()),
        Some(Err(flaws)) => bail!("{id} cannot be read: {}", flaws[0].message),
        None => bail!("{id} is no plain file"),
    }
}
