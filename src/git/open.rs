//! Opening a repository: a clone as git would, a server's with the objects that are still in quarantine.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result, bail};

use super::Oid;
use super::history::Node;

/// A repository. Objects and refs may come from two places: during a push the objects lie in quarantine, which
/// gix does not see by itself, so an overlay shows them while refs are read where they are.
#[derive(Debug)]
pub struct Repo {
    pub(super) objects: Rc<gix::Repository>,
    pub(super) refs: Rc<gix::Repository>,
    /// Places of commits that were read: commits never change.
    pub(super) nodes: RefCell<HashMap<Oid, Node>>,
    /// Trees that were read last.
    pub(super) trees: RefCell<HashMap<Oid, Rc<[u8]>>>,
    /// Whether every object that is read is hashed too.
    pub(super) hashes: bool,
    pub(super) _overlay: Option<tempfile::TempDir>,
}

/// What changes a verdict and must not: replacement objects and the commit-graph file are not believed. And bounds.
const OVERRIDES: [&str; 4] = [
    "core.useReplaceRefs=false",
    "core.commitGraph=false",
    "core.deltaBaseCacheLimit=96m",
    // An object that is larger than this is refused before memory is taken for it (threats.md G18).
    "gitoxide.objects.allocLimit=64m",
];
/// The same in bytes, to be named where an object cannot be read.
const MOST_BYTES: u64 = 64 << 20;

/// Bytes of decoded objects that are kept at hand.
const CACHE: usize = 4 * 1024 * 1024;

impl Repo {
    /// Opens the repository that git would use from `dir`, `GIT_DIR` and its like included.
    pub fn discover(dir: &Path) -> Result<Repo> {
        let options = || gix::open::Options::default().config_overrides(OVERRIDES);
        let trust = gix::sec::trust::Mapping {
            full: options(),
            reduced: options(),
        };
        let upwards = gix::discover::upwards::Options {
            match_ceiling_dir_or_error: false,
            ..Default::default()
        };
        let repo = gix::ThreadSafeRepository::discover_with_environment_overrides_opts(
            dir, upwards, trust,
        )
        .map_err(|e| anyhow::anyhow!("{e}"))
        .with_context(|| format!("no git repository at `{}`", dir.display()))?;
        let mut repo = repo.to_thread_local();
        // One verdict looks at the same commits and trees several times.
        repo.object_cache_size(CACHE);
        let repo = Rc::new(repo);
        Ok(Repo {
            objects: repo.clone(),
            refs: repo,
            nodes: RefCell::default(),
            trees: RefCell::default(),
            hashes: false,
            _overlay: None,
        })
    }

    /// Opens the repository of a server hook. Nothing but the repository's own configuration is read, and
    /// objects in quarantine are seen.
    pub fn serve(git_dir: &Path) -> Result<Repo> {
        let refs = Rc::new(isolated(git_dir)?);
        let var = |name| std::env::var_os(name).filter(|v| !v.is_empty());
        let Some(quarantine) = var("GIT_OBJECT_DIRECTORY").or_else(|| var("GIT_QUARANTINE_PATH"))
        else {
            // Deletions and ref-only pushes set no quarantine: everything is where it belongs.
            return Ok(Repo {
                objects: refs.clone(),
                refs,
                nodes: RefCell::default(),
                trees: RefCell::default(),
                hashes: false,
                _overlay: None,
            });
        };
        let mut stores = vec![absolute(Path::new(&quarantine))?];
        if let Some(more) = var("GIT_ALTERNATE_OBJECT_DIRECTORIES") {
            for store in std::env::split_paths(&more) {
                stores.push(absolute(&store)?);
            }
        }
        stores.push(absolute(&refs.common_dir().join("objects"))?);
        let (overlay, objects) = overlay(&refs, &stores)?;
        Ok(Repo {
            objects: Rc::new(objects),
            refs,
            nodes: RefCell::default(),
            trees: RefCell::default(),
            hashes: false,
            _overlay: Some(overlay),
        })
    }

