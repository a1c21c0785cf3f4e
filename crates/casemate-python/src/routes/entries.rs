//! Functions that others call besides the web: queues, serverless platforms, command lines, language models.

use std::sync::Arc;

use super::{Role, Seed, WebFacts, resolve_value};
use crate::facts::ModuleFacts;
use crate::facts::fact::Entity;
use crate::names::{Definition, Program, Target};
use crate::syntax::{Class, Function, FunctionId, FunctionKind, Module, Op, ParameterKind, Passing};

/// Decorators by canonical path, and what they make of the parameters.
const DECORATORS: &[(&str, Role)] = &[
    ("agents.function_tool", Role::Tool),
    ("agno.tools.tool", Role::Tool),
    ("azure.functions.FunctionApp().queue_trigger", Role::Message),
    ("celery.Celery().task", Role::Task),
    ("celery.shared_task", Role::Task),
    ("chalice.Blueprint().route", Role::Path),
    ("chalice.Chalice().on_sqs_message", Role::Message),
    ("chalice.Chalice().route", Role::Path),
    ("cherrypy.expose", Role::Query),
    ("click.Group().command", Role::Argument),
    ("click.command", Role::Argument),
    ("click.group", Role::Argument),
    ("crewai.tools.tool", Role::Tool),
    ("crewai_tools.tool", Role::Tool),
    ("discord.Client().tree.command", Role::Message),
    ("discord.app_commands.CommandTree().command", Role::Message),
    ("discord.app_commands.command", Role::Message),
    ("discord.ext.commands.AutoShardedBot().command", Role::Message),
    ("discord.ext.commands.Bot().command", Role::Message),
    ("discord.ext.commands.Bot().tree.command", Role::Message),
    ("discord.ext.commands.command", Role::Message),
    ("django_rq.job", Role::Task),
    ("dramatiq.actor", Role::Task),
    ("errbot.arg_botcmd", Role::Message),
    ("errbot.botcmd", Role::Message),
    ("fabric.task", Role::Argument),
    ("fastmcp.FastMCP().resource", Role::Tool),
    ("fastmcp.FastMCP().tool", Role::Tool),
    ("faust.App().agent", Role::Message),
    ("functions_framework.cloud_event", Role::Message),
    ("functions_framework.http", Role::Body),
    ("huey.RedisHuey().task", Role::Task),
    ("huey.SqliteHuey().task", Role::Task),
    ("invoke.task", Role::Argument),
    ("langchain.agents.tool", Role::Tool),
    ("langchain.tools.tool", Role::Tool),
    ("langchain_core.tools.tool", Role::Tool),
    ("litestar.delete", Role::Path),
    ("litestar.get", Role::Query),
    ("litestar.handlers.delete", Role::Path),
    ("litestar.handlers.get", Role::Query),
    ("litestar.handlers.patch", Role::Body),
    ("litestar.handlers.post", Role::Body),
    ("litestar.handlers.put", Role::Body),
    ("litestar.patch", Role::Body),
    ("litestar.post", Role::Body),
    ("litestar.put", Role::Body),
    ("livekit.agents.function_tool", Role::Tool),
    ("mcp.server.FastMCP().resource", Role::Tool),
    ("mcp.server.FastMCP().tool", Role::Tool),
    ("mcp.server.Server().call_tool", Role::Tool),
    ("mcp.server.fastmcp.FastMCP().resource", Role::Tool),
    ("mcp.server.fastmcp.FastMCP().tool", Role::Tool),
    ("mcp.server.lowlevel.Server().call_tool", Role::Tool),
    ("pydantic_ai.Agent().tool", Role::Tool),
    ("pydantic_ai.Agent().tool_plain", Role::Tool),
    ("rq.decorators.job", Role::Task),
    ("semantic_kernel.functions.kernel_function", Role::Tool),
    ("smolagents.tool", Role::Tool),
    ("socketio.AsyncNamespace().event", Role::Message),
    ("socketio.AsyncServer().event", Role::Message),
    ("socketio.AsyncServer().on", Role::Message),
    ("socketio.Server().event", Role::Message),
    ("socketio.Server().on", Role::Message),
    ("sopel.module.commands", Role::Message),
    ("sopel.module.rule", Role::Message),
    ("sopel.plugin.command", Role::Message),
    ("sopel.plugin.commands", Role::Message),
    ("sopel.plugin.rule", Role::Message),
    ("strands.tool", Role::Tool),
    ("strawberry.field", Role::Body),
    ("strawberry.mutation", Role::Body),
    ("typer.Typer().callback", Role::Argument),
    ("typer.Typer().command", Role::Argument),
    ("werkzeug.Request.application", Role::Body),
    ("werkzeug.wrappers.Request.application", Role::Body),
];

/// Base classes whose methods of certain names are tools.
const TOOL_CLASSES: &[&str] = &[
    "crewai.tools.BaseTool",
    "langchain.tools.BaseTool",
    "langchain.tools.base.BaseTool",
    "langchain_core.tools.BaseTool",
    "smolagents.Tool",
];

