//! The author's front matter: the keys that people write.
//! Not for the managed block, which `state` reads byte for byte.

use std::collections::BTreeMap;

use super::kind::Id;
use super::span::Flaw;
use super::value::{Scalar, Value};
use super::yaml::{narrow, read};

/// The author's keys.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Front {
    pub title: String,
    pub revision_summary: String,
    /// Paths that a change may touch, as written.
    pub scope: Vec<String>,
    /// 1 or 2, of a variance.
    pub variance_type: Option<u8>,
    /// Everything that the author wrote, the keys above among them.
    pub keys: BTreeMap<String, Value>,
}

/// The words of a text, by commas.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|w| !w.is_empty())
}

#[derive(serde::Deserialize)]
struct Known {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    revision_summary: Option<String>,
    #[serde(default)]
    scope: Option<Vec<String>>,
    #[serde(default)]
    variance_type: Option<u8>,
}

impl Front {
    /// Reads the author's part of a front matter: its text without the fences and without the managed block.
    pub fn parse(yaml: &str) -> Result<Front, Flaw> {
        narrow(yaml)?;
        let known: Option<Known> = read(yaml)?;
        let keys: Option<BTreeMap<String, Value>> = read(yaml)?;
        let known = known.unwrap_or(Known {
            title: None,
            revision_summary: None,
            scope: None,
            variance_type: None,
        });
        if keys
            .iter()
            .flat_map(BTreeMap::keys)
            .any(|key| key.eq_ignore_ascii_case("qms"))
        {
            return Err(Flaw::new("a second `qms` key beside the managed block"));
        }
        if let Some(kind) = known.variance_type.filter(|k| !matches!(k, 1 | 2)) {
            return Err(Flaw::new(format!(
                "`variance_type` is {kind}, expected 1 or 2"
            )));
        }
        Ok(Front {
            title: known.title.unwrap_or_default(),
            revision_summary: known.revision_summary.unwrap_or_default(),
            scope: known.scope.unwrap_or_default(),
            variance_type: known.variance_type,
            keys: keys.unwrap_or_default(),
        })
    }

    /// The items of the parent that the document is for: a variance takes them over, a record verifies them.
    pub fn items(&self) -> Vec<&str> {
        self.texts("items")
    }

    /// What is to be delivered: paths and documents, and for which item.
    pub fn deliverables(&self) -> Vec<(Option<&str>, &str)> {
        let Some(Value::Map(map)) = self.keys.get("deliverables") else {
            let all = self.texts("deliverables").into_iter();
            return all.map(|what| (None, what)).collect();
        };
        let mut out = Vec::new();
        for (item, what) in map {
            if let Scalar::Text(text) = what {
                out.extend(words(text).map(|what| (Some(item.as_str()), what)));
            }
        }
        out
    }

    /// Documents among what is to be delivered.
    pub fn documents(&self) -> Vec<Id> {
        let all = self.deliverables().into_iter();
        all.filter_map(|(_, what)| Id::parse(what)).collect()
    }

    /// The texts behind a key: one, or a list of them.
    fn texts(&self, key: &str) -> Vec<&str> {
        let values: &[Value] = match self.keys.get(key) {
            Some(Value::List(list)) => list,
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        let each = values.iter().filter_map(|value| match value {
            Value::Scalar(Scalar::Text(text)) => Some(text.as_str()),
            _ => None,
        });
        each.collect()
    }

    /// The keys that are frozen with the frozen sections: all but the revision summary.
    pub fn frozen(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.keys
            .iter()
            .filter(|(key, _)| *key != "revision_summary")
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml::LIMIT;
    use super::*;

    #[test]
    fn authors_write_plain_quoted_folded_and_block_scalars_lists_and_flat_maps() {
        let front = Front::parse(
            "title: 'Requalify: the \"SSE\" transport ≥ 2 – Überprüfung'\nrevision_summary: Reverted to\n  the scope\n\
             scope: [docker/**, \"**/*.rs\"]\nscope_note: |\n  !text & *more*\n\ttab\nvariance_type: 2\n\
             people:\n  a: 1\n  b: x\nwide:\n  - one *bold* ! & two\n",
        );
        // A tab that indents is refused even in a block scalar: it does not indent there, it ends the scalar.
        assert!(front.is_err());
        let front = Front::parse(
            "title: 'Requalify: the \"SSE\" transport ≥ 2 – Überprüfung'\nrevision_summary: Reverted to\n  the scope\n\
             scope: [docker/**, \"**/*.rs\"]\nscope_note: |\n  !text & *more*\nvariance_type: 2\n\
             people:\n  a: 1\n  b: x\nwide:\n  - one *bold* ! & two\n",
        )
        .expect("in the subset");
        assert_eq!(
            front.title,
            "Requalify: the \"SSE\" transport ≥ 2 – Überprüfung"
        );
        assert_eq!(front.revision_summary, "Reverted to the scope");
        assert_eq!(front.scope, ["docker/**", "**/*.rs"]);
        assert_eq!(front.variance_type, Some(2));
        assert_eq!(front.keys.len(), 7);
        assert_eq!(front.frozen().count(), 6);
    }

    #[test]
    fn f10_what_is_outside_the_subset_is_refused() {
        for bad in [
            "title: a\ntitle: b\n",
            "title: !!str a\n",
            "title: &x a\n",
            "scope: [&x a, b]\n",
            "scope: [a, *x]\n",
            "scope:\n  - !t a\n",
            "title: a\n---\nb: c\n",
            "title: a\n...\n",
            "\u{feff}title: a\n",
            "title: a\n\tb: c\n",
            "<<: {a: b}\n",
            "status : x\n",
            "? title\n: a\nx: {? b: c}\n",
            "a: {b: {c: d}}\n",
            "a: {b: [c]}\n",
            "a: [[b]]\n",
            "title: [a\n",
            "%YAML 1.1\n",
            "variance_type: 3\n",
        ] {
            assert!(Front::parse(bad).is_err(), "{bad}");
        }
        assert!(Front::parse(&format!("title: {}\n", "a".repeat(LIMIT))).is_err());
        let nested = format!("a: {}{}\n", "[".repeat(900), "]".repeat(900));
        assert!(Front::parse(&nested).is_err());
    }

    #[test]
    fn items_are_a_list_of_texts_or_one() {
        for (yaml, items) in [
            ("items: [EI-1, \"EI-2\"]\n", &["EI-1", "EI-2"][..]),
            ("items:\n  - EI-1\n", &["EI-1"]),
            ("items: EI-3\n", &["EI-3"]),
            ("items: [EI-1, 2, {a: b}]\n", &["EI-1"]),
            ("items: []\n", &[]),
            ("items: 3\n", &[]),
            ("items: {a: EI-1}\n", &[]),
            ("items:\n", &[]),
            ("title: EI-1\n", &[]),
        ] {
            assert_eq!(Front::parse(yaml).expect(yaml).items(), items, "{yaml}");
        }
    }

    #[test]
    fn a_flaw_shows_its_place() {
        let flaw = Front::parse("title: a\nscope: [\"a\nx: b\n").expect_err("open quote");
        assert!(flaw.span.is_some(), "{flaw:?}");
        let flaw = Front::parse("title: a\nscope: !x b\n").expect_err("tag");
        assert_eq!(flaw.span.map(|s| s.line), Some(2));
    }

    #[test]
    fn no_front_matter_is_empty() {
        assert_eq!(Front::parse("").expect("empty").title, "");
    }
}
