//! Every fault that a text of the histories can have, one by one: what is refused at once, and what keeps a document from
//! its review, by oracle and library alike.

use super::alone::{alone, tell};
use super::cases::run;
use super::message;
use super::play::Play;
use super::rules::Ask;
use super::texts;

/// dev changes a text; whether both let him.
fn writes(play: &mut Play, action: &str, id: &str, item: Option<&str>, text: String) -> bool {
    let ask = Ask {
        action: action.to_owned(),
        id: id.to_owned(),
        actor: "dev".to_owned(),
        item: item.map(str::to_owned),
        text: Some(text),
        ..Ask::default()
    };
    let before = play.trunk();
    play.ask(0, &ask).expect("both agree");
    play.trunk() != before
}

fn changed(play: &Play, id: &str, n: u16) -> String {
    let doc = play.scene(0, |scene| scene.doc(id)).expect("it is there");
    texts::changed(&doc, n)
}

/// dev sets an item of CR-001.
fn sets(play: &mut Play, item: &str, evidence: &str, odd: &str) -> bool {
    let doc = play.scene(0, |scene| scene.doc("CR-001"));
    let text = texts::item(&doc.expect("it is there"), item, "dev", evidence, odd);
    writes(play, "item", "CR-001", Some(item), text)
}

/// Whether it goes to its review; it is taken back at once.
fn routes(play: &mut Play, id: &str) -> bool {
    let made = run(play, &[&format!("dev route-review {id}")]);
    if made[0] {
        run(play, &[&format!("dev withdraw {id}")]);
    }
    made[0]
}

#[test]
fn a_draft_with_a_fault_is_written_and_not_reviewed() {
    alone(
        "oracle::odd::a_draft_with_a_fault_is_written_and_not_reviewed",
        || {
            let mut play = Play::opened().expect("both agree");
            for (id, faults) in [("CR-002", 8), ("SOP-002", 7), ("TEMPLATE-NOTE", 0)] {
                assert!(run(&mut play, &[&format!("dev create {id}")])[0]);
                for n in 0..20 {
                    let text = changed(&play, id, n);
                    assert!(writes(&mut play, "checkin", id, None, text), "{id} {n}");
                    // A procedure has neither items nor what execution fills in.
                    let is_there = id == "CR-002" || (3..7).contains(&n);
                    let fault = n < faults && is_there;
                    assert_eq!(routes(&mut play, id), !fault, "{id} {n}");
                    assert!(run(&mut play, &[&format!("dev checkout {id}")])[0]);
                }
            }
            tell("cases: 60 drafts, 12 of them with a fault");
        },
    );
}

#[test]
fn an_item_that_asks_for_a_record_has_one_that_is_filled_in() {
    let name = "oracle::odd::an_item_that_asks_for_a_record_has_one_that_is_filled_in";
    alone(name, || {
        const VR: &str = "CR-002-VR-001";
        let mut play = Play::opened().expect("both agree");
        run(&mut play, &["dev create CR-002"]);
        let text = changed(&play, "CR-002", texts::RECORDED);
        assert!(writes(&mut play, "checkin", "CR-002", None, text));
        let opened = "dev route-review,qa review,qb review,dev route-approval,qa approve,qb approve,dev release,\
                      dev item,dev checkout,dev checkin";
        for step in opened.split(',') {
            assert!(run(&mut play, &[&format!("{step} CR-002")])[0], "{step}");
        }
        assert!(!routes(&mut play, "CR-002"), "there is none");
        for (number, items, filled, good) in [
            (1, "", true, false),
            (2, "EI-1", false, false),
            (3, "EI-1", true, true),
        ] {
            let id = VR.replace("001", &format!("{number:03}"));
            assert!(run(&mut play, &[&format!("dev create {id} {items}")])[0]);
            assert!(!routes(&mut play, "CR-002"), "{id} is checked out");
            let doc = play.scene(0, |scene| scene.doc(&id)).expect("it is there");
            let text = match filled {
                true => texts::changed(&doc, texts::MORE),
                false => doc.text(),
            };
            assert!(writes(&mut play, "checkin", &id, None, text));
            assert_eq!(routes(&mut play, "CR-002"), good, "{id}");
            if !filled {
                let drop = format!("dev cancel {id}");
                assert!(run(&mut play, &[&drop])[0]);
            }
        }
        let more = VR.replace("001", "004");
        assert!(run(&mut play, &[&format!("dev create {more}")])[0]);
        let text = changed(&play, &more, texts::MORE);
        assert!(writes(&mut play, "edit", &more, None, text));
        assert!(!routes(&mut play, "CR-002"));
        tell("cases: 4 records, 2 of them for an item");
    });
}

#[test]
fn what_is_carried_out_changes_where_it_may() {
    alone(
        "oracle::odd::what_is_carried_out_changes_where_it_may",
        || {
            let mut play = Play::opened().expect("both agree");
            run(&mut play, &["dev create CR-002", "dev checkout CR-001"]);
            for n in 0..20 {
                let text = changed(&play, "CR-001", n);
                let made = writes(&mut play, "edit", "CR-001", None, text);
                assert_eq!(made, n > 5, "{n}");
            }
            let text = changed(&play, "CR-001", texts::MORE);
            assert!(writes(&mut play, "checkin", "CR-001", None, text));
            assert!(!routes(&mut play, "CR-001"));
            for item in ["EI-1", "EI-2"] {
                for odd in texts::ODD_ITEM {
                    let made = sets(&mut play, item, texts::SHOWN, odd);
                    let may = ["nothing", "failed", "no outcome"].contains(&odd);
                    assert_eq!(made, may, "{item} {odd}");
                }
            }
            sets(&mut play, "EI-2", "`src/a.py`", "nothing");
            for odd in ["failed", "no outcome"] {
                assert!(sets(&mut play, "EI-1", texts::SHOWN, odd));
                assert!(!routes(&mut play, "CR-001"), "{odd}");
            }
            let evidence = |play: &mut Play, evidence: &str| {
                assert!(sets(play, "EI-1", evidence, "nothing"), "{evidence}");
                routes(play, "CR-001")
            };
            for (shown, good) in [
                (texts::SHOWN, true),
                ("`src/a.py`", true),
                ("SOP-001", true),
                ("CR-001", true),
                ("`docs/plan.md`", false),
                ("CR-002", false),
                ("CR-007", false),
                ("N/A", false),
                ("seen by all", false),
                ("", false),
                ("[EVIDENCE]", false),
            ] {
                assert_eq!(evidence(&mut play, shown), good, "{shown}");
            }
            let mut files = play.history.commits[play.trunk()].files.as_ref().clone();
            files.insert("src/a.py".to_owned(), texts::plain("other\n"));
            let trailers = [
                ("Change", "CR-001".to_owned()),
                ("Item", "EI-1".to_owned()),
                ("Actor", "dev".to_owned()),
            ];
            let message = message::write("Work", &trailers);
            let put = play.put(0, "work", "dev", files, message);
            put.expect("both agree");
            assert!(evidence(&mut play, "seen by all"));
            assert!(!evidence(&mut play, "N/A"));
            assert!(!evidence(&mut play, "[EVIDENCE]"));
            tell("cases: 20 edits, 16 items, 14 times evidence");
        },
    );
}
