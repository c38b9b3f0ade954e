//! What a document's name says: type, number, parent, place. Source: lifecycle.md "Types".

use std::fmt;

use super::kind::{Class, Kind, Naming};
use super::path::TreePath;

/// The id of a document: ASCII, its file name without `.md`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

impl Id {
    /// Reads an id; `None` where no row of the types table makes such a name.
    pub fn parse(text: &str) -> Option<Id> {
        kind_of(text).map(|_| Id(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn kind(&self) -> &'static Kind {
        kind_of(&self.0).expect("an id is made by parse")
    }

    /// The id that this one is a child of: `CR-045` of `CR-045-VAR-001`.
    pub fn parent(&self) -> Option<Id> {
        split_child(&self.0).map(|(parent, _, _)| Id(parent.to_owned()))
    }

    /// The document at the top: its folder holds the whole family.
    pub fn root(&self) -> Id {
        self.parent().map_or_else(|| self.clone(), |p| p.root())
    }

    /// The running number, where the type has one.
    pub fn number(&self) -> Option<u32> {
        self.0.rsplit_once('-').and_then(|(_, n)| number(n))
    }

    /// The number `n` of a type, below `parent` where the type is a child.
    pub fn numbered(kind: &Kind, parent: Option<&Id>, n: u32) -> Id {
        let id = format!("{}-{n:03}", kind.name);
        Id(parent.map_or_else(|| id.clone(), |p| format!("{p}-{id}")))
    }

    /// `SDLC-NAME-RS` and `TEMPLATE-NAME`; `None` where the name is not capitals, digits and dashes.
    pub fn named(kind: &Kind, name: &str) -> Option<Id> {
        match kind.naming {
            Naming::System => Id::parse(&format!("SDLC-{name}-{}", kind.name)),
            Naming::Named => Id::parse(&format!("{}-{name}", kind.name)),
            Naming::Number | Naming::Child => None,
        }
    }

    /// Where the document lives below the document folder, for its whole life.
    pub fn path(&self, folder: &str) -> TreePath {
        let home = self.home();
        TreePath::from(format!("{folder}/{home}/{}.md", self.0).as_str())
    }

    /// The folder of this id's siblings, relative to the document folder.
    pub fn home(&self) -> String {
        let root = self.root();
        let kind = root.kind();
        match kind.naming {
            Naming::System => root
                .0
                .trim_end_matches(kind.name)
                .trim_end_matches('-')
                .to_owned(),
            Naming::Number if kind.is_executable() => format!("{}/{root}", kind.name),
            _ => kind.name.to_owned(),
        }
    }

    /// The document whose one place a path is.
    pub fn at_home(path: &TreePath, folder: &str) -> Option<Id> {
        Id::of_path(path, folder).filter(|id| id.path(folder) == *path)
    }

    /// Whether this is an attachment of `parent`: closed with it, in its commit.
    pub fn is_attachment_of(&self, parent: &Id) -> bool {
        self.kind().class == Class::Attachment && self.parent().as_ref() == Some(parent)
    }

    /// The document that a path is by its name, anywhere below the document folder. Whether it is in its
    /// one place is another question (`Id::path`).
    pub fn of_path(path: &TreePath, folder: &str) -> Option<Id> {
        if !path.is_below(folder) {
            return None;
        }
        let name = std::str::from_utf8(path.name()).ok()?;
        // Case folding finds `CR-045.MD` and `cr-045.md`, which a checkout may not tell from the real one.
        let upper = name.to_ascii_uppercase();
        Id::parse(upper.strip_suffix(".MD")?)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Three digits or more, without a superfluous zero in front: `1` and `0045` would be second spellings.
fn number(digits: &str) -> Option<u32> {
    let plain =
        digits.len() == 3 || (digits.len() > 3 && digits.len() <= 9 && !digits.starts_with('0'));
    (plain && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
        .filter(|n| *n > 0)
}

/// `CR-045-VAR-001` as parent, type and number; only where the parent may have such a child.
fn split_child(text: &str) -> Option<(&str, &'static Kind, u32)> {
    let (rest, digits) = text.rsplit_once('-')?;
    let (parent, name) = rest.rsplit_once('-')?;
    let kind = Kind::of(name).filter(|k| k.naming == Naming::Child)?;
    let above = kind_of(parent)?;
    kind.parents
        .contains(&above.name)
        .then_some((parent, kind, number(digits)?))
}

fn kind_of(text: &str) -> Option<&'static Kind> {
    if text.len() > 120 {
        return None;
    }
    if let Some((_, kind, _)) = split_child(text) {
        return Some(kind);
    }
    let (first, rest) = text.split_once('-')?;
    match Kind::of(first) {
        Some(kind) if kind.naming == Naming::Number => number(rest).map(|_| kind),
        Some(kind) if kind.naming == Naming::Named => is_name(rest).then_some(kind),
        _ if first == "SDLC" => {
            let (system, name) = rest.rsplit_once('-')?;
            Kind::of(name).filter(|k| k.naming == Naming::System && is_name(system))
        }
        _ => None,
    }
}

fn is_name(text: &str) -> bool {
    let word = |w: &str| {
        !w.is_empty()
            && w.bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    text.split('-').all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Id {
        Id::parse(text).unwrap_or_else(|| panic!("{text} is an id"))
    }

    #[test]
    fn names_say_type_parent_and_place() {
        for (text, kind, parent, path) in [
            ("CR-045", "CR", None, "QMS/CR/CR-045/CR-045.md"),
            (
                "CR-045-VAR-001",
                "VAR",
                Some("CR-045"),
                "QMS/CR/CR-045/CR-045-VAR-001.md",
            ),
            (
                "CR-091-ADD-001-VAR-001",
                "VAR",
                Some("CR-091-ADD-001"),
                "QMS/CR/CR-091/CR-091-ADD-001-VAR-001.md",
            ),
            (
                "CR-045-TP-001-ER-001-ER-002",
                "ER",
                Some("CR-045-TP-001-ER-001"),
                "QMS/CR/CR-045/CR-045-TP-001-ER-001-ER-002.md",
            ),
            ("INV-008", "INV", None, "QMS/INV/INV-008/INV-008.md"),
            ("SOP-001", "SOP", None, "QMS/SOP/SOP-001.md"),
            ("SDLC-QMS-RTM", "RTM", None, "QMS/SDLC-QMS/SDLC-QMS-RTM.md"),
            (
                "SDLC-FLOW-STATE-RS",
                "RS",
                None,
                "QMS/SDLC-FLOW-STATE/SDLC-FLOW-STATE-RS.md",
            ),
            (
                "TEMPLATE-CR",
                "TEMPLATE",
                None,
                "QMS/TEMPLATE/TEMPLATE-CR.md",
            ),
            ("CR-1000", "CR", None, "QMS/CR/CR-1000/CR-1000.md"),
        ] {
            let id = id(text);
            assert_eq!(id.kind().name, kind);
            assert_eq!(id.parent().as_ref().map(Id::as_str), parent);
            assert_eq!(id.path("QMS"), TreePath::from(path));
            assert_eq!(Id::of_path(&TreePath::from(path), "QMS"), Some(id));
        }
    }

    #[test]
    fn other_names_are_no_ids() {
        for text in [
            "CR-45",
            "CR-0045",
            "CR-000",
            "cr-045",
            "CR-045-draft",
            "CR-045-CR-001",
            "SOP-001-VAR-001",
            "CR-045-VAR-1",
            "VAR-001",
            "SDLC-RS",
            "SDLC-qms-RS",
            "TEMPLATE-",
            "CR-045 ",
            "CR-045-VR-001-VR-001",
            "INV-001-TP-001",
            "CR-",
            "-001",
            "",
        ] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
        assert_eq!(
            Id::of_path(&TreePath::from("docs/QMS/CR/CR-045/CR-045.md"), "QMS"),
            None
        );
        assert_eq!(
            Id::of_path(&TreePath::from("QMS/sop/sop-001.MD"), "QMS"),
            Some(id("SOP-001"))
        );
    }

    #[test]
    fn ids_are_made_from_numbers_and_names() {
        let kind = |n| Kind::of(n).expect("a type");
        assert_eq!(Id::numbered(kind("CR"), None, 7), id("CR-007"));
        assert_eq!(
            Id::numbered(kind("VAR"), Some(&id("CR-007")), 12),
            id("CR-007-VAR-012")
        );
        assert_eq!(Id::named(kind("RS"), "QMS"), Some(id("SDLC-QMS-RS")));
        assert_eq!(Id::named(kind("TEMPLATE"), "a b"), None);
    }
}
