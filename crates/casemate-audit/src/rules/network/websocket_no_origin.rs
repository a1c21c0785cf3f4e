//! WebSockets that any web site may open in the name of its visitors.

use casemate_python::names::ModuleId;
use casemate_python::routes::{Framework, Role};
use casemate_python::syntax::{Constant, FunctionId, Op, Span};

use super::calls::{self, calls, items, tell, text};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `websocket-no-origin`
pub(crate) static RULE: Rule = Rule {
    id: "NET314",
    name: "websocket-no-origin",
    summary: "A WebSocket is opened whatever page asks for it",
    severity: Severity::High,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[1385],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "4.4.2",
    page: include_str!("websocket_no_origin.md"),
};

const REMEDY: &str = "Compare the `Origin` header with the sites that may connect before you accept, as in `websocket.headers.get(\"origin\") in ALLOWED`, or ask for a token that only your own page knows.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, String, Confidence)> = Vec::new();
    routes(cx, &mut found);
    for call in calls(cx) {
        let span = call.span();
        let everybody = |name: &str| {
            call.keyword(cx, name).is_some_and(|at| {
                text(cx, at) == Some("*") || items(cx, at).iter().any(|&at| text(cx, at) == Some("*"))
            })
        };
        match call.name {
            "SocketIO" | "Server" | "AsyncServer" | "init_app"
                if everybody("cors_allowed_origins")
                    && calls::imports(cx.module, &["flask_socketio", "socketio", "engineio"]) =>
            {
                found.push((
                    call.id,
                    span,
                    "with `cors_allowed_origins=\"*\"` any web site may open this socket in the name of its visitors"
                        .to_owned(),
                    Confidence::High,
                ));
            }
            "AuthMiddlewareStack" | "SessionMiddlewareStack" | "CookieMiddleware"
                if call.path.starts_with("channels.") =>
            {
                let guarded = calls(cx).iter().any(|around| {
                    matches!(around.name, "AllowedHostsOriginValidator" | "OriginValidator")
                        || around.name.contains("Origin")
                });
                if !guarded {
                    found.push((call.id, span, format!("`{}` goes by cookies, and no `AllowedHostsOriginValidator` stands around it: any web site may open the socket in the name of its visitors", call.name), Confidence::High));
                }
            }
            _ => {}
        }
    }
    // Tornado asks `check_origin`, which may be turned off.
    for class in &cx.module.classes {
        let Some(method) = class.methods.iter().rev().find(|(name, _)| cx.module.symbols.text(*name) == "check_origin")
        else {
            continue;
        };
        let Some(function) = cx.module.function(method.1) else { continue };
        let always = !function.returns.is_empty()
            && function.returns.iter().all(|&value| matches!(function.op(value), Op::Constant(Constant::Bool(true))));
        if always {
            found.push((
                method.1,
                function.name_span,
                "this `check_origin` says yes to every web site".to_owned(),
                Confidence::High,
            ));
        }
    }
    for (id, span, message, confidence) in found {
        let finding = tell(cx, &RULE, id, span, message, REMEDY, confidence);
        finding.missing_guard = Some("a check of the `Origin` header".to_owned());
    }
}

/// Handlers of FastAPI and Starlette that go by cookies and do not look at the origin.
fn routes(cx: &Context<'_>, found: &mut Vec<(FunctionId, Span, String, Confidence)>) {
    for route in cx.routes() {
        // Tornado asks by itself, unless `check_origin` is written over.
        if route.methods != ["WEBSOCKET"] || route.framework == Framework::Tornado {
            continue;
        }
        let Some((source, function)) = cx.function(route.module, route.handler) else { continue };
        let (guards, path) = cx.chain(route);
        let mut looked: Vec<(ModuleId, FunctionId)> = vec![(route.module, route.handler)];
        looked.extend(guards.iter().filter_map(|guard| guard.function));
        looked.extend(route.inputs.iter().map(|input| (input.taken_by.0, input.taken_by.1)));
        let text_of = |(module, id): (ModuleId, FunctionId)| {
            cx.function(module, id).map(|(source, function)| source.slice(function.span).to_lowercase())
        };
        let texts: Vec<String> = looked.into_iter().filter_map(text_of).collect();
        let goes_by_cookies = route.inputs.iter().any(|input| input.role == Role::Cookie)
            || texts.iter().any(|text| {
                text.contains(".cookies")
                    || ["socket.session", "ws.session", "request.session", "\"session\"", "'session'"]
                        .iter()
                        .any(|one| text.contains(one))
                    || text.contains("cookie(")
            });
        if goes_by_cookies && !texts.iter().any(|text| text.contains("origin")) {
            let _ = source;
            found.push((route.handler, function.name_span, format!("`{path}` goes by cookies and does not ask which page opens it: any web site may, in the name of its visitors"), Confidence::Medium));
        }
    }
}
