//! Data from a request in a page that is sent back.

use casemate_python::facts::{Entity, Hit, Labels};
use casemate_python::flow::Tracer;
use casemate_python::routes::{Framework, library_bases};
use casemate_python::syntax::{Collection, Function, FunctionId, List, Op, Passing, Value};

use super::{answers, content_type, is_html, may_be_text, type_of_handler};
use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::network::calls::{self, At, tell};
use crate::rules::network::{FROM_OUTSIDE, hit_at};
use crate::rules::taint::Verdict;
use crate::rules::{Context, Taint, evidence};

/// `reflected-xss`
pub(crate) static RULE: Rule = Rule {
    id: "XSS201",
    name: "reflected-xss",
    summary: "Untrusted data becomes part of a page without being escaped",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[79],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.1",
    page: include_str!("reflected_xss.md"),
};

/// Who names another host in a request of its own shows itself its own page.
const CHOSEN: Labels = Labels(FROM_OUTSIDE.0 & !label::HOST.0);

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["html"],
    from: CHOSEN,
    without: Labels::NONE,
    arrives: "is sent to the browser as HTML",
    message: "{call} sends data from outside to the browser as HTML: {source}",
    missing: "escaping (`markupsafe.escape`, `html.escape`), or a template that escapes",
    remedy: REMEDY,
    judge: Some(judge),
};

const REMEDY: &str = "Render a template that escapes by itself, escape the value (`markupsafe.escape(value)`), or answer with JSON or `text/plain`.";

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let reach = hit.reach;
    let kind = content_type(cx, reach.module, reach.function, reach.call);
    let is_text =
        cx.function(reach.module, reach.function).is_none_or(|(_, function)| may_be_text(function, reach.argument));
    // What a base class sends has the type of the handler that calls it.
    let of_handler =
        cx.module.function(hit.function).and_then(|function| type_of_handler(cx, cx.facts.module, function));
    let is_other = |kind: Option<String>| kind.is_some_and(|kind| !is_html(&kind));
    // What is wrong with a form is HTML that Django escapes.
    let is_errors = cx.module.function(hit.function).is_some_and(|function| {
        let carries = |value: Value| cx.facts.fact(hit.function, value).labels.meets(FROM_OUTSIDE);
        let mut at = hit.argument;
        for _ in 0..16 {
            // Lists of errors escape what they hold.
            if matches!(function.op(at), Op::Call { callee, .. } if matches!(calls::name_of(cx.module, function, callee), "as_ul" | "as_text" | "as_data" | "get_json_data" | "as_json")) {
                return true;
            }
            if matches!(function.op(at), Op::Attribute { name, of } if cx.module.symbols.text(name) == "errors" && cx.module.slice(function.span_of(of)).contains("form")) {
                return true;
            }
            match function.operands_of(at).into_iter().find(|&one| one != Value::NONE && one.0 < at.0 && carries(one)) {
                Some(next) => at = next,
                None => break,
            }
        }
        false
    });
    if is_errors || cx.persona == Persona::Default && (is_of_application(cx, hit) || is_own_answer(cx, hit)) {
        return Verdict::DISMISSED;
    }
    let is_json = || cx.persona == Persona::Default && is_json_of_others(cx, hit);
    Verdict { dismissed: is_other(kind) || is_other(of_handler) || !is_text || is_json(), ..Verdict::default() }
}

/// Whether a server hands on what an application of WSGI answers: `app(environ, start_response)`.
fn is_of_application(cx: &Context<'_>, hit: &Hit) -> bool {
    let (way, _) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, CHOSEN);
    way.into_iter().any(|(home, id, value)| {
        let Some((module, function)) = cx.function(home, id) else { return false };
        let Op::Call { arguments, .. } = function.op(value) else { return false };
        let given = function.call_arguments(arguments);
        given.len() == 2
            && given
                .last()
                .is_some_and(|last| Context::written(module, function, last.value).ends_with("start_response"))
    })
}

