//! One endpoint, and what the code answers to the questions of a review.

use casemate_python::facts::{TextPart, text_of};
use casemate_python::names::{ModuleId, Program};
use casemate_python::routes::{Input, Role, Route};
use casemate_python::syntax::{Constant, Function, FunctionId, Module, Op, Passing, Value};

use crate::finding::Place;
use crate::models::{is_password, is_secret, label, words};
use crate::rules::Context;
use crate::rules::authentication::guards::{body_limits_rate, limits_rate, turns_away};
use crate::rules::authorization::acts::{self, Act, acts_near};
use crate::rules::authorization::standing::{authorizes, is_public, may_change};
use crate::rules::context::short;

/// What a review asks of every endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Is authentication required?
    Authentication,
    /// Who can call it?
    Callers,
    /// What object-level permission applies?
    Objects,
    /// What input is untrusted?
    Inputs,
    /// What validation applies?
    Validation,
    /// What domain rule applies?
    Domain,
    /// What side effect occurs?
    Effects,
    /// Is it idempotent?
    Idempotence,
    /// What is the rate limit?
    Limit,
    /// What is logged?
    Logging,
    /// What must not be logged?
    Secrecy,
    /// What error responses are returned?
    Errors,
    /// Does it touch files, the network or processes?
    Outside,
    /// Does it handle the tenant boundary?
    Tenant,
    /// Are there tests?
    Tests,
}

impl Question {
    /// The question in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Authentication => "Is authentication required?",
            Self::Callers => "Who can call it?",
            Self::Objects => "What object-level permission applies?",
            Self::Inputs => "What input is untrusted?",
            Self::Validation => "What validation applies?",
            Self::Domain => "What domain rule applies?",
            Self::Effects => "What side effect occurs?",
            Self::Idempotence => "Is it idempotent?",
            Self::Limit => "What is the rate limit?",
            Self::Logging => "What is logged?",
            Self::Secrecy => "What must not be logged?",
            Self::Errors => "What error responses are returned?",
            Self::Outside => "Does it touch files, network or processes?",
            Self::Tenant => "Does it handle the tenant boundary?",
            Self::Tests => "Are tests present?",
        }
    }

    /// A word for it, for programs.
    pub fn key(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Callers => "callers",
            Self::Objects => "objects",
            Self::Inputs => "inputs",
            Self::Validation => "validation",
            Self::Domain => "domain",
            Self::Effects => "effects",
            Self::Idempotence => "idempotence",
            Self::Limit => "limit",
            Self::Logging => "logging",
            Self::Secrecy => "secrecy",
            Self::Errors => "errors",
            Self::Outside => "outside",
            Self::Tenant => "tenant",
            Self::Tests => "tests",
        }
    }
}

/// How far the code answers a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The code shows it.
    Shown,
    /// The code shows that it is missing.
    Missing,
    /// The code does not tell; a person has to.
    Open,
}

impl State {
    /// A word for it, for programs.
    pub fn key(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Missing => "missing",
            Self::Open => "open",
        }
    }
}

/// What the code answers to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The question.
    pub question: Question,
    /// How far it is answered.
    pub state: State,
    /// The answer.
    pub text: String,
}

/// One endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The framework, as its authors write it.
    pub framework: &'static str,
    /// Methods in capitals; empty for all or unknown.
    pub methods: Vec<String>,
    /// The path with the prefixes of its routers; empty where it is not declared in sight.
    pub path: String,
    /// The handler with the classes around it.
    pub handler: String,
    /// Where the handler is.
    pub place: Place,
    /// Answers, in the order of the questions.
    pub answers: Vec<Answer>,
    /// Guards that ask who is calling, by their names in the code.
    pub guards: Vec<String>,
    /// Models that it loads or makes, with the column of their owner and of their tenant.
    pub models: Vec<ModelUsed>,
    /// Whether nobody is asked who they are although it is not meant for strangers.
    pub is_open: bool,
    /// Whether it is meant for strangers by its name.
    pub is_public: bool,
    /// Whether it changes what is stored.
    pub changes: bool,
}

