//! Writing a key of a document's front matter: its lines alone change, and what was written is read back.
//! Not for the managed block, which moves write.

use std::ops::Range;

use super::document::Document;
use super::front::Front;
use super::template::is_a_line;
use super::value::{Scalar, Value};
use super::yaml::scalar;

/// Keys that are lists, also of one.
const LISTS: &[&str] = &["scope", "items", "deliverables"];
/// Keys that a document is not without.
const NEEDED: &[&str] = &["title", "revision_summary"];

/// The file with a key that says `values`: a text, or a list where they are several or the key is one. None takes the
/// key out.
///
/// Errors: what cannot be a key or a value of it, in words.
pub fn with(document: &Document, key: &str, values: &[String]) -> Result<String, String> {
    if key == "qms" {
        return Err("the managed block is written by moves alone".to_owned());
    }
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.starts_with(|c: char| c.is_ascii_alphabetic()) || !key.chars().all(word) {
        return Err(format!("`{}` is no key", key.escape_debug()));
    }
    if let Some(value) = values.iter().find(|value| !is_a_line(value)) {
        let value = value.escape_debug();
        return Err(format!("`{value}` is empty, padded or not printable"));
    }
    let wanted = wanted(key, values)?;
    let file = document.all();
    let place = place(file, key);
    let is_there = document.front.keys.contains_key(key);
    if values.is_empty() && !is_there {
        return Err("there is no such key".to_owned());
    }
    if is_there == place.is_empty() {
        return Err("its lines are not such as a command can change; write it by hand".to_owned());
    }
    let line = match &wanted {
        Some(value) => format!("{key}: {}\n", text(value)),
        None => String::new(),
    };
    let mut out = file.to_owned();
    out.replace_range(place, &line);
    match Document::parse(out.clone().into_bytes()) {
        Ok(after) if is_as_wanted(&document.front, &after.front, key, wanted.as_ref()) => Ok(out),
        Ok(_) => Err("it would change what another key says; write it by hand".to_owned()),
        Err(flaws) => {
            let flaws: Vec<&str> = flaws.iter().map(|f| f.message.as_str()).collect();
            Err(flaws.join("; "))
        }
    }
}

fn wanted(key: &str, values: &[String]) -> Result<Option<Value>, String> {
    let each = || values.iter().map(|v| Scalar::Text(v.clone()));
    Ok(match values {
        [] if NEEDED.contains(&key) => return Err(format!("no document is without `{key}`")),
        [] => None,
        [kind] if key == "variance_type" => {
            let kind = kind.parse().map_err(|_| format!("`{kind}` is no number"))?;
            Some(Value::Scalar(Scalar::Number(kind)))
        }
        [_] if !LISTS.contains(&key) => each().next().map(Value::Scalar),
        _ if NEEDED.contains(&key) => return Err(format!("`{key}` is one text")),
        _ => Some(Value::List(each().map(Value::Scalar).collect())),
    })
}

fn is_as_wanted(before: &Front, after: &Front, key: &str, wanted: Option<&Value>) -> bool {
    let others = |front: &Front| {
        let mut keys = front.keys.clone();
        keys.remove(key);
        keys
    };
    after.keys.get(key) == wanted && others(before) == others(after)
}

/// Where the lines of a key stand; empty, and before the managed block, where it has none.
fn place(file: &str, key: &str) -> Range<usize> {
    let front = &file[..Document::body_start(file)];
    let mut lines = Vec::new();
    let mut start = 0;
    for line in front.split_inclusive('\n') {
        lines.push((start, line));
        start += line.len();
    }
    let begins = |line: &str, key: &str| {
        let rest = line.strip_prefix(key).and_then(|r| r.strip_prefix(':'));
        rest.is_some_and(|rest| rest.starts_with([' ', '\n']))
    };
    let Some(at) = lines.iter().position(|(_, line)| begins(line, key)) else {
        let block = lines.iter().find(|(_, line)| begins(line, "qms"));
        let start = block.map_or(front.len(), |(start, _)| *start);
        return start..start;
    };
    let (start, line) = lines[at];
    let mut end = start + line.len();
    let goes_on = |line: &str| line.starts_with([' ', '\n']) || line.starts_with("- ");
    for (start, line) in lines[at + 1..].iter().take_while(|(_, line)| goes_on(line)) {
        if *line != "\n" {
            end = start + line.len();
        }
    }
    start..end
}

