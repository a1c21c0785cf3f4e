//! A webhook that believes whoever calls it.

use super::route_words;
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authorization::acts::called;
use crate::rules::authorization::standing::is_aside;

/// `webhook-unsigned`
pub(crate) static RULE: Rule = Rule {
    id: "AUT425",
    name: "webhook-unsigned",
    summary: "A webhook accepts calls from anybody",
    severity: Severity::High,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[345],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "6.8.2",
    page: include_str!("webhook_unsigned.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_aside(&cx.module.path) {
        return;
    }
    let all = cx.all_routes();
    for at in cx.routes_here() {
        let (Some(route), Some(standing)) = (all.get(at), cx.standings().get(at)) else { continue };
        let (path, handler) = route_words(cx, route, &standing.path);
        let says = |words: &[String]| words.iter().any(|word| matches!(word.as_str(), "webhook" | "webhooks" | "ipn"));
        let receives = route.methods.is_empty() || route.methods.iter().any(|method| method == "POST");
        // Endpoints that manage webhooks are called by people who have signed in.
        if !(says(&path) || says(&handler)) || !receives || standing.is_protected() {
            continue;
        }
        let mut functions = vec![(route.module, route.handler)];
        functions.extend(called(cx, route.module, route.handler));
        functions.extend(standing.guards.iter().filter_map(|guard| guard.function));
        let verifies = functions.iter().any(|&(module, id)| {
            let Some((source, function)) = cx.function(module, id) else { return false };
            words(source.slice(function.span)).iter().any(|word| {
                matches!(
                    word.as_str(),
                    "signature"
                        | "signatures"
                        | "hmac"
                        | "verify"
                        | "verified"
                        | "verifier"
                        | "digest"
                        | "secret"
                        | "token"
                        | "signed"
                        | "construct"
                        | "authorization"
                        | "validator"
                        | "jwt"
                        | "apikey"
                        | "password"
                        | "auth"
                        | "authenticate"
                        | "svix"
                )
            })
        }) || standing.guards.iter().any(|guard| {
            words(&guard.written)
                .iter()
                .any(|word| matches!(word.as_str(), "signature" | "verify" | "signed" | "hmac" | "secret"))
        });
        let provider = path.iter().chain(&handler).find(|word| {
            matches!(
                word.as_str(),
                "stripe"
                    | "github"
                    | "gitlab"
                    | "slack"
                    | "twilio"
                    | "paypal"
                    | "shopify"
                    | "sendgrid"
                    | "mailgun"
                    | "square"
                    | "paddle"
                    | "razorpay"
                    | "bitbucket"
                    | "zoom"
                    | "linear"
                    | "clerk"
                    | "telegram"
                    | "whatsapp"
                    | "meta"
                    | "facebook"
                    | "discord"
                    | "line"
            )
        });
        if verifies
            || (provider.is_none()
                && path.iter().any(|word| matches!(word.as_str(), "api" | "config" | "settings" | "manage")))
        {
            continue;
        }
        let who = provider.map_or_else(|| "the sender".to_owned(), |provider| format!("`{provider}`"));
        let message =
            format!("`{}` does not check that {who} sent it: anybody can report a payment or a change", standing.path);
        let span = cx.handler_span(route);
        let finding = cx.report(&RULE, (route.module, route.handler), span, message);
        finding.confidence = if provider.is_some() { Confidence::High } else { Confidence::Medium };
        finding.missing_guard = Some("a check of the sender's signature over the raw body".to_owned());
        finding.remedy = "Verify the signature header over the raw body with the secret of the webhook before anything else (`stripe.Webhook.construct_event`, `hmac.compare_digest` for GitHub and others), and refuse old time stamps.".to_owned();
    }
}
