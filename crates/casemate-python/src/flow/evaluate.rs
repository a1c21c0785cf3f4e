//! Evaluates each function once forward, callees first.

use std::cell::Cell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::facts::{Entity, Fact, Hit, Labels, ModuleFacts, Portable, Reach, Summary};
use super::models::{ArgumentAt, CallModel, Condition, Expected, Holds, Kinds, Models, SinkModel};
use super::survey::{Survey, Surveys};
use crate::names::{Definition, ModuleId, PathId, Paths, Program, Target};
use crate::routes::{self, WebFacts};
use crate::syntax::{
    Argument, BinaryOp, ClassId, CompareOp, Constant, Function, FunctionId, FunctionKind, List, Module, Op,
    ParameterKind, Passing, Piece, Symbol, Value,
};

/// SECURITY: steps of one module for questions that branch (unions of unions, bases of bases); honest code needs few.
const MAX_STEPS: u32 = 20_000_000;

/// Passes over a function whose loops or containers feed back into earlier values.
const MAX_PASSES: usize = 4;

/// Places a parameter is followed to; more of the same say nothing new.
const MAX_REACHES: usize = 16;

/// First round: one module alone.
pub fn survey(program: &Program, module: ModuleId, models: &Models) -> Survey {
    let none = Surveys::default();
    let mut evaluator = Evaluator::new(program, module, models, &none);
    let web = evaluator.run();
    let variables = evaluator.exported();
    Survey { summaries: evaluator.summaries, variables, web }
}

/// Second round: one module, knowing all others.
pub fn analyse(program: &Program, module: ModuleId, models: &Models, surveys: &Surveys) -> ModuleFacts {
    let mut evaluator = Evaluator::new(program, module, models, surveys);
    evaluator.run();
    ModuleFacts {
        module,
        values: unshared(evaluator.values),
        paths: evaluator.paths,
        hits: evaluator.hits,
        summaries: evaluator.summaries,
        filled: evaluator.filled,
        cut_short: evaluator.fuel.get() == 0,
    }
}

/// What a path means to the models.
#[derive(Clone, Copy, Default)]
struct PathInfo<'m> {
    known: bool,
    alias: Option<PathId>,
    source: Labels,
    call: Option<&'m CallModel>,
    safe_type: bool,
}

/// What a name means to the models.
#[derive(Clone, Copy, Default)]
struct NameInfo<'m> {
    known: bool,
    labels: Labels,
    method: Option<&'m CallModel>,
}

struct Evaluator<'p> {
    program: &'p Program,
    id: ModuleId,
    module: &'p Module,
    models: &'p Models,
    surveys: &'p Surveys,
    paths: Paths,
    path_info: Vec<PathInfo<'p>>,
    name_info: Vec<NameInfo<'p>>,
    values: Vec<Rc<Vec<Fact>>>,
    summaries: Vec<Summary>,
    fields: FxHashMap<(ClassId, Symbol), Fact>,
    hits: Vec<Hit>,
    filled: Vec<Vec<(Value, Value, Labels)>>,
    web: WebFacts,
    /// Steps left for questions that branch.
    fuel: Cell<u32>,
    /// Names assigned, by value, of the function at hand.
    value_names: FxHashMap<Value, Symbol>,
}

impl<'p> Evaluator<'p> {
    fn new(program: &'p Program, id: ModuleId, models: &'p Models, surveys: &'p Surveys) -> Self {
        static EMPTY: std::sync::OnceLock<Module> = std::sync::OnceLock::new();
        let module = program.module(id).unwrap_or_else(|| EMPTY.get_or_init(|| crate::syntax::read("", b"")));
        let functions = module.functions.len();
        let summaries =
            surveys.of(id).map_or_else(|| vec![Summary::default(); functions], |survey| survey.summaries.clone());
        Self {
            program,
            id,
            module,
            models,
            surveys,
            paths: Paths::default(),
            path_info: Vec::new(),
            name_info: vec![NameInfo::default(); module.symbols.len()],
            values: vec![Rc::default(); functions],
            summaries,
            fields: FxHashMap::default(),
            hits: Vec::new(),
            filled: (0..functions).map(|_| Vec::new()).collect(),
            web: WebFacts::default(),
            fuel: Cell::new(MAX_STEPS),
            value_names: FxHashMap::default(),
        }
    }

    fn run(&mut self) -> WebFacts {
        let count = self.module.functions.len();
        // First what defines functions and classes: decorators and annotations are values of the enclosing body.
        for number in 0..count {
            let id = function_id(number);
            let defines =
                self.module.functions[number].ops.iter().any(|op| matches!(op, Op::Function(_) | Op::Class(_)));
            if defines || self.module.functions[number].kind == FunctionKind::ClassBody {
                self.evaluate(id, false);
            }
        }
        let mut web = self.collect_routes();
        std::mem::swap(&mut self.web, &mut web);
        for id in self.callees_first() {
            self.evaluate(id, true);
        }
        self.hits.sort_by_key(|hit| (hit.function, hit.call, hit.argument, hit.reach.module, hit.reach.call));
        std::mem::take(&mut self.web)
    }

    fn collect_routes(&mut self) -> WebFacts {
        let facts = ModuleFacts {
            module: self.id,
            values: unshared(std::mem::take(&mut self.values)),
            paths: std::mem::take(&mut self.paths),
            hits: Vec::new(),
            summaries: Vec::new(),
            filled: Vec::new(),
            cut_short: false,
        };
        let web = routes::collect(self.program, self.module, &facts, self.surveys);
        self.values = facts.values.into_iter().map(Rc::new).collect();
        self.paths = facts.paths;
        web
    }

    fn exported(&self) -> FxHashMap<Symbol, (Portable, Labels)> {
        let Some(body) = self.module.functions.first() else { return FxHashMap::default() };
        let facts = &self.values[0];
        body.exit
            .iter()
            .filter_map(|&(symbol, value)| {
                let fact = facts.get(value.0 as usize)?;
                let portable = self.portable(fact.entity);
                let labels = fact.labels & Labels::KINDS;
                (portable != Portable::Unknown || !labels.is_empty()).then_some((symbol, (portable, labels)))
            })
            .collect()
    }

    fn portable(&self, entity: Entity) -> Portable {
        match entity {
            Entity::Unknown => Portable::Unknown,
            Entity::Path(path) => Portable::Path(self.paths.text(path).to_owned()),
            other => Portable::Project(other),
        }
    }

    fn unportable(&mut self, portable: &Portable) -> Entity {
        match portable {
            Portable::Unknown => Entity::Unknown,
            Portable::Path(path) => {
                let path = self.paths.intern(path);
                self.known_path(path)
            }
            Portable::Project(entity) => *entity,
        }
    }

    /// Takes a step of a question that branches; `false` when there are none left.
    fn step(&self) -> bool {
        let left = self.fuel.get();
        self.fuel.set(left.saturating_sub(1));
        left > 0
    }

    // --- order

    /// Functions with those they call before them; a circle is entered anywhere.
    fn callees_first(&self) -> Vec<FunctionId> {
        let count = self.module.functions.len();
        let exits = self.module.exits(FunctionId(0));
        let mut order = Vec::with_capacity(count);
        let mut state = vec![0_u8; count];
        let mut stack: Vec<(usize, usize)> = Vec::new();
        let callees: Vec<Vec<usize>> =
            self.module.functions.iter().map(|function| self.callees(function, &exits)).collect();
        for root in 0..count {
            if state[root] != 0 {
                continue;
            }
            state[root] = 1;
            stack.push((root, 0));
            while let Some((number, next)) = stack.pop() {
                if let Some(&callee) = callees[number].get(next) {
                    stack.push((number, next + 1));
                    if callee < count && state[callee] == 0 {
                        state[callee] = 1;
                        stack.push((callee, 0));
                    }
                } else {
                    order.push(function_id(number));
                }
            }
        }
        order
    }

