//! Which lines count as changed: whatever is not in the older version, and nothing else.

use casemate_audit::changes::{ChangedLines, likeness};
use proptest::prelude::*;

fn changed(before: &str, after: &str) -> Vec<u32> {
    let lines = ChangedLines::between(before, after);
    let count = u32::try_from(after.lines().count()).unwrap();
    (1..=count).filter(|line| lines.touches(*line, *line)).collect()
}

#[test]
fn new_and_rewritten_lines_are_changed_and_others_are_not() {
    assert_eq!(changed("a\nb\nc\n", "a\nb\nc\n"), [0u32; 0]);
    assert_eq!(changed("a\nb\nc\n", "a\nx\nc\n"), [2]);
    assert_eq!(changed("a\nb\n", "new\na\nb\nnew\n"), [1, 4]);
    assert_eq!(changed("", "a\nb\n"), [1, 2]);
}

#[test]
fn the_lines_beside_a_deletion_are_changed_for_a_guard_may_be_gone() {
    assert_eq!(changed("a\nguard\nb\nc\n", "a\nb\nc\n"), [1, 2]);
    assert_eq!(changed("guard\na\nb\n", "a\nb\n"), [1]);
    let at_the_end = ChangedLines::between("a\nb\n", "a\n");
    assert!(at_the_end.touches(1, 1));
}

#[test]
fn a_finding_over_several_lines_is_touched_by_any_of_them() {
    let lines = ChangedLines::between("a\nb\nc\nd\ne\n", "a\nb\nX\nd\ne\n");
    assert!(lines.touches(2, 4) && lines.touches(3, 3) && !lines.touches(1, 2) && !lines.touches(4, 5));
    assert!(ChangedLines::ALL.touches(7, 7));
}

#[test]
fn turned_line_ends_alone_change_nothing_but_a_rewritten_line_still_does() {
    assert_eq!(changed("a\nb\nc\n", "a\r\nb\r\nc\r\n"), [0u32; 0]);
    assert_eq!(changed("a\r\nb\r\nc\r\n", "a\nX\nc\n"), [2]);
}

#[test]
fn a_moved_file_is_told_by_what_it_holds() {
    assert_eq!(likeness("a\nb\nc\nd\n", "a\nb\nc\nd\n"), 100);
    assert_eq!(likeness("a\nb\nc\nd\n", "a\nb\nx\ny\n"), 50);
    assert_eq!(likeness("a\n", "b\n"), 0);
    assert_eq!(likeness("", ""), 0);
}

proptest! {
    /// Every line that the older version does not have at all is changed.
    #[test]
    fn no_new_line_is_hidden(
        before in proptest::collection::vec("[a-d]{0,2}", 0..30),
        after in proptest::collection::vec("[a-f]{0,2}", 0..30),
        ends in prop_oneof![Just("\n"), Just("\r\n")],
    ) {
        let text = |lines: &[String], end: &str| lines.iter().map(|line| format!("{line}{end}")).collect::<String>();
        let lines = ChangedLines::between(&text(&before, "\n"), &text(&after, ends));
        for (at, line) in after.iter().enumerate() {
            let number = u32::try_from(at + 1).unwrap();
            if !before.contains(line) {
                prop_assert!(lines.touches(number, number), "line {number} `{line}`");
            }
        }
        // What is not changed stands in the older version in the same order.
        let mut rest = before.iter();
        for (at, line) in after.iter().enumerate() {
            let number = u32::try_from(at + 1).unwrap();
            if !lines.touches(number, number) {
                prop_assert!(rest.any(|old| old == line), "line {number} `{line}` is not old");
            }
        }
    }
}
