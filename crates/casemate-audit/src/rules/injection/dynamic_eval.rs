//! Code that is evaluated though it is not a constant, where nothing shows that it comes from outside.

use casemate_python::syntax::Op;

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, path};
use crate::rules::pattern::tell;
use crate::rules::suspicion::dynamic;

/// `dynamic-eval`
pub(crate) static RULE: Rule = Rule {
    id: "INJ116",
    name: "dynamic-eval",
    summary: "Code that is not a constant is evaluated",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Pedantic,
    cwe: &[95],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.2",
    page: include_str!("dynamic_eval.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (site, at) in dynamic(cx, "code", &RULE) {
        // `compile` makes code objects of files; queries and formulas have languages of their own.
        let is_python = matches!(site.path, "eval" | "exec" | "execfile" | "builtins.eval" | "builtins.exec")
            || ["code.", "_testcapi."].iter().any(|start| site.path.starts_with(start))
            || site.path.ends_with("interpreters.run_string");
        let is_looked_at = site.path == "code.compile_command" || is_compiled(cx, at);
        if !is_python || is_looked_at {
            continue;
        }
        let filled = Context::written(at.module, at.function, at.value);
        let message = format!("`{}` runs `{filled}`, which is not a constant", site.called());
        let remedy = "Use `ast.literal_eval` for data, and a dictionary of functions for a choice.";
        found.push(site.found(message, remedy).confidence(Confidence::Medium).missing("a parser that runs nothing"));
    }
    tell(cx, &RULE, found);
}

fn is_compiled(cx: &Context<'_>, at: At<'_>) -> bool {
    match at.op() {
        Op::Call { callee, .. } => path(cx, at.with(callee)) == Some("compile"),
        _ => false,
    }
}
