//! Annotated tags: reading what they say, and making one.

use anyhow::{Context, Result, bail};
use gix::objs::Kind;

use super::sign::Signer;
use super::write::signature;
use super::{Oid, Repo};
use crate::model::ident::Ident;

/// An annotated tag.
pub struct Tag {
    /// The commit that it names, through other tags.
    pub commit: Oid,
    /// Without its signature.
    pub message: String,
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
        let message = self.any(id, |kind, data| {
            if kind != Kind::Tag {
                return Ok(None);
            }
            let tag = gix::objs::TagRef::from_bytes(data, id.kind());
            let tag = tag.map_err(|e| anyhow::anyhow!("{e}"))?;
            Ok(Some(tag.message.to_string()))
        })?;
        let Some(message) = message else {
            return Ok(None);
        };
        let signed = message.find("-----BEGIN SSH SIGNATURE-----");
        Ok(Some(Tag {
            commit: self.peeled(id)?,
            message: message[..signed.unwrap_or(message.len())].to_owned(),
        }))
    }

    /// Makes an annotated tag of a commit, which was not there before; signed over exactly the bytes before the signature.
    pub fn make_tag(
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
        let memory = self.in_memory();
        let made = gix::objs::Write::write_buf(&memory.objects.objects, Kind::Tag, &bytes);
        let made = made.map_err(|e| anyhow::anyhow!("{e}"))?;
        memory
            .land_ref(&full, None, made, "qms: tag")
            .context("the tag was not made")?;
        Ok(made)
    }
}
