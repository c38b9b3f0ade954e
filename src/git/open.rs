//! Opening a repository: a clone as git would, a server's with the objects that are still in quarantine.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result, bail};
use gix::objs::{Find, Kind};

use super::Oid;
use super::history::Node;
use super::memory::Memory;

/// A repository. During a push new objects lie in quarantine, which gix does not see by itself: then they are looked
/// for there too.
pub struct Repo {
    pub(super) objects: Rc<gix::Repository>,
    pub(super) refs: Rc<gix::Repository>,
    /// Places of commits that were read: commits never change.
    pub(super) nodes: RefCell<HashMap<Oid, Node>>,
    /// The bytes of commits that are likely to be read as a whole yet.
    pub(super) waiting: RefCell<HashMap<Oid, Box<[u8]>>>,
    /// Trees that were read last.
    pub(super) trees: RefCell<HashMap<Oid, Rc<[u8]>>>,
    pub(super) memory: Memory,
    /// Whether every object that is read is hashed too.
    pub(super) hashes: bool,
    served: bool,
    /// The branch that stands for what is checked out: no index and no work tree follow it.
    pub(super) on: Option<String>,
    /// The branch that was checked out when the work began that is to land on it.
    pub(super) meant: Option<String>,
    buffer: RefCell<Vec<u8>>,
    /// Where objects lie that a push brings.
    pub(super) incoming: Vec<gix::odb::Handle>,
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
/// Bytes of objects in a pack that others are made from, where a whole history is read.
const BASES: usize = 32 * 1024 * 1024;

impl std::fmt::Debug for Repo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Repo").field(&self.git_dir()).finish()
    }
}

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
        Ok(Repo::of(repo))
    }

    fn of(repo: gix::Repository) -> Repo {
        let repo = Rc::new(repo);
        Repo {
            objects: repo.clone(),
            refs: repo,
            nodes: RefCell::default(),
            waiting: RefCell::default(),
            trees: RefCell::default(),
            memory: Memory::default(),
            hashes: false,
            served: false,
            on: None,
            meant: None,
            buffer: RefCell::default(),
            incoming: Vec::new(),
        }
    }

    /// The same repository with another set of objects.
    pub(super) fn with_objects(&self, objects: gix::Repository) -> Repo {
        Repo {
            refs: self.refs.clone(),
            on: self.on.clone(),
            ..Repo::of(objects)
        }
    }

    /// The same as if a branch were checked out in it, without index and work tree.
    pub fn on(mut self, branch: &str) -> Repo {
        self.on = Some(branch.to_owned());
        self
    }

    /// Opens the repository of a server hook. Nothing but the repository's own configuration is read, and
    /// objects in quarantine are seen.
    pub fn serve(git_dir: &Path) -> Result<Repo> {
        let mut repo = Repo::of(based(git_dir)?);
        repo.served = true;
        let var = |name| std::env::var_os(name).filter(|v| !v.is_empty());
        // Deletions and ref-only pushes set no quarantine: everything is where it belongs.
        let quarantine = var("GIT_OBJECT_DIRECTORY").or_else(|| var("GIT_QUARANTINE_PATH"));
        let Some(quarantine) = quarantine else {
            return Ok(repo);
        };
        let more = var("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
        let stores = std::iter::once(PathBuf::from(quarantine)).chain(std::env::split_paths(&more));
        let own = absolute(&repo.common_dir().join("objects"))?;
        for store in stores {
            let store = absolute(&store)?;
            if store != own {
                repo.incoming
                    .push(incoming(&store, repo.objects.object_hash())?);
            }
        }
        Ok(repo)
    }

    /// Opens a repository by itself: neither environment nor configuration of anybody else count.
    pub fn alone(git_dir: &Path) -> Result<Repo> {
        Ok(Repo::of(based(git_dir)?))
    }

    /// How another thread opens the same repository: as a server's, or by itself.
    pub fn place(&self) -> Place {
        Place {
            git_dir: self.common_dir().to_path_buf(),
            served: self.served,
            hashes: self.hashes,
        }
    }

    /// Whether this is a server's, in a hook.
    pub fn is_served(&self) -> bool {
        self.served
    }

    /// The same repository, which believes no object that does not hash to its name.
    pub fn hashing(self) -> Repo {
        Repo {
            hashes: true,
            ..self
        }
    }

    /// An object of this kind, as its bytes. One that is larger than what memory is taken for is refused by its size.
    pub(super) fn object<T>(
        &self,
        id: Oid,
        kind: Kind,
        read: impl FnOnce(&[u8]) -> Result<T>,
    ) -> Result<T> {
        self.any(id, |found, data| match found == kind {
            true => read(data),
            false => bail!("object {id} is a {found}, expected a {kind}"),
        })
    }

    /// An object of any kind.
    pub(super) fn any<T>(&self, id: Oid, read: impl FnOnce(Kind, &[u8]) -> Result<T>) -> Result<T> {
        // One buffer serves all, as long as nobody reads while he reads.
        let mut buffer = self.buffer.take();
        let out = self.found(id, &mut buffer).and_then(|object| {
            if self.hashes {
                let sum = object.verify_checksum(&id);
                sum.map_err(|e| anyhow::anyhow!("{e}"))?;
            }
            read(object.kind, object.data)
        });
        self.buffer.replace(buffer);
        out
    }

    fn found<'b>(&self, id: Oid, buffer: &'b mut Vec<u8>) -> Result<gix::objs::Data<'b>> {
        for store in &self.incoming {
            let there = store.try_find(&id, buffer);
            let there = there.map_err(|e| self.cannot_read(id, &e))?;
            if let Some(kind) = there.map(|object| object.kind) {
                return Ok(gix::objs::Data::new(buffer, kind, id.kind()));
            }
        }
        let object = self.objects.objects.try_find(&id, buffer);
        let object = object.map_err(|e| self.cannot_read(id, &e))?;
        object.ok_or_else(|| {
            let why = self.is_incomplete();
            anyhow::anyhow!(
                why.map_or_else(|| format!("object {id} could not be found"), str::to_owned)
            )
        })
    }

    fn cannot_read(&self, id: Oid, error: &dyn std::fmt::Display) -> anyhow::Error {
        let size = self.size(id).unwrap_or(0);
        match self.is_incomplete() {
            _ if size > MOST_BYTES => anyhow::anyhow!(
                "object {id} has {size} bytes, more than the {MOST_BYTES} that are read"
            ),
            Some(why) => anyhow::anyhow!("{why}"),
            None => anyhow::anyhow!("{error}"),
        }
    }

    pub fn git_dir(&self) -> &Path {
        self.refs.git_dir()
    }

    /// The directory that all work trees of the repository share.
    pub fn common_dir(&self) -> &Path {
        self.refs.common_dir()
    }

    pub fn stands_alone(&self) -> bool {
        self.on.is_some()
    }

    /// Where the files are that follow the branch; none where none do.
    pub fn work_dir(&self) -> Option<&Path> {
        self.refs.workdir().filter(|_| self.on.is_none())
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
        if self.on.is_some() {
            return None;
        }
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

    /// An object id from its hexadecimal digits in full; `None` for git's all-zero id and for anything else.
    pub fn oid(&self, hex: &str) -> Option<Oid> {
        Oid::from_hex(hex.as_bytes())
            .ok()
            .filter(|id| !id.is_null())
    }
}

