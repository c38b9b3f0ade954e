//! What qms must never touch: the user's index and work tree.
