//! How HTTP says it.
//!
//! A request comes in through [`middleware`], is matched with a row of [`routes`], and a handler of [`api`] or
//! [`pages`] parses it, calls one use case and says how that ended. Nothing here decides who may do what.

pub mod api;
mod assets;
pub mod csrf;
pub mod failure;
pub mod local_path;
pub mod middleware;
pub mod pages;
pub mod routes;
pub mod session;
pub mod settings;
pub mod state;

pub use settings::{Limit, SettingsFault, WebSettings};
pub use state::AppState;
