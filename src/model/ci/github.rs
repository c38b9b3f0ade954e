//! GitHub Actions: `GITHUB_EVENT_NAME` says what happened, and a file describes it; what is the same in all events stands in
//! variables too. Whoever opens a pull request chooses its branches and commits, and nothing else here.

use super::event::{Event, Kind, Platform};
use super::given::{Given, Wrong, needed};

type Reads = fn(&Given) -> Result<Event, Wrong>;

/// Events that bring something in; all others are runs by hand.
const EVENTS: &[(&str, Reads)] = &[
    ("push", push),
    ("pull_request", pull_request),
    ("pull_request_target", pull_request),
    ("merge_group", merge_group),
];

pub(super) fn event(given: &Given) -> Result<Event, Wrong> {
    let name = needed("GITHUB_EVENT_NAME", given.var("GITHUB_EVENT_NAME"))?;
    let reads = EVENTS.iter().find(|(event, _)| *event == name);
    let event = reads.map_or(by_hand as Reads, |(_, reads)| *reads)(given)?;
    Ok(Event {
        main: given.event_name("/repository/default_branch")?,
        ..event
    })
}

fn push(given: &Given) -> Result<Event, Wrong> {
    let name = needed("`ref` of the event", given.event_name("/ref")?)?;
    let (before, after) = (given.event_id("/before")?, given.event_id("/after")?);
    let kind = match (name.strip_prefix("refs/tags/"), &after) {
        (Some(_), _) => Kind::Tag,
        (None, Some(_)) => Kind::Push,
        (None, None) => Kind::Deleted,
    };
    Ok(Event {
        branch: name.strip_prefix("refs/heads/").map(str::to_owned),
        tag: name.strip_prefix("refs/tags/").map(str::to_owned),
        base: before,
        head: after,
        ..Event::new(Platform::Github, kind)
    })
}

fn pull_request(given: &Given) -> Result<Event, Wrong> {
    let of = |side: &str| given.text(&format!("/pull_request/{side}/repo/full_name"));
    // What was checked out for a pull request is the merge that GitHub tried.
    let tried = given
        .var("GITHUB_REF")
        .is_some_and(|name| name.starts_with("refs/pull/") && name.ends_with("/merge"));
    let branch = given.event_name("/pull_request/base/ref")?;
    let head = given.event_id("/pull_request/head/sha")?;
    Ok(Event {
        branch: Some(needed("`pull_request.base.ref` of the event", branch)?),
        base: given.event_id("/pull_request/base/sha")?,
        head: Some(needed("`pull_request.head.sha` of the event", head)?),
        merged: given.var_id("GITHUB_SHA")?.filter(|_| tried),
        // The fork may be gone by now.
        fork: of("head").is_none() || of("head") != of("base"),
        ..Event::new(Platform::Github, Kind::PullRequest)
    })
}

fn merge_group(given: &Given) -> Result<Event, Wrong> {
    let branch = given.event_name("/merge_group/base_ref")?;
    let branch = branch.map(|name| name.trim_start_matches("refs/heads/").to_owned());
    let base = given.event_id("/merge_group/base_sha")?;
    let head = given.event_id("/merge_group/head_sha")?;
    Ok(Event {
        branch: Some(needed("`merge_group.base_ref` of the event", branch)?),
        base: Some(needed("`merge_group.base_sha` of the event", base)?),
        head: Some(needed("`merge_group.head_sha` of the event", head)?),
        ..Event::new(Platform::Github, Kind::MergeQueue)
    })
}

