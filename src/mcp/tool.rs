//! The tools as a table: what each is called, what it takes and answers, and the `ops` function that it is.

use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use rmcp::model::{JsonObject, ToolAnnotations};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{asked, coding, looking, moving, reading};
use crate::ops::{Session, branches};

/// Somebody who calls, in the repository as it is now.
pub(super) struct Call {
    pub(super) session: Session,
    pub(super) user: Option<String>,
}

impl Call {
    /// The same on an execution branch.
    pub(super) fn on(self, branch: &str) -> Result<Call> {
        branches::known(&self.session, branch)?;
        Ok(Call {
            session: self.session.on(branch)?,
            ..self
        })
    }

    /// Refuses whoever is not known: some questions are about the one who asks.
    pub(super) fn known(&self) -> Result<&str> {
        let user = self.user.as_deref();
        user.context("nothing proves who you are, and this is about you; connect with a token")
    }
}

/// What a tool does to the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Reads,
    Writes,
    /// Writes what no later step takes back.
    Ends,
}

type Run = Box<dyn Fn(&Call, Value) -> Result<Value> + Send + Sync>;

pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) kind: Kind,
    pub(super) input: Arc<JsonObject>,
    pub(super) output: Arc<JsonObject>,
    /// Whether it reads one document and no more: then it is answered where it was asked, without another thread.
    pub(super) is_quick: bool,
    pub(super) run: Run,
}

impl Tool {
    pub(super) fn quick(mut self) -> Tool {
        self.is_quick = true;
        self
    }

    /// The same for an execution branch too.
    pub(super) fn branched(mut self) -> Tool {
        let input = Arc::make_mut(&mut self.input);
        if let Some(properties) = input.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(asked::BRANCH.to_owned(), asked::branch());
        }
        self
    }

    pub(super) fn is_branched(&self) -> bool {
        let properties = self.input.get("properties");
        properties.is_some_and(|all| self.kind != Kind::Reads && all.get(asked::BRANCH).is_some())
    }
}

/// A list, since an answer is an object.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct All<T> {
    pub(super) all: Vec<T>,
}

/// A document.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    /// Its id, such as CR-045.
    pub(super) id: String,
}

/// Nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// A tool of the table.
pub(super) fn of<A, R>(
    name: &'static str,
    kind: Kind,
    about: &'static str,
    run: fn(&Call, A) -> Result<R>,
) -> Tool
where
    A: DeserializeOwned + JsonSchema + 'static,
    R: Serialize + JsonSchema + 'static,
{
    let mut input = schema::<A>();
    let properties = input.entry("properties").or_insert_with(|| json!({}));
    if let (true, Some(properties)) = (kind != Kind::Reads, properties.as_object_mut()) {
        for (name, value) in asked::properties() {
            properties.insert(name.to_owned(), value);
        }
    }
    let run = move |call: &Call, arguments: Value| -> Result<Value> {
        let arguments = serde_json::from_value(arguments).map_err(|e| {
            anyhow::anyhow!("the arguments of {name} are not as its schema says: {e}")
        })?;
        Ok(serde_json::to_value(run(call, arguments)?)?)
    };
    Tool {
        name,
        about,
        kind,
        input: Arc::new(input),
        output: Arc::new(schema::<R>()),
        is_quick: false,
        run: Box::new(run),
    }
}

fn schema<T: JsonSchema>() -> JsonObject {
    let mut settings = SchemaSettings::draft2020_12();
    settings.meta_schema = None;
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut object = schema.as_object().cloned().unwrap_or_default();
    object.remove("title");
    let mut whole = Value::Object(object);
    plain(&mut whole);
    whole.as_object().cloned().unwrap_or_default()
}

/// What clients read of a schema: one type in a place, and no formats of numbers, which are Rust's own.
fn plain(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("format").is_some_and(Value::is_string) {
                object.remove("format");
            }
            if let Some(Value::Array(types)) = object.get("type").cloned() {
                split(object, types);
            }
            object.values_mut().for_each(plain);
        }
        Value::Array(list) => list.iter_mut().for_each(plain),
        _ => {}
    }
}

