//! `qms ci` in faithful replays of its platforms: what is clean passes, and each thing that is not is told where that platform
//! looks for it.

use serde_json::{Value, json};

use crate::authority::branching;
use crate::evidence::{ADD, coded, reports};
use crate::formats::{holds, schema};
use crate::runner::{Job, NONE, forge, push};
use crate::trace::{put, traced};
use crate::world::{Ran, World};

/// A governed repository on a forge, with a change in execution.
fn house() -> (World, String) {
    let world = World::new();
    let change = world.change("dev", "src/**");
    forge(&world);
    (world, change)
}

/// Makes the last commit again.
fn amends(world: &World, message: &str, change: &str) {
    let message = World::work(message, change, "dev");
    world
        .git("dev", &["commit", "-q", "--amend", "-m", &message])
        .ok();
}

/// A pipeline of a push to `main`.
fn on_gitlab(world: &World, folder: &str, (before, after): (&str, &str), depth: usize) -> Job {
    let vars = [
        ("CI_COMMIT_BRANCH", "main"),
        ("CI_COMMIT_BEFORE_SHA", before),
    ];
    Job::gitlab(world, folder, ("push", after), &vars, depth)
}

/// Work that the change does not cover, and that no hook stops.
fn out_of_scope(world: &World, change: &str) {
    world.write("lib/other.py", "x\n");
    world.works("dev", "More", change);
}

#[track_caller]
fn clean(said: &Ran) {
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("\nclean: "), "{}", said.out);
}

/// Refused by this rule, with that exit code.
#[track_caller]
fn finds(said: &Ran, rule: &str) {
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    let told = format!("error[{rule}]");
    assert!(said.out.contains(&told), "expected {rule}: {}", said.out);
    assert!(said.out.contains("\nrefused: "), "{}", said.out);
}

fn phase<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let phases = answer["phases"].as_array().expect("phases");
    phases
        .iter()
        .find(|p| p["name"] == name)
        .expect("the phase")
}

// Verifies: REQ-QMS-CMD-CI
#[test]
fn on_github_a_clean_push_passes_and_one_out_of_scope_does_not() {
    let (world, change) = house();
    world.write("src/main.py", "good\n");
    world.works("dev", "Work", &change);
    let (before, after) = push(&world, "refs/heads/main");
    let job = Job::pushed(&world, "good", "refs/heads/main", (&before, &after));
    let said = job.action(&[]);
    clean(&said);
    let notice = format!(
        "::notice title=qms::clean: push to `main`, {}..{}",
        &before[..10],
        &after[..10]
    );
    assert!(said.out.contains(&notice), "{}", said.out);
    assert!(job.page().starts_with("## qms: clean\n"), "{}", job.page());
    let answer = job.json(&[]);
    holds(&schema("ci", true), &answer);
    assert_eq!(answer["verdict"], "clean");
    assert_eq!(
        (&answer["base"], &answer["head"]),
        (&json!(before), &json!(after))
    );
    assert_eq!(phase(&answer, "commits")["looked_at"], 1);
    assert_eq!(phase(&answer, "documents")["state"], "nothing");

    out_of_scope(&world, &change);
    let (before, after) = push(&world, "refs/heads/main");
    let mut job = Job::pushed(&world, "bad", "refs/heads/main", (&before, &after));
    job.inputs.push(("sarif", "found.sarif".into()));
    job.inputs.push(("junit", "found.xml".into()));
    let said = job.action(&[]);
    finds(&said, "out-of-scope");
    let annotated = "\n::error title=out-of-scope,file=lib/other.py::";
    assert!(said.out.contains(annotated), "{}", said.out);
    assert!(
        job.page()
            .contains("**error** `out-of-scope` at ` lib/other.py `"),
        "{}",
        job.page()
    );
    // It is told once, though the history holds it too.
    assert_eq!(said.out.matches("error[out-of-scope]").count(), 1);
    let answer = job.json(&[]);
    holds(&schema("ci", true), &answer);
    assert_eq!(
        (&answer["verdict"], &answer["errors"]),
        (&json!("refused"), &json!(1))
    );
    assert_eq!(phase(&answer, "verify")["told_before"], 1);
    let sarif: Value = serde_json::from_str(&job.world.read("found.sarif")).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "out-of-scope");
    assert!(job.world.read("found.xml").contains("qms.out-of-scope"));
    // A run by hand brings nothing in; what is there is found all the same.
    let event = json!({ "repository": { "default_branch": "main" } });
    let by_hand = ("workflow_dispatch", event);
    let job = Job::github(&world, "hand", by_hand, ("refs/heads/main", &after), 0);
    finds(&job.action(&[]), "out-of-scope");
    assert_eq!(phase(&job.json(&[]), "commits")["state"], "nothing");
}

