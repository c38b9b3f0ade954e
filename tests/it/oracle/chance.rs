//! Random numbers made into moves: likely ones that lead on, and wild ones that mostly must be refused.

use proptest::prelude::*;

use super::content;
use super::rules::{Ask, Scene, make};
use super::table::{document_at, has, number_of, parent_of, rows, type_of, types};
use super::texts::{self, PEOPLE, SCOPES};

/// One step of a history, as numbers that are read against the state in which it is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dice {
    pub(crate) what: u8,
    pub(crate) branch: u8,
    pub(crate) a: u16,
    pub(crate) b: u16,
    pub(crate) c: u16,
    pub(crate) d: u16,
}

pub(crate) fn dice() -> impl Strategy<Value = Dice> {
    let word = any::<u16>;
    (0..100u8, 0..3u8, word(), word(), word(), word()).prop_map(|(what, branch, a, b, c, d)| Dice {
        what,
        branch,
        a,
        b,
        c,
        d,
    })
}

/// One of a list; none of an empty one.
pub(crate) fn pick<T>(list: &[T], n: u16) -> Option<&T> {
    list.get(usize::from(n) % list.len().max(1))
}

fn one(list: &[&str], n: u16) -> String {
    pick(list, n).map(|s| (*s).to_owned()).unwrap_or_default()
}

const ACTIONS: [&str; 19] = [
    "create",
    "edit",
    "checkout",
    "checkin",
    "item",
    "route-review",
    "assign",
    "review",
    "route-approval",
    "approve",
    "reject",
    "withdraw",
    "release",
    "revert",
    "close",
    "abandon",
    "cancel",
    "transfer",
    "fix",
];

/// Whether a family is mostly moved on this branch: otherwise every merge would be contested.
fn is_home(id: &str, branch: u8) -> bool {
    let root = id.split('-').nth(1).and_then(|n| n.parse::<u32>().ok());
    root.is_none_or(|n| n % 2 == u32::from(branch % 2))
}

/// The moves that lead a document on.
const FORWARD: &str = "checkin route-review review route-approval approve release close";

/// Whether a move leads its document on: in execution to what its post-review asks for.
fn leads(scene: &Scene<'_>, ask: &Ask) -> bool {
    let Some(doc) = scene
        .doc(&ask.id)
        .filter(|d| d.block.status == "IN_EXECUTION")
    else {
        return has(FORWARD, &ask.action);
    };
    let text = doc.text();
    match ask.action.as_str() {
        "item" => content::done(scene, &ask.id, &doc).is_err(),
        "checkout" => text.contains("[ALL DONE]") && !text.contains("[OUTCOME]"),
        "checkin" => ask.text.as_ref().is_none_or(|t| !t.contains("[ALL DONE]")),
        action => has(FORWARD, action),
    }
}

/// The documents of a tree, templates last and seldom.
pub(crate) fn documents(scene: &Scene<'_>, n: u16) -> Vec<String> {
    let ids: Vec<String> = scene.tree.keys().filter_map(|p| document_at(p)).collect();
    let forms = n.is_multiple_of(16);
    let mut ids: Vec<String> = ids
        .into_iter()
        .filter(|id| forms || !id.starts_with("TEMPLATE"))
        .collect();
    ids.sort_by_key(|id| std::cmp::Reverse(id.len()));
    ids
}

/// A move that the oracle allows, of some document, mostly one that leads on.
pub(crate) fn likely(scene: &Scene<'_>, dice: &Dice) -> Option<Ask> {
    let mut ids = documents(scene, dice.d);
    // What is under way comes first, so that histories get somewhere.
    if dice.c % 10 > 1 {
        ids.retain(|id| !has("CLOSED CANCELLED RETIRED EFFECTIVE", &scene.status(id)));
        ids.retain(|id| is_home(id, dice.branch));
        ids.truncate(4);
    }
    let id = pick(&ids, dice.a)?.clone();
    let kind = type_of(&id)?;
    let status = scene.status(&id);
    let mut found = Vec::new();
    for row in rows(kind.class).iter().filter(|r| r.from == status) {
        for actor in PEOPLE {
            let ask = filled(scene, &row.action, &id, actor, dice);
            let hasty = ask.action == "route-review"
                && status == "IN_EXECUTION"
                && !dice.d.is_multiple_of(2);
            if !hasty
                && (ask.action != "cancel" || dice.d.is_multiple_of(12))
                && make(scene, &ask).is_ok()
            {
                found.push(ask);
            }
        }
    }
    let forward: Vec<Ask> = found.iter().filter(|a| leads(scene, a)).cloned().collect();
    match dice.c % 10 {
        0..9 if !forward.is_empty() => pick(&forward, dice.b).cloned(),
        _ => pick(&found, dice.b).cloned(),
    }
}

