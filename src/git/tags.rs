//! Annotated tags: reading what they say, and making one.

use anyhow::{Context, Result, bail};
use gix::objs::Kind;

use super::sign::Signer;
use super::write::signature;
use super::{Oid, Repo, commit};
use crate::model::change::{Commit, Signature};
use crate::model::ident::Ident;

/// An annotated tag.
pub struct Tag {
    /// The commit that it names, through other tags.
    pub commit: Oid,
    /// What it calls itself, without `refs/tags/`: a name that it is put under can be another one.
    pub name: String,
    /// Without its signature.
    pub message: String,
    /// Who made it, and its signature.
    pub made: Commit,
}

impl Repo {
    /// The annotated tag of a name without `refs/tags/`; None where it is none.
    pub fn tag(&self, name: &str) -> Result<Option<Tag>> {
        match self.resolve_unpeeled(&format!("refs/tags/{name}")) {
            Some(id) => self.tag_of(id),
            None => Ok(None),
        }
    }

    /// The same of an object that is to become one.
    pub fn tag_of(&self, id: Oid) -> Result<Option<Tag>> {
        let bytes = self.any(id, |kind, data| {
            Ok((kind == Kind::Tag).then(|| data.to_vec()))
        })?;
        let Some(bytes) = bytes else {
            return Ok(None);
        };
        let read = read(id, &bytes, self.peeled(id)?);
        read.with_context(|| format!("tag {id} cannot be read"))
            .map(Some)
    }

    /// Writes an annotated tag of a commit, which is not there yet; signed over exactly the bytes before the signature.
    /// No ref holds it until `land_tag`.
    pub fn write_tag(
        &self,
        name: &str,
        commit: Oid,
        who: &Ident,
        message: &str,
        signer: Option<&Signer>,
    ) -> Result<Oid> {
        let full = format!("refs/tags/{name}");
        if self.resolve_unpeeled(&full).is_some() {
            bail!("the tag `{name}` is there already, and stays as it is");
        }
        gix::validate::reference::name(full.as_str().into())
            .map_err(|e| anyhow::anyhow!("`{name}` is no name of a tag: {e}"))?;
        let mut bytes = format!("object {commit}\ntype commit\ntag {name}\ntagger ").into_bytes();
        gix::actor::Signature::write_to(&signature(who), &mut bytes)?;
        bytes.extend(format!("\n\n{message}").bytes());
        if let Some(signer) = signer {
            let armor = signer.sign(&bytes)?;
            bytes.extend(armor.trim_end().bytes());
            bytes.push(b'\n');
        }
        let made = gix::objs::Write::write_buf(&self.objects.objects, Kind::Tag, &bytes);
        made.map_err(|e| anyhow::anyhow!("{e}"))
    }

    /// Puts a tag that was written in memory in place.
    pub fn land_tag(self, name: &str, made: Oid) -> Result<()> {
        self.land_ref(&format!("refs/tags/{name}"), None, made, "qms: tag")
            .context("the tag was not made")
    }
}

/// Reads a tag of the commit `of` as git writes it, strictly. The first armor ends the message, and all from there on is the signature.
pub fn read(id: Oid, bytes: &[u8], of: Oid) -> Result<Tag> {
    let message = commit::message(bytes);
    let (head, signed) = bytes.split_at(bytes.len() - message.len());
    let mut lines = head.split(|b| *b == b'\n');
    let mut due = |key: &str| {
        let line = lines
            .next()
            .and_then(|line| line.strip_prefix(key.as_bytes()));
        line.with_context(|| format!("`{key}` is not where it belongs"))
    };
    due("object ")?;
    due("type ")?;
    let name = String::from_utf8_lossy(due("tag ")?).into_owned();
    let tagger = commit::ident(due("tagger ")?)?;
    due("").and_then(|rest| match rest.is_empty() {
        true => Ok(()),
        false => bail!("it has another header"),
    })?;
    let begins = |at: &usize| {
        let is_line = *at == 0 || signed[at - 1] == b'\n';
        is_line && signed[*at..].starts_with(b"-----BEGIN ")
    };
    let end = (0..signed.len()).find(begins);
    let signature = end.map(|end| Signature {
        armor: signed[end..].to_vec(),
        payload: bytes[..head.len() + end].to_vec(),
    });
    let message = &signed[..end.unwrap_or(signed.len())];
    Ok(Tag {
        commit: of,
        name,
        message: String::from_utf8_lossy(message).into_owned(),
        made: Commit {
            id: id.to_string(),
            is_tag: true,
            author: tagger.clone(),
            committer: tagger,
            signature,
            ..Commit::default()
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "object 1111111111111111111111111111111111111111\ntype commit\ntag v1\n\
        tagger T <t@x> 1700000000 +0100\n\nOne\n\nSystem: CLI\n\
        -----BEGIN SSH SIGNATURE-----\nabc\n-----END SSH SIGNATURE-----\n";

    fn parse(text: &str) -> Result<Tag> {
        let id = Oid::null(gix::hash::Kind::Sha1);
        read(id, text.as_bytes(), id)
    }

    #[test]
    fn a_tag_is_read_with_what_its_signature_signs() {
        let tag = parse(GOOD).expect("a tag");
        assert_eq!((&*tag.name, &*tag.message), ("v1", "One\n\nSystem: CLI\n"));
        assert_eq!(tag.made.committer.email, "t@x");
        assert_eq!(tag.made.author, tag.made.committer);
        let (payload, armor) = GOOD.split_at(GOOD.find("-----").expect("there"));
        let signature = tag.made.signature.expect("signed");
        assert_eq!(signature.payload, payload.as_bytes());
        assert_eq!(signature.armor, armor.as_bytes());
        let plain = parse(payload).expect("a tag");
        assert_eq!(plain.made.signature, None);
        // Two armors are none that can be read, and other programs' are none of SSH.
        let twice = parse(&GOOD.replace("One", "-----BEGIN X-----")).expect("a tag");
        let signature = twice.made.signature.expect("something");
        assert!(crate::model::signature::signer(&signature).is_err());
    }

    #[test]
    fn what_git_would_not_write_is_refused() {
        for (from, to) in [
            ("object ", "objekt "),
            ("type commit\n", ""),
            ("tag v1\n", "tagger A <a@x> 1 +0000\ntag v1\n"),
            ("tagger ", "taggert "),
            ("<t@x>", "<t@x> <u@x>"),
            ("+0100\n", "+0100\ntagger U <u@x> 1 +0000\n"),
            (GOOD, ""),
        ] {
            assert!(parse(&GOOD.replace(from, to)).is_err(), "{to}");
        }
    }
}
