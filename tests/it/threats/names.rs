//! G5, G6, G13, I-08f: renames and copies, names that git quotes, what is no plain file, and pointers into other repositories.

use super::{back, governs, id, object, refused_id, tree};
use crate::world::{World, document};

/// Stages an entry of any mode and name, whatever lies in the work tree.
fn stage(world: &World, mode: &str, id: &str, name: &str) {
    let line = format!("{mode} {id}\t{name}\0");
    let args = ["update-index", "-z", "--index-info"];
    let output = super::fed(world, "dev", &args, line.as_bytes());
    assert!(output.status.success(), "{name:?}");
}

#[test]
fn g5_a_rename_is_a_deletion_and_an_addition() {
    let world = World::served();
    let change = world.change("dev", "src/**");
    world.write("src/a/one.py", &"one\n".repeat(50));
    world.works("dev", "One", &change);
    world.lands();
    let moves = |from: &str, to: &str, rule: &str| {
        let folder = world.path(to);
        std::fs::create_dir_all(folder.parent().expect("a folder")).expect("a folder");
        world.git("dev", &["mv", from, to]).ok();
        world.commit("dev", &World::work("Move", &change, "dev"));
        world.bounces(rule)
    };
    assert!(moves("src/a/one.py", "docker/one.py", "out-of-scope").contains("`docker/one.py`"));
    // Out of a controlled place into a free one, the source is still controlled.
    world.git("dev", &["mv", "src/a/one.py", "README.py"]).ok();
    world.commit("dev", "Now it is free");
    assert!(world.bounces("no-change").contains("`src/a/one.py`"));
    // Into the scope from elsewhere.
    let elsewhere = world.change("dev", "docker/**");
    world.write("docker/f", &"two\n".repeat(50));
    world.works("dev", "Two", &elsewhere);
    world.lands();
    assert!(moves("docker/f", "src/f", "out-of-scope").contains("`docker/f`"));
    // A whole folder; and a swap of two.
    assert!(moves("docker", "src/docker", "out-of-scope").contains("`docker/f`"));
    world.git("dev", &["mv", "src/a/one.py", "src/b.py"]).ok();
    world.commit("dev", &World::work("Within", &change, "dev"));
    world.lands();
    // Documents do not move at all, whoever asks.
    for to in [
        "QMS/CR/CR-001/CR-009.md",
        "QMS/CR/CR-001.md",
        "docs/CR-001.md",
        "QMS/CR/CR-001/old.md",
    ] {
        moves(&document("CR-001"), to, "document-gone");
    }
    world.git("dev", &["mv", "QMS", "docs"]).ok();
    world.commit("dev", &World::work("Move", &change, "dev"));
    world.bounces("document-gone");
}

#[test]
fn g5_a_copy_of_a_document_is_no_second_one() {
    let world = World::served();
    let change = world.change("dev", "src/**");
    world.lands();
    let blob = id(&world, &format!("HEAD:{}", document(&change)));
    for at in [
        "QMS/CR-001.md",
        "QMS/CR/CR-001.md",
        "QMS/CR/CR-001/CR-001/CR-001.md",
        "QMS/CR/CR-001/cr-001.md",
        "QMS/CR/CR-001/CR-001.MD",
        "QMS/agents/Cr-001.md",
        "QMS/SOP/CR-001.md",
        "QMS/CR/CR-002/CR-001.md",
    ] {
        stage(&world, "100644", &blob, at);
        world.commit("dev", &World::work("Copy", &change, "dev"));
        world.bounces("document-place");
    }
    // Names that only look like the document's: a blank, a dot, another case of the folder, what nobody sees.
    for at in [
        "QMS/CR/CR-001/CR-001.md.",
        "QMS/CR/CR-001/CR-001.md ",
        "qms/CR/CR-001/CR-001.md",
        "QMS./CR/CR-001/CR-001.md",
        "QMS/CR/CR-001/CR-001\u{200b}.md",
        "QMS/CR/CR-001/\u{2060}CR-001.md",
        "QMS\u{200d}/CR/CR-001/CR-001.md",
    ] {
        stage(&world, "100644", &blob, at);
        world.commit("dev", &World::work("Copy", &change, "dev"));
        world.bounces("twin-path");
    }
    // Outside of the folder a copy is a file like any other.
    stage(&world, "100644", &blob, "src/CR-001.md");
    stage(&world, "100644", &blob, "src/QMS/CR/CR-001/CR-001.md");
    world.commit("dev", &World::work("Copy", &change, "dev"));
    world.lands();
}

