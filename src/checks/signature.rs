//! Signatures: where the policy asks for them, who acts is who signed. Clause: model.md "Identity", "Authority".

use super::Report;
use crate::model::change::Change;
use crate::model::finding::{Finding, Rule, Severity};
use crate::model::key;
use crate::model::signature;
use crate::model::signing::Level;

const CLAUSE: &str = "model.md, Identity";

pub(super) static UNSIGNED: Rule = Rule {
    id: "unsigned",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "where the policy requires signatures, a commit that needs an actor is signed with a key of his",
    why: "a name and an address are what anybody can type; a key is what only its holder has",
    remedy: "let git sign, then make the commits again: qms sync",
};
pub(super) static BAD_SIGNATURE: Rule = Rule {
    id: "bad-signature",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "a signature is an SSH signature, made for git, of exactly this commit",
    why: "a signature that cannot be verified is no better than none, and looks better",
    remedy: "sign with an SSH key (git config gpg.format ssh), then make the commits again: qms sync",
};
pub(super) static WRONG_SIGNER: Rule = Rule {
    id: "wrong-signer",
    severity: Severity::Error,
    clause: CLAUSE,
    demands: "the key that signed is one of the actor's, or of a gateway that lists him and commits what he wrote",
    why: "a good signature by some known key says who signed, and that is not who is said to act",
    remedy: "let the person sign whose name it is, or have the key added: qms user key add NAME --key FILE",
};
pub(super) static KEY_NOT_VALID: Rule = Rule {
    id: "key-not-valid",
    severity: Severity::Error,
    clause: "model.md, Authority",
    demands: "the key was good at the commit's time: the later of its committer date and that of the branch it enters",
    why: "a date in a commit is a claim; whoever holds a stolen key would date it back",
    remedy: "sign with a key that is good now, then make the commits again: qms sync",
};
pub(super) static RULES: &[&Rule] = &[&UNSIGNED, &BAD_SIGNATURE, &WRONG_SIGNER, &KEY_NOT_VALID];

/// How much a signature weighs in this step; one that is only being made has none yet, and nothing is asked of it.
pub(super) fn level(change: &Change) -> Level {
    if change.commit.id.is_empty() {
        return Level::Off;
    }
    change.policy.signatures.on(&change.passage.branch)
}

/// Whether the commit is signed by the actor, or by a gateway that commits for him; told where it is not.
pub(super) fn check(report: &mut Report<'_>, actor: &str, level: Level) -> bool {
    match wrong(report.change, actor) {
        None => true,
        Some(mut finding) => {
            if level == Level::Warn {
                finding.severity = Severity::Warning;
            }
            report.add(finding);
            false
        }
    }
}

/// Whose the commit counts as, by its author and its committer.
pub(super) fn whose(change: &Change) -> Vec<String> {
    let (people, commit) = (&change.policy.people, &change.commit);
    let known = [&commit.author, &commit.committer].into_iter();
    let known = known.filter_map(|ident| people.known_as(ident));
    let asked = level(change) == Level::Require;
    known
        .filter(|name| !asked || wrong(change, name).is_none())
        .map(str::to_owned)
        .collect()
}

// Implements: REQ-QMS-RULE-UNSIGNED, REQ-QMS-RULE-BAD-SIGNATURE, REQ-QMS-RULE-WRONG-SIGNER,
// REQ-QMS-RULE-KEY-NOT-VALID
fn wrong(change: &Change, actor: &str) -> Option<Finding> {
    let (commit, policy) = (&change.commit, &change.policy);
    let to_sign = |finding| to_sign(finding, commit.is_tag);
    let Some(found) = &commit.signature else {
        let message = format!(
            "the {} is not signed, expected a key of `{actor}`",
            commit.what()
        );
        return Some(to_sign(Finding::new(&UNSIGNED, message)));
    };
    let data = match signature::signer(found) {
        Ok(data) => data,
        Err(why) => {
            let message = format!("the signature cannot be verified: {why}");
            return Some(to_sign(Finding::new(&BAD_SIGNATURE, message)));
        }
    };
    let name = key::fingerprint(&data);
    let strange = |message: String| {
        let add = format!("qms user key add {actor} --key FILE   (by who may enroll him)");
        let finding = Finding::new(&WRONG_SIGNER, message).fact("key", &name);
        Some(to_sign(finding).help("if the key is his", add))
    };
    let Some(held) = policy.keys.get(&data) else {
        return strange(format!(
            "the key that signed is nobody's, expected one of `{actor}`"
        ));
    };
    let signer = held.user.as_str();
    if signer != actor {
        let lists = policy.people.gateways_of(actor).any(|(g, _)| g == signer);
        let wrote = policy.people.known_as(&commit.author) == Some(actor);
        let commits = policy.people.known_as(&commit.committer) == Some(signer);
        if !lists {
            return strange(format!("`{signer}` signed what `{actor}` is to have done"));
        }
        if !wrote || !commits {
            return strange(format!(
                "`{signer}` signs for `{actor}` what he committed and `{actor}` wrote, and this is neither or one of the two"
            ));
        }
    }
    let time = commit.committer.seconds.max(change.passage.time);
    let why = held.wrong_at(time)?;
    let message = format!("the key of `{signer}` that signed {why}");
    let finding = Finding::new(&KEY_NOT_VALID, message)
        .fact("key", &name)
        .fact("signed", shown(time));
    Some(to_sign(finding))
}

/// A time as it stands in the policy.
fn shown(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |t| t.to_string())
}

/// What there is to sign with is missing where the policy requires it: refused before anything is written.
pub fn cannot_sign(why: &str) -> Finding {
    let message = format!("the policy requires a signature here, and {why}");
    to_sign(Finding::new(&UNSIGNED, message), false)
}

fn to_sign(finding: Finding, is_tag: bool) -> Finding {
    let again = match is_tag {
        true => (
            "the tag, once it is deleted here",
            "qms qualify SYSTEM --release NAME",
        ),
        false => ("commits that are there", "qms sync"),
    };
    finding
        .help("sign with SSH", "git config gpg.format ssh")
        .help(
            "with your key",
            "git config user.signingKey ~/.ssh/id_ed25519.pub",
        )
        .help("always", "git config commit.gpgsign true")
        .help(again.0, again.1)
}
