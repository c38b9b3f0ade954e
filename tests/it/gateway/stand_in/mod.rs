//! A server that has what the protocol's own suite asks for, behind the gateway's transport and checks. The suite is put to
//! it by `.ci/conformance`; it is in no binary that is shipped.
#![allow(
    deprecated,
    reason = "what the newest revision leaves out is asked of the older"
)]

mod asks;
mod texts;

use std::path::PathBuf;
use std::time::Duration;

use asks::Round;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities,
    CompleteRequestParams, CompleteResult, GetPromptRequestParams, GetPromptResponse,
    GetPromptResult, InputRequiredResult, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, LoggingLevel, LoggingMessageNotificationParam,
    PaginatedRequestParams, ProgressNotificationParam, ProtocolVersion, ReadResourceRequestParams,
    ReadResourceResponse, ReadResourceResult, ServerConfig, ServerRequest, SetLevelRequestMethod,
    SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter, Tool,
    UnsubscribeRequestParams,
};
use rmcp::service::{RequestContext, RoleServer, SubscriptionContext};
use rmcp::{ErrorData, ServerHandler};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::{Mutex, broadcast};

/// Which list is told to have changed.
#[derive(Clone, Copy)]
enum Changed {
    Tools,
    Prompts,
}

struct StandIn {
    tell: broadcast::Sender<Changed>,
    /// Listens from before anybody is told that it does.
    hear: Mutex<broadcast::Receiver<Changed>>,
}

/// A value of the protocol from what it looks like on the wire.
fn wire<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("it is as the protocol has it")
}

/// A result that needs nothing more; for the older revisions the transport takes that word out again.
fn complete<T: DeserializeOwned>(mut value: Value) -> T {
    value["resultType"] = json!("complete");
    wire(value)
}

type Context = RequestContext<RoleServer>;

fn newest(context: &Context) -> bool {
    let version = context.protocol_version();
    version.is_some_and(|v| v.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}

fn failed(error: impl std::fmt::Display) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

async fn log(context: &Context, words: &str) {
    let said = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(words));
    let _ = context.peer.notify_logging_message(said).await;
}

impl StandIn {
    async fn run(
        &self,
        call: CallToolRequestParams,
        context: &Context,
    ) -> Result<Value, ErrorData> {
        let name = call.name.as_ref();
        let argument = |key: &str| {
            let value = call.arguments.as_ref().and_then(|all| all.get(key));
            value.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        if let Some(request) = asks::asked(name, argument) {
            // Without a session its answer would come to nobody.
            let parts = context.extensions.get::<axum::http::request::Parts>();
            if parts.is_none_or(|parts| !parts.headers.contains_key("mcp-session-id")) {
                return Err(failed("nothing is asked of a client without a session"));
            }
            let request: ServerRequest = wire(request);
            let answer = context.peer.send_request(request).await.map_err(failed)?;
            let answer = serde_json::to_value(answer).map_err(failed)?;
            return Ok(asks::told(name, &answer));
        }
        match name {
            "test_tool_with_logging" => {
                for words in [
                    "Tool execution started",
                    "Tool processing data",
                    "Tool execution completed",
                ] {
                    log(context, words).await;
                    pause().await;
                }
            }
            "test_logging_tool" if context.meta.log_level().is_some() => {
                log(context, "asked for").await;
            }
            "test_tool_with_progress" => {
                for so_far in [0.0, 50.0, 100.0] {
                    if let Some(token) = context.meta.get_progress_token() {
                        let said = ProgressNotificationParam::new(token, so_far).with_total(100.0);
                        let _ = context.peer.notify_progress(said).await;
                    }
                    pause().await;
                }
            }
            "test_missing_capability" => {
                let can = context.client_capabilities();
                if can.is_none_or(|can| can.sampling.is_none()) {
                    let needed = wire::<ClientCapabilities>(json!({ "sampling": {} }));
                    return Err(ErrorData::missing_required_client_capability(needed));
                }
            }
            "test_trigger_tool_change" => drop(self.tell.send(Changed::Tools)),
            "test_trigger_prompt_change" => drop(self.tell.send(Changed::Prompts)),
            "test_logging_tool" | "test_reconnection" => {}
            _ => {
                let why = format!("there is no tool `{name}`");
                let none = || ErrorData::invalid_params(why, None);
                return texts::result(name).ok_or_else(none);
            }
        }
        Ok(texts::said("done"))
    }
}

fn able(context: &Context) -> Value {
    let can = context.client_capabilities().unwrap_or_default();
    serde_json::to_value(can).unwrap_or_default()
}

impl ServerHandler for StandIn {
    fn get_info(&self) -> ServerConfig {
        wire(json!({
            "protocolVersion": "2025-11-25",
            "serverInfo": { "name": "stand-in", "version": "1.0" },
            "capabilities": {
                "tools": { "listChanged": true },
                "prompts": { "listChanged": true },
                "resources": { "subscribe": true },
                "completions": {},
                "logging": {},
            },
        }))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(complete(json!({ "tools": texts::tools() })))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let mut all = texts::tools().into_iter();
        all.find(|tool| tool["name"] == name).map(wire)
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        context: Context,
    ) -> Result<CallToolResponse, ErrorData> {
        let answers = call.input_responses.as_ref();
        let state = call.request_state.as_deref();
        let answer = match asks::round(&call.name, &able(&context), answers, state)? {
            Some(Round::Asks(more)) => return Ok(wire::<InputRequiredResult>(more).into()),
            Some(Round::Answered(words)) => texts::said(&words),
            None => self.run(call, &context).await?,
        };
        Ok(complete::<CallToolResult>(answer).into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(complete(json!({ "resources": texts::resources() })))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(complete(json!({ "resourceTemplates": texts::templates() })))
    }

    async fn read_resource(
        &self,
        asked: ReadResourceRequestParams,
        _: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let held = texts::read(&asked.uri).ok_or_else(|| {
            let data = json!({ "uri": asked.uri });
            ErrorData::resource_not_found("Resource not found", Some(data))
        })?;
        Ok(complete::<ReadResourceResult>(held).into())
    }

    async fn subscribe(&self, _: SubscribeRequestParams, _: Context) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(&self, _: UnsubscribeRequestParams, _: Context) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(complete(json!({ "prompts": texts::prompts() })))
    }

