//! What reaches a browser, and where it is sent.

mod answers;
pub(crate) mod autoescape_off;
pub(crate) mod bad_html_filter;
pub(crate) mod clickjacking_disabled;
pub(crate) mod csp_missing_or_unsafe;
pub(crate) mod headers;
pub(crate) mod hsts_missing;
pub(crate) mod html_email_injection;
pub(crate) mod json_in_script;
pub(crate) mod markup_unescaped;
pub(crate) mod nosniff_missing;
pub(crate) mod open_redirect;
pub(crate) mod raw_markup;
pub(crate) mod reflected_xss;
mod rendered;
pub(crate) mod template_safe_filter;
pub(crate) mod template_unquoted_attribute;
pub(crate) mod templates;
pub(crate) mod uploaded_content_inline;

use casemate_python::names::ModuleId;
use casemate_python::routes::project_classes;
use casemate_python::syntax::{Collection, Function, FunctionId, Module, Op, Passing, Value};

use super::network::calls::{self, At};
use super::{Check, Context, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (&reflected_xss::RULE, &[Check::Taint(&reflected_xss::TAINT), Check::Module(reflected_xss::check)]),
    (
        &markup_unescaped::RULE,
        &[
            Check::Taint(&markup_unescaped::TAINT),
            Check::Module(markup_unescaped::check),
            Check::Module(markup_unescaped::built),
        ],
    ),
    (&autoescape_off::RULE, &[Check::Module(autoescape_off::check)]),
    (
        &template_safe_filter::RULE,
        &[
            Check::Module(template_safe_filter::check),
            Check::Module(template_safe_filter::inline),
            Check::Project(template_safe_filter::alone),
        ],
    ),
    (
        &template_unquoted_attribute::RULE,
        &[Check::Text(template_unquoted_attribute::check), Check::Module(template_unquoted_attribute::check_views)],
    ),
    (&json_in_script::RULE, &[Check::Text(json_in_script::check), Check::Module(json_in_script::check_views)]),
    (&uploaded_content_inline::RULE, &[Check::Taint(&uploaded_content_inline::TAINT)]),
    (&html_email_injection::RULE, &[Check::Taint(&html_email_injection::TAINT)]),
    (&open_redirect::RULE, &[Check::Taint(&open_redirect::TAINT), Check::Module(open_redirect::check)]),
    (&bad_html_filter::RULE, &[Check::Module(bad_html_filter::check)]),
    (&clickjacking_disabled::RULE, &[Check::Module(clickjacking_disabled::check)]),
    (&csp_missing_or_unsafe::RULE, &[Check::Module(csp_missing_or_unsafe::check)]),
    (&hsts_missing::RULE, &[Check::Module(hsts_missing::check)]),
    (&nosniff_missing::RULE, &[Check::Module(nosniff_missing::check)]),
];

/// Whether browsers run scripts in what has this type.
fn is_html(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    kind.contains("html") || kind.contains("svg") || kind.contains("xml")
}

