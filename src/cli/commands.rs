//! The README's table of commands, from the same tables that parse them.

use clap::{Arg, ArgAction, Command};

/// Every command with its arguments and what it does, as a Markdown table.
pub fn table() -> String {
    let mut out = String::from("| command | what it does |\n| --- | --- |\n");
    each(&whole(), &mut |command| out.push_str(&row(command)));
    out
}

/// What every command is called behind `qms`.
pub fn names() -> Vec<String> {
    let mut out = Vec::new();
    each(&whole(), &mut |command| {
        let name = command.get_bin_name().unwrap_or(command.get_name());
        out.push(name.trim_start_matches("qms ").to_owned());
    });
    out
}

fn whole() -> Command {
    let mut command = super::args::command().disable_help_subcommand(true);
    command.build();
    command
}

/// Each command that does something, in the order of the help.
fn each(command: &Command, to: &mut dyn FnMut(&Command)) {
    for inner in command.get_subcommands().filter(|c| !c.is_hide_set()) {
        // Some commands do something by themselves too.
        if !inner.has_subcommands() || inner.is_args_conflicts_with_subcommands_set() {
            to(inner);
        }
        each(inner, to);
    }
}

fn row(command: &Command) -> String {
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let args = command.get_arguments().filter(|a| shown(a)).map(word);
    let words: Vec<String> = [name.to_owned()].into_iter().chain(args).collect();
    // A bar would end the cell.
    let line = words.join(" ").replace('|', "\\|");
    format!("| `{line}` | {} |\n", about.replace('|', "\\|"))
}

/// What every command takes is said once, below the table; so is `--push`.
fn shown(arg: &Arg) -> bool {
    let everywhere = ["help", "user", "format", "dir", "push"];
    let version = matches!(arg.get_action(), ArgAction::Version);
    !arg.is_hide_set()
        && !version
        && (!arg.is_global_set() || arg.is_positional())
        && !everywhere.contains(&arg.get_id().as_str())
}

fn word(arg: &Arg) -> String {
    let value = arg
        .get_value_names()
        .and_then(|n| n.first())
        .map(ToString::to_string);
    let words: Vec<String> = arg
        .get_possible_values()
        .iter()
        .map(|v| v.get_name().to_owned())
        .collect();
    let value = match words.is_empty() {
        true => value.unwrap_or_else(|| arg.get_id().as_str().to_uppercase()),
        false => words.join("|"),
    };
    let many = arg.get_num_args().is_some_and(|n| n.max_values() > 1)
        || matches!(arg.get_action(), ArgAction::Append);
    let value = if many { format!("{value}…") } else { value };
    let text = match (arg.get_long(), arg.get_action()) {
        (None, _) => value,
        (Some(long), ArgAction::SetTrue) => format!("--{long}"),
        (Some(long), _) => format!("--{long} {value}"),
    };
    if arg.is_required_set() {
        text
    } else {
        format!("[{text}]")
    }
}
