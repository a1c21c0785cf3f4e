//! Answers that tell how the program is made.

use casemate_python::syntax::{Function, FunctionId, Op, Span, Value};

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::context::short;
use crate::rules::network::calls::{self, Call};
use crate::rules::network::urls;

/// `stack-trace-in-response`
pub(crate) static RULE: Rule = Rule {
    id: "LOG1104",
    name: "stack-trace-in-response",
    summary: "What an error says is sent to the caller",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[209],
    owasp_2021: "A04",
    owasp_2025: "A10",
    asvs: "16.5.1",
    page: include_str!("stack_trace_in_response.md"),
};

const REMEDY: &str =
    "Log the error (`logger.exception(…)`) and answer with a fixed text and an id by which the log entry can be found.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Value, Value, Value, Span)> = Vec::new();
    let mut handlers: Vec<FunctionId> = cx.routes().iter().map(|route| route.handler).collect();
    handlers.sort();
    handlers.dedup();
    let web = calls::imports(cx.module, calls::WEB);
    for (id, function) in cx.module.function_ids() {
        let told = errors(cx, id, function);
        if told.is_empty() {
            continue;
        }
        let mut arrivals: Vec<(Value, Value)> = Vec::new();
        for call in calls_in(cx, id) {
            if answers(cx, &call) {
                arrivals.extend(call.arguments.iter().map(|argument| (call.value, argument.value)));
            }
        }
        if web && (handlers.contains(&id) || handles_errors(cx, function)) {
            arrivals.extend(function.returns.iter().map(|&value| (value, value)));
        }
        for (end, given) in arrivals {
            let Some(&(error, begins)) = told.iter().find(|(error, _)| tells(cx, id, function, given, *error)) else {
                continue;
            };
            if cx.persona == Persona::Default && is_for_developers(cx, function, end) {
                continue;
            }
            if !found.iter().any(|one| one.0 == id && one.4 == function.span_of(begins) && one.2 == end) {
                found.push((id, error, end, given, function.span_of(begins)));
            }
        }
    }
    // An answer inside of what is returned is told once.
    let mut spans: Vec<(FunctionId, Span)> = Vec::new();
    for (id, _, end, _, source) in found {
        let Some(function) = cx.module.function(id) else { continue };
        let span = function.span_of(end);
        if spans.iter().any(|(known, other)| *known == id && (other.contains(span) || span.contains(*other))) {
            continue;
        }
        spans.push((id, span));
        let home = cx.facts.module;
        let error = short(cx.module.slice(source));
        let path = vec![
            cx.step(home, source, format!("`{error}` tells of an error inside")),
            cx.step(home, span, format!("is sent to the caller by `{}`", short(cx.module.slice(span)))),
        ];
        let finding = calls::tell(
            cx,
            &RULE,
            id,
            span,
            format!("what `{error}` says of the inside is sent to the caller"),
            REMEDY,
            Confidence::Medium,
        );
        finding.path = path;
    }
}

/// Whether an answer is only given where the program runs for those who write it: `if settings.DEBUG:`.
fn is_for_developers(cx: &Context<'_>, function: &Function, end: Value) -> bool {
    let place = function.block_of(end);
    function.conditions.iter().any(|&(block, test, held)| {
        let (test, held) = match function.op(function.bare(test)) {
            Op::Not(inner) => (inner, !held),
            _ => (test, held),
        };
        held && words(cx.module.slice(function.span_of(test))).iter().any(|word| word == "debug")
            && !urls::reaches(cx.module, function, place, block)
    })
}

/// What tells of errors in a function: the value, and where it begins.
fn errors(cx: &Context<'_>, id: FunctionId, function: &Function) -> Vec<(Value, Value)> {
    let mut found = Vec::new();
    for (value, op) in function.values() {
        match op {
            Op::Call { callee, .. } => {
                let path = cx.facts.path(id, callee).unwrap_or("");
                if matches!(
                    path,
                    "traceback.format_exc"
                        | "traceback.format_exception"
                        | "traceback.format_tb"
                        | "traceback.format_stack"
                        | "sys.exc_info"
                        | "cgitb.html"
                ) {
                    found.push((value, value));
                }
            }
            // `except Exception as error`
            Op::Element(of) if is_caught(cx, id, function, value, of) => found.push((value, value)),
            // `@app.errorhandler(Exception)`, `@app.exception_handler(Exception)`: the error is given last.
            Op::Parameter(index)
                if index as usize + 1 == function.parameters.len() && handles_every_error(cx, function) =>
            {
                found.push((value, value));
            }
            _ => {}
        }
    }
    found
}

/// Whether a framework calls a function for whatever goes wrong.
fn handles_every_error(cx: &Context<'_>, function: &Function) -> bool {
    let Some(parent) = function.parent.and_then(|parent| cx.module.function(parent)) else { return false };
    function.decorators.iter().any(|&decorator| {
        let written = cx.module.slice(parent.span_of(decorator));
        [".errorhandler(Exception)", ".app_errorhandler(Exception)", ".exception_handler(Exception)"]
            .iter()
            .any(|end| written.ends_with(end))
    })
}

