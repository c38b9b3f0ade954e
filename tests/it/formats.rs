//! What programs read: answers and files against the published schemas, and findings in the formats of CI.

use serde_json::{Value, json};

use crate::world::{World, document, project};

/// A published schema; `closed` refuses fields that it does not name, which readers must not.
pub(crate) fn schema(name: &str, closed: bool) -> jsonschema::Validator {
    let printed = World::empty().qms("ann", &["schema", name]).ok();
    let mut schema: Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(schema["$id"], format!("urn:qms:schema:{name}"));
    jsonschema::draft202012::meta::validate(&schema).expect("a schema");
    if closed {
        close(&mut schema);
    }
    jsonschema::draft202012::new(&schema).expect("a schema")
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.values_mut().for_each(close);
            if map.get("properties").is_some_and(Value::is_object) {
                map.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}

#[track_caller]
pub(crate) fn holds(schema: &jsonschema::Validator, value: &Value) {
    let wrong: Vec<String> = schema
        .iter_errors(value)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}\n{value:#}");
}

/// The value with something else at a place, or with the place gone.
fn with(value: &Value, pointer: &str, new: Value) -> Value {
    let mut value = value.clone();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let parent = value.pointer_mut(parent).expect("the parent is there");
    if new == json!("(gone)") {
        parent.as_object_mut().expect("an object").remove(key);
    } else {
        match parent {
            Value::Array(list) => list[key.parse::<usize>().expect("an index")] = new,
            map => map[key] = new,
        }
    }
    value
}

// Verifies: REQ-QMS-CMD-STATUS
#[test]
fn answers_are_as_their_schemas_say() {
    let world = World::new();
    let change = world.change("dev", "src/**");
    world
        .qms("dev", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.qms("dev", &["checkin", "SOP-001"]).ok();
    world.qms("dev", &["route", "SOP-001", "--review"]).ok();
    let (status, history) = (schema("status", true), schema("history", true));
    for id in [&*change, "SOP-001", "TEMPLATE-CR"] {
        holds(&status, &world.json("ann", &["status", id]));
        holds(&history, &world.json("ann", &["history", id]));
    }
    let inbox = world.json("qa", &["inbox"]);
    assert_eq!(inbox.as_array().map(Vec::len), Some(1));
    holds(&schema("tasks", true), &inbox);

    let view = world.json("ann", &["status", "SOP-001"]);
    for (pointer, wrong) in [
        ("/doc_id", json!("(gone)")),
        ("/status", json!("ALMOST")),
        ("/doc_type", json!("MEMO")),
        ("/executable", json!("yes")),
        ("/execution_phase", json!("later")),
        ("/authors", json!(null)),
    ] {
        assert!(!status.is_valid(&with(&view, pointer, wrong)), "{pointer}");
    }
    assert!(!status.is_valid(&with(&view, "/colour", json!("red"))));
    assert!(schema("status", false).is_valid(&with(&view, "/colour", json!("red"))));
    let events = world.json("ann", &["history", "SOP-001"]);
    assert!(!history.is_valid(&with(&events, "/0/ts", json!(7))));
    assert!(!history.is_valid(&events[0]));

    // A list with a document that cannot be read.
    world.write("QMS/SOP/SOP-002.md", "---\ntitle: [x\n---\n");
    world.git("ann", &["add", "."]).ok();
    world
        .git("ann", &["commit", "-qm", "Spoil", "--no-verify"])
        .ok();
    let list = world.json("ann", &["list"]);
    assert!(list.to_string().contains("\"why\""));
    holds(&schema("list", true), &list);
    assert!(!schema("list", true).is_valid(&with(&list, "/0", json!({ "doc_id": "SOP-001" }))));
}

/// A repository whose check finds something of every shape: with a commit and without, with a path, with a span.
fn spoiled() -> World {
    let world = World::new();
    world.write("src/a b,c:%ä.py", "x\n");
    world.git("dev", &["add", "."]).ok();
    world
        .git(
            "dev",
            &["commit", "-qm", "Work: 100%, <done>", "--no-verify"],
        )
        .ok();
    world.edit(&document("TEMPLATE-CR"), "title: ", "title: !x ");
    world.write("src/staged.py", "y\n");
    world.git("dev", &["add", "."]).ok();
    world
}

/// An answer of a check that finds errors.
#[track_caller]
fn found(world: &World, args: &[&str]) -> String {
    let ran = world.qms("dev", args);
    assert_eq!((ran.code, &*ran.err), (1, ""), "{}", ran.out);
    ran.out
}

#[test]
fn findings_are_as_their_schema_says() {
    let schema = schema("findings", true);
    let world = spoiled();
    let answer: Value =
        serde_json::from_str(&found(&world, &["check", "--format", "json"])).expect("JSON");
    holds(&schema, &answer);
    let findings = answer["findings"].as_array().expect("findings");
    for field in ["commit", "path", "span"] {
        let there = findings.iter().filter(|f| !f[field].is_null()).count();
        assert!(
            there > 0 && (field == "path" || there < findings.len()),
            "{field}: {answer:#}"
        );
    }
    for (pointer, wrong) in [
        ("/checked", json!("(gone)")),
        ("/errors", json!(-1)),
        ("/findings/0/severity", json!("fatal")),
        ("/findings/0/help", json!("qms list")),
        ("/findings/0/span", json!({ "line": 1 })),
        ("/findings/0/more", json!(1)),
    ] {
        assert!(
            !schema.is_valid(&with(&answer, pointer, wrong)),
            "{pointer}"
        );
    }
    let refused = world.qms(
        "qa",
        &[
            "--format", "json", "create", "CR", "--title", "T", "--scope", "x",
        ],
    );
    let refused: Value = serde_json::from_str(&refused.out).expect("JSON");
    assert_eq!(refused["refused"], true);
    holds(&schema, &refused);
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn the_policy_is_as_its_schema_says() {
    let schema = schema("policy", false);
    let world = World::new();
    holds(&schema, &yaml(&world.read("qms.yaml")));
    let full = yaml(
        "qms: \"0.1\"\ndocuments: QMS\nbranches: {trunk: main, protected: [release/*]}\n\
         users:\n  zoe: {groups: [administrator]}\n  bot: {groups: [], kind: service, emails: [b@x], agents: [zoe], left: true}\n\
         approvers: [human]\npaths:\n  free: [README.md, {match: [Cargo.lock], by: [zoe]}]\n\
         review:\n  - {match: [src/**], ask: [zoe]}\nseverities: {founding: error}\n",
    );
    holds(&schema, &full);
    for (pointer, wrong) in [
        ("/qms", json!("(gone)")),
        ("/qms", json!("next")),
        ("/users", json!(["zoe"])),
        ("/users/zoe/groups", json!(["king"])),
        ("/users/zoe/group", json!(["quality"])),
        ("/branches/main", json!("main")),
        ("/approvers", json!(["robot"])),
        ("/paths/free/1/for", json!("zoe")),
        ("/review/0/ask", json!("zoe")),
        ("/severities/founding", json!("off")),
        ("/colour", json!("red")),
    ] {
        assert!(!schema.is_valid(&with(&full, pointer, wrong)), "{pointer}");
    }
}

#[test]
fn front_matters_are_as_their_schema_says() {
    let schema = schema("front-matter", false);
    let front = |text: &str| yaml(text.split("---\n").nth(1).expect("a front matter"));
    for template in std::fs::read_dir(project().join("templates")).expect("templates") {
        let place = template.expect("a file").path();
        if place.extension().is_some_and(|ext| ext != "md") {
            continue;
        }
        let text = std::fs::read_to_string(place).expect("a text");
        holds(&schema, &front(&text));
    }
    let world = World::new();
    let path = document("CR-001");
    let now = || front(&world.read(&path));
    world
        .qms(
            "dev",
            &["create", "CR", "--title", "T: x", "--scope", "src/**"],
        )
        .ok();
    holds(&schema, &now());
    assert!(now()["qms"]["locked"].is_string());
    world.qms("dev", &["checkin", "CR-001"]).ok();
    world.qms("dev", &["route", "CR-001", "--review"]).ok();
    world.qms("qa", &["review", "CR-001", "--recommend"]).ok();
    holds(&schema, &now());
    world.qms("qb", &["review", "CR-001", "--recommend"]).ok();
    world.qms("dev", &["route", "CR-001", "--approval"]).ok();
    let full = now();
    holds(&schema, &full);
    world.qms("ann", &["checkout", "TEMPLATE-CR"]).ok();
    let revised = front(&world.read(&document("TEMPLATE-CR")));
    assert!(revised["qms"]["in_force"]["blob"].is_string());
    holds(&schema, &revised);
    holds(
        &schema,
        &with(&full, "/people", json!({ "a": 1, "b": "x" })),
    );
    for (pointer, wrong) in [
        ("/title", json!("(gone)")),
        ("/scope", json!("src/**")),
        ("/variance_type", json!(3)),
        ("/people", json!({ "a": { "b": "c" } })),
        ("/wide", json!([["b"]])),
        ("/QMS", json!("x")),
        ("/qms/status", json!("ALMOST")),
        ("/qms/version", json!("1")),
        ("/qms/owner", json!("Dev")),
        ("/qms/digest", json!("sha256:00")),
        ("/qms/approvals", json!({ "qa": "maybe" })),
        ("/qms/colour", json!("red")),
    ] {
        assert!(!schema.is_valid(&with(&full, pointer, wrong)), "{pointer}");
    }
}

// Verifies: REQ-QMS-CMD-SCHEMA
#[test]
fn every_schema_is_listed() {
    let list = World::empty().qms("ann", &["schema"]).ok();
    for name in ["status", "history", "findings", "policy", "front-matter"] {
        assert!(list.lines().any(|l| l.starts_with(name)), "{list}");
    }
    assert_eq!(World::empty().qms("ann", &["schema", "x"]).code, 2);
}

#[test]
fn a_format_of_checks_is_for_checks() {
    let world = World::new();
    for format in ["sarif", "github", "gitlab", "junit"] {
        let ran = world.qms("ann", &["list", "--format", format]);
        let of = match format {
            "sarif" => "qms check, qms policy check, qms verify and qms trace",
            _ => "qms check, qms policy check and qms verify",
        };
        let said = format!("error: `--format {format}` is for {of}; here it is text or json\n");
        assert_eq!((ran.code, &*ran.out, ran.err), (2, "", said));
        // Clean, and the same every time.
        let clean = world.qms("ann", &["check", "--format", format]).ok();
        assert_eq!(world.qms("ann", &["check", "--format", format]).ok(), clean);
        let spoiled = spoiled();
        let args = ["check", "--format", format];
        assert_eq!(found(&spoiled, &args), found(&spoiled, &args));
    }
}

/// Each finding of the JSON is in every other format, under its rule and at its place.
#[test]
fn the_formats_say_the_same() {
    let world = spoiled();
    let ask = |format: &str| found(&world, &["check", "--format", format]);
    let answer: Value = serde_json::from_str(&ask("json")).expect("JSON");
    let findings = answer["findings"].as_array().expect("findings");
    let sarif: Value = serde_json::from_str(&ask("sarif")).expect("JSON");
    let gitlab: Value = serde_json::from_str(&ask("gitlab")).expect("JSON");
    let github = ask("github");
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), findings.len());
    assert_eq!(gitlab.as_array().map(Vec::len), Some(findings.len()));
    assert_eq!(github.lines().count(), findings.len() + 1);
    let issues = gitlab.as_array().expect("issues");
    for (number, f) in findings.iter().enumerate() {
        let (result, issue) = (&results[number], &issues[number]);
        let rule = usize::try_from(result["ruleIndex"].as_u64().expect("a rule")).expect("small");
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], f["rule"]);
        assert_eq!(
            (&result["ruleId"], &result["level"]),
            (&f["rule"], &f["severity"])
        );
        assert_eq!(issue["check_name"], f["rule"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region["startLine"], f["span"]["line"]);
        let path = f["path"].as_str().unwrap_or("qms.yaml");
        assert_eq!(issue["location"]["path"], path);
        let line = github.lines().nth(number).expect("a command");
        let (severity, id) = (f["severity"].as_str(), f["rule"].as_str());
        let start = format!("::{} title={}", severity.expect("text"), id.expect("text"));
        assert!(line.starts_with(&start), "{line}");
    }
    assert!(github.contains(",file=src/a b%2Cc%3A%25ä.py::"), "{github}");
    assert!(
        sarif
            .to_string()
            .contains("\"src/a%20b%2Cc%3A%25%C3%A4.py\"")
    );
    let mut prints: Vec<_> = issues.iter().map(|i| i["fingerprint"].as_str()).collect();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), issues.len());
}

