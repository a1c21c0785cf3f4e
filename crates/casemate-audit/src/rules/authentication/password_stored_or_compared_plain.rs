//! A password that is kept as it was typed.

use casemate_python::facts::Entity;
use casemate_python::syntax::{Collection, CompareOp, Op, Passing, Value};

use crate::finding::{Confidence, Severity};
use crate::models::{is_password, label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, last_name};
use crate::rules::pattern::{Found, Site, tell};

/// `password-stored-or-compared-plain`
pub(crate) static RULE: Rule = Rule {
    id: "AUT409",
    name: "password-stored-or-compared-plain",
    summary: "A password is kept or compared as it was typed",
    severity: Severity::Critical,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[256],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "11.4.2",
    page: include_str!("password_stored_or_compared_plain.md"),
};

const REMEDY: &str = "Keep a hash made for passwords, `argon2.PasswordHasher().hash(password)`, and let the library compare: `.verify(stored, password)`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            if let Op::Compare { op: CompareOp::Eq | CompareOp::NotEq, left, right } = op
                && let (Some(at), Some(left), Some(right)) = (cx.at(id, value), cx.at(id, left), cx.at(id, right))
                && (is_stored(cx, left) && is_typed(cx, right, left)
                    || is_stored(cx, right) && is_typed(cx, left, right))
                && !cx.module.slice(crate::rules::statement_at(cx.module, at.span())).starts_with("assert")
            {
                found.push(
                    Found::new(at, "a stored password is compared with the one typed, so it is kept as it was typed: whoever reads the table has every password".to_owned(), REMEDY)
                        .confidence(Confidence::Medium),
                );
            }
        }
    }
    for &site in cx.sites() {
        found.extend(queried(cx, &site).or_else(|| kept(cx, &site)));
    }
    tell(cx, &RULE, found);
}

fn name_of<'a>(at: At<'a>) -> Option<&'a str> {
    match at.op() {
        Op::Parameter(index) => at.function.parameters.get(index as usize).map(|one| at.name(one.name)),
        Op::Attribute { name, .. } | Op::Name(name) => Some(at.name(name)),
        Op::Subscript { index, .. } => at.module.constant_str(at.function, index),
        Op::Call { callee, arguments } if last_name(at.with(callee)) == "get" => {
            let first = at.function.call_arguments(arguments).first()?;
            at.module.constant_str(at.function, first.value)
        }
        _ => None,
    }
}

/// `user.password`, `row["password"]`: a password that comes from where users are kept.
fn is_stored(cx: &Context<'_>, at: At<'_>) -> bool {
    let at = at.stripped();
    let of = match at.op() {
        Op::Attribute { of, .. } | Op::Subscript { of, .. } => at.with(of).stripped(),
        _ => return false,
    };
    let Some(name) = name_of(at) else { return false };
    let fact = cx.facts.fact(at.id, at.value);
    // What is looked up by what a caller sent is not what the caller sent.
    let is_fetched = matches!(of.op(), Op::Call { .. });
    if !is_password(name) || fact.labels.meets(label::UNTRUSTED) && !is_fetched || fact.constant {
        return false;
    }
    let assigned = of.function.assigned.iter().find(|(_, value)| *value == of.value).map(|(name, _)| of.name(*name));
    let whose = assigned.or_else(|| name_of(of)).unwrap_or_else(|| of.written());
    let words = words(whose);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let is_kept = has(&[
        "user", "account", "row", "record", "member", "customer", "admin", "employee", "client", "result", "person",
        "db", "stored", "found", "existing", "student", "profile", "entry",
    ]);
    // What came with the request, or from the settings of the program.
    is_kept
        && !has(&[
            "form",
            "request",
            "data",
            "body",
            "payload",
            "settings",
            "config",
            "args",
            "options",
            "schema",
            "create",
            "login",
            "in",
            "new",
            "credentials",
            "env",
        ])
}

/// A password as somebody typed it, not the same field and not a repetition.
fn is_typed(cx: &Context<'_>, at: At<'_>, stored: At<'_>) -> bool {
    let at = at.stripped();
    if matches!(at.op(), Op::Constant(_)) || at.written() == stored.written() {
        return false;
    }
    let Some(name) = name_of(at) else { return false };
    let fact = cx.facts.fact(at.id, at.value);
    is_password(name) && !fact.labels.meets(label::PASSWORD_DIGEST) && !is_stored(cx, at)
        || matches!(at.op(), Op::Parameter(_)) && matches!(name, "pw" | "passwd")
}

