//! The real repository behind a history: objects written as they are, moves asked of the library.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use qms::git::trees::Raw;
use qms::git::{Oid, Repo};
use qms::model::id::Id;
use qms::model::ident::Ident;
use qms::model::path::TreePath;
use qms::model::trailer::Key;
use qms::model::workflow::Action;
use qms::ops::chain::{Chain, Wish};
use qms::ops::{Refused, Session};

use super::history::{Commit, History, differences};
use super::policy::Who;
use super::rules::{Ask, File, Files};

/// Seconds since 1970 of every commit: the day of an item and no other verdict depends on them.
pub(crate) const NOW: i64 = 1_700_000_000;

pub(crate) struct Store {
    dir: tempfile::TempDir,
    repo: Repo,
}

fn ident((name, email): &Who) -> Ident {
    Ident {
        seconds: NOW,
        ..Ident::new(name, email)
    }
}

impl Store {
    /// A bare repository that belongs to nobody.
    pub(crate) fn new() -> Store {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for folder in ["objects/info", "objects/pack", "refs/heads"] {
            std::fs::create_dir_all(dir.path().join(folder)).expect("a folder");
        }
        let write = |name, text| std::fs::write(dir.path().join(name), text).expect("a file");
        write("HEAD", "ref: refs/heads/main\n");
        write(
            "config",
            "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
        );
        let repo = Repo::discover(dir.path()).expect("a repository");
        Store { dir, repo }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn repo(&self) -> &Repo {
        &self.repo
    }

    /// Writes a commit as it is, and adds it to the history.
    pub(crate) fn write(&self, history: &mut History, commit: Commit) -> usize {
        let nothing = Files::new();
        let first = commit.parents.first().map(|at| &history.commits[*at]);
        let base = first.map(|c| self.repo.tree_of(c.oid).expect("a tree"));
        let old = first.map_or(&nothing, |c| &c.files);
        let puts = differences(old, &commit.files);
        let put = |(path, (_, after)): (String, (_, Option<File>))| {
            let raw = after.map(|file: File| Raw {
                mode: file.mode,
                id: self.repo.write_blob(file.text.as_bytes()).expect("a blob"),
            });
            (TreePath::from(path.as_str()), raw)
        };
        let puts: Vec<_> = puts.into_iter().map(put).collect();
        let tree = self.repo.write_tree(base, &puts).expect("a tree");
        let parents: Vec<Oid> = commit
            .parents
            .iter()
            .map(|at| history.commits[*at].oid)
            .collect();
        let author = Ident {
            seconds: commit.seconds,
            ..ident(&commit.author)
        };
        let who = (&author, &ident(&commit.committer));
        let oid = self
            .repo
            .write_commit(tree, &parents, who, &commit.message, None);
        let oid = oid.expect("a commit");
        history.add(Commit { oid, ..commit })
    }

    /// Reads a commit that the library made on top of another.
    fn read(&self, history: &History, parent: usize, oid: Oid) -> Commit {
        let read = self.repo.commit(oid).expect("a commit");
        let node = self.repo.node(oid).expect("a commit");
        let below = &history.commits[parent];
        assert_eq!(node.parents, [below.oid], "it was made elsewhere");
        let old = self.repo.tree_of(below.oid).expect("a tree");
        let mut files = below.files.as_ref().clone();
        for differs in self
            .repo
            .differences(Some(old), Some(node.tree))
            .expect("trees")
        {
            let path = differs.path.to_string();
            match differs.after {
                None => files.remove(&path),
                Some(raw) => {
                    let bytes = self.repo.blob(raw.id).expect("a blob");
                    let text = Rc::from(String::from_utf8(bytes).expect("a text"));
                    files.insert(
                        path,
                        File {
                            mode: raw.mode,
                            text,
                        },
                    )
                }
            };
        }
        Commit {
            oid,
            parents: vec![parent],
            files: Rc::new(files),
            author: (read.author.name, read.author.email),
            committer: (read.committer.name, read.committer.email),
            seconds: read.author.seconds,
            message: String::from_utf8(read.message.unwrap_or_default()).expect("a text"),
        }
    }

    /// Points a branch at a commit and makes it the current one, for whoever signs so.
    pub(crate) fn stand(&self, branch: &str, tip: Oid, (name, mail): &Who) {
        let write = |file: &str, text: String| {
            std::fs::write(self.dir.path().join(file), text).expect("a file");
        };
        write(&format!("refs/heads/{branch}"), format!("{tip}\n"));
        write("HEAD", format!("ref: refs/heads/{branch}\n"));
        let user = format!("[user]\n\tname = {name}\n\temail = {mail}\n");
        write(
            "config",
            format!("[core]\n\trepositoryformatversion = 0\n\tbare = true\n{user}"),
        );
    }

    /// Asks the library for a move on top of a commit, judged by the policy at `p`. `None`: refused.
    pub(crate) fn ask(
        &self,
        history: &History,
        at: usize,
        p: usize,
        who: &Who,
        ask: &Ask,
    ) -> Result<Commit, String> {
        let (tip, judge) = (history.commits[at].oid, history.commits[p].oid);
        self.stand("asked", tip, who);
        let session = Session::open(self.dir.path(), None).expect("a session");
        let made = (|| {
            let mut chain = Chain::on(&session, tip, Some(judge).filter(|p| *p != tip))?;
            chain.step(&wish(history, p, who, ask)?)?;
            chain.land()
        })();
        match made {
            Ok((made, _)) => Ok(self.read(history, at, made[0].commit)),
            Err(error) => Err(match error.downcast_ref::<Refused>() {
                Some(Refused(findings)) => {
                    let errors = findings.iter().filter(|f| f.is_error());
                    errors
                        .map(|f| format!("{}: {}", f.rule.id, f.message))
                        .collect::<Vec<_>>()
                        .join("; ")
                }
                None => format!("{error:#}"),
            }),
        }
    }
}

/// A move as the library is asked for it.
fn wish(history: &History, p: usize, who: &Who, ask: &Ask) -> anyhow::Result<Wish> {
    let id = Id::parse(&ask.id).ok_or_else(|| anyhow::anyhow!("no id"))?;
    let action = Action::parse(&ask.action).ok_or_else(|| anyhow::anyhow!("no action"))?;
    let mut wish = Wish::new(&id, action);
    wish.text = ask.text.clone().map(String::into_bytes);
    wish.comment = ask.comment.then(|| "A comment".to_owned());
    let says: BTreeMap<Key, Option<String>> = BTreeMap::from([
        (Key::Outcome, ask.outcome.clone()),
        (Key::Item, ask.item.clone()),
        (Key::Ends, ask.ends.then(|| "RETIRED".to_owned())),
        (Key::Reason, ask.reason.then(|| "because".to_owned())),
        (
            Key::Users,
            ["assign", "transfer"]
                .contains(&ask.action.as_str())
                .then(|| super::scribe::list(&ask.users)),
        ),
    ]);
    for (key, value) in says {
        wish.says.extend(value.map(|v| (key, v)));
    }
    if !ask.co_authors.is_empty() {
        let policy = history.commits[p].policy().expect("a policy");
        let names = ask.co_authors.iter().map(|n| policy.line(n));
        let lines: Vec<String> = names
            .map(|(n, m)| format!("Co-authored-by: {n} <{m}>"))
            .collect();
        let comment = if ask.comment { "\n\nA comment" } else { "" };
        wish.again = Some((
            format!("Together{comment}\n\n{}", lines.join("\n")),
            ident(who),
        ));
    }
    Ok(wish)
}
