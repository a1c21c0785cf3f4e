//! Links and keys made with the host that the caller named.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{BinaryOp, Module, Op, Piece, Value};

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::pattern::{Found, tell};
use crate::rules::suspicion::{has_hit, truth};
use crate::rules::taint::Verdict;
use crate::rules::{Context, Taint};

/// `host-header-trusted`
pub(crate) static RULE: Rule = Rule {
    id: "NET318",
    name: "host-header-trusted",
    summary: "The host that a caller named becomes part of a link that others follow",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[644],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "4.1.3",
    page: include_str!("host_header_trusted.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["mail-text", "cache-key"],
    from: label::HOST,
    without: Labels::NONE,
    arrives: "is sent or kept",
    message: "what {call} sends or keeps names the host that the caller chose: {source}",
    missing: "the host from a setting, or a check of it against the hosts of the site",
    remedy: "Make links with the host from your settings (`PUBLIC_URL`, `SERVER_NAME`, the `Site` of Django), and let the server refuse other hosts (`ALLOWED_HOSTS`, `TrustedHostMiddleware`).",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    // Whoever names the hosts of the site has the others refused.
    let dismissed = cx.any_module(&RULE, &["TrustedHostMiddleware", "TRUSTED_HOSTS", "ALLOWED_HOSTS"], names_hosts);
    let is_harmless = cx.persona == Persona::Default && cx.imports_any(&["django"]) && !is_about_secret(cx, hit);
    Verdict { dismissed: dismissed || is_harmless, ..Verdict::default() }
}

/// Whether the link opens something by itself. Django refuses hosts that its settings do not name; where these are not at
/// hand, a link that only leads to a page is no reason to ask.
fn is_about_secret(cx: &Context<'_>, hit: &Hit) -> bool {
    let speaks = |module, id| {
        cx.function(module, id).is_some_and(|(source, function)| {
            let text = source.slice(function.span).to_ascii_lowercase();
            ["reset", "token", "confirm", "activat", "verif", "passwor", "invit", "magic"]
                .iter()
                .any(|word| text.contains(word))
        })
    };
    hit.reach.kind != cx.knowledge.kind("mail-text").unwrap_or(u8::MAX)
        || speaks(cx.facts.module, hit.function)
        || speaks(hit.reach.module, hit.reach.function)
}

/// Whether a module says which hosts the site has.
fn names_hosts(module: &Module) -> bool {
    if module.symbols.find("TrustedHostMiddleware").is_some() || module.symbols.find("TRUSTED_HOSTS").is_some() {
        return true;
    }
    let Some(body) = module.functions.first() else { return false };
    let Some(symbol) = module.symbols.find("ALLOWED_HOSTS") else { return false };
    let Ok(at) = body.exit.binary_search_by_key(&symbol, |(name, _)| *name) else { return false };
    let Some(&(_, held)) = body.exit.get(at) else { return false };
    match body.op(held) {
        Op::Build { items, .. } => !body.list(items).iter().any(|&item| module.constant_str(body, item) == Some("*")),
        _ => true,
    }
}

/// Links that are made with the host of the request. Only who asks for suspicions hears of those that are not shown to be
/// sent or kept.
pub(crate) fn check(cx: &mut Context<'_>) {
    if cx.persona != Persona::Pedantic || !["_external", ".host"].iter().any(|word| cx.module.text.contains(word)) {
        return;
    }
    let remedy = TAINT.remedy;
    let mut found = Vec::new();
    for &site in cx.sites() {
        let is_external =
            site.name() == "url_for" && site.keyword(cx, "_external").and_then(|at| truth(cx, at)) == Some(true);
        if is_external && !cx.any_module(&RULE, &["SERVER_NAME", "TRUSTED_HOSTS"], |_| true) {
            found.push(
                site.found(
                    "the link names the host that the caller chose, unless `SERVER_NAME` is set".to_owned(),
                    remedy,
                )
                .suspicion(),
            );
        }
    }
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let holes: Vec<Value> = match op {
                Op::Binary { op: BinaryOp::Add, left, right }
                    if cx.module.constant_str(function, left).is_some_and(|text| text.ends_with("://")) =>
                {
                    vec![right]
                }
                Op::Format(pieces) => function
                    .format_pieces(pieces)
                    .windows(2)
                    .filter_map(|pair| match pair {
                        [Piece::Literal(text), Piece::Hole(hole)] if cx.module.string(*text).ends_with("://") => {
                            Some(*hole)
                        }
                        _ => None,
                    })
                    .collect(),
                _ => continue,
            };
            if has_hit(cx, "mail-text", id, label::HOST) || has_hit(cx, "cache-key", id, label::HOST) {
                break;
            }
            if holes.iter().any(|&hole| cx.facts.fact(id, hole).labels.meets(label::HOST))
                && let Some(at) = cx.at(id, value)
            {
                let message = "a link is made with the host that the caller chose".to_owned();
                found.push(Found::new(at, message, remedy).suspicion());
            }
        }
    }
    tell(cx, &RULE, found);
}
