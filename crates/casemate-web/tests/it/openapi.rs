//! The description of the API against the API.

use std::collections::BTreeSet;

use casemate_web::api::openapi::document;
use casemate_web::routes::{Audience, Clients, Door, table};

use crate::house::{BASE, House};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

// ASVS 13.4.5: what is described is what there is
#[tokio::test]
async fn the_document_lists_the_routes_of_the_table_and_no_others() {
    let house = House::new().await;
    let document = house.get("/api/v1/openapi.json").send().await.json();
    assert_eq!(document, document_again());
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
            described.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let routes = table();
    let listed: BTreeSet<_> = routes
        .iter()
        .filter(|route| matches!(route.door, Door::Api | Door::Token))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    assert_eq!(described, listed);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
}

fn document_again() -> serde_json::Value {
    document(BASE)
}

#[test]
fn every_operation_says_who_may_and_how_it_fails() {
    let document = document(BASE);
    for route in table().iter().filter(|route| route.door == Door::Api) {
        let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        for status in ["401", "403", "422", "429", "500"] {
            assert!(operation["responses"][status]["content"]["application/problem+json"].is_object(), "{route:?}");
        }
        let Audience::Signed { clients, .. } = route.audience else { panic!("{route:?}") };
        let security = operation["security"].as_array().unwrap();
        let has = |scheme: &str| security.iter().any(|one| one.get(scheme).is_some());
        assert!(has("session"), "{route:?}");
        assert_eq!(has("bearer"), clients != Clients::None, "{route:?}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document(BASE);
    let mut open = vec![&document];
    let mut references = 0;
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::Object(map) => {
                if let Some(reference) = map.get("$ref").and_then(|to| to.as_str()) {
                    assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
                    references += 1;
                }
                open.extend(map.values());
            }
            serde_json::Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    assert!(references > 100, "{references}");
}
