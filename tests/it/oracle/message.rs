//! Messages as the oracle reads them, by the sentences of model.md "Trailers".

use std::collections::BTreeMap;

/// In the order in which they are written.
pub(crate) const KEYS: [&str; 16] = [
    "QMS-Action",
    "QMS-Document",
    "QMS-Change",
    "QMS-Item",
    "QMS-Actor",
    "QMS-Status",
    "QMS-Version",
    "QMS-Before",
    "QMS-Digest",
    "QMS-Outcome",
    "QMS-Users",
    "QMS-Ends",
    "QMS-Evidence",
    "QMS-Authority",
    "QMS-Request",
    "QMS-Reason",
];

/// The trailers of a message, whoever is named as co-author, and whether anything stands between subject and block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trailers {
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) co_authors: Vec<(String, String)>,
    pub(crate) has_body: bool,
}

impl Trailers {
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        self.values.get(&format!("QMS-{key}")).map(String::as_str)
    }

    pub(crate) fn users(&self) -> Vec<String> {
        match self.value("Users") {
            None | Some("-") => Vec::new(),
            Some(list) => list.split(", ").map(str::to_owned).collect(),
        }
    }
}

/// The key that a line begins with, trimmed and folded.
fn key(line: &str) -> Option<String> {
    let (key, _) = line.split_once(':')?;
    Some(key.trim().to_lowercase())
}

fn known(line: &str) -> bool {
    key(line).is_some_and(|k| KEYS.iter().any(|known| known.to_lowercase() == k))
}

fn is_ours(line: &str) -> bool {
    let token = |k: &str| k.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    key(line).is_some_and(|k| k.starts_with("qms-") && token(&k))
}

/// `None`: the message carries no QMS trailer and may say what it likes. `Err`: it does, and not as it must.
pub(crate) fn read(message: &str) -> Option<Result<Trailers, &'static str>> {
    let (text, block) = match message.trim_end_matches('\n').rsplit_once("\n\n") {
        Some((text, block)) => (text, block),
        None => ("", message.trim_end_matches('\n')),
    };
    if !message.lines().any(known) && !block.lines().any(is_ours) {
        return None;
    }
    Some(strict(message, text, block))
}

fn strict(message: &str, text: &str, block: &str) -> Result<Trailers, &'static str> {
    if message
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err("a control character");
    }
    if text.lines().any(known) {
        return Err("a trailer outside of the block");
    }
    if text.is_empty() || message.ends_with("\n\n") {
        return Err("the block is not at the end of a message");
    }
    let mut out = Trailers {
        has_body: text.trim().contains("\n\n"),
        ..Trailers::default()
    };
    for line in block.lines() {
        let Some((name, value)) = line.split_once(": ") else {
            return Err("a line that is no trailer");
        };
        if name.eq_ignore_ascii_case("co-authored-by") {
            let (name, mail) = value.split_once(" <").unwrap_or((value, ""));
            let mail = mail.trim_end_matches('>').to_owned();
            out.co_authors.push((name.to_owned(), mail));
        } else if !name.to_lowercase().trim().starts_with("qms-") {
            if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                return Err("a line that is no trailer");
            }
        } else if !KEYS.contains(&name) {
            return Err("no key that is known");
        } else if value.trim() != value || value.is_empty() {
            return Err("a padded or empty value");
        } else if out
            .values
            .insert(name.to_owned(), value.to_owned())
            .is_some()
        {
            return Err("a key twice");
        }
    }
    Ok(out)
}

/// A message with its block.
pub(crate) fn write(text: &str, trailers: &[(&str, String)]) -> String {
    let place = |key: &str| {
        KEYS.iter()
            .position(|k| k.strip_prefix("QMS-") == Some(key))
    };
    let mut sorted = trailers.to_vec();
    sorted.sort_by_key(|(key, _)| place(key));
    let lines: String = sorted
        .iter()
        .map(|(key, value)| match place(key) {
            Some(_) => format!("QMS-{key}: {value}\n"),
            None => format!("{key}: {value}\n"),
        })
        .collect();
    format!("{text}\n\n{lines}")
}
