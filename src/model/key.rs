//! Signing keys of the policy: what a key is, whose it is, and when it is good. Source: model.md "Identity".

use std::collections::BTreeMap;

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

/// A key of somebody's, with its dates in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub user: String,
    pub from: Option<i64>,
    /// The first second in which it is not good any more.
    pub until: Option<i64>,
    pub revoked: Option<i64>,
}

impl Held {
    pub fn is_dated(&self) -> bool {
        self.from.or(self.until).or(self.revoked).is_some()
    }

    /// Why the key was not good at a time, if so.
    pub fn wrong_at(&self, time: i64) -> Option<&'static str> {
        let revoked = self.revoked.is_some_and(|r| time >= r);
        let expired = self.until.is_some_and(|u| time >= u);
        let early = self.from.is_some_and(|f| time < f);
        match () {
            () if revoked => Some("is revoked"),
            () if expired => Some("has expired"),
            () if early => Some("is not valid yet"),
            () => None,
        }
    }
}

/// Whose each key is.
pub type Ring = BTreeMap<KeyData, Held>;

/// Adds a listed key of a user, or says why it cannot be one.
pub fn hold(ring: &mut Ring, user: &str, key: &Key) -> Result<(), String> {
    let data = parse(&key.key)?;
    let date = |text: &Option<String>, end| text.as_ref().map(|t| moment(t, end)).transpose();
    let held = Held {
        user: user.to_owned(),
        from: date(&key.from, false)?,
        until: date(&key.until, true)?,
        revoked: date(&key.revoked, false)?,
    };
    if let (Some(from), Some(until)) = (held.from, held.until)
        && from >= until
    {
        return Err("the key ends before it begins".to_owned());
    }
    let name = fingerprint(&data);
    match ring.insert(data, held) {
        Some(other) if other.user == user => Err(format!("the key {name} stands here twice")),
        Some(other) => Err(format!(
            "the key {name} belongs to `{}` and to `{user}`",
            other.user
        )),
        None => Ok(()),
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

/// A day or a time in seconds since 1970. Of a day its beginning in UTC, or its end: the next day's beginning.
pub fn moment(text: &str, end: bool) -> Result<i64, String> {
    let day = || {
        let day = text.parse::<jiff::civil::Date>().ok()?;
        let day = if end { day.tomorrow().ok()? } else { day };
        Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    };
    let time = text.parse::<jiff::Timestamp>().ok().or_else(day);
    let time = time.map(jiff::Timestamp::as_second);
    time.ok_or_else(|| {
        format!(
            "`{text}` is no day, expected one like 2026-01-31 or a time like 2026-01-31T12:00:00Z"
        )
    })
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

    #[test]
    fn a_key_is_one_persons_and_stands_once() {
        let mut ring = Ring::new();
        let listed = |key: &str| Key {
            key: key.to_owned(),
            ..Key::default()
        };
        assert_eq!(hold(&mut ring, "dev", &listed(DEV)), Ok(()));
        let renamed = listed(&DEV.replace("dev@x", "another"));
        assert!(hold(&mut ring, "qa", &renamed).is_err_and(|w| w.contains("`dev` and to `qa`")));
        assert!(hold(&mut ring, "qa", &renamed).is_err_and(|w| w.contains("twice")));
    }

    #[test]
    fn f8_a_key_is_good_between_its_dates() {
        let mut ring = Ring::new();
        let date = |text: &str| Some(text.to_owned());
        let listed = Key {
            key: DEV.to_owned(),
            from: date("2026-01-10"),
            until: date("2026-01-20"),
            revoked: date("2026-01-15T12:00:00+02:00"),
        };
        assert_eq!(hold(&mut ring, "dev", &listed), Ok(()));
        let held = ring.values().next().expect("held");
        let at = |text: &str| held.wrong_at(moment(text, false).expect("a time"));
        for (time, wrong) in [
            ("2026-01-09T23:59:59Z", Some("is not valid yet")),
            ("2026-01-10T00:00:00Z", None),
            ("2026-01-15T09:59:59Z", None),
            ("2026-01-15T10:00:00Z", Some("is revoked")),
            ("2026-01-21T00:00:00Z", Some("is revoked")),
        ] {
            assert_eq!(at(time), wrong, "{time}");
        }
        let expiring = Held {
            revoked: None,
            ..held.clone()
        };
        let last = moment("2026-01-20", true).expect("a day");
        assert_eq!(expiring.wrong_at(last - 1), None);
        assert_eq!(expiring.wrong_at(last), Some("has expired"));
        for (from, until) in [("2026-01-20", "2026-01-19"), ("soon", "2026-01-19")] {
            let bad = Key {
                from: date(from),
                until: date(until),
                ..listed.clone()
            };
            assert!(hold(&mut Ring::new(), "dev", &bad).is_err());
        }
    }
}
