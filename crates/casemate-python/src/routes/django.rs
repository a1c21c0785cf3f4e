//! Routes of Django: URL configurations, routers of Django REST framework, and the settings that guard them all.

use rustc_hash::FxHashMap;

use super::classes::{Declared, items_of, texts_of};
use super::collect::{Collector, keyword};
use super::{Framework, Guard, GuardKind, Inclusion, Owner, Route};
use crate::names::{Definition, ModuleId, Program, Target};
use crate::syntax::{Argument, Constant, Function, FunctionId, Import, Module, Op, Span, Value};

/// The routes that a module lists as its `urlpatterns`.
fn urlconf(module: ModuleId) -> Owner {
    (module, FunctionId(0), Value::NONE)
}

/// Routes that stand in a list which is included under a prefix, with that list.
pub(super) fn included_lists(module: &Module) -> FxHashMap<Value, Value> {
    let mut found = FxHashMap::default();
    let Some(body) = module.functions.first() else { return found };
    for (_, op) in body.values() {
        let Op::Call { callee, arguments } = op else { continue };
        let name = match body.op(callee) {
            Op::Attribute { name, .. } => module.symbols.text(name),
            Op::Import(import) => {
                module.imports.get(import as usize).and_then(|import| import.name.as_deref()).unwrap_or("")
            }
            _ => "",
        };
        if name == "include"
            && let Some(first) = body.call_arguments(arguments).first()
            && let Some(list) = list_of(body, first.value)
        {
            for item in items_of(body, list) {
                found.insert(item, list);
            }
        }
    }
    found
}

/// The list display behind what is included: a list, or a tuple of a list and a name.
fn list_of(body: &Function, value: Value) -> Option<Value> {
    match body.op(value) {
        Op::Refine { of, .. } => list_of(body, of),
        Op::Build { items, .. } => match body.list(items).first() {
            Some(&first) if matches!(body.op(first), Op::Build { .. } | Op::Refine { .. }) => list_of(body, first),
            Some(&first) if matches!(body.op(first), Op::Constant(_)) => None,
            _ => Some(value),
        },
        _ => None,
    }
}

/// `^cases/$` as a prefix or path: `/cases/`.
fn path_of(written: &str) -> String {
    format!("/{}", written.trim_start_matches('^').trim_end_matches('$').trim_start_matches('/'))
}

fn prefix_of(written: &str) -> String {
    path_of(written).trim_end_matches('/').to_owned()
}

