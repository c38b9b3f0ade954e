//! Hard cases that random histories seldom reach, played by the oracle and by the library like any other step.

use super::alone::{alone, tell};
use super::chance::Dice;
use super::message;
use super::play::Play;
use super::rules::Ask;
use super::table::path_of;
use super::texts;

/// Steps as `who action id users`, asked of both; what both made of them.
pub(crate) fn run(play: &mut Play, steps: &[&str]) -> Vec<bool> {
    let one = |play: &mut Play, step: &str| {
        let words: Vec<&str> = step.split(' ').collect();
        let (actor, action, id) = (words[0], words[1], words[2]);
        let users: Vec<String> = words
            .get(3)
            .map_or(Vec::new(), |w| w.split(',').map(str::to_owned).collect());
        let doc = play.scene(0, |scene| scene.doc(id));
        let text = match action {
            "create" => play.scene(0, |scene| {
                texts::fresh(scene, id, "src/**", &users.join(" "))
            }),
            "item" => doc.map(|d| {
                let odd = if users == ["Fail"] { "failed" } else { "" };
                texts::item(&d, "EI-1", actor, texts::SHOWN, odd)
            }),
            "checkin" | "edit" => doc.map(|d| texts::changed(&d, texts::MORE)),
            _ => None,
        };
        let ask = Ask {
            action: action.trim_end_matches('!').to_owned(),
            id: id.to_owned(),
            actor: actor.to_owned(),
            outcome: Some("recommend".to_owned()).filter(|_| action == "review"),
            reason: ["revert", "abandon", "transfer", "fix"].contains(&action),
            comment: action == "reject",
            item: Some("EI-1".to_owned()).filter(|_| action == "item"),
            ends: action == "route-review!",
            users: users
                .into_iter()
                .filter(|u| !["create", "item"].contains(&action) && !u.is_empty())
                .collect(),
            text,
            ..Ask::default()
        };
        let before = play.trunk();
        play.ask(0, &ask).expect("both agree");
        play.trunk() != before
    };
    steps.iter().map(|step| one(play, step)).collect()
}

/// CR-001 carried out, and nothing left open.
const DONE: [&str; 3] = [
    "dev item CR-001",
    "dev checkout CR-001",
    "dev checkin CR-001",
];

/// Carries CR-001 out.
pub(crate) fn carry_out(play: &mut Play) {
    run(play, &DONE);
}

fn block(play: &Play, id: &str) -> String {
    play.history.commits[play.trunk()].files[&path_of(id)]
        .text
        .to_string()
}