/// A model that an endpoint uses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelUsed {
    /// Its name.
    pub name: String,
    /// The column that says whose it is.
    pub owner: Option<String>,
    /// The column that says which tenant's it is.
    pub tenant: Option<String>,
    /// Columns that are secrets or passwords.
    pub secrets: Vec<String>,
}

impl Endpoint {
    /// Method and path: `GET /cases/{id}`.
    pub fn title(&self) -> String {
        let methods = if self.methods.is_empty() { "ANY".to_owned() } else { self.methods.join(",") };
        let path = if self.path.is_empty() { "(path not declared in sight)" } else { &self.path };
        format!("{methods} {path}")
    }

    /// The answer to a question.
    pub fn answer(&self, question: Question) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.question == question)
    }
}

/// What the tests of a project name.
pub(super) struct Tests {
    files: Vec<(String, Vec<Vec<String>>, String)>,
}

/// Paths of one test file that are looked at.
const MAX_PATHS: usize = 4096;

impl Tests {
    pub(super) fn of(program: &Program) -> Self {
        let mut files = Vec::new();
        for (id, module) in program.module_ids() {
            let is_test = module.path.split('/').any(|part| {
                matches!(part, "tests" | "test") || part.starts_with("test_") || part.ends_with("_test.py")
            });
            if !is_test {
                continue;
            }
            let mut paths: Vec<Vec<String>> = Vec::new();
            for (function_id, function) in module.function_ids() {
                for (value, op) in function.values() {
                    let text = match op {
                        Op::Constant(Constant::Str(text)) => module.string(text).to_owned(),
                        Op::Format(_) => written_path(program, id, function_id, value),
                        _ => continue,
                    };
                    if text.starts_with('/') && text.len() < 300 && paths.len() < MAX_PATHS {
                        paths.push(segments(&text));
                    }
                }
            }
            files.push((module.path.clone(), paths, module.text.clone()));
        }
        Self { files }
    }

    /// The test files that call a path or name a handler.
    fn naming(&self, path: &str, handler: &str) -> Vec<String> {
        let wanted = segments(path);
        let name = handler.rsplit('.').next().unwrap_or(handler);
        let class = handler.split('.').next().unwrap_or(handler);
        let named = if handler.contains('.') { class } else { name };
        let found = self.files.iter().filter(|(_, paths, text)| {
            (!path.is_empty() && paths.iter().any(|tried| matches(&wanted, tried)))
                || (named.len() > 3 && mentions(text, named))
        });
        found.map(|(file, ..)| file.clone()).collect()
    }
}

/// Whether a text has a word that is this name.
fn mentions(text: &str, name: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|text| text.chars().next());
        !is_word(before) && !is_word(after)
    })
}

fn written_path(program: &Program, module: ModuleId, function: FunctionId, value: Value) -> String {
    let parts = text_of(program, module, function, value);
    parts.iter().map(|part| if let TextPart::Literal(text) = part { text.as_str() } else { "{}" }).collect()
}

