//! Traceability: from requirements by tags, items and evidence to a verdict. Pure functions over bytes; closed by
//! default: what is missing, unreadable or unclear never makes a verdict better. Source: incidents.md, I-08d, I-08e, I-09.

pub mod altered;
pub mod attribute;
pub mod beside;
mod definitions;
pub mod diff;
pub mod evidence;
pub mod findings;
pub mod gathered;
pub mod impact;
mod inline;
pub mod item;
pub mod kept;
pub mod links;
pub mod matrix;
pub mod memory;
mod neighbour;
pub mod places;
pub mod prints;
mod ran;
pub mod record;
pub mod requirement;
pub mod rtm;
#[cfg(test)]
mod sample;
pub mod scan;
pub mod tag;
pub mod verdict;
