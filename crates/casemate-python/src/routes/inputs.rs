//! What a handler and its dependencies take from the request.

use super::classes::{find_method, project_classes};
use super::collect::{Collector, keyword};
use super::{Framework, Guard, GuardKind, Input, Role, Route, is_depends, resolve_value};
use crate::names::{Definition, ModuleId, Target};
use crate::syntax::{
    BinaryOp, ClassId, Constant, Function, FunctionId, FunctionKind, Module, Op, ParameterKind, Passing, Value,
};

/// Fills in the inputs of a route, and the guards among its dependencies.
pub(super) fn of_route(collector: &mut Collector<'_>, route: &mut Route) {
    let mut seen = Vec::new();
    let attached: Vec<(ModuleId, FunctionId)> = route
        .guards
        .iter()
        .filter(|guard| guard.kind == GuardKind::Dependency)
        .filter_map(|guard| guard.function)
        .collect();
    of_function(collector, route, route.module, route.handler, &mut seen);
    // What is captured from the path is given to what leads to the handler as well.
    if let (Framework::Django, Some((module, class))) = (route.framework, route.view) {
        let classes = project_classes(collector.program, module, class);
        for name in ["setup", "dispatch"] {
            if let Some((module, method)) = find_method(collector.program, &classes, name) {
                of_function(collector, route, module, method, &mut seen);
            }
        }
    }
    for (module, function) in attached {
        if !seen.contains(&(module, function)) {
            of_function(collector, route, module, function, &mut seen);
        }
    }
}

