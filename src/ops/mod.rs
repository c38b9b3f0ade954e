//! What qms can do: one function per ability. Nothing here prints or reads arguments; doors do.

mod beside;
pub mod chain;
pub mod check;
pub mod coexist;
pub mod create;
pub mod demo;
pub mod desk;
pub mod explain;
pub mod hook;
pub mod init;
pub mod install;
pub mod list;
pub mod listed;
pub mod log;
mod managers;
pub mod moves;
pub mod next;
pub mod offers;
mod passing;
pub mod people;
pub mod policy;
pub mod push;
pub mod remote;
pub mod replay;
pub mod server;
pub mod session;
pub mod status;
pub mod survey;
pub mod sync;
pub mod system;
pub mod versions;
pub mod who;
pub mod wish;
pub mod work;

pub use session::{Refused, Session};
