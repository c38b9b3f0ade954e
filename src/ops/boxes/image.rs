//! The image of agents: made where there is none of what would go into it now.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use super::engine::{Engine, last};
use super::place::own;
use crate::model::document::digest;

/// How images are made; the same file that `docker build` reads in a checkout of qms.
const DOCKERFILE: &str = include_str!("../../../docker/Dockerfile");
/// What images are called.
const NAME: &str = "qms-agent";

/// The name of the image that is made of this program and, where one is named, of an agent's program from npm.
pub(super) fn name(cli: Option<&str>, user: (u32, u32)) -> Result<String> {
    let own = own()?;
    let about = std::fs::metadata(&own)?;
    let program = format!(
        "{} {}.{} {}",
        own.display(),
        about.mtime(),
        about.mtime_nsec(),
        about.len()
    );
    let cli = cli.unwrap_or_default();
    let inputs = format!("{DOCKERFILE}\n{program}\n{user:?}\n{cli}");
    let mark = digest(inputs.as_bytes());
    Ok(format!(
        "{NAME}:{}",
        &mark.trim_start_matches("sha256:")[..16]
    ))
}

/// Makes the image where it is not there. This program itself goes into it.
pub(super) fn ready(engine: Engine, cli: Option<&str>, user: (u32, u32)) -> Result<String> {
    let name = name(cli, user)?;
    if engine.has("image", &name)? {
        return Ok(name);
    }
    let context = tempfile::Builder::new().prefix("qms-image-").tempdir()?;
    std::fs::write(context.path().join("Dockerfile"), DOCKERFILE)?;
    let (own, inside) = (own()?, context.path().join("qms"));
    if std::fs::hard_link(&own, &inside).is_err() {
        std::fs::copy(&own, &inside).with_context(|| format!("cannot copy `{}`", own.display()))?;
    }
    build(engine, context.path(), &name, cli, user)?;
    Ok(name)
}

fn build(
    engine: Engine,
    context: &Path,
    name: &str,
    cli: Option<&str>,
    user: (u32, u32),
) -> Result<()> {
    let mut command = engine.command();
    command
        .args(["build", "--quiet", "--target=agent"])
        .arg("--build-arg=QMS=given")
        .arg(format!("--build-arg=QMS_UID={}", user.0))
        .arg(format!("--build-arg=QMS_GID={}", user.1));
    if let Some(cli) = cli {
        command
            .arg("--build-arg=CLI=with")
            .arg(format!("--build-arg=AGENT_CLI={cli}"));
    }
    command
        .arg(format!("--tag={name}"))
        .arg(context)
        .stdin(Stdio::null());
    let ran = command.output().context("cannot start the engine")?;
    if !ran.status.success() {
        let all = String::from_utf8_lossy(&ran.stderr);
        bail!(
            "the image of agents cannot be made: {}\n{}",
            last(&ran.stderr),
            all.trim_end()
        );
    }
    Ok(())
}
