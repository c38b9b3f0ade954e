//! Commits to be looked at: read strictly where that can be done, and as well as may be where it cannot. Nothing is
//! judged by what is read here.

use anyhow::Result;
use gix::objs::Kind;

use super::super::history::Node;
use super::super::{Oid, Repo, commit};
use crate::model::change::Commit;
use crate::model::ident::Ident;

impl Repo {
    /// A commit and its place, however old or odd it is.
    pub fn seen(&self, id: Oid) -> Result<(Node, Commit)> {
        self.object(id, Kind::Commit, |data| {
            let node = commit::node(data)?;
            let commit = commit::read(id, data).unwrap_or_else(|_| loose(id, data));
            Ok((node, commit))
        })
    }
}

/// What can be made out of a commit that is not as git writes it.
fn loose(id: Oid, data: &[u8]) -> Commit {
    let mut headers = data.split(|b| *b == b'\n').take_while(|l| !l.is_empty());
    let author = headers.find_map(|line| line.strip_prefix(b"author "));
    Commit {
        id: id.to_string(),
        author: ident(&String::from_utf8_lossy(author.unwrap_or_default())),
        message: Some(commit::message(data).to_vec()),
        ..Commit::default()
    }
}

fn ident(text: &str) -> Ident {
    let (who, when) = text.rsplit_once('>').unwrap_or((text, ""));
    let (name, email) = who.split_once('<').unwrap_or((who, ""));
    let seconds = when.split_whitespace().next();
    Ident {
        seconds: seconds.and_then(|s| s.parse().ok()).unwrap_or_default(),
        ..Ident::new(name.trim(), email)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_commit_is_read_as_well_as_may_be() {
        let id = Oid::null(gix::hash::Kind::Sha1);
        let odd = b"tree x\nauthor A <a <b@x>> 17 +00000\nencoding a\nencoding b\n\nS\xe4\n";
        assert!(commit::read(id, odd).is_err());
        let read = loose(id, odd);
        assert_eq!((read.author.name.as_str(), read.author.seconds), ("A", 17));
        assert_eq!(read.message.as_deref(), Some(&b"S\xe4\n"[..]));
        assert_eq!(loose(id, b"").author, Ident::default());
    }
}
