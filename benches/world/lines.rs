//! The lines of a made-up history, the trunk and branches that are merged into it, as a stream for `git fast-import`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write;

use qms::model::workflow::Status;

use super::papers::{INITIATORS, Office, Paper, Random};
use super::{Shape, mail};

/// Lines that go on beside each other: the trunk and three places for branches. Each has documents and folders of its
/// own, and one folder is everybody's, so that merges have files to put together.
pub(super) const LANES: usize = 4;
const FOLDERS: usize = 50;
const SHARED: usize = 0;
const BEGIN: i64 = 1_700_000_000;

/// How often each lane changed its part of a file.
type Parts = [u32; LANES];

/// A path, and what it holds from now on.
pub(super) type Put = (String, Content);

pub(super) enum Content {
    Bytes(Vec<u8>),
    /// A blob that is there already.
    Id(String),
}

/// A branch or the trunk, as far as it differs from the others.
#[derive(Default)]
struct Line {
    tip: String,
    /// The files of the shared folder as this line has them.
    shared: Vec<Parts>,
    /// Files and documents that it changed since it was cut.
    touched: BTreeSet<usize>,
    moved: BTreeSet<usize>,
    /// Commits until it is merged.
    left: usize,
}

/// What was made, by kind of commit.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) works: usize,
    pub(super) moves: usize,
    pub(super) merges: usize,
}

pub(super) struct Script<'a> {
    /// Where the stream goes.
    pub(super) out: Box<dyn Write>,
    pub(super) counts: Counts,
    office: &'a Office,
    random: Random,
    papers: Vec<Paper>,
    /// By lane: documents with a plan, changes in execution, documents that may move.
    busy: [Vec<usize>; LANES],
    open: [Vec<usize>; LANES],
    known: [Vec<usize>; LANES],
    files: Vec<Parts>,
    trunk: Line,
    branches: [Option<Line>; LANES],
    changes: usize,
    marks: usize,
    clock: i64,
}

fn folder(number: usize) -> String {
    match number {
        SHARED => "src/shared".to_owned(),
        n => format!("src/part{}/unit{n:02}", n / 10),
    }
}

/// Where a file is: file `n` in folder `n % FOLDERS`.
fn file_path(number: usize) -> String {
    format!("{}/file{:04}.rs", folder(number % FOLDERS), number)
}

/// A part for each lane, far enough from each other that a merge puts them together.
fn file_text(number: usize, parts: &Parts) -> Vec<u8> {
    let mut out = format!("//! Unit {number}\n");
    for (lane, revision) in parts.iter().enumerate() {
        write!(
            out,
            "\npub fn part_{lane}() -> u32 {{\n    {revision}\n}}\n\n"
        )
        .expect("a string");
        for line in 0..8 {
            let sum = number * 31 + lane * 7 + line * 1013;
            writeln!(out, "pub const LIMIT_{lane}_{line}: u64 = {sum};").expect("a string");
        }
    }
    out.into_bytes()
}

