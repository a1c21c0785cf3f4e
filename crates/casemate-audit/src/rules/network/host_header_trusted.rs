//! Links and keys made with the host that the caller named.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{Module, Op};

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
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

fn judge(cx: &Context<'_>, _: &Hit) -> Verdict {
    // Whoever names the hosts of the site has the others refused.
    let dismissed = cx.any_module(&RULE, &["TrustedHostMiddleware", "TRUSTED_HOSTS", "ALLOWED_HOSTS"], names_hosts);
    Verdict { dismissed, ..Verdict::default() }
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
