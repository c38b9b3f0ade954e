//! Tags in files of every language that has a grammar, and of one that has none: whatever a file holds, it is looked at to its
//! end. The first byte says which language.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qms::model::trace::item::standings;
use qms::model::trace::scan::Scanner;

const NAMES: [&str; 9] = [
    "a.rs", "a.py", "a.ts", "a.tsx", "a.go", "a.c", "a.cc", "A.java", "a.sh",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else {
        return;
    };
    let name = NAMES[usize::from(*which) % NAMES.len()].as_bytes();
    let tags = Scanner::new(["REQ-A-*"]).tags(name, bytes);
    let standings = standings(name, bytes, &tags);
    assert_eq!(standings.of.len(), tags.len());
});
