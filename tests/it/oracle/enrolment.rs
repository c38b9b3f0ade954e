//! Who may change whom, by model.md "Founding and people".

use std::collections::BTreeSet;

use super::document::sha256;
use super::policy::User;
use super::rules::need;
use super::verdict::Step;

impl Step<'_> {
    pub(crate) fn enroll(&self) -> Result<(), String> {
        self.demand(
            &["Action", "Actor", "Before", "Users"],
            &["Request", "Reason"],
        )?;
        let actor = self.actor(false)?;
        let one = self.history.commits[self.at].parents.len() == 1;
        let alone = self.paths.keys().eq(["qms.yaml"]);
        need(
            one && alone,
            "an enrolment changes the policy and nothing else",
        )?;
        let own = &self.history.commits[self.parent()];
        let (old, new) = (own.policy(), self.history.commits[self.at].policy());
        let (old, new) = (old.ok_or("no policy")?, new.ok_or("no policy")?);
        let before = sha256(&own.files["qms.yaml"].text);
        need(self.trailers.value("Before") == Some(&before), "QMS-Before")?;
        need(
            old.free == new.free && old.review == new.review,
            "more than the users",
        )?;
        let names: BTreeSet<&String> = old.users.keys().chain(new.users.keys()).collect();
        let names = names
            .into_iter()
            .filter(|n| old.users.get(*n) != new.users.get(*n));
        let names: Vec<String> = names.cloned().collect();
        need(self.trailers.users() == names, "QMS-Users")?;
        let quality = self.policy.is(&actor, "quality");
        let alone = self.policy.group("administrator").len() == 1;
        let administrator = self.policy.is(&actor, "administrator") || (alone && quality);
        need(quality || administrator, "he may not")?;
        for name in &names {
            need(*name != actor, "himself")?;
            let after = new.users.get(name).ok_or("a user is deleted")?;
            let before = old.users.get(name).cloned().unwrap_or_default();
            let groups = |u: &User| match u.left {
                true => BTreeSet::new(),
                false => u.groups.clone(),
            };
            let (had, has) = (groups(&before), groups(after));
            let known = before.groups.is_empty() || before.emails == after.emails;
            let judging = |g: &&String| ["quality", "reviewer"].contains(&g.as_str());
            let touched: BTreeSet<&String> = match known {
                true => had.symmetric_difference(&has).collect(),
                false => had.union(&has).collect(),
            };
            let gained: Vec<&String> = has.difference(&had).collect();
            let kinds = gained.iter().filter(|g| judging(g)).count();
            need(
                kinds == 0 || kinds == gained.len(),
                "groups of both kinds at once",
            )?;
            need(quality || !touched.iter().any(judging), "it takes quality")?;
            let makes = touched.iter().any(|g| !judging(g));
            need(administrator || !makes, "it takes an administrator")?;
            let shrinks = had.difference(&has).next().is_some();
            need(
                !shrinks || self.trailers.value("Reason").is_some(),
                "no reason",
            )?;
        }
        Ok(())
    }
}
