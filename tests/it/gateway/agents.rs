//! Agents at the keyboard of a clone: an edit outside of the change in use is blocked before it is made.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::world::{Ran, World, document, ran};

/// What the program of an agent asks before it uses a tool.
fn asks(world: &World, user: &str, call: &str) -> Ran {
    let mut command = world.command(Command::new(env!("CARGO_BIN_EXE_qms")), user);
    command.args(["hook", "pre-tool-use"]).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("qms starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(call.as_bytes()).expect("it reads");
    drop(stdin);
    ran(&child.wait_with_output().expect("it ends"))
}

fn edit(world: &World, file: &str) -> Ran {
    let place = world.path(file);
    let input = json!({ "file_path": place.to_str(), "old_string": "a", "new_string": "b" });
    let call = json!({ "hook_event_name": "PreToolUse", "tool_name": "Edit", "tool_input": input });
    asks(world, "dev", &call.to_string())
}

// Verifies: REQ-QMS-HOOK-PRE-TOOL-USE
#[test]
fn i_06_an_edit_outside_of_the_change_in_use_is_blocked_before_it_is_made() {
    let world = World::new();
    let id = world.change("dev", "docker/**");
    let other = world.change("claude", "src/**");
    let blocked = |file: &str, words: &str| {
        let said = edit(&world, file);
        assert_eq!(
            (said.code, said.out.as_str()),
            (2, ""),
            "{file}: {}",
            said.err
        );
        assert!(said.err.contains(words), "{words}: {}", said.err);
    };
    blocked("docker/Dockerfile", "no change");
    world.qms("dev", &["use", &id]).ok();
    let head = world.head();
    for fine in [
        "docker/Dockerfile",
        "docker/new/x",
        "README.md",
        "../elsewhere",
    ] {
        edit(&world, fine).ok();
    }
    blocked("src/main.py", "error[out-of-scope]");
    blocked("docker/../src/main.py", "leads up");
    blocked("qms.yaml", "qms.yaml");
    blocked(".git/config", "git's own");
    blocked(&document(&other), "error[");
    blocked("QMS/CR/CR-009/CR-009.md", "qms create");
    // A link is where it leads.
    std::os::unix::fs::symlink("src", world.path("docker")).expect("a link");
    blocked("docker/main.py", "error[out-of-scope]");
    std::fs::remove_file(world.path("docker")).expect("a link");
    // One that leads nowhere is not followed, and every file that a call names counts.
    std::os::unix::fs::symlink("../src/new.py", world.path("docs/link")).unwrap_or_else(|_| {
        std::fs::create_dir_all(world.path("docs")).expect("a folder");
        std::os::unix::fs::symlink("../src/new.py", world.path("docs/link")).expect("a link");
    });
    blocked("docs/link", "leads nowhere");
    let place = world.path("src/main.py");
    for input in [
        json!({ "file_path": "/elsewhere/x", "notebook_path": place }),
        json!({ "filePath": place }),
        json!({ "edits": [{ "file_path": place }] }),
    ] {
        assert_eq!(
            asks(
                &world,
                "dev",
                &json!({ "tool_name": "Write", "tool_input": input }).to_string()
            )
            .code,
            2
        );
    }
    asks(
        &world,
        "dev",
        &json!({ "tool_name": "Read", "tool_input": { "file_path": place } }).to_string(),
    )
    .ok();
    let elsewhere = world.within("..");
    let call = json!({ "tool_name": "Write", "tool_input": { "file_path": place } });
    assert_eq!(asks(&elsewhere, "dev", &call.to_string()).code, 2);
    // A document that is checked out may be written, and no other.
    blocked(&document(&id), "error[");
    world.qms("dev", &["checkout", &id]).ok();
    edit(&world, &document(&id)).ok();
    // What cannot be read is blocked; what changes no file is none of its business.
    for bad in ["", "{", "{}", "{\"tool_input\": {\"file_path\": 7}}"] {
        assert_eq!(asks(&world, "dev", bad).code, 2, "{bad}");
    }
    asks(
        &world,
        "dev",
        "{\"tool_name\": \"Bash\", \"tool_input\": {\"command\": \"ls\"}}",
    )
    .ok();
    assert_eq!(
        asks(
            &world,
            "mallory",
            &json!({ "tool_input": { "file_path": world.path("src/main.py") } }).to_string()
        )
        .code,
        2
    );
    assert_eq!(
        world
            .git("dev", &["log", "--format=%s", &format!("{head}..")])
            .ok()
            .lines()
            .count(),
        1
    );
}

// Verifies: REQ-QMS-CMD-AGENT-INSTALL
#[test]
fn an_agents_program_is_told_and_what_it_knew_stays() {
    let world = World::new();
    world.write(
        ".claude/settings.json",
        "{\"model\": \"x\", \"hooks\": {\"PreToolUse\": [{\"matcher\": \"Bash\", \"hooks\": []}]}}",
    );
    world.write(
        ".mcp.json",
        "{\"mcpServers\": {\"other\": {\"command\": \"o\"}}}",
    );
    let said = world.qms("claude", &["agent", "install", "claude"]).ok();
    assert_eq!(said, "written  .mcp.json\nwritten  .claude/settings.json\n");
    let read = |name: &str| -> Value { serde_json::from_str(&world.read(name)).expect("JSON") };
    let servers = read(".mcp.json")["mcpServers"].clone();
    assert_eq!(servers["other"]["command"], "o");
    assert_eq!(servers["qms"]["args"], json!(["mcp", "--user", "claude"]));
    let settings = read(".claude/settings.json");
    let hooks = settings["hooks"]["PreToolUse"].as_array().expect("hooks");
    assert_eq!((settings["model"].as_str(), hooks.len()), (Some("x"), 2));
    assert_eq!(hooks[1]["hooks"][0]["onFailure"], "block");
    let again = world.qms("claude", &["agent", "install", "claude"]).ok();
    assert_eq!(again.matches("as it is").count(), 2, "{again}");
    let url = [
        "agent",
        "install",
        "mcp",
        "--url",
        "http://127.0.0.1:8000/mcp",
    ];
    world.qms("claude", &url).ok();
    assert_eq!(read(".mcp.json")["mcpServers"]["qms"]["type"], "http");
    world.write(".mcp.json", "{");
    let said = world.qms("claude", &url);
    assert!(
        said.code == 2 && said.err.contains("mend it first"),
        "{}",
        said.err
    );
    assert_eq!(world.read(".mcp.json"), "{");
}
