//! GitLab CI: everything stands in variables. `CI_COMMIT_BEFORE_SHA` is the branch's old tip in pipelines of a push alone, and
//! zeros in all others; merge request pipelines may run on the source's commits or on a merge that GitLab tried.

use super::event::{Event, Kind, Platform};
use super::given::{Given, Wrong, needed};

pub(super) fn event(given: &Given) -> Result<Event, Wrong> {
    let source = given.var("CI_PIPELINE_SOURCE").unwrap_or_default();
    let event = match source {
        _ if given.var("CI_COMMIT_TAG").is_some() => tag(given)?,
        "merge_request_event" => merge_request(given)?,
        _ => branch(given, source == "push")?,
    };
    Ok(Event {
        main: given.var_name("CI_DEFAULT_BRANCH")?,
        ..event
    })
}

fn commit(given: &Given) -> Result<Option<String>, Wrong> {
    needed("CI_COMMIT_SHA", given.var_id("CI_COMMIT_SHA")?).map(Some)
}

fn tag(given: &Given) -> Result<Event, Wrong> {
    Ok(Event {
        tag: given.var_name("CI_COMMIT_TAG")?,
        head: commit(given)?,
        ..Event::new(Platform::Gitlab, Kind::Tag)
    })
}

fn branch(given: &Given, pushed: bool) -> Result<Event, Wrong> {
    let kind = if pushed { Kind::Push } else { Kind::ByHand };
    let before = given.var_id("CI_COMMIT_BEFORE_SHA")?;
    let branch = given.var_name("CI_COMMIT_BRANCH")?;
    Ok(Event {
        branch: Some(needed("CI_COMMIT_BRANCH", branch)?),
        base: before.filter(|_| pushed),
        head: commit(given)?,
        ..Event::new(Platform::Gitlab, kind)
    })
}

fn merge_request(given: &Given) -> Result<Event, Wrong> {
    const TARGET: &str = "CI_MERGE_REQUEST_TARGET_BRANCH_NAME";
    let target = needed(TARGET, given.var_name(TARGET)?)?;
    let tip = given.var_id("CI_MERGE_REQUEST_TARGET_BRANCH_SHA")?;
    let own = given.var_id("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")?;
    let of = given.var("CI_MERGE_REQUEST_PROJECT_ID");
    let event = Event {
        branch: Some(target),
        base: tip,
        fork: given.var("CI_MERGE_REQUEST_SOURCE_PROJECT_ID") != of,
        // The pipeline of a fork's own project has the fork's branches.
        elsewhere: given.var("CI_PROJECT_ID") != of,
        ..Event::new(Platform::Gitlab, Kind::PullRequest)
    };
    Ok(match given.var("CI_MERGE_REQUEST_EVENT_TYPE") {
        Some("merge_train") => Event {
            kind: Kind::MergeQueue,
            head: commit(given)?,
            ..event
        },
        Some("merged_result") => Event {
            head: Some(needed("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", own)?),
            merged: commit(given)?,
            ..event
        },
        _ => Event {
            head: commit(given)?,
            ..event
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ci::given::sample::{A, B, C, NONE, given};

    fn read(vars: &[(&str, &str)]) -> Result<Event, Wrong> {
        let own = [
            ("GITLAB_CI", "true"),
            ("CI_DEFAULT_BRANCH", "main"),
            ("CI_PROJECT_ID", "5"),
        ];
        Event::read(&given(&[&own, vars].concat(), serde_json::Value::Null))
    }

    #[test]
    fn a_push_has_a_before() {
        let of = |before| {
            read(&[
                ("CI_PIPELINE_SOURCE", "push"),
                ("CI_COMMIT_BRANCH", "main"),
                ("CI_COMMIT_BEFORE_SHA", before),
                ("CI_COMMIT_SHA", B),
            ])
        };
        let event = of(A).expect("an event");
        assert_eq!(
            (event.kind, event.branch.as_deref()),
            (Kind::Push, Some("main"))
        );
        assert_eq!(
            (event.base.as_deref(), event.head.as_deref()),
            (Some(A), Some(B))
        );
        assert_eq!(event.main.as_deref(), Some("main"));
        assert_eq!(of(NONE).expect("an event").base, None);
        assert!(of("-x").is_err());
        let tag = [
            ("CI_PIPELINE_SOURCE", "push"),
            ("CI_COMMIT_TAG", "v1"),
            ("CI_COMMIT_SHA", B),
        ];
        let tag = read(&tag).expect("an event");
        assert_eq!((tag.kind, tag.tag.as_deref()), (Kind::Tag, Some("v1")));
        // A schedule of the same branch brings nothing in, whatever the zeros say.
        let by_hand = [
            ("CI_PIPELINE_SOURCE", "schedule"),
            ("CI_COMMIT_BRANCH", "main"),
            ("CI_COMMIT_SHA", B),
        ];
        assert_eq!(read(&by_hand).expect("an event").kind, Kind::ByHand);
    }

    fn asked(more: &[(&str, &str)]) -> Result<Event, Wrong> {
        let own = [
            ("CI_PIPELINE_SOURCE", "merge_request_event"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
            ("CI_MERGE_REQUEST_PROJECT_ID", "5"),
            ("CI_COMMIT_BEFORE_SHA", NONE),
            ("CI_COMMIT_SHA", B),
        ];
        read(&[&own[..], more].concat())
    }

    #[test]
    fn a_merge_request_is_of_its_source_or_of_a_merge() {
        let source = ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "5");
        let detached =
            asked(&[source, ("CI_MERGE_REQUEST_EVENT_TYPE", "detached")]).expect("an event");
        assert_eq!(
            (detached.kind, detached.head.as_deref()),
            (Kind::PullRequest, Some(B))
        );
        assert!(!detached.fork && !detached.elsewhere && detached.merged.is_none());
        let tips = [
            source,
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", C),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", A),
        ];
        let with = |kind| [&tips[..], &[("CI_MERGE_REQUEST_EVENT_TYPE", kind)]].concat();
        let merged = asked(&with("merged_result")).expect("an event");
        assert_eq!(
            (merged.head.as_deref(), merged.merged.as_deref()),
            (Some(C), Some(B))
        );
        let train = asked(&with("merge_train")).expect("an event");
        assert_eq!(
            (train.kind, train.base.as_deref()),
            (Kind::MergeQueue, Some(A))
        );
        let fork = asked(&[("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "9")]).expect("an event");
        assert!(fork.fork && !fork.elsewhere);
        let theirs = asked(&[
            ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "9"),
            ("CI_PROJECT_ID", "9"),
        ]);
        assert!(theirs.expect("an event").elsewhere);
    }
}
