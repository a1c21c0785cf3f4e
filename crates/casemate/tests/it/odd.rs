//! Odd projects and odd command lines: whatever comes, the binary ends with one of its own exit codes and never panics.

use proptest::prelude::*;

use crate::bench::{Bench, Ended};

const OPTIONS: [&str; 16] = [
    "--format",
    "json",
    "sarif",
    "text",
    "--fail-on",
    "none",
    "--select",
    "INJ",
    "--ignore",
    "--exclude",
    "--strict",
    "--statistics",
    "--color",
    "always",
    "--persona",
    "pedantic",
];

/// Pieces of which odd Python is made.
const PIECES: [&str; 24] = [
    "def f(",
    "):\n",
    "    ",
    "\t",
    "class A:\n",
    "x = f\"{",
    "}\"\n",
    "'''",
    "\"\"\"",
    "(",
    "[",
    "\\\n",
    "\r",
    "\r\n",
    "\u{feff}",
    "名前 = 1\n",
    "text(f\"SELECT {x}\")\n",
    "@app.get('/admin')\n",
    "async def login(password: str):\n",
    "    return hashlib.sha256(password.encode()).hexdigest() == x\n",
    "# casemate: ignore[",
    "] until=9999-99-99 --\n",
    "\u{0}",
    "lambda: (yield)\n",
];

fn odd_python() -> impl Strategy<Value = Vec<u8>> {
    let pieces = proptest::collection::vec(proptest::sample::select(PIECES.as_slice()), 0..40);
    prop_oneof![pieces.prop_map(|pieces| pieces.concat().into_bytes()), proptest::collection::vec(any::<u8>(), 0..400),]
}

fn check(ended: &Ended, context: &dyn std::fmt::Debug) {
    let Ended { code, stdout, stderr } = ended;
    assert!((0..=3).contains(code), "{code} for {context:?}: {stderr}");
    assert!(!stderr.contains("panicked") && !stdout.contains("panicked"), "{context:?}: {stderr}");
    assert!(*code != 2 || !stderr.is_empty(), "failed without a word: {context:?}");
}

#[test]
fn odd_python_is_audited_or_told_as_a_problem() {
    proptest!(ProptestConfig::with_cases(24), |(texts in proptest::collection::vec(odd_python(), 1..6))| {
        let bench = texts.iter().enumerate().fold(Bench::new(), |bench, (n, text)| bench.with(&format!("m{n}.py"), text));
        for format in ["text", "json", "sarif"] {
            let ended = bench.run(&["audit", ".", "--format", format, "--fail-on", "info"]);
            check(&ended, &texts);
            if format != "text" {
                serde_json::from_str::<serde_json::Value>(&ended.stdout).expect("is JSON");
            }
        }
    });
}

#[test]
fn odd_command_lines_are_refused_in_words() {
    // No dots and slashes: a word may be taken for a path, and must not lead out of the folder.
    let word = prop_oneof![
        proptest::sample::select(OPTIONS.as_slice()).prop_map(str::to_owned),
        "[a-zA-Z0-9 !\"#$%&()*+,;<=>?@^_`{|}é-]{0,8}"
    ];
    proptest!(ProptestConfig::with_cases(120), |(words in proptest::collection::vec(word, 0..6))| {
        let bench = Bench::new().with("app.py", "x = 1\n");
        let arguments: Vec<&str> = ["audit", "app.py"].into_iter().chain(words.iter().map(String::as_str)).collect();
        // The report file would be made where the odd name says.
        prop_assume!(!words.iter().any(|word| word.starts_with("-o") || word.starts_with("--o")));
        check(&bench.run(&arguments), &arguments);
    });
}

#[test]
fn odd_settings_are_refused_in_one_line() {
    let line = prop_oneof![
        Just("persona = \"pedantic\"\n".to_owned()),
        Just("[tool.casemate]\n".to_owned()),
        Just("exclude = [\"**/[\", \"{\"]\n".to_owned()),
        Just("select = [\"INJ\"\n".to_owned()),
        "[ -~\n]{0,20}",
    ];
    proptest!(ProptestConfig::with_cases(60), |(lines in proptest::collection::vec(line, 0..5))| {
        let text = lines.concat();
        let bench = Bench::new().with("app.py", "x = 1\n").with("casemate.toml", &text).with("pyproject.toml", &text);
        let ended = bench.run(&["config"]);
        check(&ended, &text);
        prop_assert!(ended.code != 2 || ended.stderr.lines().count() == 1, "{}", ended.stderr);
    });
}
