//! Which templates a view renders, and what it gives them.

use casemate_python::syntax::{Op, Passing};

use super::templates::{Output, Template};
use crate::rules::Context;
use crate::rules::network::calls::{At, Call, call_at, calls, entries, entry, items, settled, text};

/// A call that renders templates.
pub(crate) struct Rendered<'c> {
    pub(crate) call: Call<'c>,
    /// Names of the templates.
    pub(crate) names: Vec<&'c str>,
    context: Vec<(&'c str, At)>,
    /// Dictionaries that are given as a whole.
    given: Vec<At>,
}

/// Every call of the module that renders a template by name.
pub(crate) fn rendered<'c>(cx: &Context<'c>) -> Vec<Rendered<'c>> {
    let mut found = Vec::new();
    for call in calls(cx) {
        if !matches!(
            call.name,
            "render_template"
                | "render"
                | "render_to_string"
                | "TemplateResponse"
                | "render_to_response"
                | "render_async"
                | "template"
                | "render_string"
        ) {
            continue;
        }
        let mut names = Vec::new();
        let mut context = Vec::new();
        let mut given = Vec::new();
        for argument in call.arguments {
            let at = call.at(argument.value);
            match argument.passing {
                Passing::Position => {
                    if let Some(name) = text(cx, at) {
                        names.push(name);
                    } else if matches!(call.function.op(settled(cx, at).value), Op::Build { .. })
                        && !is_dictionary(cx, at)
                    {
                        names.extend(items(cx, at).into_iter().filter_map(|at| text(cx, at)));
                    } else {
                        given.push(at);
                    }
                }
                Passing::Keyword(name) => match cx.module.symbols.text(name) {
                    "name" | "template_name" | "template" if text(cx, at).is_some_and(is_name) => {
                        names.extend(text(cx, at))
                    }
                    "context" => given.push(at),
                    name => context.push((name, at)),
                },
                Passing::DoubleStar => given.push(at),
                Passing::Star => {}
            }
        }
        // `env.get_template("page.html").render(…)`
        if let Some(made) = call.receiver().and_then(|of| call_at(cx, call.id, settled(cx, call.at(of)).value))
            && matches!(made.name, "get_template" | "select_template" | "get_or_select_template")
        {
            names.extend(made.position(0).and_then(|at| text(cx, at)));
        }
        names.retain(|name| is_name(name));
        if !names.is_empty() {
            found.push(Rendered { call, names, context, given });
        }
    }
    found
}

fn is_name(name: &str) -> bool {
    name.len() < 200
        && [".html", ".htm", ".jinja", ".jinja2", ".j2", ".djhtml", ".xhtml"].iter().any(|end| name.ends_with(end))
}

fn is_dictionary(cx: &Context<'_>, at: At) -> bool {
    let at = settled(cx, at);
    matches!(
        cx.function(at.module, at.function).map(|(_, function)| function.op(at.value)),
        Some(Op::Build { collection: casemate_python::syntax::Collection::Dict, .. })
    )
}

/// Templates that include each other are followed this far.
const MAX_DEPTH: usize = 5;

impl<'c> Rendered<'c> {
    /// What the view gives the template under a name.
    pub(crate) fn value(&self, cx: &Context<'c>, name: &str) -> Option<At> {
        if let Some((_, at)) = self.context.iter().find(|(known, _)| *known == name) {
            return Some(*at);
        }
        for &given in &self.given {
            let at = settled(cx, given);
            if let Some(found) = entry(cx, at, name)
                .or_else(|| entries(cx, at).into_iter().find(|(key, _)| *key == name).map(|(_, at)| at))
            {
                return Some(found);
            }
            // `context["bio"] = …`
            let stored = self.call.function.values().find_map(|(_, op)| match op {
                Op::StoreItem { of, index, value }
                    if settled(cx, self.call.at(of)) == at
                        && cx.module.constant_str(self.call.function, index) == Some(name) =>
                {
                    Some(self.call.at(value))
                }
                _ => None,
            });
            if stored.is_some() {
                return stored;
            }
        }
        None
    }

    /// Everything that its templates put out, those they include included.
    pub(crate) fn outputs<'t>(&self, templates: &'t [Template]) -> Vec<(&'t Template, &'t Output)> {
        let mut known: Vec<&'t Template> = Vec::new();
        let mut names: Vec<String> = self.names.iter().map(|&name| name.to_owned()).collect();
        for _ in 0..MAX_DEPTH {
            let mut next = Vec::new();
            for template in templates {
                if names.iter().any(|name| template.is_named(name))
                    && !known.iter().any(|one| one.path == template.path)
                {
                    known.push(template);
                    next.extend(template.includes.iter().cloned());
                }
            }
            if next.is_empty() {
                break;
            }
            names = next;
        }
        known.into_iter().flat_map(|template| template.outputs.iter().map(move |output| (template, output))).collect()
    }
}
