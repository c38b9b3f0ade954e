//! What one run of git did: its answer, and from git's own trace which hooks ran and how each ended.

use std::collections::HashMap;

/// How a command of git ended.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) ok: bool,
    pub(super) out: String,
    pub(super) err: String,
    /// The first hook that did not let it go on.
    pub(super) hook: Option<String>,
}

/// What git says of a ref that a server does not move, and the setting that it follows there.
const REASONS: &[(&str, &str)] = &[
    ("(unpacker error)", "receive.fsckObjects"),
    ("(deletion prohibited)", "receive.denyDeletes"),
    (
        "(deletion of the current branch prohibited)",
        "receive.denyDeleteCurrent",
    ),
    ("(non-fast-forward)", "receive.denyNonFastForwards"),
];

impl Ran {
    /// The layer that stopped it; `None` where it got through.
    pub(super) fn stopped_by(&self) -> Option<String> {
        if self.ok {
            return None;
        }
        if let Some(hook) = &self.hook {
            return Some(hook.clone());
        }
        let reason = REASONS.iter().find(|(says, _)| self.out.contains(says));
        Some(reason.map_or("git", |(_, setting)| *setting).to_owned())
    }

    /// The rules whose errors it was told.
    pub(super) fn rules(&self) -> Vec<String> {
        let parts = self.err.split("error[").skip(1);
        let mut rules: Vec<String> = parts
            .filter_map(|p| Some(p.split_once("]:")?.0.to_owned()))
            .collect();
        rules.sort();
        rules.dedup();
        rules
    }

    /// The first line that says why, without what a remote puts before it.
    pub(super) fn why(&self) -> String {
        let lines = self
            .err
            .lines()
            .map(|l| l.trim_start_matches("remote:").trim());
        let mut said = lines.filter(|l| !l.is_empty());
        said.next().unwrap_or("nothing was said").to_owned()
    }
}

/// The first hook that ended badly, by the events of git's trace, a JSON value a line.
pub(super) fn failed_hook(trace: &str) -> Option<String> {
    let mut hooks: HashMap<(String, i64), String> = HashMap::new();
    for line in trace.lines() {
        let event: serde_json::Value = serde_json::from_str(line).ok()?;
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        let child = (text("sid"), event["child_id"].as_i64().unwrap_or(-1));
        match &*text("event") {
            "child_start" if text("child_class") == "hook" => {
                hooks.insert(child, text("hook_name"));
            }
            "child_exit" if event["code"].as_i64() != Some(0) => {
                if let Some(hook) = hooks.remove(&child) {
                    return Some(hook);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = r#"{"event":"child_start","sid":"a","child_id":0,"child_class":"hook","hook_name":"pre-commit"}
{"event":"child_start","sid":"a","child_id":1,"child_class":"?"}
{"event":"child_exit","sid":"a","child_id":1,"code":1}
{"event":"child_start","sid":"a/b","child_id":0,"child_class":"hook","hook_name":"pre-receive"}
{"event":"child_exit","sid":"a","child_id":0,"code":0}
{"event":"child_exit","sid":"a/b","child_id":0,"code":2}
"#;

    #[test]
    fn the_hook_that_ended_badly_is_found() {
        assert_eq!(failed_hook(TRACE).as_deref(), Some("pre-receive"));
        let well = TRACE.replace("\"code\":2", "\"code\":0");
        assert_eq!(failed_hook(&well), None);
    }

    #[test]
    fn layers_and_rules_are_told_apart() {
        let ran = |out: &str, hook: Option<&str>| Ran {
            ok: false,
            out: out.to_owned(),
            err: "remote: error[b-rule]: x\nremote: \x20 error[a-rule]: y\nwarning[c]: z\n"
                .to_owned(),
            hook: hook.map(str::to_owned),
        };
        let by = |out: &str, hook| ran(out, hook).stopped_by().unwrap_or_default();
        assert_eq!(by("", Some("pre-push")), "pre-push");
        assert_eq!(
            by("! [remote rejected] (deletion prohibited)", None),
            "receive.denyDeletes"
        );
        assert_eq!(by("! [rejected]", None), "git");
        assert_eq!(ran("", None).rules(), ["a-rule", "b-rule"]);
        assert_eq!(ran("", None).why(), "error[b-rule]: x");
    }
}
