//! Corruptions of a history that was accepted: one commit is forged, dropped, doubled or moved, and what follows is
//! written again on top of it, as an attacker would who has the objects and not the people.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::chance::{Dice, pick};
use super::history::{Commit, History, differences};
use super::message::KEYS;
use super::play::Play;
use super::rules::{File, Files};
use super::table::{STATES, document_at};
use super::texts::{self, PATHS, PEOPLE, plain};

/// What can be done to one commit. Cut, swap and double change the order of commits, the others one commit.
pub(crate) const KINDS: [&str; 21] = [
    "block line edited",
    "word of a text changed",
    "trailer edited",
    "trailer dropped",
    "trailer doubled",
    "trailer moved",
    "commit cut out",
    "commits swapped",
    "commit doubled",
    "author changed",
    "author and actor changed",
    "path added",
    "document taken from elsewhere",
    "parents swapped",
    "tree replaced by an older one",
    "policy line changed",
    "mode changed",
    "message of another commit",
    "document deleted",
    "parent dropped",
    "date changed",
];

/// A corrupted history: it shares all that came before.
pub(crate) struct Corrupted {
    pub(crate) history: History,
    /// The last step of the mainline that is as it was.
    pub(crate) anchor: usize,
    pub(crate) tip: usize,
}

/// Corrupts the history that leads to the trunk. `None`: this corruption does nothing to that commit.
pub(crate) fn corrupt(play: &Play, kind: &str, dice: &Dice) -> Option<Corrupted> {
    let tip = play.trunk();
    let old = &play.history;
    let all: Vec<usize> = old.reach(tip).into_iter().filter(|at| *at > 0).collect();
    let merges = ["parents swapped", "parent dropped"].contains(&kind);
    let fits = |at: &&usize| match kind {
        "date changed" => old.commits[**at].trailers().value("Action") == Some("item"),
        _ => !merges || old.commits[**at].parents.len() == 2,
    };
    let fitting: Vec<usize> = all.iter().filter(fits).copied().collect();
    let victim = *pick(&fitting, dice.a)?;
    let mut new = old.clone();
    let forged = forge(play, victim, kind, dice)?;
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    let place = |places: &BTreeMap<usize, usize>, at: usize| places.get(&at).copied().unwrap_or(at);
    match (kind, next(old, &all, victim)) {
        ("commit cut out", _) => {
            let below = old.commits[victim].parents[0];
            places.insert(victim, below);
        }
        ("commits swapped", Some(after)) => {
            // The later one first, then the earlier one.
            let below = old.commits[victim].parents[0];
            let first = replayed(play, &mut new, after, old.commits[after].clone(), &[below]);
            let second = replayed(
                play,
                &mut new,
                victim,
                old.commits[victim].clone(),
                &[first],
            );
            places.insert(after, second);
            places.insert(victim, second);
        }
        ("commits swapped", None) => return None,
        ("commit doubled", _) => {
            let later: Vec<usize> = all.iter().copied().filter(|at| *at >= victim).collect();
            let at = *pick(&later, dice.b)?;
            let twice = replayed(play, &mut new, victim, old.commits[victim].clone(), &[at]);
            places.insert(at, twice);
        }
        _ => {
            let at = play.store.write(&mut new, forged);
            places.insert(victim, at);
        }
    }
    // The commits that stand on what was changed, again; a changed word stays changed where it is kept.
    let changed: Vec<usize> = places.keys().copied().collect();
    for at in all.iter().copied() {
        let commit = &old.commits[at];
        let moved = commit.parents.iter().any(|p| place(&places, *p) != *p);
        if changed.contains(&at) || !moved {
            continue;
        }
        let parents: Vec<usize> = commit.parents.iter().map(|p| place(&places, *p)).collect();
        let again = replayed(play, &mut new, at, commit.clone(), &parents);
        places.insert(at, again);
    }
    let tip = place(&places, tip);
    let same = new.commits[tip].oid == old.commits[play.trunk()].oid;
    let chain = old.mainline(0, play.trunk())?;
    let touched = |at: &usize| old.reach(*at).iter().any(|c| place(&places, *c) != *c);
    let anchor = *chain.iter().rev().find(|at| !touched(at))?;
    (!same).then_some(Corrupted {
        history: new,
        anchor,
        tip,
    })
}