impl<'a> Script<'a> {
    pub(super) fn new(office: &'a Office, shape: &Shape) -> Script<'a> {
        let mut script = Script {
            out: Box::new(std::io::sink()),
            counts: Counts::default(),
            office,
            random: Random(1),
            papers: Vec::new(),
            busy: Default::default(),
            open: Default::default(),
            known: Default::default(),
            files: vec![Parts::default(); shape.files],
            trunk: Line::default(),
            branches: Default::default(),
            changes: 0,
            marks: 0,
            clock: BEGIN,
        };
        script.trunk.shared = vec![Parts::default(); shape.files.div_ceil(FOLDERS)];
        for number in 0..shape.documents {
            let lane = number / 4 % LANES;
            let (paper, status) = match number % 4 {
                0 => (
                    Paper::planned("SOP", number / 4 + 1, Vec::new()),
                    Status::Effective,
                ),
                1 => (script.change(lane), Status::Closed),
                _ => (script.change(lane), Status::InExecution),
            };
            if status == Status::InExecution {
                script.open[lane].push(number);
            }
            if status != Status::Closed {
                script.known[lane].push(number);
            }
            let paper = paper.found(office, &mut script.random, status);
            script.papers.push(paper);
        }
        script
    }

    /// The next change record, for a folder of the lane and the shared one.
    fn change(&mut self, lane: usize) -> Paper {
        self.changes += 1;
        let mut own = self.random.below(FOLDERS / LANES) * LANES + lane;
        if own == SHARED {
            own += LANES;
        }
        let scope = vec![
            format!("{}/**", folder(own)),
            format!("{}/**", folder(SHARED)),
        ];
        Paper::planned("CR", self.changes, scope)
    }

    /// The first commit: what `init` wrote, and all documents and files.
    pub(super) fn anchor(&mut self, anchored: Vec<Put>) {
        let mut puts = anchored;
        for paper in &self.papers {
            let document = paper.document.as_ref().expect("it was found");
            puts.push((
                paper.path(self.office),
                Content::Bytes(document.bytes().to_vec()),
            ));
        }
        for (number, parts) in self.files.iter().enumerate() {
            puts.push((file_path(number), Content::Bytes(file_text(number, parts))));
        }
        self.header(0, "ann", "Put the repository under change control\n", &[]);
        self.puts(&puts);
        self.trunk.tip = format!(":{}", self.marks);
    }

    /// Where the next commit of the trunk goes on, after another program has written what was before.
    pub(super) fn resume(&mut self, tip: &str) {
        self.trunk.tip = tip.to_owned();
    }

    /// So many commits; at the end every branch is merged.
    pub(super) fn play(&mut self, commits: usize) {
        let mut left = commits;
        while left > 0 {
            let waiting = self.branches.iter().flatten().count();
            let lane = self.random.below(2 * (LANES - 1));
            let lane = if lane < LANES { lane } else { 0 };
            let ends = (1..LANES).find(|l| {
                self.branches[*l]
                    .as_ref()
                    .is_some_and(|b| b.left == 0 || left <= waiting)
            });
            if let Some(lane) = ends {
                self.merge(lane);
            } else if lane == 0 || (self.branches[lane].is_none() && left < waiting + 2) {
                self.commit(0);
            } else {
                if self.branches[lane].is_none() {
                    let (tip, shared) = (self.trunk.tip.clone(), self.trunk.shared.clone());
                    let left = 3 + self.random.below(18);
                    self.branches[lane] = Some(Line {
                        tip,
                        shared,
                        left,
                        ..Line::default()
                    });
                }
                self.commit(lane);
            }
            left -= 1;
        }
    }

    /// A move in three of ten, else work.
    fn commit(&mut self, lane: usize) {
        let mut line = match lane {
            0 => std::mem::take(&mut self.trunk),
            lane => self.branches[lane].take().expect("it is open"),
        };
        if self.random.below(10) < 3 {
            self.moves(lane, &mut line);
        } else {
            self.works(lane, &mut line);
        }
        line.left = line.left.saturating_sub(1);
        match lane {
            0 => self.trunk = line,
            lane => self.branches[lane] = Some(line),
        }
    }

    fn moves(&mut self, lane: usize, line: &mut Line) {
        // A few things are under way at once; now and then something new begins, seldom a new document.
        if self.busy[lane].len() < 4 {
            let number = if self.random.below(40) == 0 {
                let paper = self.change(lane);
                self.papers.push(paper);
                self.papers.len() - 1
            } else {
                *self.random.pick(&self.known[lane])
            };
            if self.papers[number].rests() {
                self.papers[number].begin(&mut self.random);
                self.busy[lane].push(number);
            }
        }
        // A new document is made at once: its number was the next one just now.
        let fresh = |number: &usize| self.papers[*number].status().is_none();
        let at = self.busy[lane].iter().position(fresh);
        let at = at.unwrap_or_else(|| self.random.below(self.busy[lane].len()));
        let number = self.busy[lane][at];
        let was = self.papers[number].status();
        let when = jiff::Timestamp::from_second(self.clock + 60).expect("a time");
        let day = when.strftime("%Y-%m-%d").to_string();
        let moved = self.papers[number].step(self.office, &mut self.random, &day);
        let paper = &self.papers[number];
        if paper.rests() {
            self.busy[lane].swap_remove(at);
        }
        if paper.status() == Some(Status::InExecution) && was == Some(Status::PreApproved) {
            self.open[lane].push(number);
            self.known[lane].push(number);
        }
        let bytes = paper
            .document
            .as_ref()
            .expect("it was moved")
            .bytes()
            .to_vec();
        let put = (paper.path(self.office), Content::Bytes(bytes));
        line.moved.insert(number);
        self.header(lane, moved.actor, &moved.message, &[&line.tip]);
        self.puts(&[put]);
        line.tip = format!(":{}", self.marks);
        self.counts.moves += 1;
    }

    fn works(&mut self, lane: usize, line: &mut Line) {
        let number = *self.random.pick(&self.open[lane]);
        let scope = &self.papers[number]
            .document
            .as_ref()
            .expect("it is open")
            .front
            .scope[0];
        let own = (1..FOLDERS)
            .find(|f| format!("{}/**", folder(*f)) == *scope)
            .expect("a folder of its own");
        let each = line.shared.len();
        let mut files = BTreeSet::new();
        for _ in 0..3 + self.random.below(3) {
            let home = if self.random.below(20) == 0 {
                SHARED
            } else {
                own
            };
            let file = self.random.below(each) * FOLDERS + home;
            files.extend(Some(file).filter(|f| *f < self.files.len()));
        }
        let mut puts = Vec::new();
        for file in files {
            let parts = if file % FOLDERS == SHARED {
                &mut line.shared[file / FOLDERS]
            } else {
                &mut self.files[file]
            };
            parts[lane] += 1;
            puts.push((file_path(file), Content::Bytes(file_text(file, parts))));
            line.touched.insert(file);
        }
        let who = *self.random.pick(&INITIATORS);
        let mut message = format!(
            "{}\n\nQMS-Change: {}\n",
            self.random.sentence(),
            self.papers[number].id
        );
        write!(
            message,
            "QMS-Item: EI-{}\nQMS-Actor: {who}\n",
            1 + self.random.below(2)
        )
        .expect("a string");
        if self.random.below(2) == 0 {
            writeln!(message, "QMS-Request: {:016x}", self.marks).expect("a string");
        }
        self.header(lane, who, &message, &[&line.tip]);
        self.puts(&puts);
        line.tip = format!(":{}", self.marks);
        self.counts.works += 1;
    }

    /// Both sides together: each has documents and folders of its own, and parts of the files that both change.
    fn merge(&mut self, lane: usize) {
        let branch = self.branches[lane].take().expect("it is open");
        let mut puts: Vec<Put> = Vec::new();
        for file in &branch.touched {
            let parts = match file % FOLDERS {
                SHARED => &mut self.trunk.shared[file / FOLDERS],
                _ => &mut self.files[*file],
            };
            if file % FOLDERS == SHARED {
                parts[lane] = branch.shared[file / FOLDERS][lane];
                puts.push((file_path(*file), Content::Bytes(file_text(*file, parts))));
            } else {
                puts.push((
                    file_path(*file),
                    Content::Id(super::blob_id(&file_text(*file, parts))),
                ));
            }
        }
        for number in &branch.moved {
            let paper = &self.papers[*number];
            let document = paper.document.as_ref().expect("it was moved");
            puts.push((
                paper.path(self.office),
                Content::Id(super::blob_id(document.bytes())),
            ));
        }
        let message = format!("Merge branch 'topic-{}'\n", self.marks);
        let tip = std::mem::take(&mut self.trunk.tip);
        self.header(0, "ann", &message, &[&tip, &branch.tip]);
        self.puts(&puts);
        self.trunk.tip = format!(":{}", self.marks);
        self.counts.merges += 1;
    }

    /// A commit on a lane's ref, but for what it changes.
    fn header(&mut self, lane: usize, who: &str, message: &str, parents: &[&str]) {
        self.marks += 1;
        self.clock += 60;
        let name = if lane == 0 {
            "refs/heads/main".to_owned()
        } else {
            format!("refs/lanes/{lane}")
        };
        let mut out = format!("commit {name}\nmark :{}\n", self.marks);
        for role in ["author", "committer"] {
            writeln!(out, "{role} {who} <{}> {} +0000", mail(who), self.clock).expect("a string");
        }
        write!(out, "data {}\n{message}\n", message.len()).expect("a string");
        for (word, parent) in ["from", "merge"].into_iter().zip(parents) {
            writeln!(out, "{word} {parent}").expect("a string");
        }
        self.out.write_all(out.as_bytes()).expect("git reads");
    }

    fn puts(&mut self, puts: &[Put]) {
        for (path, content) in puts {
            let out = &mut self.out;
            match content {
                Content::Id(id) => writeln!(out, "M 100644 {id} {path}"),
                Content::Bytes(bytes) => {
                    write!(out, "M 100644 inline {path}\ndata {}\n", bytes.len())
                        .and_then(|()| out.write_all(bytes))
                        .and_then(|()| writeln!(out))
                }
            }
            .expect("git reads");
        }
    }
}
