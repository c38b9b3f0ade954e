//! Tags in the forms of the neighbours: StrictDoc's relations, duvet's citations, OpenFastTrace's names.

use super::tag::{Claim, Form, Line, Said, Scope};

/// OpenFastTrace's `req~name~1`.
pub(super) fn is_specification(word: &str) -> bool {
    let parts: Vec<&str> = word.split('~').collect();
    let is_name = |p: &str| {
        let is_part = |c: char| c.is_alphanumeric() || "._-".contains(c);
        !p.is_empty() && p.chars().all(is_part)
    };
    matches!(parts[..], [kind, name, revision] if is_name(kind) && is_name(name)
        && !revision.is_empty() && revision.bytes().all(|b| b.is_ascii_digit()))
}

/// The inside of `@relation(`: ids, then `scope=` and `role=`.
pub(super) fn relation(line: &str, start: usize) -> (Vec<Said>, usize, bool) {
    let Some(len) = line[start..].find(')') else {
        return (Vec::new(), start, false);
    };
    let (mut said, mut at) = (Vec::<Said>::new(), start);
    let (mut claim, mut scope) = (Claim::Unsaid, Scope::Item);
    for part in line[start..start + len].split(',') {
        let word = part.trim();
        match word
            .split_once('=')
            .map(|(key, value)| (key.trim(), value.trim()))
        {
            Some(("scope", "file")) => scope = Scope::File,
            Some(("scope", "line" | "range_start" | "range_end")) => scope = Scope::Line,
            Some(("role", role)) => {
                let role = role.to_lowercase();
                claim = match () {
                    () if role.contains("test") || role.contains("verif") => Claim::Verifies,
                    () if role.contains("impl") => Claim::Implements,
                    () => claim,
                };
            }
            Some(_) => {}
            None if word.is_empty() || word.contains(char::is_whitespace) => {}
            None => {
                let lead = part.len() - part.trim_start().len();
                said.push(Said::new(at + lead, word, Claim::Unsaid, Form::Relation));
            }
        }
        at += part.len() + 1;
    }
    said.iter_mut()
        .for_each(|s| (s.claim, s.scope) = (claim, scope));
    (said, start + len, false)
}

pub(super) fn duvet(line: &str) -> Option<Line> {
    let text = line.trim_start();
    let lead = line.len() - text.len();
    let mark = ["//", "#", "--", ";", "%"]
        .iter()
        .find(|m| text.starts_with(**m))?;
    let rest = &text[mark.len()..];
    if *mark == "//" && rest.starts_with('#') {
        return Some(Line::Quote);
    }
    let inner = rest.strip_prefix('=')?;
    let value = inner.trim();
    if let Some(kind) = value.strip_prefix("type=") {
        let claim = match kind.trim() {
            "test" => Some(Claim::Verifies),
            "citation" | "implication" => Some(Claim::Implements),
            _ => None,
        };
        return Some(Line::Type(claim));
    }
    let said = match value.split_once('#') {
        Some((path, section))
            if !path.is_empty() && !section.is_empty() && !value.contains(char::is_whitespace) =>
        {
            let at = lead + mark.len() + 1 + inner.len() - inner.trim_start().len();
            vec![Said::new(at, value, Claim::Implements, Form::Duvet)]
        }
        _ => Vec::new(),
    };
    Some(Line::Tags {
        said,
        goes_on: None,
    })
}
