//! The managed block that a move leaves behind, and what the trailers say of it, against `apply`.
//! Clause: model.md "A document", "Trailers".

use super::Report;
use super::moves::{Move, ONE_MOVE, TEXT_CHANGED};
use crate::model::apply::{self, Step};
use crate::model::change::PathChange;
use crate::model::document::Document;
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::kind::Id;
use crate::model::round::Policies;
use crate::model::state::State;
use crate::model::trailer::Key;
use crate::model::workflow::Action;

pub(super) static MANAGED_BLOCK: Rule = Rule {
    id: "managed-block",
    severity: Severity::Error,
    clause: "model.md, A document",
    demands: "the managed block is what the move makes of the one before, byte for byte",
    why: "a state that is typed is a state that was not reached",
    remedy: "make the move with its command, which computes the block",
};
pub(super) static TRAILER_WRONG: Rule = Rule {
    id: "trailer-wrong",
    severity: Severity::Error,
    clause: "model.md, Trailers",
    demands: "what the trailers say of state, version, digests and people is what the move does",
    why: "people read the log; and `QMS-Before` ties a move to one place in one history, so that replays fail",
    remedy: "make the move again with its command, on the document as it is now",
};

pub(super) static RULES: &[&Rule] = &[&MANAGED_BLOCK, &TRAILER_WRONG];

/// The block, and what the trailers say of it, against `apply`.
// Implements: REQ-QMS-RULE-TRAILER-WRONG
pub(super) fn check(report: &mut Report<'_>, this: &Move<'_>) {
    let change = report.change;
    let co_authors = change.policy.co_authors(this.trailers);
    if let (Action::Edit, Some(before)) = (this.action, this.before) {
        for name in co_authors
            .iter()
            .filter(|n| !before.state.authors.contains(**n))
        {
            let message = format!(
                "`{name}` is named as co-author of an edit and is no author of {}",
                this.id
            );
            report.add(
                Finding::new(&TRAILER_WRONG, message)
                    .help("", format!("check in with him: qms checkin {}", this.id)),
            );
        }
    }
    let step = Step {
        id: &this.id,
        action: this.action,
        actor: this.actor,
        co_authors: &co_authors,
        trailers: this.trailers,
        policies: Policies {
            acting: &change.policy,
            asking: &change.asking,
        },
        before: this.before,
        blob: this.path.before.as_ref().map_or("", |e| e.id.as_str()),
        after: this.after,
        under: change.under.as_ref(),
    };
    let Some(state) = step.apply() else {
        report.add(Finding::new(
            &MANAGED_BLOCK,
            format!(
                "what `{}` makes of {} cannot be computed",
                this.action, this.id
            ),
        ));
        return;
    };
    compare(report, this.path, &state, this.after);
    if this.action == Action::Close {
        attachments(report, &this.id);
    }
    let from = this.before.map(|d| d.state.status);
    let status = apply::transition(from, state.status);
    let digest = state
        .digest
        .as_ref()
        .or(this.before.and_then(|d| d.state.digest.as_ref()));
    let users = match this.action {
        Action::RouteReview => Some(state.reviews.keys().cloned().collect::<Vec<_>>().join(", ")),
        Action::RouteApproval => Some(
            state
                .approvals
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
        ),
        _ => None,
    };
    let expected = [
        (Key::Status, Some(status)),
        (Key::Version, Some(state.version.to_string())),
        (Key::Digest, digest.cloned()),
        (
            Key::Users,
            users.map(|u| if u.is_empty() { "-".to_owned() } else { u }),
        ),
    ];
    for (key, value) in expected {
        let (Some(said), Some(value)) = (this.trailers.value(key), value) else {
            continue;
        };
        if said != value {
            let message = format!("`{}` does not say what the move does", key.as_str());
            report.add(
                Finding::new(&TRAILER_WRONG, message)
                    .at(&this.path.path)
                    .fact("found", short(said))
                    .fact("wanted", short(&value)),
            );
        }
    }
}

// Implements: REQ-QMS-RULE-MANAGED-BLOCK
fn compare(report: &mut Report<'_>, path: &PathChange, expected: &State, found: &Document) {
    let (expected, found) = (
        expected.render(),
        String::from_utf8_lossy(found.block()).into_owned(),
    );
    if expected == found {
        if path.before.as_ref().map(|e| &e.id) == path.after.as_ref().map(|e| &e.id) {
            report.add(
                Finding::new(
                    &ONE_MOVE,
                    format!("the move changes nothing in `{}`", path.path),
                )
                .at(&path.path),
            );
        }
        return;
    }
    let missing = expected
        .lines()
        .filter(|l| !found.lines().any(|f| f == *l))
        .map(str::trim);
    let extra = found
        .lines()
        .filter(|l| !expected.lines().any(|e| e == *l))
        .map(str::trim);
    let mut finding = Finding::new(
        &MANAGED_BLOCK,
        format!("`{}` is not what this move makes of it", path.path),
    )
    .at(&path.path);
    for line in extra {
        finding = finding.fact("found", short(line));
    }
    for line in missing {
        finding = finding.fact("wanted", short(line));
    }
    report.add(finding.help("", "make the move with its qms command"));
}

/// A close closes every attachment that is open, and no file of anybody else.
fn attachments(report: &mut Report<'_>, parent: &Id) {
    let change = report.change;
    for id in change
        .before
        .children(parent)
        .filter(|id| id.is_attachment_of(parent))
    {
        let home = id.path(&change.policy.folder);
        let Some(before) = change.before.read(id) else {
            let message = format!("{id} cannot be read, so its parent {parent} cannot close it");
            report.add(Finding::new(&MANAGED_BLOCK, message).at(&home));
            continue;
        };
        if before.state.status.is_final() {
            continue;
        }
        let path = change.paths.iter().find(|p| p.path == home);
        let after = path
            .and_then(|p| p.after.as_ref())
            .and_then(|e| e.document.as_deref());
        match (path, after) {
            (Some(path), Some(Ok(after))) => {
                if before.text() != after.text() {
                    let message = format!("the close of {parent} changes the text of {id}");
                    report.add(Finding::new(&TEXT_CHANGED, message).at(&home));
                }
                compare(
                    report,
                    path,
                    &apply::closed_with_parent(&before.state),
                    after,
                );
            }
            _ => {
                let message = format!("{id} stays open while its parent {parent} closes");
                report.add(
                    Finding::new(&MANAGED_BLOCK, message)
                        .at(&home)
                        .help("", format!("qms close {parent}")),
                );
            }
        }
    }
}

/// A line with its digests cut to what an eye compares.
fn short(line: &str) -> String {
    match line.split_once("sha256:") {
        Some((key, hash)) if hash.len() > 12 => format!(
            "{key}sha256:{}…{}",
            &hash[..12],
            hash.trim_start_matches(|c: char| c.is_ascii_hexdigit())
        ),
        _ => line.to_owned(),
    }
}
