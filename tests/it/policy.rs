//! `qms policy check`: flaws with their place, and entries that do nothing.

use crate::world::World;

fn rewritten(from: &str, to: &str) -> World {
    let world = World::new();
    world.edit("qms.yaml", from, to);
    world
}

/// The messages about a policy, with the lines that they are about.
fn said(world: &World) -> Vec<String> {
    let ran = world.qms("ann", &["policy", "check", "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let failed = i32::from(answer["errors"] != 0);
    assert_eq!((ran.code, &*ran.err), (failed, ""));
    let findings = answer["findings"].as_array().expect("findings");
    let line = |f: &serde_json::Value| {
        let span = &f["span"]["line"];
        let text = world.read("qms.yaml");
        let line = span.as_u64().and_then(|n| text.lines().nth(n as usize - 1));
        format!(
            "{} | {}",
            f["message"].as_str().expect("text"),
            line.unwrap_or("-").trim()
        )
    };
    findings.iter().map(line).collect()
}

// Verifies: REQ-QMS-CMD-POLICY-CHECK
#[test]
fn flaws_come_all_at_once_with_their_lines() {
    let world = rewritten("  protected: []", "  protected: [/x]");
    world.edit(
        "qms.yaml",
        "review: []",
        "review:\n  - {match: [a**], ask: [nobody]}",
    );
    insta::assert_snapshot!(said(&world).join("\n"), @r"
    `/x` is no pattern: patterns start at the top of the repository, without `/` or `./` | protected: [/x]
    `a**` is no pattern: `**` stands for whole components only | - {match: [a**], ask: [nobody]}
    `nobody` is no user of this policy | - {match: [a**], ask: [nobody]}
    ");
    let ran = world.qms("ann", &["policy", "check"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("error[policy-form]"), "{}", ran.out);
    // What is committed was a policy: without a file in the work tree it is the one that counts.
    std::fs::remove_file(world.path("qms.yaml")).expect("it was there");
    let head = world.qms("ann", &["policy", "check"]).ok();
    assert!(head.contains("of `HEAD`"), "{head}");
}

// Verifies: REQ-QMS-RULE-POLICY-SEVERITY
#[test]
fn a_severity_of_no_rule_is_an_error() {
    let world = World::new();
    let text = world.read("qms.yaml");
    world.write(
        "qms.yaml",
        &format!(
            "{text}severities: {{out-of-scop: error, out-of-scope: warning, founding: error}}\n"
        ),
    );
    world
        .qms("ann", &["policy", "check"])
        .refused("policy-severity");
    let about: Vec<String> = said(&world)
        .into_iter()
        .filter(|m| m.contains("out-of-scop"))
        .collect();
    assert_eq!(about.len(), 2, "{about:?}");
}

// Verifies: REQ-QMS-RULE-POLICY-EFFECT
#[test]
fn entries_that_do_nothing_are_told() {
    let world = World::plain();
    world.qms("ann", &["init"]).ok();
    world.write(
        "qms.yaml",
        "qms: \"0.1\"\nbranches:\n  trunk: main\n  protected: [main, \"refs/heads/release\", release/*, release/*, \"**\"]\n\
         users:\n  ann: {groups: [administrator]}\n  idle: {groups: []}\n  gone: {groups: [], left: true}\n  \
         gate: {groups: [], kind: service, agents: [ann]}\n\
         paths:\n  free:\n    - README.md\n    - nothing/**\n    - .github/workflows/x.yml\n    - QMS/**\n    - {match: [src/*], by: [ann]}\n\
         review:\n  - {match: [src/**, lib/**], ask: [ann]}\n",
    );
    insta::assert_snapshot!(said(&world).join("\n"), @r#"
    this policy lists nobody who could approve a change | -
    `main` is the trunk, which always is protected | protected: [main, "refs/heads/release", release/*, release/*, "**"]
    `refs/heads/release` protects nothing: branches are named without `refs/heads/` | protected: [main, "refs/heads/release", release/*, release/*, "**"]
    `release/*` stands here twice | protected: [main, "refs/heads/release", release/*, release/*, "**"]
    `**` protects every branch, so that there is none to work on | protected: [main, "refs/heads/release", release/*, release/*, "**"]
    `idle` is in no group, and may do nothing | idle: {groups: []}
    `.github/workflows/x.yml` frees nothing: this path is always controlled | - .github/workflows/x.yml
    `QMS/**` frees nothing: what it matches is always controlled | - QMS/**
    `lib/**` matches no file of `HEAD`, so that it asks nobody | - {match: [src/**, lib/**], ask: [ann]}
    `ann` is asked, and is neither of group quality nor reviewer | - {match: [src/**, lib/**], ask: [ann]}
    "#);
    let warned = world.qms("ann", &["policy", "check"]).ok();
    assert!(warned.contains("warning[policy-effect]") && warned.contains("warning[founding]"));
    assert_eq!(world.qms("ann", &["policy", "check", "--strict"]).code, 1);
    let sarif = world
        .qms("ann", &["policy", "check", "--format", "sarif"])
        .ok();
    assert!(sarif.contains("\"policy-effect\""), "{sarif}");
}

#[test]
fn signatures_that_nobody_can_give_or_nothing_asks_for_are_told() {
    let mut world = World::new();
    let key = world.make_keys(&["qa"]).remove(0);
    let text = world.read("qms.yaml");
    let keyed = text.replacen(
        "qa: {groups: [quality], kind: human}",
        &format!("qa: {{groups: [quality], kind: human, keys: [\"{key}\"]}}"),
        1,
    );
    assert_ne!(keyed, text);
    world.write(
        "qms.yaml",
        &format!("{keyed}signatures: {{main: require, feature/*: warn}}\n"),
    );
    let about: Vec<String> = said(&world)
        .into_iter()
        .filter(|m| {
            m.contains("signatures") || m.contains("could approve") || m.contains("asked there")
        })
        .collect();
    let mut asked = about.iter().map(|m| m.split(" | ").next().unwrap_or(m));
    let without = ["ann", "dev", "claude", "qb", "tu"].map(|name| {
        format!("`{name}` has no key, and can do nothing where signatures are required")
    });
    let rest: Vec<&str> = asked
        .by_ref()
        .filter(|m| !without.iter().any(|w| w == m))
        .collect();
    assert_eq!(
        rest,
        [
            "this policy lists nobody who could approve a change",
            "`feature/*` is no protected branch, so that nothing is asked there"
        ]
    );
    assert_eq!(about.len(), rest.len() + without.len(), "{about:?}");
    world.write("qms.yaml", &format!("{keyed}signatures: sometimes\n"));
    world
        .qms("ann", &["policy", "check"])
        .refused("policy-form");
    world.write(
        "qms.yaml",
        &keyed.replace(&key, &key.replace("AAAA", "AAAB")),
    );
    let flaws = world
        .qms("ann", &["policy", "check"])
        .refused("policy-form");
    assert!(flaws.contains("expected a public key"), "{flaws}");
}

// Verifies: REQ-QMS-CMD-POLICY-CHECK
#[test]
fn a_policy_that_means_what_it_says_is_clean() {
    let world = rewritten("review: []", "review:\n  - {match: [src/**], ask: [qa]}");
    let text = world.read("qms.yaml");
    let kept = text
        .lines()
        .filter(|l| !l.starts_with("    - ") || l.contains("README"));
    world.write("qms.yaml", &(kept.collect::<Vec<_>>().join("\n") + "\n"));
    assert_eq!(said(&world), Vec::<String>::new());
    let clean = world.qms("ann", &["policy", "check", "--strict"]).ok();
    assert_eq!(clean, "clean: `qms.yaml` of the work tree\n");
    assert_eq!(World::plain().qms("ann", &["policy", "check"]).code, 2);
}
