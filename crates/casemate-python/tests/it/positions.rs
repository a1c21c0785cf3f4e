//! Lines and columns of offsets.

use casemate_python::syntax::LineIndex;

/// Line and column by counting from the beginning.
fn counted(text: &str, at: usize) -> (u32, u32) {
    let (mut line, mut column) = (1, 1);
    for (before, one) in text.char_indices().take_while(|(before, _)| *before < at) {
        let ends = one == '\n' || one == '\r' && !text[before + 1..].starts_with('\n');
        (line, column) = if ends { (line + 1, 1) } else { (line, column + 1) };
    }
    (line, column)
}

#[test]
fn positions_are_what_counting_from_the_beginning_says() {
    let long = "aé名🦀".repeat(2000);
    for text in ["", "x = 1\ny\n", "a\rb\nc", &"ascii ".repeat(2000), &long, &format!("{long}\n{long}\r\n{long}é")] {
        let lines = LineIndex::new(text);
        let offsets = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        for at in offsets.filter(|at| at % 97 < 9 || text.len() < 100) {
            assert_eq!(lines.position(text, at as u32), counted(text, at), "{at} of {}", text.len());
        }
    }
}
