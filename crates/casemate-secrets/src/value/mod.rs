//! What a value alone says: whether it stands for a secret that is not there, what else it may be, and whether it
//! looks made by chance.

mod placeholder;
mod rarity;
mod shape;

pub use placeholder::is_placeholder;
pub use rarity::looks_random;
pub(crate) use shape::{is_filler, is_something_else, looks_chosen, may_be_password};
