//! Documents, events and tasks as aligned text that fits the width that is given.

use crate::model::key::Key;
use crate::model::people::{User, UserKind};
use crate::model::view::{Event, KeyView, SystemView, Task, Unreadable, View, shown};

pub use super::columns::columns;
use super::columns::{Layout, lay_out};
use super::text::printable;
use crate::model::workflow::Status;

pub fn status(view: &View) -> String {
    let or_none = |list: String| {
        if list.is_empty() {
            "-".to_owned()
        } else {
            list
        }
    };
    let mut rows = vec![
        ("title", view.title.clone()),
        ("status", view.status.to_string()),
        ("version", view.version.clone()),
        (
            "owner",
            view.responsible_user
                .clone()
                .unwrap_or_else(|| "-".to_owned()),
        ),
        (
            "checked out",
            view.checked_out_by
                .clone()
                .unwrap_or_else(|| "no".to_owned()),
        ),
    ];
    if let Some(version) = &view.effective_version {
        rows.push(("in force", version.clone()));
    }
    if view.doc_type == "CR" || !view.scope.is_empty() {
        rows.push(("scope", or_none(view.scope.join(", "))));
    }
    if !view.pending_assignees.is_empty() {
        rows.push(("waits for", view.pending_assignees.join(", ")));
    }
    if !view.review_outcomes.is_empty() {
        let said = view.review_outcomes.iter().map(|(u, o)| {
            let kind = view.agents.contains(u).then_some(UserKind::Agent);
            format!("{}: {}", shown(u, kind), o.as_str())
        });
        rows.push(("outcomes", said.collect::<Vec<_>>().join(", ")));
    }
    if !view.children.is_empty() {
        rows.push(("children", view.children.join(", ")));
    }
    rows.push(("path", view.path.clone()));
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(l, v)| vec![format!("  {l}"), v])
        .collect();
    let layout = Layout {
        statuses: Some(1),
        ..Layout::default()
    };
    format!("{}\n{}", view.doc_id, lay_out(&rows, layout))
}

