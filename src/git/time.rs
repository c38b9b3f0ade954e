//! P's time: the latest committer date on its first-parent chain since the anchor. Read once for a chain, and only where
//! a verdict may depend on it. Source: model.md "Authority".

use anyhow::Result;

use super::Oid;
use super::read::Reader;
use super::way::Way;
use crate::model::change::Commit;
use crate::model::policy::Policy;

impl Reader<'_> {
    /// The earliest that a commit may count as made, where its verdict depends on that; else the least there is. `acting`:
    /// whose policy says who may act; whoever names it cannot have worked before it. `acts`: whether the commit needs an
    /// actor.
    pub(super) fn judged_at(
        &self,
        way: &Way,
        acting: Oid,
        policy: &Policy,
        commit: &Commit,
        acts: bool,
    ) -> Result<i64> {
        let for_some = policy.free.iter().any(|f| !f.by.is_empty());
        let signed = (acts || for_some) && !commit.id.is_empty();
        if !signed || !policy.judges_by_time(&way.branch) {
            return Ok(way.time.unwrap_or(i64::MIN));
        }
        let time = self.time(way)?;
        if acting == way.p {
            return Ok(time);
        }
        let there = Way::new(&way.branch, acting, way.anchor);
        Ok(time.max(self.time(&there)?))
    }

    /// P's time, in seconds.
    pub fn time(&self, way: &Way) -> Result<i64> {
        if let Some(time) = way.time {
            return Ok(time);
        }
        let mut open = Vec::new();
        let mut at = Some(way.p);
        let mut latest = i64::MIN;
        while let Some(id) = at {
            let known = self.times.borrow().get(&(id, way.anchor)).copied();
            if let Some(known) = known {
                latest = known;
                break;
            }
            let node = self.repo.node(id)?;
            open.push((id, node.seconds));
            at = node
                .parents
                .first()
                .copied()
                .filter(|_| Some(id) != way.anchor);
        }
        let mut times = self.times.borrow_mut();
        for (id, seconds) in open.into_iter().rev() {
            latest = latest.max(seconds);
            times.insert((id, way.anchor), latest);
        }
        Ok(latest)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Repo;
    use super::*;
    use crate::model::ident::Ident;

    #[test]
    fn f8_time_never_runs_back_along_a_mainline() {
        let dir = tempfile::tempdir().expect("a directory");
        gix::init(dir.path()).expect("a repository");
        let repo = Repo::discover(dir.path())
            .expect("a repository")
            .in_memory();
        let tree = repo.write_tree(None, &[]).expect("a tree");
        let mut chain: Vec<Oid> = Vec::new();
        for seconds in [900, 100, 300, 200] {
            let who = Ident {
                seconds,
                ..Ident::new("a", "a@x")
            };
            let parents: Vec<Oid> = chain.last().copied().into_iter().collect();
            let made = repo.write_commit(tree, &parents, (&who, &who), "x", None);
            chain.push(made.expect("a commit"));
        }
        let reader = Reader::new(&repo);
        let time = |p: usize, anchor: Option<usize>| {
            let way = Way::new("main", chain[p], anchor.map(|a| chain[a]));
            reader.time(&way).expect("a time")
        };
        assert_eq!(
            [time(3, Some(1)), time(2, Some(1)), time(1, Some(1))],
            [300, 300, 100]
        );
        assert_eq!([time(3, None), time(0, None)], [900, 900]);
        let told = Way {
            time: Some(7),
            ..Way::new("main", chain[3], None)
        };
        assert_eq!(reader.time(&told).expect("a time"), 7);
    }
}