    fn callees(&self, function: &Function, exits: &FxHashMap<Symbol, Value>) -> Vec<usize> {
        let mut found = Vec::new();
        let body = self.module.functions.first();
        for op in &function.ops {
            match *op {
                Op::Name(symbol) => {
                    if let (Some(&value), Some(body)) = (exits.get(&symbol), body) {
                        match body.op(value) {
                            Op::Function(id) => found.push(id.0 as usize),
                            Op::Class(class) => {
                                if let Some(init) = self.module.method(class, "__init__") {
                                    found.push(init.0 as usize);
                                }
                            }
                            _ => {}
                        }
                    }
                }
                Op::Function(id) => found.push(id.0 as usize),
                Op::Class(class) => found.extend(self.module.class(class).map(|class| class.body.0 as usize)),
                Op::Attribute { of, name } if matches!(function.op(of), Op::Parameter(0)) => {
                    if let Some(class) = function.class.and_then(|class| self.module.class(class)) {
                        found.extend(
                            class.methods.iter().filter(|(method, _)| *method == name).map(|(_, id)| id.0 as usize),
                        );
                    }
                }
                _ => {}
            }
        }
        found
    }

    // --- knowledge about paths and names

    fn info(&mut self, path: PathId) -> PathInfo<'p> {
        let at = path.0 as usize;
        if self.path_info.len() <= at {
            self.path_info.resize(self.paths.len().max(at + 1), PathInfo::default());
        }
        if !self.path_info[at].known {
            let models = self.models;
            let text = self.paths.text(path);
            let alias = models.aliases.get(text);
            let info = PathInfo {
                known: true,
                alias: None,
                source: models.sources.get(text).copied().unwrap_or_default(),
                call: models.calls.get(text),
                safe_type: models.safe_types.contains(text),
            };
            let alias = alias.map(|alias| self.paths.intern(alias));
            if self.path_info.len() < self.paths.len() {
                self.path_info.resize(self.paths.len(), PathInfo::default());
            }
            self.path_info[at] = PathInfo { alias, ..info };
        }
        self.path_info[at]
    }

    fn known_path(&mut self, path: PathId) -> Entity {
        match self.info(path).alias {
            Some(alias) => Entity::Path(alias),
            None => Entity::Path(path),
        }
    }

    fn name_info(&mut self, symbol: Symbol) -> NameInfo<'p> {
        let at = symbol.0 as usize;
        let Some(info) = self.name_info.get(at).copied() else { return NameInfo::default() };
        if info.known {
            return info;
        }
        let text = self.module.symbols.text(symbol);
        let info = NameInfo { known: true, labels: (self.models.by_name)(text), method: self.models.methods.get(text) };
        self.name_info[at] = info;
        info
    }

    fn member_path(&mut self, path: PathId, symbol: Symbol) -> Entity {
        let name = self.module.symbols.text(symbol);
        match self.paths.member(path, symbol.0, name) {
            Some(path) => self.known_path(path),
            None => Entity::Unknown,
        }
    }

    fn result_path(&mut self, path: PathId) -> Entity {
        match self.paths.result(path) {
            Some(path) => self.known_path(path),
            None => Entity::Unknown,
        }
    }

    fn target(&mut self, target: Target) -> Fact {
        match target {
            Target::Library(path) => {
                let path = self.paths.intern(&path);
                let entity = self.known_path(path);
                let labels = match entity {
                    Entity::Path(path) => self.info(path).source,
                    _ => Labels::NONE,
                };
                Fact { entity, labels, ..Fact::default() }
            }
            Target::Project(definition) => self.definition(definition),
        }
    }

    fn definition(&mut self, definition: Definition) -> Fact {
        let entity = match definition {
            Definition::Module(module) => Entity::Module(module),
            Definition::Function(module, function) => Entity::Function(module, function),
            Definition::Class(module, class) => Entity::Class(module, class),
            Definition::Variable(module, symbol, value) => {
                if module == self.id {
                    return self
                        .values
                        .first()
                        .and_then(|facts| facts.get(value.0 as usize))
                        .copied()
                        .unwrap_or_default();
                }
                let surveys = self.surveys;
                let constant = self
                    .program
                    .module(module)
                    .and_then(|other| other.functions.first().map(|body| is_constant(body, value, &mut { MAX_ITEMS })))
                    .unwrap_or(false);
                let Some((portable, labels)) = surveys.of(module).and_then(|survey| survey.variables.get(&symbol))
                else {
                    return Fact { constant, ..Fact::default() };
                };
                let entity = self.unportable(portable);
                return Fact { entity, labels: *labels, constant, ..Fact::default() };
            }
        };
        Fact { entity, ..Fact::default() }
    }

    fn summary(&self, module: ModuleId, function: FunctionId) -> Option<&Summary> {
        if module == self.id {
            self.summaries.get(function.0 as usize)
        } else {
            self.surveys.of(module)?.summaries.get(function.0 as usize)
        }
    }

    // --- one function

    fn evaluate(&mut self, id: FunctionId, last: bool) {
        let module = self.module;
        let Some(function) = module.function(id) else { return };
        self.value_names.clear();
        for &(name, value) in &function.assigned {
            self.value_names.insert(value, name);
        }
        let mut facts = vec![Fact::default(); function.ops.len()];
        let mut filled: Vec<(Value, Value, Labels)> = Vec::new();
        for pass in 0..MAX_PASSES {
            let mut again = false;
            let known_fills = filled.len();
            for at in 0..function.ops.len() {
                let value = Value(u32::try_from(at).unwrap_or(u32::MAX));
                let mut fact = self.op(id, function, &facts, value, function.ops[at], &mut filled);
                for &(target, _, labels) in &filled {
                    if target == value {
                        fact.labels |= labels;
                        fact.constant = false;
                    }
                }
                if pass > 0 || !matches!(function.ops[at], Op::Phi(_)) {
                    again |= pass > 0 && fact != facts[at];
                }
                facts[at] = fact;
            }
            for &(value, annotation) in &function.declared {
                let (entity, _) = self.type_of(function, &facts, annotation, 0);
                if let Some(fact) = facts.get_mut(value.0 as usize)
                    && fact.entity == Entity::Unknown
                    && entity != Entity::Unknown
                {
                    fact.entity = entity;
                    again = true;
                }
            }
            let has_loops = pass == 0
                && function.ops.iter().enumerate().any(|(at, op)| matches!(op, Op::Phi(list) if function.list(*list).iter().any(|value| value.0 as usize > at)));
            if !(again || has_loops || filled.len() > known_fills) {
                break;
            }
        }
        if last {
            self.finish(id, function, &facts);
        }
        self.filled[id.0 as usize] = filled;
        self.values[id.0 as usize] = Rc::new(facts);
    }

    /// Hits and summary of an evaluated function.
    fn finish(&mut self, id: FunctionId, function: &'p Function, facts: &[Fact]) {
        let mut reaches: Vec<(usize, bool, Reach)> = Vec::new();
        let mut hits: Vec<Hit> = Vec::new();
        for (value, op) in function.values() {
            let Op::Call { callee, arguments } = op else { continue };
            let arguments = function.call_arguments(arguments);
            if let Some(model) = self.model_of(function, facts, callee) {
                for sink in &model.sinks {
                    if !self.is_sink(function, facts, arguments, sink) {
                        continue;
                    }
                    for passed in self.arguments_at(function, callee, arguments, &sink.argument) {
                        let fact = fact_of(facts, passed);
                        if fact.clean & (1 << sink.kind) != 0 {
                            continue;
                        }
                        let reach =
                            Reach { kind: sink.kind, module: self.id, function: id, call: value, argument: passed };
                        record(
                            &mut hits,
                            &mut reaches,
                            Hit { function: id, call: value, argument: passed, labels: fact.labels, reach },
                        );
                    }
                }
            }
            let (target, receiver) = self.project_callee(function, facts, callee);
            if let Some((module, callee_id)) = target {
                let Some(summary) = self.summary(module, callee_id) else { continue };
                let Some(parameters) =
                    self.program.module(module).and_then(|m| m.function(callee_id)).map(|f| f.parameters.as_slice())
                else {
                    continue;
                };
                for &(parameter, part, reach) in &summary.reaches {
                    let Some(passed) = self.passed_for(arguments, module, parameters, parameter, receiver) else {
                        continue;
                    };
                    let mut fact = fact_of(facts, passed);
                    if part {
                        fact.labels = self.taken_out(fact.labels);
                    }
                    if fact.clean & (1 << reach.kind) != 0 {
                        continue;
                    }
                    record(
                        &mut hits,
                        &mut reaches,
                        Hit { function: id, call: value, argument: passed, labels: fact.labels, reach },
                    );
                }
            }
        }
        self.hits.extend(hits);
        let mut returned: Option<Fact> = None;
        let mut labels = Labels::NONE;
        let mut clean = Kinds::MAX;
        for &value in &function.returns {
            let fact = fact_of(facts, value);
            if matches!(function.op(value), Op::Constant(Constant::None)) {
                continue;
            }
            labels |= fact.labels;
            if !fact.labels.is_empty() {
                clean &= fact.clean;
            }
            returned = match returned {
                None => Some(fact),
                Some(known) if known.entity == fact.entity => Some(known),
                Some(known) => Some(Fact { entity: Entity::Unknown, ..known }),
            };
        }
        let mut entity = returned.map_or(Entity::Unknown, |fact| fact.entity);
        if entity == Entity::Unknown
            && let (Some(annotation), Some(parent)) = (function.returns_annotation, function.parent)
            && let Some(around) = self.module.function(parent)
        {
            let outer = Rc::clone(&self.values[parent.0 as usize]);
            entity = self.type_of(around, &outer, annotation, 0).0;
        }
        let raises = function.ops.iter().any(|op| matches!(op, Op::Raise(_)));
        self.summaries[id.0 as usize] = Summary {
            returns: labels,
            returns_clean: if labels.is_empty() { 0 } else { clean },
            entity: self.portable(entity),
            reaches,
            raises,
        };
    }

    /// The function a call runs, and the value that is bound as its first parameter.
    fn project_callee(
        &self,
        function: &Function,
        facts: &[Fact],
        callee: Value,
    ) -> (Option<(ModuleId, FunctionId)>, Option<Value>) {
        match fact_of(facts, callee).entity {
            Entity::Function(module, id) => (Some((module, id)), None),
            Entity::Method(module, id) => {
                let receiver = match function.op(callee) {
                    Op::Attribute { of, .. } => Some(of),
                    _ => Some(Value::NONE),
                };
                (Some((module, id)), receiver)
            }
            Entity::Class(module, class) => {
                let init = self.program.module(module).and_then(|m| m.method(class, "__init__"));
                (init.map(|init| (module, init)), Some(Value::NONE))
            }
            _ => (None, None),
        }
    }

    fn model_of(&mut self, function: &Function, facts: &[Fact], callee: Value) -> Option<&'p CallModel> {
        let entity = fact_of(facts, callee).entity;
        if let Entity::Path(path) = entity
            && let Some(model) = self.info(path).call
        {
            return Some(model);
        }
        if matches!(entity, Entity::Unknown | Entity::Path(_))
            && let Op::Attribute { name, .. } = function.op(strip(function, callee))
        {
            return self.name_info(name).method;
        }
        None
    }

    /// Whether the conditions of a sink let it be one here.
    fn is_sink(&self, function: &Function, facts: &[Fact], arguments: &[Argument], sink: &SinkModel) -> bool {
        let holds = |condition: &Condition| self.holds(function, facts, arguments, condition);
        sink.when.iter().all(|condition| holds(condition) != Some(false))
            && !sink.unless.iter().any(|condition| holds(condition) == Some(true))
    }

    /// Whether an argument is what a condition asks for, if that can be said.
    fn holds(
        &self,
        function: &Function,
        facts: &[Fact],
        arguments: &[Argument],
        condition: &Condition,
    ) -> Option<bool> {
        let given = self.arguments_at(function, Value::NONE, arguments, &condition.argument).into_iter().next();
        let Some(given) = given else {
            // `**options` may hold anything.
            let open = arguments.iter().any(|argument| argument.passing == Passing::DoubleStar);
            return if open { None } else { Some(condition.expected == Expected::Given(false)) };
        };
        let given = strip(function, given);
        match (&condition.expected, function.op(given)) {
            (Expected::Given(wanted), _) => Some(*wanted),
            (Expected::Bool(wanted), Op::Constant(Constant::Bool(value))) => Some(value == *wanted),
            (Expected::Int(wanted), Op::Constant(Constant::Int(value))) => Some(value == *wanted),
            (Expected::Text(wanted), Op::Constant(Constant::Str(text))) => Some(self.module.string(text) == wanted),
            (Expected::Path(wanted), _) => match fact_of(facts, given).entity {
                Entity::Path(path) => Some(wanted.iter().any(|one| one == self.paths.text(path))),
                Entity::Unknown => None,
                _ => Some(false),
            },
            (_, Op::Constant(_)) => Some(false),
            _ => None,
        }
    }

    fn arguments_at(&self, function: &Function, callee: Value, arguments: &[Argument], at: &ArgumentAt) -> Vec<Value> {
        let mut found = Vec::new();
        if at.receiver
            && let Op::Attribute { of, .. } = function.op(strip(function, callee))
        {
            found.push(of);
        }
        if at.any {
            found.extend(arguments.iter().map(|argument| argument.value));
            return found;
        }
        let mut position = 0;
        for argument in arguments {
            match argument.passing {
                Passing::Position => {
                    if at.position == Some(position) {
                        found.push(argument.value);
                    }
                    position += 1;
                }
                Passing::Star => {
                    if at.position.is_some_and(|wanted| wanted >= position) {
                        found.push(argument.value);
                    }
                }
                Passing::Keyword(name) => {
                    if at.keyword.as_deref() == Some(self.module.symbols.text(name)) {
                        found.push(argument.value);
                    }
                }
                Passing::DoubleStar => {}
            }
        }
        found
    }

    /// The value passed for a parameter of a project function.
    fn passed_for(
        &self,
        arguments: &[Argument],
        module: ModuleId,
        parameters: &[crate::syntax::Parameter],
        wanted: usize,
        receiver: Option<Value>,
    ) -> Option<Value> {
        let offset = usize::from(receiver.is_some());
        if wanted == 0
            && let Some(receiver) = receiver
        {
            return (receiver != Value::NONE).then_some(receiver);
        }
        let parameter = parameters.get(wanted)?;
        let name = self.program.module(module)?.symbols.text(parameter.name);
        let mut position = offset;
        for argument in arguments {
            match argument.passing {
                Passing::Position => {
                    let takes = position == wanted || (parameter.kind == ParameterKind::Star && position >= wanted);
                    if takes && !matches!(parameter.kind, ParameterKind::KeywordOnly | ParameterKind::DoubleStar) {
                        return Some(argument.value);
                    }
                    position += 1;
                }
                Passing::Keyword(keyword) => {
                    if self.module.symbols.text(keyword) == name {
                        return Some(argument.value);
                    }
                }
                Passing::Star if wanted >= position => return Some(argument.value),
                Passing::Star => {}
                Passing::DoubleStar if parameter.kind == ParameterKind::DoubleStar => return Some(argument.value),
                Passing::DoubleStar => {}
            }
        }
        None
    }

    // --- one instruction

    fn op(
        &mut self,
        id: FunctionId,
        function: &'p Function,
        facts: &[Fact],
        value: Value,
        op: Op,
        filled: &mut Vec<(Value, Value, Labels)>,
    ) -> Fact {
        let mut fact = match op {
            Op::Parameter(index) => self.parameter(id, function, index as usize),
            Op::Constant(_) => Fact { constant: true, ..Fact::default() },
            Op::Name(symbol) => self.name(function, symbol),
            Op::Import(index) => match self.module.imports.get(index as usize) {
                Some(import) => {
                    let target = self.program.import(self.id, import);
                    self.target(target)
                }
                None => Fact::default(),
            },
            Op::Function(id) => Fact { entity: Entity::Function(self.id, id), ..Fact::default() },
            Op::Class(id) => Fact { entity: Entity::Class(self.id, id), ..Fact::default() },
            Op::Attribute { of, name } => self.attribute(fact_of(facts, of), name),
            Op::Subscript { of, index } => self.subscript(function, facts, of, index),
            Op::Call { callee, arguments } => self.call(function, facts, callee, arguments, filled, value),
            Op::Format(list) => {
                let pieces = function.format_pieces(list);
                join(pieces.iter().filter_map(|piece| match piece {
                    Piece::Hole(value) => Some(text_fact(fact_of(facts, *value))),
                    Piece::Literal(_) => None,
                }))
                .unwrap_or(Fact { constant: true, ..Fact::default() })
            }
            Op::Binary { op, left, right } => {
                let (l, r) = (fact_of(facts, left), fact_of(facts, right));
                if op == BinaryOp::Other {
                    return Fact { constant: l.constant && r.constant, ..Fact::default() };
                }
                let mut both = join([text_fact(l), text_fact(r)].into_iter()).unwrap_or_default();
                both.constant = l.constant && r.constant;
                // `base_dir / name` and the like keep their type.
                both.entity = Entity::Unknown;
                both
            }
            Op::Not(_) | Op::Compare { .. } => Fact::default(),
            Op::Unary(of) => Fact { constant: fact_of(facts, of).constant, ..Fact::default() },
            Op::And(list) | Op::Or(list) | Op::Phi(list) => {
                let choices = function.list(list);
                // What is not evaluated yet (the way back of a loop) says nothing yet.
                join(choices.iter().filter(|choice| **choice != value).map(|&choice| fact_of(facts, choice)))
                    .unwrap_or_default()
            }
            Op::Choice { yes, no } => join([fact_of(facts, yes), fact_of(facts, no)].into_iter()).unwrap_or_default(),
            Op::Build { items, .. } => {
                let items = function.list(items);
                let mut fact = join(
                    items.iter().filter(|item| **item != Value::NONE).map(|&item| text_fact(fact_of(facts, item))),
                )
                .unwrap_or(Fact { constant: true, ..Fact::default() });
                fact.entity = Entity::Unknown;
                fact
            }
            Op::Item { of, index: 0 } if self.counts(function, facts, of) => Fact::default(),
            Op::Element(of) | Op::Item { of, .. } => {
                let whole = fact_of(facts, of);
                Fact { entity: Entity::Unknown, labels: self.taken_out(whole.labels), ..whole }
            }
            Op::Spread(of) | Op::Await(of) | Op::Enter(of) => {
                let inner = fact_of(facts, of);
                match (op, inner.entity) {
                    (Op::Enter(_), Entity::Path(path)) => Fact { entity: self.entered(path), ..inner },
                    _ => inner,
                }
            }
            Op::Yield(_) | Op::Return(_) | Op::Raise(_) | Op::Opaque => Fact::default(),
            Op::Refine { of, test, held } => {
                let mut fact = fact_of(facts, of);
                if !fact.labels.is_empty() {
                    fact.clean |= self.clears(function, facts, of, test, held, 0);
                }
                fact
            }
            Op::StoreAttribute { of, name, value: stored } => {
                let given = fact_of(facts, stored);
                self.store_attribute(fact_of(facts, of), name, given);
                fill(filled, root(function, of), value, given.labels & self.models.through_objects);
                Fact::default()
            }
            Op::StoreItem { of, value: stored, .. } => {
                fill(
                    filled,
                    root(function, of),
                    value,
                    fact_of(facts, stored).labels & (self.models.through_objects | Labels::PARAMETERS),
                );
                Fact::default()
            }
            Op::StoreName { .. } => Fact::default(),
        };
        // The name a result is given says what it is meant to be.
        if matches!(op, Op::Call { .. } | Op::Await(_) | Op::Item { .. } | Op::Element(_))
            && !fact.constant
            && let Some(&name) = self.value_names.get(&value)
        {
            fact.labels |= self.name_info(name).labels;
        }
        fact
    }

    /// Whether a value is a pair of `enumerate`, whose first item is a number.
    fn counts(&self, function: &Function, facts: &[Fact], pair: Value) -> bool {
        let Op::Element(of) = function.op(pair) else { return false };
        let Op::Call { callee, .. } = function.op(of) else { return false };
        matches!(fact_of(facts, callee).entity, Entity::Path(path) if self.paths.text(path) == "enumerate")
    }

    /// `with engine.connect() as connection`: what is entered is mostly the object itself.
    fn entered(&mut self, path: PathId) -> Entity {
        let text = format!("{}.__enter__()", self.paths.text(path));
        if self.models.aliases.contains_key(&text) {
            let entered = self.paths.intern(&text);
            return self.known_path(entered);
        }
        Entity::Path(path)
    }

    fn parameter(&mut self, id: FunctionId, function: &'p Function, index: usize) -> Fact {
        let Some(parameter) = function.parameters.get(index) else { return Fact::default() };
        let mut fact = Fact { labels: Labels::parameter(index), ..Fact::default() };
        fact.labels |= self.name_info(parameter.name).labels;
        if let Some((labels, safe)) = self.web.seed(self.id, id, index, self.models) {
            fact.labels |= labels;
            if safe {
                fact.clean = Kinds::MAX;
            }
        }
        let outer = function.parent.and_then(|parent| self.module.function(parent).map(|around| (parent, around)));
        if index == 0
            && let Some(class) = function.class
            && let Some((parent, around)) = outer
            && around.kind == FunctionKind::ClassBody
        {
            let mut is_static = false;
            let mut is_class = matches!(function.name.as_str(), "__new__" | "__init_subclass__" | "__class_getitem__");
            for &decorator in &function.decorators {
                if let Entity::Path(path) = self.fact_in(parent, decorator).entity {
                    match self.paths.text(path) {
                        "staticmethod" => is_static = true,
                        "classmethod" => is_class = true,
                        _ => {}
                    }
                }
            }
            if is_class {
                fact.entity = Entity::Class(self.id, class);
                return fact;
            }
            if !is_static {
                fact.entity = Entity::Instance(self.id, class);
                return fact;
            }
        }
        if let Some((parent, around)) = outer {
            let outer_facts = Rc::clone(&self.values[parent.0 as usize]);
            if let Some(annotation) = parameter.annotation {
                let (entity, safe) = self.type_of(around, &outer_facts, annotation, 0);
                if !matches!(parameter.kind, ParameterKind::Star | ParameterKind::DoubleStar) {
                    fact.entity = entity;
                }
                if safe {
                    fact.clean = Kinds::MAX;
                }
            }
            if fact.entity == Entity::Unknown
                && let Some(default) = parameter.default
            {
                let injected = self.injected(around, &outer_facts, default);
                fact.entity = injected.0;
                fact.labels |= injected.1;
            }
        }
        fact
    }

    /// What `= Depends(f)` puts into a parameter.
    fn injected(&mut self, around: &Function, facts: &[Fact], default: Value) -> (Entity, Labels) {
        let Op::Call { callee, arguments } = around.op(default) else { return (Entity::Unknown, Labels::NONE) };
        let Entity::Path(path) = fact_of(facts, callee).entity else { return (Entity::Unknown, Labels::NONE) };
        if !routes::is_depends(self.paths.text(path)) {
            return (Entity::Unknown, Labels::NONE);
        }
        let Some(first) = around.call_arguments(arguments).first() else { return (Entity::Unknown, Labels::NONE) };
        match fact_of(facts, first.value).entity {
            Entity::Function(module, function) => {
                let Some(summary) = self.summary(module, function).cloned() else {
                    return (Entity::Unknown, Labels::NONE);
                };
                (self.unportable(&summary.entity), summary.returns & Labels::KINDS)
            }
            Entity::Class(module, class) => (Entity::Instance(module, class), Labels::NONE),
            _ => (Entity::Unknown, Labels::NONE),
        }
    }

    fn fact_in(&self, function: FunctionId, value: Value) -> Fact {
        self.values.get(function.0 as usize).and_then(|facts| facts.get(value.0 as usize)).copied().unwrap_or_default()
    }

    fn name(&mut self, function: &Function, symbol: Symbol) -> Fact {
        // Enclosing functions first; class bodies are no scope for what they hold.
        let mut around = function.parent;
        while let Some(id) = around {
            let Some(scope) = self.module.function(id) else { break };
            if id.0 == 0 {
                break;
            }
            if scope.kind != FunctionKind::ClassBody {
                let found = join(
                    scope
                        .assigned
                        .iter()
                        .filter(|(name, _)| *name == symbol)
                        .map(|&(_, value)| self.fact_in(id, value)),
                );
                if let Some(mut fact) = found {
                    // Parameters of the enclosing function are not those of this one.
                    fact.labels = fact.labels & Labels::KINDS;
                    return fact;
                }
            }
            around = scope.parent;
        }
        if let Some(body) = self.module.functions.first()
            && let Ok(at) = body.exit.binary_search_by_key(&symbol, |(name, _)| *name)
        {
            return self.fact_in(FunctionId(0), body.exit[at].1);
        }
        let name = self.module.symbols.text(symbol);
        if !self.module.star_imports.is_empty()
            && !is_builtin(name)
            && let Some(target) = self.star_import(name)
        {
            return self.target(target);
        }
        let labels = self.name_info(symbol).labels;
        let path = self.paths.intern(name);
        Fact {
            entity: if is_builtin(name) { self.known_path(path) } else { Entity::Unknown },
            labels,
            ..Fact::default()
        }
    }

    fn star_import(&self, name: &str) -> Option<Target> {
        let mut libraries = Vec::new();
        for &star in &self.module.star_imports {
            let import = self.module.imports.get(star as usize)?;
            let named = crate::syntax::Import { name: Some(name.to_owned()), ..import.clone() };
            match self.program.import(self.id, &named) {
                Target::Project(definition) => return Some(Target::Project(definition)),
                Target::Library(path) if import.level == 0 => libraries.push(path),
                Target::Library(_) => {}
            }
        }
        match libraries.len() {
            1 => libraries.pop().map(Target::Library),
            _ => None,
        }
    }

    fn taken_out(&self, labels: Labels) -> Labels {
        labels.taken_out(self.models.through_objects)
    }

    fn attribute(&mut self, of: Fact, name: Symbol) -> Fact {
        let mut fact = Fact { labels: self.taken_out(of.labels), clean: of.clean, ..Fact::default() };
        fact.labels |= self.name_info(name).labels;
        match of.entity {
            Entity::Path(path) => {
                fact.entity = self.member_path(path, name);
                if let Entity::Path(path) = fact.entity {
                    fact.labels |= self.info(path).source;
                }
            }
            Entity::Module(module) => {
                let text = self.module.symbols.text(name);
                if let Some(target) = self.program.member(module, text) {
                    return self.target(target);
                }
            }
            Entity::Class(module, class) | Entity::Instance(module, class) => {
                let bound = matches!(of.entity, Entity::Instance(..));
                let text = self.module.symbols.text(name).to_owned();
                let member = self.class_member(module, class, &text, bound, 0);
                fact.entity = member.entity;
                if member.constant {
                    // What a class says for everybody to read is no secret, whatever its name.
                    return Fact { constant: true, ..Fact::default() };
                }
                fact.labels |= member.labels & Labels::KINDS;
                if member.clean == Kinds::MAX {
                    fact.clean = Kinds::MAX;
                }
            }
            _ => {}
        }
        fact
    }

    /// A method or field of a class or of one of its bases.
    fn class_member(&mut self, module: ModuleId, class: ClassId, name: &str, bound: bool, depth: u32) -> Fact {
        let program = self.program;
        let (Some(home), true) = (program.module(module), depth < 8 && self.step()) else { return Fact::default() };
        if let Some(method) = home.method(class, name) {
            let entity = if bound { Entity::Method(module, method) } else { Entity::Function(module, method) };
            return Fact { entity, ..Fact::default() };
        }
        let Some(definition) = home.class(class) else { return Fact::default() };
        if module == self.id
            && let Some(symbol) = self.module.symbols.find(name)
        {
            let mut fact = self.fields.get(&(class, symbol)).copied().unwrap_or_default();
            let field = definition.fields.iter().find(|field| field.name == symbol);
            if let Some(annotation) = field.and_then(|field| field.annotation)
                && let Some(body) = self.module.function(definition.body)
            {
                let facts = Rc::clone(&self.values[definition.body.0 as usize]);
                let (entity, safe) = self.type_of(body, &facts, annotation, 0);
                if fact.entity == Entity::Unknown {
                    fact.entity = entity;
                }
                if safe {
                    fact.clean = Kinds::MAX;
                }
                return fact;
            }
            if let Some(body) = self.module.function(definition.body)
                && let Ok(at) = body.exit.binary_search_by_key(&symbol, |(name, _)| *name)
            {
                let held = self.fact_in(definition.body, body.exit[at].1);
                // An assignment in a method may replace the class's own value.
                fact.constant = held.constant && fact == Fact::default();
                if fact.entity == Entity::Unknown {
                    fact.entity = held.entity;
                }
                return fact;
            }
            if fact != Fact::default() {
                return fact;
            }
        }
        if module != self.id
            && let Some(body) = home.function(definition.body)
            && let Some(symbol) = home.symbols.find(name)
            && let Ok(at) = body.exit.binary_search_by_key(&symbol, |(known, _)| *known)
        {
            return Fact { constant: is_constant(body, body.exit[at].1, &mut { MAX_ITEMS }), ..Fact::default() };
        }
        for &base in &definition.bases {
            let base = self.base_entity(module, definition.parent, base);
            match base {
                Entity::Class(module, class) => {
                    let found = self.class_member(module, class, name, bound, depth + 1);
                    if found != Fact::default() {
                        return found;
                    }
                }
                Entity::Path(path) => {
                    if let Entity::Path(instance) = self.result_path(path) {
                        let text = format!("{}.{name}", self.paths.text(instance));
                        let member = self.paths.intern(&text);
                        let entity = self.known_path(member);
                        return Fact { entity, ..Fact::default() };
                    }
                }
                _ => {}
            }
        }
        Fact::default()
    }

    /// What a base class expression of any module names.
    fn base_entity(&mut self, module: ModuleId, scope: FunctionId, base: Value) -> Entity {
        if module == self.id {
            return self.fact_in(scope, base).entity;
        }
        let Some(target) = routes::resolve_value(self.program, module, scope, base) else { return Entity::Unknown };
        match target {
            Target::Library(path) => {
                let path = self.paths.intern(&path);
                self.known_path(path)
            }
            Target::Project(Definition::Class(module, class)) => Entity::Class(module, class),
            Target::Project(_) => Entity::Unknown,
        }
    }

    fn subscript(&mut self, function: &Function, facts: &[Fact], of: Value, index: Value) -> Fact {
        let whole = fact_of(facts, of);
        // Whatever the key, a constant table gives out constants.
        if whole.constant {
            return Fact { constant: true, ..Fact::default() };
        }
        let mut fact = Fact { labels: self.taken_out(whole.labels), clean: whole.clean, ..Fact::default() };
        // A slice of text is text.
        if matches!(function.op(index), Op::Opaque) {
            fact.labels = whole.labels;
        }
        if let Some(key) = self.module.constant_str(function, index) {
            fact.labels |= (self.models.by_name)(key);
        }
        // `Depends[…]` and generics keep the class they are about.
        fact.entity = match whole.entity {
            Entity::Class(..) => whole.entity,
            _ => Entity::Unknown,
        };
        fact
    }

    fn store_attribute(&mut self, of: Fact, name: Symbol, given: Fact) {
        if let Entity::Instance(module, class) | Entity::Class(module, class) = of.entity
            && module == self.id
        {
            let fact = self.fields.entry((class, name)).or_default();
            if fact.entity == Entity::Unknown {
                fact.entity = given.entity;
            }
            fact.labels |= given.labels & Labels::KINDS;
            fact.constant = false;
        }
    }

    fn call(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        callee: Value,
        list: List,
        filled: &mut Vec<(Value, Value, Labels)>,
        at: Value,
    ) -> Fact {
        let arguments = function.call_arguments(list);
        let target = fact_of(facts, callee);
        let (receiver, method) = match function.op(strip(function, callee)) {
            Op::Attribute { of, name } => (Some(of), Some(name)),
            _ => (None, None),
        };
        let receiver_fact = receiver.map(|of| fact_of(facts, of));

        let (project, bound) = self.project_callee(function, facts, callee);
        if let Entity::Class(module, class) = target.entity {
            let carried = join(arguments.iter().map(|argument| fact_of(facts, argument.value))).unwrap_or_default();
            return Fact {
                entity: Entity::Instance(module, class),
                labels: carried.labels & (self.models.through_objects | Labels::PARAMETERS),
                clean: carried.clean,
                constant: false,
            };
        }
        if let Some((module, id)) = project {
            let program = self.program;
            let Some(summary) = self.summary(module, id) else { return Fact::default() };
            let (returns, clean, portable) = (summary.returns, summary.returns_clean, summary.entity.clone());
            let mut fact = Fact { labels: returns & Labels::KINDS, clean, ..Fact::default() };
            if returns.meets(Labels::PARAMETERS)
                && let Some(parameters) =
                    program.module(module).and_then(|m| m.function(id)).map(|f| f.parameters.as_slice())
            {
                for index in 0..parameters.len().min(16) {
                    let whole = returns.meets(Labels::parameter(index));
                    if (whole || returns.meets(Labels::part(index)))
                        && let Some(passed) = self.passed_for(arguments, module, parameters, index, bound)
                    {
                        let passed = fact_of(facts, passed);
                        fact.labels |= if whole { passed.labels } else { self.taken_out(passed.labels) };
                        fact.clean |= passed.clean & if passed.labels.is_empty() { 0 } else { Kinds::MAX };
                    }
                }
            }
            fact.entity = self.unportable(&portable);
            return fact;
        }

        let mut fact = Fact::default();
        let model = self.model_of(function, facts, callee);
        if let Entity::Path(path) = target.entity {
            fact.entity = self.result_path(path);
            if let Entity::Path(result) = fact.entity {
                fact.labels |= self.info(result).source;
            }
        }
        let given = || arguments.iter().map(|argument| text_fact(fact_of(facts, argument.value)));
        if let Some(model) = model {
            fact.labels |= model.returns;
            let all = join(given().chain(receiver_fact)).unwrap_or_default();
            if model.passes {
                fact.labels |= all.labels;
                fact.clean |= all.clean;
                fact.constant = all.constant;
            }
            for &(has, gives) in &model.transforms {
                if all.labels.meets(has) {
                    fact.labels |= gives;
                }
            }
            fact.clean |= model.cleans;
            if model.fills_receiver
                && let Some(of) = receiver
            {
                let labels = join(given()).unwrap_or_default().labels;
                fill(filled, root(function, of), at, labels);
            }
            return fact;
        }
        let Some(method) = method else { return fact };
        let receiver_fact = receiver_fact.unwrap_or_default();
        match self.module.symbols.text(method) {
            "format" | "format_map" | "join" | "replace" | "ljust" | "rjust" | "zfill" => {
                let all = join(given().chain(std::iter::once(receiver_fact))).unwrap_or_default();
                fact.labels |= all.labels;
                fact.clean |= all.clean;
                fact.constant = all.constant;
            }
            "get" | "pop" | "setdefault" => {
                let keyed = arguments.first().and_then(|argument| self.module.constant_str(function, argument.value));
                if receiver_fact.constant {
                    // A constant table: only the default comes from elsewhere.
                    let default = arguments.get(1).map(|argument| fact_of(facts, argument.value));
                    fact.labels = default.map_or(Labels::NONE, |default| default.labels);
                    fact.clean = default.map_or(0, |default| default.clean);
                    fact.constant = default.is_none_or(|default| default.constant);
                    return fact;
                }
                fact.labels |= self.taken_out(receiver_fact.labels);
                fact.clean |= receiver_fact.clean;
                if let Some(key) = keyed {
                    fact.labels |= (self.models.by_name)(key);
                }
                if let Some(default) = arguments.get(1) {
                    fact.labels |= fact_of(facts, default.value).labels & Labels::PARAMETERS;
                }
            }
            "append" | "add" | "extend" | "update" | "insert" | "appendleft" | "put" => {
                if let Some(of) = receiver {
                    let labels = join(given()).unwrap_or_default().labels;
                    fill(filled, root(function, of), at, labels);
                }
            }
            name if says_yes_or_no(name) => {}
            "encode" | "decode" | "strip" | "lstrip" | "rstrip" | "lower" | "upper" | "title" | "capitalize"
            | "casefold" | "swapcase" | "removeprefix" | "removesuffix" | "expandtabs" | "translate" | "center"
            | "hex" | "tobytes" | "get_secret_value" | "copy" => {
                fact.labels |= receiver_fact.labels;
                fact.clean |= receiver_fact.clean;
                fact.constant = receiver_fact.constant;
            }
            _ => {
                fact.labels |= self.taken_out(receiver_fact.labels);
                fact.clean |= receiver_fact.clean;
            }
        }
        fact
    }

    /// The instance an annotation promises, and whether such a value cannot carry text.
    fn type_of(&mut self, function: &Function, facts: &[Fact], annotation: Value, depth: u32) -> (Entity, bool) {
        if depth > 16 || !self.step() {
            return (Entity::Unknown, false);
        }
        match function.op(annotation) {
            Op::Subscript { of, index } => {
                let generic = match fact_of(facts, of).entity {
                    Entity::Path(path) => self.paths.text(path).to_owned(),
                    _ => String::new(),
                };
                let name = generic.rsplit('.').next().unwrap_or("");
                let inner: Vec<Value> = match function.op(index) {
                    Op::Build { items, .. } => function.list(items).to_vec(),
                    _ => vec![index],
                };
                match name {
                    "Literal" => (Entity::Unknown, true),
                    "Annotated" => match inner.first() {
                        Some(&first) => {
                            let (entity, safe) = self.type_of(function, facts, first, depth + 1);
                            if entity == Entity::Unknown {
                                for &more in &inner[1..] {
                                    let (entity, _) = self.injected(function, facts, more);
                                    if entity != Entity::Unknown {
                                        return (entity, safe);
                                    }
                                }
                            }
                            (entity, safe)
                        }
                        None => (Entity::Unknown, false),
                    },
                    "Optional" | "Union" => self.any_type(function, facts, &inner, depth),
                    _ => {
                        let (_, safe) = self.any_type(function, facts, &inner, depth);
                        (Entity::Unknown, safe)
                    }
                }
            }
            Op::Binary { op: BinaryOp::BitOr, left, right } => self.any_type(function, facts, &[left, right], depth),
            // A type given a name at module level.
            Op::Name(symbol)
                if let Some(body) = self.module.functions.first()
                    && let Ok(at) = body.exit.binary_search_by_key(&symbol, |(name, _)| *name)
                    && matches!(body.op(body.exit[at].1), Op::Subscript { .. } | Op::Binary { .. }) =>
            {
                let facts = Rc::clone(&self.values[0]);
                self.type_of(body, &facts, body.exit[at].1, depth + 1)
            }
            _ => match fact_of(facts, annotation).entity {
                Entity::Path(path) => {
                    let safe = self.info(path).safe_type;
                    (self.result_path(path), safe)
                }
                Entity::Class(module, class) => {
                    (Entity::Instance(module, class), self.is_enumeration(module, class, 0))
                }
                _ => (Entity::Unknown, false),
            },
        }
    }

    fn any_type(&mut self, function: &Function, facts: &[Fact], choices: &[Value], depth: u32) -> (Entity, bool) {
        let mut entity = Entity::Unknown;
        let mut all_safe = true;
        let mut any = false;
        for &choice in choices {
            if matches!(function.op(choice), Op::Constant(Constant::None)) {
                continue;
            }
            let (one, safe) = self.type_of(function, facts, choice, depth + 1);
            any = true;
            all_safe &= safe;
            if entity == Entity::Unknown {
                entity = one;
            }
        }
        (entity, any && all_safe)
    }

    fn is_enumeration(&mut self, module: ModuleId, class: ClassId, depth: u32) -> bool {
        let Some(definition) = self.program.module(module).and_then(|home| home.class(class)) else { return false };
        depth < 4
            && self.step()
            && definition.bases.iter().any(|&base| match self.base_entity(module, definition.parent, base) {
                Entity::Path(path) => self.paths.text(path).starts_with("enum."),
                Entity::Class(module, class) => self.is_enumeration(module, class, depth + 1),
                _ => false,
            })
    }

    // --- guards

    /// The sink kinds for which a test that came out as `held` shows that `of` is harmless.
    fn clears(&self, function: &Function, facts: &[Fact], of: Value, test: Value, held: bool, depth: u32) -> Kinds {
        if depth > 8 || !self.step() {
            return 0;
        }
        let same = |value: Value| tested(function, value) == tested(function, of);
        let all = |yes: bool| if yes { Kinds::MAX } else { 0 };
        let any_of = |list: List, held: bool| {
            let tests = function.list(list).iter();
            tests.fold(0, |mask, &test| mask | self.clears(function, facts, of, test, held, depth + 1))
        };
        match function.op(test) {
            Op::Not(inner) => self.clears(function, facts, of, inner, !held, depth + 1),
            Op::And(list) if held => any_of(list, held),
            Op::Or(list) if !held => any_of(list, held),
            Op::Compare { op: CompareOp::In, left, right } => {
                all(held && same(left) && fact_of(facts, right).constant && !is_text(function, right))
            }
            Op::Compare { op: CompareOp::NotIn, left, right } => {
                all(!held && same(left) && fact_of(facts, right).constant && !is_text(function, right))
            }
            Op::Compare { op: CompareOp::Eq, left, right } => {
                all(held && equals_constant(function, facts, &same, left, right))
            }
            Op::Compare { op: CompareOp::NotEq, left, right } => {
                all(!held && equals_constant(function, facts, &same, left, right))
            }
            Op::Compare { op: CompareOp::Is, left, right } if !held && is_none(function, right) => {
                self.clears(function, facts, of, left, true, depth + 1)
            }
            Op::Compare { op: CompareOp::IsNot, left, right } if held && is_none(function, right) => {
                self.clears(function, facts, of, left, true, depth + 1)
            }
            Op::Call { callee, arguments } => {
                let arguments = function.call_arguments(arguments);
                let path = match fact_of(facts, callee).entity {
                    Entity::Path(path) => self.paths.text(path),
                    _ => "",
                };
                let method = match function.op(callee) {
                    Op::Attribute { of, name } => Some((of, self.module.symbols.text(name))),
                    _ => None,
                };
                let by_path = self.models.guards.get(path);
                let by_name = method.and_then(|(_, name)| self.models.method_guards.get(name));
                let mut mask = 0;
                for guard in by_path.into_iter().chain(by_name).flatten() {
                    let says = match guard.holds {
                        Holds::Yes => held,
                        Holds::No => !held,
                        Holds::Returns => true,
                    };
                    let about = self.arguments_at(function, callee, arguments, &guard.tested).into_iter().any(same);
                    let carries = guard.needs.is_empty() || fact_of(facts, of).labels.meets(guard.needs);
                    if says && about && carries {
                        mask |= guard.clears;
                    }
                }
                if !held {
                    return mask;
                }
                let passed = |at: usize| arguments.get(at).is_some_and(|argument| same(argument.value));
                mask | all(match path {
                    "isinstance" => {
                        passed(0)
                            && arguments.get(1).is_some_and(|kind| match fact_of(facts, kind.value).entity {
                                Entity::Path(path) => self.models.safe_types.contains(self.paths.text(path)),
                                _ => false,
                            })
                    }
                    "re.fullmatch" | "re.match" => {
                        passed(1)
                            && arguments.first().is_some_and(|pattern| {
                                self.narrow_pattern(function, pattern.value, path == "re.fullmatch")
                            })
                    }
                    _ => match method {
                        Some((
                            receiver,
                            "isdigit" | "isdecimal" | "isnumeric" | "isalnum" | "isalpha" | "isidentifier",
                        )) => same(receiver),
                        Some((receiver, name @ ("fullmatch" | "match"))) if passed(0) => match function.op(receiver) {
                            Op::Name(symbol) => self.compiled_pattern(symbol, name == "fullmatch"),
                            _ => false,
                        },
                        _ => false,
                    },
                })
            }
            _ => 0,
        }
    }

    /// Whether a pattern constant covers the whole text and lets no quote through.
    fn narrow_pattern(&self, function: &Function, pattern: Value, full: bool) -> bool {
        self.module.constant_str(function, pattern).is_some_and(|pattern| narrow(pattern, full))
    }

    fn compiled_pattern(&self, name: Symbol, full: bool) -> bool {
        let Some(body) = self.module.functions.first() else { return false };
        let Ok(at) = body.exit.binary_search_by_key(&name, |(symbol, _)| *symbol) else { return false };
        let Op::Call { arguments, .. } = body.op(body.exit[at].1) else { return false };
        body.call_arguments(arguments).first().is_some_and(|pattern| self.narrow_pattern(body, pattern.value, full))
    }
}

