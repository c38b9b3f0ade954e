//! Change control that lives in git. The binary `qms` is a thin door to this library.

mod answers;
pub mod checks;
pub mod cli;
pub mod git;
mod hooks;
pub mod mcp;
pub mod model;
pub mod ops;
pub mod report;
