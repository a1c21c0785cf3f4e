//! A form of a template that sends data without a token.

use casemate_python::names::Program;

use crate::finding::{Finding, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::TextContext;
use crate::rules::output::templates::Template;

/// `csrf-token-missing`
pub(crate) static RULE: Rule = Rule {
    id: "WEB607",
    name: "csrf-token-missing",
    summary: "A form is sent without a token against forged requests",
    severity: Severity::Medium,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[352],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "3.5.1",
    page: include_str!("csrf_token_missing.md"),
};

const REMEDY: &str = "Put `{% csrf_token %}` (Django) or `{{ form.hidden_tag() }}` (Flask-WTF) into the form.";

pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    let name = cx.name();
    let is_template = [".html", ".htm", ".jinja", ".jinja2", ".j2", ".djhtml"].iter().any(|end| name.ends_with(end));
    if !is_template || !(cx.text.contains("{%") || cx.text.contains("{{")) {
        return;
    }
    let lower = cx.text.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = lower.get(at..).and_then(|rest| rest.find("<form")).map(|offset| at + offset) {
        let end = lower.get(start..).and_then(|rest| rest.find("</form")).map_or(lower.len(), |offset| start + offset);
        at = end.max(start + 5);
        let Some(form) = lower.get(start..end) else { break };
        let tag_end = tag_end(form);
        let tag = form.get(..tag_end).unwrap_or(form);
        let sends = ["method=\"post\"", "method='post'", "method=post"].iter().any(|method| tag.contains(method));
        // Forms for other sites must not carry the token.
        let goes_out = ["action=\"http", "action='http", "action=\"//"].iter().any(|action| tag.contains(action));
        let has_token = [
            "csrf",
            "hidden_tag",
            "xsrf",
            "authenticity",
            "antiforgery",
            "{{ form }}",
            "{{form}}",
            "form.management",
            "render_form",
            "quick_form",
            "{% crispy",
            "crispy_form",
            "hx-headers",
            "{% include",
            "{% block",
            "include_form",
            "super()",
            // A macro that is handed the form brings what belongs to it.
            "(form)",
            "(form,",
            "_form)",
            "_form,",
        ]
        .iter()
        .any(|sign| form.contains(sign));
        let is_sent_by_script = ["@submit", "v-on:submit", "hx-post", "onsubmit", "data-remote", "ng-submit"]
            .iter()
            .any(|sign| tag.contains(sign));
        if sends && !goes_out && !has_token && !is_sent_by_script {
            found.push(start..start + tag_end);
        }
    }
    // A script that adds the token to all forms or requests.
    if cx.text.contains("X-CSRF") || cx.text.contains("csrfmiddlewaretoken") {
        return;
    }
    for span in found {
        let finding = cx.report(
            &RULE,
            span,
            "the form sends no token: either it is refused, or forged ones are accepted as well".to_owned(),
        );
        finding.remedy = REMEDY.to_owned();
        finding.confidence = crate::finding::Confidence::Medium;
    }
}

/// Where the opening tag ends; a `>` inside of `{% … %}` is none.
fn tag_end(form: &str) -> usize {
    let mut depth = 0_usize;
    let bytes = form.as_bytes();
    for (at, &byte) in bytes.iter().enumerate().take(4096) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'>' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    form.find('>').map_or(form.len().min(200), |at| at + 1)
}

/// Frameworks that keep sessions in cookies.
const SESSIONS: &[&str] = &[
    "flask",
    "django",
    "quart",
    "starlette",
    "fastapi",
    "bottle",
    "pyramid",
    "cherrypy",
    "sanic",
    "tornado",
    "aiohttp_session",
    "web2py",
    "litestar",
];

/// Whether the rest of the project says that a form needs no token of its own: other templates or scripts bring it, so
/// that one without is refused, or nothing keeps sessions in cookies.
pub(crate) fn is_explained(finding: &Finding, templates: &[Template], program: &Program) -> bool {
    if finding.rule.id != RULE.id {
        return false;
    }
    let brings = |text: &str| {
        ["csrf_token", "csrfmiddlewaretoken", "X-CSRF", "hidden_tag", "xsrf"].iter().any(|sign| text.contains(sign))
    };
    let imports = |roots: &[&str]| {
        program.mentioning(roots).any(|(_, module)| {
            module.imports.iter().any(|import| {
                import.level == 0 && import.module.split('.').next().is_some_and(|root| roots.contains(&root))
            })
        })
    };
    // Flask asks for no token unless somebody switches it on.
    let is_asked_for =
        !imports(&["flask", "quart"]) || program.mentioning(&["CSRFProtect", "CsrfProtect"]).next().is_some();
    let is_protected =
        is_asked_for && templates.iter().any(|other| other.path != finding.place.path && brings(&other.text));
    let keeps_sessions = imports(SESSIONS);
    is_protected || !program.is_empty() && !keeps_sessions
}
