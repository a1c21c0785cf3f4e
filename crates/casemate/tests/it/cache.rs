//! What an audit remembers for the next.

use std::fs;

use super::bench::{Bench, Ended};

const APP: &str = "from flask import Flask, request\nfrom store import find\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef first():\n    return find(request.args['q'])\n";

const STORE: &str = "import sqlite3\n\n\ndef find(q):\n    base = sqlite3.connect('x.db')\n    return base.execute('select ' + q).fetchall()\n";

fn project() -> Bench {
    let bench = Bench::new().with("app.py", APP).with("store.py", STORE);
    (0..20).fold(bench, |bench, at| bench.with(&format!("more/m{at}.py"), format!("def f{at}(a, b):\n    return a\n")))
}

fn report(bench: &Bench, more: &[&str]) -> Ended {
    bench.run(&[&["audit", "--format", "json", "."], more].concat())
}

fn told(bench: &Bench) -> String {
    bench.run(&["audit", "--statistics", "."]).stdout
}

#[test]
fn the_next_audit_says_the_same_and_asks_about_what_has_changed() {
    let bench = project();
    let first = report(&bench, &[]);
    assert_eq!(first.code, 1, "{}", first.stderr);
    assert_eq!(bench.remembered().len(), 1);
    assert!(told(&bench).contains("22 as they were"), "{}", told(&bench));
    assert_eq!(report(&bench, &[]).stdout, first.stdout);

    // The hole is mended where the data arrives: the finding is gone, whoever is asked.
    let bench = bench.with("store.py", STORE.replace("'select ' + q", "'select ?', (q,)"));
    let mended = report(&bench, &[]);
    assert_ne!(mended.stdout, first.stdout);
    assert_eq!(mended.stdout, report(&bench, &["--no-cache"]).stdout);
    assert!(told(&bench).contains(" as they were"), "{}", told(&bench));

    // And it is back when the edit is.
    let bench = bench.with("store.py", STORE);
    assert_eq!(report(&bench, &[]).stdout, first.stdout);
}

#[test]
fn files_that_come_and_go_are_seen() {
    let bench = project();
    report(&bench, &[]);
    let bench = bench.with("new.py", "import os\nos.system(input())\n");
    assert_eq!(report(&bench, &[]).stdout, report(&bench, &["--no-cache"]).stdout);
    fs::remove_file(bench.path("store.py")).expect("is removed");
    assert_eq!(report(&bench, &[]).stdout, report(&bench, &["--no-cache"]).stdout);
}

#[test]
fn a_damaged_memory_counts_for_nothing() {
    let bench = project();
    let first = report(&bench, &[]);
    let files = bench.remembered();
    let [file] = files.as_slice() else { panic!("{files:?}") };
    let whole = fs::read(file).expect("is there");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for damaged in [&b""[..], b"casemate", &whole[..whole.len() / 2], &flipped] {
        fs::write(file, damaged).expect("is written");
        let again = report(&bench, &[]);
        assert_eq!((again.code, again.stdout), (first.code, first.stdout.clone()));
        assert!(told(&bench).contains("22 as they were"), "it is written anew: {}", told(&bench));
    }
}

#[test]
fn who_wants_no_memory_leaves_none() {
    let bench = project();
    report(&bench, &["--no-cache"]);
    assert!(bench.remembered().is_empty());
    // And a place that cannot be written to is no reason to fail.
    let mut command = bench.command(&["audit", "."]);
    command.env("CASEMATE_CACHE", bench.path("app.py"));
    let ended = super::bench::ended(command);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let bench = project();
    report(&bench, &[]);
    for file in bench.remembered() {
        let mode = fs::metadata(&file).expect("is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
}
