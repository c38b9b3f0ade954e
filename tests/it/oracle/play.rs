//! Plays a history twice, by the oracle and by the library, and stops where they differ.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::chance::{self, Dice, pick};
use super::document::sha256;
use super::history::{Commit, History};
use super::judge;
use super::merge;
use super::message;
use super::policy::Who;
use super::rules::{Ask, File, Files, Made, Scene, make};
use super::scribe;
use super::store::Store;
use super::texts::{self, PATHS, PEOPLE, plain};
use super::verdict;

/// What was tried, and how it went: `moves made`, `moves refused`, and so on.
pub(crate) type Counts = BTreeMap<String, usize>;

pub(crate) struct Play {
    pub(crate) store: Store,
    pub(crate) history: History,
    /// The tips: the trunk, then branches that are meant for it.
    pub(crate) tips: Vec<usize>,
    pub(crate) counts: Counts,
}

impl Play {
    /// A repository that is just founded.
    pub(crate) fn new() -> Play {
        let store = Store::new();
        let mut history = History::default();
        let ann: Who = ("ann".to_owned(), "ann@example.com".to_owned());
        let anchor = Commit {
            oid: qms::git::Oid::null(gix::hash::Kind::Sha1),
            parents: Vec::new(),
            files: Rc::new(texts::founded()),
            author: ann.clone(),
            committer: ann,
            message: "Begin\n".to_owned(),
        };
        store.write(&mut history, anchor);
        Play {
            store,
            history,
            tips: vec![0],
            counts: Counts::new(),
        }
    }

    /// Where there is something to do already: a change in execution, a procedure in force, a branch.
    pub(crate) fn opened() -> Result<Play, String> {
        let mut play = Play::new();
        for (id, scope) in [("CR-001", "src/**"), ("SOP-001", "")] {
            let text = play.scene(0, |scene| texts::fresh(scene, id, scope, false));
            let ask = |action: &str, actor: &str| Ask {
                action: action.to_owned(),
                id: id.to_owned(),
                actor: actor.to_owned(),
                outcome: Some("recommend".to_owned()).filter(|_| action == "review"),
                text: text
                    .clone()
                    .filter(|_| ["create", "checkin"].contains(&action)),
                ..Ask::default()
            };
            play.ask(0, &ask("create", "dev"))?;
            play.ask(0, &ask("checkin", "dev"))?;
            for route in ["review", "approval"] {
                play.ask(0, &ask(&format!("route-{route}"), "dev"))?;
                for who in ["qa", "qb"] {
                    let action = if route == "review" { route } else { "approve" };
                    play.ask(0, &ask(action, who))?;
                }
            }
            if id == "CR-001" {
                play.ask(0, &ask("release", "dev"))?;
            }
        }
        play.tips.push(play.trunk());
        Ok(play)
    }

    pub(crate) fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    pub(crate) fn trunk(&self) -> usize {
        self.tips[0]
    }

    /// Plays one step. `Err`: oracle and tool differ.
    pub(crate) fn step(&mut self, dice: &Dice) -> Result<(), String> {
        let branch = usize::from(dice.branch) % self.tips.len();
        match dice.what {
            0..52 => self.likely(branch, dice),
            52..66 => self.wild(branch, dice),
            66..72 => self.birth(branch, dice),
            72..83 => self.work(branch, dice),
            83..87 => {
                let from = self.tips[branch];
                match self.tips.len() < 3 {
                    true => self.tips.push(from),
                    false => self.tips[2] = self.trunk(),
                }
                Ok(())
            }
            87..96 => self.merge(branch, dice),
            _ => self.enroll(branch, dice),
        }
    }