/// A password that nothing has been done to.
fn is_plain(cx: &Context<'_>, at: At<'_>) -> bool {
    let at = at.stripped();
    let fact = cx.facts.fact(at.id, at.value);
    let named = name_of(at).is_some_and(is_password);
    // `password = hash_password(password)` has its name, and is the result of a call.
    let is_read = match at.op() {
        Op::Parameter(_) | Op::Attribute { .. } | Op::Subscript { .. } => true,
        Op::Call { callee, .. } => {
            matches!(last_name(at.with(callee)), "get" | "getpass" | "input" | "pop" | "strip" | "prompt")
        }
        _ => false,
    };
    let hash = |at: At<'_>| at.written().to_ascii_lowercase().contains("hash");
    // What the account of the caller has is what is kept already.
    let is_kept = ["self.user.password", "request.user.password", "current_user.password"].contains(&at.written());
    (named || fact.labels.meets(label::PASSWORD))
        && is_read
        && !is_kept
        && !fact.labels.meets(label::PASSWORD_DIGEST)
        && !hash(at)
}

/// `execute("… WHERE password = ?", (name, password))`, `INSERT INTO users (name, password) …`
fn queried(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    if !matches!(site.name(), "execute" | "executemany" | "fetchrow" | "fetch" | "fetchval" | "fetch_one") {
        return None;
    }
    let text = cx.facts.text_of(cx.program, site.at.id, site.position(0)?.value);
    let text: String = text
        .iter()
        .map(|part| match part {
            casemate_python::facts::TextPart::Literal(text) => text.to_ascii_lowercase(),
            casemate_python::facts::TextPart::Hole(_) => "?".to_owned(),
        })
        .collect();
    let speaks = ["password", "passwd", "pwd"].iter().any(|name| text.contains(name));
    let writes = text.contains("insert ") || text.contains("update ") || text.contains("where ");
    if !speaks
        || !writes
        || text.contains("crypt(")
        || text.contains("alter ")
        || text.contains("identified by")
        || text.contains("create user")
    {
        return None;
    }
    let mut plain = false;
    for one in site.arguments.iter().skip(1) {
        let at = site.at.with(one.value).stripped();
        plain |= match at.op() {
            Op::Build { collection, items } => {
                let items = at.list(items);
                let step = if collection == Collection::Dict { 2 } else { 1 };
                items
                    .iter()
                    .skip(step - 1)
                    .step_by(step)
                    .any(|&item| item != Value::NONE && is_plain(cx, at.with(item)))
            }
            _ => is_plain(cx, at),
        };
    }
    plain.then(|| {
        site.found(
            "a password goes into a statement of SQL as it was typed, so the table holds it as it was typed".to_owned(),
            REMEDY,
        )
        .confidence(Confidence::Medium)
    })
}

/// A record of an object mapper or document store that is given a password as it was typed.
fn kept(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let told = || {
        site.found("a password is kept as it was typed: whoever reads the table has every password".to_owned(), REMEDY)
            .confidence(Confidence::Medium)
    };
    // A connection to another service needs the password itself; where `cmd` stands, `pwd` is a folder.
    let is_of_service = site.arguments.iter().any(|one| match one.passing {
        Passing::Keyword(name) => matches!(
            site.at.name(name),
            "host" | "hostname" | "port" | "url" | "server" | "conn_type" | "schema" | "dsn" | "cmd" | "cwd" | "method"
        ),
        _ => false,
    });
    let plain_keyword = || {
        !is_of_service
            && site.arguments.iter().any(|one| match one.passing {
                Passing::Keyword(name) => is_password(site.at.name(name)) && is_plain(cx, site.at.with(one.value)),
                _ => false,
            })
    };
    match site.name() {
        "filter_by" if plain_keyword() => return Some(told()),
        "create" | "get_or_create" | "filter" | "get" | "update"
            if site.callee.written().contains(".objects.") && plain_keyword() =>
        {
            return Some(told());
        }
        "insert_one" | "find_one" | "insert" | "update_one" => {
            let first = site.position(0)?.stripped();
            let Op::Build { collection: Collection::Dict, items } = first.op() else { return None };
            let plain = first.list(items).chunks_exact(2).any(|pair| {
                first.module.constant_str(first.function, pair[0]).is_some_and(is_password)
                    && is_plain(cx, first.with(pair[1]))
            });
            return plain.then(told);
        }
        _ => {}
    }
    // `User(name=…, password=password)` of a mapped class of the project.
    let Entity::Class(home, id) = cx.facts.fact(site.callee.id, site.callee.value).entity else { return None };
    if !plain_keyword() {
        return None;
    }
    let module = cx.program.module(home)?;
    let class = module.class(id)?;
    let around = module.function(class.parent)?;
    let bases: String =
        class.bases.iter().map(|&base| module.slice(around.span_of(base))).collect::<Vec<_>>().join(" ");
    let is_mapped = ["db.Model", "Base", "models.Model", "SQLModel", "Document", "DeclarativeBase"]
        .iter()
        .any(|name| bases.split(' ').any(|base| base == *name || base.ends_with(&format!(".{name}"))));
    let body = module.function(class.body)?;
    let text = module.slice(body.span);
    let hashes = text.contains(".setter")
        || text.contains("hash")
        || text.contains("PasswordType")
        || text.contains("validates");
    (is_mapped && !hashes).then(told)
}
