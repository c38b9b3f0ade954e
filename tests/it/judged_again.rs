//! A change closes over what its evidence shows at that commit, whatever the matrix says of it. Source: incidents.md, I-08e,
//! I-09b, I-12a, I-12b.

use crate::evidence::{ADD, CODE, reports};
use crate::qualified::{RTM, closes, forgets, matrix, routes, says, says_of, shown, worked};
use crate::world::World;

// Verifies: REQ-QMS-RULE-NOT-QUALIFIED
#[test]
fn i_08e_a_matrix_that_says_verified_is_not_believed() {
    let (world, id) = worked();
    shown(&world, "");
    matrix(&world);
    world.approve("ann", "SDLC-CLI-RTM");
    // Of the same state, evidence that says nothing of what the test executed.
    forgets(&world);
    world.qms("ann", &ADD[..4]).ok();
    routes(&world, &id, "is passed, coverage unknown: src/add.py:2");
    // And such that says that the test reached half of it.
    forgets(&world);
    reports(&world, "", "3,4", "5");
    says(&world);
    routes(
        &world,
        &id,
        "is untested: src/add.py:2: its tests executed 2 of 3 lines of `src/add.py::add`, not 5",
    );
    shown(&world, "");
    closes(&world, &id);
    assert_eq!(world.status(&id), "CLOSED");
}

// Verifies: REQ-QMS-RULE-NOT-QUALIFIED, REQ-QMS-CMD-VERIFY
#[test]
fn i_09b_a_close_does_not_name_the_evidence_that_suits_it() {
    let (world, id) = worked();
    shown(&world, "");
    matrix(&world);
    world.approve("ann", "SDLC-CLI-RTM");
    world.serve();
    let push = ["push", "-q", "origin", "main", "refs/qms/evidence"];
    world.git("ann", &push).ok();
    let other = world.second("other");
    let refs = "refs/qms/evidence:refs/qms/evidence";
    other.git("ann", &["fetch", "-q", "origin", refs]).ok();
    // Here nobody knows of the run that failed elsewhere.
    closes(&world, &id);
    shown(&other, "<failure message=\"no\"/>");
    other.qms("ann", &["evidence", "sync"]).ok();
    let said = world.git("ann", &["push", "-q", "origin", "main"]);
    let flat = said.err.replace("\nremote:   ", " ");
    assert!(
        said.code != 0 && flat.contains("error[not-qualified]"),
        "{}",
        said.err
    );
    assert!(
        flat.contains("in later evidence of CLI at") && flat.contains("`test_add` failed"),
        "{flat}"
    );
    // What closed in time stays closed, whatever is found later.
    let (world, id) = worked();
    shown(&world, "");
    matrix(&world);
    world.approve("ann", "SDLC-CLI-RTM");
    closes(&world, &id);
    shown(&world, "<failure message=\"no\"/>");
    assert_eq!(world.json("ann", &["verify"])["errors"], 0);
}

#[test]
fn i_09b_a_step_that_was_shown_stays_shown() {
    let (world, id) = worked();
    says_of(&world, "CLI: {code: [src/**], merge: verified}");
    world.serve();
    world.write("src/add.py", &CODE.replace("a < 0", "a < 1"));
    world.works("ann", "More", &id);
    let aside = ["push", "-q", "origin", "HEAD:refs/heads/try"];
    world.git("ann", &aside).ok();
    shown(&world, "");
    world.qms("ann", &["evidence", "sync"]).ok();
    world.lands();
    shown(&world, "<failure message=\"no\"/>");
    world.qms("ann", &["evidence", "sync"]).ok();
    assert_eq!(world.json("ann", &["verify"])["errors"], 0);
    // What was never shown is not shown by a later run that failed once.
    forgets(&world);
    shown(&world, "<failure message=\"no\"/>");
    let said = world.qms("ann", &["verify", "--no-cache"]);
    assert!(
        said.code == 1 && said.out.contains("not-shown"),
        "{}",
        said.out
    );
}