/// Whether an object is asked to show itself, `tabs.render()`, or a function of the project why something may not be,
/// `ok, reason = is_allowed(url)`: what they say is their own.
fn is_own_answer(cx: &Context<'_>, hit: &Hit) -> bool {
    let (way, _) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, CHOSEN);
    way.into_iter().any(|(home, id, value)| {
        let (Some(facts), Some((module, function))) = (cx.all_facts.get(home), cx.function(home, id)) else {
            return false;
        };
        let Op::Call { callee, arguments } = function.op(value) else { return false };
        let name = calls::name_of(module, function, callee);
        let shows_itself = name == "render"
            && arguments.len == 0
            && facts.path(id, callee).is_none_or(|path| !cx.knowledge.models.calls.contains_key(path));
        let is_asked = matches!(words(name).first().map(String::as_str), Some("is" | "has" | "check" | "validate"))
            && matches!(facts.fact(id, callee).entity, Entity::Function(..) | Entity::Method(..));
        shows_itself || is_asked
    })
}

/// Whether JSON is sent by a handler that is made of a class of a library, or by a function that many answers go through:
/// what type it has is said there.
fn is_json_of_others(cx: &Context<'_>, hit: &Hit) -> bool {
    let (way, _) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, CHOSEN);
    let mut is_of_project = false;
    let is_json = way.into_iter().any(|(home, id, value)| {
        let (Some(facts), Some((module, function))) = (cx.all_facts.get(home), cx.function(home, id)) else {
            return false;
        };
        let Op::Call { callee, .. } = function.op(value) else { return false };
        // A method that answers with JSON is asked by who knows that it does.
        is_of_project |= facts.path(id, callee).is_none();
        words(calls::name_of(module, function, callee))
            .iter()
            .any(|word| matches!(word.as_str(), "json" | "dumps" | "jsonify" | "serialize" | "serialise"))
    });
    let is_far = (hit.reach.module, hit.reach.function) != (cx.facts.module, hit.function);
    let class = cx.module.function(hit.function).and_then(|function| function.class);
    let bases = class.map(|class| library_bases(cx.program, cx.facts.module, class)).unwrap_or_default();
    // Those of the frameworks themselves say nothing.
    let is_of_library = bases.iter().any(|base| !base.starts_with("tornado.") && !base.starts_with("django.views."));
    is_json && (is_far || is_of_library || is_of_project)
}

/// What handlers return: Flask and its kin send text as HTML.
pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(kind) = cx.knowledge.kind("html") else { return };
    let mut found = Vec::new();
    for route in cx.routes() {
        let Some(function) = cx.module.function(route.handler) else { continue };
        let sends_html = match route.framework {
            // Resources of the REST extensions answer with JSON.
            Framework::Flask => !route.view.is_some_and(|(module, class)| {
                library_bases(cx.program, module, class).iter().any(|base| base.ends_with(".Resource"))
            }),
            // JSON, unless the route says otherwise.
            Framework::FastApi => declares_html(cx, function),
            Framework::Bottle => !names_other_type(cx, function),
            _ => false,
        };
        if !sends_html || route.module != cx.facts.module {
            continue;
        }
        pages(cx, route.handler, function, kind, &mut found);
    }
    for (id, function) in cx.module.function_ids() {
        if is_exposed(cx, function) {
            pages(cx, id, function, kind, &mut found);
        }
    }
    gateways(cx, kind, &mut found);
    found.extend(answers::pages(cx, kind));
    // What is set in an answer after it was made.
    for (id, function) in cx.module.function_ids() {
        for (at, op) in function.values() {
            let Op::StoreAttribute { of, name, value } = op else { continue };
            let name = cx.module.symbols.text(name);
            let is_body = name == "data"
                && cx
                    .facts
                    .path(id, of)
                    .is_some_and(|path| matches!(path, "flask.Response()" | "flask.make_response()"))
                || matches!(name, "text" | "body" | "data") && is_falcon_page(cx, function, of);
            let fact = cx.facts.fact(id, value);
            if is_body
                && fact.labels.meets(FROM_OUTSIDE)
                && cx.facts.clean_of(fact) & (1 << kind) == 0
                && !names_other_type(cx, function)
                && may_be_text(function, value)
            {
                found.push((id, at, value));
            }
        }
    }
    for (id, end, page) in found {
        let Some(function) = cx.module.function(id) else { continue };
        let hit = hit_at(cx, kind, id, end, page);
        if cx.persona == Persona::Default && evidence::is_thin(cx, &hit, FROM_OUTSIDE) {
            continue;
        }
        let path = cx.path(&hit, FROM_OUTSIDE, "is sent to the browser as HTML");
        let source = path.first().map(|step| step.note.clone()).unwrap_or_default();
        let finding = tell(
            cx,
            &RULE,
            id,
            function.span_of(end),
            format!(
                "what `{}` returns is sent to the browser as HTML and contains data from outside: {source}",
                function.name
            ),
            REMEDY,
            Confidence::High,
        );
        finding.path = path;
        finding.missing_guard = Some(TAINT.missing.to_owned());
    }
}

