//! Tools that move documents: each is the command of its name, and makes its commits in the caller's name.

use anyhow::{Result, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::made::{Done, done};
use super::reading::{self, Text};
use super::tool::{Call, Kind, One, Tool, of};
use crate::model::state::Outcome;
use crate::model::workflow::Action;
use crate::ops::create::Birth;
use crate::ops::versions::Which;
use crate::ops::{Session, create, moves};

pub(super) fn tools() -> Vec<Tool> {
    use Kind::{Ends, Writes};
    let mut tools = vec![
        of(
            "qms_create",
            Writes,
            "Start a document from the template in force. It is yours and checked out; fill it in with qms_checkin.",
            created,
        ),
        of(
            "qms_checkout",
            Writes,
            "Take a document to write in it. Answers with its text.",
            checkout,
        ),
        of(
            "qms_checkin",
            Writes,
            "Give a document back that you have checked out, with its whole new text, or without one as it is.",
            checkin,
        ),
        of(
            "qms_route",
            Writes,
            "Ask for the review of a document, or after the review for its approval. What it lacks for that is said at once, all of it.",
            route,
        ),
        of(
            "qms_assign",
            Writes,
            "Ask more people in an open round, or let go of some who have not spoken. For quality users.",
            assign,
        ),
        of(
            "qms_review",
            Writes,
            "Say what you think of a document that you are asked about.",
            review,
        ),
        of(
            "qms_approve",
            Writes,
            "Approve a document that you are asked about.",
            |call, one| plain(call, &one, Action::Approve),
        ),
        of(
            "qms_reject",
            Writes,
            "Refuse to approve a document that you are asked about.",
            reject,
        ),
        of(
            "qms_withdraw",
            Writes,
            "Take your document back from an open review or approval.",
            |call, one| plain(call, &one, Action::Withdraw),
        ),
        of(
            "qms_release",
            Writes,
            "Begin the execution of an approved document.",
            |call, one| plain(call, &one, Action::Release),
        ),
        of(
            "qms_revert",
            Writes,
            "Take a change from post-review or post-approval back into execution.",
            |call, why: Why| reasoned(call, &why, Action::Revert),
        ),
        of(
            "qms_close",
            Ends,
            "Close a document whose execution is approved.",
            |call, one| plain(call, &one, Action::Close),
        ),
        of(
            "qms_abandon",
            Writes,
            "Give a revision up; the version in force stays.",
            abandon,
        ),
        of(
            "qms_cancel",
            Ends,
            "End a document that will not be needed. Its file and number stay, and it stays cancelled.",
            cancel,
        ),
        of(
            "qms_transfer",
            Writes,
            "Make somebody else the owner of a document.",
            transfer,
        ),
        of(
            "qms_fix",
            Writes,
            "Mend how an effective or closed document is set, not what it says. For administrators.",
            fix,
        ),
    ];
    tools.extend(super::filling::tools());
    tools
}

// Implements: REQ-QMS-TOOL-QMS-APPROVE, REQ-QMS-TOOL-QMS-WITHDRAW, REQ-QMS-TOOL-QMS-RELEASE,
// REQ-QMS-TOOL-QMS-CLOSE
fn plain(call: &Call, one: &One, action: Action) -> Result<Done> {
    let session = &call.session;
    done(moves::plain(session, &session.id(&one.id)?, action)?)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Why {
    /// A document's id, such as CR-045.
    id: String,
    /// One line.
    reason: String,
}

// Implements: REQ-QMS-TOOL-QMS-REVERT
fn reasoned(call: &Call, why: &Why, action: Action) -> Result<Done> {
    let session = &call.session;
    let id = session.id(&why.id)?;
    done(moves::with_reason(session, &id, action, &why.reason)?)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct New {
    /// SOP, RS, RTM, TEMPLATE, CR, INV, TP, ER, VAR, ADD or VR.
    #[serde(rename = "type")]
    kind: String,
    title: String,
    /// The document that it is a child of.
    parent: Option<String>,
    /// The system of an RS or RTM, the type of a TEMPLATE.
    name: Option<String>,
    /// Patterns of paths that a change may touch, such as src/**.
    #[serde(default)]
    scope: Vec<String>,
    /// The items of the parent that a VAR, ER or VR is for.
    #[serde(default)]
    items: Vec<String>,
}

/// A document that is checked out, and its text.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Out {
    #[serde(flatten)]
    done: Done,
    document: Text,
    /// Where it was put in your own workspace; null where nothing was.
    in_workspace: Option<String>,
}

fn out(call: &Call, made: moves::Done) -> Result<Out> {
    with_text(call, done(made)?)
}

/// Beside what was made, the document as it is now.
pub(super) fn with_text(call: &Call, done: Done) -> Result<Out> {
    let now = Session::open_again(&call.session)?;
    let call = Call {
        session: now,
        user: call.user.clone(),
    };
    let document = reading::text(&call, &done.moved.doc_id, &Which::Draft)?;
    let id = call.session.id(&done.moved.doc_id)?;
    let put = moves::to_workspace(&call.session, &id)?;
    Ok(Out {
        done,
        document,
        in_workspace: put.map(|path| path.to_string()),
    })
}

// Implements: REQ-QMS-TOOL-QMS-CREATE
fn created(call: &Call, new: New) -> Result<Out> {
    let birth = Birth {
        kind: new.kind,
        title: new.title,
        parent: new.parent,
        name: new.name,
        scope: new.scope,
        items: new.items,
    };
    out(call, create::create(&call.session, &birth)?)
}

// Implements: REQ-QMS-TOOL-QMS-CHECKOUT
fn checkout(call: &Call, one: One) -> Result<Out> {
    let id = call.session.id(&one.id)?;
    out(call, moves::checkout_served(&call.session, &id)?)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct In {
    /// A document's id, such as CR-045.
    id: String,
    /// The whole text, front matter included; what it says under `qms:` is not read.
    text: Option<String>,
    /// Take the text from your own workspace, where qms_checkout put it.
    #[serde(default)]
    from_workspace: bool,
}

// Implements: REQ-QMS-TOOL-QMS-CHECKIN
fn checkin(call: &Call, given: In) -> Result<Done> {
    let session = &call.session;
    let id = session.id(&given.id)?;
    let text = match (given.text, given.from_workspace) {
        (Some(_), true) => bail!("`text` and `from_workspace` each give a text; leave one out"),
        (None, true) => Some(moves::in_workspace(session, &id)?),
        (text, false) => text,
    };
    done(moves::checkin_text(session, &id, text.as_deref())?)
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum For {
    Review,
    Approval,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Route {
    /// A document's id, such as CR-045.
    id: String,
    #[serde(rename = "for")]
    to: For,
    /// The approval of this round ends in RETIRED.
    #[serde(default)]
    retire: bool,
}

// Implements: REQ-QMS-TOOL-QMS-ROUTE
fn route(call: &Call, asked: Route) -> Result<Done> {
    let id = call.session.id(&asked.id)?;
    let approval = asked.to == For::Approval;
    if approval && asked.retire {
        bail!("a round ends in RETIRED when its review is routed so; leave `retire` out here");
    }
    done(moves::route(&call.session, &id, approval, asked.retire)?)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Assign {
    /// A document's id, such as CR-045.
    id: String,
    /// Who is asked beside those who are.
    #[serde(default)]
    assignees: Vec<String>,
    /// Who is let go.
    #[serde(default)]
    remove: Vec<String>,
}

// Implements: REQ-QMS-TOOL-QMS-ASSIGN
fn assign(call: &Call, asked: Assign) -> Result<Done> {
    let id = call.session.id(&asked.id)?;
    done(moves::assign(
        &call.session,
        &id,
        &asked.assignees,
        &asked.remove,
    )?)
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Opinion {
    Recommend,
    RequestUpdates,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Review {
    /// A document's id, such as CR-045.
    id: String,
    outcome: Opinion,
    comment: Option<String>,
}

// Implements: REQ-QMS-TOOL-QMS-REVIEW
fn review(call: &Call, said: Review) -> Result<Done> {
    let id = call.session.id(&said.id)?;
    let outcome = match said.outcome {
        Opinion::Recommend => Outcome::Recommend,
        Opinion::RequestUpdates => Outcome::RequestUpdates,
    };
    done(moves::review(&call.session, &id, outcome, said.comment)?)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Reject {
    /// A document's id, such as CR-045.
    id: String,
    comment: String,
}

// Implements: REQ-QMS-TOOL-QMS-REJECT
fn reject(call: &Call, said: Reject) -> Result<Done> {
    let id = call.session.id(&said.id)?;
    done(moves::reject(&call.session, &id, said.comment)?)
}

// Implements: REQ-QMS-TOOL-QMS-ABANDON
fn abandon(call: &Call, why: Why) -> Result<Done> {
    let id = call.session.id(&why.id)?;
    done(moves::abandon(&call.session, &id, &why.reason)?)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Cancel {
    /// A document's id, such as CR-045.
    id: String,
    /// True: it is final.
    confirm: bool,
}

// Implements: REQ-QMS-TOOL-QMS-CANCEL
fn cancel(call: &Call, asked: Cancel) -> Result<Done> {
    if !asked.confirm {
        bail!("a cancelled document stays cancelled; if that is meant, `confirm` is true");
    }
    plain(call, &One { id: asked.id }, Action::Cancel)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Transfer {
    /// A document's id, such as CR-045.
    id: String,
    /// The new owner.
    to: String,
    /// One line.
    reason: String,
}

// Implements: REQ-QMS-TOOL-QMS-TRANSFER
fn transfer(call: &Call, asked: Transfer) -> Result<Done> {
    let id = call.session.id(&asked.id)?;
    done(moves::transfer(
        &call.session,
        &id,
        &asked.to,
        &asked.reason,
    )?)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fix {
    /// A document's id, such as SOP-001.
    id: String,
    /// The whole text as it is to be set.
    text: String,
    /// One line.
    reason: String,
}

// Implements: REQ-QMS-TOOL-QMS-FIX
fn fix(call: &Call, asked: Fix) -> Result<Done> {
    let id = call.session.id(&asked.id)?;
    done(moves::fix_text(
        &call.session,
        &id,
        &asked.text,
        &asked.reason,
    )?)
}
