//! The demo, and the commands that the README shows.

use crate::world::{World, project};

#[test]
fn the_demo_plays_the_founding_story() {
    let world = World::empty();
    let told = world.qms("ann", &["demo", "--keep", "kept"]).ok();
    let out_of_scope = "error[out-of-scope]: `qms-cli/server.py` is outside the approved scope";
    assert!(
        told.contains(&format!("\n{out_of_scope}")),
        "the hook refused: {told}"
    );
    assert!(
        told.contains(&format!("\nremote: {out_of_scope}")),
        "the server refused: {told}"
    );
    assert!(told.contains("CR-001  close  POST_APPROVED -> CLOSED"));
    let kept = world.within("kept/work");
    assert_eq!(kept.status("CR-001"), "CLOSED");
    assert_eq!(kept.git("ann", &["status", "--short"]).ok(), "");
    // It does not play over somebody's files.
    assert_eq!(world.qms("ann", &["demo", "--keep", "kept"]).code, 2);
}

// Verifies: REQ-QMS-CMD-DEMO
#[test]
fn the_readme_shows_what_the_demo_says() {
    let readme = std::fs::read_to_string(project().join("README.md")).expect("a README");
    let told = World::empty().qms("ann", &["demo"]).ok();
    let shown = readme
        .split("<!-- session -->")
        .nth(1)
        .and_then(|rest| rest.split("<!-- /session -->").next());
    let lines = shown
        .expect("a session")
        .lines()
        .filter(|l| !l.starts_with("```") && !l.is_empty());
    let missing: Vec<&str> = lines
        .filter(|l| *l != "…" && !told.lines().any(|t| t == *l))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn every_command_that_the_readme_shows_exists() {
    let readme = std::fs::read_to_string(project().join("README.md")).expect("a README");
    let world = World::empty();
    let blocks = readme
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|b| b.strip_prefix("sh\n"));
    let lines = blocks
        .flat_map(str::lines)
        .filter_map(|l| l.strip_prefix("qms "));
    let mut seen = 0;
    for line in lines {
        let plain = |w: &&str| {
            w.chars()
                .all(|c| c.is_ascii_lowercase() || c == '-' || c == '|')
        };
        let mut words: Vec<&str> = line.split_whitespace().take_while(plain).collect();
        let group = words.first().is_some_and(|w| {
            [
                "user", "system", "policy", "workflow", "item", "section", "front", "token",
                "agent", "evidence", "session",
            ]
            .contains(w)
        });
        let group = group || words.starts_with(&["trace", "write"]);
        words.truncate(if group { 2 } else { 1 });
        let help = world.qms("ann", &[&words[..], &["--help"]].concat()).ok();
        for flag in line
            .split_whitespace()
            .filter(|w| w.trim_start_matches('[').starts_with("--"))
        {
            let flag = flag.trim_matches(['[', ']', '…', '.']);
            for flag in flag.split('|') {
                assert!(
                    help.contains(flag),
                    "`qms {words:?}` has no {flag}:\n{help}"
                );
            }
        }
        seen += 1;
    }
    assert!(seen > 15, "only {seen} commands were found");
}

#[test]
fn the_help_says_what_there_is() {
    let help = World::empty().qms("ann", &["--help"]).ok();
    insta::assert_snapshot!(help, @r#"
    Change control that lives in git

    Usage: qms [OPTIONS] <COMMAND>

    Commands:
      init         Put this repository under change control, or install its hooks again
      user         People of the policy
      system       Systems of the policy: what has requirements and a matrix of its own [alias:
                   namespace]
      trace        Requirements, what implements and what verifies them, from the tags in code and tests
      run          Run tests, and keep what they left as evidence; or start a process, and keep what was
                   seen of it
      evidence     Results of tests, kept with the commit that they are of
      qualify      Tag the commit that a system's matrix in force names, where all of it is verified
      baselines    What was qualified, and whether it still holds
      create       Start a document from the template in force
      checkout     Take a document to write in it
      checkin      Commit what you wrote and give the document back
      withdraw     Take a document back from an open review or approval
      release      Begin the execution of an approved document
      close        Close a document whose execution is approved
      approve      Approve a document that you are asked about
      route        Ask for review, or after it for approval
      assign       Ask more people in a round, or the same again
      review       Say what you think of a document that you are asked about
      reject       Refuse to approve
      revert       Take a change from post-review or post-approval back into execution
      abandon      Give a revision up; the version in force stays
      cancel       End a document that will not be needed; its file and number stay
      fix          Mend how an effective or closed document is set, not what it says: what the work tree
                   has
      transfer     Make somebody else the owner
      status       Where a document stands
      next         The next step, for you or for one document, as a command to paste; and what is
                   missing for it
      inbox        What waits for you
      workspace    What you hold
      list         All documents
      history      What happened to a document, or what somebody did (--user), from the log
      comments     What reviewers and approvers said of a document
      read         A document's text: the version in force, unless another is named
      diff         What differs between two versions of a document, by section and word
      who          What a path is, which changes cover it, and who is asked about it
      item         Items of a document: what is to be done, and what came of it
      section      Sections of a document
      front        The front matter of a document
      mcp          Serve this repository to agents that cannot write: the gateway
      agent        Tell agents' programs of qms
      token        What agents show to a gateway
      session      Boxes that agents live in: they read the repository, write nothing of it, and reach
                   the gateway
      use          Say which change this work tree works under
      commit       Commit work under a change: git commit with the trailers that it needs
      sync         Make the branch's own commits again on the tip that they are meant for
      renumber     Give a document of this branch another number
      check        What is missing for a document; or what the server would say: of a range, or of all
                   that is new here
      verify       The whole governed history: every commit by the step that brought it in
      ci           What a run of continuous integration asks: the range of the event, the history,
                   documents, requirements
      policy       The policy of this repository
      schema       The JSON Schema of an answer or a file; without a name, which there are
      explain      A rule and what to do; a document's story; or why a commit was allowed
      completions  Print what a shell sources to complete commands, documents and people
      man          Print the manual page, or write one for each command
      workflow     What the documents of a type go through
      doctor       Whether what is installed here does its work: hooks, settings, policy; exit 1 where
                   something is wrong
      demo         Play the story that qms was made for, in a throwaway repository
      help         Print this message or the help of the given subcommand(s)

    Options:
          --user <NAME>
              Who acts; must be who git says you are. With init: NAME:GROUP[,GROUP][:KIND][:MAIL],
              repeated
              
              [env: QMS_USER=]

          --format <FORMAT>
              How to answer

              Possible values:
              - text
              - json
              - sarif:  Of a check, as the next three, and of qms trace
              - github
              - gitlab
              - junit
              - csv:    Of qms trace, as the rest
              - html
              - md
              - reqif
              
              [default: text]

      -C <DIR>
              Run as if started in DIR

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version
    "#);
}
