//! What a room's code may touch of the world: read from the tokens, so comments and strings do not count.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::Problem;
use crate::workspace::TextFile;

/// Paths that a room must not name outside its tests, and what to do instead.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    ("crates/casemate-python/", FILES_NETWORK_ENVIRONMENT_CLOCK, "text comes in as an argument"),
    (
        "crates/casemate-audit/",
        FILES_NETWORK_ENVIRONMENT_CLOCK,
        "the caller reads files and the clock and hands them over",
    ),
    ("crates/casemate-model/", FILES_NETWORK_ENVIRONMENT_CLOCK, "time, chance and settings arrive as arguments"),
    ("crates/casemate-python/src/syntax/", &["crate::names", "crate::facts", "crate::routes", "crate::flow"], ONE_WAY),
    ("crates/casemate-python/src/names/", &["crate::facts", "crate::routes", "crate::flow"], ONE_WAY),
    ("crates/casemate-python/src/facts/", &["crate::routes", "crate::flow"], ONE_WAY),
    ("crates/casemate-python/src/routes/", &["crate::flow"], ONE_WAY),
    ("crates/casemate-store/", &["std::env"], "only the commands read the environment"),
    ("crates/casemate-service/", &["std::env"], "only the commands read the environment"),
    ("crates/casemate-web/", &["std::env", "std::fs", "tokio::fs"], "only the commands read files and the environment"),
];

const ONE_WAY: &str =
    "arrows between the rooms of the auditor's front end point one way: syntax, names, facts, routes, flow";

const FILES_NETWORK_ENVIRONMENT_CLOCK: &[&str] = &[
    "std::fs",
    "std::net::TcpStream",
    "std::net::TcpListener",
    "std::net::UdpSocket",
    "std::env",
    "std::process",
    "SystemTime",
    "Instant",
    "now_utc",
    "now_local",
];

/// Names that no Rust file may use, whatever the room.
const NOWHERE: &[(&str, &str)] = &[
    ("AssertSqlSafe", "write the SQL as a constant and bind its values, so SQL from strings cannot exist"),
    ("AssertSqlSafeStr", "write the SQL as a constant and bind its values"),
];

/// Every Rust file against the two lists.
pub(super) fn check(files: &[TextFile]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        let Ok(tokens) = file.text.parse::<TokenStream>() else {
            problems.push(Problem::new(&file.path, "is not Rust"));
            continue;
        };
        let mut names = Vec::new();
        collect(tokens, "", &mut names);
        for name in &names {
            for (forbidden, instead) in NOWHERE {
                if mentions(&name.path, forbidden) {
                    problems.push(Problem::at(file, name.line, format!("`{forbidden}` is not for us; {instead}")));
                }
            }
            for (room, forbidden, instead) in FORBIDDEN {
                let is_product_code =
                    file.path.strip_prefix(room).is_some_and(|rest| rest.starts_with("src/") || room.contains("/src/"));
                if !is_product_code || name.is_in_test {
                    continue;
                }
                if let Some(hit) = forbidden.iter().find(|forbidden| mentions(&name.path, forbidden)) {
                    problems.push(Problem::at(
                        file,
                        name.line,
                        format!("`{hit}` is out of this room's reach; {instead}"),
                    ));
                }
            }
        }
    }
    problems
}

/// A path as written, `use` groups unfolded.
struct Name {
    path: String,
    line: usize,
    is_in_test: bool,
}

fn mentions(path: &str, forbidden: &str) -> bool {
    if forbidden.contains("::") {
        path == forbidden || path.strip_prefix(forbidden).is_some_and(|rest| rest.starts_with("::"))
    } else {
        path.split("::").any(|part| part == forbidden)
    }
}

/// Collects every path; `{a, b::c}` after `prefix::` continues the prefix.
fn collect(tokens: TokenStream, prefix: &str, names: &mut Vec<Name>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    let mut skip_next_braces = false;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(_) => at = path(&tokens, at, prefix, names),
            TokenTree::Group(group) => {
                let is_attribute = group.delimiter() == Delimiter::Bracket && at > 0 && is_punct(&tokens[at - 1], '#');
                if is_attribute && group.stream().to_string().replace(' ', "") == "cfg(test)" {
                    skip_next_braces = true;
                }
                let from = names.len();
                collect(group.stream(), "", names);
                if skip_next_braces && group.delimiter() == Delimiter::Brace {
                    skip_next_braces = false;
                    names[from..].iter_mut().for_each(|name| name.is_in_test = true);
                }
                at += 1;
            }
            TokenTree::Punct(mark) => {
                // `#[cfg(test)] mod tests;` or `use …;`: what follows is product code again.
                if mark.as_char() == ';' {
                    skip_next_braces = false;
                }
                at += 1;
            }
            TokenTree::Literal(_) => at += 1,
        }
    }
}

