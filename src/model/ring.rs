//! Whose each key of the policy is, and when it is good. Source: model.md "Identity".

use std::collections::BTreeMap;

use ssh_key::public::KeyData;

use super::key::{Key, fingerprint, parse};

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
mod tests {
    use super::super::signature::tests::DEV;
    use super::*;

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
