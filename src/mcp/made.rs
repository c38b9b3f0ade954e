//! What a tool that moves a document answers.

use anyhow::{Context, Result};
use schemars::JsonSchema;
use serde::Serialize;

use crate::answers;
use crate::ops::moves;
use crate::report::answers::Moved;
use crate::report::json::{self, Found};

/// Where the document is now, what was made, and what the gateway warns of.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Done {
    #[serde(flatten)]
    pub(super) moved: Moved,
    pub(super) warnings: Vec<Found>,
}

pub(super) fn done((made, warnings): moves::Done) -> Result<Done> {
    Ok(Done {
        moved: answers::moved(&made).context("no move was made")?,
        warnings: json::findings(&warnings),
    })
}