/// Parameters that the framework itself fills in.
const OWN: &[&str] = &[
    "self",
    "cls",
    "ctx",
    "context",
    "_context",
    "run_manager",
    "wrapper",
    "config",
    "info",
    "root",
    "sid",
    "connection",
    "bot",
    "interaction",
];

/// What a registered function is given.
#[derive(Clone, Copy)]
enum Given {
    /// A message as this parameter.
    Message(usize),
    /// Messages as this parameter and all after it.
    Messages(usize),
    /// An object of a library as the first parameter.
    Object(&'static str),
}

/// Methods that register a function for messages: the keyword and the position at which they take it.
const REGISTERED: &[(&str, &str, usize, Given)] = &[
    ("basic_consume", "on_message_callback", 1, Given::Messages(2)),
    ("register_function", "function", 0, Given::Messages(0)),
    ("serve", "handler", 0, Given::Object("websockets.connection()")),
    ("consume", "callback", 0, Given::Message(0)),
];

/// Adds what the module says about such functions.
pub(super) fn collect(program: &Program, module: &Module, facts: &ModuleFacts, web: &mut WebFacts) {
    let mut collector = Entries { program, module, facts, web };
    for (id, function) in module.function_ids() {
        if function.kind == FunctionKind::Def {
            collector.function(id, function);
        }
        collector.registered(function, id);
    }
    for class in &module.classes {
        collector.class(class);
    }
}

struct Entries<'c> {
    program: &'c Program,
    module: &'c Module,
    facts: &'c ModuleFacts,
    web: &'c mut WebFacts,
}

