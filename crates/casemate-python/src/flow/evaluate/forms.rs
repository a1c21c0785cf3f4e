//! What a form has taken in, field by field: `form.cleaned_data["name"]` is what its field `name` lets through.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::history::Shared;
use super::Evaluator;
use crate::facts::Kinds;
use crate::facts::fact::{Entity, Fact};
use crate::facts::lattice::{Key, KeyName};
use crate::names::{ModuleId, PathId};
use crate::routes;
use crate::syntax::{Argument, ClassId, Constant, Function, FunctionId, Module, Op, Passing};

/// The methods of a class that check its fields, if there are any.
pub(super) type Validators = FxHashMap<String, Option<(ModuleId, FunctionId)>>;

/// Classes that a form is made of; more are not looked at.
const MAX_CLASSES: usize = 16;

/// Forms within forms.
const MAX_DEPTH: u32 = 3;

impl Evaluator<'_> {
    /// The data of an instance, where an attribute of it is what a library's form keeps its data under.
    pub(super) fn form_data(&mut self, form: (ModuleId, ClassId), data: Fact, shared: &Shared) -> Option<Fact> {
        self.form_within(form, data, 0, shared)
    }

    fn form_within(&mut self, form: (ModuleId, ClassId), data: Fact, depth: u32, shared: &Shared) -> Option<Fact> {
        let Entity::Path(path) = data.entity else { return None };
        let models = self.models;
        let part = models.forms.get(self.paths.text(path))?;
        let mut whole = data;
        for (home, name) in self.field_names_of(form) {
            let key = self.lattice.key(KeyName::Attribute(Arc::clone(&name)));
            let clean = self.validated(form, &name, shared);
            if clean != 0 {
                let taint = self.lattice.cleaned(data.taint, clean);
                let checked = self.lattice.fact_with(Fact::default(), taint);
                let item: Key = self.lattice.key(KeyName::Item(name));
                whole = self.lattice.with(whole, &[item], self.models.through_objects, checked);
                continue;
            }
            let field = self.class_member(home.0, home.1, key, true, 0, shared);
            // A form within a form.
            if let (Entity::Instance(module, class), true) = (field.entity, depth < MAX_DEPTH) {
                let Some(inner) = self.form_within((module, class), data, depth + 1, shared) else { continue };
                let inner = if self.is_many(home, &name) { self.many(inner) } else { inner };
                let item: Key = self.lattice.key(KeyName::Item(name));
                whole = self.lattice.with(whole, &[item], self.models.through_objects, inner);
                continue;
            }
            let Entity::Path(field) = field.entity else { continue };
            let text = format!("{}.{part}", self.paths.text(field));
            let taken = self.paths.intern(&text);
            let entity = self.known_path(taken);
            let taken = self.sourced(Fact { entity, ..Fact::default() });
            let item: Key = self.lattice.key(KeyName::Item(name));
            whole = self.lattice.with(whole, &[item], self.models.through_objects, taken);
        }
        Some(whole)
    }

    /// Whether a field of a form holds any number of others: `lines = Line(many=True)`.
    fn is_many(&self, form: (ModuleId, ClassId), field: &str) -> bool {
        self.is_field_made(form, field, |home, body, argument| {
            matches!(argument.passing, Passing::Keyword(name) if home.symbols.text(name) == "many")
                && matches!(body.op(body.bare(argument.value)), Op::Constant(Constant::Bool(true)))
        })
    }

    /// What a schema makes of what it is given, field by field: `schema.load(data)["name"]` is what its field `name` lets
    /// through of `data["name"]`.
    pub(super) fn loaded_by_schema(
        &mut self,
        schema: Fact,
        load: Option<PathId>,
        given: Fact,
        shared: &Shared,
    ) -> Option<Fact> {
        let Entity::Instance(module, class) = schema.entity else { return None };
        let models = self.models;
        let part = models.forms.get(self.paths.text(load?))?;
        let through = models.through_objects;
        let mut whole = self.lattice.fact_with(Fact::default(), given.taint);
        for (home, name) in self.field_names_of((module, class)) {
            let key = self.lattice.key(KeyName::Attribute(Arc::clone(&name)));
            let Entity::Path(field) = self.class_member(home.0, home.1, key, true, 0, shared).entity else { continue };
            let loaded = self.paths.intern(&format!("{}.{part}", self.paths.text(field)));
            let is_plain = self.info(loaded).safe_type || self.has_choices(home, &name);
            let item: Key = self.lattice.key(KeyName::Item(name));
            let held = if is_plain { Fact::default() } else { self.lattice.read(given, item, through) };
            whole = self.lattice.with(whole, &[item], through, Fact { input: None, ..held });
        }
        Some(whole)
    }

    /// Whether a field is one of a few: `fields.Str(validate=OneOf(["a", "b"]))`.
    fn has_choices(&self, form: (ModuleId, ClassId), field: &str) -> bool {
        self.is_field_made(form, field, |home, body, argument| {
            let Op::Call { callee, .. } = body.op(body.bare(argument.value)) else { return false };
            let written = home.slice(body.span_of(callee));
            matches!(argument.passing, Passing::Keyword(name) if home.symbols.text(name) == "validate")
                && written.rsplit('.').next() == Some("OneOf")
        })
    }

    /// Whether a field is made with such an argument.
    fn is_field_made(
        &self,
        (module, class): (ModuleId, ClassId),
        field: &str,
        is_such: impl Fn(&Module, &Function, &Argument) -> bool,
    ) -> bool {
        let Some(home) = self.program.module(module) else { return false };
        let Some(body) = home.class(class).and_then(|class| home.function(class.body)) else { return false };
        let Some(&(_, value)) = body.exit.iter().find(|(symbol, _)| home.symbols.text(*symbol) == field) else {
            return false;
        };
        let Op::Call { arguments, .. } = body.op(body.bare(value)) else { return false };
        body.call_arguments(arguments).iter().any(|argument| is_such(home, body, argument))
    }

    /// The manager that a set of rows is made into: `objects = Books.as_manager()`, `Manager.from_queryset(Books)`.
    pub(super) fn manager_of_rows(&mut self, object: Fact, first: Option<Fact>) -> Option<Fact> {
        let (class, entity) = match (object.entity, first.map(|first| first.entity)) {
            (Entity::Class(module, class), None) => ((module, class), Entity::Instance(module, class)),
            (Entity::Path(_), Some(Entity::Class(module, class))) => ((module, class), Entity::Class(module, class)),
            _ => return None,
        };
        self.is_of_rows(class).then(|| Fact { entity, ..Fact::default() })
    }

    /// What a manager or a set of rows of the project gives when it is asked for some of its rows: more of its kind.
    pub(super) fn rows_of(&mut self, object: Fact, shared: &Shared) -> Option<Entity> {
        let Entity::Instance(module, class) = object.entity else { return None };
        if !self.is_of_rows((module, class)) {
            return None;
        }
        let asked = self.lattice.key(KeyName::Attribute(Arc::from("get_queryset")));
        let made = match self.class_member(module, class, asked, true, 0, shared).entity {
            Entity::Method(home, method) => self.asked_method(object, (home, method), &[], shared),
            _ => None,
        };
        match made.map(|made| made.entity) {
            Some(entity @ Entity::Instance(..)) => Some(entity),
            _ => Some(object.entity),
        }
    }

    fn is_of_rows(&self, (module, class): (ModuleId, ClassId)) -> bool {
        routes::library_bases(self.program, module, class)
            .iter()
            .any(|base| base.starts_with("django.db.models") && (base.contains("QuerySet") || base.contains("Manager")))
    }

    /// For which sinks a field is harmless because of what its class has to check it: `clean_name`, `validate_name`, a
    /// method below `@field_validator("name")`.
    pub(super) fn validated(&mut self, (module, class): (ModuleId, ClassId), field: &str, shared: &Shared) -> Kinds {
        let known = self.validators.get(&(module, class)).and_then(|fields| fields.get(field)).copied();
        let found = known.unwrap_or_else(|| {
            let found = self.validator(module, class, field);
            self.validators.entry((module, class)).or_default().insert(field.to_owned(), found);
            found
        });
        let Some((home, method)) = found else { return 0 };
        let Some(local) = self.local(home, method, shared) else { return 0 };
        let atoms = self.lattice.atoms_within(local.returns);
        if atoms.is_empty() { 0 } else { atoms.iter().fold(Kinds::MAX, |clean, atom| clean & atom.clean) }
    }

    /// The method of a class, or of one that it is made from, that checks a field.
    fn validator(&self, module: ModuleId, class: ClassId, field: &str) -> Option<(ModuleId, FunctionId)> {
        routes::project_classes(self.program, module, class).into_iter().find_map(|(home, class)| {
            let source = self.program.module(home)?;
            let &(_, method) = source.class(class)?.methods.iter().find(|&&(symbol, method)| {
                let name = source.symbols.text(symbol);
                let is_by_name = ["clean_", "validate_"].iter().any(|start| name.strip_prefix(start) == Some(field));
                is_by_name || says_field(source, method, field)
            })?;
            Some((home, method))
        })
    }

    /// What the methods of a serializer that a library calls are given, field by field: `create(self, validated_data)`.
    pub(super) fn given_to_form(&mut self, function: &Function, index: usize, given: Fact, shared: &Shared) -> Fact {
        let is_data = matches!((function.name.as_str(), index), ("create" | "validate", 1) | ("update", 2));
        let Some(class) = function.class.filter(|_| is_data && given.entity == Entity::Unknown) else { return given };
        let key = self.lattice.key(KeyName::Attribute(Arc::from("validated_data")));
        let entity = self.class_member(self.id, class, key, true, 0, shared).entity;
        match self.form_data((self.id, class), Fact { entity, ..given }, shared) {
            Some(data) => Fact { entity: Entity::Unknown, ..data },
            None => given,
        }
    }

    /// What a class that serves a route is handed by those it is made from: the form that it names, the serializer.
    pub(super) fn given_by_view(&mut self, function: &Function, index: usize, shared: &Shared) -> Entity {
        let Some(class) = function.class.filter(|_| index == 1) else { return Entity::Unknown };
        let named = match function.name.as_str() {
            "form_valid" | "form_invalid" => "form_class",
            "perform_create" | "perform_update" => "serializer_class",
            _ => return Entity::Unknown,
        };
        let key = self.lattice.key(KeyName::Attribute(Arc::from(named)));
        match self.class_member(self.id, class, key, false, 0, shared).entity {
            Entity::Class(module, class) => Entity::Instance(module, class),
            _ => Entity::Unknown,
        }
    }

    /// What a class and those of the project it is made from name in their bodies, with the class that does.
    fn field_names_of(&mut self, form: (ModuleId, ClassId)) -> Vec<((ModuleId, ClassId), Arc<str>)> {
        let program = self.program;
        let mut seen: FxHashSet<Arc<str>> = FxHashSet::default();
        let mut found = Vec::new();
        let mut classes = vec![form];
        let mut at = 0;
        while let Some(&(module, class)) = classes.get(at) {
            at += 1;
            let Some((home, definition)) = program.module(module).and_then(|home| Some((home, home.class(class)?)))
            else {
                continue;
            };
            for &(symbol, _) in home.function(definition.body).map_or(&[][..], |body| &body.exit) {
                let name: Arc<str> = Arc::from(home.symbols.text(symbol));
                if seen.insert(Arc::clone(&name)) {
                    found.push(((module, class), name));
                }
            }
            for &base in &definition.bases {
                if let Entity::Class(module, class) = self.base_entity(module, definition.parent, base)
                    && classes.len() < MAX_CLASSES
                    && !classes.contains(&(module, class))
                {
                    classes.push((module, class));
                }
            }
        }
        found
    }
}

/// Whether a method is said to check a field: `@field_validator("name")`, `@validator("name")`.
fn says_field(source: &Module, method: FunctionId, field: &str) -> bool {
    let Some(function) = source.function(method) else { return false };
    let Some(around) = function.parent.and_then(|parent| source.function(parent)) else { return false };
    function.decorators.iter().any(|&decorator| {
        let Op::Call { callee, arguments } = around.op(decorator) else { return false };
        let written = source.slice(around.span_of(callee));
        matches!(written.rsplit('.').next(), Some("field_validator" | "validator" | "validates"))
            && around.call_arguments(arguments).iter().any(|one| source.constant_str(around, one.value) == Some(field))
    })
}
