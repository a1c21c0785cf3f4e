//! Secrets that their own form gives away.

mod catalogue;
mod connections;
mod forge;
mod formats;
mod keys;
mod laws;