/// Any move by anybody.
pub(crate) fn wild(scene: &Scene<'_>, dice: &Dice) -> Ask {
    let ids = documents(scene, dice.d);
    let id = pick(&ids, dice.a).cloned().unwrap_or("CR-001".to_owned());
    let owner = scene.doc(&id).and_then(|d| d.block.owner);
    let owner = owner.filter(|_| dice.b.is_multiple_of(2));
    let actor = owner.unwrap_or_else(|| one(&PEOPLE, dice.b / 2));
    let kind = type_of(&id).map_or("document", |t| t.class);
    let here: Vec<String> = rows(kind)
        .into_iter()
        .filter(|r| r.from == scene.status(&id))
        .map(|r| r.action)
        .collect();
    // Half of them are of a row that there is: then who, lock and gates are what may be wrong.
    let action = match dice.c % 2 {
        0 => pick(&here, dice.c / 2).cloned(),
        _ => None,
    };
    let action = action.unwrap_or_else(|| one(&ACTIONS[1..], dice.c / 2));
    let mut ask = filled(scene, &action, &id, &actor, dice);
    match dice.d % 24 {
        1 => ask.reason = false,
        2 => ask.comment = !ask.comment,
        3 => ask.ends = !ask.ends && action == "route-review",
        4 => ask.text = scene.doc(&id).map(|d| texts::changed(&d, dice.c)),
        5 => {
            ask.text = scene
                .doc(&id)
                .map(|d| d.text().replacen("title: A", "title: An A", 1))
        }
        6 => ask.co_authors = vec![one(&PEOPLE, dice.a / 3)],
        7 => ask.users = vec![one(&PEOPLE, dice.a / 5), one(&PEOPLE, dice.b / 7)],
        _ => {}
    }
    ask.users.sort();
    ask.users.dedup();
    ask
}

/// A move that would be legal but for its text, or for what the text has come to: all that the gates may refuse.
pub(crate) fn botched(scene: &Scene<'_>, dice: &Dice) -> Option<Ask> {
    let open = "DRAFT REVIEWED PRE_REVIEWED IN_EXECUTION POST_APPROVED";
    let mut ids = documents(scene, 1);
    ids.retain(|id| has(open, &scene.status(id)));
    let mut found = Vec::new();
    for id in ids {
        let (doc, kind) = (scene.doc(&id)?, type_of(&id)?);
        let owner = doc.block.owner.clone().unwrap_or_default();
        let here = rows(kind.class)
            .into_iter()
            .filter(|r| r.from == doc.block.status);
        for row in here.filter(|r| has("edit checkin item route-review close", &r.action)) {
            let mut ask = filled(scene, &row.action, &id, &owner, dice);
            ask.co_authors.clear();
            match row.action.as_str() {
                "edit" | "checkin" => {
                    ask.text = Some(texts::changed(&doc, texts::MORE));
                    if make(scene, &ask).is_err() {
                        continue;
                    }
                    let n = dice.d / 20 * 20 + dice.c % texts::WRONG;
                    ask.text = Some(texts::changed(&doc, n));
                }
                "item" => {
                    let name = pick(&["EI-1", "EI-2"], dice.a / 9)
                        .copied()
                        .unwrap_or("EI-1");
                    let item = |odd| texts::item(&doc, name, &owner, texts::SHOWN, odd);
                    ask.item = Some(name.to_owned());
                    ask.text = Some(item(""));
                    if make(scene, &ask).is_err() {
                        continue;
                    }
                    ask.text = pick(&texts::ODD_ITEM[1..], dice.c).map(|odd| item(odd));
                }
                _ if doc.block.locked.is_some() => continue,
                _ => ask.ends = false,
            }
            found.push(ask);
        }
    }
    if !dice.a.is_multiple_of(3) {
        found.sort_by_key(|ask| {
            scene.status(&ask.id) != "IN_EXECUTION" || ask.action == "route-review"
        });
        found.truncate(2);
    }
    pick(&found, dice.b).cloned()
}