#[test]
fn g6_names_that_git_quotes_are_judged_as_bytes() {
    let world = World::served();
    let change = world.change("dev", "src/**");
    world.lands();
    let blob = id(&world, "HEAD:src/main.py");
    let names: [(&[u8], &str); 10] = [
        ("docker/SOP-\u{e4}.md".as_bytes(), "`docker/SOP-\u{e4}.md`"),
        (b"docker/a\"b", "`docker/a\"b`"),
        (b"docker/a\tb", "`docker/a\\tb`"),
        (
            b"docker/a\nerror[forged]: all is well",
            "`docker/a\\nerror[forged]",
        ),
        (b"docker/a\\b", "`docker/a\\b`"),
        (b"docker/\x1b[2Jx", "`docker/\\u{1b}[2Jx`"),
        (b"docker/\xff\xfe", "`docker/\\xff\\xfe`"),
        ("docker/\u{202e}txt".as_bytes(), "`docker/\\u{202e}txt`"),
        (b"docker/ ", "`docker/ `"),
        (b"src\\main.py", "`src\\main.py`"),
    ];
    for (name, shown) in names {
        let mut line = format!("100644 {blob}\t").into_bytes();
        line.extend_from_slice(name);
        line.push(0);
        let args = ["update-index", "-z", "--index-info"];
        assert!(super::fed(&world, "dev", &args, &line).status.success());
        world.commit("dev", &World::work("Odd", &change, "dev"));
        let said = world.bounces("out-of-scope");
        // The words may be broken over lines of `remote:`; the bytes themselves do not come through.
        let joined: String = said
            .split_whitespace()
            .filter(|w| *w != "remote:")
            .collect();
        let shown: String = shown.split_whitespace().collect();
        assert!(joined.contains(&shown), "{shown}: {said}");
        assert!(
            !said.contains("\nerror[forged]") && !said.contains("remote: error[forged]"),
            "{said}"
        );
        assert!(
            !said.contains('\u{1b}') && !said.contains('\u{202e}'),
            "{said:?}"
        );
    }
    // In the document folder: no document by name, and under nobody's scope.
    for name in [
        "QMS/SOP/SOP-\u{e4}.md",
        "QMS/SOP/\"SOP-001\".md",
        "QMS/SOP/SOP-001\n.md",
    ] {
        stage(&world, "100644", &blob, name);
        world.commit("dev", &World::work("Odd", &change, "dev"));
        world.bounces("out-of-scope");
    }
    // Within the scope they are legal.
    for name in ["src/\u{e4}\"b", "src/a\tb", "src/a\nb"] {
        stage(&world, "100644", &blob, name);
    }
    world.commit("dev", &World::work("Odd", &change, "dev"));
    world.lands();
}

// Verifies: REQ-QMS-RULE-TWIN-PATH
#[test]
fn g6_twins_in_folders_and_what_was_there_before() {
    let world = World::plain();
    // What differs in case only and was there before governance stays, and does not stop other work.
    let blob = id(&world, "HEAD:src/main.py");
    stage(&world, "100644", &blob, "src/old.py");
    stage(&world, "100644", &blob, "src/OLD.py");
    world.commit("ann", "Twins");
    governs(&world);
    let change = world.change("dev", "src/**");
    stage(&world, "100644", &blob, "src/new.py");
    world.commit("dev", &World::work("Fine", &change, "dev"));
    world.lands();
    for (one, two) in [
        ("src/lib/x", "src/LIB/y"),
        ("src/stra\u{df}e", "src/STRA\u{1e9e}E"),
        ("src/\u{212b}", "src/\u{e5}"),
        ("src/\u{fb01}le/x", "src/\u{fb01}le./y"),
        ("src/a/b/c", "src/a/b/C/d"),
    ] {
        stage(&world, "100644", &blob, one);
        stage(&world, "100644", &blob, two);
        world.commit("dev", &World::work("Twins", &change, "dev"));
        world.bounces("twin-path");
    }
}

