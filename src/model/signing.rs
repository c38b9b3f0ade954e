//! Where signatures are asked for, and who may sign for whom. Source: model.md "Identity".

use super::path::TreePath;
use super::pattern::Pattern;
use super::people::User;
use super::policy::Policy;
use super::ring::Held;

/// How much a signature weighs on a branch.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    serde::Deserialize,
    serde::Serialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing is asked.
    #[default]
    Off,
    /// What would be refused is told.
    Warn,
    /// Who acts signs with a key of his.
    Require,
}

/// What the policy asks of signatures.
#[derive(Debug, Clone, PartialEq)]
pub enum Signatures {
    All(Level),
    /// By pattern of branch.
    Branches(Vec<(Pattern, Level)>),
}

impl Signatures {
    /// Of a protected branch, named without `refs/heads/`: the strictest that matches, so that no order counts.
    pub fn on(&self, branch: &str) -> Level {
        let path = TreePath::from(branch);
        match self {
            Signatures::All(level) => *level,
            Signatures::Branches(rows) => {
                let rows = rows.iter().filter(|(pattern, _)| pattern.matches(&path));
                rows.map(|(_, level)| *level).max().unwrap_or_default()
            }
        }
    }
}

impl Policy {
    /// Whether a verdict about this branch may depend on when a commit was made.
    pub fn judges_by_time(&self, branch: &str) -> bool {
        self.signatures.on(branch) != Level::Off && self.keys.values().any(Held::is_dated)
    }

    /// Whether somebody can sign, by a key of his own that is not revoked or by that of a gateway; dates aside.
    pub fn can_sign(&self, name: &str) -> bool {
        let has = |user: &User| user.keys.iter().any(|k| k.revoked.is_none());
        let own = self.people.active(name).is_some_and(has);
        own || self
            .people
            .gateways_of(name)
            .any(|(_, gateway)| has(gateway))
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::tests::P256;
    use super::super::signature::tests::DEV;
    use super::*;

    #[test]
    fn it_takes_two_who_can_sign_where_the_trunk_requires_it() {
        let policy = |dev: &str, qa: &str, more: &str| {
            let text = format!(
                "qms: \"0.1\"\nbranches: {{trunk: main, protected: [release/*]}}\nusers:\n  dev: {{groups: [initiator]{dev}}}\n  \
                 qa: {{groups: [quality]{qa}}}\n{more}\n"
            );
            Policy::parse(text.as_bytes()).unwrap_or_else(|f| panic!("{f:?}"))
        };
        let dev = format!(", keys: [\"{DEV}\"]");
        let qa = format!(", keys: [{{key: \"{P256}\", until: 2020-01-01}}]");
        let gone = qa.replace("until", "revoked");
        let gate = format!("  gate: {{groups: [], agents: [qa]{qa}}}\n");
        let all = "signatures: require";
        for (dev, qa, more, could) in [
            ("", "", "signatures: warn", true),
            ("", "", all, false),
            (&*dev, "", all, false),
            (&*dev, &*qa, all, true),
            (&*dev, &*gone, all, false),
            (&*dev, "", &*format!("{gate}{all}"), true),
            ("", "", "signatures: {release/*: require}", true),
            ("", "", "signatures: {main: require}", false),
            (
                "",
                "",
                "signatures: {\"*\": off, main: require, ma*: warn}",
                false,
            ),
        ] {
            assert_eq!(policy(dev, qa, more).could_approve(), could, "{more}");
        }
        let timed = policy(&dev, &qa, "signatures: {main: warn}");
        assert!(timed.judges_by_time("main") && !timed.judges_by_time("release/1"));
        assert!(!policy(&dev, "", all).judges_by_time("main"));
        let twice = format!(
            "qms: \"0.1\"\nbranches: {{trunk: main}}\nusers:\n  a: {{groups: []{dev}}}\n  b: {{groups: []{dev}}}\n"
        );
        let flaws = Policy::parse(twice.as_bytes()).expect_err("one key, two users");
        assert!(flaws[0].message.contains("`a` and to `b`") && flaws[0].span.is_some());
    }
}
