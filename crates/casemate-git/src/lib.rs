//! What git remembers.
