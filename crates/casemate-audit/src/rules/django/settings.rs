//! The settings of a Django project as they are in force: a module with everything it takes from others.

use casemate_python::names::{ModuleId, Target};
use casemate_python::syntax::{Constant, FunctionId, Module, Op, Span};
use casemate_secrets::{Surroundings, surroundings};

use crate::models::words;
use crate::rules::Context;
use crate::rules::told::Told;
use crate::rules::values::{Written, held_by};

/// What is known about one setting.
#[derive(Clone, Copy)]
pub(crate) enum Setting<'a> {
    /// It is this.
    Known(Written<'a>),
    /// It depends on the environment, or is put together in a way that is not followed.
    Unknown,
    /// Nobody sets it.
    Absent,
}

impl<'a> Setting<'a> {
    pub(crate) fn known(self) -> Option<Written<'a>> {
        match self {
            Self::Known(written) => Some(written),
            _ => None,
        }
    }

    /// `True`, `False`, or not known.
    pub(crate) fn truth(self) -> Option<bool> {
        self.known().and_then(Written::truth)
    }

    /// The texts of a list.
    pub(crate) fn texts(self) -> Option<Vec<&'a str>> {
        self.known()?.items()?.into_iter().map(Written::text).collect()
    }
}

/// Settings that are in force where the project runs for its users.
pub(crate) struct Settings<'a> {
    cx: Reader<'a>,
    /// Whether something may set what cannot be seen here.
    is_open: bool,
    /// Whether somebody asks who wants to hear of settings for developers, too.
    is_pedantic: bool,
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    program: &'a casemate_python::names::Program,
    home: ModuleId,
    module: &'a Module,
}

/// Names that only a settings module of Django has.
const SIGNS: [&str; 6] =
    ["INSTALLED_APPS", "MIDDLEWARE", "ROOT_URLCONF", "WSGI_APPLICATION", "ASGI_APPLICATION", "MIDDLEWARE_CLASSES"];

/// Names that show a part of such settings, in a file that is called so.
const PARTS: [&str; 16] = [
    "MIDDLEWARE",
    "INSTALLED_APPS",
    "ALLOWED_HOSTS",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "CSRF_COOKIE_HTTPONLY",
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "PASSWORD_HASHERS",
    "AUTH_PASSWORD_VALIDATORS",
    "SESSION_SERIALIZER",
    "SESSION_ENGINE",
    "CSRF_TRUSTED_ORIGINS",
    "TEMPLATES",
    "DATABASES",
    "SECURE_PROXY_SSL_HEADER",
];

/// The settings of the module at hand, if they are those of production.
pub(crate) fn of<'a>(cx: &Context<'a>) -> Option<Settings<'a>> {
    let home = cx.facts.module;
    let is_part = !is_settings(cx, home);
    if is_part && !is_part_of_settings(cx, home) || is_for_development(cx.scope.within(&cx.module.path)) {
        return None;
    }
    // What another module builds upon is looked at there, unless only developers do.
    let is_base = cx.program.mentioning(&["import *", "import*", "import  *", "import\t*"]).any(|(other, module)| {
        other != home
            && !is_for_development(cx.scope.within(&module.path))
            && takes_from(cx, other, home)
            && is_settings(cx, other)
    });
    if is_base {
        return None;
    }
    if names_no_application(cx.module) {
        return None;
    }
    let module = cx.module;
    let body = module.functions.first()?;
    let takes_unseen = module.star_imports.iter().any(|&star| {
        module.imports.get(star as usize).is_none_or(|import| {
            let named = casemate_python::syntax::Import { name: None, ..import.clone() };
            // The defaults of Django itself are known.
            !import.module.starts_with("django.") && !matches!(cx.program.import(home, &named), Target::Project(_))
        })
    });
    let is_built = body.values().any(|(_, op)| match op {
        Op::Call { callee, .. } => {
            matches!(body.op(callee), Op::Name(name) if matches!(module.symbols.text(name), "globals" | "locals" | "vars" | "exec" | "include"))
                || cx.facts.path(FunctionId(0), callee).is_some_and(|path| path.starts_with("split_settings") || path.starts_with("django_heroku"))
        }
        _ => false,
    });
    Some(Settings {
        cx: Reader { program: cx.program, home, module },
        is_open: takes_unseen || is_built || is_part,
        is_pedantic: cx.persona == crate::rule::Persona::Pedantic,
    })
}