// Verifies: REQ-QMS-CMD-EXPLAIN
#[test]
fn advice_and_comparisons_are_as_their_schemas_say() {
    let world = World::house();
    let asks =
        |name: &str, user: &str, args: &[&str]| holds(&schema(name, true), &world.json(user, args));
    asks(
        "moved",
        "dev",
        &["create", "CR", "--title", "A change", "--scope", "src/**"],
    );
    world.write_up("CR-001");
    asks("next", "dev", &["next"]);
    asks("next", "qa", &["next", "CR-001"]);
    asks("next", "qa", &["next"]);
    asks("moved", "dev", &["route", "CR-001", "--review"]);
    world
        .qms(
            "qa",
            &["review", "CR-001", "--recommend", "--comment", "good"],
        )
        .ok();
    asks("history", "dev", &["comments", "CR-001"]);
    asks("history", "dev", &["history", "--user", "qa"]);
    asks("tasks", "dev", &["workspace"]);
    asks("items", "dev", &["item", "list", "CR-001"]);
    asks("item", "dev", &["item", "show", "CR-001", "EI-1"]);
    asks("sections", "dev", &["section", "list", "CR-001"]);
    asks("front", "dev", &["front", "list", "CR-001"]);
    asks("who", "dev", &["who", "src/main.py"]);
    asks("who", "dev", &["who", "README.md"]);
    asks("diff", "dev", &["diff", "CR-001", "0.1.."]);
    asks("story", "dev", &["explain", "CR-001"]);
    asks("verdict", "dev", &["explain", "HEAD"]);
    asks("systems", "dev", &["system", "list"]);
    for kind in ["TP", "SOP"] {
        asks("form", "dev", &["workflow", "show", kind, "--sections"]);
    }
    asks("users", "dev", &["user", "list"]);
    asks("sync", "dev", &["sync", "--push"]);
    world.qms("dev", &["init"]).ok();
    let server = ["doctor", "--server", "../server.git"];
    asks("doctor", "dev", &server);
    asks("doctor", "dev", &[&server[..], &["--prove"]].concat());
    let next = world.json("dev", &["next", "CR-001"]);
    assert!(!schema("next", true).is_valid(&with(&next, "/next/also", json!("nothing"))));
    assert!(!schema("sync", true).is_valid(&next));
}