    /// Opens a repository by itself: neither environment nor configuration of anybody else count.
    pub fn alone(git_dir: &Path) -> Result<Repo> {
        let mut repo = isolated(git_dir)?;
        repo.object_cache_size(CACHE);
        let repo = Rc::new(repo);
        Ok(Repo {
            objects: repo.clone(),
            refs: repo,
            nodes: RefCell::default(),
            trees: RefCell::default(),
            hashes: false,
            _overlay: None,
        })
    }

    /// The same repository, which believes no object that does not hash to its name.
    pub fn hashing(self) -> Repo {
        Repo {
            hashes: true,
            ..self
        }
    }

    /// An object of this kind. One that is larger than what memory is taken for is refused by its size.
    pub(super) fn object(&self, id: Oid, kind: gix::objs::Kind) -> Result<gix::Object<'_>> {
        let object = self
            .objects
            .find_object(id)
            .map_err(|e| self.cannot_read(id, &e))?;
        if object.kind != kind {
            bail!("object {id} is a {}, expected a {kind}", object.kind);
        }
        if self.hashes {
            self.matches(&object)?;
        }
        Ok(object)
    }

    fn cannot_read(&self, id: Oid, error: &dyn std::fmt::Display) -> anyhow::Error {
        let size = self.objects.find_header(id).map_or(0, |h| h.size());
        match self.is_incomplete() {
            _ if size > MOST_BYTES => anyhow::anyhow!(
                "object {id} has {size} bytes, more than the {MOST_BYTES} that are read"
            ),
            Some(why) => anyhow::anyhow!("{why}"),
            None => anyhow::anyhow!("{error}"),
        }
    }

    fn matches(&self, object: &gix::Object<'_>) -> Result<()> {
        let data = gix::objs::Data::new(&object.data, object.kind, object.id.kind());
        let found = data.verify_checksum(&object.id);
        found.map_err(|e| anyhow::anyhow!("{e}"))?;
        Ok(())
    }

    pub fn git_dir(&self) -> &Path {
        self.refs.git_dir()
    }

    /// The directory that all work trees of the repository share.
    pub fn common_dir(&self) -> &Path {
        self.refs.common_dir()
    }

    pub fn work_dir(&self) -> Option<&Path> {
        self.refs.workdir()
    }

    pub fn is_bare(&self) -> bool {
        self.refs.is_bare()
    }

    /// A path as somebody typed it in the current folder, as a path from the root of the tree.
    pub fn from_root(&self, text: &str) -> Result<String> {
        let prefix = self.refs.prefix().map_err(|e| anyhow::anyhow!("{e}"))?;
        let mut parts: Vec<String> = match prefix {
            Some(prefix) => prefix
                .to_string_lossy()
                .split('/')
                .map(str::to_owned)
                .collect(),
            None => Vec::new(),
        };
        parts.retain(|p| !p.is_empty());
        for component in text.split('/') {
            match component {
                "" | "." => {}
                ".." => {
                    parts
                        .pop()
                        .with_context(|| format!("`{text}` leads out of the repository"))?;
                }
                name => parts.push(name.to_owned()),
            }
        }
        if text.starts_with('/') || parts.is_empty() {
            bail!("`{text}` is no path in this repository");
        }
        Ok(parts.join("/"))
    }

    /// A path of the configuration as git understands it: `~/` and `%(prefix)/` at its beginning are places.
    pub fn config_path(&self, text: &str) -> Result<PathBuf> {
        if text.is_empty() {
            bail!("the path is empty");
        }
        let home = gix::path::env::home_dir();
        let context = gix::config::path::interpolate::Context {
            git_install_dir: None,
            home_dir: home.as_deref(),
            home_for_user: Some(gix::config::path::interpolate::home_for_user),
        };
        let path = gix::config::Path::from(gix::bstr::BString::from(text)).interpolate(context);
        path.map(|p| p.to_path_buf())
            .map_err(|e| anyhow::anyhow!("{e}"))
    }
    /// What git is in the middle of, if anything: merge, rebase, cherry-pick, revert.
    pub fn in_progress(&self) -> Option<&'static str> {
        let there = |name: &str| self.git_dir().join(name).exists();
        [
            ("rebase-merge", "rebase"),
            ("rebase-apply", "rebase"),
            ("MERGE_HEAD", "merge"),
            ("CHERRY_PICK_HEAD", "cherry-pick"),
            ("REVERT_HEAD", "revert"),
        ]
        .into_iter()
        .find_map(|(file, what)| there(file).then_some(what))
    }

    /// Whether history is cut off or bent here: then nothing can be verified, and the reason is given.
    pub fn is_incomplete(&self) -> Option<&'static str> {
        let there = |name: &str| {
            self.common_dir()
                .join(name)
                .metadata()
                .is_ok_and(|m| m.len() > 0)
        };
        if there("shallow") {
            return Some("the clone is shallow: git fetch --unshallow");
        }
        there("info/grafts").then_some("the repository has grafts: remove `info/grafts`")
    }

    /// Whether some object is replaced by another: git's own commands would show what was not verified.
    pub fn is_replaced(&self) -> Result<Option<&'static str>> {
        let platform = self.refs.references().map_err(|e| anyhow::anyhow!("{e}"))?;
        let mut all = platform
            .prefixed("refs/replace/")
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        let why = "objects are replaced here: git replace -d $(git replace -l)";
        Ok(all.next().map(|_| why))
    }

    /// An object id from its hexadecimal digits in full; `None` for git's all-zero id and for anything else.
    pub fn oid(&self, hex: &str) -> Option<Oid> {
        Oid::from_hex(hex.as_bytes())
            .ok()
            .filter(|id| !id.is_null())
    }
}

