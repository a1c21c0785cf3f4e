//! What a rule may ask, and how it reports.

use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;
use std::sync::OnceLock;

use casemate_python::facts::{Entity, Hit, Labels, ModuleFacts};
use casemate_python::flow::{Facts, StepKind, TraceStep, Tracer};
use casemate_python::names::{Asked, ModuleId, Program};
use casemate_python::routes::{Guard, Route, WebFacts};
use casemate_python::syntax::{Argument, Function, FunctionId, FunctionKind, Module, Op, Passing, Span, Value};

use casemate_secrets::{Format, Leak};
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::audit::{Lines, place};
use crate::finding::{Confidence, Detail, Finding, Place, Step};
use crate::fix::{Fix, Safety};
use crate::memory::On;
use crate::models::{Knowledge, label};
use crate::redact::Hidden;
use crate::rule::{Persona, Rule};
use crate::rules::ManifestText;
use crate::rules::authorization::standing::{self, Standing};
use crate::rules::authorization::tenant_filter_missing;
use crate::rules::dependencies::known::{Known, Use};
use crate::rules::output::templates::Template;
use crate::rules::pattern::Site;
use crate::rules::report_text;
use crate::rules::secrets::SecretUse;
use crate::rules::test_code;
use crate::rules::whole::Whole;
use crate::scope::{self, Scope};

/// Instructions after a value that are searched for its uses; what comes later has little to do with it.
const MAX_USES: usize = 20_000;

/// A finding with the stretch of text a comment must stand at to silence it.
#[derive(Clone, Debug)]
pub(crate) struct Reported {
    pub(crate) finding: Finding,
    /// First and last line of the statement, from 1.
    pub(crate) lines: (u32, u32),
}

/// The web of the whole project, with what concerns each module at hand.
pub(crate) struct WebIndex {
    facts: WebFacts,
    handled: FxHashMap<ModuleId, Vec<usize>>,
    taken: FxHashMap<ModuleId, Vec<usize>>,
    /// How each route stands, found out when it is first asked.
    standings: OnceLock<(Vec<Standing>, Vec<On>)>,
    /// How routes stood in an earlier audit, as far as they still do, by their numbers.
    stood: Vec<Option<Stood>>,
    tenant_queries: OnceLock<(Vec<tenant_filter_missing::Query>, Seen)>,
    /// Whether any class of the project may have a column that says to which tenant an object belongs.
    has_tenants: bool,
    whole: Whole,
}

/// What was looked at to find something out for all.
struct Seen {
    program: Program,
    facts: Asked,
}

impl Seen {
    fn on(&self) -> On {
        On { sources: self.program.asked().words(), facts: self.facts.words(), words: self.program.words() }
    }
}

/// How a route stands, and on what that rests.
pub(crate) type Stood = (Standing, On);

impl WebIndex {
    pub(crate) fn new(mut facts: WebFacts) -> Self {
        facts.settle();
        let mut handled: FxHashMap<ModuleId, Vec<usize>> = FxHashMap::default();
        let mut taken: FxHashMap<ModuleId, Vec<usize>> = FxHashMap::default();
        for (at, route) in facts.routes.iter().enumerate() {
            handled.entry(route.module).or_default().push(at);
            for input in &route.inputs {
                let known = taken.entry(input.taken_by.0).or_default();
                if known.last() != Some(&at) {
                    known.push(at);
                }
            }
        }
        Self {
            facts,
            handled,
            taken,
            standings: OnceLock::new(),
            stood: Vec::new(),
            tenant_queries: OnceLock::new(),
            has_tenants: true,
            whole: Whole::default(),
        }
    }

    /// Whether objects of the project belong to tenants.
    pub(crate) fn has_tenants(&self) -> bool {
        self.has_tenants
    }

    /// The same where it is known whether classes have tenants.
    pub(crate) fn with_tenants(self, has_tenants: bool) -> Self {
        Self { has_tenants, ..self }
    }

    /// The same where it is known how some routes stand.
    pub(crate) fn with_standings(self, stood: Vec<Option<Stood>>) -> Self {
        Self { stood, ..self }
    }

