//! One binary for every test that needs real git, or the sources.

mod authority;
mod coexist;
mod complete;
mod daily;
mod doctor;
mod formats;
mod history;
mod man;
mod moves;
mod oracle;
mod pass;
mod policy;
mod refused;
mod replayed;
mod review;
mod rules;
mod signatures;
mod sources;
mod story;
mod sync;
mod terminal;
mod threats;
mod tour;
mod unharmed;
mod verify;
mod world;