/// The only commit that stands on a commit alone.
fn next(old: &History, all: &[usize], at: usize) -> Option<usize> {
    let on_it: Vec<usize> = all
        .iter()
        .copied()
        .filter(|c| old.commits[*c].parents.contains(&at))
        .collect();
    match on_it[..] {
        [one] if old.commits[one].parents.len() == 1 && old.commits[at].parents.len() == 1 => {
            Some(one)
        }
        _ => None,
    }
}

/// What a commit did to its first parent, done again on other parents.
fn replayed(play: &Play, new: &mut History, at: usize, commit: Commit, parents: &[usize]) -> usize {
    let first = commit.parents[0];
    let did = differences(
        &play.history.commits[first].files,
        &play.history.commits[at].files,
    );
    let mut files = new.commits[parents[0]].files.as_ref().clone();
    for (path, (_, after)) in did {
        match after {
            Some(file) => files.insert(path, file),
            None => files.remove(&path),
        };
    }
    let commit = Commit {
        parents: parents.to_vec(),
        files: Rc::new(files),
        ..commit
    };
    play.store.write(new, commit)
}

/// The commit as it is forged; the same where the kind changes the order of commits alone.
fn forge(play: &Play, victim: usize, kind: &str, dice: &Dice) -> Option<Commit> {
    let old = &play.history;
    let mut commit = old.commits[victim].clone();
    let did = differences(&old.commits[commit.parents[0]].files, &commit.files);
    let mut files = commit.files.as_ref().clone();
    let documents: Vec<String> = did
        .keys()
        .filter(|p| document_at(p).is_some() && files.contains_key(*p))
        .cloned()
        .collect();
    let every: Vec<String> = files
        .keys()
        .filter(|p| document_at(p).is_some())
        .cloned()
        .collect();
    let list = if documents.is_empty() || dice.d.is_multiple_of(6) {
        &every
    } else {
        &documents
    };
    let path = pick(list, dice.b)?.clone();
    let text = files[&path].text.to_string();
    match kind {
        "block line edited" => set(&mut files, &path, &line_edited(&text, dice)?),
        "word of a text changed" => set(&mut files, &path, &word_changed(&text, dice)?),
        "trailer edited" | "trailer dropped" | "trailer doubled" | "trailer moved" => {
            commit.message = message(&commit.message, kind, dice)?;
        }
        "author changed" => {
            let name = pick(&PEOPLE, dice.b).copied().unwrap_or("bot");
            commit.author = old.commits[0].policy()?.line(name);
            commit.committer = commit.author.clone();
        }
        "author and actor changed" => {
            let name = pick(&PEOPLE, dice.b).copied().unwrap_or("bot");
            let actor = commit.trailers().value("Actor")?.to_owned();
            commit.author = old.commits[0].policy()?.line(name);
            let (from, to) = (
                format!("QMS-Actor: {actor}\n"),
                format!("QMS-Actor: {name}\n"),
            );
            commit.message = commit.message.replace(&from, &to);
        }
        "path added" => {
            let path = pick(&PATHS, dice.b).copied().unwrap_or("src/a.py");
            let more = files
                .get(path)
                .map(|f| f.text.to_string())
                .unwrap_or_default();
            set(&mut files, path, &format!("{more}more {}\n", dice.c));
        }
        "document taken from elsewhere" => {
            let from = pick(&old.commits, dice.c)?;
            let file = from.files.get(&path)?.clone();
            files.insert(path, file);
        }
        "parents swapped" => {
            commit.parents.reverse();
        }
        "parent dropped" => {
            commit.parents.remove(usize::from(dice.b % 2));
        }
        "tree replaced by an older one" => {
            files = pick(&old.commits[..victim], dice.b)?.files.as_ref().clone()
        }
        "policy line changed" => {
            let text = files["qms.yaml"].text.to_string();
            let (from, to) = *pick(&POLICY, dice.b)?;
            set(&mut files, "qms.yaml", &text.replacen(from, to, 1));
        }
        "mode changed" => {
            let paths: Vec<&String> = did.keys().filter(|p| files.contains_key(*p)).collect();
            let path = (*pick(&paths, dice.b)?).clone();
            let mode = if files[&path].mode == 0o100_755 {
                0o100_644
            } else {
                0o100_755
            };
            let text = files[&path].text.clone();
            files.insert(path, File { mode, text });
        }
        "message of another commit" => commit.message = pick(&old.commits, dice.b)?.message.clone(),
        "document deleted" => drop(files.remove(&path)),
        "date changed" => commit.seconds -= i64::from(dice.c % 3) * 43_200,
        _ => {}
    }
    commit.files = Rc::new(files);
    Some(commit)
}