    pub(crate) fn scene<T>(&self, branch: usize, ask: impl FnOnce(&Scene<'_>) -> T) -> T {
        let asked = verdict::scene(&self.history, self.tips[branch], self.trunk(), ask);
        asked.expect("the trunk has a policy")
    }

    fn likely(&mut self, branch: usize, dice: &Dice) -> Result<(), String> {
        match self.scene(branch, |scene| chance::likely(scene, dice)) {
            Some(ask) => self.ask(branch, &ask),
            None => Ok(()),
        }
    }

    fn wild(&mut self, branch: usize, dice: &Dice) -> Result<(), String> {
        let ask = self.scene(branch, |scene| chance::wild(scene, dice));
        self.ask(branch, &ask)
    }

    fn birth(&mut self, branch: usize, dice: &Dice) -> Result<(), String> {
        match self.scene(branch, |scene| chance::birth(scene, dice)) {
            Some(ask) => self.ask(branch, &ask),
            None => Ok(()),
        }
    }

    /// Asks both for a move on a branch. Made by both, it must be the same.
    pub(crate) fn ask(&mut self, branch: usize, ask: &Ask) -> Result<(), String> {
        let (at, p) = (self.tips[branch], self.trunk());
        let expected: Result<Made, String> = self.scene(branch, |scene| make(scene, ask));
        let who = self.history.commits[p]
            .policy()
            .expect("a policy")
            .line(&ask.actor);
        let made = self.store.ask(&self.history, at, p, &who, ask);
        let made = match (expected, made) {
            (Ok(expected), Ok(made)) => {
                let mut files = self.history.commits[at].files.as_ref().clone();
                for (path, text) in &expected.files {
                    files.insert(path.clone(), plain(text));
                }
                if *made.files != files {
                    let found = super::history::differences(&files, &made.files);
                    return Err(format!("{ask:?}: another result: {found:#?}"));
                }
                made
            }
            (Err(_), Err(_)) => {
                self.count("moves refused by both");
                return Ok(());
            }
            (Ok(_), Err(why)) => return Err(format!("{ask:?} is legal, the tool refuses: {why}")),
            (Err(why), Ok(_)) => {
                return Err(format!("{ask:?} is illegal ({why}), the tool makes it"));
            }
        };
        self.by_hand(branch, ask)?;
        let new = self.history.add(made);
        if let Err(why) = verdict::commit(&self.history, new, p, None) {
            return Err(format!(
                "{ask:?} was made, and its commit is illegal: {why}"
            ));
        }
        self.tips[branch] = new;
        self.count("moves made by both");
        self.count(&format!("  {}", ask.action));
        Ok(())
    }

    /// The same move as the oracle writes it down itself: the tool has to take that too.
    fn by_hand(&mut self, branch: usize, ask: &Ask) -> Result<(), String> {
        let (at, p) = (self.tips[branch], self.trunk());
        let (made, message) = self.scene(branch, |scene| {
            let made = make(scene, ask)?;
            let message = scribe::words(scene, ask, &made);
            Ok::<_, String>((made, message))
        })?;
        let mut files = self.history.commits[at].files.as_ref().clone();
        let texts = made
            .files
            .iter()
            .map(|(path, text)| (path.clone(), plain(text)));
        files.extend(texts);
        let author = self.history.commits[p]
            .policy()
            .expect("a policy")
            .line(&ask.actor);
        let commit = Commit {
            parents: vec![at],
            files: Rc::new(files),
            committer: author.clone(),
            author,
            message,
            ..self.history.commits[at].clone()
        };
        let mut beside = self.history.clone();
        let new = self.store.write(&mut beside, commit);
        let found = judge::one(
            self.store.repo(),
            beside.commits[new].oid,
            beside.commits[p].oid,
        );
        match found.is_empty() {
            true => Ok(()),
            false => Err(format!(
                "{ask:?} is legal as it is written by hand, the tool finds {found:?}"
            )),
        }
    }

    /// Writes a commit on a branch as somebody might, and lets both judge it. It stays where it is legal.
    pub(crate) fn put(
        &mut self,
        branch: usize,
        what: &str,
        who: &str,
        files: Files,
        message: String,
    ) -> Result<(), String> {
        let at = self.tips[branch];
        let author = self.history.commits[self.trunk()]
            .policy()
            .expect("a policy")
            .line(who);
        let commit = Commit {
            parents: vec![at],
            files: Rc::new(files),
            committer: author.clone(),
            author,
            message,
            ..self.history.commits[at].clone()
        };
        let new = self.store.write(&mut self.history, commit);
        let (oid, p) = (self.history.commits[new].oid, self.trunk());
        let found = judge::one(self.store.repo(), oid, self.history.commits[p].oid);
        let expected = verdict::commit(&self.history, new, p, None);
        self.settle(branch, new, what, expected.map_err(|e| vec![e]), found)
    }

    /// Work of somebody who knows nothing of trailers. It waits on its branch until a merge lends to it, or does not.
    fn silent(&mut self, branch: usize, who: &str, files: Files) -> Result<(), String> {
        let at = self.tips[branch];
        let author = (who.to_owned(), format!("{who}@example.com"));
        let commit = Commit {
            parents: vec![at],
            files: Rc::new(files),
            committer: author.clone(),
            author,
            message: "Silent work\n".to_owned(),
            ..self.history.commits[at].clone()
        };
        self.tips[branch] = self.store.write(&mut self.history, commit);
        self.count("commits without trailers");
        Ok(())
    }

    fn settle(
        &mut self,
        branch: usize,
        new: usize,
        what: &str,
        expected: Result<(), Vec<String>>,
        found: Vec<String>,
    ) -> Result<(), String> {
        match (expected, found.is_empty()) {
            (Ok(()), true) => {
                self.tips[branch] = new;
                self.count(&format!("{what} taken by both"));
                Ok(())
            }
            (Err(_), false) => {
                self.count(&format!("{what} refused by both"));
                Ok(())
            }
            (Ok(()), false) => Err(format!(
                "{what} {:?} is legal, the tool finds {found:?}",
                self.history.commits[new].message
            )),
            (Err(why), true) => Err(format!(
                "{what} {:?} is illegal ({why:?}), the tool takes it",
                self.history.commits[new].message
            )),
        }
    }

    /// Work under some change, mostly an open one, on some paths, mostly in its scope.
    fn work(&mut self, branch: usize, dice: &Dice) -> Result<(), String> {
        let (changes, open): (Vec<String>, Vec<String>) = self.scene(branch, |scene| {
            let ids = chance::documents(scene, 1);
            let open = |id: &&String| scene.status(id) == "IN_EXECUTION";
            (ids.clone(), ids.iter().filter(open).cloned().collect())
        });
        let list = if open.is_empty() || dice.a.is_multiple_of(8) {
            changes
        } else {
            open
        };
        let id = pick(&list, dice.a / 8)
            .cloned()
            .unwrap_or("CR-001".to_owned());
        let scope = self
            .scene(branch, |scene| scene.doc(&id).map(|d| d.scope()))
            .unwrap_or_default();
        let fits = |p: &&&str| scope.iter().any(|s| super::policy::matches(s, p));
        let within: Vec<&str> = PATHS.iter().filter(fits).copied().collect();
        let from: &[&str] = if within.is_empty() || dice.b.is_multiple_of(6) {
            &PATHS
        } else {
            &within
        };
        let mut files = self.history.commits[self.tips[branch]]
            .files
            .as_ref()
            .clone();
        for n in 0..1 + dice.b % 2 {
            if let Some(path) = pick(from, dice.b / 6 + n * 3) {
                touch(&mut files, path, dice.c);
            }
        }
        if scope.contains(&"qms.yaml".to_owned()) {
            let text = files["qms.yaml"].text.replace("tools/**", "docs/**");
            files.insert("qms.yaml".to_owned(), plain(&text));
        }
        let who = pick(&PEOPLE, dice.d / 8).copied().unwrap_or("dev");
        let actor = if dice.d.is_multiple_of(8) { "dev" } else { who };
        let trailers = [("Change", id), ("Actor", actor.to_owned())];
        if branch > 0 && dice.d.is_multiple_of(4) {
            return self.silent(branch, who, files);
        }
        let message = match dice.d % 12 {
            0 => "Work\n".to_owned(),
            1 => message::write("Work", &trailers[..1]),
            _ => message::write("Work", &trailers),
        };
        self.put(branch, "work", who, files, message)
    }

    /// Merges a branch into the trunk, or the trunk into a branch; seldom with something of its own.
    fn merge(&mut self, branch: usize, dice: &Dice) -> Result<(), String> {
        let Some(other) = (1..self.tips.len()).nth(usize::from(dice.a) % self.tips.len().max(1))
        else {
            return Ok(());
        };
        let (into, from) = if branch == 0 { (0, other) } else { (branch, 0) };
        let (our, their) = (self.tips[into], self.tips[from]);
        if self.history.reach(our).contains(&their) {
            return Ok(());
        }
        let mut files = Files::new();
        for (path, entries) in merge::automatic(&self.history, our, their) {
            // Where git could not decide, a person takes one of the sides.
            let side = [our, their][usize::from(dice.b % 2)];
            let taken = self.history.commits[side].files.get(&path).cloned();
            let entry: Option<File> = pick(&entries, dice.c).cloned().unwrap_or(taken);
            files.extend(entry.map(|file| (path, file)));
        }
        if dice.d.is_multiple_of(6) {
            touch(
                &mut files,
                pick(&PATHS, dice.c).copied().unwrap_or("src/a.py"),
                dice.d,
            );
        }
        let open: Vec<String> = self.scene(into, |scene| {
            let ids = chance::documents(scene, 1).into_iter();
            let open = |id: &String| scene.status(id) == "IN_EXECUTION" || dice.d.is_multiple_of(9);
            ids.filter(open).collect()
        });
        let silent = |at: &usize| self.history.commits[*at].message == "Silent work\n";
        let lends = self.history.reach(their).iter().any(silent) && !dice.d.is_multiple_of(5);
        let trailers = [
            ("Change", pick(&open, dice.a).cloned().unwrap_or_default()),
            ("Actor", "dev".to_owned()),
        ];
        let message = match dice.d % 4 {
            0 => message::write("Merge", &trailers),
            _ if lends => message::write("Merge", &trailers),
            _ => "Merge\n".to_owned(),
        };
        let author = ("dev".to_owned(), "dev@example.com".to_owned());
        let commit = Commit {
            parents: vec![our, their],
            files: Rc::new(files),
            author: author.clone(),
            committer: author,
            message,
            ..self.history.commits[our].clone()
        };
        let p = self.trunk();
        let new = self.store.write(&mut self.history, commit);
        let oid = |at: usize| self.history.commits[at].oid;
        let (found, expected) = match into {
            0 => {
                let bad = verdict::verdict(&self.history, p, new);
                let why: Vec<String> = bad.into_iter().map(|(_, why)| why).collect();
                let expected = if why.is_empty() { Ok(()) } else { Err(why) };
                (judge::judge(self.store.path(), oid(p), oid(new)), expected)
            }
            _ => {
                let expected = verdict::commit(&self.history, new, p, None);
                (
                    judge::one(self.store.repo(), oid(new), oid(p)),
                    expected.map_err(|e| vec![e]),
                )
            }
        };
        let what = if into == 0 {
            "merges into the trunk"
        } else {
            "merges from the trunk"
        };
        let refused = expected.is_err();
        self.settle(into, new, what, expected, found)?;
        if into == 0 && (refused || dice.b % 4 < 2) {
            self.tips[from] = self.trunk();
        }
        Ok(())
    }

    /// Somebody changes a user, or his own commit to a free path.
    fn enroll(&mut self, branch: usize, dice: &Dice) -> Result<(), String> {
        let at = self.tips[branch];
        let mut files = self.history.commits[at].files.as_ref().clone();
        let who = pick(&PEOPLE, dice.a).copied().unwrap_or("ann");
        if dice.d.is_multiple_of(3) {
            touch(&mut files, "README.md", dice.a);
            return self.put(branch, "free commits", who, files, "Say more\n".to_owned());
        }
        let old = self.history.commits[at].policy().expect("a policy");
        let mut new = old.clone();
        let name = pick(&PEOPLE, dice.b).copied().unwrap_or("bot");
        let groups = ["initiator", "reviewer", "quality", "administrator"];
        let group = pick(&groups, dice.c)
            .copied()
            .unwrap_or_default()
            .to_owned();
        let user = new.users.entry(name.to_owned()).or_default();
        match dice.c / 4 % 6 {
            0 => user.left = true,
            1 => drop(user.groups.remove(&group)),
            2 => user.emails = vec![format!("{name}@three.example")],
            _ => drop(user.groups.insert(group)),
        }
        let text = self.history.commits[at].files["qms.yaml"].text.clone();
        files.insert("qms.yaml".to_owned(), plain(&new.print()));
        let trailers = [
            ("Action", "enroll".to_owned()),
            ("Actor", who.to_owned()),
            ("Before", sha256(&text)),
            ("Users", name.to_owned()),
            ("Reason", "because".to_owned()),
        ];
        let most = if dice.c.is_multiple_of(10) { 4 } else { 5 };
        let message = message::write("Enroll", &trailers[..most]);
        self.put(branch, "enrolments", who, files, message)
    }
}

/// Adds a line somewhere in a file, or takes the file away.
fn touch(files: &mut Files, path: &str, n: u16) {
    let old = files
        .get(path)
        .map(|f| f.text.to_string())
        .unwrap_or_default();
    if n.is_multiple_of(13) && path != "qms.yaml" {
        files.remove(path);
        return;
    }
    let mut lines: Vec<String> = old.lines().map(str::to_owned).collect();
    lines.insert(usize::from(n) % (lines.len() + 1), format!("line {n}"));
    let text = lines.join("\n") + "\n";
    files.insert(path.to_owned(), plain(&text));
}
