//! The secret that a web framework signs its sessions with, written into the code.

use casemate_python::syntax::{Argument, BinaryOp, Collection, Function, FunctionId, FunctionKind, Op, Passing, Value};

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::secrets::{Rebuilder, SecretUse, argument, is_template, report_uses};

/// `framework-secret-hardcoded`
pub(crate) static RULE: Rule = Rule {
    id: "WEB615",
    name: "framework-secret-hardcoded",
    summary: "The secret that a web framework signs with stands in the code",
    severity: Severity::Critical,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[321, 798],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "13.3.1",
    page: include_str!("framework_secret_hardcoded.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    report_uses(cx, &RULE);
}

/// Shorter secrets can be tried out against one signed cookie.
const SHORT: usize = 32;

/// What web frameworks call the secret they sign with.
fn is_framework_secret(name: &str) -> bool {
    matches!(
        name,
        "SECRET_KEY"
            | "secret_key"
            | "SECRET_KEY_FALLBACKS"
            | "cookie_secret"
            | "COOKIE_SECRET"
            | "SESSION_SECRET"
            | "SESSION_SECRET_KEY"
            | "WTF_CSRF_SECRET_KEY"
    )
}

/// Functions whose argument a framework signs with: path, position, keyword.
const SIGNERS: &[(&str, usize, &str)] = &[
    ("starlette.middleware.sessions.SessionMiddleware", 1, "secret_key"),
    ("fastapi.middleware.sessions.SessionMiddleware", 1, "secret_key"),
    ("pyramid.session.SignedCookieSessionFactory", 0, "secret"),
    ("pyramid.session.UnencryptedCookieSessionFactoryConfig", 0, "secret"),
    ("pyramid.authentication.AuthTktAuthenticationPolicy", 0, "secret"),
    ("pyramid.authentication.AuthTktCookieHelper", 0, "secret"),
    ("aiohttp_session.cookie_storage.EncryptedCookieStorage", 0, "secret_key"),
    ("aiohttp_session.nacl_storage.NaClCookieStorage", 0, "secret_key"),
    ("itsdangerous.Signer", 0, "secret_key"),
    ("itsdangerous.TimestampSigner", 0, "secret_key"),
    ("itsdangerous.Serializer", 0, "secret_key"),
    ("itsdangerous.URLSafeSerializer", 0, "secret_key"),
    ("itsdangerous.URLSafeTimedSerializer", 0, "secret_key"),
    ("itsdangerous.TimedJSONWebSignatureSerializer", 0, "secret_key"),
    ("itsdangerous.url_safe.URLSafeTimedSerializer", 0, "secret_key"),
    ("itsdangerous.url_safe.URLSafeSerializer", 0, "secret_key"),
];

/// Constants that a web framework signs with.
pub(crate) fn find(cx: &Context<'_>, found: &mut Vec<SecretUse>) {
    let is_web = is_web(cx);
    for (id, function) in cx.module.function_ids() {
        if matches!(function.kind, FunctionKind::Module | FunctionKind::ClassBody)
            && (is_web || is_settings(cx, function))
        {
            for &(symbol, value) in &function.assigned {
                let name = cx.module.symbols.text(symbol);
                if is_framework_secret(name) {
                    tell(cx, function, name, value, found);
                }
            }
        }
        for (_, op) in function.values() {
            match op {
                Op::StoreAttribute { of, name, value } => {
                    let name = cx.module.symbols.text(name);
                    let is_application = is_web
                        && (cx.facts.path(id, of).is_some()
                            || matches!(cx.module.slice(function.span_of(of)), "app" | "application" | "server"));
                    if name == "secret_key" && is_application {
                        tell(cx, function, name, value, found);
                    }
                }
                Op::StoreItem { of, index, value } => {
                    let is_config = matches!(function.op(of), Op::Attribute { name, .. } if cx.module.symbols.text(name) == "config");
                    if let Some(name) = cx.module.constant_str(function, index)
                        && is_config
                        && is_framework_secret(name)
                    {
                        tell(cx, function, name, value, found);
                    }
                }
                // `app.config |= {"SECRET_KEY": …}`
                Op::Binary { op: BinaryOp::BitOr, left, right } => {
                    let is_config = matches!(function.op(left), Op::Attribute { name, .. } if cx.module.symbols.text(name) == "config");
                    if let Op::Build { collection: Collection::Dict, items } = function.op(right)
                        && is_config
                    {
                        for pair in function.list(items).chunks_exact(2) {
                            if let &[key, value] = pair
                                && let Some(name) = cx.module.constant_str(function, key)
                                && is_framework_secret(name)
                            {
                                tell(cx, function, name, value, found);
                            }
                        }
                    }
                }
                Op::Call { callee, arguments } => {
                    call(cx, id, function, callee, function.call_arguments(arguments), is_web, found);
                }
                _ => {}
            }
        }
    }
}

fn call(
    cx: &Context<'_>,
    id: FunctionId,
    function: &Function,
    callee: Value,
    arguments: &[Argument],
    is_web: bool,
    found: &mut Vec<SecretUse>,
) {
    let path = cx.facts.path(id, callee);
    for &(known, position, keyword) in SIGNERS {
        if path == Some(known)
            && let Some(value) = argument(cx, arguments, position, keyword)
        {
            return tell(cx, function, keyword, value, found);
        }
    }
    let last = match function.op(callee) {
        Op::Attribute { name, .. } => cx.module.symbols.text(name),
        _ => "",
    };
    // `app.config.update(SECRET_KEY=…)`, `settings.configure(SECRET_KEY=…)`, `tornado.web.Application(…, cookie_secret=…)`,
    // `app.add_middleware(SessionMiddleware, secret_key=…)`
    let is_update = matches!(last, "update" | "from_mapping" | "configure" | "add_middleware");
    named(cx, function, (last, callee), arguments, is_web, found);
    for one in arguments {
        let Passing::Keyword(name) = one.passing else { continue };
        let name = cx.module.symbols.text(name);
        let is_meant = match name {
            "cookie_secret" => is_web,
            "secret_key" => is_web && (is_update || path.is_some_and(|path| path.ends_with("Middleware"))),
            name => is_framework_secret(name) && is_update,
        };
        if is_meant {
            tell(cx, function, name, one.value, found);
        }
    }
}

/// `app.config.setdefault("SECRET_KEY", …)`, `setattr(app, "secret_key", …)`, `app.config.update({"SECRET_KEY": …})`
fn named(
    cx: &Context<'_>,
    function: &Function,
    (last, callee): (&str, Value),
    arguments: &[Argument],
    is_web: bool,
    found: &mut Vec<SecretUse>,
) {
    let text = |value: Value| cx.module.constant_str(function, value);
    let of_config = || cx.module.slice(function.span_of(callee)).contains("config");
    match arguments {
        [name, value] if last == "setdefault" && of_config() => {
            if let Some(name) = text(name.value).filter(|name| is_framework_secret(name)) {
                tell(cx, function, name, value.value, found);
            }
        }
        [_, name, value] if is_web && cx.module.slice(function.span_of(callee)) == "setattr" => {
            if let Some(name) = text(name.value).filter(|name| *name == "secret_key") {
                tell(cx, function, name, value.value, found);
            }
        }
        [table] if matches!(last, "update" | "from_mapping") && of_config() => {
            let Op::Build { collection: Collection::Dict, items } = function.op(function.plain(table.value)) else {
                return;
            };
            for pair in function.list(items).chunks_exact(2) {
                if let &[key, value] = pair
                    && let Some(name) = text(key).filter(|name| is_framework_secret(name))
                {
                    tell(cx, function, name, value, found);
                }
            }
        }
        _ => {}
    }
}

/// Whether the module speaks to a web framework.
fn is_web(cx: &Context<'_>) -> bool {
    let frameworks = [
        "flask",
        "quart",
        "django",
        "starlette",
        "fastapi",
        "tornado",
        "bottle",
        "sanic",
        "pyramid",
        "aiohttp_session",
        "flask_session",
        "connexion",
        "dash",
        "nicegui",
    ];
    cx.module.imports.iter().any(|import| {
        let root = import.module.split('.').next().unwrap_or_default();
        frameworks.contains(&root)
    })
}

/// Whether a scope holds settings: those of Django, or a class that is called so.
fn is_settings(cx: &Context<'_>, function: &Function) -> bool {
    match function.kind {
        FunctionKind::ClassBody => {
            let name = function.name.to_ascii_lowercase();
            ["config", "configuration", "settings"].iter().any(|end| name.ends_with(end))
                || name.starts_with("config") && name.len() <= 10
        }
        FunctionKind::Module => {
            let is_there = |name: &str| {
                let symbol = cx.module.symbols.find(name);
                symbol.is_some_and(|symbol| function.exit.binary_search_by_key(&symbol, |(name, _)| *name).is_ok())
            };
            let stem = cx.module.path.rsplit('/').next().unwrap_or_default();
            let is_named_so =
                stem.contains("settings") || stem.contains("config") || cx.module.path.contains("settings/");
            is_named_so
                || ["INSTALLED_APPS", "ROOT_URLCONF", "MIDDLEWARE", "SQLALCHEMY_DATABASE_URI"].into_iter().any(is_there)
        }
        _ => false,
    }
}

fn tell(cx: &Context<'_>, function: &Function, name: &str, value: Value, found: &mut Vec<SecretUse>) {
    // `SECRET_KEY_FALLBACKS = ["…"]`
    if let Op::Build { collection: Collection::List | Collection::Tuple, items } = function.op(value) {
        for &item in function.list(items).iter().take(16) {
            tell_one(cx, function, name, item, found);
        }
    } else {
        tell_one(cx, function, name, value, found);
    }
}

fn tell_one(cx: &Context<'_>, function: &Function, name: &str, value: Value, found: &mut Vec<SecretUse>) {
    let Some(text) = Rebuilder::new(cx.module).text(function, value) else { return };
    if is_template(&text.text) || text.span.start >= text.span.end {
        return;
    }
    let how = if text.text.starts_with("django-insecure-") {
        "is the one that `startproject` made, never meant to be used"
    } else if text.text.len() < SHORT {
        "is a constant, and short enough to be tried out"
    } else {
        "is a constant"
    };
    found.push(SecretUse {
        rule: &RULE,
        module: cx.facts.module,
        span: text.span,
        value: text.text,
        name: name.to_owned(),
        what: "secret of a web framework",
        message: format!("`{name}`, which signs sessions and links, {how}: whoever reads the code can sign in as anybody"),
        remedy: format!("Make a new one (`python -c 'import secrets; print(secrets.token_urlsafe(64))'`), which ends all sessions, and read it at run time (`os.environ[\"{name}\"]`). The order is in docs/incident-leaked-secret.md."),
        confidence: Confidence::High,
        path: Vec::new(),
    });
}
