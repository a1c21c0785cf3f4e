//! Manners of every text file: names that say something, clean ends, no leftovers of a merge or of one's own machine.

use super::Problem;
use crate::workspace::TextFile;

/// Folders of one person's machine. Written in parts, so this file does not find itself.
const MACHINE: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

/// All files, one after another.
pub(super) fn check(files: &[TextFile]) -> Vec<Problem> {
    files.iter().flat_map(in_file).collect()
}

fn in_file(file: &TextFile) -> Vec<Problem> {
    let mut problems = Vec::new();
    for part in file.path.split('/') {
        let stem = part.split('.').next().unwrap_or_default();
        if matches!(stem, "util" | "utils" | "helper" | "helpers" | "common" | "misc") {
            problems.push(Problem::new(&file.path, format!("`{stem}` holds two things that each have a name")));
        }
    }
    if is_written_by_a_tool(&file.path) {
        return problems;
    }
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        problems.push(Problem::new(&file.path, "ends without a line break"));
    }
    if file.text.ends_with("\n\n") {
        problems.push(Problem::new(&file.path, "ends with an empty line"));
    }
    let marks = comment_marks(&file.path);
    for (index, line) in file.text.split('\n').enumerate() {
        let mut report = |message: &str| problems.push(Problem::at(file, index + 1, message));
        if line.ends_with([' ', '\t', '\r']) {
            report("blanks at the end of the line");
        }
        if line.starts_with(concat!("<<<<", "<<< ")) || line.starts_with(concat!(">>>>", ">>> ")) {
            report("a merge left this behind");
        }
        if MACHINE.iter().any(|folder| names_folder(line, folder)) {
            report("a path of somebody's machine");
        }
        if marks.iter().any(|mark| is_unnumbered_todo(line, mark)) {
            report("give it an issue number, `TODO(#12)`, or do it now");
        }
    }
    problems
}

fn is_written_by_a_tool(path: &str) -> bool {
    path.ends_with(".snap") || path.ends_with(".lock") || path.ends_with(".sarif")
}

/// How comments begin. Python is left out: the sample program and the rule pages are full of telling ones.
fn comment_marks(path: &str) -> &'static [&'static str] {
    match path.rsplit(['.', '/']).next().unwrap_or_default() {
        "rs" | "js" | "cedar" | "cedarschema" => &["//"],
        "css" => &["/*"],
        "html" => &["<!--", "{#"],
        "sql" => &["--"],
        "toml" | "sh" | "run" => &["#"],
        _ => &[],
    }
}

/// The folder begins a path, rather than standing in the middle of one (`src/…/`).
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-' | '~' | '}' | '>'))
    })
}

fn is_unnumbered_todo(line: &str, mark: &str) -> bool {
    let Some((before, comment)) = line.split_once(mark) else { return false };
    // A quote before the mark means the comment is probably part of a string.
    if before.contains('"') {
        return false;
    }
    let comment = comment.trim_start_matches(['/', '!', ' ']);
    [concat!("TO", "DO"), concat!("FIX", "ME")].iter().any(|word| {
        comment.strip_prefix(word).is_some_and(|rest| {
            !rest.strip_prefix("(#").is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&[file(path, text)]).len()
    }

    #[test]
    fn names_say_something() {
        assert_eq!(found("crates/x/src/names.rs", "//! x\n"), 0);
        for path in ["crates/x/src/utils.rs", "crates/x/tests/it/common/mod.rs", "bench/helpers.py", "docs/misc.md"] {
            assert_eq!(found(path, "x\n"), 1, "{path}");
        }
    }

    #[test]
    fn ends_are_clean() {
        assert_eq!(found("a.md", "x\n"), 0);
        for text in ["x", "x\n\n", "x \ny\n", "x\t\n", "x\r\n"] {
            assert_eq!(found("a.md", text), 1, "{text:?}");
        }
        assert_eq!(found("a.snap", "x \n"), 0);
    }

    #[test]
    fn leftovers_of_a_merge_are_found() {
        assert_eq!(found("a.md", concat!("<<<<", "<<< HEAD\n")), 1);
        assert_eq!(found("a.md", concat!(">>>>", ">>> topic\n")), 1);
    }

    #[test]
    fn machine_paths_are_found() {
        assert_eq!(found("a.md", concat!("see /wo", "rk/main\n")), 1);
        assert_eq!(found("a.rs", concat!("//! x\nconst A: &str = \"/ro", "ot/x\";\n")), 1);
        assert_eq!(found("a.md", "see src/frame/work/x and https://x.example/a/work/y\n"), 0);
    }

    #[test]
    fn a_todo_needs_an_issue() {
        assert_eq!(found("a.rs", concat!("//! x\n// TO", "DO: later\n")), 1);
        assert_eq!(found("a.rs", concat!("//! x\nlet a = 1; // FIX", "ME\n")), 1);
        assert_eq!(found("a.rs", concat!("//! x\n// TO", "DO(#12): later\n")), 0);
        assert_eq!(found("a.rs", concat!("//! x\nlet python = \"# TO", "DO: verify\";\n")), 0);
        assert_eq!(found("a.rs", concat!("//! x\nlet python = \"\n# TO", "DO: verify\n\";\n")), 0);
        assert_eq!(found("a.rs", concat!("//! x\n/// TO", "DO: later\n")), 1);
        assert_eq!(found("a.sql", concat!("-- TO", "DO: later\n")), 1);
        assert_eq!(found("a.py", concat!("# TO", "DO: verify\n")), 0);
    }
}