fn segments(path: &str) -> Vec<String> {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn matches(wanted: &[String], tried: &[String]) -> bool {
    let is_open = |part: &str| part.contains(['{', '<', '(', '*']) || part.starts_with(':');
    wanted.len() == tried.len()
        && wanted.iter().zip(tried).all(|(wanted, tried)| wanted == tried || is_open(wanted) || tried.contains('{'))
        && !wanted.is_empty()
}

/// The endpoints whose handlers stand in the module of the context.
pub(super) fn endpoints(cx: &Context<'_>, tests: &Tests) -> Vec<Endpoint> {
    if crate::rules::authorization::standing::is_aside(&cx.module.path) {
        return Vec::new();
    }
    cx.routes_here().into_iter().filter_map(|at| endpoint(cx, at, tests)).collect()
}

/// Functions that are followed from a handler.
const MAX_FUNCTIONS: usize = 60;

/// The handler and the functions of the project that it calls, near ones first.
fn reached(cx: &Context<'_>, route: &Route) -> Vec<(ModuleId, FunctionId)> {
    let mut found = vec![(route.module, route.handler)];
    let mut at = 0;
    while let Some(&(module, id)) = found.get(at) {
        at += 1;
        if found.len() >= MAX_FUNCTIONS {
            break;
        }
        for next in acts::called(cx, module, id) {
            if !found.contains(&next) && found.len() < MAX_FUNCTIONS {
                found.push(next);
            }
        }
    }
    found
}

fn endpoint(cx: &Context<'_>, at: usize, tests: &Tests) -> Option<Endpoint> {
    let route = cx.all_routes().get(at)?;
    let standing = cx.standings().get(at)?;
    let (source, function) = cx.function(route.module, route.handler)?;
    let functions = reached(cx, route);
    let is_public = is_public(cx, route, &standing.path);
    let handler = if function.qualified.is_empty() {
        route.view.map(|view| acts::class_name(cx, view)).unwrap_or_default()
    } else {
        function.qualified.clone()
    };
    let near = acts_near(cx, route.module, route.handler);
    let models = models_of(cx, &functions);
    let mut answers = Vec::new();
    let mut answer = |question, state, text: String| answers.push(Answer { question, state, text });

    // --- who calls
    let guards: Vec<String> = standing
        .guards
        .iter()
        .filter(|guard| crate::rules::authorization::standing::authenticates(cx, guard))
        .map(|guard| short(&guard.written))
        .collect();
    if let Some(guard) = &standing.guarded_by {
        answer(Question::Authentication, State::Shown, format!("yes: {}", short(guard)));
    } else if standing.asks_inside {
        answer(Question::Authentication, State::Shown, "yes: the handler looks at the caller itself".to_owned());
    } else if is_public {
        answer(Question::Authentication, State::Open, "no; its name says that it is meant for strangers".to_owned());
    } else {
        answer(Question::Authentication, State::Missing, "no guard was found".to_owned());
    }
    let roles: Vec<String> =
        standing.guards.iter().filter(|guard| authorizes(guard)).map(|guard| short(&guard.written)).collect();
    if !roles.is_empty() {
        answer(Question::Callers, State::Shown, format!("whoever passes {}", list(&roles)));
    } else if acts::asks_permission(source, function) {
        answer(Question::Callers, State::Shown, "the handler asks for a role or permission".to_owned());
    } else if standing.is_protected() {
        answer(Question::Callers, State::Open, "everybody who has signed in; no role is asked for".to_owned());
    } else {
        answer(Question::Callers, State::Open, "anybody".to_owned());
    }

    // --- objects
    let loads = acts::loads(cx, route.module, route.handler);
    let ties = acts::ties_caller(function, &acts::callers(source, function));
    let checks = ties || acts::asks_permission(source, function) || turns_away(cx, route.module, route.handler);
    if loads.is_empty() {
        answer(Question::Objects, State::Open, "no object is loaded by an id of the request in sight".to_owned());
    } else {
        let loaded: Vec<String> = loads
            .iter()
            .map(|load| {
                format!(
                    "{} by `{}`",
                    acts::class_name(cx, load.model),
                    short(source.slice(function.span_of(load.call)))
                )
            })
            .collect();
        let loaded = list(&loaded);
        if checks {
            answer(Question::Objects, State::Shown, format!("loads {loaded}; the caller has a part in it"));
        } else if !roles.is_empty() {
            answer(Question::Objects, State::Open, format!("loads {loaded}; only the guard decides"));
        } else {
            answer(Question::Objects, State::Missing, format!("loads {loaded}; nothing compares it with the caller"));
        }
    }

    // --- input
    let inputs = inputs(cx, route, function);
    let validation = validation(route, source, function);
    if inputs.is_empty() {
        answer(Question::Inputs, State::Shown, "none in sight".to_owned());
        answer(Question::Validation, State::Shown, "nothing to validate".to_owned());
    } else {
        answer(Question::Inputs, State::Shown, list(&inputs));
        if validation.is_empty() {
            answer(Question::Validation, State::Missing, "no type, schema or form was found".to_owned());
        } else {
            answer(Question::Validation, State::Shown, list(&validation));
        }
    }

    // --- what happens
    answer(Question::Domain, State::Open, domain(cx, &functions));
    let mut effects: Vec<&str> = Vec::new();
    for (act, words) in [(Act::Create, "stores"), (Act::Change, "changes"), (Act::Delete, "deletes")] {
        if near.contains(&act) {
            effects.push(words);
        }
    }
    let seen = seen(cx, &functions);
    match (effects.is_empty(), may_change(route)) {
        (false, _) => {
            let of: Vec<String> = models.iter().map(|model| model.name.clone()).collect();
            let of = if of.is_empty() { String::new() } else { format!(" ({})", list(&of)) };
            answer(Question::Effects, State::Shown, format!("{} in the database{of}", effects.join(", ")));
        }
        (true, true) => {
            answer(Question::Effects, State::Open, "none in sight, though the method is made for changing".to_owned());
        }
        (true, false) => answer(Question::Effects, State::Shown, "none in sight".to_owned()),
    }
    let code = source.slice(function.span).to_lowercase();
    let has = |method: &str| route.methods.iter().any(|known| known == method);
    if code.contains("idempoten")
        || code.contains("get_or_create")
        || code.contains("update_or_create")
        || code.contains("on conflict")
    {
        answer(Question::Idempotence, State::Shown, "the code speaks of it".to_owned());
    } else if (has("POST") || has("PATCH")) && !effects.is_empty() {
        answer(Question::Idempotence, State::Open, "not by its method; a repeated request acts again".to_owned());
    } else if !effects.is_empty() && !may_change(route) {
        answer(Question::Idempotence, State::Missing, "reading it changes something".to_owned());
    } else {
        answer(Question::Idempotence, State::Shown, "by its method".to_owned());
    }

    // --- limits, logs, errors
    let limit = standing.guards.iter().find(|guard| limits_rate(cx, guard)).map(|guard| short(&guard.written));
    match limit {
        Some(limit) => answer(Question::Limit, State::Shown, limit),
        None if body_limits_rate(cx, route.module, route.handler) => {
            answer(Question::Limit, State::Shown, "the handler counts attempts".to_owned());
        }
        None => answer(Question::Limit, State::Missing, "none was found".to_owned()),
    }
    if seen.logs.is_empty() {
        let state = if effects.is_empty() { State::Open } else { State::Missing };
        answer(Question::Logging, state, "nothing in sight".to_owned());
    } else {
        answer(Question::Logging, State::Shown, list(&seen.logs));
    }
    let secrets: Vec<String> = route
        .inputs
        .iter()
        .flat_map(|input| input.fields.iter().chain(std::iter::once(&input.name)))
        .filter(|name| is_password(name) || is_secret(name))
        .cloned()
        .chain(
            models.iter().flat_map(|model| model.secrets.iter().map(move |column| format!("{}.{column}", model.name))),
        )
        .collect();
    if secrets.is_empty() {
        answer(
            Question::Secrecy,
            State::Open,
            "no password or token by name; personal data is for you to name".to_owned(),
        );
    } else {
        answer(Question::Secrecy, State::Shown, list(&secrets));
    }
    if seen.errors.is_empty() {
        answer(Question::Errors, State::Open, "none is raised in sight".to_owned());
    } else {
        answer(Question::Errors, State::Shown, list(&seen.errors));
    }
    if seen.outside.is_empty() {
        answer(Question::Outside, State::Shown, "no".to_owned());
    } else {
        answer(Question::Outside, State::Open, list(&seen.outside));
    }

    // --- tenants and tests
    let tenants: Vec<String> =
        models.iter().filter_map(|model| Some(format!("{}.{}", model.name, model.tenant.as_ref()?))).collect();
    if tenants.is_empty() {
        answer(Question::Tenant, State::Open, "no model with a tenant in sight".to_owned());
    } else {
        let ids: Vec<ModuleId> = functions.iter().map(|(module, _)| *module).collect();
        let unscoped = cx
            .tenant_queries()
            .iter()
            .filter(|query| !query.is_scoped() && ids.contains(&query.home().0) && functions.contains(&query.home()));
        if unscoped.count() == 0 {
            answer(Question::Tenant, State::Shown, format!("queries name {}", list(&tenants)));
        } else {
            answer(Question::Tenant, State::Missing, format!("a query does not name {}", list(&tenants)));
        }
    }
    let named = tests.naming(&standing.path, &handler);
    if named.is_empty() {
        answer(Question::Tests, State::Missing, "no test calls its path or names it".to_owned());
    } else {
        answer(Question::Tests, State::Shown, list(&named));
    }
    Some(Endpoint {
        framework: route.framework.name(),
        methods: route.methods.clone(),
        path: standing.path.clone(),
        handler,
        place: cx.place(route.module, cx.handler_span(route)),
        answers,
        guards,
        models,
        is_open: !standing.is_protected() && !is_public,
        is_public,
        changes: !effects.is_empty(),
    })
}

/// Things in a row, the first few.
fn list(items: &[String]) -> String {
    const MOST: usize = 6;
    let mut shown: Vec<&str> = Vec::new();
    for item in items {
        if !shown.contains(&item.as_str()) {
            shown.push(item);
        }
    }
    let more = shown.len().saturating_sub(MOST);
    shown.truncate(MOST);
    let text = shown.join(", ");
    if more > 0 { format!("{text} and {more} more") } else { text }
}

fn role_words(role: Role) -> &'static str {
    match role {
        Role::Path => "path",
        Role::Query => "query",
        Role::Header => "header",
        Role::Cookie => "cookie",
        Role::Form => "form",
        Role::Body => "body",
        Role::File => "file",
        _ => "request",
    }
}

