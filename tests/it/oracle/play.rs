//! Plays a history twice, by the oracle and by the library, and stops where they differ.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::chance::{self, Dice};
use super::history::{Commit, History};
use super::judge;
use super::policy::Who;
use super::rules::{Ask, Files, Made, Scene, make};
use super::scribe;
use super::store::{NOW, Store};
use super::texts::{self, plain};
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
        let anchor = unborn(Vec::new(), ann, texts::founded(), "Begin\n".to_owned());
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
            let text = play.scene(0, |scene| texts::fresh(scene, id, scope, ""));
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

    /// How somebody signs, by the policy of the trunk.
    pub(crate) fn line(&self, name: &str) -> Who {
        let policy = self.history.commits[self.trunk()].policy();
        policy.expect("the trunk has a policy").line(name)
    }

    pub(crate) fn trunk(&self) -> usize {
        self.tips[0]
    }

    /// Plays one step. `Err`: oracle and tool differ.
    pub(crate) fn step(&mut self, dice: &Dice) -> Result<(), String> {
        let branch = usize::from(dice.branch) % self.tips.len();
        match dice.what {
            0..50 => self.likely(branch, dice),
            50..60 => self.wild(branch, dice),
            60..66 => self.botched(branch, dice),
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
        let at = (self.tips[branch], NOW);
        let asked = verdict::scene(&self.history, at, self.trunk(), ask);
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

    fn botched(&mut self, branch: usize, dice: &Dice) -> Result<(), String> {
        let Some(ask) = self.scene(branch, |scene| chance::botched(scene, dice)) else {
            return Ok(());
        };
        let before = self.tips[branch];
        self.ask(branch, &ask)?;
        let how = match self.tips[branch] == before {
            true => "refused",
            false => "made",
        };
        self.count(&format!("  of bad texts: {} {how}", ask.action));
        Ok(())
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
        let who = self.line(&ask.actor);
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
        let who = self.line(&ask.actor);
        let commit = unborn(vec![at], who, files, message);
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
}

/// A commit that is not written yet.
pub(crate) fn unborn(parents: Vec<usize>, who: Who, files: Files, message: String) -> Commit {
    Commit {
        oid: qms::git::Oid::null(gix::hash::Kind::Sha1),
        parents,
        files: Rc::new(files),
        author: who.clone(),
        committer: who,
        seconds: NOW,
        message,
    }
}
