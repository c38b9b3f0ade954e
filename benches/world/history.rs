//! A long history that is legal, and the same in every run: documents that are moved, work under changes in execution,
//! branches that are merged. Written through `git fast-import`; what is held in memory is one state, not its history.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use qms::model::document::Document;
use qms::model::policy::Policy;

#[path = "lines.rs"]
mod lines;
#[path = "papers.rs"]
mod papers;
#[path = "signed.rs"]
mod signed;

use lines::{Content, Put, Script};
use papers::{INITIATORS, Office};

/// How much of what.
pub(crate) struct Shape {
    /// Commits after the anchor, merges included.
    pub(crate) commits: usize,
    /// Half of them changes in execution, a quarter closed, a quarter procedures in force.
    pub(crate) documents: usize,
    pub(crate) files: usize,
    /// Every commit by its author's key.
    pub(crate) signed: bool,
}

/// A bare repository with the history on `main`, and what it is made of.
pub(crate) struct History {
    pub(crate) dir: PathBuf,
    pub(crate) anchor: String,
    pub(crate) works: usize,
    pub(crate) moves: usize,
    pub(crate) merges: usize,
}

/// A program in a cleared environment.
pub(crate) type Program<'a> = &'a dyn Fn(&str) -> Command;

/// Commits that one `git fast-import` takes: it remembers every object that it has written.
const PORTION: usize = 100_000;

/// Makes the repository `history.git` below a folder.
pub(crate) fn make(below: &Path, shape: &Shape, program: Program<'_>) -> History {
    let (office, anchored, keys) = office(below, shape.signed, program);
    let dir = below.join("history.git");
    git(&dir, &["init", "-q", "--bare", "-b", "main"], program);
    let mut script = Script::new(&office, shape);
    let (mut made, mut begins) = (0, Some(anchored));
    while made < shape.commits || begins.is_some() {
        let mut import = program("git");
        import
            .arg("-C")
            .arg(&dir)
            .args(["fast-import", "--quiet", "--force", "--depth=10"]);
        let mut import = import.stdin(Stdio::piped()).spawn().expect("git starts");
        script.out = Box::new(BufWriter::new(import.stdin.take().expect("a pipe")));
        match begins.take() {
            Some(anchored) => script.anchor(anchored),
            None => script.resume("refs/heads/main^0"),
        }
        let portion = PORTION.min(shape.commits - made);
        script.play(portion);
        made += portion;
        script.out.flush().expect("git reads");
        // With its end of the stream closed, git finishes.
        script.out = Box::new(std::io::sink());
        assert!(import.wait().expect("it ends").success());
        for lane in 1..lines::LANES {
            git(
                &dir,
                &["update-ref", "-d", &format!("refs/lanes/{lane}")],
                program,
            );
        }
    }
    if shape.signed {
        signed::sign(&dir, &keys, program);
    }
    let mut roots = program("git");
    roots
        .arg("-C")
        .arg(&dir)
        .args(["rev-list", "--max-parents=0", "main"]);
    let roots = roots
        .stdout(Stdio::piped())
        .output()
        .expect("git starts")
        .stdout;
    let anchor = String::from_utf8(roots).expect("an id").trim().to_owned();
    let lines::Counts {
        works,
        moves,
        merges,
    } = script.counts;
    History {
        dir,
        anchor,
        works,
        moves,
        merges,
    }
}

/// Packs it as git leaves a repository that is in use.
pub(crate) fn pack(dir: &Path, program: Program<'_>) {
    git(dir, &["repack", "-adfq"], program);
    git(dir, &["commit-graph", "write", "--reachable"], program);
}

fn git(dir: &Path, args: &[&str], program: Program<'_>) {
    std::fs::create_dir_all(dir).expect("a folder");
    let mut command = program("git");
    assert!(
        command
            .arg("-C")
            .arg(dir)
            .args(args)
            .status()
            .expect("git starts")
            .success(),
        "{args:?}"
    );
}

/// What `qms init` writes: the policy and the templates in force, and the files to begin with.
fn office(below: &Path, signed: bool, program: Program<'_>) -> (Office, Vec<Put>, signed::Keys) {
    let dir = below.join("begin");
    git(&dir, &["init", "-q", "-b", "main"], program);
    git(
        &dir,
        &["commit", "-q", "--allow-empty", "-m", "Begin"],
        program,
    );
    let mut init = program(env!("CARGO_BIN_EXE_qms"));
    init.arg("-C").arg(&dir).arg("init");
    init.args(["--user", "ann:administrator"]);
    for (names, groups) in [
        (&INITIATORS[..2], "initiator:human"),
        (&INITIATORS[2..], "initiator:agent"),
        (&["qa", "qb"], "quality:human"),
    ] {
        for name in names {
            init.args(["--user", &format!("{name}:{groups}:{}", mail(name))]);
        }
    }
    assert!(
        init.stdout(Stdio::null())
            .status()
            .expect("qms starts")
            .success()
    );
    let read = |name: &str| std::fs::read(dir.join(name)).expect("what init writes");
    let mut file = String::from_utf8(read("qms.yaml")).expect("UTF-8");
    let people = Policy::parse(file.as_bytes()).expect("a policy").people;
    let keys = signed::keys(people.0.keys());
    if signed {
        for (name, key) in &keys {
            let key = key.public_key().to_openssh().expect("a line");
            let user = format!("\n  {name}: {{");
            assert!(file.contains(&user), "{name}: {file}");
            file = file.replace(&user, &format!("{user}keys: [\"{key}\"], "));
        }
        file.push_str("signatures: require\n");
    }
    let policy = Policy::parse(file.as_bytes()).expect("a policy");
    let mut files = vec![("qms.yaml".to_owned(), Content::Bytes(file.into_bytes()))];
    let folder = std::fs::read_dir(dir.join("QMS/TEMPLATE")).expect("templates");
    let mut names: Vec<_> = folder.map(|e| e.expect("an entry").file_name()).collect();
    names.sort();
    for name in names {
        let path = format!("QMS/TEMPLATE/{}", name.to_string_lossy());
        files.push((path.clone(), Content::Bytes(read(&path))));
    }
    let template = |kind| {
        Document::parse(read(&format!("QMS/TEMPLATE/TEMPLATE-{kind}.md"))).expect("a template")
    };
    let office = Office {
        policy,
        change: template("CR"),
        procedure: template("SOP"),
    };
    (office, files, keys)
}

fn mail(user: &str) -> String {
    format!("{user}@example.com")
}

/// The id of a blob.
fn blob_id(bytes: &[u8]) -> String {
    let id = gix::objs::compute_hash(gix::hash::Kind::Sha1, gix::objs::Kind::Blob, bytes);
    id.expect("no collision").to_string()
}
