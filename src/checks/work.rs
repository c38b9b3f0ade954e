//! Work: controlled paths change only under an open change whose scope covers them.
//! Clause: model.md "Authority", "Scope".

use std::sync::Arc;

use super::{Report, authority, demand, message};
use crate::model::change::{Change, Lent, Tree};
use crate::model::document::Document;
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::kind::Id;
use crate::model::offer::quoted;
use crate::model::path::TreePath;
use crate::model::scope::{Scope, Sort};
use crate::model::trailer::{self, Key, Trailers};
use crate::model::workflow::Status;

pub(super) static NO_CHANGE: Rule = Rule {
    id: "no-change",
    severity: Severity::Error,
    clause: "model.md, Trailers, second table",
    demands: "a commit that changes controlled paths names the change that allows it",
    why: "what nobody approved cannot be told from what was approved",
    remedy: "say which change this is: qms use CR-NNN, or commit with qms commit --change CR-NNN",
};
pub(crate) static UNKNOWN_CHANGE: Rule = Rule {
    id: "unknown-change",
    severity: Severity::Error,
    clause: "model.md, Words",
    demands: "`QMS-Change` names a change record, variance or addendum that the commit's parent has",
    why: "authority is an ancestor: a change that comes later, or never, allows nothing",
    remedy: "name a change that is there: qms list",
};
pub(crate) static CHANGE_NOT_OPEN: Rule = Rule {
    id: "change-not-open",
    severity: Severity::Error,
    clause: "model.md, Authority",
    demands: "the named change is IN_EXECUTION at the commit's own parent",
    why: "before its release a change is a wish, after its post-review it is a record",
    remedy: "release the change first, or check it out again to continue its execution",
};
pub(super) static CHANGE_MOVED_ON: Rule = Rule {
    id: "change-moved-on",
    severity: Severity::Error,
    clause: "model.md, Authority",
    demands: "the branch that takes the work in does not say that the change has moved on",
    why: "a branch cut while a change was open must bring nothing in once it is reviewed or closed",
    remedy: "do the work under a change that is open there",
};
pub(super) static OUT_OF_SCOPE: Rule = Rule {
    id: "out-of-scope",
    severity: Severity::Error,
    clause: "model.md, Scope",
    demands: "every controlled path of a commit is covered by the scope of the change that it names",
    why: "approval for one place was once used to patch another; reviewers saw neither",
    remedy: "leave the path out, ask for a variance that covers it, or use a change that does",
};
pub(super) static DOCUMENT_BY_WORK: Rule = Rule {
    id: "document-without-move",
    severity: Severity::Error,
    clause: "lifecycle.md, Moves; model.md, A document",
    demands: "a document changes only in a commit that moves it, and that commit changes nothing else",
    why: "a state or text that no move accounts for was approved by nobody",
    remedy: "check the document out and in, or use the command for the move that was meant",
};

pub(super) static RULES: &[&Rule] = &[
    &NO_CHANGE,
    &UNKNOWN_CHANGE,
    &CHANGE_NOT_OPEN,
    &CHANGE_MOVED_ON,
    &OUT_OF_SCOPE,
    &DOCUMENT_BY_WORK,
];

const WORK: &str = "a work commit";

/// Judges a commit without `QMS-Action` that needs or carries trailers.
pub(super) fn check(report: &mut Report<'_>, trailers: &Trailers) {
    let change = report.change;
    for path in &change.paths {
        if let Sort::Document(id) = report.sort(&path.path) {
            let out = report.leave_out(&path.path);
            report.add(by_work(&id, &path.path, out));
        }
    }
    let controlled: Vec<(&TreePath, bool)> = change
        .paths
        .iter()
        .filter_map(|p| match report.sort_of(p) {
            Sort::Controlled { exactly } => Some((&p.path, exactly)),
            Sort::Document(_) | Sort::Free => None,
        })
        .collect();
    let Some(name) = trailers.value(Key::Change) else {
        if trailers.is_empty() {
            nobody_answers(report, &controlled);
        } else {
            demand(report, trailers, WORK, &[Key::Change, Key::Actor], &[]);
        }
        return;
    };
    let allowed = [Key::Item, Key::Request, Key::Reason, Key::Authority];
    demand(report, trailers, WORK, &[Key::Change, Key::Actor], &allowed);
    message::actor(report, trailers, true);
    if let Some(finding) = authority::flaw(change, !controlled.is_empty()) {
        report.add(finding);
        return;
    }
    let (id, document) = match named(change, name) {
        Ok(named) => named,
        Err(finding) => {
            report.add(*finding);
            return;
        }
    };
    if document.state.status != Status::InExecution {
        report.add(not_open(&id, document));
        return;
    }
    let scope = Scope::in_tree(&change.before, &id);
    links(report, &scope);
    let outside: Vec<&TreePath> = controlled
        .iter()
        .filter(|(path, exactly)| !scope.covers(path, *exactly))
        .map(|(path, _)| *path)
        .collect();
    for path in outside {
        let out = report.leave_out(path);
        report.add(out_of_scope(&id, document, &scope, path, out));
    }
    let lends =
        |lent: &Arc<Lent>| change.passage.authority.is_some() && covers(&lent.scope, &controlled);
    if let Some(reason) = moved_on(report, &id, &controlled)
        && !change.passage.lends.as_ref().is_some_and(lends)
    {
        report.add(
            Finding::new(
                &CHANGE_MOVED_ON,
                format!("{id} has moved on where this is to go: {reason}"),
            )
            .help("see its state", format!("qms status {id}"))
            .help("put the work under another", "qms sync --change ID"),
        );
    }
}

