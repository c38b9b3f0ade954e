//! What the word of a case's `status` or `result` says. One that is not known to be good is none.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Passed,
    Failed,
    NotRun,
}

/// gtest says `run` and `completed`.
const GOOD: [&str; 8] = [
    "run",
    "completed",
    "passed",
    "pass",
    "success",
    "successful",
    "succeeded",
    "ok",
];
const BAD: [&str; 5] = ["fail", "error", "broken", "crash", "timeout"];

pub(super) fn of(word: &str) -> Status {
    let word = word.trim().to_ascii_lowercase();
    match word.as_str() {
        good if GOOD.contains(&good) => Status::Passed,
        bad if BAD.iter().any(|begin| bad.contains(begin)) => Status::Failed,
        _ => Status::NotRun,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_not_known_to_be_good_is_no_pass() {
        for (word, status) in [
            ("run", Status::Passed),
            ("Completed", Status::Passed),
            ("FAILED", Status::Failed),
            ("error", Status::Failed),
            ("SKIPPED", Status::NotRun),
            ("notrun", Status::NotRun),
            ("todo", Status::NotRun),
            ("", Status::NotRun),
        ] {
            assert_eq!(of(word), status, "{word}");
        }
        let text = "<testsuite><testcase name=\"a\" status=\"FAILED\"/></testsuite>";
        let read = super::super::junit::read(text.as_bytes());
        let says = super::super::Outcome::Fail("its status is `FAILED`".to_owned());
        assert_eq!(read.what[0].outcome, says);
    }
}
