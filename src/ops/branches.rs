//! Execution branches: where agents put work of a change that is not to be on the served branch yet. Each begins with the
//! id of its change; no document moves there, and it comes home by a merge that is judged like any other.

use anyhow::{Result, bail};

use super::session::Session;
use crate::git::Oid;
use crate::git::read::Reader;
use crate::model::browse::name;
use crate::model::kind::Id;
use crate::model::policy::Policy;
use crate::model::status::Status;

/// Letters of the part that a caller chooses.
const LONGEST: usize = 60;

/// An execution branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    pub name: String,
    pub tip: Oid,
}

/// The name of a change's branch; without words of its own it is the change's id.
fn named(change: &Id, words: Option<&str>) -> Result<String> {
    let Some(words) = words else {
        return Ok(change.to_string());
    };
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let edge = words.starts_with('-') || words.ends_with('-') || words.contains("--");
    if words.is_empty() || words.len() > LONGEST || edge || !words.bytes().all(plain) {
        bail!(
            "the name of a branch is up to {LONGEST} small letters and digits, with single dashes between them"
        );
    }
    Ok(format!("{change}-{words}"))
}

/// Makes a branch of a change in execution where the served branch is; says whether it is new.
pub fn open(session: &Session, change: &Id, words: Option<&str>) -> Result<(Branch, bool)> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let status = session.document(&reader, &policy, change)?.state.status;
    if status != Status::InExecution {
        bail!("{change} is {status}, and work under it needs IN_EXECUTION: qms next {change}");
    }
    let name = named(change, words)?;
    written_here(&policy, &name)?;
    let made = session.repo.branch_off(&name, session.head()?)?;
    Ok((of(session, &name)?, made))
}

/// The branches of a change.
pub fn all(session: &Session, change: &Id) -> Result<Vec<Branch>> {
    let own = |name: &str| of_name(name).as_ref() == Some(change);
    let branches = session.repo.branches()?.into_iter();
    let own = branches.filter(|(name, _)| own(name));
    Ok(own.map(|(name, tip)| Branch { name, tip }).collect())
}

/// An execution branch that may be written: one that is there, and that nothing protects.
pub fn known(session: &Session, name: &str) -> Result<Branch> {
    let shown = name::shown(name);
    let Some(change) = of_name(name) else {
        bail!(
            "`{shown}` is no execution branch: those begin with the id of their change; git_branch makes one"
        );
    };
    let all = all(session, &change)?;
    let Some(branch) = all.iter().find(|branch| branch.name == name) else {
        let names: Vec<&str> = all.iter().map(|b| b.name.as_str()).collect();
        let there = match names.is_empty() {
            true => "it has none yet".to_owned(),
            false => format!("there are {}", names.join(", ")),
        };
        bail!("`{shown}` is no branch of {change}; {there}; git_branch makes one");
    };
    let policy = session.policy(&Reader::new(&session.repo))?;
    written_here(&policy, name)?;
    if session.repo.is_checked_out(name)? {
        bail!(
            "`{name}` is checked out in a work tree, whose files would not follow; whoever has it there commits there"
        );
    }
    Ok(branch.clone())
}

/// The change that a branch is of: `CR-045-VAR-001-fix` is of the variance.
fn of_name(name: &str) -> Option<Id> {
    let words: Vec<&str> = name.split('-').collect();
    let mut heads = (1..=words.len()).rev().map(|n| words[..n].join("-"));
    heads.find_map(|text| Id::parse(&text))
}

fn written_here(policy: &Policy, name: &str) -> Result<()> {
    if policy.protects(name) || policy.is_sandbox(name) {
        bail!("`{name}` is a protected branch or a sandbox, and no execution branch");
    }
    Ok(())
}

fn of(session: &Session, name: &str) -> Result<Branch> {
    let tip = session.repo.resolve(&format!("refs/heads/{name}"));
    match tip {
        Some(tip) => Ok(Branch {
            name: name.to_owned(),
            tip,
        }),
        None => bail!("`{name}` is gone again"),
    }
}
