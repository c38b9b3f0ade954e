//! Signing commits: by a key file inside the process, as services do, or by the program that git would run, with the
//! key that git is told to use.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey};

use super::Repo;
use super::program;
use crate::model::signature::NAMESPACE;

/// What commits are signed with.
#[derive(Debug)]
pub enum Signer {
    /// A key without a passphrase, and where it lies.
    File(Box<PrivateKey>, PathBuf),
    /// As `ssh-keygen -Y sign` takes it.
    Program { program: OsString, key: Named },
}

/// The key of a program: a file, or a public key whose other half an agent holds.
#[derive(Debug)]
pub enum Named {
    File(PathBuf),
    Literal(String),
}

/// A signature that is wanted cannot be made: why, in a few words.
#[derive(Debug, thiserror::Error)]
#[error("nothing can be signed: {0}")]
pub struct NoSigner(pub String);

impl Repo {
    /// What a commit is signed with, where it is to be: `required`, or git would sign it, or a service's key is named.
    pub fn signer(&self, required: bool) -> Result<Option<Signer>> {
        if let Some(place) = self.key_file()? {
            return file(&place).map(Some);
        }
        let config = self.refs.config_snapshot();
        let format = self.config("gpg.format");
        let ssh = format.as_deref() == Some("ssh");
        let signs = config.boolean("commit.gpgsign").unwrap_or_default();
        let asked = required || (signs && ssh);
        if !asked {
            return Ok(None);
        }
        if !ssh {
            let format = format.unwrap_or_else(|| "openpgp".to_owned());
            bail!(NoSigner(format!(
                "git signs as `{format}` here (gpg.format), expected `ssh`"
            )));
        }
        let run = |key: &str| {
            let named = config.trusted_program(key);
            named.map_err(|e| anyhow::anyhow!("{e}"))
        };
        let named = match self.config("user.signingKey").filter(|k| !k.is_empty()) {
            Some(named) => named,
            None => match run("gpg.ssh.defaultKeyCommand")? {
                Some(command) => first_key(&command)?,
                None => bail!(NoSigner("git is told no key (user.signingKey)".to_owned())),
            },
        };
        let literal = named.strip_prefix("key::").map(str::to_owned);
        let literal = literal.or_else(|| named.starts_with("ssh-").then(|| named.clone()));
        Ok(Some(Signer::Program {
            program: run("gpg.ssh.program")?.unwrap_or_else(|| "ssh-keygen".into()),
            key: match literal {
                Some(literal) => Named::Literal(literal),
                None => Named::File(self.config_path(&named)?),
            },
        }))
    }

    /// The key file of a service.
    fn key_file(&self) -> Result<Option<PathBuf>> {
        if let Some(place) = std::env::var_os("QMS_SIGNING_KEY").filter(|v| !v.is_empty()) {
            return Ok(Some(std::path::absolute(place)?));
        }
        let place = self.config("qms.signingKey");
        place.map(|p| self.config_path(&p)).transpose()
    }
}

fn file(place: &Path) -> Result<Signer> {
    let no = |why: &str| NoSigner(format!("the key file `{}` {why}", place.display()));
    let text = std::fs::read(place).map_err(|e| no(&format!("cannot be read: {e}")))?;
    let key = PrivateKey::from_openssh(text);
    let key = key.map_err(|_| no("holds no private key as OpenSSH writes it"))?;
    if key.is_encrypted() {
        bail!(no("has a passphrase, and nobody is there to type it"));
    }
    // RSA in this process would leak the key by the time that it takes.
    match key.algorithm() {
        Algorithm::Ed25519 | Algorithm::Ecdsa { .. } => {
            Ok(Signer::File(Box::new(key), place.to_owned()))
        }
        other => bail!(no(&format!(
            "is of kind {other}, expected ed25519 or ecdsa"
        ))),
    }
}

/// The first key that a command prints, as git asks for one.
fn first_key(command: &OsString) -> Result<String> {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).stdin(Stdio::null());
    program::clear(&mut shell);
    let ran = shell
        .output()
        .context("cannot start gpg.ssh.defaultKeyCommand")?;
    let said = String::from_utf8_lossy(&ran.stdout);
    let key = said
        .lines()
        .find(|l| l.starts_with("key::") || l.starts_with("ssh-"));
    match key.filter(|_| ran.status.success()) {
        Some(key) => Ok(key.to_owned()),
        None => bail!(NoSigner("gpg.ssh.defaultKeyCommand gave no key".to_owned())),
    }
}

impl Signer {
    /// The armor of a signature of these bytes.
    pub fn sign(&self, payload: &[u8]) -> Result<String> {
        match self {
            Signer::File(key, _) => {
                let signature = key
                    .sign(NAMESPACE, HashAlg::Sha512, payload)
                    .map_err(|e| NoSigner(e.to_string()))?;
                Ok(signature
                    .to_pem(LineEnding::LF)
                    .map_err(|e| NoSigner(e.to_string()))?)
            }
            Signer::Program { program, key } => run(program, key, payload),
        }
    }

    /// What git itself must be told to sign the same way.
    pub fn for_git(&self) -> Vec<OsString> {
        match self {
            Signer::File(_, place) => {
                let mut key = OsString::from("user.signingKey=");
                key.push(place);
                let ssh_keygen = "gpg.ssh.program=ssh-keygen".into();
                vec![
                    "-c".into(),
                    "gpg.format=ssh".into(),
                    "-c".into(),
                    key,
                    "-c".into(),
                    ssh_keygen,
                ]
            }
            Signer::Program { .. } => Vec::new(),
        }
    }
}

/// As git runs it: the bytes in a file, the signature in another beside it.
fn run(name: &OsString, key: &Named, payload: &[u8]) -> Result<String> {
    let folder = tempfile::Builder::new().prefix("qms-sign-").tempdir()?;
    let buffer = folder.path().join("commit");
    std::fs::write(&buffer, payload)?;
    let mut command = Command::new(name);
    command.args(["-Y", "sign", "-n", NAMESPACE, "-f"]);
    match key {
        Named::File(place) => command.arg(place),
        Named::Literal(text) => {
            let place = folder.path().join("key.pub");
            std::fs::write(&place, format!("{text}\n"))?;
            command.arg(place).arg("-U")
        }
    };
    command.arg(&buffer).stdin(Stdio::null());
    program::clear(&mut command);
    let ran = command.output();
    let ran = ran.map_err(|e| NoSigner(format!("cannot start `{}`: {e}", name.display())))?;
    if !ran.status.success() {
        bail!(NoSigner(format!(
            "`{}` said: {}",
            name.display(),
            program::said(&ran)
        )));
    }
    std::fs::read_to_string(folder.path().join("commit.sig")).context("cannot read the signature")
}
