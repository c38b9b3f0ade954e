//! Rules, as they are explained: made from the rules themselves.

use crate::checks;
use crate::model::finding::Rule;
use crate::model::near;
use crate::model::trace::findings;

/// A rule as `qms explain` prints it.
pub fn rule(rule: &Rule) -> String {
    format!(
        "{}: {}\n\n  demands  {}\n  why      {}\n  remedy   {}\n  clause   {}\n",
        rule.severity.as_str(),
        rule.id,
        rule.demands,
        rule.why,
        rule.remedy,
        rule.clause
    )
}

/// The same as a value.
pub fn rule_value(rule: &Rule) -> serde_json::Value {
    serde_json::json!({
        "rule": rule.id,
        "severity": rule.severity.as_str(),
        "clause": rule.clause,
        "demands": rule.demands,
        "why": rule.why,
        "remedy": rule.remedy,
    })
}

/// Every rule: those that steps are judged by, in the order of their families, and those of matrices.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    checks::rules().chain(findings::rules())
}

/// The rule of an id; else those whose ids look like it.
pub fn find(id: &str) -> Result<&'static Rule, Vec<&'static str>> {
    if let Some(rule) = rules().find(|r| r.id == id) {
        return Ok(rule);
    }
    Err(near::nearest(id, rules().map(|r| r.id), 3))
}

/// Every rule in a line.
pub fn rules_list() -> String {
    let rows: Vec<Vec<String>> = rules()
        .map(|r| vec![r.id.to_owned(), r.demands.to_owned()])
        .collect();
    super::table::columns(&rows)
}

/// Every rule as a Markdown table.
pub fn rules_table() -> String {
    let mut out = String::from("| rule | demands | why |\n| --- | --- | --- |\n");
    for rule in rules() {
        out.push_str(&format!(
            "| `{}` | {} | {} |\n",
            rule.id, rule.demands, rule.why
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_documented_once() {
        let ids: Vec<_> = rules().map(|r| r.id).collect();
        let mut unique = ids.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), ids.len());
        for r in rules() {
            assert!(
                r.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{}",
                r.id
            );
            assert!(
                ["model.md", "lifecycle.md"]
                    .iter()
                    .any(|d| r.clause.starts_with(d)),
                "{}",
                r.id
            );
            for text in [r.demands, r.why, r.remedy] {
                assert!(
                    text.len() > 15 && !text.ends_with('.') && !text.contains('|'),
                    "{}: {text}",
                    r.id
                );
            }
            assert!(rule(find(r.id).expect("known")).contains(r.why));
        }
    }

    #[test]
    fn an_unknown_rule_suggests_the_nearest() {
        assert_eq!(find("out-of-scop").expect_err("unknown")[0], "out-of-scope");
    }
}
