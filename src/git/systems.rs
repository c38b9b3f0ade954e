//! Systems in history: the paths that they have at a commit and their digest, and what the matrix in force says of a system
//! that a change touched. Source: lifecycle.md "Gates".

use anyhow::{Context, Result};

use super::read::Reader;
use super::trees::Raw;
use super::{Oid, Repo};
use crate::model::apply::Under;
use crate::model::change::REGULAR;
use crate::model::document::Document;
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::policy::Policy;
use crate::model::qualified::{Named, Qualified, Shown};
use crate::model::system::System;
use crate::model::trace::evidence::{Case, Outcome};
use crate::model::trace::gathered::Gathered;
use crate::model::trace::record::{self, Record, digest, folder};
use crate::model::trace::requirement;
use crate::model::trace::rtm::{self, Rtm};
use crate::model::trace::verdict::Binding;
use crate::model::trailer::{Key, Trailers};

impl Repo {
    /// The paths that the policy gives a system, with what is there; of a submodule the commit.
    pub fn parts(&self, tree: Oid, system: &System) -> Result<Vec<(TreePath, Raw)>> {
        let all = self.differences(None, Some(tree))?.into_iter();
        let own = all.filter(|d| system.code.iter().any(|p| p.matches(&d.path)));
        Ok(own.filter_map(|d| Some((d.path, d.after?))).collect())
    }
}

/// Evidence that is kept.
impl Repo {
    /// The commit of evidence of this id, where it is here and among what is kept.
    pub fn kept_evidence(&self, id: &str) -> Result<Option<Oid>> {
        let (Some(at), Some(tip)) = (self.oid(id), self.resolve(record::REF)) else {
            return Ok(None);
        };
        let is_kept = self.node(at).is_ok() && self.between(&[tip], at)?.is_empty();
        Ok(is_kept.then_some(at))
    }

    /// The files of the records of one state of a system, in a commit of evidence.
    pub fn records(&self, at: Oid, system: &str, digest: &str) -> Result<Vec<(TreePath, Raw)>> {
        self.files_below(self.tree_of(at)?, &folder(system, digest))
    }

    /// The record of such a file, or why it is none.
    pub fn record(&self, path: &TreePath, raw: Raw) -> Result<Result<Record, String>> {
        if raw.mode != REGULAR {
            return Ok(Err(format!("`{path}` is no record: it is no plain file")));
        }
        let bytes = self.blob(raw.id)?;
        Ok(Record::read(&path.to_string(), &raw.id.to_string(), &bytes))
    }
}

/// The digest of such paths.
pub fn digest_of(parts: &[(TreePath, Raw)]) -> String {
    let named = parts
        .iter()
        .map(|(path, raw)| (raw.mode, path.as_bytes(), raw.id.to_string()));
    digest::of(named.collect())
}

/// What a specification requires.
fn required(text: &[u8], ids: &str) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(text);
    let read = requirement::read(&text, Document::body_start(&text), ids);
    let all = read.all.into_iter();
    let all = all.filter(|requirement| requirement.attributes.retired.is_none());
    all.map(|requirement| (requirement.id, rtm::short(&requirement.fingerprint)))
        .collect()
}

