//! lifecycle.md's two tables as the oracle holds them: text, copied row by row from the document.

pub(crate) const STATES: [&str; 17] = [
    "DRAFT",
    "IN_REVIEW",
    "REVIEWED",
    "IN_APPROVAL",
    "EFFECTIVE",
    "RETIRED",
    "IN_PRE_REVIEW",
    "PRE_REVIEWED",
    "IN_PRE_APPROVAL",
    "PRE_APPROVED",
    "IN_EXECUTION",
    "IN_POST_REVIEW",
    "POST_REVIEWED",
    "IN_POST_APPROVAL",
    "POST_APPROVED",
    "CLOSED",
    "CANCELLED",
];

pub(crate) const FINAL: [&str; 3] = ["CLOSED", "RETIRED", "CANCELLED"];

/// name; class; parents; states of the parent at birth; states in which it blocks its parent's close no more
const TYPES: &str = "
SOP      | document   |                  |                                                                                |
RS       | document   |                  |                                                                                |
RTM      | document   |                  |                                                                                |
TEMPLATE | document   |                  |                                                                                |
CR       | executable |                  |                                                                                |
INV      | executable |                  |                                                                                |
TP       | executable | CR               | DRAFT IN_PRE_REVIEW PRE_REVIEWED IN_PRE_APPROVAL PRE_APPROVED IN_EXECUTION     | CLOSED CANCELLED
ER       | executable | TP ER            | IN_EXECUTION                                                                   | CLOSED CANCELLED
VAR      | executable | CR INV VAR ADD   | IN_EXECUTION                                                                   | CLOSED CANCELLED
ADD      | executable | CR INV VAR ADD   | CLOSED                                                                         | any
VR       | attachment | CR VAR ADD       | IN_EXECUTION                                                                   | any
";

/// What a variance of type 2 may have reached when its parent closes: PRE_APPROVED or later, or CANCELLED.
pub(crate) const TYPE_2: &str = "PRE_APPROVED IN_EXECUTION IN_POST_REVIEW POST_REVIEWED IN_POST_APPROVAL POST_APPROVED CLOSED CANCELLED";

/// action; classes (d, e, a); from; to, then what it becomes when complete; who
const MOVES: &str = "
edit           | de  | DRAFT                                          | stays                          | owner
edit           | ea  | IN_EXECUTION                                   | stays                          | owner
edit           | d   | REVIEWED                                       | DRAFT                          | owner
edit           | e   | PRE_REVIEWED                                   | DRAFT                          | owner
checkout       | de  | DRAFT                                          | stays                          | initiator
checkout       | ea  | IN_EXECUTION                                   | stays                          | initiator
checkout       | d   | REVIEWED                                       | stays                          | owner
checkout       | e   | PRE_REVIEWED                                   | stays                          | owner
checkout       | d   | EFFECTIVE                                      | DRAFT                          | initiator
checkout       | e   | PRE_APPROVED                                   | DRAFT                          | owner
checkout       | e   | POST_REVIEWED POST_APPROVED                    | IN_EXECUTION                   | owner
checkin        | de  | DRAFT                                          | stays                          | owner
checkin        | ea  | IN_EXECUTION                                   | stays                          | owner
checkin        | d   | REVIEWED                                       | stays DRAFT                    | owner
checkin        | e   | PRE_REVIEWED                                   | stays DRAFT                    | owner
item           | ea  | IN_EXECUTION                                   | stays                          | initiator
route-review   | d   | DRAFT                                          | IN_REVIEW REVIEWED             | owner
route-review   | e   | DRAFT                                          | IN_PRE_REVIEW PRE_REVIEWED     | owner
route-review   | e   | IN_EXECUTION                                   | IN_POST_REVIEW POST_REVIEWED   | owner
assign         | d   | IN_REVIEW                                      | stays REVIEWED                 | quality
assign         | e   | IN_PRE_REVIEW                                  | stays PRE_REVIEWED             | quality
assign         | e   | IN_POST_REVIEW                                 | stays POST_REVIEWED            | quality
assign         | d   | REVIEWED                                       | IN_REVIEW                      | quality
assign         | e   | PRE_REVIEWED                                   | IN_PRE_REVIEW                  | quality
assign         | e   | POST_REVIEWED                                  | IN_POST_REVIEW                 | quality
assign         | d   | IN_APPROVAL                                    | stays                          | quality
assign         | e   | IN_PRE_APPROVAL IN_POST_APPROVAL               | stays                          | quality
review         | d   | IN_REVIEW                                      | stays REVIEWED                 | asked
review         | e   | IN_PRE_REVIEW                                  | stays PRE_REVIEWED             | asked
review         | e   | IN_POST_REVIEW                                 | stays POST_REVIEWED            | asked
route-approval | d   | REVIEWED                                       | IN_APPROVAL                    | owner
route-approval | e   | PRE_REVIEWED                                   | IN_PRE_APPROVAL                | owner
route-approval | e   | POST_REVIEWED                                  | IN_POST_APPROVAL               | owner
approve        | d   | IN_APPROVAL                                    | stays EFFECTIVE RETIRED        | approver
approve        | e   | IN_PRE_APPROVAL                                | stays PRE_APPROVED             | approver
approve        | e   | IN_POST_APPROVAL                               | stays POST_APPROVED            | approver
reject         | d   | IN_APPROVAL                                    | REVIEWED                       | approver
reject         | e   | IN_PRE_APPROVAL                                | PRE_REVIEWED                   | approver
reject         | e   | IN_POST_APPROVAL                               | POST_REVIEWED                  | approver
withdraw       | d   | IN_REVIEW                                      | DRAFT                          | owner
withdraw       | e   | IN_PRE_REVIEW                                  | DRAFT                          | owner
withdraw       | d   | IN_APPROVAL                                    | REVIEWED                       | owner
withdraw       | e   | IN_PRE_APPROVAL                                | PRE_REVIEWED                   | owner
withdraw       | e   | IN_POST_REVIEW                                 | IN_EXECUTION                   | owner
withdraw       | e   | IN_POST_APPROVAL                               | POST_REVIEWED                  | owner
release        | e   | PRE_APPROVED                                   | IN_EXECUTION                   | owner
revert         | e   | POST_REVIEWED POST_APPROVED                    | IN_EXECUTION                   | owner
close          | e   | POST_APPROVED                                  | CLOSED                         | owner
abandon        | d   | DRAFT REVIEWED                                 | EFFECTIVE                      | owner or administrator
cancel         | de  | DRAFT                                          | CANCELLED                      | owner or administrator
cancel         | d   | REVIEWED                                       | CANCELLED                      | owner or administrator
cancel         | e   | PRE_REVIEWED PRE_APPROVED                      | CANCELLED                      | owner or administrator
cancel         | a   | IN_EXECUTION                                   | CANCELLED                      | owner or administrator
transfer       | de  | DRAFT                                          | stays                          | owner or administrator
transfer       | d   | IN_REVIEW IN_APPROVAL EFFECTIVE                | stays                          | owner or administrator
transfer       | d   | REVIEWED                                       | stays DRAFT                    | owner or administrator
transfer       | e   | PRE_REVIEWED                                   | stays DRAFT                    | owner or administrator
transfer       | e   | IN_PRE_REVIEW IN_PRE_APPROVAL PRE_APPROVED IN_POST_REVIEW POST_REVIEWED IN_POST_APPROVAL POST_APPROVED | stays | owner or administrator
transfer       | ea  | IN_EXECUTION                                   | stays                          | owner or administrator
fix            | d   | EFFECTIVE                                      | stays                          | administrator
fix            | ea  | CLOSED                                         | stays                          | administrator
";