#[test]
fn on_github_a_pull_request_is_judged_as_the_merge_that_it_would_be() {
    let (world, change) = house();
    world.git("dev", &["checkout", "-q", "-b", "fix"]).ok();
    world.write("src/main.py", "fixed\n");
    world.works("dev", "Fix", &change);
    let (_, head) = push(&world, "refs/heads/fix");
    // The target has moved on meanwhile.
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.write("src/new.py", "new\n");
    world.works("dev", "New", &change);
    push(&world, "refs/heads/main");
    let job = Job::asked(&world, "own", &head, "o/r");
    clean(&job.action(&[]));
    let answer = job.json(&[]);
    assert_eq!(
        (&answer["event"], &answer["fork"]),
        (&json!("pull-request"), &json!(false))
    );
    assert_eq!(phase(&answer, "commits")["looked_at"], 1);
    // What the forge put into its merge counts: it is what would come in.
    let tried = job.world.head();
    world
        .git("ann", &["checkout", "-q", "--detach", &tried])
        .ok();
    world.write("src/evil.py", "evil\n");
    world.git("ann", &["add", "."]).ok();
    world
        .git("ann", &["commit", "-q", "--amend", "--no-edit"])
        .ok();
    let (_, evil) = push(&world, "refs/pull/7/merge");
    world.git("ann", &["checkout", "-q", "main"]).ok();
    let job = Job::asked_at(&world, "evil", (&head, &evil), "o/r");
    finds(&job.action(&[]), "no-change");
    // Somebody else's, from a fork: nobody answers for it yet.
    world
        .git("zed", &["checkout", "-q", "-b", "theirs", "main"])
        .ok();
    world.write("src/theirs.py", "by zed\n");
    world.puts("zed", "Contribute");
    let job = Job::asked(&world, "fork", &world.head(), "zed/r");
    let said = job.action(&[]);
    finds(&said, "no-change");
    assert!(
        said.out.contains("pull request from a fork into `main`"),
        "{}",
        said.out
    );
    // Without the forge's merge one is tried in memory, which says the same.
    let head = job.json(&[])["head"].as_str().expect("a head").to_owned();
    finds(&job.qms(&["--head", &head]), "no-change");
    // A policy of the pull request's own judges nobody.
    world
        .git("zed", &["checkout", "-q", "-b", "loose", "main"])
        .ok();
    world.edit("qms.yaml", "trunk: main", "trunk: loose");
    world.write("src/loose.py", "by zed\n");
    world.puts("zed", "Loosen");
    let job = Job::asked(&world, "loose", &world.head(), "zed/r");
    let said = job.action(&[]);
    finds(&said, "no-change");
    assert_eq!(job.json(&[])["trunk"], "main");
}

