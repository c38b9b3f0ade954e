//! Looks at code, against what git itself says, and against those who would make more of them than looks.

use std::collections::BTreeMap;

use qms::git::Oid;
use qms::model::browse::answer::{Changes, Kind, Omitted, Status};
use qms::model::browse::ask;
use qms::ops::{Session, browse};

use crate::world::World;

fn session(world: &World) -> Session {
    Session::open(&world.path(""), None).expect("a session")
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn numbered(count: usize) -> String {
    (1..=count).map(|n| format!("line {n}\n")).collect()
}

/// Branches, merges, a rename, a link, a submodule, a binary file and odd names.
fn scratch() -> World {
    let world = World::plain();
    world.write("src/long.txt", &numbered(40));
    world.write("src/deep/er/x.rs", "fn main() {}\n");
    world.write("odd/ü b\"'\\c.txt", "grün\nblue");
    world.write("odd/a\nb.txt", "two\n");
    world.write("bin.dat", "GIF\0\u{1}line\n");
    world.script("run.sh", "#!/bin/sh\necho line\n");
    std::os::unix::fs::symlink("src/long.txt", world.path("link")).expect("a link");
    world.puts("bob", "Add many\n\nMore of it.\n\nAnd more.\n");
    world.git("ann", &["tag", "-a", "v1", "-m", "First"]).ok();
    world.git("ann", &["checkout", "-qb", "side/one"]).ok();
    world.edit("src/long.txt", "line 30\n", "line thirty\nand a half\n");
    world.puts("cyd", "Change below");
    world.write("src/side.txt", "aside\n");
    world.puts("cyd", "Add aside");
    world.git("ann", &["checkout", "-q", "main"]).ok();
    world.edit("src/long.txt", "line 3\n", "line three\n");
    world.edit("src/long.txt", "line 12\n", "");
    world.puts("ann", "Change above");
    world
        .git(
            "ann",
            &["merge", "-q", "--no-ff", "-m", "Join one", "side/one"],
        )
        .ok();
    world.git("ann", &["checkout", "-qb", "side/two"]).ok();
    world.write("README.md", "Read me\nagain\n");
    world.puts("dan", "Read again");
    world.git("ann", &["checkout", "-q", "main"]).ok();
    world.write("README.md", "Read me\nagain\n");
    world.puts("ann", "Read again here");
    world
        .git(
            "ann",
            &["merge", "-q", "--no-ff", "-m", "Join two", "side/two"],
        )
        .ok();
    world
        .git("ann", &["mv", "src/long.txt", "src/renamed.txt"])
        .ok();
    world.edit("src/renamed.txt", "line 20\n", "line twenty\n");
    world.puts("eve", "Rename");
    std::fs::remove_file(world.path("run.sh")).expect("a file");
    std::os::unix::fs::symlink("bin.dat", world.path("run.sh")).expect("a link");
    world.write("bin.dat", "GIF\0\u{2}\n");
    world.git("ann", &["rm", "-q", "src/side.txt"]).ok();
    let sub = format!("160000,{},sub", world.head());
    world.git("ann", &["add", "."]).ok();
    world
        .git("ann", &["update-index", "--add", "--cacheinfo", &sub])
        .ok();
    world.commit("eve", "Change types");
    world
}

fn revisions(world: &World) -> Vec<String> {
    let all = world.git("ann", &["rev-list", "HEAD"]).ok();
    all.lines().map(str::to_owned).collect()
}

#[track_caller]
fn log_agrees(world: &World, ask: &ask::Log, args: &[&str]) {
    const FORMAT: &str = "--format=%H%x00%P%x00%an%x00%ae%x00%aI%x00%s%x00%b%x01";
    let said = world.git("ann", &[&["log", FORMAT], args].concat()).ok();
    // Some versions of git write UTC as `Z`.
    let field = |text: &str| match text.trim() {
        date if date.len() == 20 && date.ends_with("Z") => date.replace('Z', "+00:00"),
        text => text.to_owned(),
    };
    let theirs: Vec<Vec<String>> = said
        .split('\u{1}')
        .map(str::trim)
        .filter(|record| !record.is_empty())
        .map(|record| record.split('\0').map(field).collect())
        .collect();
    let ours = browse::log(&session(world), ask).expect("a log");
    let ours: Vec<Vec<String>> = ours
        .commits
        .into_iter()
        .map(|c| {
            vec![
                c.id,
                c.parents.join(" "),
                c.author,
                c.email,
                c.date,
                c.subject,
                c.body,
            ]
        })
        .collect();
    assert_eq!(ours, theirs, "{args:?}");
}

#[test]
fn a_log_is_that_of_git() {
    let world = scratch();
    let all = ask::Log::default();
    log_agrees(&world, &all, &[]);
    let first = ask::Log {
        first_parent: true,
        ..all.clone()
    };
    log_agrees(&world, &first, &["--first-parent"]);
    for revision in ["v1", "side/one", "HEAD~2", "HEAD~2^2", "main^"] {
        let ask = ask::Log {
            revision: some(revision),
            ..all.clone()
        };
        log_agrees(&world, &ask, &[revision]);
    }
    let short = &world.head()[..9];
    let ask = ask::Log {
        revision: some(short),
        ..all.clone()
    };
    log_agrees(&world, &ask, &[]);
    for paths in [
        &["src/long.txt"][..],
        &["src/renamed.txt"],
        &["README.md"],
        &["src"],
        &["src/deep", "bin.dat"],
        &["never/there"],
        &["sub"],
        &["odd/ü b\"'\\c.txt"],
    ] {
        let literal = ["--".to_owned()].into_iter();
        let args: Vec<String> = literal
            .chain(paths.iter().map(|p| format!(":(literal,top){p}")))
            .collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let mut ask = ask::Log {
            paths: paths.iter().map(|p| (*p).to_owned()).collect(),
            ..all.clone()
        };
        log_agrees(&world, &ask, &args);
        ask.first_parent = true;
        log_agrees(&world, &ask, &[&["--first-parent"], &args[..]].concat());
    }
}

#[test]
fn a_log_is_given_by_pages() {
    let world = scratch();
    let all = revisions(&world);
    let mut ids = Vec::new();
    loop {
        let ask = ask::Log {
            skip: ids.len(),
            limit: Some(4),
            ..ask::Log::default()
        };
        let page = browse::log(&session(&world), &ask).expect("a page");
        ids.extend(page.commits.into_iter().map(|c| c.id));
        assert_eq!(page.more, ids.len() < all.len());
        if !page.more {
            break;
        }
    }
    assert_eq!(ids, all);
}

/// The hunks of a patch, by path, without what git says of functions beside them.
fn hunks(patch: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in patch.split_inclusive('\n') {
        inside = (inside || line.starts_with("@@ ")) && !line.starts_with("diff --git ");
        match line.strip_prefix("@@ ").and_then(|l| l.split_once(" @@")) {
            Some((place, _)) => out.push_str(&format!("@@ {place} @@\n")),
            None if inside => out.push_str(line),
            None => {}
        }
    }
    out
}

#[track_caller]
fn changes_agree(world: &World, ours: &Changes, from: &str, to: &str) {
    let plain = ["diff", "--no-renames", "--no-color", "--no-ext-diff"];
    let raw = ["--raw", "-z", "--no-abbrev", from, to];
    let said = world.git("ann", &[&plain, &raw[..]].concat()).ok();
    let mut fields = said.split('\0');
    let mut theirs = BTreeMap::new();
    while let (Some(meta), Some(path)) = (fields.next().filter(|m| !m.is_empty()), fields.next()) {
        let meta: Vec<&str> = meta.trim_start_matches(':').split(' ').collect();
        let mode = |m: &str| (m != "000000").then(|| m.to_owned());
        let status = match meta[4] {
            "A" => Status::Added,
            "D" => Status::Deleted,
            "T" => Status::TypeChanged,
            _ => Status::Modified,
        };
        theirs.insert(path.to_owned(), (status, mode(meta[0]), mode(meta[1])));
    }
    let paths = ours.paths.iter().cloned();
    let listed: BTreeMap<_, _> = paths
        .map(|c| (c.path, (c.status, c.old_mode, c.new_mode)))
        .collect();
    assert_eq!(listed, theirs, "{from} {to}");
    for changed in &ours.paths {
        let path = format!(":(literal,top){}", changed.path);
        let said = world
            .git(
                "ann",
                &[&plain[..], &["-U3", from, to, "--", &path]].concat(),
            )
            .ok();
        let blank = changed.patch.clone().unwrap_or_default();
        match changed.omitted {
            Some(Omitted::Binary) => assert!(said.contains("Binary files"), "{said}"),
            Some(other) => panic!("{other:?}"),
            // Git writes a change of type as a file that goes and another that comes.
            None if changed.status == Status::TypeChanged => assert!(blank.contains("@@")),
            None => assert_eq!(hunks(&blank), hunks(&said), "{}", changed.path),
        }
    }
}

#[test]
fn a_commit_is_shown_as_git_shows_it() {
    let world = scratch();
    const EMPTY: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    for id in revisions(&world) {
        let ask = ask::Show {
            revision: some(&id),
            patch: true,
            ..ask::Show::default()
        };
        let shown = browse::show(&session(&world), &ask).expect("a commit");
        assert_eq!(shown.commit.id, id);
        let parent = shown.commit.parents.first().map_or(EMPTY, String::as_str);
        let changes = shown.changes.expect("changes");
        assert!(!changes.cut && !changes.more);
        changes_agree(&world, &changes, parent, &id);
    }
}

#[test]
fn two_commits_are_compared_as_git_compares_them() {
    let world = scratch();
    for (from, to) in [
        ("v1", "HEAD"),
        ("HEAD", "v1"),
        ("side/one", "main~3"),
        ("HEAD", "HEAD"),
    ] {
        let ask = ask::Diff {
            from: from.to_owned(),
            to: some(to),
            patch: true,
            ..ask::Diff::default()
        };
        let diff = browse::diff(&session(&world), &ask).expect("a diff");
        changes_agree(&world, &diff.changes, from, to);
    }
    let ask = ask::Diff {
        from: "v1".to_owned(),
        paths: vec!["src".to_owned()],
        ..ask::Diff::default()
    };
    let diff = browse::diff(&session(&world), &ask).expect("a diff");
    assert!(
        diff.changes
            .paths
            .iter()
            .all(|c| c.path.starts_with("src/"))
    );
    assert!(diff.changes.paths.iter().all(|c| c.patch.is_some()));
    assert_eq!((diff.to, diff.changes.total), (world.head(), 2));
}

#[test]
fn m3_patches_and_paths_end_where_their_room_ends() {
    let world = scratch();
    world.write("huge.txt", &"x\n".repeat(600_000));
    world.puts("ann", "Add much");
    let mut ask = ask::Show {
        patch: true,
        max_bytes: Some(200),
        revision: some("v1"),
        ..ask::Show::default()
    };
    let changes = browse::show(&session(&world), &ask).expect("shown").changes;
    let changes = changes.expect("changes");
    let given: usize = changes
        .paths
        .iter()
        .flat_map(|c| &c.patch)
        .map(String::len)
        .sum();
    assert!(changes.cut && given <= 200 && changes.total == 7);
    assert!(
        changes
            .paths
            .iter()
            .any(|c| c.omitted == Some(Omitted::Budget))
    );
    ask.skip = 5;
    ask.limit = Some(1);
    let page = browse::show(&session(&world), &ask).expect("shown").changes;
    let page = page.expect("changes");
    assert!(page.more && page.paths[0].path == changes.paths[5].path);
    ask = ask::Show {
        path: some("huge.txt"),
        ..ask::Show::default()
    };
    let huge = browse::show(&session(&world), &ask).expect("shown").changes;
    assert_eq!(
        huge.expect("changes").paths[0].omitted,
        Some(Omitted::Large)
    );
    ask.content = true;
    let huge = browse::show(&session(&world), &ask).expect("shown").content;
    let huge = huge.expect("a file");
    assert_eq!(
        (huge.omitted, huge.bytes),
        (Some(Omitted::Large), Some(1_200_000))
    );
}

#[test]
fn a_file_is_given_as_it_was_from_a_line_on() {
    let world = scratch();
    let content = |revision: &str, path: &str, from: usize, lines: usize, bytes: usize| {
        let ask = ask::Show {
            revision: some(revision),
            path: some(path),
            content: true,
            from_line: Some(from),
            lines: Some(lines),
            max_bytes: Some(bytes),
            ..ask::Show::default()
        };
        let shown = browse::show(&session(&world), &ask).expect("shown");
        assert!(shown.changes.is_none());
        shown.content.expect("a file")
    };
    let page = content("v1", "src/long.txt", 39, 1, 1_000);
    assert_eq!((page.text.as_str(), page.more), ("line 39\n", true));
    assert_eq!(page.total_lines, Some(40));
    let last = content("v1", "src/long.txt", 40, 5, 1_000);
    assert_eq!((last.text.as_str(), last.more), ("line 40\n", false));
    let cut = content("v1", "src/long.txt", 1, 5, 20);
    assert_eq!((cut.text.as_str(), cut.more), ("line 1\nline 2\n", true));
    assert_eq!(cut.omitted, Some(Omitted::Budget));
    let all = content("HEAD", "odd/ü b\"'\\c.txt", 1, 9, 1_000);
    assert_eq!((all.text.as_str(), all.kind), ("grün\nblue", Kind::File));
    let link = content("HEAD", "link", 1, 9, 1_000);
    assert_eq!(
        (link.text.as_str(), link.kind),
        ("src/long.txt", Kind::Link)
    );
    assert_eq!(content("v1", "run.sh", 1, 1, 99).kind, Kind::Executable);
    assert_eq!(content("HEAD", "sub", 1, 1, 99).kind, Kind::Submodule);
    let binary = content("HEAD", "bin.dat", 1, 9, 1_000);
    assert_eq!(
        (binary.text.as_str(), binary.omitted),
        ("", Some(Omitted::Binary))
    );
    let nothing = content("v1", "src/long.txt", 1_000, 5, 1_000);
    assert_eq!((nothing.text.as_str(), nothing.more), ("", false));
}

#[test]
fn a_folder_is_listed_as_git_lists_it() {
    let world = scratch();
    for (revision, folder, recursive) in [
        ("HEAD", None, false),
        ("HEAD", None, true),
        ("v1", Some("src"), false),
        ("HEAD", Some("src"), true),
        ("HEAD", Some("src/deep"), false),
        ("side/one", Some("odd"), true),
    ] {
        let below = folder.map(|f| format!("{f}/"));
        let mut args = vec!["ls-tree", "-z", "--full-tree"];
        args.extend(recursive.then_some("-r"));
        args.push(revision);
        args.extend(below.as_deref());
        let said = world.git("ann", &args).ok();
        let theirs: Vec<(String, Kind)> = said
            .split_terminator('\0')
            .map(|line| {
                let (meta, path) = line.split_once('\t').expect("a path");
                let kind = match &meta[..6] {
                    "040000" => Kind::Folder,
                    "100755" => Kind::Executable,
                    "120000" => Kind::Link,
                    "160000" => Kind::Submodule,
                    _ => Kind::File,
                };
                (path.to_owned(), kind)
            })
            .collect();
        let mut ours = Vec::new();
        loop {
            let ask = ask::Ls {
                revision: some(revision),
                folder: folder.map(str::to_owned),
                recursive,
                skip: ours.len(),
                limit: Some(3),
            };
            let page = browse::ls(&session(&world), &ask).expect("a list");
            ours.extend(page.entries.into_iter().map(|e| (e.path, e.kind)));
            if !page.more {
                break;
            }
        }
        assert_eq!(ours, theirs, "{args:?}");
    }
}

#[test]
fn a_search_finds_what_git_finds() {
    let world = scratch();
    for (pattern, flags, ask) in [
        ("line", &["-E"][..], ask::Grep::default()),
        ("^line [0-9]+$", &["-E"], ask::Grep::default()),
        ("(thirty|half)$", &["-E"], ask::Grep::default()),
        (
            "LINE T",
            &["-F", "-i"],
            ask::Grep {
                fixed: true,
                ignore_case: true,
                ..ask::Grep::default()
            },
        ),
        (
            "()",
            &["-F"],
            ask::Grep {
                fixed: true,
                paths: vec![
                    "src/deep".to_owned(),
                    "src/main.py".to_owned(),
                    "src/deep/er".to_owned(),
                ],
                ..ask::Grep::default()
            },
        ),
        ("grün", &["-E"], ask::Grep::default()),
        ("nowhere", &["-E"], ask::Grep::default()),
    ] {
        for revision in ["HEAD", "v1"] {
            let mut args = vec!["grep", "-I", "-z", "-n", "--column", "--full-name"];
            args.extend(flags);
            args.extend(["-e", pattern, revision, "--"]);
            args.extend(ask.paths.iter().map(String::as_str));
            let said = world.git("ann", &args).out;
            let theirs: Vec<String> = said.lines().map(str::to_owned).collect();
            let ask = ask::Grep {
                pattern: pattern.to_owned(),
                revision: some(revision),
                ..ask.clone()
            };
            let found = browse::grep(&session(&world), &ask).expect("a search");
            let mut ours: Vec<String> = found
                .matches
                .iter()
                .map(|m| {
                    format!(
                        "{revision}:{}\0{}\0{}\0{}",
                        m.path, m.line, m.column, m.text
                    )
                })
                .collect();
            // A name with a line break is two lines to us here.
            ours = ours
                .iter()
                .flat_map(|m| m.lines())
                .map(str::to_owned)
                .collect();
            assert_eq!(ours, theirs, "{pattern} {revision}");
            assert!(!found.more && !found.bounded);
        }
    }
    let few = ask::Grep {
        pattern: "line".to_owned(),
        limit: Some(2),
        ..ask::Grep::default()
    };
    let found = browse::grep(&session(&world), &few).expect("a search");
    assert!(found.more && found.matches.len() == 2 && found.binary == 1);
}

/// A name as git quotes it, for the few escapes that there are here.
fn unquoted(name: &str) -> String {
    let Some(inner) = name.strip_prefix('"').and_then(|n| n.strip_suffix('"')) else {
        return name.to_owned();
    };
    let plain = inner.replace("\\303\\274", "ü");
    plain.replace("\\\"", "\"").replace("\\\\", "\\")
}

#[test]
fn lines_are_from_where_git_says() {
    let world = scratch();
    for (revision, path) in [
        ("HEAD", "src/renamed.txt"),
        ("HEAD~2", "src/long.txt"),
        ("side/one", "src/long.txt"),
        ("HEAD", "README.md"),
        ("v1", "run.sh"),
        ("HEAD", "odd/ü b\"'\\c.txt"),
    ] {
        let args = ["blame", "--line-porcelain", revision, "--", path];
        let said = world.git("ann", &args).ok();
        let mut theirs = Vec::new();
        let (mut commit, mut name) = (String::new(), String::new());
        for line in said.lines() {
            if let Some(text) = line.strip_prefix('\t') {
                theirs.push((commit.clone(), name.clone(), text.to_owned()));
            } else if let Some(text) = line.strip_prefix("filename ") {
                name = unquoted(text);
            } else if line.len() > 40 && line.as_bytes()[40] == b' ' {
                commit = line[..40].to_owned();
            }
        }
        let ask = ask::Blame {
            path: path.to_owned(),
            revision: some(revision),
            ..ask::Blame::default()
        };
        let blame = browse::blame(&session(&world), &ask).expect("a blame");
        assert!(!blame.more && !blame.bounded && blame.total_lines == theirs.len());
        let ours: Vec<_> = blame
            .lines
            .into_iter()
            .map(|l| {
                let name = l.path.unwrap_or_else(|| path.to_owned());
                (l.commit.unwrap_or_default(), name, l.text)
            })
            .collect();
        assert_eq!(ours, theirs, "{path}");
    }
    let part = ask::Blame {
        path: "src/renamed.txt".to_owned(),
        from_line: Some(3),
        lines: Some(2),
        ..ask::Blame::default()
    };
    let part = browse::blame(&session(&world), &part).expect("a blame");
    let texts: Vec<_> = part
        .lines
        .iter()
        .map(|l| (l.line, l.text.as_str()))
        .collect();
    assert_eq!(texts, [(3, "line three"), (4, "line 4")]);
    assert!(part.more && part.lines[0].author.as_deref() == Some("ann"));
}

#[test]
fn it_is_told_where_head_stands() {
    let world = World::plain();
    let standing = || browse::status(&session(&world)).expect("a status");
    assert_eq!((standing().branch, standing().remote), (some("main"), None));
    assert_eq!(standing().subject, some("Begin"));
    world
        .git("ann", &["clone", "-q", "--bare", ".", "../server.git"])
        .ok();
    world
        .git("ann", &["remote", "add", "origin", "../server.git"])
        .ok();
    world.write("a", "a\n");
    world.puts("ann", "Push this");
    world.git("ann", &["push", "-q", "origin", "main"]).ok();
    world.git("ann", &["reset", "-q", "--hard", "HEAD~1"]).ok();
    for n in 0..3 {
        world.write("b", &format!("{n}\n"));
        world.puts("ann", "Keep this");
    }
    let remote = standing().remote.expect("a remote branch");
    assert_eq!(
        (remote.name.as_str(), remote.ahead, remote.behind),
        ("origin/main", Some(3), Some(1))
    );
    world.write("a", "other\n");
    world.puts("ann", "Differ");
    assert_ne!(world.git("ann", &["merge", "origin/main"]).code, 0);
    assert_eq!(standing().in_progress, some("merge"));
    world.git("ann", &["merge", "--abort"]).ok();
    world.git("ann", &["checkout", "-q", "--detach"]).ok();
    assert_eq!(
        (standing().branch, standing().head),
        (None, Some(world.head()))
    );
    let empty = World::empty();
    empty.git("ann", &["init", "-q", "-b", "main", "."]).ok();
    let standing = browse::status(&session(&empty)).expect("a status");
    assert_eq!((standing.branch, standing.head), (some("main"), None));
    assert!(browse::log(&session(&empty), &ask::Log::default()).is_err());
}

/// Answers and refusals, without where in the program they are from.
fn plain(answers: &[anyhow::Result<String>]) -> Vec<String> {
    let text = |answer: &anyhow::Result<String>| match answer {
        Ok(text) => text.clone(),
        Err(error) => format!("refused: {error:#}"),
    };
    answers.iter().map(text).collect()
}

/// Asks everything that takes names for these; gives what was answered where something was not refused.
fn all(world: &World, revision: Option<&str>, path: &str) -> Vec<anyhow::Result<String>> {
    let session = session(world);
    let (revision, path) = (revision.map(str::to_owned), path.to_owned());
    let text = |value: anyhow::Result<serde_json::Value>| value.map(|v| v.to_string());
    let json = |value: &dyn erased::Json| value.json();
    let mut out = Vec::new();
    let log = ask::Log {
        revision: revision.clone(),
        paths: vec![path.clone()],
        ..ask::Log::default()
    };
    out.push(text(browse::log(&session, &log).map(|v| json(&v))));
    for content in [false, true] {
        let show = ask::Show {
            revision: revision.clone(),
            path: Some(path.clone()),
            content,
            ..ask::Show::default()
        };
        out.push(text(browse::show(&session, &show).map(|v| json(&v))));
    }
    let diff = ask::Diff {
        from: revision.clone().unwrap_or_else(|| "HEAD~1".to_owned()),
        paths: vec![path.clone()],
        ..ask::Diff::default()
    };
    out.push(text(browse::diff(&session, &diff).map(|v| json(&v))));
    let ls = ask::Ls {
        revision: revision.clone(),
        folder: Some(path.clone()),
        ..ask::Ls::default()
    };
    out.push(text(browse::ls(&session, &ls).map(|v| json(&v))));
    let grep = ask::Grep {
        pattern: "e".to_owned(),
        revision: revision.clone(),
        paths: vec![path.clone()],
        ..ask::Grep::default()
    };
    out.push(text(browse::grep(&session, &grep).map(|v| json(&v))));
    let blame = ask::Blame {
        path,
        revision,
        ..ask::Blame::default()
    };
    out.push(text(browse::blame(&session, &blame).map(|v| json(&v))));
    out
}

mod erased {
    pub(super) trait Json {
        fn json(&self) -> serde_json::Value;
    }

    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> serde_json::Value {
            serde_json::to_value(self).expect("it is plain data")
        }
    }
}

