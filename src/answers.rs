//! What doors answer with: the values of `report`, made of what `ops` did. A door only chooses how they are shown.

use serde::Serialize;
use serde::ser::SerializeSeq;

use crate::model::finding::Finding;
use crate::model::kind::Id;
use crate::model::view::{Unreadable, View};
use crate::ops::versions::Sides;
use crate::ops::{explain, next};
use crate::report::answers::{Allowed, Diff, Made, Moved, Next, Step, Story, Verdict};
use crate::report::diff::{self, Section};
use crate::report::json;

/// Where moves have brought a document; none where none was made.
pub(crate) fn moved(made: &[crate::ops::chain::Made]) -> Option<Moved> {
    let last = made.last()?;
    let moves = made.iter().map(|m| Made {
        doc_id: m.id.to_string(),
        event: m.action.event(),
        commit: m.commit.to_string(),
        from_status: m.from.as_ref().map(|s| s.status),
        to_status: m.state.status,
        version: m.state.version.to_string(),
        waits_for: match m.state.status.is_open_round() {
            true => m.state.pending().into_iter().map(str::to_owned).collect(),
            false => Vec::new(),
        },
    });
    Some(Moved {
        doc_id: last.id.to_string(),
        status: last.state.status,
        version: last.state.version.to_string(),
        commit: last.commit.to_string(),
        moves: moves.collect(),
    })
}

/// The next step of a document.
pub(crate) fn step(step: &next::Step) -> Step {
    let missing = step.missing.as_deref();
    Step::new(
        &step.view,
        step.turn.as_ref(),
        step.yours,
        missing,
        &step.also,
    )
}

pub(crate) fn next(next: &next::Next) -> Next {
    Next {
        user: next.user.clone(),
        next: next.step.as_ref().map(step),
        then: next.then.clone(),
    }
}

pub(crate) fn story(story: &explain::Story) -> Story {
    let turn = story.turn.as_ref();
    Story {
        document: story.view.clone(),
        events: story.events.clone(),
        work_commits: story.work,
        workers: story.workers.clone(),
        next: turn.map(|t| t.offer.clone()),
        whose: turn.map(|t| t.whose.clone()).unwrap_or_default(),
    }
}

pub(crate) fn verdict(verdict: &explain::Verdict) -> Verdict {
    let path = |(path, why): &(String, String)| Allowed {
        path: path.clone(),
        why: why.clone(),
    };
    Verdict {
        commit: verdict.commit.clone(),
        subject: verdict.subject.clone(),
        author: verdict.author.clone(),
        kind: verdict.kind.clone(),
        judged: verdict.judged.clone(),
        allowed: !verdict.findings.iter().any(Finding::is_error),
        paths: verdict.paths.iter().map(path).collect(),
        findings: json::findings(&verdict.findings),
    }
}

/// What differs between two versions, and by which sections.
pub(crate) fn diff(id: &Id, sides: &Sides) -> (Diff, Vec<Section>) {
    let sections = diff::sections(&sides.from.1, &sides.to.1);
    let value = Diff {
        doc_id: id.to_string(),
        from: sides.from.0.clone(),
        to: sides.to.0.clone(),
        sections: sections.clone(),
    };
    (value, sections)
}

/// Documents, and after them those that cannot be read, as one list.
pub(crate) struct Listed<'a> {
    pub(crate) views: &'a [View],
    pub(crate) unreadable: &'a [Unreadable],
}

impl Serialize for Listed<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.views.len() + self.unreadable.len()))?;
        self.views
            .iter()
            .try_for_each(|view| list.serialize_element(view))?;
        self.unreadable
            .iter()
            .try_for_each(|file| list.serialize_element(file))?;
        list.end()
    }
}
