//! A browser is sent wherever somebody outside says.

use casemate_python::facts::{Entity, Hit, Labels};
use casemate_python::syntax::Op;

use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::network::FROM_OUTSIDE;
use crate::rules::network::urls::{self, Chosen, Worth};
use crate::rules::taint::Verdict;
use crate::rules::{Context, Taint};

/// `open-redirect`
pub(crate) static RULE: Rule = Rule {
    id: "XSS209",
    name: "open-redirect",
    summary: "A browser is sent to an address that comes from outside",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[601],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "3.7.2",
    page: include_str!("open_redirect.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["redirect"],
    from: CHOSEN_TARGET,
    without: Labels::NONE,
    arrives: "is where the browser is sent",
    message: "{call} sends the browser wherever the link says: {source}",
    missing: "a check that the address is one of the site (`url_has_allowed_host_and_scheme`, an empty `netloc`)",
    remedy: "Accept paths of your own only: parse the target and refuse one with a scheme or host (`urlsplit(target).netloc`), beginning with `//` or holding a backslash; in Django, ask `url_has_allowed_host_and_scheme`.",
    judge: Some(judge),
};

/// Who names a host other than its own in a request of its own sends only itself away.
const CHOSEN_TARGET: Labels = Labels(FROM_OUTSIDE.0 & !label::HOST.0);

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let dismissed = match urls::chosen(cx, hit) {
        Chosen::Rest => true,
        // A part of a path has no slash, and so makes no host.
        Chosen::AfterSlash => hit.labels & CHOSEN_TARGET == label::PATH,
        Chosen::Host => false,
    };
    let dismissed =
        dismissed || urls::checked(cx, hit) >= Some(Worth::Asked) || goes_back(cx, hit) || is_object(cx, hit);
    let confidence = (urls::chosen(cx, hit) == Chosen::AfterSlash).then_some(Confidence::Medium);
    Verdict { dismissed, confidence, ..Verdict::default() }
}

/// Whether what is given is an object of the project, which says itself where it is.
fn is_object(cx: &Context<'_>, hit: &Hit) -> bool {
    matches!(cx.facts.fact(hit.function, hit.argument).entity, Entity::Instance(..))
}

/// Whether the browser is sent back to where it came from, or to where it is.
fn goes_back(cx: &Context<'_>, hit: &Hit) -> bool {
    let Some(function) = cx.module.function(hit.function) else { return false };
    let behind = urls::behind(cx.module, function, hit.argument);
    let mut other = false;
    let mut back = false;
    for &value in &behind {
        if !cx.facts.fact(hit.function, value).labels.meets(CHOSEN_TARGET) {
            continue;
        }
        let read = match function.op(value) {
            Op::Attribute { name, .. } => cx.module.symbols.text(name),
            Op::Subscript { index, .. } => cx.module.constant_str(function, index).unwrap_or(""),
            Op::Call { arguments, .. } => function
                .call_arguments(arguments)
                .first()
                .and_then(|key| cx.module.constant_str(function, key.value))
                .unwrap_or(""),
            _ => continue,
        };
        match read.to_ascii_lowercase().as_str() {
            "referer" | "referrer" | "http_referer" => back = true,
            // Where the browser is.
            "url" | "path" | "base_url" | "full_path" | "path_info" | "uri" | "host" | "host_url" | "url_root"
            | "script_root" | "headers" | "meta" | "environ" => {
                back |= matches!(read, "url" | "path" | "base_url" | "full_path" | "path_info" | "uri");
            }
            "" | "args" | "get" | "query_params" | "strip" | "form" | "values" | "query" | "query_string" => {}
            _ => other = true,
        }
    }
    back && !other
}
