//! Pages that functions return which a framework calls without a table of routes.

use casemate_python::routes::library_bases;
use casemate_python::syntax::{Collection, Function, FunctionId, Op, Value};

use super::is_html;
use super::reflected_xss::{is_page, names_other_type, page};
use crate::rules::Context;
use crate::rules::network::FROM_OUTSIDE;

/// What is returned there with data from outside in it: the function, where it is returned, and the page.
pub(super) fn pages(cx: &Context<'_>, kind: u8) -> Vec<(FunctionId, Value, Value)> {
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        let is_open = |value: Value| {
            let fact = cx.facts.fact(id, value);
            fact.labels.meets(FROM_OUTSIDE) && cx.facts.clean_of(fact) & (1 << kind) == 0
        };
        let sends_text = sends_text(cx, function);
        for &returned in &function.returns {
            let open = if sends_text {
                page(cx, function, returned).filter(|&page| is_open(page) && is_page(cx, id, function, page, 0))
            } else {
                event_body(cx, function, returned).filter(|&body| is_open(body))
            };
            found.extend(open.map(|page| (id, end_of(function, returned), page)));
        }
    }
    found
}

fn end_of(function: &Function, returned: Value) -> Value {
    let mut ends = function.values().filter(|(_, op)| matches!(op, Op::Return(of) if *of == returned));
    ends.next().map_or(returned, |(end, _)| end)
}

/// Whether a framework sends the text that a function returns as HTML: Google's functions, pages of CherryPy, resources of
/// Twisted.
fn sends_text(cx: &Context<'_>, function: &Function) -> bool {
    let Some((id, parent)) = function.parent.and_then(|id| Some((id, cx.module.function(id)?))) else { return false };
    // `@cherrypy.tools.json_out()`
    let is_decorated = function.decorators.iter().any(|&decorator| {
        let callee = match parent.op(decorator) {
            Op::Call { callee, .. } => callee,
            _ => decorator,
        };
        matches!(cx.facts.path(id, callee), Some("functions_framework.http" | "cherrypy.expose"))
    });
    let names_json =
        || function.decorators.iter().any(|&decorator| cx.module.slice(parent.span_of(decorator)).contains("json"));
    let is_resource = || {
        function.name.starts_with("render_")
            && function.class.is_some_and(|class| {
                library_bases(cx.program, cx.facts.module, class)
                    .iter()
                    .any(|base| base.starts_with("twisted.web.") && base.ends_with(".Resource"))
            })
            && !cx.module.slice(function.span).to_ascii_lowercase().contains("content-type")
    };
    (is_decorated && !names_json() || is_resource()) && !names_other_type(cx, function)
}

/// The body of what a function for events returns that says it is HTML:
/// `{"headers": {"Content-Type": "text/html"}, "body": page}`.
fn event_body(cx: &Context<'_>, function: &Function, returned: Value) -> Option<Value> {
    let held = |of: Value, wanted: &str| match function.op(function.plain(of)) {
        Op::Build { collection: Collection::Dict, items } => {
            function.list(items).chunks_exact(2).find_map(|pair| match *pair {
                [key, value] if cx.module.constant_str(function, key)?.eq_ignore_ascii_case(wanted) => Some(value),
                _ => None,
            })
        }
        _ => None,
    };
    held(returned, "statusCode")?;
    let kind = held(held(returned, "headers")?, "content-type")?;
    cx.module.constant_str(function, kind).filter(|kind| is_html(kind))?;
    held(returned, "body")
}
