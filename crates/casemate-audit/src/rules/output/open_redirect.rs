//! A browser is sent wherever somebody outside says.

use casemate_python::facts::{Entity, Hit, Labels};
use casemate_python::flow::Tracer;
use casemate_python::routes::library_bases;
use casemate_python::syntax::{BinaryOp, Collection, Function, FunctionId, Module, Op, Passing, Piece, Value};

use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::network::calls::name_of;
use crate::rules::network::urls::{self, Chosen, Worth};
use crate::rules::network::{FROM_OUTSIDE, hit_at};
use crate::rules::taint::Verdict;
use crate::rules::{Context, Taint};

/// `open-redirect`
pub(crate) static RULE: Rule = Rule {
    id: "XSS209",
    name: "open-redirect",
    summary: "A browser is sent to an address that comes from outside",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[601],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "3.7.2",
    page: include_str!("open_redirect.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["redirect"],
    from: CHOSEN_TARGET,
    without: Labels::NONE,
    arrives: "is where the browser is sent",
    message: "{call} sends the browser wherever the link says: {source}",
    missing: "a check that the address is one of the site (`url_has_allowed_host_and_scheme`, an empty `netloc`)",
    remedy: "Accept paths of your own only: parse the target and refuse one with a scheme or host (`urlsplit(target).netloc`), beginning with `//` or holding a backslash; in Django, ask `url_has_allowed_host_and_scheme`.",
    judge: Some(judge),
};

/// Who names a host other than its own in a request of its own sends only itself away.
const CHOSEN_TARGET: Labels = Labels(FROM_OUTSIDE.0 & !label::HOST.0);

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let dismissed = match urls::chosen(cx, hit) {
        Chosen::Rest => true,
        // A part of a path has no slash, and so makes no host.
        Chosen::AfterSlash => hit.labels & CHOSEN_TARGET == label::PATH,
        Chosen::Host => false,
    };
    let dismissed = dismissed
        || urls::checked(cx, hit) >= Some(Worth::Asked)
        || goes_back(cx, hit)
        || is_object(cx, hit)
        || names_view(cx, hit)
        || cx.persona == Persona::Default && !is_direct(cx, hit);
    let confidence = (urls::chosen(cx, hit) == Chosen::AfterSlash).then_some(Confidence::Medium);
    Verdict { dismissed, confidence, ..Verdict::default() }
}

/// `response.headers["Location"] = target`, `response["Location"] = target` and `headers={"Location": target}`.
pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(kind) = cx.knowledge.kind("redirect") else { return };
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        let mut stored = stored_under(cx, function, "location");
        stored.retain(|&(at, _)| cx.persona == Persona::Pedantic || !is_place_of_a_row(cx, id, function, at));
        for (at, op) in function.values() {
            if let Op::StoreAttribute { of, name, value } = op
                && cx.module.symbols.text(name) == "location"
                && is_response(cx, id, function, of)
            {
                stored.push((at, value));
            }
        }
        if is_asked_where_to(cx, function) {
            let answers = function.ends.iter().filter(|end| end.value != Value::NONE);
            stored.extend(answers.map(|end| (end.value, end.value)));
        }
        for (at, value) in stored {
            let fact = cx.facts.fact(id, value);
            if fact.labels.meets(CHOSEN_TARGET) && cx.facts.clean_of(fact) & (1 << kind) == 0 {
                found.push(hit_at(cx, kind, id, at, value));
            }
        }
    }
    for hit in found {
        let verdict = judge(cx, &hit);
        let is_answer = cx.module.function(hit.function).is_some_and(|function| is_asked_where_to(cx, function));
        if !verdict.dismissed && (!is_answer || reads_request(cx, &hit)) {
            TAINT.report(cx, &hit, verdict);
        }
    }
}