/// What a function returns that is sent as a page.
fn pages(cx: &Context<'_>, id: FunctionId, function: &Function, kind: u8, found: &mut Vec<(FunctionId, Value, Value)>) {
    for &returned in &function.returns {
        let Some(page) = page(cx, function, returned) else { continue };
        let fact = cx.facts.fact(id, page);
        let is_open = fact.labels.meets(FROM_OUTSIDE) && cx.facts.clean_of(fact) & (1 << kind) == 0;
        if is_open && is_page(cx, id, function, page, 0) {
            let end = function
                .values()
                .find(|(_, op)| matches!(op, Op::Return(of) if *of == returned))
                .map_or(returned, |(end, _)| end);
            found.push((id, end, page));
        }
    }
}

/// Whether CherryPy sends what a function returns, which is HTML unless it says otherwise, or Litestar does, told that it is.
fn is_exposed(cx: &Context<'_>, function: &Function) -> bool {
    let Some(parent) = function.parent.filter(|_| !function.decorators.is_empty()) else { return false };
    let Some(around) = cx.module.function(parent) else { return false };
    let mut is_page = false;
    for &decorator in &function.decorators {
        let written = cx.module.slice(around.span_of(decorator));
        if written.contains("json_out") || written.contains("response_headers") {
            return false;
        }
        let named = match around.op(decorator) {
            Op::Call { callee, .. } => callee,
            _ => decorator,
        };
        let Some(path) = cx.facts.path(parent, named) else { continue };
        is_page |= path == "cherrypy.expose"
            || path.starts_with("litestar.") && (written.contains("MediaType.HTML") || written.contains("text/html"));
    }
    is_page && !names_other_type(cx, function)
}

/// What applications of the gateway interface return where they say that it is HTML: `[("<h1>" + path).encode()]`.
fn gateways(cx: &Context<'_>, kind: u8, found: &mut Vec<(FunctionId, Value, Value)>) {
    for (id, function) in cx.module.function_ids() {
        let is_gateway =
            function.parameters.last().is_some_and(|last| cx.module.symbols.text(last.name) == "start_response");
        if !is_gateway || !cx.module.slice(function.span).contains("text/html") {
            continue;
        }
        for &returned in &function.returns {
            let Op::Build { items, .. } = function.op(function.plain(returned)) else { continue };
            for &item in function.list(items).iter().filter(|item| **item != Value::NONE) {
                let fact = cx.facts.fact(id, item);
                if fact.labels.meets(FROM_OUTSIDE) && cx.facts.clean_of(fact) & (1 << kind) == 0 {
                    found.push((id, returned, item));
                }
            }
        }
    }
}

