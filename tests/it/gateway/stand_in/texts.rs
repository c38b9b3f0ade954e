//! What the suite reads word for word: tools, resources, prompts, and what they hold.

use serde_json::{Value, json};

/// One pixel.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";
/// No sound at all.
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";

/// Tools that take nothing.
const PLAIN: [&str; 24] = [
    "test_simple_text",
    "test_image_content",
    "test_audio_content",
    "test_embedded_resource",
    "test_multiple_content_types",
    "test_tool_with_logging",
    "test_logging_tool",
    "test_error_handling",
    "test_tool_with_progress",
    "test_missing_capability",
    "test_streaming_elicitation",
    "test_trigger_tool_change",
    "test_trigger_prompt_change",
    "test_reconnection",
    "test_elicitation_sep1034_defaults",
    "test_elicitation_sep1330_enums",
    "test_input_required_result_elicitation",
    "test_input_required_result_sampling",
    "test_input_required_result_list_roots",
    "test_input_required_result_request_state",
    "test_input_required_result_multiple_inputs",
    "test_input_required_result_multi_round",
    "test_input_required_result_tampered_state",
    "test_input_required_result_capabilities",
];

/// All tools, as the protocol lists them.
pub(super) fn tools() -> Vec<Value> {
    let nothing = json!({ "type": "object", "properties": {} });
    let tool = |name: &str, input: Value| json!({ "name": name, "description": format!("What {name} asks for"), "inputSchema": input });
    let one = |word: &str| json!({ "type": "object", "properties": { word: { "type": "string" } }, "required": [word] });
    let mut out: Vec<Value> = PLAIN.map(|name| tool(name, nothing.clone())).into();
    out.push(tool("test_sampling", one("prompt")));
    out.push(tool("test_elicitation", one("message")));
    let place = json!({ "type": "string", "x-mcp-header": "Region" });
    let placed = json!({ "type": "object", "properties": { "region": place }, "required": [] });
    out.push(tool("test_custom_headers", placed));
    out.push(tool("json_schema_2020_12_tool", whole_schema()));
    out
}

/// A schema of everything that must come through as it is.
fn whole_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": { "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
        } },
        "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" },
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    })
}

pub(super) fn text(words: &str) -> Value {
    json!({ "type": "text", "text": words })
}

/// A result of one text.
pub(super) fn said(words: &str) -> Value {
    json!({ "content": [text(words)] })
}

fn image() -> Value {
    json!({ "type": "image", "data": PNG, "mimeType": "image/png" })
}

fn embedded(uri: &str, kind: &str, words: &str) -> Value {
    json!({ "type": "resource", "resource": { "uri": uri, "mimeType": kind, "text": words } })
}

/// What a tool answers that always answers the same.
pub(super) fn result(tool: &str) -> Option<Value> {
    let content = match tool {
        "test_simple_text" => json!([text("This is a simple text response for testing.")]),
        "test_image_content" => json!([image()]),
        "test_audio_content" => json!([{ "type": "audio", "data": WAV, "mimeType": "audio/wav" }]),
        "test_embedded_resource" => json!([embedded(
            "test://embedded-resource",
            "text/plain",
            "This is an embedded resource content."
        )]),
        "test_multiple_content_types" => json!([
            text("Multiple content types test:"),
            image(),
            embedded(
                "test://mixed-content-resource",
                "application/json",
                "{\"test\":\"data\",\"value\":123}"
            ),
        ]),
        "test_error_handling" => {
            let words = "This tool intentionally returns an error for testing";
            return Some(json!({ "content": [text(words)], "isError": true }));
        }
        "json_schema_2020_12_tool" | "test_custom_headers" => json!([text("taken")]),
        _ => return None,
    };
    Some(json!({ "content": content }))
}

pub(super) fn resources() -> Value {
    let one = |name: &str, kind: &str| {
        let uri = format!("test://{name}");
        json!({ "uri": uri, "name": name, "description": format!("The {name}"), "mimeType": kind })
    };
    json!([
        one("static-text", "text/plain"),
        one("static-binary", "image/png"),
        one("watched-resource", "text/plain"),
        one("example-resource", "text/plain"),
    ])
}

pub(super) fn templates() -> Value {
    json!([{
        "uriTemplate": "test://template/{id}/data",
        "name": "template",
        "description": "Data by its id",
        "mimeType": "application/json",
    }])
}

/// What a resource holds, if there is one.
pub(super) fn read(uri: &str) -> Option<Value> {
    let held = |kind: &str, words: String| json!({ "contents": [{ "uri": uri, "mimeType": kind, "text": words }] });
    let id = uri.strip_prefix("test://template/");
    if let Some(id) = id.and_then(|rest| rest.strip_suffix("/data")) {
        let data = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
        return Some(held("application/json", data.to_string()));
    }
    let words = match uri {
        "test://static-binary" => {
            let held = json!({ "uri": uri, "mimeType": "image/png", "blob": PNG });
            return Some(json!({ "contents": [held] }));
        }
        "test://static-text" => "This is the content of the static text resource.",
        "test://watched-resource" | "test://example-resource" => "It stays as it is.",
        _ => return None,
    };
    Some(held("text/plain", words.to_owned()))
}

/// All prompts, by name and the arguments that they need.
const PROMPTS: [(&str, &[&str]); 5] = [
    ("test_simple_prompt", &[]),
    ("test_prompt_with_arguments", &["arg1", "arg2"]),
    ("test_prompt_with_embedded_resource", &["resourceUri"]),
    ("test_prompt_with_image", &[]),
    ("test_input_required_result_prompt", &[]),
];

pub(super) fn prompts() -> Value {
    let prompt = |(name, needs): (&str, &[&str])| {
        let argument =
            |n: &&str| json!({ "name": n, "description": format!("Its {n}"), "required": true });
        let arguments: Vec<Value> = needs.iter().map(argument).collect();
        json!({ "name": name, "description": format!("What {name} asks for"), "arguments": arguments })
    };
    PROMPTS.into_iter().map(prompt).collect()
}

/// A prompt, if there is one; `of` gives its arguments.
pub(super) fn prompt(name: &str, of: impl Fn(&str) -> String) -> Option<Value> {
    let contents = match name {
        "test_simple_prompt" => vec![text("This is a simple prompt for testing.")],
        "test_prompt_with_arguments" => {
            let (one, two) = (of("arg1"), of("arg2"));
            vec![text(&format!(
                "Prompt with arguments: arg1='{one}', arg2='{two}'"
            ))]
        }
        "test_prompt_with_embedded_resource" => vec![
            embedded(
                &of("resourceUri"),
                "text/plain",
                "Embedded resource content for testing.",
            ),
            text("Please process the embedded resource above."),
        ],
        "test_prompt_with_image" => vec![image(), text("Please analyze the image above.")],
        _ => return None,
    };
    let message = |content: Value| json!({ "role": "user", "content": content });
    let messages: Vec<Value> = contents.into_iter().map(message).collect();
    Some(json!({ "messages": messages }))
}
