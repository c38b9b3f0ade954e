//! A repository that stays open: a process that answers many questions opens it once a thread. Objects never change;
//! refs are read at each question; a configuration that changed opens it again.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

use anyhow::Result;

use super::{Oid, Repo};

/// What was read that is kept to the next question, in pieces.
const MOST: usize = 4_096;

struct Kept {
    dir: PathBuf,
    on: Option<String>,
    configured: Option<(SystemTime, u64)>,
    repo: Rc<Repo>,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

impl Repo {
    /// The repository at `dir`, as this thread may have opened it before. `on`: the branch that stands for what is
    /// checked out.
    pub fn kept(dir: &Path, on: Option<&str>) -> Result<Rc<Repo>> {
        let known = KEPT.take().filter(|kept| {
            let now = configured(&kept.repo);
            let same = now.is_some() && kept.configured == now;
            kept.dir == dir && kept.on.as_deref() == on && same && !kept.repo.is_heavy()
        });
        let kept = match known {
            Some(kept) => kept,
            None => {
                let mut repo = Repo::discover(dir)?;
                if let Some(branch) = on {
                    repo = repo.on(branch);
                }
                Kept {
                    dir: dir.to_path_buf(),
                    on: on.map(str::to_owned),
                    configured: configured(&repo),
                    repo: Rc::new(repo),
                }
            }
        };
        let repo = kept.repo.clone();
        KEPT.set(Some(kept));
        Ok(repo)
    }

    /// The answer to a question about a commit, made once for as long as this repository stays open: it may go by the
    /// commit, by what it reaches and by the configuration, and by nothing else.
    pub fn once<T: Clone + 'static>(
        &self,
        commit: Oid,
        question: String,
        answer: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        self.memory.answer(commit, question, answer)
    }

    fn is_heavy(&self) -> bool {
        self.nodes.borrow().len() + self.waiting.borrow().len() > MOST || self.memory.is_large()
    }
}

/// When the configuration was last written, and its size; None where that cannot be told, which is never the same.
fn configured(repo: &Repo) -> Option<(SystemTime, u64)> {
    let file = repo.common_dir().join("config").metadata().ok()?;
    Some((file.modified().ok()?, file.len()))
}
