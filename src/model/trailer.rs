//! Trailers: the keys, the block, and writing it into a message. Reading is `message`'s. Source: model.md "Trailers".

use super::message::is_foreign_trailer;
pub use super::message::{Fault, Misread, body, carries, read};

macro_rules! keys {
    ($($variant:ident = $text:literal),* $(,)?) => {
        /// A trailer that qms knows; the order is that of writing.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Key { $($variant),* }

        impl Key {
            pub const ALL: &'static [Key] = &[$(Key::$variant),*];

            pub fn as_str(self) -> &'static str {
                match self { $(Key::$variant => $text),* }
            }
        }
    };
}

keys! {
    Action = "QMS-Action",
    Document = "QMS-Document",
    Change = "QMS-Change",
    Item = "QMS-Item",
    Actor = "QMS-Actor",
    Status = "QMS-Status",
    Version = "QMS-Version",
    Before = "QMS-Before",
    Digest = "QMS-Digest",
    Outcome = "QMS-Outcome",
    Users = "QMS-Users",
    Ends = "QMS-Ends",
    Evidence = "QMS-Evidence",
    Authority = "QMS-Authority",
    Request = "QMS-Request",
    Reason = "QMS-Reason",
}

/// The QMS trailers of one message, and the co-authors beside them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trailers {
    values: Vec<(Key, String)>,
    /// `Name <mail>` of every `Co-authored-by`, as written.
    pub co_authors: Vec<String>,
}

impl Trailers {
    pub fn new(values: impl IntoIterator<Item = (Key, String)>) -> Trailers {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_by_key(|(key, _)| *key);
        Trailers {
            values,
            co_authors: Vec::new(),
        }
    }

    pub fn value(&self, key: Key) -> Option<&str> {
        self.values
            .iter()
            .find(|(k, _)| *k == key)
            .map(|(_, v)| v.as_str())
    }

    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.values.iter().map(|(k, _)| *k)
    }

    /// Adds a trailer that was read; the order of keys is restored by `Trailers::new` and `set`.
    pub(super) fn push(&mut self, key: Key, value: String) {
        self.values.push((key, value));
        self.values.sort_by_key(|(k, _)| *k);
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The names in `QMS-Users`, as written; `-` says nobody.
    pub fn users(&self) -> Vec<&str> {
        match self.value(Key::Users) {
            None | Some("-") => Vec::new(),
            Some(list) => list.split(", ").collect(),
        }
    }

    pub fn set(&mut self, key: Key, value: String) {
        self.values.retain(|(k, _)| *k != key);
        self.values.push((key, value));
        self.values.sort_by_key(|(k, _)| *k);
    }

    /// The block's lines, in the order of the keys.
    pub fn render(&self) -> String {
        self.values
            .iter()
            .map(|(key, value)| format!("{}: {value}\n", key.as_str()))
            .collect()
    }

    /// A whole message: subject and body as given, then the block. Foreign trailers that end the text stay
    /// in the same block. Refuses a text or value that our own reader would not take (threats.md F1).
    pub fn write(&self, text: &str) -> Result<String, Vec<Misread>> {
        let text = text.trim_end();
        let gap = if ends_in_trailers(text) { "\n" } else { "\n\n" };
        let message = format!("{text}{gap}{}", self.render());
        let back = read(message.as_bytes())?;
        if back.values == self.values {
            return Ok(message);
        }
        let message = "a value would be read back as something else".to_owned();
        Err(vec![Misread {
            fault: Fault::Shape,
            line: 1,
            message,
        }])
    }
}

/// Whether a text ends in a paragraph of trailers that are not ours.
pub fn ends_in_trailers(text: &str) -> bool {
    let last = text.trim_end().rsplit("\n\n").next().unwrap_or_default();
    text.contains("\n\n") && last.lines().all(is_foreign_trailer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_what_would_become_another_trailer_is_not_written() {
        let with = |value: &str| {
            Trailers::new([
                (Key::Reason, value.to_owned()),
                (Key::Action, "reject".to_owned()),
            ])
        };
        let message = with("why -> not")
            .write("Reject\n\nSigned-off-by: a <b>\n")
            .expect("writes");
        assert_eq!(
            message,
            "Reject\n\nSigned-off-by: a <b>\nQMS-Action: reject\nQMS-Reason: why -> not\n"
        );
        assert!(with("a\nQMS-Actor: qa").write("Reject").is_err());
        assert!(with("").write("Reject").is_err());
        assert!(with("x").write("Reject\n\nQMS-Action: approve").is_err());
        assert!(
            with("x")
                .write("Reject\n\n QMS-Action: approve\n\nmore")
                .is_err()
        );
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(value in "\\PC{1,30}", text in "[a-z]{1,9}(\n\n?\\PC{1,20}){0,3}") {
            let trailers = Trailers::new([(Key::Reason, value), (Key::Actor, "qa".to_owned())]);
            if let Ok(message) = trailers.write(&text) {
                assert_eq!(read(message.as_bytes()).map(|t| t.values), Ok(trailers.values));
            }
        }
    }
}
