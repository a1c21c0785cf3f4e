//! Scans.

use casemate_model::Timestamp;
use casemate_model::access::{Permit, Scope, SubmitScan, Walls as _};
use casemate_model::id::{ProjectId, ScanId, TenantId};
use casemate_model::page::PageSize;
use casemate_model::scan::{Scan, ScanCounts, ScanScope};
use uuid::Uuid;

use crate::engine::{StoreError, Tx, on};

#[derive(sqlx::FromRow)]
struct ScanRow {
    tenant_id: Uuid,
    id: Uuid,
    project_id: Uuid,
    tool: String,
    category: String,
    target: String,
    branch: String,
    tool_version: String,
    commit_id: String,
    sha256: String,
    complete: bool,
    counts: String,
    submitted_by: String,
    submitted_at: Timestamp,
}

impl TryFrom<ScanRow> for Scan {
    type Error = StoreError;

    fn try_from(row: ScanRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: ScanId(row.id),
            tenant: TenantId(row.tenant_id),
            scope: ScanScope {
                project: ProjectId(row.project_id),
                tool: row.tool,
                category: row.category,
                target: row.target,
                branch: row.branch,
            },
            tool_version: row.tool_version,
            commit: row.commit_id,
            sha256: row.sha256,
            complete: row.complete,
            counts: serde_json::from_str(&row.counts).map_err(|error| StoreError::row("scan", &error))?,
            submitted_by: row.submitted_by.parse().map_err(|error| StoreError::row("scan", &error))?,
            submitted_at: row.submitted_at,
        })
    }
}

fn counts(counts: &ScanCounts) -> Result<String, StoreError> {
    serde_json::to_string(counts).map_err(|error| StoreError::row("scan", &error))
}

impl Tx {
    /// The latest scans, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn scans(&mut self, scope: &Scope, most: PageSize) -> Result<Vec<Scan>, StoreError> {
        let rows: Vec<ScanRow> = on!(self, |c| {
            sqlx::query_as("SELECT * FROM scans WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2")
                .bind(scope.tenant().0)
                .bind(i64::from(most.rows()))
                .fetch_all(c)
                .await
        })?;
        rows.into_iter().map(Scan::try_from).collect()
    }

    /// The latest scan that covered the same.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn latest_scan(&mut self, scope: &Scope, of: &ScanScope) -> Result<Option<Scan>, StoreError> {
        let row: Option<ScanRow> = on!(self, |c| {
            sqlx::query_as(
                "SELECT * FROM scans WHERE tenant_id = $1 AND project_id = $2 AND tool = $3 AND category = $4 \
                 AND target = $5 AND branch = $6 ORDER BY id DESC LIMIT 1",
            )
            .bind(scope.tenant().0)
            .bind(of.project.0)
            .bind(&of.tool)
            .bind(&of.category)
            .bind(&of.target)
            .bind(&of.branch)
            .fetch_optional(c)
            .await
        })?;
        row.map(Scan::try_from).transpose()
    }

    /// Writes a scan.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn insert_scan(&mut self, permit: &Permit<SubmitScan>, scan: &Scan) -> Result<(), StoreError> {
        let counts = counts(&scan.counts)?;
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO scans (tenant_id, id, project_id, tool, category, target, branch, tool_version, \
                 commit_id, sha256, complete, counts, submitted_by, submitted_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            )
            .bind(permit.tenant().0)
            .bind(scan.id.0)
            .bind(scan.scope.project.0)
            .bind(&scan.scope.tool)
            .bind(&scan.scope.category)
            .bind(&scan.scope.target)
            .bind(&scan.scope.branch)
            .bind(&scan.tool_version)
            .bind(&scan.commit)
            .bind(&scan.sha256)
            .bind(scan.complete)
            .bind(&counts)
            .bind(scan.submitted_by.to_string())
            .bind(scan.submitted_at)
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// Writes what a scan changed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_scan_counts(
        &mut self,
        permit: &Permit<SubmitScan>,
        scan: ScanId,
        changed: &ScanCounts,
    ) -> Result<(), StoreError> {
        let counts = counts(changed)?;
        on!(self, |c| {
            sqlx::query("UPDATE scans SET counts = $3 WHERE tenant_id = $1 AND id = $2")
                .bind(permit.tenant().0)
                .bind(scan.0)
                .bind(&counts)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }
}
