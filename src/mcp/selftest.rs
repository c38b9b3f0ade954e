//! `qms mcp selftest`: a gateway looked at as its clients see it: who one is to it, what it offers, and that what must be
//! refused is. Nothing that it tries would write, were it let through.

use std::future::Future;

use anyhow::{Context, Result, bail};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderName, Request, Uri, header};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::TOKEN;
use crate::model::health::{Health, Row};

/// Bytes of one reply.
const LARGEST: usize = 16 * 1024 * 1024;
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// Where it is, and what is shown to it.
struct Client {
    host: String,
    path: String,
    token: Option<String>,
    /// What it calls itself.
    instance: String,
}

struct Reply {
    status: u16,
    text: String,
    value: Value,
}

/// Headers of one request beside or in the place of those that a client sends.
type Headers<'h> = &'h [(&'static str, &'h str)];

// Implements: REQ-QMS-CMD-MCP-SELFTEST
pub(crate) fn run(url: &str) -> Result<Health> {
    let token = std::env::var(TOKEN).ok().filter(|token| !token.is_empty());
    let client = Client::of(url, token, format!("selftest {}", std::process::id()))?;
    let rows = client.runs(client.looked())?;
    Ok(Health::new("gateway", url.to_owned(), rows))
}

/// What an agent meets when it begins, by the token that it has: whether it is taken for who it is, and what is offered.
pub(crate) fn met(url: &str, token: &str, instance: &str, agent: &str) -> Result<Vec<Row>> {
    let client = Client::of(url, Some(token.to_owned()), instance.to_owned())?;
    client.runs(client.begun(agent))
}

impl Client {
    fn of(url: &str, token: Option<String>, instance: String) -> Result<Client> {
        let uri: Uri = url.parse().with_context(|| format!("`{url}` is no URL"))?;
        if uri.scheme_str() != Some("http") {
            bail!(
                "`{url}` is not reached from here; expected one such as http://127.0.0.1:8000/mcp"
            );
        }
        let authority = uri.authority().context("the URL names no host")?;
        let port = authority.port_u16().unwrap_or(80);
        Ok(Client {
            host: format!("{}:{port}", authority.host()),
            path: uri.path().to_owned(),
            token,
            instance,
        })
    }

