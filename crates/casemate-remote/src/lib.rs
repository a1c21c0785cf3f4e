//! What others tell us.
