//! Every state, every action, four kinds of people, three classes of documents: the verdicts, written by hand from
//! lifecycle.md. Nothing here reads the workflow table.

use std::sync::Arc;

use qms::checks::check;
use qms::model::apply::{self, Step, Under};
use qms::model::change::{Change, Commit, Entry, PathChange, REGULAR, Tree};
use qms::model::document::Document;
use qms::model::ident::Ident;
use qms::model::kind::Id;
use qms::model::policy::Policy;
use qms::model::round::Policies;
use qms::model::trailer::{Key, Trailers};
use qms::model::workflow::{Action, Status};

/// o: the owner, an initiator. a: who is asked, of group quality. x: another initiator. u: nobody whom the policy
/// knows. Each state has its actions with those who may take them; an action that is not listed is refused to all.
const TABLE: &[(&str, &str, &str)] = &[
    // A procedure.
    (
        "SOP-001",
        "DRAFT",
        "edit:o checkout:ox checkin:o route-review:o cancel:o transfer:o",
    ),
    (
        "SOP-001",
        "DRAFT in force",
        "edit:o checkout:ox checkin:o route-review:o abandon:o transfer:o",
    ),
    (
        "SOP-001",
        "IN_REVIEW",
        "assign:a review:a withdraw:o transfer:o",
    ),
    (
        "SOP-001",
        "REVIEWED",
        "edit:o checkout:o checkin:o assign:a route-approval:o cancel:o transfer:o",
    ),
    (
        "SOP-001",
        "REVIEWED in force",
        "edit:o checkout:o checkin:o assign:a route-approval:o abandon:o transfer:o",
    ),
    (
        "SOP-001",
        "IN_APPROVAL",
        "assign:a approve:a reject:a withdraw:o transfer:o",
    ),
    ("SOP-001", "EFFECTIVE", "checkout:ox transfer:o"),
    ("SOP-001", "RETIRED", ""),
    ("SOP-001", "CANCELLED", ""),
    // A change.
    (
        "CR-001",
        "DRAFT",
        "edit:o checkout:ox checkin:o route-review:o cancel:o transfer:o",
    ),
    (
        "CR-001",
        "IN_PRE_REVIEW",
        "assign:a review:a withdraw:o transfer:o",
    ),
    (
        "CR-001",
        "PRE_REVIEWED",
        "edit:o checkout:o checkin:o assign:a route-approval:o cancel:o transfer:o",
    ),
    (
        "CR-001",
        "IN_PRE_APPROVAL",
        "assign:a approve:a reject:a withdraw:o transfer:o",
    ),
    (
        "CR-001",
        "PRE_APPROVED",
        "checkout:o release:o cancel:o transfer:o",
    ),
    (
        "CR-001",
        "IN_EXECUTION",
        "edit:o checkout:ox checkin:o item:ox route-review:o transfer:o",
    ),
    (
        "CR-001",
        "IN_POST_REVIEW",
        "assign:a review:a withdraw:o transfer:o",
    ),
    (
        "CR-001",
        "POST_REVIEWED",
        "checkout:o assign:a route-approval:o revert:o transfer:o",
    ),
    (
        "CR-001",
        "IN_POST_APPROVAL",
        "assign:a approve:a reject:a withdraw:o transfer:o",
    ),
    (
        "CR-001",
        "POST_APPROVED",
        "checkout:o revert:o close:o transfer:o",
    ),
    ("CR-001", "CLOSED", ""),
    ("CR-001", "CANCELLED", ""),
    // A verification record of a change that is in execution.
    (
        "CR-001-VR-001",
        "IN_EXECUTION",
        "edit:o checkout:ox checkin:o item:ox cancel:o transfer:o",
    ),
    ("CR-001-VR-001", "CLOSED", ""),
    ("CR-001-VR-001", "CANCELLED", ""),
];

const POLICY: &str = "qms: \"0.1\"\nbranches: {trunk: main}\nusers:\n  \
    olga: {groups: [initiator]}\n  quinn: {groups: [quality]}\n  otto: {groups: [initiator]}\n  \
    adam: {groups: [administrator]}\n  rita: {groups: [reviewer]}\n";

