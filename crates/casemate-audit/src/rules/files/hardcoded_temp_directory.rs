//! A fixed name in a folder that everybody on the machine may write to.

use super::temporary::{self, Name};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::mentions;

/// `hardcoded-temp-directory`
pub(crate) static RULE: Rule = Rule {
    id: "FIL807",
    name: "hardcoded-temp-directory",
    summary: "A program writes to a fixed name in a folder that all may write to",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[377],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "15.4.2",
    page: include_str!("hardcoded_temp_directory.md"),
};

const REMEDY: &str = "Use `tempfile` for what is thrown away, and a folder of the service (`/var/lib/NAME`, `/run/NAME`, or one from the settings) for what is kept.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !mentions(cx, &["/tmp", "gettempdir", "/dev/shm"]) {
        return;
    }
    let mut found = Vec::new();
    for written in temporary::written(cx) {
        let Some(function) = cx.module.function(written.function) else { continue };
        if written.name == Name::Fixed {
            let message = "a fixed name in a folder that everybody may write to: whoever creates it first, as a file or a link, decides where the data goes and what is read back";
            found.push(Told::new(written.function, function.span_of(written.call), message, REMEDY));
        }
    }
    for (id, store) in temporary::kept(cx) {
        let Some(function) = cx.module.function(id) else { continue };
        let message = "a folder of a fixed name where everybody may write is kept for what is written later: whoever creates it first decides what is read back";
        found.push(Told::new(id, function.span_of(store), message, REMEDY).confidence(Confidence::Medium));
    }
    told::report(cx, &RULE, found);
}
