//! Does the forbidden things in scratch copies and says which layer stopped each. Every layer is asked with those before
//! it out of the way, so that one that never fires is found behind one that does. And something legal must pass.

use anyhow::{Context, Result};

use super::super::Session;
use super::attempts::{Attempt, Material};
use super::policy::Governed;
use super::scratch::Scratch;
use super::trace::Ran;
use crate::git::read::Reader;
use crate::git::settings::Settings;
use crate::git::{Oid, Repo};
use crate::model::health::{Tried, Verdict};

/// Every layer in the order in which it is asked.
const LAYERS: &[&str] = &[
    "pre-commit",
    "prepare-commit-msg",
    "commit-msg",
    "pre-push",
    "receive.fsckObjects",
    "pre-receive",
    "receive.denyDeletes",
    "receive.denyDeleteCurrent",
    "receive.denyNonFastForwards",
    "reference-transaction",
];
/// The layers that answer for what a commit or push brings in.
const COMMITTING: &[&str] = &["pre-commit", "commit-msg"];
const PUSHING: &[&str] = &["pre-push", "pre-receive", "reference-transaction"];

pub(super) fn clone(
    session: &Session,
    settings: &Settings,
    governed: &Governed,
) -> Result<Vec<Tried>> {
    let repo = &session.repo;
    let Governed {
        policy,
        tip,
        anchor,
    } = governed;
    let material = Material::gather(&Reader::new(repo), policy, *tip)?;
    let at = (&*policy.branches.trunk, *tip, *anchor);
    let scratch = Scratch::of_clone(repo, settings, at, material.author.clone())?;
    Proof::new(scratch, material, *tip, None).run()
}

pub(super) fn server(
    repo: &Repo,
    settings: &Settings,
    from: Option<&Session>,
    trunk: &str,
) -> Result<Vec<Tried>> {
    let reader = Reader::new(repo);
    let tip = repo.resolve(&format!("refs/heads/{trunk}"));
    let tip = tip.with_context(|| format!("nothing can be tried before `{trunk}` is there"))?;
    let policy = Session::policy_at(&reader, tip).context("nothing can be tried")?;
    let material = Material::gather(&reader, &policy, tip)?;
    let scratch = Scratch::of_server(repo, settings, from, trunk, material.author.clone())?;
    let name = format!("refs/heads/{trunk}");
    let symbolic = repo.symbolic_branches()?.into_iter();
    let alias = symbolic
        .filter(|(_, to)| *to == name)
        .map(|(n, _)| n)
        .next();
    Proof::new(scratch, material, tip, alias).run()
}

struct Proof {
    scratch: Scratch,
    material: Material,
    tip: Oid,
    /// A branch that stands for the trunk.
    alias: Option<String>,
    tried: Vec<Tried>,
}

impl Proof {
    fn new(scratch: Scratch, material: Material, tip: Oid, alias: Option<String>) -> Proof {
        Proof {
            scratch,
            material,
            tip,
            alias,
            tried: Vec::new(),
        }
    }

    fn run(mut self) -> Result<Vec<Tried>> {
        self.legal()?;
        if self.scratch.hooked {
            for (what, bad, layers) in [
                (
                    "commit-out-of-scope",
                    self.material.out_of_scope(),
                    COMMITTING,
                ),
                (
                    "commit-typed-state",
                    self.material.typed_state(),
                    COMMITTING,
                ),
                // Before the message is written nobody can see who is named there.
                (
                    "commit-forged-actor",
                    self.material.forged_actor(),
                    &["commit-msg"],
                ),
            ] {
                self.commits(what, &bad, layers)?;
            }
        }
        let bad = self.material.out_of_scope();
        let out_of_scope = self.scratch.no_verify(&bad, self.tip)?;
        self.pushes("push-out-of-scope", &out_of_scope, bad.rules, PUSHING)?;
        self.by_alias(&out_of_scope, bad.rules)?;
        for (what, bad) in [
            ("push-without-change", self.material.without_authority()),
            ("push-forged-actor", self.material.forged_actor()),
            ("push-typed-state", self.material.typed_state()),
        ] {
            let commit = bad.write(&self.scratch, self.tip)?;
            self.pushes(what, &commit, bad.rules, PUSHING)?;
        }
        let layers = [
            "pre-push",
            "pre-receive",
            "receive.denyNonFastForwards",
            "reference-transaction",
        ];
        let rewritten = self.scratch.rewritten(self.tip)?;
        self.pushes(
            "push-rewritten",
            &rewritten,
            &["history-rewritten"],
            &layers,
        )?;
        let layers = ["pre-push", "pre-receive", "receive.denyDeletes"];
        self.pushes("delete-trunk", "", &["branch-deleted"], &layers)?;
        let broken = self.scratch.broken(self.tip)?;
        self.pushes("push-broken-object", &broken, &[], &["receive.fsckObjects"])?;
        Ok(self.tried)
    }