impl Reader<'_> {
    /// The digest of a system of the policy at a commit.
    pub fn digest_at(&self, commit: Oid, name: &str) -> Result<String> {
        let policy = self.policy(commit)?.and_then(Result::ok);
        let policy = policy.context("the policy there cannot be read")?;
        let system = policy.systems.get(name);
        let system = system.with_context(|| format!("the policy there has no system {name}"))?;
        let tree = self.repo.tree_of(commit)?;
        Ok(digest_of(&self.repo.parts(tree, system)?))
    }

    /// What is known of each system that was touched under a change.
    pub(super) fn qualified(
        &self,
        parent: Oid,
        policy: &Policy,
        under: &Under,
        trailers: &Trailers,
    ) -> Result<Vec<Qualified>> {
        let mut out = Vec::new();
        for (name, system) in &policy.systems {
            let mut touching = Vec::new();
            for done in &under.done {
                let Some(id) = self.repo.oid(&done.commit.id) else {
                    continue;
                };
                // By what the policy said before that commit too: a change does not narrow what it is asked about.
                let then = self.system_before(id, name)?;
                let then = then.as_ref().unwrap_or(system);
                let mut code = system.code.iter().chain(&then.code);
                if code.any(|p| done.paths.iter().any(|path| p.matches(path))) {
                    touching.push(id);
                }
            }
            if !touching.is_empty() {
                let evidence = trailers.value(Key::Evidence);
                out.push(self.qualified_by(parent, policy, (name, system), &touching, evidence)?);
            }
        }
        Ok(out)
    }

    /// A system as the policy had it before a commit.
    fn system_before(&self, commit: Oid, name: &str) -> Result<Option<System>> {
        let Some(parent) = self.repo.node(commit)?.parents.first().copied() else {
            return Ok(None);
        };
        let policy = self.policy(parent)?.and_then(Result::ok);
        Ok(policy.and_then(|policy| policy.systems.get(name).cloned()))
    }

    /// The systems that a mainline step changes and that ask for evidence, with what is kept of the state that it makes.
    pub(super) fn shown_by(&self, step: Oid, policy: &Policy) -> Result<Vec<(String, Shown)>> {
        let asks = policy.systems.iter().filter(|(_, s)| s.merges_verified);
        let asks: Vec<_> = asks.collect();
        if asks.is_empty() {
            return Ok(Vec::new());
        }
        let node = self.repo.node(step)?;
        let parent = node
            .parents
            .first()
            .map(|p| self.repo.tree_of(*p))
            .transpose()?;
        let mut out = Vec::new();
        for (name, system) in asks {
            let at = |tree: Oid| Ok::<_, anyhow::Error>(digest_of(&self.repo.parts(tree, system)?));
            let (before, after) = (parent.map(at).transpose()?, at(node.tree)?);
            if before.as_ref() != Some(&after) {
                let tip = self.repo.resolve(record::REF).map(|id| id.to_string());
                out.push((name.clone(), self.shown(name, &after, tip.as_deref(), &[])?));
            }
        }
        Ok(out)
    }

    /// What the matrix in force at a commit says of a system. `touching`: commits that it is to speak of; `evidence`: the
    /// commit of evidence that is named for it.
    pub fn qualified_by(
        &self,
        parent: Oid,
        policy: &Policy,
        (name, system): (&str, &System),
        touching: &[Oid],
        evidence: Option<&str>,
    ) -> Result<Qualified> {
        let tree = self.repo.tree_of(parent)?;
        let (specification, text) = self.binding(tree, &policy.folder, &system.rs)?;
        let requirements = text.map_or_else(Vec::new, |text| required(&text, &system.ids));
        let (version, text) = self.binding(tree, &policy.folder, &system.rtm)?;
        let matrix: Option<Rtm> = text.map(|text| rtm::read(&String::from_utf8_lossy(&text)));
        let said = matrix.as_ref().and_then(|matrix| matrix.commit.as_deref());
        let full = said.filter(|text| text.len() == parent.to_string().len());
        let id = full.and_then(|text| self.repo.oid(text));
        let (mut commit, mut left_out, mut shown) = (Named::NoCommit, None, Shown::NotNamed);
        if let Some(id) = id {
            commit = match self.repo.node(id) {
                Err(_) => Named::Missing,
                Ok(_) if self.repo.between(&[parent], id)?.is_empty() => Named::Here,
                Ok(_) => Named::Elsewhere,
            };
        }
        if let (Some(id), Named::Here) = (id, commit) {
            for own in touching {
                if !self.repo.between(&[id], *own)?.is_empty() {
                    left_out = Some(own.to_string());
                    break;
                }
            }
            let digest = self.digest_at(id, name)?;
            let rows = matrix.as_ref().map_or(&[][..], |matrix| &matrix.rows);
            shown = self.shown(name, &digest, evidence, rows)?;
        }
        Ok(Qualified {
            system: name.to_owned(),
            rs: system.rs.clone(),
            rtm: system.rtm.clone(),
            specification,
            requirements,
            version,
            matrix,
            commit,
            left_out,
            evidence: shown,
        })
    }

    /// The version of a document that is in force, and its text.
    fn binding(
        &self,
        tree: Oid,
        folder: &str,
        id: &Id,
    ) -> Result<(Option<String>, Option<Vec<u8>>)> {
        let loaded = self.in_force_at(tree, folder, id)?;
        let document = loaded
            .as_ref()
            .and_then(|loaded| loaded.as_ref().as_ref().ok());
        let version = document.and_then(|document| document.state.effective_version());
        let text = document.filter(|_| version.is_some()).map(Document::text);
        Ok((version.map(|version| version.to_string()), text))
    }

    /// What the commit of evidence that a move names holds of a system, and of the tests of a matrix.
    fn shown(
        &self,
        name: &str,
        digest: &str,
        named: Option<&str>,
        rows: &[Vec<String>],
    ) -> Result<Shown> {
        let Some(named) = named else {
            return Ok(Shown::NotNamed);
        };
        let missing = || Ok(Shown::Missing(named.to_owned()));
        let Some(at) = self.repo.kept_evidence(named)? else {
            return missing();
        };
        let mut records = Vec::new();
        for (path, raw) in self.repo.records(at, name, digest)? {
            match self.repo.record(&path, raw)? {
                Ok(record) => records.push(record),
                Err(_) => return missing(),
            }
        }
        let Some(all) = Gathered::of(&records, Binding::Same) else {
            return Ok(Shown::OfAnother);
        };
        let ran = |case: &Case| !matches!(case.outcome, Outcome::NotRun(_));
        if all.processes.is_empty() && !all.cases.iter().any(ran) {
            return Ok(Shown::OfAnother);
        }
        let fails = |case: &&Case| {
            matches!(case.outcome, Outcome::Fail(_) | Outcome::Error(_)) || case.is_flaky()
        };
        let failed = all.cases.iter().find(fails);
        let failed = failed.map(|case| case.name.clone());
        let process = all
            .processes
            .iter()
            .find(|process| process.failed.is_some());
        let failed = failed
            .or(process.map(|process| process.command.clone()))
            .or(all.flaws.first().cloned());
        // A type or a file of tests is named by where its cases are, not by what they are called.
        let is_of = |case: &Case, test: &str| {
            let mut around = case.class.split(['.', '$', '/']);
            let is_type = test.starts_with(char::is_uppercase);
            test.contains('/') || case.name.contains(test) || is_type && around.any(|c| c == test)
        };
        let passed = |test: &&str| {
            let mut passed = all.cases.iter().filter(|c| c.outcome == Outcome::Pass);
            passed.any(|case| is_of(case, test))
        };
        let mut named = rows.iter().flat_map(|row| rtm::tests(row));
        let lacks = named.find(|test| !passed(test));
        let lacks = lacks.map(|test| Shown::Lacks(test.to_owned()));
        Ok(failed.map(Shown::Failed).or(lacks).unwrap_or(Shown::Good))
    }
}
