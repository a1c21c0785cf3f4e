//! Finds routes, applications and what is attached to them.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::classes::{acting_method, guard_in, items_of, texts_of};
use super::{
    Application, Framework, Guard, GuardKind, Inclusion, Owner, Role, Route, Seed, WebFacts, django, entries, inputs,
    is_depends, resolve_value,
};
use crate::facts::{Entity, ModuleFacts};
use crate::names::{Definition, ModuleId, Program, Target};
use crate::syntax::{
    Argument, ClassId, Collection, Constant, Function, FunctionId, FunctionKind, Module, Op, Passing, Value,
};

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
    let mut collector = Collector {
        program,
        module,
        facts,
        web: &mut web,
        included: FxHashMap::default(),
        mounted: FxHashMap::default(),
    };
    collector.settings();
    if imports_web {
        collector.included = django::included_lists(module);
        for (id, function) in module.function_ids() {
            collector.decorated(id, function);
        }
        collector.decorated_classes();
        for (id, function) in module.function_ids() {
            collector.calls(id, function);
            collector.called_decorators(id, function);
            if collector.imports("tornado") || collector.imports("jupyter_server") || collector.imports("notebook") {
                collector.tornado_table(id, function);
            }
        }
        collector.lone_classes();
        collector.requests_by_name();
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
    "rest_framework",
    "ninja",
    "channels",
    "aiohttp",
    "tornado",
    "jupyter_server",
    "notebook",
    "bottle",
    "pyramid",
    "sanic",
    "falcon",
    "flask_appbuilder",
    "flask_admin",
    "flask_smorest",
    "flask_socketio",
    "flask_sock",
];

