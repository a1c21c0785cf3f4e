//! Ciphers that can be broken.

use casemate_python::syntax::{FunctionId, Op, Span};

use super::calls::{At, calls, tell, text};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `tls-weak-ciphers`
pub(crate) static RULE: Rule = Rule {
    id: "NET307",
    name: "tls-weak-ciphers",
    summary: "A weak cipher is allowed for TLS",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[326],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "12.1.2",
    page: include_str!("tls_weak_ciphers.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, String)> = Vec::new();
    for call in calls(cx) {
        let given = match call.name {
            "set_ciphers" | "set_cipher_list" => call.position(0),
            _ => ["ciphers", "ssl_ciphers", "cipher_list"].iter().find_map(|name| call.keyword(cx, name)),
        };
        if let Some(weak) = given.and_then(|at| weak(text(cx, at)?)) {
            found.push((call.id, call.span(), weak));
        }
    }
    for (id, function) in cx.module.function_ids() {
        for (at, op) in function.values() {
            let Op::StoreAttribute { name, value, .. } = op else { continue };
            let place = At { module: cx.facts.module, function: id, value };
            if matches!(cx.module.symbols.text(name), "DEFAULT_CIPHERS" | "ssl_ciphers" | "ciphers")
                && let Some(weak) = text(cx, place).and_then(weak)
            {
                found.push((id, function.span_of(at), weak));
            }
        }
    }
    for (id, span, weak) in found {
        let message =
            format!("the list of ciphers lets `{weak}` in, which can be broken or proves nothing about the other side");
        tell(
            cx,
            &RULE,
            id,
            span,
            message,
            "Leave the ciphers to `ssl.create_default_context()`, or name modern ones only: `ECDHE+AESGCM:ECDHE+CHACHA20`.",
            Confidence::High,
        );
    }
}

/// The first weak entry of a list of ciphers as OpenSSL writes them.
fn weak(list: &str) -> Option<String> {
    let entries: Vec<&str> = list.split([':', ',', ' ']).filter(|entry| !entry.is_empty()).collect();
    let out = |name: &str| {
        entries.iter().any(|entry| entry.strip_prefix(['!', '-']).is_some_and(|out| out.eq_ignore_ascii_case(name)))
    };
    let is_weak = |entry: &str| {
        let upper = entry.to_ascii_uppercase();
        if upper.strip_prefix("@SECLEVEL=").is_some_and(|level| matches!(level, "0")) {
            return true;
        }
        // `ALL` and `DEFAULT` without what is taken out of them.
        if matches!(upper.as_str(), "ALL" | "COMPLEMENTOFALL") {
            return !(out("aNULL") && out("eNULL")) && !out("NULL");
        }
        upper.split(['-', '+', '_']).any(|part| {
            matches!(
                part,
                "RC4"
                    | "RC2"
                    | "DES"
                    | "3DES"
                    | "NULL"
                    | "ANULL"
                    | "ENULL"
                    | "EXP"
                    | "EXPORT"
                    | "EXPORT40"
                    | "EXPORT56"
                    | "ADH"
                    | "AECDH"
                    | "MD5"
                    | "LOW"
                    | "CBC3"
                    | "IDEA"
                    | "SEED"
            )
        })
    };
    let mut taken = entries.iter().filter(|entry| !entry.starts_with(['!', '-']));
    taken
        .find(|entry| is_weak(entry) && !entry.split(['-', '+', '_']).any(|part| out(part)))
        .map(|entry| (*entry).to_owned())
        .or_else(|| list.to_ascii_uppercase().contains("SECLEVEL=0").then(|| "SECLEVEL=0".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::weak;

    #[test]
    fn what_is_taken_out_is_not_let_in() {
        assert_eq!(weak("ECDHE+AESGCM:!aNULL:!MD5:!RC4"), None);
        assert_eq!(weak("HIGH:!DH:!aNULL"), None);
        assert_eq!(weak("ALL:!aNULL:!eNULL"), None);
        assert_eq!(weak("ALL").as_deref(), Some("ALL"));
        assert_eq!(weak("ECDHE-RSA-AES128-SHA:RC4-SHA").as_deref(), Some("RC4-SHA"));
        assert_eq!(weak("DEFAULT@SECLEVEL=0").as_deref(), Some("SECLEVEL=0"));
        assert_eq!(weak("DEFAULT@SECLEVEL=1"), None);
    }
}
