//! What a run stands on: the trunk and the commit that is trusted first, found without believing what is judged; and the
//! commits that the event names.

use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};

use super::{Ask, Looked};
use crate::git::read::Reader;
use crate::git::{Oid, Repo};
use crate::model::browse::name;
use crate::model::ci::{Event, Kind, Outcome};
use crate::model::policy::Policy;
use crate::ops::mainline::short;
use crate::ops::session::Session;
use crate::ops::verify;

/// How commits come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Enters {
    /// A protected branch moves, or moved.
    Moves(String),
    /// They ask to be merged into a protected branch, which stands at that commit.
    Merges(String, Oid),
    Tag(String),
    /// Nothing comes in, or nothing that is judged yet; why.
    Not(String),
}

pub(super) struct Ground {
    pub(super) trunk: String,
    /// Where the trunk stands.
    pub(super) tip: Oid,
    pub(super) anchor: Oid,
    /// Nobody named the anchor: it was found in the repository itself.
    pub(super) assumed: bool,
    pub(super) enters: Enters,
    /// Where the branch was; none where it is new.
    pub(super) base: Option<Oid>,
    /// Where the branch was, as the event says, and that is not here.
    pub(super) lost: Option<String>,
    /// None where the ref is gone.
    pub(super) head: Option<Oid>,
    /// The merge that the platform tried, where it is one of what is asked for.
    pub(super) merged: Option<Oid>,
    /// The commits between which documents were touched; none where nobody knows.
    pub(super) before: Option<Oid>,
    pub(super) after: Oid,
}

impl Ground {
    pub(super) fn find(
        session: &Session,
        reader: &Reader<'_>,
        event: &Event,
        ask: &Ask,
    ) -> Result<Ground> {
        let repo = reader.repo;
        if event.elsewhere && ask.base.is_none() {
            bail!(
                "the target is in another project, whose branches are not here; expected its tip: git fetch \"$CI_MERGE_REQUEST_PROJECT_URL\" \"$CI_MERGE_REQUEST_TARGET_BRANCH_NAME\" && qms ci --base FETCH_HEAD"
            );
        }
        let named = |text: &Option<String>| -> Result<Option<Oid>> {
            let text = text.as_deref().map(name::revision).transpose()?;
            text.map(|text| repo.revision(text)).transpose()
        };
        let (asked, head) = (named(&ask.base)?, named(&ask.head)?);
        let head = match (head, &event.head, event.kind) {
            (Some(head), ..) => Some(head),
            (None, Some(id), _) => Some(here(repo, id)?),
            (None, None, Kind::Deleted) => None,
            (None, None, _) => Some(session.head()?),
        };
        let told = event.base.as_deref().filter(|_| asked.is_none());
        let there = told.and_then(|id| repo.oid(id).filter(|id| repo.node(*id).is_ok()));
        let lost = told.filter(|_| there.is_none()).map(str::to_owned);
        let mut base = asked.or(there);
        let commit = head.map(|id| repo.peeled(id)).transpose()?;
        if let (Some(tag), Some(commit)) = (&event.tag, commit) {
            let there = repo.resolve_unpeeled(&format!("refs/tags/{tag}"));
            let there = there.map(|id| repo.peeled(id)).transpose()?;
            if there != Some(commit) {
                bail!(
                    "the event is said to be of the tag `{tag}`, which is not here at {}; expected it to be fetched: git fetch --tags",
                    short(commit)
                );
            }
        }
        let (trunk, policy, tip) = trunk(session, reader, event, ask, (asked, base, commit))?;
        if let (Kind::Local, Some(branch), None) = (event.kind, &event.branch, base) {
            base = repo.fetched(branch).filter(|_| policy.protects(branch));
        }
        let enters = enters(repo, event, &policy, asked)?;
        // What is judged does not say which commit to trust first.
        let old = base.filter(|_| enters == Enters::Moves(trunk.clone()));
        let old = match old {
            Some(old) if reader.policy(old)?.is_some() => old,
            _ => tip,
        };
        let (anchor, assumed) = anchor(reader, ask, old)?;
        let mut merged = None;
        if let (Enters::Merges(_, p), Some(id), Some(head)) = (&enters, &event.merged, commit) {
            let tried = repo.oid(id).filter(|_| ask.head.is_none());
            let both = |id: &Oid| repo.node(*id).is_ok_and(|n| n.parents == [*p, head]);
            merged = tried.filter(both);
        }
        let before = match (&enters, commit) {
            (Enters::Merges(_, p), _) if merged.is_some() => Some(*p),
            (Enters::Merges(_, p), Some(head)) => repo.merge_base(*p, head)?,
            _ => base,
        };
        let after = merged.or(commit).unwrap_or(tip);
        Ok(Ground {
            trunk,
            tip,
            anchor,
            assumed,
            enters,
            base,
            lost,
            head,
            merged,
            before,
            after,
        })
    }

    /// The steps of the trunk that there are, and by what they were found.
    pub(super) fn looked(&self, reader: &Reader<'_>) -> Result<Looked> {
        let chain = reader.repo.mainline(self.tip, Some(self.anchor))?;
        let chain = chain.with_context(|| {
            let (trunk, anchor) = (&self.trunk, self.anchor);
            format!("`{trunk}` does not come from the anchor {anchor}; expected one of its own first-parent chain: qms ci --anchor COMMIT")
        })?;
        let since = match self.assumed {
            true => format!(
                "since {}, the anchor that is assumed: nobody named one (--anchor)",
                short(self.anchor)
            ),
            false => format!("since {}, the anchor", short(self.anchor)),
        };
        Ok(Looked {
            notes: vec![format!("`{}` {since}", self.trunk)],
            ..Looked::at(chain.len() - 1, Vec::new())
        })
    }

