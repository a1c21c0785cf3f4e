//! Secrets in the text.

pub(crate) mod connection_string_credentials;
mod constants;
pub(crate) mod hardcoded_password;
pub(crate) mod high_entropy_literal;
mod literals;
pub(crate) mod private_key;
pub(crate) mod provider_token;
pub(crate) mod secret_encoded;
pub(crate) mod secret_in_argv;
pub(crate) mod secret_in_config_file;
pub(crate) mod secret_in_history;
pub(crate) mod secret_in_notebook;
pub(crate) mod secret_test_fixture;
mod telling;
mod uses;

use std::sync::LazyLock;

use casemate_python::flow::{self, Options, Solved};
use casemate_python::names::{ModuleId, Program};
use casemate_python::syntax::{self, Span};
use casemate_secrets::Leak;
use regex::Regex;

use super::{Check, Context, Entry, Reported, WebIndex};
use crate::audit::Lines;
use crate::models::{self, words};
use crate::rules::authentication::default_secret_fallback;
use crate::rules::cryptography::hardcoded_crypto_key;
use crate::rules::tokens::jwt_hardcoded_secret;
use crate::rules::web::framework_secret_hardcoded;

pub(crate) use constants::Rebuilder;
pub(crate) use uses::{SecretUse, argument, constant, is_template, path as way, report as report_uses};

pub(crate) const ENTRIES: &[Entry] = &[
    (&provider_token::RULE, &[Check::Module(provider_token::check), Check::Text(provider_token::check_text)]),
    (&private_key::RULE, &[Check::Module(private_key::check), Check::Text(private_key::check_text)]),
    (
        &hardcoded_password::RULE,
        &[Check::Module(hardcoded_password::check), Check::Text(hardcoded_password::check_text)],
    ),
    (
        &high_entropy_literal::RULE,
        &[Check::Module(high_entropy_literal::check), Check::Text(high_entropy_literal::check_text)],
    ),
    (
        &connection_string_credentials::RULE,
        &[Check::Module(connection_string_credentials::check), Check::Text(connection_string_credentials::check_text)],
    ),
    (&secret_in_history::RULE, &[]),
    (
        &secret_in_notebook::RULE,
        &[Check::Module(secret_in_notebook::check), Check::Text(secret_in_notebook::check_text)],
    ),
    (
        &secret_in_config_file::RULE,
        &[Check::Module(secret_in_config_file::check), Check::Text(secret_in_config_file::check_text)],
    ),
    (&secret_encoded::RULE, &[Check::Module(secret_encoded::check), Check::Text(secret_encoded::check_text)]),
    (&secret_in_argv::RULE, &[Check::Module(secret_in_argv::check)]),
    (
        &secret_test_fixture::RULE,
        &[Check::Module(secret_test_fixture::check), Check::Text(secret_test_fixture::check_text)],
    ),
];

/// Finds every secret of a Python module, whatever rules run: those of its text, those that the syntax gives away, and
/// those that their use does.
pub(crate) fn look(context: &mut Context<'_>) {
    let (leaks, parts) = written(context);
    let mut uses = Vec::new();
    default_secret_fallback::find(context, &mut uses);
    framework_secret_hardcoded::find(context, &mut uses);
    hardcoded_crypto_key::find(context, &mut uses);
    jwt_hardcoded_secret::find(context, &mut uses);
    context.leaks = leaks;
    context.uses = uses;
    context.parts = parts;
}

/// The secrets of the text and those that the syntax gives away, with the parts of those that stand in parts.
fn written(context: &Context<'_>) -> (Vec<Leak>, Vec<Span>) {
    let mut leaks = casemate_secrets::scan(&context.module.path, &context.module.text);
    let mut parts = Vec::new();
    literals::find(context, &mut leaks, &mut parts);
    casemate_secrets::settle(&mut leaks);
    (leaks, parts)
}

/// The same of a Python text by itself, as an old version of a file is: no other module is known. Comes with what was
/// read as the text. Run it on a thread with [`syntax::STACK_BYTES`] of stack.
pub(crate) fn look_alone(path: &str, bytes: &[u8]) -> (String, Vec<Leak>, Vec<Span>) {
    let text = syntax::text(bytes);
    if !may_bind_a_secret(&text) {
        let leaks = casemate_secrets::scan(path, &text);
        return (text, leaks, Vec::new());
    }
    let program = Program::link(vec![syntax::read(path, bytes)]);
    let knowledge = models::builtin();
    let Solved { modules: facts, web, .. } = flow::solve(&program, &knowledge.models, Options::default());
    let (web, lines) = (WebIndex::new(web), Lines::new(1));
    let (Some((_, module)), Some(own)) = (program.module_ids().next(), facts.get(ModuleId(0))) else {
        return Default::default();
    };
    let (leaks, parts) = written(&Context::new(&program, module, own, &facts, knowledge, &web, &lines));
    (module.text.clone(), leaks, parts)
}

/// Whether anywhere a name that may be that of a secret, or a function that takes one, stands before a string. Of the
/// many old versions of files most need no parsing.
fn may_bind_a_secret(text: &str) -> bool {
    static BINDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"(?i)(?:pass|pwd|secret|token|key|cred|auth|login|connect|\bpw)[\w.\]"')]*[ \t]*(?:[:=(,]|==|!=)[^\n#]*["']"#,
        )
        .ok()
    });
    BINDS.as_ref().is_none_or(|binds| binds.is_match(text))
}

/// What is secret in the name of a value, and not made to be shown like a signature.
fn is_shown_secret(written: &str) -> bool {
    let words = words(written);
    let is = |word: &str| {
        matches!(
            word,
            "password"
                | "passwd"
                | "pwd"
                | "passphrase"
                | "pw"
                | "token"
                | "secret"
                | "apikey"
                | "passcode"
                | "getpass"
                | "passwort"
        )
    };
    words.iter().any(|word| is(word))
        || words.windows(2).any(|pair| {
            pair[1] == "key" && matches!(pair[0].as_str(), "api" | "secret" | "access" | "private" | "auth")
        })
}

/// Which rule tells of a secret that several found, the first first: what a secret is says more than what it is for,
/// and what it is for says more than the file it stands in.
const PRECEDENCE: [&str; 13] = [
    "SEC1001", "SEC1002", "SEC1011", "SEC1009", "SEC1005", "JWT504", "CRY906", "WEB615", "AUT427", "SEC1007",
    "SEC1008", "SEC1003", "SEC1004",
];

/// One secret is one finding: of several at one place, in order, the rule that says the most stays.
pub(crate) fn one_finding_each(reported: &mut Vec<Reported>) {
    let rank = |one: &Reported| PRECEDENCE.iter().position(|id| *id == one.finding.rule.id);
    let is_secret = |one: &Reported| one.finding.secret().is_some_and(|secret| secret.commit.is_none());
    let mut kept: Vec<Reported> = Vec::with_capacity(reported.len());
    for one in reported.drain(..) {
        let before = kept.iter_mut().rev().take_while(|other| {
            other.finding.place.path == one.finding.place.path && other.finding.place.end > one.finding.place.start
        });
        let same = before.into_iter().find(|other| is_secret(other) && is_secret(&one));
        match same {
            Some(other) => {
                if rank(&one).unwrap_or(PRECEDENCE.len()) < rank(other).unwrap_or(PRECEDENCE.len()) {
                    *other = one;
                }
            }
            None => kept.push(one),
        }
    }
    *reported = kept;
}
