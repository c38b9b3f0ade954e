//! What qms can do: one function per ability. Nothing here prints or reads arguments; doors do.

pub mod agent;
mod altered;
mod away;
mod beside;
pub mod boxes;
pub mod branches;
pub mod browse;
pub mod chain;
pub mod check;
pub mod ci;
pub mod coexist;
pub mod compared;
pub mod compose;
pub mod create;
pub mod demo;
pub mod desk;
pub mod doctor;
mod due;
pub mod evidence;
pub mod explain;
mod filling;
pub mod forms;
pub mod front;
pub mod hook;
pub mod impact;
pub mod init;
pub mod install;
pub mod items;
pub mod keys;
pub mod list;
pub mod listed;
pub mod log;
pub mod look;
pub mod mainline;
mod managers;
pub mod moves;
pub mod next;
pub mod offers;
mod passing;
mod patch;
pub mod people;
pub mod policy;
pub mod prompts;
pub mod push;
pub mod qualify;
pub mod receive;
mod remembered;
pub mod remote;
pub mod replay;
pub mod requests;
pub mod rtm;
pub mod sections;
pub mod server;
pub mod session;
mod signal;
mod signing;
pub mod status;
pub mod survey;
pub mod sync;
pub mod system;
mod tagger;
pub mod tokens;
pub mod told;
pub mod trace;
pub mod verify;
pub mod versions;
pub mod who;
pub mod wish;
pub mod work;
pub mod workspace;

pub use session::{Refused, Session};

/// Whether a move was not made because somebody else moved the branch first, or holds the index; nothing was written.
pub fn is_lost(error: &anyhow::Error) -> bool {
    error.is::<crate::git::write::Lost>() || error.is::<crate::git::write::Busy>()
}
