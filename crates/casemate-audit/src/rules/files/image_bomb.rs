//! Pillow's protection against pictures that unpack to gigabytes is off.

use casemate_python::syntax::Op;

use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{speaks_of, written};

/// `image-bomb`
pub(crate) static RULE: Rule = Rule {
    id: "FIL811",
    name: "image-bomb",
    summary: "The limit of pixels is taken off",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[409],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "5.2.6",
    page: include_str!("image_bomb.md"),
};

const REMEDY: &str = "Leave the limit on, or set it to the largest picture you expect (`Image.MAX_IMAGE_PIXELS = 50_000_000`), and let `DecompressionBombWarning` be an error.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !speaks_of(cx, &["MAX_IMAGE_PIXELS", "DecompressionBombWarning"]) {
        return;
    }
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let told = match op {
                Op::StoreAttribute { of, name, value: stored } => {
                    let is_limit = cx.module.symbols.text(name) == "MAX_IMAGE_PIXELS"
                        && cx.facts.path(id, of) == Some("PIL.Image");
                    is_limit
                        && written(cx, id, stored).is_some_and(|stored| stored.is_none() || stored.number() == Some(0))
                }
                Op::Call { callee, arguments } => {
                    let silences =
                        matches!(cx.facts.path(id, callee), Some("warnings.simplefilter" | "warnings.filterwarnings"));
                    let arguments = function.call_arguments(arguments);
                    silences
                        && arguments
                            .first()
                            .is_some_and(|first| cx.module.constant_str(function, first.value) == Some("ignore"))
                        && arguments.iter().any(|argument| {
                            cx.module.slice(function.span_of(argument.value)).ends_with("DecompressionBombWarning")
                        })
                }
                _ => false,
            };
            if told {
                let message = "a picture of a few kilobytes may unpack to gigabytes, and nothing refuses it any more";
                found.push(Told::new(id, function.span_of(value), message, REMEDY));
            }
        }
    }
    told::report(cx, &RULE, found);
}
