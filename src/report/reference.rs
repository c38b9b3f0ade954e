//! Moves and types as Markdown tables, for the README: made from the tables that the program works with.

use crate::model::kind::{Class, KINDS, Kind};
use crate::model::workflow::{Action, MOVES};

/// The moves of every class as a Markdown table.
pub fn moves_table() -> String {
    let mut out =
        String::from("| action | from | to | who | of |\n| --- | --- | --- | --- | --- |\n");
    out.push_str("| create | - | DRAFT; a VR: IN_EXECUTION | initiator | every type |\n");
    for action in Action::ALL {
        for row in MOVES.iter().filter(|r| r.action == *action) {
            let to: Vec<_> = row.to.iter().map(|s| s.as_str()).collect();
            let of: Vec<_> = row.class.iter().map(|c| class(*c)).collect();
            out.push_str(&format!(
                "| {action} | {} | {} | {} | {} |\n",
                row.from,
                to.join(" or "),
                row.who,
                of.join(", ")
            ));
        }
    }
    out
}

/// The document types as a Markdown table.
pub fn types_table() -> String {
    let mut out =
        String::from("| type | what it is | workflow | parents |\n| --- | --- | --- | --- |\n");
    for kind in KINDS {
        let parents = if kind.parents.is_empty() {
            "-".to_owned()
        } else {
            kind.parents.join(", ")
        };
        out.push_str(&format!(
            "| {} | {} | {} | {parents} |\n",
            kind.name,
            kind.title,
            of(kind)
        ));
    }
    out
}

fn of(kind: &Kind) -> &'static str {
    class(kind.class)
}

pub(super) fn class(class: Class) -> &'static str {
    match class {
        Class::NonExecutable => "non-executable",
        Class::Executable => "executable",
        Class::Attachment => "attachment",
    }
}