/// A row of the moves table for one state: what the action leads to, at once and when it is complete, and who may.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) action: String,
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) who: String,
}

/// Every row of a class, a state each.
pub(crate) fn rows(class: &str) -> Vec<Row> {
    let mut out = Vec::new();
    for line in MOVES.lines().filter(|l| !l.is_empty()) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if !cells[1].contains(&class[..1]) {
            continue;
        }
        for from in cells[2].split(' ') {
            let to = cells[3].split(' ').map(|to| match to {
                "stays" => from.to_owned(),
                to => to.to_owned(),
            });
            out.push(Row {
                action: cells[0].to_owned(),
                from: from.to_owned(),
                to: to.collect(),
                who: cells[4].to_owned(),
            });
        }
    }
    out
}

/// A type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Type {
    pub(crate) name: &'static str,
    pub(crate) class: &'static str,
    pub(crate) parents: &'static str,
    pub(crate) born_under: &'static str,
    pub(crate) done: &'static str,
}

pub(crate) fn types() -> Vec<Type> {
    let lines = TYPES.lines().filter(|l| !l.is_empty());
    let read = |line: &'static str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        Type {
            name: cells[0],
            class: cells[1],
            parents: cells[2],
            born_under: cells[3],
            done: cells[4],
        }
    };
    lines.map(read).collect()
}

/// Whether a list of words has a word.
pub(crate) fn has(list: &str, word: &str) -> bool {
    list.split(' ').any(|w| w == word)
}

/// The type that an id's last part names, if the whole id is one.
pub(crate) fn type_of(id: &str) -> Option<Type> {
    let all = types();
    let of = |name: &str| all.iter().copied().find(|t| t.name == name);
    let parts: Vec<&str> = id.split('-').collect();
    let number = |n: &str| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit()) && n != "000";
    match parts[..] {
        ["TEMPLATE", name] => of("TEMPLATE").filter(|_| !name.is_empty()),
        [name, n] => {
            of(name).filter(|t| t.parents.is_empty() && t.class != "attachment" && number(n))
        }
        [.., name, n] => {
            let above = type_of(parent_of(id)?)?;
            of(name).filter(|t| has(t.parents, above.name) && number(n))
        }
        _ => None,
    }
}

/// `CR-001` of `CR-001-VAR-001`.
pub(crate) fn parent_of(id: &str) -> Option<&str> {
    let (rest, _) = id.rsplit_once('-')?;
    let (parent, _) = rest.rsplit_once('-')?;
    Some(parent).filter(|p| !p.is_empty())
}

pub(crate) fn number_of(id: &str) -> u32 {
    let last = id.rsplit('-').next().unwrap_or_default();
    last.parse().unwrap_or(0)
}

/// The one place of a document.
pub(crate) fn path_of(id: &str) -> String {
    let parts: Vec<&str> = id.split('-').collect();
    match parts[0] {
        "SOP" | "TEMPLATE" => format!("QMS/{}/{id}.md", parts[0]),
        kind => format!("QMS/{kind}/{kind}-{}/{id}.md", parts[1]),
    }
}

/// The document that a path is by its name; whether it is at home is another question.
pub(crate) fn document_at(path: &str) -> Option<String> {
    let name = path.strip_prefix("QMS/")?.rsplit('/').next()?;
    let upper = name.to_ascii_uppercase();
    let id = upper.strip_suffix(".MD")?;
    type_of(id).map(|_| id.to_owned())
}
