//! Settings that disturb in a clone: with them git makes commits that are refused, or messages that say something else.

use super::settings::unset;
use crate::git::settings::{Setting, Settings};
use crate::model::health::Row;

/// A setting that disturbs in a clone: whether it does, and how.
struct Disturbs {
    key: &'static str,
    when: fn(&Setting) -> bool,
    how: &'static str,
    /// Nothing that is made with it would be let through.
    always: bool,
}

const DISTURBS: &[Disturbs] = &[
    Disturbs {
        key: "core.commentChar",
        when: eats_trailers,
        how: "git takes the lines of the trailers for comments and leaves them out",
        always: true,
    },
    Disturbs {
        key: "core.commentChar",
        when: |s| s.text() == "auto",
        how: "comments that begin with anything but `#` end up behind the trailers",
        always: false,
    },
    Disturbs {
        key: "core.commentString",
        when: eats_trailers,
        how: "git takes the lines of the trailers for comments and leaves them out",
        always: true,
    },
    Disturbs {
        key: "i18n.commitEncoding",
        when: |s| !matches!(&*s.text().to_ascii_lowercase(), "" | "utf-8" | "utf8"),
        how: "commits get an `encoding` header, which no commit with trailers may have",
        always: true,
    },
    Disturbs {
        key: "commit.cleanup",
        when: |s| matches!(s.text(), "verbatim" | "whitespace"),
        how: "git's comments in the editor stay, behind the trailers",
        always: false,
    },
];

fn eats_trailers(setting: &Setting) -> bool {
    let text = setting.text();
    !text.is_empty() && "QMS-".starts_with(&text[..text.len().min(4)])
}

/// What disturbs in a clone; one row where nothing does.
pub(super) fn rows(settings: &Settings) -> Vec<Row> {
    let mut rows = Vec::new();
    for entry in DISTURBS {
        let Some(used) = settings.used(entry.key).filter(|s| (entry.when)(s)) else {
            continue;
        };
        let is = format!("`{}` by {}: {}", used.text(), used.by(), entry.how);
        let row = match entry.always {
            true => Row::wrong("setting", entry.key, is),
            false => Row::mind("setting", entry.key, is),
        };
        rows.push(row.mend(unset(used, entry.key)));
    }
    if rows.is_empty() {
        let mut keys: Vec<&str> = DISTURBS.iter().map(|d| d.key).collect();
        keys.dedup();
        let is = format!("none of {} disturbs", keys.join(", "));
        rows.push(Row::good("setting", "settings", is));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::health::Verdict;

    #[test]
    fn a_setting_disturbs_by_its_value() {
        for (key, value, verdict) in [
            ("core.commentchar", "Q", Verdict::Wrong),
            ("core.commentstring", "QMS", Verdict::Wrong),
            ("core.commentchar", "auto", Verdict::Mind),
            ("core.commentchar", ";", Verdict::Good),
            ("i18n.commitencoding", "latin1", Verdict::Wrong),
            ("i18n.commitencoding", "UTF-8", Verdict::Good),
            ("commit.cleanup", "verbatim", Verdict::Mind),
        ] {
            let settings = Settings(vec![Setting {
                key: key.to_owned(),
                value: Some(value.to_owned()),
                scope: "local".to_owned(),
                origin: "file:config".to_owned(),
            }]);
            let rows = rows(&settings);
            assert_eq!(rows[0].verdict, verdict, "{key}={value}");
        }
    }
}
