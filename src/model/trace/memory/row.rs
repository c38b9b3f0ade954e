//! What was found of a requirement, kept without what it says itself.

use super::super::matrix::Row;
use super::super::requirement::Requirement;
use super::super::verdict::Class;
use super::packed::Packed;

impl Row {
    /// What was found of a requirement; what it says itself is in its document.
    pub fn pack_found(&self, out: &mut Vec<u8>) {
        let class = Class::of(self.verdict);
        let place = Class::ALL.iter().position(|(_, known)| *known == class);
        place.unwrap_or_default().pack(out);
        for whys in [&self.reasons, &self.warnings] {
            whys.pack(out);
        }
        for named in [&self.implemented_by, &self.verified_by] {
            named.pack(out);
        }
        self.lines.pack(out);
    }

    /// The row of a requirement of which this was found.
    pub fn unpack_found(mut from: &'static [u8], requirement: &Requirement) -> Option<Row> {
        let from = &mut from;
        let (_, class) = Class::ALL.get(usize::unpack(from)?)?;
        let row = Row {
            reasons: Packed::unpack(from)?,
            warnings: Packed::unpack(from)?,
            implemented_by: Packed::unpack(from)?,
            verified_by: Packed::unpack(from)?,
            lines: Packed::unpack(from)?,
            ..Row::of(requirement, *class)
        };
        from.is_empty().then_some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::matrix::{Named, Why};
    use super::super::super::requirement;
    use super::*;

    #[test]
    fn what_was_found_of_a_requirement_is_put_to_what_it_says() {
        let read = requirement::read("- REQ-Q-1: a\n- REQ-Q-2: b\n", 0, "REQ-Q-*");
        let why = |says: &str| Why {
            path: "p".into(),
            line: 3,
            says: says.to_owned().into(),
        };
        let named = Named {
            name: "n".into(),
            path: "p".into(),
            line: 4,
            fingerprint: "f".into(),
        };
        for (_, class) in Class::ALL {
            let row = Row {
                reasons: vec![why("r")],
                warnings: vec![why("w"), why("x")],
                implemented_by: vec![named.clone()],
                lines: Some((1, 2)),
                ..Row::of(&read.all[1], *class)
            };
            let mut bytes = Vec::new();
            row.pack_found(&mut bytes);
            let bytes: &'static [u8] = bytes.leak();
            assert_eq!(Row::unpack_found(bytes, &read.all[1]), Some(row));
            for end in 0..bytes.len() {
                assert_eq!(Row::unpack_found(&bytes[..end], &read.all[1]), None);
            }
        }
    }
}
