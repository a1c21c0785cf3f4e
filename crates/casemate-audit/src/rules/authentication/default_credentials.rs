//! An account with a name and password that everybody tries first.

use casemate_python::syntax::{Constant, Op, Passing};
use casemate_secrets::Surroundings;

use crate::finding::{Confidence, Severity};
use crate::models::{is_password, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, last_name, origins, text};
use crate::rules::pattern::{Found, Site, tell};

/// `default-credentials`
pub(crate) static RULE: Rule = Rule {
    id: "AUT414",
    name: "default-credentials",
    summary: "An account is made with a password that everybody tries first",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[1392],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "6.3.2",
    page: include_str!("default_credentials.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    // Whoever tries a program out makes accounts that everybody may use.
    let is_trial = cx.scope.surroundings(&cx.module.path) != Surroundings::Product;
    if is_trial && cx.persona == Persona::Default {
        return;
    }
    let mut found = Vec::new();
    for &site in cx.sites() {
        found.extend(account(cx, &site).or_else(|| database(cx, &site)));
    }
    tell(cx, &RULE, found);
}

/// Passwords that come with products and head every list.
fn is_common(password: &str, name: Option<&str>) -> bool {
    let lower = password.to_ascii_lowercase();
    name.is_some_and(|name| name.eq_ignore_ascii_case(password) && !name.is_empty())
        || matches!(
            lower.as_str(),
            "admin"
                | "password"
                | "passw0rd"
                | "password1"
                | "password123"
                | "admin123"
                | "administrator"
                | "root"
                | "toor"
                | "test"
                | "test123"
                | "guest"
                | "user"
                | "demo"
                | "changeme"
                | "change_me"
                | "changeit"
                | "secret"
                | "default"
                | "letmein"
                | "welcome"
                | "qwerty"
                | "pass"
                | "1234"
                | "12345"
                | "123456"
                | "12345678"
                | "123456789"
                | "postgres"
                | "mysql"
                | "manager"
                | "super"
                | "superuser"
        )
}

/// The constant behind a hash: `generate_password_hash("admin")`.
fn password(cx: &Context<'_>, at: At<'_>, depth: u32) -> Option<String> {
    if let Some(text) = text(cx, at) {
        return Some(text);
    }
    if depth > 3 {
        return None;
    }
    origins(cx, at).into_iter().find_map(|at| match at.op() {
        Op::Call { callee, arguments } => {
            let last = last_name(at.with(callee));
            let hashes = words(last)
                .iter()
                .any(|word| matches!(word.as_str(), "hash" | "hashpw" | "hashed" | "password" | "encrypt"));
            let decodes = matches!(last, "decode" | "encode");
            match at.function.op(callee) {
                Op::Attribute { of, .. } if decodes => password(cx, at.with(of), depth + 1),
                _ if hashes => password(cx, at.argument(arguments, 0, "password")?, depth + 1),
                _ => None,
            }
        }
        _ => None,
    })
}

fn account(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let last = site.name();
    let last_words = words(last);
    let makes = matches!(
        last,
        "create_superuser" | "create_user" | "add_user" | "create_admin" | "create_account" | "register_user"
    ) || (matches!(last, "User" | "Account" | "Admin" | "AdminUser" | "UserModel" | "Member")
        && site.arguments.iter().any(|one| matches!(one.passing, Passing::Keyword(_))));
    if !makes {
        return None;
    }
    let name = ["username", "name", "login", "email"]
        .iter()
        .find_map(|key| site.keyword(cx, key))
        .or_else(|| site.position(0).filter(|_| last_words.len() > 1))
        .and_then(|at| text(cx, at));
    let by_keyword = site.arguments.iter().find_map(|one| match one.passing {
        Passing::Keyword(keyword) => {
            let keyword = site.at.name(keyword);
            (is_password(keyword) || matches!(keyword, "password_hash" | "hashed_password"))
                .then(|| site.at.with(one.value))
        }
        _ => None,
    });
    let by_position =
        || if matches!(last, "create_superuser" | "create_user") { site.position(2) } else { site.position(1) };
    let given = by_keyword.or_else(by_position)?;
    let password = password(cx, given, 0)?;
    // The name has to be known too, or a test fixture of somebody's own would be meant.
    let name = name?;
    is_common(&password, Some(&name)).then(|| {
        site.found(
            "an account is made with a name and a password that everybody tries first".to_owned(),
            "Ask for the password when the account is made, or make one up and show it once (`secrets.token_urlsafe(16)`), and change it wherever this ran.",
        )
    })
}

/// A database that asks for no password.
fn database(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let keyword = match site.path {
        "psycopg2.connect"
        | "psycopg.connect"
        | "pymysql.connect"
        | "mysql.connector.connect"
        | "MySQLdb.connect"
        | "asyncpg.connect"
        | "aiomysql.connect"
        | "mariadb.connect"
        | "pyodbc.connect"
        | "peewee.MySQLDatabase"
        | "peewee.PostgresqlDatabase"
        | "pgdb.connect"
        | "pymssql.connect"
        | "cx_Oracle.connect"
        | "oracledb.connect" => {
            let third = || {
                site.position(2)
                    .filter(|_| matches!(site.path, "pymysql.connect" | "MySQLdb.connect" | "mariadb.connect"))
            };
            site.keyword(cx, "password").or_else(|| site.keyword(cx, "passwd")).or_else(third)?
        }
        "pg.DB" | "pg.connect" => site.argument(cx, 5, "passwd")?,
        _ => return None,
    };
    // `self.config.password`, which is empty unless somebody says more.
    let root = |at: At<'_>| match at.stripped().op() {
        Op::Attribute { of, .. } => Some(of),
        _ => None,
    };
    let is_option = std::iter::successors(root(keyword), |&of| root(keyword.with(of)))
        .any(|of| matches!(keyword.with(of).stripped().op(), Op::Parameter(0)));
    if is_option && cx.persona == Persona::Default {
        return None;
    }
    let is_empty = origins(cx, keyword)
        .into_iter()
        .all(|at| matches!(at.op(), Op::Constant(Constant::Str(text)) if at.module.string(text).is_empty()));
    (is_empty && !origins(cx, keyword).is_empty()).then(|| {
        site.found(
            "the database is opened with an empty password, so it asks nobody for one".to_owned(),
            "Give the account of the database a password and read it at run time, or let it know the caller by the socket or a certificate.",
        )
        .confidence(Confidence::Medium)
    })
}