/// Whether a method reads the request itself and makes nothing else of what it finds there.
fn reads_request(cx: &Context<'_>, hit: &Hit) -> bool {
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let (way, is_whole) = tracer.way(cx.facts.module, hit, CHOSEN_TARGET);
    let Some(function) = cx.module.function(hit.function) else { return false };
    // What lies in the object was looked at elsewhere.
    let is_read = |value: Value| matches!(function.op(function.bare(value)), Op::Call { .. } | Op::Subscript { .. });
    is_whole
        && way.iter().any(|&(_, _, value)| is_read(value))
        && way.into_iter().all(|(home, id, value)| {
            let is_plain = match function.op(function.bare(value)) {
                Op::Call { callee, .. } => {
                    matches!(name_of(cx.module, function, callee), "get" | "getlist" | "pop" | "strip" | "str")
                }
                _ => true,
            };
            home == cx.facts.module && id == hit.function && is_plain
        })
}

/// `row["location"] = place` keeps where something stands; what is no answer and no headers sends nobody anywhere.
fn is_place_of_a_row(cx: &Context<'_>, id: FunctionId, function: &Function, at: Value) -> bool {
    let Op::StoreItem { of, index, .. } = function.op(at) else { return false };
    cx.module.constant_str(function, index) == Some("location")
        && !Context::written(cx.module, function, of).to_lowercase().contains("header")
        && !is_response(cx, id, function, of)
}

/// What is stored under the name of a header, each with where that happens.
pub(crate) fn stored_under(cx: &Context<'_>, function: &Function, header: &str) -> Vec<(Value, Value)> {
    let is_header_name = |key: Value| {
        key != Value::NONE && cx.module.constant_str(function, key).is_some_and(|key| key.eq_ignore_ascii_case(header))
    };
    let mut stored = Vec::new();
    for (at, op) in function.values() {
        match op {
            Op::StoreItem { index, value, .. } if is_header_name(index) => stored.push((at, value)),
            Op::Build { collection: Collection::Dict, items } => {
                let pairs = function.list(items).chunks_exact(2);
                stored.extend(pairs.filter_map(|pair| match pair {
                    &[key, value] if is_header_name(key) && is_header(cx.module, function, at) => Some((at, value)),
                    _ => None,
                }));
            }
            Op::Call { callee, arguments } => {
                // `response.headers.set("Location", target)`
                let is_setter = match function.op(function.bare(callee)) {
                    Op::Attribute { name, of } => match cx.module.symbols.text(name) {
                        "set_header" | "add_header" | "append_header" => true,
                        "set" | "add" => cx.module.slice(function.span_of(of)).ends_with(".headers"),
                        _ => false,
                    },
                    _ => false,
                };
                if let ([key, value, ..], true) = (function.call_arguments(arguments), is_setter)
                    && is_header_name(key.value)
                {
                    stored.push((at, value.value));
                }
            }
            _ => {}
        }
    }
    stored
}

/// Whether a method of a view answers where the browser is sent next: `RedirectView.get_redirect_url`.
fn is_asked_where_to(cx: &Context<'_>, function: &Function) -> bool {
    let wanted = match function.name.as_str() {
        "get_redirect_url" => "RedirectView",
        "get_success_url" => "View",
        _ => return false,
    };
    function.class.is_some_and(|class| {
        let bases = library_bases(cx.program, cx.facts.module, class);
        bases.iter().any(|base| base.starts_with("django.") && base.ends_with(wanted))
    })
}