fn of_function(
    collector: &mut Collector<'_>,
    route: &mut Route,
    module: ModuleId,
    id: FunctionId,
    seen: &mut Vec<(ModuleId, FunctionId)>,
) {
    // Dependencies of dependencies: a real chain is short.
    if seen.contains(&(module, id)) || seen.len() > 32 {
        return;
    }
    seen.push((module, id));
    let program = collector.program;
    let Some(home) = program.module(module) else { return };
    let Some(function) = home.function(id) else { return };
    let Some(scope) = function.parent else { return };
    let Some(around) = home.function(scope) else { return };
    let is_method = around.kind == FunctionKind::ClassBody;
    for (index, parameter) in function.parameters.iter().enumerate() {
        if is_method && index == 0 && !is_static(home, around, function) {
            continue;
        }
        let place = index - usize::from(is_method && !is_static(home, around, function));
        if matches!(parameter.kind, ParameterKind::Star | ParameterKind::DoubleStar) {
            // `def get(self, request, *args, **kwargs)`: what is captured from the path comes in these.
            if !matches!(route.framework, Framework::FastApi | Framework::Starlette) {
                collector.seed((module, id, index), Role::Path, false, None);
            }
            continue;
        }
        let name = home.symbols.text(parameter.name).to_owned();
        let annotation = parameter
            .annotation
            .map(|annotation| home.slice(around.span_of(annotation)).to_owned())
            .unwrap_or_default();
        let mut input = Input {
            name,
            role: Role::Other,
            fields: Vec::new(),
            taken_by: (module, id, index),
            span: parameter.span,
            safe: false,
            annotation,
        };
        match route.framework {
            _ if route.methods == ["WEBSOCKET"] && route.framework != Framework::FastApi => {
                // Messages of a socket; the first parameter may be the connection.
                let is_connection = matches!(input.name.as_str(), "ws" | "websocket" | "socket" | "request" | "sid");
                if is_connection && place > 0 && route.framework == Framework::Sanic {
                    collector.socket((module, id, index));
                    continue;
                }
                input.role = if is_connection {
                    Role::Request
                } else if route.path.contains(&input.name) {
                    Role::Path
                } else {
                    Role::Body
                };
            }
            Framework::Flask | Framework::Tornado | Framework::Bottle => input.role = Role::Path,
            Framework::Django | Framework::Starlette | Framework::Aiohttp | Framework::Sanic => {
                input.role = match place {
                    0 => Role::Request,
                    // `def show(request, case)` below `@with_case`, which looks it up.
                    _ if is_handed_down(program, module, scope, around, function, (place, &input.name)) => Role::Other,
                    _ => Role::Path,
                };
            }
            Framework::Falcon => {
                input.role = match place {
                    0 => Role::Request,
                    1 => Role::Other,
                    _ => Role::Path,
                };
            }
            Framework::Pyramid => {
                input.role = if input.name.contains("request") { Role::Request } else { Role::Other };
            }
            Framework::FastApi => {
                let mut marked = parameter.default.and_then(|mark| mark_of(collector, module, scope, around, mark));
                let mut kind = parameter.annotation;
                // `CurrentUser = Annotated[User, Depends(…)]` is often written once and used all over.
                let (module, scope, around) = match kind.and_then(|kind| resolve_value(program, module, scope, kind)) {
                    Some(Target::Project(Definition::Variable(named, _, held))) => {
                        match program.module(named).and_then(|home| home.functions.first()) {
                            Some(body) if matches!(body.op(held), Op::Subscript { .. }) => {
                                kind = Some(held);
                                (named, FunctionId(0), body)
                            }
                            _ => (module, scope, around),
                        }
                    }
                    _ => (module, scope, around),
                };
                let mut marks: Vec<Value> = Vec::new();
                if let Some(annotation) = kind
                    && let Op::Subscript { of, index } = around.op(annotation)
                    && names(collector, module, scope, of).is_some_and(|path| path.ends_with(".Annotated"))
                    && let Op::Build { items, .. } = around.op(index)
                {
                    let items = around.list(items);
                    kind = items.first().copied();
                    marks.extend(items.iter().skip(1));
                }
                let shape =
                    kind.map_or(Shape::Scalar { safe: false }, |kind| shape(collector, module, scope, around, kind, 0));
                marked =
                    marked.or_else(|| marks.iter().find_map(|&mark| mark_of(collector, module, scope, around, mark)));
                let is_held = |mark: Value| match around.op(mark) {
                    Op::Call { arguments, .. } => {
                        let arguments = around.call_arguments(arguments);
                        ["pattern", "regex"]
                            .iter()
                            .find_map(|name| keyword(program.module(module)?, arguments, name))
                            .and_then(|pattern| collector.text(scope, around, pattern))
                            .is_some_and(|pattern| is_narrow(&pattern))
                    }
                    _ => false,
                };
                input.safe = matches!(shape, Shape::Scalar { safe: true })
                    || marks.iter().any(|&mark| is_held(mark))
                    || parameter.default.is_some_and(is_held);
                match marked {
                    Some(Mark::Depends(target, guard)) => {
                        input.role = Role::Dependency;
                        // `filters: Filters = Depends()` makes one of what it is annotated with.
                        let made = || match resolve_value(program, module, scope, kind?)? {
                            Target::Project(Definition::Class(home, class)) => {
                                Some((home, program.module(home)?.method(class, "__init__")?))
                            }
                            _ => None,
                        };
                        let target = if guard.is_none() { target.or_else(made) } else { target };
                        // What has no `__init__` of its own, a data class or a model, is filled in field by field.
                        let filled = match kind.and_then(|kind| resolve_value(program, module, scope, kind)) {
                            Some(Target::Project(Definition::Class(home, class))) if target.is_none() => program
                                .module(home)
                                .and_then(|home| home.class(class))
                                .filter(|definition| {
                                    let is_meant = guard.as_ref().is_none_or(|guard| guard.name == definition.name);
                                    is_meant && !definition.fields.is_empty()
                                })
                                .map(|_| (home, class)),
                            _ => None,
                        };
                        if let Some(guard) = guard {
                            route.guards.push(guard);
                        }
                        match target {
                            Some((module, target)) => of_function(collector, route, module, target, seen),
                            None if matches!(&shape, Shape::Form) => {
                                input.role = Role::Form;
                                input.fields = vec!["username".into(), "password".into()];
                            }
                            None => {
                                if let Some((home, class)) = filled {
                                    input.role = Role::Query;
                                    input.fields = fields(collector, home, class, &mut Vec::new());
                                }
                            }
                        }
                    }
                    Some(Mark::Role(role, alias)) => {
                        input.role = role;
                        if let Some(alias) = alias {
                            input.name = alias;
                        }
                        if let Shape::Model(module, class) = shape {
                            input.fields = fields(collector, module, class, &mut Vec::new());
                        }
                    }
                    None => {
                        let templated = route.path.contains(&format!("{{{}}}", input.name))
                            || route.path.contains(&format!("{{{}:", input.name));
                        input.role = match shape {
                            _ if templated => Role::Path,
                            Shape::Scalar { .. } => Role::Query,
                            Shape::Model(module, class) => {
                                input.fields = fields(collector, module, class, &mut Vec::new());
                                Role::Body
                            }
                            Shape::File => Role::File,
                            Shape::Request => Role::Request,
                            Shape::Form | Shape::Other => Role::Body,
                            Shape::Library => Role::Other,
                        };
                    }
                }
            }
        }
        if input.role == Role::Path && !input.safe {
            input.safe = converts(&route.path, &input.name);
        }
        match input.role {
            Role::Request if route.framework.request().is_some() => {
                collector.seed((module, id, index), Role::Request, false, Some(route.framework));
            }
            Role::Dependency | Role::Other | Role::Request => {}
            role => collector.seed((module, id, index), role, input.safe, None),
        }
        route.inputs.push(input);
    }
}