fn isolated(git_dir: &Path) -> Result<gix::Repository> {
    let options = gix::open::Options::isolated()
        .config_overrides(OVERRIDES)
        .open_path_as_is(true)
        .with(gix::sec::Trust::Full);
    let git_dir = absolute(git_dir)?;
    let repo =
        gix::ThreadSafeRepository::open_opts(&git_dir, options).map_err(|e| anyhow::anyhow!("{e}"));
    Ok(repo
        .with_context(|| format!("cannot open `{}`", git_dir.display()))?
        .to_thread_local())
}

/// A repository without objects of its own that reads those of the given stores.
fn overlay(
    like: &gix::Repository,
    stores: &[PathBuf],
) -> Result<(tempfile::TempDir, gix::Repository)> {
    let dir = tempfile::Builder::new()
        .prefix("qms-")
        .tempdir()
        .context("cannot make a temporary directory")?;
    let at = |name: &str| dir.path().join(name);
    for folder in ["objects/info", "objects/pack", "refs/heads"] {
        std::fs::create_dir_all(at(folder))?;
    }
    std::fs::write(at("HEAD"), "ref: refs/heads/none\n")?;
    let format = like.object_hash().to_string();
    let config = format!(
        "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = {format}\n"
    );
    std::fs::write(at("config"), config)?;
    let mut list = Vec::new();
    for store in stores {
        let text = store
            .to_str()
            .context("an object directory's path is not UTF-8")?;
        if text.contains('\n') || text.starts_with(['#', '"']) {
            bail!("an object directory's path cannot be named as an alternate: {text:?}");
        }
        list.extend_from_slice(text.as_bytes());
        list.push(b'\n');
    }
    std::fs::write(at("objects/info/alternates"), list)?;
    let repo = isolated(dir.path())?;
    Ok((dir, repo))
}

fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize()
        .with_context(|| format!("cannot find `{}`", path.display()))
}
