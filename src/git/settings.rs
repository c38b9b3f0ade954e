//! Settings as the git program itself sees them here, with every level and include, and where it looks for hooks.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::Repo;
use super::program::said;

/// One value of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// As git prints it: section and name in lower case.
    pub key: String,
    /// `None` for a key without `=`, which is true.
    pub value: Option<String>,
    /// `system`, `global`, `local`, `worktree` or `command`.
    pub scope: String,
    /// The file, or what else says so.
    pub origin: String,
}

impl Setting {
    pub fn text(&self) -> &str {
        self.value.as_deref().unwrap_or("true")
    }

    /// The value as git reads a boolean.
    pub fn truth(&self) -> Option<bool> {
        match self.text().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" | "" => Some(false),
            _ => self.number().map(|n| n != 0),
        }
    }

    /// The value as git reads a number: with `k`, `m` or `g` behind it.
    pub fn number(&self) -> Option<i64> {
        let text = self.text().to_ascii_lowercase();
        let digits = text.trim_end_matches(['k', 'm', 'g']);
        let unit = match &text[digits.len()..] {
            "" => 1,
            "k" => 1 << 10,
            "m" => 1 << 20,
            "g" => 1 << 30,
            _ => return None,
        };
        digits.parse::<i64>().ok()?.checked_mul(unit)
    }

    /// Who says so, in a sentence.
    pub fn by(&self) -> String {
        format!("{} ({})", self.file(), self.scope)
    }

    /// The file that says so; where it is none, what git calls it.
    pub fn file(&self) -> &str {
        self.origin.strip_prefix("file:").unwrap_or(&self.origin)
    }
}

/// All settings in the order in which git reads them: of several values it uses the last.
#[derive(Debug, Clone, Default)]
pub struct Settings(pub Vec<Setting>);

impl Settings {
    /// Every value of a key, whatever the case it is named in.
    pub fn values(&self, key: &str) -> impl Iterator<Item = &Setting> {
        self.0
            .iter()
            .filter(move |s| s.key.eq_ignore_ascii_case(key))
    }

    /// The value that git uses.
    pub fn used(&self, key: &str) -> Option<&Setting> {
        self.values(key).last()
    }
}

impl Repo {
    pub fn settings(&self) -> Result<Settings> {
        let args = ["config", "--list", "--show-scope", "--show-origin", "-z"];
        let ran = self.git(&args)?;
        if !ran.status.success() {
            bail!("git cannot read its settings: {}", said(&ran));
        }
        let text = String::from_utf8(ran.stdout).context("a setting of git is not UTF-8")?;
        let mut words = text.split('\0');
        let mut out = Vec::new();
        while let (Some(scope), Some(origin), Some(entry)) =
            (words.next(), words.next(), words.next())
        {
            let (key, value) = match entry.split_once('\n') {
                Some((key, value)) => (key, Some(value.to_owned())),
                None => (entry, None),
            };
            out.push(Setting {
                key: key.to_owned(),
                value,
                scope: scope.to_owned(),
                origin: origin.to_owned(),
            });
        }
        Ok(Settings(out))
    }

    /// The folder in which git looks for hooks here.
    pub fn hooks_folder(&self) -> Result<PathBuf> {
        let ran = self.git(&["rev-parse", "--git-path", "hooks"])?;
        if !ran.status.success() {
            bail!("git cannot tell where its hooks are: {}", said(&ran));
        }
        let text = String::from_utf8(ran.stdout).context("the folder of hooks is not UTF-8")?;
        let top = self.work_dir().unwrap_or(self.git_dir());
        Ok(std::path::absolute(top.join(text.trim_end_matches('\n')))?)
    }

    /// What `git version` says of itself.
    pub fn git_version(&self) -> Result<String> {
        let ran = self.git(&["version"])?;
        let text = String::from_utf8_lossy(&ran.stdout);
        let version = text.trim().strip_prefix("git version ");
        version
            .map(str::to_owned)
            .context("the git program does not say which version it is")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(value: Option<&str>) -> Setting {
        Setting {
            key: "receive.x".into(),
            value: value.map(str::to_owned),
            scope: "local".into(),
            origin: "file:config".into(),
        }
    }

    #[test]
    fn values_are_read_as_git_reads_them() {
        for (value, truth, number) in [
            (None, Some(true), None),
            (Some(""), Some(false), None),
            (Some("Yes"), Some(true), None),
            (Some("off"), Some(false), None),
            (Some("0"), Some(false), Some(0)),
            (Some("1g"), Some(true), Some(1 << 30)),
            (Some("maybe"), None, None),
            (Some("1kk"), None, None),
        ] {
            let setting = setting(value);
            assert_eq!(
                (setting.truth(), setting.number()),
                (truth, number),
                "{value:?}"
            );
        }
    }
}
