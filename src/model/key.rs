//! A signing key as the policy lists it, and what kinds of key there are. Source: model.md "Identity".

use schemars::JsonSchema;
use serde::Deserialize;
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, EcdsaCurve, HashAlg, PublicKey};

/// A key as the policy lists it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(from = "Written")]
pub struct Key {
    /// `ssh-ed25519 AAAA… comment`
    pub key: String,
    pub from: Option<String>,
    pub until: Option<String>,
    pub revoked: Option<String>,
}

/// A public key as OpenSSH writes it, alone or with the time in which it is good.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Written {
    Plain(String),
    Dated(Dated),
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Dated {
    /// A public key as OpenSSH writes it.
    key: String,
    /// What is signed before is not his: a day, from its beginning in UTC, or a time in RFC 3339.
    #[serde(default)]
    from: Option<String>,
    /// What is signed after is not his: a day, to its end in UTC, or a time.
    #[serde(default)]
    until: Option<String>,
    /// What is signed from then on is not his, what was signed before stays: a day, from its beginning in UTC, or a
    /// time.
    #[serde(default)]
    revoked: Option<String>,
}

impl From<Written> for Key {
    fn from(written: Written) -> Key {
        match written {
            Written::Plain(key) => Key {
                key,
                ..Key::default()
            },
            Written::Dated(d) => Key {
                key: d.key,
                from: d.from,
                until: d.until,
                revoked: d.revoked,
            },
        }
    }
}

impl Key {
    /// The key itself, without what stands beside it.
    pub fn data(&self) -> Option<KeyData> {
        parse(&self.key).ok()
    }

    /// What it looks like in `users:`.
    pub fn line(&self) -> String {
        let key = format!(
            "\"{}\"",
            self.key.replace('\\', "\\\\").replace('"', "\\\"")
        );
        let dates = [
            ("from", &self.from),
            ("until", &self.until),
            ("revoked", &self.revoked),
        ];
        let dates: String = dates
            .iter()
            .filter_map(|(name, date)| Some(format!(", {name}: \"{}\"", date.as_ref()?)))
            .collect();
        if dates.is_empty() {
            key
        } else {
            format!("{{key: {key}{dates}}}")
        }
    }
}

/// A public key of a kind whose signatures are verified here.
pub fn parse(text: &str) -> Result<KeyData, String> {
    let shown: String = text.chars().take(40).collect();
    let no = |why: &str| Err(format!("`{}…` is no key: {why}", shown.escape_debug()));
    if text.len() > LONGEST || text.chars().any(char::is_control) {
        return no("expected one line, such as `ssh-ed25519 AAAA…`");
    }
    let Ok(key) = PublicKey::from_openssh(text) else {
        return no("expected a public key as OpenSSH writes it, such as `ssh-ed25519 AAAA…`");
    };
    let data = key.key_data().clone();
    // A point has one long form and a short one: one key has one name here.
    let long = data
        .ecdsa()
        .is_none_or(|k| k.as_sec1_bytes().first() == Some(&4));
    let strong = data
        .rsa()
        .is_none_or(|k| (2048..=8192).contains(&k.key_size()));
    match data.algorithm() {
        Algorithm::Ed25519 | Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256 => Ok(data),
        Algorithm::Ecdsa {
            curve: EcdsaCurve::NistP256 | EcdsaCurve::NistP384,
        } if long => Ok(data),
        Algorithm::Rsa { .. } if strong => Ok(data),
        Algorithm::Rsa { .. } => no("an RSA key has 2048 to 8192 bits"),
        _ => no("its kind is not ed25519, ecdsa on nistp256 or nistp384, or rsa"),
    }
}

const LONGEST: usize = 4096;

/// `SHA256:…`, as OpenSSH names keys.
pub fn fingerprint(data: &KeyData) -> String {
    data.fingerprint(HashAlg::Sha256).to_string()
}

#[cfg(test)]
pub mod tests {
    use super::super::signature::tests::DEV;
    use super::*;

    pub const P256: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBM97uxF1Ug5UBvravxs0zxSAi5vgdAzk93yzGqIoodjabz0RS1SvrjbQ5D0RO5WbKLGyXoycukJPviPXy9Uf8N0=";
    const P521: &str = "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAHki9rsvjhJFbPs2wKsFKmmaIsBWYCguFOTtzdeQPg4WxT6R5+GvNS1GRPK9QX33lR/y6Y/jKVE/p9qOHLEqJg0fQHcP4tBzGQw5DiH0yQBqVaBlsv7hX9avfz3KvEfqBoMtfhaSeXzQiZURWPH9zJ6HLKn282cpvMAKBLGGSgRfbCPRw==";
    const SMALL: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC3VMua38ReonfE5hVb2O4wbEvog7nAGwIWCb1/WRebOdtDCQ38A8fY9I0bpu9hM/eUozDXSrciA7g2LFnlWZRJeUdJM94AQXaJDj4TouMoZ3riDXsj9kFV3IlHlSffc/laeqLEEkZMgymRT0BspnRCgRkm19VQ+X1jxbcP/ZeWBw== r";

    #[test]
    fn keys_whose_signatures_are_verified_are_keys() {
        assert_eq!(
            parse(DEV).map(|k| fingerprint(&k)),
            Ok("SHA256:KLHtuIgOmb0WkYyequa9n4EAsfSarDH890EYuI+EpIA".to_owned())
        );
        assert!(parse(P256).is_ok());
        for (bad, why) in [
            (P521, "its kind"),
            (SMALL, "2048"),
            ("", "expected"),
            ("ssh-ed25519 AAAA", "expected"),
            (&DEV.replace("ssh-ed25519", "ssh-rsa"), "expected"),
            (&DEV.replace("P25o", "P25oAAAA"), "expected"),
            (&format!("{DEV}\n{DEV}"), "one line"),
            (&format!("no-pty {DEV}"), "expected"),
        ] {
            let said = parse(bad).expect_err(bad);
            assert!(said.contains(why), "{said}");
        }
    }
}
