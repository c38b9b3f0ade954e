//! In which forms a command answers: all as text and JSON, some in others too.

use clap::ValueEnum;

use super::args::{Command, PolicyCommand};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
    /// Of a check, as the next three, and of qms trace
    Sarif,
    Github,
    Gitlab,
    Junit,
    /// Of qms trace, as the rest
    Csv,
    Html,
    Md,
    Reqif,
}

const CHECKS: &[&str] = &["qms check", "qms policy check", "qms verify"];
const TRACE: &[&str] = &["qms trace"];
const DIFF: &[&str] = &["qms trace --diff"];

/// The commands that have a format beside text and JSON.
const MORE: &[(Format, &[&[&str]])] = &[
    (Format::Sarif, &[CHECKS, TRACE]),
    (Format::Github, &[CHECKS]),
    (Format::Gitlab, &[CHECKS]),
    (Format::Junit, &[CHECKS]),
    (Format::Csv, &[TRACE]),
    (Format::Html, &[TRACE]),
    (Format::Md, &[TRACE, DIFF]),
    (Format::Reqif, &[TRACE]),
];

impl Format {
    /// Refuses the formats that only other commands have.
    pub(super) fn fits(self, command: &Command) -> anyhow::Result<()> {
        let own = name(command);
        let has = |groups: &[&[&str]]| groups.concat().contains(&own);
        let Some((_, groups)) = MORE.iter().find(|(format, _)| *format == self) else {
            return Ok(());
        };
        if !has(groups) {
            let mut here: Vec<String> = vec!["text".to_owned(), "json".to_owned()];
            here.extend(MORE.iter().filter(|(_, g)| has(g)).map(|(f, _)| f.word()));
            anyhow::bail!(
                "`--format {}` is for {}; here it is {}",
                self.word(),
                listed(&groups.concat(), "and"),
                listed(&here, "or")
            );
        }
        Ok(())
    }

    fn word(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// A command as `MORE` calls it; nothing for those that it does not name.
fn name(command: &Command) -> &'static str {
    match command {
        Command::Check { .. } => "qms check",
        Command::Verify(_) => "qms verify",
        Command::Policy {
            command: PolicyCommand::Check { .. },
        } => "qms policy check",
        Command::Trace(wanted) => wanted.name(),
        _ => "",
    }
}

/// `a, b and c`.
fn listed<T: AsRef<str>>(words: &[T], last: &str) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        Some((end, [])) => (*end).to_owned(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
        None => String::new(),
    }
}
