//! Every state and move.