#[test]
fn two_sides_that_are_illegal_together_are_refused_before_they_are_merged() {
    let (world, change) = house();
    world.git("dev", &["checkout", "-q", "-b", "late"]).ok();
    world.write("src/late.py", "late\n");
    world.works("dev", "Late", &change);
    let (_, head) = push(&world, "refs/heads/late");
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.write("src/main.py", "work\n");
    world.works("dev", "Work", &change);
    world.approve("dev", &change);
    push(&world, "refs/heads/main");
    let job = Job::asked(&world, "late-gh", &head, "o/r");
    let said = job.action(&[]);
    assert_eq!(said.code, 1, "{}", said.out);
    let vars = [
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_MERGE_REQUEST_PROJECT_ID", "5"),
        ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "5"),
        ("CI_MERGE_REQUEST_EVENT_TYPE", "detached"),
    ];
    let job = Job::gitlab(&world, "late-gl", ("merge_request_event", &head), &vars, 0);
    let tried = job.script();
    assert_eq!(tried.code, 1, "{}", tried.out);
    // What the forge's merge shows, the one in memory shows too.
    let rules = |said: &Ran| {
        let words = said.out.split("error[").skip(1);
        let mut all: Vec<String> = words
            .filter_map(|w| Some(w.split_once(']')?.0.to_owned()))
            .collect();
        all.sort();
        all
    };
    assert_eq!(rules(&tried), rules(&said));
}

