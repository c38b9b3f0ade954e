//! A small matrix, for the tests of what is made of matrices.

use std::collections::BTreeMap;

use super::matrix::{Matrix, Named, Row};

pub(super) fn item(name: &str, path: &str) -> Named {
    Named {
        name: name.to_owned().into(),
        path: path.to_owned().into(),
        line: 1,
        fingerprint: format!("of {name}").into(),
    }
}

/// A requirement that `f` implements and `t` verifies.
pub(super) fn row(id: &str, verdict: &'static str) -> Row {
    Row {
        id: id.to_owned().into(),
        title: "".into(),
        verdict,
        reasons: Vec::new(),
        warnings: Vec::new(),
        implemented_by: vec![item("f", "a.py")],
        verified_by: vec![item("t", "t.py")],
        lines: None,
        text: id.to_owned().into(),
        line: 5,
        from: Vec::new(),
        to: Vec::new(),
        fingerprint: id.to_owned().into(),
    }
}

/// Of a system `A`, whose specification is `rs.md`.
pub(super) fn matrix(requirements: Vec<Row>) -> Matrix {
    Matrix {
        system: "A".to_owned(),
        commit: "1".to_owned(),
        date: String::new(),
        rs: "SDLC-A-RS".to_owned(),
        path: "rs.md".to_owned(),
        version: "1.0".to_owned(),
        in_force: true,
        evidence: None,
        counts: BTreeMap::new(),
        requirements,
        retired: Vec::new(),
        flaws: Vec::new(),
    }
}
