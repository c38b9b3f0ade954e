//! SSH signatures and keys. Nobody can make a signature without the key: what is accepted was made by one of the keys
//! of the seeds, for the one text that they signed, and stands alone in its armor.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qms::model::change::Signature;
use qms::model::key;
use qms::model::signature::signer;

const PAYLOAD: &[u8] = b"tree x\n\nSubject\n";
const KEYS: [&str; 5] = [
    "SHA256:KLHtuIgOmb0WkYyequa9n4EAsfSarDH890EYuI+EpIA",
    "SHA256:L/qNCOXmMPaAuWkT5g9fBBwn+8jo6hIpMRbj5fhlmKI",
    "SHA256:5RtTOlHlX2FESuD1qcpGqynPJcGu4bUtDm1mYxZztZY",
    "SHA256:4jo++E8hkobN7ERvxRm5DQJ1/nRXuC8pZ6IJe0rak2Q",
    "SHA256:gUk85TfXEg4KSMDIc9hm6hP6AY4eVWb0vSnnpCUBVAU",
];

fuzz_target!(|data: &[u8]| {
    let ask = |armor: &[u8], payload: &[u8]| {
        signer(&Signature {
            armor: armor.to_vec(),
            payload: payload.to_vec(),
        })
    };
    match ask(data, PAYLOAD) {
        Err(why) => assert!(!why.is_empty() && !why.contains('\n'), "{why:?}"),
        Ok(found) => {
            let name = key::fingerprint(&found);
            assert!(KEYS.contains(&&*name), "forged by {name}");
            assert!(ask(data, b"tree x\n\nsubject\n").is_err());
            assert!(ask(data, &[PAYLOAD, b"\n"].concat()).is_err());
            for around in [&b"\n"[..], b" ", b"x\n", data] {
                assert!(ask(&[around, data].concat(), PAYLOAD).is_err());
            }
            for after in [&b"\n\n"[..], b" ", b"\nx", data] {
                assert!(ask(&[data, after].concat(), PAYLOAD).is_err());
            }
            // How the lines are cut says nothing.
            let text = std::str::from_utf8(data).expect("strict");
            let lines: Vec<&str> = text.trim_end().lines().collect();
            let [begin, body @ .., end] = &lines[..] else {
                panic!("three lines");
            };
            let joined = format!("{begin}\n{}\n{end}\n", body.concat());
            assert_eq!(ask(joined.as_bytes(), PAYLOAD), Ok(found));
        }
    }

    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match key::parse(text) {
        Err(why) => assert!(!why.contains('\n'), "{why:?}"),
        Ok(found) => {
            let words: Vec<&str> = text.split(' ').take(2).collect();
            assert_eq!(key::parse(&words.join(" ")), Ok(found));
        }
    }
});
