//! `apply`: the managed block that a move must leave behind. Every move is recomputed with this function, when
//! it is made and when it is judged, so that nobody promotes a document by hand. Source: model.md "A document",
//! lifecycle.md "Moves" and "Rounds". Whether the move is allowed is not asked here (`checks::moves`).

use std::collections::BTreeSet;

use super::document::Document;
use super::kind::{Class, Id};
use super::round::{self, Policies};
use super::state::{InForce, Outcome, State, Version};
use super::trailer::{Key, Trailers};
pub use super::under::Under;
use super::workflow::{self, Action, Status};

/// A move as it can be computed: what was, what the text is now, and what the trailers say.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    pub id: &'a Id,
    pub action: Action,
    pub actor: &'a str,
    pub co_authors: &'a [&'a str],
    pub trailers: &'a Trailers,
    pub policies: Policies<'a>,
    /// The document before; none for `create`.
    pub before: Option<&'a Document>,
    /// Blob id of the document before, in full.
    pub blob: &'a str,
    /// The document as the commit has it; its text counts, its block is what is to be checked.
    pub after: &'a Document,
    /// What was done under the change since its release, at `route-review` from IN_EXECUTION.
    pub under: Option<&'a Under>,
}

impl Step<'_> {
    /// The block after the move, or `None` where the workflow has no such move from here.
    pub fn apply(&self) -> Option<State> {
        let text = self.after.text_digest();
        let Some(before) = self.before else {
            return (self.action == Action::Create).then(|| self.created(text));
        };
        let class = self.id.kind().class;
        let row = workflow::row_of(class, self.action, before.state.status)?;
        let mut state = before.state.clone();
        let [to, complete @ ..] = row.to else {
            return None;
        };
        state.status = *to;
        match self.action {
            Action::Create => return None,
            Action::Edit | Action::Item | Action::Fix | Action::Release | Action::Revert => {}
            Action::Checkout => {
                if before.state.status == Status::Effective {
                    state.in_force = Some(InForce {
                        version: state.version,
                        blob: self.blob.to_owned(),
                    });
                    state.version = state.version.revised();
                }
                state.owner = Some(self.actor.to_owned());
                state.locked = Some(before.text_digest());
                self.gain_authors(&mut state);
            }
            Action::Checkin => {
                self.unlock(&mut state, &text, complete);
                self.gain_authors(&mut state);
            }
            Action::RouteReview => self.route_review(&mut state, before, complete),
            Action::Assign => self.assign(&mut state, before, complete),
            Action::Review => {
                let outcome = self.trailers.value(Key::Outcome).and_then(Outcome::parse)?;
                state.reviews.insert(self.actor.to_owned(), outcome);
                close_review(&mut state, complete);
            }
            Action::RouteApproval => {
                let approvers = round::approvers(self.policies.acting, &state);
                state.approvals = approvers.into_iter().map(|name| (name, false)).collect();
            }
            Action::Approve => {
                state.approvals.insert(self.actor.to_owned(), true);
                if state.approvals.values().all(|done| *done) {
                    let to = if state.ends {
                        complete.last()
                    } else {
                        complete.first()
                    };
                    return Some(approved(&state, *to?));
                }
            }
            Action::Reject => {
                state.approvals.clear();
                state
                    .reviews
                    .insert(self.actor.to_owned(), Outcome::RequestUpdates);
            }
            Action::Withdraw => {
                state.approvals.clear();
                if state.status == Status::Draft {
                    drop_end(&mut state);
                }
            }
            Action::Close | Action::Cancel => return Some(State::bare(*to, state.version)),
            Action::Abandon => {
                let version = state.in_force?.version;
                return Some(State {
                    owner: state.owner,
                    ..State::bare(*to, version)
                });
            }
            Action::Transfer => {
                let [new] = self.trailers.users()[..] else {
                    return None;
                };
                if state.locked.is_some() {
                    self.unlock(&mut state, &text, complete);
                }
                state.owner = Some(new.to_owned());
                state.reviews.remove(new);
            }
        }
        Some(state)
    }

    fn created(&self, text: String) -> State {
        let attachment = self.id.kind().class == Class::Attachment;
        let version = if attachment {
            Version::ONE
        } else {
            Version::FIRST
        };
        let mut state = State::bare(workflow::birth(self.id.kind()), version);
        state.owner = Some(self.actor.to_owned());
        state.locked = Some(text);
        self.gain_authors(&mut state);
        state
    }

    /// Ends a lock: the version counts up and what was reviewed is a draft again if the text is another.
    fn unlock(&self, state: &mut State, text: &str, changed_to: &[Status]) {
        if state.locked.take().as_deref() != Some(text) {
            state.version = state.version.revised();
            drop_end(state);
            state.status = changed_to.last().copied().unwrap_or(state.status);
        }
    }

    fn gain_authors(&self, state: &mut State) {
        let writers = self.co_authors.iter().copied().chain([self.actor]);
        state.authors.extend(writers.map(str::to_owned));
        lose_entries(state);
    }

    fn route_review(&self, state: &mut State, before: &Document, complete: &[Status]) {
        let digest = match self.under {
            Some(under) => {
                state.authors.extend(under.people.iter().cloned());
                under.digest(before)
            }
            None => before.text_digest(),
        };
        state.ends = self.trailers.value(Key::Ends).is_some();
        if before.state.digest.as_ref() != Some(&digest) || before.state.ends != state.ends {
            state.reviews.clear();
        }
        state.digest = Some(digest);
        lose_entries(state);
        for name in round::asked(self.policies, self.id, before, state) {
            state.reviews.entry(name).or_insert(Outcome::Pending);
        }
        close_review(state, complete);
    }

    /// `QMS-Users` are those who are to speak now. Whoever was pending and is not among them is let go; an
    /// outcome that somebody has given stands until he replaces it.
    fn assign(&self, state: &mut State, before: &Document, complete: &[Status]) {
        let users: BTreeSet<&str> = self.trailers.users().into_iter().collect();
        if state.status.is_approval() {
            state
                .approvals
                .retain(|name, done| *done || users.contains(name.as_str()));
            for name in users {
                state.approvals.entry(name.to_owned()).or_insert(false);
            }
            return;
        }
        state
            .reviews
            .retain(|name, o| *o != Outcome::Pending || users.contains(name.as_str()));
        for name in &users {
            state
                .reviews
                .entry((*name).to_owned())
                .or_insert(Outcome::Pending);
        }
        let reopens = before
            .state
            .reviews
            .iter()
            .any(|(n, o)| *o != Outcome::Pending && users.contains(n.as_str()));
        if !reopens {
            close_review(state, complete);
        }
    }
}

