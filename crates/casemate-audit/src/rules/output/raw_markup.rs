//! HTML that is declared to be safe and shows by itself what is in it as it is: the field of a record, what a template hands
//! to a helper of its own, JSON.

use casemate_python::facts::Hit;
use casemate_python::syntax::{BinaryOp, Constant, Function, List, Op, Piece, Span, Value};

use super::markup_unescaped::{RULE, TAINT};
use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rules::constant::{At, fact, origins, path, text};
use crate::rules::pattern::{Found, Site};
use crate::rules::{Context, caller};

/// What people write into the fields of a record.
pub(super) const WRITTEN: &[&str] = &[
    "title",
    "label",
    "name",
    "full_name",
    "fullname",
    "first_name",
    "last_name",
    "username",
    "display_name",
    "nickname",
    "email",
    "caption",
    "comment",
    "comments",
    "description",
    "summary",
    "subject",
    "text",
    "body",
    "content",
    "note",
    "notes",
    "address",
    "Title",
    "Description",
];

/// Fields that objects of the program have just as well: a column's `name`, a button's `label`.
const PLAIN: &[&str] = &["label", "name", "text", "body", "content", "description", "title"];

/// What calls that declare something safe are given: fields of records, what templates hand to helpers, and JSON.
pub(super) fn shown(cx: &Context<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let Some(kind) = cx.knowledge.kind("markup") else { return found };
    if !caller::is_product(&cx.module.path, cx) {
        return found;
    }
    for site in cx.sites() {
        let model = cx.knowledge.models.calls.get(site.path);
        let is_marking = model.is_some_and(|model| model.sinks.iter().any(|sink| sink.kind == kind))
            && !["Template", "markdown", "nicegui", "streamlit"].iter().any(|other| site.path.contains(other));
        let Some(given) = site.position(0).filter(|_| is_marking) else { continue };
        let is_filled = site.path.ends_with("format_html") && site.arguments.len() > 1;
        if is_filled || is_told(cx, site, kind) {
            continue;
        }
        let one = json(cx, site, given).or_else(|| field(site, given)).or_else(|| handed(site, given));
        found.extend(one.map(|(from, one)| {
            let path = vec![
                cx.step(given.home, from, "is shown as it is".to_owned()),
                cx.step(site.at.home, site.at.span(), TAINT.arrives.to_owned()),
            ];
            let one = one.severity(Severity::Medium).confidence(Confidence::Medium).missing(TAINT.missing);
            Found { path, ..one }
        }));
    }
    found
}

/// A page of HTML with a traceback in it as it is: that quotes what was asked for.
pub(super) fn traces(cx: &Context<'_>) -> Vec<Found> {
    let (mut found, mut told) = (Vec::new(), Vec::new());
    if cx.module.symbols.find("format_exc").is_none() || !cx.module.text.contains("</") {
        return found;
    }
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let is_text = match op {
                Op::Binary { op, .. } => matches!(op, BinaryOp::Add | BinaryOp::Mod),
                Op::Format(_) => true,
                Op::Call { callee, .. } => {
                    matches!(function.op(callee), Op::Attribute { name, .. } if cx.module.symbols.text(name) == "format")
                }
                _ => false,
            };
            let Some(at) = cx.at(id, value).filter(|_| is_text) else { continue };
            let built = Built::of(at);
            let trace = built.holes.iter().copied().find(|&hole| match function.op(hole) {
                Op::Call { callee, .. } => cx.facts.path(id, callee) == Some("traceback.format_exc"),
                _ => false,
            });
            let Some(trace) = trace.filter(|&trace| built.has_mark && !told.contains(&(id, trace))) else { continue };
            told.push((id, trace));
            let message =
                "a page of HTML has a traceback in it as it is, and that quotes what was asked for".to_owned();
            let remedy =
                "Escape what becomes part of HTML (`html.escape(trace)`), and show traces to developers alone.";
            let path = vec![
                cx.step(cx.facts.module, function.span_of(trace), "is a traceback".to_owned()),
                cx.step(cx.facts.module, function.span_of(value), "becomes part of HTML as it is".to_owned()),
            ];
            let one = Found::new(at, message, remedy).severity(Severity::Medium).confidence(Confidence::Medium);
            found.push(Found { path, ..one.missing(TAINT.missing) });
        }
    }
    found
}

