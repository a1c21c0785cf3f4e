//! `/projects`: what is scanned.

use axum::extract::State;
use casemate_service::Service;
use casemate_service::projects::list_projects;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Signed;
use super::input::NoQuery;
use super::{List, moment};
use crate::failure::Failure;

/// One project.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectBody {
    /// Id.
    #[schema(format = "uuid")]
    id: String,
    /// Name, unique in the tenant.
    #[schema(example = "shop")]
    name: String,
    /// Since when.
    #[schema(format = "date-time")]
    created_at: String,
}

/// List projects by name; handing in a report makes them
#[utoipa::path(get, path = "/api/v1/projects", tag = "findings", responses((status = 200, body = List<ProjectBody>)))]
pub(crate) async fn list_projects(
    State(service): State<Service>,
    Signed(asking): Signed,
    _: NoQuery,
) -> Result<axum::Json<List<ProjectBody>>, Failure> {
    let projects = list_projects::list_projects(&service, &asking).await?;
    Ok(axum::Json(List::whole(projects.into_iter().map(|project| ProjectBody {
        id: project.id.to_string(),
        name: project.name.into(),
        created_at: moment::time(project.created_at),
    }))))
}