#[test]
fn a_share_of_lines_is_no_pass_for_what_a_change_wrote() {
    let (world, id) = worked();
    says_of(&world, "CLI: {code: [src/**], coverage: 60}");
    // The change wrote all of it, and its test reaches two lines of three.
    reports(&world, "", "3,5", "4");
    says(&world);
    matrix(&world);
    world.approve("ann", "SDLC-CLI-RTM");
    let first = world.qms("ann", &["trace"]).ok();
    assert!(first.contains("1 verified"), "{first}");
    routes(
        &world,
        &id,
        "executed 2 of 3 lines of `src/add.py::add`, not 4",
    );
    // Another one alters a line that is executed, and is not asked about the rest.
    let other = world.change("ann", "src/**");
    world.write("src/add.py", &CODE.replace("a < 0", "a < 1"));
    world.works("ann", "Mend", &other);
    says(&world);
    let text = world.qms("ann", &["trace"]).ok();
    assert!(text.contains("1 verified"), "{text}");
    world.qms("ann", &["checkout", "SDLC-CLI-RTM"]).ok();
    let text = world.read(RTM);
    let summary = text.lines().find(|l| l.starts_with("revision_summary"));
    let summary = summary.expect("a summary");
    world.edit(RTM, summary, "revision_summary: Mended");
    matrix(&world);
    world.approve("ann", "SDLC-CLI-RTM");
    closes(&world, &other);
    // And one that alters the line that is not executed is.
    let last = world.change("ann", "src/**");
    let altered = CODE
        .replace("a < 0", "a < 1")
        .replace("return b\n", "return b or 0\n");
    world.write("src/add.py", &altered);
    world.works("ann", "Alter", &last);
    says(&world);
    let text = world.qms("ann", &["trace"]);
    assert!(text.out.contains("not 4"), "{}", text.out);
}

/// A change of a system that is a submodule, qualified at where it is.
fn with_submodule() -> (World, String, [String; 2]) {
    let (world, id) = worked();
    world
        .git("ann", &["init", "-q", "-b", "main", "../library"])
        .ok();
    let library = world.within("../library");
    let mut commits = Vec::new();
    for text in ["1", "2"] {
        library.write("code.c", text);
        library.git("ann", &["add", "."]).ok();
        library.git("ann", &["commit", "-qm", text]).ok();
        commits.push(library.head());
    }
    let add = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        "../library",
        "src/lib",
    ];
    world.git("ann", &add).ok();
    world.git("ann", &["reset", "-q", ".gitmodules"]).ok();
    std::fs::remove_file(world.path(".gitmodules")).expect("it is there");
    world.works("ann", "Take the library in", &id);
    let [one, two] = &commits[..] else {
        panic!("two commits")
    };
    (world, id, [one.clone(), two.clone()])
}

#[test]
fn i_12a_a_submodule_holds_what_was_qualified() {
    let (world, id, [one, two]) = with_submodule();
    shown(&world, "");
    matrix(&world);
    world.approve("ann", "SDLC-CLI-RTM");
    // It goes back to before what was qualified.
    let other = world.change("ann", "src/lib");
    let back = ["-C", "src/lib", "checkout", "-q", &one];
    world.git("ann", &back).ok();
    world.works("ann", "Go back", &other);
    routes(
        &world,
        &id,
        &format!(
            "`src/lib` is at {}, which does not hold {}",
            &one[..10],
            &two[..10]
        ),
    );
    // Nobody can tell where its history is not here (I-12b).
    let library = world.path("src/lib");
    std::fs::remove_dir_all(world.path(".git/modules/src/lib")).expect("it is there");
    std::fs::remove_file(library.join(".git")).expect("it is there");
    routes(&world, &id, "it cannot be verified");
    // As a server is told where it is.
    let told = ["config", "qms.src/lib.repository", "../library/.git"];
    world.git("ann", &told).ok();
    routes(&world, &id, "which does not hold");
    // It went on.
    let third = world.within("../library");
    third.write("code.c", "3");
    third.git("ann", &["commit", "-qam", "3"]).ok();
    let on = format!("160000,{},src/lib", third.head());
    world.git("ann", &["update-index", "--cacheinfo", &on]).ok();
    let message = World::work("Go on", &other, "ann");
    world.commit("ann", &message);
    closes(&world, &id);
}
