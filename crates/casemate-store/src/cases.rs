//! Cases, who reads them, and their numbers.

use casemate_model::Timestamp;
use casemate_model::access::{Action, Actor, AssignCase, CaseFacts, CreateCase, NameReaders, Permit, Scope, Walls};
use casemate_model::case::{Case, CaseRef, CaseSeverity, CaseStatus, Resolution, ResolutionKind};
use casemate_model::id::{CaseId, ProjectId, TenantId, UserId};
use casemate_model::page::{Page, PageSize};
use casemate_model::text::{CaseDescription, CaseTitle, Tag};
use serde_json::json;
use uuid::Uuid;

use crate::engine::{StoreError, Tx, on};

/// A query that sees a restricted case only if it names the reader or the policies let them see it: `$1` tenant,
/// `$2` sees all, `$3` reader. SECURITY: the condition and its values come together, so that none is forgotten.
macro_rules! seen_by {
    ($query:ident, $scope:expr, $before:literal, $after:literal $(,)?) => {
        sqlx::$query(concat!(
            $before,
            " c.tenant_id = $1 AND (NOT c.restricted OR $2 OR EXISTS (SELECT 1 FROM case_readers r \
              WHERE r.tenant_id = c.tenant_id AND r.case_id = c.id AND r.user_id = $3)) ",
            $after
        ))
        .bind($scope.tenant().0)
        .bind($scope.reads_restricted())
        .bind($scope.reader().map(|user| user.0))
    };
}
pub(crate) use seen_by;

/// Rows sent to the database at once.
pub(crate) const BATCH: usize = 500;

/// What is counted up in each tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Case numbers.
    Case,
    /// Serials of findings.
    Finding,
}

impl Counted {
    fn as_str(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Finding => "finding",
        }
    }
}

/// Which cases. Every filter that is set must fit.
#[derive(Clone, Debug, Default)]
pub struct CaseFilter {
    /// Any of these; all when empty.
    pub statuses: Vec<CaseStatus>,
    /// Any of these; all when empty.
    pub severities: Vec<CaseSeverity>,
    /// This member's; with an inner `None` nobody's.
    pub assignee: Option<Option<UserId>>,
    /// About this project.
    pub project: Option<ProjectId>,
    /// With a finding of the rule of this id or name.
    pub rule: Option<String>,
    /// With this in reference, title or description, whatever its case.
    pub text: Option<String>,
}

