//! The way by which commits enter a protected branch: the mainline step that brings them in, told from outside of the
//! commits themselves. Source: model.md "Authority".

use super::Oid;

/// One mainline step, done or to be done.
#[derive(Debug, Clone)]
pub struct Way {
    /// The branch that takes the commits in, without `refs/heads/`.
    pub branch: String,
    /// The step's first parent: the tip that the branch had.
    pub p: Oid,
    /// The first commit of the mainline that is believed, where one is known.
    pub anchor: Option<Oid>,
    /// P's time, where who asks knows it already.
    pub time: Option<i64>,
}

impl Way {
    pub fn new(branch: &str, p: Oid, anchor: Option<Oid>) -> Way {
        Way {
            branch: branch.to_owned(),
            p,
            anchor,
            time: None,
        }
    }
}
