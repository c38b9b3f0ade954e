//! G1–G3, G9: other refs, other names of refs, bent history, and histories that come from elsewhere.

use super::{back, commit, governs, id, refused_id, sane, sends, server, server_set};
use crate::world::{World, document};

fn evil(world: &World) {
    world.write("src/main.py", &format!("evil {}\n", world.head()));
    world.git("dev", &["commit", "-qam", "Evil"]).ok();
}

#[test]
fn g1_what_was_parked_anywhere_is_judged_where_it_arrives() {
    let world = World::served();
    for place in [
        "refs/heads/park",
        "refs/tags/park",
        "refs/notes/commits",
        "refs/x/y",
        "refs/remotes/origin/park",
        "refs/changes/01/1/1",
    ] {
        evil(&world);
        let to = format!("HEAD:{place}");
        world.git("dev", &["push", "-q", "-f", "origin", &to]).ok();
        // Nothing new is sent now: every object is there.
        world.bounces("no-change");
    }
    // As a tag object, and as what comes beside it in one push.
    evil(&world);
    world.git("dev", &["tag", "-a", "-m", "T", "park2"]).ok();
    world
        .git(
            "dev",
            &[
                "push",
                "origin",
                "park2",
                "HEAD:main",
                "HEAD:refs/heads/other",
            ],
        )
        .refused("no-change");
    // All or nothing: what came beside it did not arrive either.
    assert_eq!(
        world
            .git("ann", &["ls-remote", "origin", "park2", "other"])
            .ok(),
        ""
    );
    // Deep in history, with what is legal on top of it.
    world.write("README.md", "fine\n");
    world.git("dev", &["commit", "-qam", "Fine"]).ok();
    assert!(world.bounces("no-change").contains("Evil"));
    // The legal way.
    let change = world.change("dev", "src/**");
    world.write("src/main.py", "good\n");
    world.works("dev", "Good", &change);
    world
        .git("dev", &["push", "-q", "origin", "HEAD:refs/heads/parked"])
        .ok();
    world.lands();
}

#[test]
fn g1_a_commit_under_the_name_of_something_else_is_no_trunk() {
    let world = World::served();
    let zero = "0".repeat(40);
    let old = world.head();
    let blob = id(&world, "HEAD:README.md");
    let folder = id(&world, "HEAD^{tree}");
    world.git("ann", &["tag", "-a", "-m", "T", "t"]).ok();
    let tag = id(&world, "refs/tags/t");
    for odd in [&blob, &folder, &tag] {
        let ran = sends(&world, &[(&old, odd, "refs/heads/main")], &[odd]);
        assert_ne!(ran.code, 0, "{odd}: {}{}", ran.out, ran.err);
    }
    // Names that git itself keeps to itself.
    for name in ["HEAD", "refs/../heads/main", "refs/heads/main.lock", "main"] {
        let ran = sends(&world, &[(&zero, &old, name)], &[&old]);
        assert_ne!(ran.code, 0, "{name}: {}{}", ran.out, ran.err);
    }
    assert_eq!(id(&world.within("../server.git"), "main"), old);
}

#[test]
fn g2_no_name_of_a_ref_is_another_one() {
    let world = World::served();
    let alias = |name: &str, to: &str| server(&world, &["symbolic-ref", name, to]).ok();
    alias("refs/heads/trunk", "refs/heads/main");
    alias("refs/heads/again", "refs/heads/trunk");
    alias("refs/x/y", "refs/heads/main");
    alias("refs/tags/alias", "refs/heads/main");
    for name in [
        "refs/heads/trunk",
        "refs/heads/again",
        "refs/x/y",
        "refs/tags/alias",
    ] {
        evil(&world);
        let to = format!("+HEAD:{name}");
        let said = world
            .git("dev", &["push", "origin", &to])
            .refused("bent-history");
        assert!(said.contains("git push REMOTE HEAD:refs/heads/"), "{said}");
        world
            .git("dev", &["push", "origin", &format!(":{name}")])
            .refused("bent-history");
        back(&world);
    }
    // What is legal goes by the ref's own name only.
    world.write("README.md", "fine\n");
    world.git("dev", &["commit", "-qam", "Fine"]).ok();
    world
        .git("dev", &["push", "origin", "HEAD:trunk"])
        .refused("bent-history");
    world.lands();
}

#[test]
fn g2_a_server_does_not_begin_with_an_alias_as_its_trunk() {
    let world = World::served();
    server(
        &world,
        &["symbolic-ref", "refs/heads/trunk", "refs/heads/main"],
    )
    .ok();
    let args = [
        "-C",
        "../server.git",
        "init",
        "--server",
        "--trunk",
        "trunk",
    ];
    let ran = world.qms("ann", &args);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("refs/heads/main"), "{}", ran.err);
}