/// Reads one path that starts at `at` and returns where it ends.
fn path(tokens: &[TokenTree], mut at: usize, prefix: &str, names: &mut Vec<Name>) -> usize {
    let line = tokens[at].span().start().line;
    let mut path = prefix.to_owned();
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(ident)) => {
                path.push_str(&ident.to_string());
                at += 1;
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                collect_group(group.stream(), &path, names);
                return at + 1;
            }
            _ => break,
        }
        let continues = tokens.get(at).is_some_and(|token| is_punct(token, ':'))
            && tokens.get(at + 1).is_some_and(|token| is_punct(token, ':'));
        if !continues {
            break;
        }
        path.push_str("::");
        at += 2;
    }
    names.push(Name { path, line, is_in_test: false });
    at
}

fn collect_group(tokens: TokenStream, prefix: &str, names: &mut Vec<Name>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        at = if matches!(tokens[at], TokenTree::Ident(_)) { path(&tokens, at, prefix, names) } else { at + 1 };
    }
}

fn is_punct(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&[file(path, text)]).iter().map(|problem| problem.place.clone()).collect()
    }

    #[test]
    fn the_auditor_opens_no_file_however_it_is_written() {
        for text in [
            "//! x\nuse std::fs;\n",
            "//! x\nuse std::{fmt, fs::File};\n",
            "//! x\nuse std::{io, collections::{BTreeMap}, env};\n",
            "//! x\nfn f() { g(std::fs::read(\"x\")); }\n",
            "//! x\nfn f() { println!(\"{:?}\", std::env::var(\"x\")) }\n",
            "//! x\nfn f(at: std::time::Instant) {}\n",
        ] {
            assert_eq!(found("crates/casemate-audit/src/x.rs", text), ["crates/casemate-audit/src/x.rs:2"], "{text}");
        }
    }

    #[test]
    fn comments_strings_and_tests_do_not_count() {
        let text = "//! x\n// std::fs\nconst A: &str = \"std::fs\";\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        assert!(found("crates/casemate-audit/src/x.rs", text).is_empty());
        assert!(found("crates/casemate-audit/tests/it/main.rs", "//! x\nuse std::fs;\n").is_empty());
    }

    #[test]
    fn code_after_a_test_module_counts_again() {
        let text = "//! x\n#[cfg(test)]\nmod tests { }\nuse std::fs;\n";
        assert_eq!(found("crates/casemate-audit/src/x.rs", text).len(), 1);
        let text = "//! x\n#[cfg(test)]\nuse std::fs;\nfn f() { std::fs::read(\"x\"); }\n";
        assert_eq!(found("crates/casemate-audit/src/x.rs", text).len(), 2);
    }

    #[test]
    fn other_rooms_have_other_walls() {
        assert!(found("crates/casemate/src/main.rs", "//! x\nuse std::fs;\n").is_empty());
        assert_eq!(found("crates/casemate-web/src/x.rs", "//! x\nuse std::fs;\n").len(), 1);
        assert_eq!(found("crates/casemate-service/src/x.rs", "//! x\nuse std::env;\n").len(), 1);
        assert!(found("crates/casemate-model/src/x.rs", "//! x\nuse std::net::IpAddr;\n").is_empty());
    }

    #[test]
    fn arrows_within_the_front_end_point_one_way() {
        let text = "//! x\nuse crate::facts::Fact;\nuse crate::{flow, names};\n";
        assert_eq!(found("crates/casemate-python/src/syntax/x.rs", text).len(), 3);
        assert_eq!(found("crates/casemate-python/src/routes/x.rs", text).len(), 1);
        assert_eq!(found("crates/casemate-python/src/flow/x.rs", text).len(), 0);
    }

    #[test]
    fn sql_from_strings_is_found_everywhere() {
        let text = concat!("//! x\nuse sqlx::{query, Assert", "SqlSafe};\n");
        for path in ["crates/casemate-store/src/x.rs", "crates/casemate-store/tests/it/main.rs", "xtask/src/x.rs"] {
            assert_eq!(found(path, text).len(), 1, "{path}");
        }
    }
}
