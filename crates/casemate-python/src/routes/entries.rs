//! Functions that others call besides the web: queues, serverless platforms, command lines, language models.

use std::sync::Arc;

use super::{Role, Seed, WebFacts, resolve_value};
use crate::facts::ModuleFacts;
use crate::facts::fact::Entity;
use crate::names::{Definition, Program, Target};
use crate::syntax::{Class, Function, FunctionId, FunctionKind, Module, Op, ParameterKind, Passing, Value};

/// Decorators by canonical path, and what they make of the parameters.
const DECORATORS: &[(&str, Role)] = &[
    ("agents.function_tool", Role::Tool),
    ("agno.tools.tool", Role::Tool),
    ("ariadne.MutationType().field", Role::Body),
    ("ariadne.ObjectType().field", Role::Body),
    ("ariadne.QueryType().field", Role::Body),
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
    ("dash.Dash().callback", Role::Body),
    ("dash.callback", Role::Body),
    ("dbus.service.method", Role::Message),
    ("dbus_fast.service.method", Role::Message),
    ("dbus_next.service.method", Role::Message),
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
    ("jsonrpcserver.async_method", Role::Message),
    ("jsonrpcserver.method", Role::Message),
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
    ("nameko.rpc.rpc", Role::Message),
    ("pydantic_ai.Agent().tool", Role::Tool),
    ("pydantic_ai.Agent().tool_plain", Role::Tool),
    ("rq.decorators.job", Role::Task),
    ("semantic_kernel.functions.kernel_function", Role::Tool),
    ("slack_bolt.App().action", Role::Message),
    ("slack_bolt.App().command", Role::Message),
    ("slack_bolt.App().event", Role::Message),
    ("slack_bolt.App().message", Role::Message),
    ("slack_bolt.App().shortcut", Role::Message),
    ("slack_bolt.App().view", Role::Message),
    ("slack_bolt.async_app.AsyncApp().command", Role::Message),
    ("slack_bolt.async_app.AsyncApp().event", Role::Message),
    ("slack_bolt.async_app.AsyncApp().message", Role::Message),
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
    ("telebot.TeleBot().callback_query_handler", Role::Message),
    ("telebot.TeleBot().message_handler", Role::Message),
    ("telebot.async_telebot.AsyncTeleBot().message_handler", Role::Message),
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

/// Base classes whose methods of certain names a library calls with what comes from outside: the classes, the method
/// (all that begin so, where it ends in `*`), the first parameter that is given it, and what that is.
const CALLED: &[(&[&str], &str, usize, Filled)] = &[
    (&["asyncio.Protocol", "asyncio.BufferedProtocol"], "data_received", 1, Filled::By(Role::Message)),
    (&["asyncio.DatagramProtocol"], "datagram_received", 1, Filled::By(Role::Message)),
    (&["asynchat.async_chat"], "collect_incoming_data", 1, Filled::By(Role::Message)),
    (&["smtpd.SMTPServer"], "process_message", 2, Filled::By(Role::Message)),
    (&["smtpd.SMTPServer"], "process_message", 3, Filled::By(Role::Message)),
    (&["smtpd.SMTPServer"], "process_message", 4, Filled::By(Role::Message)),
    (TWISTED, "dataReceived", 1, Filled::By(Role::Message)),
    (TWISTED, "datagramReceived", 1, Filled::By(Role::Message)),
    (TWISTED, "lineReceived", 1, Filled::By(Role::Message)),
    (TWISTED, "rawDataReceived", 1, Filled::By(Role::Message)),
    (TWISTED, "stringReceived", 1, Filled::By(Role::Message)),
    (TWISTED, "onMessage", 1, Filled::By(Role::Message)),
    (&["twisted.web.resource.Resource"], "render", 1, Filled::Is("twisted.web.Request()")),
    (&["twisted.web.resource.Resource"], "render_*", 1, Filled::Is("twisted.web.Request()")),
    (&["twisted.web.resource.Resource"], "getChild", 1, Filled::By(Role::Path)),
    (SERIALIZERS, "validate_*", 1, Filled::By(Role::Body)),
    (SERIALIZERS, "validate", 1, Filled::By(Role::Body)),
    (SERIALIZERS, "to_internal_value", 1, Filled::By(Role::Body)),
    (SERIALIZERS, "create", 1, Filled::By(Role::Body)),
    (SERIALIZERS, "update", 2, Filled::By(Role::Body)),
    (
        &["flask_socketio.Namespace", "socketio.Namespace", "socketio.AsyncNamespace"],
        "on_*",
        1,
        Filled::By(Role::Message),
    ),
];

const TWISTED: &[&str] = &[
    "twisted.internet.protocol.Protocol",
    "twisted.internet.protocol.DatagramProtocol",
    "twisted.protocols.basic.LineReceiver",
    "twisted.protocols.basic.LineOnlyReceiver",
    "twisted.protocols.basic.NetstringReceiver",
    "twisted.protocols.basic.Int32StringReceiver",
    "autobahn.twisted.websocket.WebSocketServerProtocol",
    "autobahn.asyncio.websocket.WebSocketServerProtocol",
];

const SERIALIZERS: &[&str] = &[
    "rest_framework.serializers.Serializer",
    "rest_framework.serializers.ModelSerializer",
    "rest_framework.serializers.HyperlinkedModelSerializer",
];

/// What a parameter is filled with.
#[derive(Clone, Copy)]
enum Filled {
    /// Something from outside.
    By(Role),
    /// An object of a library.
    Is(&'static str),
}

/// Fields of a serializer that let no free text through.
const STRICT_FIELDS: &[&str] = &[
    "IntegerField",
    "FloatField",
    "DecimalField",
    "BooleanField",
    "NullBooleanField",
    "DateField",
    "DateTimeField",
    "TimeField",
    "DurationField",
    "UUIDField",
    "ChoiceField",
    "MultipleChoiceField",
    "PrimaryKeyRelatedField",
    "SlugRelatedField",
    "HyperlinkedRelatedField",
    "IPAddressField",
    "SlugField",
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
    "ack",
    "say",
    "respond",
    "client",
    "logger",
    "obj",
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
    /// A message as the first parameter, and an object of a library as the second.
    Update(&'static str),
}

/// Methods that register a function for messages: the keyword and the position at which they take it.
const REGISTERED: &[(&str, &str, usize, Given)] = &[
    ("basic_consume", "on_message_callback", 1, Given::Messages(2)),
    ("register_function", "function", 0, Given::Messages(0)),
    ("serve", "handler", 0, Given::Object("websockets.connection()")),
    ("consume", "callback", 0, Given::Message(0)),
    ("start_server", "client_connected_cb", 0, Given::Object("asyncio.StreamReader()")),
    ("start_unix_server", "client_connected_cb", 0, Given::Object("asyncio.StreamReader()")),
];

/// What components of Gradio are told to run: `button.click(run, inputs=[text])`.
const EVENT: (&str, &str, usize, Given) = ("", "fn", 0, Given::Messages(0));

/// Classes of a library whose objects hold a function that is called with messages: by path, the keyword and the position
/// at which they take it.
const HOLDERS: &[(&str, &str, usize, Given)] = &[
    ("telegram.ext.CommandHandler", "callback", 1, Given::Update("telegram.ext.CallbackContext()")),
    ("telegram.ext.MessageHandler", "callback", 1, Given::Update("telegram.ext.CallbackContext()")),
    ("telegram.ext.CallbackQueryHandler", "callback", 0, Given::Update("telegram.ext.CallbackContext()")),
    ("telegram.ext.InlineQueryHandler", "callback", 0, Given::Update("telegram.ext.CallbackContext()")),
    ("websocket.WebSocketApp", "on_message", usize::MAX, Given::Message(1)),
    ("gradio.Interface", "fn", 0, Given::Messages(0)),
    ("gradio.ChatInterface", "fn", 0, Given::Messages(0)),
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
            // WebOb gives what it decorates the request, after the object if it is a method.
            if matches!(path.as_str(), "webob.dec.wsgify" | "webob.wsgify") {
                self.object(id, usize::from(function.class.is_some()), "webob.Request()");
                return;
            }
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

    /// The object whose methods a server of remote calls runs for everybody: `server.register_instance(Api())`, with the
    /// classes that it is made from, `Proxy(Api)`.
    fn served(&mut self, function: &Function, id: FunctionId, instance: Value) {
        let Op::Call { callee, arguments } = function.op(function.bare(instance)) else { return };
        let given = function.call_arguments(arguments).iter().map(|argument| argument.value);
        for value in std::iter::once(callee).chain(given) {
            let Some(Target::Project(Definition::Class(home, class))) =
                resolve_value(self.program, self.facts.module, id, value)
            else {
                continue;
            };
            let Some(module) = self.program.module(home) else { continue };
            let Some(definition) = module.class(class) else { continue };
            for &(name, method) in &definition.methods {
                let Some(body) = module.function(method) else { continue };
                if module.symbols.text(name).starts_with('_') && module.symbols.text(name) != "_dispatch" {
                    continue;
                }
                for index in 1..body.parameters.len() {
                    let seed = Seed { role: Role::Message, is_free: true, request: None };
                    self.web.seeds.entry((home, method, index)).or_insert(seed);
                }
            }
        }
    }

    /// Functions that a function registers to be called with what others send.
    fn registered(&mut self, function: &Function, id: FunctionId) {
        for (_, op) in function.values() {
            // `client.on_message = on_message`, as MQTT has it.
            if let Op::StoreAttribute { name, value, .. } = op
                && self.module.symbols.text(name) == "on_message"
                && let Some(Target::Project(Definition::Function(module, handler))) =
                    resolve_value(self.program, self.facts.module, id, value)
                && module == self.facts.module
                && let Some(count) = self.module.function(handler).map(|handler| handler.parameters.len())
                && count >= 2
            {
                self.seed(handler, count.min(3) - 1, Role::Message);
            }
            let Op::Call { callee, arguments } = op else { continue };
            let arguments = function.call_arguments(arguments);
            let named = match function.op(function.bare(callee)) {
                Op::Attribute { name, .. } => self.module.symbols.text(name),
                _ => "",
            };
            if named == "register_instance"
                && let Some(first) = arguments.first()
            {
                self.served(function, id, first.value);
            }
            let is_event = matches!(named, "click" | "submit" | "change" | "upload" | "input" | "select")
                && self.module.imports.iter().any(|import| import.module.split('.').next() == Some("gradio"));
            let by_name = match is_event {
                true => Some(&EVENT),
                false => REGISTERED.iter().find(|(known, ..)| *known == named),
            };
            let by_path = || match resolve_value(self.program, self.facts.module, id, callee) {
                Some(Target::Library(path)) => HOLDERS.iter().find(|(known, ..)| *known == path),
                _ => None,
            };
            let Some(&(_, keyword, position, given)) = by_name.or_else(by_path) else { continue };
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
                Given::Object(path) if is_of("websockets.") || is_of("asyncio.") => {
                    self.object(handler, skipped, path);
                }
                Given::Update(path) if count >= skipped + 2 => {
                    self.seed(handler, skipped, Role::Message);
                    self.object(handler, skipped + 1, path);
                }
                Given::Message(_) | Given::Object(_) | Given::Update(_) => {}
            }
        }
    }

    /// A parameter that is an object of a library.
    fn object(&mut self, id: FunctionId, index: usize, path: &'static str) {
        let seed = Seed { role: Role::Request, is_free: true, request: Some(Arc::from(path)) };
        self.web.seeds.entry((self.facts.module, id, index)).or_insert(seed);
    }

    /// Methods that a library calls, and what frameworks that go by names call.
    fn called(&mut self, class: &Class, bases: &[String]) {
        let exposes = |value: Option<Value>| value.is_some();
        let is_exposed = exposes(self.exposed(class.body))
            || class.decorators.iter().any(|&decorator| self.is_library(class.parent, decorator, "cherrypy.expose"));
        let is_web_py = self.module.imports.iter().any(|import| import.level == 0 && import.module == "web");
        for &(symbol, id) in &class.methods {
            let Some(function) = self.module.function(id) else { continue };
            let name = self.module.symbols.text(symbol);
            for &(known, wanted, first, filled) in CALLED {
                let is_called = match wanted.strip_suffix('*') {
                    Some(start) => name.starts_with(start) && name.len() > start.len(),
                    None => name == wanted,
                };
                if !is_called
                    || first >= function.parameters.len()
                    || !bases.iter().any(|base| known.contains(&base.as_str()))
                {
                    continue;
                }
                let is_strict = known == SERIALIZERS
                    && name.strip_prefix("validate_").is_some_and(|field| self.is_strict(class, field));
                match filled {
                    _ if is_strict => {}
                    Filled::By(role) => self.seed(id, first, role),
                    Filled::Is(path) => self.object(id, first, path),
                }
            }
            let is_verb = matches!(name, "GET" | "POST" | "PUT" | "DELETE" | "PATCH");
            if is_verb && (is_exposed || is_web_py && class.bases.is_empty()) {
                let role = if is_exposed { Role::Query } else { Role::Path };
                (1..function.parameters.len()).for_each(|index| self.seed(id, index, role));
            }
        }
        // `page.exposed = True`, and a class that says so of itself, in the manner of CherryPy.
        let Some(body) = self.module.function(class.body) else { return };
        if !self.module.imports.iter().any(|import| import.module.split('.').next() == Some("cherrypy")) {
            return;
        }
        for (_, op) in body.values() {
            let Op::StoreAttribute { of, name, .. } = op else { continue };
            if self.module.symbols.text(name) != "exposed" {
                continue;
            }
            if let Op::Function(method) = body.op(body.bare(of))
                && let Some(count) = self.module.function(method).map(|method| method.parameters.len())
            {
                (1..count).for_each(|index| self.seed(method, index, Role::Query));
            }
        }
    }

    /// The value of `exposed` in the body of a class.
    fn exposed(&self, body: FunctionId) -> Option<Value> {
        let body = self.module.function(body)?;
        let exposed = self.module.symbols.find("exposed")?;
        body.exit.iter().find(|(name, _)| *name == exposed).map(|(_, value)| *value)
    }

    fn is_library(&self, scope: FunctionId, value: Value, wanted: &str) -> bool {
        matches!(resolve_value(self.program, self.facts.module, scope, value), Some(Target::Library(path)) if path == wanted)
    }

    /// Whether the field of a serializer lets no free text through.
    fn is_strict(&self, class: &Class, field: &str) -> bool {
        let Some(body) = self.module.function(class.body) else { return false };
        let Some(symbol) = self.module.symbols.find(field) else { return false };
        let Some(&(_, value)) = body.exit.iter().find(|(name, _)| *name == symbol) else { return false };
        let Op::Call { callee, .. } = body.op(body.bare(value)) else { return false };
        let written = self.module.slice(body.span_of(callee));
        written.rsplit('.').next().is_some_and(|last| STRICT_FIELDS.contains(&last))
    }

    fn class(&mut self, class: &Class) {
        let Some(around) = self.module.function(class.parent) else { return };
        let bases: Vec<String> = class
            .bases
            .iter()
            .take(8)
            .filter_map(|&base| match resolve_value(self.program, self.facts.module, class.parent, base) {
                Some(Target::Library(path)) => Some(vec![path]),
                Some(Target::Project(Definition::Class(home, class))) => {
                    Some(super::library_bases(self.program, home, class))
                }
                _ => None,
            })
            .flatten()
            .collect();
        self.called(class, &bases);
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
