//! Nothing that calls itself Python makes the auditor panic, hang or stay silent.

use casemate_audit::{Audit, Outcome, Settings, Source, SourceSet};
use proptest::prelude::*;

use crate::support::{Texts, audit, audit_with, pedantic, told};

fn only_problem(bytes: &[u8]) -> String {
    let outcome = audit(&[("app.py", bytes)]);
    assert_eq!(outcome.problems.len(), 1, "{:?}", outcome.problems);
    // What could not be analysed is a finding too.
    assert_eq!(outcome.findings.iter().filter(|finding| finding.rule.name == "analysis-incomplete").count(), 1);
    outcome.problems[0].message.clone()
}

fn survives(source: &str) -> Outcome {
    audit(&[("app.py", source)])
}

#[test]
fn deep_nesting_is_refused_before_it_can_overflow() {
    let deep = 100_000;
    let cases = [
        ("parentheses", format!("x = {}1{}\n", "(".repeat(deep), ")".repeat(deep))),
        ("unclosed parentheses", "(".repeat(deep)),
        ("lists", format!("x = {}{}\n", "[".repeat(50_000), "]".repeat(50_000))),
        ("dictionaries", format!("x = {}1{}\n", "{1:".repeat(50_000), "}".repeat(50_000))),
        ("a sum", format!("x = {}\n", vec!["1"; 1_000_000].join(" + "))),
        ("attributes", format!("x = a{}\n", ".b".repeat(deep))),
        ("calls", format!("x = f{}\n", "()".repeat(deep))),
        (
            "sums that begin with sums in brackets",
            format!("x = {}1{}\n", "(".repeat(1_000), format!("{})", " + 1".repeat(300)).repeat(1_000)),
        ),
        ("products of signs", format!("x = {}1\n", "a*b*-".repeat(deep))),
        ("comparisons in brackets", format!("x = {}1{}\n", "(a < ".repeat(deep), ")".repeat(deep))),
        ("subscripts", format!("x = a{}\n", "[0]".repeat(deep))),
        ("not", format!("x = {}1\n", "not ".repeat(deep))),
        ("minus", format!("x = {}1\n", "-".repeat(deep))),
        ("lambdas", format!("x = {}1\n", "lambda: ".repeat(deep))),
        ("lambdas with parameters", format!("x = {}1\n", "lambda a, b: ".repeat(deep))),
        ("conditions", format!("x = {}1\n", "1 if a else ".repeat(deep))),
        ("await", format!("async def f():\n    {}x\n", "await ".repeat(deep))),
        ("f-strings", format!("x = {}1{}\n", "f'{".repeat(deep), "}'".repeat(deep))),
        ("tuples in calls", format!("x = {}1{}\n", "f(1, ".repeat(deep), ")".repeat(deep))),
        ("powers", format!("x = {}\n", vec!["2"; deep].join("**"))),
    ];
    for (what, source) in cases {
        let outcome = survives(&source);
        assert!(
            outcome.problems.iter().any(|problem| problem.message.contains("nested more than")),
            "{what}: {:?}",
            outcome.problems
        );
    }
}

#[test]
fn what_is_as_deep_as_is_allowed_is_analysed() {
    let deep = 2_500;
    let cases = [
        ("parentheses", format!("x = {}1{}\n", "(".repeat(deep), ")".repeat(deep))),
        ("a sum", format!("x = {}\n", vec!["a"; deep].join(" + "))),
        ("attributes", format!("x = a{}\n", ".b".repeat(deep))),
        ("calls", format!("x = f{}\n", "()".repeat(deep))),
        ("lambdas", format!("x = {}1\n", "lambda: ".repeat(deep))),
        ("conditions", format!("x = {}1\n", "1 if a else ".repeat(deep / 2))),
        ("dictionaries", format!("x = {}1{}\n", "{1:".repeat(deep), "}".repeat(deep))),
        (
            "joined text",
            format!("def f(x):\n    db.execute({})\n", vec!["'select * from a where b = ' + x"; deep / 4].join(" + ")),
        ),
    ];
    for (what, source) in cases {
        let outcome = audit_with(&pedantic(), &[("app.py", source)]);
        assert!(outcome.problems.is_empty(), "{what}: {:?}", outcome.problems);
    }
}

