//! A strict subset of YAML 1.2, read with a maintained parser and narrowed here: no duplicate keys, anchors, aliases,
//! tags, merge keys, second documents, tabs in indentation. Shared by front matter and policy.

use serde::de;
use serde_yaml::{Budget, DuplicateKeyPolicy, MergeKeyPolicy, Options};

use super::span::{Flaw, Span};

/// The most that a front matter may hold, in bytes (threats.md F10: a header of 1 MB).
pub const LIMIT: usize = 64 * 1024;

/// Reads YAML within the subset's bounds; errors become flaws with a span.
pub fn read<T: de::DeserializeOwned>(yaml: &str) -> Result<T, Flaw> {
    let mut options = Options::default();
    options.budget = Some(bounds());
    options.duplicate_keys = DuplicateKeyPolicy::Error;
    options.merge_keys = MergeKeyPolicy::Error;
    options.strict_booleans = true;
    options.with_snippet = false;
    serde_yaml::from_str_with_options(yaml, options).map_err(|error| {
        let text = error.without_snippet().to_string();
        let message = text.lines().next().unwrap_or_default().to_lowercase();
        let message = message
            .split(" at line ")
            .next()
            .unwrap_or_default()
            // What a caller of the library could set is nothing that an author can.
            .split(", set ")
            .next()
            .unwrap_or_default()
            .trim_end_matches([':', ' ', '.'])
            .to_owned();
        match error.location() {
            Some(at) if at.line() > 0 => {
                let line = usize::try_from(at.line()).unwrap_or(1);
                Flaw::at(message, Span::line(yaml, line))
            }
            _ => Flaw::new(message),
        }
    })
}

fn bounds() -> Budget {
    let mut budget = Budget::default();
    budget.max_anchors = 0;
    budget.max_aliases = 0;
    budget.max_documents = 1;
    budget.max_merge_keys = 0;
    budget.max_depth = 16;
    budget.max_nodes = 20_000;
    budget.max_events = 60_000;
    budget
}

/// What YAML allows and this subset does not, found on lines: tags, anchors, aliases, tabs, a second document.
pub fn narrow(yaml: &str) -> Result<(), Flaw> {
    if yaml.len() > LIMIT {
        return Err(Flaw::new(format!(
            "the text is {} bytes, more than the {LIMIT} that are read",
            yaml.len()
        )));
    }
    if let Some(at) =
        yaml.find(|c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{feff}')
    {
        return Err(Flaw::at(
            "a control character or byte order mark is not allowed here",
            Span::of(yaml, at, 1),
        ));
    }
    let mut literal: Option<usize> = None;
    for (number, line) in yaml.lines().enumerate() {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let flaw = |what: &str| Err(Flaw::at(what, Span::line(yaml, number + 1)));
        if line[..indent].contains('\t') {
            return flaw("a tab indents this line, expected spaces");
        }
        // Lines of a block scalar are text and may hold anything.
        if literal.is_some_and(|outer| indent > outer || line.trim().is_empty()) {
            continue;
        }
        literal = None;
        if line == "---" || line == "..." || line.starts_with("--- ") || line.starts_with('%') {
            return flaw("a second document or a directive is not allowed here");
        }
        let mut value = line.trim();
        while let Some(rest) = value.strip_prefix("- ") {
            value = rest.trim_start();
        }
        let is_key = |key: &str| !key.is_empty() && !key.contains(['"', '\'', '[', '{', '#']);
        if let Some((key, rest)) = value
            .split_once(':')
            .filter(|(k, r)| is_key(k) && (r.is_empty() || r.starts_with(' ')))
        {
            if key.ends_with(' ') {
                return flaw("a space stands before the colon");
            }
            if marks(key.trim_start()) {
                return flaw("tags, anchors, aliases and `?` are not allowed here");
            }
            value = rest.trim();
        }
        if marks(value) || (value.starts_with(['[', '{']) && flow_marks(value)) {
            return flaw("tags, anchors, aliases and `?` are not allowed here");
        }
        if value.starts_with(['|', '>']) {
            literal = Some(indent);
        }
    }
    Ok(())
}

fn marks(value: &str) -> bool {
    value.starts_with(['!', '&'])
        || value.split(' ').next() == Some("?")
        || (value.starts_with('*') && value[1..].starts_with(|c: char| c.is_alphanumeric()))
}

/// Whether an element of a flow collection begins with a mark; quoted text is passed over.
fn flow_marks(value: &str) -> bool {
    let mut quote = None;
    let mut start = true;
    for (at, c) in value.char_indices() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') && start => quote = Some(c),
            None if start && marks(&value[at..]) => return true,
            None => {}
        }
        start = matches!(c, '[' | '{' | ',' | ':') || (start && c == ' ');
    }
    false
}

/// A YAML scalar for some text: plain where that is safe also inside a flow list, else double-quoted.
pub fn scalar(text: &str) -> String {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let safe = |c: char| c.is_ascii_alphanumeric() || " ._/()*?-".contains(c);
    let word = matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    if starts && !word && text.chars().all(safe) {
        text.to_owned()
    } else {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}