    /// How all routes stand, each with what that rests on; nothing if nobody has asked.
    pub(crate) fn standings(&self) -> Vec<Stood> {
        let Some((standings, on)) = self.standings.get() else { return Vec::new() };
        standings.iter().cloned().zip(on.iter().cloned()).collect()
    }

    /// The first module in which a route is handled.
    pub(crate) fn first_home(&self) -> Option<ModuleId> {
        self.handled.keys().min().copied()
    }

    /// A digest of all of it but the places: where others' routes are written changes no answer.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut facts = self.facts.clone();
        for route in &mut facts.routes {
            route.span = Span::default();
            route.inputs.iter_mut().for_each(|input| input.span = Span::default());
        }
        Sha256::digest(format!("{facts:?}")).into()
    }

    /// A digest of what concerns a module; the same for all that have nothing to do with the web.
    pub(crate) fn digest_of(&self, module: ModuleId) -> [u8; 32] {
        let routes: Vec<&Route> =
            [&self.handled, &self.taken].into_iter().flat_map(|index| self.of(index, module)).collect();
        let chains: Vec<_> = routes.iter().map(|route| self.facts.chain(route)).collect();
        let tools: Vec<_> = self.facts.tools.iter().filter(|(home, _)| *home == module).collect();
        if routes.is_empty() && tools.is_empty() {
            return [0; 32];
        }
        Sha256::digest(format!("{routes:?}{chains:?}{tools:?}")).into()
    }

    fn of<'w>(&'w self, index: &FxHashMap<ModuleId, Vec<usize>>, module: ModuleId) -> Vec<&'w Route> {
        index.get(&module).map_or(&[][..], Vec::as_slice).iter().filter_map(|&at| self.facts.routes.get(at)).collect()
    }
}

/// A call: the function it stands in, its value, what is called and with what.
pub(crate) type Called<'a> = (FunctionId, &'a Function, Value, Value, &'a [Argument]);

fn every_call(module: &Module) -> Rc<[Called<'_>]> {
    let functions = module.function_ids().flat_map(|(id, function)| {
        function.values().filter_map(move |(value, op)| match op {
            Op::Call { callee, arguments } => Some((id, function, value, callee, function.call_arguments(arguments))),
            _ => None,
        })
    });
    functions.collect()
}

/// One module, with everything known about it.
pub(crate) struct Context<'a> {
    pub(crate) program: &'a Program,
    pub(crate) module: &'a Module,
    pub(crate) facts: &'a ModuleFacts,
    /// Those of all modules, by their ids.
    pub(crate) all_facts: &'a Facts<'a>,
    /// What is known about libraries.
    pub(crate) knowledge: &'a Knowledge,
    /// The secrets of the module, by place.
    pub(crate) leaks: Vec<Leak>,
    /// More secrets than are told one by one.
    untold: Vec<Leak>,
    /// Where parts of secrets are written.
    pub(crate) parts: Vec<Span>,
    /// Constants that their use makes secrets, in this module or others.
    pub(crate) uses: Vec<SecretUse>,
    /// Who reads the report.
    pub(crate) persona: Persona,
    /// What was asked for by name.
    pub(crate) scope: &'a Scope,
    /// What is known about the packages of the project, if it depends on any.
    pub(crate) known: Option<&'a Known>,
    /// The manifests of the project.
    pub(crate) manifests: &'a [ManifestText],
    /// Where the module uses what is known to be vulnerable.
    pub(crate) holes_used: Vec<Use>,
    /// The templates of the project.
    pub(crate) templates: &'a [Template],
    web: &'a WebIndex,
    lines: &'a Lines,
    reported: Vec<Reported>,
    /// Every call.
    calls: Rc<[Called<'a>]>,
    /// The calls of functions of the module itself, by their places among all.
    calls_of_own: OnceCell<FxHashMap<FunctionId, Vec<usize>>>,
    /// Every call, with what is called.
    pub(super) sites: Vec<Site<'a>>,
    /// How many questions about constants are open, one within the other.
    pub(super) nesting: std::cell::Cell<u32>,
    /// What looking for an entry of a dictionary may still cost, while somebody looks for one.
    pub(super) entry_steps: std::cell::Cell<Option<usize>>,
    /// Whether routes of other modules were asked about.
    uses_web: std::cell::Cell<bool>,
    /// Whether it was asked how routes stand.
    uses_standings: std::cell::Cell<bool>,
}

