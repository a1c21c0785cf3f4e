//! A sign-in elsewhere that is not bound to this browser.

use casemate_python::facts::TextPart;
use casemate_python::syntax::{Collection, Op};

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{Entry, entry};
use crate::rules::pattern::{Found, Site, tell};

/// `oauth-state-missing`
pub(crate) static RULE: Rule = Rule {
    id: "AUT424",
    name: "oauth-state-missing",
    summary: "A sign-in with another service is not bound to the browser that began it",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[352],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "10.2.1",
    page: include_str!("oauth_state_missing.md"),
};

const REMEDY: &str = "Make a random `state` for each sign-in, keep it in the session, and compare it when the caller comes back; or use PKCE (`code_challenge`). Authlib does both.";

const MESSAGE: &str =
    "the sign-in is not bound to this browser (no `state`): a stranger can finish theirs in somebody else's session";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        found.extend(dropped(cx, &site));
    }
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let Some(at) = cx.at(id, value) else { continue };
            let missing = match op {
                // `{"response_type": "code", "client_id": …}`
                Op::Build { collection: Collection::Dict, .. } => {
                    let written = at.written();
                    written.contains("response_type")
                        && written.contains("client_id")
                        && matches!(entry(cx, at, "response_type"), Entry::Given(held) if held.written().contains("code") || held.written().contains("token"))
                        && matches!(entry(cx, at, "state"), Entry::Missing)
                        && matches!(entry(cx, at, "code_challenge"), Entry::Missing)
                        && matches!(entry(cx, at, "client_id"), Entry::Given(_))
                        // What fetches the token is another request.
                        && !written.contains("client_secret")
                        && !written.contains("\"code\":")
                }
                Op::Format(_) | Op::Binary { .. } => {
                    let text: String = cx
                        .facts
                        .text_of(cx.program, id, value)
                        .iter()
                        .map(|part| match part {
                            TextPart::Literal(text) => text.as_str(),
                            TextPart::Hole(_) => "\u{0}",
                        })
                        .collect();
                    text.contains("response_type=")
                        && text.contains("client_id=")
                        && !text.contains("state=")
                        && !text.contains("code_challenge=")
                        && text.contains("redirect_uri=")
                }
                _ => false,
            };
            if missing {
                let one = Found::new(at, MESSAGE.to_owned(), REMEDY).confidence(Confidence::Medium);
                // An address that is only made here may get its state elsewhere.
                let sends = cx.module.slice(function.span).to_ascii_lowercase().contains("redirect(")
                    || cx.module.slice(function.span).contains("RedirectResponse");
                found.push(if sends { one } else { one.suspicion() });
            }
        }
    }
    // The parts of one sum tell of the same thing as the whole.
    let spans: Vec<_> = found.iter().map(|one| one.span).collect();
    found.retain(|one| !spans.iter().any(|other| *other != one.span && other.contains(one.span)));
    tell(cx, &RULE, found);
}

/// `url, _ = session.authorization_url(…)`: the state is made and forgotten.
fn dropped(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    if site.name() != "authorization_url"
        || !cx.imports_any(&["requests_oauthlib", "google_auth_oauthlib", "authlib", "oauthlib"])
    {
        return None;
    }
    let function = site.at.function;
    // Whoever types the code in has started the program himself.
    let is_typed = site.at.module.slice(function.span).contains("input(");
    if is_typed && cx.persona == Persona::Default {
        return None;
    }
    let mut state = None;
    let mut is_taken_apart = false;
    for (value, op) in function.values() {
        match op {
            Op::Item { of, index } if of == site.at.value => {
                is_taken_apart = true;
                if index == 1 {
                    state = Some(value);
                }
            }
            Op::Subscript { of, .. } if of == site.at.value => is_taken_apart = true,
            _ => {}
        }
    }
    if !is_taken_apart || site.keyword(cx, "state").is_some() || site.keyword(cx, "code_challenge").is_some() {
        return None;
    }
    let is_used = state.is_some_and(|state| {
        function.values().any(|(value, op)| {
            value != state && !matches!(op, Op::Phi(_)) && function.operands_of(value).contains(&state)
        }) || function.returns.contains(&state)
    });
    // Stored as an attribute of the object itself, some libraries remember it; of those named here none does.
    (!is_used).then(|| {
        site.found(MESSAGE.to_owned(), REMEDY)
            .missing("the state kept in the session and compared when the caller comes back")
    })
}