/// `INSTALLED_APPS = []`: a framework's own defaults, with which nothing runs.
pub(crate) fn names_no_application(module: &Module) -> bool {
    let held = module.functions.first().and_then(|body| Some((body, held_by(module, body, "INSTALLED_APPS")?)));
    held.is_some_and(|(body, held)| matches!(body.op(held), Op::Build { items, .. } if body.list(items).is_empty()))
}

/// Whether a module, with what it takes from others, holds the settings of a Django project.
fn is_settings(cx: &Context<'_>, id: ModuleId) -> bool {
    let Some(module) = cx.program.module(id) else { return false };
    let stem = module.path.rsplit('/').next().unwrap_or_default();
    let is_named_so = module.path.contains("settings") || stem.contains("conf") || module.path.contains("/conf/");
    is_named_so
        && SIGNS.iter().filter(|sign| matches!(cx.program.member(id, sign), Some(Target::Project(_)))).count() >= 2
        || is_named_so
            && stem.contains("settings")
            && cx.program.member(id, "SECRET_KEY").is_some()
            && SIGNS.iter().any(|sign| cx.program.member(id, sign).is_some())
}

/// Whether a module is called `settings`, or lies in a folder of that name, and holds settings of Django, though not all that
/// a project has: what is set is looked at, what is missing may be set elsewhere.
fn is_part_of_settings(cx: &Context<'_>, id: ModuleId) -> bool {
    let Some(module) = cx.program.module(id) else { return false };
    let path = module.path.trim_end_matches("/__init__.py").trim_end_matches(".py");
    let mut names = path.rsplit('/');
    let is_named_so = names.next().is_some_and(|name| name == "settings" || name.ends_with("_settings"))
        || names.next() == Some("settings");
    is_named_so
        && PARTS.iter().filter(|name| matches!(cx.program.member(id, name), Some(Target::Project(_)))).count()
            >= if path.ends_with("settings") { 1 } else { 2 }
}

/// Whether a settings module is for developers or tests.
pub(crate) fn is_for_development(path: &str) -> bool {
    surroundings(path) != Surroundings::Product
        || words(stem(path)).iter().any(|word| is_stage(word) || is_of_tests(word))
}

/// Whether the name of a module says that developers run it, or that it holds settings for them or for tests.
pub(crate) fn is_named_for_development(path: &str) -> bool {
    let words = words(stem(path));
    let is_settings = path.contains("settings/")
        || path.contains("config/")
        || words.iter().any(|word| matches!(word.as_str(), "settings" | "config" | "conf" | "configuration"));
    words.iter().any(|word| is_of_developers(word) || is_settings && (is_stage(word) || is_of_tests(word)))
}

fn stem(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default().trim_end_matches(".py")
}

fn is_of_developers(word: &str) -> bool {
    matches!(word, "dev" | "develop" | "devel" | "development")
}

fn is_stage(word: &str) -> bool {
    is_of_developers(word)
        || matches!(
            word,
            "local" | "ci" | "debug" | "example" | "sample" | "e2e" | "travis" | "demo" | "playground" | "template"
        )
}

fn is_of_tests(word: &str) -> bool {
    matches!(word, "test" | "tests" | "testing" | "pytest" | "mock")
}

