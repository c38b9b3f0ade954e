//! Tools that look at code: bounded and paged, from the objects of commits alone.

use anyhow::Result;

use super::exec;
use super::tool::{Call, Kind, Nothing, Tool, of};
use crate::model::browse::answer::{Blame, Diff, Grep, Log, Ls, Show, Standing};
use crate::model::browse::ask;
use crate::ops::browse;

pub(super) fn tools() -> Vec<Tool> {
    use Kind::Reads;
    vec![
        of(
            "git_status",
            Reads,
            "The branch that is served, its last commit, and how far it is from its remote.",
            status,
        ),
        of(
            "git_log",
            Reads,
            "Commits from a revision back, the last first, with who made them and their trailers.",
            log,
        ),
        of(
            "git_show",
            Reads,
            "A commit with the paths that it changes and, if asked, their patches; or a file as it is in a commit (`path` and `content`).",
            show,
        ),
        of(
            "git_diff",
            Reads,
            "What differs between two commits, and the patches if asked.",
            diff,
        ),
        of("git_ls", Reads, "The entries of a folder in a commit.", ls),
        of(
            "git_grep",
            Reads,
            "Lines of files in a commit that match a pattern.",
            grep,
        ),
        of(
            "git_blame",
            Reads,
            "Which commit brought each line of a file.",
            blame,
        ),
        of(
            "git_exec",
            Reads,
            "For those used to a command line: a read-only git command such as `git log -n 5 -- src`, answered by the tool that does it. Nothing is run; what is no such command is refused with the tool to use.",
            exec::run,
        ),
    ]
}

// Implements: REQ-QMS-TOOL-GIT-STATUS
fn status(call: &Call, _: Nothing) -> Result<Standing> {
    browse::status(&call.session)
}

// Implements: REQ-QMS-TOOL-GIT-LOG
fn log(call: &Call, asked: ask::Log) -> Result<Log> {
    browse::log(&call.session, &asked)
}

// Implements: REQ-QMS-TOOL-GIT-SHOW
fn show(call: &Call, asked: ask::Show) -> Result<Show> {
    browse::show(&call.session, &asked)
}

// Implements: REQ-QMS-TOOL-GIT-DIFF
fn diff(call: &Call, asked: ask::Diff) -> Result<Diff> {
    browse::diff(&call.session, &asked)
}

// Implements: REQ-QMS-TOOL-GIT-LS
fn ls(call: &Call, asked: ask::Ls) -> Result<Ls> {
    browse::ls(&call.session, &asked)
}

// Implements: REQ-QMS-TOOL-GIT-GREP
fn grep(call: &Call, asked: ask::Grep) -> Result<Grep> {
    browse::grep(&call.session, &asked)
}

// Implements: REQ-QMS-TOOL-GIT-BLAME
fn blame(call: &Call, asked: ask::Blame) -> Result<Blame> {
    browse::blame(&call.session, &asked)
}
