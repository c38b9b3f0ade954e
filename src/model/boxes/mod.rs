//! A box: what an agent lives in. It reads the repository, writes nothing of it, and reaches the gateway. One value, the
//! `Shape`, says what is in it; what each engine is told follows from that.

pub mod bubblewrap;
pub mod docker;
pub mod role;
pub mod settings;
pub mod view;
pub mod ways;

use serde::{Deserialize, Serialize};

use super::document::digest;

/// Where things are in a box.
pub const REPO: &str = "/repo";
pub const WORKSPACE: &str = "/workspace";
/// The agent's home: what its programs keep, its login among it.
pub const SETTINGS: &str = "/settings";
/// What the box was given: the token, and the files that tell programs of the gateway.
pub const GIVEN: &str = "/run/qms";
/// The name under which a box finds the machine that it runs on.
pub const HOST: &str = "host.docker.internal";

/// Names that lead to what was given, as programs look for them. An image holds them, as bubblewrap makes them.
pub const LINKS: [(&str, &str); 3] = [
    ("/etc/claude-code", "/run/qms/claude"),
    ("/CLAUDE.md", "/run/qms/identity.md"),
    ("/AGENTS.md", "/run/qms/identity.md"),
];

/// What a box may take of the machine.
pub const PIDS: u32 = 512;
/// Bytes of memory; swap adds nothing.
pub const MEMORY: u64 = 4 << 30;
/// Bytes of what is gone with the box.
pub const SCRATCH: u64 = 256 << 20;

/// Folders that are there while the box is, and then gone.
pub const SCRATCHES: [&str; 1] = ["/tmp"];

/// What may be done with something of the machine that is seen in a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// And so all that is mounted below it, if that is seen at all.
    Reads,
    Writes,
}

/// A folder of this machine in a box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mount {
    pub from: String,
    pub to: &'static str,
    pub access: Access,
}

/// What a box reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// What the machine reaches: a model's API, a registry.
    Everything,
    /// The gateway, and nothing else.
    Gateway,
}

/// Who lives in a box, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shape {
    pub agent: String,
    /// User and group inside, which are no others outside.
    pub user: (u32, u32),
    pub mounts: Vec<Mount>,
    pub reach: Reach,
    pub env: Vec<(&'static str, String)>,
}

/// The folders of this machine that a box is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    pub repo: String,
    pub workspace: String,
    pub settings: String,
    pub given: String,
}

impl Shape {
    pub fn of(agent: &str, user: (u32, u32), folders: Folders, reach: Reach) -> Shape {
        let mount = |from, to, access| Mount { from, to, access };
        // The gateway is beside, and a proxy is not asked about it.
        let near = format!("localhost,127.0.0.1,{HOST}");
        Shape {
            agent: agent.to_owned(),
            user,
            mounts: vec![
                mount(folders.repo, REPO, Access::Reads),
                mount(folders.given, GIVEN, Access::Reads),
                mount(folders.workspace, WORKSPACE, Access::Writes),
                mount(folders.settings, SETTINGS, Access::Writes),
            ],
            reach,
            env: vec![
                ("HOME", SETTINGS.to_owned()),
                ("CLAUDE_CONFIG_DIR", format!("{SETTINGS}/claude")),
                ("QMS_PROJECT_ROOT", REPO.to_owned()),
                ("QMS_USER", agent.to_owned()),
                ("NO_PROXY", near.clone()),
                ("no_proxy", near),
            ],
        }
    }

    /// What a box that runs is compared with: another digest, another box.
    pub fn digest(&self, more: &str) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        digest(format!("{text}\n{more}").as_bytes())
    }
}

#[cfg(test)]
pub(super) fn sample() -> Shape {
    let below = |name: &str| format!("/srv/boxes/{name}");
    let folders = Folders {
        repo: "/srv/re,po".to_owned(),
        workspace: below("workspace"),
        settings: below("settings"),
        given: below("given"),
    };
    Shape::of("claude", (1000, 1000), folders, Reach::Gateway)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_shape_has_another_digest() {
        let shape = sample();
        let mut other = shape.clone();
        other.mounts[0].access = Access::Writes;
        assert_ne!(shape.digest("image"), other.digest("image"));
        assert_ne!(shape.digest("image"), shape.digest("another"));
        assert_eq!(shape.digest("image"), sample().digest("image"));
    }

    #[test]
    fn a_box_writes_nothing_but_its_own() {
        let shape = sample();
        let writes = shape.mounts.iter().filter(|m| m.access == Access::Writes);
        let places: Vec<&str> = writes.map(|m| m.to).collect();
        assert_eq!(places, [WORKSPACE, SETTINGS]);
    }
}
