//! Settings of a web application wherever they are written: names, classes, `app.config[…]`, keywords of `update`.

use casemate_python::syntax::{Function, FunctionId, FunctionKind, Op, Passing, Span, Value};
use casemate_secrets::Surroundings;

use crate::models::words;
use crate::rules::Context;
use crate::rules::values::{Written, called, written};

/// One setting where it is written.
pub(super) struct Configured<'a> {
    pub(super) function: FunctionId,
    pub(super) span: Span,
    pub(super) name: &'a str,
    pub(super) value: Written<'a>,
    /// The class whose field it is.
    pub(super) class: &'a str,
}

/// Every setting of the module whose name the question says yes to.
pub(super) fn settings<'a>(cx: &Context<'a>, is_wanted: impl Fn(&str) -> bool) -> Vec<Configured<'a>> {
    let module = cx.module;
    let mut found = Vec::new();
    for (id, function) in module.function_ids() {
        let mut add = |name: &'a str, value, class: &'a str| {
            if is_wanted(name)
                && let Some(known) = written(cx, id, value)
            {
                found.push(Configured { function: id, span: function.span_of(value), name, value: known, class });
            }
        };
        if matches!(function.kind, FunctionKind::Module | FunctionKind::ClassBody) {
            let class = function.class.and_then(|class| module.class(class)).map_or("", |class| class.name.as_str());
            for &(name, value) in &function.assigned {
                add(module.symbols.text(name), value, class);
            }
        }
        for (_, op) in function.values() {
            match op {
                Op::StoreItem { of, index, value } => {
                    let is_config = matches!(function.op(of), Op::Attribute { name, .. } | Op::Name(name) if matches!(module.symbols.text(name), "config" | "conf" | "settings"));
                    if let Some(name) = module.constant_str(function, index)
                        && is_config
                    {
                        add(name, value, "");
                    }
                }
                Op::Call { callee, arguments } => {
                    let is_update = matches!(called(module, function, callee), "update" | "from_mapping" | "configure");
                    for argument in function.call_arguments(arguments).iter().filter(|_| is_update) {
                        match argument.passing {
                            Passing::Keyword(name) => add(module.symbols.text(name), argument.value, ""),
                            Passing::Position => {
                                if let Op::Build { collection: casemate_python::syntax::Collection::Dict, items } =
                                    function.op(argument.value)
                                {
                                    for pair in function.list(items).chunks_exact(2) {
                                        if let [key, value] = *pair
                                            && let Some(name) = module.constant_str(function, key)
                                        {
                                            add(name, value, "");
                                        }
                                    }
                                }
                            }
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// Whether a setting is for tests or for the machine of a developer.
pub(super) fn is_for_development(cx: &Context<'_>, class: &str) -> bool {
    cx.around() != Surroundings::Product
        || crate::rules::django::settings::is_for_development(cx.scope.within(&cx.module.path))
        || words(class).iter().any(|word| {
            matches!(
                word.as_str(),
                "dev" | "develop" | "development" | "test" | "tests" | "testing" | "local" | "debug" | "ci" | "example"
            )
        })
}

/// Whether a call or assignment only happens where a test came out in its favour: `if app.debug: …`.
pub(super) fn is_conditional(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    let block = function.block_of(value);
    function
        .conditions
        .iter()
        .any(|&(of, test, _)| of == block && !cx.module.slice(function.span_of(test)).contains("__name__"))
}

/// Whether the module holds settings of Django.
pub(super) fn is_django_settings(cx: &Context<'_>) -> bool {
    let Some(body) = cx.module.functions.first() else { return false };
    ["INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF"]
        .iter()
        .any(|sign| crate::rules::values::held_by(cx.module, body, sign).is_some())
        || !cx.module.star_imports.is_empty() && cx.module.path.contains("settings")
}