/// Whether a value is the answer that a responder of Falcon fills in, and the responder says that it is HTML.
fn is_falcon_page(cx: &Context<'_>, function: &Function, of: Value) -> bool {
    let is_answer = |value: Value| function.bare(value) == function.bare(of);
    matches!(function.op(function.bare(of)), Op::Parameter(2))
        && function.name.starts_with("on_")
        && cx.module.imports.iter().any(|import| import.module.split('.').next() == Some("falcon"))
        && function.values().any(|(_, op)| match op {
            Op::StoreAttribute { of, name, value } => {
                cx.module.symbols.text(name) == "content_type"
                    && is_answer(of)
                    && (cx.module.constant_str(function, value).is_some_and(is_html)
                        || cx.module.slice(function.span_of(value)).ends_with("MEDIA_HTML"))
            }
            _ => false,
        })
}

/// Whether a decorator of FastAPI names an answer in HTML.
fn declares_html(cx: &Context<'_>, function: &Function) -> bool {
    let Some(parent) = function.parent.and_then(|parent| cx.module.function(parent)) else { return false };
    function
        .decorators
        .iter()
        .any(|&decorator| cx.module.slice(parent.span_of(decorator)).contains("response_class=HTMLResponse"))
}

/// Whether a handler says that it sends something else than HTML: `response.content_type = "text/plain"`.
pub(super) fn names_other_type(cx: &Context<'_>, function: &Function) -> bool {
    function.values().any(|(_, op)| match op {
        Op::StoreAttribute { name, value, .. } => {
            cx.module.symbols.text(name) == "content_type"
                && cx.module.constant_str(function, value).is_none_or(|kind| !is_html(kind))
                && !cx.module.slice(function.span_of(value)).ends_with("MEDIA_HTML")
        }
        Op::StoreItem { index, value, .. } => {
            cx.module.constant_str(function, index).is_some_and(|key| key.eq_ignore_ascii_case("content-type"))
                && cx.module.constant_str(function, value).is_none_or(|kind| !is_html(kind))
        }
        _ => false,
    })
}

/// The body of what is returned, if it may be HTML: `text`, `text, 404`, `text, 404, headers`.
pub(super) fn page(cx: &Context<'_>, function: &Function, returned: Value) -> Option<Value> {
    let Op::Build { collection: Collection::Tuple, items } = function.op(returned) else { return Some(returned) };
    let items = function.list(items);
    let other = items.iter().skip(1).any(|&item| {
        let at = At { module: cx.facts.module, function: FunctionId(0), value: item };
        let _ = at;
        match function.op(item) {
            Op::Build { collection: Collection::Dict, items } => {
                function.list(items).chunks_exact(2).any(|pair| match pair {
                    [key, value] => {
                        cx.module
                            .constant_str(function, *key)
                            .is_some_and(|key| key.eq_ignore_ascii_case("content-type"))
                            && cx.module.constant_str(function, *value).is_some_and(|kind| !is_html(kind))
                    }
                    _ => false,
                })
            }
            _ => false,
        }
    });
    if other { None } else { items.first().copied() }
}

/// The argument of a call that a function of the module returns as it was given, or as another gives it back.
fn handed_on(
    cx: &Context<'_>,
    id: FunctionId,
    function: &Function,
    (callee, arguments): (Value, List),
    (inner, returned): (FunctionId, Value),
    depth: u32,
) -> Option<Value> {
    let called = cx.module.function(inner)?;
    let index = match called.op(called.plain(returned)) {
        Op::Parameter(index) => index,
        Op::Call { callee, arguments } if depth < 4 => {
            let (Entity::Function(module, next) | Entity::Method(module, next)) = cx.facts.fact(inner, callee).entity
            else {
                return None;
            };
            let &[only] = cx.module.function(next).filter(|_| module == cx.facts.module)?.returns.as_slice() else {
                return None;
            };
            let given = handed_on(cx, inner, called, (callee, arguments), (next, only), depth + 1)?;
            let Op::Parameter(index) = called.op(called.plain(given)) else { return None };
            index
        }
        _ => return None,
    };
    let is_bound = matches!(cx.facts.fact(id, callee).entity, Entity::Method(..))
        && called.parameters.first().is_some_and(|first| matches!(cx.module.symbols.text(first.name), "self" | "cls"));
    let place = (index as usize).checked_sub(usize::from(is_bound))?;
    let given = function.call_arguments(arguments).get(place)?;
    (given.passing == Passing::Position).then_some(given.value)
}

