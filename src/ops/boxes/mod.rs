//! Boxes that agents live in: started, looked at, entered and ended. What a box is, `model::boxes` says; here is what
//! makes one of it on this machine. Not to be taken for a `Session`, which is somebody at work in a repository.

mod attach;
pub mod doctor;
mod down;
mod engine;
mod gate;
mod give;
mod image;
pub mod inside;
mod place;
mod status;
mod up;
mod waiting;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use self::place::Place;
use super::requests;
use super::session::Session;
use crate::git::read::Reader;
use crate::model::boxes::role::{self, Role};
use crate::model::path::TreePath;

pub use self::attach::{attach, logs};
pub use self::down::{down, down_everywhere, reset};
pub use self::give::give;
pub use self::status::status;
pub use self::up::{Asked, up};
pub use self::waiting::{News, launched};

/// Where boxes of a repository are made.
struct Ground<'s> {
    session: &'s Session,
    /// The work tree that is mounted.
    root: PathBuf,
    place: Place,
}

impl<'s> Ground<'s> {
    fn of(session: &'s Session) -> Result<Ground<'s>> {
        let root = session.repo.work_dir();
        let root = root.context("there is no work tree here that agents could read")?;
        let root = std::fs::canonicalize(root)?;
        // Its git folder would lie outside of what is mounted.
        if !root.join(".git").is_dir() {
            bail!(
                "`{}` is a linked work tree, and a box needs all of a repository; go to the first one: git worktree list",
                root.display()
            );
        }
        Ok(Ground {
            session,
            root,
            place: Place::of(session)?,
        })
    }

    /// Refuses who is no agent that a gateway, started here, would serve.
    fn knows(&self, agent: &str) -> Result<()> {
        requests::serves(self.session, agent).map(drop)
    }

    /// The agents of the policy, by name.
    fn agents(&self) -> Result<Vec<String>> {
        let policy = self.session.policy(&Reader::new(&self.session.repo))?;
        let all = policy.people.0.keys();
        let listed = all.filter(|name| policy.people.gateways_of(name).next().is_some());
        Ok(listed.cloned().collect())
    }

    /// The folder below those of all that the policy gives an agent; one of his name where it says none.
    fn workspace(&self, agent: &str) -> Result<(PathBuf, bool)> {
        let policy = self.session.policy(&Reader::new(&self.session.repo))?;
        let user = policy.people.active(agent);
        let named = user.and_then(|user| user.workspace.clone());
        let is_named = named.is_some();
        let folder = named.unwrap_or_else(|| agent.to_owned());
        Ok((self.place.workspaces().join(folder), is_named))
    }

    /// What the repository says to an agent.
    fn role(&self, agent: &str) -> Result<(Role, Option<String>)> {
        let policy = self.session.policy(&Reader::new(&self.session.repo))?;
        let file = role::file(&policy.folder, agent);
        let repo = &self.session.repo;
        let tree = repo.tree_of(self.session.head()?)?;
        let Some(raw) = repo.entry(tree, &TreePath::new(file.as_bytes()))? else {
            return Ok((Role::default(), None));
        };
        let text = String::from_utf8(repo.blob(raw.id)?);
        let text = text.with_context(|| format!("`{file}` is not UTF-8"))?;
        let (role, said) = role::read(&text)
            .map_err(|flaw| anyhow::anyhow!("`{file}` cannot be read: {}", flaw.message))?;
        Ok((role, Some(said.to_owned())))
    }
}
