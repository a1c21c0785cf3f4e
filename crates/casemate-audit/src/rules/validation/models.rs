//! The models that routes take as their body.

use casemate_python::syntax::{Class, ClassId};

use crate::rules::Context;

/// Classes of the module that a route of the project takes as its body or form.
pub(super) fn of_requests<'a>(cx: &Context<'a>) -> Vec<(ClassId, &'a Class)> {
    let mut found = Vec::new();
    for (number, class) in cx.module.classes.iter().enumerate() {
        let Some(around) = cx.module.function(class.parent) else { continue };
        let is_model = class.bases.iter().any(|&base| {
            let written = cx.module.slice(around.span_of(base));
            written.ends_with("Model")
                || written.ends_with("Base")
                || written.ends_with("Schema")
                || written.ends_with("Struct")
        });
        if is_model && cx.is_body(&class.name) {
            found.push((ClassId(u32::try_from(number).unwrap_or(u32::MAX)), class));
        }
    }
    found
}