fn narrow(pattern: &str, full: bool) -> bool {
    let anchored = full || pattern.ends_with('$') && !pattern.ends_with("\\$") || pattern.ends_with("\\Z");
    anchored
        && !pattern.contains(".*")
        && !pattern.contains(".+")
        && !pattern.contains('\'')
        && !pattern.contains("[^")
        && !pattern.contains("\\S")
}

fn record(hits: &mut Vec<Hit>, reaches: &mut Vec<(usize, bool, Reach)>, hit: Hit) {
    if hit.labels.meets(Labels::KINDS) {
        hits.push(hit);
    }
    if hit.labels.meets(Labels::PARAMETERS) {
        for index in 0..16 {
            for (label, part) in [(Labels::parameter(index), false), (Labels::part(index), true)] {
                let one = (index, part, hit.reach);
                if hit.labels.meets(label) && reaches.len() < MAX_REACHES && !reaches.contains(&one) {
                    reaches.push(one);
                }
            }
        }
    }
}

fn fill(filled: &mut Vec<(Value, Value, Labels)>, target: Value, by: Value, labels: Labels) {
    if labels.is_empty() || filled.len() >= 64 {
        return;
    }
    match filled.iter_mut().find(|(known, source, _)| *known == target && *source == by) {
        Some((_, _, known)) => *known |= labels,
        None => filled.push((target, by, labels)),
    }
}

