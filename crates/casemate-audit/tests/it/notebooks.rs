//! Notebooks: their cells are Python, and findings stand where they stand in the file.

use casemate_audit::Outcome;
use serde_json::json;

use crate::support::{audit, told};

const QUERY: &str = "cursor.execute(f\"SELECT * FROM é WHERE n = '{request.args['n']}'\")";

/// A notebook as Jupyter writes it: one line of the file a line of a cell.
fn notebook(cells: &[(&str, &str)]) -> String {
    let cells: Vec<_> = cells
        .iter()
        .map(|(kind, source)| json!({ "cell_type": kind, "source": source.split_inclusive('\n').collect::<Vec<_>>() }))
        .collect();
    serde_json::to_string_pretty(&json!({ "cells": cells, "metadata": {}, "nbformat": 4 })).unwrap()
}

/// What the file has at the place of the only finding.
fn marked(outcome: &Outcome, text: &str) -> String {
    assert_eq!(outcome.findings.len(), 1, "{:?}", outcome.findings);
    let place = &outcome.findings[0].place;
    assert_eq!(place.start.line, place.end.line);
    let line = text.lines().nth(place.start.line as usize - 1).unwrap();
    let (start, end) = (place.start.column as usize - 1, place.end.column as usize - 1);
    line.chars().skip(start).take(end - start).collect()
}

#[test]
fn data_is_followed_from_cell_to_cell_and_the_finding_stands_in_the_file() {
    let cells = [
        ("code", "from flask import request\nimport sqlite3"),
        ("markdown", "# about `cursor.execute`\n"),
        ("code", "%matplotlib inline\n!ls\ncursor = sqlite3.connect('x').cursor()\nname = request.args['n']"),
        ("code", "\n\ncursor.execute(f\"SELECT * FROM t WHERE n = '{name}'\")\n"),
    ];
    let text = notebook(&cells);
    let outcome = audit(&[("work/analysis.ipynb", text.as_str())]);
    assert_eq!(outcome.problems, []);
    assert_eq!(outcome.findings[0].rule.name, "sql-injection");
    assert!(outcome.findings[0].message.ends_with("(analysis.ipynb:cell 4:3)"), "{}", outcome.findings[0].message);
    assert!(marked(&outcome, &text).contains("SELECT * FROM t WHERE"), "{}", marked(&outcome, &text));
    let source = &outcome.findings[0].path[0];
    assert!(text.lines().nth(source.place.start.line as usize - 1).unwrap().contains("request.args"));
}

#[test]
fn escapes_of_json_do_not_move_places() {
    for source in [
        format!("from flask import request\nx = '\u{e9}\u{1f600}\\t'; {QUERY}"),
        format!("from flask import request\n\t\nx = \"\"\"\na\"\"\"; {QUERY}"),
    ] {
        let plain = notebook(&[("code", &source)]);
        let escaped: String = plain
            .chars()
            .map(|c| {
                if c.is_ascii() {
                    c.to_string()
                } else {
                    c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
                }
            })
            .collect();
        let whole = json!({ "cells": [{ "cell_type": "code", "source": source }] }).to_string();
        for text in [plain, escaped, whole] {
            let outcome = audit(&[("a.ipynb", text.as_str())]);
            let marked = marked(&outcome, &text);
            assert!(marked.starts_with("f\\\"SELECT") || marked.starts_with("cursor.execute("), "{marked}: {text}");
            assert!(marked.contains("request.args['n']"), "{marked}");
        }
    }
}

#[test]
fn other_languages_and_other_magics_are_left_alone() {
    let bash = notebook(&[("code", "%%bash\nif then fi (((\n"), ("code", "%%time\nx = 1\n"), ("raw", "def (")]);
    let outcome = audit(&[("a.ipynb", bash.as_str())]);
    assert_eq!(outcome.problems, []);
    let r = r#"{"cells": [{"cell_type": "code", "source": "x <- (((("}], "metadata": {"kernelspec": {"name": "ir", "language": "R"}}}"#;
    assert_eq!(audit(&[("r.ipynb", r)]).problems, []);
}

#[test]
fn a_broken_cell_is_told_where_it_stands() {
    let text = notebook(&[("code", "x = 1\n"), ("code", "def broken(:\n")]);
    let outcome = audit(&[("a.ipynb", text.as_str())]);
    let problem = &outcome.problems[0];
    assert!(text.lines().nth(problem.place.start.line as usize - 1).unwrap().contains("def broken"), "{problem:?}");
}

#[test]
fn a_notebook_whose_cells_cannot_be_had_is_told() {
    let whole = notebook(&[("code", "x = 1\n")]);
    for broken in [
        "{",
        "[]",
        "{}",
        "\"cells\"",
        "{\"cells\": 3}",
        "{\"cells\": [{\"cell_type\": \"code\"}]}",
        "{\"nbformat\": 3, \"worksheets\": [{\"cells\": [{\"cell_type\": \"code\", \"input\": [\"x = 1\"]}]}]}",
        &whole[..whole.len() - 20],
        &"[{\"cells\":".repeat(100_000),
    ] {
        let shown: String = broken.chars().take(80).collect();
        let outcome = audit(&[("a.ipynb", broken)]);
        let [problem] = outcome.problems.as_slice() else { panic!("{shown}: {:?}", outcome.problems) };
        assert!(problem.message.contains("its code was not analysed"), "{shown}: {problem:?}");
    }
    for empty in ["", "\n", "{\"cells\": []}", "{\"cells\": [{\"cell_type\": \"code\", \"source\": [1, {}]}]}"] {
        assert_eq!(audit(&[("a.ipynb", empty)]).problems, [], "{empty}");
    }
}

#[test]
fn a_comment_in_a_cell_silences_its_line() {
    let silenced = notebook(&[(
        "code",
        &format!("from flask import request\n{QUERY}  # casemate: ignore[sql-injection] -- mine\n"),
    )]);
    let outcome = audit(&[("a.ipynb", silenced.as_str())]);
    assert_eq!(told(&outcome), [""; 0]);
    assert_eq!(outcome.suppressed.len(), 1);
}

#[test]
fn a_secret_is_told_once_and_never_shown() {
    let text = notebook(&[("code", "password = 'xK9#mQ2$vL8@nR4pW7'\nprint(password)\n")]);
    let outcome = audit(&[("a.ipynb", text.as_str())]);
    assert_eq!(outcome.findings.iter().filter(|finding| finding.secret().is_some()).count(), 1, "{:?}", told(&outcome));
    assert!(outcome.findings.iter().all(|finding| !format!("{finding:?}").contains("xK9#mQ2")));
}