/// Whether what somebody outside gave is the address, or its beginning: nothing is put before it, and no function of the
/// project was given it to make an address of it. Of all other ways hardly one was right.
pub(crate) fn is_direct(cx: &Context<'_>, hit: &Hit) -> bool {
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let (way, is_whole) = tracer.way(cx.facts.module, hit, CHOSEN_TARGET);
    let mut before: Option<Value> = None;
    is_whole
        && way.into_iter().all(|(home, id, value)| {
            let last = before.replace(value);
            let (Some(facts), Some((module, function))) = (cx.all_facts.get(home), cx.function(home, id)) else {
                return false;
            };
            if asks_about_host(module, function) {
                return false;
            }
            let is_last = |value: Value| last.is_some_and(|last| function.bare(last) == function.bare(value));
            match function.op(value) {
                Op::Binary { left, .. } => {
                    is_last(left) || module.constant_str(function, left).is_some_and(|text| text.ends_with("//"))
                }
                Op::Format(pieces) => {
                    let mut pieces = function.format_pieces(pieces).iter();
                    let first = pieces.find(|piece| match piece {
                        Piece::Literal(text) => !matches!(module.string(*text), "" | "https://" | "http://" | "//"),
                        Piece::Hole(_) => true,
                    });
                    matches!(first, Some(&Piece::Hole(hole)) if is_last(hole))
                }
                Op::Call { callee, arguments } => {
                    let is_given =
                        function.call_arguments(arguments).iter().any(|one| is_last(one.value)) && !is_last(callee);
                    !is_given
                        || hands_on(facts.path(id, callee).unwrap_or(name_of(module, function, callee)))
                        || gives_back(cx, facts.fact(id, callee).entity)
                }
                // Headers are written by the browser, and by the proxies before the program.
                Op::Attribute { name, of }
                    if last.is_none() || Context::written(module, function, of).ends_with("request") =>
                {
                    !matches!(module.symbols.text(name), "headers" | "environ" | "META" | "meta" | "url" | "path")
                }
                _ => true,
            }
        })
}

/// Whether the name of a view is given, which is filled in with the rest: `redirect("case", name=name)`.
fn names_view(cx: &Context<'_>, hit: &Hit) -> bool {
    cx.function(hit.reach.module, hit.reach.function).is_some_and(|(module, function)| {
        let Op::Call { callee, arguments } = function.op(hit.reach.call) else { return false };
        let is_name = |text: &str| !text.is_empty() && !text.contains(['/', '.']);
        name_of(module, function, callee) == "redirect"
            && function.call_arguments(arguments).first().is_some_and(|first| {
                first.passing == Passing::Position
                    && first.value != hit.reach.argument
                    && module.constant_str(function, first.value).is_some_and(is_name)
            })
    })
}

/// Whether a function asks Django whether an address is one of the site: `request.GET["next"]` may be read again after that.
fn asks_about_host(module: &Module, function: &Function) -> bool {
    function.values().any(|(_, op)| match op {
        Op::Call { callee, .. } => matches!(
            name_of(module, function, callee),
            "url_has_allowed_host_and_scheme" | "is_safe_url" | "is_local_url" | "is_safe_redirect_url"
        ),
        _ => false,
    })
}

/// Whether what a class or function of the project is given comes back as it was: from an object that keeps it, and from
/// a function that asks nothing and puts nothing to it.
fn gives_back(cx: &Context<'_>, called: Entity) -> bool {
    match called {
        Entity::Class(..) => true,
        Entity::Function(home, id) => cx.function(home, id).is_some_and(|(module, body)| {
            body.conditions.is_empty()
                && body.ends.iter().all(|end| end.value != Value::NONE && is_as_given(module, body, end.value))
        }),
        _ => false,
    }
}

fn is_as_given(module: &Module, body: &Function, value: Value) -> bool {
    let mut value = body.bare(value);
    while let Op::Call { callee, .. } = body.op(value) {
        let Op::Attribute { of, name } = body.op(body.bare(callee)) else { return false };
        if !matches!(module.symbols.text(name), "strip" | "lstrip" | "rstrip" | "lower" | "decode" | "encode") {
            return false;
        }
        value = body.bare(of);
    }
    matches!(body.op(value), Op::Parameter(_))
}

/// Whether a function of a library, or a form, gives a text as it is, or in another form.
fn hands_on(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    // A form holds what was filled in.
    if last.ends_with("Form") {
        return true;
    }
    matches!(
        last,
        "str"
            | "unquote"
            | "unquote_plus"
            | "quote"
            | "format"
            | "get"
            | "pop"
            | "force_str"
            | "iri_to_uri"
            | "escape"
            | "urljoin"
            | "resolve_url"
            | "decode"
            | "b64decode"
            | "urlsafe_b64decode"
            | "loads"
            | "dict"
            | "redirect"
            | "cast"
    )
}