#[test]
fn a_clone_that_is_not_whole_is_refused_with_the_line_that_mends_it() {
    let (world, change) = house();
    world.write("src/main.py", "good\n");
    world.works("dev", "Work", &change);
    let (before, after) = push(&world, "refs/heads/main");
    let event = json!({
        "ref": "refs/heads/main", "before": before, "after": after, "repository": { "default_branch": "main" },
    });
    let at = ("refs/heads/main", &*after);
    let mut job = Job::github(&world, "shallow", ("push", event), at, 1);
    job.inputs.push(("sarif", "old.sarif".into()));
    job.world.write("old.sarif", "from an earlier run\n");
    let said = job.action(&[]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.out.contains("write `fetch-depth: 0`"), "{}", said.out);
    assert!(
        said.out
            .contains("::error title=qms::history could not look"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("\ncould not check: ") && !said.out.contains("clean"),
        "{}",
        said.out
    );
    assert!(job.page().starts_with("## qms: could not check\n"));
    // No report says that nothing was found.
    assert!(!job.world.path("old.sarif").exists());
    let answer = job.json(&[]);
    holds(&schema("ci", true), &answer);
    assert_eq!(answer["verdict"], "could-not-check");
    let states: Vec<&Value> = answer["phases"]
        .as_array()
        .expect("phases")
        .iter()
        .map(|p| &p["state"])
        .collect();
    assert_eq!(states, [&json!("could-not"); 5]);

    let job = on_gitlab(&world, "shallow-gl", (&before, &after), 20);
    clean(&on_gitlab(&world, "deep-gl", (&before, &after), 0).script());
    job.world
        .git("ann", &["fetch", "-q", "--depth=1", "origin", &after])
        .ok();
    let said = job.script();
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(
        said.out.contains("write `GIT_DEPTH: \"0\"`"),
        "{}",
        said.out
    );
    // The same by hand, and the command that is named mends it.
    let plain = job.world.qms("ann", &["ci"]);
    assert_eq!(plain.code, 2);
    assert!(plain.out.contains("git fetch --unshallow"), "{}", plain.out);
    job.world.git("ann", &["fetch", "-q", "--unshallow"]).ok();
    job.world
        .git(
            "ann",
            &[
                "fetch",
                "-q",
                "origin",
                "+refs/heads/*:refs/remotes/origin/*",
            ],
        )
        .ok();
    clean(&job.script());
    // A partial clone has every commit and not every file.
    let url = format!(
        "file://{}",
        world
            .path("../forge.git")
            .canonicalize()
            .expect("a forge")
            .display()
    );
    world
        .git(
            "ann",
            &["clone", "-q", "--filter=blob:none", &url, "../partial"],
        )
        .ok();
    let said = world.within("../partial").qms("ann", &["ci"]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.out.contains("the clone is partial"), "{}", said.out);
}

#[test]
fn a_protected_branch_that_was_forced_is_refused_and_another_is_not() {
    let (world, change) = house();
    world.write("src/main.py", "one\n");
    world.works("dev", "One", &change);
    push(&world, "refs/heads/main");
    amends(&world, "Two", &change);
    let (before, after) = push(&world, "refs/heads/main");
    // The old tip is nowhere in what was fetched.
    let job = Job::pushed(&world, "forced", "refs/heads/main", (&before, &after));
    let said = job.action(&[]);
    finds(&said, "history-rewritten");
    assert!(said.out.contains(&before), "{}", said.out);
    let job = on_gitlab(&world, "forced-gl", (&before, &after), 0);
    finds(&job.script(), "history-rewritten");
    // Another branch keeps it: it is here, and not where it was.
    world
        .git(
            "dev",
            &["push", "-q", "origin", &format!("{before}:refs/heads/kept")],
        )
        .ok();
    let job = Job::pushed(&world, "kept", "refs/heads/main", (&before, &after));
    finds(&job.action(&[]), "history-rewritten");
    // Back and forth on a branch of one's own is nobody's business.
    world.git("dev", &["checkout", "-q", "-b", "mine"]).ok();
    world.write("src/mine.py", "mine\n");
    world.works("dev", "Mine", &change);
    let (_, first) = push(&world, "refs/heads/mine");
    amends(&world, "Better", &change);
    let (_, second) = push(&world, "refs/heads/mine");
    clean(&Job::pushed(&world, "mine-new", "refs/heads/mine", (NONE, &second)).action(&[]));
    let job = Job::pushed(&world, "mine", "refs/heads/mine", (&first, &second));
    let said = job.action(&[]);
    clean(&said);
    assert_eq!(phase(&job.json(&[]), "commits")["looked_at"], 1);
    // A branch that is gone: of a protected one that is a finding.
    let gone = |name: &str| {
        let event = json!({ "ref": name, "before": second, "after": NONE, "repository": { "default_branch": "main" }});
        Job::github(
            &world,
            &format!("gone-{}", name.len()),
            ("push", event),
            ("refs/heads/main", &after),
            0,
        )
    };
    clean(&gone("refs/heads/elsewhere").action(&[]));
    finds(&gone("refs/heads/main").action(&[]), "branch-deleted");
}

#[test]
fn releases_and_new_branches_start_where_a_protected_branch_has_been() {
    let world = branching();
    forge(&world);
    push(&world, "refs/heads/main");
    let tagged = |folder: &str, tag: &str, before: &str| {
        let name = format!("refs/tags/{tag}");
        world.git("ann", &["push", "-q", "-f", "origin", tag]).ok();
        let id = world.git("ann", &["rev-parse", tag]).ok();
        Job::pushed(&world, folder, &name, (before, id.trim()))
    };
    world.git("ann", &["tag", "-a", "-m", "One", "v1"]).ok();
    let job = tagged("v1", "v1", NONE);
    clean(&job.action(&[]));
    let first = world.git("ann", &["rev-parse", "HEAD"]).ok();
    let tag = [("CI_COMMIT_TAG", "v1"), ("CI_COMMIT_BEFORE_SHA", NONE)];
    clean(&Job::gitlab(&world, "v1-gl", ("push", first.trim()), &tag, 0).script());
    // A release branch that came from the trunk, seen from a clone where it was only fetched.
    push(&world, "refs/heads/release/1");
    let job = Job::pushed(
        &world,
        "release",
        "refs/heads/release/1",
        (NONE, first.trim()),
    );
    clean(&job.action(&[]));
    assert!(job.json(&[]).to_string().contains("`release/1` at"));

    world.git("ann", &["checkout", "-q", "-b", "side"]).ok();
    world.write("README.md", "side\n");
    world.puts("zed", "Side");
    world.git("ann", &["tag", "v2"]).ok();
    finds(&tagged("v2", "v2", NONE).action(&[]), "release-tag");
    let job = Job::gitlab(
        &world,
        "v2-gl",
        ("push", &world.head()),
        &[("CI_COMMIT_TAG", "v2")],
        0,
    );
    finds(&job.script(), "release-tag");
    // Whoever starts a pipeline can say that it is of a tag.
    for tag in ["nothing", "v1"] {
        let event = ("push", &*world.head());
        let said = Job::gitlab(
            &world,
            &format!("{tag}-said"),
            event,
            &[("CI_COMMIT_TAG", tag)],
            0,
        )
        .script();
        assert_eq!(said.code, 2, "{}", said.out);
        assert!(said.out.contains("which is not here at"), "{}", said.out);
    }
    world.git("ann", &["tag", "-f", "v1"]).ok();
    finds(
        &tagged("moved", "v1", first.trim()).action(&[]),
        "release-tag",
    );
    world.git("ann", &["tag", "any"]).ok();
    let job = tagged("any", "any", NONE);
    clean(&job.action(&[]));
    assert!(
        job.action(&[])
            .out
            .contains("`any` is no release by the policy")
    );
    // A new protected branch vouches for nothing by being there.
    push(&world, "refs/heads/release/2");
    let job = Job::pushed(&world, "new", "refs/heads/release/2", (NONE, &world.head()));
    finds(&job.action(&[]), "new-branch");
    // A sandbox is left alone.
    push(&world, "refs/heads/genesis/x");
    let job = Job::pushed(
        &world,
        "sandbox",
        "refs/heads/genesis/x",
        (NONE, &world.head()),
    );
    let commits = phase(&job.json(&[]), "commits").clone();
    assert_eq!(commits["state"], "nothing");
    assert!(
        commits["why"]
            .as_str()
            .expect("why")
            .contains("is a sandbox")
    );
}

#[test]
fn what_is_pushed_does_not_say_where_judging_begins() {
    let (world, change) = house();
    let policy = world.read("qms.yaml");
    world.git("dev", &["rm", "-q", "qms.yaml"]).ok();
    world.works("dev", "Away", &change);
    world.write("qms.yaml", &policy);
    world.write("lib/other.py", "x\n");
    world.works("dev", "And back", &change);
    let (before, after) = push(&world, "refs/heads/main");
    let job = Job::pushed(&world, "moved", "refs/heads/main", (&before, &after));
    finds(&job.action(&[]), "out-of-scope");
    let anchor = job.json(&[])["anchor"].clone();
    assert_ne!(anchor, json!(after));
    assert_eq!(
        job.world.json("ann", &["verify"])["anchor"],
        json!(after),
        "whoever is not told believes the tree that is checked out"
    );
    finds(
        &on_gitlab(&world, "moved-gl", (&before, &after), 0).script(),
        "out-of-scope",
    );
}

#[test]
fn a_merge_queue_is_judged_step_by_step() {
    let (world, change) = house();
    let base = world.head();
    world.git("dev", &["checkout", "-q", "-b", "queue"]).ok();
    world.write("src/main.py", "queued\n");
    world.works("dev", "Queued", &change);
    let queued = |folder: &str| {
        let name = "refs/heads/gh-readonly-queue/main/pr-7-abc";
        let (_, head) = push(&world, name);
        let event = json!({
            "merge_group": { "base_ref": "refs/heads/main", "base_sha": base, "head_ref": name, "head_sha": head },
            "repository": { "default_branch": "main" },
        });
        Job::github(&world, folder, ("merge_group", event), (name, &head), 0)
    };
    clean(&queued("queue").action(&[]));
    out_of_scope(&world, &change);
    finds(&queued("queue-bad").action(&[]), "out-of-scope");
}

/// What GitLab says of a merge request into `main` from the same project.
const INTO_MAIN: [(&str, &str); 4] = [
    ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
    ("CI_MERGE_REQUEST_PROJECT_ID", "5"),
    ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "5"),
    ("CI_COMMIT_BEFORE_SHA", NONE),
];

