//! `qms man`: manual pages from the tables that also parse the command line and print `--help`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::args;
use super::print;

/// The arguments of `qms man`.
#[derive(clap::Args)]
pub(super) struct Pages {
    /// Write qms.1 and a page for each command there
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

type Rows = &'static [(&'static str, &'static str)];

/// Sections that every page has.
const SECTIONS: &[(&str, Rows)] = &[
    (
        "EXIT STATUS",
        &[
            ("0", "What was asked is done; nothing was found."),
            (
                "1",
                "It is refused, or something was found. Findings say why, and what to do.",
            ),
            (
                "2",
                "It could not be looked at: wrong arguments, no repository, a file that cannot be read.",
            ),
        ],
    ),
    (
        "ENVIRONMENT",
        &[
            (
                "QMS_USER",
                "Who acts, as by --user. It must be who git says you are.",
            ),
            (
                "QMS_CHANGE",
                "The change that a commit is made under; before what qms use says.",
            ),
            ("QMS_ITEM", "The execution item of that change."),
            (
                "QMS_SIGNING_KEY",
                "The key file with which a service signs what qms makes; before qms.signingKey of git's configuration.",
            ),
            (
                "QMS_PROJECT_ROOT",
                "The repository that qms mcp serves, as by --project-root.",
            ),
            (
                "QMS_WORKSPACES",
                "Where the folders are that agents have of their own, as by qms mcp --workspaces.",
            ),
            (
                "QMS_TOKEN",
                "Who calls over stdio: a token in the place of --user. What qms mcp selftest shows.",
            ),
            (
                "QMS_STATE",
                "The folder that keeps the hashes of tokens; else qms below XDG_STATE_HOME or ~/.local/state.",
            ),
            (
                "NO_COLOR",
                "Set to anything, output has no colours. CLICOLOR and CLICOLOR_FORCE are honoured too.",
            ),
            (
                "COLUMNS",
                "The width that tables are fitted to on a terminal.",
            ),
        ],
    ),
    (
        "FILES",
        &[
            (
                "qms.yaml",
                "The policy: users, branches, who is asked, which paths are controlled.",
            ),
            (
                "QMS/",
                "The documents, each in its one place; templates are below QMS/TEMPLATE.",
            ),
            (".git/qms-use", "The change in use in this work tree."),
            (".git/hooks/", "The hooks that qms init installs."),
        ],
    ),
];

// Implements: REQ-QMS-CMD-MAN
pub(super) fn run(wanted: &Pages) -> Result<ExitCode> {
    let mut command = args::command().disable_help_subcommand(true);
    command.build();
    match &wanted.to {
        None => print::bytes(&page(&command)?)?,
        Some(dir) => {
            std::fs::create_dir_all(dir)
                .with_context(|| format!("cannot make `{}`", dir.display()))?;
            write(&command, dir)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the page of a command and those of its visible subcommands.
fn write(command: &Command, dir: &Path) -> Result<()> {
    let place = dir.join(format!("{}.1", name(command)));
    std::fs::write(&place, page(command)?)
        .with_context(|| format!("cannot write `{}`", place.display()))?;
    command
        .get_subcommands()
        .filter(|c| !c.is_hide_set())
        .try_for_each(|c| write(c, dir))
}

fn name(command: &Command) -> &str {
    command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
}

fn page(command: &Command) -> Result<Vec<u8>> {
    let man = Man::new(command.clone());
    // No date: the same sources make the same page.
    let version = env!("CARGO_PKG_VERSION");
    let title = name(command).to_uppercase();
    let mut out =
        format!(".TH {title} 1 \"\" \"qms {version}\" \"Change control in git\"\n").into_bytes();
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    man.render_options_section(&mut out)?;
    if command.get_subcommands().any(|c| !c.is_hide_set()) {
        man.render_subcommands_section(&mut out)?;
    }
    for (title, rows) in SECTIONS {
        let mut roff = Roff::new();
        roff.control("SH", [*title]);
        for (term, text) in *rows {
            roff.control("TP", []);
            roff.text([bold(*term)]);
            roff.text([roman(*text)]);
        }
        out.extend(roff.to_roff().bytes());
    }
    if name(command) != "qms" {
        let mut roff = Roff::new();
        roff.control("SH", ["SEE ALSO"]);
        roff.text([bold("qms"), roman("(1)")]);
        out.extend(roff.to_roff().bytes());
    }
    Ok(out)
}
