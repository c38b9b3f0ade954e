//! Findings, documents and rules as text and JSON: the same values, rendered. Nothing is decided here.

pub mod docs;
pub mod json;
mod near;
pub mod table;
pub mod text;
