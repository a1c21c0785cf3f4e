//! A signed value that is good for ever.

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::is_none;
use crate::rules::pattern::{Found, Site, tell};

/// `signed-value-no-age`
pub(crate) static RULE: Rule = Rule {
    id: "JWT512",
    name: "signed-value-no-age",
    summary: "A signed value is accepted however old it is",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[613],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "9.2.1",
    page: include_str!("signed_value_no_age.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        found.extend(judge(cx, &site));
    }
    tell(cx, &RULE, found);
}

fn judge(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let (of, last) = site.split();
    let told = |message: &str, remedy: &str| site.found(message.to_owned(), remedy);
    const OLD: &str = "a signed value is accepted however old it is: a link from a mail of years ago still works";
    let (is_timed, position) = match (of.as_ref(), last) {
        (
            "itsdangerous.URLSafeTimedSerializer()"
            | "itsdangerous.TimedSerializer()"
            | "itsdangerous.TimestampSigner()"
            | "itsdangerous.url_safe.URLSafeTimedSerializer()"
            | "itsdangerous.timed.TimedSerializer()"
            | "itsdangerous.timed.TimestampSigner()",
            "loads" | "unsign",
        ) => (true, 1),
        ("django.core.signing", "loads") => (true, 3),
        ("django.core.signing.TimestampSigner()", "unsign" | "unsign_object") => (true, 1),
        (
            "itsdangerous.URLSafeSerializer()"
            | "itsdangerous.Serializer()"
            | "itsdangerous.Signer()"
            | "django.core.signing.Signer()"
            | "itsdangerous.url_safe.URLSafeSerializer()",
            "loads" | "unsign" | "unsign_object",
        ) => (false, 9),
        // A session or a link; what is kept encrypted may grow as old as it likes.
        ("cryptography.fernet.Fernet()" | "cryptography.fernet.MultiFernet()", "decrypt") => {
            let bounded = site.argument(cx, 1, "ttl").is_some_and(|at| !is_none(cx, at)) || site.is_open();
            let signs_in = words(&site.at.function.qualified).iter().any(|word| {
                matches!(
                    word.as_str(),
                    "session"
                        | "cookie"
                        | "reset"
                        | "confirm"
                        | "confirmation"
                        | "verification"
                        | "invite"
                        | "invitation"
                        | "activate"
                        | "activation"
                        | "magic"
                )
            });
            return (!bounded && signs_in).then(|| {
                told(OLD, "Say how old it may be: `fernet.decrypt(token, ttl=3600)`.").confidence(Confidence::Medium)
            });
        }
        (_, "get_signed_cookie") if !site.path.starts_with("django.core") => {
            let bounded = site.argument(cx, 3, "max_age").is_some() || site.is_open();
            return (!bounded).then(|| {
                told(OLD, "Say how old it may be: `request.get_signed_cookie(name, max_age=3600)`.").suspicion()
            });
        }
        _ => return None,
    };
    if is_timed {
        let given = site.argument(cx, position, "max_age");
        let bounded = given.is_some_and(|at| !is_none(cx, at)) || (given.is_none() && site.is_open());
        return (!bounded).then(|| told(OLD, "Say how old it may be: `serializer.loads(token, max_age=3600)`."));
    }
    // How old it may be is said here, or in the other branch: whoever makes the signer has chosen.
    if site.keyword(cx, "max_age").is_some() || is_aged_elsewhere(cx, site) {
        return None;
    }
    // Without a time in it, it cannot grow old; that matters where it opens something. What a session or a store of tokens
    // keeps has an end of its own.
    let keeps = words(&site.at.function.qualified)
        .iter()
        .any(|word| matches!(word.as_str(), "session" | "sessions" | "store" | "refresh" | "restore"));
    let function = &site.at.function.qualified;
    let opens = words(function).iter().any(|word| {
        matches!(
            word.as_str(),
            "token"
                | "reset"
                | "confirm"
                | "confirmation"
                | "verify"
                | "verification"
                | "login"
                | "auth"
                | "session"
                | "invite"
                | "activate"
                | "activation"
                | "recover"
                | "magic"
        )
    });
    let one = told(
        OLD,
        "Use a signer that notes the time, `URLSafeTimedSerializer` or `TimestampSigner`, and pass `max_age`.",
    )
    .confidence(Confidence::Medium);
    Some(if opens && !keeps { one } else { one.suspicion() })
}

/// Whether the same function asks the same signer elsewhere how old a value is.
fn is_aged_elsewhere(cx: &Context<'_>, site: &Site<'_>) -> bool {
    cx.sites().iter().any(|other| {
        other.at.id == site.at.id
            && other.at.value != site.at.value
            && other.name() == site.name()
            && other.keyword(cx, "max_age").is_some()
    })
}
