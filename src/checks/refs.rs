//! What may happen to refs where they are shared. Clause: model.md "Authority".

use crate::model::finding::{Finding, Rule, Severity};

const CLAUSE: &str = "model.md, Authority";

pub static BRANCH_DELETED: Rule = Rule {
    id: "branch-deleted",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "a protected branch is never deleted",
    why: "its history is the audit trail",
    remedy: "leave the branch where it is",
};
pub static REWRITTEN: Rule = Rule {
    id: "history-rewritten",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "the old tip of a protected branch lies on the first-parent chain of the new one",
    why: "what was approved must not be replaced, or become a side branch of something else",
    remedy: "make your own commits again on top of what is there: qms sync --push",
};
pub static NO_ANCHOR: Rule = Rule {
    id: "no-anchor",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "the first commit that is trusted is named from outside: the server's configuration",
    why: "a repository that names its own anchor vouches for itself",
    remedy: "on the server: qms init --server --anchor COMMIT",
};
pub static NOT_GOVERNED: Rule = Rule {
    id: "not-governed",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "what enters a protected branch has a policy at its first parent, from the anchor on",
    why: "without a policy nothing can be judged, and what cannot be judged is refused",
    remedy: "start from the anchor: the commit that qms init made",
};
pub static NEW_BRANCH: Rule = Rule {
    id: "new-branch",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "a new protected branch points at a commit of a protected mainline",
    why: "a branch from a root of one's own would carry its own rules",
    remedy: "create the branch at a commit of the trunk",
};
pub static RELEASE_TAG: Rule = Rule {
    id: "release-tag",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "a release tag is made once, of a commit of a protected mainline",
    why: "a release that can be moved is no release, and one of a commit that nothing judged is unjudged",
    remedy: "tag a commit that is on a protected branch, under a name that is new",
};
pub static BENT: Rule = Rule {
    id: "bent-history",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "no ref replaces an object, and nothing is pushed through a symbolic ref",
    why: "readers that follow it would see another history than the one that was judged",
    remedy: "leave the ref out of the push",
};
pub static EVIDENCE: Rule = Rule {
    id: "evidence-kept",
    severity: Severity::Error,
    clause: "lifecycle.md, Gates",
    demands: "commits of `refs/qms/evidence` add records and take nothing away, and each record is of the state that its system had at its commit",
    why: "verdicts rest on what is kept there; what could be taken back or bent would show nothing",
    remedy: "keep results where they ran, with qms evidence add, and push commits before their evidence",
};
pub static EVIDENCE_GONE: Rule = Rule {
    id: "evidence-gone",
    severity: Severity::Warning,
    clause: "lifecycle.md, Gates",
    demands: "the commit that a record of evidence is of is still here",
    why: "a branch is deleted once it is merged, and with it goes the commit at which its tests ran; the record still says of which state it is",
    remedy: "keep a branch or a tag at commits that tests ran at",
};
pub static DATE_AHEAD: Rule = Rule {
    id: "date-ahead",
    severity: Severity::Error,
    clause: "model.md, Authority, a commit's time",
    demands: "a server takes no commit that is dated more than a day ahead of its own clock",
    why: "time never runs back on a mainline: one such date would end keys and deadlines for everybody after it",
    remedy: "set the clock, and make the commits again: qms sync",
};
pub(super) static RULES: &[&Rule] = &[
    &BRANCH_DELETED,
    &REWRITTEN,
    &NO_ANCHOR,
    &NOT_GOVERNED,
    &NEW_BRANCH,
    &RELEASE_TAG,
    &BENT,
    &EVIDENCE,
    &EVIDENCE_GONE,
    &DATE_AHEAD,
];

/// What to do about evidence that is too much: what is kept stays.
pub(super) const LESS: &str = "commit a change of the system, and run the tests of its new state once: qms run --junit FILE -- COMMAND";

/// What a clone kept and pushed nowhere goes, so that what it keeps next can be pushed.
const DROP: &str = "git fetch REMOTE +refs/qms/evidence:refs/qms/evidence";

/// Evidence of one state that is too much to be read; why, with what it is.
pub fn too_much(why: String) -> Finding {
    let whole = "give coverage of the whole run, --lcov FILE, and not of each test";
    Finding::new(&EVIDENCE, why)
        .help("to keep less of a run", whole)
        .help("where it is only here", DROP)
        .help("where it is shared already", LESS)
}

/// A finding about a ref, with the usual remedy as its help.
pub fn finding(rule: &'static Rule, message: String, branch: &str) -> Finding {
    Finding::new(rule, message)
        .fact("branch", branch)
        .help("", rule.remedy)
}
