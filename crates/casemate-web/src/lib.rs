//! How HTTP says it.
