//! What a shell may put where the cursor stands. A table says by an argument's name what is offered for it; nothing is
//! offered outside of a governed repository, and no error ever reaches the prompt.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::{Arg, Command, ValueHint};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::Shells;

use super::args;
use super::print;
use crate::model::kind::{Id, KINDS, Kind};
use crate::model::people::{Group, User, UserKind};
use crate::model::status::{Action, Status};
use crate::ops::Session;
use crate::ops::offers::{self, Offered};
use crate::report::{docs, text::printable};

/// The variable by which a shell says that it asks.
const ASKED: &str = "COMPLETE";

#[derive(Clone, Copy)]
enum Offer {
    /// Documents; for a move those in which it is open.
    Documents,
    /// Those under which a document can be created.
    Parents,
    /// Those under which work can be done.
    Changes,
    People,
    Judges,
    Initiators,
    Types,
    Statuses,
    Groups,
    Kinds,
    /// Items of the document that the line names.
    Items,
    /// Its sections, by number.
    Sections,
    Rules,
    RulesAndDocuments,
    Folders,
    Files,
}

/// What is offered for an argument: by command and name, else by the name of its value, else by its own.
const OFFERS: &[(&str, Offer)] = &[
    ("use/id", Offer::Changes),
    ("set/name", Offer::People),
    ("leave/name", Offer::People),
    ("revoke/name", Offer::People),
    ("DIR", Offer::Folders),
    ("FILE", Offer::Files),
    ("PATH", Offer::Files),
    ("TYPE", Offer::Types),
    ("RULE", Offer::Rules),
    ("id", Offer::Documents),
    ("parent", Offer::Parents),
    ("change", Offer::Changes),
    ("user", Offer::People),
    ("agent", Offer::People),
    ("owner", Offer::People),
    ("assignees", Offer::Judges),
    ("remove", Offer::Judges),
    ("to", Offer::Initiators),
    ("type", Offer::Types),
    ("status", Offer::Statuses),
    ("group", Offer::Groups),
    ("kind", Offer::Kinds),
    ("item", Offer::Items),
    ("section", Offer::Sections),
    ("rule", Offer::Rules),
    ("what", Offer::RulesAndDocuments),
];

/// The argument of `qms completions`.
#[derive(clap::Args)]
pub(super) struct Completions {
    #[arg(value_name = "SHELL", value_parser = ["bash", "elvish", "fish", "powershell", "zsh"])]
    shell: String,
}

