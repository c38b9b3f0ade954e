//! The same history with every commit after the anchor signed by its author's key: each is written again on its signed
//! parents. Keys are made of the names, so that the history is the same in every run.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::Stdio;

use gix::ObjectId;
use gix::objs::{Kind, Write as _};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey};

use super::Program;

/// Everybody's key, by name.
pub(crate) type Keys = BTreeMap<String, PrivateKey>;

pub(crate) fn keys<'n>(names: impl Iterator<Item = &'n String>) -> Keys {
    let key = |name: &String| {
        let mut seed = [7; 32];
        for (at, byte) in name.bytes().enumerate() {
            seed[at % 32] ^= byte;
        }
        let pair = KeypairData::Ed25519(Ed25519Keypair::from_seed(&seed));
        let key = PrivateKey::new(pair, name.as_str()).expect("a key");
        (name.clone(), key)
    };
    names.map(key).collect()
}

/// Signs what follows the first commit, and moves `main` there. Answers with the first, which stays.
pub(crate) fn sign(dir: &Path, keys: &Keys, program: Program<'_>) {
    let mut list = program("git");
    let list = list.arg("-C").arg(dir);
    let list = list.args(["rev-list", "--reverse", "--topo-order", "main"]);
    let list = list.stdout(Stdio::piped()).output().expect("git starts");
    let list = String::from_utf8(list.stdout).expect("ids");
    let repo = gix::open_opts(dir, gix::open::Options::isolated()).expect("a repository");
    let mut signed: HashMap<String, ObjectId> = HashMap::new();
    for name in list.lines() {
        let id = ObjectId::from_hex(name.as_bytes()).expect("an id");
        let made = match signed.is_empty() {
            true => id,
            false => again(&repo, id, &signed, keys),
        };
        signed.insert(name.to_owned(), made);
    }
    let tip = list.lines().last().map(|name| signed[name].to_string());
    let tip = tip.expect("a commit");
    super::git(dir, &["update-ref", "refs/heads/main", &tip], program);
}

fn again(
    repo: &gix::Repository,
    id: ObjectId,
    signed: &HashMap<String, ObjectId>,
    keys: &Keys,
) -> ObjectId {
    let data = repo.find_object(id).expect("a commit").detach().data;
    let text = String::from_utf8(data).expect("UTF-8");
    let (head, message) = text.split_once("\n\n").expect("a message");
    let line = |line: &str| match line.strip_prefix("parent ") {
        Some(parent) => format!("parent {}\n", signed[parent]),
        None => format!("{line}\n"),
    };
    let head: String = head.lines().map(line).collect();
    let author = head.split("\nauthor ").nth(1).expect("an author");
    let author = author.split(" <").next().expect("a name");
    let payload = format!("{head}\n{message}");
    let signature = keys[author].sign("git", HashAlg::Sha512, payload.as_bytes());
    let armor = signature.expect("a signature").to_pem(LineEnding::LF);
    let armor = armor.expect("text").trim_end().replace('\n', "\n ");
    let commit = format!("{head}gpgsig {armor}\n\n{message}");
    let made = repo.objects.write_buf(Kind::Commit, commit.as_bytes());
    made.expect("an object")
}
