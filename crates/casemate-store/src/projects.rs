//! Projects.

use casemate_model::Timestamp;
use casemate_model::access::{Permit, Scope, SubmitScan, Walls as _};
use casemate_model::id::{ProjectId, TenantId};
use casemate_model::project::Project;
use casemate_model::text::ProjectName;
use uuid::Uuid;

use crate::engine::{StoreError, Tx, on};

#[derive(sqlx::FromRow)]
struct ProjectRow {
    tenant_id: Uuid,
    id: Uuid,
    name: String,
    created_at: Timestamp,
}

impl TryFrom<ProjectRow> for Project {
    type Error = StoreError;

    fn try_from(row: ProjectRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: ProjectId(row.id),
            tenant: TenantId(row.tenant_id),
            name: ProjectName::parse(&row.name).map_err(|error| StoreError::row("project", &error))?,
            created_at: row.created_at,
        })
    }
}

impl Tx {
    /// All projects by name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn projects(&mut self, scope: &Scope) -> Result<Vec<Project>, StoreError> {
        let rows: Vec<ProjectRow> = on!(self, |c| {
            sqlx::query_as("SELECT * FROM projects WHERE tenant_id = $1 ORDER BY name")
                .bind(scope.tenant().0)
                .fetch_all(c)
                .await
        })?;
        rows.into_iter().map(Project::try_from).collect()
    }

    /// The project with this id.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn project(&mut self, scope: &Scope, id: ProjectId) -> Result<Option<Project>, StoreError> {
        let row: Option<ProjectRow> = on!(self, |c| {
            sqlx::query_as("SELECT * FROM projects WHERE tenant_id = $1 AND id = $2")
                .bind(scope.tenant().0)
                .bind(id.0)
                .fetch_optional(c)
                .await
        })?;
        row.map(Project::try_from).transpose()
    }

    /// The project of that name, and whether this one was put there because there was none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn project_or_insert(
        &mut self,
        permit: &Permit<SubmitScan>,
        project: &Project,
    ) -> Result<(Project, bool), StoreError> {
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO projects (tenant_id, id, name, created_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (tenant_id, name) DO NOTHING",
            )
            .bind(permit.tenant().0)
            .bind(project.id.0)
            .bind(project.name.as_str())
            .bind(project.created_at)
            .execute(c)
            .await
            .map(drop)
        })?;
        let row: ProjectRow = on!(self, |c| {
            sqlx::query_as("SELECT * FROM projects WHERE tenant_id = $1 AND name = $2")
                .bind(permit.tenant().0)
                .bind(project.name.as_str())
                .fetch_one(c)
                .await
        })?;
        let stored = Project::try_from(row)?;
        let is_new = stored.id == project.id;
        Ok((stored, is_new))
    }
}