/// Prints what a shell is to source.
// Implements: REQ-QMS-CMD-COMPLETIONS
pub(super) fn run(wanted: &Completions) -> Result<ExitCode> {
    let shells = Shells::builtins();
    let shell = shells
        .completer(&wanted.shell)
        .with_context(|| format!("`{}` is no shell that is known", wanted.shell))?;
    // As it was called: by a name that the shell finds again, or by a path that it can find from anywhere.
    let called = PathBuf::from(std::env::args_os().next().unwrap_or_else(|| "qms".into()));
    let called = match called.components().count() {
        0 | 1 => called,
        _ => std::env::current_dir()?.join(called),
    };
    let mut script = Vec::new();
    shell.write_registration(ASKED, "qms", "qms", &called.to_string_lossy(), &mut script)?;
    print::bytes(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// Answers a shell that asks: `COMPLETE=SHELL qms -- WORDS`. False where none does.
pub(super) fn answered() -> bool {
    let args: Vec<OsString> = std::env::args_os().collect();
    // The variable alone says nothing: it may stand in somebody's environment.
    if std::env::var_os(ASKED).is_none() || args.get(1).is_none_or(|a| a != "--") {
        return false;
    }
    std::panic::set_hook(Box::new(|_| {}));
    let _ = std::panic::catch_unwind(|| {
        let words = Words::of(&args[2..]);
        // A folder that is not there may be one that is still being typed.
        let _ = words.after("-C").map(std::env::set_current_dir);
        let here = std::env::current_dir().ok();
        let command = || offering(&words);
        CompleteEnv::with_factory(command)
            .var(ASKED)
            .try_complete(args.clone(), here.as_deref())
    });
    true
}

/// The line so far.
#[derive(Clone)]
struct Words(Arc<[String]>);

impl Words {
    fn of(words: &[OsString]) -> Words {
        let text = |w: &OsString| w.to_string_lossy().into_owned();
        Words(words.iter().map(text).collect())
    }

    /// The word that follows another, where it is written to its end.
    fn after(&self, word: &str) -> Option<&str> {
        let at = self.0.iter().position(|w| w == word)?;
        let last = self.0.len() - 1;
        self.0[..last].get(at + 1).map(String::as_str)
    }

    /// The document that a line is about: the first word that is an id.
    fn document(&self) -> Result<&str> {
        let typed = self.0[..self.0.len().saturating_sub(1)].iter();
        let mut ids = typed.filter(|w| Id::parse(&w.to_ascii_uppercase()).is_some());
        ids.next()
            .map(String::as_str)
            .context("no document is named")
    }

    /// The type of which a document is to be created.
    fn kind(&self) -> Option<&'static Kind> {
        Kind::of(&self.after("create")?.to_ascii_uppercase())
    }
}

/// The whole command line, with what is offered for its arguments.
fn offering(words: &Words) -> Command {
    let mut command = args::command();
    command.build();
    with_offers(command, words)
}

fn with_offers(command: Command, words: &Words) -> Command {
    let name = command.get_name().to_owned();
    command
        .mut_args(|arg| {
            // A hidden option is offered only where there is nothing else: values come alone.
            let arg = if arg.is_positional() {
                arg
            } else {
                arg.hide(true)
            };
            match offer_of(&name, &arg) {
                Some(Offer::Folders) => arg.value_hint(ValueHint::DirPath),
                Some(Offer::Files) => arg.value_hint(ValueHint::AnyPath),
                Some(offer) => {
                    let (command, words) = (name.clone(), words.clone());
                    arg.add(ArgValueCompleter::new(move |typed: &OsStr| {
                        candidates(offer, &command, &words, typed).unwrap_or_default()
                    }))
                }
                None => arg,
            }
        })
        .mut_subcommands(|sub| with_offers(sub, words))
}

fn offer_of(command: &str, arg: &Arg) -> Option<Offer> {
    if !arg.get_action().takes_values() {
        return None;
    }
    let find = |key: &str| OFFERS.iter().find(|(k, _)| *k == key).map(|(_, o)| *o);
    let value = arg.get_value_names().and_then(<[_]>::first);
    find(&format!("{command}/{}", arg.get_id()))
        .or_else(|| find(value?))
        .or_else(|| find(arg.get_id().as_str()))
}

fn candidates(
    offer: Offer,
    command: &str,
    words: &Words,
    typed: &OsStr,
) -> Result<Vec<CompletionCandidate>> {
    let typed = typed.to_str().context("not text")?;
    let all = match offer {
        Offer::Documents | Offer::Parents | Offer::Changes => {
            return documents(offer, command, words, typed);
        }
        Offer::People => people(words, typed, |_| true)?,
        Offer::Judges => people(words, typed, User::judges)?,
        Offer::Initiators => people(words, typed, User::initiates)?,
        Offer::Types => named(KINDS, |k| (k.name, k.title)),
        Offer::Statuses => named(Status::ALL, |s| (s.as_str(), "")),
        Offer::Groups => named(Group::ALL, |g| (g.as_str(), "")),
        Offer::Kinds => named(UserKind::ALL, |k| (k.as_str(), "")),
        Offer::Items => offers::items(&session(words)?, words.document()?)?
            .iter()
            .map(|(item, task)| candidate(item, task))
            .collect(),
        Offer::Sections => offers::sections(&session(words)?, words.document()?)?
            .iter()
            .map(|(name, title)| candidate(name, title))
            .collect(),
        Offer::Rules => rules().collect(),
        Offer::RulesAndDocuments => {
            let documents = documents(Offer::Documents, command, words, typed);
            rules().chain(documents.unwrap_or_default()).collect()
        }
        Offer::Folders | Offer::Files => Vec::new(),
    };
    let fits = |c: &CompletionCandidate| {
        let value = c.get_value().to_string_lossy();
        value
            .get(..typed.len())
            .is_some_and(|v| v.eq_ignore_ascii_case(typed))
    };
    Ok(all.into_iter().filter(fits).collect())
}

fn rules() -> impl Iterator<Item = CompletionCandidate> {
    docs::rules().map(|r| candidate(r.id, r.demands))
}

fn named<T>(
    all: &'static [T],
    names: impl Fn(&'static T) -> (&'static str, &'static str),
) -> Vec<CompletionCandidate> {
    let one = |item| {
        let (name, help) = names(item);
        candidate(name, help)
    };
    all.iter().map(one).collect()
}

fn candidate(value: &str, help: &str) -> CompletionCandidate {
    let help = Some(printable(help)).filter(|h| !h.is_empty());
    CompletionCandidate::new(value).help(help.map(Into::into))
}

fn session(words: &Words) -> Result<Session> {
    let given = words.after("--user").map(str::to_owned);
    let user = given.or_else(|| std::env::var("QMS_USER").ok());
    Session::open(Path::new("."), user.filter(|u| !u.is_empty()))
}

fn people(
    words: &Words,
    typed: &str,
    wanted: impl Fn(&User) -> bool,
) -> Result<Vec<CompletionCandidate>> {
    // Nobody is named twice in a list of people.
    let is_new = |name: &str| name == typed || !words.0.iter().any(|w| w == name);
    let all = offers::people(&session(words)?)?.into_iter();
    let wanted = all.filter(|(name, user)| wanted(user) && is_new(name));
    let groups = |user: &User| {
        let names: Vec<_> = user.groups.iter().map(|g| g.as_str()).collect();
        names.join(", ")
    };
    Ok(wanted.map(|(n, u)| candidate(&n, &groups(&u))).collect())
}

fn documents(
    offer: Offer,
    command: &str,
    words: &Words,
    typed: &str,
) -> Result<Vec<CompletionCandidate>> {
    let actions = actions(command);
    let kind = words.kind();
    let parents = |d: &Offered| {
        KINDS
            .iter()
            .filter(|k| kind.is_none_or(|kind| kind == *k))
            .any(|k| {
                k.parents.contains(&d.id.kind().name) && k.parent_states.contains(&d.view.status)
            })
    };
    let wanted = |d: &Offered| match offer {
        Offer::Parents => parents(d),
        Offer::Changes => d.id.kind().has_scope && d.view.status == Status::InExecution,
        _ => actions.is_empty() || d.open,
    };
    let all = offers::documents(&session(words)?, typed, actions)?;
    // Who types the name of another document means it, and is told why not when he asks for it.
    let any = all.iter().any(wanted) || typed.is_empty();
    let shown = all.iter().filter(|d| !any || wanted(d));
    let help = |d: &Offered| format!("{}, {}", d.view.status, d.view.title);
    Ok(shown.map(|d| candidate(d.id.as_str(), &help(d))).collect())
}

/// The moves with which a command can begin.
fn actions(command: &str) -> &'static [Action] {
    match command {
        "checkout" => &[Action::Checkout, Action::Withdraw],
        "route" => &[Action::RouteReview, Action::RouteApproval],
        _ => Action::ALL
            .iter()
            .position(|a| a.as_str() == command)
            .map_or(&[], |at| &Action::ALL[at..=at]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all<'a>(command: &'a Command, found: &mut Vec<(&'a str, &'a Arg)>) {
        found.extend(command.get_arguments().map(|a| (command.get_name(), a)));
        for sub in command.get_subcommands() {
            all(sub, found);
        }
    }

    #[test]
    fn an_argument_that_names_a_document_or_a_person_has_candidates() {
        let mut command = args::command();
        command.build();
        let mut found = Vec::new();
        all(&command, &mut found);
        let offered = |id: &str| {
            let (mut of, mut without) = (0, Vec::new());
            for (command, arg) in found.iter().filter(|(_, a)| a.get_id() == id) {
                of += 1;
                if offer_of(command, arg).is_none() {
                    without.push(*command);
                }
            }
            assert!(of > 0, "no argument `{id}`");
            assert!(without.is_empty(), "`{id}` of {without:?}");
        };
        for id in [
            "id",
            "parent",
            "assignees",
            "remove",
            "to",
            "user",
            "type",
            "what",
            "item",
            "section",
        ] {
            offered(id);
        }
    }

    #[test]
    fn a_command_that_is_a_move_knows_which() {
        assert_eq!(actions("approve"), [Action::Approve]);
        assert_eq!(actions("route").len(), 2);
        assert!(actions("status").is_empty());
    }
}
