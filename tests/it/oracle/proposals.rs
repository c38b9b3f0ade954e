//! Commits that are no moves, as people might make them: work, merges, enrolments, and what needs nothing.

use super::chance::{self, Dice, pick};
use super::document::sha256;
use super::judge;
use super::merge;
use super::message;
use super::play::{Play, unborn};
use super::rules::{File, Files};
use super::texts::{PATHS, PEOPLE, plain};
use super::verdict;

impl Play {
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
        let commit = unborn(vec![at], self.line(who), files, message);
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
        let commit = unborn(vec![at], author, files, "Silent work\n".to_owned());
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
    pub(crate) fn work(&mut self, branch: usize, dice: &Dice) -> Result<(), String> {
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
        let item = format!("EI-{}", 1 + dice.c % 2);
        let trailers = [("Change", id), ("Actor", actor.to_owned()), ("Item", item)];
        if branch > 0 && dice.d.is_multiple_of(4) {
            return self.silent(branch, who, files);
        }
        let message = match dice.d % 12 {
            0 => "Work\n".to_owned(),
            1 => message::write("Work", &trailers[..1]),
            2..8 => message::write("Work", &trailers[..2]),
            _ => message::write("Work", &trailers),
        };
        self.put(branch, "work", who, files, message)
    }

    /// Merges a branch into the trunk, or the trunk into a branch; seldom with something of its own.
    pub(crate) fn merge(&mut self, branch: usize, dice: &Dice) -> Result<(), String> {
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
        let commit = unborn(vec![our, their], author, files, message);
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
    pub(crate) fn enroll(&mut self, branch: usize, dice: &Dice) -> Result<(), String> {
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
