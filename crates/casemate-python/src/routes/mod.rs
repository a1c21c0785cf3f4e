//! Which routes a web application serves, what they take in, and what stands guard before them.

mod classes;
mod collect;
mod django;
mod entries;
mod inputs;
mod tables;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::names::{Definition, ModuleId, Program, Target};
use crate::syntax::{ClassId, FunctionId, Op, Span, Value};

pub use classes::{library_bases, project_classes};
pub(crate) use collect::collect;

/// The framework a route belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Framework {
    /// FastAPI, and Starlette through it.
    FastApi,
    /// Starlette itself.
    Starlette,
    /// Flask and Quart.
    Flask,
    /// Django.
    Django,
    /// aiohttp's server.
    Aiohttp,
    /// Tornado.
    Tornado,
    /// Bottle.
    Bottle,
    /// Pyramid.
    Pyramid,
    /// Sanic.
    Sanic,
    /// Falcon.
    Falcon,
}

impl Framework {
    /// Its name as its authors write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::FastApi => "FastAPI",
            Self::Starlette => "Starlette",
            Self::Flask => "Flask",
            Self::Django => "Django",
            Self::Aiohttp => "aiohttp",
            Self::Tornado => "Tornado",
            Self::Bottle => "Bottle",
            Self::Pyramid => "Pyramid",
            Self::Sanic => "Sanic",
            Self::Falcon => "Falcon",
        }
    }

    /// The canonical path of the request object that handlers are given.
    pub(crate) fn request(self) -> Option<&'static str> {
        match self {
            Self::FastApi | Self::Starlette => Some("starlette.Request()"),
            Self::Django => Some("django.HttpRequest()"),
            Self::Aiohttp => Some("aiohttp.web.Request()"),
            Self::Pyramid => Some("pyramid.request.Request()"),
            Self::Sanic => Some("sanic.Request()"),
            Self::Falcon => Some("falcon.Request()"),
            Self::Flask | Self::Tornado | Self::Bottle => None,
        }
    }
}

/// Whether a path is that of the request object that handlers are given, of the application it came to, or of something in
/// them: of these there is one at a time, and what is put on it before the handler runs is found there.
pub fn is_request(path: &str) -> bool {
    const ALL: &[Framework] = &[
        Framework::Starlette,
        Framework::Django,
        Framework::Aiohttp,
        Framework::Pyramid,
        Framework::Sanic,
        Framework::Falcon,
    ];
    let applications = ["aiohttp.web.Application()", "fastapi.FastAPI()", "sanic.Sanic()"];
    ALL.iter().filter_map(|framework| framework.request()).chain(applications).any(|request| {
        path.strip_prefix(request).is_some_and(|rest| rest.is_empty() || rest.starts_with('.') && !rest.contains('('))
    })
}

/// Where a route takes an input from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// A part of the path.
    Path,
    /// The query string.
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
    /// A form field.
    Form,
    /// The body, or a field of it.
    Body,
    /// An uploaded file.
    File,
    /// A message of a queue, the event of a serverless function, the argument of a remote call.
    Message,
    /// The argument of a task that the program itself puts into a queue.
    Task,
    /// What a language model gives to a tool.
    Tool,
    /// The command line.
    Argument,
    /// The request object itself.
    Request,
    /// What a dependency returns.
    Dependency,
    /// Nothing from the request.
    Other,
}

/// One input of a route or of a dependency of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Input {
    /// Its name in the code, or the alias on the wire.
    pub name: String,
    /// Where it comes from.
    pub role: Role,
    /// Names of the fields, for a body or form that is a model of the project.
    pub fields: Vec<String>,
    /// The function that takes it, and which parameter it is.
    pub taken_by: (ModuleId, FunctionId, usize),
    /// Where it is declared.
    pub span: Span,
    /// Whether its type admits no free text.
    pub safe: bool,
    /// The type as written.
    pub annotation: String,
}

/// How a guard is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GuardKind {
    /// A decorator of the handler.
    Decorator,
    /// A dependency of the handler or of one of its dependencies.
    Dependency,
    /// A dependency of the router, of the application, or of the inclusion of one in the other.
    Inherited,
    /// A function that runs before every request.
    Before,
    /// A middleware of the application.
    Middleware,
    /// A base, an attribute or a method of the class that serves the route.
    Class,
}