const POLICY: [(&str, &str); 6] = [
    ("[reviewer]", "[quality, reviewer]"),
    ("[initiator]", "[administrator, initiator]"),
    ("free: [", "free: [src/**, "),
    ("ask: [tu]", "ask: []"),
    ("trunk: main", "trunk: other"),
    ("[quality]", "[quality], left: true"),
];

fn set(files: &mut Files, path: &str, text: &str) {
    files.insert(path.to_owned(), plain(text));
}

/// One line of the managed block, changed into another that is as plausible.
fn line_edited(text: &str, dice: &Dice) -> Option<String> {
    let start = text.find("\nqms:\n")? + "\nqms:\n".len();
    let block: Vec<&str> = text[start..]
        .split_inclusive('\n')
        .take_while(|l| l.starts_with("  "))
        .collect();
    let line = *pick(&block, dice.c)?;
    let key = line.trim().split(':').next().unwrap_or_default();
    let name = pick(&PEOPLE, dice.d).copied().unwrap_or("bot");
    let new = match key {
        "status" => format!("  status: {}\n", pick(&STATES, dice.d)?),
        "version" => line
            .replace(".0\"", ".1\"")
            .replacen('0', "1", usize::from(dice.d % 2)),
        "owner" => format!("  owner: {name}\n"),
        "reviews" if dice.d.is_multiple_of(2) => line
            .replace("pending", "recommend")
            .replace("request-updates", "recommend"),
        "approvals" if dice.d.is_multiple_of(2) => line.replace("pending", "approved"),
        "authors" => format!("  authors: [{name}]\n"),
        "locked" | "digest" if dice.d.is_multiple_of(2) => {
            line.replacen(|c: char| c.is_ascii_digit(), "e", 1)
        }
        _ => String::new(),
    };
    Some(text.replacen(line, &new, 1))
}

/// One word that people wrote, in the front matter or below it.
fn word_changed(text: &str, dice: &Dice) -> Option<String> {
    let words = [
        "title",
        "words",
        "Initial",
        "Purpose",
        "src",
        "draft",
        "Words",
        "variance_type: 1",
        "items: [EI-1]",
        "[OUTCOME]",
        "[ALL DONE]",
        " No ",
        "EI-1",
        "A task",
        "Pass",
        texts::TODAY,
    ];
    let there: Vec<&str> = words
        .iter()
        .filter(|w| text.contains(**w))
        .copied()
        .collect();
    let word = *pick(&there, dice.c)?;
    let new = match word {
        "title" => "titel".to_owned(),
        "variance_type: 1" => "variance_type: 2".to_owned(),
        "items: [EI-1]" => "items: [EI-2]".to_owned(),
        "Pass" => "Fail".to_owned(),
        " No " => " Yes ".to_owned(),
        word => format!("{word}x"),
    };
    let places: Vec<usize> = text.match_indices(word).map(|(at, _)| at).collect();
    let at = *pick(&places, dice.d)?;
    Some(format!("{}{new}{}", &text[..at], &text[at + word.len()..]))
}

fn message(text: &str, kind: &str, dice: &Dice) -> Option<String> {
    let lines: Vec<&str> = text
        .lines()
        .filter(|l| KEYS.iter().any(|k| l.starts_with(k)))
        .collect();
    let line = *pick(&lines, dice.b)?;
    let with = |new: &str| text.replacen(&format!("{line}\n"), new, 1);
    let (key, value) = line.split_once(": ")?;
    Some(match kind {
        "trailer dropped" => with(""),
        "trailer doubled" => with(&format!("{line}\n{line}\n")),
        "trailer moved" => match dice.c % 6 {
            0 => with("").replacen("\n\n", &format!("\n\n{line}\n\n"), 1),
            1 => format!("{}\n{line}\n", with("")),
            2 => with(&format!(" {line}\n")),
            3 => with(&format!("{}: {value}\n", key.to_lowercase())),
            4 => with(&format!("{key} : {value}\n")),
            _ => format!("{}\n---\n{line}\n", with("")),
        },
        _ => {
            let new = match dice.c % 5 {
                0 => pick(&STATES, dice.d)?.to_string(),
                1 => pick(&PEOPLE, dice.d)?.to_string(),
                2 => value.replacen(|c: char| c.is_ascii_digit(), "7", 1),
                3 => format!("{value}, tu"),
                _ => value.to_uppercase(),
            };
            with(&format!("{key}: {new}\n"))
        }
    })
}
