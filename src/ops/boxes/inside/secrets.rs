//! Looking for what nobody in a box should see: keys, remotes with credentials, sockets.

use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use crate::model::boxes::{REPO, SETTINGS};
use crate::model::health::Row;

/// Words in names of variables whose values are secrets.
const SECRET: [&str; 5] = ["TOKEN", "SECRET", "PASSWORD", "API_KEY", "SSH_AUTH_SOCK"];
/// Where sockets of the machine are put.
const SOCKETS: [&str; 3] = ["/run", "/var/run", "/tmp"];
/// Where keys lie.
const KEYS: [&str; 5] = [
    "/root/.ssh",
    "/etc/ssl/private",
    "/etc/ssh",
    "/root",
    "/home",
];
/// Files and folders that are looked at in one place.
const MOST: usize = 2_000;
/// Bytes of a file that are looked at.
const HEAD: usize = 4_096;

/// What of it is seen here.
pub fn secrets() -> Vec<Row> {
    let mut rows = environment();
    rows.extend(sockets());
    rows.extend(keys());
    rows.extend(remotes(&Path::new(REPO).join(".git")));
    if rows.is_empty() {
        rows.push(Row::good(
            "secrets",
            "secrets",
            "no key, no socket and no remote with credentials is seen",
        ));
    }
    rows
}

fn environment() -> Vec<Row> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let secret = names.filter(|name| SECRET.iter().any(|word| name.to_uppercase().contains(word)));
    let row = |name: String| {
        Row::wrong(
            "secret-in-environment",
            "environment",
            format!("{name} is set, and every program here reads it"),
        )
        .mend("give it as a file that one program reads, or log in inside")
    };
    secret.map(row).collect()
}

fn sockets() -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for place in SOCKETS {
        for file in below(Path::new(place), 3) {
            let is_socket =
                fs::symlink_metadata(&file).is_ok_and(|about| about.file_type().is_socket());
            if is_socket && fs::canonicalize(place).is_ok_and(|real| real == Path::new(place)) {
                let is = format!("{} is a socket of somebody else", file.display());
                rows.push(
                    Row::wrong("socket-visible", "sockets", is)
                        .mend("do not mount it: who speaks to an engine is root of the machine"),
                );
            }
        }
    }
    rows
}

fn keys() -> Vec<Row> {
    let own = [PathBuf::from(SETTINGS), Path::new(REPO).join(".git")];
    let places = KEYS.iter().map(PathBuf::from).chain(own);
    let mut rows = Vec::new();
    for place in places {
        let deep = if place.ends_with(".git") { 1 } else { 3 };
        for file in below(&place, deep) {
            if is_key(&file) {
                let is = format!("{} is a private key, or holds passwords", file.display());
                rows.push(
                    Row::wrong("key-visible", "keys", is)
                        .mend("take it away: the gateway signs and pushes, and nobody here has to"),
                );
            }
        }
    }
    rows
}

fn is_key(file: &Path) -> bool {
    if file
        .file_name()
        .is_some_and(|name| name == ".git-credentials")
    {
        return true;
    }
    let plain = fs::symlink_metadata(file).is_ok_and(|about| about.is_file());
    let Some(mut from) = plain.then(|| fs::File::open(file).ok()).flatten() else {
        return false;
    };
    let mut head = vec![0; HEAD];
    let read = std::io::Read::read(&mut from, &mut head).unwrap_or(0);
    let text = String::from_utf8_lossy(&head[..read]).into_owned();
    text.starts_with("-----BEGIN ")
        && text
            .lines()
            .next()
            .is_some_and(|line| line.contains("PRIVATE KEY"))
}

/// Everything below a folder, so many folders deep; as much as is looked at.
fn below(folder: &Path, deep: usize) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut open = vec![(folder.to_path_buf(), deep)];
    while let Some((folder, deep)) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            match is_folder && deep > 1 {
                true => open.push((entry.path(), deep - 1)),
                false => out.push(entry.path()),
            }
            if out.len() + open.len() > MOST {
                return out;
            }
        }
    }
    out.sort();
    out
}

/// Remotes that carry what lets somebody in.
fn remotes(git: &Path) -> Vec<Row> {
    let config = fs::read_to_string(git.join("config")).unwrap_or_default();
    let mut rows = Vec::new();
    for line in config.lines().map(str::trim) {
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let (key, value) = (key.trim().to_lowercase(), value.trim());
        if key == "extraheader" || (key.ends_with("url") && carries(value)) {
            let is = format!("`{key}` of the repository's configuration lets in whoever reads it");
            rows.push(
                Row::wrong("remote-with-credentials", "remotes", is)
                    .mend("take it out of .git/config, and use a credential helper of your own: git config --global credential.helper"),
            );
        }
    }
    rows
}

/// Whether a URL holds a password, or a token in the place of a user.
fn carries(url: &str) -> bool {
    let authority = url
        .split_once("://")
        .map(|(_, rest)| rest.split('/').next().unwrap_or_default());
    let user = authority
        .and_then(|authority| authority.rsplit_once('@'))
        .map(|(user, _)| user);
    let scheme = url.split("://").next().unwrap_or_default();
    user.is_some_and(|user| user.contains(':') || scheme.starts_with("http"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_let_somebody_in() {
        for bad in [
            "https://me:secret@x.example/r",
            "https://ghp_123@x.example/r",
            "ssh://me:p@x/r",
        ] {
            assert!(carries(bad), "{bad}");
        }
        for good in [
            "git@x.example:r",
            "ssh://git@x.example/r",
            "https://x.example/a@b",
            "../server.git",
        ] {
            assert!(!carries(good), "{good}");
        }
    }

    #[test]
    fn remotes_keys_and_stored_passwords_are_seen() {
        let room = tempfile::tempdir().expect("a folder");
        let file =
            |name: &str, text: &str| std::fs::write(room.path().join(name), text).expect("a file");
        file(
            "config",
            "[remote \"origin\"]\n\turl = https://me:pw@x.example/r\n[http]\n\textraHeader = A: b\n",
        );
        assert_eq!(remotes(room.path()).len(), 2);
        file("id", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
        file("id.pub", "ssh-ed25519 AAAA\n");
        file(".git-credentials", "");
        let keys: Vec<_> = below(room.path(), 1)
            .into_iter()
            .filter(|f| is_key(f))
            .collect();
        assert_eq!(
            keys,
            [room.path().join(".git-credentials"), room.path().join("id")]
        );
    }
}
