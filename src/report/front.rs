//! The JSON Schema of a document's front matter. Its keys are read by `model::front`, its managed block byte for byte
//! by `model::state`; tests hold real documents against it.

use serde_json::{Map, Value, json};

use crate::model::kind::{KINDS, Kind};
use crate::model::workflow::Status;

/// The JSON Schema of a front matter: the author's keys, and the managed block as `state` writes it.
pub(super) fn schema() -> Value {
    let types = |of: fn(&Kind) -> bool| {
        let names: Vec<&str> = KINDS.iter().filter(|k| of(k)).map(|k| k.name).collect();
        names.join(", ")
    };
    let user = json!({ "type": "string", "pattern": "^[a-z][a-z0-9_.-]{0,39}$" });
    let digest = json!({ "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" });
    let version = json!({ "type": "string", "pattern": "^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)$" });
    let by_user = |words: &[&str]| {
        json!({
            "type": "object",
            "minProperties": 1,
            "propertyNames": { "$ref": "#/$defs/user" },
            "additionalProperties": { "enum": words },
        })
    };
    let field = |of: Value, description: &str| {
        let mut of = of.as_object().cloned().unwrap_or_else(Map::new);
        of.insert("description".into(), description.into());
        Value::Object(of)
    };
    let named = |name: &str, description: &str| {
        field(json!({ "$ref": format!("#/$defs/{name}") }), description)
    };
    let statuses: Vec<&str> = Status::ALL.iter().map(|s| s.as_str()).collect();
    json!({
        "description": "What stands between the fences at the top of a document. Authors may add keys of their own: text, lists, flat maps.",
        "type": "object",
        "required": ["title", "revision_summary"],
        "properties": {
            "title": field(json!({ "type": "string" }), "What the document is called."),
            "revision_summary": field(json!({ "type": "string" }), "What this version changes."),
            "scope": field(
                json!({ "type": "array", "items": { "type": "string", "minLength": 1 } }),
                &format!("Patterns of the paths that it may touch, of {}.", types(|k| k.has_scope)),
            ),
            "variance_type": field(json!({ "enum": [1, 2] }), "Of a VAR: 1 must be closed before its parent, 2 approved."),
            "items": named(
                "value",
                &format!("The items of the parent that it is for, such as [EI-2], of {}.", types(Kind::is_for_items)),
            ),
            "qms": named("block", "The managed block: written by qms alone, absent in a text that is not a document yet."),
        },
        "propertyNames": { "anyOf": [{ "const": "qms" }, { "not": { "pattern": "^[qQ][mM][sS]$" } }] },
        "additionalProperties": { "$ref": "#/$defs/value" },
        "$defs": {
            "user": user,
            "digest": digest,
            "version": version,
            "scalar": { "type": ["string", "number", "boolean", "null"] },
            "map": { "type": "object", "additionalProperties": { "$ref": "#/$defs/scalar" } },
            "value": { "anyOf": [
                { "$ref": "#/$defs/scalar" },
                { "$ref": "#/$defs/map" },
                { "type": "array", "items": { "anyOf": [{ "$ref": "#/$defs/scalar" }, { "$ref": "#/$defs/map" }] } },
            ]},
            "block": {
                "type": "object",
                "additionalProperties": false,
                "required": ["status", "version"],
                "properties": {
                    "status": { "enum": statuses },
                    "version": named("version", "Approvals count the first number up, changed check-ins the second."),
                    "owner": named("user", "Who answers for it."),
                    "locked": named("digest", "The text as it was checked out, while it is."),
                    "reviews": by_user(&["pending", "recommend", "request-updates"]),
                    "approvals": by_user(&["pending", "approved"]),
                    "digest": named("digest", "What the round judges."),
                    "authors": { "type": "array", "minItems": 1, "uniqueItems": true, "items": { "$ref": "#/$defs/user" } },
                    "ends": field(json!({ "const": "RETIRED" }), "What the open round is to end in."),
                    "in_force": field(json!({
                        "type": "object",
                        "additionalProperties": false,
                        "required": ["version", "blob"],
                        "properties": {
                            "version": { "$ref": "#/$defs/version" },
                            "blob": { "type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$" },
                        },
                    }), "The version that stays in force while this one is made."),
                },
            },
        },
    })
}
