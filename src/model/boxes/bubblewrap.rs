//! A box as what `bwrap` is told: the same on a machine without an engine, for whoever runs it and with no more rights.

use super::{Access, GIVEN, LINKS, SCRATCHES, Shape, WORKSPACE};

/// Of the machine, what programs need to run, and nothing of anybody's home.
const SYSTEM: [&str; 14] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/nsswitch.conf",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/ca-certificates",
    "/etc/localtime",
    "/etc/resolv.conf",
];
/// Where the program itself is in a box.
pub const PROGRAMS: &str = "/opt/qms";
const PATH: &str = "/opt/qms:/usr/local/bin:/usr/bin:/bin";

/// What is around a box here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Around {
    /// The program that runs now.
    pub program: String,
    /// Whether the terminal of whoever attaches is handed in. Without one a box cannot type into it.
    pub terminal: Option<String>,
}

/// The arguments of `bwrap`, up to the command that is to run.
pub fn run(shape: &Shape, around: &Around) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut say = |words: &[&str]| out.extend(words.iter().map(|w| (*w).to_owned()));
    let (uid, gid) = (shape.user.0.to_string(), shape.user.1.to_string());
    say(&[
        "--unshare-user",
        "--unshare-pid",
        "--unshare-ipc",
        "--unshare-uts",
    ]);
    say(&[
        "--unshare-cgroup-try",
        "--die-with-parent",
        "--cap-drop",
        "ALL",
    ]);
    say(&["--uid", &uid, "--gid", &gid, "--hostname", &shape.agent]);
    for place in SYSTEM {
        say(&["--ro-bind-try", place, place]);
    }
    say(&["--proc", "/proc", "--dev", "/dev"]);
    // Where root of the machine starts a box, the kernel takes him for root there.
    say(&["--ro-bind", "/proc/sys", "/proc/sys"]);
    for place in SCRATCHES {
        say(&["--tmpfs", place]);
    }
    for mount in &shape.mounts {
        let how = match mount.access {
            Access::Reads => "--ro-bind",
            Access::Writes => "--bind",
        };
        say(&[how, &mount.from, mount.to]);
    }
    for name in ["hosts", "passwd", "group"] {
        say(&["--ro-bind", &given(shape, name), &format!("/etc/{name}")]);
    }
    say(&["--ro-bind", &around.program, &format!("{PROGRAMS}/qms")]);
    for (name, to) in LINKS {
        say(&["--symlink", to, name]);
    }
    // Nothing that the box made itself stays open for writing either.
    say(&["--remount-ro", "/", "--clearenv", "--setenv", "PATH", PATH]);
    for (name, value) in &shape.env {
        say(&["--setenv", name, value]);
    }
    match &around.terminal {
        Some(kind) => say(&["--setenv", "TERM", kind]),
        None => say(&["--new-session"]),
    }
    say(&["--chdir", WORKSPACE, "--"]);
    out
}

/// A file that was given to a box, as it lies on the machine.
fn given(shape: &Shape, name: &str) -> String {
    let from = shape.mounts.iter().find(|m| m.to == GIVEN);
    let folder = from.map(|m| m.from.as_str()).unwrap_or_default();
    format!("{folder}/{name}")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn bubblewrap_is_told_all_of_the_shape() {
        let around = Around {
            program: "/srv/qms".to_owned(),
            terminal: None,
        };
        let said = run(&sample(), &around).join(" ").replace(" --", "\n--");
        insta::assert_snapshot!(said, @"
        --unshare-user
        --unshare-pid
        --unshare-ipc
        --unshare-uts
        --unshare-cgroup-try
        --die-with-parent
        --cap-drop ALL
        --uid 1000
        --gid 1000
        --hostname claude
        --ro-bind-try /usr /usr
        --ro-bind-try /bin /bin
        --ro-bind-try /sbin /sbin
        --ro-bind-try /lib /lib
        --ro-bind-try /lib32 /lib32
        --ro-bind-try /lib64 /lib64
        --ro-bind-try /etc/alternatives /etc/alternatives
        --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache
        --ro-bind-try /etc/nsswitch.conf /etc/nsswitch.conf
        --ro-bind-try /etc/ssl/certs /etc/ssl/certs
        --ro-bind-try /etc/ssl/openssl.cnf /etc/ssl/openssl.cnf
        --ro-bind-try /etc/ca-certificates /etc/ca-certificates
        --ro-bind-try /etc/localtime /etc/localtime
        --ro-bind-try /etc/resolv.conf /etc/resolv.conf
        --proc /proc
        --dev /dev
        --ro-bind /proc/sys /proc/sys
        --tmpfs /tmp
        --ro-bind /srv/re,po /repo
        --ro-bind /srv/boxes/given /run/qms
        --bind /srv/boxes/workspace /workspace
        --bind /srv/boxes/settings /settings
        --ro-bind /srv/boxes/given/hosts /etc/hosts
        --ro-bind /srv/boxes/given/passwd /etc/passwd
        --ro-bind /srv/boxes/given/group /etc/group
        --ro-bind /srv/qms /opt/qms/qms
        --symlink /run/qms/claude /etc/claude-code
        --symlink /run/qms/identity.md /CLAUDE.md
        --symlink /run/qms/identity.md /AGENTS.md
        --remount-ro /
        --clearenv
        --setenv PATH /opt/qms:/usr/local/bin:/usr/bin:/bin
        --setenv HOME /settings
        --setenv CLAUDE_CONFIG_DIR /settings/claude
        --setenv QMS_PROJECT_ROOT /repo
        --setenv QMS_USER claude
        --setenv NO_PROXY localhost,127.0.0.1,host.docker.internal
        --setenv no_proxy localhost,127.0.0.1,host.docker.internal
        --new-session
        --chdir /workspace
        --
        ");
    }
}
