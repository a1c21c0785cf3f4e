//! A token that never ends.

use super::calls::{Library, making};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{Entry, is_bool, is_none};
use crate::rules::pattern::{Found, Site, tell};

/// `jwt-no-expiry`
pub(crate) static RULE: Rule = Rule {
    id: "JWT506",
    name: "jwt-no-expiry",
    summary: "A token is issued that never ends",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[613],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "9.2.1",
    page: include_str!("jwt_no_expiry.md"),
};

const REMEDY: &str = "Give it an end, near for access (`\"exp\": datetime.now(timezone.utc) + timedelta(minutes=15)`), and a refresh token that can be revoked for what shall last.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        found.extend(without_end(cx, site).or_else(|| endless(cx, &site)));
    }
    tell(cx, &RULE, found);
}

fn without_end(cx: &Context<'_>, site: Site<'_>) -> Option<Found> {
    let one = making(cx, site)?;
    if one.library == Library::PythonJwt {
        let ends =
            site.argument(cx, 3, "lifetime").or_else(|| site.argument(cx, 4, "expires")).is_some() || site.is_open();
        return (!ends).then(|| site.found(MESSAGE.to_owned(), REMEDY));
    }
    let missing = match one.claim(cx, "exp") {
        Entry::Missing => true,
        Entry::Given(held) => is_none(cx, held),
        Entry::Unknown => false,
    };
    missing.then(|| {
        let mut found = site.found(MESSAGE.to_owned(), REMEDY).missing("an `exp` claim");
        if one.claims.is_some_and(|claims| claims.stripped().home != site.at.home) {
            found.confidence = Confidence::Medium;
        }
        found
    })
}

const MESSAGE: &str =
    "a token is issued without an end: one copy, from a log or a lost phone, opens the account for ever";

/// Functions that take a length of life, and take nothing for ever.
fn endless(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let given = match site.path {
        "flask_jwt_extended.create_access_token" | "flask_jwt_extended.create_refresh_token" => {
            site.keyword(cx, "expires_delta")?
        }
        "fastapi_users.authentication.JWTStrategy" | "fastapi_users.authentication.strategy.JWTStrategy" => {
            site.argument(cx, 1, "lifetime_seconds")?
        }
        _ => return None,
    };
    (is_bool(cx, given, false) || site.path.contains("JWTStrategy") && is_none(cx, given))
        .then(|| site.found(MESSAGE.to_owned(), REMEDY))
}
