//! The systems of the policy: listing them, and adding one as work under a change whose scope names the policy.

use anyhow::{Context, Result, bail};

use super::chain::Chain;
use super::list;
use super::people::policy_file;
use super::session::Session;
use super::{wish, work};
use crate::git::read::Reader;
use crate::git::write::File;
use crate::model::document;
use crate::model::finding::Finding;
use crate::model::kind::Id;
use crate::model::policy::Policy;
use crate::model::system::{self, System};
use crate::model::trailer::{Key, Trailers};
use crate::model::view::SystemView;

/// What is to be added.
#[derive(Debug, Clone)]
pub struct New {
    pub name: String,
    pub code: Vec<String>,
    pub ids: Option<String>,
    pub change: Option<Id>,
}

/// Adds a system to the policy, as a commit of its own.
// Implements: REQ-QMS-CMD-SYSTEM-ADD
pub fn add(session: &Session, new: &New) -> Result<(SystemView, Vec<Finding>)> {
    let own = session.policy(&Reader::new(&session.repo))?;
    let name = new.name.to_ascii_uppercase();
    if !system::is_name(&name) {
        bail!(
            "`{}` is no name of a system: capitals, digits and dashes",
            new.name
        );
    }
    if own.systems.contains_key(&name) {
        bail!("`{name}` is a system already: qms system list");
    }
    let mut chain = Chain::begin(session)?;
    let (path, before) = policy_file(session)?;
    let text = std::str::from_utf8(&before).context("qms.yaml is not UTF-8")?;
    let after = system::with_system(text, &name, &new.code, new.ids.as_deref()).into_bytes();
    let policy = Policy::parse(&after).map_err(|flaws| anyhow::anyhow!("{}", flaws[0].message))?;
    let actor = (Key::Actor, chain.actor().to_owned());
    let trailers = if own.could_approve() {
        let change = new
            .change
            .clone()
            .or_else(|| work::in_use(session).map(|used| used.change));
        let change = change.context("the policy changes under a change whose scope names qms.yaml: qms use ID, or --change ID")?;
        Trailers::new([(Key::Change, change.to_string()), actor])
    } else {
        let before = (Key::Before, document::digest(&before));
        Trailers::new([(Key::Action, "found".to_owned()), actor, before])
    };
    let message = wish::written(&trailers, &format!("Add the system {name}"))?;
    chain.seal(
        vec![File {
            path,
            before: Some(before),
            after,
        }],
        &message,
    )?;
    let (_, warnings) = chain.land()?;
    let added = policy
        .systems
        .get(&name)
        .context("the system that was added")?;
    Ok((view(session, &name, added)?, warnings))
}

/// The systems of the policy at `HEAD`, with where their documents stand.
// Implements: REQ-QMS-CMD-SYSTEM-LIST
pub fn list(session: &Session) -> Result<Vec<SystemView>> {
    let policy = session.policy(&Reader::new(&session.repo))?;
    policy
        .systems
        .iter()
        .map(|(name, system)| view(session, name, system))
        .collect()
}

fn view(session: &Session, name: &str, system: &System) -> Result<SystemView> {
    let policy = session.policy(&Reader::new(&session.repo))?;
    let rows = list::all(session, &policy)?;
    let status = |id: &Id| match rows.get(id) {
        Some(Ok(view)) => Some(view.status),
        _ => None,
    };
    Ok(SystemView {
        system: name.to_owned(),
        code: system.code.iter().map(|p| p.as_str().to_owned()).collect(),
        rs: system.rs.to_string(),
        rs_status: status(&system.rs),
        rtm: system.rtm.to_string(),
        rtm_status: status(&system.rtm),
        ids: system.ids.clone(),
    })
}