/// A move with what it needs, chosen by the dice.
fn filled(scene: &Scene<'_>, action: &str, id: &str, actor: &str, dice: &Dice) -> Ask {
    let n = dice.d / 7;
    let doc = scene.doc(id);
    let mut ask = Ask {
        action: action.to_owned(),
        id: id.to_owned(),
        actor: actor.to_owned(),
        reason: ["revert", "abandon", "transfer", "fix"].contains(&action),
        comment: action == "reject",
        ..Ask::default()
    };
    let Some(doc) = doc else { return ask };
    match action {
        "edit" => ask.text = Some(texts::changed(&doc, n)),
        "checkin" if !n.is_multiple_of(3) => ask.text = Some(texts::changed(&doc, n)),
        "checkin" => ask.text = Some(doc.text()),
        "item" => {
            let name = format!("EI-{}", 1 + dice.a % 8 / 7);
            let odd = texts::ODD_ITEM[usize::from(n % 16).saturating_sub(8)];
            ask.text = Some(texts::item(
                &doc,
                &name,
                actor,
                &evidence(scene, id, dice.a),
                odd,
            ));
            ask.item = Some(name);
        }
        "review" => {
            let outcome = ["request-updates", "recommend"][usize::from(!n.is_multiple_of(6))];
            ask.outcome = Some(outcome.to_owned());
        }
        "route-review" => ask.ends = doc.block.in_force.is_some() && n.is_multiple_of(3),
        "transfer" => ask.users = vec![one(&PEOPLE, n)],
        "assign" => {
            let entries = match doc.block.status.ends_with("APPROVAL") {
                true => &doc.block.approvals,
                false => &doc.block.reviews,
            };
            let pending = entries
                .iter()
                .filter(|(_, o)| *o == "pending")
                .map(|(name, _)| name);
            ask.users = pending.filter(|_| !n.is_multiple_of(4)).cloned().collect();
            ask.users.push(one(&PEOPLE, n));
            if n.is_multiple_of(9) {
                ask.users.remove(0);
            }
        }
        "abandon" => ask.text = Some(scene.in_force(&doc).unwrap_or(doc).text()),
        "fix" => {
            ask.text = Some(doc.text().replacen(
                "\n\n",
                ["\n\n\n", "\n\nNew "][usize::from(n.is_multiple_of(5))],
                2,
            ))
        }
        _ => {}
    }
    if ["checkout", "checkin", "edit"].contains(&action) && dice.c.is_multiple_of(11) {
        ask.co_authors = vec![one(&PEOPLE, n)];
    }
    ask.users.sort();
    ask.users.dedup();
    ask
}

/// What somebody names as evidence: mostly a path that is there.
fn evidence(scene: &Scene<'_>, id: &str, n: u16) -> String {
    let own = scene.children(id);
    let all = documents(scene, 1);
    match n % 20 {
        0 | 1 if !own.is_empty() => pick(&own, n / 20).cloned().unwrap_or_default(),
        2 => pick(&all, n / 20).cloned().unwrap_or_default(),
        3 => "`docs/plan.md`".to_owned(),
        4 => "N/A".to_owned(),
        5 => "seen by all".to_owned(),
        6 => String::new(),
        7 => "[EVIDENCE]".to_owned(),
        _ => texts::SHOWN.to_owned(),
    }
}

/// A new document: nearly always where one may be.
pub(crate) fn birth(scene: &Scene<'_>, dice: &Dice) -> Option<Ask> {
    let ids = documents(scene, 1);
    let mut births: Vec<(String, String)> = Vec::new();
    for kind in types()
        .iter()
        .filter(|t| !["RS", "RTM", "TEMPLATE"].contains(&t.name))
    {
        let wild = dice.c.is_multiple_of(8);
        let under = |id: &&String| {
            is_home(id, dice.branch)
                && type_of(id).is_some_and(|t| has(kind.parents, t.name))
                && (wild || has(kind.born_under, &scene.status(id)))
        };
        match kind.parents.is_empty() {
            true => births.push((String::new(), kind.name.to_owned())),
            false => births.extend(
                ids.iter()
                    .filter(under)
                    .map(|id| (id.clone(), kind.name.to_owned())),
            ),
        }
    }
    // Roots are a few, children many: as many of each are born.
    births.sort_by_key(|(parent, _)| parent.is_empty());
    let (parent, kind) = pick(&births, dice.a)?.clone();
    let above = Some(parent).filter(|p| !p.is_empty());
    let like = |id: &&String| {
        type_of(id).is_some_and(|t| t.name == kind) && parent_of(id) == above.as_deref()
    };
    let highest = ids
        .iter()
        .filter(like)
        .map(|id| number_of(id))
        .max()
        .unwrap_or(0);
    let number = match dice.b % 12 {
        0 => highest,
        1 => highest + 101,
        2 => highest + 100,
        _ if above.is_none() && !is_home(&format!("x-{}", highest + 1), dice.branch) => highest + 2,
        _ => highest + 1,
    };
    let id = match above {
        Some(above) => format!("{above}-{kind}-{number:03}"),
        None => format!("{kind}-{number:03}"),
    };
    let actors: &[&str] = if dice.d.is_multiple_of(8) {
        &PEOPLE
    } else {
        &["dev", "eve", "qb", "ann", "dev"]
    };
    Some(Ask {
        action: "create".to_owned(),
        text: Some(texts::fresh(
            scene,
            &id,
            &one(&SCOPES, dice.b / 12),
            ["2 EI-1", "EI-1", "2", ""][usize::from(dice.b % 4)],
        )?),
        id,
        actor: one(actors, dice.c / 8),
        ..Ask::default()
    })
}
