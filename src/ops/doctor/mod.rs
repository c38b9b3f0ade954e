//! Whether an installation does what it is there for: what is installed, what git really runs and uses, and, on request,
//! what happens when somebody tries what is forbidden.

mod attempts;
mod copies;
mod crafted;
mod disturbs;
mod history;
mod hooks;
mod making;
mod policy;
mod programs;
mod prove;
mod scratch;
pub(super) mod settings;
mod trace;
mod trust;

use std::path::Path;

use anyhow::{Context, Result};

use self::hooks::Wanted;
use super::Session;
use super::install::{CLONE, SERVER};
use crate::git::Repo;
use crate::git::read::Reader;
use crate::git::settings::Settings;
use crate::model::health::{Health, Row, Tried};

/// Looks at a clone.
// Implements: REQ-QMS-CMD-DOCTOR
pub fn clone(session: &Session, prove: bool) -> Result<Health> {
    let repo = &session.repo;
    let settings = repo.settings()?;
    let reader = Reader::new(repo);
    let (mut rows, git) = programs::rows(repo)?;
    let wanted = Wanted {
        shims: CLONE,
        again: "qms init".to_owned(),
        git,
    };
    rows.extend(hooks::rows(repo, &settings, &wanted)?);
    let governed = policy::clone(session, &reader, &mut rows)?;
    rows.extend(history::cuts(repo)?);
    rows.extend(disturbs::rows(&settings));
    let top = repo.work_dir().unwrap_or(repo.git_dir());
    let tried = prove.then(|| {
        let governed = governed.context("no policy is in force")?;
        prove::clone(session, &settings, &governed)
    });
    Ok(health("clone", top, rows, tried))
}

/// Looks at a server's repository. `from` is the clone whose hooks are tried before those of the server, if any.
pub fn server(dir: &Path, from: Option<&Session>, prove: bool) -> Result<Health> {
    let found = dir.canonicalize();
    let repo = Repo::discover(&found.with_context(|| format!("cannot find `{}`", dir.display()))?)?;
    let settings = repo.settings()?;
    // What its hooks will read is less than what git reads.
    let served = Repo::serve(repo.git_dir())?;
    let reader = Reader::new(&served);
    let (mut rows, git) = programs::rows(&repo)?;
    let again = format!("qms -C {} init --server", word(dir));
    let wanted = Wanted {
        shims: SERVER,
        again: again.clone(),
        git,
    };
    rows.extend(hooks::rows(&repo, &settings, &wanted)?);
    rows.extend(settings::server(&settings, &again));
    let trunk = trust::rows(&reader, &settings, &again, &mut rows)?;
    rows.extend(history::cuts(&repo)?);
    rows.extend(history::sharing(&repo)?);
    // A clone of something else is no clone of this.
    let tip = repo.resolve(&format!("refs/heads/{trunk}"));
    let anchor = served.config("qms.anchor").and_then(|a| repo.oid(&a));
    let root = anchor.or(tip);
    let from = from.filter(|s| root.is_some_and(|id| s.repo.node(id).is_ok()));
    let tried = prove.then(|| prove::server(&repo, &settings, from, &trunk));
    Ok(health("server", repo.git_dir(), rows, tried))
}

/// All of it. That nothing could be tried is one more thing that is wrong: the rest was seen all the same.
fn health(
    what: &'static str,
    path: &Path,
    mut rows: Vec<Row>,
    tried: Option<Result<Vec<Tried>>>,
) -> Health {
    let tried = match tried {
        Some(Err(why)) => {
            let is = format!("nothing could be tried: {why:#}");
            rows.push(Row::wrong("prove", "--prove", is).mend("first mend what is wrong above"));
            None
        }
        Some(Ok(tried)) => Some(tried),
        None => None,
    };
    let health = Health::new(what, place(path), rows);
    match tried {
        Some(tried) => health.tried(tried),
        None => health,
    }
}

fn place(path: &Path) -> String {
    let real = path.canonicalize();
    real.unwrap_or_else(|_| path.to_path_buf())
        .display()
        .to_string()
}

/// A path as a word of the shell.
fn word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%:".contains(c);
    match text.chars().all(plain) && !text.is_empty() {
        true => text,
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// Every value of a key and who says so, in a sentence; empty where nobody does.
fn says(settings: &Settings, key: &str) -> String {
    let values: Vec<String> = settings
        .values(key)
        .map(|s| format!("`{}` by {}", s.text(), s.by()))
        .collect();
    values.join(", then ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_shell() {
        assert_eq!(word(Path::new("/srv/x.git")), "/srv/x.git");
        assert_eq!(word(Path::new("a b'c")), "'a b'\\''c'");
    }
}
