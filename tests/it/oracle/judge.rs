//! The tool's judgement, behind three functions: of a range, of one commit that is meant for a tip, of a whole repository.

use std::path::Path;

use qms::checks;
use qms::git::read::Reader;
use qms::git::way::Way;
use qms::git::{Oid, Repo};
use qms::model::finding::Finding;
use qms::ops::mainline::{self, Trust};
use qms::ops::verify::{Ask, verify};

use super::store::Store;

fn errors(findings: &[Finding]) -> Vec<String> {
    let errors = findings.iter().filter(|f| f.is_error());
    errors
        .map(|f| format!("{}: {}", f.rule.id, f.message))
        .collect()
}

/// What is wrong between an anchor and a tip; what could not be judged is wrong too.
pub(crate) fn judge(repo: &Path, anchor: Oid, tip: Oid) -> Vec<String> {
    let judged = || -> anyhow::Result<Vec<Finding>> {
        let repo = Repo::discover(repo)?;
        let reader = Reader::new(&repo);
        let chain = repo.mainline(tip, Some(anchor))?;
        let chain = chain.ok_or_else(|| anyhow::anyhow!("the anchor is not on the mainline"))?;
        let trust = Trust {
            trunk: "main",
            anchor: Some(anchor),
            tip: Some(tip),
            now: None,
            current: false,
        };
        mainline::steps(&reader, &chain, "main", trust, &|_, _| {})
    };
    judged().map_or_else(
        |error| vec![format!("cannot verify: {error:#}")],
        |found| errors(&found),
    )
}

/// What an auditor finds who has the repository and knows the anchor: what `judge` finds, and every object read.
pub(crate) fn verified(store: &Store, anchor: Oid, tip: Oid) -> Vec<String> {
    store.stand(
        "main",
        tip,
        &("ann".to_owned(), "ann@example.com".to_owned()),
    );
    let ask = Ask {
        anchor: Some(anchor.to_string()),
        threads: Some(1),
        no_cache: true,
        ..Ask::default()
    };
    match verify(store.path(), &ask, &|_, _, _| {}) {
        Ok(verified) => verified
            .parts
            .iter()
            .flat_map(|part| errors(&part.findings))
            .collect(),
        Err(error) => vec![format!("cannot verify: {error:#}")],
    }
}

/// What is wrong with one commit of a branch that is meant for `p`.
pub(crate) fn one(repo: &Repo, commit: Oid, p: Oid) -> Vec<String> {
    match Reader::new(repo).commit(commit, &Way::new("main", p, None)) {
        Ok(change) => errors(&checks::check(&change)),
        Err(error) => vec![format!("cannot verify: {error:#}")],
    }
}
