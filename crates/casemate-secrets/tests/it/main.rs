//! What callers see of the secrets in a text.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod laws;
mod names;
<<<<<<< HEAD
mod tokens;
=======
mod paths;
mod roles;
mod support;
mod values;
>>>>>>> 8ea6274 (secrets: Passwords and keys by their role in fifteen formats; words told from chance by their trigrams; tests and examples told by path)
