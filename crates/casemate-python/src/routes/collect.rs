//! Finds routes, applications and what is attached to them.

use super::{
    Application, Framework, Guard, GuardKind, Inclusion, Owner, Role, Route, WebFacts, is_depends, resolve_value,
};
use super::{entries, inputs};
use crate::flow::{Entity, ModuleFacts};
use crate::names::{Definition, ModuleId, Program, Target};
use crate::syntax::{Argument, Collection, Constant, Function, FunctionId, FunctionKind, Module, Op, Passing, Value};

/// What one module says about the web.
pub(crate) fn collect(program: &Program, module: &Module, facts: &ModuleFacts) -> WebFacts {
    let mut web = WebFacts::default();
    // Most modules have nothing to do with the web; their imports say so.
    let imports_web = module.imports.iter().any(|import| {
        let root = import.module.split('.').next().unwrap_or("");
        import.level > 0
            || WEB_PACKAGES.contains(&root)
            || matches!(program.import(facts.module, import), Target::Project(_))
    });
    if imports_web {
        let mut collector = Collector { program, module, facts, web: &mut web };
        for (id, function) in module.function_ids() {
            collector.decorated(id, function);
        }
        for (id, function) in module.function_ids() {
            if !facts.values.get(id.0 as usize).is_none_or(Vec::is_empty) {
                collector.calls(id, function);
            }
        }
    }
    entries::collect(program, module, facts, &mut web);
    web
}

const WEB_PACKAGES: &[&str] = &[
    "fastapi",
    "starlette",
    "flask",
    "quart",
    "django",
    "slowapi",
    "flask_limiter",
    "fastapi_limiter",
    "flask_restful",
    "flask_restx",
];

pub(super) struct Collector<'c> {
    pub(super) program: &'c Program,
    pub(super) module: &'c Module,
    pub(super) facts: &'c ModuleFacts,
    pub(super) web: &'c mut WebFacts,
}