#[test]
fn long_is_not_deep() {
    let cases = [
        (
            "elif",
            format!(
                "if a == 0:\n    b = 0\n{}",
                (1..20_000).map(|n| format!("elif a == {n}:\n    b = {n}\n")).collect::<String>()
            ),
        ),
        ("decorators", format!("{}def f():\n    pass\n", "@d\n".repeat(20_000))),
        ("a table", format!("x = [{}]\n", "(1, -2, a.b(c)),".repeat(50_000))),
        ("statements", "x = 1\n".repeat(100_000)),
        ("targets", format!("{}1\n", "a = ".repeat(20_000))),
        ("joined literals", format!("x = ({})\n", "'a' ".repeat(50_000))),
        ("functions", (0..5_000).map(|n| format!("def f{n}(x):\n    return f{}(x)\n", n + 1)).collect::<String>()),
        (
            "parameters",
            format!("def f({}):\n    pass\n", (0..10_000).map(|n| format!("a{n}")).collect::<Vec<_>>().join(", ")),
        ),
        (
            "a dictionary in one line",
            format!("x = {{{}}}\n", (0..100_000).map(|n| format!("'k{n}': 'v{n}'")).collect::<Vec<_>>().join(", ")),
        ),
        ("lambdas in a table", format!("x = [{}]\n", "lambda a, b: a,".repeat(20_000))),
    ];
    for (what, source) in cases {
        let outcome = survives(&source);
        assert!(outcome.problems.is_empty(), "{what}: {:?}", outcome.problems);
    }
}

#[test]
fn a_file_of_nothing_but_secrets_is_counted_rather_than_told_one_by_one() {
    // Long and short ones, so that each way of masking meets many.
    let value = |n: usize| format!("{}{n:05}", if n.is_multiple_of(2) { "Xq-7" } else { "hunter-of-Things-" });
    let pairs: Vec<String> = (0..20_000).map(|n| format!("{{\"password\": \"{}\"}}", value(n))).collect();
    let json = format!("[{}]", pairs.join(", "));
    let env: String = (0..20_000).map(|n| format!("PASSWORD_{n}={}\n", value(n))).collect();
    let python = format!("x = [{}]\n", pairs.join(", "));
    for (path, text) in [("data.json", json), ("data.env", env), ("data.py", python)] {
        let outcome = audit(&[(path, text)]);
        let found = outcome.findings.iter().filter(|finding| finding.secret().is_some()).count();
        assert!((500..=1000).contains(&found), "{path}: {found}");
        let told: Vec<&str> = outcome.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert!(told[0].ends_with("more secrets of this file are not told one by one"), "{path}: {told:?}");
        for finding in &outcome.findings {
            assert!(!finding.statement.contains("hunter-of"), "{path}: {}", finding.statement);
        }
    }
}

#[test]
fn a_silencing_comment_on_each_of_many_lines_ends() {
    let text: String = (0..20_000).map(|n| format!("curl http://x/{n} | sh  # casemate: ignore -- {n}\n")).collect();
    let outcome = audit(&[("get.sh", text)]);

    assert!(outcome.findings.is_empty(), "{}", outcome.findings.len());
    assert_eq!(outcome.suppressed.len(), 20_000);
}

#[test]
fn a_script_in_one_line_that_speaks_of_an_allowlist_ends() {
    // Openers of comments by the thousand, and a word that may silence; quadratic, this takes hours.
    let script = "a={b:1 ;c:[2] //e};f(g , --h) /*;*/ whitelist=k ;".repeat(40_000);
    let outcome = audit(&[("static/app.min.js", script.as_str()), ("page.html", script.as_str())]);

    assert_eq!(outcome.suppressed.len(), 0);
}

#[test]
fn many_branches_over_many_names_are_cut_short_and_told() {
    let names: String = (0..20_000).map(|n| format!("a{n} = {n}\n")).collect();
    let branches: String = (0..20_000).map(|n| format!("if a{n}:\n    a{n} = 0\n")).collect();
    let outcome = survives(&format!("{names}{branches}"));

    assert!(outcome.problems[0].message.contains("control flow was only approximated"), "{:?}", outcome.problems);
}

#[test]
fn loops_in_loops_end() {
    let source: String = (0..90).map(|n| format!("{}for a{n} in a{}:\n", " ".repeat(n), n.max(1) - 1)).collect();

    survives(&format!("{source}{}a0 = a89\n", " ".repeat(90)));
}