/// The type that an answer is given, where it is a constant.
fn content_type(cx: &Context<'_>, module: ModuleId, id: FunctionId, call: Value) -> Option<String> {
    let (source, function) = cx.function(module, id)?;
    let at = |value: Value| At { module, function: id, value };
    let given = |value: Value| calls::text(cx, at(value)).map(str::to_owned);
    let Op::Call { arguments, callee } = function.op(call) else { return None };
    let arguments = function.call_arguments(arguments);
    for argument in arguments {
        let Passing::Keyword(name) = argument.passing else { continue };
        match source.symbols.text(name) {
            "content_type" | "mimetype" | "media_type" => {
                return given(argument.value).or_else(|| other_type(source, function, argument.value));
            }
            "headers" => {
                let found = calls::entries(cx, calls::settled(cx, at(argument.value)))
                    .into_iter()
                    .find(|(key, _)| key.eq_ignore_ascii_case("content-type"))
                    .and_then(|(_, value)| calls::text(cx, value).map(str::to_owned));
                if found.is_some() {
                    return found;
                }
            }
            _ => {}
        }
    }
    // `HttpResponse(body, "text/plain")`, `make_response(body, 200, {"Content-Type": "text/plain"})`
    for argument in arguments.iter().skip(1).filter(|argument| argument.passing == Passing::Position) {
        if let Some(kind) = given(argument.value).filter(|kind| kind.contains('/')) {
            return Some(kind);
        }
        let found = calls::entries(cx, calls::settled(cx, at(argument.value)))
            .into_iter()
            .find(|(key, _)| key.eq_ignore_ascii_case("content-type"))
            .and_then(|(_, value)| calls::text(cx, value).map(str::to_owned));
        if found.is_some() {
            return found;
        }
    }
    // What is set on the answer afterwards, or on the handler before.
    let is_answer = |of: Value| calls::settled(cx, at(of)).value == call;
    let writes = matches!(calls::name_of(source, function, callee), "write" | "finish");
    let set = function.values().find_map(|(_, op)| match op {
        Op::StoreAttribute { of, name, value }
            if matches!(source.symbols.text(name), "content_type" | "mimetype") && is_answer(of) =>
        {
            given(value)
        }
        Op::StoreItem { of, index, value } => {
            let names_type =
                source.constant_str(function, index).is_some_and(|key| key.eq_ignore_ascii_case("content-type"));
            let holder = match function.op(of) {
                Op::Attribute { of, .. } => of,
                _ => of,
            };
            (names_type && is_answer(holder)).then(|| given(value)).flatten()
        }
        Op::Call { callee, arguments }
            if writes && matches!(calls::name_of(source, function, callee), "set_header" | "send_header") =>
        {
            match function.call_arguments(arguments) {
                [name, kind]
                    if source
                        .constant_str(function, name.value)
                        .is_some_and(|key| key.eq_ignore_ascii_case("content-type")) =>
                {
                    given(kind.value).or_else(|| other_type(source, function, kind.value))
                }
                _ => None,
            }
        }
        _ => None,
    });
    set.or_else(|| if writes { type_of_handler(cx, module, function) } else { None })
}

/// A type that is given and not written out: pages have theirs without anybody giving it.
fn other_type(source: &Module, function: &Function, value: Value) -> Option<String> {
    let is_constant = matches!(function.op(value), Op::Constant(_));
    (!is_constant && !source.slice(function.span).contains("html")).then(|| "application/octet-stream".to_owned())
}

/// The type that a handler of Tornado gives to all that it sends, in the methods that run before and after.
fn type_of_handler(cx: &Context<'_>, module: ModuleId, function: &Function) -> Option<String> {
    let class = function.parent.and_then(|parent| cx.program.module(module)?.function(parent)?.class)?;
    let classes = project_classes(cx.program, module, class);
    let method = |name: &str| {
        classes.iter().find_map(|&(module, class)| {
            let home = cx.program.module(module)?;
            Some((module, home, home.method(class, name)?))
        })
    };
    for name in ["finish", "prepare", "set_default_headers", "initialize"] {
        for &(module, class) in &classes {
            let Some(home) = cx.program.module(module) else { continue };
            let Some(id) = home.method(class, name) else { continue };
            let Some(function) = home.function(id) else { continue };
            for (_, op) in function.values() {
                let Op::Call { callee, arguments } = op else { continue };
                if calls::name_of(home, function, callee) != "set_header" {
                    continue;
                }
                let [header, kind] = function.call_arguments(arguments) else { continue };
                if !home
                    .constant_str(function, header.value)
                    .is_some_and(|key| key.eq_ignore_ascii_case("content-type"))
                {
                    continue;
                }
                let text = |module: ModuleId, id: FunctionId, value: Value| {
                    calls::text(cx, At { module, function: id, value }).map(str::to_owned)
                };
                if let Some(kind) = text(module, id, kind.value) {
                    return Some(kind);
                }
                // `self.get_content_type()` of the class itself.
                if let Op::Call { callee, .. } = function.op(kind.value)
                    && let Some((module, home, id)) = method(calls::name_of(home, function, callee))
                    && let Some(&returned) = home.function(id).and_then(|function| function.returns.first())
                {
                    return text(module, id, returned);
                }
                return other_type(home, function, kind.value);
            }
        }
    }
    None
}

/// Whether a value may be text: a dictionary or list is sent as JSON.
fn may_be_text(function: &Function, value: Value) -> bool {
    match function.op(value) {
        Op::Refine { of, .. } | Op::Await(of) => may_be_text(function, of),
        Op::Build { collection: Collection::Dict, .. } => false,
        _ => true,
    }
}