#[derive(sqlx::FromRow)]
struct CaseRow {
    tenant_id: Uuid,
    id: Uuid,
    number: i64,
    project_id: Option<Uuid>,
    title: String,
    description: Option<String>,
    status: String,
    severity: String,
    tags: String,
    due_on: Option<time::Date>,
    resolution: Option<String>,
    accepted_until: Option<Timestamp>,
    duplicate_of: Option<i64>,
    opened_by: String,
    assignee: Option<Uuid>,
    approved_by: Option<Uuid>,
    closed_without_four_eyes: bool,
    restricted: bool,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl TryFrom<CaseRow> for Case {
    type Error = StoreError;

    fn try_from(row: CaseRow) -> Result<Self, StoreError> {
        let bad = |error: &dyn std::fmt::Display| StoreError::row("case", error);
        let reference = |number| CaseRef::new(number).ok_or_else(|| bad(&"number below 1"));
        let kind = row.resolution.map(|word| word.parse::<ResolutionKind>()).transpose().map_err(|e| bad(&e))?;
        let resolution = match kind {
            None => None,
            Some(ResolutionKind::Fixed) => Some(Resolution::Fixed),
            Some(ResolutionKind::FalsePositive) => Some(Resolution::FalsePositive),
            Some(ResolutionKind::AcceptedRisk) => Some(Resolution::AcceptedRisk {
                until: row.accepted_until.ok_or_else(|| bad(&"an accepted risk without end"))?,
            }),
            Some(ResolutionKind::Duplicate) => Some(Resolution::Duplicate {
                of: reference(row.duplicate_of.ok_or_else(|| bad(&"a duplicate of nothing"))?)?,
            }),
            Some(ResolutionKind::NotApplicable) => Some(Resolution::NotApplicable),
        };
        Ok(Self {
            id: CaseId(row.id),
            tenant: TenantId(row.tenant_id),
            reference: reference(row.number)?,
            project: row.project_id.map(ProjectId),
            title: CaseTitle::parse(&row.title).map_err(|e| bad(&e))?,
            description: row.description.map(|text| CaseDescription::parse(&text)).transpose().map_err(|e| bad(&e))?,
            status: row.status.parse().map_err(|e| bad(&e))?,
            severity: row.severity.parse().map_err(|e| bad(&e))?,
            tags: serde_json::from_str::<Vec<Tag>>(&row.tags).map_err(|e| bad(&e))?,
            due_on: row.due_on,
            resolution,
            opened_by: row.opened_by.parse().map_err(|e| bad(&e))?,
            assignee: row.assignee.map(UserId),
            approved_by: row.approved_by.map(UserId),
            closed_without_four_eyes: row.closed_without_four_eyes,
            restricted: row.restricted,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// What a resolution needs beside its word.
fn parts(resolution: Option<Resolution>) -> (Option<&'static str>, Option<Timestamp>, Option<i64>) {
    let kind = resolution.map(|resolution| resolution.kind().as_str());
    match resolution {
        Some(Resolution::AcceptedRisk { until }) => (kind, Some(until), None),
        Some(Resolution::Duplicate { of }) => (kind, None, Some(of.number())),
        _ => (kind, None, None),
    }
}

fn tags(case: &Case) -> Result<String, StoreError> {
    serde_json::to_string(&case.tags).map_err(|error| StoreError::row("case", &error))
}

fn searched(case: &Case) -> String {
    let description = case.description.as_ref().map_or("", CaseDescription::as_str);
    format!("{}\n{}\n{description}", case.reference, case.title).to_lowercase()
}

/// `,a,b,` to look a word up in; empty for any.
pub(crate) fn any_of(words: impl IntoIterator<Item = &'static str>) -> String {
    let list: Vec<_> = words.into_iter().collect();
    if list.is_empty() { String::new() } else { format!(",{},", list.join(",")) }
}

/// A pattern for LIKE that fits whatever contains the text, in lower case; `%`, `_` and `\` mean themselves.
pub(crate) fn containing(text: Option<&str>) -> String {
    let Some(text) = text else { return String::new() };
    let mut pattern = String::from("%");
    for letter in text.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// One row more than asked for was read, to know whether more follow.
pub(crate) fn page<T>(mut items: Vec<T>, size: PageSize, key: impl Fn(&T) -> i64) -> Page<T> {
    let most = usize::from(size.rows());
    let has_more = items.len() > most;
    items.truncate(most);
    let next = if has_more { items.last().map(key) } else { None };
    Page { items, next }
}

pub(crate) fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

impl Tx {
    /// The case of that reference, if the reader may see it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn case(&mut self, scope: &Scope, reference: CaseRef) -> Result<Option<Case>, StoreError> {
        let row: Option<CaseRow> = on!(self, |c| {
            seen_by!(query_as, scope, "SELECT c.* FROM cases c WHERE", "AND c.number = $4")
                .bind(reference.number())
                .fetch_optional(c)
                .await
        })?;
        row.map(Case::try_from).transpose()
    }

    /// The case with that id, if the reader may see it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn case_by_id(&mut self, scope: &Scope, id: CaseId) -> Result<Option<Case>, StoreError> {
        let row: Option<CaseRow> = on!(self, |c| {
            seen_by!(query_as, scope, "SELECT c.* FROM cases c WHERE", "AND c.id = $4")
                .bind(id.0)
                .fetch_optional(c)
                .await
        })?;
        row.map(Case::try_from).transpose()
    }

    /// Cases with a smaller number than `before`, the latest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cases(
        &mut self,
        scope: &Scope,
        filter: &CaseFilter,
        before: Option<i64>,
        size: PageSize,
    ) -> Result<Page<Case>, StoreError> {
        let statuses = any_of(filter.statuses.iter().map(|status| status.as_str()));
        let severities = any_of(filter.severities.iter().map(|severity| severity.as_str()));
        let (whose, assignee) = match filter.assignee {
            None => ("", None),
            Some(None) => ("nobody", None),
            Some(Some(user)) => ("member", Some(user.0)),
        };
        let rows: Vec<CaseRow> = on!(self, |c| {
            seen_by!(
                query_as,
                scope,
                "SELECT c.* FROM cases c WHERE",
                "AND c.number < $4 \
                 AND ($5 = '' OR $5 LIKE '%,' || c.status || ',%') \
                 AND ($6 = '' OR $6 LIKE '%,' || c.severity || ',%') \
                 AND ($7 = '' OR ($7 = 'nobody' AND c.assignee IS NULL) OR ($7 = 'member' AND c.assignee = $8)) \
                 AND ($9 IS NULL OR c.project_id = $9) \
                 AND ($10 = '' OR EXISTS (SELECT 1 FROM findings f WHERE f.tenant_id = c.tenant_id \
                   AND f.case_id = c.id AND (f.rule = $10 OR f.rule_name = $10))) \
                 AND ($11 = '' OR c.search LIKE $11 ESCAPE '\\') \
                 ORDER BY c.number DESC LIMIT $12"
            )
            .bind(before.unwrap_or(i64::MAX))
            .bind(&statuses)
            .bind(&severities)
            .bind(whose)
            .bind(assignee)
            .bind(filter.project.map(|project| project.0))
            .bind(filter.rule.as_deref().unwrap_or_default())
            .bind(containing(filter.text.as_deref()))
            .bind(i64::from(size.rows()) + 1)
            .fetch_all(c)
            .await
        })?;
        let cases = rows.into_iter().map(Case::try_from).collect::<Result<_, _>>()?;
        Ok(page(cases, size, |case: &Case| case.reference.number()))
    }

    /// How many cases of each status and severity the reader may see.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn case_counts(&mut self, scope: &Scope) -> Result<Vec<(CaseStatus, CaseSeverity, i64)>, StoreError> {
        let rows: Vec<(String, String, i64)> = on!(self, |c| {
            seen_by!(
                query_as,
                scope,
                "SELECT c.status, c.severity, COUNT(*) FROM cases c WHERE",
                "GROUP BY c.status, c.severity"
            )
            .fetch_all(c)
            .await
        })?;
        rows.into_iter()
            .map(|(status, severity, count)| {
                let status = status.parse().map_err(|error| StoreError::row("case", &error))?;
                let severity = severity.parse().map_err(|error| StoreError::row("case", &error))?;
                Ok((status, severity, count))
            })
            .collect()
    }

    /// Closed cases whose accepted risk ended by then.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cases_with_ended_acceptance(
        &mut self,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Case>, StoreError> {
        let rows: Vec<CaseRow> = on!(self, |c| {
            seen_by!(
                query_as,
                scope,
                "SELECT c.* FROM cases c WHERE",
                "AND c.status = 'closed' AND c.accepted_until <= $4 ORDER BY c.number"
            )
            .bind(now)
            .fetch_all(c)
            .await
        })?;
        rows.into_iter().map(Case::try_from).collect()
    }

    /// Takes the next so many numbers and returns the first of them. Others who want one wait until this ends.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn take_numbers(&mut self, walls: &impl Walls, what: Counted, count: i64) -> Result<i64, StoreError> {
        let last: i64 = on!(self, |c| {
            sqlx::query_scalar(
                "INSERT INTO numbers (tenant_id, kind, last) VALUES ($1, $2, $3) \
                 ON CONFLICT (tenant_id, kind) DO UPDATE SET last = numbers.last + excluded.last RETURNING last",
            )
            .bind(walls.tenant().0)
            .bind(what.as_str())
            .bind(count)
            .fetch_one(c)
            .await
        })?;
        Ok(last - count + 1)
    }

    /// Writes a new case.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn insert_case(&mut self, permit: &Permit<CreateCase>, case: &Case) -> Result<(), StoreError> {
        let (kind, until, duplicate_of) = parts(case.resolution);
        let tags = tags(case)?;
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO cases (tenant_id, id, number, project_id, title, description, status, severity, tags, \
                 due_on, resolution, accepted_until, duplicate_of, opened_by, assignee, approved_by, \
                 closed_without_four_eyes, restricted, version, search, created_at, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
                 $21, $22)",
            )
            .bind(permit.tenant().0)
            .bind(case.id.0)
            .bind(case.reference.number())
            .bind(case.project.map(|project| project.0))
            .bind(case.title.as_str())
            .bind(case.description.as_ref().map(CaseDescription::as_str))
            .bind(case.status.as_str())
            .bind(case.severity.as_str())
            .bind(&tags)
            .bind(case.due_on)
            .bind(kind)
            .bind(until)
            .bind(duplicate_of)
            .bind(case.opened_by.to_string())
            .bind(case.assignee.map(|user| user.0))
            .bind(case.approved_by.map(|user| user.0))
            .bind(case.closed_without_four_eyes)
            .bind(case.restricted)
            .bind(case.version)
            .bind(searched(case))
            .bind(case.created_at)
            .bind(case.updated_at)
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// Writes many new cases that a scan opened: open, unassigned, without description, date and resolution.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn insert_cases_of_scan(
        &mut self,
        permit: &Permit<CreateCase>,
        cases: &[Case],
        opened_by: Actor,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for some in cases.chunks(BATCH) {
            let mut rows = Vec::with_capacity(some.len());
            for case in some {
                rows.push(json!({
                    "id": hex(case.id.0),
                    "number": case.reference.number(),
                    "project": case.project.map(|project| hex(project.0)),
                    "title": case.title,
                    "severity": case.severity,
                    "tags": tags(case)?,
                    "search": searched(case),
                }));
            }
            let rows = json!(rows).to_string();
            on!(self, |c| {
                sqlx::query(
                    "INSERT INTO cases (tenant_id, id, number, project_id, title, status, severity, tags, opened_by, \
                     closed_without_four_eyes, restricted, version, search, created_at, updated_at) \
                     SELECT $1, unhex(item.value ->> 'id'), CAST(item.value ->> 'number' AS BIGINT), \
                     unhex(item.value ->> 'project'), item.value ->> 'title', 'open', item.value ->> 'severity', \
                     item.value ->> 'tags', $3, FALSE, FALSE, 1, item.value ->> 'search', $4, $4 \
                     FROM json_each($2) AS item",
                )
                .bind(permit.tenant().0)
                .bind(&rows)
                .bind(opened_by.to_string())
                .bind(now)
                .execute(c)
                .await
                .map(drop)
            })?;
        }
        Ok(())
    }

    /// Writes a changed case, whose version is one more than what is stored; `false` when something else is stored.
    ///
    /// # Errors
    /// When the store fails, or the permit is for another case.
    pub async fn update_case<A>(&mut self, permit: &Permit<A>, case: &Case) -> Result<bool, StoreError>
    where
        A: Action<Object = CaseFacts>,
    {
        if permit.object().id != case.id {
            return Err(StoreError::Broken("a permit for another case".to_owned()));
        }
        let (kind, until, duplicate_of) = parts(case.resolution);
        let tags = tags(case)?;
        let done = on!(self, |c| {
            sqlx::query(
                "UPDATE cases SET title = $4, description = $5, status = $6, severity = $7, tags = $8, due_on = $9, \
                 resolution = $10, accepted_until = $11, duplicate_of = $12, assignee = $13, approved_by = $14, \
                 closed_without_four_eyes = $15, restricted = $16, version = $17, search = $18, updated_at = $19 \
                 WHERE tenant_id = $1 AND id = $2 AND version = $3",
            )
            .bind(permit.tenant().0)
            .bind(case.id.0)
            .bind(case.version - 1)
            .bind(case.title.as_str())
            .bind(case.description.as_ref().map(CaseDescription::as_str))
            .bind(case.status.as_str())
            .bind(case.severity.as_str())
            .bind(&tags)
            .bind(case.due_on)
            .bind(kind)
            .bind(until)
            .bind(duplicate_of)
            .bind(case.assignee.map(|user| user.0))
            .bind(case.approved_by.map(|user| user.0))
            .bind(case.closed_without_four_eyes)
            .bind(case.restricted)
            .bind(case.version)
            .bind(searched(case))
            .bind(case.updated_at)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })?;
        Ok(done == 1)
    }

    /// Who may read the case when it is restricted, for whoever may see it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn readers(&mut self, scope: &Scope, case: CaseId) -> Result<Vec<UserId>, StoreError> {
        let rows: Vec<Uuid> = on!(self, |c| {
            seen_by!(
                query_scalar,
                scope,
                "SELECT named.user_id FROM case_readers named \
                 JOIN cases c ON c.tenant_id = named.tenant_id AND c.id = named.case_id WHERE",
                "AND named.case_id = $4 ORDER BY named.user_id"
            )
            .bind(case.0)
            .fetch_all(c)
            .await
        })?;
        Ok(rows.into_iter().map(UserId).collect())
    }

    /// Replaces the readers of the case.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_readers(&mut self, permit: &Permit<NameReaders>, readers: &[UserId]) -> Result<(), StoreError> {
        let case = permit.object().id;
        on!(self, |c| {
            sqlx::query("DELETE FROM case_readers WHERE tenant_id = $1 AND case_id = $2")
                .bind(permit.tenant().0)
                .bind(case.0)
                .execute(c)
                .await
                .map(drop)
        })?;
        for reader in readers {
            self.insert_reader(permit, case, *reader).await?;
        }
        Ok(())
    }

    /// Lets the assignee read the case.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn add_reader(&mut self, permit: &Permit<AssignCase>, reader: UserId) -> Result<(), StoreError> {
        self.insert_reader(permit, permit.object().id, reader).await
    }

    async fn insert_reader(&mut self, walls: &impl Walls, case: CaseId, reader: UserId) -> Result<(), StoreError> {
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO case_readers (tenant_id, case_id, user_id) VALUES ($1, $2, $3) \
                 ON CONFLICT (tenant_id, case_id, user_id) DO NOTHING",
            )
            .bind(walls.tenant().0)
            .bind(case.0)
            .bind(reader.0)
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }
}
