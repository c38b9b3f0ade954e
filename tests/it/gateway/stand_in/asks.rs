//! Tools that need something of the client: asked for in the middle of the call by the older revisions, and by an answer
//! that says what is missing by the newer.

use rmcp::ErrorData;
use rmcp::model::InputResponses;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::texts::{said, text};

/// What nobody else has.
const SECRET: &str = "what the stand-in alone knows";

fn form(message: &str, properties: Value, required: &[&str]) -> Value {
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    json!({ "method": "elicitation/create", "params": { "mode": "form", "message": message, "requestedSchema": schema } })
}

fn one(message: &str, word: &str, kind: &str) -> Value {
    form(message, json!({ word: { "type": kind } }), &[word])
}

fn sample(prompt: &str, most: u32) -> Value {
    let messages = json!([{ "role": "user", "content": text(prompt) }]);
    json!({ "method": "sampling/createMessage", "params": { "messages": messages, "maxTokens": most } })
}

fn roots() -> Value {
    json!({ "method": "roots/list", "params": {} })
}

/// What a tool asks for in the middle of a call.
pub(super) fn asked(tool: &str, argument: impl Fn(&str) -> String) -> Option<Value> {
    let string = |about: &str| json!({ "type": "string", "description": about });
    Some(match tool {
        "test_sampling" => sample(&argument("prompt"), 100),
        "test_elicitation" => form(
            &argument("message"),
            json!({ "username": string("User's response"), "email": string("User's email address") }),
            &["username", "email"],
        ),
        "test_elicitation_sep1034_defaults" => form(
            "Say what differs",
            json!({
                "name": { "type": "string", "default": "John Doe" },
                "age": { "type": "integer", "default": 30 },
                "score": { "type": "number", "default": 95.5 },
                "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
                "verified": { "type": "boolean", "default": true },
            }),
            &[],
        ),
        "test_elicitation_sep1330_enums" => {
            let named = |pairs: [(&str, &str); 3]| -> Vec<Value> {
                let one = |(value, title)| json!({ "const": value, "title": title });
                pairs.into_iter().map(one).collect()
            };
            let options = ["option1", "option2", "option3"];
            let single = named([
                ("value1", "First"),
                ("value2", "Second"),
                ("value3", "Third"),
            ]);
            form(
                "Choose",
                json!({
                    "untitledSingle": { "type": "string", "enum": options },
                    "titledSingle": { "type": "string", "oneOf": single },
                    "legacyEnum": { "type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": ["One", "Two", "Three"] },
                    "untitledMulti": { "type": "array", "items": { "type": "string", "enum": options } },
                    "titledMulti": { "type": "array", "items": { "anyOf": single } },
                }),
                &[],
            )
        }
        _ => return None,
    })
}

/// What came of it, in words.
pub(super) fn told(tool: &str, answer: &Value) -> Value {
    match tool {
        "test_sampling" => said(&format!("LLM response: {}", first_text(answer))),
        _ => said(&format!(
            "User response: action={}, content={}",
            answer["action"].as_str().unwrap_or_default(),
            answer["content"]
        )),
    }
}

fn first_text(answer: &Value) -> &str {
    let content = answer["content"].get(0).unwrap_or(&answer["content"]);
    content["text"].as_str().unwrap_or_default()
}

/// What a tool or prompt asks for before it answers, a step after another.
fn steps(name: &str, can: &Value) -> Option<Vec<Value>> {
    let user = one("What is your name?", "name", "string");
    let sure = json!({ "confirm": one("Please confirm", "ok", "boolean") });
    let mut able = Map::new();
    for (capability, key, request) in [
        ("sampling", "greeting", sample("Generate a greeting", 50)),
        ("elicitation", "user_name", user.clone()),
        ("roots", "client_roots", roots()),
    ] {
        if can[capability].is_object() {
            able.insert(key.to_owned(), request);
        }
    }
    Some(match name {
        "test_input_required_result_elicitation" | "test_streaming_elicitation" => {
            vec![json!({ "user_name": user })]
        }
        "test_input_required_result_sampling" => {
            vec![json!({ "capital_question": sample("What is the capital of France?", 100) })]
        }
        "test_input_required_result_list_roots" => vec![json!({ "client_roots": roots() })],
        "test_input_required_result_request_state"
        | "test_input_required_result_tampered_state" => {
            vec![sure]
        }
        "test_input_required_result_multiple_inputs" => vec![json!({
            "user_name": user,
            "greeting": sample("Generate a greeting", 50),
            "client_roots": roots(),
        })],
        "test_input_required_result_multi_round" => vec![
            json!({ "step1": one("Step 1: What is your name?", "name", "string") }),
            json!({ "step2": one("Step 2: What is your favorite color?", "color", "string") }),
        ],
        "test_input_required_result_capabilities" => vec![Value::Object(able)],
        "test_input_required_result_prompt" => {
            let context = one("What context should the prompt use?", "context", "string");
            vec![json!({ "user_context": context })]
        }
        _ => return None,
    })
}

/// Where a call stands that asks before it answers.
pub(super) enum Round {
    /// What is still asked for.
    Asks(Value),
    /// What was answered, in words.
    Answered(String),
}

/// The next round, if this is a tool or prompt that asks. `can`: what the client declares.
pub(super) fn round(
    name: &str,
    can: &Value,
    answers: Option<&InputResponses>,
    state: Option<&str>,
) -> Result<Option<Round>, ErrorData> {
    let Some(steps) = steps(name, can) else {
        return Ok(None);
    };
    // The number of the step that is answered now.
    let at = match state {
        None => 0,
        Some(state) => opened(state, name).ok_or_else(|| {
            ErrorData::invalid_params("the request state is not what was given out", None)
        })?,
    };
    let asks = |at: usize| {
        Round::Asks(json!({
            "resultType": "input_required",
            "inputRequests": steps[at],
            "requestState": sealed(at, name),
        }))
    };
    let wanted = steps
        .get(at)
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let mut words = Vec::new();
    for (key, request) in wanted {
        let answer = answers.and_then(|answers| answers.get(key));
        match answer.filter(|answer| fits(request, answer)) {
            Some(answer) => words.push(answer.to_string()),
            None => return Ok(Some(asks(at))),
        }
    }
    if at + 1 < steps.len() {
        return Ok(Some(asks(at + 1)));
    }
    let words = words.join(", ");
    let state = state.map_or("", |_| "state-ok: ");
    Ok(Some(Round::Answered(format!("{state}{words}"))))
}

/// Whether this is an answer to that.
fn fits(request: &Value, answer: &Value) -> bool {
    match request["method"].as_str() {
        Some("elicitation/create") => answer["action"] == "accept" && answer["content"].is_object(),
        Some("roots/list") => answer["roots"].is_array(),
        _ => !first_text(answer).is_empty(),
    }
}

fn sealed(at: usize, name: &str) -> String {
    format!("{at}.{}", mark(at, name))
}

fn opened(state: &str, name: &str) -> Option<usize> {
    let (at, seal) = state.split_once('.')?;
    let at = at.parse().ok()?;
    (seal == mark(at, name)).then_some(at)
}

fn mark(at: usize, name: &str) -> String {
    let digest = Sha256::digest(format!("{SECRET} {at} {name}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