/// What the request brings: declared parameters, and what the handler reads by itself.
fn inputs(cx: &Context<'_>, route: &Route, function: &Function) -> Vec<String> {
    let declared = |input: &&Input| !matches!(input.role, Role::Dependency | Role::Other | Role::Request);
    let mut found: Vec<String> = route
        .inputs
        .iter()
        .filter(declared)
        .map(|input| match input.fields.as_slice() {
            [] => format!("{} ({})", input.name, role_words(input.role)),
            fields => format!("{} ({}: {})", input.name, role_words(input.role), list(fields)),
        })
        .collect();
    found.extend(read_by_hand(cx, route, function).into_iter().map(|code| format!("`{code}`")));
    found
}

/// What a handler reads from the request object.
fn read_by_hand(cx: &Context<'_>, route: &Route, function: &Function) -> Vec<String> {
    let sources = label::QUERY | label::BODY | label::FORM | label::HEADER | label::COOKIE | label::FILE | label::PATH;
    let mut found: Vec<String> = Vec::new();
    if route.module != cx.facts.module {
        return found;
    }
    for (value, op) in function.values() {
        let fact = cx.facts.fact(route.handler, value);
        if !fact.labels.meets(sources) {
            continue;
        }
        let is_read = match op {
            Op::Subscript { index, .. } => matches!(function.op(index), Op::Constant(_)),
            Op::Call { callee, arguments } => {
                matches!(function.op(callee), Op::Attribute { name, .. } if cx.module.symbols.text(name).starts_with("get"))
                    && function
                        .call_arguments(arguments)
                        .first()
                        .is_none_or(|first| matches!(function.op(first.value), Op::Constant(_)))
            }
            _ => false,
        };
        let code = short(cx.module.slice(function.span_of(value)));
        let is_request = code.contains("request") || code.contains("self.get_") || code.contains("req.");
        if is_read && is_request && !found.contains(&code) && found.len() < 12 {
            found.push(code);
        }
    }
    found
}