/// Whether a value is the answer to a request, by what it is or what it is called.
fn is_response(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value) -> bool {
    let written = cx.module.slice(function.span_of(value));
    let last = written.rsplit('.').next().unwrap_or(written);
    matches!(last, "resp" | "response" | "res")
        || cx
            .facts
            .path(id, value)
            .is_some_and(|path| path.ends_with("Response()") || path.ends_with("make_response()"))
}

/// Whether a dictionary is given to a call as its headers, or is those of an answer to an event.
fn is_header(module: &Module, function: &Function, dictionary: Value) -> bool {
    function.values().any(|(_, op)| {
        if let Op::Build { collection: Collection::Dict, items } = op {
            let names = |wanted: &str, of: Option<Value>| {
                function.list(items).chunks_exact(2).any(|pair| {
                    matches!(*pair, [key, value] if key != Value::NONE
                        && module.constant_str(function, key) == Some(wanted)
                        && of.is_none_or(|of| function.bare(value) == of))
                })
            };
            return names("statusCode", None) && names("headers", Some(dictionary));
        }
        let Op::Call { arguments, .. } = op else { return false };
        function.call_arguments(arguments).iter().any(|argument| {
            function.bare(argument.value) == dictionary
                && matches!(argument.passing, Passing::Keyword(name) if module.symbols.text(name) == "headers")
        })
    })
}

/// Whether what is given is an object of the project, which says itself where it is.
fn is_object(cx: &Context<'_>, hit: &Hit) -> bool {
    if matches!(cx.facts.fact(hit.function, hit.argument).entity, Entity::Instance(..)) {
        return true;
    }
    // A row that is stored: `entry.owner = user`, `entry.save()`.
    let Some(function) = cx.module.function(hit.function) else { return false };
    let target = function.plain(hit.argument);
    function.values().any(|(_, op)| match op {
        Op::StoreAttribute { of, .. } => function.plain(of) == target,
        Op::Call { callee, .. } => matches!(
            function.op(callee),
            Op::Attribute { of, name }
                if function.plain(of) == target
                    && matches!(cx.module.symbols.text(name), "save" | "full_clean" | "refresh_from_db" | "delete")
        ),
        _ => false,
    })
}

/// Whether an address begins with the one that was asked for: `request.get_full_path()`, `request.path + "?page=2"`.
fn begins_here(module: &Module, function: &Function, value: Value, depth: u32) -> bool {
    if depth > 12 {
        return false;
    }
    let here = |value: Value| begins_here(module, function, value, depth + 1);
    match function.op(value) {
        Op::Refine { of, .. } | Op::Subscript { of, .. } | Op::Item { of, .. } => here(of),
        Op::Phi(list) => {
            let choices = function.list(list);
            choices.iter().any(|&choice| choice.0 < value.0 && here(choice))
                && choices.iter().all(|&choice| {
                    choice.0 >= value.0
                        || here(choice)
                        || leading_text(module, function, choice).is_some_and(|text| text.starts_with('/'))
                })
        }
        Op::Format(pieces) => {
            let mut pieces = function.format_pieces(pieces).iter();
            match pieces.find(|piece| !matches!(piece, Piece::Literal(text) if module.string(*text).is_empty())) {
                Some(Piece::Hole(hole)) => here(*hole),
                _ => false,
            }
        }
        Op::Binary { op: BinaryOp::Add, left, .. } => here(left),
        Op::Attribute { of, name } => {
            module.symbols.text(name) == "path" && Context::written(module, function, of).ends_with("request")
        }
        Op::Call { callee, arguments } => {
            let first = function.call_arguments(arguments).first().map(|first| first.value);
            match function.op(function.bare(callee)) {
                // Django writes `//` at its beginning otherwise.
                Op::Attribute { of, name } => match module.symbols.text(name) {
                    "get_full_path" | "build_absolute_uri"
                        if first.is_none()
                            || function
                                .call_arguments(arguments)
                                .iter()
                                .all(|one| !matches!(one.passing, Passing::Position)) =>
                    {
                        true
                    }
                    "replace" | "split" => here(of),
                    "urljoin" => function.call_arguments(arguments).get(1).is_some_and(|second| here(second.value)),
                    _ => false,
                },
                Op::Name(name) if module.symbols.text(name) == "urljoin" => {
                    function.call_arguments(arguments).get(1).is_some_and(|second| here(second.value))
                }
                Op::Import(import) => {
                    let name = module.imports.get(import as usize).and_then(|import| import.name.as_deref());
                    match name {
                        Some("urljoin") => {
                            function.call_arguments(arguments).get(1).is_some_and(|second| here(second.value))
                        }
                        Some(name) if name.contains("escape") => first.is_some_and(here),
                        _ => false,
                    }
                }
                _ => false,
            }
        }
        _ => false,
    }
}

