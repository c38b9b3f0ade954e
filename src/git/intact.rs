//! Whether objects lie on disk as they were written: packs with their indexes, and objects by themselves. What reads
//! history looks into those objects alone that it needs; a damage elsewhere would be found by nobody.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, ensure};

use super::{Oid, Repo};

/// Something that holds objects.
#[derive(Debug)]
pub enum Stored {
    /// A pack's index, with the pack beside it.
    Pack(PathBuf),
    /// The index of several packs.
    Packs(PathBuf),
    /// A folder of single objects.
    Loose(PathBuf),
}

impl Repo {
    /// Everything that holds objects here, alternates included.
    pub fn stored(&self) -> Result<Vec<Stored>> {
        let mut out = Vec::new();
        let own = self.common_dir().join("objects");
        let more = gix::odb::alternate::resolve(own.clone(), &std::env::current_dir()?)
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        for store in std::iter::once(own).chain(more) {
            let list = |folder: PathBuf| -> Result<Vec<PathBuf>> {
                if !folder.exists() {
                    return Ok(Vec::new());
                }
                let there = std::fs::read_dir(&folder)
                    .with_context(|| format!("cannot read `{}`", folder.display()))?;
                let mut all = there.map(|e| Ok(e?.path())).collect::<Result<Vec<_>>>()?;
                all.sort_unstable();
                Ok(all)
            };
            let is_index = |p: &PathBuf| p.extension().is_some_and(|e| e == "idx");
            let packs = store.join("pack/multi-pack-index");
            out.extend(packs.exists().then_some(Stored::Packs(packs)));
            out.extend(
                list(store.join("pack"))?
                    .into_iter()
                    .filter(is_index)
                    .map(Stored::Pack),
            );
            let two = |p: &PathBuf| {
                let name = p.file_name().and_then(|n| n.to_str()).unwrap_or_default();
                name.len() == 2 && name.bytes().all(|b| b.is_ascii_hexdigit())
            };
            out.extend(list(store)?.into_iter().filter(two).map(Stored::Loose));
        }
        Ok(out)
    }

    /// Refuses what is not as it was written.
    pub fn intact(&self, stored: &Stored) -> Result<()> {
        match stored {
            Stored::Pack(index) => self.pack(index),
            Stored::Packs(index) => packs(index),
            Stored::Loose(folder) => self.loose(folder),
        }
    }

    fn pack(&self, index: &Path) -> Result<()> {
        let hash = self.objects.object_hash();
        let never = AtomicBool::new(false);
        let damaged = |what: &str| format!("`{}` is damaged: {what}", index.display());
        let file = gix::odb::pack::index::File::at(index, hash).map_err(|e| anyhow::anyhow!("{e}"));
        let file = file.with_context(|| damaged("its index cannot be read"))?;
        let sum = file.verify_checksum(&mut gix::progress::Discard, &never);
        sum.map_err(|e| anyhow::anyhow!("{e}"))
            .with_context(|| damaged("the index is not what it was"))?;
        let data = index.with_extension("pack");
        let pack = gix::odb::pack::data::File::at(&data, hash).map_err(|e| anyhow::anyhow!("{e}"));
        let pack = pack.with_context(|| damaged("its pack cannot be read"))?;
        ensure!(
            pack.checksum() == file.pack_checksum(),
            damaged("index and pack are not of each other")
        );
        let sum = pack.verify_checksum(&mut gix::progress::Discard, &never);
        sum.map_err(|e| anyhow::anyhow!("{e}"))
            .with_context(|| damaged("the pack is not what it was"))?;
        Ok(())
    }

    fn loose(&self, folder: &Path) -> Result<()> {
        let start = folder
            .file_name()
            .and_then(|n| n.to_str())
            .unwrap_or_default();
        for entry in std::fs::read_dir(folder)? {
            let name = entry?.file_name();
            let rest = name.to_str().unwrap_or_default();
            let Ok(id) = Oid::from_hex(format!("{start}{rest}").as_bytes()) else {
                continue;
            };
            let place = folder.join(&name);
            single(&place, id).with_context(|| format!("object {id} is damaged"))?;
        }
        Ok(())
    }
}

/// A single object: one stream to the very end of the file, that hashes to its name.
fn single(place: &Path, id: Oid) -> Result<()> {
    let bytes = std::fs::read(place)?;
    let mut hash = gix::hash::hasher(id.kind());
    let mut stream = gix::zlib::Decompress::new();
    let mut out = vec![0; 64 * 1024];
    let mut ended = false;
    while !ended {
        let (read, written) = (stream.total_in(), stream.total_out());
        let rest = &bytes[usize::try_from(read)?..];
        let status = stream.decompress(rest, &mut out, gix::zlib::FlushDecompress::None);
        ended = status.map_err(|e| anyhow::anyhow!("{e}"))? == gix::zlib::Status::StreamEnd;
        let made = usize::try_from(stream.total_out() - written)?;
        ensure!(
            ended || made > 0 || stream.total_in() > read,
            "it ends too early"
        );
        hash.update(&out[..made]);
    }
    ensure!(
        stream.total_in() == u64::try_from(bytes.len())?,
        "something follows it"
    );
    let found = hash.try_finalize().map_err(|e| anyhow::anyhow!("{e}"))?;
    ensure!(found == id, "it hashes to {found}");
    Ok(())
}

fn packs(index: &Path) -> Result<()> {
    let damaged = || format!("`{}` is damaged", index.display());
    let file =
        gix::odb::pack::multi_index::File::at(index, None).map_err(|e| anyhow::anyhow!("{e}"));
    let never = AtomicBool::new(false);
    let sum = file
        .with_context(damaged)?
        .verify_checksum(&mut gix::progress::Discard, &never);
    sum.map_err(|e| anyhow::anyhow!("{e}"))
        .with_context(damaged)?;
    Ok(())
}
