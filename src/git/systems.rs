//! Systems in history: the paths that they have at a commit and their digest, and what the matrix in force says of a system
//! that a change touched. Source: lifecycle.md "Gates".

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result};

use super::read::Reader;
use super::tagged::Part;
use super::{Oid, Repo};
use crate::model::document::Document;
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::policy::Policy;
use crate::model::qualified::{Named, Qualified, Shown};
use crate::model::system::System;
use crate::model::trace::matrix;
use crate::model::trace::record::digest;
use crate::model::trace::requirement::{self, Requirements};
use crate::model::trace::rtm::{self, Rtm};
use crate::model::trace::verdict::Changed;
use crate::model::trailer::{Key, Trailers};
use crate::model::under::{Done, Under};

impl Repo {
    /// All paths of a tree, with what is there; of a submodule the commit.
    pub fn listed(&self, tree: Oid) -> Result<Vec<Part>> {
        let all = self.differences(None, Some(tree))?.into_iter();
        Ok(all.filter_map(|d| Some((d.path, d.after?))).collect())
    }

    /// Those of them that the policy gives a system.
    pub fn parts(&self, tree: Oid, system: &System) -> Result<Vec<Part>> {
        let mut all = self.listed(tree)?;
        all.retain(|(path, _)| system.has(path));
        Ok(all)
    }
}

/// The digest of such paths.
pub fn digest_of(parts: &[Part]) -> String {
    let named = parts
        .iter()
        .map(|(path, raw)| (raw.mode, path.as_bytes(), raw.id.to_string()));
    digest::of(named.collect())
}

/// What a specification requires.
fn required(text: &[u8], system: &System) -> Requirements {
    let text = String::from_utf8_lossy(text);
    requirement::read(&text, Document::body_start(&text), &system.ids)
}

/// The requirements that are not retired, and the beginning of the fingerprint of each.
fn texts(requirements: &Requirements) -> Vec<(String, String)> {
    let all = requirements.all.iter();
    let all = all.filter(|requirement| !requirement.is_retired());
    all.map(|requirement| {
        (
            requirement.id.to_string(),
            rtm::short(&requirement.fingerprint),
        )
    })
    .collect()
}

/// What is asked of a system.
#[derive(Default)]
pub struct Asked<'a> {
    /// The commits that its matrix is to speak of, the last first.
    pub touching: &'a [(Oid, &'a Done)],
    /// The commit of evidence that is named for it.
    pub evidence: Option<&'a str>,
    /// Whether what came since that commit counts too.
    pub current: bool,
}

