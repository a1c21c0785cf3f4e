//! What happens by itself.

mod expire_accepted_risks;