#[test]
fn functions_that_call_each_other_in_circles_end() {
    survives(
        "def f(x):\n    return g(x)\n\ndef g(x):\n    return h(f, x)\n\ndef h(k, x):\n    return k(x) or f(x)\n\nclass A(B):\n    pass\n\nclass B(A):\n    def m(self):\n        return self.n()\n",
    );
    audit(&[("a.py", "from b import *\nfrom b import x as y\n"), ("b.py", "from a import *\nfrom a import y as x\n")]);
}

#[test]
fn what_doubles_with_every_line_ends() {
    let doubling = |first: &str, next: &dyn Fn(usize) -> String| {
        (0..60).fold(format!("{first}\n"), |source, n| source + &next(n) + "\n")
    };
    let sums = doubling("from flask import request\na0 = f''", &|n| format!("a{} = a{n} + a{n}", n + 1));
    survives(&format!("{sums}db.execute(a60 + request.args['x'])\n"));
    let unions = doubling("A0 = int", &|n| format!("A{} = A{n} | A{n}", n + 1));
    survives(&format!(
        "{unions}{}",
        (0..500).map(|n| format!("def f{n}(x: A60):\n    db.execute(x)\n")).collect::<String>()
    ));
    let tests = doubling("from flask import request\nx = request.args['x']\nt0 = x in z", &|n| {
        format!("t{} = t{n} and t{n} and t{n} and t{n} and t{n} and t{n}", n + 1)
    });
    survives(&format!("{tests}if t60 and x in t59:\n    db.execute('select * from ' + x)\n"));
    let bases = doubling("class C0: pass", &|n| {
        format!("class C{}({}): pass", n + 1, (0..8).map(|_| format!("C{n}")).collect::<Vec<_>>().join(", "))
    });
    survives(&format!("{bases}def f(x: C60):\n    return x.nothing\n"));
    let lists = doubling("from fastapi import FastAPI\napp = FastAPI()\nl0 = []", &|n| {
        format!("    l{} = [{}]", n + 1, vec![format!("l{n}"); 10].join(", ")).trim().to_owned()
    });
    survives(&format!("{lists}@app.post('/login')\ndef login(password: str):\n    return {{'token': l60}}\n"));
}

#[test]
fn a_file_too_large_is_told() {
    let large = vec![b'\n'; 10 * 1024 * 1024 + 1];

    assert!(only_problem(&large).contains("larger than 10 MiB"));
}

#[test]
fn bytes_that_are_no_text_are_told() {
    assert!(only_problem(b"\x7fELF\x00\x01\x02").contains("NUL"));
    assert!(only_problem(b"x = 1\n\x00\n").contains("NUL"));
    assert!(only_problem(b"\xff\xfex\x00=\x001\x00").contains("UTF-16"));
    assert!(only_problem(b"x = 1\ny = '\xe9'\n").contains("not valid UTF-8 at line 2"));
    assert!(only_problem(b"# coding: koi8-r\nx = '\xc1'\n").contains("`koi8-r`"));
}

#[test]
fn declared_encodings_are_read() {
    let hash = "import hashlib\ndef f(password):\n    return hashlib.md5(password)\n";
    for (coding, text) in [
        ("utf-8", "# h\u{e9}".as_bytes()),
        ("latin-1", b"# h\xe9"),
        ("cp1252", b"# h\x80"),
        ("ascii", b"# h"),
        ("utf_8", "# \u{20ac}".as_bytes()),
    ] {
        let mut bytes = format!("# -*- coding: {coding} -*-\n").into_bytes();
        bytes.extend_from_slice(text);
        bytes.push(b'\n');
        bytes.extend_from_slice(hash.as_bytes());
        let outcome = audit(&[("app.py", bytes)]);
        assert!(outcome.problems.is_empty(), "{coding}: {:?}", outcome.problems);
        assert_eq!(told(&outcome), ["5: password-weak-hash"], "{coding}");
    }
    assert_eq!(told(&audit(&[("app.py", format!("\u{feff}{hash}"))])), ["3: password-weak-hash"]);
}

#[test]
fn broken_code_is_told_and_the_rest_is_still_read() {
    let outcome = audit(&[(
        "app.py",
        "import hashlib\n\ndef f(password):\n    return hashlib.md5(password)\n\ndef broken(:\n    pass\n",
    )]);

    assert!(outcome.problems[0].message.starts_with("syntax error"));
    assert!(told(&outcome).contains(&"4: password-weak-hash".to_owned()));
}

