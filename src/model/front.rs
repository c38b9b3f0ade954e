//! The author's front matter: a strict subset of YAML 1.2, read with a maintained parser and narrowed here.
//! Not for the managed block, which `state` reads byte for byte.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::{Budget, DuplicateKeyPolicy, MergeKeyPolicy, Options};

use super::span::{Flaw, Span};

/// The most that a front matter may hold, in bytes (threats.md F10: a header of 1 MB).
pub const LIMIT: usize = 64 * 1024;

/// What an author may write behind a key: text, a list, or a flat map.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Any scalar. Numbers and booleans are kept as YAML reads them, so that `1` equals `1`.
    Scalar(Scalar),
    List(Vec<Value>),
    Map(BTreeMap<String, Scalar>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    Text(String),
    Number(f64),
    Bool(bool),
    Null,
}

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

    /// The keys that are frozen with the frozen sections: all but the revision summary.
    pub fn frozen(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.keys
            .iter()
            .filter(|(key, _)| *key != "revision_summary")
    }
}

/// Reads YAML within the subset's bounds; errors become flaws with a span. Shared with the policy.
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
                return flaw("tags, anchors and aliases are not allowed here");
            }
            value = rest.trim();
        }
        if marks(value) || (value.starts_with(['[', '{']) && flow_marks(value)) {
            return flaw("tags, anchors and aliases are not allowed here");
        }
        if value.starts_with(['|', '>']) {
            literal = Some(indent);
        }
    }
    Ok(())
}

fn marks(value: &str) -> bool {
    value.starts_with(['!', '&'])
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

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Shape)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Scalar, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Scalar(scalar) => Ok(scalar),
            _ => Err(de::Error::custom(
                "a map holds a list or a map, expected a flat map",
            )),
        }
    }
}

struct Shape;

impl Shape {
    fn number<E>(self, v: f64) -> Result<Value, E> {
        Ok(Value::Scalar(Scalar::Number(v)))
    }
}

impl<'de> Visitor<'de> for Shape {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list or a flat map")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Scalar(Scalar::Bool(v)))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        self.number(v as f64)
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        self.number(v as f64)
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        self.number(v)
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::Scalar(Scalar::Text(v.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Scalar(Scalar::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element()? {
            if !matches!(value, Value::Scalar(_) | Value::Map(_)) {
                return Err(de::Error::custom("a list holds a list"));
            }
            list.push(value);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut out = BTreeMap::new();
        while let Some((key, value)) = map.next_entry()? {
            out.insert(key, value);
        }
        Ok(Value::Map(out))
    }
}

#[cfg(test)]
mod tests {
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
