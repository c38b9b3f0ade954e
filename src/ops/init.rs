//! Bringing a repository under change control: policy, templates, hooks, and the anchor that holds them.

use anyhow::{Context, Result, bail};

use super::coexist::{self, Hooks, Undone};
use super::install::CLONE;
use super::session::Session;
use super::signing;
use super::survey::{Counts, Survey};
use crate::git::Oid;
use crate::git::read::Reader;
use crate::git::trees::Raw;
use crate::git::write::File;
use crate::model::change::REGULAR;
use crate::model::ident::Ident;
use crate::model::path::TreePath;
use crate::model::people::{Group, People, User, is_name};
use crate::model::policy::{self, Policy};
use crate::model::roster;
use crate::model::template;
use crate::model::yaml;

/// What `init` did.
#[derive(Debug)]
pub struct Begun {
    /// The anchor; none where the repository was under control before.
    pub anchor: Option<Oid>,
    pub founder: Option<String>,
    pub branch: String,
    /// Patterns of paths that need no change.
    pub free: Vec<String>,
    /// How the policy divides the files that were there; none in an empty repository.
    pub files: Option<Counts>,
    /// Release branches that are there, and the patterns that would protect them.
    pub releases: (Vec<String>, Vec<&'static str>),
    pub hooks: Hooks,
    /// Whether the policy could approve a change as it stands.
    pub could_approve: bool,
}

const FOLDER: &str = "QMS";

// Implements: REQ-QMS-CMD-INIT
pub fn init(session: &Session, users: &[String]) -> Result<Begun> {
    if session.repo.is_bare() {
        bail!("this is a bare repository; on a server: qms init --server");
    }
    session.repo.recover()?;
    if session.repo.head().is_some() {
        let reader = Reader::new(&session.repo);
        if let Some(file) = reader.policy(session.head()?)? {
            // The same again ends what was interrupted.
            let known = |text: &String| {
                let parsed = super::people::parse(text);
                let people = file.as_ref().map(|policy| &policy.people);
                parsed.is_ok_and(|(name, _)| people.is_ok_and(|p| p.0.contains_key(&name)))
            };
            if !users.iter().all(known) {
                bail!(
                    "this repository is under change control already; to add people: qms user add NAME --group GROUP"
                );
            }
            let hooks = coexist::install(&session.repo, CLONE)?;
            let (founder, branch, could_approve) = match file {
                Ok(policy) => (
                    policy.founder.clone(),
                    policy.branches.trunk.clone(),
                    policy.could_approve(),
                ),
                Err(_) => (None, String::new(), false),
            };
            return Ok(Begun {
                anchor: None,
                founder,
                branch,
                free: Vec::new(),
                files: None,
                releases: (Vec::new(), Vec::new()),
                hooks,
                could_approve,
            });
        }
    }
    let (author, committer) = session.repo.identities()?;
    let people = people(users, &author)?;
    let founder = people
        .first(Group::Administrator)
        .context("nobody is administrator")?;
    let branch = session
        .repo
        .branch()
        .context("HEAD is detached; to begin, be on the branch that is to be protected")?;
    let repo = session.repo.in_memory();
    let head = session.repo.head();
    let tree = head.map(|h| repo.tree_of(h)).transpose()?;
    let survey = Survey::take(&session.repo, tree, &branch)?;
    let files = files(&branch, &people, &founder, &survey)?;
    for file in &files {
        if session.in_work_tree(&file.path)?.is_some() {
            bail!(
                "`{}` is in the way: move it elsewhere, or commit it under another name",
                file.path
            );
        }
    }
    let policy = Policy::parse(&files[0].after)
        .map_err(|f| anyhow::anyhow!("the policy is not one: {}", f[0].message))?;
    let mut ids = Vec::new();
    for file in &files {
        let id = repo.write_blob(&file.after)?;
        ids.push((file.path.clone(), Some(Raw { mode: REGULAR, id })));
    }
    let tree = repo.write_tree(tree, &ids)?;
    let parents: Vec<Oid> = head.into_iter().collect();
    let message = "Put the repository under change control\n\n\
        Policy and templates as qms init wrote them. This commit is the anchor: it is\n\
        judged by nobody, and everything after it by the policy that it holds.\n";
    let signer = signing::signer(&repo, &policy, &branch)?;
    let who = (&author, &committer);
    let anchor = repo.write_commit(tree, &parents, who, message, signer.as_ref())?;
    repo.land(head, anchor, "qms: init", &files)?;
    let hooks = coexist::install(&session.repo, CLONE)?;
    let could_approve = policy.could_approve();
    Ok(Begun {
        anchor: Some(anchor),
        founder: Some(founder),
        branch,
        files: survey.counts(&policy),
        free: survey.free,
        releases: (survey.releases, survey.protect),
        hooks,
        could_approve,
    })
}

/// Takes the hooks of a clone away; policy and documents stay.
pub fn uninstall(session: &Session) -> Result<Undone> {
    coexist::uninstall(&session.repo, CLONE)
}

/// The users that were named, and git's own identity: it is one of them, or it becomes administrator where nobody
/// else is.
fn people(users: &[String], author: &Ident) -> Result<People> {
    let mut people = People::default();
    for text in users {
        let (name, user) = super::people::parse(text)?;
        let listed = people.0.len();
        if people
            .0
            .insert(name.clone(), User { listed, ..user })
            .is_some()
        {
            bail!("`{name}` is named twice");
        }
    }
    let me = own_name(author);
    let known = people
        .known_as(author)
        .map(str::to_owned)
        .or_else(|| me.clone().filter(|n| people.0.contains_key(n)));
    if let Some(user) = known.and_then(|name| people.0.get_mut(&name))
        && user.emails.is_empty()
    {
        user.emails.push(author.email.clone());
    }
    if people.first(Group::Administrator).is_none() {
        let name = me.with_context(|| {
            format!(
                "`{}` makes no user name; name an administrator: --user NAME:administrator",
                author.name
            )
        })?;
        if people.0.contains_key(&name) {
            bail!(
                "nobody is administrator: add `:administrator` to somebody, such as --user {name}:administrator"
            );
        }
        let user = User {
            groups: vec![Group::Administrator],
            emails: vec![author.email.clone()],
            ..User::default()
        };
        for other in people.0.values_mut() {
            other.listed += 1;
        }
        people.0.insert(name, user);
    }
    Ok(people)
}

/// A user name made of the name that git knows: `Ann Lee` becomes `ann_lee`.
fn own_name(author: &Ident) -> Option<String> {
    let plain: String = author
        .name
        .trim()
        .to_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    Some(plain).filter(|name| is_name(name))
}

fn files(branch: &str, people: &People, founder: &str, survey: &Survey) -> Result<Vec<File>> {
    let mut listed: Vec<_> = people.0.iter().collect();
    listed.sort_by_key(|(_, user)| user.listed);
    let users: String = listed
        .iter()
        .map(|(name, user)| roster::user_line(name, user))
        .collect();
    let free: String = survey
        .free
        .iter()
        .map(|p| format!("    - \"{p}\"\n"))
        .collect();
    let releases = match survey.protect.as_slice() {
        [] => String::new(),
        there => format!(
            "  # Branches like {} are there. One from before this policy would refuse every push; protect what is\n  \
             # cut from now on, such as protected: [{}]\n",
            there.join(", "),
            yaml::scalar(there[0])
        ),
    };
    let version = env!("CARGO_PKG_VERSION")
        .rsplit_once('.')
        .map_or("0", |(v, _)| v);
    let text = format!(
        "# The rules of this repository. Everything but `users` changes under a change whose scope names qms.yaml.\n\
         qms: \"{version}\"\n\
         documents: {FOLDER}\n\
         branches:\n  trunk: {}\n{releases}  protected: []\n\
         # Groups: administrator, initiator, quality, reviewer. Kinds: human, agent, service.\n\
         users:\n{users}\
         # Kinds of user that may approve.\n\
         approvers: [human, agent]\n\
         # Paths that need no change; all others are controlled, and whatever steers CI, git or hooks always is.\n\
         paths:\n  free:\n{free}\
         # Who is asked about which paths; every quality user where nobody is named.\n\
         review: []\n",
        yaml::scalar(branch)
    );
    let path = TreePath::from(policy::FILE);
    let mut files = vec![File {
        path,
        before: None,
        after: text.into_bytes(),
    }];
    for (kind, text) in template::BUILT_IN {
        let id = template::id_for(kind).context("a template without an id")?;
        files.push(File {
            path: id.path(FOLDER),
            before: None,
            after: template::founded(text, founder),
        });
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_begins_is_a_user_or_becomes_the_administrator() {
        let me = Ident::new("Ann Lee", "ann@x");
        let names = |users: &[&str]| {
            let users: Vec<String> = users.iter().map(|u| (*u).to_owned()).collect();
            people(&users, &me).map(|p| {
                p.0.into_iter()
                    .map(|(n, u)| (n, u.emails, u.listed))
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(
            names(&[]).expect("people"),
            [("ann_lee".to_owned(), vec!["ann@x".to_owned()], 0)]
        );
        let two = names(&["qa:quality:agent", "dev:initiator"]).expect("people");
        assert_eq!(two[0], ("ann_lee".to_owned(), vec!["ann@x".to_owned()], 0));
        assert_eq!(two[2], ("qa".to_owned(), vec![], 1));
        let given =
            names(&["ann_lee:administrator,quality", "qa:quality:human:qa@x"]).expect("people");
        assert_eq!(given[0].1, ["ann@x"]);
        assert_eq!(given[1].1, ["qa@x"]);
        assert!(
            names(&["ann_lee:quality"]).is_err()
                && names(&["Q:quality"]).is_err()
                && names(&["q:king"]).is_err()
        );
        assert!(names(&["q:quality", "q:quality"]).is_err() && names(&["q"]).is_err());
    }

    #[test]
    fn what_init_writes_is_a_policy() {
        let people =
            people(&["qa:quality".to_owned()], &Ident::new("Ann", "ann@x")).expect("people");
        let files = files("main", &people, "ann", &Survey::default()).expect("files");
        let policy = Policy::parse(&files[0].after).expect("a policy");
        assert!(policy.could_approve());
        assert_eq!(policy.founder.as_deref(), Some("ann"));
        assert_eq!(files.len(), 12);
    }
}