#[test]
fn a_source_that_cannot_be_read_is_told() {
    struct Locked([Source; 1]);
    impl SourceSet for Locked {
        fn sources(&self) -> &[Source] {
            &self.0
        }
        fn read(&self, _: &Source) -> Result<Vec<u8>, String> {
            Err("permission denied".into())
        }
    }
    let settings = Settings::default();
    let outcome = Audit::new(&settings).run(&Locked([Source::python("app.py")]));

    assert!(outcome.problems[0].message.contains("permission denied"));
    assert_eq!(outcome.findings[0].rule.name, "analysis-incomplete");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let files: Vec<(String, String)> = (0..40)
        .map(|n| {
            let next = (n + 1) % 40;
            let source = format!(
                "import hashlib\nfrom m{next} import digest as other\n\ndef digest(value):\n    return other(value) or hashlib.sha256(value).digest()\n\ndef keep(password):\n    return digest(password)\n"
            );
            (format!("m{n}.py"), source)
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, source)| (path.as_str(), source.as_str())).collect();
    let settings = Settings::default();
    let on = |threads| Audit::new(&settings).run_on(threads, &Texts::new(&files)).findings;

    assert!(!on(1).is_empty());
    assert_eq!(format!("{:?}", on(1)), format!("{:?}", on(7)));
}

const SEEDS: [&str; 3] = [
    include_str!("../../src/rules/injection/sql_injection.md"),
    include_str!("../../src/rules/authentication/admin_route_unprotected.md"),
    include_str!("../../src/rules/tokens/bearer_token_unsigned.md"),
];

fn code(page: &str) -> String {
    let mut inside = false;
    page.lines()
        .filter(|line| {
            let fence = line.starts_with("```");
            inside ^= fence;
            inside && !fence
        })
        .collect::<Vec<_>>()
        .join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        audit_with(&pedantic(), &[("app.py", bytes)]);
    }

    #[test]
    fn any_tokens_are_survived(words in proptest::collection::vec(prop::sample::select(vec![
        "def f(", ")", ":", "\n", "\n    ", "\n        ", "class A(", "lambda", "x", "=", "await", "yield", "f'{", "}'", "*", "**", "[", "]", "{", "}", ",", "import a.b as c",
        "from . import *", "match x", "case", "if", "else", "elif", "for x in", "while", "try", "except", "finally", "with", "as", "return", "global x", "del", "@", ".", "1", "''",
        "not", "and", "in", ":=", "->", "async", "break", "continue", "raise", "assert", "type X = int", "nonlocal y", "except*", "self.x",
    ]), 0..120)) {
        audit_with(&pedantic(), &[("app.py", words.join(" "))]);
    }

    #[test]
    fn mutated_python_is_survived(seed in 0..SEEDS.len(), cut in any::<prop::sample::Index>(), length in 0..40_usize, put in "[ -~\n]{0,12}") {
        let source = code(SEEDS[seed]);
        let chars: Vec<char> = source.chars().collect();
        let at = cut.index(chars.len());
        let mut mutated: String = chars[..at].iter().collect();
        mutated.push_str(&put);
        mutated.extend(chars[(at + length).min(chars.len())..].iter());
        audit_with(&pedantic(), &[("app.py", mutated)]);
    }
}

#[test]
fn a_value_that_is_made_of_itself_ends() {
    survives(
        "class Reader:\n    def __init__(self):\n        self.rest = b''\n        self.at = {}\n\n    def feed(self):\n        self.rest = self.rest[2:]\n        self.at = self.at[self.at]\n        self.named = {self.named['a']: 1}\n\n    def secret(self):\n        password = self.rest[3:].decode()\n        token = self.at[self.rest]\n        api_key = self.named['a']\n        return password, token, api_key\n",
    );
}

#[test]
fn a_line_full_of_beginnings_of_comments_is_read_once() {
    let line = format!("{} // casemate: ignore\n", ";a --b ".repeat(150_000));
    assert!(audit(&[("static/app.min.js", line.as_bytes())]).findings.is_empty());
}

#[test]
fn choices_of_choices_of_an_address_are_gone_through_once() {
    let head = "from flask import Flask, redirect, request\napp = Flask(__name__)\n@app.route('/')\ndef go():\n";
    let choices: String = (0..64).map(|n| format!("    u{} = u{n} or u{n}\n", n + 1)).collect();
    let code = format!("{head}    u0 = request.args['u']\n{choices}    return redirect(u64)\n");
    let outcome = audit(&[("app.py", &code)]);
    assert!(outcome.findings.iter().any(|finding| finding.rule.id == "XSS209"), "an open redirect");
}