/// Something that runs before a handler, and might keep a caller out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// How it is attached.
    pub kind: GuardKind,
    /// The canonical path of a library function, or the name as written.
    pub name: String,
    /// The code as written, with its arguments.
    pub written: String,
    /// The function of the project that runs.
    pub function: Option<(ModuleId, FunctionId)>,
}

/// An application or router, by the value that holds it.
pub type Owner = (ModuleId, FunctionId, Value);

/// One route.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Route {
    /// The framework.
    pub framework: Framework,
    /// Methods in capitals; empty if all or unknown.
    pub methods: Vec<String>,
    /// The path as declared, without the prefixes of routers.
    pub path: String,
    /// The module of the handler.
    pub module: ModuleId,
    /// The handler; the body of the class where the class inherits it from a library.
    pub handler: FunctionId,
    /// The class that serves it, if one does.
    pub view: Option<(ModuleId, ClassId)>,
    /// The name it goes by where its path is declared elsewhere.
    pub named: Option<String>,
    /// Whether the project's default permissions hold for it.
    pub takes_defaults: bool,
    /// The application or router it is declared on.
    pub owner: Option<Owner>,
    /// What it takes in, dependencies included.
    pub inputs: Vec<Input>,
    /// What runs before it.
    pub guards: Vec<Guard>,
    /// Where it is declared.
    pub span: Span,
}

/// An application or router.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Application {
    /// The value that holds it.
    pub owner: Owner,
    /// What all its routes begin with.
    pub prefix: String,
    /// What runs before all its routes.
    pub guards: Vec<Guard>,
}

/// A router that is part of an application or another router.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Inclusion {
    /// What it is part of.
    pub parent: Option<Owner>,
    /// The router.
    pub child: Owner,
    /// What its routes begin with there.
    pub prefix: String,
    /// What runs before them there.
    pub guards: Vec<Guard>,
}

/// What one module says about the web.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct WebFacts {
    /// Routes.
    pub routes: Vec<Route>,
    /// Applications and routers.
    pub applications: Vec<Application>,
    /// Routers included in others.
    pub inclusions: Vec<Inclusion>,
    /// What stands before every route of the project.
    pub everywhere: Vec<Guard>,
    /// What stands before routes of a framework that do not say otherwise.
    pub defaults: Vec<(Framework, Guard)>,
    /// Paths that are declared by name, away from their handlers.
    pub names: Vec<(String, String)>,
    /// Functions that language models may call.
    pub tools: Vec<(ModuleId, FunctionId)>,
    /// Parameters that a framework fills in from the request.
    seeds: FxHashMap<(ModuleId, FunctionId, usize), Seed>,
}

/// Where a framework takes a parameter from, and whether its type admits no free text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Seed {
    pub(crate) role: Role,
    /// Whether its type admits free text.
    pub(crate) is_free: bool,
    /// The canonical path of the request object it is.
    pub(crate) request: Option<Arc<str>>,
}

impl WebFacts {
    /// Whether a framework calls something with what comes from outside; a command line is the caller's own.
    pub fn is_called(&self) -> bool {
        !self.routes.is_empty()
            || !self.applications.is_empty()
            || !self.tools.is_empty()
            || self.seeds.values().any(|seed| seed.role != Role::Argument)
    }

    /// Parameters of functions of any module that a framework fills in from the request.
    pub(crate) fn all_seeds(&self) -> impl Iterator<Item = (ModuleId, FunctionId, usize, &Seed)> {
        self.seeds.iter().map(|(&(module, function, index), seed)| (module, function, index, seed))
    }

    /// Takes over what another module says.
    pub(crate) fn add(&mut self, one: &Self) {
        self.routes.extend(one.routes.iter().cloned());
        self.applications.extend(one.applications.iter().cloned());
        self.inclusions.extend(one.inclusions.iter().cloned());
        self.everywhere.extend(one.everywhere.iter().cloned());
        self.defaults.extend(one.defaults.iter().cloned());
        self.names.extend(one.names.iter().cloned());
        self.tools.extend_from_slice(&one.tools);
    }