const PEOPLE: [(char, &str); 4] = [
    ('o', "olga"),
    ('a', "quinn"),
    ('x', "otto"),
    ('u', "ursula"),
];

const BODY: &str =
    "\n# T\n\n| EI | Task | Outcome |\n|----|------|---------|\n| EI-1 | Do | [OUTCOME] |\n";

/// The document in a state, as the moves before it leave it.
fn document(id: &Id, state: &str, locked: bool) -> Document {
    let (status, in_force) = state
        .split_once(' ')
        .map_or((state, false), |(s, _)| (s, true));
    let scope = if id.as_str() == "CR-001" {
        "scope: [src/**]\n"
    } else {
        ""
    };
    let text = format!("---\ntitle: T\nrevision_summary: S\n{scope}---\n{BODY}");
    let digest = qms::model::document::digest(text.as_bytes());
    let version = match status {
        "DRAFT" if in_force => "1.1",
        "REVIEWED" if in_force => "1.1",
        "DRAFT" | "IN_REVIEW" | "REVIEWED" | "IN_APPROVAL" | "IN_PRE_REVIEW" | "PRE_REVIEWED"
        | "IN_PRE_APPROVAL" => "0.2",
        "RETIRED" | "POST_APPROVED" => "2.0",
        _ => "1.0",
    };
    let mut block = format!("qms:\n  status: {status}\n  version: \"{version}\"\n");
    let mut line = |key: &str, value: &str| block.push_str(&format!("  {key}: {value}\n"));
    let bare = matches!(status, "RETIRED" | "CLOSED" | "CANCELLED");
    if !bare {
        line("owner", "olga");
    }
    if locked {
        line("locked", &format!("\"{digest}\""));
    }
    let review = match status {
        "IN_REVIEW" | "IN_PRE_REVIEW" | "IN_POST_REVIEW" => Some("{quinn: pending}"),
        s if s.ends_with("REVIEWED") || s.ends_with("APPROVAL") => Some("{quinn: recommend}"),
        _ => None,
    };
    if let Some(review) = review {
        line("reviews", review);
    }
    if status.ends_with("APPROVAL") {
        line("approvals", "{quinn: pending}");
    }
    if review.is_some() {
        line("digest", &format!("\"{digest}\""));
    }
    if !bare
        && !matches!(
            status,
            "EFFECTIVE" | "PRE_APPROVED" | "POST_APPROVED" | "IN_EXECUTION"
        )
    {
        line("authors", "[olga]");
    }
    if in_force {
        line(
            "in_force",
            &format!("{{version: \"1.0\", blob: \"{}\"}}", "a".repeat(40)),
        );
    }
    let file = text.replacen("---\n\n", &format!("{block}---\n\n"), 1);
    Document::parse(file.into_bytes()).unwrap_or_else(|f| panic!("{state}: {f:?}"))
}

fn entry(document: &Document, letter: &str) -> Entry {
    Entry {
        mode: REGULAR,
        id: letter.repeat(40),
        document: Some(Arc::new(Ok(document.clone()))),
        link: None,
    }
}

/// The step that a person would commit to take an action, with the block and the trailers that it asks for.
fn step(id: &Id, state: &str, action: Action, actor: &str) -> Change {
    // Text is written in a check-out, and every other move wants none.
    let locked = matches!(action, Action::Edit | Action::Checkin);
    step_from(id, document(id, state, locked), action, actor, "More.")
}

