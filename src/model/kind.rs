//! The document types. Source: lifecycle.md "Types".

pub use super::id::Id;
use super::workflow::Status;

/// A row of the types table.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The type as people write it, and as ids are made of it.
    pub name: &'static str,
    pub title: &'static str,
    pub naming: Naming,
    pub class: Class,
    /// Types that it can be a child of, and the states that its parent must be in when it is created.
    pub parents: &'static [&'static str],
    pub parent_states: &'static [Status],
    /// The states in which it no longer blocks its parent's close; empty where it never does.
    pub done: &'static [Status],
    /// Whether its author states a scope: the paths that it may touch.
    pub has_scope: bool,
    /// What its items may end in; nothing where it has none (lifecycle.md "Gates", before post-review).
    pub outcomes: &'static [&'static str],
    /// The type of the one child that takes over an item that failed (lifecycle.md "Gates", before post-review).
    pub taken_over_by: Option<&'static str>,
}

/// How an id is formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// `CR-045`
    Number,
    /// `SDLC-QMS-RS`: one a system
    System,
    /// `TEMPLATE-CR`
    Named,
    /// `CR-045-VAR-001`: the parent's id comes first
    Child,
}

/// Which of the workflows a document takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Reviewed, approved, in force.
    NonExecutable,
    /// Approved, released, carried out, approved again, closed.
    Executable,
    /// Carried out and closed with its parent, without rounds of its own.
    Attachment,
}

use Status::*;

const CHANGES: &[&str] = &["CR", "INV", "VAR", "ADD"];
const ENDED: &[Status] = &[Closed, Cancelled];
const PASS_OR_FAIL: &[&str] = &["Pass", "Fail"];

/// Every type, in the order in which people meet them.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "SOP",
        title: "standard operating procedure",
        ..document(Naming::Number)
    },
    Kind {
        name: "RS",
        title: "requirements specification",
        ..document(Naming::System)
    },
    Kind {
        name: "RTM",
        title: "traceability matrix",
        ..document(Naming::System)
    },
    Kind {
        name: "TEMPLATE",
        title: "what new documents start from",
        ..document(Naming::Named)
    },
    Kind {
        name: "CR",
        title: "change record",
        has_scope: true,
        ..executable(Naming::Number)
    },
    Kind {
        name: "INV",
        title: "investigation",
        ..executable(Naming::Number)
    },
    Kind {
        name: "TP",
        title: "test protocol",
        // The exception report repeats the whole case, with the steps after the one that failed.
        outcomes: &["Pass", "Fail", "Not run"],
        taken_over_by: Some("ER"),
        parents: &["CR"],
        parent_states: &[
            Draft,
            InPreReview,
            PreReviewed,
            InPreApproval,
            PreApproved,
            InExecution,
        ],
        done: ENDED,
        ..executable(Naming::Child)
    },
    Kind {
        name: "ER",
        title: "exception report",
        // No variance can be its child.
        taken_over_by: Some("ER"),
        parents: &["TP", "ER"],
        parent_states: &[InExecution],
        done: ENDED,
        ..executable(Naming::Child)
    },
    Kind {
        name: "VAR",
        title: "variance",
        parents: CHANGES,
        parent_states: &[InExecution],
        done: ENDED,
        has_scope: true,
        ..executable(Naming::Child)
    },
    Kind {
        name: "ADD",
        title: "addendum",
        parents: CHANGES,
        parent_states: &[Closed],
        has_scope: true,
        ..executable(Naming::Child)
    },
    Kind {
        name: "VR",
        title: "verification record",
        class: Class::Attachment,
        outcomes: &[],
        taken_over_by: None,
        parents: &["CR", "VAR", "ADD"],
        parent_states: &[InExecution],
        ..executable(Naming::Child)
    },
];

const fn document(naming: Naming) -> Kind {
    Kind {
        name: "",
        title: "",
        naming,
        class: Class::NonExecutable,
        parents: &[],
        parent_states: &[],
        done: &[],
        has_scope: false,
        outcomes: &[],
        taken_over_by: None,
    }
}

const fn executable(naming: Naming) -> Kind {
    Kind {
        class: Class::Executable,
        outcomes: PASS_OR_FAIL,
        taken_over_by: Some("VAR"),
        ..document(naming)
    }
}

/// What a type 2 variance may have reached when its parent closes (lifecycle.md, VAR row).
pub const TYPE_2_DONE: &[Status] = &[
    PreApproved,
    InExecution,
    InPostReview,
    PostReviewed,
    InPostApproval,
    PostApproved,
    Closed,
    Cancelled,
];

impl Kind {
    pub fn of(name: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|k| k.name == name)
    }

    pub fn is_executable(&self) -> bool {
        self.class != Class::NonExecutable
    }

    /// Whether its author says which of the parent's items it is for, under the key `items`: it takes over what failed,
    /// or is the record of what was verified.
    pub fn is_for_items(&self) -> bool {
        let takes_over = |k: &Kind| k.taken_over_by == Some(self.name);
        self.class == Class::Attachment || KINDS.iter().any(takes_over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_taken_over_by_a_child_while_its_parent_is_carried_out() {
        for kind in KINDS {
            assert_eq!(kind.outcomes.is_empty(), kind.taken_over_by.is_none());
            let Some(taker) = kind.taken_over_by.and_then(Kind::of) else {
                assert!(kind.class != Class::Executable, "{}", kind.name);
                continue;
            };
            assert!(taker.parents.contains(&kind.name), "{}", kind.name);
            assert!(taker.parent_states.contains(&InExecution));
            assert!(taker.is_for_items() && !taker.done.is_empty());
        }
        let takers = KINDS.iter().filter(|k| k.is_for_items()).map(|k| k.name);
        assert_eq!(takers.collect::<Vec<_>>(), ["ER", "VAR", "VR"]);
    }

    #[test]
    fn items_pass_or_fail_and_test_steps_may_be_left() {
        let of = |outcomes: &[&str]| {
            let has = KINDS.iter().filter(|k| k.outcomes == outcomes);
            has.map(|k| k.name).collect::<Vec<_>>()
        };
        assert_eq!(of(&["Pass", "Fail"]), ["CR", "INV", "ER", "VAR", "ADD"]);
        assert_eq!(of(&["Pass", "Fail", "Not run"]), ["TP"]);
    }
}
