//! G15, G16: the ways around local hooks, which a push does not know, and the forms of `git commit`, which hooks must see
//! through.

use super::{commit, fed, id, sends};
use crate::world::{World, document};

// Verifies: REQ-QMS-HOOK-PRE-PUSH
#[test]
fn g15_ways_around_local_hooks_do_not_pass_the_push() {
    let world = World::served();
    let change = world.change("dev", "docker/**");
    world.lands();
    world.qms("dev", &["init"]).ok();
    let evil = || {
        world.write("src/main.py", &format!("evil {}\n", world.head()));
        world.git("dev", &["add", "."]).ok();
    };
    let push = |how: &[&str]| {
        let args = [how, &["push", "--no-verify", "origin", "HEAD:main"]].concat();
        world.git("dev", &args).refused("no-change");
        world
            .git("dev", &["reset", "-q", "--hard", "origin/main"])
            .ok();
    };
    // The hooks are there.
    evil();
    world
        .git("dev", &["commit", "-qm", "Evil"])
        .refused("no-change");
    world.git("dev", &["reset", "-q", "--hard"]).ok();
    let ways: [&[&str]; 5] = [
        &["commit", "-q", "--no-verify", "-m", "Evil"],
        &["-c", "core.hooksPath=/dev/null", "commit", "-qm", "Evil"],
        &["-c", "core.hooksPath=.", "commit", "-qm", "Evil"],
        &["commit", "-qn", "--amend", "--no-edit"],
        &["commit", "-qn", "--fixup", "HEAD"],
    ];
    for way in ways {
        world.write("README.md", "fine\n");
        world.git("dev", &["add", "README.md"]).ok();
        world.git("dev", &["commit", "-qm", "Fine"]).ok();
        evil();
        world.git("dev", way).ok();
        push(&["-c", "core.hooksPath=/dev/null"]);
    }
    // Without a commit command at all.
    evil();
    let folder = world.git("dev", &["write-tree"]).ok();
    let head = world.head();
    let plain = world
        .git(
            "dev",
            &["commit-tree", folder.trim(), "-p", &head, "-m", "Evil"],
        )
        .ok();
    world
        .git("dev", &["update-ref", "refs/heads/main", plain.trim()])
        .ok();
    push(&[]);
    evil();
    let folder = world.git("dev", &["write-tree"]).ok();
    let plain = commit(&world, folder.trim(), &[&head], "dev", "Evil");
    std::fs::write(world.path(".git/refs/heads/main"), format!("{plain}\n")).expect("a ref");
    push(&[]);
    // The commands that ask no hook: cherry-pick, revert, rebase, am, fast-import.
    world.git("dev", &["checkout", "-q", "-b", "side"]).ok();
    evil();
    world.git("dev", &["commit", "-qnm", "Evil"]).ok();
    let side = world.head();
    let patch = world.git("dev", &["format-patch", "--stdout", "-1"]).ok();
    world.git("dev", &["checkout", "-q", "main"]).ok();
    world.git("dev", &["cherry-pick", "side"]).ok();
    push(&[]);
    world.git("dev", &["revert", "--no-edit", &format!("{head}~1")]);
    world.git("dev", &["revert", "--abort"]);
    world.git("dev", &["rebase", "-q", "main", "side"]).ok();
    push(&[]);
    world
        .git("dev", &["checkout", "-q", "-B", "main", "origin/main"])
        .ok();
    assert!(
        fed(&world, "dev", &["am", "-q"], patch.as_bytes())
            .status
            .success()
    );
    push(&[]);
    let script = format!(
        "commit refs/heads/main\ncommitter dev <dev@example.com> 1700009000 +0000\ndata 4\nEvil\nfrom {head}\n\
         M 100644 inline src/main.py\ndata 5\nevil\n"
    );
    assert!(
        fed(
            &world,
            "dev",
            &["fast-import", "--quiet", "--force"],
            script.as_bytes()
        )
        .status
        .success()
    );
    push(&[]);
    // Straight to the server's own program, and by fetching from there.
    let objects = world
        .git("dev", &["rev-list", "--objects", &side, "^origin/main"])
        .ok();
    let objects: Vec<&str> = objects.lines().map(|l| &l[..40]).collect();
    let ran = sends(&world, &[(&head, &side, "refs/heads/main")], &objects);
    assert!(
        ran.code != 0 && ran.err.contains("error[no-change]"),
        "{}{}",
        ran.out,
        ran.err
    );
    // A revert of work is work; with the change named it is legal.
    world.write("docker/f", "x\n");
    world.works("dev", "Work", &change);
    world.lands();
    world
        .git(
            "dev",
            &[
                "-c",
                "core.hooksPath=/dev/null",
                "revert",
                "--no-edit",
                "HEAD",
            ],
        )
        .ok();
    push(&[]);
    world.git("dev", &["rm", "-q", "docker/f"]).ok();
    world.commit("dev", &World::work("Take it back", &change, "dev"));
    world.lands();
}

