//! Names and texts of a hostile project stay text on a terminal.

#![cfg(unix)]

use crate::bench::Bench;

const EVIL: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\u{2066}";

fn assert_harmless(told: &str) {
    let is_bad =
        |c: &char| c.is_control() && *c != '\n' || matches!(*c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let found: Vec<char> = told.chars().filter(is_bad).collect();
    assert!(found.is_empty(), "{found:?} in {told:?}");
}

#[test]
fn control_and_bidi_characters_are_replaced_wherever_a_name_or_a_line_is_shown() {
    let token = ["glp", "at-", "x7Qz", "9LmR", "2vTb", "K4wN", "e6Yc"].concat();
    let code = format!("import os\nos.system(input())  # {EVIL}\nx = '{EVIL}'; y = eval(input())\n");
    let bench = Bench::new()
        .with(&format!("{EVIL}.py"), code)
        .with(&format!("{EVIL}/requirements.txt"), format!("django=={EVIL}\nrequessts # {EVIL}\n"))
        .with(&format!("{EVIL}/config.yaml"), format!("# {EVIL}\ntoken: {token} # {EVIL}\n"))
        .with(&format!("{EVIL}/casemate.toml"), "exclude = [\"\\u202e\\u001b\"]\n")
        .with(&format!("{EVIL}/broken.py"), format!("def (:\n {EVIL}\n"));
    for arguments in [
        &["audit", "."][..],
        &["audit", ".", "--statistics"],
        &["audit", EVIL],
        &["config", EVIL],
        &["audit", ".", "--config", EVIL],
        &["audit", ".", "--installed", EVIL],
    ] {
        let ended = bench.run(arguments);
        assert!(!ended.stdout.is_empty() || !ended.stderr.is_empty());
        assert_harmless(&ended.stdout);
        assert_harmless(&ended.stderr);
    }
    let told = bench.run(&["audit", "."]).stdout;
    assert!(["[2J", "DEP15", "SEC10", "CFG16", ".py:"].iter().all(|part| told.contains(part)), "{told}");
}
