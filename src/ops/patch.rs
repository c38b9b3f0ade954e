//! Unified diffs, as git prints them: which files they are of, and their hunks at the exact place that they name.

use anyhow::{Context, Result, bail};
use diffy::Line;
use diffy::patch_set::{FileMode, FileOperation, ParseOptions, PatchKind, PatchSet};

use crate::model::browse::name::path;
use crate::model::change::{EXECUTABLE, REGULAR};
use crate::model::path::TreePath;

/// A file of a patch.
pub(super) struct Piece<'p> {
    /// None of a file that is new.
    pub(super) from: Option<TreePath>,
    /// None of a file that goes.
    pub(super) to: Option<TreePath>,
    /// Whether `from` goes.
    pub(super) moves: bool,
    pub(super) mode: Option<u32>,
    patch: diffy::Patch<'p, str>,
}

/// The mode of a file that may be run, or may not.
pub(super) fn mode(executable: bool) -> u32 {
    if executable { EXECUTABLE } else { REGULAR }
}

/// The files of a patch.
pub(super) fn read(text: &str) -> Result<Vec<Piece<'_>>> {
    let mut out = Vec::new();
    for piece in PatchSet::parse(text, ParseOptions::gitdiff()) {
        let piece = piece.map_err(|e| anyhow::anyhow!("the patch cannot be read: {e}"))?;
        let mode = piece.new_mode().map(|mode| match mode {
            FileMode::Regular => Ok(REGULAR),
            FileMode::Executable => Ok(EXECUTABLE),
            _ => bail!("the patch makes a link or a submodule, which are not made here"),
        });
        // Only these names stand behind `a/` and `b/`; a rename's stand as they are.
        let prefixed = !matches!(
            piece.operation(),
            FileOperation::Rename { .. } | FileOperation::Copy { .. }
        );
        let operation = piece.operation().strip_prefix(usize::from(prefixed));
        let (from, to, moves) = match &operation {
            FileOperation::Delete(name) => (Some(path(name)?), None, true),
            FileOperation::Create(name) => (None, Some(path(name)?), false),
            FileOperation::Modify { original, modified } => {
                let moves = original != modified;
                (Some(path(original)?), Some(path(modified)?), moves)
            }
            FileOperation::Rename { from, to } => (Some(path(from)?), Some(path(to)?), true),
            FileOperation::Copy { from, to } => (Some(path(from)?), Some(path(to)?), false),
        };
        let mode = mode.transpose()?;
        drop(operation);
        let PatchKind::Text(patch) = piece.into_patch() else {
            bail!("the patch holds a binary file; send that file whole");
        };
        out.push(Piece {
            from,
            to,
            moves,
            mode,
            patch,
        });
    }
    if out.is_empty() {
        bail!(
            "the patch holds no file; expected a diff as git prints it, from `diff --git a/…` on"
        );
    }
    Ok(out)
}

impl Piece<'_> {
    /// The file with the patch applied; its lines must be where the patch says.
    pub(super) fn apply(&self, before: &[u8]) -> Result<Vec<u8>> {
        let name = self.from.as_ref().or(self.to.as_ref());
        let name = name.map(ToString::to_string).unwrap_or_default();
        let before = std::str::from_utf8(before);
        let before = before.with_context(|| format!("`{name}` is no text; send it whole"))?;
        let old: Vec<&str> = before.split_inclusive('\n').collect();
        let (mut out, mut at) = (String::new(), 0);
        for hunk in self.patch.hunks() {
            let range = hunk.old_range();
            // An empty range names the line before it.
            let start = match range.len() {
                0 => range.start(),
                _ => range.start().saturating_sub(1),
            };
            let fits = |line: usize, text: &str| old.get(line) == Some(&text);
            if start < at || start > old.len() {
                bail!("{}", elsewhere(&name, range.start()));
            }
            out.extend(old[at..start].iter().copied());
            at = start;
            for line in hunk.lines() {
                match line {
                    Line::Insert(text) => out.push_str(text),
                    Line::Context(text) | Line::Delete(text) if !fits(at, text) => {
                        bail!("{}", elsewhere(&name, at + 1));
                    }
                    Line::Context(text) => {
                        out.push_str(text);
                        at += 1;
                    }
                    Line::Delete(_) => at += 1,
                }
            }
        }
        out.extend(old[at..].iter().copied());
        Ok(out.into_bytes())
    }
}

fn elsewhere(name: &str, line: usize) -> String {
    format!(
        "the patch does not fit `{name}` at line {line}; read the file again and make it on top"
    )
}
