//! What callers of this crate see.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod advisories;
mod damage;
mod installed;
mod judged;
mod locks;
mod project;
mod requirements;
mod support;
mod target;