fn unshared(values: Vec<Rc<Vec<Fact>>>) -> Vec<Vec<Fact>> {
    values.into_iter().map(Rc::unwrap_or_clone).collect()
}

fn function_id(number: usize) -> FunctionId {
    FunctionId(u32::try_from(number).unwrap_or(u32::MAX))
}

fn fact_of(facts: &[Fact], value: Value) -> Fact {
    facts.get(value.0 as usize).copied().unwrap_or_default()
}

/// What a value contributes to text it becomes a part of.
fn text_fact(fact: Fact) -> Fact {
    Fact { entity: Entity::Unknown, ..fact }
}

/// What is known of a value that is one of several.
fn join(facts: impl Iterator<Item = Fact>) -> Option<Fact> {
    let mut joined: Option<Fact> = None;
    for fact in facts {
        joined = Some(match joined {
            None => fact,
            Some(known) => Fact {
                entity: if known.entity == Entity::Unknown { fact.entity } else { known.entity },
                clean: match (known.labels.is_empty(), fact.labels.is_empty()) {
                    (true, _) => fact.clean,
                    (_, true) => known.clean,
                    _ => known.clean & fact.clean,
                },
                labels: known.labels | fact.labels,
                constant: known.constant && fact.constant,
            },
        });
    }
    joined
}

