//! A token that lasts for days or years.

use casemate_python::syntax::{Collection, FunctionKind, Op, Passing};

use super::calls::{Library, making};
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, Entry, default_of, duration, last_name, number, origins};
use crate::rules::pattern::{Found, Site, tell};

/// `token-lifetime-excessive`
pub(crate) static RULE: Rule = Rule {
    id: "JWT508",
    name: "token-lifetime-excessive",
    summary: "A token lasts longer than anybody would notice its loss",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[613],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "9.2.1",
    page: include_str!("token_lifetime_excessive.md"),
};

const DAY: f64 = 86_400.0;

/// What a token is for decides how long it may last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Access,
    Refresh,
    /// Sent by mail to confirm something.
    Mail,
}

impl Purpose {
    fn of(names: &[&str]) -> Self {
        let words: Vec<String> = names.iter().flat_map(|name| words(name)).collect();
        let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
        if has(&["refresh", "remember", "offline", "device"]) {
            Self::Refresh
        } else if has(&[
            "email",
            "mail",
            "invite",
            "invitation",
            "confirm",
            "confirmation",
            "verification",
            "verify",
            "unsubscribe",
            "activation",
        ]) {
            Self::Mail
        } else {
            Self::Access
        }
    }

    fn limit(self) -> f64 {
        match self {
            Self::Access => DAY,
            Self::Refresh => 90.0 * DAY,
            Self::Mail => 30.0 * DAY,
        }
    }
}

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<Found> = Vec::new();
    settings(cx, &mut found);
    for &site in cx.sites() {
        made(cx, site, &mut found);
        passed(cx, &site, &mut found);
    }
    tell(cx, &RULE, found);
}

fn judge(at: At<'_>, seconds: f64, purpose: Purpose, found: &mut Vec<Found>) {
    if seconds <= purpose.limit()
        || seconds > 1e12
        || found.iter().any(|one| one.span == at.span() && one.at.0 == at.home)
    {
        return;
    }
    let what = match purpose {
        Purpose::Access => "a token that lets its holder in",
        Purpose::Refresh => "a token for new tokens",
        Purpose::Mail => "a token sent by mail",
    };
    let length = if seconds >= 2.0 * DAY {
        format!("{} days", (seconds / DAY).round())
    } else {
        format!("{} hours", (seconds / 3600.0).round())
    };
    found.push(
        Found::new(
            at,
            format!("{what} lasts {length}: so long does a copy of it open the account"),
            "Let access tokens last minutes, and refresh tokens at most 90 days, kept in a list from which they can be taken.",
        )
        .confidence(if seconds > 30.0 * DAY { Confidence::High } else { Confidence::Medium }),
    );
}

/// The place at which a length is written: the constant a name stands for, if there is one alone.
fn written<'a>(cx: &Context<'a>, at: At<'a>) -> At<'a> {
    match origins(cx, at).as_slice() {
        [only] if only.home == at.home => *only,
        _ => at,
    }
}

/// The end of a token in its claims.
fn made<'a>(cx: &Context<'a>, site: Site<'a>, found: &mut Vec<Found>) {
    let Some(one) = making(cx, site) else { return };
    let function = site.at.function;
    let purpose = Purpose::of(&[&function.qualified]);
    if one.library == Library::PythonJwt {
        if let Some(length) = site.argument(cx, 3, "lifetime")
            && let Some(seconds) = duration(cx, length)
        {
            judge(written(cx, length), seconds, purpose, found);
        }
        return;
    }
    let Entry::Given(end) = one.claim(cx, "exp") else { return };
    let purpose = match one.claim(cx, "type") {
        Entry::Given(held) if held.written().contains("refresh") => Purpose::Refresh,
        _ => purpose,
    };
    for length in lengths(cx, end, 0) {
        let seconds = duration(cx, length).or_else(|| number(cx, length));
        if let Some(seconds) = seconds {
            judge(written(cx, length), seconds, purpose, found);
        }
    }
}

