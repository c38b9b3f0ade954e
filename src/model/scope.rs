//! What a path is to the process: a document, the policy, controlled, free; and whether a scope covers it.
//! Source: model.md "Scope".

use super::change::Tree;
use super::document::Document;
use super::kind::Id;
use super::path::{self, TreePath};
use super::pattern::Pattern;
use super::policy::{self, Policy};
use super::workflow::Status;

/// What a path is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sort {
    /// A controlled document in its one place. No scope covers it.
    Document(Id),
    /// Needs an open change whose scope covers it. `exactly`: only a pattern that names it covers it.
    Controlled {
        exactly: bool,
    },
    Free,
}

/// Files and folders that steer git, CI or hooks, at any depth.
const STEERING_FILES: &[&str] = &[
    ".gitattributes",
    ".gitmodules",
    ".mailmap",
    ".gitlab-ci.yml",
    ".travis.yml",
    ".drone.yml",
    ".woodpecker.yml",
    ".appveyor.yml",
    "appveyor.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "Jenkinsfile",
    ".cirrus.yml",
    ".pre-commit-config.yaml",
    "lefthook.yml",
    ".lefthook.yml",
];
const STEERING_FOLDERS: &[&str] = &[
    ".github",
    ".gitlab",
    ".circleci",
    ".buildkite",
    ".woodpecker",
    ".forgejo",
    ".gitea",
    ".ci",
    ".husky",
    ".githooks",
    ".git-hooks",
    "hooks",
];

impl Policy {
    /// Sorts a path; `who` are the users in whose name it changes, for entries that are free for some.
    pub fn sort(&self, path: &TreePath, who: &[&str]) -> Sort {
        if let Some(id) = Id::at_home(path, &self.folder) {
            return Sort::Document(id);
        }
        if self.is_steering(path) {
            return Sort::Controlled { exactly: true };
        }
        let applies =
            |by: &Vec<String>| by.is_empty() || by.iter().any(|b| who.contains(&b.as_str()));
        let free = self
            .free
            .iter()
            .any(|f| applies(&f.by) && f.patterns.iter().any(|p| p.matches(path)));
        if free {
            Sort::Free
        } else {
            Sort::Controlled { exactly: false }
        }
    }

    fn is_steering(&self, path: &TreePath) -> bool {
        let components: Vec<&[u8]> = path.components().collect();
        let (name, folders) = components.split_last().expect("a path has a name");
        (folders.is_empty() && is_one_of(name, &[policy::FILE]))
            || is_one_of(components[0], &[self.folder.as_str()])
            || is_one_of(name, STEERING_FILES)
            || folders.iter().any(|c| is_one_of(c, STEERING_FOLDERS))
    }
}

/// Whether a name is one of these as the least careful file system reads it.
fn is_one_of(name: &[u8], known: &[&str]) -> bool {
    let odd = (!name.is_ascii()).then(|| path::folded(name));
    let plain = odd.as_deref().unwrap_or(path::cut(name));
    let short = name.contains(&b'~');
    known.iter().any(|k| {
        let same = match k.is_ascii() {
            true => plain.eq_ignore_ascii_case(k.as_bytes()),
            false => path::folded(name) == path::folded(k.as_bytes()),
        };
        same || (short && path::is_short(name, k))
    })
}

/// The patterns of a change: its own, and while its parent is in execution the parent's.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scope(pub Vec<Pattern>);

impl Scope {
    /// The scope of a change: its own, and of a variance its parent's while that is in execution. `known`: the patterns
    /// of a document and where it stands.
    pub fn of_change(id: &Id, known: &impl Fn(&Id) -> Option<(Scope, Status)>) -> Scope {
        let mut scope = known(id).map(|(own, _)| own).unwrap_or_default();
        if id.kind().name == "VAR"
            && let Some(parent) = id.parent()
            && known(&parent).is_some_and(|(_, status)| status == Status::InExecution)
        {
            scope.0.extend(Scope::of_change(&parent, known).0);
        }
        scope
    }

    /// The scope of a change in a tree.
    pub fn in_tree(tree: &Tree, id: &Id) -> Scope {
        Scope::of_change(id, &|id| {
            let document = tree.read(id)?;
            Some((Scope::of(document), document.state.status))
        })
    }

    /// Patterns as they are written. One that cannot be read covers nothing.
    pub fn read(patterns: &[String]) -> Scope {
        Scope(
            patterns
                .iter()
                .filter_map(|p| Pattern::parse(p).ok())
                .collect(),
        )
    }

    /// A document's own scope.
    pub fn of(document: &Document) -> Scope {
        Scope::read(&document.front.scope)
    }

    pub fn covers(&self, path: &TreePath, exactly: bool) -> bool {
        self.0
            .iter()
            .any(|p| (!exactly || p.is_exact()) && p.matches(path))
    }

    pub fn overlaps(&self, patterns: &[Pattern]) -> bool {
        self.0
            .iter()
            .any(|a| patterns.iter().any(|b| a.overlaps(b)))
    }

    /// As people write it.
    pub fn text(&self) -> String {
        if self.0.is_empty() {
            "(empty)".into()
        } else {
            self.0
                .iter()
                .map(Pattern::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::tests::TEXT;
    use super::*;

    #[test]
    fn g14_what_steers_git_and_ci_is_always_controlled_and_needs_its_own_name() {
        let policy =
            Policy::parse(TEXT.replace("README.md", "\"**\"").as_bytes()).expect("a policy");
        let exactly = Sort::Controlled { exactly: true };
        for path in [
            "qms.yaml",
            "QMS.yaml",
            "QMS/agents/qa.md",
            "a/.gitattributes",
            ".mailmap",
            "x/.github/workflows/a.yml",
            "hooks/pre-commit",
            "web/.husky/pre-push",
            ".gitlab-ci.yml",
            "qms/x",
            "qms./x",
            "src/.gitattributes.",
            "src/.git\u{200c}modules",
            "src/GITATT~1",
            "hooks /x",
        ] {
            assert_eq!(policy.sort(&TreePath::from(path), &[]), exactly, "{path}");
        }
        for path in [
            "src/main.rs",
            "hooks",
            "docs/QMS/CR/CR-001/CR-001.md",
            "vendor/x/QMS/SOP/SOP-001.md",
        ] {
            assert_eq!(
                policy.sort(&TreePath::from(path), &[]),
                Sort::Free,
                "{path}"
            );
        }
        let scope = |p: &str| Scope(vec![Pattern::parse(p).expect("a pattern")]);
        let ci = TreePath::from(".github/workflows/tests.yml");
        assert!(scope(".github/workflows/tests.yml").covers(&ci, true));
        assert!(
            !scope("**").covers(&ci, true)
                && !scope(".github/**").covers(&ci, true)
                && scope("**").covers(&ci, false)
        );
    }

    #[test]
    fn the_rest_is_controlled_unless_the_policy_frees_it() {
        let policy = Policy::parse(TEXT.as_bytes()).expect("a policy");
        let sort = |path: &str, who: &[&str]| policy.sort(&TreePath::from(path), who);
        assert_eq!(sort("README.md", &[]), Sort::Free);
        assert_eq!(sort("Cargo.lock", &["claude"]), Sort::Free);
        assert_eq!(
            sort("Cargo.lock", &["zoe"]),
            Sort::Controlled { exactly: false }
        );
        assert_eq!(
            sort("QMS/CR/CR-001/CR-001.md", &[]),
            Sort::Document(Id::parse("CR-001").expect("an id"))
        );
        assert_eq!(
            sort("QMS/copy/CR-001.md", &[]),
            Sort::Controlled { exactly: true }
        );
    }
}
