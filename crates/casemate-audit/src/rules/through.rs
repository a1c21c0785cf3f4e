//! What data goes through that gives something of its own: a row that was looked up by it, what a program puts into its
//! requests, a call that nobody can follow. What comes out is seldom what was put in.

use casemate_python::facts::{Entity, Hit, Labels, ModuleFacts};
use casemate_python::flow::Tracer;
use casemate_python::names::ModuleId;
use casemate_python::syntax::{Function, FunctionId, Module, Op, Value};

use super::Context;
use super::evidence::{is_described, is_of_request, is_reading};
use super::values::called;
use crate::models::label;

/// Whether the data becomes something else on its way, as far as can be told.
pub(super) fn is_other(cx: &Context<'_>, hit: &Hit, labels: Labels) -> bool {
    // Which fields are asked for decides what a query does.
    let is_query = ["orm-keys", "sql", "sqlalchemy-text", "nosql", "query-dsl"]
        .iter()
        .any(|name| cx.knowledge.kind(name) == Some(hit.reach.kind));
    let (way, _) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, labels);
    let mut before: Option<(ModuleId, FunctionId, Value)> = None;
    way.into_iter().any(|at @ (home, id, value)| {
        let last = before.replace(at).filter(|last| (last.0, last.1) == (home, id)).map(|last| last.2);
        let (Some(facts), Some((module, function))) = (cx.all_facts.get(home), cx.function(home, id)) else {
            return false;
        };
        let step = Step { facts, module, function, id };
        match function.op(value) {
            Op::Attribute { of, name } => step.is_put_into_request(cx, value, of, module.symbols.text(name)),
            Op::Call { callee, .. } => {
                let is_given = last.is_some_and(|last| step.is_argument(value, last));
                is_given
                    && (!is_query && step.looks_up(callee)
                        || labels.meets(label::UNTRUSTED) && step.is_unknown(value, callee))
            }
            _ => false,
        }
    })
}

/// A function on the way.
struct Step<'c> {
    facts: &'c ModuleFacts,
    module: &'c Module,
    function: &'c Function,
    id: FunctionId,
}

impl Step<'_> {
    /// Whether a value is handed to a call, and is not what the call is asked of.
    fn is_argument(&self, call: Value, given: Value) -> bool {
        let Op::Call { callee, arguments } = self.function.op(call) else { return false };
        let bare = self.function.bare(given);
        let is_asked = match self.function.op(self.function.bare(callee)) {
            Op::Attribute { of, .. } => self.function.bare(of) == bare,
            _ => false,
        };
        !is_asked && self.function.call_arguments(arguments).iter().any(|one| self.function.bare(one.value) == bare)
    }

    /// Whether a call finds a stored object: what it was found by does not fill its other fields.
    fn looks_up(&self, callee: Value) -> bool {
        let written = Context::written(self.module, self.function, callee);
        let last = called(self.module, self.function, callee);
        if matches!(last, "get_object_or_404" | "get_list_or_404" | "aget_object_or_404" | "get_object_or_none") {
            return true;
        }
        let is_lookup = matches!(
            last,
            "get" | "aget" | "first" | "last" | "filter" | "exclude" | "get_or_create" | "filter_by" | "get_by_natural_key" | "in_bulk"
        );
        is_lookup && (written.contains(".objects.") || written.contains("_set.") || written.contains(".query."))
    }

    /// Whether nobody knows what a call does with what it is given: a method of an object of which nothing is known.
    fn is_unknown(&self, call: Value, callee: Value) -> bool {
        let bare = self.function.bare(callee);
        self.facts.fact(self.id, callee).entity == Entity::Unknown
            && self.facts.path(self.id, call).is_none()
            && matches!(self.function.op(bare), Op::Attribute { .. } | Op::Call { .. } | Op::Subscript { .. })
            && !keeps(called(self.module, self.function, callee))
    }

    /// Whether an attribute of a request is one that the program put there: `request.event`, which was looked up.
    fn is_put_into_request(&self, cx: &Context<'_>, value: Value, of: Value, name: &str) -> bool {
        let is_request = self.facts.path(self.id, of).is_some_and(|path| path.to_ascii_lowercase().contains("request"));
        is_request
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && !["get", "read", "iter", "to_", "build_", "is_"].iter().any(|begin| name.starts_with(begin))
            && !is_of_request("request", name)
            && !is_described(cx, self.facts.path(self.id, value))
            && self.facts.fact(self.id, value).entity == Entity::Unknown
    }
}

/// Whether a method of whatever object gives what it is given, or another form of it, by its name.
fn keeps(name: &str) -> bool {
    is_reading(name) && name != "get"
        || ["to_", "as_", "force_", "smart_", "ensure_", "add", "append", "with_"]
            .iter()
            .any(|begin| name.starts_with(begin))
        || matches!(
            name,
            "_"
                | "str"
                | "text"
                | "bytes"
                | "path"
                | "cast"
                | "convert"
                | "gettext"
                | "ugettext"
                | "translate"
                | "quote"
                | "quote_plus"
                | "unquote"
                | "unquote_plus"
                | "deserialize"
                | "serialize"
                | "dumps"
                | "sub"
                | "urljoin"
                | "url"
                | "fetch"
                | "send"
                | "request"
                | "post"
                | "put"
                | "query"
                | "template"
                | "from_string"
                | "markdown"
        )
}
