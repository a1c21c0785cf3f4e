//! Findings, and the signs by which they are recognised.

use casemate_model::Timestamp;
use casemate_model::access::{DecideFinding, Permit, Scope, SubmitScan, Walls as _};
use casemate_model::case::{CaseRef, CaseSeverity};
use casemate_model::finding::{Decision, DecisionKind, Finding, FindingState, Occurrence};
use casemate_model::id::{CaseId, FindingId, ProjectId, ScanId, TenantId, UserId};
use casemate_model::page::{Page, PageSize};
use casemate_model::scan::ScanScope;
use casemate_model::text::Reason;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cases::{BATCH, any_of, containing, hex, page, seen_by};
use crate::engine::{StoreError, Tx, on};

/// Which findings. Every filter that is set must fit.
#[derive(Clone, Debug, Default)]
pub struct FindingFilter {
    /// In this project.
    pub project: Option<ProjectId>,
    /// Any of these; all when empty.
    pub severities: Vec<CaseSeverity>,
    /// There or gone.
    pub state: Option<FindingState>,
    /// Of the rule of this id or name.
    pub rule: Option<String>,
    /// With this in message, path or rule, whatever its case.
    pub text: Option<String>,
}

/// A finding of a scope, as far as matching needs it.
#[derive(Clone, Debug)]
pub struct KnownFinding {
    /// Which.
    pub id: FindingId,
    /// Whether it was there at the last complete scan.
    pub state: FindingState,
    /// What a person decided.
    pub decision: Option<DecisionKind>,
    /// The case opened from it.
    pub case: CaseId,
    /// Kind and digest of each sign.
    pub signs: Vec<(String, String)>,
}

/// What a report says about a finding.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The finding.
    pub finding: FindingId,
    /// The tool's rule id.
    pub rule: String,
    /// The tool's rule name.
    pub rule_name: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub remedy: String,
    /// How bad.
    pub severity: CaseSeverity,
    /// Whether it counts as there afterwards.
    pub state: FindingState,
    /// Where.
    pub occurrence: Occurrence,
    /// Kind and digest of each sign to be remembered.
    pub signs: Vec<(&'static str, String)>,
}

impl Sighting {
    fn row(&self) -> Result<Value, StoreError> {
        let occurrence =
            serde_json::to_string(&self.occurrence).map_err(|error| StoreError::row("occurrence", &error))?;
        Ok(json!({
            "id": hex(self.finding.0),
            "rule": self.rule,
            "rule_name": self.rule_name,
            "message": self.message,
            "remedy": self.remedy,
            "severity": self.severity,
            "state": self.state,
            "occurrence": occurrence,
            "search":
                format!("{}\n{}\n{} {}", self.message, self.occurrence.path, self.rule, self.rule_name).to_lowercase(),
        }))
    }
}

/// A finding seen for the first time.
#[derive(Clone, Debug)]
pub struct NewFinding {
    /// What the report says.
    pub seen: Sighting,
    /// Its number.
    pub serial: i64,
    /// The case opened for it.
    pub case: CaseId,
}

#[derive(sqlx::FromRow)]
struct FindingRow {
    tenant_id: Uuid,
    id: Uuid,
    serial: i64,
    project_id: Uuid,
    rule: String,
    rule_name: String,
    message: String,
    remedy: String,
    severity: String,
    state: String,
    decision: Option<String>,
    decision_reason: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<Timestamp>,
    occurrence: String,
    first_scan: Uuid,
    last_scan: Uuid,
    first_seen_at: Timestamp,
    last_seen_at: Timestamp,
    version: i64,
    case_number: i64,
    case_assignee: Option<Uuid>,
}

impl TryFrom<FindingRow> for Finding {
    type Error = StoreError;

    fn try_from(row: FindingRow) -> Result<Self, StoreError> {
        let bad = |error: &dyn std::fmt::Display| StoreError::row("finding", error);
        let decision = match (row.decision, row.decision_reason, row.decided_by, row.decided_at) {
            (Some(kind), Some(reason), Some(by), Some(at)) => Some(Decision {
                kind: kind.parse().map_err(|error| bad(&error))?,
                reason: Reason::parse(&reason).map_err(|error| bad(&error))?,
                by: by.parse().map_err(|error| bad(&error))?,
                at,
            }),
            _ => None,
        };
        Ok(Self {
            id: FindingId(row.id),
            tenant: TenantId(row.tenant_id),
            project: ProjectId(row.project_id),
            rule: row.rule,
            rule_name: row.rule_name,
            message: row.message,
            remedy: row.remedy,
            severity: row.severity.parse().map_err(|error| bad(&error))?,
            state: row.state.parse().map_err(|error| bad(&error))?,
            decision,
            occurrence: serde_json::from_str(&row.occurrence).map_err(|error| bad(&error))?,
            case: CaseRef::new(row.case_number),
            case_assignee: row.case_assignee.map(UserId),
            first_scan: ScanId(row.first_scan),
            last_scan: ScanId(row.last_scan),
            first_seen_at: row.first_seen_at,
            last_seen_at: row.last_seen_at,
            version: row.version,
            serial: row.serial,
        })
    }
}