/// A server takes these names, so the merge that would bring them in is tried with them.
#[test]
fn names_that_one_system_dislikes_are_judged_as_any_other() {
    let (world, change) = house();
    push(&world, "refs/heads/main");
    world.git("dev", &["checkout", "-q", "-b", "fix"]).ok();
    world.write("src/aux.txt", "x\n");
    world.write("src/a:b", "x\n");
    world.works("dev", "Fix", &change);
    let (_, head) = push(&world, "refs/heads/fix");
    let request = ("merge_request_event", &*head);
    clean(&Job::gitlab(&world, "odd", request, &INTO_MAIN, 0).script());
    world.write("lib/con", "x\n");
    world.works("dev", "More", &change);
    let (_, head) = push(&world, "refs/heads/fix");
    let request = ("merge_request_event", &*head);
    let job = Job::gitlab(&world, "odd-more", request, &INTO_MAIN, 0);
    finds(&job.script(), "out-of-scope");
}

// Verifies: REQ-QMS-CMD-CI
#[test]
fn on_gitlab_pipelines_of_branches_and_requests_leave_their_reports() {
    let (world, change) = house();
    world.write("src/main.py", "good\n");
    world.works("dev", "Work", &change);
    let (before, after) = push(&world, "refs/heads/main");
    let job = on_gitlab(&world, "good", (&before, &after), 0);
    let said = job.script();
    clean(&said);
    assert!(!said.out.contains("::"), "{}", said.out);
    assert_eq!(job.world.read("gl-code-quality-report.json"), "[]\n");
    out_of_scope(&world, &change);
    let (before, after) = push(&world, "refs/heads/main");
    let job = on_gitlab(&world, "bad", (&before, &after), 0);
    finds(&job.script(), "out-of-scope");
    let report: Value =
        serde_json::from_str(&job.world.read("gl-code-quality-report.json")).expect("JSON");
    assert_eq!(report[0]["location"]["path"], "lib/other.py");
    assert!(job.world.read("qms-junit.xml").contains("qms.out-of-scope"));
    // By itself it leaves the report under the name that GitLab's own templates give it.
    let again = on_gitlab(&world, "again", (&before, &after), 0);
    finds(&again.qms(&[]), "out-of-scope");
    assert!(again.world.path("gl-code-quality-report.json").exists());
    // A merge request of what is fine, and of what is not; also as the merge that GitLab tried.
    let tip = after;
    world.git("dev", &["checkout", "-q", "-b", "fix"]).ok();
    world.write("src/fix.py", "fix\n");
    world.works("dev", "Fix", &change);
    let (_, head) = push(&world, "refs/heads/fix");
    let target = INTO_MAIN;
    let request = ("merge_request_event", &*head);
    let commits = |job: &Job| phase(&job.json(&[]), "commits").clone();
    let job = Job::gitlab(&world, "mr", request, &target, 0);
    assert_eq!(
        (&commits(&job)["looked_at"], &commits(&job)["errors"]),
        (&json!(1), &json!(0))
    );
    let made = crate::runner::tries(&world, &head, 9);
    let merged = [
        &target[..],
        &[
            ("CI_MERGE_REQUEST_EVENT_TYPE", "merged_result"),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", &head),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", &tip),
        ],
    ]
    .concat();
    let job = Job::gitlab(
        &world,
        "mr-merged",
        ("merge_request_event", &made),
        &merged,
        0,
    );
    assert_eq!(commits(&job)["errors"], 0);
    assert_eq!(job.json(&[])["head"], head.as_str());
    // The pipeline of a fork's own project does not have the target, and says how to get it.
    let theirs = [&target[..], &[("CI_PROJECT_ID", "9")]].concat();
    let job = Job::gitlab(&world, "mr-fork", request, &theirs, 0);
    let said = job.script();
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(
        said.out.contains("qms ci --base FETCH_HEAD"),
        "{}",
        said.out
    );
    assert_eq!(commits(&job)["state"], "could-not");
}

