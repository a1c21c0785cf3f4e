//! Secrets that their own form gives away.

mod catalogue;
mod forge;
mod formats;
