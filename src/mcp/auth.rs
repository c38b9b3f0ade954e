//! Who calls over http: what the connection proves, and nothing that a message says.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::gateway::{Caller, Gateway};

/// Said to whoever shows nothing.
const HOW: &str = "qms: show a token as `Authorization: Bearer …`; whoever runs this gateway makes one: qms token new AGENT";

/// The caller, or why nobody is let in: one line that never repeats what was shown.
pub(super) fn caller(gateway: &Gateway, headers: &HeaderMap) -> Result<Caller, &'static str> {
    let bearer = one(headers, header::AUTHORIZATION.as_str())?.map(|value| {
        let (scheme, token) = value.split_once(' ').unwrap_or_default();
        match scheme.eq_ignore_ascii_case("bearer") {
            true => token.trim(),
            false => "",
        }
    });
    let key = one(headers, "x-api-key")?;
    let token = match (bearer, key) {
        (Some(a), Some(b)) if a != b => {
            return Err("qms: Authorization and X-API-Key show two tokens; leave one of them out");
        }
        (Some(token), _) | (None, Some(token)) => token,
        (None, None) => return Err(HOW),
    };
    let known = gateway
        .tokens
        .admits(token)
        .map_err(|_| "qms: the tokens of this gateway cannot be read; tell whoever runs it")?;
    let user = known.ok_or(
        "qms: the token is not known here, or it is over or revoked; whoever runs this gateway makes a new one: qms token new AGENT",
    )?;
    match one(headers, "x-qms-identity")? {
        Some(said) if said != user => {
            Err("qms: X-QMS-Identity names somebody whose token this is not; leave it out")
        }
        _ => Ok(Caller {
            user: Some(user),
            token: None,
            instance: one(headers, "x-qms-instance")?.map(str::to_owned),
        }),
    }
}

/// A header that is there once or not at all.
fn one<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, &'static str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next();
    if all.next().is_some() {
        return Err("qms: a header that says who you are is there twice");
    }
    let text = first.map(|value| value.to_str()).transpose();
    text.map_err(|_| "qms: a header that says who you are is no text")
}

pub(super) fn refusal(why: &'static str) -> Response {
    let challenge = [(header::WWW_AUTHENTICATE, "Bearer realm=\"qms\"")];
    (StatusCode::UNAUTHORIZED, challenge, format!("{why}\n")).into_response()
}
