//! A tour: three people and two agents take documents through their lives by the commands that qms proposes, typed as
//! they are shown, with nothing filled in but what a person has to say.

use crate::world::{World, document};

/// A repository with a server, hooks installed, and the people of the tour.
fn begin() -> World {
    let world = World::plain();
    let people = [
        "ann:administrator",
        "qa:quality",
        "tu:reviewer",
        "claude:initiator:agent",
        "codex:initiator:agent",
    ];
    let args: Vec<&str> = people.iter().flat_map(|p| ["--user", p]).collect();
    world.qms("ann", &[&["init"], &args[..]].concat()).ok();
    world.leaner();
    world.serve();
    world.qms("ann", &["init"]).ok();
    world
}

/// Runs a command as it is shown; `say` is put where a person has to say something.
#[track_caller]
fn types(world: &World, user: &str, command: &str, say: &str) -> String {
    let words = shell(&command.replace('…', say));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (program, args) = words.split_first().expect("a command");
    assert_eq!(*program, "qms", "{command}");
    world.qms(user, args).ok()
}

/// Words as a shell takes them apart, quotes included.
pub(crate) fn shell(line: &str) -> Vec<String> {
    let (mut words, mut quote, mut open) = (vec![String::new()], None, false);
    for c in line.chars() {
        match (quote, c) {
            (None, '\'' | '"') => (quote, open) = (Some(c), true),
            (Some(q), c) if c == q => quote = None,
            (None, ' ') => {
                if open || !words.last().expect("a word").is_empty() {
                    words.push(String::new());
                }
                open = false;
            }
            (_, c) => words.last_mut().expect("a word").push(c),
        }
    }
    words
}

fn next(world: &World, user: &str, id: &str) -> serde_json::Value {
    world.json(user, &["next", id])["next"].clone()
}

/// Whoever's turn it is does what is proposed to him, until the document is where it is to go.
#[track_caller]
fn goes(world: &World, id: &str, until: &str) {
    for _ in 0..20 {
        if world.status(id) == until {
            return;
        }
        let whose = next(world, "ann", id)["whose"][0]
            .as_str()
            .expect("somebody's turn")
            .to_owned();
        world.fill(&whose, id);
        let step = next(world, &whose, id);
        assert_eq!(
            (&step["yours"], &step["ready"]),
            (&true.into(), &true.into()),
            "{step:#}"
        );
        types(
            world,
            &whose,
            step["command"].as_str().expect("a command"),
            "",
        );
    }
    panic!("{id} does not get to {until}: {}", next(world, "ann", id));
}

/// The command among what else is possible that has these words.
#[track_caller]
fn also(world: &World, user: &str, id: &str, words: &str) -> String {
    let all = next(world, user, id);
    let offers = all["also"].as_array().expect("offers");
    let commands = offers.iter().filter_map(|o| o["command"].as_str());
    let found = commands.into_iter().find(|c| c.contains(words));
    found
        .unwrap_or_else(|| panic!("nothing with {words}: {all:#}"))
        .to_owned()
}

#[track_caller]
fn works(world: &World, user: &str, path: &str, text: &str) {
    world.write(path, text);
    world.git(user, &["add", path]).ok();
    // The hook says which change it is for.
    world
        .git(user, &["commit", "-qm", &format!("Write {path}")])
        .ok();
}

