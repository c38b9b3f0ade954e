//! The invariants of model.md as property tests. A second, slow, obvious implementation of the state rules, written from
//! the documents and sharing nothing with the sources, is the oracle: random histories are played by it and by the
//! library, which must agree at every step, and are then corrupted at random, which the library must notice.

mod alone;
mod bytes;
mod cases;
mod chance;
mod content;
mod corrupt;
mod document;
mod doors;
mod enrolment;
mod form;
mod frozen;
mod gates;
mod histories;
mod history;
mod judge;
mod merge;
mod message;
mod odd;
mod play;
mod policy;
mod proposals;
mod round;
mod rules;
mod scribe;
mod store;
mod table;
mod texts;
mod verdict;
mod workflow;