#[test]
fn nothing_from_outside_is_believed_or_run() {
    let (world, change) = house();
    // Names and subjects that a runner would take for its own words.
    let path = "lib/::error file=x::a\n::add-mask::b";
    std::fs::create_dir_all(world.path("lib/::error file=x::a\n::add-mask::")).ok();
    world.write(path, "x\n");
    world.works("dev", "::stop-commands::end", &change);
    let (before, after) = push(&world, "refs/heads/main");
    let mut job = Job::pushed(&world, "words", "refs/heads/main", (&before, &after));
    let said = job.action(&[]);
    finds(&said, "out-of-scope");
    let (token, rest) = said
        .out
        .strip_prefix("::stop-commands::")
        .and_then(|t| t.split_once('\n'))
        .expect("a token");
    assert_eq!(token.len(), 64);
    let (text, commands) = rest
        .split_once(&format!("\n::{token}::\n"))
        .expect("an end");
    assert!(text.contains("error[out-of-scope]"));
    for line in commands.lines() {
        let known = ["::error title=", "::warning title=", "::notice title=qms::"];
        assert!(known.iter().any(|k| line.starts_with(k)), "{line}");
    }
    // Inputs are no part of any script.
    job.inputs
        .push(("base", "$(touch pwned); `touch pwned`".into()));
    let said = job.action(&[]);
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    job.inputs.pop();
    job.inputs.push(("base", "--output=pwned".into()));
    assert_eq!(job.action(&[]).code, 2);
    assert!(!job.world.path("pwned").exists());
    // What no platform would set is refused before anything is looked up.
    for (name, before) in [
        ("refs/heads/--x\n", before.as_str()),
        ("refs/heads/main", "HEAD"),
        ("refs/heads/a b", NONE),
    ] {
        let event = json!({ "ref": name, "before": before, "after": after });
        std::fs::write(world.path("../words-event.json"), event.to_string()).expect("a file");
        let said = job.qms(&[]);
        assert_eq!(said.code, 2, "{}", said.out);
        assert!(said.err.starts_with("error: `"), "{}", said.err);
    }
    // A report is not written through a link that came with the commits.
    let job = on_gitlab(&world, "link", (&before, &after), 0);
    let outside = job.world.path("../outside");
    std::fs::write(&outside, "mine\n").expect("a file");
    std::os::unix::fs::symlink(&outside, job.world.path("gl-code-quality-report.json"))
        .expect("a link");
    finds(&job.script(), "out-of-scope");
    assert_eq!(std::fs::read_to_string(&outside).expect("a file"), "mine\n");
    assert!(
        job.world
            .read("gl-code-quality-report.json")
            .starts_with('[')
    );
}

