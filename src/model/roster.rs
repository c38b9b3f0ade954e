//! The `users:` part of the policy as text: a line a user, added without touching another byte.

use super::key::Key;
use super::people::User;

/// The line that lists a user in `users:`, in the form that `init` and `user add` write.
pub fn user_line(name: &str, user: &User) -> String {
    let groups: Vec<_> = user.groups.iter().map(|g| g.as_str()).collect();
    let mut line = format!(
        "  {name}: {{groups: [{}], kind: {}",
        groups.join(", "),
        user.kind.as_str()
    );
    if !user.emails.is_empty() {
        let mails: Vec<_> = user.emails.iter().map(|m| format!("\"{m}\"")).collect();
        line.push_str(&format!(", emails: [{}]", mails.join(", ")));
    }
    if !user.agents.is_empty() {
        line.push_str(&format!(", agents: [{}]", user.agents.join(", ")));
    }
    if user.single {
        line.push_str(", single: true");
    }
    if let Some(workspace) = &user.workspace {
        line.push_str(&format!(", workspace: \"{workspace}\""));
    }
    if !user.keys.is_empty() {
        let keys: Vec<_> = user.keys.iter().map(Key::line).collect();
        line.push_str(&format!(", keys: [{}]", keys.join(", ")));
    }
    if user.left {
        line.push_str(", left: true");
    }
    line.push_str("}\n");
    line
}

/// The policy's text with another line for a user who is listed; no other byte changes.
pub fn replaced(text: &str, name: &str, user: &User) -> Option<String> {
    let (mut within, mut offset) = (false, 0);
    let mut entry: Option<(usize, usize)> = None;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let ends = entry.is_some_and(|(_, column)| indent <= column && !line.trim().is_empty());
        if ends || (within && indent == 0 && !line.trim().is_empty()) {
            break;
        }
        let key = line.trim().split(':').next().unwrap_or_default();
        let names = key.trim_matches(['"', '\'']) == name;
        if within && entry.is_none() && names {
            entry = Some((offset, indent));
        }
        within |= line.trim_end() == "users:";
        offset += line.len();
    }
    let (start, _) = entry?;
    Some(format!(
        "{}{}{}",
        &text[..start],
        user_line(name, user),
        &text[offset..]
    ))
}

/// The policy's text with a user more, at the end of its `users:`; no other byte changes.
pub fn with_user(text: &str, name: &str, user: &User) -> Option<String> {
    let mut at = None;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        offset += line.len();
        match at {
            None if line.trim_end() == "users:" => at = Some(offset),
            Some(_) if line.starts_with(' ') => at = Some(offset),
            Some(_) => break,
            None => {}
        }
    }
    let at = at?;
    let gap = if text[..at].ends_with('\n') { "" } else { "\n" };
    Some(format!(
        "{}{gap}{}{}",
        &text[..at],
        user_line(name, user),
        &text[at..]
    ))
}

#[cfg(test)]
mod tests {
    use super::super::key::tests::P256;
    use super::super::people::{Group, UserKind};
    use super::super::policy::Policy;
    use super::super::policy::tests::TEXT;
    use super::super::signature::tests::DEV;
    use super::*;

    #[test]
    fn a_user_is_replaced_however_he_was_written() {
        let user = User {
            groups: vec![Group::Reviewer],
            left: true,
            ..User::default()
        };
        let line = "  bob: {groups: [reviewer], kind: human, left: true}\n";
        for old in [
            "  bob: {groups: [quality]}\n",
            "  \"bob\":\n    groups: [quality]\n    kind: human\n",
            "  bob:\n    # note\n    groups:\n      - quality\n",
        ] {
            let text =
                format!("users:\n  bobby: {{groups: []}}\n{old}  zed: {{groups: []}}\npaths:\n");
            assert_eq!(replaced(&text, "bob", &user), Some(text.replace(old, line)));
        }
        assert_eq!(
            replaced("users:\n  a: {}\npaths:\n  bob: {}\n", "bob", &user),
            None
        );
    }

    #[test]
    fn a_user_is_added_without_touching_another_byte() {
        let user = User {
            groups: vec![Group::Quality],
            kind: UserKind::Agent,
            emails: vec!["b@x".into()],
            keys: vec![
                Key {
                    key: format!("{DEV} \"at \\ home\""),
                    ..Key::default()
                },
                Key {
                    key: P256.into(),
                    from: Some("2026-01-31".into()),
                    revoked: Some("2026-02-01T00:00:00Z".into()),
                    ..Key::default()
                },
            ],
            single: true,
            workspace: Some("bob".into()),
            listed: 5,
            ..User::default()
        };
        let text = with_user(TEXT, "bob", &user).expect("has users");
        let line = format!(
            "  bob: {{groups: [quality], kind: agent, emails: [\"b@x\"], single: true, workspace: \"bob\", keys: [\"{DEV} \\\"at \\\\ home\\\"\", \
             {{key: \"{P256}\", from: \"2026-01-31\", revoked: \"2026-02-01T00:00:00Z\"}}]}}\n"
        );
        assert_eq!(text, TEXT.replace("paths:", &format!("{line}paths:")));
        assert_eq!(
            Policy::parse(text.as_bytes())
                .expect("a policy")
                .people
                .0
                .get("bob"),
            Some(&user)
        );
    }
}