/// A branch for each type; what only tells of the value stays outside.
fn split(object: &mut JsonObject, types: Vec<Value>) {
    let tells = |key: &str| ["title", "description", "default"].contains(&key);
    let whole = std::mem::take(object).into_iter();
    let (around, within): (JsonObject, JsonObject) = whole.partition(|(key, _)| tells(key));
    let branch = |kind: Value| {
        if kind == "null" {
            return json!({ "type": kind });
        }
        let mut one = within.clone();
        if let Some(values) = one.get_mut("enum").and_then(Value::as_array_mut) {
            values.retain(|value| !value.is_null());
        }
        one.insert("type".to_owned(), kind);
        Value::Object(one)
    };
    *object = around;
    object.insert("anyOf".to_owned(), types.into_iter().map(branch).collect());
}

/// All of them, in an order that does not change.
fn all() -> &'static [Tool] {
    static ALL: OnceLock<Vec<Tool>> = OnceLock::new();
    ALL.get_or_init(|| {
        let tools = [
            reading::tools(),
            moving::tools(),
            looking::tools(),
            coding::tools(),
        ];
        tools.into_iter().flatten().collect()
    })
}

pub(super) fn tool(name: &str) -> Option<&'static Tool> {
    all().iter().find(|tool| tool.name == name)
}

/// As the protocol lists them; the same for every caller.
pub(super) fn listed() -> Vec<rmcp::model::Tool> {
    let listed = |tool: &Tool| {
        let reads = tool.kind == Kind::Reads;
        let notes = ToolAnnotations::new()
            .read_only(reads)
            .destructive(tool.kind == Kind::Ends)
            .idempotent(reads)
            .open_world(false);
        let mut out = rmcp::model::Tool::new(tool.name, tool.about, tool.input.clone());
        out.output_schema = Some(tool.output.clone());
        out.annotations = Some(notes);
        out
    };
    all().iter().map(listed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Not schemas that some clients fail over: a property that may be anything, two types in a place, a format that only
    /// Rust knows.
    fn is_read_by_all(schema: &Value) -> bool {
        match schema {
            Value::Object(object) => {
                let properties = object.get("properties").and_then(Value::as_object);
                let mut properties = properties.into_iter().flat_map(|p| p.values());
                let narrows = |one: &Value| {
                    let mut keys = one.as_object().into_iter().flat_map(|one| one.keys());
                    keys.any(|key| key != "description" && key != "default")
                };
                properties.all(narrows)
                    && !object.get("type").is_some_and(Value::is_array)
                    && !object.get("format").is_some_and(Value::is_string)
                    && object.values().all(is_read_by_all)
            }
            Value::Array(list) => list.iter().all(is_read_by_all),
            _ => true,
        }
    }

    #[test]
    fn a_place_has_one_type() {
        let mut schema = json!({ "properties": { "kind": {
            "type": ["string", "null"], "enum": ["a", null], "description": "d", "default": null,
        } } });
        assert!(!is_read_by_all(&schema));
        plain(&mut schema);
        let kind = json!({
            "anyOf": [{ "type": "string", "enum": ["a"] }, { "type": "null" }], "description": "d", "default": null,
        });
        assert_eq!(schema, json!({ "properties": { "kind": kind } }));
        assert!(is_read_by_all(&schema));
        for any in [json!(true), json!({}), json!({ "description": "d" })] {
            assert!(!is_read_by_all(&json!({ "properties": { "any": any } })));
        }
    }

    #[test]
    fn every_tool_says_what_it_takes_and_answers_and_nothing_else_is_taken() {
        let mut names = std::collections::BTreeSet::new();
        for tool in all() {
            assert!(names.insert(tool.name), "{} twice", tool.name);
            assert!(tool.about.len() < 2048 && !tool.about.is_empty());
            for schema in [&tool.input, &tool.output] {
                assert_eq!(schema.get("type"), Some(&json!("object")), "{}", tool.name);
                assert!(
                    is_read_by_all(&Value::Object(schema.as_ref().clone())),
                    "{}",
                    tool.name
                );
            }
            assert_eq!(
                tool.input.get("additionalProperties"),
                Some(&json!(false)),
                "{}",
                tool.name
            );
            let text = Value::Object(tool.input.as_ref().clone()).to_string();
            // Who calls is what the connection proves.
            for word in ["\"user\":{", "\"actor\":{", "\"identity\":{"] {
                let asks = ["qms_history"].contains(&tool.name);
                assert!(asks || !text.contains(word), "{}: {word}", tool.name);
            }
        }
    }
}