impl Collector<'_> {
    /// `path("…", view)`, `re_path`, `url`.
    pub(super) fn django_route(&mut self, id: FunctionId, function: &Function, value: Value, arguments: &[Argument]) {
        let Some(written) = self.first_text(id, function, arguments, &["route", "regex"]) else { return };
        let view = arguments.get(1).map(|second| second.value).or_else(|| keyword(self.module, arguments, "view"));
        let Some(view) = view else { return };
        let owner = match self.included.get(&value).filter(|_| id.0 == 0) {
            Some(&list) => (self.facts.module, id, list),
            None => urlconf(self.facts.module),
        };
        self.django_view(id, function, owner, (&written, view), function.span_of(value));
    }

    /// `patterns("package.views", ("^list/$", "all"), url("^one/$", "one"))`, as it was before Django 1.10.
    pub(super) fn django_patterns(&mut self, id: FunctionId, function: &Function, arguments: &[Argument]) {
        let Some((prefix, items)) = arguments.split_first() else { return };
        let prefix = self.text(id, function, prefix.value).unwrap_or_default();
        let owner = urlconf(self.facts.module);
        for item in items {
            let (written, view, is_tuple) = match function.op(function.bare(item.value)) {
                Op::Build { items, .. } => match function.list(items) {
                    [written, view, ..] => (*written, *view, true),
                    _ => continue,
                },
                Op::Call { arguments, .. } => match function.call_arguments(arguments) {
                    [written, view, ..] => (written.value, view.value, false),
                    _ => continue,
                },
                _ => continue,
            };
            let Some(written) = self.text(id, function, written) else { continue };
            let span = function.span_of(item.value);
            if let Some(named) = self.module.constant_str(function, view) {
                let dotted = if prefix.is_empty() { named.to_owned() } else { format!("{prefix}.{named}") };
                if let Some(handler) = function_named(self.program, self.facts.module, &dotted) {
                    self.add(route_to(handler, &written, owner, Vec::new(), span));
                }
            } else if is_tuple {
                self.django_view(id, function, owner, (&written, view), span);
            }
        }
    }

    fn django_view(
        &mut self,
        id: FunctionId,
        function: &Function,
        owner: Owner,
        (written, view): (&str, Value),
        span: Span,
    ) {
        let mut guards = Vec::new();
        let mut view = view;
        for _ in 0..8 {
            let Op::Call { callee, arguments } = function.op(view) else { break };
            if let Op::Attribute { of, name } = function.op(callee)
                && self.module.symbols.text(name) == "as_view"
            {
                let Some(class) = self.class_of(id, of) else { return };
                let mut declared = Declared::at(path_of(written), Some(owner), span);
                declared.guards = guards;
                if let Some(first) = function.call_arguments(arguments).first()
                    && let Op::Build { .. } = function.op(first.value)
                {
                    // `as_view({"get": "list"})`: which methods those are is seen by their names.
                    declared.methods = Vec::new();
                }
                return self.class_routes(class, &declared);
            }
            let called = self.library(id, callee).unwrap_or_default();
            let arguments = function.call_arguments(arguments);
            if called.ends_with(".include") || called == "include" {
                if let Some(first) = arguments.first()
                    && let Some(child) = self.included_owner(id, function, first.value)
                {
                    let prefix = prefix_of(written);
                    self.web.inclusions.push(Inclusion { parent: Some(owner), child, prefix, guards });
                }
                return;
            }
            // `login_required(view)`
            let Some(first) = arguments.first() else { return };
            guards.push(self.guard(GuardKind::Decorator, id, function, callee));
            view = first.value;
        }
        let Some(handler) = self.project_function(id, view) else { return };
        self.add(route_to(handler, written, owner, guards, span));
    }

    /// `urlpatterns = guarded(urlpatterns, login_required)`: a guard for all that stands in the list so far.
    pub(super) fn decorated_patterns(&mut self, body: &Function, call: Value, arguments: &[Argument]) {
        let [_, second] = arguments else { return };
        // Patterns of plugins are often added in a loop before, so the value is not told by where it was made.
        let written = self.module.slice(body.span_of(call));
        let is_list = written.split_once('(').is_some_and(|(_, given)| {
            given.trim_start().strip_prefix("urlpatterns").is_some_and(|rest| rest.trim_start().starts_with(','))
        });
        let by = body.only_choice(second.value);
        if !is_list || !matches!(body.op(by), Op::Import(_) | Op::Function(_) | Op::Attribute { .. }) {
            return;
        }
        let guard = self.guard(GuardKind::Decorator, FunctionId(0), body, by);
        let owner = urlconf(self.facts.module);
        for route in self.web.routes.iter_mut().filter(|route| route.owner == Some(owner)) {
            route.guards.push(guard.clone());
        }
        for inclusion in self.web.inclusions.iter_mut().filter(|inclusion| inclusion.parent == Some(owner)) {
            inclusion.guards.push(guard.clone());
        }
    }

    /// What `include(…)` includes.
    fn included_owner(&self, id: FunctionId, function: &Function, value: Value) -> Option<Owner> {
        match function.op(value) {
            Op::Constant(Constant::Str(text)) => {
                let dotted = self.module.string(text);
                module_named(self.program, self.facts.module, dotted).map(urlconf)
            }
            Op::Attribute { of, name } if self.module.symbols.text(name) == "urls" => self.owner(id, function, of),
            Op::Build { items, .. } => match function.list(items).first() {
                Some(&first) if list_of(function, value).is_none() => self.included_owner(id, function, first),
                _ => list_of(function, value).map(|list| (self.facts.module, id, list)),
            },
            Op::Refine { of, .. } => self.included_owner(id, function, of),
            _ => match self.target(id, value)? {
                Target::Project(Definition::Module(module)) => Some(urlconf(module)),
                _ => None,
            },
        }
    }

    /// `router.register("users", UserViewSet)`
    pub(super) fn registered(
        &mut self,
        id: FunctionId,
        function: &Function,
        value: Value,
        of: Value,
        arguments: &[Argument],
    ) {
        let [first, second, ..] = arguments else { return };
        let Some(prefix) = self.text(id, function, first.value) else { return };
        let Some(class) = self.class_of(id, second.value) else { return };
        let prefix = path_of(&prefix);
        let path = if prefix.ends_with('/') { prefix } else { format!("{prefix}/") };
        let declared = Declared::at(path, self.owner(id, function, of), function.span_of(value));
        self.class_routes(class, &declared);
    }

    /// What the settings say of every view.
    pub(super) fn settings(&mut self) {
        let Some(body) = self.module.functions.first() else { return };
        let held = |name: &str| {
            let symbol = self.module.symbols.find(name)?;
            let at = body.exit.binary_search_by_key(&symbol, |(known, _)| *known).ok()?;
            body.exit.get(at).map(|(_, value)| *value)
        };
        let mut found = Vec::new();
        if let Some(value) = held("REST_FRAMEWORK")
            && let Op::Build { items, .. } = body.op(value)
        {
            for pair in body.list(items).chunks_exact(2) {
                let [key, value] = pair else { continue };
                if *key != Value::NONE && self.module.constant_str(body, *key) == Some("DEFAULT_PERMISSION_CLASSES") {
                    found.extend(texts_of(self.module, body, *value));
                }
            }
        }
        let rest = found.len();
        if let Some(value) = held("MIDDLEWARE") {
            // Only those that turn callers away; `AuthenticationMiddleware` finds out who calls and lets everybody pass.
            found.extend(texts_of(self.module, body, value).into_iter().filter(|name| {
                let last = name.rsplit('.').next().unwrap_or("").to_lowercase();
                last.contains("required") || last.contains("enforce") || last.contains("private")
            }));
        }
        for (at, name) in found.into_iter().enumerate() {
            let written = name.rsplit('.').next().unwrap_or(&name).to_owned();
            if at < rest {
                let guard = Guard { kind: GuardKind::Inherited, name, written, function: None };
                self.web.defaults.push((Framework::Django, guard));
            } else {
                self.web.everywhere.push(Guard { kind: GuardKind::Middleware, name, written, function: None });
            }
        }
    }
}

