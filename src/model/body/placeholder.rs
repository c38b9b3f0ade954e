//! Placeholders: what a template leaves to be written. `{{…}}` is for the author; `[OUTCOME]` (capitals, spaces, `/`
//! and `_`, two letters at the least, no link) for who executes. In code, quotations and links they are only mentioned.
//! Source: lifecycle.md "Gates".

use std::ops::Range;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    pub phase: Phase,
    /// As it reads, brackets included.
    pub text: String,
    pub range: Range<usize>,
    pub section: Option<usize>,
}

/// When it must be gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Authoring,
    Execution,
}

/// The placeholders of a text, code and quotations not looked at.
pub(super) fn find(text: &str) -> Vec<(Phase, Range<usize>)> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find(['{', '[']).map(|found| at + found) {
        let rest = &text[open..];
        let found = match rest.starts_with('[') {
            true => execution(rest).map(|len| (Phase::Execution, len)),
            false => authoring(rest).map(|len| (Phase::Authoring, len)),
        };
        match found {
            Some((phase, len)) => {
                out.push((phase, open..open + len));
                at = open + len;
            }
            // Nothing that opens and never ends is looked for twice.
            None if rest.starts_with("{{") && !rest.contains("}}") => {
                let next = rest.find('[').unwrap_or(rest.len());
                at = open + next;
            }
            None => at = open + 1,
        }
    }
    out
}

fn authoring(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix("{{")?;
    let mut end = inner.find("}}")?;
    // `{{{x}}}` ends with its last brace.
    while inner[end + 2..].starts_with('}') {
        end += 1;
    }
    Some(end + 4)
}

fn execution(rest: &str) -> Option<usize> {
    let inner = &rest.as_bytes()[1..];
    let is_part = |b: &&u8| b.is_ascii_uppercase() || matches!(b, b' ' | b'/' | b'_');
    let len = inner.iter().take_while(is_part).count();
    let letters = inner[..len]
        .iter()
        .filter(|b| b.is_ascii_uppercase())
        .count();
    let padded = matches!(inner.first(), Some(b' ')) || (len > 0 && inner[len - 1] == b' ');
    (letters >= 2 && !padded && inner.get(len) == Some(&b']')).then_some(len + 2)
}

/// Whether a text is placeholders of execution and nothing else.
pub fn is_execution(text: &str) -> bool {
    let found = find(text);
    let (mut at, mut rest) = (0, String::new());
    for (phase, range) in &found {
        if *phase == Phase::Authoring {
            return false;
        }
        rest.push_str(&text[at..range.start]);
        at = range.end;
    }
    rest.push_str(&text[at..]);
    !found.is_empty() && rest.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::super::Body;
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let body = Body::read(text, 0);
        for placeholder in &body.placeholders {
            assert!(
                body.source(&placeholder.range)
                    .starts_with(&placeholder.text[..1])
            );
        }
        body.placeholders.into_iter().map(|p| p.text).collect()
    }

    #[test]
    fn what_is_left_to_write_is_found() {
        assert_eq!(
            found("{{A}} and {{what\nis *so*}} [OUTCOME]\n"),
            ["{{A}}", "{{what is so}}", "[OUTCOME]"]
        );
        assert_eq!(
            found("# {{ID}}: {{TITLE}}\n\n- [PASS/FAIL]\n- [A_B C]\n"),
            ["{{ID}}", "{{TITLE}}", "[PASS/FAIL]", "[A_B C]"]
        );
        assert_eq!(
            found("| A |\n|---|\n| [EXECUTION SUMMARY] |\n"),
            ["[EXECUTION SUMMARY]"]
        );
    }

    #[test]
    fn what_is_only_mentioned_or_is_something_else_is_not() {
        for text in [
            "`{{TITLE}}` and `[OUTCOME]`\n",
            "```\n{{TITLE}}\n[OUTCOME]\n```\n",
            "> {{TITLE}} [OUTCOME]\n",
            "it says \"{{TITLE}}\" and “[OUTCOME]”\n",
            "[OUTCOME](x.md) [see {{X}}](y)\n",
            "[OUTCOME]\n\n[OUTCOME]: x\n",
            "- [X] done\n- [ ] not\n- [x] so\n",
            "[EI-2] [Outcome] [A1] {x} {{ open\n",
            "<!-- {{TITLE}} [OUTCOME] -->\n",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_cell_may_be_placeholders_alone() {
        assert!(is_execution("[OUTCOME]") && is_execution("[AA] [BB]"));
        for text in ["", "x", "[OUTCOME] x", "{{AA}}", "{{AA}} [BB]"] {
            assert!(!is_execution(text), "{text}");
        }
    }

    #[test]
    fn braces_that_never_close_cost_no_more_than_their_number() {
        assert!(find(&"{{".repeat(200_000)).is_empty());
        assert!(find(&"[A".repeat(200_000)).is_empty());
    }
}
