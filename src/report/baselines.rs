//! Baselines as text: a line each, and below them what does not hold.

use super::table::fitted;
use super::text::{printable, short};
use crate::model::qualified::Baseline;

pub fn table(all: &[Baseline], width: Option<usize>) -> String {
    if all.is_empty() {
        return "nothing is qualified here; to do so: qms qualify SYSTEM --release NAME\n"
            .to_owned();
    }
    let head = ["TAG", "SYSTEM", "COMMIT", "SPECIFICATION", "MATRIX"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for one in all {
        let commit = short(&one.commit).to_owned();
        let cells = [
            &one.tag,
            &one.system,
            &commit,
            &one.specification,
            &one.matrix,
        ];
        rows.push(cells.map(|cell| printable(cell)).to_vec());
    }
    let mut out = fitted(&rows, width, 0);
    for one in all {
        if let Some(why) = &one.wrong {
            out.push_str(&format!("  {}  {}\n", printable(&one.tag), printable(why)));
        }
    }
    out
}
