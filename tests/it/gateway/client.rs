//! Clients that say exactly what a test wants to be said.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, ChildStdout};
use std::time::Duration;

use serde_json::{Value, json};

/// Longer than any answer takes on a machine that does ten other things.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a tool answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) value: Value,
    pub(super) error: bool,
}

impl Answer {
    #[track_caller]
    pub(super) fn ok(self) -> Value {
        assert!(!self.error, "{}", self.value);
        self.value
    }

    /// Asserts that a rule refused it.
    #[track_caller]
    pub(super) fn refused(self, rule: &str) -> Value {
        assert!(self.error, "it was let through: {}", self.value);
        let rules = self.value["findings"].as_array().expect("findings");
        assert!(rules.iter().any(|f| f["rule"] == rule), "{}", self.value);
        self.value
    }

    /// Asserts that it was not done, with these words.
    #[track_caller]
    pub(super) fn not(self, words: &str) {
        assert!(self.error, "it was let through: {}", self.value);
        assert!(
            self.value.to_string().contains(words),
            "{words}: {}",
            self.value
        );
    }
}

fn answer(reply: &Value) -> Answer {
    let result = &reply["result"];
    assert!(result.is_object(), "{reply}");
    Answer {
        value: result["structuredContent"].clone(),
        error: result["isError"] == true,
    }
}

/// One connection a request.
pub(super) struct Http {
    port: u16,
    pub(super) headers: Vec<(String, String)>,
}

impl Http {
    pub(super) fn new(port: u16, token: Option<&str>) -> Http {
        let bearer = token.map(|t| ("Authorization".to_owned(), format!("Bearer {t}")));
        Http {
            port,
            headers: bearer.into_iter().collect(),
        }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Http {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The status, and the body.
    pub(super) fn raw(&self, method: &str, path: &str, body: &[u8]) -> (u16, String) {
        let said = self.tries(method, path, body);
        said.expect("it listens, reads and answers")
    }

    /// The same of a server that may be gone.
    pub(super) fn tries(&self, method: &str, path: &str, body: &[u8]) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        // A server that never answers fails the test; it does not hold it.
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !self.headers.iter().any(|(name, _)| name == "Host") {
            head.push_str(&format!("Host: localhost:{}\r\n", self.port));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(
            "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n",
        );
        head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
        stream.write_all(head.as_bytes()).ok()?;
        // Who refuses early does not read the rest.
        let _ = stream.write_all(body);
        let mut reply = Vec::new();
        if let Err(error) = stream.read_to_end(&mut reply) {
            assert_ne!(error.kind(), ErrorKind::WouldBlock, "no answer to {path}");
        }
        let reply = String::from_utf8_lossy(&reply).into_owned();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap_or((&reply, ""));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok())?;
        let chunked = head
            .to_ascii_lowercase()
            .contains("transfer-encoding: chunked");
        let body = match chunked {
            true => unchunked(body),
            false => body.to_owned(),
        };
        Some((status, body))
    }

    pub(super) fn rpc(&self, method: &str, params: Value) -> (u16, Value) {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let (status, text) = self.raw("POST", "/mcp", body.to_string().as_bytes());
        let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (status, value)
    }

    pub(super) fn call(&self, tool: &str, arguments: Value) -> Answer {
        let params = json!({ "name": tool, "arguments": arguments });
        let (status, reply) = self.rpc("tools/call", params);
        assert_eq!(status, 200, "{reply}");
        answer(&reply)
    }
}

impl Http {
    /// Listens where events are sent.
    pub(super) fn listen(self, path: &str) -> Listening {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let mut head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n");
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream
            .write_all(format!("{head}\r\n").as_bytes())
            .expect("it reads");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("it is a socket");
        let mut out = Listening {
            from: BufReader::new(stream),
            client: self,
            place: String::new(),
            next: 0,
        };
        out.place = out.data();
        out
    }
}

/// A client of the older transport.
pub(super) struct Listening {
    client: Http,
    from: BufReader<TcpStream>,
    place: String,
    next: u64,
}

impl Listening {
    /// Where it posts.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// The data of the next event; what frames it is passed over.
    fn data(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(
                self.from.read_line(&mut line).expect("text"),
                0,
                "it went away"
            );
            if let Some(data) = line.strip_prefix("data: ") {
                return data.trim_end().to_owned();
            }
        }
    }

    pub(super) fn post(&self, message: &Value) {
        let (status, said) = self
            .client
            .raw("POST", &self.place, message.to_string().as_bytes());
        assert_eq!(status, 202, "{said}");
    }

    pub(super) fn rpc(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        self.post(
            &json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params }),
        );
        serde_json::from_str(&self.data()).expect("JSON")
    }
}

fn unchunked(body: &str) -> String {
    let (mut rest, mut out) = (body, String::new());
    while let Some((size, more)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 || more.len() < size {
            break;
        }
        out.push_str(&more[..size]);
        rest = more[size..].trim_start_matches("\r\n");
    }
    out
}

/// A client that started its server.
pub(super) struct Stdio {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    next: u64,
}

impl Stdio {
    pub(super) fn new(mut child: Child) -> Stdio {
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().expect("a pipe"));
        Stdio {
            child,
            to,
            from,
            next: 0,
        }
    }

    fn say(&mut self, message: &Value) {
        let to = self.to.as_mut().expect("it is open");
        writeln!(to, "{message}").expect("it reads");
    }

    pub(super) fn rpc(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let mut line = String::new();
            assert_ne!(
                self.from.read_line(&mut line).expect("text"),
                0,
                "it went away"
            );
            let reply: Value = serde_json::from_str(&line).expect("JSON and nothing else");
            if reply["id"] == id {
                return reply;
            }
        }
    }

    pub(super) fn hello(&mut self) -> Value {
        let params = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": { "name": "story", "version": "1.0" },
        });
        let reply = self.rpc("initialize", params);
        self.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        reply
    }

    pub(super) fn call(&mut self, tool: &str, arguments: Value) -> Answer {
        let params = json!({ "name": tool, "arguments": arguments });
        answer(&self.rpc("tools/call", params))
    }

    /// Goes away; answers with the exit code and what was said beside.
    pub(super) fn leave(mut self) -> (i32, String) {
        self.to = None;
        let mut said = String::new();
        let mut err = self.child.stderr.take().expect("a pipe");
        err.read_to_string(&mut said).expect("text");
        let code = self.child.wait().expect("it ends").code();
        (code.expect("a code"), said)
    }
}