pub fn list(views: &[View], unreadable: &[Unreadable], width: Option<usize>) -> String {
    let mut rows = vec![
        ["ID", "STATUS", "VERSION", "OWNER", "TITLE"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for view in views {
        let owner = view
            .responsible_user
            .clone()
            .unwrap_or_else(|| "-".to_owned());
        let out = if view.checked_out { " (out)" } else { "" };
        rows.push(vec![
            view.doc_id.clone(),
            view.status.to_string(),
            view.version.clone(),
            format!("{owner}{out}"),
            view.title.clone(),
        ]);
    }
    for file in unreadable {
        rows.push(vec![
            file.doc_id.clone(),
            "unreadable".into(),
            "-".into(),
            "-".into(),
            file.why.clone(),
        ]);
    }
    let layout = Layout {
        width,
        flexible: 4,
        statuses: Some(1),
    };
    lay_out(&rows, layout)
}

/// Events in a line each; of one document without its id.
pub fn history(events: &[Event], one: bool, width: Option<usize>) -> String {
    let mut rows = Vec::new();
    for event in events {
        let status = match (&event.from_status, &event.to_status) {
            (Some(from), Some(to)) if from != to => format!("{from} -> {to}"),
            (_, to) => to.clone().unwrap_or_default(),
        };
        let mut said: Vec<String> = event.outcome.iter().cloned().collect();
        said.extend(event.reason.clone());
        if !event.assignees.is_empty() {
            said.push(event.assignees.join(", "));
        }
        said.extend(event.comment.clone());
        let commit: String = event.commit.chars().take(10).collect();
        let mut row = vec![event.ts.clone(), commit];
        if !one {
            row.push(event.doc_id.clone());
        }
        let rest = [
            &event.version,
            &event.who(),
            &event.event,
            &status,
            &said.join("; "),
        ];
        row.extend(rest.into_iter().cloned());
        rows.push(row);
    }
    fitted(&rows, width, if one { 6 } else { 7 })
}

/// What was said, each with its words below it.
pub fn comments(said: &[Event]) -> String {
    if said.is_empty() {
        return "nobody has said anything\n".to_owned();
    }
    let mut out = String::new();
    for event in said {
        let outcome = event
            .outcome
            .clone()
            .unwrap_or_else(|| event.event.to_lowercase());
        out.push_str(&format!(
            "{}  {}  {}  {outcome}\n",
            event.version,
            event.ts,
            event.who()
        ));
        for line in event.comment.iter().flat_map(|c| c.lines()) {
            out.push_str(format!("    {}", printable(line)).trim_end());
            out.push('\n');
        }
    }
    out
}

/// Tasks in a line each, or what to say where there is none. Titles give way: commands are there to be pasted.
pub fn tasks(tasks: &[Task], none: &str, width: Option<usize>) -> String {
    if tasks.is_empty() {
        return format!("{none}\n");
    }
    let row = |t: &Task| {
        vec![
            t.doc_id.clone(),
            t.version.clone(),
            t.task.to_owned(),
            t.title.clone(),
            t.command.clone(),
        ]
    };
    fitted(&tasks.iter().map(row).collect::<Vec<_>>(), width, 3)
}

pub fn users(users: &[(String, User)], width: Option<usize>) -> String {
    let mut rows = vec![
        ["USER", "KIND", "GROUPS", "KNOWN BY"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for (name, user) in users {
        let groups: Vec<_> = user.groups.iter().map(|g| g.as_str()).collect();
        let known = if user.emails.is_empty() {
            format!("the name {name}")
        } else {
            user.emails.join(", ")
        };
        let left = if user.left { " (left)" } else { "" };
        let known = match user.agents.is_empty() {
            true => known,
            false => format!("{known}; commits for {}", user.agents.join(", ")),
        };
        rows.push(vec![
            format!("{name}{left}"),
            user.kind.as_str().to_owned(),
            groups.join(", "),
            known,
        ]);
    }
    let mut out = fitted(&rows, width, 3);
    let keys: Vec<Vec<String>> = users
        .iter()
        .flat_map(|(name, user)| user.keys.iter().map(move |key| key_row(name, key)))
        .collect();
    if !keys.is_empty() {
        let head = ["USER", "KEY", "KIND", "GOOD"].map(str::to_owned).to_vec();
        let all = [vec![head], keys].concat();
        out.push('\n');
        out.push_str(&fitted(&all, width, 3));
    }
    out
}

fn key_row(name: &str, key: &Key) -> Vec<String> {
    let dates = [
        ("from", &key.from),
        ("until", &key.until),
        ("revoked", &key.revoked),
    ];
    let dates = dates.iter().filter_map(|(word, date)| {
        let date = date.as_ref()?;
        Some(format!("{word} {date}"))
    });
    let dates: Vec<String> = dates.collect();
    vec![
        name.to_owned(),
        KeyView::new(key).fingerprint,
        key.key.split(' ').next().unwrap_or_default().to_owned(),
        match dates.is_empty() {
            true => "always".to_owned(),
            false => dates.join(", "),
        },
    ]
}

pub(super) fn fitted<S: AsRef<str>>(
    rows: &[Vec<S>],
    width: Option<usize>,
    flexible: usize,
) -> String {
    let layout = Layout {
        width,
        flexible,
        statuses: None,
    };
    lay_out(rows, layout)
}

/// Systems in a line each.
pub fn systems(systems: &[SystemView]) -> String {
    if systems.is_empty() {
        return "the policy lists no system: qms system add NAME --code GLOB\n".to_owned();
    }
    let document = |id: &str, status: Option<Status>| match status {
        Some(status) => format!("{id} ({status})"),
        None => format!("{id} (not there)"),
    };
    let row = |s: &SystemView| {
        let (rs, rtm) = (document(&s.rs, s.rs_status), document(&s.rtm, s.rtm_status));
        vec![s.system.clone(), rs, rtm, s.ids.clone(), s.code.join(", ")]
    };
    columns(&systems.iter().map(row).collect::<Vec<_>>())
}