#[test]
fn m1_arguments_that_git_would_take_for_options_are_refused() {
    let world = scratch();
    let out = world.path("out").display().to_string();
    for bad in [
        format!("--output={out}"),
        "-p".to_owned(),
        "--all".to_owned(),
        ":/Begin".to_owned(),
        ":README.md".to_owned(),
        "HEAD:README.md".to_owned(),
        "v1..HEAD".to_owned(),
        "HEAD@{0}".to_owned(),
        "@{-1}".to_owned(),
        "HEAD^{/Begin}".to_owned(),
        "HEAD^{tree}".to_owned(),
        "HEAD\n".to_owned(),
        "HEAD\0".to_owned(),
        String::new(),
    ] {
        for answer in all(&world, Some(&bad), "README.md") {
            let said = answer.expect_err(&bad).to_string();
            assert!(said.starts_with("the revision"), "{said}");
        }
    }
    for bad in [
        "--output=x",
        "-",
        "/etc/passwd",
        "../x",
        "a/../b",
        ".git/config",
        ":(glob)*",
        "",
    ] {
        for answer in all(&world, None, bad) {
            let said = answer.expect_err(bad).to_string();
            assert!(said.starts_with("the path"), "{said}");
        }
    }
    assert!(!world.path("out").exists());
}

