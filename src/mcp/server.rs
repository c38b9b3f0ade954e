//! The protocol's side of the gateway: one handler for every transport.

use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, GetPromptRequestParams, GetPromptResponse,
    Implementation, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::{ErrorData, ServerHandler};

use super::gateway::{Caller, Gateway};
use super::said::Said;
use super::tool::{self, Call, Kind};
use super::{progress, prompts, resources};

/// Who a client over stdio is, or none: then each request brings its own caller.
#[derive(Clone)]
pub(super) struct Server {
    gateway: Arc<Gateway>,
    caller: Option<Caller>,
}

/// Told to every client when it connects.
const INSTRUCTIONS: &str = "Change control in git. You read this repository and write only through these tools: each makes one commit that is \
judged first. Begin with qms_next or qms_inbox; qms_check says what a document lacks. A refusal holds findings: do what their help says.";

impl Server {
    pub(super) fn of(gateway: Arc<Gateway>, caller: Option<Caller>) -> Server {
        Server { gateway, caller }
    }

    /// Whoever the connection is of.
    fn caller(&self, context: &RequestContext<RoleServer>) -> Caller {
        let parts = context.extensions.get::<axum::http::request::Parts>();
        let by_request = parts.and_then(|parts| parts.extensions.get::<Caller>());
        let known = by_request.or(self.caller.as_ref()).cloned();
        known.unwrap_or(Caller {
            user: None,
            token: None,
            instance: None,
        })
    }

    /// Answers a question that is no tool's; what git does for it blocks no other.
    async fn look<T: Send + 'static>(
        &self,
        context: &RequestContext<RoleServer>,
        what: &'static str,
        look: impl FnOnce(&Call) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, ErrorData> {
        let (gateway, caller) = (self.gateway.clone(), self.caller(context));
        let looked = tokio::task::spawn_blocking(move || gateway.look(&caller, what, look)).await;
        let said = match looked {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(said)) => said,
            Err(_) => Said::broken(),
        };
        let why = said.value["error"].as_str().unwrap_or("refused").to_owned();
        Err(ErrorData::invalid_params(why, Some(said.value)))
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let can = ServerCapabilities::builder();
        let can = can.enable_tools().enable_resources().enable_prompts();
        ServerConfig::new(can.build())
            .with_server_info(Implementation::new("qms", env!("CARGO_PKG_VERSION")))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tool::listed()))
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let cursor = request.and_then(|request| request.cursor);
        let look = move |call: &Call| resources::listed(call, cursor.as_deref());
        self.look(&context, "resources/list", look).await
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(resources::templates())
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri.clone();
        let look = move |call: &Call| resources::read(call, &request.uri);
        let read = self.look(&context, "resources/read", look).await;
        read.map(Into::into).map_err(|error| {
            let data =
                serde_json::json!({ "uri": uri, "head": error.data.map(|d| d["head"].clone()) });
            ErrorData::resource_not_found(error.message, Some(data))
        })
    }

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(prompts::listed())
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let look = move |call: &Call| prompts::text(call, &request);
        let text = self.look(&context, "prompts/get", look).await;
        text.map(Into::into)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let caller = self.caller(&context);
        let client = client(&context);
        let Some(tool) = tool::tool(&request.name) else {
            let name = request.name.escape_debug();
            let why = format!("there is no tool `{name}`");
            return Err(ErrorData::invalid_params(why, None));
        };
        let gateway = self.gateway.clone();
        let arguments = request.arguments.unwrap_or_default();
        if tool.is_quick {
            let said = gateway.call(&caller, client, tool, arguments, None);
            return Ok(said.result().into());
        }
        // Who writes waits for his turn here, and no thread with him.
        let turn = match tool.kind {
            Kind::Reads => None,
            Kind::Writes | Kind::Ends => {
                let Some(place) = self.gateway.waiting.place(caller.user.as_deref()) else {
                    let why = "too many calls of yours wait for their turn; wait for their answers";
                    return Ok(Said::not(&anyhow::anyhow!(why), None).result().into());
                };
                Some((self.gateway.turns.acquire().await.ok(), place))
            }
        };
        // What git does blocks: others are answered meanwhile.
        let asked = context.meta.get_progress_token();
        let watched = asked.map(|token| (token, progress::watch()));
        let (watch, telling) = match watched {
            Some((token, (watch, seen))) => {
                let telling = tokio::spawn(progress::tell(context.peer.clone(), token, seen));
                (Some(watch), Some(telling))
            }
            None => (None, None),
        };
        let called = tokio::task::spawn_blocking(move || {
            gateway.call(&caller, client, tool, arguments, watch.as_ref())
        });
        let answered = called.await;
        if let Some(telling) = telling {
            // What was seen is said before the answer.
            let _ = telling.await;
        }
        drop(turn);
        let said = answered.unwrap_or_else(|_| Said::broken());
        Ok(said.result().into())
    }
}

/// How a client calls itself, where that fits into a line of a message. Over http each request stands alone: what it
/// says of itself there, or its user agent.
fn client(context: &RequestContext<RoleServer>) -> Option<String> {
    let of = |info: Implementation| format!("{} {}", info.name, info.version);
    let parts = context.extensions.get::<axum::http::request::Parts>();
    let text = match (parts, context.meta.client_info()) {
        (_, Some(info)) => of(info),
        (None, None) => of(context.client_info()?),
        (Some(parts), None) => {
            let agent = parts.headers.get(axum::http::header::USER_AGENT)?;
            agent.to_str().ok()?.to_owned()
        }
    };
    let plain = |c: char| c == ' ' || c.is_ascii_graphic();
    let fits = !text.trim().is_empty() && text.len() <= 100 && text.chars().all(plain);
    fits.then(|| text.trim().to_owned())
}
