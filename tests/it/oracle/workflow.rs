//! Invariant 1 on the table itself, as the oracle has it and as the program prints it.

use std::collections::BTreeSet;

use super::alone::tell;
use super::table::{FINAL, Row, rows, types};
use crate::world::World;

/// The moves that `qms workflow show` prints, in the oracle's words.
fn printed(world: &World, kind: &str) -> (String, BTreeSet<Row>) {
    let shown = world.json("ann", &["workflow", "show", kind]);
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = BTreeSet::new();
    for state in shown["states"].as_array().expect("states") {
        for row in state["moves"].as_array().expect("moves") {
            let to = row["to"].as_array().expect("states").iter().map(word);
            found.insert(Row {
                action: word(&row["action"]),
                from: word(&state["status"]),
                to: to.collect(),
                who: word(&row["who"])
                    .trim_end_matches(", not an author")
                    .to_owned(),
            });
        }
    }
    (word(&shown["begins"]), found)
}

/// The states that rows lead to from one state, without passing another.
fn reached(table: &BTreeSet<Row>, from: &str, without: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::from([from.to_owned()]);
    loop {
        let here = table
            .iter()
            .filter(|r| found.contains(&r.from) && r.from != without);
        // What abandon brings back was approved before.
        let here = here.filter(|r| r.action != "abandon");
        let more: BTreeSet<String> = here.flat_map(|r| r.to.iter().cloned()).collect();
        let before = found.len();
        found.extend(more);
        if found.len() == before {
            return found;
        }
    }
}

#[test]
fn invariant_1_the_workflow_as_printed_is_the_table_and_skips_no_gate() {
    let world = World::empty();
    let mut count = 0;
    for kind in types() {
        let (begins, table) = printed(&world, kind.name);
        let mut expected: BTreeSet<Row> = rows(kind.class).into_iter().collect();
        if kind.class == "attachment" {
            expected.insert(Row {
                action: "close".to_owned(),
                from: "IN_EXECUTION".to_owned(),
                to: vec!["CLOSED".to_owned()],
                who: "with its parent".to_owned(),
            });
        }
        assert_eq!(table, expected, "{}", kind.name);
        count += table.len();
        let all = reached(&table, &begins, "");
        for state in all.iter().filter(|s| !FINAL.contains(&s.as_str())) {
            let on = reached(&table, state, "");
            assert!(
                FINAL.iter().any(|end| on.contains(*end)),
                "{state} has no way on"
            );
            let write = on.contains("DRAFT") || on.contains("IN_EXECUTION");
            assert!(write, "{} {state} has no way back", kind.name);
        }
        let gates: &[(&str, &[&str])] = match kind.class {
            "document" => &[
                ("EFFECTIVE", &["REVIEWED", "IN_APPROVAL"]),
                ("RETIRED", &["REVIEWED", "IN_APPROVAL"]),
            ],
            "executable" => &[
                (
                    "IN_EXECUTION",
                    &["PRE_REVIEWED", "IN_PRE_APPROVAL", "PRE_APPROVED"],
                ),
                (
                    "CLOSED",
                    &[
                        "PRE_APPROVED",
                        "IN_EXECUTION",
                        "POST_REVIEWED",
                        "IN_POST_APPROVAL",
                        "POST_APPROVED",
                    ],
                ),
            ],
            _ => &[],
        };
        for (goal, gates) in gates {
            assert!(all.contains(*goal));
            for gate in *gates {
                let around = reached(&table, &begins, gate);
                assert!(
                    !around.contains(*goal),
                    "{} comes to {goal} around {gate}",
                    kind.name
                );
            }
        }
    }
    tell(&format!(
        "cases: {count} moves of {} types as printed",
        types().len()
    ));
}
