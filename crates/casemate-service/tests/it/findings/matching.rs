//! The laws of matching, tried on many reports.

use std::collections::BTreeMap;

use casemate_model::case::CaseSeverity;
use casemate_model::finding::Occurrence;
use casemate_service::findings::matching::{Known, Signs, matched};
use casemate_service::findings::sarif::{Place, Reported};
use proptest::prelude::*;
use proptest::sample::Index;

/// A result out of so few parts that equal ones, moved ones and shared fingerprints are common.
fn reported() -> impl Strategy<Value = Reported> {
    (0..3_u8, 0..3_u8, 0..3_u8, 0..3_u8, 1..6_i64, prop::option::of(0..4_u8)).prop_map(
        |(rule, path, function, code, line, print)| Reported {
            rule: format!("R{rule}"),
            rule_name: format!("rule-{rule}"),
            message: "what".to_owned(),
            remedy: String::new(),
            severity: CaseSeverity::High,
            tags: Vec::new(),
            code: format!("code({code})"),
            fingerprint: print.map(|print| format!("print={print}{print}{print}{print}")),
            is_suppressed: false,
            occurrence: Place(Occurrence {
                path: ["a.py", "b.py", "lib/a.py"][usize::from(path)].to_owned(),
                line,
                end_line: line,
                column: None,
                end_column: None,
                snippet: format!("code({code})"),
                snippet_line: line,
                function: ["", "f", "g"][usize::from(function)].to_owned(),
                flow: Vec::new(),
            }),
        },
    )
}

fn reports() -> impl Strategy<Value = Vec<Reported>> {
    prop::collection::vec(reported(), 0..12)
}

/// What the tracker remembers of one scope, kept the way the store keeps it.
#[derive(Clone, Default)]
struct Memory {
    known: Vec<Known>,
    /// What each finding was when it was last seen.
    last: Vec<Reported>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    new: usize,
    unchanged: usize,
    returned: usize,
    gone: usize,
}

impl Memory {
    fn takes(&mut self, report: &[Reported], is_complete: bool) -> Changes {
        let outcome = matched(&self.known, report.to_vec(), is_complete);
        let mut changes = Changes::default();
        for candidate in outcome.candidates {
            match candidate.known {
                None => {
                    changes.new += 1;
                    self.known.push(Known { signs: candidate.signs, is_open: true });
                    self.last.push(candidate.reported);
                }
                Some(n) => {
                    if self.known[n].is_open {
                        changes.unchanged += 1;
                    } else {
                        changes.returned += 1;
                    }
                    // The store adds and replaces signs, it forgets none.
                    let merged: BTreeMap<_, _> = self.known[n]
                        .signs
                        .iter()
                        .chain(candidate.signs.iter())
                        .map(|(sign, digest)| (sign, digest.to_owned()))
                        .collect();
                    self.known[n] = Known { signs: Signs::from_stored(merged), is_open: true };
                    self.last[n] = candidate.reported;
                }
            }
        }
        if is_complete {
            changes.gone = outcome.missing.len();
            for n in outcome.missing {
                self.known[n].is_open = false;
            }
        }
        changes
    }

    /// The open findings as they were last seen.
    fn open(&self) -> Vec<Reported> {
        let mut open: Vec<Reported> = self
            .known
            .iter()
            .zip(&self.last)
            .filter(|(known, _)| known.is_open)
            .map(|(_, last)| last.clone())
            .collect();
        open.sort();
        open
    }

    fn states(&self) -> Vec<bool> {
        self.known.iter().map(|known| known.is_open).collect()
    }
}

fn each_once(report: &[Reported]) -> Vec<Reported> {
    let mut report = report.to_vec();
    report.sort();
    report.dedup();
    report
}

fn shuffled(report: &[Reported], order: &[Index]) -> Vec<Reported> {
    let mut left = report.to_vec();
    let mut out = Vec::new();
    for index in order {
        if !left.is_empty() {
            out.push(left.remove(index.index(left.len())));
        }
    }
    out.extend(left);
    out
}

