//! What is offered to people: commands to paste, and what each is good for.

use super::workflow::Action;

/// A command and what it is good for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Offer {
    pub command: String,
    pub what: String,
}

/// The command of a move, with what the person has to fill in as capitals or dots.
pub fn command(action: Action, id: &str) -> String {
    let (word, rest) = match action {
        Action::RouteReview => ("route", " --review"),
        Action::RouteApproval => ("route", " --approval"),
        Action::Assign => ("assign", " --assignees USER"),
        Action::Review => ("review", " --recommend"),
        Action::Reject => ("reject", " --comment \"…\""),
        Action::Cancel => ("cancel", " --confirm"),
        Action::Item => ("item set", " EI-n --outcome pass --summary \"…\""),
        Action::Transfer => ("transfer", " --to USER --reason \"…\""),
        action if action.needs_reason() => (action.as_str(), " --reason \"…\""),
        action => (action.as_str(), ""),
    };
    format!("qms {word} {id}{rest}")
}

/// What a move is for, in a few words.
pub fn purpose(action: Action) -> &'static str {
    use Action::*;
    match action {
        Create => "start it",
        Edit => "commit a text while it is checked out",
        Checkout => "write in it",
        Checkin => "commit what is written and give it back",
        Item => "fill in an execution item",
        RouteReview => "ask for review",
        Assign => "ask somebody else, or again",
        Review => "say that it is good",
        RouteApproval => "ask for approval",
        Approve => "approve it",
        Reject => "refuse to approve",
        Withdraw => "take it back",
        Release => "begin its execution",
        Revert => "go back to execution",
        Close => "end it",
        Abandon => "give this revision up",
        Cancel => "end it for good; file and number stay",
        Transfer => "make somebody else the owner",
        Fix => "mend how it is set, not what it says",
    }
}

/// A word as a shell takes it whole, whatever is in it.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}