    /// Writes what was found into the outcome.
    pub(super) fn name(&self, outcome: &mut Outcome) {
        let base = match &self.enters {
            Enters::Merges(_, p) => Some(*p),
            _ => self.base,
        };
        outcome.base = base.map(|id| id.to_string());
        outcome.head = self.head.map(|id| id.to_string());
        outcome.trunk = Some(self.trunk.clone());
        outcome.anchor = Some((self.anchor.to_string(), self.assumed));
        let range = [base, self.head].map(|id| id.map(short).unwrap_or_default());
        outcome.what = format!("{}, {}..{}", outcome.what, range[0], range[1]);
    }
}

/// A commit or tag that the event names.
fn here(repo: &Repo, id: &str) -> Result<Oid> {
    let there = repo.oid(id).filter(|id| repo.peeled(*id).is_ok());
    there.with_context(|| {
        format!("the event is about {id}, which is not here: git fetch origin {id}")
    })
}

/// A branch as fetched, else as it is here.
fn tip_of(repo: &Repo, branch: &str) -> Option<Oid> {
    let own = || repo.resolve(&format!("refs/heads/{branch}"));
    repo.fetched(branch).or_else(own)
}

fn needed(repo: &Repo, branch: &str) -> Result<Oid> {
    let tip = tip_of(repo, branch);
    tip.with_context(|| {
        format!("`{branch}` is not here: git fetch origin {branch}:refs/remotes/origin/{branch}")
    })
}

/// The home of documents, its policy before what is judged, and where it stands. Found by what was asked for, by the
/// configuration, or by the policy of a commit that was there before: what comes in does not say what judges it.
fn trunk(
    session: &Session,
    reader: &Reader<'_>,
    event: &Event,
    ask: &Ask,
    (asked, base, head): (Option<Oid>, Option<Oid>, Option<Oid>),
) -> Result<(String, Arc<Policy>, Oid)> {
    let repo = reader.repo;
    let moves = matches!(event.kind, Kind::Push | Kind::MergeQueue);
    let named = ask.trunk.clone().or_else(|| repo.config("qms.trunk"));
    // Before a push the branch was elsewhere.
    let was = |branch: &str| match base.filter(|_| moves && event.branch.as_deref() == Some(branch))
    {
        Some(base) if matches!(reader.policy(base), Ok(Some(_))) => Ok(base),
        _ => needed(repo, branch),
    };
    let trunk = match (named, &event.main) {
        (Some(trunk), _) => trunk,
        (None, main) => {
            let believed = match (asked, main) {
                (Some(base), _) if reader.policy(base)?.is_some() => base,
                (_, Some(main)) if asked.is_none() => was(main)?,
                _ => session.head()?,
            };
            let policy = Session::policy_at(reader, believed).with_context(|| {
                let main = main.as_deref().unwrap_or("HEAD");
                format!("`{main}` does not say which branch is home of documents and policy (qms ci --trunk NAME does)")
            })?;
            policy.branches.trunk.clone()
        }
    };
    let enters = event.branch.as_deref() == Some(trunk.as_str());
    let tip = match (
        head.filter(|_| enters && event.kind != Kind::PullRequest),
        asked,
    ) {
        (Some(head), _) => head,
        (None, Some(base)) if enters || tip_of(repo, &trunk).is_none() => base,
        _ => needed(repo, &trunk)?,
    };
    let policy = match base.filter(|_| enters && moves) {
        Some(base) if reader.policy(base)?.is_some() => Session::policy_at(reader, base)?,
        _ => Session::policy_at(reader, tip)?,
    };
    Ok((trunk, policy, tip))
}

fn enters(repo: &Repo, event: &Event, policy: &Policy, asked: Option<Oid>) -> Result<Enters> {
    if let Some(tag) = &event.tag {
        return Ok(match policy.is_release(tag) {
            true => Enters::Tag(tag.clone()),
            false => Enters::Not(format!("`{tag}` is no release by the policy")),
        });
    }
    let trunk = &policy.branches.trunk;
    let branch = event.branch.as_deref().unwrap_or_default();
    let protected = policy.protects(branch);
    Ok(match event.kind {
        Kind::ByHand if protected && asked.is_none() => {
            Enters::Not("nothing came in; what is there is verified".to_owned())
        }
        Kind::PullRequest if protected => {
            let p = asked.map_or_else(|| needed(repo, branch), Ok)?;
            Enters::Merges(branch.to_owned(), p)
        }
        _ if protected => Enters::Moves(branch.to_owned()),
        Kind::Deleted => Enters::Not(format!("`{branch}` is not protected")),
        _ if policy.is_sandbox(branch) => Enters::Not(format!(
            "`{branch}` is a sandbox: what is in it is judged when it is merged"
        )),
        _ => {
            let p = asked.map_or_else(|| needed(repo, trunk), Ok)?;
            Enters::Merges(trunk.clone(), p)
        }
    })
}

/// The first commit that is trusted, which is to be here; and whether nobody named it.
fn anchor(reader: &Reader<'_>, ask: &Ask, tip: Oid) -> Result<(Oid, bool)> {
    let (id, assumed) = verify::anchor(reader, ask.anchor.as_deref(), tip)?;
    ensure!(reader.repo.node(id).is_ok(), "the anchor {id} is not here");
    Ok((id, assumed))
}
