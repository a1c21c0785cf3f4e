//! Untrusted data in the headers of mails and in commands for mail and file servers.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::Op;

use super::lines::loses_line_breaks;
use super::scene::{Scene, hit_at};
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `mail-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ128",
    name: "mail-injection",
    summary: "Untrusted data becomes headers of a mail or commands of a mail server",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[93],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.11",
    page: include_str!("mail_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["mail"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes part of a mail or command",
    message: "{call} takes headers or commands with data from outside: {source}",
    missing: "a check for line breaks and quotes",
    remedy: "Write the mail with `email.message.EmailMessage`; in commands, turn down quotes and line breaks.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some((scene, value)) = Scene::of_text(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    if loses_line_breaks(&scene, value) {
        return Verdict::DISMISSED;
    }
    if !matches!(scene.method(hit.reach.call), Some((_, "sendmail"))) {
        return Verdict::default();
    }
    // Before the first empty line stand the headers.
    let text = scene.marked(value).replace("\r\n", "\n");
    let headers = text.split("\n\n").next().unwrap_or("");
    Verdict::only_if(headers.contains(':') && headers.contains('\u{1}') && text.contains('\n'))
}

/// `message["Subject"] = subject` of the classes that check nothing.
pub(crate) fn check(cx: &mut Context<'_>) {
    let mut hits: Vec<Hit> = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for (at, op) in function.values() {
            let Op::StoreItem { of, value, .. } = op else { continue };
            let old = cx.facts.path(id, of).is_some_and(|path| path.starts_with("email.mime.") && path.ends_with("()"));
            let Some(scene) = Scene::here(cx, id, label::UNTRUSTED).filter(|_| old) else { continue };
            if scene.carries(value) && !scene.is_clean(value, "mail") && !loses_line_breaks(&scene, value) {
                hits.push(hit_at(cx, id, at, value));
            }
        }
    }
    for hit in hits {
        TAINT.report(cx, &hit, Verdict::default());
    }
}
