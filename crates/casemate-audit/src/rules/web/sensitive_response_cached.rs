//! A shared cache before a view that is different for each user.

use casemate_python::syntax::{FunctionKind, Op};

use crate::finding::Severity;
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{called, speaks_of};

/// `sensitive-response-cached`
pub(crate) static RULE: Rule = Rule {
    id: "WEB617",
    name: "sensitive-response-cached",
    summary: "A page made for one user is kept for all",
    severity: Severity::Low,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[525, 524],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "14.2.2",
    page: include_str!("sensitive_response_cached.md"),
};

const REMEDY: &str = "Cache the data, not the page, under a key with the user in it; or add `vary_on_cookie` (Django), or send `Cache-Control: private, no-store`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !speaks_of(cx, &["cache_page", "cached"]) {
        return;
    }
    let mut found = Vec::new();
    for (_, function) in cx.module.function_ids() {
        let Some(parent) = function.parent else { continue };
        let Some(around) = cx.module.function(parent) else { continue };
        if function.kind != FunctionKind::Def || function.decorators.len() < 2 {
            continue;
        }
        let mut cached = None;
        let mut is_personal = false;
        let mut varies = false;
        for &decorator in &function.decorators {
            let (target, arguments) = match around.op(decorator) {
                Op::Call { callee, arguments } => (callee, around.call_arguments(arguments)),
                _ => (decorator, &[][..]),
            };
            let name = called(cx.module, around, target);
            let code = cx.module.slice(around.span_of(target));
            let keyed = arguments.iter().any(|argument| {
                matches!(argument.passing, casemate_python::syntax::Passing::Keyword(keyword) if matches!(cx.module.symbols.text(keyword), "key_prefix" | "make_cache_key" | "query_string" | "key_builder" | "unless"))
            });
            match name {
                "cache_page" => cached = Some(decorator),
                "cached" if code.contains("cache") && !keyed => cached = Some(decorator),
                "vary_on_cookie" | "vary_on_headers" | "never_cache" | "cache_control" => varies = true,
                _ => {
                    is_personal |= words(name).iter().any(|word| {
                        matches!(
                            word.as_str(),
                            "login" | "permission" | "authenticated" | "auth" | "staff" | "superuser"
                        )
                    }) && words(name)
                        .iter()
                        .any(|word| matches!(word.as_str(), "required" | "require" | "requires" | "member"));
                }
            }
        }
        if let Some(decorator) = cached.filter(|_| is_personal && !varies) {
            found.push(Told::new(
                parent,
                around.span_of(decorator),
                "the page is kept after the first visitor and shown to the next, who is somebody else",
                REMEDY,
            ));
        }
    }
    told::report(cx, &RULE, found);
}