/// A governed clone with its hooks on, and a change in use that covers `docker/**`.
fn hooked() -> (World, String) {
    let world = World::new();
    let change = world.change("dev", "docker/**");
    world.qms("dev", &["use", &change]).ok();
    (world, change)
}

// Verifies: REQ-QMS-HOOK-PRE-COMMIT
#[test]
fn g16_what_is_checked_is_what_will_be_committed() {
    let (world, _) = hooked();
    let head = world.head();
    // Only in the work tree: what a plain commit takes is not that.
    world.write("src/main.py", "evil\n");
    world.write("docker/f", "fine\n");
    world.git("dev", &["add", "docker"]).ok();
    world.git("dev", &["commit", "-qm", "Fine"]).ok();
    // `-a` takes it, and so does a path; and what is staged beside a path is left out.
    world
        .git("dev", &["commit", "-aqm", "Evil"])
        .refused("out-of-scope");
    world
        .git("dev", &["commit", "-qm", "Evil", "--", "src"])
        .refused("out-of-scope");
    world
        .git("dev", &["commit", "-qm", "Evil", "-i", "src/main.py"])
        .refused("out-of-scope");
    world.write("docker/f", "finer\n");
    world.git("dev", &["add", "src"]).ok();
    world
        .git("dev", &["commit", "-qm", "Evil"])
        .refused("out-of-scope");
    world
        .git("dev", &["commit", "-qm", "Fine", "--", "docker"])
        .ok();
    assert_eq!(
        world.git("dev", &["show", "--format=", "--name-only"]).ok(),
        "docker/f\n"
    );
    world
        .git("dev", &["commit", "-q", "--amend", "--no-edit"])
        .refused("out-of-scope");
    world.git("dev", &["reset", "-q"]).ok();
    // `-p`: one hunk of two files, of which the second is asked for.
    world.write("docker/f", "finest\n");
    let patch = |answers: &str| {
        fed(
            &world,
            "dev",
            &["commit", "-p", "-qm", "Patch"],
            answers.as_bytes(),
        )
    };
    let ran = crate::world::ran(&patch("n\ny\n"));
    ran.refused("out-of-scope");
    let ran = crate::world::ran(&patch("y\nn\n"));
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(
        world.git("dev", &["show", "--format=", "--name-only"]).ok(),
        "docker/f\n"
    );
    // An amendment is judged with what it amends.
    world
        .git("dev", &["commit", "-q", "--amend", "-m", "Fine words"])
        .ok();
    world
        .git("dev", &["commit", "-qa", "--amend", "--no-edit"])
        .refused("out-of-scope");
    assert_eq!(
        id(&world, &format!("{head}:src/main.py")),
        id(&world, "HEAD:src/main.py")
    );
}