#[test]
fn g13_a_document_is_a_plain_file_for_ever() {
    let world = World::served();
    let change = world.change("dev", "src/**");
    world.lands();
    let path = document(&change);
    let blob = id(&world, &format!("HEAD:{path}"));
    let link = object(&world, "blob", b"../../../src/main.py");
    let head = world.head();
    for (mode, entry) in [("120000", &link), ("100755", &blob), ("160000", &head)] {
        for message in [World::work("Mode", &change, "dev"), "Mode".to_owned()] {
            stage(&world, mode, entry, &path);
            world.commit("dev", &message);
            world.bounces("document-gone");
        }
    }
    // The policy, likewise.
    let policy = id(&world, "HEAD:qms.yaml");
    for (mode, entry) in [("120000", &link), ("100755", &policy), ("160000", &head)] {
        stage(&world, mode, entry, "qms.yaml");
        world.commit("dev", &World::work("Mode", &change, "dev"));
        world.bounces("policy-form");
    }
    // The folder of a document, or all of them, replaced by a pointer, a link or a file.
    let root = |name: &'static str, mode: &'static str, entry: &str| {
        let mut all = [
            ("40000", "QMS", id(&world, "HEAD:QMS")),
            ("100644", "README.md", id(&world, "HEAD:README.md")),
            ("100644", "qms.yaml", policy.clone()),
            ("40000", "src", id(&world, "HEAD:src")),
        ];
        for slot in all.iter_mut().filter(|slot| slot.1 == name) {
            *slot = (mode, name, entry.to_owned());
        }
        let all: Vec<(&str, &[u8], &str)> = all
            .iter()
            .map(|(m, n, i)| (*m, n.as_bytes(), i.as_str()))
            .collect();
        tree(&world, &all)
    };
    let message = World::work("Replace", &change, "dev");
    for (mode, entry) in [("160000", &head), ("120000", &link), ("100644", &blob)] {
        let tip = super::commit(&world, &root("QMS", mode, entry), &[&head], "dev", &message);
        refused_id(&world, &tip, "document-gone");
        // A folder of code: what lay in it goes, and what stands there now is another path.
        let tip = super::commit(&world, &root("src", mode, entry), &[&head], "dev", &message);
        assert!(refused_id(&world, &tip, "out-of-scope").contains("`src`"));
    }
    // A mode alone is a change of its path.
    world
        .git("dev", &["update-index", "--chmod=+x", "src/main.py"])
        .ok();
    world.commit("dev", "Mode");
    world.bounces("no-change");
    world
        .git("dev", &["update-index", "--chmod=+x", "src/main.py"])
        .ok();
    world.commit("dev", &World::work("Mode", &change, "dev"));
    world.lands();
}

#[test]
fn g13_a_link_may_not_stand_for_a_folder_that_steers() {
    let world = World::served();
    let change = world.change("dev", "src/**");
    let wide = world.change("dev", "**");
    world.lands();
    let target = |text: &str| object(&world, "blob", text.as_bytes());
    for (name, to, rule) in [
        ("src/l", "../QMS/CR/CR-001/CR-001.md", "link-leads-out"),
        ("src/l", "../qms.yaml", "link-leads-out"),
        ("src/l", "../.git/hooks", "link-leads-out"),
        ("src/l", "../.GIT/hooks", "link-leads-out"),
        ("src/l", "deep/../../docker", "link-leads-out"),
        ("src/l", "//etc", "link-leads-out"),
        ("src/l", "", "link-leads-out"),
        ("src/l", "sub/.git/config", "link-leads-out"),
        ("src/l", "../.github", "link-leads-out"),
        ("src/l", "//etc", "link-leads-out"),
        (".github", "src", "out-of-scope"),
        (".husky", "src", "out-of-scope"),
        ("src/hooks", ".", "out-of-scope"),
        ("QMS/CR/CR-002", "../../src", "out-of-scope"),
        ("src/.gitattributes", "main.py", "out-of-scope"),
    ] {
        stage(&world, "120000", &target(to), name);
        let change = if rule == "out-of-scope" {
            &wide
        } else {
            &change
        };
        world.commit("dev", &World::work("Link", change, "dev"));
        let ran = world.git("dev", &["push", "origin", "HEAD:main"]);
        let said = format!("{}{}", ran.out, ran.err);
        // What git's fsck knows of links comes before.
        let by_git = said.contains("fsck error");
        assert!(
            ran.code != 0 && (by_git || said.contains(rule)),
            "{name} -> {to}: {said}"
        );
        back(&world);
    }
}