/// The value behind what tests have been made about it.
pub(crate) fn strip(function: &Function, mut value: Value) -> Value {
    while let Op::Refine { of, .. } = function.op(value) {
        value = of;
    }
    value
}

/// The object a store or a mutating method changes.
fn root(function: &Function, mut value: Value) -> Value {
    loop {
        match function.op(value) {
            Op::Refine { of, .. } | Op::Subscript { of, .. } => value = of,
            _ => return value,
        }
    }
}

/// The value a test speaks about: `x.lower() in …` speaks about `x`.
fn tested(function: &Function, value: Value) -> Value {
    let mut value = strip(function, value);
    loop {
        let Op::Call { callee, arguments } = function.op(value) else { return value };
        if arguments.len != 0 {
            return value;
        }
        let Op::Attribute { of, .. } = function.op(strip(function, callee)) else { return value };
        value = strip(function, of);
    }
}

fn equals_constant(
    function: &Function,
    facts: &[Fact],
    same: &impl Fn(Value) -> bool,
    left: Value,
    right: Value,
) -> bool {
    let constant = |value: Value| fact_of(facts, value).constant && !is_none(function, value);
    (same(left) && constant(right)) || (same(right) && constant(left))
}

fn is_none(function: &Function, value: Value) -> bool {
    matches!(function.op(value), Op::Constant(Constant::None))
}

