//! Routes that calls and tables declare: aiohttp, Tornado, Pyramid, Sanic, Falcon, Bottle, Starlette.

use super::classes::{Declared, find_method, project_classes, view_of};
use super::collect::{Collector, is_keyword, keyword};
use super::{Framework, Guard, GuardKind, Inclusion, Owner, Route};
use crate::names::{Definition, ModuleId, Target};
use crate::syntax::{Argument, ClassId, Collection, Function, FunctionId, Op, Passing, Span, Value};

/// What answers at a path.
#[derive(Clone, Copy)]
enum Answer {
    Function(ModuleId, FunctionId),
    Class(ModuleId, ClassId),
}

impl Collector<'_> {
    /// What a handler expression stands for: a function, a view class, `View.as_view()` or `Resource()`.
    fn answer(&self, id: FunctionId, function: &Function, value: Value) -> Option<Answer> {
        if let Op::Call { callee, .. } = function.op(value) {
            if let Op::Attribute { of, name } = function.op(callee)
                && self.module.symbols.text(name) == "as_view"
            {
                return self.class_of(id, of).map(|(module, class)| Answer::Class(module, class));
            }
            return self.class_of(id, callee).map(|(module, class)| Answer::Class(module, class));
        }
        match self.target(id, value)? {
            Target::Project(Definition::Function(module, handler)) => Some(Answer::Function(module, handler)),
            Target::Project(Definition::Class(module, class)) => Some(Answer::Class(module, class)),
            Target::Project(Definition::Variable(module, _, held)) => {
                // `resource = Resource()` of another module.
                match super::resolve_value(self.program, module, FunctionId(0), held)? {
                    Target::Project(Definition::Class(module, class)) => Some(Answer::Class(module, class)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Adds what answers at a path.
    fn answered(&mut self, framework: Framework, answer: Option<Answer>, declared: Declared) {
        match answer {
            Some(Answer::Function(module, handler)) => self.add(Route {
                framework,
                methods: declared.methods,
                path: declared.path,
                module,
                handler,
                view: None,
                named: declared.named,
                takes_defaults: true,
                owner: declared.owner,
                inputs: Vec::new(),
                guards: declared.guards,
                span: declared.span,
            }),
            Some(Answer::Class(module, class)) => {
                if framework == Framework::Falcon {
                    self.falcon_resource((module, class), &declared);
                } else {
                    self.class_routes((module, class), &declared);
                }
            }
            None => {}
        }
    }

    /// Routes that functions of libraries make: `web.get("/x", handler)`, `Route("/x", handler)`, `url(r"/x", Handler)`.
    pub(super) fn made_route(
        &mut self,
        id: FunctionId,
        function: &Function,
        value: Value,
        path: &str,
        arguments: &[Argument],
    ) {
        let span = function.span_of(value);
        if let Some(verb) = path.strip_prefix("aiohttp.web.")
            && matches!(verb, "get" | "post" | "put" | "patch" | "delete" | "head" | "route" | "view")
        {
            let at = usize::from(verb == "route");
            let Some(first) = arguments.get(at) else { return };
            let Some(written) = self.text(id, function, first.value) else { return };
            let Some(handler) = arguments.get(at + 1) else { return };
            let mut declared = Declared::at(written, None, span);
            declared.methods = match verb {
                "view" => Vec::new(),
                "route" => arguments
                    .first()
                    .and_then(|first| self.text(id, function, first.value))
                    .filter(|verb| verb != "*")
                    .into_iter()
                    .collect(),
                verb => vec![verb.to_uppercase()],
            };
            let answer = self.answer(id, function, handler.value);
            return self.answered(Framework::Aiohttp, answer, declared);
        }
        match path {
            "starlette.routing.Route" | "starlette.routing.WebSocketRoute" | "fastapi.routing.APIRoute" => {
                let Some(written) = self.first_text(id, function, arguments, &["path"]) else { return };
                let handler =
                    arguments.get(1).map(|second| second.value).or_else(|| keyword(self.module, arguments, "endpoint"));
                let Some(handler) = handler else { return };
                let answer = self.answer(id, function, handler);
                let mut declared = Declared::at(written, None, span);
                declared.owner = self.mounted.get(&value).map(|&list| (self.facts.module, id, list));
                let listed = self.text_list(id, function, keyword(self.module, arguments, "methods"));
                declared.methods = match (&answer, path.ends_with("WebSocketRoute")) {
                    (Some(Answer::Class(..)), _) => listed,
                    (_, true) => vec!["WEBSOCKET".to_owned()],
                    _ if listed.is_empty() => vec!["GET".to_owned()],
                    _ => listed,
                };
                let framework = if path.starts_with("fastapi.") { Framework::FastApi } else { Framework::Starlette };
                self.answered(framework, answer, declared);
            }
            "starlette.routing.Mount" => {
                let Some(prefix) = self.first_text(id, function, arguments, &["path"]) else { return };
                let listed = keyword(self.module, arguments, "routes").map(|list| (self.facts.module, id, list));
                let app =
                    arguments.get(1).filter(|second| second.passing == Passing::Position).map(|second| second.value);
                let app = app.or_else(|| keyword(self.module, arguments, "app"));
                let child = listed.or_else(|| self.owner(id, function, app?));
                if let Some(child) = child {
                    let parent = self.mounted.get(&value).map(|&list| (self.facts.module, id, list));
                    self.web.inclusions.push(Inclusion { parent, child, prefix, guards: Vec::new() });
                }
            }
            "tornado.web.url" | "tornado.web.URLSpec" | "tornado.routing.URLSpec" => {
                let Some(written) = self.first_text(id, function, arguments, &["pattern"]) else { return };
                let Some(handler) = arguments.get(1) else { return };
                if let Some(class) = self.class_of(id, handler.value) {
                    self.class_routes(class, &Declared::at(clean_regex(&written), None, span));
                }
            }
            _ => {}
        }
    }

    /// `(r"/x", Handler)` in a table of Tornado.
    pub(super) fn tornado_table(&mut self, id: FunctionId, function: &Function) {
        for (value, op) in function.values() {
            let Op::Build { collection: Collection::Tuple, items } = op else { continue };
            let items = function.list(items);
            let [first, second, ..] = items else { continue };
            if items.len() > 4
                || !matches!(function.op(*first), Op::Constant(_) | Op::Format(_) | Op::Binary { .. } | Op::Name(_))
            {
                continue;
            }
            let Some(class) = self.class_of(id, *second) else { continue };
            if view_of(self.program, class.0, class.1).is_some_and(|view| view.framework == Framework::Tornado)
                && let Some(written) = self.text(id, function, *first)
            {
                self.class_routes(class, &Declared::at(clean_regex(&written), None, function.span_of(value)));
            }
        }
    }

    /// Routes that methods of an application or router declare.
    pub(super) fn declared(
        &mut self,
        id: FunctionId,
        function: &Function,
        value: Value,
        (of, method): (Value, &str),
        arguments: &[Argument],
    ) {
        let span = function.span_of(value);
        match method {
            "add_get" | "add_post" | "add_put" | "add_patch" | "add_delete" | "add_head" | "add_view" => {
                let Some(written) = self.first_text(id, function, arguments, &["path"]) else { return };
                let Some(handler) = arguments.get(1) else { return };
                if self.framework(id, function, of) != Some(Framework::Aiohttp) {
                    return self.pyramid_view(id, function, value, method, arguments);
                }
                let verb = method.trim_start_matches("add_").to_uppercase();
                let mut declared = Declared::at(written, self.router_owner(id, function, of), span);
                declared.methods = if verb == "VIEW" { Vec::new() } else { vec![verb] };
                let answer = self.answer(id, function, handler.value);
                self.answered(Framework::Aiohttp, answer, declared);
            }
            "add_routes" => {
                // `app.add_routes(routes)` with a table of decorated handlers.
                if let Some(first) = arguments.first()
                    && let Some(child) = self.owner(id, function, first.value)
                {
                    let parent = self.router_owner(id, function, of);
                    self.web.inclusions.push(Inclusion { parent, child, prefix: String::new(), guards: Vec::new() });
                }
            }
            "add_subapp" => {
                let Some(prefix) = self.first_text(id, function, arguments, &["prefix"]) else { return };
                if let Some(child) = arguments.get(1).and_then(|second| self.owner(id, function, second.value)) {
                    let parent = self.owner(id, function, of);
                    self.web.inclusions.push(Inclusion { parent, child, prefix, guards: Vec::new() });
                }
            }
            "add_resource" => {
                let [class, paths @ ..] = arguments else { return };
                let Some(key) = self.class_of(id, class.value) else { return };
                for path in paths.iter().filter(|argument| argument.passing == Passing::Position) {
                    if let Some(written) = self.text(id, function, path.value) {
                        self.class_routes(key, &Declared::at(written, self.owner(id, function, of), span));
                    }
                }
            }
            "register" => self.registered(id, function, value, of, arguments),
            _ => {}
        }
    }

    /// `app.add_route(…)`, whose arguments every framework orders in its own way.
    pub(super) fn added_route(
        &mut self,
        id: FunctionId,
        function: &Function,
        value: Value,
        of: Value,
        arguments: &[Argument],
    ) {
        let Some(framework) = self.framework(id, function, of) else { return };
        let span = function.span_of(value);
        let text = |this: &Self, at: usize, names: &[&str]| {
            let value = arguments
                .get(at)
                .filter(|argument| argument.passing == Passing::Position)
                .map(|argument| argument.value);
            let value = value.or_else(|| names.iter().find_map(|name| keyword(this.module, arguments, name)))?;
            this.text(id, function, value)
        };
        let owner = self.router_owner(id, function, of);
        let (path, handler, mut methods) = match framework {
            Framework::Aiohttp => {
                let verb = text(self, 0, &["method"]).filter(|verb| verb != "*");
                (text(self, 1, &["path"]), arguments.get(2).map(|argument| argument.value), verb.into_iter().collect())
            }
            Framework::Sanic => (text(self, 1, &["uri"]), arguments.first().map(|argument| argument.value), Vec::new()),
            Framework::Pyramid => {
                if let (Some(name), Some(path)) = (text(self, 0, &["name"]), text(self, 1, &["pattern", "path"])) {
                    let path = if path.starts_with('/') { path } else { format!("/{path}") };
                    self.web.names.push((name, path));
                }
                return;
            }
            _ => {
                let named = ["view_func", "endpoint", "resource", "callback"];
                let given = named.iter().find_map(|name| keyword(self.module, arguments, name));
                let handler = given.into_iter().chain(arguments.iter().skip(1).map(|argument| argument.value));
                let handler = handler.into_iter().find(|&value| self.answer(id, function, value).is_some());
                (text(self, 0, &["path", "rule", "uri_template"]), handler, Vec::new())
            }
        };
        let (Some(path), Some(handler)) = (path, handler) else { return };
        let listed = self.text_list(id, function, keyword(self.module, arguments, "methods"));
        if !listed.is_empty() {
            methods = listed;
        }
        let answer = self.answer(id, function, handler);
        if methods.is_empty() && framework == Framework::Flask && matches!(answer, Some(Answer::Function(..))) {
            methods.push("GET".to_owned());
        }
        let mut declared = Declared::at(path, owner, span);
        declared.methods = methods;
        self.answered(framework, answer, declared);
    }

    /// `app.router` belongs to `app`.
    pub(super) fn router_owner(&self, id: FunctionId, function: &Function, of: Value) -> Option<Owner> {
        match function.op(of) {
            Op::Attribute { of, name } if matches!(self.module.symbols.text(name), "router" | "app") => {
                self.owner(id, function, of)
            }
            _ => self.owner(id, function, of),
        }
    }

    /// Methods `on_get`, `on_post` of a resource of Falcon.
    pub(super) fn falcon_resource(&mut self, key: (ModuleId, ClassId), declared: &Declared) {
        let program = self.program;
        let classes = project_classes(program, key.0, key.1);
        for (verb, method) in
            [("get", "GET"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")]
        {
            // `add_route("/{id}", Orders(), suffix="item")` calls `on_get_item`.
            let (plain, with_suffix) = (format!("on_{verb}"), format!("on_{verb}_"));
            let mut names: Vec<String> = Vec::new();
            for &(home, class) in &classes {
                let Some((home, class)) = program.module(home).and_then(|home| Some((home, home.class(class)?))) else {
                    continue;
                };
                let methods = class.methods.iter().map(|&(name, _)| home.symbols.text(name));
                names
                    .extend(methods.filter(|name| *name == plain || name.starts_with(&with_suffix)).map(str::to_owned));
            }
            names.sort_unstable();
            names.dedup();
            for name in names {
                let Some((module, handler)) = find_method(program, &classes, &name) else { continue };
                let Some(home) = program.module(module) else { continue };
                let Some(function) = home.function(handler) else { continue };
                let names: Vec<&str> =
                    function.parameters.iter().map(|parameter| home.symbols.text(parameter.name)).collect();
                // A class that only happens to have such a method takes something else.
                if !matches!(
                    names.get(1..3),
                    Some(["req" | "request" | "_req" | "_", "resp" | "response" | "res" | "_resp" | "_"])
                ) {
                    continue;
                }
                let mut guards = declared.guards.clone();
                if let Some(class) = program.module(key.0).and_then(|home| home.class(key.1)) {
                    for &decorator in &class.decorators {
                        guards.extend(super::classes::guard_in(
                            program,
                            GuardKind::Decorator,
                            key.0,
                            class.parent,
                            decorator,
                        ));
                    }
                }
                self.add(Route {
                    framework: Framework::Falcon,
                    methods: vec![method.to_owned()],
                    path: declared.path.clone(),
                    module,
                    handler,
                    view: Some(key),
                    named: None,
                    takes_defaults: true,
                    owner: declared.owner,
                    inputs: Vec::new(),
                    guards,
                    span: declared.span,
                });
            }
        }
    }

    /// `config.add_view(view, route_name="x")` of Pyramid.
    pub(super) fn pyramid_view(
        &mut self,
        id: FunctionId,
        function: &Function,
        value: Value,
        method: &str,
        arguments: &[Argument],
    ) {
        if method != "add_view" || !self.imports("pyramid") {
            return;
        }
        let Some(first) = arguments.first() else { return };
        let view = if first.passing == Passing::Position {
            Some(first.value)
        } else {
            keyword(self.module, arguments, "view")
        };
        let Some(answer) = view.and_then(|view| self.answer(id, function, view)) else { return };
        let declared = self.pyramid_declared(id, function, arguments, function.span_of(value));
        match answer {
            Answer::Function(..) => self.answered(Framework::Pyramid, Some(answer), declared),
            Answer::Class(module, class) => self.pyramid_class(id, function, (module, class), arguments, declared),
        }
    }

    fn pyramid_class(
        &mut self,
        id: FunctionId,
        function: &Function,
        key: (ModuleId, ClassId),
        arguments: &[Argument],
        declared: Declared,
    ) {
        let named = keyword(self.module, arguments, "attr").and_then(|value| self.text(id, function, value));
        let classes = project_classes(self.program, key.0, key.1);
        if let Some((module, handler)) = find_method(self.program, &classes, named.as_deref().unwrap_or("__call__")) {
            self.answered(Framework::Pyramid, Some(Answer::Function(module, handler)), declared);
        }
    }

    /// What `view_config` and `add_view` say.
    pub(super) fn pyramid_declared(
        &self,
        id: FunctionId,
        function: &Function,
        arguments: &[Argument],
        span: Span,
    ) -> Declared {
        let text = |name: &str| keyword(self.module, arguments, name).and_then(|value| self.text(id, function, value));
        let mut declared = Declared::at(String::new(), None, span);
        declared.named = text("route_name");
        if declared.named.is_none()
            && let Some(name) = text("name")
        {
            declared.path = format!("/{name}");
        }
        if let Some(methods) = keyword(self.module, arguments, "request_method") {
            declared.methods = match self.text(id, function, methods) {
                Some(one) => vec![one.to_uppercase()],
                None => self.text_list(id, function, Some(methods)),
            };
        }
        if let Some(permission) = keyword(self.module, arguments, "permission") {
            let written = self.module.slice(function.span_of(permission)).trim_matches(['"', '\'']).to_owned();
            if !written.ends_with("NO_PERMISSION_REQUIRED") {
                let name = format!("permission {written}");
                declared.guards.push(Guard { kind: GuardKind::Decorator, name, written, function: None });
            }
        }
        declared
    }

    /// The handlers that `@view_config(…)` makes of a function or method.
    pub(super) fn pyramid_decorated(
        &mut self,
        scope: FunctionId,
        around: &Function,
        decorator: Value,
        handler: FunctionId,
    ) -> bool {
        let Op::Call { callee, arguments } = around.op(decorator) else { return false };
        if self.library(scope, callee).as_deref() != Some("pyramid.view.view_config") {
            return false;
        }
        let declared =
            self.pyramid_declared(scope, around, around.call_arguments(arguments), around.span_of(decorator));
        self.answered(Framework::Pyramid, Some(Answer::Function(self.facts.module, handler)), declared);
        true
    }

    /// Decorators that make a route of a class: `@routes.view("/x")`, `@ns.route("/x")`, `@blueprint.route("/x")`.
    pub(super) fn decorated_classes(&mut self) {
        let module = self.facts.module;
        for number in 0..self.module.classes.len() {
            let class = ClassId(u32::try_from(number).unwrap_or(u32::MAX));
            let Some(definition) = self.module.class(class) else { continue };
            let scope = definition.parent;
            let Some(around) = self.module.function(scope) else { continue };
            for &decorator in &definition.decorators {
                let Op::Call { callee, arguments } = around.op(decorator) else { continue };
                let arguments = around.call_arguments(arguments);
                if self.library(scope, callee).as_deref() == Some("pyramid.view.view_config") {
                    let declared = self.pyramid_declared(scope, around, arguments, around.span_of(decorator));
                    self.pyramid_class(scope, around, (module, class), arguments, declared);
                    continue;
                }
                let Op::Attribute { of, name } = around.op(callee) else { continue };
                if !matches!(self.module.symbols.text(name), "route" | "view") {
                    continue;
                }
                if self.framework(scope, around, of).is_none() && view_of(self.program, module, class).is_none() {
                    continue;
                }
                for path in arguments.iter().filter(|argument| {
                    argument.passing == Passing::Position || is_keyword(self.module, argument, "rule")
                }) {
                    if let Some(written) = self.text(scope, around, path.value) {
                        let declared = Declared::at(written, self.owner(scope, around, of), around.span_of(decorator));
                        self.class_routes((module, class), &declared);
                    }
                }
            }
        }
    }
}

/// A path of Tornado without what only a regular expression needs.
fn clean_regex(written: &str) -> String {
    written.trim_start_matches('^').trim_end_matches('$').trim_end_matches("/?").to_owned()
}