#[test]
fn m4_refusals_show_names_escaped() {
    let world = scratch();
    for (revision, path) in [
        (Some("no\u{202e}pe"), "README.md"),
        (None, "no\u{202e}\u{200b}pe"),
    ] {
        for said in all(&world, revision, path)
            .into_iter()
            .filter_map(Result::err)
        {
            let said = format!("{said:#}");
            assert!(!said.contains(['\u{202e}', '\u{200b}']), "{said:?}");
        }
    }
    assert!(
        all(&world, None, "odd/a")
            .iter()
            .filter(|a| a.is_err())
            .count()
            >= 4
    );
}

#[test]
fn m5_no_driver_filter_hook_alias_or_replacement_has_a_say() {
    let world = scratch();
    let before = all(&world, Some("HEAD~3"), "README.md");
    assert!(plain(&before).concat().contains("+again"));
    world.write(
        ".gitattributes",
        "* diff=evil filter=evil text eol=crlf export-subst\n*.md binary\n",
    );
    world.script("evil.sh", "#!/bin/sh\ntouch pwned\ncat\n");
    let evil = world.path("evil.sh").display().to_string();
    for key in [
        "diff.evil.textconv",
        "diff.evil.command",
        "diff.external",
        "filter.evil.smudge",
        "filter.evil.clean",
        "core.fsmonitor",
        "core.pager",
        "alias.log",
    ] {
        world.git("ann", &["config", key, &evil]).ok();
    }
    world
        .git("ann", &["config", "log.showSignature", "true"])
        .ok();
    world
        .git("ann", &["config", "diff.algorithm", "patience"])
        .ok();
    let after = all(&world, Some("HEAD~3"), "README.md");
    assert_eq!(plain(&before), plain(&after));
    let other = world.git("ann", &["rev-parse", "v1^{commit}"]).ok();
    world
        .git("ann", &["replace", "-f", "HEAD~3", other.trim()])
        .ok();
    assert_eq!(
        plain(&before),
        plain(&all(&world, Some("HEAD~3"), "README.md"))
    );
    assert!(!world.path("pwned").exists());
}