/// Whether a call is told because of what is shown to arrive there.
fn is_told(cx: &Context<'_>, site: &Site<'_>, kind: u8) -> bool {
    cx.facts.hits.iter().any(|hit| {
        let reach = hit.reach;
        reach.kind == kind
            && (reach.module, reach.function, reach.call) == (site.at.home, site.at.id, site.at.value)
            && (hit.labels.meets(label::UNTRUSTED) || caller::counts(cx, &RULE, hit))
    })
}

/// `mark_safe(json.dumps(value))`: texts in JSON hold `<` as it is, also where it stands between marks.
fn json(cx: &Context<'_>, site: &Site<'_>, given: At<'_>) -> Option<(Span, Found)> {
    let is_dump = |made: &At<'_>| {
        let Op::Call { callee, .. } = made.op() else { return false };
        matches!(
            path(cx, made.with(callee)),
            Some("json.dumps" | "simplejson.dumps" | "django.core.serializers.serialize")
        )
    };
    let whole = origins(cx, given).into_iter().find(is_dump);
    let is_whole = whole.is_some();
    let made = whole.or_else(|| {
        let built = Built::of(given);
        let holes = built.holes.into_iter().filter(|_| built.has_mark);
        holes.flat_map(|hole| origins(cx, given.with(hole))).find(is_dump)
    })?;
    let Op::Call { arguments, .. } = made.op() else { return None };
    // `serialize("json", records)`
    let is_records = made.argument(arguments, 0, "format").is_some_and(|format| text(cx, format).is_some());
    let dumped = made.function.call_arguments(arguments).get(usize::from(is_records))?;
    // A number or a switch, and what the code says itself, holds no mark; encoders may write marks otherwise.
    let is_escaping = made.argument(arguments, 9, "cls").is_some_and(|encoder| {
        let name = encoder.written().to_ascii_lowercase();
        ["safe", "html", "escap", "script"].iter().any(|word| name.contains(word))
    });
    let is_own = is_escaping || fact(cx, made.with(dumped.value)).constant || has_no_marks(made.function, dumped.value);
    let message = match is_whole {
        true => format!(
            "`{}` declares JSON to be safe HTML: a text in it that holds `</script>` ends the script it stands in",
            site.called()
        ),
        false => {
            format!("`{}` declares HTML to be safe that has JSON in it, whose texts hold `<` as it is", site.called())
        }
    };
    let remedy = "Let the template write it: `{{ value|json_script:\"id\" }}` (Django), `{{ value|tojson }}` (Jinja); or write `<`, `>` and `&` of the JSON as `\\u003C`, `\\u003E`, `\\u0026`.";
    (!is_own).then(|| (made.span(), site.found(message, remedy)))
}

/// Whether a value is a number or a switch by how it is made.
fn has_no_marks(function: &Function, value: Value) -> bool {
    matches!(function.op(function.plain(value)), Op::Compare { .. } | Op::Not(_) | Op::Constant(_))
}

/// `mark_safe("<b>%s</b>" % page.title)`: who fills in the field writes the page.
fn field(site: &Site<'_>, given: At<'_>) -> Option<(Span, Found)> {
    let built = Built::of(given);
    let hole = built.holes.into_iter().find(|&hole| built.has_mark && is_field(given, hole))?;
    let written = Context::written(given.module, given.function, hole);
    let message = format!(
        "`{}` declares HTML to be safe that has `{written}` in it as it is; whoever fills in that field writes the page",
        site.called()
    );
    Some((given.function.span_of(hole), site.found(message, TAINT.remedy)))
}

/// What a helper of templates is given by them, put into HTML as it is.
fn handed(site: &Site<'_>, given: At<'_>) -> Option<(Span, Found)> {
    if !is_helper(given) {
        return None;
    }
    let built = Built::of(given);
    let hole = built.holes.into_iter().find(|&hole| {
        let is_changed = matches!(given.function.op(given.function.plain(hole)), Op::Call { .. });
        (built.has_mark || is_changed) && is_handed(given, hole, 0)
    })?;
    let written = Context::written(given.module, given.function, hole);
    let message = format!(
        "`{}` declares HTML to be safe that has `{written}` in it as it is, which is whatever a template shows with this helper",
        site.called()
    );
    Some((given.function.span_of(hole), site.found(message, TAINT.remedy)))
}

