//! Systems: what the policy lists under `systems`, with code, requirements and a traceability matrix of its own.
//! Source: model.md "Words".

use std::collections::BTreeMap;

use super::kind::{Id, Kind};
use super::path::TreePath;
use super::pattern::Pattern;
use super::policy_file::FileSystem;
use super::yaml::scalar;

/// A system.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// The paths that are its code, tests and build files.
    pub code: Vec<Pattern>,
    pub rs: Id,
    pub rtm: Id,
    /// What the ids of its requirements look like: `REQ-QMS-*`.
    pub ids: String,
    /// The share of the lines that implement a requirement which its tests are to execute, in percent.
    pub coverage: u8,
    /// Whether what changes it enters a protected branch with evidence alone.
    pub merges_verified: bool,
}

impl System {
    /// Whether a path is of its code.
    pub fn has(&self, path: &TreePath) -> bool {
        self.code.iter().any(|pattern| pattern.matches(path))
    }
}

/// The systems of a policy file; what is wrong comes with the word that it is about.
pub(super) fn read(
    file: &BTreeMap<String, FileSystem>,
) -> Result<BTreeMap<String, System>, Vec<(String, String)>> {
    let (mut out, mut flaws) = (BTreeMap::new(), Vec::new());
    for (name, system) in file {
        let mut flaw = |what: &str, why: String| flaws.push((what.to_owned(), why));
        let mut document = |kind: &str, given: &Option<String>| {
            let named = given
                .clone()
                .unwrap_or_else(|| format!("SDLC-{name}-{kind}"));
            let id = Id::parse(&named).filter(|id| id.kind().name == kind);
            if id.is_none() {
                flaw(
                    given.as_deref().unwrap_or(name),
                    format!(
                        "`{named}` is no id of an {kind}, expected one like SDLC-{name}-{kind}"
                    ),
                );
            }
            id
        };
        let (rs, rtm) = (document("RS", &system.rs), document("RTM", &system.rtm));
        let ids = system
            .ids
            .clone()
            .unwrap_or_else(|| format!("REQ-{name}-*"));
        if !is_id_pattern(&ids) {
            flaw(
                &ids,
                format!("`{ids}` is no pattern of requirement ids, expected one like REQ-{name}-*"),
            );
        }
        let mut code = Vec::new();
        for source in &system.code {
            match Pattern::parse(source) {
                Ok(pattern) => code.push(pattern),
                Err(why) => flaw(source, why),
            }
        }
        let coverage = system.coverage.unwrap_or(100);
        if !(1..=100).contains(&coverage) {
            let why = format!("coverage is {coverage}, expected a share of 1 to 100 percent");
            flaw("coverage", why);
        }
        if let (Some(rs), Some(rtm)) = (rs, rtm) {
            let system = System {
                code,
                rs,
                rtm,
                ids,
                coverage,
                merges_verified: system.merge.is_some(),
            };
            out.insert(name.clone(), system);
        }
    }
    if flaws.is_empty() {
        Ok(out)
    } else {
        Err(flaws)
    }
}

/// Capitals, digits and dashes, and one `*` at the end.
fn is_id_pattern(text: &str) -> bool {
    let head = text.strip_suffix('*').unwrap_or_default();
    head.starts_with(|c: char| c.is_ascii_uppercase())
        && head
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
}

/// Whether a system may have this name: it becomes part of the ids of its documents.
pub fn is_name(name: &str) -> bool {
    Kind::of("RS").is_some_and(|kind| Id::named(kind, name).is_some())
}

/// The policy's text with a system more, at the end of its `systems:`; no other byte changes.
pub fn with_system(text: &str, name: &str, code: &[String], ids: Option<&str>) -> String {
    let code: Vec<String> = code.iter().map(|c| scalar(c)).collect();
    let ids = ids
        .map(|i| format!(", ids: {}", scalar(i)))
        .unwrap_or_default();
    let line = format!("  {name}: {{code: [{}]{ids}}}\n", code.join(", "));
    let (mut within, mut offset, mut at) = (false, 0, None);
    for part in text.split_inclusive('\n') {
        let ends = within && !part.starts_with(' ') && !part.trim().is_empty();
        if ends {
            break;
        }
        offset += part.len();
        within |= part.trim_end() == "systems:";
        if within && !part.trim().is_empty() {
            at = Some(offset);
        }
    }
    let (head, line) = match at {
        Some(at) => (at, line),
        None => (
            text.len(),
            format!(
                "# What has requirements and a traceability matrix of its own.\nsystems:\n{line}"
            ),
        ),
    };
    let gap = if text[..head].ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!("{}{gap}{line}{}", &text[..head], &text[head..])
}

#[cfg(test)]
mod tests {
    use super::super::policy::Policy;
    use super::super::policy::tests::TEXT;
    use super::*;

    #[test]
    fn a_system_is_added_and_read_back() {
        let once = with_system(TEXT, "CLI", &["src/**".to_owned()], None);
        let twice = with_system(
            &once,
            "WEB",
            &["web/**".to_owned(), "a b".to_owned()],
            Some("REQ-W-*"),
        );
        let policy = Policy::parse(twice.as_bytes()).expect("a policy");
        let cli = &policy.systems["CLI"];
        assert_eq!(
            (cli.rs.as_str(), cli.rtm.as_str(), cli.ids.as_str()),
            ("SDLC-CLI-RS", "SDLC-CLI-RTM", "REQ-CLI-*")
        );
        assert_eq!(policy.systems["WEB"].code[1].as_str(), "a b");
        assert!(twice.starts_with(TEXT));
    }

    #[test]
    fn a_system_that_makes_no_sense_is_a_flaw() {
        for (bad, what) in [
            ("cli: {code: []}", "SDLC-cli-RS"),
            ("CLI: {code: [], rs: CR-001}", "CR-001"),
            ("CLI: {code: [], ids: req}", "req"),
            ("CLI: {code: [\"a/**b\"]}", "a/**b"),
        ] {
            let flaws =
                Policy::parse(format!("{TEXT}systems:\n  {bad}\n").as_bytes()).expect_err(bad);
            assert!(
                flaws.iter().any(|f| f.message.contains(what)),
                "{bad}: {flaws:?}"
            );
        }
    }
}