    async fn get_prompt(
        &self,
        asked: GetPromptRequestParams,
        context: Context,
    ) -> Result<GetPromptResponse, ErrorData> {
        let answers = asked.input_responses.as_ref();
        let state = asked.request_state.as_deref();
        let prompt = match asks::round(&asked.name, &able(&context), answers, state)? {
            Some(Round::Asks(more)) => return Ok(wire::<InputRequiredResult>(more).into()),
            Some(Round::Answered(words)) => {
                json!({ "messages": [{ "role": "user", "content": texts::text(&words) }] })
            }
            None => {
                let of = |key: &str| {
                    let value = asked.arguments.as_ref().and_then(|all| all.get(key));
                    value.and_then(Value::as_str).unwrap_or_default().to_owned()
                };
                let why = format!("there is no prompt `{}`", asked.name);
                let none = || ErrorData::invalid_params(why, None);
                texts::prompt(&asked.name, of).ok_or_else(none)?
            }
        };
        Ok(complete::<GetPromptResult>(prompt).into())
    }

    async fn complete(
        &self,
        asked: CompleteRequestParams,
        _: Context,
    ) -> Result<CompleteResult, ErrorData> {
        let begun = &asked.argument.value;
        let all = ["paris", "park", "party", "test"];
        let values: Vec<&str> = all.into_iter().filter(|v| v.starts_with(begun)).collect();
        let total = values.len();
        let found = json!({ "values": values, "total": total, "hasMore": false });
        Ok(complete(json!({ "completion": found })))
    }

    async fn set_level(&self, _: SetLevelRequestParams, context: Context) -> Result<(), ErrorData> {
        match newest(&context) {
            true => Err(ErrorData::method_not_found::<SetLevelRequestMethod>()),
            false => Ok(()),
        }
    }

    fn accepted_subscription_filter(
        &self,
        wanted: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(wanted.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut hear = self.hear.lock().await;
        loop {
            let changed = tokio::select! {
                () = context.cancelled() => return Ok(()),
                changed = hear.recv() => changed,
            };
            // What was not asked for is not sent.
            let _ = match changed {
                Ok(Changed::Tools) => context.sink().notify_tool_list_changed().await,
                Ok(Changed::Prompts) => context.sink().notify_prompt_list_changed().await,
                Err(_) => return Ok(()),
            };
        }
    }
}

/// Where the repository is that is served, and whether clients get sessions.
const ROOT: &str = "QMS_STAND_IN";
const SESSIONS: &str = "QMS_STAND_IN_SESSIONS";

#[test]
#[ignore = "serves until its input ends; .ci/conformance starts it"]
fn it_serves_until_its_input_ends() {
    let Some(root) = std::env::var_os(ROOT).map(PathBuf::from) else {
        return;
    };
    let sessions = std::env::var_os(SESSIONS).is_some();
    let runtime = tokio::runtime::Runtime::new().expect("it starts");
    let (tell, _) = broadcast::channel(64);
    let make = move || StandIn {
        hear: Mutex::new(tell.subscribe()),
        tell: tell.clone(),
    };
    let (end, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = end.send(());
    });
    let until = async move { drop(ended.await) };
    let served = runtime.block_on(qms::mcp::stand_in(&root, sessions, make, until));
    served.expect("it serves");
}
