//! What a form has taken in, field by field: `form.cleaned_data["name"]` is what its field `name` lets through.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::super::history::Shared;
use super::Evaluator;
use crate::facts::fact::{Entity, Fact};
use crate::facts::lattice::{Key, KeyName};
use crate::names::ModuleId;
use crate::syntax::ClassId;

/// Classes that a form is made of; more are not looked at.
const MAX_CLASSES: usize = 16;

impl Evaluator<'_> {
    /// The data of an instance, where an attribute of it is what a library's form keeps its data under.
    pub(super) fn form_data(&mut self, form: (ModuleId, ClassId), data: Fact, shared: &Shared) -> Option<Fact> {
        let Entity::Path(path) = data.entity else { return None };
        let models = self.models;
        let part = models.forms.get(self.paths.text(path))?;
        let mut whole = data;
        for (home, name) in self.field_names_of(form) {
            let key = self.lattice.key(KeyName::Attribute(Arc::clone(&name)));
            let field = self.class_member(home.0, home.1, key, true, 0, shared);
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