/// The constant text that a text begins with.
fn leading_text<'m>(module: &'m Module, function: &Function, value: Value) -> Option<&'m str> {
    match function.op(function.bare(value)) {
        Op::Format(pieces) => match function.format_pieces(pieces).first() {
            Some(Piece::Literal(text)) => Some(module.string(*text)),
            _ => None,
        },
        Op::Binary { op: BinaryOp::Add, left, .. } => module.constant_str(function, left),
        _ => module.constant_str(function, value),
    }
}

/// Whether all that leads is the address that was asked for, in a function before this one.
fn is_own_address(cx: &Context<'_>, hit: &Hit) -> bool {
    let tracer = Tracer { program: cx.program, modules: cx.all_facts };
    let origin = tracer.origin(cx.facts.module, hit, CHOSEN_TARGET);
    origin.is_some_and(|(module, id, value, _)| {
        cx.function(module, id).is_some_and(|(source, body)| begins_here(source, body, value, 0))
    })
}

/// Whether the browser is sent back to where it came from, or to where it is.
fn goes_back(cx: &Context<'_>, hit: &Hit) -> bool {
    let Some(function) = cx.module.function(hit.function) else { return false };
    if begins_here(cx.module, function, hit.argument, 0) || is_own_address(cx, hit) {
        return true;
    }
    let behind = urls::behind(cx.module, function, hit.argument);
    let mut other = false;
    let mut back = false;
    for &value in &behind {
        if !cx.facts.fact(hit.function, value).labels.meets(CHOSEN_TARGET) {
            continue;
        }
        let is_attribute = matches!(function.op(value), Op::Attribute { .. });
        let read = match function.op(value) {
            Op::Attribute { name, .. } => cx.module.symbols.text(name),
            Op::Subscript { index, .. } => cx.module.constant_str(function, index).unwrap_or(""),
            Op::Call { arguments, .. } => function
                .call_arguments(arguments)
                .first()
                .and_then(|key| cx.module.constant_str(function, key.value))
                .unwrap_or(""),
            _ => continue,
        };
        match read.to_ascii_lowercase().as_str() {
            "referer" | "referrer" | "http_referer" => back = true,
            // A parameter of the request may be called `url` as well.
            _ if !is_attribute && !matches!(read, "" | "PATH_INFO" | "REQUEST_URI" | "path_info") => other = true,
            // Where the browser is.
            "url" | "path" | "base_url" | "full_path" | "path_info" | "uri" | "host" | "host_url" | "url_root"
            | "script_root" | "headers" | "meta" | "environ" => {
                back |= matches!(read, "url" | "path" | "base_url" | "full_path" | "path_info" | "uri");
            }
            "" | "args" | "get" | "query_params" | "strip" | "form" | "values" | "query" | "query_string" => {}
            _ => other = true,
        }
    }
    back && !other
}
