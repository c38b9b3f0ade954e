//! What git hands to hooks: lines are accepted if and only if git could have written them, and lose nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qms::git::Oid;
use qms::ops::told::{prepared, pushed, received};

fuzz_target!(|data: &[u8]| {
    let Ok(input) = std::str::from_utf8(data) else {
        return;
    };
    let body = input.strip_suffix('\n').unwrap_or(input);
    let lines: Vec<Vec<&str>> = match input {
        "" => Vec::new(),
        _ => body.split('\n').map(|l| l.split(' ').collect()).collect(),
    };
    let is_id =
        |w: &str| matches!(w.len(), 40 | 64) && w.chars().all(|c| "0123456789abcdef".contains(c));
    let is_name = |w: &str| !w.is_empty() && !w.chars().any(char::is_control);
    let is_ref = |w: &str| w.starts_with("refs/");
    let side = |w: &str| {
        Oid::from_hex(w.as_bytes())
            .ok()
            .filter(|id| id.to_string().contains(|c| c != '0'))
    };

    let three = |also: &dyn Fn(&str) -> bool| {
        let good = |l: &Vec<&str>| {
            l.len() == 3 && is_name(l[2]) && (!is_ref(l[2]) || is_id(l[1]) || also(l[1]))
        };
        lines.iter().all(good)
    };
    let moves = |keep: &dyn Fn(&str) -> bool| {
        let of_refs = lines.iter().filter(|l| is_ref(l[2]) && keep(l[1]));
        of_refs.map(|l| (l[2], side(l[1]))).collect::<Vec<_>>()
    };
    let symbolic = |w: &str| w.starts_with("ref:");
    let got = received(input);
    assert_eq!(got.is_ok(), three(&|_| false));
    if let Ok(got) = got {
        assert_eq!(
            Vec::from_iter(got.iter().map(|m| (m.name, m.new))),
            moves(&|_| true)
        );
    }
    let got = prepared(input);
    assert_eq!(got.is_ok(), three(&symbolic));
    if let Ok(got) = got {
        let kept = moves(&|w| !symbolic(w) && side(w).is_some());
        assert_eq!(Vec::from_iter(got.iter().map(|m| (m.name, m.new))), kept);
    }

    let got = pushed(input);
    let good = |l: &Vec<&str>| {
        l.len() >= 4 && is_id(l[l.len() - 3]) && is_name(l[l.len() - 2]) && is_id(l[l.len() - 1])
    };
    assert_eq!(got.is_ok(), lines.iter().all(good));
    for (update, line) in got.iter().flatten().zip(&lines) {
        let [.., new, name, old] = line[..] else {
            panic!("four words");
        };
        assert_eq!(
            (&*update.name, update.new, update.old),
            (name, side(new), side(old))
        );
    }
});
