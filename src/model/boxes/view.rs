//! Boxes as they are told of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::role::Launch;

/// What makes a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sandbox {
    Docker,
    Podman,
    Bubblewrap,
}

impl Sandbox {
    pub fn as_str(self) -> &'static str {
        match self {
            Sandbox::Docker => "docker",
            Sandbox::Podman => "podman",
            Sandbox::Bubblewrap => "bubblewrap",
        }
    }
}

/// A box, or an agent who has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BoxView {
    pub agent: String,
    pub launch: Launch,
    /// `none`, `ready`, `stopped`: there and not running, or `stale`: made of something else than would be made now.
    pub state: &'static str,
    /// Null where there is none, as the next.
    pub sandbox: Option<Sandbox>,
    /// Where the gateway is, as seen from the box.
    pub gateway: Option<String>,
    /// The folder of this machine that is the agent's own.
    pub workspace: Option<String>,
    /// How many things wait for the agent.
    pub waiting: usize,
}

/// A box that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Started {
    pub agent: String,
    pub sandbox: Sandbox,
    pub gateway: String,
    pub workspace: String,
    /// `started`, or `kept`: it ran, and is what would be made now.
    pub what: &'static str,
    /// From the start of the command to the first call that was answered from inside.
    pub milliseconds: u64,
    /// What somebody should know of it.
    pub notes: Vec<String>,
}