#[test]
fn the_action_builds_where_it_lies_and_nowhere_else() {
    let (world, _) = house();
    let after = world.head();
    let mut job = Job::pushed(&world, "build", "refs/heads/main", (&after, &after));
    job.inputs.clear();
    // In the place of cargo: says from where it was started and with what, and puts the program there.
    job.world.script(
        "../tools/cargo",
        &format!(
            "#!/bin/sh\npwd > \"$RUNNER_TEMP/where\"\necho \"$*\" > \"$RUNNER_TEMP/what\"\nmkdir -p \"$RUNNER_TEMP/qms/bin\"\ncp '{}' \"$RUNNER_TEMP/qms/bin/qms\"\n",
            env!("CARGO_BIN_EXE_qms")
        ),
    );
    let tools = job.world.path("../tools").canonicalize().expect("a folder");
    let path = format!(
        "{}:{}",
        tools.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    clean(&job.action(&[("PATH", &path)]));
    assert_eq!(
        job.world.read("../build-temp/where").trim(),
        crate::world::project().to_str().expect("a path")
    );
    let what = job.world.read("../build-temp/what");
    assert!(
        what.starts_with("install --locked ") && what.trim().ends_with("/qms --path ."),
        "{what}"
    );
}

#[test]
fn our_own_files_ask_for_little() {
    let workflow = crate::runner::yaml(".github/workflows/qms.yml");
    assert_eq!(workflow["permissions"], json!({}));
    let steps = workflow["jobs"]["demo"]["steps"].as_array().expect("steps");
    for step in steps {
        let run = step["run"].as_str().unwrap_or_default();
        assert!(!run.contains("${{"), "{run}");
        let uses = step["uses"].as_str().unwrap_or("./");
        let pinned = uses.split_once('@').is_some_and(|(_, at)| at.len() == 40);
        assert!(pinned || uses.starts_with("./"), "{uses}");
    }
    let template = crate::runner::yaml("templates/qms.gitlab-ci.yml");
    assert_eq!(template["qms"]["variables"]["GIT_DEPTH"], "0");
    let action = crate::runner::yaml(".github/actions/qms/action.yml");
    let inputs = action["inputs"].as_object().expect("inputs");
    let step = &action["runs"]["steps"][0];
    assert!(!step["run"].as_str().expect("a script").contains("${{"));
    // Every input is used, and nothing else is.
    let used: Vec<String> = step["env"]
        .as_object()
        .expect("variables")
        .keys()
        .cloned()
        .collect();
    let mut named: Vec<String> = inputs
        .keys()
        .map(|i| format!("INPUT_{}", i.to_uppercase()))
        .collect();
    named.sort();
    assert_eq!(used, named);
}

// Verifies: REQ-QMS-CMD-CI
#[test]
fn requirements_are_told_until_they_are_required() {
    let world = traced();
    put(
        &world,
        "src/a.py",
        "# Implements: REQ-CLI-009\ndef a():\n    pass\n",
    );
    let said = world.qms("ann", &["ci"]);
    // The tag's commit has no change: what is asked here is only what the phase says.
    assert!(
        said.out.contains("warning[requirement-unimplemented]"),
        "{}",
        said.out
    );
    assert!(said.out.contains("warning[trace-flaw]"), "{}", said.out);
    let fetch =
        "no results of tests are here: git fetch origin refs/qms/evidence:refs/qms/evidence";
    assert!(said.out.contains(fetch), "{}", said.out);
    let said = world.qms("ann", &["ci", "--trace", "require"]);
    assert!(
        said.out.contains("error[requirement-unimplemented]"),
        "{}",
        said.out
    );
    assert!(said.out.contains("error[trace-flaw]"), "{}", said.out);
    assert_eq!(said.code, 1);
    // What results show is none of it.
    let shown = coded();
    reports(&shown, "", "3,4,5", "");
    shown.qms("ann", &ADD).ok();
    let said = shown.qms("ann", &["ci"]);
    assert!(!said.out.contains("no results of tests"), "{}", said.out);
    assert!(!said.out.contains("`REQ-CLI-001` is"), "{}", said.out);
    assert!(said.out.contains("`REQ-CLI-002` is"), "{}", said.out);
    // A system without a specification cannot be traced: told, and with `require` no verdict at all.
    let bare = World::plain();
    bare.qms("ann", &["init", "--user", "ann:administrator"])
        .ok();
    bare.qms("ann", &["system", "add", "CLI", "--code", "src/**"])
        .ok();
    let said = bare.qms("ann", &["ci"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(
        said.out
            .contains("CLI was not traced: CLI has no SDLC-CLI-RS"),
        "{}",
        said.out
    );
    let said = bare.qms("ann", &["ci", "--trace", "require"]);
    assert_eq!(said.code, 2, "{}", said.out);
}

// Verifies: REQ-QMS-CMD-CI
#[test]
fn by_hand_it_asks_what_is_new_since_the_remote() {
    let (world, change) = house();
    let said = world.qms("dev", &["ci"]);
    clean(&said);
    world.write("src/main.py", "good\n");
    world.works("dev", "Work", &change);
    let answer = world.json("dev", &["ci"]);
    assert_eq!(
        (&answer["event"], &phase(&answer, "commits")["looked_at"]),
        (&json!("local"), &json!(1))
    );
    world.git("dev", &["checkout", "-q", "-b", "more"]).ok();
    out_of_scope(&world, &change);
    finds(&world.qms("dev", &["ci"]), "out-of-scope");
    let head = format!("{}~1", world.head());
    clean(&world.qms("dev", &["ci", "--head", &head]));
    // The anchor that is named is the one that is believed.
    let root = world
        .git("dev", &["rev-list", "--max-parents=0", "HEAD"])
        .ok();
    let other = world.qms("dev", &["ci", "--anchor", world.head().as_str()]);
    assert_eq!(other.code, 2, "{}{}", other.out, other.err);
    assert_eq!(world.qms("dev", &["ci", "--anchor", "HEAD"]).code, 2);
    assert_eq!(
        world
            .qms("dev", &["ci", "--anchor", &root.trim()[..12]])
            .code,
        2
    );
    let plain = World::plain();
    let said = plain.qms("ann", &["ci"]);
    assert_eq!(said.code, 2);
    assert!(said.out.contains("to begin: qms init"), "{}", said.out);
}