/// What is done to see that input is what it should be.
fn validation(route: &Route, source: &Module, function: &Function) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for input in &route.inputs {
        if matches!(input.role, Role::Dependency | Role::Other | Role::Request) {
            continue;
        }
        if !input.fields.is_empty() {
            found.push(format!("{}: schema {}", input.name, short(&input.annotation)));
        } else if input.safe {
            let kind = if input.annotation.is_empty() { "converted by the path" } else { &input.annotation };
            found.push(format!("{}: {}", input.name, short(kind)));
        }
    }
    for (_, op) in function.values() {
        let Op::Call { callee, .. } = op else { continue };
        let written = source.slice(function.span_of(callee));
        let last = words(written.rsplit('.').next().unwrap_or(written));
        let validates = last.iter().any(|word| {
            matches!(
                word.as_str(),
                "valid" | "validate" | "validated" | "schema" | "parse" | "clean" | "load" | "serializer" | "form"
            )
        }) || written == "int"
            || written.ends_with("UUID");
        if validates && !written.contains("template") && found.len() < 8 {
            found.push(format!("`{}`", short(written)));
        }
    }
    found.dedup();
    found
}

/// What the code shows of rules of the domain.
fn domain(cx: &Context<'_>, functions: &[(ModuleId, FunctionId)]) -> String {
    let mut found: Vec<String> = Vec::new();
    for &(module, id) in functions {
        let Some((source, function)) = cx.function(module, id) else { continue };
        for (_, op) in function.values() {
            if let Op::Call { callee, .. } = op {
                let written = source.slice(function.span_of(callee));
                let last = written.rsplit('.').next().unwrap_or(written);
                let rules = words(last).iter().any(|word| {
                    matches!(
                        word.as_str(),
                        "transition" | "can" | "allowed" | "ensure" | "policy" | "rule" | "rules" | "check" | "must"
                    )
                });
                if rules && last.len() < 60 && found.len() < 8 {
                    found.push(format!("`{}`", short(written)));
                }
            }
        }
    }
    if found.is_empty() { "none by name; say which".to_owned() } else { list(&found) }
}

