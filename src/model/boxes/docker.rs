//! A box as what `docker` and `podman` are told.

use super::{Access, MEMORY, Mount, PIDS, Reach, SCRATCH, SCRATCHES, Shape, WORKSPACE};

/// The label that says which repository a container is for, as the next two.
pub const REPOSITORY: &str = "io.qms.repository";
pub const AGENT: &str = "io.qms.agent";
/// What it was made of.
pub const MADE_OF: &str = "io.qms.made-of";

/// What a container is beside its shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    pub name: String,
    /// A mark of the repository.
    pub repository: String,
    pub made_of: String,
    pub image: String,
    pub network: String,
    /// The address of the machine, as seen from that network.
    pub host: String,
}

/// The arguments of `docker` that start a box. The image's own entry point runs, and no other.
pub fn run(shape: &Shape, container: &Container) -> Vec<String> {
    let mut out: Vec<String> = vec!["run".to_owned()];
    out.extend(GUARDS.iter().map(|guard| (*guard).to_owned()));
    let (uid, gid) = shape.user;
    out.extend([
        format!("--name={}", container.name),
        format!("--hostname={}", shape.agent),
        format!("--user={uid}:{gid}"),
        format!("--pids-limit={PIDS}"),
        format!("--memory={MEMORY}"),
        format!("--memory-swap={MEMORY}"),
        format!("--network={}", container.network),
        format!("--add-host={}:{}", super::HOST, container.host),
        format!("--workdir={WORKSPACE}"),
    ]);
    for (label, value) in [
        (REPOSITORY, &container.repository),
        (AGENT, &shape.agent),
        (MADE_OF, &container.made_of),
    ] {
        out.push(format!("--label={label}={value}"));
    }
    out.extend(shape.mounts.iter().map(|m| format!("--mount={}", mount(m))));
    let size = SCRATCH;
    out.extend(
        SCRATCHES
            .iter()
            .map(|to| format!("--mount=type=tmpfs,target={to},tmpfs-size={size},tmpfs-mode=1777")),
    );
    out.extend(
        shape
            .env
            .iter()
            .map(|(name, value)| format!("--env={name}={value}")),
    );
    out.push(container.image.clone());
    out
}

/// What keeps a box from more than its shape.
pub const GUARDS: [&str; 6] = [
    "--detach",
    "--init",
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--restart=no",
];

/// What is mounted on the machine below a folder that is read would stay writable, so it is left out.
fn mount(mount: &Mount) -> String {
    let mut fields = vec![
        "type=bind".to_owned(),
        field(&format!("source={}", mount.from)),
        format!("target={}", mount.to),
    ];
    if mount.access == Access::Reads {
        fields.extend(["readonly".to_owned(), "bind-nonrecursive=true".to_owned()]);
    }
    fields.join(",")
}

/// A field of comma-separated values, as the engine reads them.
fn field(text: &str) -> String {
    match text.contains([',', '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

/// The arguments that make the network of a repository's boxes.
pub fn network(name: &str, repository: &str, reach: Reach) -> Vec<String> {
    let label = format!("--label={REPOSITORY}={repository}");
    let mut out = vec!["network".to_owned(), "create".to_owned(), label];
    if reach == Reach::Gateway {
        out.push("--internal".to_owned());
    }
    out.push(name.to_owned());
    out
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_container_is_told_all_of_its_shape() {
        let text = |word: &str| word.to_owned();
        let container = Container {
            name: text("qms-abc-claude"),
            repository: text("abc"),
            made_of: text("sha256:1"),
            image: text("qms-agent:1"),
            network: text("qms-abc"),
            host: text("172.20.0.1"),
        };
        insta::assert_snapshot!(run(&sample(), &container).join("\n"), @r#"
        run
        --detach
        --init
        --read-only
        --cap-drop=ALL
        --security-opt=no-new-privileges
        --restart=no
        --name=qms-abc-claude
        --hostname=claude
        --user=1000:1000
        --pids-limit=512
        --memory=4294967296
        --memory-swap=4294967296
        --network=qms-abc
        --add-host=host.docker.internal:172.20.0.1
        --workdir=/workspace
        --label=io.qms.repository=abc
        --label=io.qms.agent=claude
        --label=io.qms.made-of=sha256:1
        --mount=type=bind,"source=/srv/re,po",target=/repo,readonly,bind-nonrecursive=true
        --mount=type=bind,source=/srv/boxes/given,target=/run/qms,readonly,bind-nonrecursive=true
        --mount=type=bind,source=/srv/boxes/workspace,target=/workspace
        --mount=type=bind,source=/srv/boxes/settings,target=/settings
        --mount=type=tmpfs,target=/tmp,tmpfs-size=268435456,tmpfs-mode=1777
        --env=HOME=/settings
        --env=CLAUDE_CONFIG_DIR=/settings/claude
        --env=QMS_PROJECT_ROOT=/repo
        --env=QMS_USER=claude
        --env=NO_PROXY=localhost,127.0.0.1,host.docker.internal
        --env=no_proxy=localhost,127.0.0.1,host.docker.internal
        qms-agent:1
        "#);
        insta::assert_snapshot!(network("qms-abc", "abc", Reach::Gateway).join(" "), @"network create --label=io.qms.repository=abc --internal qms-abc");
    }
}
