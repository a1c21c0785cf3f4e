//! The tests that THREAT_MODEL.md and SECURITY.md name as proof must exist.

use std::collections::BTreeSet;

use super::Problem;
use crate::workspace::TextFile;

/// Words in backticks that look like a test's name, against all functions.
pub(super) fn check(files: &[TextFile]) -> Vec<Problem> {
    let functions: BTreeSet<&str> = files
        .iter()
        .filter(|file| file.path.ends_with(".rs"))
        .flat_map(|file| file.text.split("fn ").skip(1))
        .filter_map(|after| after.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).next())
        .collect();
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| matches!(file.path.as_str(), "THREAT_MODEL.md" | "SECURITY.md")) {
        for (index, line) in file.text.lines().enumerate() {
            for name in line.split('`').skip(1).step_by(2).filter(|word| is_test_name(word)) {
                if !functions.contains(name) {
                    problems.push(Problem::at(file, index + 1, format!("names a test `{name}` that is not there")));
                }
            }
        }
    }
    problems
}

/// A sentence in snake case: at least three words.
fn is_test_name(word: &str) -> bool {
    word.matches('_').count() >= 2
        && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_named_test_must_exist() {
        let code = file("crates/x/tests/it/main.rs", "//! x\nasync fn a_stranger_sees_nothing() {}\n");
        let found = |text: &str| check(&[code.clone(), file("THREAT_MODEL.md", text)]).len();
        assert_eq!(found("| tests | `a_stranger_sees_nothing` and `client_id` |\n"), 0);
        assert_eq!(found("| tests | `a_stranger_sees_everything` |\n"), 1);
    }
}