/// The change of this name, if there is one.
// Implements: REQ-QMS-RULE-UNKNOWN-CHANGE
fn named<'c>(change: &'c Change, name: &str) -> Result<(Id, &'c Document), Box<Finding>> {
    let unknown = |message| Box::new(Finding::new(&UNKNOWN_CHANGE, message));
    let id = Id::parse(name).filter(|id| id.kind().has_scope);
    let id = id.ok_or_else(|| {
        let kinds = "expected a CR, VAR or ADD, such as CR-045";
        unknown(format!("`{name}` is no change: {kinds}"))
    })?;
    let Some(document) = change.before.read(&id) else {
        let authority = change.passage.authority.as_ref();
        let tree = authority.map_or("the commit's parent", |authority| &authority.named);
        let finding = unknown(format!("{id} is not in the tree of {tree}"));
        return Err(Box::new(finding.help("see what is there", "qms list")));
    };
    Ok((id, document))
}

/// Paths that need authority, each with whether only a pattern that names it covers it.
type Controlled<'a> = [(&'a TreePath, bool)];

fn covers(scope: &Scope, controlled: &Controlled<'_>) -> bool {
    controlled
        .iter()
        .all(|(path, exactly)| scope.covers(path, *exactly))
}

/// A controlled link leads to what the same scope covers, so that nobody else decides what is read through it.
fn links(report: &mut Report<'_>, scope: &Scope) {
    for path in &report.change.paths {
        let Some(to) = path.after.as_ref().and_then(|e| e.link.as_ref()) else {
            continue;
        };
        let covers = |to: &TreePath| match report.sort(to) {
            Sort::Controlled { exactly } => scope.covers(to, exactly),
            Sort::Document(_) | Sort::Free => false,
        };
        let leads = path.path.follow(to);
        // A folder is covered where what lies in it is.
        let inside =
            |to: &TreePath| covers(to) || covers(&TreePath::new([to.as_bytes(), b"/x"].concat()));
        if report.sort_of(path) != Sort::Free && leads.is_some_and(|to| !inside(&to)) {
            report.add(super::tree::leads_out(&path.path, to).fact("scope", scope.text()));
        }
    }
}

/// A commit without trailers stands under the change that the mainline step names, if it names one.
fn nobody_answers(report: &mut Report<'_>, controlled: &Controlled<'_>) {
    let Some(lent) = report.change.passage.lends.clone() else {
        for (path, _) in controlled {
            report.add(no_change(path));
        }
        return;
    };
    links(report, &lent.scope);
    for (path, exactly) in controlled {
        if !lent.scope.covers(path, *exactly) {
            let message = format!(
                "`{path}` is outside the scope of {}, which is lent",
                lent.id
            );
            let finding = Finding::new(&OUT_OF_SCOPE, message).at(path);
            report.add(
                finding
                    .fact("scope", lent.scope.text())
                    .fact("lent by", lent.by.quoted())
                    .help(
                        "merge it under a change that covers it",
                        format!("qms who {}", shown(path)),
                    ),
            );
        }
    }
}

/// What a merge lends to commits without trailers: the change that it names, if that is open and somebody answers for it.
/// `step`: the mainline step itself. Clause: model.md "Authority", lending.
pub(crate) fn lends(step: &Change) -> Option<Lent> {
    let trailers = trailer::read(step.commit.message.as_deref()?).ok()?;
    let names = trailers.value(Key::Action).is_none() && trailers.value(Key::Actor).is_some();
    let id = trailers
        .value(Key::Change)
        .filter(|_| names)
        .and_then(Id::parse)?;
    let document = step.before.read(&id).filter(|_| id.kind().has_scope)?;
    let open = step.parents.len() == 2 && document.state.status == Status::InExecution;
    open.then(|| Lent {
        scope: Scope::in_tree(&step.before, &id),
        by: step.commit.name(),
        id,
    })
}

