//! A commit's message as an answer has it: subject, body and QMS trailers, cut where they are long.

use std::collections::BTreeMap;

use super::answer;
use super::text::start_of;
use crate::model::change::Commit;
use crate::model::trailer;

/// Bytes of a subject, of a body and of a name that are given.
const MOST_SUBJECT: usize = 1_000;
const MOST_BODY: usize = 16 * 1024;
const MOST_NAME: usize = 500;

/// A commit as it is answered with.
pub fn commit(commit: &Commit, parents: Vec<String>) -> answer::Commit {
    let message = commit.message.as_deref().unwrap_or_default();
    let text = String::from_utf8_lossy(message);
    let (subject, body) = parts(&text);
    let (subject, long) = start_of(&subject, MOST_SUBJECT);
    let (body, longer) = start_of(body, MOST_BODY);
    answer::Commit {
        id: commit.id.clone(),
        parents,
        author: start_of(&commit.author.name, MOST_NAME).0.to_owned(),
        email: start_of(&commit.author.email, MOST_NAME).0.to_owned(),
        date: commit.author.date(),
        subject: subject.to_owned(),
        body: body.to_owned(),
        trailers: trailers(message),
        cut: long || longer,
    }
}

/// The first paragraph on one line, and what follows it.
pub fn parts(message: &str) -> (String, &str) {
    let mut rest = message;
    let mut subject = String::new();
    while !rest.is_empty() {
        let (line, tail) = rest.split_once('\n').unwrap_or((rest, ""));
        let line = line.trim_end();
        if line.is_empty() && !subject.is_empty() {
            break;
        }
        if !line.is_empty() {
            if !subject.is_empty() {
                subject.push(' ');
            }
            subject.push_str(line);
        }
        rest = tail;
    }
    (subject, rest.trim_start_matches(['\n', '\r']).trim_end())
}

fn trailers(message: &[u8]) -> BTreeMap<String, String> {
    let read = trailer::carries(message)
        .then(|| trailer::read(message).ok())
        .flatten()
        .unwrap_or_default();
    let value = |key| read.value(key).unwrap_or_default().to_owned();
    let keys = read.keys();
    keys.map(|key| (key.as_str().to_owned(), value(key)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_a_subject_and_a_body() {
        for (message, subject, body) in [
            ("", "", ""),
            ("One\n", "One", ""),
            (
                "\n\nOne\ntwo\n\n\nBody\n\nmore\n\n",
                "One two",
                "Body\n\nmore",
            ),
            ("One\r\n\r\nBody", "One", "Body"),
        ] {
            assert_eq!(parts(message), (subject.to_owned(), body), "{message:?}");
        }
    }

    #[test]
    fn m3_a_long_message_is_cut_and_says_so() {
        let long = Commit {
            message: Some(format!("{}\n\n{}", "ä".repeat(600), "x".repeat(20_000)).into_bytes()),
            ..Commit::default()
        };
        let given = commit(&long, Vec::new());
        assert!(given.cut);
        assert_eq!((given.subject.len(), given.body.len()), (1_000, 16_384));
        assert!(!commit(&Commit::default(), Vec::new()).cut);
    }

    #[test]
    fn trailers_are_given_only_where_they_are_well_formed() {
        let of = |text: &str| trailers(text.as_bytes()).into_iter().collect::<Vec<_>>();
        assert_eq!(
            of("S\n\nQMS-Change: CR-001\nQMS-Actor: dev\n"),
            [
                ("QMS-Actor".to_owned(), "dev".to_owned()),
                ("QMS-Change".to_owned(), "CR-001".to_owned())
            ]
        );
        assert!(of("S\n\nQMS-Change: CR-001\nQMS-Change: CR-002\n").is_empty());
    }
}
