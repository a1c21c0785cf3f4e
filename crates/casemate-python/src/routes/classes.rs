//! Classes that serve routes: which they are, which of their methods answer, and what they demand of a caller.

use super::collect::{Collector, keyword};
use super::{Framework, Guard, GuardKind, Owner, Route, resolve_value};
use crate::names::{Definition, ModuleId, Program, Target};
use crate::syntax::{ClassId, Constant, Function, FunctionId, Module, Op, Passing, Span, Value};

/// A class of any module.
type ClassKey = (ModuleId, ClassId);

/// Classes that are looked at for one; real hierarchies are smaller.
const MAX_CLASSES: usize = 24;

/// A class and those of the project that it is made from, the nearest first.
pub fn project_classes(program: &Program, module: ModuleId, class: ClassId) -> Vec<ClassKey> {
    let mut found = vec![(module, class)];
    let mut at = 0;
    while let Some(&(module, class)) = found.get(at) {
        at += 1;
        let Some(definition) = program.module(module).and_then(|home| home.class(class)) else { continue };
        for &base in definition.bases.iter().take(MAX_CLASSES) {
            if let Some(Target::Project(Definition::Class(module, class))) =
                resolve_value(program, module, definition.parent, base)
                && !found.contains(&(module, class))
                && found.len() < MAX_CLASSES
            {
                found.push((module, class));
            }
        }
    }
    found
}

/// The library classes that a class is made from, through those of the project, by canonical path.
pub fn library_bases(program: &Program, module: ModuleId, class: ClassId) -> Vec<String> {
    let mut found = Vec::new();
    for (module, class) in project_classes(program, module, class) {
        let Some(definition) = program.module(module).and_then(|home| home.class(class)) else { continue };
        for &base in definition.bases.iter().take(MAX_CLASSES) {
            if let Some(Target::Library(path)) = resolve_value(program, module, definition.parent, base) {
                found.push(path);
            }
        }
    }
    found
}

/// What a class is that serves routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct View {
    pub(super) framework: Framework,
    /// Django REST framework.
    is_rest: bool,
    is_socket: bool,
}

/// What the bases of a class make of it.
pub(super) fn view_of(program: &Program, module: ModuleId, class: ClassId) -> Option<View> {
    let bases = library_bases(program, module, class);
    bases.iter().find_map(|base| view_by_base(base))
}

fn view_by_base(base: &str) -> Option<View> {
    let view = |framework, is_rest, is_socket| Some(View { framework, is_rest, is_socket });
    match base {
        "flask.views.MethodView"
        | "flask.views.View"
        | "quart.views.MethodView"
        | "quart.views.View"
        | "flask_restful.Resource"
        | "flask_restx.Resource"
        | "flask_restplus.Resource" => view(Framework::Flask, false, false),
        "starlette.endpoints.HTTPEndpoint" => view(Framework::Starlette, false, false),
        "starlette.endpoints.WebSocketEndpoint" => view(Framework::Starlette, false, true),
        "aiohttp.web.View" | "aiohttp.web_urldispatcher.View" => view(Framework::Aiohttp, false, false),
        "tornado.websocket.WebSocketHandler" => view(Framework::Tornado, false, true),
        "sanic.views.HTTPMethodView" | "sanic.views.CompositionView" => view(Framework::Sanic, false, false),
        _ => {
            let (home, last) = base.rsplit_once('.')?;
            let is_view = |ending: &str| last.ends_with(ending);
            if home.starts_with("django.views") || home == "django.contrib.auth.views" {
                return if is_view("View") { view(Framework::Django, false, false) } else { None };
            }
            if home.starts_with("rest_framework") {
                let is_rest = is_view("View") || is_view("ViewSet") || is_view("ViewSetMixin");
                return if is_rest { view(Framework::Django, true, false) } else { None };
            }
            if home.starts_with("channels.generic") {
                return view(Framework::Django, false, true);
            }
            let has_handlers = home == "tornado.web"
                || home.starts_with("jupyter_server.base")
                || home.starts_with("notebook.base")
                || home.starts_with("jupyterhub.");
            if has_handlers && is_view("Handler") { view(Framework::Tornado, false, false) } else { None }
        }
    }
}