fn by_hand(given: &Given) -> Result<Event, Wrong> {
    let name = given.var_name("GITHUB_REF")?.unwrap_or_default();
    Ok(Event {
        branch: name.strip_prefix("refs/heads/").map(str::to_owned),
        head: Some(needed("GITHUB_SHA", given.var_id("GITHUB_SHA")?)?),
        ..Event::new(Platform::Github, Kind::ByHand)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::ci::given::sample::{A, B, C, NONE, given as with};

    fn given(name: &str, vars: &[(&str, &str)], event: Value) -> Given {
        let own = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", name)];
        with(&[&own, vars].concat(), event)
    }

    fn pushed(name: &str, before: &str, after: &str) -> Result<Event, Wrong> {
        let event = json!({
            "ref": name, "before": before, "after": after, "created": before == NONE, "deleted": after == NONE,
            "forced": false, "repository": { "default_branch": "main", "full_name": "o/r" },
        });
        Event::read(&given(
            "push",
            &[("GITHUB_REF", name), ("GITHUB_SHA", after)],
            event,
        ))
    }

    #[test]
    fn a_push_says_from_where_to_where() {
        let event = pushed("refs/heads/release/1", A, B).expect("an event");
        assert_eq!(
            (event.kind, event.branch.as_deref()),
            (Kind::Push, Some("release/1"))
        );
        assert_eq!(
            (event.base.as_deref(), event.head.as_deref()),
            (Some(A), Some(B))
        );
        assert_eq!(event.main.as_deref(), Some("main"));
        let new = pushed("refs/heads/new", NONE, B).expect("an event");
        assert_eq!((new.kind, new.base), (Kind::Push, None));
        let gone = pushed("refs/heads/old", A, NONE).expect("an event");
        assert_eq!((gone.kind, gone.head), (Kind::Deleted, None));
        let tag = pushed("refs/tags/v1", NONE, B).expect("an event");
        assert_eq!(
            (tag.kind, tag.tag.as_deref(), tag.branch),
            (Kind::Tag, Some("v1"), None)
        );
        for (name, before, after) in [
            ("refs/heads/--x y", A, B),
            ("refs/heads/x\n::error::y", A, B),
            ("refs/heads/x", "HEAD", B),
            ("refs/heads/x", A, "$(id)"),
        ] {
            assert!(
                pushed(name, before, after).is_err(),
                "{name} {before} {after}"
            );
        }
    }

    fn asked(head: Value, name: &str) -> Event {
        let event = json!({
            "action": "synchronize", "number": 7,
            "pull_request": {
                "base": { "ref": "main", "sha": A, "repo": { "full_name": "o/r" } },
                "head": { "ref": "fix", "sha": B, "repo": head },
            },
            "repository": { "default_branch": "main" },
        });
        let vars = [
            ("GITHUB_REF", name),
            ("GITHUB_SHA", C),
            ("GITHUB_BASE_REF", "main"),
        ];
        Event::read(&given("pull_request", &vars, event)).expect("an event")
    }

    #[test]
    fn a_pull_request_names_its_target_and_the_merge_that_was_tried() {
        let own = asked(json!({ "full_name": "o/r" }), "refs/pull/7/merge");
        assert_eq!(
            (own.kind, own.branch.as_deref()),
            (Kind::PullRequest, Some("main"))
        );
        assert_eq!(
            (own.base.as_deref(), own.head.as_deref()),
            (Some(A), Some(B))
        );
        assert_eq!((own.merged.as_deref(), own.fork), (Some(C), false));
        assert!(asked(json!({ "full_name": "x/r" }), "refs/pull/7/merge").fork);
        assert!(asked(Value::Null, "refs/pull/7/merge").fork);
        assert_eq!(asked(Value::Null, "refs/heads/main").merged, None);
        let empty = given("pull_request", &[], json!({}));
        assert!(Event::read(&empty).is_err());
    }

    #[test]
    fn a_merge_queue_names_the_branch_that_it_is_for() {
        let event = json!({ "merge_group": {
            "base_ref": "refs/heads/main", "base_sha": A, "head_sha": B,
            "head_ref": "refs/heads/gh-readonly-queue/main/pr-104-929f8209",
        }});
        let event = Event::read(&given("merge_group", &[], event)).expect("an event");
        assert_eq!(
            (event.kind, event.branch.as_deref()),
            (Kind::MergeQueue, Some("main"))
        );
        assert_eq!(
            (event.base.as_deref(), event.head.as_deref()),
            (Some(A), Some(B))
        );
    }

    #[test]
    fn everything_else_is_a_run_by_hand() {
        let vars = [("GITHUB_REF", "refs/heads/main"), ("GITHUB_SHA", B)];
        for name in ["workflow_dispatch", "schedule", "repository_dispatch"] {
            let event = Event::read(&given(name, &vars, json!({}))).expect("an event");
            assert_eq!(
                (event.kind, event.branch.as_deref()),
                (Kind::ByHand, Some("main"))
            );
            assert_eq!((event.base, event.head.as_deref()), (None, Some(B)));
        }
    }
}
