//! The message: its trailers are read strictly, and whoever stands behind it is who he says.
//! Clause: model.md "Trailers", "Identity".

use super::{Report, signature};
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::signing::Level;
use crate::model::span::Span;
use crate::model::trailer::{self, Fault, Key, Trailers};
use crate::model::workflow::Action;

const CLAUSE: &str = "model.md, Trailers";

pub(super) static MESSAGE_BYTES: Rule = Rule {
    id: "message-bytes",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "a message with QMS trailers is plain UTF-8 text with LF line ends",
    why: "git, terminals and scripts read control, NUL and bidi characters differently; a record must read one way",
    remedy: "write the message again without the character that is named",
};
pub(super) static TRAILER_PLACE: Rule = Rule {
    id: "trailer-place",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "QMS trailers stand in one block at the very end of the message, after a subject",
    why: "a line that looks like a trailer elsewhere can be taken for the record by some readers and not by others",
    remedy: "move the trailers into the last paragraph, and quote a QMS line that is only mentioned",
};
pub(super) static TRAILER_TWICE: Rule = Rule {
    id: "trailer-twice",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "each QMS trailer stands at most once",
    why: "readers differ in whether the first or the last one counts",
    remedy: "remove one of the two",
};
pub(super) static TRAILER_UNKNOWN: Rule = Rule {
    id: "trailer-unknown",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "every `QMS-` trailer is one that this version knows",
    why: "a misspelt key would say nothing while it seems to say something",
    remedy: "use a key that qms itself writes, or another prefix for your own",
};
pub(super) static TRAILER_SHAPE: Rule = Rule {
    id: "trailer-shape",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "a QMS trailer is `Key: value` on one line, spelled exactly, its value printable and not padded",
    why: "folded, padded or misspelt lines are read as a trailer by some tools and as text by others",
    remedy: "let `qms` or its hooks write the trailers, or write the line as the finding says",
};
pub(super) static TRAILER_MISSING: Rule = Rule {
    id: "trailer-missing",
    severity: Severity::Error,
    clause: "model.md, Trailers, second table",
    demands: "a move or a work commit has all of its trailers",
    why: "the log is the audit trail; what it does not say did not happen",
    remedy: "make the commit with the command, which writes all of them",
};
pub(super) static TRAILER_EXTRA: Rule = Rule {
    id: "trailer-extra",
    severity: Severity::Error,
    clause: "model.md, Trailers",
    demands: "a commit has no QMS trailer that means nothing in it",
    why: "a trailer out of place would be believed by somebody",
    remedy: "remove the trailer",
};
pub(super) static UNKNOWN_USER: Rule = Rule {
    id: "unknown-user",
    severity: Severity::Error,
    clause: "lifecycle.md, Moves",
    demands: "the actor is a user of the policy who has not left",
    why: "an unknown user may do nothing but read",
    remedy: "ask an administrator or quality user to enroll him: qms user add NAME --group GROUP",
};
pub(super) static ACTOR_MISMATCH: Rule = Rule {
    id: "actor-mismatch",
    severity: Severity::Error,
    clause: "model.md, Identity",
    demands: "the actor is the commit's author (of work: its author or committer); a gateway commits for its agents alone",
    why: "a name in a trailer is a claim; the commit's own identity must agree with it",
    remedy: "act under your own identity, or let the person act whose name it is",
};

pub(super) static RULES: &[&Rule] = &[
    &MESSAGE_BYTES,
    &TRAILER_PLACE,
    &TRAILER_TWICE,
    &TRAILER_UNKNOWN,
    &TRAILER_SHAPE,
    &TRAILER_MISSING,
    &TRAILER_EXTRA,
    &UNKNOWN_USER,
    &ACTOR_MISMATCH,
];

/// The trailers, if the message can be read at all.
// Implements: REQ-QMS-RULE-MESSAGE-BYTES
pub(super) fn read(report: &mut Report<'_>, message: &[u8]) -> Option<Trailers> {
    if let Some(header) = report.change.commit.odd_headers.first() {
        let text =
            format!("the commit has a header `{header}`, which changes how its message reads");
        report.add(Finding::new(&MESSAGE_BYTES, text).help(
            "",
            "commit again with `git -c i18n.commitEncoding=UTF-8 commit`",
        ));
    }
    match trailer::read(message) {
        Ok(trailers) => Some(trailers),
        Err(misread) => {
            let text = String::from_utf8_lossy(message);
            for fault in misread {
                let mut span = Span::line(&text, fault.line);
                span.text = span.text.chars().take(200).collect();
                report.add(finding(fault, Some(span)));
            }
            None
        }
    }
}