/// The same from any document, with the words that an edit would add.
fn step_from(id: &Id, before: Document, action: Action, actor: &str, words: &str) -> Change {
    let policy = Arc::new(Policy::parse(POLICY.as_bytes()).expect("a policy"));
    let text = String::from_utf8(before.text()).expect("text");
    let written = match action {
        Action::Edit | Action::Checkin => text.replace("# T\n", &format!("# T\n\n{words}\n")),
        Action::Item => text.replace("[OUTCOME]", "Pass"),
        Action::Fix => text.replace("| EI |", "|  EI |"),
        Action::Abandon => text.replace("# T\n", "# In force\n"),
        _ => text.clone(),
    };
    let after = Document::from_text(written.as_bytes(), before.state.clone()).expect("a document");
    let mut trailers = Trailers::new([
        (Key::Action, action.as_str().to_owned()),
        (Key::Document, id.to_string()),
        (Key::Actor, actor.to_owned()),
        (Key::Before, before.file_digest()),
    ]);
    for (of, key, value) in [
        (Action::Review, Key::Outcome, "recommend"),
        (Action::Assign, Key::Users, "quinn, rita"),
        (Action::Transfer, Key::Users, "adam"),
        (Action::Item, Key::Item, "EI-1"),
    ] {
        if of == action {
            trailers.set(key, value.to_owned());
        }
    }
    if action.needs_reason() {
        trailers.set(Key::Reason, "because".to_owned());
    }
    let post = action == Action::RouteReview && before.state.status == Status::InExecution;
    let under = post.then(Under::default);
    let known = trailers.clone();
    let computed = Step {
        id,
        action,
        actor,
        co_authors: &[],
        trailers: &known,
        policies: Policies {
            acting: &policy,
            asking: &policy,
        },
        before: Some(&before),
        blob: &"b".repeat(40),
        after: &after,
        under: under.as_ref(),
    };
    let new = computed.apply().unwrap_or_else(|| before.state.clone());
    apply::complete(&mut trailers, action, Some(&before), &new);
    let after = Document::parse(after.with_state(&new)).expect("a document");
    let message = trailers.write("T\n\nWhy.").expect("a message");
    let ident = Ident::new(actor, "");
    let mut tree = Tree::default();
    tree.documents.insert(id.clone(), entry(&before, "b"));
    if let Some(parent) = id.parent() {
        let running = document(&parent, "IN_EXECUTION", false);
        tree.documents.insert(parent, entry(&running, "d"));
    }
    let in_force = Document::from_text(
        text.replace("# T\n", "# In force\n")
            .replace("summary: S", "summary: Old")
            .as_bytes(),
        before.state.clone(),
    );
    let abandons = action == Action::Abandon;
    let text_in_force = if abandons {
        Ok(after.clone())
    } else {
        in_force
    };
    Change {
        commit: Commit {
            author: ident.clone(),
            committer: ident,
            message: Some(message.into_bytes()),
            ..Commit::default()
        },
        passage: Default::default(),
        parents: vec!["e".repeat(40)],
        asking: policy.clone(),
        own: policy.clone(),
        paths: vec![PathChange {
            path: id.path(&policy.folder),
            before: Some(entry(&before, "b")),
            after: Some(entry(&after, "c")),
        }],
        contested: Vec::new(),
        merged: Default::default(),
        twins: Vec::new(),
        policy_after: None,
        before: tree,
        at_p: Tree::default(),
        at_base: Tree::default(),
        under,
        qualified: Vec::new(),
        shown: Vec::new(),
        names: Vec::new(),
        in_force: before
            .state
            .in_force
            .as_ref()
            .map(|_| Arc::new(text_in_force)),
        form: None,
        cited: Default::default(),
        template: None,
        policy,
    }
}