    fn runs<T>(&self, looks: impl Future<Output = Result<T>>) -> Result<T> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(looks)
    }

    /// As far as it comes; each step needs the one before.
    async fn begun(&self, agent: &str) -> Result<Vec<Row>> {
        let mut rows = vec![self.ready().await?];
        if rows[0].mend.is_empty() {
            rows.extend(self.known().await?);
        }
        for row in &mut rows {
            if row.name == "token" && row.is != format!("is of `{agent}`") {
                *row = Row::wrong(
                    "token-of-another",
                    "token",
                    format!("{}, expected `{agent}`", row.is),
                )
                .mend(format!("qms session up {agent}"));
            }
        }
        if rows.iter().all(|row| row.mend.is_empty()) {
            rows.extend(self.offered().await?);
        }
        Ok(rows)
    }

    async fn looked(&self) -> Result<Vec<Row>> {
        let mut rows = vec![self.ready().await?];
        if !rows[0].mend.is_empty() {
            return Ok(rows);
        }
        rows.extend(self.strangers().await?);
        if self.token.is_none() {
            let why = format!("{TOKEN} is not set, so that is all that can be looked at");
            rows.push(Row::mind("token", "token", why).mend("qms token new AGENT"));
            return Ok(rows);
        }
        let known = self.known().await?;
        let goes_on = known.iter().all(|row| row.mend.is_empty());
        rows.extend(known);
        if goes_on {
            rows.extend(self.offered().await?);
            rows.extend(self.refused().await?);
        }
        Ok(rows)
    }

    async fn ready(&self) -> Result<Row> {
        let reply = self.send("GET", "/readyz", Value::Null, &[]).await?;
        Ok(match reply.status {
            200 => Row::good("ready", "ready", "it answers, and reads its repository"),
            status => Row::wrong("not-ready", "ready", format!("{status} {}", reply.text))
                .mend("look at what the gateway logs, and at its repository: qms doctor"),
        })
    }

    /// Whoever shows nothing, or something wrong, and whoever comes from a page of a browser.
    async fn strangers(&self) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
        let wrong = "Bearer qms_0000000000000000000000000000000000000000000000000000000000000000";
        let own = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let own = own.as_deref().unwrap_or(wrong);
        let tries: [(&str, Headers<'_>, u16); 5] = [
            ("no token", &[("authorization", "")], 401),
            ("a wrong token", &[("authorization", wrong)], 401),
            (
                "another identity",
                &[("authorization", own), ("x-qms-identity", "nobody-here")],
                401,
            ),
            (
                "a foreign host",
                &[("authorization", own), ("host", "evil.example")],
                403,
            ),
            (
                "a foreign origin",
                &[("authorization", own), ("origin", "http://evil.example")],
                403,
            ),
        ];
        for (who, headers, expected) in tries {
            // Who is asked first is not the same everywhere: each is a refusal.
            let status = self
                .send("POST", &self.path, ping.clone(), headers)
                .await?
                .status;
            rows.push(match status {
                401 | 403 => Row::good("stranger", who, format!("is turned away with {status}")),
                _ => Row::wrong(
                    "stranger-let-in",
                    who,
                    format!("{status}, expected {expected}"),
                )
                .mend("this is no gateway that agents may be given; run qms mcp of this version"),
            });
        }
        Ok(rows)
    }

    /// Whether the token is taken, and whose it is.
    async fn known(&self) -> Result<Vec<Row>> {
        let hello = json!({
            "protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": { "name": "qms-selftest", "version": env!("CARGO_PKG_VERSION") },
        });
        let reply = self.ask("initialize", hello).await?;
        if reply.status == 401 {
            let row = Row::wrong("token-refused", "token", reply.text.trim());
            return Ok(vec![row.mend("qms token new AGENT")]);
        }
        let server = &reply.value["result"]["serverInfo"];
        if server["name"] != "qms" {
            let is = format!(
                "{} {}",
                reply.status,
                reply.text.chars().take(200).collect::<String>()
            );
            return Ok(vec![
                Row::wrong("no-gateway", "server", is)
                    .mend("the URL ends in /mcp; is it another program's?"),
            ]);
        }
        let version = server["version"].as_str().unwrap_or_default();
        let mut rows = vec![Row::good("server", "server", format!("qms {version}"))];
        let inbox = self.call("qms_inbox", json!({})).await?;
        rows.push(match inbox["structuredContent"]["user"].as_str() {
            Some(user) => Row::good("token", "token", format!("is of `{user}`")),
            None => {
                let why = inbox["structuredContent"]["error"].as_str();
                let why = why.unwrap_or("it does not say whose it is");
                Row::wrong("not-served", "token", why)
                    .mend("what the policy says of this agent: qms user list")
            }
        });
        Ok(rows)
    }

    async fn offered(&self) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for (method, list, least) in [
            ("tools/list", "tools", "git_commit"),
            ("resources/list", "resources", ""),
            ("prompts/list", "prompts", "review"),
        ] {
            let reply = self.ask(method, json!({})).await?;
            let all = reply.value["result"][list].as_array().cloned();
            let all = all.unwrap_or_default();
            let there = least.is_empty() || all.iter().any(|one| one["name"] == least);
            rows.push(match there && reply.value["error"].is_null() {
                true => Row::good("offered", list, format!("{} of them", all.len())),
                false => Row::wrong("not-offered", list, reply.text.trim())
                    .mend("run qms mcp of this version"),
            });
        }
        let listed = self.call("qms_list", json!({})).await?;
        rows.push(match listed["isError"] == true {
            false => Row::good("reads", "reading", "documents are read"),
            true => Row::wrong(
                "does-not-read",
                "reading",
                listed["structuredContent"].to_string(),
            )
            .mend("qms check"),
        });
        Ok(rows)
    }

    /// What no gateway does for anybody.
    async fn refused(&self) -> Result<Vec<Row>> {
        let commit = |path: &str| {
            json!({ "change": "CR-001", "message": "Try", "dry_run": true,
                "files": [{ "path": path, "text": "" }] })
        };
        let mut rows = Vec::new();
        for (what, tool, arguments) in [
            ("the git folder", "git_commit", commit(".git/config")),
            ("a path that leads out", "git_commit", commit("../outside")),
            ("the policy", "git_commit", commit("qms.yaml")),
            (
                "an actor as an argument",
                "qms_create",
                json!({ "type": "SOP", "title": "T", "actor": "qa", "expect_head": "-" }),
            ),
            (
                "a command line",
                "git_exec",
                json!({ "command": "push --force origin main" }),
            ),
            (
                "an option as a revision",
                "git_show",
                json!({ "revision": "--output=x" }),
            ),
        ] {
            let said = self.call(tool, arguments).await?;
            let refused = said["isError"] == true || said.is_null();
            rows.push(match refused {
                true => Row::good("refused", what, "is refused"),
                false => Row::wrong("let-through", what, "is let through")
                    .mend("stop this gateway: it is none that agents may be given"),
            });
        }
        Ok(rows)
    }

    async fn call(&self, tool: &str, arguments: Value) -> Result<Value> {
        let params = json!({ "name": tool, "arguments": arguments });
        let reply = self.ask("tools/call", params).await?;
        Ok(reply.value["result"].clone())
    }

    async fn ask(&self, method: &str, params: Value) -> Result<Reply> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        self.send("POST", &self.path, body, &[]).await
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        body: Value,
        more: Headers<'_>,
    ) -> Result<Reply> {
        let sent = tokio::time::timeout(PATIENCE, self.sent(method, path, body, more)).await;
        let seconds = PATIENCE.as_secs();
        sent.map_err(|_| anyhow::anyhow!("{} did not answer within {seconds} s", self.host))?
    }

    async fn sent(
        &self,
        method: &str,
        path: &str,
        body: Value,
        more: Headers<'_>,
    ) -> Result<Reply> {
        let host = &self.host;
        let stream = TcpStream::connect(host).await;
        let stream = stream.with_context(|| {
            format!("nothing answers at {host}: is the gateway started, and listening where this is asked from?")
        })?;
        let (mut to, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, host)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json, text/event-stream")
            .header("x-qms-instance", &self.instance)
            .body(Body::from(body))?;
        let headers = request.headers_mut();
        if let Some(token) = &self.token {
            headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse()?);
        }
        for (name, value) in more {
            let name = HeaderName::from_static(name);
            match value.is_empty() {
                true => drop(headers.remove(name)),
                false => drop(headers.insert(name, value.parse()?)),
            }
        }
        let reply = to.send_request(request).await?;
        let status = reply.status().as_u16();
        let bytes = to_bytes(Body::new(reply.into_body()), LARGEST).await?;
        connection.abort();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let data = text.lines().find_map(|line| line.strip_prefix("data: "));
        let value = serde_json::from_str(data.unwrap_or(&text)).unwrap_or(Value::Null);
        Ok(Reply {
            status,
            text,
            value,
        })
    }
}