/// Whether a value is an exception that may be anything: one the code itself raises says what it is meant to say.
fn is_caught(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value, of: Value) -> bool {
    // The name of a handler stands after `as`.
    let span = function.span_of(value);
    let line = cx.module.text.get(..span.start as usize).unwrap_or_default();
    let before = line.rsplit('\n').next().unwrap_or_default().trim();
    if !(before.starts_with("except") && before.ends_with("as")) {
        return false;
    }
    let kinds: Vec<Value> = match function.op(of) {
        Op::Build { items, .. } => function.list(items).to_vec(),
        _ => vec![of],
    };
    kinds.iter().any(|&kind| {
        let written = cx.facts.path(id, kind).unwrap_or_else(|| cx.module.slice(function.span_of(kind)));
        let name = written.rsplit('.').next().unwrap_or_default();
        matches!(
            name,
            "Exception"
                | "BaseException"
                | "StandardError"
                | "RuntimeError"
                | "OSError"
                | "IOError"
                | "EnvironmentError"
                | "SQLAlchemyError"
                | "DatabaseError"
                | "OperationalError"
                | "ProgrammingError"
                | "IntegrityError"
                | "InternalError"
                | "DBAPIError"
                | "PyMongoError"
                | "SubprocessError"
                | "CalledProcessError"
                | "ClientError"
                | "RedisError"
                | "PsycopgError"
        ) || matches!(
            written,
            "sqlite3.Error"
                | "psycopg2.Error"
                | "psycopg.Error"
                | "pymysql.Error"
                | "mysql.connector.Error"
                | "MySQLdb.Error"
                | "redis.exceptions.RedisError"
        )
    })
}

/// Whether a value says what an error says: made from it by `str`, `repr`, a format or a collection.
fn tells(cx: &Context<'_>, id: FunctionId, function: &Function, given: Value, error: Value) -> bool {
    let mut todo = vec![given];
    let mut seen = Vec::new();
    while let Some(value) = todo.pop() {
        if value == error {
            return true;
        }
        if value == Value::NONE || seen.len() > 200 || seen.contains(&value) {
            continue;
        }
        seen.push(value);
        match function.op(value) {
            Op::Call { callee, arguments } => {
                let path = cx.facts.path(id, callee).unwrap_or("");
                let name = calls::name_of(cx.module, function, callee);
                let passes = matches!(
                    path,
                    "str"
                        | "repr"
                        | "format"
                        | "dict"
                        | "list"
                        | "tuple"
                        | "json.dumps"
                        | "html.escape"
                        | "traceback.format_exception"
                ) || matches!(
                    name,
                    "format"
                        | "join"
                        | "strip"
                        | "replace"
                        | "jsonify"
                        | "JSONResponse"
                        | "JsonResponse"
                        | "make_response"
                        | "Response"
                        | "HttpResponse"
                        | "escape"
                        | "split"
                        | "splitlines"
                        | "decode"
                        | "encode"
                );
                if passes {
                    todo.extend(function.call_arguments(arguments).iter().map(|argument| argument.value));
                    if let Op::Attribute { of, .. } = function.op(callee) {
                        todo.push(of);
                    }
                }
            }
            Op::Attribute { of, name } => {
                // `error.args`, `error.stderr`; a code or a kind is no text.
                if matches!(
                    cx.module.symbols.text(name),
                    "args"
                        | "message"
                        | "stderr"
                        | "stdout"
                        | "output"
                        | "orig"
                        | "pgerror"
                        | "statement"
                        | "strerror"
                        | "__traceback__"
                        | "__cause__"
                        | "__dict__"
                        | "msg"
                ) {
                    todo.push(of);
                }
            }
            Op::Compare { .. } | Op::Not(_) | Op::Function(_) => {}
            Op::Refine { of, .. } => todo.push(of),
            _ => todo.extend(function.operands_of(value)),
        }
    }
    false
}

fn calls_in<'c>(cx: &Context<'c>, id: FunctionId) -> Vec<Call<'c>> {
    calls::calls(cx).into_iter().filter(|call| call.id == id).collect()
}

/// Whether a call makes an answer to a caller.
fn answers(_: &Context<'_>, call: &Call<'_>) -> bool {
    matches!(
        call.path,
        "flask.jsonify"
            | "flask.make_response"
            | "flask.Response"
            | "flask.abort"
            | "quart.jsonify"
            | "quart.make_response"
            | "django.http.HttpResponse"
            | "django.http.JsonResponse"
            | "django.http.HttpResponseServerError"
            | "django.http.HttpResponseBadRequest"
            | "rest_framework.response.Response"
            | "starlette.responses.JSONResponse"
            | "fastapi.responses.JSONResponse"
            | "starlette.responses.PlainTextResponse"
            | "fastapi.responses.PlainTextResponse"
            | "starlette.responses.HTMLResponse"
            | "fastapi.responses.HTMLResponse"
            | "starlette.responses.Response"
            | "fastapi.Response"
            | "fastapi.responses.Response"
            | "fastapi.HTTPException"
            | "starlette.exceptions.HTTPException"
            | "fastapi.exceptions.HTTPException"
            | "aiohttp.web.json_response"
            | "aiohttp.web.Response"
            | "sanic.response.json"
            | "sanic.response.text"
            | "sanic.response.html"
            | "tornado.web.RequestHandler().write"
            | "tornado.web.RequestHandler().finish"
            | "bottle.HTTPError"
            | "bottle.HTTPResponse"
            | "http.server.BaseHTTPRequestHandler().wfile.write"
            | "flask_restful.abort"
            | "flask_restx.abort"
            | "connexion.problem"
            | "aiohttp.web.HTTPInternalServerError"
            | "falcon.HTTPInternalServerError"
            | "pyramid.response.Response"
            | "webob.Response"
    )
}

/// Whether a function is one that a framework calls for errors.
fn handles_errors(cx: &Context<'_>, function: &Function) -> bool {
    let Some(parent) = function.parent.and_then(|parent| cx.module.function(parent)) else { return false };
    function.decorators.iter().any(|&decorator| {
        let written = cx.module.slice(parent.span_of(decorator));
        written.contains("errorhandler(") || written.contains(".exception_handler(") || written.contains(".route(")
    })
}
