//! Signing what qms makes: with what, or refused with what to configure.

use anyhow::Result;

use super::session::Refused;
use crate::checks;
use crate::git::Repo;
use crate::git::sign::{NoSigner, Signer};
use crate::model::policy::Policy;
use crate::model::signing::Level;

/// What a commit for this branch is signed with, if it is to be. Where it must be and cannot, nothing is made.
pub(super) fn signer(repo: &Repo, policy: &Policy, branch: &str) -> Result<Option<Signer>> {
    let required = policy.signatures.on(branch) == Level::Require;
    told(repo.signer(required), required)
}

/// A signature that a branch requires and that cannot be made, as a refusal.
pub(super) fn told<T>(made: Result<T>, required: bool) -> Result<T> {
    made.map_err(|error| match error.downcast::<NoSigner>() {
        Ok(NoSigner(why)) if required => Refused(vec![checks::signature::cannot_sign(&why)]).into(),
        Ok(why) => why.into(),
        Err(error) => error,
    })
}