#[test]
fn m6_index_and_work_tree_have_no_say() {
    let world = scratch();
    let before = plain(&all(&world, None, "README.md"));
    world.write("README.md", "staged secret\n");
    world.git("ann", &["add", "README.md"]).ok();
    world.write("README.md", "unstaged secret\n");
    world.write("secret.txt", "untracked\n");
    assert_eq!(before, plain(&all(&world, None, "README.md")));
    assert!(!before.concat().contains("secret"));
    for answer in &all(&world, None, "secret.txt")[4..] {
        assert!(answer.is_err());
    }
}

#[test]
fn m3_a_tree_that_unfolds_without_end_is_bounded() {
    let world = World::plain();
    let make = |lines: String| -> String {
        world.write("../tree", &lines);
        let args = ["-c", "git mktree < ../tree"];
        let mut shell = std::process::Command::new("sh");
        shell.args(args);
        let output = world.command(shell, "ann").output().expect("git mktree");
        String::from_utf8(output.stdout)
            .expect("an id")
            .trim()
            .to_owned()
    };
    let blob = world.git("ann", &["rev-parse", "HEAD:README.md"]).ok();
    let mut tree = make(format!("100644 blob {}\tf\n", blob.trim()));
    for _ in 0..9 {
        tree = make(
            (0..10)
                .map(|n| format!("040000 tree {tree}\td{n}\n"))
                .collect(),
        );
    }
    let commit = world.git("ann", &["commit-tree", &tree, "-m", "Bomb"]).ok();
    let commit = commit.trim();
    assert!(Oid::from_hex(commit.as_bytes()).is_ok());
    let ls = ask::Ls {
        revision: some(commit),
        recursive: true,
        ..ask::Ls::default()
    };
    let listed = browse::ls(&session(&world), &ls).expect("a list");
    assert!(listed.more && listed.entries.len() == 200);
    let grep = ask::Grep {
        pattern: "nowhere".to_owned(),
        revision: some(commit),
        ..ask::Grep::default()
    };
    let found = browse::grep(&session(&world), &grep).expect("a search");
    assert!(found.bounded && found.searched <= 50_000);
    let show = ask::Show {
        revision: some(commit),
        ..ask::Show::default()
    };
    assert!(browse::show(&session(&world), &show).is_err());
}