impl Entries<'_> {
    fn function(&mut self, id: FunctionId, function: &Function) {
        let names: Vec<&str> =
            function.parameters.iter().map(|parameter| self.module.symbols.text(parameter.name)).collect();
        // AWS Lambda and its kin know no decorator, but always the same two parameters.
        if function.parent == Some(FunctionId(0))
            && let [event, "context" | "_context" | "lambda_context"] = names.as_slice()
            && matches!(*event, "event" | "_event" | "lambda_event")
        {
            self.seed(id, 0, Role::Message);
        }
        // Commands of Supybot and Limnoria are methods that are called with these, and then with what somebody wrote.
        if let ["self", "irc", "msg", "args", rest @ ..] = names.as_slice()
            && function.class.is_some()
        {
            for index in 4..4 + rest.len() {
                self.seed(id, index, Role::Message);
            }
        }
        // An application of the gateway interface (PEP 3333) is known by what it is called with.
        if let [.., "environ" | "env", "start_response"] = names.as_slice()
            && names.len() <= 3
        {
            let request = Some("wsgi.environ()");
            let seed = Seed { role: Role::Request, is_free: true, request: request.map(Arc::from) };
            self.web.seeds.entry((self.facts.module, id, names.len() - 2)).or_insert(seed);
        }
        // The same of the asynchronous one.
        if let [.., "scope", "receive", "send"] = names.as_slice()
            && names.len() <= 4
        {
            self.object(id, names.len() - 3, "asgi.scope()");
            self.object(id, names.len() - 2, "asgi.receive");
        }
        let Some(parent_id) = function.parent else { return };
        let Some(parent) = self.module.function(parent_id) else { return };
        for &decorator in &function.decorators {
            let named = match parent.op(decorator) {
                Op::Call { callee, .. } => callee,
                _ => decorator,
            };
            let path = match self.facts.path(parent_id, named) {
                Some(path) => path.to_owned(),
                None => match resolve_value(self.program, self.facts.module, parent_id, named) {
                    Some(Target::Library(path)) => path,
                    _ => continue,
                },
            };
            if let Some(role) = role_of(&path) {
                match path.split('.').next() {
                    Some("discord" | "errbot" | "sopel") => self.command(id, parent, function),
                    _ => self.all(id, function, role, usize::from(role == Role::Argument && takes_context(&names))),
                }
                return;
            }
        }
    }

    /// A command of a chat bot: what somebody wrote, and not the members and channels that the library makes of it.
    fn command(&mut self, id: FunctionId, around: &Function, function: &Function) {
        for (index, parameter) in function.parameters.iter().enumerate() {
            let is_text = parameter.annotation.is_none_or(|annotation| {
                self.module
                    .slice(around.span_of(annotation))
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| word == "str")
            });
            let is_own = index == 0 && function.class.is_none()
                || OWN.contains(&self.module.symbols.text(parameter.name))
                || matches!(self.module.symbols.text(parameter.name), "msg" | "mess" | "message");
            if is_text && !is_own && !matches!(parameter.kind, ParameterKind::DoubleStar) {
                self.seed(id, index, Role::Message);
            }
        }
    }

    /// Functions that a function registers to be called with what others send.
    fn registered(&mut self, function: &Function, id: FunctionId) {
        for (_, op) in function.values() {
            let Op::Call { callee, arguments } = op else { continue };
            let Op::Attribute { name, .. } = function.op(function.bare(callee)) else { continue };
            let arguments = function.call_arguments(arguments);
            let Some(&(_, keyword, position, given)) =
                REGISTERED.iter().find(|(known, ..)| *known == self.module.symbols.text(name))
            else {
                continue;
            };
            let handed = arguments.iter().enumerate().find(|(at, argument)| match argument.passing {
                Passing::Position => *at == position,
                Passing::Keyword(name) => self.module.symbols.text(name) == keyword,
                Passing::Star | Passing::DoubleStar => false,
            });
            let Some((_, handed)) = handed else { continue };
            let (handler, skipped) = match self.facts.fact(id, handed.value).entity {
                Entity::Function(module, handler) if module == self.facts.module => (handler, 0),
                Entity::Method(module, handler) if module == self.facts.module => (handler, 1),
                // What is defined further down is not known yet.
                _ => match resolve_value(self.program, self.facts.module, id, handed.value) {
                    Some(Target::Project(Definition::Function(module, handler))) if module == self.facts.module => {
                        (handler, 0)
                    }
                    _ => continue,
                },
            };
            let is_of = |root: &str| {
                let named = resolve_value(self.program, self.facts.module, id, callee);
                matches!(named, Some(Target::Library(path)) if path.starts_with(root))
            };
            let count = self.module.function(handler).map_or(0, |handler| handler.parameters.len());
            match given {
                Given::Message(at) if at + skipped < count => self.seed(handler, at + skipped, Role::Message),
                Given::Messages(at) => (at + skipped..count).for_each(|at| self.seed(handler, at, Role::Message)),
                Given::Object(path) if is_of("websockets.") => {
                    self.object(handler, skipped, path);
                }
                Given::Message(_) | Given::Object(_) => {}
            }
        }
    }

    /// A parameter that is an object of a library.
    fn object(&mut self, id: FunctionId, index: usize, path: &'static str) {
        let seed = Seed { role: Role::Request, is_free: true, request: Some(Arc::from(path)) };
        self.web.seeds.entry((self.facts.module, id, index)).or_insert(seed);
    }

    fn class(&mut self, class: &Class) {
        let Some(around) = self.module.function(class.parent) else { return };
        for &base in class.bases.iter().take(4) {
            let path = match self.facts.path(class.parent, base) {
                Some(path) => path.to_owned(),
                None => match resolve_value(self.program, self.facts.module, class.parent, base) {
                    Some(Target::Library(path)) => path,
                    _ => self.module.slice(around.span_of(base)).to_owned(),
                },
            };
            let is_tool = TOOL_CLASSES.contains(&path.as_str());
            // Code made from a `.proto` file calls its base classes so.
            let is_remote = path.ends_with("Servicer");
            let is_resolver = matches!(path.as_str(), "graphene.ObjectType" | "graphene.Mutation");
            if !is_tool && !is_remote && !is_resolver {
                continue;
            }
            for &(name, id) in &class.methods {
                let Some(function) = self.module.function(id) else { continue };
                match self.module.symbols.text(name) {
                    "_run" | "_arun" | "forward" if is_tool => self.all(id, function, Role::Tool, 1),
                    name if is_resolver && (name.starts_with("resolve_") || name == "mutate") => {
                        self.all(id, function, Role::Body, 2);
                    }
                    name if is_remote && !name.starts_with('_') && function.parameters.len() == 3 => {
                        self.seed(id, 1, Role::Message);
                        self.object(id, 2, "grpc.ServicerContext()");
                    }
                    _ => {}
                }
            }
        }
    }

    fn all(&mut self, id: FunctionId, function: &Function, role: Role, skip: usize) {
        if role == Role::Tool {
            self.web.tools.push((self.facts.module, id));
        }
        for (index, parameter) in function.parameters.iter().enumerate().skip(skip) {
            let variadic = matches!(parameter.kind, ParameterKind::Star | ParameterKind::DoubleStar);
            let fills = matches!(role, Role::Tool | Role::Query | Role::Body);
            if !OWN.contains(&self.module.symbols.text(parameter.name)) && (!variadic || fills) {
                self.seed(id, index, role);
            }
        }
    }

    fn seed(&mut self, id: FunctionId, index: usize, role: Role) {
        self.web.seeds.entry((self.facts.module, id, index)).or_insert(Seed { role, is_free: true, request: None });
    }
}

/// Tasks of Invoke and Fabric take their context first.
fn takes_context(names: &[&str]) -> bool {
    matches!(names.first(), Some(&("c" | "conn" | "connection")))
}

fn role_of(path: &str) -> Option<Role> {
    DECORATORS.iter().find(|(known, _)| *known == path).map(|(_, role)| *role)
}