fn route_to(
    (module, handler): (ModuleId, FunctionId),
    written: &str,
    owner: Owner,
    guards: Vec<Guard>,
    span: Span,
) -> Route {
    Route {
        framework: Framework::Django,
        methods: Vec::new(),
        path: path_of(written),
        module,
        handler,
        view: None,
        named: None,
        takes_defaults: false,
        owner: Some(owner),
        inputs: Vec::new(),
        guards,
        span,
    }
}

/// The function of the project with this dotted name.
fn function_named(program: &Program, importer: ModuleId, dotted: &str) -> Option<(ModuleId, FunctionId)> {
    let (module, name) = dotted.rsplit_once('.')?;
    let import = Import {
        level: 0,
        module: module.to_owned(),
        name: Some(name.to_owned()),
        binds_root: false,
        span: Span::default(),
    };
    match program.import(importer, &import) {
        Target::Project(Definition::Function(module, function)) => Some((module, function)),
        _ => None,
    }
}

/// The module of the project with this dotted name.
fn module_named(program: &Program, importer: ModuleId, dotted: &str) -> Option<ModuleId> {
    let import = Import { level: 0, module: dotted.to_owned(), name: None, binds_root: false, span: Span::default() };
    match program.import(importer, &import) {
        Target::Project(Definition::Module(module)) => Some(module),
        _ => None,
    }
}
