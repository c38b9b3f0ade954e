//! Tokens: what a gateway knows its callers by. They are kept hashed, outside of the repository, for one pair of eyes.

use std::fs::File;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use super::log;
use super::people::known;
use super::session::Session;
use crate::git::read::Reader;
use crate::git::write;
use crate::model::document::digest;
use crate::model::token::{self, Held, TokenRow};

/// Where the folder of tokens is, if not below the user's state.
const PLACE: &str = "QMS_STATE";

/// The tokens of a repository's gateway.
#[derive(Debug)]
pub struct Tokens {
    file: PathBuf,
    /// What the file held when it was read last, and what it was then: each change makes another file.
    known: Mutex<Option<(Mark, Vec<Held>)>>,
}

/// A file's number, its time of change and its size.
type Mark = (u64, i64, i64, u64);

impl Tokens {
    /// The file is named after the repository's place: another clone has tokens of its own.
    pub fn of(session: &Session) -> Result<Tokens> {
        let repo = std::fs::canonicalize(session.repo.common_dir())?;
        let name = digest(repo.as_os_str().as_encoded_bytes());
        let folder = state()?.join(&name.trim_start_matches("sha256:")[..16]);
        let inside = session.repo.work_dir().map(std::fs::canonicalize);
        let inside = inside.transpose()?.unwrap_or(repo);
        if folder.starts_with(&inside) {
            bail!(
                "`{}` lies in the repository, where agents read; set {PLACE} to a folder elsewhere",
                folder.display()
            );
        }
        Ok(Tokens {
            file: folder.join("tokens"),
            known: Mutex::default(),
        })
    }

    pub fn file(&self) -> &Path {
        &self.file
    }

    /// All that are kept. A file that others can read is not believed.
    pub fn all(&self) -> Result<Vec<Held>> {
        self.read(|all| all.to_vec())
    }

    fn read<T>(&self, of: impl FnOnce(&[Held]) -> T) -> Result<T> {
        let place = self.file.display();
        let metadata = match std::fs::metadata(&self.file) {
            Ok(metadata) => metadata,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(of(&[])),
            Err(e) => return Err(e).with_context(|| format!("cannot read `{place}`")),
        };
        if metadata.mode() & 0o077 != 0 {
            bail!("`{place}` is open to others; to mend it: chmod 600 '{place}'");
        }
        let mark = (
            metadata.ino(),
            metadata.ctime(),
            metadata.ctime_nsec(),
            metadata.len(),
        );
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((as_it_was, all)) = known.as_ref()
            && *as_it_was == mark
        {
            return Ok(of(all));
        }
        let bytes = std::fs::read(&self.file).with_context(|| format!("cannot read `{place}`"))?;
        let all: Vec<Held> =
            serde_json::from_slice(&bytes).with_context(|| format!("`{place}` cannot be read"))?;
        let out = of(&all);
        *known = Some((mark, all));
        Ok(out)
    }

    /// Changes what is kept; two who do so at once wait for each other.
    fn change<T>(&self, change: impl FnOnce(&mut Vec<Held>) -> Result<T>) -> Result<T> {
        let folder = self.file.parent().context("a file has a folder")?;
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make `{}`", folder.display()))?;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
        let lock = File::create(folder.join("lock"))?;
        lock.lock()?;
        let mut all = self.all()?;
        let out = change(&mut all)?;
        write::replace_private(&self.file, &serde_json::to_vec_pretty(&all)?)?;
        Ok(out)
    }

    /// Whose a token is; none where it is nobody's or not good any more.
    pub fn admits(&self, token: &str) -> Result<Option<String>> {
        let now = now();
        self.read(|all| {
            let held = all.iter().find(|held| held.admits(token, now));
            held.map(|held| held.agent.clone())
        })
    }
}

/// Makes a token for an agent. It is told here and nowhere else.
// Implements: REQ-QMS-CMD-TOKEN-NEW
pub fn new(session: &Session, agent: &str, expires: Option<&str>) -> Result<String> {
    let policy = session.policy(&Reader::new(&session.repo))?;
    let user = known(&policy, agent)?;
    if user.left {
        bail!("`{agent}` has left");
    }
    let gateways: Vec<&str> = policy
        .people
        .gateways_of(agent)
        .map(|(name, _)| name)
        .collect();
    match gateways[..] {
        [_] => {}
        [] => bail!(
            "no gateway may commit for `{agent}`; list him under one: \
             qms user add gate --kind service --agents {agent}"
        ),
        _ => bail!(
            "`{agent}` is listed under {}; one of them may commit for him: qms user set NAME --agents …",
            gateways.join(" and ")
        ),
    }
    let (made, mut random) = (now(), [0; 32]);
    let expires = expires.map(|text| end(text, made)).transpose()?;
    getrandom::fill(&mut random).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
    let token = token::text(&random);
    let held = Held::of(&token, agent, made, expires);
    Tokens::of(session)?.change(|all| {
        all.push(held);
        Ok(())
    })?;
    Ok(token)
}

// Implements: REQ-QMS-CMD-TOKEN-LIST
pub fn list(session: &Session) -> Result<Vec<TokenRow>> {
    let now = now();
    let row = |held: &Held| -> Result<TokenRow> {
        Ok(TokenRow {
            name: held.name().to_owned(),
            agent: held.agent.clone(),
            made: shown(held.made)?,
            expires: held.expires.map(shown).transpose()?,
            expired: held.is_expired(now),
        })
    };
    Tokens::of(session)?.all()?.iter().map(row).collect()
}

/// Revokes a token by its name, or all of an agent. Says how many there were.
// Implements: REQ-QMS-CMD-TOKEN-REVOKE
pub fn revoke(session: &Session, which: &str) -> Result<usize> {
    Tokens::of(session)?.change(|all| {
        let before = all.len();
        all.retain(|held| held.agent != which && held.name() != which);
        if all.len() == before {
            bail!("`{which}` is neither a token's name nor an agent who has one: qms token list");
        }
        Ok(before - all.len())
    })
}

fn state() -> Result<PathBuf> {
    let given = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    let home = || given("HOME").map(|home| home.join(".local/state"));
    let below = || {
        given("XDG_STATE_HOME")
            .or_else(home)
            .map(|state| state.join("qms"))
    };
    let state = given(PLACE).or_else(below);
    let state =
        state.with_context(|| format!("nothing says where tokens are kept: set {PLACE}"))?;
    std::path::absolute(state).map_err(Into::into)
}

/// When a token ends: a day, at its beginning in UTC, a time, or so many days or hours from now.
fn end(text: &str, now: i64) -> Result<i64> {
    let unit = |suffix: char, seconds: i64| {
        let number: i64 = text.strip_suffix(suffix)?.parse().ok()?;
        now.checked_add(number.checked_mul(seconds)?)
    };
    let end = match unit('d', 86_400).or_else(|| unit('h', 3_600)) {
        Some(end) => end,
        None => log::moment(text).with_context(|| {
            format!("`{text}` is no end of a token, expected 30d, 12h or a day such as 2027-01-31")
        })?,
    };
    if end <= now {
        bail!("`{text}` is over already");
    }
    Ok(end)
}

fn shown(seconds: i64) -> Result<String> {
    Ok(jiff::Timestamp::from_second(seconds)?.to_string())
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
}
