//! The states, the actions and the roles: their names, and what holds of each wherever it stands in the table.

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub enum $name { $(#[serde(rename = $text)] $variant),* }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The spelling in files and trailers.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }

            pub fn parse(text: &str) -> Option<$name> {
                match text { $($text => Some($name::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

names! {
    /// Where a document stands.
    Status {
        Draft = "DRAFT",
        InReview = "IN_REVIEW",
        Reviewed = "REVIEWED",
        InApproval = "IN_APPROVAL",
        Effective = "EFFECTIVE",
        Retired = "RETIRED",
        InPreReview = "IN_PRE_REVIEW",
        PreReviewed = "PRE_REVIEWED",
        InPreApproval = "IN_PRE_APPROVAL",
        PreApproved = "PRE_APPROVED",
        InExecution = "IN_EXECUTION",
        InPostReview = "IN_POST_REVIEW",
        PostReviewed = "POST_REVIEWED",
        InPostApproval = "IN_POST_APPROVAL",
        PostApproved = "POST_APPROVED",
        Closed = "CLOSED",
        Cancelled = "CANCELLED",
    }
}

names! {
    /// What a commit does to a document: the value of `QMS-Action`.
    Action {
        Create = "create",
        Edit = "edit",
        Checkout = "checkout",
        Checkin = "checkin",
        Item = "item",
        RouteReview = "route-review",
        Assign = "assign",
        Review = "review",
        RouteApproval = "route-approval",
        Approve = "approve",
        Reject = "reject",
        Withdraw = "withdraw",
        Release = "release",
        Revert = "revert",
        Close = "close",
        Abandon = "abandon",
        Cancel = "cancel",
        Transfer = "transfer",
        Fix = "fix",
    }
}

names! {
    /// Who may take a move. Groups are of the policy at P; the rest is read from the document.
    Who {
        Initiator = "initiator",
        Owner = "owner",
        Quality = "quality",
        Asked = "asked, not an author",
        Approver = "approver, not an author",
        OwnerOrAdministrator = "owner or administrator",
        Administrator = "administrator",
    }
}

/// What a move needs of the check-out lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// The document is checked out (the holder is the owner).
    Held,
    /// Nobody has it checked out.
    Free,
    /// Nobody but the actor has it checked out.
    NotOthers,
    Any,
}

impl Status {
    /// CLOSED, RETIRED and CANCELLED: nothing leaves these.
    pub fn is_final(self) -> bool {
        matches!(self, Status::Closed | Status::Retired | Status::Cancelled)
    }

    /// An open review or approval.
    pub fn is_open_round(self) -> bool {
        self.is_review() || self.is_approval()
    }

    pub fn is_review(self) -> bool {
        matches!(
            self,
            Status::InReview | Status::InPreReview | Status::InPostReview
        )
    }

    pub fn is_approval(self) -> bool {
        matches!(
            self,
            Status::InApproval | Status::InPreApproval | Status::InPostApproval
        )
    }
}

impl Action {
    /// Whether the move may change the document's text (lifecycle.md: "in no other move").
    pub fn changes_text(self) -> bool {
        use Action::*;
        matches!(self, Create | Edit | Checkin | Item | Abandon | Fix)
    }

    /// Whether it needs `QMS-Reason`.
    pub fn needs_reason(self) -> bool {
        use Action::*;
        matches!(self, Revert | Abandon | Transfer | Fix)
    }

    /// Whether it names people in `QMS-Users`.
    pub fn names_users(self) -> bool {
        use Action::*;
        matches!(self, RouteReview | RouteApproval | Assign | Transfer)
    }

    /// Whether it judges a text and says which in `QMS-Digest`.
    pub fn judges(self) -> bool {
        use Action::*;
        matches!(
            self,
            RouteReview | RouteApproval | Review | Approve | Reject
        )
    }

    pub fn lock(self) -> Lock {
        use Action::*;
        match self {
            Edit | Checkin => Lock::Held,
            Checkout | RouteReview | RouteApproval | Assign => Lock::Free,
            Item => Lock::NotOthers,
            _ => Lock::Any,
        }
    }

    /// The event's name in `qms history`.
    pub fn event(self) -> String {
        self.as_str().to_uppercase().replace('-', "_")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        assert!(
            Status::ALL
                .iter()
                .all(|s| Status::parse(s.as_str()) == Some(*s))
        );
        assert!(
            Action::ALL
                .iter()
                .all(|a| Action::parse(a.as_str()) == Some(*a))
        );
        assert_eq!(Status::parse("draft"), None);
        assert_eq!(Action::RouteReview.event(), "ROUTE_REVIEW");
    }
}