/// A fault of the reader as a finding of the rule for it.
// Implements: REQ-QMS-RULE-TRAILER-PLACE, REQ-QMS-RULE-TRAILER-TWICE, REQ-QMS-RULE-TRAILER-UNKNOWN
pub(super) fn finding(fault: trailer::Misread, span: Option<Span>) -> Finding {
    let rule = match fault.fault {
        Fault::Bytes => &MESSAGE_BYTES,
        Fault::Place => &TRAILER_PLACE,
        Fault::Twice => &TRAILER_TWICE,
        Fault::Unknown => &TRAILER_UNKNOWN,
        Fault::Shape => &TRAILER_SHAPE,
    };
    Finding::new(rule, fault.message)
        .span(span)
        .help("", rule.remedy)
}

// Implements: REQ-QMS-RULE-TRAILER-MISSING
pub(super) fn missing(report: &mut Report<'_>, what: &str, key: Key) {
    let name = key.as_str();
    report.add(Finding::new(
        &TRAILER_MISSING,
        format!("{what} needs the trailer `{name}`"),
    ));
}

// Implements: REQ-QMS-RULE-TRAILER-EXTRA
pub(super) fn extra(report: &mut Report<'_>, what: &str, key: Key) {
    let name = key.as_str();
    report.add(Finding::new(
        &TRAILER_EXTRA,
        format!("`{name}` means nothing in {what}"),
    ));
}

// Implements: REQ-QMS-RULE-TRAILER-SHAPE
pub(super) fn unknown_action(report: &mut Report<'_>, action: &str) {
    let known: Vec<_> = Action::ALL.iter().map(|a| a.as_str()).collect();
    let finding = Finding::new(
        &TRAILER_SHAPE,
        format!("`QMS-Action: {action}` is no action"),
    );
    report.add(finding.fact("known", format!("{}, found, enroll", known.join(", "))));
}

/// Whether this is a user who has not left; told where it is not.
fn is_known(report: &mut Report<'_>, name: &str) -> bool {
    let people = &report.change.policy.people;
    if people.active(name).is_some() {
        return true;
    }
    let why = match people.0.contains_key(name) {
        true => "has left",
        false => "is no user of the policy in force",
    };
    let finding = Finding::new(&UNKNOWN_USER, format!("`{name}` {why}"));
    report.add(finding.help("ask for it", UNKNOWN_USER.remedy));
    false
}

/// Whoever made a tag: no trailer names him, so that he is whom its identity means, signed as a commit of his.
pub(super) fn tagger(report: &mut Report<'_>) {
    let who = &report.change.commit.committer;
    let known = report.change.policy.people.known_as(who);
    let stranger = || {
        format!("{} <{}>", who.name, who.email)
            .chars()
            .take(200)
            .collect()
    };
    let name = known.map_or_else(stranger, str::to_owned);
    let level = signature::level(report.change);
    if is_known(report, &name) && level != Level::Off {
        signature::check(report, &name, level);
    }
}

/// The actor, if he is a user and the commit's identity bears him out. `committer`: he may be that as well.
// Implements: REQ-QMS-RULE-UNKNOWN-USER, REQ-QMS-RULE-ACTOR-MISMATCH
pub(super) fn actor<'t>(
    report: &mut Report<'_>,
    trailers: &'t Trailers,
    committer: bool,
) -> Option<&'t str> {
    let actor = trailers.value(Key::Actor)?;
    let (people, commit) = (&report.change.policy.people, &report.change.commit);
    if !is_known(report, actor) {
        return None;
    }
    let known = |ident| people.known_as(ident) == Some(actor);
    let level = signature::level(report.change);
    let named = known(&commit.author) || (committer && known(&commit.committer));
    // A gateway commits for those that it lists, and for nobody else.
    let foreign = people
        .known_as(&commit.committer)
        .filter(|name| *name != actor)
        .and_then(|name| people.0.get(name))
        .is_some_and(|u| !u.agents.is_empty() && (u.left || !u.agents.iter().any(|a| a == actor)));
    // Of work, whoever wrote it, the signature alone says who answers for it.
    let signed = committer && level == Level::Require;
    if (named || signed) && !foreign {
        let good = level == Level::Off || signature::check(report, actor, level);
        return (good || level != Level::Require).then_some(actor);
    }
    let who = |ident: &crate::model::ident::Ident| {
        let user = people.known_as(ident).unwrap_or("no user");
        let short = |text: &str| text.chars().take(200).collect::<String>();
        format!("{} <{}>: {user}", short(&ident.name), short(&ident.email))
    };
    let mut finding = Finding::new(
        &ACTOR_MISMATCH,
        format!("the trailer says `{actor}`, the commit was not made by him"),
    )
    .fact("author", who(&commit.author));
    if committer || foreign {
        finding = finding.fact("committer", who(&commit.committer));
    }
    let mails = people
        .0
        .get(actor)
        .map(|u| u.emails.clone())
        .unwrap_or_default();
    let as_him = mails.first().map_or_else(
        || format!("git config user.name {actor}"),
        |m| format!("git config user.email {m}"),
    );
    report.add(
        finding
            .help(&format!("if you are {actor}"), as_him)
            .help("else", "act under your own name: --user"),
    );
    None
}
