//! Signs and openings: each crate says what it is for, each file says what it holds, each manifest keeps our lints.

use std::collections::BTreeMap;

use super::Problem;
use crate::workspace::TextFile;

/// All files against the table of ARCHITECTURE.md.
pub(super) fn check(files: &[TextFile]) -> Vec<Problem> {
    let drawing = files.iter().find(|file| file.path == "ARCHITECTURE.md").map_or("", |file| file.text.as_str());
    let signs = signs(drawing);
    let mut problems = Vec::new();
    for file in files {
        if let Some(room) = room_of_door(&file.path) {
            let first = file.text.lines().next().unwrap_or_default();
            match signs.get(room) {
                None => problems.push(Problem::new(&file.path, format!("`{room}` has no row in ARCHITECTURE.md"))),
                Some(sign) if first != format!("//! {sign}") => {
                    problems.push(Problem::at(file, 1, format!("the sign over this door reads `//! {sign}`")));
                }
                Some(_) => {}
            }
        }
        if file.path.ends_with(".rs") && !file.text.starts_with("//! ") {
            problems.push(Problem::at(file, 1, "opens without a `//!` sentence that says what the file holds"));
        }
        if is_second_test_binary(&file.path) {
            problems.push(Problem::new(&file.path, "one binary of tests for a crate: put it under `tests/it/`"));
        }
        if file.path.ends_with("Cargo.toml") && file.path != "Cargo.toml" && !keeps_our_lints(&file.text) {
            problems.push(Problem::new(&file.path, "add `[lints] workspace = true`; `unsafe_code` is forbidden there"));
        }
        if file.path == "Cargo.toml" && !file.text.contains("unsafe_code = \"forbid\"") {
            problems.push(Problem::new(&file.path, "`unsafe_code = \"forbid\"` is gone from the workspace lints"));
        }
    }
    problems
}

/// Crate → its sign as a sentence, from the rows of the table.
fn signs(drawing: &str) -> BTreeMap<&str, String> {
    drawing
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
            let (name, sign) = (cells.next()?, cells.next()?);
            let mut letters = sign.chars();
            let first = letters.next().filter(|letter| letter.is_alphabetic())?;
            name.starts_with("casemate").then(|| (name, format!("{}{}.", first.to_uppercase(), letters.as_str())))
        })
        .collect()
}

fn room_of_door(path: &str) -> Option<&str> {
    let (room, rest) = path.strip_prefix("crates/")?.split_once('/')?;
    matches!(rest, "src/lib.rs" | "src/main.rs").then_some(room)
}

/// Each file directly under `tests/` is linked as a program of its own, which costs minutes over time.
fn is_second_test_binary(path: &str) -> bool {
    let Some((_, inside)) = path.strip_prefix("crates/").and_then(|rest| rest.split_once('/')) else { return false };
    inside.strip_prefix("tests/").is_some_and(|name| name.ends_with(".rs") && !name.contains('/'))
}

fn keeps_our_lints(manifest: &str) -> bool {
    manifest.contains("[lints]\nworkspace = true") || manifest.contains("lints.workspace = true")
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    const DRAWING: &str = "| crate | sign | may use |\n|---|---|---|\n| casemate-model | what there is | Cedar |\n";

    fn found(path: &str, text: &str) -> usize {
        check(&[file("ARCHITECTURE.md", DRAWING), file(path, text)]).len()
    }

    #[test]
    fn a_door_carries_the_sign_of_the_drawing() {
        assert_eq!(found("crates/casemate-model/src/lib.rs", "//! What there is.\n"), 0);
        assert_eq!(found("crates/casemate-model/src/lib.rs", "//! Models.\n"), 1);
        assert_eq!(found("crates/casemate-other/src/lib.rs", "//! What there is.\n"), 1);
    }

    #[test]
    fn a_file_opens_with_a_sentence() {
        assert_eq!(found("crates/casemate-model/src/case.rs", "//! A case.\n"), 0);
        assert_eq!(found("crates/casemate-model/src/case.rs", "use std::fmt;\n"), 1);
    }

    #[test]
    fn a_crate_has_one_test_binary() {
        assert_eq!(found("crates/casemate-model/tests/it/main.rs", "//! Tests.\n"), 0);
        assert_eq!(found("crates/casemate-model/tests/more.rs", "//! Tests.\n"), 1);
    }

    #[test]
    fn every_manifest_keeps_the_lints() {
        assert_eq!(found("crates/x/Cargo.toml", "[package]\n\n[lints]\nworkspace = true\n"), 0);
        assert_eq!(found("crates/x/Cargo.toml", "[package]\n"), 1);
        assert_eq!(found("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"deny\"\n"), 1);
    }
}
