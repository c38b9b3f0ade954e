//! What the documents of a type are made of here: the template in force and the policy, or what is built in.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use super::session::Session;
use crate::git::read::Reader;
use crate::model::body::Form;
use crate::model::house::TypeRules;
use crate::model::kind::Kind;
use crate::model::state::Version;
use crate::model::template;

/// The form of a type, and what it is made from.
#[derive(Debug, Clone)]
pub struct Made {
    /// As the template alone has it.
    pub plain: Form,
    pub form: Arc<Form>,
    /// The version of the template in force; none where the built-in one counts.
    pub version: Option<Version>,
    /// What the policy says on top.
    pub house: Option<Arc<TypeRules>>,
}

/// The form of a type at `HEAD`; the built-in one outside of a repository, and in one without a policy.
pub fn of(dir: &Path, kind: &'static Kind) -> Result<Made> {
    let plain = template::built_in_form(kind);
    let built_in = Made {
        form: Arc::new(plain.clone()),
        plain,
        version: None,
        house: None,
    };
    let Ok(session) = Session::open(dir, None) else {
        return Ok(built_in);
    };
    let reader = Reader::new(&session.repo);
    let Some(head) = session.tip() else {
        return Ok(built_in);
    };
    if reader.policy(head)?.is_none() {
        return Ok(built_in);
    }
    let (tree, policy) = (session.repo.tree_of(head)?, session.policy(&reader)?);
    let (plain, version) = reader.template_form(tree, &policy.folder, kind)?;
    Ok(Made {
        plain,
        form: reader.form(tree, &policy, kind)?,
        version,
        house: policy.types.get(kind.name).cloned(),
    })
}