/// Whether a pattern holds the whole of a text to plain characters: letters, digits and what joins words.
fn is_narrow(pattern: &str) -> bool {
    pattern.starts_with('^')
        && pattern.ends_with('$')
        && !["[^", "\\S", "\\D", "\\W", "\\\\"].iter().any(|wide| pattern.contains(wide))
        && !pattern.contains(['.', '/', '<', '>', '\'', '"', ':', ' '])
}

/// Whether a method takes no object.
fn is_static(home: &Module, around: &Function, method: &Function) -> bool {
    method.decorators.iter().any(|&decorator| home.slice(around.span_of(decorator)) == "staticmethod")
}

/// Whether a path says that what is captured under a name is a number or the like: `<int:pk>`, `{id:int}`, `(?P<pk>\d+)`.
fn converts(path: &str, name: &str) -> bool {
    const KINDS: &[&str] = &["int", "uuid", "float", "number", "integer", "dt"];
    KINDS.iter().any(|kind| {
        path.contains(&format!("<{kind}:{name}>"))
            || path.contains(&format!("<{name}:{kind}>"))
            || path.contains(&format!("{{{name}:{kind}}}"))
            || path.contains(&format!("<{kind}:{name}("))
    }) || [r"\d", "[0-9]", r"[\d]"].iter().any(|class| {
        ["+", "{", ")"].iter().any(|after| path.contains(&format!("(?P<{name}>{class}{after}")))
            || path.contains(&format!("{{{name}:{class}"))
    })
}

/// What a type is to FastAPI.
enum Shape {
    Scalar {
        safe: bool,
    },
    Model(ModuleId, ClassId),
    File,
    Form,
    Request,
    /// Some other class of a library.
    Library,
    /// A container or something not known: FastAPI reads it from the body.
    Other,
}

fn names(collector: &Collector<'_>, module: ModuleId, scope: FunctionId, value: Value) -> Option<String> {
    match resolve_value(collector.program, module, scope, value)? {
        Target::Library(path) => Some(path),
        Target::Project(_) => None,
    }
}

fn shape(
    collector: &Collector<'_>,
    module: ModuleId,
    scope: FunctionId,
    around: &Function,
    kind: Value,
    depth: u32,
) -> Shape {
    if depth > 8 {
        return Shape::Other;
    }
    let inner = |values: &[Value]| {
        values
            .iter()
            .filter(|&&value| !matches!(around.op(value), Op::Constant(Constant::None)))
            .map(|&value| shape(collector, module, scope, around, value, depth + 1))
            .next()
            .unwrap_or(Shape::Other)
    };
    match around.op(kind) {
        Op::Subscript { of, index } => {
            let name = names(collector, module, scope, of).unwrap_or_default();
            let values = match around.op(index) {
                Op::Build { items, .. } => around.list(items).to_vec(),
                _ => vec![index],
            };
            match name.rsplit('.').next().unwrap_or("") {
                "Literal" => Shape::Scalar { safe: true },
                "Optional" | "Union" | "Annotated" => inner(&values),
                _ => Shape::Other,
            }
        }
        Op::Binary { op: BinaryOp::BitOr, left, right } => inner(&[left, right]),
        _ => match resolve_value(collector.program, module, scope, kind) {
            Some(Target::Library(path)) => library_shape(&path),
            Some(Target::Project(Definition::Class(module, class))) => class_shape(collector, module, class, 0),
            _ => Shape::Other,
        },
    }
}