/// Whether one module takes all names of another.
fn takes_from(cx: &Context<'_>, taker: ModuleId, from: ModuleId) -> bool {
    let Some(module) = cx.program.module(taker) else { return false };
    module.star_imports.iter().any(|&star| {
        module.imports.get(star as usize).is_some_and(|import| {
            let named = casemate_python::syntax::Import { name: None, ..import.clone() };
            matches!(cx.program.import(taker, &named), Target::Project(casemate_python::names::Definition::Module(found)) if found == from || takes_from_once(cx, found, from))
        })
    })
}

fn takes_from_once(cx: &Context<'_>, taker: ModuleId, from: ModuleId) -> bool {
    let Some(module) = cx.program.module(taker) else { return false };
    module.star_imports.iter().any(|&star| {
        module.imports.get(star as usize).is_some_and(|import| {
            let named = casemate_python::syntax::Import { name: None, ..import.clone() };
            matches!(cx.program.import(taker, &named), Target::Project(casemate_python::names::Definition::Module(found)) if found == from)
        })
    })
}

impl<'a> Settings<'a> {
    /// One setting.
    pub(crate) fn get(&self, name: &str) -> Setting<'a> {
        match Written::named(self.cx.program, self.cx.home, name) {
            Some(written) => {
                let written = written.followed();
                match written.op() {
                    // Several ways lead here.
                    Op::Phi(_)
                    | Op::Choice { .. }
                    | Op::Or(_)
                    | Op::And(_)
                    | Op::Opaque
                    | Op::Name(_)
                    | Op::Import(_)
                    | Op::Subscript { .. }
                    | Op::Attribute { .. } => Setting::Unknown,
                    Op::Call { .. } if written.items().is_none() && written.entries().is_none() => Setting::Unknown,
                    _ => Setting::Known(written),
                }
            }
            None if self.cx.program.member(self.cx.home, name).is_some() || self.is_open || self.mentions(name) => {
                Setting::Unknown
            }
            None => Setting::Absent,
        }
    }

    /// Whether the module speaks of a setting in another way than by assigning it.
    fn mentions(&self, name: &str) -> bool {
        self.cx.module.text.contains(name)
    }

    /// Whether the module itself, and nothing it takes from, assigns a setting.
    pub(crate) fn sets_itself(&self, name: &str) -> bool {
        self.cx.module.functions.first().and_then(|body| held_by(self.cx.module, body, name)).is_some()
    }

    /// Whether the settings are put together of several modules.
    pub(crate) fn is_split(&self) -> bool {
        !self.cx.module.star_imports.is_empty()
    }

    /// Where to tell of a setting that is missing.
    fn anchor(&self) -> Span {
        let module = self.cx.module;
        if let Some(import) = module.star_imports.first().and_then(|&star| module.imports.get(star as usize)) {
            return import.span;
        }
        let body = module.functions.first();
        SIGNS
            .iter()
            .find_map(|sign| body.and_then(|body| held_by(module, body, sign).map(|value| body.span_of(value))))
            .unwrap_or_default()
    }

    /// A finding about a setting that nobody sets.
    pub(crate) fn missing(&self, message: impl Into<String>, remedy: &'static str) -> Told {
        Told::new(FunctionId(0), self.anchor(), message, remedy).at(self.cx.home)
    }

    /// A finding about a setting where it is set.
    pub(crate) fn set(&self, written: Written<'_>, message: impl Into<String>, remedy: &'static str) -> Told {
        Told::new(FunctionId(0), written.function.span_of(written.value), message, remedy).at(written.home)
    }

    /// Whether the settings are plainly those of a machine of a developer.
    pub(crate) fn is_debugging(&self) -> bool {
        !self.is_pedantic && self.get("DEBUG").truth() == Some(true)
    }
}

/// The first number of a setting.
pub(crate) fn number(setting: Setting<'_>) -> Option<i64> {
    match setting.known()?.op() {
        Op::Constant(Constant::Int(number)) => Some(number),
        _ => None,
    }
}