/// What functions log, raise and touch.
#[derive(Default)]
struct Seen {
    logs: Vec<String>,
    errors: Vec<String>,
    outside: Vec<String>,
}

fn seen(cx: &Context<'_>, functions: &[(ModuleId, FunctionId)]) -> Seen {
    let mut seen = Seen::default();
    for &(module, id) in functions {
        let (Some((source, function)), Some(facts)) = (cx.function(module, id), cx.all_facts.get(module)) else {
            continue;
        };
        for (value, op) in function.values() {
            match op {
                Op::Call { callee, arguments } => {
                    let written = source.slice(function.span_of(callee));
                    let path = facts.path(id, callee).unwrap_or(written);
                    if let Some(what) = touches(path) {
                        let one = format!("{what} (`{}`)", short(written));
                        if seen.outside.len() < 24 {
                            seen.outside.push(one);
                        }
                    }
                    let (on, last) = written.rsplit_once('.').unwrap_or(("", written));
                    let is_log = matches!(
                        last,
                        "debug" | "info" | "warning" | "error" | "exception" | "critical" | "log" | "audit" | "record"
                    ) && on
                        .to_lowercase()
                        .rsplit('.')
                        .next()
                        .is_some_and(|on| on.contains("log") || on.contains("audit"))
                        || words(last).iter().any(|word| word == "audit");
                    if is_log && seen.logs.len() < 24 {
                        seen.logs.push(format!("`{}`", short(source.slice(function.span_of(value)))));
                    }
                    for argument in function.call_arguments(arguments) {
                        let is_status = match argument.passing {
                            Passing::Position => last == "abort" || last == "HTTPException" || last.starts_with("Http"),
                            Passing::Keyword(name) => matches!(source.symbols.text(name), "status_code" | "status"),
                            _ => false,
                        };
                        let code = match function.op(argument.value) {
                            Op::Constant(Constant::Int(code)) if (400..600).contains(&code) => code.to_string(),
                            Op::Attribute { name, .. } => {
                                let digits: String =
                                    source.symbols.text(name).chars().filter(char::is_ascii_digit).collect();
                                digits
                            }
                            _ => String::new(),
                        };
                        if is_status && code.len() == 3 {
                            seen.errors.push(code);
                        }
                    }
                }
                Op::Raise(of) => {
                    let name = match function.op(of) {
                        Op::Call { callee, .. } => source.slice(function.span_of(callee)),
                        _ => source.slice(function.span_of(of)),
                    };
                    let last = name.rsplit('.').next().unwrap_or(name);
                    if !matches!(last, "HTTPException" | "" | "HTTPError") && last.len() < 50 {
                        seen.errors.push(last.to_owned());
                    }
                }
                _ => {}
            }
        }
    }
    seen.errors.sort();
    seen.errors.dedup();
    seen
}