/// Whether a value is text for certain: only text is sent as it is.
pub(super) fn is_page(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value, depth: u32) -> bool {
    if depth > 8 {
        return false;
    }
    let labels = cx.facts.fact(id, value).labels;
    match function.op(value) {
        Op::Format(_) | Op::Binary { .. } => true,
        Op::Constant(constant) => matches!(constant, casemate_python::syntax::Constant::Str(_)),
        Op::Refine { of, .. } | Op::Await(of) => is_page(cx, id, function, of, depth + 1),
        Op::Phi(list) | Op::Or(list) => {
            function.list(list).iter().any(|&one| one.0 < value.0 && is_page(cx, id, function, one, depth + 1))
        }
        Op::Choice { yes, no, .. } => {
            is_page(cx, id, function, yes, depth + 1) || is_page(cx, id, function, no, depth + 1)
        }
        // What is read from anywhere but a body is text.
        // The name a file was uploaded under.
        Op::Attribute { name, .. } if cx.module.symbols.text(name) == "filename" => true,
        Op::Parameter(_) | Op::Subscript { .. } | Op::Attribute { .. } | Op::Element(_) | Op::Item { .. } => {
            labels.meets(label::QUERY | label::FORM | label::PATH | label::COOKIE | label::HEADER)
                && !labels.meets(label::BODY | label::FILE)
        }
        Op::Call { callee, arguments } => {
            let name = calls::name_of(cx.module, function, callee);
            // `request.get_data(as_text=True)`
            if name == "get_data" {
                return cx.keyword(function.call_arguments(arguments), "as_text").is_some();
            }
            let path = cx.facts.path(id, callee).unwrap_or("");
            match name {
                "format" | "join" | "replace" | "strip" | "lower" | "upper" | "title" | "capitalize" | "decode"
                | "encode" | "str" | "unquote" | "dumps" | "unescape" | "unquote_plus" | "casefold" | "swapcase"
                | "lstrip" | "rstrip" | "removeprefix" | "removesuffix" | "zfill" | "ljust" | "rjust" | "center"
                | "translate" | "expandtabs" | "substitute" | "sub" | "group" | "getvalue" | "format_map" | "repr"
                | "pformat" | "dedent" | "b64decode" | "unhexlify" | "fromhex" => true,
                "get" | "getlist" | "pop" | "next" | "popleft" | "get_nowait" | "max" | "min" => {
                    labels.meets(label::QUERY | label::FORM | label::PATH | label::COOKIE | label::HEADER)
                        && !labels.meets(label::BODY | label::FILE)
                }
                _ if !path.is_empty() => false,
                // A function of the project that puts text together.
                _ => match cx.facts.fact(id, callee).entity {
                    Entity::Function(module, inner) | Entity::Method(module, inner) if module == cx.facts.module => {
                        let handed = |one: Value| handed_on(cx, id, function, (callee, arguments), (inner, one), 0);
                        cx.module.function(inner).is_some_and(|called| {
                            called.returns.iter().any(|&one| match handed(one) {
                                Some(given) => is_page(cx, id, function, given, depth + 1),
                                None => is_page(cx, inner, called, one, depth + 1),
                            })
                        })
                    }
                    Entity::Function(module, inner) | Entity::Method(module, inner) => {
                        cx.function(module, inner).is_some_and(|(_, called)| {
                            let made = |value: Value| matches!(called.op(value), Op::Format(_) | Op::Binary { .. });
                            called.returns.iter().any(|&one| made(one))
                        })
                    }
                    _ => false,
                },
            }
        }
        _ => false,
    }
}
