//! What a repository says to an agent, in `agents/NAME.md` of the document folder: a text that is his own, and above it,
//! between two lines `---`, when his box is started and what runs in it.

use serde::{Deserialize, Serialize};

use crate::model::span::Flaw;
use crate::model::yaml;

/// When an agent's box is started by `session up` that names nobody.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Launch {
    /// Never: only by his name.
    #[default]
    Manual,
    /// When something waits for him.
    Inbox,
    Always,
}

/// The part above the text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    #[serde(default)]
    pub launch: Launch,
    /// What runs where somebody attaches; a line of shell.
    #[serde(default)]
    pub program: Option<String>,
}

/// The file that speaks to an agent.
pub fn file(folder: &str, agent: &str) -> String {
    format!("{folder}/agents/{agent}.md")
}

/// Both parts of a file; one without a head is all text.
pub fn read(file: &str) -> Result<(Role, &str), Flaw> {
    let Some(rest) = file.strip_prefix("---\n") else {
        return Ok((Role::default(), file));
    };
    let Some((head, text)) = rest.split_once("\n---\n") else {
        return Err(Flaw::new("the part between two lines `---` has no end"));
    };
    yaml::narrow(head)?;
    let role: Option<Role> = yaml::read(head)?;
    Ok((role.unwrap_or_default(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_says_when_and_what_and_the_rest_is_for_the_agent() {
        let (role, text) =
            read("---\nlaunch: inbox\nprogram: claude\n---\nBe brief.\n").expect("a role");
        assert_eq!(
            (role.launch, role.program.as_deref()),
            (Launch::Inbox, Some("claude"))
        );
        assert_eq!(text, "Be brief.\n");
        assert_eq!(read("Be brief.\n"), Ok((Role::default(), "Be brief.\n")));
        for bad in [
            "---\nlaunch: sometimes\n---\n",
            "---\nx: 1\n---\n",
            "---\nlaunch: inbox\n",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
