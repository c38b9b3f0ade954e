//! G18: what is too much is refused with the limit named, in bounded time and memory; and much that is legal passes.

use std::process::{Command, Stdio};

use super::{commit, commit_bytes, fed, governed, id, object, refused_id, sane, sends, tree};
use crate::world::{World, ran};

/// A commit of the tree of `HEAD` with this entry in the place of `src`, or beside it.
fn with_entry(world: &World, mode: &str, name: &str, entry: &str, message: &str) -> String {
    let mut all = vec![
        ("40000", "QMS", id(world, "HEAD:QMS")),
        ("100644", "README.md", id(world, "HEAD:README.md")),
        ("100644", "qms.yaml", id(world, "HEAD:qms.yaml")),
        ("40000", "src", id(world, "HEAD:src")),
    ];
    all.retain(|(_, there, _)| *there != name);
    all.push((mode, name, entry.to_owned()));
    all.sort_by_key(|(mode, name, _)| format!("{name}{}", if *mode == "40000" { "/" } else { "" }));
    let all: Vec<(&str, &[u8], &str)> = all
        .iter()
        .map(|(m, n, i)| (*m, n.as_bytes(), i.as_str()))
        .collect();
    commit(world, &tree(world, &all), &[&world.head()], "dev", message)
}

/// Levels of trees that hold the same one several times, over `leaf`.
fn bomb(world: &World, mut leaf: (&'static str, String), levels: usize) -> String {
    for _ in 0..levels {
        let names: Vec<String> = (0..10).map(|n| n.to_string()).collect();
        let all: Vec<(&str, &[u8], &str)> = names
            .iter()
            .map(|n| (leaf.0, n.as_bytes(), leaf.1.as_str()))
            .collect();
        leaf = ("40000", tree(world, &all));
    }
    leaf.1
}

#[test]
fn g18_a_tree_ten_levels_deep_of_the_same_subtree() {
    let (world, change) = governed();
    let blob = id(&world, "HEAD:src/main.py");
    let empty = object(&world, "tree", b"");
    let work = World::work("Bomb", &change, "dev");
    // Where the scope covers it, where it does not, and where documents are looked for.
    for (kind, leaf, place, message) in [
        ("files", ("100644", blob), "src", work.as_str()),
        ("nothing", ("40000", empty.clone()), "src", &work),
        ("nothing", ("40000", empty), "docker", "Bomb"),
        ("pointers", ("160000", world.head()), "QMS", &work),
    ] {
        let root = bomb(&world, leaf, 10);
        let tip = with_entry(&world, "40000", place, &root, message);
        let ran = sends_new(&world, &tip);
        assert_ne!(ran.code, 0, "{kind} at {place}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains("500000"), "{kind} at {place}: {}", ran.err);
    }
}

/// Sends a commit with all its trees in one pack, without walking them as a push would.
fn sends_new(world: &World, tip: &str) -> crate::world::Ran {
    let all = world
        .git("dev", &["cat-file", "--batch-all-objects", "--batch-check"])
        .ok();
    let objects: Vec<&str> = all.lines().map(|l| &l[..40]).collect();
    let old = id(world, "origin/main");
    sends(world, &[(&old, tip, "refs/heads/main")], &objects)
}

#[test]
fn g18_a_tree_of_many_levels() {
    let (world, change) = governed();
    let mut leaf = ("100644", id(&world, "HEAD:src/main.py"));
    for _ in 0..150 {
        leaf = ("40000", tree(&world, &[(leaf.0, b"d", &leaf.1)]));
    }
    let tip = with_entry(
        &world,
        "40000",
        "src",
        &leaf.1,
        &World::work("Deep", &change, "dev"),
    );
    super::server_set(&world, "core.maxTreeDepth", "4096");
    let ran = sends_new(&world, &tip);
    assert!(
        ran.code != 0 && ran.err.contains("100 levels"),
        "{}{}",
        ran.out,
        ran.err
    );
}

#[test]
fn g18_a_huge_blob_of_zeros() {
    let (world, change) = governed();
    // Two gigabytes of zeros would be refused by the same lines; what is above the limit does.
    let zeros = vec![0u8; 80 << 20];
    let blob = object(&world, "blob", &zeros);
    let big = |mode: &str, name: &str| {
        let entry = format!("{mode},{blob},{name}");
        world
            .git("dev", &["update-index", "--add", "--cacheinfo", &entry])
            .ok();
        let folder = world.git("dev", &["write-tree"]).ok();
        world.git("dev", &["read-tree", "HEAD"]).ok();
        commit(
            &world,
            folder.trim(),
            &[&world.head()],
            "dev",
            &World::work("Big", &change, "dev"),
        )
    };
    for (mode, name) in [
        ("100644", "QMS/CR/CR-001/CR-001.md"),
        ("100644", "QMS/SOP/SOP-001.md"),
        ("100644", "qms.yaml"),
        ("120000", "src/link"),
    ] {
        let said = refused_id(&world, &big(mode, name), "pre-receive hook declined");
        assert!(said.contains("more than the 67108864"), "{name}: {said}");
    }
    // A file that nobody reads may be as large as git takes it.
    let fine = big("100644", "src/zeros");
    world
        .git("dev", &["push", "-q", "origin", &format!("{fine}:main")])
        .ok();
}

#[test]
fn g18_a_document_and_a_policy_that_are_too_long() {
    let (world, change) = governed();
    let path = crate::world::document(&change);
    let text = world.read(&path);
    for long in [
        format!("{text}{}", "word ".repeat(1 << 20)),
        text.replacen("title:", &format!("x: {}\ntitle:", "x".repeat(1 << 20)), 1),
    ] {
        world.write(&path, &long);
        world.puts("dev", "Long");
        let said = world.bounces("document-form");
        let named = said.contains("4194304") || said.contains("65536");
        assert!(named, "{said}");
    }
    world.edit(
        "qms.yaml",
        "review: []",
        &format!("# {}\nreview: []", "x".repeat(1 << 20)),
    );
    world.puts("dev", "Long");
    assert!(world.bounces("policy-form").contains("more than"));
}

#[test]
fn g18_a_long_message() {
    let (world, change) = governed();
    world.write("src/main.py", "more\n");
    world.git("dev", &["add", "."]).ok();
    let folder = world.git("dev", &["write-tree"]).ok();
    let (folder, head) = (folder.trim(), world.head());
    let long = |body: &str| {
        let work = World::work("Work", &change, "dev");
        let message = work.replacen("\n\n", &format!("\n\n{body}\n\n"), 1);
        commit(&world, folder, &[&head], "dev", &message)
    };
    let limit = 10 << 20;
    let said = refused_id(
        &world,
        &long(&"word ".repeat(limit / 5)),
        "error[message-bytes]",
    );
    assert!(said.contains("262144"), "{said}");
    // Many lines that each are a fault: all that is said stays readable.
    let faults = "QMS-Actor: qa\n".repeat(18_000);
    let said = refused_id(&world, &long(&faults), "error[trailer-place]");
    assert!(said.len() < 1 << 20, "{} bytes of findings", said.len());
    // Words of a free commit are nobody's business.
    let free = super::object(&world, "blob", b"free\n");
    let tree = with_entry(&world, "100644", "README.md", &free, "x");
    let tree = id(&world, &format!("{tree}^{{tree}}"));
    let fine = commit(&world, &tree, &[&head], "zed", &"word ".repeat(limit / 5));
    world
        .git("dev", &["push", "-q", "origin", &format!("{fine}:main")])
        .ok();
}

#[test]
fn g18_front_matter_of_nested_aliases() {
    let (world, change) = governed();
    let path = crate::world::document(&change);
    let text = world.read(&path);
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (of, name) in ('a'..='y').zip('b'..='z') {
        bomb.push_str(&format!(
            "{name}: &{name} [*{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}, *{of}]\n"
        ));
    }
    let nested = format!("x: {}{}\n", "[".repeat(20_000), "]".repeat(20_000));
    let maps = format!("x: {}{}\n", "{a: ".repeat(10_000), "}".repeat(10_000));
    let folded: String = (0..2000)
        .map(|n| format!("{}- \n", " ".repeat(n % 30)))
        .collect();
    let merge = "base: &b {a: 1}\nx: {<<: *b}\n".to_owned();
    let many: String = (0..15_000).map(|n| format!("k{n}:\n")).collect();
    for header in [
        &bomb,
        &nested,
        &maps,
        &format!("x:\n{folded}"),
        &merge,
        &many,
    ] {
        world.write(
            &path,
            &text.replacen("title:", &format!("{header}title:"), 1),
        );
        world.puts("dev", "Bomb");
        world.bounces("document-form");
        let policy = world.read("qms.yaml");
        world.write("qms.yaml", &format!("{policy}{header}"));
        world.puts("dev", "Bomb");
        world.bounces("policy-form");
    }
}

#[test]
fn g18_thousands_of_commits() {
    let (world, change) = governed();
    let head = world.head();
    let mut script = String::new();
    for n in 0..3000 {
        script.push_str(&format!(
            "commit refs/heads/many\nmark :{}\ncommitter dev <dev@example.com> {} +0000\n",
            n + 1,
            1_700_010_000 + n
        ));
        let message = World::work("Work", &change, "dev");
        script.push_str(&format!("data {}\n{message}", message.len()));
        if n == 0 {
            script.push_str(&format!("from {head}\n"));
        }
        script.push_str(&format!(
            "M 100644 inline src/f\ndata {}\n{n}\n\n",
            n.to_string().len() + 1
        ));
    }
    assert!(
        fed(
            &world,
            "dev",
            &["fast-import", "--quiet"],
            script.as_bytes()
        )
        .status
        .success()
    );
    // One of them in the middle is nobody's: found among all.
    let bad = "commit refs/heads/bad\ncommitter dev <dev@example.com> 1700020000 +0000\ndata 4\nEvil\nfrom refs/heads/many~2900\n\
         M 100644 inline docker/x\ndata 2\nx\n\n";
    assert!(
        fed(&world, "dev", &["fast-import", "--quiet"], bad.as_bytes())
            .status
            .success()
    );
    world
        .git("zed", &["merge", "-q", "--no-ff", "-m", "Merge", "bad"])
        .ok();
    world.bounces("no-change");
    // As a branch that is merged, all of them pass.
    world
        .git("zed", &["merge", "-q", "--no-ff", "-m", "Merge", "many"])
        .ok();
    world.lands();
}

#[test]
fn g18_very_many_refs() {
    let (world, _) = governed();
    // Many in one push, and among them the one that matters.
    world.write("src/main.py", "evil\n");
    world.git("dev", &["commit", "-qam", "Evil"]).ok();
    let (zero, old, new) = ("0".repeat(40), id(&world, "origin/main"), world.head());
    let names: Vec<String> = (0..2000).map(|n| format!("refs/x/{n}")).collect();
    let mut updates: Vec<(&str, &str, &str)> = names
        .iter()
        .map(|n| (zero.as_str(), old.as_str(), n.as_str()))
        .collect();
    updates.insert(1000, (&old, &new, "refs/heads/main"));
    let objects = world
        .git("dev", &["rev-list", "--objects", "HEAD", "^origin/main"])
        .ok();
    let objects: Vec<&str> = objects.lines().map(|l| &l[..40]).collect();
    let ran = sends(&world, &updates, &objects);
    assert!(
        ran.code != 0 && ran.err.contains("error[no-change]"),
        "{}",
        ran.err
    );
    assert_eq!(ran.out.matches("ng refs/").count(), 2001);
    // More than is read: the hook says how much that is.
    let mut hook = world.command(Command::new(env!("CARGO_BIN_EXE_qms")), "git");
    hook.args(["hook", "pre-receive"])
        .current_dir(world.path("../server.git"))
        .env("GIT_DIR", ".");
    let mut child = hook
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("qms starts");
    let mut stdin = child.stdin.take().expect("an input");
    let line = format!("{zero} {old} refs/heads/{}\n", "x".repeat(200));
    let writer = std::thread::spawn(move || {
        let _ = std::io::Write::write_all(&mut stdin, line.repeat(130_000).as_bytes());
    });
    let ended = ran_of(child);
    writer.join().expect("no panic");
    assert!(
        ended.code == 2 && ended.err.contains("33554432"),
        "{}",
        ended.err
    );
}

fn ran_of(child: std::process::Child) -> crate::world::Ran {
    let ended = ran(&child.wait_with_output().expect("it ends"));
    sane(&ended.err);
    ended
}

#[test]
fn g18_very_many_paths_in_one_folder() {
    let (world, change) = governed();
    let blob = id(&world, "HEAD:src/main.py");
    let fill = |from: usize, to: usize| {
        let lines: String = (from..to)
            .map(|n| format!("100644 {blob}\tsrc/many/{n:06}\0"))
            .collect();
        let args = ["update-index", "-z", "--index-info"];
        assert!(fed(&world, "dev", &args, lines.as_bytes()).status.success());
        world.commit("dev", &World::work("Many", &change, "dev"));
    };
    fill(0, 1500);
    world
        .git("dev", &["push", "-q", "origin", "HEAD:main"])
        .ok();
    fill(1500, 3000);
    world
        .git("dev", &["push", "-q", "origin", "HEAD:main"])
        .ok();
    // A finding for each would be read by nobody: the first of them, and how many there are.
    world.git("dev", &["fetch", "-q", "origin"]).ok();
    let lines: String = (0..3000)
        .map(|n| format!("100644 {blob}\tother/{n:06}\0"))
        .collect();
    let args = ["update-index", "-z", "--index-info"];
    assert!(fed(&world, "dev", &args, lines.as_bytes()).status.success());
    world.commit("dev", &World::work("Too many", &change, "dev"));
    let said = world.bounces("out-of-scope");
    assert!(said.len() < 1 << 20, "{} bytes of findings", said.len());
    assert!(
        said.contains("3000 errors"),
        "{}",
        &said[said.len() - 400..]
    );
}

#[test]
fn g18_many_merge_bases() {
    let (world, _) = governed();
    let (head, folder) = (world.head(), id(&world, "HEAD^{tree}"));
    let bases: Vec<String> = (0..70)
        .map(|n| commit(&world, &folder, &[&head], "zed", &format!("Base {n}")))
        .collect();
    let chain = |order: &mut dyn Iterator<Item = &String>| {
        let mut at = head.clone();
        for base in order {
            at = commit(&world, &folder, &[&at, base], "zed", "Merge");
        }
        at
    };
    let (one, two) = (chain(&mut bases.iter()), chain(&mut bases.iter().rev()));
    world
        .git("zed", &["push", "-q", "origin", &format!("{one}:main")])
        .ok();
    let merge = commit(&world, &folder, &[&one, &two], "zed", "Merge");
    let said = refused_id(&world, &merge, "hook declined");
    assert!(said.contains("merge bases"), "{said}");
}

#[test]
fn g18_headers_of_a_commit_without_end() {
    let (world, change) = governed();
    world.write("src/main.py", "more\n");
    world.git("dev", &["add", "."]).ok();
    let folder = world.git("dev", &["write-tree"]).ok();
    let head = world.head();
    let work = World::work("Work", &change, "dev");
    let plain = commit_bytes(
        folder.trim(),
        &[&head],
        "dev",
        "1700009000 +0000",
        work.as_bytes(),
    );
    let plain = String::from_utf8(plain).expect("text");
    let parents = format!("parent {head}\n").repeat(50_000);
    let headers: String = (0..50_000).map(|n| format!("x{n} y\n")).collect();
    for (from, to) in [
        (format!("parent {head}\n"), parents),
        ("\n\nWork".to_owned(), format!("\n{headers}\nWork")),
    ] {
        let bytes = plain.replacen(&from, &to, 1);
        let tip = object(&world, "commit", bytes.as_bytes());
        let ran = sends_new(&world, &tip);
        assert_ne!(ran.code, 0, "{}{}", ran.out, ran.err);
        assert!(ran.err.len() < 1 << 20);
    }
    // A name without end is nobody's, and does not come back whole.
    let long = plain.replace("dev <", &format!("{} <", "d".repeat(1 << 20)));
    let tip = object(&world, "commit", long.as_bytes());
    let ran = sends_new(&world, &tip);
    assert!(
        ran.code != 0 && ran.err.contains("error[actor-mismatch]"),
        "{}",
        ran.out
    );
    assert!(
        ran.err.len() < 1 << 20,
        "{} bytes of findings",
        ran.err.len()
    );
}