fn shifted(report: &[Reported], by: i64) -> Vec<Reported> {
    let mut report = report.to_vec();
    for one in &mut report {
        let at = &mut one.occurrence.0;
        (at.line, at.end_line, at.snippet_line) = (at.line + by, at.end_line + by, at.snippet_line + by);
    }
    report
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn after_a_complete_scan_exactly_what_it_reports_is_open(history in prop::collection::vec(reports(), 0..4), last in reports()) {
        let mut memory = Memory::default();
        for report in &history {
            memory.takes(report, true);
        }
        memory.takes(&last, true);
        prop_assert_eq!(memory.open(), each_once(&last));
    }

    #[test]
    fn the_same_report_twice_changes_nothing(history in prop::collection::vec(reports(), 0..3), report in reports()) {
        let mut memory = Memory::default();
        for before in &history {
            memory.takes(before, true);
        }
        memory.takes(&report, true);
        let (states, open) = (memory.states(), memory.open());
        let changes = memory.takes(&report, true);
        prop_assert_eq!(changes, Changes { unchanged: open.len(), ..Changes::default() });
        prop_assert_eq!((memory.states(), memory.open()), (states, open));
    }

    #[test]
    fn order_is_irrelevant(first in reports(), second in reports(), order in prop::collection::vec(any::<Index>(), 12)) {
        let (mut one, mut other) = (Memory::default(), Memory::default());
        one.takes(&first, true);
        other.takes(&shuffled(&first, &order), true);
        let changes = one.takes(&second, true);
        prop_assert_eq!(changes, other.takes(&shuffled(&second, &order), true));
        prop_assert_eq!(one.states(), other.states());
        prop_assert_eq!(&one.last, &other.last);
    }

    #[test]
    fn shifting_every_line_changes_nothing(report in reports(), by in 1..1_000_i64) {
        let mut memory = Memory::default();
        memory.takes(&report, true);
        let states = memory.states();
        let changes = memory.takes(&shifted(&report, by), true);
        prop_assert_eq!(changes, Changes { unchanged: states.len(), ..Changes::default() });
        prop_assert_eq!(memory.states(), states);
        prop_assert_eq!(memory.open(), each_once(&shifted(&report, by)));
    }

    #[test]
    fn there_and_back_ends_with_the_findings_of_the_first(first in reports(), second in reports()) {
        let mut memory = Memory::default();
        memory.takes(&first, true);
        memory.takes(&second, true);
        memory.takes(&first, true);
        prop_assert_eq!(memory.open(), each_once(&first));
    }

    #[test]
    fn fewer_and_all_again_are_the_same_findings(report in reports(), keep in prop::collection::vec(any::<bool>(), 12)) {
        // Without code in common, so that nothing can be taken for moved.
        let mut report = report;
        for (n, one) in report.iter_mut().enumerate() {
            one.code = format!("code({n})");
            one.fingerprint = None;
        }
        let some: Vec<Reported> = report.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(one, _)| one.clone()).collect();
        let mut memory = Memory::default();
        memory.takes(&report, true);
        let before = memory.last.clone();
        let gone = memory.takes(&some, true).gone;
        let changes = memory.takes(&report, true);
        prop_assert_eq!((changes.new, changes.returned), (0, gone));
        prop_assert_eq!(memory.last, before);
    }

    #[test]
    fn an_incomplete_scan_makes_nothing_go(first in reports(), second in reports()) {
        let mut memory = Memory::default();
        memory.takes(&first, true);
        let before = memory.states().len();
        let changes = memory.takes(&second, false);
        prop_assert_eq!(changes.gone, 0);
        prop_assert!(memory.states()[..before].iter().all(|is_open| *is_open));
    }

    #[test]
    fn each_known_finding_is_taken_once(first in reports(), second in reports()) {
        let mut memory = Memory::default();
        memory.takes(&first, true);
        let outcome = matched(&memory.known, second, true);
        let mut taken: Vec<usize> = outcome.candidates.iter().filter_map(|candidate| candidate.known).collect();
        let count = taken.len();
        taken.sort_unstable();
        taken.dedup();
        prop_assert_eq!(taken.len(), count);
        prop_assert!(taken.iter().all(|n| !outcome.missing.contains(n)));
    }
}

