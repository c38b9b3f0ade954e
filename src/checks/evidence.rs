//! Evidence: what an item's cell names is there, belongs to this change, and is in force; a commit that names the item counts
//! by itself. Clause: lifecycle.md "Gates", before post-review.

use super::Report;
use super::moves::Move;
use crate::model::body::form::Role;
use crate::model::body::item::references;
use crate::model::body::mention::What;
use crate::model::body::{Body, Item, Outcome};
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::kind::Id;
use crate::model::state::{State, Version};
use crate::model::under::Under;
use crate::model::workflow::Status;

const CLAUSE: &str = "lifecycle.md, Gates, before post-review";

pub(super) static NO_EVIDENCE: Rule = Rule {
    id: "no-evidence",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "an item that passed has a commit whose `QMS-Item` names it, or evidence that can be looked up",
    why: "a Pass without evidence is an opinion",
    remedy: "commit its work with qms commit --change ID --item ITEM, or: qms item set ID ITEM --evidence REF",
};
pub(super) static WRONG_EVIDENCE: Rule = Rule {
    id: "wrong-evidence",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "evidence names commits of this change, documents that are in force or CLOSED, and paths and tests that are there",
    why: "evidence once pointed at commits, tests and documents that did not exist",
    remedy: "name what is there: qms item set ID ITEM --evidence REF",
};

pub(super) static RULES: &[&Rule] = &[&NO_EVIDENCE, &WRONG_EVIDENCE];

/// Words that stand for evidence that nobody has.
const NOTHING: &[&str] = &["TBD", "TODO", "N/A", "NA", "NONE", "PENDING", "-", "–", "?"];

// Implements: REQ-QMS-RULE-NO-EVIDENCE
pub(super) fn check(report: &mut Report<'_>, this: &Move<'_>, body: &Body, row: &Item<'_>) {
    let Some(cell) = row.cell(Role::Evidence) else {
        return;
    };
    let set = format!(
        "qms item set {} {} --outcome pass --evidence REF",
        this.id,
        row.id()
    );
    let (mut faults, mut good) = (Vec::new(), false);
    for (what, text) in references(body.source(&cell.range)) {
        match fault(report, this, &what, text) {
            Some(why) => faults.push(why),
            None => good = true,
        }
    }
    let said = row.said(Role::Evidence).unwrap_or_default();
    let is_nothing = NOTHING.iter().any(|word| word.eq_ignore_ascii_case(said));
    if is_nothing {
        faults.push(format!("`{said}` is no evidence"));
    }
    let under = report.change.under.as_ref();
    let by_commit = |under: &Under| under.of_item(row.id()).next().is_some();
    // The walk back is made for the post round; the text that it judged does not change before the close.
    let lacks = under.is_some_and(|under| !by_commit(under)) && !good && !is_nothing;
    if row.outcome() == Some(Outcome::Pass) && lacks && faults.is_empty() {
        let message = format!("{} passed, and nothing shows it", row.id());
        let finding = Finding::new(&NO_EVIDENCE, message).at(&this.path.path);
        let finding = finding
            .span(Some(body.span(&cell.range)))
            .help("", set.clone());
        report.add(finding);
    }
    for why in faults {
        let message = format!("evidence of {}: {why}", row.id());
        let finding = Finding::new(&WRONG_EVIDENCE, message).at(&this.path.path);
        report.add(
            finding
                .span(Some(body.span(&cell.range)))
                .help("", set.clone()),
        );
    }
}

/// Before post-review: a document that is said to be in a state, or at a version, is so. `SOP-001 EFFECTIVE`, `CR-004 v1.2`.
pub(super) fn claims(report: &mut Report<'_>, this: &Move<'_>, body: &Body, row: &Item<'_>) {
    let cells = [Role::Evidence, Role::Summary].map(|role| row.cell(role));
    for cell in cells.into_iter().flatten() {
        let used = body.mentions_in(&cell.range).iter();
        for mention in used.filter(|m| m.within.is_use()) {
            let document = mention.document();
            let read = document.and_then(|id| Some((id, report.change.before.read(id)?)));
            let Some((id, document)) = read else { continue };
            let said = body.source(&(mention.range.end..cell.range.end));
            let Some(wrong) = denied(&document.state, said) else {
                continue;
            };
            let (status, version) = (document.state.status, document.state.version);
            let message = format!(
                "{} says `{id} {wrong}`, and {id} is {status} {version}",
                row.id()
            );
            let finding = Finding::new(&WRONG_EVIDENCE, message).at(&this.path.path);
            let finding = finding.span(Some(body.span(&mention.range)));
            report.add(finding.help("say what is so", format!("qms status {id}")));
        }
    }
}

/// Words behind a document that claim something of it.
const NEAR: usize = 4;

/// The word behind a document's name that says of it what is not so. Its sentence ends the claim.
fn denied<'t>(state: &State, text: &'t str) -> Option<&'t str> {
    let ends = |c: char| matches!(c, ',' | '.' | ';' | ':' | ')' | '(');
    let mut open = !text.starts_with(ends);
    let words = text.split_whitespace().take(NEAR).take_while(|word| {
        let goes_on = open;
        open = !word.ends_with(ends);
        goes_on
    });
    let in_force = state.in_force.as_ref().map(|f| f.version);
    let is_so = |word: &str| {
        if let Some(status) = Status::parse(word) {
            let holds = status == Status::Effective && in_force.is_some();
            return holds || status == state.status;
        }
        let number = word.strip_prefix(['v', 'V']).unwrap_or(word);
        let version = Version::parse(number);
        version.is_none_or(|v| v == state.version || Some(v) == in_force)
    };
    let bare = |c: char| ends(c) || c == '`';
    let words = words.map(|word| word.trim_matches(bare));
    // Behind another document's name it is that one's.
    let mut words = words.take_while(|word| Id::parse(word).is_none());
    words.find(|word| !is_so(word))
}

/// What is wrong with a reference, if anything.
// Implements: REQ-QMS-RULE-WRONG-EVIDENCE
fn fault(report: &Report<'_>, this: &Move<'_>, what: &What, text: &str) -> Option<String> {
    let (cited, tree) = (&report.change.cited, &report.change.before);
    let family = |id: &Id| *id == this.id || id.as_str().starts_with(&format!("{}-", this.id));
    match what {
        What::Document(id) => {
            let Some(document) = tree.read(id) else {
                return Some(format!("there is no document {id}"));
            };
            let state = &document.state;
            let holds = state.effective_version().is_some() || state.in_force.is_some();
            let counts = holds || state.status == Status::Closed || family(id);
            (!counts).then(|| format!("{id} is {}, expected in force or CLOSED", state.status))
        }
        What::Commit => match cited.commits.get(text).and_then(Option::as_ref) {
            None => Some(format!("`{text}` is no commit among the ancestors")),
            Some(commit) => match &commit.change {
                Some(id) if family(id) => None,
                Some(id) => Some(format!("`{text}` was made for {id}")),
                None => Some(format!("`{text}` was made for no change")),
            },
        },
        What::Path => {
            let there = cited.paths.get(text).copied().unwrap_or_default();
            (!there).then(|| format!("there is no `{text}`"))
        }
        What::Test => {
            let there = cited.tests.get(text).copied().unwrap_or_default();
            (!there).then(|| format!("there is no test `{text}`, expected path::name"))
        }
    }
}
