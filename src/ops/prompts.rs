//! What a reviewer of a document is asked, in the words of its repository.

use anyhow::{Result, bail};

use super::session::Session;
use crate::git::read::Reader;
use crate::model::kind::Id;
use crate::model::path::TreePath;
use crate::model::prompt::{self, Phase, Prompts};

/// The text for a document as it is now.
pub fn review(session: &Session, id: &Id) -> Result<String> {
    let reader = Reader::new(&session.repo);
    let policy = session.policy(&reader)?;
    let document = session.document(&reader, &policy, id)?;
    let path = format!("{}/{}", policy.folder, prompt::FILE);
    let tree = session.repo.tree_of(session.head()?)?;
    let mut all = Prompts::built_in();
    if let Some(raw) = session.repo.entry(tree, &TreePath::from(path.as_str()))? {
        let own = String::from_utf8(session.repo.blob(raw.id)?);
        match own.map(|text| Prompts::read(&text)) {
            Ok(Ok(own)) => all = all.with(own),
            Ok(Err(flaw)) => bail!("`{path}` cannot be read: {}", flaw.message),
            Err(_) => bail!("`{path}` is not UTF-8"),
        }
    }
    let state = &document.state;
    let kind = id.kind().name;
    let text = all.text(kind, Phase::of(state.status));
    Ok([
        ("{id}", id.as_str()),
        ("{type}", kind),
        ("{status}", state.status.as_str()),
        ("{version}", &state.version.to_string()),
    ]
    .iter()
    .fold(text.to_owned(), |text, (name, value)| {
        text.replace(name, value)
    }))
}