impl Collector<'_> {
    fn decorated(&mut self, id: FunctionId, function: &Function) {
        let Some(parent_id) = function.parent else { return };
        let Some(parent) = self.module.function(parent_id) else { return };
        if function.kind != FunctionKind::Def || function.decorators.is_empty() {
            return;
        }
        let mut routes = Vec::new();
        let mut guards = Vec::new();
        for &decorator in &function.decorators {
            if let Some(route) = self.route(parent_id, parent, decorator, id) {
                routes.push(route);
                continue;
            }
            let (target, method) = match parent.op(decorator) {
                Op::Call { callee, .. } => (callee, true),
                _ => (decorator, false),
            };
            if let Op::Attribute { of, name } = parent.op(target) {
                let name = self.module.symbols.text(name);
                if matches!(name, "before_request" | "before_app_request" | "middleware") {
                    let guard = self.project_guard(
                        if name == "middleware" { GuardKind::Middleware } else { GuardKind::Before },
                        id,
                        function,
                    );
                    self.attach(parent_id, parent, of, guard, name == "before_app_request");
                    continue;
                }
            }
            let _ = method;
            guards.push(self.guard(GuardKind::Decorator, parent_id, parent, decorator));
        }
        for mut route in routes {
            route.guards.extend(guards.iter().cloned());
            inputs::of_route(self, &mut route);
            self.web.routes.push(route);
        }
    }

    /// The route a decorator declares.
    fn route(&mut self, scope: FunctionId, parent: &Function, decorator: Value, handler: FunctionId) -> Option<Route> {
        let Op::Call { callee, arguments } = parent.op(decorator) else { return None };
        let Op::Attribute { of, name } = parent.op(callee) else { return None };
        let verb = self.module.symbols.text(name);
        if !matches!(
            verb,
            "get"
                | "post"
                | "put"
                | "patch"
                | "delete"
                | "head"
                | "options"
                | "route"
                | "api_route"
                | "websocket"
                | "trace"
        ) {
            return None;
        }
        let arguments = parent.call_arguments(arguments);
        let path = self.first_text(parent, arguments, &["path", "rule"])?;
        let framework = self.framework(scope, of)?;
        let mut methods = match verb {
            "route" | "api_route" => self.text_list(parent, keyword(self.module, arguments, "methods")),
            "websocket" => vec!["WEBSOCKET".to_owned()],
            verb => vec![verb.to_uppercase()],
        };
        if methods.is_empty() && verb == "route" && framework != Framework::Django {
            methods.push("GET".to_owned());
        }
        let mut guards = Vec::new();
        if let Some(dependencies) = keyword(self.module, arguments, "dependencies") {
            self.dependencies(scope, parent, dependencies, GuardKind::Dependency, &mut guards);
        }
        Some(Route {
            framework,
            methods,
            path,
            module: self.facts.module,
            handler,
            owner: self.owner(scope, parent, of),
            inputs: Vec::new(),
            guards,
            span: parent.span_of(decorator),
        })
    }

    /// The framework of whatever a route is declared on.
    fn framework(&self, scope: FunctionId, of: Value) -> Option<Framework> {
        match self.facts.fact(scope, of).entity {
            Entity::Path(path) => framework_of(self.facts.paths.text(path)),
            Entity::Instance(module, class) => self.base_framework(module, class, 0),
            // A parameter or something not seen: the module's imports decide.
            Entity::Unknown => {
                let imports = |root: &str| {
                    self.module
                        .imports
                        .iter()
                        .any(|import| import.level == 0 && import.module.split('.').next() == Some(root))
                };
                if imports("fastapi") {
                    Some(Framework::FastApi)
                } else if imports("flask") || imports("quart") {
                    Some(Framework::Flask)
                } else if imports("starlette") {
                    Some(Framework::Starlette)
                } else {
                    None
                }
            }
            _ => None,
        }
    }

    fn base_framework(&self, module: ModuleId, class: crate::syntax::ClassId, depth: u32) -> Option<Framework> {
        let definition = self.program.module(module)?.class(class)?;
        definition.bases.iter().take(8).find_map(|&base| {
            match resolve_value(self.program, module, definition.parent, base)? {
                Target::Library(path) => framework_of(&format!("{path}()")),
                Target::Project(Definition::Class(module, class)) if depth < 4 => {
                    self.base_framework(module, class, depth + 1)
                }
                Target::Project(_) => None,
            }
        })
    }

    /// The value that holds an application, wherever it was made.
    fn owner(&self, scope: FunctionId, function: &Function, value: Value) -> Option<Owner> {
        let module = self.facts.module;
        match function.op(value) {
            Op::Refine { of, .. } => self.owner(scope, function, of),
            Op::Phi(list) => {
                self.owner(scope, function, *function.list(list).first().filter(|choice| choice.0 < value.0)?)
            }
            Op::Call { .. } => Some((module, scope, value)),
            Op::Name(symbol) => {
                let mut around = function.parent;
                while let Some(id) = around {
                    let outer = self.module.function(id)?;
                    if id.0 != 0
                        && let Some(&(_, held)) = outer.assigned.iter().rev().find(|(name, _)| *name == symbol)
                    {
                        return Some((module, id, held));
                    }
                    around = outer.parent;
                }
                match self.program.member(module, self.module.symbols.text(symbol))? {
                    Target::Project(Definition::Variable(module, _, held)) => Some((module, FunctionId(0), held)),
                    _ => None,
                }
            }
            Op::Import(_) | Op::Attribute { .. } => match resolve_value(self.program, module, scope, value)? {
                Target::Project(Definition::Variable(module, _, held)) => Some((module, FunctionId(0), held)),
                _ => None,
            },
            _ => None,
        }
    }

    fn attach(&mut self, scope: FunctionId, function: &Function, of: Value, guard: Guard, everywhere: bool) {
        match self.owner(scope, function, of) {
            Some(owner) if !everywhere => {
                self.web.applications.push(Application { owner, prefix: String::new(), guards: vec![guard] });
            }
            _ => self.web.everywhere.push(guard),
        }
    }

    fn project_guard(&self, kind: GuardKind, id: FunctionId, function: &Function) -> Guard {
        Guard {
            kind,
            name: function.name.clone(),
            written: function.name.clone(),
            function: Some((self.facts.module, id)),
        }
    }

    /// A guard from the expression that attaches it.
    pub(super) fn guard(&self, kind: GuardKind, scope: FunctionId, function: &Function, value: Value) -> Guard {
        let written = self.module.slice(function.span_of(value)).to_owned();
        // `require("admin")`: what runs is what the call returned, and it is known by the callee's name.
        let callee = match function.op(value) {
            Op::Call { callee, .. } => callee,
            _ => value,
        };
        let fact = self.facts.fact(scope, callee);
        let (name, target) = match fact.entity {
            Entity::Path(path) => (self.facts.paths.text(path).to_owned(), None),
            Entity::Function(module, id) | Entity::Method(module, id) => {
                (self.function_name(module, id), Some((module, id)))
            }
            Entity::Class(module, class) | Entity::Instance(module, class) => {
                let home = self.program.module(module);
                let called = home.and_then(|home| home.method(class, "__call__"));
                let name = home.and_then(|home| home.class(class)).map(|class| class.name.clone()).unwrap_or_default();
                (name, called.map(|called| (module, called)))
            }
            _ => (self.module.slice(function.span_of(callee)).to_owned(), None),
        };
        Guard { kind, name, written, function: target }
    }

    fn function_name(&self, module: ModuleId, id: FunctionId) -> String {
        self.program.module(module).and_then(|home| home.function(id)).map(|f| f.qualified.clone()).unwrap_or_default()
    }

    /// Guards from `dependencies=[Depends(…), …]`.
    fn dependencies(
        &self,
        scope: FunctionId,
        function: &Function,
        list: Value,
        kind: GuardKind,
        guards: &mut Vec<Guard>,
    ) {
        let items = match function.op(list) {
            Op::Build { items, .. } => function.list(items).to_vec(),
            _ => vec![list],
        };
        for item in items {
            self.dependency(scope, function, item, kind, guards);
        }
    }

    /// The guard in `Depends(f)`, and those that `f` itself depends on.
    pub(super) fn dependency(
        &self,
        scope: FunctionId,
        function: &Function,
        value: Value,
        kind: GuardKind,
        guards: &mut Vec<Guard>,
    ) {
        let Op::Call { callee, arguments } = function.op(value) else {
            guards.push(self.guard(kind, scope, function, value));
            return;
        };
        if !self.facts.path(scope, callee).is_some_and(is_depends) {
            return;
        }
        let Some(first) = function
            .call_arguments(arguments)
            .iter()
            .find(|argument| argument.passing == Passing::Position || is_keyword(self.module, argument, "dependency"))
        else {
            return;
        };
        let mut guard = self.guard(kind, scope, function, first.value);
        if function.call_arguments(arguments).len() > 1 {
            // Scopes of a `Security(…)` are part of what is demanded.
            guard.written = self.module.slice(function.span_of(value)).to_owned();
        }
        guards.push(guard);
    }

    fn calls(&mut self, id: FunctionId, function: &Function) {
        for (value, op) in function.values() {
            let Op::Call { callee, arguments } = op else { continue };
            let arguments = function.call_arguments(arguments);
            let path = self.facts.path(id, callee).unwrap_or("").to_owned();
            let result = format!("{path}()");
            if framework_of(&result).is_some() {
                self.application(id, function, value, arguments);
            }
            match path.as_str() {
                "flask_limiter.Limiter"
                | "slowapi.Limiter"
                | "slowapi.extension.Limiter"
                | "flask_limiter.extension.Limiter" => {
                    let limits = ["default_limits", "application_limits"];
                    if limits.iter().any(|name| keyword(self.module, arguments, name).is_some()) {
                        let guard = Guard {
                            kind: GuardKind::Middleware,
                            name: path.clone(),
                            written: self.module.slice(function.span_of(value)).to_owned(),
                            function: None,
                        };
                        self.web.everywhere.push(guard);
                    }
                }
                "django.urls.path" | "django.urls.re_path" | "django.conf.urls.url" => {
                    self.django_route(id, function, value, arguments);
                }
                "starlette.routing.Route" | "starlette.routing.WebSocketRoute" => {
                    self.starlette_route(id, function, value, arguments);
                }
                _ => {}
            }
            let Op::Attribute { of, name } = function.op(callee) else { continue };
            match self.module.symbols.text(name) {
                "add_middleware" => {
                    if let Some(first) = arguments.first() {
                        let mut guard = self.guard(GuardKind::Middleware, id, function, first.value);
                        if let Entity::Class(module, class) = self.facts.fact(id, first.value).entity {
                            guard.function = self
                                .program
                                .module(module)
                                .and_then(|home| home.method(class, "dispatch"))
                                .map(|f| (module, f));
                        }
                        self.attach(id, function, of, guard, false);
                    }
                }
                "before_request" => {
                    if let Some(first) = arguments.first() {
                        let guard = self.guard(GuardKind::Before, id, function, first.value);
                        self.attach(id, function, of, guard, false);
                    }
                }
                "include_router" | "register_blueprint" | "mount" => self.inclusion(id, function, of, arguments),
                "add_api_route" | "add_url_rule" | "add_route" => self.added_route(id, function, value, of, arguments),
                _ => {}
            }
        }
    }

    fn application(&mut self, id: FunctionId, function: &Function, value: Value, arguments: &[Argument]) {
        let mut guards = Vec::new();
        if let Some(dependencies) = keyword(self.module, arguments, "dependencies") {
            self.dependencies(id, function, dependencies, GuardKind::Inherited, &mut guards);
        }
        if let Some(middleware) = keyword(self.module, arguments, "middleware")
            && let Op::Build { items, .. } = function.op(middleware)
        {
            for &item in function.list(items) {
                if let Op::Call { arguments, .. } = function.op(item)
                    && let Some(first) = function.call_arguments(arguments).first()
                {
                    guards.push(self.guard(GuardKind::Middleware, id, function, first.value));
                }
            }
        }
        let prefix = ["prefix", "url_prefix"]
            .iter()
            .find_map(|name| keyword(self.module, arguments, name))
            .and_then(|value| self.text(function, value))
            .unwrap_or_default();
        self.web.applications.push(Application { owner: (self.facts.module, id, value), prefix, guards });
    }

    fn inclusion(&mut self, id: FunctionId, function: &Function, of: Value, arguments: &[Argument]) {
        let prefix = ["prefix", "url_prefix"]
            .iter()
            .find_map(|name| keyword(self.module, arguments, name))
            .and_then(|value| self.text(function, value))
            .unwrap_or_default();
        let Some(child) = arguments
            .iter()
            .filter(|argument| argument.passing == Passing::Position || is_keyword(self.module, argument, "router"))
            .find_map(|argument| self.owner(id, function, argument.value))
        else {
            return;
        };
        let mut guards = Vec::new();
        if let Some(dependencies) = keyword(self.module, arguments, "dependencies") {
            self.dependencies(id, function, dependencies, GuardKind::Inherited, &mut guards);
        }
        let parent = self.owner(id, function, of);
        self.web.inclusions.push(Inclusion { parent, child, prefix, guards });
    }

    /// `app.add_api_route("/x", handler)`, `app.add_url_rule("/x", view_func=handler)`.
    fn added_route(&mut self, id: FunctionId, function: &Function, value: Value, of: Value, arguments: &[Argument]) {
        let Some(path) = self.first_text(function, arguments, &["path", "rule"]) else { return };
        let Some(framework) = self.framework(id, of) else { return };
        let handler = arguments.iter().skip(1).find_map(|argument| self.project_function(id, argument.value));
        let Some((module, handler)) = handler else { return };
        let methods = self.text_list(function, keyword(self.module, arguments, "methods"));
        let owner = self.owner(id, function, of);
        self.add(Route {
            framework,
            methods,
            path,
            module,
            handler,
            owner,
            inputs: Vec::new(),
            guards: Vec::new(),
            span: function.span_of(value),
        });
    }

    fn starlette_route(&mut self, id: FunctionId, function: &Function, value: Value, arguments: &[Argument]) {
        let Some(path) = self.first_text(function, arguments, &["path"]) else { return };
        let Some((module, handler)) =
            arguments.iter().skip(1).find_map(|argument| self.project_function(id, argument.value))
        else {
            return;
        };
        let mut methods = self.text_list(function, keyword(self.module, arguments, "methods"));
        if methods.is_empty() {
            methods.push("GET".to_owned());
        }
        self.add(Route {
            framework: Framework::Starlette,
            methods,
            path,
            module,
            handler,
            owner: None,
            inputs: Vec::new(),
            guards: Vec::new(),
            span: function.span_of(value),
        });
    }

    fn django_route(&mut self, id: FunctionId, function: &Function, value: Value, arguments: &[Argument]) {
        let Some(path) = self.first_text(function, arguments, &["route", "regex"]) else { return };
        let Some(second) = arguments.get(1) else { return };
        let mut guards = Vec::new();
        let mut view = second.value;
        // `login_required(view)`
        while let Op::Call { callee, arguments } = function.op(view) {
            let Some(first) = function.call_arguments(arguments).first() else { return };
            guards.push(self.guard(GuardKind::Decorator, id, function, callee));
            view = first.value;
        }
        let Some((module, handler)) = self.project_function(id, view) else { return };
        self.add(Route {
            framework: Framework::Django,
            methods: Vec::new(),
            path: format!("/{}", path.trim_start_matches('^')),
            module,
            handler,
            owner: None,
            inputs: Vec::new(),
            guards,
            span: function.span_of(value),
        });
    }

    /// Adds a route whose handler is declared elsewhere, with the handler's own decorators.
    fn add(&mut self, mut route: Route) {
        if route.module == self.facts.module
            && let Some(handler) = self.module.function(route.handler)
            && let Some(parent_id) = handler.parent
            && let Some(parent) = self.module.function(parent_id)
        {
            for &decorator in &handler.decorators {
                route.guards.push(self.guard(GuardKind::Decorator, parent_id, parent, decorator));
            }
        } else if let Some(home) = self.program.module(route.module)
            && let Some(handler) = home.function(route.handler)
            && let Some(parent) = handler.parent.and_then(|parent| home.function(parent))
        {
            for &decorator in &handler.decorators {
                let written = home.slice(parent.span_of(decorator)).to_owned();
                let name =
                    match resolve_value(self.program, route.module, handler.parent.unwrap_or_default(), decorator) {
                        Some(Target::Library(path)) => path,
                        _ => written.split('(').next().unwrap_or("").to_owned(),
                    };
                route.guards.push(Guard { kind: GuardKind::Decorator, name, written, function: None });
            }
        }
        inputs::of_route(self, &mut route);
        self.web.routes.push(route);
    }

    fn project_function(&self, scope: FunctionId, value: Value) -> Option<(ModuleId, FunctionId)> {
        match self.facts.fact(scope, value).entity {
            Entity::Function(module, id) => Some((module, id)),
            _ => None,
        }
    }

    // --- constants

    fn first_text(&self, function: &Function, arguments: &[Argument], names: &[&str]) -> Option<String> {
        let value = match arguments.first() {
            Some(first) if first.passing == Passing::Position => first.value,
            _ => names.iter().find_map(|name| keyword(self.module, arguments, name))?,
        };
        self.text(function, value)
    }

    pub(super) fn text(&self, function: &Function, value: Value) -> Option<String> {
        match function.op(value) {
            Op::Constant(Constant::Str(text)) => Some(self.module.string(text).to_owned()),
            Op::Name(symbol) => {
                let body = self.module.functions.first()?;
                let at = body.exit.binary_search_by_key(&symbol, |(name, _)| *name).ok()?;
                self.module.constant_str(body, body.exit[at].1).map(str::to_owned)
            }
            Op::Format(_) | Op::Binary { .. } => {
                let parts = crate::flow::text_of(self.program, self.facts.module, FunctionId(0), value);
                let text: String = parts
                    .iter()
                    .map(|part| match part {
                        crate::flow::TextPart::Literal(text) => text.as_str(),
                        crate::flow::TextPart::Hole(_) => "{}",
                    })
                    .collect();
                (std::ptr::eq(function, self.module.functions.first()?)).then_some(text)
            }
            _ => None,
        }
    }

    fn text_list(&self, function: &Function, value: Option<Value>) -> Vec<String> {
        let Some(value) = value else { return Vec::new() };
        match function.op(value) {
            Op::Build { items, collection: Collection::List | Collection::Tuple | Collection::Set } => function
                .list(items)
                .iter()
                .filter_map(|&item| self.text(function, item))
                .map(|text| text.to_uppercase())
                .collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn seed(&mut self, module: ModuleId, function: FunctionId, index: usize, role: Role, safe: bool) {
        self.web.seeds.insert((module, function, index), (role, safe));
    }
}

fn is_keyword(module: &Module, argument: &Argument, name: &str) -> bool {
    matches!(argument.passing, Passing::Keyword(symbol) if module.symbols.text(symbol) == name)
}

/// The value of a keyword argument.
pub(super) fn keyword(module: &Module, arguments: &[Argument], name: &str) -> Option<Value> {
    arguments.iter().find(|argument| is_keyword(module, argument, name)).map(|argument| argument.value)
}

fn framework_of(path: &str) -> Option<Framework> {
    match path {
        "fastapi.FastAPI()"
        | "fastapi.APIRouter()"
        | "fastapi.applications.FastAPI()"
        | "fastapi.routing.APIRouter()" => Some(Framework::FastApi),
        "starlette.applications.Starlette()" | "starlette.routing.Router()" => Some(Framework::Starlette),
        "flask.Flask()"
        | "flask.Blueprint()"
        | "quart.Quart()"
        | "quart.Blueprint()"
        | "flask.app.Flask()"
        | "flask.blueprints.Blueprint()" => Some(Framework::Flask),
        _ => None,
    }
}