#[test]
fn hard_cases_end_as_the_documents_say() {
    alone("oracle::cases::hard_cases_end_as_the_documents_say", || {
        let mut count = 0;
        let mut hard = |steps: &[&str], last: bool| {
            let mut play = Play::opened().expect("both agree");
            let made = run(&mut play, steps);
            assert!(
                made[..made.len() - 1].iter().all(|m| *m),
                "{steps:?}: {made:?}"
            );
            assert_eq!(made[made.len() - 1], last, "{steps:?}");
            count += steps.len();
            play
        };
        const VAR: &str = "CR-001-VAR-001";
        const ROUTED: [&str; 6] = [
            "dev create CR-002",
            "dev checkin CR-002",
            "dev route-review CR-002",
            "qa review CR-002",
            "qb review CR-002",
            "dev route-approval CR-002",
        ];
        let with = |more: &[&'static str]| [&ROUTED[..], more].concat();
        // In an approval somebody stays pending.
        hard(&with(&["qa approve CR-002", "qa assign CR-002 qa"]), false);
        hard(&with(&["qa approve CR-002", "qa assign CR-002 tu"]), false);
        hard(
            &with(&[
                "qa approve CR-002",
                "qa assign CR-002 qb,tu",
                "tu approve CR-002",
                "qb approve CR-002",
            ]),
            true,
        );
        // Text is written by who has the document checked out, and by nobody else.
        hard(&["dev checkin CR-001"], false);
        hard(&["dev edit CR-001"], false);
        hard(&["dev checkout CR-001", "eve checkout CR-001"], false);
        hard(&["dev checkout CR-001", "eve item CR-001"], false);
        hard(&["eve checkout CR-001", "dev checkin CR-001"], false);
        hard(
            &[
                "dev checkout CR-001",
                "dev edit CR-001",
                "dev checkin CR-001",
            ],
            true,
        );
        // A reject is no way to the approval.
        hard(
            &with(&["qa reject CR-002", "dev route-approval CR-002"]),
            false,
        );
        // Whoever is asked does not become the owner in an open round; afterwards he loses his say.
        hard(&with(&["dev transfer CR-002 qb"]), false);
        let play = hard(
            &with(&["dev withdraw CR-002", "dev transfer CR-002 qb"]),
            true,
        );
        assert!(block(&play, "CR-002").contains("reviews: {qa: recommend}"));
        // A variance of type 1 holds its parent, one of type 2 may be ahead of it, none is cancelled while it is alive.
        let close = [
            "dev route-review CR-001",
            "qa review CR-001",
            "qb review CR-001",
            "dev route-approval CR-001",
        ];
        let closed = ["qa approve CR-001", "qb approve CR-001", "dev close CR-001"];
        let close: Vec<&str> = DONE.into_iter().chain(close).chain(closed).collect();
        hard(&close, true);
        let born = format!("dev create {VAR}");
        hard(&[&[born.as_str()], &close[..]].concat(), false);
        let cancel = format!("dev cancel {VAR}");
        hard(&[&[born.as_str(), &cancel], &close[..]].concat(), true);
        // What was not done is not routed, and what failed is taken over by one that is alive.
        const ROUTE: &str = "dev route-review CR-001";
        hard(&[ROUTE], false);
        hard(&["dev item CR-001", ROUTE], false);
        hard(&["dev checkout CR-001", "dev checkin CR-001", ROUTE], false);
        let failed = [
            "dev item CR-001 Fail",
            "dev checkout CR-001",
            "dev checkin CR-001",
        ];
        let taken = format!("{born} EI-1");
        let second = "dev create CR-001-VAR-002 EI-1";
        let drop = "dev cancel CR-001-VAR-002";
        for (more, routed) in [
            (&[][..], false),
            (&[born.as_str()], false),
            (&[&*taken], true),
            (&[&*taken, &cancel], false),
            (&[&*taken, second], false),
            (&[&*taken, second, drop], true),
        ] {
            hard(&[&failed[..], more, &[ROUTE]].concat(), routed);
        }
        // Nor may who took it over go before the close.
        let closing = [&failed[..], &[&*taken], &close[DONE.len()..close.len() - 1]].concat();
        hard(
            &[&closing[..], &[&*cancel, "dev close CR-001"]].concat(),
            false,
        );
        // What was said of a retirement is not said of the text.
        let retire = [
            "dev checkout SOP-001",
            "dev checkin SOP-001",
            "dev route-review! SOP-001",
            "qa review SOP-001",
            "qb review SOP-001",
        ];
        let play = hard(
            &[
                &retire[..],
                &[
                    "dev checkout SOP-001",
                    "dev edit SOP-001",
                    "dev checkin SOP-001",
                ],
            ]
            .concat(),
            true,
        );
        assert!(
            !block(&play, "SOP-001").contains("reviews"),
            "{}",
            block(&play, "SOP-001")
        );
        let last = [
            "dev route-approval SOP-001",
            "qa approve SOP-001",
            "qb approve SOP-001",
        ];
        let play = hard(&[&retire[..], &last].concat(), true);
        assert!(block(&play, "SOP-001").contains("status: RETIRED\n  version: \"2.0\"\n---"));
        tell(&format!("cases: {count} steps of hard cases"));
    });
}

#[test]
fn a_branch_brings_nothing_in_under_a_change_that_has_moved_on() {
    alone(
        "oracle::cases::a_branch_brings_nothing_in_under_a_change_that_has_moved_on",
        || {
            let work = |play: &mut Play, branch: usize| {
                let mut files = play.history.commits[play.tips[branch]]
                    .files
                    .as_ref()
                    .clone();
                files.insert("src/a.py".to_owned(), texts::plain("other\n"));
                let trailers = [("Change", "CR-001".to_owned()), ("Actor", "dev".to_owned())];
                let message = message::write("Work", &trailers);
                let before = play.tips[branch];
                play.put(branch, "work", "dev", files, message)
                    .expect("both agree");
                play.tips[branch] != before
            };
            let route = [&DONE[..], &["dev route-review CR-001"]].concat();
            // Cut while it is open, and it is open still; cut so, and it has gone on to its review, before or after the work.
            for (early, late, made, merged) in [
                (false, false, true, true),
                (true, false, false, false),
                (false, true, true, false),
            ] {
                let mut play = Play::opened().expect("both agree");
                if early {
                    run(&mut play, &route);
                }
                assert_eq!(work(&mut play, 1), made);
                if late {
                    run(&mut play, &route);
                }
                if made {
                    let before = play.trunk();
                    play.merge(0, &MERGE).expect("both agree");
                    assert_eq!(play.trunk() != before, merged, "{early} {late}");
                }
            }
            // The other order: the branch took it to its review, and the trunk has work that the review did not see.
            for (worked, merged) in [(false, true), (true, false)] {
                let mut play = Play::opened().expect("both agree");
                carry_out(&mut play);
                play.tips[1] = play.trunk();
                let ask = Ask {
                    action: "route-review".to_owned(),
                    id: "CR-001".to_owned(),
                    actor: "dev".to_owned(),
                    ..Ask::default()
                };
                play.ask(1, &ask).expect("both agree");
                match worked {
                    true => assert!(work(&mut play, 0)),
                    false => drop(run(&mut play, &["dev create SOP-002"])),
                }
                let before = play.trunk();
                play.merge(0, &MERGE).expect("both agree");
                assert_eq!(play.trunk() != before, merged);
            }
        },
    );
}

#[test]
fn two_legal_sides_can_be_illegal_together() {
    alone(
        "oracle::cases::two_legal_sides_can_be_illegal_together",
        || {
            let close = "dev route-review CR-001,qa review CR-001,qb review CR-001,dev route-approval CR-001,\
                     qa approve CR-001,qb approve CR-001,dev close CR-001";
            let close: Vec<&str> = DONE.into_iter().chain(close.split(',')).collect();
            for (born, scope, taken) in [
                ("VAR", "1", false),
                ("VAR", "2", false),
                ("VR", "", false),
                ("CR", "", true),
            ] {
                let id = if born == "CR" {
                    "CR-002".to_owned()
                } else {
                    format!("CR-001-{born}-001")
                };
                let mut play = Play::opened().expect("both agree");
                let text = play.scene(1, |scene| texts::fresh(scene, &id, "src/**", scope));
                let ask = Ask {
                    action: "create".to_owned(),
                    actor: "eve".to_owned(),
                    id,
                    text,
                    ..Ask::default()
                };
                play.ask(1, &ask).expect("both agree");
                assert!(run(&mut play, &close).iter().all(|made| *made));
                let before = play.trunk();
                play.merge(0, &MERGE).expect("both agree");
                assert_eq!(play.trunk() != before, taken, "{ask:?}");
            }
        },
    );
}

/// A plain merge of the first branch into the trunk.
const MERGE: Dice = Dice {
    what: 0,
    branch: 0,
    a: 0,
    b: 0,
    c: 0,
    d: 1,
};

#[test]
fn what_two_sides_moved_is_judged_together() {
    alone(
        "oracle::cases::what_two_sides_moved_is_judged_together",
        || {
            const VAR: &str = "CR-001-VAR-001";
            let item = |play: &mut Play, branch: usize| {
                let doc = play
                    .scene(branch, |scene| scene.doc("CR-001"))
                    .expect("it is there");
                let ask = Ask {
                    action: "item".to_owned(),
                    id: "CR-001".to_owned(),
                    actor: "dev".to_owned(),
                    item: Some("EI-1".to_owned()),
                    text: Some(texts::item(&doc, "EI-1", "dev", VAR, "")),
                    ..Ask::default()
                };
                play.ask(branch, &ask).expect("both agree");
            };
            let cancel = Ask {
                action: "cancel".to_owned(),
                id: VAR.to_owned(),
                actor: "dev".to_owned(),
                ..Ask::default()
            };
            // The item names it on the branch that cancelled it, or on the trunk. In the first case the branch was judged on
            // its own line, where the item came after, whatever else the trunk moved.
            let cases = [
                (1, true, true),
                (1, false, true),
                (0, true, false),
                (0, false, false),
            ];
            for (branch, more, taken) in cases {
                let mut play = Play::opened().expect("both agree");
                run(&mut play, &[&format!("dev create {VAR}")]);
                play.tips[1] = play.trunk();
                play.ask(1, &cancel).expect("both agree");
                item(&mut play, branch);
                if more {
                    run(&mut play, &["dev create SOP-002"]);
                } else {
                    let mut files = play.history.commits[play.trunk()].files.as_ref().clone();
                    files.insert("README.md".to_owned(), texts::plain("Other words\n"));
                    play.put(0, "free commits", "dev", files, "Say more\n".to_owned())
                        .expect("both agree");
                }
                let before = play.trunk();
                play.merge(0, &MERGE).expect("both agree");
                assert_eq!(play.trunk() != before, taken, "named on {branch}, {more}");
            }
        },
    );
}