impl<'a> Context<'a> {
    /// Whether the module is a test: a name alone makes none.
    pub(crate) fn is_test(&self) -> bool {
        test_code::is_test(self.module, self.scope)
    }

    pub(crate) fn new(
        program: &'a Program,
        module: &'a Module,
        facts: &'a ModuleFacts,
        all_facts: &'a Facts<'a>,
        knowledge: &'a Knowledge,
        web: &'a WebIndex,
        lines: &'a Lines,
    ) -> Self {
        let mut context = Self {
            program,
            module,
            facts,
            all_facts,
            knowledge,
            leaks: Vec::new(),
            untold: Vec::new(),
            parts: Vec::new(),
            known: None,
            manifests: &[],
            holes_used: Vec::new(),
            templates: &[],
            scope: &scope::WHOLE,
            uses: Vec::new(),
            persona: Persona::Default,
            web,
            lines,
            reported: Vec::new(),
            calls: every_call(module),
            calls_of_own: OnceCell::new(),
            sites: Vec::new(),
            nesting: std::cell::Cell::new(0),
            entry_steps: std::cell::Cell::new(None),
            uses_web: std::cell::Cell::new(false),
            uses_standings: std::cell::Cell::new(false),
        };
        context.sites = context.every_site();
        context
    }

    /// What was reported, and the secrets of each file.
    pub(crate) fn into_parts(self) -> (Vec<Reported>, Vec<(String, Hidden)>) {
        let mut hidden = Vec::new();
        for leaks in [&self.leaks, &self.untold].into_iter().filter(|leaks| !leaks.is_empty()) {
            hidden.push((self.module.path.clone(), Hidden::of(&self.module.text, leaks)));
        }
        for part in &self.parts {
            let span = part.start as usize..part.end as usize;
            hidden.push((self.module.path.clone(), Hidden::part(&self.module.text, span)));
        }
        for one in &self.uses {
            if let Some(source) = self.program.module(one.module) {
                let span = one.span.start as usize..one.span.end as usize;
                hidden.push((source.path.clone(), Hidden::one(&source.text, span, &one.value)));
            }
        }
        (self.reported, hidden)
    }

    /// Leaves only so many secrets to be told, and says how many more there are.
    pub(crate) fn leave_leaks(&mut self, most: usize) -> usize {
        self.untold = self.leaks.split_off(most.min(self.leaks.len()));
        self.untold.len()
    }

    // --- questions

    /// Whether the module is made of the cells of a notebook.
    pub(crate) fn is_notebook(&self) -> bool {
        Format::of(&self.module.path) == Format::Notebook
    }

    /// Every call of the module: the function it stands in, its value, what is called and with what.
    pub(crate) fn calls(&self) -> impl Iterator<Item = Called<'a>> + use<'a> {
        let calls = Rc::clone(&self.calls);
        (0..calls.len()).filter_map(move |at| calls.get(at).copied())
    }

    /// Every call of a function of the module within it.
    pub(crate) fn calls_of(&self, function: FunctionId) -> impl Iterator<Item = Called<'a>> + '_ {
        let by_function = self.calls_of_own.get_or_init(|| {
            let mut found: FxHashMap<FunctionId, Vec<usize>> = FxHashMap::default();
            for (at, &(id, _, _, callee, _)) in self.calls.iter().enumerate() {
                if let Entity::Function(home, called) | Entity::Method(home, called) =
                    self.facts.fact(id, callee).entity
                    && home == self.facts.module
                {
                    found.entry(called).or_default().push(at);
                }
            }
            found
        });
        by_function.get(&function).into_iter().flatten().filter_map(|&at| self.calls.get(at).copied())
    }