/// Whether what a caller gave stands in the HTML of a call as it is; where that is put together elsewhere, it may.
pub(crate) fn shows(cx: &Context<'_>, hit: &Hit) -> bool {
    let is_here = (hit.reach.module, hit.reach.function) == (cx.facts.module, hit.function);
    let Some(given) = cx.at(hit.function, hit.reach.argument).filter(|_| is_here) else { return true };
    let built = Built::of(given);
    built.has_mark && built.holes.iter().any(|&hole| is_handed(given, hole, 0))
}

/// A text that is put together: whether it has marks of HTML, and what is filled in, as it is.
#[derive(Default)]
struct Built {
    has_mark: bool,
    holes: Vec<Value>,
}

/// Parts of one text that are looked at.
const MAX_PARTS: usize = 128;

impl Built {
    fn of(given: At<'_>) -> Self {
        let mut built = Self::default();
        built.collect(given, given.value, 0);
        built
    }

    fn collect(&mut self, given: At<'_>, value: Value, depth: u32) {
        if depth > MAX_DEPTH || self.holes.len() >= MAX_PARTS {
            return;
        }
        let function = given.function;
        let depth = depth + 1;
        match function.op(value) {
            Op::Constant(Constant::Str(text)) => self.literal(given.module.string(text)),
            Op::Constant(_) => {}
            Op::Format(list) => {
                for piece in function.format_pieces(list) {
                    match piece {
                        Piece::Literal(text) => self.literal(given.module.string(*text)),
                        Piece::Hole(hole) => self.collect(given, *hole, depth),
                    }
                }
            }
            Op::Binary { op: BinaryOp::Add | BinaryOp::Mod, left, right } => {
                self.collect(given, left, depth);
                self.collect(given, right, depth);
            }
            Op::Build { items, .. } => {
                for &item in function.list(items).iter().filter(|item| **item != Value::NONE) {
                    self.collect(given, item, depth);
                }
            }
            Op::Refine { of, .. } => self.collect(given, of, depth),
            Op::Phi(list) | Op::Or(list) => {
                for &choice in function.list(list).iter().filter(|choice| choice.0 < value.0) {
                    self.collect(given, choice, depth);
                }
            }
            Op::Choice { yes, no, .. } => {
                self.collect(given, yes, depth);
                self.collect(given, no, depth);
            }
            Op::Call { callee, arguments } => match function.op(callee) {
                Op::Attribute { of, name } if given.name(name) == "format" => {
                    self.collect(given, of, depth);
                    for argument in function.call_arguments(arguments) {
                        self.collect(given, argument.value, depth);
                    }
                }
                Op::Attribute { of, name } if given.name(name) == "replace" && !is_of_marks(given, arguments) => {
                    self.holes.push(value);
                    self.collect(given, of, depth);
                    for argument in function.call_arguments(arguments) {
                        self.collect(given, argument.value, depth);
                    }
                }
                _ => self.holes.push(value),
            },
            _ => self.holes.push(value),
        }
    }

    fn literal(&mut self, text: &str) {
        self.has_mark |= text.char_indices().any(|(at, c)| {
            let next = text.get(at + 1..).and_then(|rest| rest.chars().next());
            c == '<' && next.is_some_and(|c| c.is_alphabetic() || c == '/')
        });
    }
}

/// Whether a value is a field of a record that people fill in.
fn is_field(given: At<'_>, hole: Value) -> bool {
    let (of, name) = match given.function.op(given.function.plain(hole)) {
        Op::Attribute { of, name } => (of, given.name(name)),
        // `user.get_full_name()`
        Op::Call { callee, .. } => match given.function.op(callee) {
            Op::Attribute { of, name }
                if matches!(given.name(name), "get_full_name" | "get_short_name" | "get_username") =>
            {
                (of, "username")
            }
            _ => return false,
        },
        _ => return false,
    };
    let base = given.module.slice(given.function.span_of(of));
    // What was typed into a form, shown by a widget of its own.
    if name == "data" && base == "field" {
        return true;
    }
    // Settings, classes, and what a form, a table or a page of the program is made of.
    let is_own = words(base).last().is_none_or(|last| {
        matches!(
            last.as_str(),
            "field"
                | "boundfield"
                | "widget"
                | "form"
                | "column"
                | "option"
                | "choice"
                | "settings"
                | "config"
                | "conf"
                | "meta"
                | "opts"
                | "cls"
                | "class"
                | "module"
                | "func"
                | "model"
                | "type"
                | "status"
                | "theme"
                | "icon"
                | "button"
                | "action"
                | "plugin"
                | "app"
        )
    }) || base.chars().all(|c| !c.is_lowercase());
    let is_plain = PLAIN.contains(&name) && (matches!(base, "self" | "cls") && !is_record(given));
    WRITTEN.contains(&name) && !is_own && !is_plain
}

