//! Third-party crates: each has its reason in ARCHITECTURE.md, and what is younger than 1.0 is pinned exactly.

use toml::{Table, Value};

use super::Problem;
use crate::workspace::TextFile;

/// The root manifest against the list in ARCHITECTURE.md.
pub(super) fn check(files: &[TextFile]) -> Vec<Problem> {
    let text = |path: &str| files.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str());
    let Ok(manifest) = text("Cargo.toml").parse::<Table>() else {
        return vec![Problem::new("Cargo.toml", "is not TOML")];
    };
    let reasons = text("ARCHITECTURE.md").split("## Dependencies").nth(1).unwrap_or_default();
    let named: Vec<&str> = reasons
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split('|').next())
        .flat_map(|cell| cell.split(','))
        .map(str::trim)
        .collect();
    let dependencies = manifest.get("workspace").and_then(|table| table.get("dependencies")).and_then(Value::as_table);
    let mut problems = Vec::new();
    for (name, dependency) in dependencies.into_iter().flatten() {
        // Our own have a path.
        let Some(version) = dependency.as_str().or_else(|| dependency.get("version")?.as_str()) else { continue };
        if !named.contains(&name.as_str()) {
            problems.push(Problem::new("ARCHITECTURE.md", format!("says nothing about the dependency `{name}`")));
        }
        if version.starts_with("0.") {
            problems
                .push(Problem::new("Cargo.toml", format!("`{name}` is younger than 1.0; pin it exactly, with `=`")));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn found(dependency: &str, row: &str) -> usize {
        check(&[
            file("Cargo.toml", &format!("[workspace.dependencies]\n{dependency}\n")),
            file("ARCHITECTURE.md", &format!("# x\n\n## Dependencies\n\n| crate | for what |\n|---|---|\n{row}\n")),
        ])
        .len()
    }

    #[test]
    fn a_dependency_has_a_reason() {
        assert_eq!(found("serde = { version = \"1.0\" }", "| clap, serde | Reports. |"), 0);
        assert_eq!(found("serde = \"1.0\"", "| serde_json | Reports. |"), 1);
        assert_eq!(found("ours = { path = \"crates/ours\" }", ""), 0);
    }

    #[test]
    fn a_young_dependency_is_pinned() {
        assert_eq!(found("sha2 = \"=0.11.0\"", "| sha2 | Hashes. |"), 0);
        assert_eq!(found("sha2 = \"0.11\"", "| sha2 | Hashes. |"), 1);
    }
}
