//! A gateway that looks at a gateway as its clients do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use super::{Gate, token, world};
use crate::world::{Ran, World};

fn selftest(world: &World, port: u16, token: Option<&str>) -> Ran {
    let mut command = world.command(
        std::process::Command::new(env!("CARGO_BIN_EXE_qms")),
        "claude",
    );
    let url = format!("http://127.0.0.1:{port}/mcp");
    command.args(["mcp", "selftest", &url]);
    command.envs(token.map(|token| ("QMS_TOKEN", token)));
    crate::world::ran(&command.output().expect("qms starts"))
}

// Verifies: REQ-QMS-CMD-MCP-SELFTEST
#[test]
fn a_gateway_is_well_and_its_answers_change_nothing() {
    let world = world();
    world.change("dev", "src/**");
    let gate = Gate::start(&world);
    let head = world.head();
    let token = token(&world, "claude");
    let said = selftest(&world, gate.port, Some(&token)).ok();
    for line in [
        "is of `claude`",
        "a foreign host",
        "a command line",
        "all is well",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!said.contains("wrong  "), "{said}");
    assert_eq!(world.head(), head);
    let nobody = selftest(&world, gate.port, None).ok();
    assert!(nobody.contains("QMS_TOKEN is not set"), "{nobody}");
    let wrong = selftest(&world, gate.port, Some("qms_x"));
    assert_eq!(wrong.code, 1);
    assert!(wrong.out.contains("qms token new"), "{}", wrong.out);
    // Somebody whom the policy no longer lists under the gateway.
    world
        .qms("qa", &["user", "set", "gate", "--agents", "dev,qa,qb,tu"])
        .ok();
    let left = selftest(&world, gate.port, Some(&token));
    assert_eq!(left.code, 1);
    assert!(left.out.contains("does not list `claude`"), "{}", left.out);
    let port = gate.port;
    gate.stop();
    let gone = selftest(&world, port, Some(&token));
    assert_eq!(gone.code, 2);
    assert!(gone.err.contains("nothing answers"), "{}", gone.err);
}

/// Says yes to everything.
fn yes() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut from = BufReader::new(stream);
            let (mut line, mut length) = (String::new(), 0);
            while from.read_line(&mut line).is_ok_and(|n| n > 2) {
                let lower = line.to_ascii_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap_or(0);
                }
                line.clear();
            }
            let _ = from.read_exact(&mut vec![0; length]);
            let body = r#"{"jsonrpc":"2.0","id":1,"result":{"serverInfo":{"name":"qms","version":"9"},"structuredContent":{"user":"claude"},"isError":false,"tools":[]}}"#;
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = from.get_mut().write_all(format!("{head}{body}").as_bytes());
        }
    });
    port
}

#[test]
fn a_gateway_that_lets_everything_through_is_seen() {
    let world = world();
    let said = selftest(&world, yes(), Some("qms_x"));
    assert_eq!(said.code, 1);
    let wrong = said.out.lines().filter(|line| line.starts_with("  wrong"));
    // Five strangers, the missing tools and prompts, and six things that nobody may do.
    assert_eq!(wrong.count(), 13, "{}", said.out);
}
