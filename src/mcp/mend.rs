//! What mends a finding, as a call: the command that its help shows, said to the tool of the same name.

use serde_json::{Map, Value, json};

use super::exec::words;
use super::tool::{Tool, tool};

/// Commands of two words, and the tools that they are.
const PAIRS: &[(&str, &str)] = &[
    ("item list", "qms_items"),
    ("item set", "qms_item"),
    ("section list", "qms_sections"),
    ("section set", "qms_section"),
    ("front set", "qms_front"),
];
/// What the words of a command are that stand by themselves; of any other tool it is the document.
const PLACES: &[(&str, &[&str])] = &[
    ("qms_create", &["type"]),
    ("qms_item", &["id", "item"]),
    ("qms_section", &["id", "section"]),
    ("qms_front", &["id", "key", "values"]),
    ("qms_who", &["path"]),
    ("qms_explain", &["what"]),
];
/// Flags that are a value of an argument.
const FLAGS: &[(&str, &str, &str)] = &[
    ("--review", "for", "review"),
    ("--approval", "for", "approval"),
    ("--recommend", "outcome", "recommend"),
    ("--request-updates", "outcome", "request-updates"),
];

/// Puts beside each help of findings the call that it means, where there is one.
pub(super) fn findings(mut findings: Value) -> Value {
    for finding in findings.as_array_mut().into_iter().flatten() {
        let help = finding.get_mut("help").and_then(Value::as_array_mut);
        for help in help.into_iter().flatten() {
            let call = help["action"].as_str().and_then(call);
            if let Some((name, arguments)) = call {
                help["call"] = json!({ "tool": name, "arguments": arguments });
            }
        }
    }
    findings
}

/// The call that a command means; none for what no tool does.
fn call(command: &str) -> Option<(&'static str, Map<String, Value>)> {
    let words = words(command).ok()?;
    let mut words = words.iter().map(String::as_str);
    (words.next() == Some("qms")).then_some(())?;
    let first = words.next()?;
    let mut rest: Vec<&str> = words.collect();
    let pair = rest.first().map(|second| format!("{first} {second}"));
    let pair = PAIRS
        .iter()
        .find(|(pair_, _)| Some(*pair_) == pair.as_deref());
    let tool = match pair {
        Some((_, name)) => {
            rest.remove(0);
            tool(name)?
        }
        None => tool(&format!("qms_{}", first.replace('-', "_")))?,
    };
    Some((tool.name, arguments(tool, &rest)?))
}

fn arguments(tool: &Tool, words: &[&str]) -> Option<Map<String, Value>> {
    let places = PLACES.iter().find(|(name, _)| *name == tool.name);
    let mut places = places.map_or(&["id"][..], |(_, places)| places).iter();
    let (mut out, mut last) = (Map::new(), None);
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        if let Some((_, name, value)) = FLAGS.iter().find(|(flag, ..)| flag == word) {
            put(tool, &mut out, name, value)?;
        } else if let Some(flag) = word.strip_prefix("--") {
            let name = match flag {
                "item" if tool.name == "qms_create" => "items",
                flag => flag,
            };
            match kind(tool, name)? {
                "boolean" => drop(out.insert(name.to_owned(), json!(true))),
                _ => put(tool, &mut out, name, words.next()?)?,
            }
            // A list goes on to the next flag.
            while kind(tool, name)? == "array" && words.peek().is_some_and(|w| !w.starts_with("--"))
            {
                put(tool, &mut out, name, words.next()?)?;
            }
        } else {
            last = places.next().or(last);
            put(tool, &mut out, last?, word)?;
        }
    }
    Some(out)
}

/// What an argument of a tool is; none where it has no such argument.
fn kind<'t>(tool: &'t Tool, name: &str) -> Option<&'t str> {
    let property = tool.input.get("properties")?.get(name)?;
    let kind = property.get("type");
    let kinds = kind
        .and_then(Value::as_array)
        .and_then(|kinds| kinds.first());
    Some(kinds.or(kind).and_then(Value::as_str).unwrap_or("string"))
}

fn put(tool: &Tool, out: &mut Map<String, Value>, name: &str, value: &str) -> Option<()> {
    match kind(tool, name)? {
        "array" => {
            let list = out.entry(name).or_insert_with(|| json!([]));
            list.as_array_mut()?.push(json!(value));
        }
        _ => drop(out.insert(name.to_owned(), json!(value))),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_a_call_where_a_tool_does_it() {
        for (command, name, arguments) in [
            ("qms status CR-001", "qms_status", json!({"id": "CR-001"})),
            (
                "qms route CR-001 --review --retire",
                "qms_route",
                json!({"id": "CR-001", "for": "review", "retire": true}),
            ),
            (
                "qms review CR-001 --recommend",
                "qms_review",
                json!({"id": "CR-001", "outcome": "recommend"}),
            ),
            (
                "qms create VAR --parent CR-001 --scope 'src/a b' x --item EI-1 --title \"…\"",
                "qms_create",
                json!({"type": "VAR", "parent": "CR-001", "scope": ["src/a b", "x"], "items": ["EI-1"], "title": "…"}),
            ),
            (
                "qms item set CR-001 EI-2 --outcome pass --summary \"…\"",
                "qms_item",
                json!({"id": "CR-001", "item": "EI-2", "outcome": "pass", "summary": "…"}),
            ),
            ("qms item list CR-001", "qms_items", json!({"id": "CR-001"})),
            (
                "qms front set CR-001 scope 'path/**' x",
                "qms_front",
                json!({"id": "CR-001", "key": "scope", "values": ["path/**", "x"]}),
            ),
            (
                "qms section set CR-001 '1. Purpose' --text \"…\"",
                "qms_section",
                json!({"id": "CR-001", "section": "1. Purpose", "text": "…"}),
            ),
            ("qms who src/a", "qms_who", json!({"path": "src/a"})),
        ] {
            let (tool, found) = call(command).unwrap_or_else(|| panic!("{command}"));
            assert_eq!((tool, Value::Object(found)), (name, arguments), "{command}");
        }
        for none in [
            "git restore --staged a",
            "qms sync --push",
            "qms user list",
            "qms token new claude",
            "then commit again",
            "qms",
            "",
            "qms status CR-001 --no-such",
            "qms create VAR; rm",
            "qms commit --change CR-001 -m \"…\"",
        ] {
            assert_eq!(call(none), None, "{none}");
        }
    }
}