    /// Commits and pushes what is allowed, with every layer there.
    fn legal(&mut self) -> Result<()> {
        let legal = self.material.legal();
        if self.scratch.hooked {
            let ran = self.commit(&legal)?;
            self.passes("commit-legal", &ran);
            self.scratch.reset(self.tip)?;
        }
        let commit = legal.write(&self.scratch, self.tip)?;
        let ran = self.push(&commit, &self.scratch.trunk, None)?;
        self.passes("push-legal", &ran);
        if ran.ok {
            self.tip = Oid::from_hex(commit.as_bytes()).context("git gave no commit")?;
        }
        self.scratch.reset(self.tip)
    }

    fn passes(&mut self, what: &'static str, ran: &Ran) {
        let stopped_by = ran.stopped_by();
        self.tried.push(Tried {
            what,
            layer: None,
            verdict: match stopped_by {
                None => Verdict::Good,
                Some(_) => Verdict::Wrong,
            },
            is: match stopped_by {
                None => String::new(),
                Some(_) => format!("what is allowed is refused: {}", ran.why()),
            },
            rules: ran.rules(),
            stopped_by,
        });
    }

    fn commit(&self, what: &Attempt) -> Result<Ran> {
        what.stage(&self.scratch, self.tip)?;
        let args = ["commit", "--quiet", "--allow-empty", "-m", &what.message];
        self.scratch.git(what.under.as_ref(), &args)
    }

    fn push(&self, commit: &str, branch: &str, flag: Option<&str>) -> Result<Ran> {
        let target = format!("{commit}:refs/heads/{branch}");
        let mut args = vec!["push", "--porcelain", "--force"];
        args.extend(flag);
        args.extend(["origin", &target]);
        self.scratch.git(None, &args)
    }

    /// Tries a commit once for each layer that must stop it.
    fn commits(
        &mut self,
        what: &'static str,
        bad: &Attempt,
        layers: &[&'static str],
    ) -> Result<()> {
        for layer in layers {
            let aside = before(layer, COMMITTING);
            let ran = self.scratch.without(&aside, || self.commit(bad))?;
            self.stops(what, layer, &ran, bad.rules)?;
        }
        Ok(())
    }

    /// Tries a push once for each layer that must stop it.
    fn pushes(
        &mut self,
        what: &'static str,
        commit: &str,
        rules: &[&str],
        layers: &[&'static str],
    ) -> Result<()> {
        for layer in layers {
            if *layer == "pre-push" && !self.scratch.hooked {
                continue;
            }
            let flag = (*layer != "pre-push").then_some("--no-verify");
            let ran = self.scratch.without(&before(layer, layers), || {
                self.push(commit, &self.scratch.trunk, flag)
            })?;
            self.stops(what, layer, &ran, rules)?;
        }
        Ok(())
    }

    /// The same by another name of the trunk.
    fn by_alias(&mut self, commit: &str, rules: &[&str]) -> Result<()> {
        let Some(alias) = self.alias.clone() else {
            return Ok(());
        };
        let branch = alias.trim_start_matches("refs/heads/");
        let rules = [rules, &["bent-history"]].concat();
        for layer in &PUSHING[1..] {
            let ran = self.scratch.without(&before(layer, PUSHING), || {
                self.push(commit, branch, Some("--no-verify"))
            })?;
            self.stops("push-through-alias", layer, &ran, &rules)?;
        }
        Ok(())
    }

    /// Notes what stopped it, and puts everything back where it was.
    fn stops(
        &mut self,
        what: &'static str,
        layer: &'static str,
        ran: &Ran,
        meant: &[&str],
    ) -> Result<()> {
        let (stopped_by, rules) = (ran.stopped_by(), ran.rules());
        let place = |name: &str| LAYERS.iter().position(|l| *l == name);
        let asks_git = layer.starts_with("receive.");
        let (verdict, is) = match &stopped_by {
            None => (Verdict::Wrong, "it got through".to_owned()),
            Some(by) if place(by).is_none() || place(by) > place(layer) => {
                let is = match rules.is_empty() {
                    true => format!("{layer} let it pass: {}", ran.why()),
                    false => format!("{layer} let it pass"),
                };
                (Verdict::Wrong, is)
            }
            Some(by) if !by.starts_with("receive.") && rules.is_empty() => {
                let is = format!("{by} refused without a verdict: {}", ran.why());
                (Verdict::Wrong, is)
            }
            Some(_) if asks_git || rules.iter().any(|r| meant.contains(&&**r)) => {
                (Verdict::Good, String::new())
            }
            Some(_) => {
                let is = format!("for another reason than {}", meant.join(" or "));
                (Verdict::Mind, is)
            }
        };
        self.tried.push(Tried {
            what,
            layer: Some(layer),
            stopped_by,
            rules,
            verdict,
            is,
        });
        match ran.ok {
            true => self.scratch.reset(self.tip),
            false => Ok(()),
        }
    }
}

/// The layers of a list that come before one of them.
fn before<'l>(layer: &str, layers: &[&'l str]) -> Vec<&'l str> {
    layers.iter().copied().take_while(|l| *l != layer).collect()
}
