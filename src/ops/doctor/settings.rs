//! Settings that git must have on a server, each as git will use it: whatever level or included file says so.

use super::super::server::SETTINGS;
use crate::git::settings::{Setting, Settings};
use crate::model::health::Row;

/// Settings that take back a part of what `SETTINGS` asks for, and what to know about them.
const WEAKENS: &[(&str, &str)] = &[
    ("receive.fsck.", "git lets this pass that it would refuse"),
    (
        "receive.procreceiverefs",
        "a hook of somebody else updates these refs, and `receive.deny…` is not asked",
    ),
];

/// A server's settings. `again` sets them anew.
pub(crate) fn server(settings: &Settings, again: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = SETTINGS
        .iter()
        .map(|(key, value)| required(settings, key, value, again))
        .collect();
    for (prefix, why) in WEAKENS {
        for setting in settings.0.iter().filter(|s| s.key.starts_with(prefix)) {
            let is = format!("`{}` by {}: {why}", setting.text(), setting.by());
            rows.push(Row::mind("setting", &setting.key, is));
        }
    }
    rows
}

/// What git uses for a key, with the key that it looks at where that one is not set.
fn required(settings: &Settings, key: &'static str, value: &str, again: &str) -> Row {
    let instead = (key == "receive.fsckObjects").then_some("transfer.fsckObjects");
    let used = settings
        .used(key)
        .or_else(|| instead.and_then(|k| settings.used(k)));
    let Some(used) = used else {
        let is = format!("not set; expected {value}");
        return Row::wrong("setting", key, is).mend(again);
    };
    let is = format!("`{}` by {}", used.text(), used.by());
    let holds = match value {
        "true" => used.truth() == Some(true),
        "false" => used.truth() == Some(false),
        _ => used.number().is_some_and(|n| n > 0),
    };
    if holds {
        return Row::good("setting", key, is);
    }
    let row = Row::wrong("setting", key, format!("{is}; expected {value}"));
    match is_own(used) || matches!(&*used.scope, "system" | "global") {
        true => row.mend(again),
        false => row.mend(unset(used, key)),
    }
}

/// What takes a value away where it is.
pub(super) fn unset(setting: &Setting, key: &str) -> String {
    match setting.origin.strip_prefix("file:") {
        Some(file) => {
            let file = super::word(std::path::Path::new(file));
            format!("git config --file {file} --unset-all {key}")
        }
        None => format!("take {key} out of {}", setting.by()),
    }
}

/// Whether the repository's own file says so, which `init` writes.
fn is_own(setting: &Setting) -> bool {
    setting.scope == "local" && std::path::Path::new(setting.file()).ends_with("config")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::health::Verdict;

    fn settings(list: &[(&str, &str, &str)]) -> Settings {
        let one = |(key, value, scope): &(&str, &str, &str)| Setting {
            key: (*key).to_owned(),
            value: Some((*value).to_owned()),
            scope: (*scope).to_owned(),
            origin: "file:config".into(),
        };
        Settings(list.iter().map(one).collect())
    }

    #[test]
    fn what_git_uses_decides_and_not_what_was_written() {
        let verdict = |list: &[(&str, &str, &str)], key: &str| {
            let rows = server(&settings(list), "again");
            let row = rows.into_iter().find(|r| r.of == key).expect("a row");
            (row.verdict, row.mend.join(" "))
        };
        let wrong = |mend: &str| (Verdict::Wrong, mend.to_owned());
        let good = (Verdict::Good, String::new());
        let key = "receive.fsckObjects";
        assert_eq!(verdict(&[], key), wrong("again"));
        let fallback = ("transfer.fsckobjects", "yes", "global");
        assert_eq!(verdict(&[fallback], key), good);
        let own = ("receive.fsckobjects", "true", "local");
        assert_eq!(verdict(&[fallback, own], key), good);
        let over = ("receive.fsckobjects", "0", "command");
        let said = verdict(&[own, over], key);
        assert_eq!(
            said,
            wrong("git config --file config --unset-all receive.fsckObjects")
        );
        let size = ("receive.maxinputsize", "0", "local");
        assert_eq!(verdict(&[size], "receive.maxInputSize"), wrong("again"));
        let fsck = ("receive.fsck.baddate", "ignore", "local");
        assert_eq!(verdict(&[fsck], fsck.0).0, Verdict::Mind);
    }
}