#[test]
fn i_08f_a_patch_hidden_in_a_submodule_is_a_change_of_its_pointer() {
    let world = World::served();
    let one = world.change("dev", "vendor/lib");
    let two = world.change("claude", "docker/**");
    world.lands();
    // The other repository: the patch is made there, under nobody's change.
    world
        .git("dev", &["init", "-q", "-b", "main", "../lib"])
        .ok();
    let lib = world.within("../lib");
    lib.write("server.py", "server\n");
    lib.puts("dev", "Begin");
    let good = lib.head();
    lib.write("server.py", "patched\n");
    lib.puts("claude", "Make the test pass");
    let patched = lib.head();
    stage(&world, "160000", &good, "vendor/lib");
    world.commit("dev", &World::work("Take the library in", &one, "dev"));
    world.lands();
    for message in [
        World::work("Container", &two, "claude"),
        "Container".to_owned(),
    ] {
        stage(&world, "160000", &patched, "vendor/lib");
        world.write("docker/Dockerfile", "FROM scratch\n");
        world.git("claude", &["add", "docker"]).ok();
        world.commit("claude", &message);
        let ran = world.git("claude", &["push", "origin", "HEAD:main"]);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(ran.code != 0 && said.contains("`vendor/lib`"), "{said}");
        back(&world);
    }
    // Where the submodule is, and that it is there, is its own file; a folder of the same name is no pointer.
    world.write(
        ".gitmodules",
        "[submodule \"lib\"]\n\tpath = vendor/lib\n\turl = https://example.com/evil\n",
    );
    world.git("dev", &["add", ".gitmodules"]).ok();
    world.commit("dev", &World::work("Elsewhere", &one, "dev"));
    world.bounces("out-of-scope");
    // Deleted, made a file, or merged by a merge that decides by itself.
    world
        .git("claude", &["rm", "-q", "--cached", "vendor/lib"])
        .ok();
    world.commit("claude", &World::work("Away", &two, "claude"));
    world.bounces("out-of-scope");
    let (head, old) = (world.head(), id(&world, "HEAD^{tree}"));
    stage(&world, "160000", &patched, "vendor/lib");
    let evil = world.git("dev", &["write-tree"]).ok();
    world.git("dev", &["read-tree", "HEAD"]).ok();
    let side = super::commit(&world, &old, &[&head], "zed", "Nothing");
    let merge = super::commit(&world, evil.trim(), &[&head, &side], "zed", "Merge");
    assert!(refused_id(&world, &merge, "no-change").contains("`vendor/lib`"));
    // Both sides moved it: which one it becomes is a decision.
    stage(&world, "160000", &patched, "vendor/lib");
    world.commit("dev", &World::work("Patched", &one, "dev"));
    let (ours, mine) = (world.head(), id(&world, "HEAD^{tree}"));
    world
        .git("dev", &["checkout", "-q", "-f", "-b", "other", &head])
        .ok();
    stage(&world, "160000", &"1".repeat(40), "vendor/lib");
    world.commit("dev", &World::work("Other", &one, "dev"));
    let theirs = world.head();
    let merge = super::commit(&world, &mine, &[&ours, &theirs], "zed", "Merge");
    refused_id(&world, &merge, "no-change");
    let merge = super::commit(
        &world,
        &mine,
        &[&ours, &theirs],
        "dev",
        &World::work("Merge", &one, "dev"),
    );
    world
        .git("dev", &["push", "-q", "origin", &format!("{merge}:main")])
        .ok();
}