/// What P says against a change that is open at the commit's own parent, if anything: there it must be absent,
/// or as at the merge base, or in execution with a scope that covers these paths too.
// Implements: REQ-QMS-RULE-CHANGE-MOVED-ON
fn moved_on(report: &Report<'_>, id: &Id, controlled: &Controlled<'_>) -> Option<String> {
    let change = report.change;
    change.at_p.documents.get(id)?;
    let same = |id: &Id| {
        let of = |tree: &Tree| tree.documents.get(id).map(|e| e.id.clone());
        of(&change.at_base).is_some() && of(&change.at_base) == of(&change.at_p)
    };
    // The scope comes from the change and all that it is a variance of; so does what P says of it.
    let mut family = std::iter::successors(Some(id.clone()), Id::parent);
    if family.all(|id| same(&id)) {
        return None;
    }
    let Some(document) = change.at_p.read(id) else {
        return Some("its file cannot be read".into());
    };
    if document.state.status != Status::InExecution {
        return Some(format!("it is {}", document.state.status));
    }
    let scope = Scope::in_tree(&change.at_p, id);
    let outside = controlled
        .iter()
        .find(|(path, exactly)| !scope.covers(path, *exactly));
    outside.map(|(path, _)| format!("its scope there does not cover `{path}`"))
}

// Implements: REQ-QMS-RULE-DOCUMENT-WITHOUT-MOVE
fn by_work(id: &Id, path: &TreePath, leave_out: String) -> Finding {
    Finding::new(
        &DOCUMENT_BY_WORK,
        format!("`{path}` changes without a move of {id}"),
    )
    .at(path)
    .help(
        "to write in it",
        format!("qms checkout {id}, then edit and qms checkin {id}"),
    )
    .help("leave it out", leave_out)
}

// Implements: REQ-QMS-RULE-NO-CHANGE
fn no_change(path: &TreePath) -> Finding {
    Finding::new(
        &NO_CHANGE,
        format!("`{path}` is controlled, and no change is named"),
    )
    .at(path)
    .help(
        "say which change this is",
        "qms commit -m \"…\" --change CR-NNN",
    )
    .help("see which covers it", format!("qms who {}", shown(path)))
    .help(
        "or start one",
        format!(
            "qms create CR --scope {} --title \"…\"",
            quoted(&path.to_string())
        ),
    )
}

// Implements: REQ-QMS-RULE-CHANGE-NOT-OPEN
fn not_open(id: &Id, document: &Document) -> Finding {
    let status = document.state.status;
    let finding = Finding::new(
        &CHANGE_NOT_OPEN,
        format!("{id} is {status}, expected IN_EXECUTION"),
    )
    .fact(
        "change",
        format!(
            "{id} \"{}\" version {}",
            document.front.title, document.state.version
        ),
    );
    match status {
        Status::PreApproved => finding.help("", format!("qms release {id}")),
        Status::PostReviewed | Status::PostApproved => {
            finding.help("continue it", format!("qms checkout {id}"))
        }
        Status::Closed => {
            let add = format!("qms create ADD --parent {id} --scope 'PATH' --title \"…\"");
            finding.help("correct it with an addendum", add)
        }
        Status::Cancelled => finding.help("use another change", "qms list"),
        _ => finding.help("see what it waits for", format!("qms status {id}")),
    }
}

// Implements: REQ-QMS-RULE-OUT-OF-SCOPE
fn out_of_scope(
    id: &Id,
    document: &Document,
    scope: &Scope,
    path: &TreePath,
    leave_out: String,
) -> Finding {
    let title = "--title \"…\"";
    Finding::new(
        &OUT_OF_SCOPE,
        format!("`{path}` is outside the approved scope of {id}"),
    )
    .at(path)
    .fact(
        "scope",
        format!("{}   version {}", scope.text(), document.state.version),
    )
    .help("leave it out", leave_out)
    .help(
        "or ask for more",
        format!(
            "qms create VAR --parent {id} --scope {} {title}",
            quoted(&path.to_string())
        ),
    )
    .help(
        "or use a change that covers it",
        format!("qms who {}", shown(path)),
    )
}

/// A path as an argument: as it is where a shell leaves it alone.
fn shown(path: &TreePath) -> String {
    let text = path.to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%,".contains(c);
    if text.chars().all(plain) {
        text
    } else {
        quoted(&text)
    }
}