/// `x in "abc"` is a test for a part, not for one of several.
fn is_text(function: &Function, value: Value) -> bool {
    matches!(function.op(value), Op::Constant(Constant::Str(_) | Constant::Bytes(_)))
}

fn says_yes_or_no(name: &str) -> bool {
    matches!(
        name,
        "startswith"
            | "endswith"
            | "count"
            | "find"
            | "rfind"
            | "index"
            | "rindex"
            | "exists"
            | "bit_length"
            | "keys"
            | "__len__"
            | "close"
    ) || name.starts_with("is")
        || name.starts_with("has_")
}

/// Items of a constant of another module that are looked at.
const MAX_ITEMS: u32 = 10_000;

/// Whether a value of another module is made of constants only.
fn is_constant(function: &Function, value: Value, items: &mut u32) -> bool {
    let Some(left) = items.checked_sub(1) else { return false };
    *items = left;
    match function.op(value) {
        Op::Constant(_) => true,
        Op::Build { items: list, .. } => {
            function.list(list).iter().all(|&item| item == Value::NONE || is_constant(function, item, items))
        }
        Op::Binary { left, right, .. } => is_constant(function, left, items) && is_constant(function, right, items),
        Op::Call { arguments, .. } => {
            // `frozenset({…})`, `tuple([…])`
            match function.call_arguments(arguments) {
                [only] => is_constant(function, only.value, items),
                _ => false,
            }
        }
        _ => false,
    }
}

fn is_builtin(name: &str) -> bool {
    const BUILTINS: &[&str] = &[
        "abs",
        "all",
        "any",
        "ascii",
        "bin",
        "bool",
        "bytearray",
        "bytes",
        "callable",
        "chr",
        "classmethod",
        "compile",
        "complex",
        "delattr",
        "dict",
        "dir",
        "divmod",
        "enumerate",
        "eval",
        "exec",
        "filter",
        "float",
        "format",
        "frozenset",
        "getattr",
        "globals",
        "hasattr",
        "hash",
        "hex",
        "id",
        "input",
        "int",
        "isinstance",
        "issubclass",
        "iter",
        "len",
        "list",
        "locals",
        "map",
        "max",
        "memoryview",
        "min",
        "next",
        "object",
        "oct",
        "open",
        "ord",
        "pow",
        "print",
        "property",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "setattr",
        "slice",
        "sorted",
        "staticmethod",
        "str",
        "sum",
        "super",
        "tuple",
        "type",
        "vars",
        "zip",
    ];
    BUILTINS.binary_search(&name).is_ok() || name == "__import__"
}
