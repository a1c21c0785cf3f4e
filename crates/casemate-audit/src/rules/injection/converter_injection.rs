//! Untrusted data in what converters of documents and media read.

use casemate_python::facts::Labels;
use casemate_python::syntax::Op;

use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::constant::{At, Entry, entry, fact, origin};
use crate::rules::pattern::tell;
use crate::rules::values::called;
use crate::rules::{Context, Taint, caller};

/// `converter-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ133",
    name: "converter-injection",
    summary: "Untrusted data becomes a document or an option of a converter",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[88, 918],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.8",
    page: include_str!("converter_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["converter"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is read by a converter",
    message: "{call} converts what comes from outside: {source}",
    missing: "escaping, and options in the code",
    remedy: "Escape what goes into the document or render it with a template, forbid local files and the network in the converter, and write options in the code.",
    judge: None,
};

/// reStructuredText that docutils renders with its defaults: `.. include::` shows any file, `.. raw::` writes any HTML.
pub(crate) fn includes(cx: &mut Context<'_>) {
    // What builds documentation reads texts of the project's own.
    if !caller::is_product(&cx.module.path, cx) || cx.imports_any(&["sphinx"]) {
        return;
    }
    let mut found = Vec::new();
    for &site in cx.sites() {
        let renders = matches!(
            site.path,
            "docutils.core.publish_parts" | "docutils.core.publish_string" | "docutils.core.publish_doctree"
        );
        let Some(source) = site.argument(cx, 0, "source").filter(|_| renders) else { continue };
        let settings = site.keyword(cx, "settings_overrides");
        let is_open = match settings.and_then(|at| origin(cx, at)) {
            // Settings that are put together elsewhere are not known.
            Some(made) if matches!(made.op(), Op::Build { .. }) => {
                matches!(entry(cx, made, "file_insertion_enabled"), Entry::Missing)
            }
            Some(made) => falls_back_on_nothing(made),
            None => settings.is_none() && !site.is_open(),
        };
        let speaks = ["file_insertion_enabled", "raw_enabled"].iter().any(|word| cx.module.text.contains(word));
        if is_open && !speaks && !fact(cx, source).constant {
            let message = format!(
                "`{}` renders reStructuredText with the defaults of docutils: `.. include::` in it shows any file, `.. raw::` writes any HTML",
                site.called()
            );
            let mut one = site
                .found(
                    message,
                    "Pass `settings_overrides={\"file_insertion_enabled\": False, \"raw_enabled\": False}`.",
                )
                .severity(Severity::Medium)
                .confidence(Confidence::Medium)
                .missing("the settings that turn off inclusion and raw text");
            one.path = vec![
                cx.step(site.at.home, source.span(), "is some text".to_owned()),
                cx.step(site.at.home, site.at.span(), TAINT.arrives.to_owned()),
            ];
            // Manuals for a terminal, and what is only looked through, are texts of the project's own; whoever writes a
            // report or a site includes what is theirs.
            let makes_page = cx.is_called() || site.at.written().to_ascii_lowercase().contains("html");
            let is_outside = fact(cx, source).labels.meets(label::UNTRUSTED) || matches!(source.op(), Op::Parameter(_));
            found.push(if makes_page && is_outside { one } else { one.suspicion() });
        }
    }
    tell(cx, &RULE, found);
}

/// Whether settings are asked for elsewhere and are none where nobody gives any: `getattr(settings, "REST", {})`.
fn falls_back_on_nothing(made: At<'_>) -> bool {
    let Op::Call { callee, arguments } = made.op() else { return false };
    let is_asked = matches!(called(made.module, made.function, callee), "getattr" | "get");
    let Some(last) = made.function.call_arguments(arguments).last().filter(|_| is_asked) else { return false };
    matches!(made.function.op(made.function.plain(last.value)), Op::Build { items, .. } if made.function.list(items).is_empty())
}