// Verifies: REQ-QMS-HOOK-PREPARE-COMMIT-MSG
#[test]
fn g16_in_a_work_tree_in_a_folder_and_with_an_index_of_ones_own() {
    let (world, change) = hooked();
    // Not in the folder where it is typed, but where it lies in the tree.
    world.write("docker/docker/x", "x\n");
    world.write("src/docker/x", "x\n");
    let inner = world.within("src");
    inner.git("dev", &["add", "docker/x"]).ok();
    inner
        .git("dev", &["commit", "-qm", "Evil"])
        .refused("out-of-scope");
    inner
        .git("dev", &["commit", "-qm", "Evil", "--", "docker"])
        .refused("out-of-scope");
    world.git("dev", &["reset", "-q"]).ok();
    let docker = world.within("docker");
    docker.git("dev", &["add", "."]).ok();
    docker.git("dev", &["commit", "-qm", "Fine"]).ok();
    // Another work tree has its own index, and its own change in use.
    world
        .git("dev", &["worktree", "add", "-q", "../other", "-b", "other"])
        .ok();
    let other = world.within("../other");
    other.write("src/evil.py", "x\n");
    other.git("dev", &["add", "."]).ok();
    other
        .git("dev", &["commit", "-qm", "Evil"])
        .refused("no-change");
    other
        .git(
            "dev",
            &["commit", "-qm", &World::work("Evil", &change, "dev")],
        )
        .refused("out-of-scope");
    other.git("dev", &["reset", "-q", "--hard"]).ok();
    other.write("docker/other", "x\n");
    other.puts("dev", &World::work("Fine", &change, "dev"));
    // The git directory named from outside, and an index that is not the usual one.
    world
        .git("dev", &["read-tree", "--index-output=.git/own", "HEAD"])
        .ok();
    world.write("src/evil.py", "x\n");
    let mut add = world.command(std::process::Command::new("git"), "dev");
    add.env("GIT_INDEX_FILE", ".git/own")
        .args(["add", "src/evil.py"]);
    assert!(add.status().expect("git starts").success());
    let mut git = world.command(std::process::Command::new("git"), "dev");
    git.env("GIT_INDEX_FILE", ".git/own")
        .args(["commit", "-qm", "Evil"]);
    crate::world::ran(&git.output().expect("git starts")).refused("out-of-scope");
    let outside = world.within("..");
    outside.git(
        "dev",
        &[
            "--git-dir=repo/.git",
            "--work-tree=repo",
            "commit",
            "-qam",
            "Evil",
            "--",
            "src/evil.py",
        ],
    );
    let args = [
        "--git-dir=repo/.git",
        "--work-tree=repo",
        "add",
        "src/evil.py",
    ];
    outside.git("dev", &args).ok();
    let args = [
        "--git-dir=repo/.git",
        "--work-tree=repo",
        "commit",
        "-qm",
        "Evil",
    ];
    outside.git("dev", &args).refused("out-of-scope");
}

#[test]
fn g16_what_is_only_intended_and_what_is_unmerged() {
    let (world, change) = hooked();
    let head = world.head();
    world.write("src/later.py", "x\n");
    world.write("docker/f", "x\n");
    world.git("dev", &["add", "-N", "src/later.py"]).ok();
    world.git("dev", &["add", "docker"]).ok();
    // What is only intended is not in the commit, and stops nothing; with `-a` it is.
    world.git("dev", &["commit", "-qm", "Fine"]).ok();
    assert_eq!(
        world.git("dev", &["show", "--format=", "--name-only"]).ok(),
        "docker/f\n"
    );
    world
        .git("dev", &["commit", "-qam", "Evil"])
        .refused("out-of-scope");
    world
        .git("dev", &["rm", "-q", "--cached", "src/later.py"])
        .ok();
    std::fs::remove_file(world.path("src/later.py")).expect("a file");
    // Said to be unchanged, or left out of the work tree, and changed all the same.
    for flag in ["--assume-unchanged", "--skip-worktree"] {
        world.write("src/main.py", "evil\n");
        world.git("dev", &["add", "src/main.py"]).ok();
        world
            .git("dev", &["update-index", flag, "src/main.py"])
            .ok();
        world
            .git("dev", &["commit", "-qm", "Evil"])
            .refused("out-of-scope");
        let no = flag.replace("--", "--no-");
        world.git("dev", &["update-index", &no, "src/main.py"]).ok();
        world.git("dev", &["reset", "-q", "--hard"]).ok();
    }
    // Unmerged: git commits nothing, and where it is resolved the resolution is judged.
    world
        .git("dev", &["checkout", "-q", "-b", "side", &head])
        .ok();
    world.write("docker/f", "theirs\n");
    world.works("dev", "Theirs", &change);
    world.git("dev", &["checkout", "-q", "main"]).ok();
    assert_ne!(world.git("dev", &["merge", "-q", "side"]).code, 0);
    assert_ne!(world.git("dev", &["commit", "-qm", "Unmerged"]).code, 0);
    world.write("docker/f", "both\n");
    world.git("dev", &["add", "docker"]).ok();
    world.write("src/main.py", "evil\n");
    world.git("dev", &["add", "src"]).ok();
    let merge = World::work("Merge", &change, "dev");
    world
        .git("dev", &["commit", "-qm", &merge])
        .refused("out-of-scope");
    world.git("dev", &["checkout", "HEAD", "--", "src"]).ok();
    world.git("dev", &["commit", "-qm", &merge]).ok();
    // A document in the index is judged as the index has it, whatever lies in the work tree.
    let path = document(&change);
    world.edit(&path, "IN_EXECUTION", "POST_APPROVED");
    world.git("dev", &["add", &path]).ok();
    world.edit(&path, "POST_APPROVED", "IN_EXECUTION");
    assert_ne!(world.git("dev", &["commit", "-qm", "Typed"]).code, 0);
    assert_eq!(world.status(&change), "IN_EXECUTION");
}