// Verifies: REQ-QMS-CMD-INIT, REQ-QMS-CMD-CHECKOUT, REQ-QMS-CMD-CHECKIN, REQ-QMS-CMD-WITHDRAW,
// REQ-QMS-HOOK-PRE-COMMIT, REQ-QMS-HOOK-PREPARE-COMMIT-MSG, REQ-QMS-HOOK-PRE-RECEIVE
#[test]
fn the_tour() {
    let world = begin();

    // A procedure, and its revision: the first version stays in force meanwhile.
    types(&world, "claude", "qms create SOP --title \"…\"", "Backups");
    goes(&world, "SOP-001", "EFFECTIVE");
    assert_eq!(
        next(&world, "codex", "SOP-001")["command"],
        serde_json::Value::Null
    );
    types(
        &world,
        "codex",
        &also(&world, "codex", "SOP-001", "qms checkout"),
        "",
    );
    world.edit(
        &document("SOP-001"),
        "revision_summary: Initial draft",
        "revision_summary: Off site too",
    );
    let inbox = world.json("codex", &["workspace"]);
    assert_eq!(inbox[0]["task"], "write");
    goes(&world, "SOP-001", "IN_REVIEW");
    // A reviewer wants more; the owner is told by whom and where to read it.
    types(
        &world,
        "qa",
        &also(&world, "qa", "SOP-001", "--request-updates"),
        "How often?",
    );
    let step = next(&world, "codex", "SOP-001");
    assert_eq!(step["command"], "qms checkout SOP-001");
    assert!(
        step["what"]
            .as_str()
            .expect("a sentence")
            .contains("qms comments SOP-001"),
        "{step}"
    );
    assert!(types(&world, "codex", "qms comments SOP-001", "").contains("How often?"));
    assert_eq!(
        world.json("ann", &["status", "SOP-001"])["effective_version"],
        "1.0"
    );
    types(&world, "codex", "qms checkout SOP-001", "");
    world.edit(
        &document("SOP-001"),
        "Off site too",
        "Off site too, every night",
    );
    goes(&world, "SOP-001", "EFFECTIVE");
    assert_eq!(world.json("ann", &["status", "SOP-001"])["version"], "2.0");

    // A change: what a path needs says how to begin.
    let who = world.json("claude", &["who", "src/start.py"]);
    types(
        &world,
        "claude",
        who["commands"][0].as_str().expect("a command"),
        "Start over http",
    );
    goes(&world, "CR-001", "IN_EXECUTION");
    let who = world.json("claude", &["who", "src/start.py"]);
    types(
        &world,
        "claude",
        who["commands"][0].as_str().expect("a command"),
        "",
    );
    works(&world, "claude", "src/start.py", "start\n");
    // Two variances: one that has to be carried out first, and one that may be carried out later.
    for (scope, id, kind) in [
        ("src/stop.py", "CR-001-VAR-001", None),
        ("src/later.py", "CR-001-VAR-002", Some("2")),
    ] {
        let create = also(&world, "claude", "CR-001", "create VAR").replace("PATH", scope);
        types(&world, "claude", &create, "More than planned");
        if let Some(kind) = kind {
            world.edit(
                &document(id),
                "variance_type: 1",
                &format!("variance_type: {kind}"),
            );
        }
        goes(&world, id, "PRE_APPROVED");
    }
    types(
        &world,
        "claude",
        next(&world, "claude", "CR-001-VAR-001")["command"]
            .as_str()
            .expect("a command"),
        "",
    );
    types(&world, "claude", "qms use CR-001-VAR-001", "");
    works(&world, "claude", "src/stop.py", "stop\n");
    // The change cannot be closed before the first variance is, and is told so.
    goes(&world, "CR-001", "POST_APPROVED");
    let step = next(&world, "claude", "CR-001");
    assert_eq!(
        (&step["ready"], &step["missing"][0]["rule"]),
        (&false.into(), &"open-child".into()),
        "{step}"
    );
    goes(&world, "CR-001-VAR-001", "CLOSED");
    goes(&world, "CR-001", "CLOSED");

    // An investigation, by the other agent.
    types(
        &world,
        "codex",
        "qms create INV --title \"…\"",
        "Why it stopped",
    );
    goes(&world, "INV-001", "CLOSED");

    // An addendum says what the closed change no longer does.
    let create = also(&world, "claude", "CR-001", "create ADD").replace("PATH", "src/start.py");
    types(&world, "claude", &create, "It starts twice");
    goes(&world, "CR-001-ADD-001", "CLOSED");

    // The procedure is retired.
    types(
        &world,
        "codex",
        &also(&world, "codex", "SOP-001", "qms checkout"),
        "",
    );
    world.edit(&document("SOP-001"), "every night", "no longer done here");
    types(&world, "codex", "qms checkin SOP-001", "");
    types(
        &world,
        "codex",
        &also(&world, "codex", "SOP-001", "--retire"),
        "",
    );
    goes(&world, "SOP-001", "RETIRED");

    // Everything is legal here, and for the server.
    let left = world.json("claude", &["workspace"]);
    assert_eq!(left[0]["doc_id"], "CR-001-VAR-002");
    let all = world.qms("ann", &["check", "--all", "--strict"]).ok();
    assert!(all.contains("clean"), "{all}");
    world.lands();
}

#[test]
fn i_07_a_pre_approved_document_is_revised_by_its_owner() {
    let world = begin();
    types(
        &world,
        "claude",
        "qms create CR --title \"…\" --scope src/**",
        "A change",
    );
    goes(&world, "CR-001", "PRE_APPROVED");
    types(
        &world,
        "claude",
        &also(&world, "claude", "CR-001", "qms checkout"),
        "",
    );
    assert_eq!(world.status("CR-001"), "DRAFT");
    goes(&world, "CR-001", "PRE_APPROVED");
    assert_eq!(world.json("ann", &["status", "CR-001"])["version"], "2.0");
    world.lands();
}

#[test]
fn a_round_whose_reviewers_have_left_goes_on() {
    let world = begin();
    world
        .qms("qa", &["user", "add", "quinn", "--group", "quality"])
        .ok();
    types(
        &world,
        "claude",
        "qms create CR --title \"…\" --scope src/**",
        "A change",
    );
    goes(&world, "CR-001", "IN_PRE_REVIEW");
    // quinn goes without having spoken; when qa has, somebody else is asked.
    world
        .qms(
            "qa",
            &["user", "leave", "quinn", "--reason", "Left the company"],
        )
        .ok();
    types(&world, "qa", "qms review CR-001 --recommend", "");
    let step = next(&world, "qa", "CR-001");
    let command = step["command"].as_str().expect("a command");
    assert_eq!(command, "qms assign CR-001 --assignees USER", "{step}");
    types(
        &world,
        "qa",
        &command.replace("--assignees USER", "--assignees tu --remove quinn"),
        "",
    );
    goes(&world, "CR-001", "IN_EXECUTION");
}