impl Reader<'_> {
    /// The digest of a system of the policy at a commit.
    pub fn digest_at(&self, commit: Oid, name: &str) -> Result<String> {
        let system = self.system_at(commit, name)?;
        let tree = self.repo.tree_of(commit)?;
        Ok(digest_of(&self.repo.parts(tree, &system)?))
    }

    /// A system as the policy has it at a commit.
    pub fn system_at(&self, commit: Oid, name: &str) -> Result<System> {
        let policy = self.policy(commit)?.and_then(Result::ok);
        let policy = policy.context("the policy there cannot be read")?;
        let system = policy.systems.get(name).cloned();
        system.with_context(|| format!("the policy there has no system {name}"))
    }

    /// What is known of each system that was touched under a change.
    pub(super) fn qualified(
        &self,
        parent: Oid,
        policy: &Policy,
        under: &Under,
        trailers: &Trailers,
        current: bool,
    ) -> Result<Vec<Qualified>> {
        // By what the policy said before the change first touched it, and of all that it said since: a change does not
        // narrow what it is asked about, nor does another that helps it.
        let now = &policy.systems;
        let mut asked_about = now.clone();
        let mut touched: BTreeMap<String, Vec<(Oid, &Done)>> = BTreeMap::new();
        for done in &under.done {
            let Some(id) = self.repo.oid(&done.commit.id) else {
                continue;
            };
            let before = self.policy_before(id)?;
            let before = before.as_ref().map(|policy| &policy.systems);
            let names = before.into_iter().chain([now]).flat_map(BTreeMap::keys);
            for name in names.collect::<BTreeSet<_>>() {
                let then = before.and_then(|systems| systems.get(name));
                let said = [then, now.get(name), asked_about.get(name)];
                let holds = |system: &System| done.paths.iter().any(|path| system.has(path));
                if said.into_iter().flatten().any(holds) {
                    touched.entry(name.clone()).or_default().push((id, done));
                    asked_about.extend(then.map(|then| (name.clone(), then.clone())));
                }
            }
        }
        let mut out = Vec::new();
        for (name, touching) in &touched {
            let asked = Asked {
                touching,
                evidence: trailers.value(Key::Evidence),
                current,
            };
            let system = (name.as_str(), &asked_about[name]);
            out.push(self.qualified_by(parent, policy, system, &asked)?);
        }
        Ok(out)
    }

    /// The policy before a commit, where there was one that can be read.
    fn policy_before(&self, commit: Oid) -> Result<Option<Arc<Policy>>> {
        let Some(parent) = self.repo.node(commit)?.parents.first().copied() else {
            return Ok(None);
        };
        Ok(self.policy(parent)?.and_then(Result::ok))
    }

    /// What the matrix in force at a commit says of a system, and what is found where all of it is judged again.
    pub fn qualified_by(
        &self,
        parent: Oid,
        policy: &Policy,
        (name, system): (&str, &System),
        asked: &Asked<'_>,
    ) -> Result<Qualified> {
        let tree = self.repo.tree_of(parent)?;
        let (specification, text) = self.binding(tree, &policy.folder, &system.rs)?;
        let requirements = text.map_or_else(Requirements::default, |text| required(&text, system));
        let (version, text) = self.binding(tree, &policy.folder, &system.rtm)?;
        let matrix: Option<Rtm> = text.map(|text| rtm::read(&String::from_utf8_lossy(&text)));
        let mut out = Qualified {
            system: name.to_owned(),
            rs: system.rs.clone(),
            rtm: system.rtm.clone(),
            specification,
            requirements: texts(&requirements),
            version,
            matrix,
            commit: Named::NoCommit,
            left_out: None,
            evidence: Shown::NotNamed,
            unverified: Vec::new(),
            strayed: Vec::new(),
        };
        let said = out.matrix.as_ref().and_then(|m| m.commit.as_deref());
        let full = said.filter(|text| text.len() == parent.to_string().len());
        let Some(id) = full.and_then(|text| self.repo.oid(text)) else {
            return Ok(out);
        };
        out.commit = match self.repo.node(id) {
            Err(_) => Named::Missing,
            Ok(_) if self.repo.between(&[parent], id)?.is_empty() => Named::Here,
            Ok(_) => Named::Elsewhere,
        };
        if out.commit != Named::Here {
            return Ok(out);
        }
        for (own, _) in asked.touching {
            if !self.repo.between(&[id], *own)?.is_empty() {
                out.left_out = Some(own.to_string());
                break;
            }
        }
        let then = self.system_at(id, name)?;
        let at = self.repo.tree_of(id)?;
        let all = self.repo.listed(at)?;
        let parts: Vec<Part> = all
            .iter()
            .filter(|(path, _)| then.has(path))
            .cloned()
            .collect();
        out.strayed = self.repo.strayed(&parts, tree)?;
        let digest = digest_of(&parts);
        let (evidence, gathered) =
            self.shown_named((name, &digest), asked.evidence, asked.current)?;
        out.evidence = evidence;
        if let Some(gathered) = gathered {
            let approved = out.matrix.as_ref().map(Rtm::texts).unwrap_or_default();
            let shown = matrix::Shown {
                gathered: Some(&gathered),
                last: BTreeMap::new(),
                approved,
                wanted: system.coverage,
                changed: [(String::new(), self.changed_by(asked.touching, &parts)?)].into(),
                places: self.repo.places(at, &all)?,
                known: Vec::new(),
            };
            let files = self.repo.tagged(&parts, &system.ids)?;
            out.unverified = matrix::unverified(&requirements, &files, shown);
        }
        Ok(out)
    }

    /// The lines that commits added or altered in the files that they touched, as these are now.
    fn changed_by(&self, touching: &[(Oid, &Done)], parts: &[Part]) -> Result<Changed> {
        // The last first.
        let Some((oldest, _)) = touching.last() else {
            return Ok(Changed::new());
        };
        let before = self.repo.node(*oldest)?.parents.first().copied();
        let touched: BTreeSet<&TreePath> = touching.iter().flat_map(|(_, d)| &d.paths).collect();
        let own = parts.iter().filter(|(path, _)| touched.contains(path));
        self.repo.altered(before, own)
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
}