/// Where a repository is, and how it was opened.
pub struct Place {
    git_dir: PathBuf,
    served: bool,
    hashes: bool,
}

impl Place {
    pub fn open(&self) -> Result<Repo> {
        let repo = match self.served {
            true => Repo::serve(&self.git_dir)?,
            false => Repo::alone(&self.git_dir)?,
        };
        Ok(Repo {
            hashes: self.hashes,
            ..repo
        })
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

/// The same with what others are made from at hand.
fn based(git_dir: &Path) -> Result<gix::Repository> {
    let mut repo = isolated(git_dir)?;
    repo.objects.set_pack_cache(bases);
    Ok(repo)
}

fn bases() -> Box<gix::odb::cache::PackCache> {
    Box::new(gix::odb::pack::cache::lru::MemoryCappedHashmap::new(BASES))
}

/// The objects of a push, which are all there when the hook runs.
fn incoming(store: &Path, hash: gix::hash::Kind) -> Result<gix::odb::Handle> {
    let options = gix::odb::store::init::Options {
        alloc_limit_bytes: usize::try_from(MOST_BYTES).ok(),
        ..Default::default()
    };
    let handle = gix::odb::at_opts(store, hash, None, options);
    let mut handle = handle.with_context(|| format!("cannot open `{}`", store.display()))?;
    handle.refresh_never();
    handle.set_pack_cache(bases);
    Ok(handle)
}

fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize()
        .with_context(|| format!("cannot find `{}`", path.display()))
}