#[test]
fn g3_a_replacement_is_refused_and_one_that_is_there_is_not_believed() {
    let world = World::served();
    let good = world.head();
    evil(&world);
    let bad = world.head();
    for name in [
        format!("refs/replace/{good}"),
        format!("refs/replace/{bad}"),
    ] {
        world
            .git("dev", &["push", "origin", &format!("{bad}:{name}")])
            .refused("bent-history");
    }
    // A replacement that somebody made on the server: the evil commit looks like a good one there.
    back(&world);
    world.write("README.md", "fine\n");
    world.git("dev", &["commit", "-qam", "Fine"]).ok();
    let fine = world.head();
    world
        .git(
            "dev",
            &[
                "push",
                "-q",
                "origin",
                &format!("{bad}:refs/heads/park"),
                &format!("{fine}:refs/heads/fine"),
            ],
        )
        .ok();
    let replace = ["-c", "core.hooksPath=/dev/null", "replace"];
    assert_ne!(server(&world, &["replace", &bad, &fine]).code, 0);
    server(&world, &[&replace[..], &[&bad, &fine]].concat()).ok();
    let seen = server(&world, &["log", "-1", "--format=%s", &bad]).ok();
    assert_eq!(seen.trim(), "Fine", "the replacement is in force for git");
    refused_id(&world, &bad, "no-change");
    // And of its tree, and of a blob: of the policy, and of the change that would allow it.
    server(&world, &["replace", "-d", &bad]).ok();
    let (old, new) = (id(&world, "HEAD:qms.yaml"), {
        let free = world
            .read("qms.yaml")
            .replace("    - \"docs/**\"", "    - \"src/**\"");
        super::object(&world, "blob", free.as_bytes())
    });
    let zero = "0".repeat(40);
    assert_eq!(
        sends(&world, &[(&zero, &new, "refs/x/blob")], &[&new]).code,
        0
    );
    server(&world, &[&replace[..], &[&old, &new]].concat()).ok();
    refused_id(&world, &bad, "no-change");
    // One may be taken away, and what is good goes in, with or without.
    server_set(&world, "receive.denyDeletes", "false");
    let away = format!(":refs/replace/{old}");
    world.git("dev", &["push", "-q", "origin", &away]).ok();
    world.lands();
}

#[test]
fn g3_a_shallow_or_grafted_server_verifies_nothing() {
    let world = World::served();
    world.write("README.md", "fine\n");
    world.git("dev", &["commit", "-qam", "Fine"]).ok();
    let place = world.path("../server.git/info");
    std::fs::create_dir_all(&place).expect("a folder");
    let parent = id(&world, "HEAD~1");
    let fresh = world.head();
    std::fs::write(place.join("grafts"), format!("{fresh}\n")).expect("a file");
    let said = refused_id(&world, &fresh, "grafts");
    assert!(said.contains("info/grafts"), "{said}");
    std::fs::remove_file(place.join("grafts")).expect("a file");
    std::fs::write(world.path("../server.git/shallow"), format!("{parent}\n")).expect("a file");
    refused_id(&world, &fresh, "shallow");
    std::fs::remove_file(world.path("../server.git/shallow")).expect("a file");
    world.lands();
}

#[test]
fn g3_a_shallow_pusher_hides_nothing() {
    let world = World::served();
    server_set(&world, "receive.shallowUpdate", "true");
    evil(&world);
    world.write("README.md", "fine\n");
    world.git("dev", &["commit", "-qam", "Fine"]).ok();
    let source = world.path(".").display().to_string();
    let args = [
        "clone",
        "-q",
        "--depth",
        "1",
        &format!("file://{source}"),
        "../shallow",
    ];
    world.git("dev", &args).ok();
    let shallow = world.within("../shallow");
    let server = world.path("../server.git").display().to_string();
    let ran = shallow.git("dev", &["push", &server, "HEAD:main"]);
    assert_ne!(ran.code, 0, "{}{}", ran.out, ran.err);
    sane(&ran.err);
    let there = world.git("ann", &["ls-remote", "origin", "main"]).ok();
    assert!(there.starts_with(&id(&world, "origin/main")));
    // A clone whose history is cut says so, and does not say that all is well.
    let ran = shallow.qms("dev", &["check", "origin/main..HEAD"]);
    assert_ne!(ran.code, 0, "{}{}", ran.out, ran.err);
    // From a clone that is shallow below the old tip all is there.
    world.bounces("no-change");
    let args = [
        "clone",
        "-q",
        "--depth",
        "1",
        &format!("file://{server}"),
        "../tip",
    ];
    world.git("dev", &args).ok();
    let tip = world.within("../tip");
    tip.write("README.md", "from a shallow clone\n");
    tip.git("dev", &["commit", "-qam", "Fine"]).ok();
    tip.git("dev", &["push", "-q", "origin", "HEAD:main"]).ok();
}

