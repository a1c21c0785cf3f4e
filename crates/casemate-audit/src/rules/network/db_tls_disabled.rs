//! Databases that are spoken to in the clear.

use casemate_python::facts::{TextPart, text_of};
use casemate_python::syntax::{FunctionId, FunctionKind, Op, Span};

use super::calls::{At, Call, calls, entry, is_false, is_true, tell, text};
use super::hosts::{Distance, address, distance};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `db-tls-disabled`
pub(crate) static RULE: Rule = Rule {
    id: "NET316",
    name: "db-tls-disabled",
    summary: "TLS to a database is turned off",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[319],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "12.3.1",
    page: include_str!("db_tls_disabled.md"),
};

const REMEDY: &str = "Ask for TLS and check the certificate: `sslmode=verify-full` (PostgreSQL), `ssl={\"ca\": …}` (MySQL), `tls=True` (MongoDB), `Encrypt=yes;TrustServerCertificate=no` (SQL Server).";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, String)> = Vec::new();
    for call in calls(cx) {
        if let Some(message) = by_keyword(cx, &call).or_else(|| by_text(cx, &call)) {
            found.push((call.id, call.span(), message));
        }
    }
    // `DATABASE_URL = "postgresql://…?sslmode=disable"`, and the options of Django.
    for (id, function) in cx.module.function_ids() {
        if !matches!(function.kind, FunctionKind::Module | FunctionKind::ClassBody) {
            continue;
        }
        for &(_, value) in &function.assigned {
            let at = At { module: cx.facts.module, function: id, value };
            if let Op::Constant(_) = function.op(value)
                && let Some(message) = text(cx, at).and_then(in_text)
            {
                found.push((id, function.span_of(value), message));
            }
        }
        for (value, op) in function.values() {
            let Op::Build { .. } = op else { continue };
            let at = At { module: cx.facts.module, function: id, value };
            let Some(options) = entry(cx, at, "OPTIONS") else { continue };
            let host = entry(cx, at, "HOST").and_then(|at| text(cx, at));
            let off = entry(cx, options, "sslmode")
                .and_then(|at| text(cx, at))
                .is_some_and(|mode| matches!(mode, "disable" | "allow"));
            if off && host.is_none_or(|host| distance(host) == Distance::Far) {
                found.push((
                    id,
                    function.span_of(options.value),
                    "`sslmode` lets the connection to the database be in the clear".to_owned(),
                ));
            }
        }
    }
    found.sort_by_key(|(_, span, _)| *span);
    found.dedup_by_key(|(_, span, _)| *span);
    for (id, span, message) in found {
        tell(cx, &RULE, id, span, message, REMEDY, Confidence::High);
    }
}

fn by_keyword(cx: &Context<'_>, call: &Call<'_>) -> Option<String> {
    let root = call.path.split('.').next().unwrap_or_default();
    let host =
        ["host", "server", "hostname"].iter().find_map(|name| call.keyword(cx, name)).or_else(|| call.position(0));
    let place = host
        .and_then(|at| text(cx, at))
        .map(|host| address(host).map_or_else(|| distance(host), |found| distance(found.host)));
    if matches!(place, Some(Distance::Here | Distance::Near)) {
        return None;
    }
    let given = |name: &str| call.keyword(cx, name);
    let words = |name: &str, words: &[&str]| {
        given(name).and_then(|at| text(cx, at)).is_some_and(|text| words.contains(&text.to_ascii_lowercase().as_str()))
    };
    let clear = match root {
        "psycopg2" | "psycopg" | "aiopg" | "psycopg_pool" | "pg8000" => words("sslmode", &["disable", "allow"]),
        "asyncpg" => given("ssl").is_some_and(|at| is_false(cx, at)) || words("ssl", &["disable", "allow"]),
        "pymysql" | "MySQLdb" | "mysql" | "aiomysql" => {
            given("ssl_disabled").is_some_and(|at| is_true(cx, at))
                || words("ssl_mode", &["disabled"])
                || given("ssl").is_some_and(|at| is_false(cx, at))
        }
        "pymongo" | "motor" | "mongoengine" => {
            ["tls", "ssl"].iter().any(|name| given(name).is_some_and(|at| is_false(cx, at)))
        }
        "redis" | "aioredis" => given("ssl").is_some_and(|at| is_false(cx, at)) && place == Some(Distance::Far),
        "cassandra" => false,
        _ => false,
    };
    clear.then(|| "TLS is turned off, so statements, data and the password cross the network in the clear".to_owned())
}

/// A connection string given to a call.
fn by_text(cx: &Context<'_>, call: &Call<'_>) -> Option<String> {
    let root = call.path.split('.').next().unwrap_or_default();
    let known = matches!(
        root,
        "psycopg2"
            | "psycopg"
            | "asyncpg"
            | "sqlalchemy"
            | "databases"
            | "pymongo"
            | "motor"
            | "pyodbc"
            | "aioodbc"
            | "sqlmodel"
            | "peewee"
            | "tortoise"
            | "psycopg_pool"
            | "dj_database_url"
            | "dbapi"
    );
    if !known {
        return None;
    }
    let first = call
        .position(0)
        .or_else(|| ["dsn", "conninfo", "url", "uri", "host"].iter().find_map(|name| call.keyword(cx, name)))?;
    let mut whole = String::new();
    for part in text_of(cx.program, first.module, first.function, first.value) {
        match part {
            TextPart::Literal(text) => whole.push_str(&text),
            TextPart::Hole(hole) => match text(cx, At { value: hole, ..first }) {
                Some(text) => whole.push_str(text),
                None => whole.push_str("{}"),
            },
        }
    }
    in_text(&whole)
}

/// What a connection string says about TLS.
fn in_text(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let is_url = ["postgres", "mysql", "mongodb", "mariadb", "redshift", "cockroachdb", "mssql"]
        .iter()
        .any(|scheme| lower.starts_with(scheme))
        && lower.contains("://");
    let is_words = lower.contains("host=") && (lower.contains("dbname=") || lower.contains("user="));
    let is_odbc = lower.contains("driver=") && lower.contains("server=");
    if !is_url && !is_words && !is_odbc {
        return None;
    }
    let after = |key: &str| {
        lower.split_once(key).map(|(_, rest)| rest.split([' ', ';', '/', '&', ',']).next().unwrap_or_default())
    };
    let host = if is_url {
        address(&lower).map(|found| found.host)
    } else {
        after("host=").or_else(|| after("server=")).map(|host| host.trim_start_matches("tcp:"))
    };
    if host.is_some_and(|host| distance(host) == Distance::Here || distance(host) == Distance::Near && host != "{}") {
        return None;
    }
    let off = [
        "sslmode=disable",
        "sslmode=allow",
        "ssl_disabled=true",
        "ssl_mode=disabled",
        "ssl=false",
        "tls=false",
        "encrypt=no",
        "encrypt=false",
        "trustservercertificate=yes",
        "trustservercertificate=true",
        "tlsallowinvalidcertificates=true",
        "tlsinsecure=true",
    ];
    let found = off.iter().find(|option| lower.contains(**option))?;
    Some(format!("`{found}` lets statements, data and the password cross the network unprotected"))
}
