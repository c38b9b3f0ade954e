//! What qms can do: one function per ability. Nothing here prints or reads arguments; doors do.

pub mod chain;
pub mod check;
pub mod create;
pub mod demo;
pub mod hook;
pub mod init;
pub mod install;
pub mod list;
pub mod log;
pub mod moves;
pub mod people;
pub mod push;
pub mod server;
pub mod session;
pub mod status;
pub mod work;

pub use session::{Refused, Session};
