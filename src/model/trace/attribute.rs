//! What a requirement says of itself beside its text, at the end of a piece of it: `(kind: startup; from: UR-001)`, or
//! in columns of a table that are called so. One word misspelt is a flaw: else `kind: start-up` would ask for less.

use super::super::near;

/// What sort of evidence verifies a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub enum Kind {
    /// Tests that ran its implementation.
    #[default]
    Function,
    /// A process that started, was ready, answered and stopped.
    Startup,
    /// A document: a qualitative proof or a verification record.
    Proof,
}

impl Kind {
    pub const ALL: &'static [(&'static str, Kind)] = &[
        ("function", Kind::Function),
        ("startup", Kind::Startup),
        ("proof", Kind::Proof),
    ];

    pub fn as_str(self) -> &'static str {
        let named = Kind::ALL.iter().find(|(_, kind)| *kind == self);
        named.map_or("function", |(name, _)| name)
    }

    pub fn parse(text: &str) -> Option<Kind> {
        let named = Kind::ALL.iter().find(|(name, _)| *name == text);
        named.map(|(_, kind)| *kind)
    }
}

/// The attributes of a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes {
    pub kind: Kind,
    /// Evidence that it needs beyond that of its kind.
    pub needs: Vec<Kind>,
    /// What it comes from: a user need, a requirement above it, a risk.
    pub from: Vec<String>,
    /// What it is broken down into, or which risk controls it asks for.
    pub to: Vec<String>,
    /// Other names under which tags may speak of it: `req~login~1`, `spec.md#login`.
    pub also: Vec<String>,
    /// The safety class.
    pub class: Option<String>,
    /// The change that retired it: it is no longer judged.
    pub retired: Option<String>,
}

/// The names of attributes, each with the titles that its column may have.
const NAMES: &[(&str, &[&str])] = &[
    ("kind", &["kind"]),
    ("needs", &["needs"]),
    ("from", &["from", "parent", "parents", "derived from"]),
    ("to", &["to", "children", "controls"]),
    ("also", &["also", "alias", "aliases"]),
    ("class", &["class", "safety class"]),
    ("retired", &["retired", "retired by"]),
];

/// The attribute that a column with this title holds.
pub(super) fn column(title: &str) -> Option<&'static str> {
    let title = title.to_lowercase();
    let mut names = NAMES.iter();
    names
        .find(|(_, titles)| titles.contains(&title.as_str()))
        .map(|(name, _)| *name)
}

impl Attributes {
    /// Takes in what one attribute says; or why it says nothing.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let value = value.trim();
        if matches!(value, "" | "-" | "–" | "—") {
            return Ok(());
        }
        let mut list = value.split(',').map(|v| v.trim().to_owned());
        let once = |slot: &mut Option<String>| match slot.replace(value.to_owned()) {
            Some(old) => Err(format!("`{name}` is said twice: `{old}` and `{value}`")),
            None => Ok(()),
        };
        let kind = |text: &str| {
            let all: Vec<&str> = Kind::ALL.iter().map(|(n, _)| *n).collect();
            let expected = all.join(", ");
            Kind::parse(text).ok_or(format!("`{text}` is no kind, expected one of {expected}"))
        };
        match name {
            "kind" => self.kind = kind(value)?,
            "needs" => {
                for one in list {
                    self.needs.push(kind(&one)?);
                }
            }
            "class" => once(&mut self.class)?,
            "retired" => once(&mut self.retired)?,
            _ if list.any(|v| v.is_empty() || v.contains(char::is_whitespace)) => {
                return Err(format!("`{value}` is no list of ids: one, or `A, B`"));
            }
            _ => {
                let slot = match name {
                    "from" => &mut self.from,
                    "to" => &mut self.to,
                    _ => &mut self.also,
                };
                slot.extend(value.split(',').map(|v| v.trim().to_owned()));
            }
        }
        Ok(())
    }

    /// As one text, in which the order that they were written in is gone.
    pub(super) fn canonical(&self) -> String {
        let mut needs: Vec<&str> = self.needs.iter().map(|k| k.as_str()).collect();
        needs.sort_unstable();
        let mut out = format!("kind {}\nneeds {}\n", self.kind.as_str(), needs.join(","));
        for (name, ids) in [("from", &self.from), ("to", &self.to)] {
            let mut ids = ids.clone();
            ids.sort_unstable();
            out.push_str(&format!("{name} {}\n", ids.join(",")));
        }
        out.push_str(&format!("class {}\n", self.class.as_deref().unwrap_or("")));
        out
    }
}

/// Takes the attributes off the end of a text; what is wrong with them is added to `flaws`. Parentheses in which
/// nothing is called like an attribute are prose.
pub(super) fn take<'t>(text: &'t str, into: &mut Attributes, flaws: &mut Vec<String>) -> &'t str {
    let text = text.trim_end();
    let Some(inner) = text.strip_suffix(')') else {
        return text;
    };
    let Some(open) = inner.rfind('(') else {
        return text;
    };
    let pairs: Vec<(&str, &str)> = inner[open + 1..]
        .split(';')
        .filter(|part| !part.trim().is_empty())
        .map(|part| part.split_once(':').unwrap_or((part, "")))
        .map(|(name, value)| (name.trim(), value))
        .collect();
    let known = |name: &str| NAMES.iter().any(|(n, _)| *n == name);
    let spoken = |(name, value): &(&str, &str)| known(name) && !value.trim().is_empty();
    if !pairs.iter().any(spoken) {
        return text;
    }
    for (name, value) in pairs {
        match known(name) {
            true => flaws.extend(into.set(name, value).err()),
            false => {
                let near = near::nearest(name, NAMES.iter().map(|(n, _)| *n), 1);
                flaws.push(format!(
                    "`{name}` is no attribute; near it is `{}`",
                    near.join("")
                ));
            }
        }
    }
    inner[..open].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (&str, Attributes, Vec<String>) {
        let (mut attributes, mut flaws) = (Attributes::default(), Vec::new());
        let rest = take(text, &mut attributes, &mut flaws);
        (rest, attributes, flaws)
    }

    #[test]
    fn attributes_stand_at_the_end() {
        let (rest, a, flaws) =
            read("It starts. (kind: startup; from: UR-001, UR-2; needs: proof; class: B)");
        assert_eq!((rest, flaws.len()), ("It starts.", 0));
        assert_eq!(
            (a.kind, a.needs.clone()),
            (Kind::Startup, vec![Kind::Proof])
        );
        assert_eq!(a.from, ["UR-001", "UR-2"]);
        assert_eq!(a.class.as_deref(), Some("B"));
        for prose in [
            "It (at once) starts.",
            "It starts (see: there)",
            "a)",
            "(from here)",
        ] {
            assert_eq!(read(prose), (prose, Attributes::default(), vec![]));
        }
    }

    #[test]
    fn what_is_misspelt_is_a_flaw() {
        for bad in [
            "x (kind: start-up)",
            "x (kind: startup; clas: B)",
            "x (class: A; class: B)",
            "x (from: a b)",
            "x (needs: proof, luck)",
            "x (from: A,,B)",
        ] {
            assert_eq!(read(bad).2.len(), 1, "{bad}");
        }
    }

    #[test]
    fn order_does_not_count() {
        let a = read("x (from: A, B; class: C)").1;
        let b = read("x (class: C; from: B, A)").1;
        assert_eq!(a.canonical(), b.canonical());
        assert_ne!(a.canonical(), read("x (from: A, B)").1.canonical());
    }
}
