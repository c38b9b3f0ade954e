//! A git command line, read and never run: the words that are known become the arguments of a tool that only looks; any
//! other is refused, and told which tool to use.

mod commands;
#[cfg(test)]
mod tests;
mod words;

use anyhow::{Context, Result, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::tool::{Call, tool};
use commands::{INSTEAD, KNOWN, Known};
pub(super) use words::words;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    /// Such as `git log -n 5 -- src`.
    command: String,
}

/// The tool that answered, what it was asked, and its answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Ran {
    tool: &'static str,
    arguments: Map<String, Value>,
    answer: Map<String, Value>,
}

// Implements: REQ-QMS-TOOL-GIT-EXEC
pub(super) fn run(call: &Call, line: Line) -> Result<Ran> {
    let (name, arguments) = read(&line.command)?;
    let known = tool(name).context("every command is a tool")?;
    let answer = (known.run)(call, Value::Object(arguments.clone()))?;
    let answer = answer.as_object().cloned();
    Ok(Ran {
        tool: name,
        answer: answer.context("every answer is an object")?,
        arguments,
    })
}

/// The tool and the arguments that a command means.
fn read(line: &str) -> Result<(&'static str, Map<String, Value>)> {
    let words = words(line)?;
    let mut words = words.iter().map(String::as_str);
    if words.next() != Some("git") {
        bail!("only git commands are answered here, such as `git log -n 5`");
    }
    let word = words.next().unwrap_or_default();
    if word.starts_with('-') {
        bail!(
            "no option may stand before git's command; say the command at once, such as `git log`"
        );
    }
    let Some(known) = KNOWN.iter().find(|known| known.word == word) else {
        let instead = INSTEAD.iter().find(|(words, _)| words.contains(&word));
        match instead {
            Some((_, tool)) => bail!("`git {word}` is not run here; use {tool}"),
            None => bail!(
                "that git command is not known here; there are {}",
                commands()
            ),
        }
    };
    Ok((known.tool, known.arguments(words)?))
}

fn commands() -> String {
    let all: Vec<&str> = KNOWN.iter().map(|known| known.word).collect();
    all.join(", ")
}

impl Known {
    fn arguments<'w>(&self, words: impl Iterator<Item = &'w str>) -> Result<Map<String, Value>> {
        let mut out = Map::new();
        let (mut paths, mut only_paths) = (Vec::new(), false);
        let mut places = self.words.iter();
        let mut words = words.peekable();
        while let Some(word) = words.next() {
            if word == "--" && !only_paths {
                only_paths = true;
            } else if only_paths {
                paths.push(word.to_owned());
            } else if word.starts_with('-') {
                let (name, given) = match word.split_once('=') {
                    Some((name, given)) => (name, Some(given)),
                    None => (word, None),
                };
                let Some((_, argument, value)) = self.flags.iter().find(|(flag, ..)| *flag == name)
                else {
                    bail!(
                        "that option of `git {}` is not known here; see the arguments of {}",
                        self.word,
                        self.tool
                    );
                };
                let value = match (value, given) {
                    (Some(value), None) => json!(value),
                    (None, Some(text)) => number_or_text(argument, text)?,
                    (None, None) => match words.next() {
                        Some(text) => number_or_text(argument, text)?,
                        None => bail!("`{name}` wants a value"),
                    },
                    (Some(_), Some(_)) => bail!("`{name}` takes no value"),
                };
                if !argument.is_empty() {
                    out.insert((*argument).to_owned(), value);
                }
            } else if let Some((from, to)) = word.split_once("..").filter(|_| self.word == "diff") {
                out.insert("from".to_owned(), json!(from));
                out.insert("to".to_owned(), json!(to));
                places.by_ref().for_each(drop);
            } else {
                let taken = |name: &&&str| !out.contains_key(**name);
                let Some(place) = places.find(taken) else {
                    bail!("`git {}` takes paths behind `--` here", self.word);
                };
                out.insert((*place).to_owned(), json!(word));
            }
        }
        self.place(&mut out, paths)?;
        Ok(out)
    }

    /// Puts paths where the tool takes them.
    fn place(&self, out: &mut Map<String, Value>, mut paths: Vec<String>) -> Result<()> {
        if paths.is_empty() {
            return Ok(());
        }
        let one = match self.tool {
            "git_log" | "git_diff" | "git_grep" => {
                out.insert("paths".to_owned(), json!(paths));
                return Ok(());
            }
            "git_show" | "git_blame" => "path",
            "git_ls" => "folder",
            _ => bail!("`git {}` takes no paths here", self.word),
        };
        let path = paths.pop().filter(|_| paths.is_empty());
        let Some(path) = path.filter(|_| !out.contains_key(one)) else {
            bail!("`git {}` takes one path here", self.word);
        };
        out.insert(one.to_owned(), json!(path));
        Ok(())
    }
}

fn number_or_text(argument: &str, text: &str) -> Result<Value> {
    match argument {
        "limit" | "skip" => match text.parse::<usize>() {
            Ok(number) => Ok(json!(number)),
            Err(_) => bail!("expected a number for `{argument}`"),
        },
        _ => Ok(json!(text)),
    }
}
