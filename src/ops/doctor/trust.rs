//! What a server trusts, as its hooks read it: the trunk, the policy there, the anchor.

use anyhow::Result;

use super::super::mainline;
use super::policy::{describe, read};
use super::says;
use crate::git::Oid;
use crate::git::read::Reader;
use crate::git::settings::Settings;
use crate::model::health::Row;

/// Its trunk and its anchor. Answers with the trunk's name.
pub(super) fn rows(
    reader: &Reader<'_>,
    settings: &Settings,
    again: &str,
    rows: &mut Vec<Row>,
) -> Result<String> {
    let told = reader.repo.config("qms.trunk");
    let trunk = told.clone().unwrap_or_else(|| "main".to_owned());
    let tip = reader.repo.resolve(&format!("refs/heads/{trunk}"));
    let policy = match tip {
        Some(tip) => read(reader, tip, &format!("`{trunk}`"), rows)?,
        None => None,
    };
    let where_ = tip.map_or_else(|| "not there yet".to_owned(), mainline::short);
    rows.push(match &told {
        None => {
            let elsewhere = unread(settings, "qms.trunk");
            let is = format!("not named{elsewhere}: hooks protect `main`");
            Row::wrong("trunk", "trunk", is).mend(format!("{again} --trunk NAME"))
        }
        Some(_) => match policy.as_ref().map(|p| &p.branches.trunk) {
            Some(other) if *other != trunk => {
                let is = format!("`{trunk}` here, and the policy says `{other}`");
                Row::wrong("trunk", "trunk", is).mend(format!("{again} --trunk {other}"))
            }
            _ => Row::good("trunk", "trunk", format!("`{trunk}`, {where_}")),
        },
    });
    if let Some((policy, tip)) = policy.zip(tip) {
        describe(
            &policy,
            &format!("`{trunk}`, {}", mainline::short(tip)),
            rows,
        );
    }
    rows.push(anchor(reader, settings, tip, &trunk, again));
    Ok(trunk)
}

fn anchor(
    reader: &Reader<'_>,
    settings: &Settings,
    tip: Option<Oid>,
    trunk: &str,
    again: &str,
) -> Row {
    let wrong =
        |is: String| Row::wrong("anchor", "anchor", is).mend(format!("{again} --anchor COMMIT"));
    let Some(text) = reader.repo.config("qms.anchor") else {
        let elsewhere = unread(settings, "qms.anchor");
        return wrong(format!(
            "not set{elsewhere}, so every push to `{trunk}` is refused"
        ));
    };
    let Some(anchor) = reader.repo.oid(&text) else {
        return wrong(format!("`{text}` is no commit id in full"));
    };
    let Some(tip) = tip else {
        return Row::good(
            "anchor",
            "anchor",
            format!("{anchor}; `{trunk}` is not there yet"),
        );
    };
    match reader.policy(anchor) {
        Err(_) => return wrong(format!("{anchor} is no commit here")),
        Ok(None) => return wrong(format!("{anchor} has no `qms.yaml`")),
        Ok(Some(_)) => {}
    }
    match reader.repo.mainline(tip, Some(anchor)) {
        Ok(Some(chain)) => {
            let is = format!(
                "{anchor}, {} steps behind the tip of `{trunk}`",
                chain.len() - 1
            );
            Row::good("anchor", "anchor", is)
        }
        Ok(None) => wrong(format!(
            "{anchor} is not on the first-parent chain of `{trunk}`"
        )),
        Err(why) => wrong(format!("the chain of `{trunk}` cannot be read: {why}")),
    }
}

/// What git finds at a level that the hooks do not read.
fn unread(settings: &Settings, key: &str) -> String {
    match says(settings, key) {
        said if said.is_empty() => said,
        said => format!(" where hooks read it ({said})"),
    }
}