/// A history of its own in which everything is approved already.
fn forged(world: &World) -> String {
    let approved = world.read(&document("CR-001")).replace("src/**", "\"**\"");
    world
        .git("dev", &["checkout", "-q", "--orphan", "forged"])
        .ok();
    world.write(&document("CR-001"), &approved);
    world.puts("dev", "A root of my own");
    world.write("docker/evil", "evil\n");
    world.works("dev", "Evil, as approved", "CR-001");
    let tip = world.head();
    world.git("dev", &["checkout", "-q", "-f", "main"]).ok();
    tip
}

#[test]
fn g9_a_root_with_forged_approvals_does_not_come_in() {
    let world = World::served();
    world.change("dev", "src/**");
    world.lands();
    let tip = forged(&world);
    let merge = [
        "merge",
        "-q",
        "--no-ff",
        "--allow-unrelated-histories",
        "-s",
        "ours",
    ];
    world
        .git("dev", &[&merge[..], &["-m", "Merge", &tip]].concat())
        .ok();
    let said = world.bounces("parents");
    assert!(said.contains("A root of my own"), "{said}");
    // With the tree of the forged side, and with its own parent in front.
    let folder = id(&world, &format!("{tip}^{{tree}}"));
    let old = world.head();
    let said = refused_id(
        &world,
        &commit(&world, &folder, &[&old, &tip], "dev", "Merge"),
        "parents",
    );
    assert!(
        said.contains("document-without-move") || said.contains("contested"),
        "{said}"
    );
    refused_id(
        &world,
        &commit(&world, &folder, &[&tip, &old], "dev", "Merge"),
        "history-rewritten",
    );
    refused_id(&world, &tip, "history-rewritten");
    let ran = world.git("dev", &["push", "-f", "origin", &format!("{tip}:main")]);
    assert!(
        ran.code != 0 && ran.err.contains("history-rewritten"),
        "{}",
        ran.err
    );
    // Nor does a merge lend to what moves documents.
    let lent = World::work("Merge", "CR-001", "dev");
    refused_id(
        &world,
        &commit(&world, &folder, &[&old, &tip], "dev", &lent),
        "parents",
    );
}

#[test]
fn g9_a_trunk_is_born_once_from_the_anchor() {
    let world = World::served();
    let anchor = server(&world, &["config", "qms.anchor"]).ok();
    world.change("dev", "src/**");
    let tip = forged(&world);
    world
        .git(
            "ann",
            &["init", "-q", "--bare", "-b", "main", "../born.git"],
        )
        .ok();
    let init = [
        "-C",
        "../born.git",
        "init",
        "--server",
        "--anchor",
        anchor.trim(),
    ];
    world.qms("ann", &init).ok();
    let push = |what: &str| {
        world.git(
            "dev",
            &["push", "../born.git", &format!("{what}:refs/heads/main")],
        )
    };
    push(&tip).refused("not-governed");
    // What follows the anchor is judged at birth.
    evil(&world);
    push("HEAD").refused("no-change");
    world.git("dev", &["reset", "-q", "--hard", "HEAD~1"]).ok();
    push("HEAD").ok();
    // Without an anchor nothing is born.
    world
        .git(
            "ann",
            &["init", "-q", "--bare", "-b", "main", "../bare.git"],
        )
        .ok();
    world
        .qms("ann", &["-C", "../bare.git", "init", "--server"])
        .ok();
    world
        .git("dev", &["push", "../bare.git", "HEAD:refs/heads/main"])
        .refused("no-anchor");
}

