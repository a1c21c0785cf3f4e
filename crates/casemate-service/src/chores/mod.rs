//! What happens by itself.

pub mod expire_accepted_risks;
pub mod sweep;