/// What is added to the time of now, however it is written.
fn lengths<'a>(cx: &Context<'a>, end: At<'a>, depth: u32) -> Vec<At<'a>> {
    if depth > 8 {
        return Vec::new();
    }
    let mut found = Vec::new();
    for at in origins(cx, end) {
        match at.op() {
            Op::Binary { left, right, .. } => {
                for (one, other) in [(left, right), (right, left)] {
                    if is_now(cx, at.with(one), 0) {
                        for length in origins(cx, at.with(other)) {
                            found.push(default_of(length).unwrap_or(length));
                        }
                    }
                }
            }
            Op::Call { callee, arguments } => {
                // `int((now + length).timestamp())`, `calendar.timegm(end.utctimetuple())`
                if let Op::Attribute { of, name } = at.function.op(callee)
                    && matches!(at.name(name), "timestamp" | "utctimetuple" | "timetuple" | "replace" | "isoformat")
                {
                    found.extend(lengths(cx, at.with(of), depth + 1));
                } else if matches!(
                    last_name(at.with(callee)),
                    "int" | "timegm" | "round" | "floor" | "float" | "mktime" | "str"
                ) {
                    for one in at.function.call_arguments(arguments) {
                        found.extend(lengths(cx, at.with(one.value), depth + 1));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

fn is_now(cx: &Context<'_>, at: At<'_>, depth: u32) -> bool {
    if depth > 6 {
        return false;
    }
    origins(cx, at).into_iter().any(|at| match at.op() {
        Op::Call { callee, arguments } => {
            let last = last_name(at.with(callee));
            match at.function.op(callee) {
                _ if matches!(last, "now" | "utcnow" | "time" | "today") => true,
                Op::Attribute { of, .. } if matches!(last, "timestamp" | "replace") => {
                    is_now(cx, at.with(of), depth + 1)
                }
                _ if matches!(last, "int" | "round" | "floor" | "float") => {
                    at.function.call_arguments(arguments).iter().any(|one| is_now(cx, at.with(one.value), depth + 1))
                }
                _ => false,
            }
        }
        _ => false,
    })
}

/// A length handed to a function that makes tokens.
fn passed(cx: &Context<'_>, site: &Site<'_>, found: &mut Vec<Found>) {
    let name = site.name();
    let words = words(name);
    let makes = words.iter().any(|word| matches!(word.as_str(), "token" | "tokens" | "jwt" | "jwtstrategy"));
    if !makes {
        return;
    }
    for one in site.arguments {
        let given = site.at.with(one.value);
        let keyword = match one.passing {
            Passing::Keyword(keyword) => site.at.name(keyword),
            _ => "",
        };
        let speaks = is_lifetime(keyword);
        let seconds = match duration(cx, given) {
            Some(seconds) if speaks || keyword.is_empty() => Some(seconds),
            None if speaks => number(cx, given).and_then(|count| {
                unit(keyword).or(keyword.ends_with("lifetime").then_some(1.0)).map(|unit| unit * count)
            }),
            _ => None,
        };
        if let Some(seconds) = seconds {
            judge(written(cx, given), seconds, Purpose::of(&[name, keyword]), found);
        }
    }
}

/// Settings that say how long tokens last, by their names: `ACCESS_TOKEN_EXPIRE_MINUTES`, `JWT_ACCESS_TOKEN_EXPIRES`.
fn settings(cx: &Context<'_>, found: &mut Vec<Found>) {
    for (id, function) in cx.module.function_ids() {
        if matches!(function.kind, FunctionKind::Module | FunctionKind::ClassBody) {
            for &(symbol, value) in &function.assigned {
                // What is imported is told where it is written.
                if matches!(function.op(value), Op::Import(_)) {
                    continue;
                }
                if let Some(at) = cx.at(id, value) {
                    setting(cx, cx.module.symbols.text(symbol), at, found);
                }
            }
        }
        for (_, op) in function.values() {
            match op {
                Op::StoreItem { index, value, .. } => {
                    if let (Some(name), Some(at)) = (cx.module.constant_str(function, index), cx.at(id, value)) {
                        setting(cx, name, at, found);
                    }
                }
                Op::Build { collection: Collection::Dict, items } => {
                    for pair in function.list(items).chunks_exact(2) {
                        if let (Some(name), Some(at)) = (cx.module.constant_str(function, pair[0]), cx.at(id, pair[1]))
                        {
                            setting(cx, name, at, found);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

fn setting(cx: &Context<'_>, name: &str, at: At<'_>, found: &mut Vec<Found>) {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    if !has(&["token", "jwt"]) || !is_lifetime(name) || has(&["csrf", "cookie", "leeway", "cache", "key", "rotation"]) {
        return;
    }
    // Without a unit, seconds are what the libraries take.
    let unit = unit(name).or_else(|| (has(&["jwt"]) && has(&["expires", "delta"])).then_some(1.0));
    let seconds = duration(cx, at).or_else(|| Some(number(cx, at)? * unit?));
    if let Some(seconds) = seconds {
        judge(at, seconds, Purpose::of(&[name]), found);
    }
}

fn is_lifetime(name: &str) -> bool {
    words(name).iter().any(|word| {
        matches!(
            word.as_str(),
            "expire"
                | "expires"
                | "expiry"
                | "expiration"
                | "expired"
                | "exp"
                | "lifetime"
                | "ttl"
                | "age"
                | "duration"
                | "validity"
                | "valid"
                | "delta"
                | "timeout"
                | "lifespan"
        )
    })
}

fn unit(name: &str) -> Option<f64> {
    words(name).iter().rev().find_map(|word| {
        Some(match word.as_str() {
            "seconds" | "secs" | "sec" | "s" => 1.0,
            "minutes" | "minute" | "mins" | "min" => 60.0,
            "hours" | "hour" | "hrs" => 3600.0,
            "days" | "day" => DAY,
            "weeks" | "week" => 7.0 * DAY,
            _ => return None,
        })
    })
}