/// What a library function touches outside the program.
fn touches(path: &str) -> Option<&'static str> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
    if starts(&[
        "subprocess.",
        "os.system",
        "os.popen",
        "os.exec",
        "os.spawn",
        "asyncio.create_subprocess",
        "pexpect.",
        "sh.",
    ]) {
        Some("process")
    } else if starts(&[
        "requests.",
        "httpx.",
        "urllib.request.",
        "urllib3.",
        "aiohttp.ClientSession",
        "aiohttp.request",
        "socket.",
        "smtplib.",
        "ftplib.",
        "paramiko.",
        "boto3.",
        "botocore.",
        "grpc.",
    ]) {
        Some("network")
    } else if path == "open"
        || starts(&[
            "io.open",
            "os.remove",
            "os.unlink",
            "os.rename",
            "os.makedirs",
            "os.mkdir",
            "os.listdir",
            "shutil.",
            "aiofiles.",
            "pathlib.Path().",
            "zipfile.",
            "tarfile.",
            "tempfile.",
        ])
    {
        let changes_nothing =
            ["exists", "joinpath", "name", "suffix", "stem", "resolve", "parent", "is_relative_to", "with_suffix"];
        let last = path.rsplit('.').next().unwrap_or(path);
        (!changes_nothing.contains(&last)).then_some("file")
    } else {
        None
    }
}

/// Models that functions speak of.
fn models_of(cx: &Context<'_>, functions: &[(ModuleId, FunctionId)]) -> Vec<ModelUsed> {
    let mut keys = Vec::new();
    for &(module, id) in functions {
        let (Some((_, function)), Some(facts)) = (cx.function(module, id), cx.all_facts.get(module)) else {
            continue;
        };
        for (value, _) in function.values() {
            if let casemate_python::facts::Entity::Class(module, class) = facts.fact(id, value).entity
                && !keys.contains(&(module, class))
                && keys.len() < 40
            {
                keys.push((module, class));
            }
        }
    }
    let mut found: Vec<ModelUsed> = keys
        .into_iter()
        .filter(|&key| acts::is_model(cx, key))
        .map(|key| ModelUsed {
            name: acts::class_name(cx, key),
            owner: acts::owner_column(cx, key),
            tenant: acts::tenant_column(cx, key),
            secrets: acts::columns(cx, key)
                .into_iter()
                .filter(|column| is_password(column) || is_secret(column))
                .collect(),
        })
        .collect();
    found.sort();
    found.dedup();
    found
}
