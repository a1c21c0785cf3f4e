//! What a value alone says: whether it stands for a secret that is not there, and whether it looks made by chance.

/// Whether this stands where a secret would stand without being one: a placeholder, an example, a reference to the
/// environment or a vault, a mask.
pub fn is_placeholder(value: &str) -> bool {
    value.trim().is_empty()
}

/// Whether this looks made by chance rather than by a person.
pub fn looks_random(_value: &str) -> bool {
    false
}