    /// The routes whose handlers stand in this module.
    pub(crate) fn routes(&self) -> Vec<&'a Route> {
        let mut routes = self.web.of(&self.web.handled, self.facts.module);
        routes.sort_by_key(|route| (route.handler, route.span));
        routes
    }

    /// All routes of the project, for rules about those of this module.
    pub(crate) fn all_routes(&self) -> &'a [Route] {
        if self.web.handled.contains_key(&self.facts.module) {
            self.uses_web.set(true);
        }
        &self.web.facts.routes
    }

    /// All routes of the project, for rules about any module.
    pub(crate) fn routes_of_all(&self) -> &'a [Route] {
        self.uses_web.set(true);
        &self.web.facts.routes
    }

    /// Whether it was asked how routes stand.
    pub(crate) fn uses_standings(&self) -> bool {
        self.uses_standings.get()
    }

    /// Whether routes of other modules were asked about.
    pub(crate) fn uses_web(&self) -> bool {
        self.uses_web.get()
    }

    /// The numbers of the routes whose handlers stand in this module.
    pub(crate) fn routes_here(&self) -> Vec<usize> {
        self.web.handled.get(&self.facts.module).cloned().unwrap_or_default()
    }

    /// How each route of the project stands, in their order.
    pub(crate) fn standings(&self) -> &'a [Standing] {
        self.uses_web.set(true);
        self.uses_standings.set(true);
        let (standings, _) = self.web.standings.get_or_init(|| {
            let routes = self.routes_of_all().iter().enumerate();
            let found = routes.map(|(at, route)| match self.web.stood.get(at) {
                Some(Some(known)) => known.clone(),
                _ => {
                    let (standing, seen) = self.watching(|cx| standing::of_one(cx, route));
                    (standing, seen.on())
                }
            });
            found.unzip()
        });
        standings
    }

    /// Finds something out for all, and what was looked at for it.
    fn watching<T>(&self, find: impl FnOnce(&Context<'_>) -> T) -> (T, Seen) {
        let (program, facts) = (self.program.watched(), self.all_facts.watched());
        let mut other = Context::new(&program, self.module, self.facts, &facts, self.knowledge, self.web, self.lines);
        (other.scope, other.persona) = (self.scope, self.persona);
        (other.known, other.manifests, other.templates) = (self.known, self.manifests, self.templates);
        let found = find(&other);
        let asked = Asked::default();
        asked.add_all(facts.asked());
        drop(other);
        (found, Seen { program, facts: asked })
    }

    /// Whoever relies on what was found out for all has looked at the same.
    fn has_seen(&self, seen: &Seen) {
        self.program.note_all(&seen.program);
        self.all_facts.asked().add_all(&seen.facts);
    }

    /// What was found out about the whole project.
    pub(super) fn whole(&self) -> &'a Whole {
        &self.web.whole
    }

    /// Queries of the project on models that have a tenant.
    pub(crate) fn tenant_queries(&self) -> &'a [tenant_filter_missing::Query] {
        if !self.web.has_tenants {
            return &[];
        }
        let (queries, seen) = self.web.tenant_queries.get_or_init(|| self.watching(tenant_filter_missing::queries));
        self.has_seen(seen);
        queries
    }

    /// Where a route's handler is named: its function, or its class where a library brings the methods.
    pub(crate) fn handler_span(&self, route: &Route) -> Span {
        let Some((module, function)) = self.function(route.module, route.handler) else { return route.span };
        if function.kind == FunctionKind::ClassBody {
            return function.class.and_then(|class| module.class(class)).map_or(route.span, |class| class.name_span);
        }
        function.name_span
    }

    /// The routes that functions of this module take inputs for, wherever their handlers stand.
    pub(crate) fn fed_routes(&self) -> Vec<&'a Route> {
        self.web.of(&self.web.taken, self.facts.module)
    }

    /// The functions of this module that language models may call.
    pub(crate) fn tools(&self) -> Vec<FunctionId> {
        let mut tools: Vec<FunctionId> = self
            .web
            .facts
            .tools
            .iter()
            .filter(|(module, _)| *module == self.facts.module)
            .map(|&(_, function)| function)
            .collect();
        tools.sort_unstable();
        tools.dedup();
        tools
    }

    /// Everything that runs before a route, and its path with the prefixes of its routers.
    pub(crate) fn chain(&self, route: &Route) -> (Vec<Guard>, String) {
        self.web.facts.chain(route)
    }

    /// The function of any module.
    pub(crate) fn function(&self, module: ModuleId, id: FunctionId) -> Option<(&'a Module, &'a Function)> {
        let module = self.program.module(module)?;
        Some((module, module.function(id)?))
    }

    /// The argument passed by this keyword.
    pub(crate) fn keyword(&self, arguments: &[Argument], name: &str) -> Option<Value> {
        arguments
            .iter()
            .find(|argument| matches!(argument.passing, Passing::Keyword(symbol) if self.module.symbols.text(symbol) == name))
            .map(|argument| argument.value)
    }

    /// Values that are made from a value, near and far, within its function.
    pub(crate) fn uses(function: &Function, value: Value) -> Vec<Value> {
        let mut reached = vec![false; function.ops.len()];
        let mut found = Vec::new();
        if let Some(first) = reached.get_mut(value.0 as usize) {
            *first = true;
        }
        for (later, _) in function.values().skip(value.0 as usize + 1).take(MAX_USES) {
            if function
                .operands_of(later)
                .iter()
                .any(|operand| reached.get(operand.0 as usize).copied().unwrap_or(false))
            {
                reached[later.0 as usize] = true;
                found.push(later);
            }
        }
        found
    }

    /// The name of what a call calls: the canonical path of a library function, or the last name as written.
    pub(crate) fn callee_name(&self, id: FunctionId, function: &Function, callee: Value) -> String {
        if let Some(path) = self.facts.path(id, callee) {
            return path.to_owned();
        }
        match function.op(callee) {
            Op::Attribute { name, .. } | Op::Name(name) => self.module.symbols.text(name).to_owned(),
            _ => self.module.slice(function.span_of(callee)).to_owned(),
        }
    }

    /// A value as the code calls it: a parameter by its name, anything else as written.
    pub(crate) fn written(module: &Module, function: &Function, value: Value) -> String {
        let value = function.bare(value);
        match function.op(value) {
            Op::Parameter(index) => function
                .parameters
                .get(index as usize)
                .map(|parameter| module.symbols.text(parameter.name).to_owned())
                .unwrap_or_default(),
            _ => short(module.slice(function.span_of(value))),
        }
    }

    // --- reporting

    pub(crate) fn place(&self, module: ModuleId, span: Span) -> Place {
        match self.program.module(module) {
            Some(source) => place(&source.path, source, self.lines.of(module, source), span),
            None => place("", self.module, self.lines.of(self.facts.module, self.module), Span::default()),
        }
    }

    /// Reports a finding at a stretch of a function of any module; `at` is a value of the statement it is about.
    pub(crate) fn report(
        &mut self,
        rule: &'static Rule,
        at: (ModuleId, FunctionId),
        span: Span,
        message: String,
    ) -> &mut Finding {
        let (module, function) = at;
        let source = self.program.module(module).unwrap_or(self.module);
        let lines = self.lines.of(module, source);
        let statement = statement_at(source, span);
        let finding = Finding {
            rule,
            severity: rule.severity,
            confidence: Confidence::High,
            place: place(&source.path, source, lines, span),
            function: source.function(function).map(|function| function.qualified.clone()).unwrap_or_default(),
            message,
            path: Vec::new(),
            missing_guard: None,
            remedy: String::new(),
            statement: fold(source.slice(statement)),
            fingerprint: String::new(),
            detail: Detail::None,
            fix: None,
        };
        let line = |offset| u32::try_from(lines.line(offset) + 1).unwrap_or(u32::MAX);
        let last = statement.end.max(statement.start + 1) - 1;
        self.reported.push(Reported { finding, lines: (line(statement.start), line(last)) });
        let at = self.reported.len() - 1;
        &mut self.reported[at].finding
    }

    /// Reports a finding at a stretch of a template.
    pub(crate) fn report_in_template(
        &mut self,
        rule: &'static Rule,
        template: &Template,
        span: Range<usize>,
        message: String,
    ) -> &mut Finding {
        self.reported.push(report_text(&template.path, &template.text, &template.lines, rule, span, message));
        let at = self.reported.len() - 1;
        &mut self.reported[at].finding
    }

    /// A fix of this module; the stretches are of its text. It may hold only what it needs: what it does not change stays
    /// as it is written.
    pub(crate) fn fix(
        &self,
        title: impl Into<String>,
        safety: Safety,
        edits: impl IntoIterator<Item = (Span, String)>,
    ) -> Box<Fix> {
        let lines = self.lines.of(self.facts.module, self.module);
        let edits = edits.into_iter().map(|(span, text)| (span.start as usize..span.end as usize, text));
        Fix::new(&self.module.text, lines, title, safety, edits)
    }

    /// How a fix names a module of the standard library here: the edit that imports it, unless that is done already.
    /// None if the name may mean something else here.
    pub(crate) fn import(&self, name: &str) -> Option<Option<(Span, String)>> {
        let text = self.module.text.as_str();
        let statements = || self.module.statements.iter().filter(|statement| is_at_margin(text, statement.start));
        let is_import = |statement: &&Span| {
            self.module.slice(**statement).strip_prefix("import ").is_some_and(|rest| rest.trim() == name)
        };
        // SECURITY: whatever else is called by this name would be asked in its place.
        if is_bound_otherwise(self.module, name) {
            return None;
        }
        if statements().any(|statement| is_import(&statement)) {
            return Some(None);
        }
        let first = statements().find(|statement| {
            let code = self.module.slice(**statement);
            let begins = code.trim_start_matches(['r', 'R', 'u', 'U', 'b', 'B', 'f', 'F']);
            !(begins.starts_with(['"', '\'']) || code.starts_with("from __future__"))
        })?;
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let at = Span { start: first.start, end: first.start };
        Some(Some((at, format!("import {name}{end}"))))
    }

    /// A step of a path.
    pub(crate) fn step(&self, module: ModuleId, span: Span, note: String) -> Step {
        let place = self.place(module, span);
        let snippet = self
            .program
            .module(module)
            .map(|source| {
                self.lines.of(module, source).text(&source.text, place.start.line as usize - 1).trim().to_owned()
            })
            .unwrap_or_default();
        Step { place, note, snippet }
    }

    /// The way of labelled data to the end of a hit.
    pub(crate) fn trace(&self, hit: &Hit, wanted: Labels) -> Vec<TraceStep> {
        Tracer { program: self.program, modules: self.all_facts }.trace(self.facts.module, hit, wanted)
    }

    /// The path of a hit in words; `arrives` says what happens at its end.
    pub(crate) fn path(&self, hit: &Hit, wanted: Labels, arrives: &str) -> Vec<Step> {
        let origin = origin(hit.labels & wanted);
        let trace = self.trace(hit, wanted);
        let last = trace.len().saturating_sub(1);
        trace
            .iter()
            .enumerate()
            .map(|(at, step)| {
                let note = self.note(step, at == 0, origin, if at == last { arrives } else { "" });
                self.step(step.module, step.span, note)
            })
            .collect()
    }

    fn note(&self, step: &TraceStep, first: bool, origin: &str, arrives: &str) -> String {
        let Some(source) = self.program.module(step.module) else { return String::new() };
        let written = short(source.slice(step.span));
        match step.kind {
            StepKind::Parameter(name) if first => format!("`{}` {origin}", source.symbols.text(name)),
            StepKind::Parameter(name) => format!("arrives as `{}`", source.symbols.text(name)),
            StepKind::Source => format!("`{written}` {origin}"),
            StepKind::Built => "becomes part of a text".to_owned(),
            StepKind::Named(name) => format!("becomes part of `{}`", source.symbols.text(name)),
            StepKind::Through => format!("goes through `{written}`"),
            StepKind::Returned => format!("comes back from `{written}`"),
            StepKind::Passed => format!("is passed on by `{written}`"),
            StepKind::Sink => format!("{arrives} by `{written}`"),
        }
    }
}

