//! JSON Schemas (draft 2020-12) of what the program answers in JSON and of the files that people write. A new
//! answer is a row of `SCHEMAS`.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use super::json::{Checked, Refusal};
use super::{answers, ci, form, front, verified};
use crate::model::boxes::view::{BoxView, Started};
use crate::model::health::Health;
use crate::model::kind::KINDS;
use crate::model::policy_file;
use crate::model::rows::{ItemRow, ItemStory, KeyRow, SectionRow};
use crate::model::synced::SyncAnswer;
use crate::model::token::TokenRow;
use crate::model::trace::diff::Diff;
use crate::model::trace::impact::Impact;
use crate::model::trace::matrix::Matrix;
use crate::model::view::{Event, SystemView, Task, Unreadable, UserView, View, Who};
use crate::model::workflow::Status;

/// A schema: its name, what it describes, and how it is made.
pub struct Published {
    pub name: &'static str,
    pub of: &'static str,
    make: fn() -> Schema,
}

/// Every schema that `qms schema` prints.
pub const SCHEMAS: &[Published] = &[
    row("status", "the answer of qms status", answer::<View>),
    row("list", "the answer of qms list", answer::<Vec<Listed>>),
    row(
        "history",
        "the answer of qms history and qms comments",
        answer::<Vec<Event>>,
    ),
    row(
        "tasks",
        "the answer of qms inbox and qms workspace",
        answer::<Vec<Task>>,
    ),
    row(
        "findings",
        "the answer of qms check, and of every command that is refused",
        answer::<Findings>,
    ),
    row(
        "moved",
        "the answer of every move",
        answer::<answers::Moved>,
    ),
    row(
        "sync",
        "the answer of qms sync and qms renumber",
        answer::<SyncAnswer>,
    ),
    row("next", "the answer of qms next", answer::<answers::Next>),
    row("who", "the answer of qms who", answer::<Who>),
    row("diff", "the answer of qms diff", answer::<answers::Diff>),
    row(
        "story",
        "the answer of qms explain ID",
        answer::<answers::Story>,
    ),
    row(
        "verdict",
        "the answer of qms explain REV",
        answer::<answers::Verdict>,
    ),
    row(
        "verified",
        "the answer of qms verify",
        answer::<verified::Answer>,
    ),
    row("ci", "the answer of qms ci", answer::<ci::Answer>),
    row(
        "systems",
        "the answer of qms system list",
        answer::<Vec<SystemView>>,
    ),
    row("trace", "the answer of qms trace", answer::<Vec<Matrix>>),
    row(
        "trace-diff",
        "the answer of qms trace --diff",
        answer::<Vec<Diff>>,
    ),
    row(
        "trace-impact",
        "the answer of qms trace --impact",
        answer::<Impact>,
    ),
    row(
        "items",
        "the answer of qms item list",
        answer::<Vec<ItemRow>>,
    ),
    row("item", "the answer of qms item show", answer::<ItemStory>),
    row(
        "front",
        "the answer of qms front list",
        answer::<Vec<KeyRow>>,
    ),
    row(
        "tokens",
        "the answer of qms token list",
        answer::<Vec<TokenRow>>,
    ),
    row(
        "sections",
        "the answer of qms section list",
        answer::<Vec<SectionRow>>,
    ),
    row(
        "users",
        "the answer of qms user list",
        answer::<Vec<UserView>>,
    ),
    row(
        "form",
        "the answer of qms workflow show --sections",
        answer::<form::Sections>,
    ),
    row("doctor", "the answer of qms doctor", answer::<Health>),
    row(
        "boxes",
        "the answer of qms session status",
        answer::<Vec<BoxView>>,
    ),
    row(
        "boxes-up",
        "the answer of qms session up",
        answer::<Vec<Started>>,
    ),
    row(
        "policy",
        "the policy, qms.yaml",
        written::<policy_file::File>,
    ),
    row("front-matter", "the front matter of a document", || {
        front::schema().try_into().expect("an object is a schema")
    }),
];

const fn row(name: &'static str, of: &'static str, make: fn() -> Schema) -> Published {
    Published { name, of, make }
}

/// A line of the list.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes answers that are made elsewhere")]
enum Listed {
    Document(Box<View>),
    Unreadable(Unreadable),
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes answers that are made elsewhere")]
enum Findings {
    Checked(Checked),
    Refused(Refusal),
}

type Words = fn() -> Vec<&'static str>;

/// Fields that hold one of a table's words, wherever they stand in an answer.
const WORDS: &[(&[&str], Words)] = &[
    (&["from_status", "to_status"], || {
        Status::ALL.iter().map(|s| s.as_str()).collect()
    }),
    (&["doc_type"], || KINDS.iter().map(|k| k.name).collect()),
    (&["execution_phase"], || vec!["pre_release", "post_release"]),
];

impl Published {
    pub fn find(name: &str) -> Option<&'static Published> {
        SCHEMAS.iter().find(|s| s.name == name)
    }

    /// The schema with its name.
    pub fn json(&self) -> Value {
        let mut schema = (self.make)();
        schema.insert(
            "$schema".into(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        schema.insert("$id".into(), json!(format!("urn:qms:schema:{}", self.name)));
        schema.insert("title".into(), json!(self.of));
        schema.to_value()
    }
}

/// The names and what they are of, a line each.
pub fn list() -> String {
    let rows: Vec<Vec<String>> = SCHEMAS
        .iter()
        .map(|s| vec![s.name.to_owned(), s.of.to_owned()])
        .collect();
    super::table::columns(&rows)
}

/// What the program writes. More fields may come, so readers leave alone what they do not know.
fn answer<T: JsonSchema>() -> Schema {
    let words = RecursiveTransform(|schema: &mut Schema| words(schema));
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings
        .with_transform(words)
        .into_generator()
        .into_root_schema_for::<T>()
}

/// What people write; nothing else is allowed there.
fn written<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T>()
}

fn words(schema: &mut Schema) {
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return;
    };
    for (names, words) in WORDS {
        for name in *names {
            let Some(Value::Object(field)) = properties.get_mut(*name) else {
                continue;
            };
            // What has a type of its own says its words there.
            if !field.contains_key("type") {
                continue;
            }
            let mut all: Vec<Value> = words().into_iter().map(Value::from).collect();
            if field.get("type").is_some_and(Value::is_array) {
                all.push(Value::Null);
            }
            field.insert("enum".into(), Value::Array(all));
        }
    }
}
