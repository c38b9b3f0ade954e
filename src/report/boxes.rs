//! Boxes as aligned text.

use super::columns::{Layout, lay_out};
use super::text::printable;
use crate::model::boxes::role::Launch;
use crate::model::boxes::view::{BoxView, Started};

/// A line for each agent.
pub fn status(all: &[BoxView], width: Option<usize>) -> String {
    if all.is_empty() {
        return "no gateway lists an agent: qms user add gate --kind service --agents NAME\n"
            .to_owned();
    }
    let head = ["AGENT", "BOX", "BY", "LAUNCH", "WAITING", "WORKSPACE"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for one in all {
        let launch = match one.launch {
            Launch::Manual => "manual",
            Launch::Inbox => "inbox",
            Launch::Always => "always",
        };
        rows.push(vec![
            one.agent.clone(),
            one.state.to_owned(),
            one.sandbox
                .map_or("-", |sandbox| sandbox.as_str())
                .to_owned(),
            launch.to_owned(),
            one.waiting.to_string(),
            one.workspace.clone().unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    let layout = Layout {
        width,
        flexible: 5,
        statuses: None,
    };
    lay_out(&rows, layout)
}

/// What was started, and how it is entered.
pub fn started(all: &[Started]) -> String {
    let mut out = String::new();
    for one in all {
        out.push_str(&format!(
            "{}  {} by {}, answered in {} ms\n  gateway    {}\n  workspace  {}\n  enter      qms session attach {}\n",
            one.agent,
            one.what,
            one.sandbox.as_str(),
            one.milliseconds,
            one.gateway,
            printable(&one.workspace),
            one.agent
        ));
        for note in &one.notes {
            out.push_str(&format!("  note       {}\n", printable(note)));
        }
    }
    out
}

/// What was ended.
pub fn ended(all: &[String]) -> String {
    match all.is_empty() {
        true => "there was none\n".to_owned(),
        false => all.iter().map(|one| format!("{one}  ended\n")).collect(),
    }
}