/// Whether a statement begins a line that belongs to nothing before it.
fn is_at_margin(text: &str, start: u32) -> bool {
    let before = text.get(..start as usize).unwrap_or_default();
    let line_before = before.strip_suffix('\n').map(|rest| rest.strip_suffix('\r').unwrap_or(rest));
    before.is_empty() || line_before.is_some_and(|rest| !rest.ends_with('\\'))
}

/// Whether a name is used in the code for anything but the module of that name, imported by `import name` at the top.
fn is_bound_otherwise(module: &Module, name: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let imports: Vec<Span> = module
        .statements
        .iter()
        .filter(|statement| {
            let code = module.slice(**statement);
            is_at_margin(&module.text, statement.start)
                && (code == format!("import {name}") || code.starts_with(&format!("from {name} import ")))
        })
        .copied()
        .collect();
    let is_imported = imports.iter().any(|statement| module.slice(*statement).starts_with("import "));
    module.text.match_indices(name).any(|(at, found)| {
        let before = module.text.get(..at).and_then(|text| text.chars().next_back());
        let after = module.text.get(at + found.len()..).unwrap_or_default();
        // An attribute of that name is no name.
        if is_word(before) || is_word(after.chars().next()) || before == Some('.') {
            return false;
        }
        let offset = u32::try_from(at).unwrap_or(u32::MAX);
        let is_import = imports.iter().any(|statement| statement.start <= offset && offset < statement.end);
        let is_comment = module.comments.iter().any(|one| one.span.start <= offset && offset < one.span.end);
        // With the module imported, `name.something` means it unless the name is bound again.
        !(is_import || is_comment || is_imported && after.starts_with('.'))
    })
}

