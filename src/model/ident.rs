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
}
