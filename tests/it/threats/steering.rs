//! G14: files in the tree that steer git, forges and CI.

use super::{back, id, object, reviews_as_another};
use crate::world::{World, document};

#[test]
fn g14_what_steers_needs_its_own_name_wherever_it_lies_and_however_it_is_spelled() {
    let world = World::served();
    let wide = world.change("dev", "**");
    world.lands();
    let blob = object(
        &world,
        "blob",
        b"*.md -diff export-ignore merge=ours filter=x\n",
    );
    for name in [
        ".gitattributes",
        "src/deep/.gitattributes",
        "src/.GitAttributes",
        "src/.gitattributes.",
        "src/.gitattributes ",
        "src/GITATT~1",
        ".mailmap",
        ".gitmodules",
        "src/.gitmodules",
        "src/gitmod~1",
        "src/.git\u{200c}attributes",
        ".github/workflows/tests.yml",
        ".GitHub/workflows/tests.yml",
        ".github./workflows/tests.yml",
        "src/.github/actions/x/action.yml",
        ".gitlab-ci.yml",
        "Jenkinsfile",
        "jenkinsfile",
        ".ci/run",
        ".pre-commit-config.yaml",
        "lefthook.yml",
        ".husky/pre-commit",
        "hooks/pre-receive",
        "Hooks/pre-receive",
        "src/hooks/x.py",
        "QMS/agents/qa.md",
        "QMS/notes.txt",
    ] {
        let entry = format!("100644,{blob},{name}");
        world
            .git("dev", &["update-index", "--add", "--cacheinfo", &entry])
            .ok();
        world.commit("dev", &World::work("Steer", &wide, "dev"));
        let ran = world.git("dev", &["push", "origin", "HEAD:main"]);
        let said = format!("{}{}", ran.out, ran.err);
        let by_git = said.contains("fsck error");
        assert!(
            ran.code != 0 && (by_git || said.contains("error[out-of-scope]")),
            "{name:?}: {said}"
        );
        back(&world);
    }
    // Changed and deleted, and freed by the policy: no difference.
    let named = world.change("dev", ".gitattributes");
    let loose = world.change("dev", "qms.yaml");
    world.write(".gitattributes", "*.png binary\n");
    world.works("dev", "By its name", &named);
    world.edit(
        "qms.yaml",
        "    - \"docs/**\"",
        "    - \"docs/**\"\n    - \"**\"",
    );
    world.works("dev", "Free it all", &loose);
    world.lands();
    world.write("src/main.py", "free\n");
    world.puts("zed", "Free");
    world.lands();
    world.write(".gitattributes", "* -diff\n");
    world.puts("zed", "Steer");
    world.bounces("no-change");
    world.git("zed", &["rm", "-q", ".gitattributes"]).ok();
    world.commit("zed", "Steer no more");
    world.bounces("no-change");
}

#[test]
fn g14_attributes_and_a_mailmap_change_no_verdict() {
    let world = World::served();
    let change = world.change("dev", ".gitattributes");
    let mail = world.change("dev", ".mailmap");
    world.write(
        ".gitattributes",
        "*.md -diff merge=ours\n*.yaml -diff export-ignore\n* filter=evil ident\n",
    );
    world.works("dev", "Attributes", &change);
    world.write(".mailmap", "qa <qa@example.com> dev <dev@example.com>\n");
    world.works("dev", "Mail", &mail);
    world.lands();
    let attributes = world.path("../server.git/info");
    std::fs::create_dir_all(&attributes).expect("a folder");
    std::fs::write(attributes.join("attributes"), "* -diff -text\n").expect("a file");
    super::server_set(&world, "mailmap.blob", "main:.mailmap");
    super::server_set(&world, "log.mailmap", "true");
    super::server_set(&world, "core.attributesFile", "../repo/.gitattributes");
    // To git dev is qa now; to the gate he is not.
    let seen = world.git("dev", &["log", "-1", "--format=%aN"]).ok();
    assert_eq!(seen.trim(), "qa");
    world
        .qms("claude", &["create", "SOP", "--title", "Backups"])
        .ok();
    world.qms("claude", &["route", "SOP-001", "--review"]).ok();
    world.lands();
    world
        .qms("dev", &["review", "SOP-001", "--recommend", "--user", "qa"])
        .refused("actor-mismatch");
    reviews_as_another(&world);
    // A document that git would not show as changed.
    world.edit(&document("SOP-001"), "## 1. Purpose", "## 1. Aim");
    world
        .git(
            "dev",
            &["-c", "filter.evil.clean=cat", "commit", "-qam", "Unseen"],
        )
        .ok();
    world.bounces("document-without-move");
    world.edit("qms.yaml", "docs/**", "**");
    world.puts("dev", "Unseen");
    world.bounces("no-change");
    assert_eq!(id(&world, "HEAD"), id(&world, "origin/main"));
}
