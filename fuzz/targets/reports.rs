//! Reports of test runners and coverage tools, manifests, records of runs and tables of matrices: nothing in them ends the
//! program, and what is written is what is read. The first byte says which reader it is for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qms::model::trace::evidence::{Case, cobertura, contexts, junit, lcov, llvm};
use qms::model::trace::places::manifest;
use qms::model::trace::record::{Ran, Record};
use qms::model::trace::rtm;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else {
        return;
    };
    match which {
        b'j' => {
            let read = junit::read(bytes);
            for case in &read.what {
                let ran = Ran::from(case);
                assert_eq!(Ran::from(&Case::from(ran.clone())), ran);
            }
        }
        b'l' => drop(lcov::read(bytes)),
        b'c' => drop(cobertura::read(bytes)),
        b'v' => drop(llvm::read(bytes)),
        b'x' => drop(contexts::read(bytes)),
        b'p' => {
            let text = String::from_utf8_lossy(bytes);
            let _ = (manifest::cargo(&text), manifest::go(&text));
        }
        b'r' => {
            let Ok(mut record) = serde_json::from_slice::<Record>(bytes) else {
                return;
            };
            record.commit.truncate(40);
            let Ok(kept) = record.bytes() else { return };
            let path = record.path("b10b");
            if let Ok(again) = Record::read(&path, "b10b", &kept) {
                assert_eq!(again, record);
            }
            let _ = (record.run_hits(), record.test_hits());
        }
        b'm' => {
            let text = String::from_utf8_lossy(bytes);
            let rows = rtm::read(&text).rows;
            if let Ok(new) = rtm::filled(&text, &rows, ["RS 1.0", "c0", "none"]) {
                let again = rtm::read(&new);
                assert_eq!(again.commit.as_deref(), Some("c0"));
                assert_eq!(again.rows.len(), rows.len());
            }
        }
        _ => {}
    }
});