/// A value as a line holds it.
pub fn text(value: &Value) -> String {
    let one = |value: &Scalar| match value {
        Scalar::Text(text) => scalar(text),
        Scalar::Number(number) => number.to_string(),
        Scalar::Bool(truth) => truth.to_string(),
        Scalar::Null => "null".to_owned(),
    };
    match value {
        Value::Scalar(value) => one(value),
        Value::List(list) => {
            let list: Vec<String> = list.iter().map(text).collect();
            format!("[{}]", list.join(", "))
        }
        Value::Map(map) => {
            let map = map
                .iter()
                .map(|(key, value)| format!("{key}: {}", one(value)));
            format!("{{{}}}", map.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::{State, Version};
    use super::super::workflow::Status;
    use super::*;

    const FRONT: &str = "title: A\nrevision_summary: >\n  Folded\n\n  twice\n\nscope:\n- a/**\n- b # two\nother: {a: 1}\n";

    fn document(front: &str) -> Document {
        let text = format!("---\n{front}---\nscope: not this\n");
        Document::from_text(text.as_bytes(), State::bare(Status::Draft, Version::FIRST))
            .expect(front)
    }

    fn set(front: &str, key: &str, values: &[&str]) -> Result<String, String> {
        let values: Vec<String> = values.iter().map(|v| (*v).to_owned()).collect();
        let before = document(front);
        let after = with(&before, key, &values)?;
        let block = std::str::from_utf8(before.block()).expect("text");
        let (head, tail) = after.split_once(block).expect("the block stays as it is");
        assert_eq!(tail, "---\nscope: not this\n");
        Ok(head["---\n".len()..].to_owned())
    }

    #[test]
    fn the_lines_of_a_key_change_and_no_others() {
        for (key, values, from, to) in [
            (
                "title",
                &["B: \"b\""][..],
                "title: A\n",
                "title: \"B: \\\"b\\\"\"\n",
            ),
            (
                "revision_summary",
                &["Plain"],
                "revision_summary: >\n  Folded\n\n  twice\n",
                "revision_summary: Plain\n",
            ),
            (
                "scope",
                &["c/**"],
                "scope:\n- a/**\n- b # two\n",
                "scope: [c/**]\n",
            ),
            (
                "scope",
                &["*", "b"],
                "scope:\n- a/**\n- b # two\n",
                "scope: [\"*\", b]\n",
            ),
            ("other", &[], "other: {a: 1}\n", ""),
            ("other", &["yes"], "other: {a: 1}\n", "other: \"yes\"\n"),
        ] {
            assert_eq!(
                set(FRONT, key, values),
                Ok(FRONT.replace(from, to)),
                "{key}"
            );
        }
        for (key, values, line) in [
            ("items", &["EI-2"][..], "items: [EI-2]\n"),
            ("variance_type", &["2"], "variance_type: 2\n"),
            ("scop", &["a", "b"], "scop: [a, b]\n"),
        ] {
            assert_eq!(
                set(FRONT, key, values),
                Ok(format!("{FRONT}{line}")),
                "{key}"
            );
        }
    }

    #[test]
    fn what_is_no_key_or_no_value_is_refused() {
        for (key, values, why) in [
            ("qms", &["x"][..], "managed block"),
            ("a:\nb", &["x"], "no key"),
            ("title", &["a\nqms:"], "not printable"),
            ("title", &[], "without"),
            ("title", &["a", "b"], "one text"),
            ("variance_type", &["3"], "1 or 2"),
            ("variance_type", &["x"], "no number"),
            ("nothing", &[], "no such key"),
        ] {
            let said = set(FRONT, key, values).expect_err(key);
            assert!(said.contains(why), "{key}: {said}");
        }
        let quoted = "\"title\": A\nrevision_summary: B\n";
        assert!(
            set(quoted, "title", &["B"])
                .expect_err("quoted")
                .contains("by hand")
        );
    }
}
