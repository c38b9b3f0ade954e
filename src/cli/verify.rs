//! `qms verify`: the whole history, a shard of it, or shards put together.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::answer::report;
use super::args::Format;
use super::{print, progress};
use crate::model::finding::Finding;
use crate::model::verified::Verified;
use crate::ops::verify::{self, Ask, Kept};
use crate::report::verified;

#[derive(clap::Args)]
pub(super) struct VerifyArgs {
    /// This branch alone; without it the trunk and every other protected branch that is here
    #[arg(long, value_name = "REF")]
    r#ref: Option<String>,
    /// The first commit that is trusted, in full; without it the one that is assumed is named
    #[arg(long, value_name = "COMMIT")]
    anchor: Option<String>,
    /// Only what came after this commit of the mainline
    #[arg(long, value_name = "COMMIT")]
    since: Option<String>,
    /// One part of the work for each of N runners
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<(usize, usize)>,
    /// Join what shards answered with --format json
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["ref", "anchor", "since", "shard", "no_cache", "threads"])]
    merge: Vec<PathBuf>,
    /// Believe nothing that an earlier run kept, and keep nothing: what an auditor runs
    #[arg(long)]
    no_cache: bool,
    /// As many threads as there are cores where it is not said
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Warnings count as errors
    #[arg(long)]
    strict: bool,
}

fn shard(text: &str) -> Result<(usize, usize), String> {
    let read = || {
        let (own, all) = text.split_once('/')?;
        let (own, all): (usize, usize) = (own.parse().ok()?, all.parse().ok()?);
        ((1..=all).contains(&own)).then_some((own, all))
    };
    read().ok_or_else(|| "expected I/N with I from 1 to N, such as 2/4".to_owned())
}

pub(super) fn run(args: VerifyArgs, format: Format) -> Result<ExitCode> {
    let shard = args.shard;
    let verified = if args.merge.is_empty() {
        let ask = Ask {
            reference: args.r#ref,
            trunk: None,
            anchor: args.anchor,
            since: args.since,
            shard,
            threads: args.threads,
            no_cache: args.no_cache,
        };
        let tell = progress::listener();
        let verified = verify::verify(Path::new("."), &ask, &tell)?;
        progress::erase();
        verified
    } else {
        let shards = args.merge.iter().map(|file| read(file));
        verify::merge(shards.collect::<Result<_>>()?)?
    };
    let findings = verified.findings();
    match format {
        Format::Text => print::out(&verified::summary(&verified, &findings))?,
        Format::Json => {
            let kept = shard.map(|_| serde_json::to_value(Kept::of(&verified)));
            print::json(&verified::answer(&verified, kept.transpose()?))?;
        }
        _ => return report(format, &verified::what(&verified), &findings, args.strict),
    }
    let failed = findings.iter().any(Finding::is_error) || (args.strict && !findings.is_empty());
    Ok(ExitCode::from(u8::from(failed)))
}

/// A shard as another run answered it.
fn read(file: &Path) -> Result<Verified> {
    let name = file.display();
    let text = std::fs::read(file).with_context(|| format!("cannot read `{name}`"))?;
    let value: serde_json::Value =
        serde_json::from_slice(&text).with_context(|| format!("`{name}` is no JSON"))?;
    match value.get("shard") {
        Some(shard) if !shard.is_null() => {
            let kept: Kept = serde_json::from_value(shard.clone())
                .with_context(|| format!("`{name}` holds no shard of this version"))?;
            kept.read()
        }
        _ => bail!("`{name}` holds no shard: qms verify --shard I/N --format json"),
    }
}