/// Outcomes belong to a digest and an end; with the end gone they would pass for another's.
fn drop_end(state: &mut State) {
    if state.ends {
        state.ends = false;
        state.reviews.clear();
        state.digest = None;
    }
}

/// Whoever becomes owner or author loses his entry.
fn lose_entries(state: &mut State) {
    let own: Vec<String> = state
        .reviews
        .keys()
        .filter(|n| round::is_its_own(state, n))
        .cloned()
        .collect();
    for name in own {
        state.reviews.remove(&name);
    }
}

/// A review round closes with the move after which nobody is pending.
fn close_review(state: &mut State, complete: &[Status]) {
    if !state.reviews.values().any(|o| *o == Outcome::Pending) {
        state.status = complete.first().copied().unwrap_or(state.status);
    }
}

fn approved(state: &State, to: Status) -> State {
    let owner = state.owner.clone().filter(|_| !to.is_final());
    State {
        owner,
        ..State::bare(to, state.version.approved())
    }
}

/// An attachment's block after its parent's close.
pub fn closed_with_parent(attachment: &State) -> State {
    State::bare(Status::Closed, attachment.version)
}

/// The trailers that say what the move did, once that is computed.
pub fn complete(trailers: &mut Trailers, action: Action, before: Option<&Document>, state: &State) {
    let from = before.map(|d| d.state.status);
    trailers.set(Key::Status, transition(from, state.status));
    trailers.set(Key::Version, state.version.to_string());
    if action.judges() {
        let digest = state
            .digest
            .clone()
            .or_else(|| before.and_then(|d| d.state.digest.clone()));
        trailers.set(Key::Digest, digest.unwrap_or_else(|| "none".to_owned()));
    }
    let asked: Vec<&str> = match action {
        Action::RouteReview => state.reviews.keys().map(String::as_str).collect(),
        Action::RouteApproval => state.approvals.keys().map(String::as_str).collect(),
        _ => return,
    };
    trailers.set(
        Key::Users,
        if asked.is_empty() {
            "-".to_owned()
        } else {
            asked.join(", ")
        },
    );
}

/// The value of `QMS-Status`.
pub fn transition(from: Option<Status>, to: Status) -> String {
    match from {
        Some(from) if from == to => to.to_string(),
        from => format!("{} -> {to}", from.map_or("-", Status::as_str)),
    }
}
