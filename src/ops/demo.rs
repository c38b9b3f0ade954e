//! The founding story, played.

use std::path::Path;

use anyhow::Result;

pub fn play(_keep: Option<&Path>, _say: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
    Ok(())
}
