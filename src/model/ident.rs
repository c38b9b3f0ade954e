//! Who a commit says made it: name, e-mail and time of an author or committer line.

/// An identity as git writes it. Whether it is a user is for the policy to say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ident {
    pub name: String,
    pub email: String,
    /// Seconds since 1970.
    pub seconds: i64,
    /// The clock's offset from UTC, in seconds.
    pub offset: i32,
}

impl Ident {
    pub fn new(name: &str, email: &str) -> Ident {
        Ident {
            name: name.to_owned(),
            email: email.to_owned(),
            ..Ident::default()
        }
    }

    /// The day, in UTC, as cells have it: `2026-11-25`. None of a date that no calendar has.
    pub fn day(&self) -> Option<String> {
        let at = jiff::Timestamp::from_second(self.seconds).ok()?;
        Some(at.strftime("%Y-%m-%d").to_string())
    }

    /// The date and time by its own clock, as RFC 3339.
    pub fn date(&self) -> String {
        let utc = jiff::Timestamp::from_second(self.seconds).unwrap_or_default();
        match jiff::tz::Offset::from_seconds(self.offset) {
            Ok(offset) => utc
                .to_zoned(offset.to_time_zone())
                .strftime("%Y-%m-%dT%H:%M:%S%:z")
                .to_string(),
            Err(_) => utc.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_by_the_clock_of_who_acted() {
        let who = Ident {
            seconds: 1_700_000_000,
            offset: -19_800,
            ..Ident::default()
        };
        assert_eq!(who.date(), "2023-11-14T16:43:20-05:30");
        assert_eq!(Ident::default().date(), "1970-01-01T00:00:00+00:00");
    }
}