fn library_shape(path: &str) -> Shape {
    let last = path.rsplit('.').next().unwrap_or(path);
    match last {
        "str" | "bytes" | "SecretStr" | "EmailStr" | "AnyUrl" | "HttpUrl" | "constr" | "Path" | "NameEmail" => {
            Shape::Scalar { safe: false }
        }
        "int" | "float" | "bool" | "UUID" | "UUID4" | "datetime" | "date" | "time" | "timedelta" | "Decimal"
        | "PositiveInt" | "conint" | "NonNegativeInt" | "IPv4Address" | "IPv6Address" => Shape::Scalar { safe: true },
        "UploadFile" => Shape::File,
        "OAuth2PasswordRequestForm" | "OAuth2PasswordRequestFormStrict" => Shape::Form,
        "Request" | "Response" | "WebSocket" | "BackgroundTasks" | "HTTPConnection" | "SecurityScopes" => {
            Shape::Request
        }
        "dict" | "list" | "Any" | "set" | "tuple" | "Dict" | "List" | "object" | "Mapping" | "BaseModel" => {
            Shape::Other
        }
        _ => Shape::Library,
    }
}

fn class_shape(collector: &Collector<'_>, module: ModuleId, class: ClassId, depth: u32) -> Shape {
    let Some(definition) = collector.program.module(module).and_then(|home| home.class(class)) else {
        return Shape::Other;
    };
    let bases: Vec<Option<Target>> = definition
        .bases
        .iter()
        .take(8)
        .map(|&base| resolve_value(collector.program, module, definition.parent, base))
        .collect();
    if bases.iter().flatten().any(|base| matches!(base, Target::Library(path) if path.starts_with("enum."))) {
        return Shape::Scalar { safe: true };
    }
    for base in bases {
        match base {
            Some(Target::Library(path)) if path == "str" || path == "int" => {
                return Shape::Scalar { safe: path == "int" };
            }
            Some(Target::Project(Definition::Class(module, class))) if depth < 3 => {
                if let Shape::Scalar { safe } = class_shape(collector, module, class, depth + 1) {
                    return Shape::Scalar { safe };
                }
            }
            _ => {}
        }
    }
    Shape::Model(module, class)
}

/// Names of the fields of a model, its bases included.
fn fields(
    collector: &Collector<'_>,
    module: ModuleId,
    class: ClassId,
    seen: &mut Vec<(ModuleId, ClassId)>,
) -> Vec<String> {
    let Some(home) = collector.program.module(module) else { return Vec::new() };
    let Some(definition) = home.class(class) else { return Vec::new() };
    if seen.contains(&(module, class)) || seen.len() > 16 {
        return Vec::new();
    }
    seen.push((module, class));
    let mut found: Vec<String> =
        definition.fields.iter().map(|field| home.symbols.text(field.name).to_owned()).collect();
    for &base in &definition.bases {
        if let Some(Target::Project(Definition::Class(module, class))) =
            resolve_value(collector.program, module, definition.parent, base)
        {
            found.extend(fields(collector, module, class, seen));
        }
    }
    found
}

enum Mark {
    Role(Role, Option<String>),
    Depends(Option<(ModuleId, FunctionId)>, Option<Guard>),
}

