//! Fills an empty instance with a tenant to try things in, from a real report.

use casemate_model::member::Role;

use crate::{Fault, SecretText, Service};

/// One sign-in.
#[derive(Debug)]
pub struct DemoAccount {
    /// As what.
    pub role: Role,
    /// What to sign in with.
    pub email: String,
    /// Random, made for this demo.
    pub password: SecretText,
}

/// Makes the demo tenant with one member per role, a second tenant with a stranger in it, and takes the report in.
/// On an instance that has the demo already it only makes new passwords.
///
/// # Errors
/// When the store fails.
pub async fn fill_demo(_service: &Service, _project: &str, _sarif: &str) -> Result<Vec<DemoAccount>, Fault> {
    todo!()
}