fn one(path: &str, function: &str, code: &str) -> Reported {
    Reported {
        rule: "R1".to_owned(),
        rule_name: "rule".to_owned(),
        message: "what".to_owned(),
        remedy: String::new(),
        severity: CaseSeverity::High,
        tags: Vec::new(),
        code: code.to_owned(),
        fingerprint: None,
        is_suppressed: false,
        occurrence: Place(Occurrence {
            path: path.to_owned(),
            line: 1,
            end_line: 1,
            column: None,
            end_column: None,
            snippet: code.to_owned(),
            snippet_line: 1,
            function: function.to_owned(),
            flow: Vec::new(),
        }),
    }
}

#[test]
fn a_finding_is_known_again_after_renaming_its_function_file_or_folder() {
    let mut memory = Memory::default();
    memory.takes(&[one("src/a.py", "f", "run(x)")], true);
    for renamed in [one("src/a.py", "g", "run(x)"), one("lib/a.py", "g", "run(x)"), one("lib/b.py", "g", "run(x)")] {
        assert_eq!(memory.takes(&[renamed], true), Changes { unchanged: 1, ..Changes::default() });
    }
}

#[test]
fn a_fingerprint_of_the_tool_survives_a_change_of_everything_else() {
    let mut memory = Memory::default();
    let print = |mut one: Reported| {
        one.fingerprint = Some("print=0123456789".to_owned());
        one
    };
    memory.takes(&[print(one("src/a.py", "f", "run(x)"))], true);
    let changes = memory.takes(&[print(one("lib/b.py", "g", "other(y)"))], true);
    assert_eq!(changes, Changes { unchanged: 1, ..Changes::default() });
}

#[test]
fn two_places_that_might_both_be_the_moved_one_are_new() {
    let mut memory = Memory::default();
    memory.takes(&[one("a.py", "f", "run(x)")], true);
    let changes = memory.takes(&[one("b.py", "f", "run(x)"), one("c.py", "f", "run(x)")], true);
    assert_eq!(changes, Changes { new: 2, gone: 1, ..Changes::default() });
}

#[test]
fn what_is_gone_does_not_return_in_another_file() {
    let mut memory = Memory::default();
    memory.takes(&[one("a.py", "f", "run(x)")], true);
    memory.takes(&[], true);
    assert_eq!(memory.takes(&[one("b.py", "f", "run(x)")], true), Changes { new: 1, ..Changes::default() });
}

#[test]
fn a_file_that_was_not_read_has_not_moved() {
    let mut memory = Memory::default();
    memory.takes(&[one("a.py", "f", "run(x)")], true);
    assert_eq!(memory.takes(&[one("b.py", "f", "run(x)")], false), Changes { new: 1, ..Changes::default() });
}

#[test]
fn holes_of_one_package_are_not_taken_for_each_other() {
    // One line, and another version in it: only what a report says of package and advisory tells which is which.
    let at = |version: &str, hole: &str| {
        let mut one = one("requirements.txt", "", &format!("django {hole}"));
        one.message = format!("`django` {version} has {hole}");
        one
    };
    let mut memory = Memory::default();
    memory.takes(&[at("3.2.1", "CVE-2021-1"), at("3.2.1", "CVE-2021-2")], true);
    let changes = memory.takes(&[at("3.2.5", "CVE-2021-2"), at("3.2.5", "CVE-2021-3")], true);
    assert_eq!(changes, Changes { new: 1, unchanged: 1, gone: 1, returned: 0 });
    let open: Vec<String> = memory.open().into_iter().map(|one| one.message).collect();
    assert_eq!(open, ["`django` 3.2.5 has CVE-2021-2", "`django` 3.2.5 has CVE-2021-3"]);
}
