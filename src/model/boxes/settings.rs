//! What a box is given: its token, who its agent is, and the files that tell programs of the gateway. Claude Code takes
//! those of `/etc/claude-code` for the machine's own, which nothing of a user or project overrides.

use serde_json::{Value, json};

use super::{HOST, REPO, WORKSPACE};

/// A file that a box is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Below the folder of what is given.
    pub path: &'static str,
    pub text: String,
    pub executable: bool,
}

/// What is known of a box when it is made.
#[derive(Debug, Clone)]
pub struct Facts<'f> {
    pub agent: &'f str,
    pub token: &'f str,
    /// What this box calls itself to the gateway; the same as long as it is the same box.
    pub instance: &'f str,
    pub port: u16,
    /// What the repository says to the agent, if it does.
    pub identity: Option<&'f str>,
    /// The user inside.
    pub user: (u32, u32),
}

/// Where the gateway is, as seen from a box.
pub fn url(port: u16) -> String {
    format!("http://{HOST}:{port}/mcp")
}

/// Everything that a box is given.
pub fn files(facts: &Facts<'_>) -> Vec<Given> {
    let plain = |path, text: String| Given {
        path,
        text,
        executable: false,
    };
    let shown = |value: Value| format!("{value:#}\n");
    let url = url(facts.port);
    let (uid, gid) = facts.user;
    let agent = facts.agent;
    vec![
        plain("token", format!("{}\n", facts.token)),
        plain("instance", format!("{}\n", facts.instance)),
        plain("identity.md", identity(facts)),
        plain("box.json", shown(json!({ "agent": agent, "url": url }))),
        plain("claude/managed-mcp.json", shown(servers(&url))),
        plain("claude/managed-settings.json", shown(claude())),
        plain(
            "hosts",
            format!("127.0.0.1 localhost {HOST} {agent}\n::1 localhost\n"),
        ),
        plain(
            "passwd",
            format!("agent:x:{uid}:{gid}::/settings:/bin/sh\n"),
        ),
        plain("group", format!("agent:x:{gid}:\n")),
        Given {
            executable: true,
            ..plain("claude/headers", HEADERS.to_owned())
        },
    ]
}

/// Prints what is sent with each call. The token is read where it lies, and stands in no list of processes.
const HEADERS: &str = r#"#!/bin/sh
read -r token </run/qms/token && read -r instance </run/qms/instance || exit 1
printf '{"Authorization": "Bearer %s", "X-QMS-Instance": "%s"}\n' "$token" "$instance"
"#;

fn identity(facts: &Facts<'_>) -> String {
    let agent = facts.agent;
    let own = facts.identity.unwrap_or_default();
    format!(
        "You are `{agent}`. {REPO} is the repository, which you read and cannot write. {WORKSPACE} is yours: prepare files \
         there, and commit them with the tool `git_commit` of the server `qms` and its argument `from_workspace`. \
         Documents are written by the other tools of that server; begin with `qms_inbox` and `qms_next`.\n\n{own}"
    )
}

/// The only servers that the agent's program may use.
fn servers(url: &str) -> Value {
    let server = json!({ "type": "http", "url": url, "headersHelper": "/run/qms/claude/headers" });
    json!({ "mcpServers": { "qms": server } })
}

/// What Claude Code is held to, whatever its user or the repository says.
fn claude() -> Value {
    json!({
        "permissions": {
            "allow": ["mcp__qms", "Read", "Grep", "Glob", "Edit(//workspace/**)", "Write(//workspace/**)"],
            "deny": ["Read(//run/qms/token)", "Edit(//run/qms/**)"],
            "disableBypassPermissionsMode": "disable",
        },
        "allowManagedHooksOnly": true,
        "hooks": { "PreToolUse": [before_edits()] },
        "env": {
            // Milliseconds; the gateway answers in far less, or not at all.
            "MCP_TIMEOUT": "10000",
            "MCP_TOOL_TIMEOUT": "60000",
            "DISABLE_AUTOUPDATER": "1",
        },
    })
}

/// The hook that asks before an edit. A program that cannot ask edits nothing.
pub fn before_edits() -> Value {
    json!({
        "matcher": "Edit|MultiEdit|Write|NotebookEdit",
        "hooks": [{ "type": "command", "command": "qms hook pre-tool-use", "onFailure": "block" }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_stands_in_its_own_file_alone() {
        let facts = Facts {
            agent: "claude",
            token: "qms_secret",
            instance: "here",
            port: 8000,
            identity: Some("Be brief.\n"),
            user: (1000, 1000),
        };
        let files = files(&facts);
        let holds = files.iter().filter(|f| f.text.contains("qms_secret"));
        assert_eq!(holds.map(|f| f.path).collect::<Vec<_>>(), ["token"]);
        let text = |path: &str| {
            let file = files.iter().find(|f| f.path == path);
            file.map(|f| f.text.clone()).unwrap_or_default()
        };
        assert!(text("identity.md").ends_with("Be brief.\n"));
        assert!(text("identity.md").contains("You are `claude`"));
        insta::assert_snapshot!(text("claude/managed-mcp.json"), @r#"
        {
          "mcpServers": {
            "qms": {
              "headersHelper": "/run/qms/claude/headers",
              "type": "http",
              "url": "http://host.docker.internal:8000/mcp"
            }
          }
        }
        "#);
        assert!(text("claude/managed-settings.json").contains("\"onFailure\": \"block\""));
    }
}