/// Where labels come from, in words that follow a name.
fn origin(labels: Labels) -> &'static str {
    label::ALL.iter().find(|(_, label, _)| labels.meets(*label)).map_or("comes from outside", |(_, _, words)| words)
}

/// Code on one line, cut where it gets long.
pub(crate) fn short(code: &str) -> String {
    let folded = fold(code);
    if folded.chars().count() <= 60 {
        return folded;
    }
    let mut cut: String = folded.chars().take(57).collect();
    cut.push('…');
    cut
}

/// Code with every run of white space made one space.
pub(crate) fn fold(code: &str) -> String {
    let mut folded = String::with_capacity(code.len().min(400));
    for word in code.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
        // Longer statements are tables; their beginning tells them apart.
        if folded.len() > 2000 {
            break;
        }
    }
    folded
}

/// The innermost statement around a stretch.
pub(crate) fn statement_at(module: &Module, span: Span) -> Span {
    let end = module.statements.partition_point(|statement| statement.start <= span.start);
    let before = module.statements.get(..end).unwrap_or_default();
    before.iter().rev().take(64).find(|statement| statement.contains(span)).copied().unwrap_or(span)
}

/// The value that a text was made from, seen through what only changes its form.
pub(crate) fn origin_of(function: &Function, value: Value) -> Value {
    let mut value = value;
    for _ in 0..16 {
        value = match function.op(value) {
            Op::Refine { of, .. } | Op::Await(of) => of,
            Op::Call { callee, arguments } => match (function.op(callee), function.call_arguments(arguments)) {
                (Op::Attribute { of, .. }, []) if !matches!(function.op(of), Op::Name(_) | Op::Import(_)) => of,
                (Op::Name(_), [only]) if matches!(function.op(only.value), Op::Call { .. } | Op::Refine { .. }) => {
                    only.value
                }
                _ => return value,
            },
            _ => return value,
        };
    }
    value
}