// Verifies: REQ-QMS-RULE-TRAILER-WRONG, REQ-QMS-RULE-BAD-ASSIGNMENT
#[test]
fn every_state_action_and_person() {
    let mut wrong = Vec::new();
    let mut verdicts = 0;
    for (id, state, allowed) in TABLE {
        let id = Id::parse(id).expect("an id");
        for action in Action::ALL.iter().filter(|a| **a != Action::Create) {
            let may = allowed
                .split(' ')
                .find_map(|a| a.strip_prefix(&format!("{action}:")))
                .unwrap_or_default();
            for (letter, person) in PEOPLE {
                let findings = check(&step(&id, state, *action, person));
                let errors: Vec<_> = findings
                    .iter()
                    .filter(|f| f.is_error())
                    .map(|f| (f.rule.id, &f.message))
                    .collect();
                verdicts += 1;
                if errors.is_empty() != may.contains(letter) {
                    wrong.push(format!("{id} {state}: {action} by {person}: {errors:?}"));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {verdicts}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(verdicts, TABLE.len() * 18 * 4);
}

/// An administrator has what an initiator has, and may give up, hand on and mend; he neither assigns nor approves.
#[test]
fn an_administrator_has_no_powers_by_rank() {
    let mut may = Vec::new();
    for (id, state, _) in TABLE {
        let id = Id::parse(id).expect("an id");
        for action in Action::ALL.iter().filter(|a| **a != Action::Create) {
            if check(&step(&id, state, *action, "adam"))
                .iter()
                .all(|f| !f.is_error())
            {
                may.push(action.as_str());
            }
        }
    }
    may.sort_unstable();
    may.dedup();
    assert_eq!(
        may,
        ["abandon", "cancel", "checkout", "fix", "item", "transfer"]
    );
}

#[test]
fn the_states_of_the_table_are_all_states() {
    let missing: Vec<_> = Status::ALL
        .iter()
        .filter(|s| {
            !TABLE
                .iter()
                .any(|(_, t, _)| t.split(' ').next() == Some(s.as_str()))
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Invariant 1: whatever people try, they end in a legal state or are refused, and nothing is approved that was not
/// recommended and approved by group quality as it stands.
// Verifies: REQ-QMS-RULE-WRONG-STATE, REQ-QMS-RULE-NOT-ALLOWED, REQ-QMS-RULE-OWN-WORK
#[test]
fn no_path_skips_a_gate() {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    let reached = std::cell::Cell::new(0);
    // Three tries of four take an action that the state knows, so that paths get far; the rest is anything.
    let tries = prop::collection::vec((0..18usize, 0..7usize, 0..4u8), 60..160);
    let config = Config {
        cases: 32,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = runner.run(&(tries, any::<bool>()), |(tries, change)| {
        let id = Id::parse(if change { "CR-001" } else { "SOP-001" }).expect("an id");
        let all: Vec<Action> = Action::ALL
            .iter()
            .copied()
            .filter(|a| *a != Action::Create)
            .collect();
        let mut document = document(&id, "DRAFT", false);
        let (mut recommended, mut approved) = (None, false);
        for (number, (pick, person, wild)) in tries.into_iter().enumerate() {
            let mut known =
                qms::model::workflow::actions_in(id.kind().class, document.state.status);
            // What leads back is tried as often as anything, not more.
            let back = [
                Action::Cancel,
                Action::Withdraw,
                Action::Transfer,
                Action::Checkout,
                Action::Reject,
            ];
            known.retain(|a| !back.contains(a));
            let choice =
                if wild == 0 || known.is_empty() || document.state.locked.is_some() && wild == 1 {
                    &all
                } else {
                    &known
                };
            let action = choice[pick % choice.len()];
            let actor = match person {
                0..3 => document
                    .state
                    .owner
                    .clone()
                    .unwrap_or_else(|| "otto".to_owned()),
                other => ["quinn", "quinn", "rita", "adam"][other - 3].to_owned(),
            };
            let actor = actor.as_str();
            let step = step_from(
                &id,
                document.clone(),
                action,
                actor,
                &format!("Words {number}."),
            );
            if check(&step).iter().any(|f| f.is_error()) {
                continue;
            }
            let after = step.paths[0]
                .after
                .as_ref()
                .and_then(|e| e.document.clone())
                .expect("a document");
            let after = after.as_ref().as_ref().expect("readable").clone();
            let text = after.text_digest();
            if action == Action::Review {
                let own = document.state.authors.contains(actor)
                    || document.state.owner.as_deref() == Some(actor);
                prop_assert!(!own);
                recommended = Some(text.clone());
            }
            approved |= action == Action::Approve && actor == "quinn";
            if action == Action::Approve && !after.state.status.is_approval() {
                reached.set(reached.get() + 1);
                prop_assert_eq!(recommended.take(), Some(text.clone()));
                prop_assert!(approved);
                approved = false;
            }
            // Invariant 6: only a move that may write changes the text.
            prop_assert!(action.changes_text() || text == document.text_digest());
            document = after;
        }
        Ok(())
    });
    outcome.unwrap_or_else(|e| panic!("{e}"));
    assert!(
        reached.get() > 10,
        "only {} approvals were reached",
        reached.get()
    );
}
