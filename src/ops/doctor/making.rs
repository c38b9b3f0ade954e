//! Making the scratch copies: of a server as it is, or of a clone with a server as this program sets one up.

use std::cell::Cell;
use std::path::Path;

use anyhow::{Context, Result};

use super::super::Session;
use super::super::install::{CLONE, SERVER};
use super::copies;
use super::scratch::{At, Scratch, append};
use crate::git::settings::Settings;
use crate::git::{Oid, Repo};
use crate::model::ident::Ident;

/// What does not let anything run, print or reach out that is not asked for.
const QUIET: &str = "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[receive]\n\tautogc = false\n\
                     [commit]\n\tgpgsign = false\n[push]\n\tgpgsign = false\n";

impl Scratch {
    fn new(like: &Repo, trunk: &str, author: Ident) -> Result<Scratch> {
        let dir = tempfile::Builder::new()
            .prefix("qms-doctor-")
            .tempdir()
            .context("cannot make a temporary directory")?;
        let scratch = Scratch {
            dir,
            trunk: trunk.to_owned(),
            hooked: false,
            author,
            runs: Cell::new(0),
        };
        let format = match like.settings()?.used("extensions.objectFormat") {
            Some(format) => format!("--object-format={}", format.text()),
            None => "--object-format=sha1".to_owned(),
        };
        for (kind, folder) in [("--bare", "server.git"), ("--quiet", "clone")] {
            let args = ["init", "--quiet", "--template=", &format, kind, folder];
            scratch.must(&scratch.run(scratch.command("git", Path::new(".")).args(args), b"")?)?;
        }
        copies::objects(like, &scratch.at(At::Server))?;
        Ok(scratch)
    }

    /// The server as it is, to be pushed to from a clone that has the hooks and settings of `from`.
    pub(super) fn of_server(
        repo: &Repo,
        settings: &Settings,
        from: Option<&Session>,
        trunk: &str,
        author: Ident,
    ) -> Result<Scratch> {
        let mut scratch = Scratch::new(repo, trunk, author)?;
        let server = scratch.at(At::Server);
        copies::refs(repo, &server)?;
        // Its hooks read the repository's own file alone.
        let served = Repo::serve(repo.git_dir())?;
        let mut text = copies::settings(settings, |s| !s.key.starts_with("qms."));
        for (key, name) in [("qms.trunk", "trunk"), ("qms.anchor", "anchor")] {
            if let Some(value) = served.config(key) {
                text.push_str(&format!("[qms]\n\t{name} = {value}\n"));
            }
        }
        append(&server.join("config"), &format!("{text}{QUIET}"))?;
        copies::hooks(&repo.hooks_folder()?, &server.join("hooks"), SERVER)?;
        let tip = repo.resolve(&format!("refs/heads/{trunk}"));
        let tip = tip.with_context(|| format!("`{trunk}` is not on the server yet"))?;
        if let Some(from) = from {
            scratch.install(&from.repo, &from.repo.settings()?)?;
        }
        scratch.clone_at(tip)?;
        Ok(scratch)
    }

    /// The clone's hooks and settings as they are, and a server as this program makes it.
    pub(super) fn of_clone(
        repo: &Repo,
        settings: &Settings,
        (trunk, tip, anchor): (&str, Oid, Oid),
        author: Ident,
    ) -> Result<Scratch> {
        let mut scratch = Scratch::new(repo, trunk, author)?;
        let name = format!("refs/heads/{trunk}");
        scratch.plain(At::Server, &["update-ref", &name, &tip.to_string()])?;
        scratch.plain(At::Server, &["symbolic-ref", "HEAD", &name])?;
        let own = std::env::current_exe().context("cannot tell where this program is")?;
        let mut init = scratch.command(own, &scratch.at(At::Server));
        init.args(["init", "--server", "--trunk", trunk, "--anchor"]);
        scratch.must(&scratch.run(init.arg(anchor.to_string()), b"")?)?;
        append(&scratch.at(At::Server).join("config"), QUIET)?;
        scratch.install(repo, settings)?;
        scratch.clone_at(tip)?;
        Ok(scratch)
    }

    fn install(&mut self, repo: &Repo, settings: &Settings) -> Result<()> {
        let text = copies::settings(settings, |_| true);
        append(&self.at(At::Clone).join(".git/config"), &text)?;
        let to = self.dir.path().join(At::Clone.hooks());
        copies::hooks(&repo.hooks_folder()?, &to, CLONE)?;
        self.hooked = true;
        Ok(())
    }

    /// Puts the clone on the trunk, reading the server's objects, with nothing checked out.
    fn clone_at(&self, tip: Oid) -> Result<()> {
        let git = self.at(At::Clone).join(".git");
        let objects = self.at(At::Server).join("objects");
        std::fs::create_dir_all(git.join("objects/info"))?;
        std::fs::write(
            git.join("objects/info/alternates"),
            format!("{}\n", objects.display()),
        )?;
        append(
            &git.join("config"),
            &format!("{QUIET}[remote \"origin\"]\n\turl = ../server.git\n"),
        )?;
        let name = format!("refs/heads/{}", self.trunk);
        self.plain(At::Clone, &["symbolic-ref", "HEAD", &name])?;
        self.reset(tip)
    }
}
