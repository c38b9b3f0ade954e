//! The workflow of a type as text and as a mermaid diagram: states in order, and the moves from each.

use std::collections::BTreeMap;

use super::columns::columns;
use super::reference;
use crate::model::kind::{Class, KINDS, Kind};
use crate::model::near;
use crate::model::workflow::{Action, MOVES, Status, birth, reachable};

/// What a type's documents go through.
#[derive(Debug, serde::Serialize)]
pub struct Workflow {
    pub r#type: &'static str,
    pub title: &'static str,
    pub workflow: &'static str,
    /// The state that `create` makes.
    pub begins: &'static str,
    pub states: Vec<State>,
}

#[derive(Debug, serde::Serialize)]
pub struct State {
    pub status: &'static str,
    /// Whether nothing but a correction leaves it.
    pub is_final: bool,
    pub moves: Vec<Move>,
}

#[derive(Debug, serde::Serialize)]
pub struct Move {
    pub action: &'static str,
    /// The first, or a later one once what the move decides is complete.
    pub to: Vec<&'static str>,
    pub who: &'static str,
}

/// The workflow of a type; else the type whose name is nearest.
pub fn of(name: &str) -> Result<Workflow, &'static str> {
    let name = name.to_ascii_uppercase();
    let Some(kind) = Kind::of(&name) else {
        let nearest = KINDS.iter().min_by_key(|k| near::distance(&name, k.name));
        return Err(nearest.map_or("CR", |k| k.name));
    };
    let there = reachable(kind.class);
    let states = Status::ALL.iter().filter(|s| there.contains(s));
    Ok(Workflow {
        r#type: kind.name,
        title: kind.title,
        workflow: reference::class(kind.class),
        begins: birth(kind).as_str(),
        states: states.map(|s| state(kind, *s)).collect(),
    })
}

fn state(kind: &Kind, status: Status) -> State {
    let rows = MOVES
        .iter()
        .filter(|r| r.from == status && r.class.contains(&kind.class));
    let mut moves: Vec<Move> = rows
        .map(|r| Move {
            action: r.action.as_str(),
            to: r.to.iter().map(|s| s.as_str()).collect(),
            who: r.who.as_str(),
        })
        .collect();
    if kind.class == Class::Attachment && status == birth(kind) {
        moves.push(Move {
            action: Action::Close.as_str(),
            to: vec![Status::Closed.as_str()],
            who: "with its parent",
        });
    }
    State {
        status: status.as_str(),
        is_final: status.is_final(),
        moves,
    }
}

pub fn text(workflow: &Workflow) -> String {
    let mut rows = Vec::new();
    for state in &workflow.states {
        let end = if state.is_final { "final" } else { "" };
        rows.push(vec![state.status.to_owned(), end.to_owned()]);
        for m in &state.moves {
            let to = m.to.join(" or ");
            rows.push(vec![format!("  {}", m.action), to, m.who.to_owned()]);
        }
    }
    let Workflow {
        r#type,
        title,
        workflow,
        begins,
        ..
    } = workflow;
    let table = columns(&rows);
    let mut out = format!("{type}, {title}: {workflow}, begins in {begins}\n");
    for line in table.lines() {
        let gap = if line.starts_with(' ') { "" } else { "\n" };
        out.push_str(&format!("{gap}{line}\n"));
    }
    out
}

/// A `stateDiagram-v2`; moves between the same two states share an arrow.
pub fn mermaid(workflow: &Workflow) -> String {
    let mut out = format!(
        "stateDiagram-v2\n    [*] --> {} : create\n",
        workflow.begins
    );
    for state in &workflow.states {
        let mut arrows: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for m in &state.moves {
            for to in &m.to {
                arrows.entry(to).or_default().push(m.action);
            }
        }
        for (to, actions) in arrows {
            out.push_str(&format!(
                "    {} --> {to} : {}\n",
                state.status,
                actions.join(", ")
            ));
        }
        if state.is_final {
            out.push_str(&format!("    {} --> [*]\n", state.status));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attachment_has_a_short_workflow() {
        let vr = of("vr").expect("a type");
        insta::assert_snapshot!(text(&vr), @r"
        VR, verification record: attachment, begins in IN_EXECUTION

        IN_EXECUTION
          edit        IN_EXECUTION  owner
          checkout    IN_EXECUTION  initiator
          checkin     IN_EXECUTION  owner
          item        IN_EXECUTION  initiator
          cancel      CANCELLED     owner or administrator
          transfer    IN_EXECUTION  owner or administrator
          close       CLOSED        with its parent

        CLOSED        final
          fix         CLOSED        administrator

        CANCELLED     final
        ");
        insta::assert_snapshot!(mermaid(&vr), @r"
        stateDiagram-v2
            [*] --> IN_EXECUTION : create
            IN_EXECUTION --> CANCELLED : cancel
            IN_EXECUTION --> CLOSED : close
            IN_EXECUTION --> IN_EXECUTION : edit, checkout, checkin, item, transfer
            CLOSED --> CLOSED : fix
            CLOSED --> [*]
            CANCELLED --> [*]
        ");
    }

    #[test]
    fn every_move_of_a_type_is_shown() {
        for kind in KINDS {
            let workflow = of(kind.name).expect("a type");
            let (text, mermaid) = (text(&workflow), mermaid(&workflow));
            for row in MOVES.iter().filter(|r| r.class.contains(&kind.class)) {
                let of_state = text
                    .split("\n\n")
                    .find(|part| part.split_whitespace().next() == Some(row.from.as_str()))
                    .unwrap_or_else(|| panic!("{} has no {}", kind.name, row.from));
                let to: Vec<_> = row.to.iter().map(|s| s.as_str()).collect();
                let line = [row.action.as_str(), &to.join(" or "), row.who.as_str()];
                let shown = of_state.lines().any(|l| {
                    l.split("  ")
                        .map(str::trim)
                        .filter(|w| !w.is_empty())
                        .eq(line)
                });
                assert!(shown, "{row:?} in\n{of_state}");
                for to in to {
                    let arrow = format!("    {} --> {to} : ", row.from);
                    let drawn = mermaid
                        .lines()
                        .filter_map(|l| l.strip_prefix(&arrow))
                        .any(|l| l.split(", ").any(|a| a == row.action.as_str()));
                    assert!(drawn, "{row:?} in\n{mermaid}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_type_suggests_the_nearest() {
        assert_eq!(of("sopp").expect_err("unknown"), "SOP");
        assert_eq!(of("templat").expect_err("unknown"), "TEMPLATE");
    }
}
