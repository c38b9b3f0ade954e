//! Messages. What is read as trailers stands in the message line for line, once, at its end; is written again as the
//! same; and no line that looks like a trailer to anybody stands elsewhere.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qms::model::trailer::{Key, Trailers, body, carries, read};

fuzz_target!(|data: &[u8]| {
    let (carries, body) = (carries(data), body(data));
    let trailers = match read(data) {
        Ok(trailers) => trailers,
        Err(faults) => {
            let lines = data.iter().filter(|b| **b == b'\n').count() + 1;
            assert!(!faults.is_empty() && faults.is_sorted_by_key(|f| f.line));
            assert!(
                faults.iter().all(|f| (1..=lines).contains(&f.line)),
                "{faults:?}"
            );
            return;
        }
    };
    let text = std::str::from_utf8(data).expect("strict");
    let end = text
        .trim_end_matches('\n')
        .rfind("\n\n")
        .map_or(0, |at| at + 2);
    assert!(trailers.is_empty() || carries && end > 0);
    assert!(!text[..end].lines().any(looks_like_one));
    assert!(!body.unwrap_or_default().lines().any(looks_like_one));
    assert_eq!(
        text[end..].lines().filter(|l| looks_like_one(l)).count(),
        trailers.keys().count()
    );
    for key in trailers.keys() {
        let line = format!(
            "{}: {}",
            key.as_str(),
            trailers.value(key).expect("a value")
        );
        assert_eq!(
            text[end..].lines().filter(|l| *l == line).count(),
            1,
            "{line:?}"
        );
    }
    if trailers.is_empty() {
        return;
    }
    // Written again into what is left without them.
    let kept = |l: &&str| !looks_like_one(l) && !l.starts_with("(cherry picked");
    let others: Vec<&str> = text[end..].lines().filter(kept).collect();
    let again = format!("{}{}", &text[..end], others.join("\n"));
    let values = |t: &Trailers| -> Vec<(Key, String)> {
        let one = |key| (key, t.value(key).unwrap_or_default().to_owned());
        t.keys().map(one).collect()
    };
    let Ok(written) = trailers.write(&again) else {
        // A key that nobody knows is a word outside of the block, and refused once it would come into it.
        assert!(again.contains("QMS-"), "what was read can be written");
        return;
    };
    let back = read(written.as_bytes()).expect("what was written can be read");
    assert_eq!(values(&back), values(&trailers));
    assert_eq!(back.write(&again).as_deref(), Ok(&*written));
});

/// Whether a line begins with a known key, however it is indented and spelt.
fn looks_like_one(line: &str) -> bool {
    let Some((key, _)) = line.split_once(':') else {
        return false;
    };
    Key::ALL
        .iter()
        .any(|k| k.as_str().eq_ignore_ascii_case(key.trim()))
}
