//! What packages are called.

use std::borrow::Borrow;
use std::fmt;

/// A name as the package index compares it: lower case, `-` for runs of `-`, `_` and `.` (PEP 503).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageName(String);

impl PackageName {
    /// The normalised name; `None` for what no package can be called.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.trim();
        let is_fine = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if !name.chars().all(is_fine) || !ends(name.chars().next()) || !ends(name.chars().next_back()) {
            return None;
        }
        let mut normal = String::with_capacity(name.len());
        for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
            if !normal.is_empty() {
                normal.push('-');
            }
            normal.extend(part.chars().map(|c| c.to_ascii_lowercase()));
        }
        Some(Self(normal))
    }

    /// The normalised name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Borrow<str> for PackageName {
    fn borrow(&self) -> &str {
        &self.0
    }
}
