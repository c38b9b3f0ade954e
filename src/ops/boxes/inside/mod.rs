//! What is seen from inside a box. This runs there, asked by whoever started it; of the machine outside it knows nothing.

mod secrets;
mod writes;

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::model::boxes::{GIVEN, HOST, LINKS};
use crate::model::health::Row;

pub use self::secrets::secrets;
pub use self::writes::{tried, writes};

const PATIENCE: Duration = Duration::from_secs(5);
/// What sends requests of programs elsewhere.
const PROXIES: [&str; 4] = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

/// What a box was told of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct About {
    pub agent: String,
    pub url: String,
    #[serde(default)]
    pub token: String,
    #[serde(default)]
    pub instance: String,
}

/// What this box is; an error where this is none.
pub fn about() -> Result<About> {
    let given = |name: &str| {
        let text = std::fs::read_to_string(format!("{GIVEN}/{name}"));
        text.with_context(|| format!("`{GIVEN}/{name}` cannot be read: this is no box"))
    };
    let about: About = serde_json::from_str(&given("box.json")?)
        .with_context(|| format!("`{GIVEN}/box.json` cannot be read"))?;
    Ok(About {
        token: given("token")?.trim().to_owned(),
        instance: given("instance")?.trim().to_owned(),
        ..about
    })
}

/// Whether the gateway is reached by its name from here. Where it is not, nothing else can be asked.
pub fn reached(about: &About) -> Row {
    let place = about.url.trim_start_matches("http://");
    let place = place.split('/').next().unwrap_or_default();
    let addresses = match place.to_socket_addrs() {
        Ok(addresses) => addresses.collect::<Vec<_>>(),
        Err(why) => {
            let is = format!("`{place}` is no name that is known here: {why}");
            return Row::wrong("name-unknown", "gateway", is)
                .mend(format!("start the box anew, which tells it of {HOST}: qms session down {0}; qms session up {0}", about.agent));
        }
    };
    let shown = addresses
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let reach = |address| TcpStream::connect_timeout(address, PATIENCE);
    match addresses.iter().map(reach).find(Result::is_ok) {
        Some(_) => Row::good(
            "reached",
            "gateway",
            format!("{place} is {shown}, and something answers there"),
        ),
        None => {
            let is = format!("{place} is {shown}, and nothing answers there");
            Row::wrong("not-reached", "gateway", is).mend(format!(
                "is it started, at an address that is reached from here, and not at 127.0.0.1 of the machine? qms session up {}",
                about.agent
            ))
        }
    }
}

/// What stands between programs and the gateway.
pub fn proxies() -> Row {
    let set = |name: &&str| std::env::var(name).is_ok_and(|value| !value.is_empty());
    let spared = ["no_proxy", "NO_PROXY"].iter().all(|name| {
        let list = std::env::var(name).unwrap_or_default();
        list.split(',').any(|host| host.trim() == HOST)
    });
    match PROXIES.iter().find(|name| set(name) && !spared) {
        Some(name) => Row::wrong(
            "proxy-in-the-way",
            "proxy",
            format!(
                "{name} is set, and {HOST} is not spared: programs ask the proxy for the gateway"
            ),
        )
        .mend(format!("NO_PROXY and no_proxy with {HOST} in both")),
        None => Row::good("proxy", "proxy", format!("none is asked about {HOST}")),
    }
}

/// Whether the agent's programs are told of the gateway as it is, from the places where they look.
pub fn told(about: &About) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, to) in LINKS {
        let is = std::fs::read_link(name).map(|link| link.display().to_string());
        if is.as_deref().ok() != Some(to) {
            let is = format!(
                "leads {}, expected {to}",
                is.unwrap_or_else(|_| "nowhere".to_owned())
            );
            rows.push(
                Row::wrong("link-missing", name, is)
                    .mend("this image is none of qms: qms session up"),
            );
        }
    }
    let file = "/etc/claude-code/managed-mcp.json";
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    let server = &value["mcpServers"]["qms"];
    let again = format!("qms session up {}", about.agent);
    rows.push(match (server["type"].as_str(), server["url"].as_str()) {
        (Some("http"), Some(url)) if url == about.url => {
            Row::good("client", "client", format!("is told of {url} over http"))
        }
        (Some("http"), url) => Row::wrong(
            "wrong-url",
            "client",
            format!(
                "is told of `{}`, expected {}",
                url.unwrap_or("nothing"),
                about.url
            ),
        )
        .mend(again),
        (kind, _) => Row::wrong(
            "wrong-transport",
            "client",
            format!(
                "is told of the transport `{}`, expected http",
                kind.unwrap_or("none")
            ),
        )
        .mend(again),
    });
    rows
}