    /// Tells the modules that are spoken of.
    pub(crate) fn name_modules(&self, name: &mut dyn FnMut(ModuleId)) {
        let guards = |guards: &[Guard], name: &mut dyn FnMut(ModuleId)| {
            guards.iter().filter_map(|guard| guard.function).for_each(|(module, _)| name(module));
        };
        for route in &self.routes {
            name(route.module);
            route.view.iter().for_each(|(module, _)| name(*module));
            route.owner.iter().for_each(|(module, ..)| name(*module));
            route.inputs.iter().for_each(|input| name(input.taken_by.0));
            guards(&route.guards, name);
        }
        for application in &self.applications {
            name(application.owner.0);
            guards(&application.guards, name);
        }
        for inclusion in &self.inclusions {
            inclusion.parent.iter().for_each(|(module, ..)| name(*module));
            name(inclusion.child.0);
            guards(&inclusion.guards, name);
        }
        guards(&self.everywhere, name);
        self.defaults.iter().filter_map(|(_, guard)| guard.function).for_each(|(module, _)| name(module));
        self.tools.iter().for_each(|(module, _)| name(*module));
        self.seeds.keys().for_each(|(module, ..)| name(*module));
    }

    /// Puts together what different modules say about one route.
    pub fn settle(&mut self) {
        let names = std::mem::take(&mut self.names);
        for route in &mut self.routes {
            if let Some(name) = &route.named
                && let Some((_, path)) = names.iter().find(|(known, _)| known == name)
            {
                route.path.clone_from(path);
            }
        }
        self.names = names;
        // A view class is known by its bases; where some module says at which path, that is the route.
        let routed: FxHashSet<_> = self
            .routes
            .iter()
            .filter(|route| !route.path.is_empty())
            .map(|route| (route.module, route.handler, route.view))
            .collect();
        let mut seen = FxHashSet::default();
        self.routes.retain(|route| {
            let key = (route.module, route.handler, route.view);
            (!route.path.is_empty() || !routed.contains(&key))
                && seen.insert((key, route.path.clone(), route.methods.clone(), route.owner))
        });
    }

    /// Everything that stands before a route, and its full paths as far as they are known.
    pub fn chain(&self, route: &Route) -> (Vec<Guard>, String) {
        let mut guards = route.guards.clone();
        guards.extend(self.everywhere.iter().cloned());
        if route.takes_defaults {
            let own = self.defaults.iter().filter(|(framework, _)| *framework == route.framework);
            guards.extend(own.map(|(_, guard)| guard.clone()));
        }
        let mut path = route.path.clone();
        let mut owner = route.owner;
        // Applications nest a few levels at most; more would be a circle.
        for _ in 0..8 {
            let Some(current) = owner else { break };
            for application in self.applications.iter().filter(|application| application.owner == current) {
                guards.extend(application.guards.iter().cloned());
                path.insert_str(0, &application.prefix);
            }
            let Some(inclusion) = self.inclusions.iter().find(|inclusion| inclusion.child == current) else { break };
            guards.extend(inclusion.guards.iter().cloned());
            path.insert_str(0, &inclusion.prefix);
            owner = inclusion.parent;
        }
        (guards, path)
    }
}

/// Whether a canonical path is FastAPI's way to ask for a dependency.
pub fn is_depends(path: &str) -> bool {
    matches!(path, "fastapi.Depends" | "fastapi.Security" | "fastapi.params.Depends" | "fastapi.params.Security")
        || matches!(path, "fastapi.param_functions.Depends" | "fastapi.param_functions.Security")
}

/// What a plain name or dotted name of any module stands for, from its imports and definitions alone.
pub fn resolve_value(program: &Program, module: ModuleId, scope: FunctionId, value: Value) -> Option<Target> {
    let home = program.module(module)?;
    let function = home.function(scope)?;
    match function.op(value) {
        Op::Import(import) => Some(program.import(module, home.imports.get(import as usize)?)),
        Op::Class(class) => Some(Target::Project(Definition::Class(module, class))),
        Op::Function(function) => Some(Target::Project(Definition::Function(module, function))),
        Op::Name(symbol) => {
            let name = home.symbols.text(symbol);
            program.member(module, name).or_else(|| Some(Target::Library(name.to_owned())))
        }
        Op::Attribute { of, name } => {
            let name = home.symbols.text(name);
            match resolve_value(program, module, scope, of)? {
                Target::Library(path) => Some(Target::Library(format!("{path}.{name}"))),
                Target::Project(Definition::Module(inner)) => program.member(inner, name),
                Target::Project(_) => None,
            }
        }
        Op::Subscript { of, .. } | Op::Refine { of, .. } => resolve_value(program, module, scope, of),
        Op::Call { callee, .. } => match resolve_value(program, module, scope, callee)? {
            Target::Library(path) => Some(Target::Library(format!("{path}()"))),
            target @ Target::Project(_) => Some(target),
        },
        _ => None,
    }
}
