//! Findings, documents and rules as text and JSON: the same values, rendered. Nothing is decided here.

pub mod advice;
pub mod diff;
pub mod docs;
pub mod json;
pub mod story;
pub mod table;
pub mod text;
