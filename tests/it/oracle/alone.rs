//! Runs a test in a process of its own with a cleared environment, since the library reads who acts from there.

use std::io::Write;
use std::process::Command;

use crate::world::PROFILE;

const MARK: &str = "QMS_TEST_ALONE";

/// Runs `body` in a fresh process whose environment says nothing. `name` is the test's own, from the crate's root.
pub(crate) fn alone(name: &str, body: impl FnOnce()) {
    if std::env::var_os(MARK).is_some() {
        return body();
    }
    let home = tempfile::tempdir().expect("a temporary directory");
    let program = std::env::current_exe().expect("the test's own program");
    let output = Command::new(program)
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env_clear()
        .envs(std::env::vars_os().filter(|(key, _)| {
            ["PATH", "TMPDIR", "QMS_CASES", "QMS_SHRINK", PROFILE]
                .iter()
                .any(|k| key == *k)
        }))
        .env(MARK, "1")
        .env("HOME", home.path())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_AUTHOR_DATE", "1700000000 +0000")
        .env("GIT_COMMITTER_DATE", "1700000000 +0000")
        .env("LC_ALL", "C")
        .output()
        .expect("the test starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    assert!(said.contains("1 passed"), "no test is named {name}: {said}");
    let told: String = said
        .lines()
        .filter(|l| l.contains("cases: "))
        .map(|l| format!("{l}\n"))
        .collect();
    let out = std::io::stdout().write_all(told.as_bytes());
    out.expect("stdout");
}

/// Says what ran.
pub(crate) fn tell(line: &str) {
    let out = std::io::stdout().write_all(format!("\n{line}\n").as_bytes());
    out.expect("stdout");
}