/// Whether the method belongs to a class that says how a record is stored.
fn is_record(given: At<'_>) -> bool {
    let Some(class) = given.function.class.and_then(|class| given.module.class(class)) else { return false };
    let Some(around) = given.module.function(class.parent) else { return false };
    class.bases.iter().any(|&base| {
        let written = given.module.slice(around.span_of(base));
        words(written).iter().any(|word| word == "model" || word == "models" || word == "page")
    })
}

/// Whether a function is a filter or tag of templates: what it is given is what a page shows.
fn is_helper(given: At<'_>) -> bool {
    let Some(around) = given.function.parent.and_then(|parent| given.module.function(parent)) else { return false };
    given.function.decorators.iter().any(|&decorator| {
        let written = given.module.slice(around.span_of(decorator));
        let called = written.split('(').next().unwrap_or_default();
        matches!(
            called.rsplit('.').next(),
            Some(
                "simple_tag"
                    | "template_filter"
                    | "app_template_filter"
                    | "template_global"
                    | "app_template_global"
                    | "evalcontextfilter"
                    | "contextfilter"
                    | "environmentfilter"
                    | "pass_eval_context"
            )
        ) || called == "register.filter"
    })
}

/// Whether marks are what is replaced: `value.replace("<", "&lt;")` escapes, and `html.replace("</p>", "")` changes what is
/// HTML already.
fn is_of_marks(given: At<'_>, arguments: List) -> bool {
    let first = given.function.call_arguments(arguments).first();
    first.is_some_and(|first| given.module.slice(given.function.span_of(first.value)).contains(['<', '>']))
}

/// Depth of what was made of what was made.
const MAX_DEPTH: u32 = 8;

/// Whether a value is what a helper was given, or that text in another form.
fn is_handed(given: At<'_>, value: Value, depth: u32) -> bool {
    let function = given.function;
    if depth > MAX_DEPTH {
        return false;
    }
    match function.op(function.plain(value)) {
        Op::Parameter(at) => function.parameters.get(at as usize).is_some_and(|parameter| {
            let around = function.parent.and_then(|parent| given.module.function(parent));
            let default = around.zip(parameter.default).map(|(around, value)| around.op(value));
            !matches!(default, Some(Op::Constant(Constant::Int(_) | Constant::Bool(_))))
                && !words(given.name(parameter.name)).iter().any(|word| {
                    matches!(
                        word.as_str(),
                        "self"
                            | "context"
                            | "ctx"
                            | "size"
                            | "width"
                            | "height"
                            | "count"
                            | "class"
                            | "css"
                            | "icon"
                            | "id"
                            | "pk"
                            | "html"
                            | "url"
                    )
                })
        }),
        Op::Call { callee, arguments } => match function.op(callee) {
            Op::Attribute { of, name } => match given.name(name) {
                "strip" | "lower" | "upper" | "title" | "rstrip" | "lstrip" => is_handed(given, of, depth + 1),
                "replace" => !is_of_marks(given, arguments) && is_handed(given, of, depth + 1),
                // `markdown.markdown(value)` leaves what it does not know as it is.
                "markdown" => {
                    let whole = given.module.slice(function.span_of(value));
                    let first = function.call_arguments(arguments).first();
                    !whole.contains("safe")
                        && !whole.contains("escape")
                        && first.is_some_and(|first| is_handed(given, first.value, depth + 1))
                }
                _ => false,
            },
            Op::Name(name) if matches!(given.name(name), "str" | "unicode") => {
                function.call_arguments(arguments).first().is_some_and(|first| is_handed(given, first.value, depth + 1))
            }
            _ => false,
        },
        _ => false,
    }
}