#[derive(sqlx::FromRow)]
struct KnownRow {
    id: Uuid,
    state: String,
    decision: Option<String>,
    case_id: Uuid,
    sign: Option<String>,
    digest: Option<String>,
}

impl Tx {
    /// The finding with this id, if the reader may see the case opened from it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn finding(&mut self, scope: &Scope, id: FindingId) -> Result<Option<Finding>, StoreError> {
        let row: Option<FindingRow> = on!(self, |c| {
            seen_by!(
                query_as,
                scope,
                "SELECT f.*, c.number AS case_number, c.assignee AS case_assignee FROM findings f \
                 JOIN cases c ON c.tenant_id = f.tenant_id AND c.id = f.case_id WHERE",
                "AND f.id = $4"
            )
            .bind(id.0)
            .fetch_optional(c)
            .await
        })?;
        row.map(Finding::try_from).transpose()
    }

    /// Findings with a smaller serial than `before`, the latest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn findings(
        &mut self,
        scope: &Scope,
        filter: &FindingFilter,
        before: Option<i64>,
        size: PageSize,
    ) -> Result<Page<Finding>, StoreError> {
        let severities = any_of(filter.severities.iter().map(|severity| severity.as_str()));
        let rows: Vec<FindingRow> = on!(self, |c| {
            seen_by!(
                query_as,
                scope,
                "SELECT f.*, c.number AS case_number, c.assignee AS case_assignee FROM findings f \
                 JOIN cases c ON c.tenant_id = f.tenant_id AND c.id = f.case_id WHERE",
                "AND f.serial < $4 AND ($5 IS NULL OR f.project_id = $5) \
                 AND ($6 = '' OR $6 LIKE '%,' || f.severity || ',%') \
                 AND ($7 = '' OR f.state = $7) \
                 AND ($8 = '' OR f.rule = $8 OR f.rule_name = $8) \
                 AND ($9 = '' OR f.search LIKE $9 ESCAPE '\\') \
                 ORDER BY f.serial DESC LIMIT $10"
            )
            .bind(before.unwrap_or(i64::MAX))
            .bind(filter.project.map(|project| project.0))
            .bind(&severities)
            .bind(filter.state.map(FindingState::as_str).unwrap_or_default())
            .bind(filter.rule.as_deref().unwrap_or_default())
            .bind(containing(filter.text.as_deref()))
            .bind(i64::from(size.rows()) + 1)
            .fetch_all(c)
            .await
        })?;
        let findings = rows.into_iter().map(Finding::try_from).collect::<Result<_, _>>()?;
        Ok(page(findings, size, |finding: &Finding| finding.serial))
    }

    /// The findings a case was opened from, if the reader may see it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn findings_of_case(&mut self, scope: &Scope, case: CaseId) -> Result<Vec<Finding>, StoreError> {
        let rows: Vec<FindingRow> = on!(self, |c| {
            seen_by!(
                query_as,
                scope,
                "SELECT f.*, c.number AS case_number, c.assignee AS case_assignee FROM findings f \
                 JOIN cases c ON c.tenant_id = f.tenant_id AND c.id = f.case_id WHERE",
                "AND f.case_id = $4 ORDER BY f.serial"
            )
            .bind(case.0)
            .fetch_all(c)
            .await
        })?;
        rows.into_iter().map(Finding::try_from).collect()
    }

    /// How many findings of the case, or of cases closed as its duplicates, are there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn count_open_findings_of(
        &mut self,
        scope: &Scope,
        case: CaseId,
        reference: CaseRef,
    ) -> Result<i64, StoreError> {
        Ok(on!(self, |c| {
            seen_by!(
                query_scalar,
                scope,
                "SELECT COUNT(*) FROM findings f WHERE f.tenant_id = $1 AND f.state = 'open' AND f.case_id IN \
                 (SELECT c.id FROM cases c WHERE",
                "AND c.id = $4 UNION ALL SELECT d.id FROM cases d \
                 WHERE d.tenant_id = $1 AND d.status = 'closed' AND d.duplicate_of = $5)"
            )
            .bind(case.0)
            .bind(reference.number())
            .fetch_one(c)
            .await
        })?)
    }

    /// Closed cases, as fixed or as duplicates, of which this scan saw a finding that nobody decided away.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn closed_cases_seen_by(
        &mut self,
        scope: &Scope,
        of: &ScanScope,
        scan: ScanId,
    ) -> Result<Vec<CaseId>, StoreError> {
        let rows: Vec<Uuid> = on!(self, |c| {
            seen_by!(
                query_scalar,
                scope,
                "SELECT DISTINCT c.id FROM findings f \
                 JOIN cases c ON c.tenant_id = f.tenant_id AND c.id = f.case_id WHERE",
                "AND f.project_id = $4 AND f.tool = $5 AND f.category = $6 AND f.target = $7 AND f.branch = $8 \
                 AND f.last_scan = $9 AND f.state = 'open' AND (f.decision IS NULL OR f.decision = 'confirmed') \
                 AND c.status = 'closed' AND c.resolution IN ('fixed', 'duplicate') ORDER BY c.id"
            )
            .bind(of.project.0)
            .bind(&of.tool)
            .bind(&of.category)
            .bind(&of.target)
            .bind(&of.branch)
            .bind(scan.0)
            .fetch_all(c)
            .await
        })?;
        Ok(rows.into_iter().map(CaseId).collect())
    }

    /// All findings that scans of this scope ever saw, in the order they were first seen, with their signs.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn known_findings(&mut self, scope: &Scope, of: &ScanScope) -> Result<Vec<KnownFinding>, StoreError> {
        let rows: Vec<KnownRow> = on!(self, |c| {
            seen_by!(
                query_as,
                scope,
                "SELECT f.id, f.state, f.decision, f.case_id, s.sign, s.digest FROM findings f \
                 JOIN cases c ON c.tenant_id = f.tenant_id AND c.id = f.case_id \
                 LEFT JOIN finding_signs s ON s.tenant_id = f.tenant_id AND s.finding_id = f.id WHERE",
                "AND f.project_id = $4 AND f.tool = $5 AND f.category = $6 AND f.target = $7 AND f.branch = $8 \
                 ORDER BY f.serial"
            )
            .bind(of.project.0)
            .bind(&of.tool)
            .bind(&of.category)
            .bind(&of.target)
            .bind(&of.branch)
            .fetch_all(c)
            .await
        })?;
        let mut known: Vec<KnownFinding> = Vec::new();
        for row in rows {
            if known.last().is_none_or(|last| last.id.0 != row.id) {
                let bad = |error: &dyn std::fmt::Display| StoreError::row("finding", error);
                known.push(KnownFinding {
                    id: FindingId(row.id),
                    state: row.state.parse().map_err(|error| bad(&error))?,
                    decision: row.decision.map(|word| word.parse()).transpose().map_err(|error| bad(&error))?,
                    case: CaseId(row.case_id),
                    signs: Vec::new(),
                });
            }
            if let (Some(last), Some(sign), Some(digest)) = (known.last_mut(), row.sign, row.digest) {
                last.signs.push((sign, digest));
            }
        }
        Ok(known)
    }

    /// Writes findings seen for the first time.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn insert_findings(
        &mut self,
        permit: &Permit<SubmitScan>,
        of: &ScanScope,
        scan: ScanId,
        now: Timestamp,
        findings: &[NewFinding],
    ) -> Result<(), StoreError> {
        for some in findings.chunks(BATCH) {
            let mut rows = Vec::with_capacity(some.len());
            for finding in some {
                let mut row = finding.seen.row()?;
                row["serial"] = finding.serial.into();
                row["case"] = hex(finding.case.0).into();
                rows.push(row);
            }
            let rows = json!(rows).to_string();
            on!(self, |c| {
                sqlx::query(
                    "INSERT INTO findings (tenant_id, id, serial, project_id, tool, category, target, branch, rule, \
                     rule_name, message, remedy, severity, state, occurrence, case_id, first_scan, last_scan, \
                     first_seen_at, last_seen_at, version, search) \
                     SELECT $1, unhex(item.value ->> 'id'), CAST(item.value ->> 'serial' AS BIGINT), $3, $4, $5, $6, \
                     $7, item.value ->> 'rule', item.value ->> 'rule_name', item.value ->> 'message', \
                     item.value ->> 'remedy', item.value ->> 'severity', item.value ->> 'state', \
                     item.value ->> 'occurrence', unhex(item.value ->> 'case'), $8, $8, $9, $9, 1, \
                     item.value ->> 'search' FROM json_each($2) AS item",
                )
                .bind(permit.tenant().0)
                .bind(&rows)
                .bind(of.project.0)
                .bind(&of.tool)
                .bind(&of.category)
                .bind(&of.target)
                .bind(&of.branch)
                .bind(scan.0)
                .bind(now)
                .execute(c)
                .await
                .map(drop)
            })?;
        }
        self.remember_signs(permit, findings.iter().map(|finding| &finding.seen)).await
    }

    /// Writes that findings were seen again. The version grows when something about them changed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn update_findings(
        &mut self,
        permit: &Permit<SubmitScan>,
        scan: ScanId,
        now: Timestamp,
        seen: &[Sighting],
    ) -> Result<(), StoreError> {
        // Every row found is compared with every row sent, so fewer are sent at once.
        for some in seen.chunks(BATCH / 10) {
            let rows = some.iter().map(Sighting::row).collect::<Result<Vec<_>, _>>()?;
            let rows = json!(rows).to_string();
            on!(self, |c| {
                sqlx::query(
                    "UPDATE findings SET rule = item.value ->> 'rule', rule_name = item.value ->> 'rule_name', \
                     message = item.value ->> 'message', remedy = item.value ->> 'remedy', \
                     severity = item.value ->> 'severity', state = item.value ->> 'state', \
                     occurrence = item.value ->> 'occurrence', search = item.value ->> 'search', \
                     last_scan = $3, last_seen_at = $4, \
                     version = version + CASE WHEN state = item.value ->> 'state' \
                       AND severity = item.value ->> 'severity' AND message = item.value ->> 'message' \
                       AND remedy = item.value ->> 'remedy' AND occurrence = item.value ->> 'occurrence' \
                       THEN 0 ELSE 1 END \
                     FROM json_each($2) AS item \
                     WHERE findings.tenant_id = $1 AND findings.id = unhex(item.value ->> 'id') \
                     AND findings.id IN (SELECT unhex(sent.value ->> 'id') FROM json_each($2) AS sent)",
                )
                .bind(permit.tenant().0)
                .bind(&rows)
                .bind(scan.0)
                .bind(now)
                .execute(c)
                .await
                .map(drop)
            })?;
        }
        self.remember_signs(permit, seen.iter()).await
    }

    /// Writes that findings are no longer there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn mark_gone(&mut self, permit: &Permit<SubmitScan>, gone: &[FindingId]) -> Result<(), StoreError> {
        for some in gone.chunks(BATCH) {
            let rows: Vec<Value> = some.iter().map(|id| json!({ "id": hex(id.0) })).collect();
            let rows = json!(rows).to_string();
            on!(self, |c| {
                sqlx::query(
                    "UPDATE findings SET state = 'gone', version = version + 1 WHERE tenant_id = $1 \
                     AND id IN (SELECT unhex(item.value ->> 'id') FROM json_each($2) AS item)",
                )
                .bind(permit.tenant().0)
                .bind(&rows)
                .execute(c)
                .await
                .map(drop)
            })?;
        }
        Ok(())
    }

    async fn remember_signs(
        &mut self,
        permit: &Permit<SubmitScan>,
        seen: impl Iterator<Item = &Sighting>,
    ) -> Result<(), StoreError> {
        let rows: Vec<Value> = seen
            .flat_map(|seen| {
                let id = hex(seen.finding.0);
                seen.signs.iter().map(move |(sign, digest)| json!({ "id": id, "sign": sign, "digest": digest }))
            })
            .collect();
        for some in rows.chunks(BATCH * 4) {
            let rows = json!(some).to_string();
            on!(self, |c| {
                sqlx::query(
                    // SQLite needs a WHERE before ON CONFLICT to tell it from a join's.
                    "INSERT INTO finding_signs (tenant_id, finding_id, sign, digest) \
                     SELECT $1, unhex(item.value ->> 'id'), item.value ->> 'sign', item.value ->> 'digest' \
                     FROM json_each($2) AS item WHERE TRUE \
                     ON CONFLICT (tenant_id, finding_id, sign) DO UPDATE SET digest = excluded.digest",
                )
                .bind(permit.tenant().0)
                .bind(&rows)
                .execute(c)
                .await
                .map(drop)
            })?;
        }
        Ok(())
    }

    /// Writes what a person decided about a finding of that version; `false` when something else is stored.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_decision(
        &mut self,
        permit: &Permit<DecideFinding>,
        version: i64,
        decision: &Decision,
    ) -> Result<bool, StoreError> {
        let done = on!(self, |c| {
            sqlx::query(
                "UPDATE findings SET decision = $4, decision_reason = $5, decided_by = $6, decided_at = $7, \
                 version = version + 1 WHERE tenant_id = $1 AND id = $2 AND version = $3",
            )
            .bind(permit.tenant().0)
            .bind(permit.object().id.0)
            .bind(version)
            .bind(decision.kind.as_str())
            .bind(decision.reason.as_str())
            .bind(decision.by.to_string())
            .bind(decision.at)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })?;
        Ok(done == 1)
    }
}
