//! A library for cryptography that nobody looks after.

use casemate_python::syntax::{FunctionId, Op, Value};

use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::pattern::{Found, tell};

/// `deprecated-crypto-library`
pub(crate) static RULE: Rule = Rule {
    id: "CRY914",
    name: "deprecated-crypto-library",
    summary: "Cryptography comes from a library that nobody looks after any more",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[1104],
    owasp_2021: "A06",
    owasp_2025: "A03",
    asvs: "11.2.1",
    page: include_str!("deprecated_crypto_library.md"),
};

const PYTHON_2: &str = "is of Python 2";

/// Packages by the name that is imported, and what is wrong with them.
const ABANDONED: &[(&str, &str)] = &[
    ("M2Crypto", "is hardly looked after, and wraps old OpenSSL interfaces"),
    ("crypt", "was removed from Python 3.13, and most of its methods can be broken"),
    ("keyczar", "was given up in 2016"),
    ("pyDes", "offers DES alone"),
    ("md5", PYTHON_2),
    ("sha", PYTHON_2),
    ("slowaes", "was given up in 2014"),
    ("pysqlcipher", "was given up in 2016"),
];

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<Found> = Vec::new();
    let depends_on_pycrypto =
        || cx.manifests.iter().flat_map(|file| &file.manifest.dependencies).any(|one| one.name.as_str() == "pycrypto");
    for (number, import) in cx.module.imports.iter().enumerate() {
        if import.level > 0 {
            continue;
        }
        let root = import.module.split('.').next().unwrap_or_default();
        let why = ABANDONED.iter().find(|(name, _)| *name == root).map(|(_, why)| *why);
        let why = match root {
            "Crypto" if depends_on_pycrypto() => Some("is PyCrypto, given up in 2013, with a known overflow"),
            // A module of the project may have such a name.
            _ if why.is_some() && cx.is_own_module(root) => None,
            _ => why,
        };
        let Some(why) = why else { continue };
        // `except ImportError: import md5`: for a Python that has nothing else.
        if why == PYTHON_2 && is_fallback(cx, import.span) {
            continue;
        }
        let value = cx.module.function_ids().find_map(|(id, function)| {
            let made = function.values().find(|(_, op)| matches!(op, Op::Import(at) if *at as usize == number))?;
            Some((id, made.0))
        });
        let (id, value) = value.unwrap_or((FunctionId(0), Value(0)));
        let Some(at) = cx.at(id, value) else { continue };
        let mut one =
            Found::new(at, format!("`{root}` {why}"), "Use `cryptography`; for passwords `argon2-cffi` or `bcrypt`.");
        one.span = import.span;
        if found.iter().all(|known| !known.message.starts_with(&format!("`{root}`"))) {
            found.push(one);
        }
    }
    tell(cx, &RULE, found);
}

/// Whether an import stands in a branch that is taken where another import failed.
fn is_fallback(cx: &Context<'_>, span: casemate_python::syntax::Span) -> bool {
    let before = cx.module.text.get(..span.start as usize).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let indent = line.len() - line.trim_start().len();
    indent > 0
        && before
            .lines()
            .rev()
            .skip(1)
            .find(|line| !line.trim().is_empty() && line.len() - line.trim_start().len() < indent)
            .is_some_and(|line| line.trim_start().starts_with("except"))
}