/// Methods of view classes and what they answer.
const VERBS: &[(&str, &str)] =
    &[("get", "GET"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE"), ("head", "HEAD")];

/// Actions of view sets; those after the second are about one object.
const ACTIONS: &[(&str, &str)] = &[
    ("list", "GET"),
    ("create", "POST"),
    ("retrieve", "GET"),
    ("update", "PUT"),
    ("partial_update", "PATCH"),
    ("destroy", "DELETE"),
];

const SOCKET: &[(&str, &str)] = &[
    ("open", "WEBSOCKET"),
    ("on_message", "WEBSOCKET"),
    ("on_connect", "WEBSOCKET"),
    ("on_receive", "WEBSOCKET"),
    ("connect", "WEBSOCKET"),
    ("receive", "WEBSOCKET"),
    ("receive_json", "WEBSOCKET"),
];

/// What a generic class of a library answers by itself.
fn inherited_verbs(base: &str) -> &'static [&'static str] {
    let library = base.starts_with("django.") || base.starts_with("rest_framework.");
    match base.rsplit('.').next().unwrap_or("") {
        _ if !library => &[],
        "ModelViewSet" => &["GET", "POST", "PUT", "PATCH", "DELETE"],
        "ListCreateAPIView" => &["GET", "POST"],
        "RetrieveUpdateDestroyAPIView" => &["GET", "PUT", "PATCH", "DELETE"],
        "RetrieveUpdateAPIView" => &["GET", "PUT", "PATCH"],
        "RetrieveDestroyAPIView" => &["GET", "DELETE"],
        "ReadOnlyModelViewSet"
        | "ListAPIView"
        | "RetrieveAPIView"
        | "ListModelMixin"
        | "RetrieveModelMixin"
        | "ListView"
        | "DetailView"
        | "TemplateView"
        | "RedirectView"
        | "ArchiveIndexView" => &["GET"],
        "CreateAPIView" | "CreateModelMixin" => &["POST"],
        "UpdateAPIView" | "UpdateModelMixin" => &["PUT", "PATCH"],
        "DestroyAPIView" | "DestroyModelMixin" => &["DELETE"],
        "CreateView" | "UpdateView" | "FormView" | "DeleteView" | "LoginView" | "PasswordResetView" => &["GET", "POST"],
        _ => &[],
    }
}

/// How a class came to be a route.
pub(super) struct Declared {
    pub(super) path: String,
    pub(super) owner: Option<Owner>,
    pub(super) span: Span,
    /// Methods that are named where the route is declared.
    pub(super) methods: Vec<String>,
    pub(super) guards: Vec<Guard>,
    pub(super) named: Option<String>,
}

impl Declared {
    /// At this path and nothing more.
    pub(super) fn at(path: String, owner: Option<Owner>, span: Span) -> Self {
        Self { path, owner, span, methods: Vec::new(), guards: Vec::new(), named: None }
    }
}

/// What a class attribute holds: the body it stands in, and its value there.
pub(super) fn class_attribute(
    program: &Program,
    classes: &[ClassKey],
    name: &str,
) -> Option<(ModuleId, FunctionId, Value)> {
    classes.iter().find_map(|&(module, class)| {
        let home = program.module(module)?;
        let body_id = home.class(class)?.body;
        let body = home.function(body_id)?;
        let symbol = home.symbols.find(name)?;
        let at = body.exit.binary_search_by_key(&symbol, |(name, _)| *name).ok()?;
        let value = body.exit.get(at)?.1;
        (!matches!(body.op(value), Op::Function(_))).then_some((module, body_id, value))
    })
}

/// A method of a class or of those of the project it is made from.
pub(super) fn find_method(program: &Program, classes: &[ClassKey], name: &str) -> Option<(ModuleId, FunctionId)> {
    classes.iter().find_map(|&(module, class)| Some((module, program.module(module)?.method(class, name)?)))
}

/// A guard from an expression of any module.
pub(super) fn guard_in(
    program: &Program,
    kind: GuardKind,
    module: ModuleId,
    scope: FunctionId,
    value: Value,
) -> Option<Guard> {
    let home = program.module(module)?;
    let around = home.function(scope)?;
    let written = home.slice(around.span_of(value)).to_owned();
    let callee = match around.op(value) {
        Op::Call { callee, .. } => callee,
        _ => value,
    };
    let (name, function) = match resolve_value(program, module, scope, callee) {
        Some(Target::Library(path)) => (path, None),
        Some(Target::Project(Definition::Function(module, id))) => {
            let name = program.module(module).and_then(|home| home.function(id)).map(|f| f.qualified.clone());
            (name.unwrap_or_default(), Some((module, id)))
        }
        Some(Target::Project(Definition::Class(module, class))) => {
            let name = program.module(module).and_then(|home| home.class(class)).map(|class| class.name.clone());
            (name.unwrap_or_default(), acting_method(program, module, class))
        }
        _ => (home.slice(around.span_of(callee)).to_owned(), None),
    };
    Some(Guard { kind, name, written, function })
}

/// The method of a guard's class that decides.
pub(super) fn acting_method(program: &Program, module: ModuleId, class: ClassId) -> Option<(ModuleId, FunctionId)> {
    const DECIDING: &[&str] = &[
        "has_permission",
        "has_object_permission",
        "__call__",
        "dispatch",
        "process_request",
        "process_resource",
        "process_view",
    ];
    let classes = project_classes(program, module, class);
    DECIDING.iter().find_map(|name| find_method(program, &classes, name))
}

/// The entries of a list or tuple; the value itself if it is none.
pub(super) fn items_of(function: &Function, value: Value) -> Vec<Value> {
    match function.op(value) {
        Op::Build { items, .. } => function.list(items).iter().copied().filter(|item| *item != Value::NONE).collect(),
        Op::Refine { of, .. } => items_of(function, of),
        _ => vec![value],
    }
}

/// Texts in a list of constants.
pub(super) fn texts_of(module: &Module, function: &Function, value: Value) -> Vec<String> {
    items_of(function, value)
        .into_iter()
        .filter_map(|item| module.constant_str(function, item))
        .map(str::to_owned)
        .collect()
}

impl Collector<'_> {
    /// Adds the routes that a class serves.
    pub(super) fn class_routes(&mut self, key: ClassKey, declared: &Declared) {
        let (module, class) = key;
        let Some(view) = view_of(self.program, module, class) else { return };
        let program = self.program;
        let classes = project_classes(program, module, class);
        let bases = library_bases(program, module, class);
        let (mut guards, has_permissions) = self.class_guards(key, &classes, &bases);
        guards.extend(declared.guards.iter().cloned());
        let route = |path: String, methods: Vec<String>, (module, handler), guards: Vec<Guard>| Route {
            framework: view.framework,
            methods,
            path,
            module,
            handler,
            view: Some(key),
            named: declared.named.clone(),
            takes_defaults: if view.is_rest { !has_permissions } else { view.framework != Framework::Django },
            owner: declared.owner,
            inputs: Vec::new(),
            guards,
            span: declared.span,
        };
        let mut answered: Vec<&str> = Vec::new();
        let tables: &[&[(&str, &str)]] = match (view.is_socket, view.is_rest) {
            (true, _) => &[SOCKET],
            (_, true) => &[VERBS, ACTIONS],
            _ => &[VERBS],
        };
        for (at, table) in tables.iter().enumerate() {
            for (number, &(name, verb)) in table.iter().enumerate() {
                if !declared.methods.is_empty() && !declared.methods.iter().any(|method| method == verb) {
                    continue;
                }
                let Some(found) = find_method(program, &classes, name) else { continue };
                let mut path = declared.path.clone();
                if at == 1 && number > 1 && !path.is_empty() {
                    path.push_str("{pk}/");
                }
                answered.push(verb);
                self.add(route(path, vec![verb.to_owned()], found, guards.clone()));
            }
        }
        if view.framework == Framework::Flask
            && let Some(found) = find_method(program, &classes, "dispatch_request")
        {
            let methods = class_attribute(program, &classes, "methods")
                .and_then(|(module, scope, value)| {
                    let home = program.module(module)?;
                    Some(texts_of(home, home.function(scope)?, value))
                })
                .filter(|methods| !methods.is_empty())
                .unwrap_or_else(|| vec!["GET".to_owned()]);
            self.add(route(declared.path.clone(), methods, found, guards.clone()));
        }
        if view.is_rest {
            self.actions(&classes, declared, &guards, &route);
        }
        let mut inherited: Vec<String> = Vec::new();
        for verb in bases.iter().flat_map(|base| inherited_verbs(base)) {
            if !answered.contains(verb) && !inherited.iter().any(|known| known == verb) {
                inherited.push((*verb).to_owned());
            }
        }
        if !inherited.is_empty()
            && let Some(body) = program.module(module).and_then(|home| home.class(class)).map(|class| class.body)
        {
            self.add(route(declared.path.clone(), inherited, (module, body), guards));
        }
    }

    /// Methods of a view set that `@action` makes routes.
    fn actions(
        &mut self,
        classes: &[ClassKey],
        declared: &Declared,
        guards: &[Guard],
        route: &dyn Fn(String, Vec<String>, (ModuleId, FunctionId), Vec<Guard>) -> Route,
    ) {
        let program = self.program;
        for &(module, class) in classes {
            let Some(home) = program.module(module) else { continue };
            let Some(definition) = home.class(class) else { continue };
            let Some(body) = home.function(definition.body) else { continue };
            for &(_, method) in &definition.methods {
                let Some(function) = home.function(method) else { continue };
                for &decorator in &function.decorators {
                    let Op::Call { callee, arguments } = body.op(decorator) else { continue };
                    let is_action = matches!(
                        resolve_value(program, module, definition.body, callee),
                        Some(Target::Library(path)) if matches!(path.as_str(),
                            "rest_framework.decorators.action" | "rest_framework.decorators.detail_route" | "rest_framework.decorators.list_route")
                    );
                    if !is_action {
                        continue;
                    }
                    let arguments = body.call_arguments(arguments);
                    let mut methods = keyword(home, arguments, "methods")
                        // `@action(["post"], detail=True)`
                        .or_else(|| {
                            arguments
                                .first()
                                .filter(|first| first.passing == Passing::Position)
                                .map(|first| first.value)
                        })
                        .map(|value| texts_of(home, body, value))
                        .unwrap_or_default();
                    methods.iter_mut().for_each(|method| method.make_ascii_uppercase());
                    if methods.is_empty() {
                        methods.push("GET".to_owned());
                    }
                    let is_detail = keyword(home, arguments, "detail")
                        .is_some_and(|value| matches!(body.op(value), Op::Constant(Constant::Bool(true))));
                    let name = keyword(home, arguments, "url_path")
                        .and_then(|value| home.constant_str(body, value))
                        .unwrap_or(&function.name);
                    let path = if declared.path.is_empty() {
                        String::new()
                    } else {
                        format!("{}{}{name}/", declared.path, if is_detail { "{pk}/" } else { "" })
                    };
                    let own = keyword(home, arguments, "permission_classes");
                    let guards = match own {
                        // What an action says replaces what its class says.
                        Some(list) => items_of(body, list)
                            .into_iter()
                            .filter_map(|item| guard_in(program, GuardKind::Class, module, definition.body, item))
                            .collect(),
                        None => guards.to_vec(),
                    };
                    let mut made = route(path, methods, (module, method), guards);
                    made.takes_defaults &= own.is_none();
                    self.add(made);
                }
            }
        }
    }

    /// What a class demands of a caller, and whether it names permissions of its own.
    fn class_guards(&self, key: ClassKey, classes: &[ClassKey], bases: &[String]) -> (Vec<Guard>, bool) {
        let program = self.program;
        let mut guards = Vec::new();
        for base in bases {
            // `LoginRequiredMixin` and its like; a plain view class is none.
            if base.ends_with("Mixin") && !base.starts_with("rest_framework.mixins") {
                let written = base.rsplit('.').next().unwrap_or(base).to_owned();
                guards.push(Guard { kind: GuardKind::Class, name: base.clone(), written, function: None });
            }
        }
        for &(module, class) in classes {
            let Some(home) = program.module(module) else { continue };
            let Some(definition) = home.class(class) else { continue };
            if (module, class) != key {
                let function = acting_method(program, module, class);
                guards.push(Guard {
                    kind: GuardKind::Class,
                    name: definition.name.clone(),
                    written: definition.name.clone(),
                    function,
                });
            }
            for &decorator in &definition.decorators {
                guards.extend(self.class_decorator(module, definition.parent, decorator));
            }
            for name in ["dispatch", "prepare", "initial", "test_func", "check_permissions", "get_permissions"] {
                if let Some(method) = home.method(class, name) {
                    guards.push(Guard {
                        kind: GuardKind::Class,
                        name: name.to_owned(),
                        written: name.to_owned(),
                        function: Some((module, method)),
                    });
                }
            }
            // `@method_decorator(login_required)` on `dispatch` holds for all methods.
            if let Some(dispatch) = home.method(class, "dispatch").and_then(|method| home.function(method)) {
                for &decorator in &dispatch.decorators {
                    guards.extend(self.class_decorator(module, definition.body, decorator));
                }
            }
        }
        let mut has_permissions = find_method(program, classes, "get_permissions").is_some();
        for name in ["permission_classes", "decorators", "method_decorators", "permission_required", "login_required"] {
            let Some((module, scope, value)) = class_attribute(program, classes, name) else { continue };
            let Some(home) = program.module(module) else { continue };
            let Some(body) = home.function(scope) else { continue };
            has_permissions |= name == "permission_classes";
            for item in items_of(body, value) {
                match body.op(item) {
                    Op::Constant(Constant::Str(text)) => guards.push(Guard {
                        kind: GuardKind::Class,
                        name: name.to_owned(),
                        written: home.string(text).to_owned(),
                        function: None,
                    }),
                    Op::Constant(Constant::Bool(true)) => guards.push(Guard {
                        kind: GuardKind::Class,
                        name: name.to_owned(),
                        written: name.to_owned(),
                        function: None,
                    }),
                    Op::Constant(_) => {}
                    _ => guards.extend(guard_in(program, GuardKind::Class, module, scope, item)),
                }
            }
        }
        (guards, has_permissions)
    }

    /// The guard that a decorator of a class, or of its `dispatch`, puts before all its methods.
    fn class_decorator(&self, module: ModuleId, scope: FunctionId, decorator: Value) -> Option<Guard> {
        let home = self.program.module(module)?;
        let around = home.function(scope)?;
        if let Op::Call { callee, arguments } = around.op(decorator)
            && matches!(resolve_value(self.program, module, scope, callee), Some(Target::Library(path)) if path.ends_with("method_decorator"))
        {
            let arguments = around.call_arguments(arguments);
            let one = keyword(home, arguments, "name").and_then(|name| home.constant_str(around, name));
            if one.is_some_and(|name| name != "dispatch") {
                return None;
            }
            let first = *items_of(around, arguments.first()?.value).first()?;
            return guard_in(self.program, GuardKind::Class, module, scope, first);
        }
        // `@routes.view("/x")` says where the class answers; it keeps nobody out.
        if let Op::Call { callee, .. } = around.op(decorator)
            && let Op::Attribute { name, .. } = around.op(callee)
            && matches!(home.symbols.text(name), "route" | "view" | "resource")
        {
            return None;
        }
        guard_in(self.program, GuardKind::Decorator, module, scope, decorator)
    }

    /// View classes of the module that nothing here gives a path: their methods take requests all the same.
    pub(super) fn lone_classes(&mut self) {
        let module = self.facts.module;
        let is_falcon = self.imports("falcon");
        for number in 0..self.module.classes.len() {
            let class = ClassId(u32::try_from(number).unwrap_or(u32::MAX));
            if self.web.routes.iter().any(|route| route.view == Some((module, class))) {
                continue;
            }
            let Some(definition) = self.module.class(class) else { continue };
            let span = definition.name_span;
            if !definition.bases.is_empty() {
                self.class_routes((module, class), &Declared::at(String::new(), None, span));
            }
            // Resources of Falcon have no base; their modules name it, or another one gives them a path.
            if is_falcon {
                self.falcon_resource((module, class), &Declared::at(String::new(), None, span));
            }
        }
    }
}
