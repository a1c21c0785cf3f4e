//! A server fetches a URL whose host somebody outside chooses.

use casemate_python::facts::{Hit, Labels};

use super::FROM_OUTSIDE;
use super::urls::{self, Chosen, Worth};
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::pattern::tell;
use crate::rules::suspicion::dynamic;
use crate::rules::taint::Verdict;
use crate::rules::{Context, Taint, evidence};

/// `ssrf`
pub(crate) static RULE: Rule = Rule {
    id: "NET301",
    name: "ssrf",
    summary: "The host of a URL that the server fetches is chosen from outside",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[918],
    owasp_2021: "A10",
    owasp_2025: "A01",
    asvs: "1.3.6",
    page: include_str!("ssrf.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["url"],
    from: FROM_OUTSIDE,
    without: Labels::NONE,
    arrives: "is fetched",
    message: "{call} fetches from a host that is chosen from outside: {source}",
    missing: "a comparison of the host with a fixed list, or of its addresses with those that are public",
    remedy: "Take the host from a fixed list, or parse the URL, compare `urlsplit(url).hostname` with the hosts you allow, and do not follow redirects. Where any host must do, resolve it, refuse addresses that are not `is_global`, and connect to the address you checked.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let dismissed = urls::chosen(cx, hit) != Chosen::Host || urls::checked(cx, hit) == Some(Worth::Strong)
        // What is uploaded is read, wherever an address would do as well.
        || hit.labels & FROM_OUTSIDE == label::FILE && evidence::is_upload_itself(cx, hit);
    Verdict { dismissed, ..Verdict::default() }
}

/// The clients of Python itself also read `file:` and `ftp:`. Only who asks for suspicions hears of every URL that is not
/// a constant.
pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (site, at) in dynamic(cx, "url", &RULE) {
        if !site.path.starts_with("urllib.") {
            continue;
        }
        let filled = Context::written(at.module, at.function, at.value);
        let message =
            format!("`{}` fetches what `{filled}` names, files of the machine with `file:` among it", site.called());
        let remedy = "Check the scheme and the host of the URL before, or use a client that speaks HTTP only.";
        found.push(site.found(message, remedy).severity(Severity::Low).suspicion().missing(TAINT.missing));
    }
    tell(cx, &RULE, found);
}