/// What `= Query(…)`, `= Depends(…)` or the like says about a parameter.
fn mark_of(
    collector: &Collector<'_>,
    module: ModuleId,
    scope: FunctionId,
    around: &Function,
    mark: Value,
) -> Option<Mark> {
    let Op::Call { callee, arguments } = around.op(mark) else {
        // `Caller = Depends(caller_of)` is written once, and used as a default all over.
        let Target::Project(Definition::Variable(named, _, held)) =
            resolve_value(collector.program, module, scope, mark)?
        else {
            return None;
        };
        let body = collector.program.module(named)?.functions.first()?;
        return matches!(body.op(held), Op::Call { .. })
            .then(|| mark_of(collector, named, FunctionId(0), body, held))
            .flatten();
    };
    let path = names(collector, module, scope, callee)?;
    let home = collector.program.module(module)?;
    let arguments = around.call_arguments(arguments);
    if is_depends(&path) {
        let first = arguments
            .iter()
            .find(|argument| argument.passing == Passing::Position)
            .map(|argument| argument.value)
            .or_else(|| keyword(home, arguments, "dependency"));
        let Some(first) = first else { return Some(Mark::Depends(None, None)) };
        let made = match around.op(first) {
            Op::Call { callee, .. } => callee,
            _ => first,
        };
        let target = resolve_value(collector.program, module, scope, made);
        // What is called for each request is the object: `Depends(Checker("admin"))`.
        let is_object = matches!(target, Some(Target::Project(Definition::Class(..))));
        let mut written = home.slice(around.span_of(first)).to_owned();
        if arguments.len() > 1 {
            home.slice(around.span_of(mark)).clone_into(&mut written);
        }
        let (name, function) = match target {
            Some(Target::Library(path)) => (path, None),
            Some(Target::Project(Definition::Function(module, function))) => {
                let name = collector
                    .program
                    .module(module)
                    .and_then(|home| home.function(function))
                    .map(|f| f.name.clone())
                    .unwrap_or_default();
                (name, Some((module, function)))
            }
            Some(Target::Project(Definition::Class(module, class))) => {
                let home = collector.program.module(module);
                let name = home.and_then(|home| home.class(class)).map(|class| class.name.clone()).unwrap_or_default();
                let called =
                    home.and_then(|home| home.method(class, if made == first { "__init__" } else { "__call__" }));
                (name, called.map(|called| (module, called)))
            }
            Some(Target::Project(Definition::Variable(module, symbol, held))) => {
                let home = collector.program.module(module);
                let name = match resolve_value(collector.program, module, FunctionId(0), held) {
                    Some(Target::Library(path)) => path,
                    Some(Target::Project(Definition::Class(module, class))) => collector
                        .program
                        .module(module)
                        .and_then(|home| home.class(class))
                        .map(|class| class.name.clone())
                        .unwrap_or_default(),
                    _ => home.map(|home| home.symbols.text(symbol).to_owned()).unwrap_or_default(),
                };
                (name, None)
            }
            _ => (home.slice(around.span_of(made)).to_owned(), None),
        };
        // The parameters of a factory are not those of the dependency it makes.
        let inner = if made == first || is_object { function } else { None };
        return Some(Mark::Depends(inner, Some(Guard { kind: GuardKind::Dependency, name, written, function })));
    }
    let role = match path
        .strip_prefix("fastapi.param_functions.")
        .or_else(|| path.strip_prefix("fastapi.params."))
        .or_else(|| path.strip_prefix("fastapi."))?
    {
        "Query" => Role::Query,
        "Path" => Role::Path,
        "Header" => Role::Header,
        "Cookie" => Role::Cookie,
        "Form" => Role::Form,
        "Body" => Role::Body,
        "File" => Role::File,
        _ => return None,
    };
    let alias = keyword(home, arguments, "alias").and_then(|value| home.constant_str(around, value)).map(str::to_owned);
    Some(Mark::Role(role, alias))
}

/// Whether a decorator of the project gives a handler this parameter: by its name, or by its place behind the request.
fn is_handed_down(
    program: &crate::names::Program,
    module: ModuleId,
    scope: FunctionId,
    around: &Function,
    function: &Function,
    (place, name): (usize, &str),
) -> bool {
    function.decorators.iter().any(|&decorator| {
        let Some(Target::Project(Definition::Function(home, made))) = resolve_value(program, module, scope, decorator)
        else {
            return false;
        };
        let Some(source) = program.module(home) else { return false };
        let Some(by) = source.function(made) else { return false };
        // What is decorated is the one thing a decorator is given, or what the function that it makes is given.
        let is_within = |function: &Function| {
            let mut parent = function.parent;
            for _ in 0..4 {
                match parent {
                    Some(one) if one == made => return true,
                    Some(one) => parent = source.function(one).and_then(|around| around.parent),
                    None => return false,
                }
            }
            false
        };
        let is_plain = matches!(around.op(around.bare(decorator)), Op::Import(_) | Op::Name(_) | Op::Function(_));
        let handler = by.parameters.first().filter(|_| is_plain).map(|parameter| parameter.name);
        source.function_ids().filter(|(_, inner)| is_within(inner)).any(|(_, inner)| {
            inner.values().any(|(_, op)| {
                let Op::Call { callee, arguments } = op else { return false };
                let is_handler = matches!(inner.op(inner.bare(callee)), Op::Name(symbol) if Some(symbol) == handler);
                let arguments = inner.call_arguments(arguments);
                is_handler
                    && (arguments
                        .iter()
                        .any(|one| matches!(one.passing, Passing::Keyword(word) if source.symbols.text(word) == name))
                        || arguments.iter().take_while(|one| one.passing == Passing::Position).count() > place)
            })
        })
    })
}
