//! The OpenAPI 3.1 document, made from the handlers, and served.

use axum::Json;
use axum::extract::State;
use casemate_model::client::TokenScope;
use http::header::CACHE_CONTROL;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, ClientCredentials, Flow, Http, HttpAuthScheme, HttpBuilder, OAuth2, Scopes,
    SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Content, HeaderBuilder, Ref, RefOr, Response, ResponseBuilder, Server};
use utoipa_axum::router::OpenApiRouter;

use crate::failure::{Code, Problem};
use crate::routes::{Audience, Clients, Door, Route, table};
use crate::state::AppState;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Casemate",
        description = "Findings of security audits and what becomes of them: cases that go through a reviewed workflow \
            with an audit trail that cannot be altered unseen.\n\nErrors are problem details (RFC 9457) with a stable code in \
            `error`. Changes take `If-Match` where a version is at stake. Lists come in pages: give `next` as `cursor`."
    ),
    components(schemas(Problem)),
    tags(
        (name = "cases", description = "Cases, their notes and their way through the workflow"),
        (name = "findings", description = "What scans reported"),
        (name = "audit", description = "The audit trail"),
        (name = "tenant", description = "People, programs and settings of the tenant"),
        (name = "tokens", description = "Access tokens for programs"),
    )
)]
struct Document;

/// The document as JSON, for an instance at this address.
pub fn document(base_url: &str) -> serde_json::Value {
    let mut router = OpenApiRouter::<AppState>::with_openapi(Document::openapi());
    let mut rows = table();
    for route in &mut rows {
        if let Some(docs) = route.take_docs() {
            router = router.routes(docs);
        }
    }
    let mut document = router.into_openapi();
    document.servers = Some(vec![Server::new(base_url)]);
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("client", client_scheme(base_url));
    components.add_security_scheme(
        "bearer",
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build()),
    );
    components.add_security_scheme("basic", SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)));
    components.add_security_scheme(
        "session",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            crate::session::SESSION_COOKIE,
            "The session of a browser. Changes also need the header X-CSRF-Token.",
        ))),
    );
    for route in &rows {
        if let Some(operation) = operation(&mut document, route) {
            describe(operation, route);
        }
    }
    let mut document = serde_json::to_value(&document).unwrap_or_default();
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    document
}

fn client_scheme(base_url: &str) -> SecurityScheme {
    let scopes = TokenScope::ALL.map(|scope| (scope.as_str(), meaning(scope)));
    let flow = ClientCredentials::new(format!("{base_url}/oauth/token"), Scopes::from_iter(scopes));
    SecurityScheme::OAuth2(OAuth2::new([Flow::ClientCredentials(flow)]))
}

fn meaning(scope: TokenScope) -> &'static str {
    match scope {
        TokenScope::CasesRead => "read cases, notes and findings",
        TokenScope::CasesWrite => "open and edit cases, add notes, give evidence",
        TokenScope::CasesExport => "export cases",
        TokenScope::FindingsWrite => "hand in scans",
        TokenScope::AuditRead => "read and verify the audit trail",
    }
}

fn operation<'a>(document: &'a mut utoipa::openapi::OpenApi, route: &Route) -> Option<&'a mut Operation> {
    let item = document.paths.paths.get_mut(route.path)?;
    match route.method.as_str() {
        "GET" => item.get.as_mut(),
        "POST" => item.post.as_mut(),
        "PUT" => item.put.as_mut(),
        "PATCH" => item.patch.as_mut(),
        "DELETE" => item.delete.as_mut(),
        _ => None,
    }
}

/// Adds what the table knows: who may, and how it can fail.
fn describe(operation: &mut Operation, route: &Route) {
    let mut failures = vec![Code::SlowDown, Code::Internal, Code::Busy];
    if route.door == Door::Api {
        failures.extend([Code::SignInNeeded, Code::Denied, Code::NotAcceptable, Code::Invalid]);
        if route.names_something() {
            failures.push(Code::NotFound);
        }
        if !matches!(route.body, crate::routes::Body::None) {
            failures.extend([Code::Malformed, Code::TooLarge, Code::MediaType]);
        }
        let session = SecurityRequirement::new("session", Vec::<String>::new());
        let mut allowed = vec![session];
        if let Audience::Signed { clients, .. } = route.audience {
            let scopes: Option<Vec<&str>> = match clients {
                Clients::None => None,
                Clients::All => Some(vec![]),
                Clients::With(scopes) => Some(scopes.iter().map(|scope| scope.as_str()).collect()),
            };
            if let Some(scopes) = scopes {
                allowed.push(SecurityRequirement::new("client", scopes));
                allowed.push(SecurityRequirement::new("bearer", Vec::<String>::new()));
            }
        }
        operation.security = Some(allowed);
    }
    for code in failures {
        let status = code.status().as_u16().to_string();
        operation.responses.responses.entry(status).or_insert_with(|| RefOr::T(problem(code)));
    }
    if let Some(RefOr::T(success)) =
        operation.responses.responses.iter_mut().find(|(status, _)| status.starts_with('2')).map(|(_, answer)| answer)
    {
        if success.description.is_empty() {
            success.description = "Done".to_owned();
        }
        for name in ["RateLimit", "RateLimit-Policy", "X-Request-Id"] {
            success.headers.insert(name.to_owned(), RefOr::T(HeaderBuilder::new().build()));
        }
    }
}

fn problem(code: Code) -> Response {
    let body = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(code.title()).content("application/problem+json", body).build()
}

/// Serves the document.
pub(crate) async fn serve(
    State(state): State<AppState>,
) -> ([(http::HeaderName, &'static str); 1], Json<serde_json::Value>) {
    ([(CACHE_CONTROL, "public, max-age=300")], Json(document(state.settings.base_url())))
}
