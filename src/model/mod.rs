//! What the rules speak of: documents, states, moves, trailers, scope, policy, findings.
//! Plain data and pure functions; no git, no files, no clock, no environment.

pub mod apply;
pub mod change;
pub mod document;
pub mod finding;
pub mod front;
pub mod id;
pub mod ident;
pub mod kind;
pub mod mend;
pub mod message;
pub mod near;
pub mod next;
pub mod offer;
pub mod path;
pub mod pattern;
pub mod people;
pub mod policy;
pub(crate) mod policy_file;
pub mod roster;
pub mod round;
pub mod scope;
pub mod span;
pub mod state;
pub mod status;
pub mod template;
pub mod texts;
pub mod trailer;
pub mod under;
pub mod value;
pub mod version;
pub mod view;
pub mod wanted;
pub mod workflow;
pub mod yaml;
