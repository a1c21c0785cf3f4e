//! What the source says.
