//! What the place of a file says about the secrets in it.

/// What a file is for, told from its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surroundings {
    /// Runs, or configures what runs.
    Product,
    /// Tests and their fixtures.
    Test,
    /// Examples, templates and documentation.
    Example,
}

/// What the file at this path is for.
pub fn surroundings(path: &str) -> Surroundings {
    let lower = path.to_ascii_lowercase();
    let mut parts = lower.split('/').rev();
    let name = parts.next().unwrap_or_default();
    let is_test_name = name.starts_with("test_") || name.contains("_test.") || name == "conftest.py";
    if is_test_name || parts.any(|part| matches!(part, "test" | "tests" | "testing" | "fixtures" | "testdata")) {
        Surroundings::Test
    } else {
        Surroundings::Product
    }
}
