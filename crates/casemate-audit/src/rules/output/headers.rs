//! Headers and settings as the code gives them.

use casemate_python::syntax::{FunctionId, FunctionKind, Op, Span};

use crate::rules::Context;
use crate::rules::network::calls::{At, calls, entries, text};

/// A header with a constant value.
pub(crate) struct Header<'c> {
    pub(crate) id: FunctionId,
    pub(crate) span: Span,
    pub(crate) value: &'c str,
}

/// Where the module gives a header, by its name in lower case.
pub(crate) fn headers<'c>(cx: &Context<'c>, name: &str) -> Vec<Header<'c>> {
    let mut found = Vec::new();
    let module = cx.module;
    for (id, function) in module.function_ids() {
        for (at, op) in function.values() {
            let place = |value| At { module: cx.facts.module, function: id, value };
            match op {
                // `response.headers["X-Frame-Options"] = "…"`
                Op::StoreItem { index, value, .. } => {
                    if module.constant_str(function, index).is_some_and(|key| key.eq_ignore_ascii_case(name))
                        && let Some(value) = text(cx, place(value))
                    {
                        found.push(Header { id, span: function.span_of(at), value });
                    }
                }
                Op::Build { .. } => {
                    for (key, value) in entries(cx, place(at)) {
                        if key.eq_ignore_ascii_case(name)
                            && let Some(text) = text(cx, value)
                        {
                            found.push(Header { id, span: function.span_of(value.value), value: text });
                        }
                    }
                }
                _ => {}
            }
        }
    }
    // `self.set_header("X-Frame-Options", "…")`
    for call in calls(cx) {
        if matches!(call.name, "set_header" | "add_header" | "send_header" | "setdefault" | "add" | "set")
            && call.position(0).and_then(|at| text(cx, at)).is_some_and(|key| key.eq_ignore_ascii_case(name))
            && let Some(value) = call.position(1).and_then(|at| text(cx, at))
        {
            found.push(Header { id: call.id, span: call.span(), value });
        }
    }
    found.sort_by_key(|header| header.span);
    found
}

/// A setting of Django.
pub(crate) struct Setting<'c> {
    pub(crate) name: &'c str,
    pub(crate) at: At,
    pub(crate) span: Span,
}

/// The settings of the module, if it holds those of Django; of two with one name the later.
pub(crate) fn settings<'c>(cx: &Context<'c>) -> Vec<Setting<'c>> {
    let module = cx.module;
    let stem = module.path.rsplit('/').next().unwrap_or_default();
    let is_there = |name: &str| module.symbols.find(name).is_some();
    let named = stem.contains("settings") || module.path.contains("settings/");
    if !(named && (is_there("INSTALLED_APPS") || is_there("MIDDLEWARE") || is_there("DEBUG") || is_there("BASE_DIR"))
        || is_there("INSTALLED_APPS") && is_there("ROOT_URLCONF"))
        && !named
    {
        return Vec::new();
    }
    let Some(body) = module.functions.first().filter(|body| body.kind == FunctionKind::Module) else {
        return Vec::new();
    };
    let mut found: Vec<Setting<'c>> = Vec::new();
    for &(name, value) in &body.assigned {
        let name = module.symbols.text(name);
        if name.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit()) {
            let at = At { module: cx.facts.module, function: FunctionId(0), value };
            found.retain(|setting| setting.name != name);
            found.push(Setting { name, at, span: body.span_of(value) });
        }
    }
    found
}
