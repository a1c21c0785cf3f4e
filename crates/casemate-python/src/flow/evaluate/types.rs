//! What annotations promise.

use std::sync::Arc;

use super::super::history::Shared;
use super::guards::narrow;
use super::{Evaluator, fact_of};
use crate::facts::fact::{Entity, Fact};
use crate::facts::lattice::{Shape, ShapeId};
use crate::names::ModuleId;
use crate::syntax::{BinaryOp, ClassId, Constant, Function, Op, Passing, Value};

impl Evaluator<'_> {
    /// The instance an annotation promises, and whether such a value cannot carry text.
    pub(super) fn type_of(
        &mut self,
        function: &Function,
        facts: &[Fact],
        annotation: Value,
        depth: u32,
        shared: &Shared,
    ) -> (Entity, bool) {
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
                let inner = arguments_of_type(function, index);
                match name {
                    "Literal" => (Entity::Unknown, true),
                    "Annotated" => match inner.first() {
                        Some(&first) => {
                            let (entity, safe) = self.type_of(function, facts, first, depth + 1, shared);
                            if entity == Entity::Unknown {
                                for &more in &inner[1..] {
                                    let entity = self.injected(function, facts, more, shared).entity;
                                    if entity != Entity::Unknown {
                                        return (entity, safe);
                                    }
                                }
                            }
                            (entity, safe)
                        }
                        None => (Entity::Unknown, false),
                    },
                    "Optional" | "Union" => self.any_type(function, facts, &inner, depth, shared),
                    _ => {
                        let (_, safe) = self.any_type(function, facts, &inner, depth, shared);
                        (Entity::Unknown, safe)
                    }
                }
            }
            Op::Binary { op: BinaryOp::BitOr, left, right } => {
                self.any_type(function, facts, &[left, right], depth, shared)
            }
            // A type given a name at module level.
            Op::Name(symbol)
                if let Some(body) = self.module.functions.first()
                    && let Ok(at) = body.exit.binary_search_by_key(&symbol, |(name, _)| *name)
                    && matches!(body.op(body.exit[at].1), Op::Subscript { .. } | Op::Binary { .. }) =>
            {
                let facts = Arc::clone(&self.values[0]);
                self.type_of(body, &facts, body.exit[at].1, depth + 1, shared)
            }
            _ => match fact_of(facts, annotation).entity {
                Entity::Path(path) => {
                    let safe = self.info(path).safe_type;
                    (self.result_path(path), safe)
                }
                // Anything that has these methods is one.
                Entity::Class(module, class) if self.is_protocol(module, class) => (Entity::Unknown, false),
                Entity::Class(module, class) => {
                    (Entity::Instance(module, class), self.is_enumeration(module, class, 0))
                }
                _ => (Entity::Unknown, false),
            },
        }
    }

    /// What a container that an annotation promises holds: objects of a class of the project.
    pub(super) fn elements_of(
        &mut self,
        function: &Function,
        facts: &[Fact],
        annotation: Value,
        depth: u32,
        shared: &Shared,
    ) -> ShapeId {
        let inner = match function.op(annotation) {
            Op::Subscript { index, .. } => arguments_of_type(function, index),
            Op::Binary { op: BinaryOp::BitOr, left, right } => vec![left, right],
            _ => return ShapeId::default(),
        };
        let name = match function.op(annotation) {
            Op::Subscript { of, .. } => match fact_of(facts, of).entity {
                Entity::Path(path) => self.paths.text(path).rsplit('.').next().unwrap_or("").to_owned(),
                _ => String::new(),
            },
            _ => "Union".to_owned(),
        };
        if matches!(name.as_str(), "Optional" | "Union" | "Annotated") && depth < 4 {
            return inner
                .into_iter()
                .map(|one| self.elements_of(function, facts, one, depth + 1, shared))
                .find(|&shape| shape != ShapeId::default())
                .unwrap_or_default();
        }
        let held = match name.as_str() {
            "list" | "List" | "Sequence" | "Iterable" | "set" | "Set" | "conlist" | "tuple" | "Tuple" => inner.first(),
            "dict" | "Dict" | "Mapping" => inner.get(1),
            _ => None,
        };
        let Some(&held) = held else { return ShapeId::default() };
        match self.type_of(function, facts, held, depth + 1, shared).0 {
            entity @ Entity::Instance(..) => {
                let rest = Some(Fact { entity, ..Fact::default() });
                self.lattice.intern_shape(Shape { rest, ..Shape::default() })
            }
            _ => ShapeId::default(),
        }
    }

    /// Whether a field of a model holds texts to a pattern of plain characters: `Field(pattern="^[a-z]+$")`,
    /// `constr(pattern=…)`, either of them in `Annotated[str, …]`.
    pub(super) fn is_held_to_pattern(&self, body: &Function, annotation: Value, default: Option<Value>) -> bool {
        let marks: &[Value] = match body.op(annotation) {
            Op::Subscript { index, .. } => match body.op(index) {
                Op::Build { items, .. } => body.list(items).get(1..).unwrap_or_default(),
                _ => &[],
            },
            _ => &[],
        };
        marks.iter().copied().chain(default).chain([annotation]).any(|mark| {
            let Op::Call { arguments, .. } = body.op(mark) else { return false };
            body.call_arguments(arguments).iter().any(|one| {
                matches!(one.passing, Passing::Keyword(name) if matches!(self.module.symbols.text(name), "pattern" | "regex"))
                    && self.module.constant_str(body, one.value).is_some_and(|pattern| pattern.starts_with('^') && narrow(pattern, false))
            })
        })
    }

    fn any_type(
        &mut self,
        function: &Function,
        facts: &[Fact],
        choices: &[Value],
        depth: u32,
        shared: &Shared,
    ) -> (Entity, bool) {
        let mut entity = Entity::Unknown;
        let mut all_safe = true;
        let mut any = false;
        for &choice in choices {
            if matches!(function.op(choice), Op::Constant(Constant::None)) {
                continue;
            }
            let (one, safe) = self.type_of(function, facts, choice, depth + 1, shared);
            any = true;
            all_safe &= safe;
            if entity == Entity::Unknown {
                entity = one;
            }
        }
        (entity, any && all_safe)
    }

    fn is_protocol(&mut self, module: ModuleId, class: ClassId) -> bool {
        let Some(definition) = self.program.module(module).and_then(|home| home.class(class)) else { return false };
        definition.bases.iter().any(|&base| match self.base_entity(module, definition.parent, base) {
            Entity::Path(path) => matches!(
                self.paths.text(path),
                "typing.Protocol" | "typing.Protocol[]" | "typing_extensions.Protocol" | "typing_extensions.Protocol[]"
            ),
            _ => false,
        })
    }

    /// Whether a class lists its values, so that a call of it only finds one of them.
    pub(super) fn is_enumeration(&mut self, module: ModuleId, class: ClassId, depth: u32) -> bool {
        let Some(definition) = self.program.module(module).and_then(|home| home.class(class)) else { return false };
        depth < 4
            && self.step()
            && definition.bases.iter().any(|&base| match self.base_entity(module, definition.parent, base) {
                Entity::Path(path) => {
                    let path = self.paths.text(path);
                    path.starts_with("enum.") || path.starts_with("django.db.models.") && path.ends_with("Choices")
                }
                Entity::Class(module, class) => self.is_enumeration(module, class, depth + 1),
                _ => false,
            })
    }
}

/// What stands between the brackets of a type, `K` and `V` in `dict[K, V]`.
fn arguments_of_type(function: &Function, index: Value) -> Vec<Value> {
    match function.op(index) {
        Op::Build { items, .. } => function.list(items).to_vec(),
        _ => vec![index],
    }
}
