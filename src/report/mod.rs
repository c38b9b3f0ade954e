//! Findings, documents and rules as text, JSON and what CI reads: the same values, rendered. Nothing is decided here.

pub mod advice;
pub mod answers;
mod columns;
pub mod diff;
pub mod docs;
pub mod evidence;
pub mod form;
mod front;
pub mod github;
pub mod gitlab;
pub mod health;
pub mod json;
pub mod junit;
pub mod matrix;
mod plain;
pub mod reference;
pub mod rows;
pub mod sarif;
pub mod schema;
pub mod story;
pub mod table;
pub mod text;
pub mod trace;
pub mod verified;
pub mod workflow;
mod xml;
