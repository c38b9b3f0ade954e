//! The only place that names gix: opening repositories, reading trees and the index into model types, history,
//! writing commits and refs. It decides nothing.

mod advance;
mod around;
pub mod browse;
mod checkout;
mod cited;
pub mod commit;
mod complete;
pub mod config;
pub mod configured;
mod dirty;
pub mod entries;
mod forms;
pub mod history;
pub mod index;
pub mod intact;
mod joined;
mod kept;
mod locks;
pub mod log;
mod memory;
pub mod merge;
mod named;
pub mod open;
mod paint;
mod place;
pub mod program;
pub mod read;
pub mod refs;
pub mod settings;
mod settle;
pub mod sign;
mod staged;
pub mod systems;
pub mod tagged;
pub mod tags;
mod time;
pub mod together;
pub mod trail;
pub mod trees;
pub mod under;
pub mod way;
mod whole;
pub mod write;

pub use gix::ObjectId as Oid;
pub use open::Repo;