pub(super) struct Collector<'c> {
    pub(super) program: &'c Program,
    pub(super) module: &'c Module,
    pub(super) facts: &'c ModuleFacts,
    pub(super) web: &'c mut WebFacts,
    /// Routes of Django that stand in a list which is included under a prefix.
    pub(super) included: FxHashMap<Value, Value>,
    /// Routes of Starlette in a list that an application or mount is given, in the function at hand.
    pub(super) mounted: FxHashMap<Value, Value>,
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
            if self.pyramid_decorated(parent_id, parent, decorator, id) {
                continue;
            }
            if let Some(route) = self.route(parent_id, parent, decorator, id) {
                routes.push(route);
                continue;
            }
            let target = match parent.op(decorator) {
                Op::Call { callee, .. } => callee,
                _ => decorator,
            };
            if let Op::Attribute { of, name } = parent.op(target) {
                let name = self.module.symbols.text(name);
                let is_hook = name == "hook" && self.module.slice(parent.span_of(decorator)).contains("before_request");
                if is_hook || matches!(name, "before_request" | "before_app_request" | "middleware" | "on_request") {
                    let guard = self.project_guard(
                        if name == "middleware" { GuardKind::Middleware } else { GuardKind::Before },
                        id,
                        function,
                    );
                    self.attach(parent_id, parent, of, guard, name == "before_app_request");
                    continue;
                }
            }
            guards.push(self.guard(GuardKind::Decorator, parent_id, parent, decorator));
        }
        for mut route in routes {
            route.guards.extend(guards.iter().cloned());
            inputs::of_route(self, &mut route);
            self.web.routes.push(route);
        }
    }

    /// `app.route("/x")(view)`: a decorator that is called.
    fn called_decorators(&mut self, id: FunctionId, function: &Function) {
        for (_, op) in function.values() {
            let Op::Call { callee, arguments } = op else { continue };
            let [only] = function.call_arguments(arguments) else { continue };
            if only.passing != Passing::Position || !matches!(function.op(callee), Op::Call { .. }) {
                continue;
            }
            let Some((module, handler)) = self.project_function(id, only.value) else { continue };
            if let Some(route) = self.route(id, function, callee, handler) {
                self.add(Route { module, ..route });
            }
        }
    }

    /// The route a decorator declares.
    fn route(&mut self, scope: FunctionId, parent: &Function, decorator: Value, handler: FunctionId) -> Option<Route> {
        let Op::Call { callee, arguments } = parent.op(decorator) else { return None };
        let (of, verb) = match parent.op(callee) {
            Op::Attribute { of, name } => (of, self.module.symbols.text(name)),
            // `from bottle import route`
            Op::Import(_) | Op::Name(_) => {
                let path = self.library(scope, callee)?;
                let (home, last) = path.rsplit_once('.')?;
                let is_route =
                    matches!(home, "bottle" | "flask_appbuilder" | "flask_appbuilder.baseviews" | "flask_admin");
                let symbol = self.module.symbols.find(last)?;
                (is_route.then_some(callee)?, self.module.symbols.text(symbol))
            }
            _ => return None,
        };
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
                | "expose"
                | "on"
        ) {
            return None;
        }
        let arguments = parent.call_arguments(arguments);
        let mut path = self.first_text(scope, parent, arguments, &["path", "rule", "uri", "url"])?;
        let is_socket = self
            .library(scope, of)
            .is_some_and(|path| matches!(path.as_str(), "flask_socketio.SocketIO()" | "flask_sock.Sock()"));
        if verb == "on" && !is_socket {
            return None;
        }
        let framework = self.framework(scope, parent, of)?;
        let listed = ["methods", "method"].iter().find_map(|name| keyword(self.module, arguments, name));
        let mut methods = match verb {
            "route" | "on" if is_socket => vec!["WEBSOCKET".to_owned()],
            "route" if framework == Framework::Aiohttp => {
                let method = std::mem::take(&mut path);
                path = self.text(scope, parent, arguments.get(1)?.value)?;
                if method == "*" { Vec::new() } else { vec![method.to_uppercase()] }
            }
            "route" | "api_route" | "expose" => self.text_list(scope, parent, listed),
            "websocket" => vec!["WEBSOCKET".to_owned()],
            verb => vec![verb.to_uppercase()],
        };
        if let Some(second) = arguments.get(1).filter(|argument| argument.passing == Passing::Position)
            && methods.is_empty()
            && framework == Framework::Bottle
        {
            methods = self.text_list(scope, parent, Some(second.value));
        }
        if methods.is_empty()
            && matches!(verb, "route" | "expose")
            && !matches!(framework, Framework::Django | Framework::Aiohttp)
        {
            methods.push("GET".to_owned());
        }
        let mut guards = Vec::new();
        if let Some(dependencies) = keyword(self.module, arguments, "dependencies") {
            self.dependencies(scope, parent, dependencies, GuardKind::Dependency, &mut guards);
        }
        // Django Ninja.
        if let Some(auth) = keyword(self.module, arguments, "auth")
            && !matches!(parent.op(auth), Op::Constant(_))
        {
            guards.push(self.guard(GuardKind::Decorator, scope, parent, auth));
        }
        Some(Route {
            framework,
            methods,
            path,
            module: self.facts.module,
            handler,
            view: None,
            named: None,
            takes_defaults: framework != Framework::Django,
            owner: self.owner(scope, parent, of),
            inputs: Vec::new(),
            guards,
            span: parent.span_of(decorator),
        })
    }

    /// The framework of whatever a route is declared on.
    pub(super) fn framework(&self, scope: FunctionId, function: &Function, of: Value) -> Option<Framework> {
        match self.facts.fact(scope, of).entity {
            Entity::Path(path) => return framework_of(self.facts.paths.text(path)),
            Entity::Instance(module, class) => return self.base_framework(module, class, 0),
            _ => {}
        }
        if let Some(path) = self.library(scope, of).filter(|path| path.contains('.'))
            && let Some(found) = framework_of(&path)
        {
            return Some(found);
        }
        if let Some((module, scope, value)) = self.router_owner(scope, function, of)
            && let Some(target) = resolve_value(self.program, module, scope, value)
        {
            return match target {
                Target::Library(path) => framework_of(&path),
                Target::Project(Definition::Class(module, class)) => self.base_framework(module, class, 0),
                // What a factory of the project makes: the imports tell.
                Target::Project(_) => self.framework_by_imports(),
            };
        }
        // A parameter or something not seen: the module's imports decide.
        self.framework_by_imports()
    }

    fn framework_by_imports(&self) -> Option<Framework> {
        const ROOTS: &[(&str, Framework)] = &[
            ("fastapi", Framework::FastApi),
            ("flask", Framework::Flask),
            ("quart", Framework::Flask),
            ("starlette", Framework::Starlette),
            ("sanic", Framework::Sanic),
            ("falcon", Framework::Falcon),
            ("pyramid", Framework::Pyramid),
            ("bottle", Framework::Bottle),
            ("aiohttp", Framework::Aiohttp),
        ];
        ROOTS.iter().find(|(root, _)| self.imports(root)).map(|(_, framework)| *framework)
    }

    /// Whether the module imports from this package.
    pub(super) fn imports(&self, root: &str) -> bool {
        self.module.imports.iter().any(|import| import.level == 0 && import.module.split('.').next() == Some(root))
    }

    /// What a value is: by what is known of it, or by names alone where its function has not been evaluated.
    pub(super) fn target(&self, scope: FunctionId, value: Value) -> Option<Target> {
        match self.facts.fact(scope, value).entity {
            Entity::Path(path) => Some(Target::Library(self.facts.paths.text(path).to_owned())),
            Entity::Module(module) => Some(Target::Project(Definition::Module(module))),
            Entity::Function(module, id) | Entity::Method(module, id) => {
                Some(Target::Project(Definition::Function(module, id)))
            }
            Entity::Class(module, class) => Some(Target::Project(Definition::Class(module, class))),
            Entity::Instance(..) | Entity::Super(..) => None,
            Entity::Unknown => resolve_value(self.program, self.facts.module, scope, value),
        }
    }

    /// The canonical path of a library name.
    pub(super) fn library(&self, scope: FunctionId, value: Value) -> Option<String> {
        match self.target(scope, value)? {
            Target::Library(path) => Some(path),
            Target::Project(_) => None,
        }
    }

    /// The class of the project that a value is.
    pub(super) fn class_of(&self, scope: FunctionId, value: Value) -> Option<(ModuleId, ClassId)> {
        match self.target(scope, value)? {
            Target::Project(Definition::Class(module, class)) => Some((module, class)),
            _ => None,
        }
    }

    fn base_framework(&self, module: ModuleId, class: ClassId, depth: u32) -> Option<Framework> {
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
    pub(super) fn owner(&self, scope: FunctionId, function: &Function, value: Value) -> Option<Owner> {
        let (module, scope, value) = self.held_by(scope, function, value)?;
        // What has been changed in place since is still the same.
        let around = self.program.module(module)?.function(scope)?;
        let mut value = value;
        for _ in 0..4096 {
            match around.op(value) {
                Op::Refine { of, .. } => value = of,
                Op::Phi(list) => value = *around.list(list).first().filter(|choice| choice.0 < value.0)?,
                _ => break,
            }
        }
        Some((module, scope, value))
    }

    fn held_by(&self, scope: FunctionId, function: &Function, value: Value) -> Option<Owner> {
        let module = self.facts.module;
        match function.op(value) {
            Op::Refine { of, .. } => self.held_by(scope, function, of),
            Op::Phi(list) => {
                self.held_by(scope, function, *function.list(list).first().filter(|choice| choice.0 < value.0)?)
            }
            Op::Call { .. } | Op::Build { .. } => Some((module, scope, value)),
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
                let name = home.and_then(|home| home.class(class)).map(|class| class.name.clone()).unwrap_or_default();
                (name, acting_method(self.program, module, class))
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
        self.mounted.clear();
        for (_, op) in function.values() {
            let Op::Call { arguments, .. } = op else { continue };
            if let Some(list) = keyword(self.module, function.call_arguments(arguments), "routes")
                && let Op::Build { .. } = function.op(list)
            {
                for item in items_of(function, list) {
                    self.mounted.insert(item, list);
                }
            }
        }
        for (value, op) in function.values() {
            let Op::Call { callee, arguments } = op else { continue };
            let arguments = function.call_arguments(arguments);
            let path = self.library(id, callee).unwrap_or_default();
            if path.contains('.') && framework_of(&format!("{path}()")).is_some() {
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
                "django.urls.path"
                | "django.urls.re_path"
                | "django.conf.urls.url"
                | "django.conf.urls.defaults.url"
                | "django.urls.conf.path"
                | "django.urls.conf.re_path" => {
                    self.django_route(id, function, value, arguments);
                }
                "django.conf.urls.patterns" | "django.conf.urls.defaults.patterns" => {
                    self.django_patterns(id, function, arguments);
                }
                _ if path.contains('.') => self.made_route(id, function, value, &path, arguments),
                _ => {}
            }
            if id.0 == 0 {
                self.decorated_patterns(function, value, arguments);
            }
            let Op::Attribute { of, name } = function.op(callee) else { continue };
            match self.module.symbols.text(name) {
                "set_default_permission" if self.imports("pyramid") => {
                    let written = self.module.slice(function.span_of(value)).to_owned();
                    let guard = Guard {
                        kind: GuardKind::Inherited,
                        name: "default permission".to_owned(),
                        written,
                        function: None,
                    };
                    self.web.defaults.push((Framework::Pyramid, guard));
                }
                "add_middleware" | "register_middleware" => {
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
                "include_router" | "register_blueprint" | "mount" | "add_router" | "add_namespace" | "blueprint" => {
                    self.inclusion(id, function, of, arguments);
                }
                "add_api_route" | "add_url_rule" | "add_route" | "add_websocket_route" | "add_api_websocket_route" => {
                    self.added_route(id, function, value, of, arguments);
                }
                method => self.declared(id, function, value, (of, method), arguments),
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
        // aiohttp says `middlewares`, Falcon `middleware`; entries are functions, classes or instances.
        for name in ["middlewares", "middleware"] {
            let Some(list) = keyword(self.module, arguments, name) else { continue };
            for item in items_of(function, list) {
                let is_wrapped = matches!(function.op(item), Op::Call { arguments, .. } if !function.call_arguments(arguments).is_empty());
                if !is_wrapped {
                    guards.push(self.guard(GuardKind::Middleware, id, function, item));
                }
            }
        }
        if let Some(auth) = keyword(self.module, arguments, "auth")
            && !matches!(function.op(auth), Op::Constant(_))
        {
            guards.push(self.guard(GuardKind::Inherited, id, function, auth));
        }
        if let Some(list) = keyword(self.module, arguments, "routes")
            && let Op::Build { .. } = function.op(list)
        {
            let owner = (self.facts.module, id, value);
            let inclusion = Inclusion {
                parent: Some(owner),
                child: (self.facts.module, id, list),
                prefix: String::new(),
                guards: Vec::new(),
            };
            self.web.inclusions.push(inclusion);
        }
        let prefix = ["prefix", "url_prefix"]
            .iter()
            .find_map(|name| keyword(self.module, arguments, name))
            .and_then(|value| self.text(id, function, value))
            .unwrap_or_default();
        self.web.applications.push(Application { owner: (self.facts.module, id, value), prefix, guards });
    }

    fn inclusion(&mut self, id: FunctionId, function: &Function, of: Value, arguments: &[Argument]) {
        // `mount("/path", app)`, `add_router("/path", router)`
        let first = arguments.first().filter(|argument| argument.passing == Passing::Position);
        let prefix = ["prefix", "url_prefix", "path"]
            .iter()
            .find_map(|name| keyword(self.module, arguments, name))
            .or(first.map(|argument| argument.value))
            .and_then(|value| self.text(id, function, value))
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
        if let Some(auth) = keyword(self.module, arguments, "auth")
            && !matches!(function.op(auth), Op::Constant(_))
        {
            guards.push(self.guard(GuardKind::Inherited, id, function, auth));
        }
        let parent = self.owner(id, function, of);
        self.web.inclusions.push(Inclusion { parent, child, prefix, guards });
    }

    /// Adds a route whose handler is declared elsewhere, with the handler's own decorators.
    pub(super) fn add(&mut self, mut route: Route) {
        let program = self.program;
        if let Some(home) = program.module(route.module)
            && let Some(handler) = home.function(route.handler)
            && let Some(parent_id) = handler.parent
            && let Some(parent) = home.function(parent_id)
        {
            for &decorator in &handler.decorators {
                self.decorator(&mut route, (home, parent_id, parent), decorator);
            }
        }
        inputs::of_route(self, &mut route);
        self.web.routes.push(route);
    }

    /// What a decorator of a handler says: the methods it answers, the permissions it asks for, or that something guards it.
    fn decorator(&self, route: &mut Route, around: (&Module, FunctionId, &Function), decorator: Value) {
        let (home, scope, parent) = around;
        let (callee, arguments) = match parent.op(decorator) {
            Op::Call { callee, arguments } => (callee, parent.call_arguments(arguments)),
            _ => (decorator, &[][..]),
        };
        let path = match resolve_value(self.program, route.module, scope, callee) {
            Some(Target::Library(path)) => path,
            _ => String::new(),
        };
        let first = arguments.first().map(|argument| argument.value);
        match path.rsplit('.').next().unwrap_or("") {
            "api_view" if path.starts_with("rest_framework.") => {
                route.takes_defaults = !route.guards.iter().any(|guard| guard.kind == GuardKind::Class);
                route.methods = first.map(|list| texts_of(home, parent, list)).unwrap_or_default();
                if route.methods.is_empty() {
                    route.methods.push("GET".to_owned());
                }
            }
            "permission_classes" if path.starts_with("rest_framework.") => {
                route.takes_defaults = false;
                for item in first.map(|list| items_of(parent, list)).unwrap_or_default() {
                    route.guards.extend(guard_in(self.program, GuardKind::Class, route.module, scope, item));
                }
            }
            "require_http_methods" => {
                route.methods = first.map(|list| texts_of(home, parent, list)).unwrap_or_default();
            }
            "require_POST" => route.methods = vec!["POST".to_owned()],
            "require_GET" => route.methods = vec!["GET".to_owned()],
            "require_safe" => route.methods = vec!["GET".to_owned(), "HEAD".to_owned()],
            _ => {
                let guard = if route.module == self.facts.module {
                    Some(self.guard(GuardKind::Decorator, scope, parent, decorator))
                } else {
                    guard_in(self.program, GuardKind::Decorator, route.module, scope, decorator)
                };
                // What makes the route is no guard of it.
                let is_route = matches!(
                    guard.as_ref().map_or("", |guard| guard.name.rsplit('.').next().unwrap_or("")),
                    "route"
                        | "get"
                        | "post"
                        | "put"
                        | "delete"
                        | "patch"
                        | "view_config"
                        | "expose"
                        | "action"
                        | "staticmethod"
                        | "classmethod"
                );
                route.guards.extend(guard.filter(|_| !is_route));
            }
        }
    }

    pub(super) fn project_function(&self, scope: FunctionId, value: Value) -> Option<(ModuleId, FunctionId)> {
        match self.target(scope, value)? {
            Target::Project(Definition::Function(module, id)) => Some((module, id)),
            _ => None,
        }
    }

    // --- constants

    pub(super) fn first_text(
        &self,
        id: FunctionId,
        function: &Function,
        arguments: &[Argument],
        names: &[&str],
    ) -> Option<String> {
        let value = match arguments.first() {
            Some(first) if first.passing == Passing::Position => first.value,
            _ => names.iter().find_map(|name| keyword(self.module, arguments, name))?,
        };
        self.text(id, function, value)
    }

    pub(super) fn text(&self, id: FunctionId, function: &Function, value: Value) -> Option<String> {
        match function.op(value) {
            Op::Refine { of, .. } => self.text(id, function, of),
            Op::Constant(Constant::Str(text)) => Some(self.module.string(text).to_owned()),
            Op::Name(symbol) => {
                let body = self.module.functions.first()?;
                let at = body.exit.binary_search_by_key(&symbol, |(name, _)| *name).ok()?;
                self.module.constant_str(body, body.exit[at].1).map(str::to_owned)
            }
            Op::Format(_) | Op::Binary { .. } => {
                let parts = crate::facts::text_of(self.program, self.facts.module, id, value);
                let text: String = parts
                    .iter()
                    .map(|part| match part {
                        crate::facts::TextPart::Literal(text) => text.as_str(),
                        crate::facts::TextPart::Hole(_) => "{}",
                    })
                    .collect();
                Some(text).filter(|text| !text.is_empty())
            }
            // `"^{0}(?P<path>.*)$".format(prefix)`
            Op::Call { callee, .. } => match function.op(callee) {
                Op::Attribute { of, name } if self.module.symbols.text(name) == "format" => self.text(id, function, of),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn text_list(&self, id: FunctionId, function: &Function, value: Option<Value>) -> Vec<String> {
        let Some(value) = value else { return Vec::new() };
        match function.op(value) {
            Op::Build { items, collection: Collection::List | Collection::Tuple | Collection::Set } => function
                .list(items)
                .iter()
                .filter_map(|&item| self.text(id, function, item))
                .map(|text| text.to_uppercase())
                .collect(),
            // Bottle and Pyramid take one method without a list.
            Op::Constant(Constant::Str(text)) => vec![self.module.string(text).to_uppercase()],
            _ => Vec::new(),
        }
    }

    pub(super) fn seed(
        &mut self,
        at: (ModuleId, FunctionId, usize),
        role: Role,
        safe: bool,
        request: Option<Framework>,
    ) {
        let seed = Seed { role, is_free: !safe, request: request.and_then(Framework::request).map(Arc::from) };
        // Of several routes of one handler the least harmless counts.
        let known = self.web.seeds.entry(at).or_insert_with(|| seed.clone());
        if seed > *known {
            *known = seed;
        }
    }

    /// A parameter that is the connection over which messages come in.
    pub(super) fn socket(&mut self, at: (ModuleId, FunctionId, usize)) {
        let request = Some(Arc::from("websockets.connection()"));
        self.web.seeds.insert(at, Seed { role: Role::Request, is_free: true, request });
    }

    /// Whether a function uses something under this name as the handler of a request.
    fn is_answered_by(&self, function: &Function, name: &str) -> bool {
        let text = self.module.slice(function.span);
        ["get_", "write", "request", "finish", "redirect", "set_", "render"]
            .iter()
            .any(|what| text.contains(&format!("{name}.{what}")))
    }

    /// Parameters that are called `request` and have no type, in modules that take requests: helpers of handlers.
    fn requests_by_name(&mut self) {
        let takes_requests = |root: &str, inner: &str| {
            self.module.imports.iter().any(|import| {
                import.level == 0
                    && import.module.split('.').next() == Some(root)
                    && (inner.is_empty() || import.module.contains(inner) || import.name.as_deref() == Some(inner))
            })
        };
        let (is_tornado, is_aiohttp) = (takes_requests("tornado", "web"), takes_requests("aiohttp", "web"));
        for (id, function) in self.module.function_ids().filter(|_| is_tornado || is_aiohttp) {
            for (index, parameter) in function.parameters.iter().enumerate() {
                let request = match self.module.symbols.text(parameter.name) {
                    // Helpers that are given the handler of a request answer for it.
                    "handler" if is_tornado && self.is_answered_by(function, "handler") => {
                        "tornado.web.RequestHandler()"
                    }
                    // What sets an application up, and takes it down, is given it and nothing else.
                    "app" if is_aiohttp && function.parameters.len() == 1 => "aiohttp.web.Application()",
                    _ => continue,
                };
                if parameter.annotation.is_none() {
                    let at = (self.facts.module, id, index);
                    let seed = Seed { role: Role::Request, is_free: true, request: Some(Arc::from(request)) };
                    self.web.seeds.entry(at).or_insert(seed);
                }
            }
        }
        let framework = if takes_requests("django", "") || takes_requests("rest_framework", "") {
            Framework::Django
        } else if takes_requests("pyramid", "") {
            Framework::Pyramid
        } else if takes_requests("sanic", "") {
            Framework::Sanic
        } else if takes_requests("fastapi", "") || takes_requests("starlette", "") {
            Framework::Starlette
        } else if takes_requests("falcon", "") {
            Framework::Falcon
        } else if takes_requests("aiohttp", "web") {
            Framework::Aiohttp
        } else {
            return;
        };
        let names: &[&str] = if framework == Framework::Falcon { &["req"] } else { &["request"] };
        for (id, function) in self.module.function_ids() {
            for (index, parameter) in function.parameters.iter().enumerate() {
                let is_request =
                    parameter.annotation.is_none() && names.contains(&self.module.symbols.text(parameter.name));
                if is_request {
                    let at = (self.facts.module, id, index);
                    let seed = Seed { role: Role::Request, is_free: true, request: framework.request().map(Arc::from) };
                    self.web.seeds.entry(at).or_insert(seed);
                }
            }
        }
    }
}

pub(super) fn is_keyword(module: &Module, argument: &Argument, name: &str) -> bool {
    matches!(argument.passing, Passing::Keyword(symbol) if module.symbols.text(symbol) == name)
}

/// The value of a keyword argument.
pub(super) fn keyword(module: &Module, arguments: &[Argument], name: &str) -> Option<Value> {
    arguments.iter().find(|argument| is_keyword(module, argument, name)).map(|argument| argument.value)
}

fn framework_of(path: &str) -> Option<Framework> {
    let path = path.strip_suffix(".router").unwrap_or(path);
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
        | "flask.blueprints.Blueprint()"
        | "flask_restful.Api()"
        | "flask_restx.Api()"
        | "flask_restx.Namespace()"
        | "flask_smorest.Blueprint()"
        | "flask_socketio.SocketIO()"
        | "flask_sock.Sock()"
        | "flask_appbuilder.expose"
        | "flask_appbuilder.baseviews.expose"
        | "flask_admin.expose" => Some(Framework::Flask),
        "ninja.NinjaAPI()" | "ninja.Router()" | "ninja.main.NinjaAPI()" | "ninja.router.Router()" => {
            Some(Framework::Django)
        }
        "aiohttp.web.Application()" | "aiohttp.web.RouteTableDef()" => Some(Framework::Aiohttp),
        "bottle"
        | "bottle.Bottle()"
        | "bottle.app()"
        | "bottle.default_app()"
        | "bottle.route"
        | "bottle.get"
        | "bottle.post"
        | "bottle.put"
        | "bottle.delete"
        | "bottle.patch" => Some(Framework::Bottle),
        "pyramid.config.Configurator()" => Some(Framework::Pyramid),
        "sanic.Sanic()" | "sanic.Blueprint()" | "sanic.app.Sanic()" | "sanic.blueprints.Blueprint()" => {
            Some(Framework::Sanic)
        }
        "falcon.App()" | "falcon.API()" | "falcon.asgi.App()" | "falcon.app.App()" => Some(Framework::Falcon),
        _ => None,
    }
}
