//! What a run of continuous integration is about, and what it found: plain values that `ops` fills in and `report` shows.

mod event;
mod github;
mod gitlab;
mod given;
mod outcome;

pub use event::{Event, Kind, Platform};
pub use given::{Given, Wrong};
pub use outcome::{Outcome, Phase, Standing};
