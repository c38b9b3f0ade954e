//! What a gateway keeps of a token: whose it is and how long it is good, and a hash instead of the token itself.

use serde::{Deserialize, Serialize};

use super::document::digest;

/// How tokens begin, so that one that leaked is found by whoever looks for secrets.
const PREFIX: &str = "qms_";

/// A token as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    pub agent: String,
    /// `sha256:` and 64 hex digits.
    pub hash: String,
    /// Seconds since 1970, as the next.
    pub made: i64,
    pub expires: Option<i64>,
}

/// A token as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct TokenRow {
    /// What it is revoked by; it tells nothing of the token.
    pub name: String,
    pub agent: String,
    /// RFC 3339, as the next.
    pub made: String,
    /// Null for one that stays good until it is revoked.
    pub expires: Option<String>,
    pub expired: bool,
}

/// A token made of random bytes, as text.
pub fn text(random: &[u8; 32]) -> String {
    let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{PREFIX}{hex}")
}

/// Whether a text could be a token at all.
pub fn is_token(text: &str) -> bool {
    let hex = text.strip_prefix(PREFIX).unwrap_or_default();
    hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

impl Held {
    pub fn of(token: &str, agent: &str, made: i64, expires: Option<i64>) -> Held {
        Held {
            agent: agent.to_owned(),
            hash: digest(token.as_bytes()),
            made,
            expires,
        }
    }

    /// Whether a token is this one, and still good.
    pub fn admits(&self, token: &str, now: i64) -> bool {
        // A token is random: how far two hashes agree tells nothing of it.
        is_token(token) && self.is_of(token) && !self.is_expired(now)
    }

    pub fn is_expired(&self, now: i64) -> bool {
        self.expires.is_some_and(|end| now >= end)
    }

    /// Whether a token is this one, good or not.
    pub fn is_of(&self, token: &str) -> bool {
        self.hash == digest(token.as_bytes())
    }

    /// The first digits of the hash.
    pub fn name(&self) -> &str {
        let hex = self.hash.trim_start_matches("sha256:");
        &hex[..hex.len().min(10)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_admits_by_all_of_its_digits_and_until_its_end() {
        let token = text(&[7; 32]);
        let held = Held::of(&token, "claude", 5, Some(10));
        assert!(held.admits(&token, 9) && !held.admits(&token, 10));
        assert!(!held.admits(&text(&[8; 32]), 9));
        for bad in [
            "",
            "qms_",
            &token[..40],
            &token.to_uppercase(),
            &format!("{token} "),
        ] {
            assert!(!is_token(bad) && !held.admits(bad, 9), "{bad}");
        }
        assert!(!format!("{held:?}").contains(&token) && held.hash.contains(held.name()));
    }
}