#[test]
fn g9_a_branch_from_before_the_policy_comes_in_by_sync_or_by_a_merge_that_lends() {
    let world = World::plain();
    world.git("dev", &["checkout", "-q", "-b", "old"]).ok();
    world.write("src/old.py", "old\n");
    world.puts("dev", "From before");
    world.git("ann", &["checkout", "-q", "main"]).ok();
    governs(&world);
    let change = world.change("dev", "src/**");
    world.lands();
    // Its own folder of documents, with a policy of its own.
    world
        .git("dev", &["checkout", "-q", "-b", "own", "old"])
        .ok();
    let policy = world.git("ann", &["show", "main:qms.yaml"]).ok();
    world.write("qms.yaml", &policy.replace("docs/**", "**"));
    world.write("docker/evil", "evil\n");
    world.puts("dev", "A policy of my own");
    world.git("ann", &["checkout", "-q", "main"]).ok();
    let ours = [
        "merge",
        "-q",
        "--no-ff",
        "-s",
        "ours",
        "-m",
        "Merge own",
        "own",
    ];
    world.git("dev", &ours).ok();
    world.bounces("no-change");
    let lent = World::work("Merge own", &change, "dev");
    world
        .git(
            "dev",
            &["merge", "-q", "--no-ff", "-s", "ours", "-m", &lent, "own"],
        )
        .ok();
    let said = world.bounces("out-of-scope");
    assert!(
        said.contains("docker/evil") && said.contains("qms.yaml"),
        "{said}"
    );
    // Trailers do not help it: there was no change where it was made.
    world
        .git("dev", &["checkout", "-q", "-b", "claims", "old"])
        .ok();
    world.write("src/claims.py", "x\n");
    world.works("dev", "Claims", &change);
    world.git("ann", &["checkout", "-q", "main"]).ok();
    world
        .git("dev", &["merge", "-q", "--no-ff", "-m", "Merge", "claims"])
        .ok();
    world.bounces("unknown-change");
    // Plainly merged nobody answers for it; the two legal ways.
    world
        .git("dev", &["merge", "-q", "--no-ff", "-m", "Merge old", "old"])
        .ok();
    world.bounces("no-change");
    world
        .git(
            "dev",
            &[
                "merge",
                "-q",
                "--no-ff",
                "-m",
                &World::work("Merge old", &change, "dev"),
                "old",
            ],
        )
        .ok();
    world.lands();
    world
        .git("dev", &["checkout", "-q", "-b", "old2", "old"])
        .ok();
    world.write("src/old2.py", "old\n");
    world.puts("dev", "From before, too");
    world.qms("dev", &["sync", "--change", &change]).ok();
    world.lands();
}

#[test]
fn g9_a_protected_branch_does_not_start_at_a_root_of_ones_own() {
    let world = World::served();
    let change = world.change("dev", "qms.yaml");
    world.edit("qms.yaml", "protected: []", "protected: [\"release/*\"]");
    world.works("dev", "Protect", &change);
    world.lands();
    let folder = id(&world, "HEAD^{tree}");
    let root = commit(&world, &folder, &[], "dev", "A root of my own");
    let legacy = id(&world, "HEAD~3");
    let orphans = commit(&world, &folder, &[&root], "dev", "And on");
    for (n, start) in [&root, &orphans].into_iter().enumerate() {
        let to = format!("{start}:refs/heads/release/{n}");
        world
            .git("dev", &["push", "origin", &to])
            .refused("new-branch");
    }
    let side = commit(&world, &folder, &[&legacy], "dev", "Beside the mainline");
    world
        .git(
            "dev",
            &["push", "origin", &format!("{side}:refs/heads/release/3")],
        )
        .refused("new-branch");
    // The parent lies on the mainline, the start does not.
    let old = world.head();
    let ahead = commit(&world, &folder, &[&old], "dev", "Ahead of the trunk");
    world
        .git(
            "dev",
            &["push", "origin", &format!("{ahead}:refs/heads/release/4")],
        )
        .refused("new-branch");
    world
        .git(
            "dev",
            &[
                "push",
                "-q",
                "origin",
                &format!("{old}:refs/heads/release/4"),
            ],
        )
        .ok();
}

#[test]
fn g9_a_branch_does_not_become_protected_with_what_nothing_judged() {
    let world = World::served();
    evil(&world);
    world
        .git(
            "dev",
            &["push", "-q", "origin", "HEAD:refs/heads/release/1"],
        )
        .ok();
    back(&world);
    let change = world.change("dev", "qms.yaml");
    world.edit("qms.yaml", "protected: []", "protected: [\"release/*\"]");
    world.works("dev", "Protect", &change);
    let said = world.bounces_only("new-branch");
    assert!(said.contains("release/1"), "{said}");
    // In one push with it, too.
    server(&world, &["update-ref", "-d", "refs/heads/release/1"]).ok();
    let folder = id(&world, "HEAD^{tree}");
    let root = commit(&world, &folder, &[], "dev", "A root of my own");
    world
        .git(
            "dev",
            &[
                "push",
                "origin",
                "HEAD:main",
                &format!("{root}:refs/heads/release/1"),
            ],
        )
        .refused("new-branch");
    // Where it starts on the mainline it becomes protected, and is judged from then on.
    world
        .git(
            "dev",
            &["push", "-q", "origin", "HEAD~1:refs/heads/release/1"],
        )
        .ok();
    world.lands();
    evil(&world);
    world
        .git("dev", &["push", "origin", "HEAD:refs/heads/release/1"])
        .refused("no-change");
}
