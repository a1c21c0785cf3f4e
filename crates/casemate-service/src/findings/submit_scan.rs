//! Takes in a SARIF 2.1.0 report: findings are matched with the known ones, and cases follow.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use casemate_model::Timestamp;
use casemate_model::access::{
    self, Action as _, Actor, ApplyAction, Caller, CaseFacts, CreateCase, Denied, Permit, Scope, TenantFacts,
};
use casemate_model::audit::NewEvent;
use casemate_model::case::{Case, CaseAction, CaseRef, CaseStatus, Resolution};
use casemate_model::finding::{DecisionKind, FindingState};
use casemate_model::id::{CaseId, FindingId, ProjectId, ScanId};
use casemate_model::page::PageSize;
use casemate_model::project::Project;
use casemate_model::scan::{Scan, ScanCounts, ScanScope};
use casemate_model::text::{BadText, BranchName, CaseTitle, CommitName, ProjectName, Tag, clean};
use casemate_store::{Counted, KnownFinding, NewFinding, Sighting, Tx};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::list_findings::ListFindingsError;
use super::matching::{self, Candidate, Known, Sign, Signs};
use super::sarif::{self, NotSarif, Reported, Run};
use crate::cases::step::{self, Step};
use crate::cases::{four_eyes, object};
use crate::service::store_errors_are_faults;
use crate::{Asking, Fault, Service};

/// A report and what it is about.
#[derive(Clone, Debug)]
pub struct SubmitScan {
    /// The project; made if there is none of this name.
    pub project: ProjectName,
    /// The branch, if known.
    pub branch: Option<String>,
    /// The commit, if known.
    pub commit: Option<String>,
    /// The report, as sent.
    pub report: Vec<u8>,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum SubmitScanError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not a SARIF 2.1.0 report; says where it stops being one.
    #[error("not a SARIF 2.1.0 report: {0}")]
    NotSarif(String),
    /// More than we take.
    #[error("the report has more than {most} results")]
    TooManyResults {
        /// Most results a report may have.
        most: usize,
    },
    /// Branch or commit.
    #[error("branch or commit {0}")]
    BadText(#[from] BadText),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Takes it in, all or nothing; one scan for each scope the report's runs are about. The same report again changes nothing.
///
/// Cases are opened by Casemate itself, not by whoever hands the report in: four-eyes would otherwise keep that person
/// from ever approving a closure, and nobody gains a say over a case by uploading.
///
/// # Errors
/// See [`SubmitScanError`].
pub async fn submit_scan(
    service: &Service,
    asking: &Asking,
    request: SubmitScan,
) -> Result<Vec<Scan>, SubmitScanError> {
    let tenant = asking.caller.tenant();
    let permit = service.permit(asking, access::SubmitScan, TenantFacts { id: tenant })?;
    let branch = given(request.branch).map(|text| BranchName::parse(&text)).transpose()?;
    let commit = given(request.commit).map(|text| CommitName::parse(&text)).transpose()?;
    let (sha256, runs) = read(request.report).await?;

    let mut tx = service.store().begin(&permit).await?;
    // Scans of one tenant go one after another: taking no number still locks the row that holds it.
    tx.take_numbers(&permit, Counted::Finding, 0).await?;
    let now = service.now();
    let wanted = Project { id: ProjectId::fresh(), tenant, name: request.project, created_at: now };
    let (project, is_new) = tx.project_or_insert(&permit, &wanted).await?;
    let mut intake = Intake {
        service,
        asking,
        own: Caller::System(tenant),
        scope: service.own_scope(tenant)?,
        four_eyes: four_eyes(&mut tx, &permit).await?,
        permit,
        now,
        events: Vec::new(),
    };
    if is_new {
        let object = format!("project:{}", project.id);
        intake.events.push(service.event(asking, "project_create", object, Map::new()));
    }
    let mut scans = Vec::new();
    for (scope, run) in by_scope(runs, project.id, branch.as_ref()) {
        let scan = Scan {
            id: ScanId::fresh(),
            tenant,
            scope,
            tool_version: run.tool_version,
            commit: commit.as_ref().map_or(run.commit, |commit| commit.as_str().to_owned()),
            sha256: sha256.clone(),
            complete: run.is_complete,
            counts: ScanCounts::default(),
            submitted_by: asking.caller.actor(),
            submitted_at: now,
        };
        scans.push(intake.take_in(&mut tx, scan, run.results).await?);
    }
    tx.append_events(intake.events).await?;
    tx.commit().await?;
    Ok(scans)
}

/// A field that was left empty was not given.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// Reads the report where it holds nobody up.
async fn read(report: Vec<u8>) -> Result<(String, Vec<Run>), SubmitScanError> {
    // SECURITY: each report being read takes many times its size in memory, so few are read at once (CWE-770).
    static READING: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);
    let fault = |error: &dyn std::fmt::Display| Fault::new(format!("reading a report: {error}"));
    let _turn = READING.acquire().await.map_err(|error| fault(&error))?;
    let reading = tokio::task::spawn_blocking(move || (sha256(&report), sarif::read(&report)));
    let (sha256, runs) = reading.await.map_err(|error| fault(&error))?;
    match runs {
        Ok(runs) => Ok((sha256, runs)),
        Err(NotSarif::TooManyResults) => Err(SubmitScanError::TooManyResults { most: sarif::MOST_RESULTS }),
        Err(NotSarif::Form(message)) => Err(SubmitScanError::NotSarif(message)),
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Runs about the same count as one, or each would close what only the other one found.
fn by_scope(runs: Vec<Run>, project: ProjectId, branch: Option<&BranchName>) -> BTreeMap<ScanScope, Run> {
    let mut merged: BTreeMap<ScanScope, Run> = BTreeMap::new();
    for run in runs {
        let scope = ScanScope {
            project,
            tool: run.tool.clone(),
            category: run.category.clone(),
            target: run.target.clone(),
            branch: branch.map_or_else(|| run.branch.clone(), |branch| branch.as_str().to_owned()),
        };
        match merged.entry(scope) {
            Entry::Vacant(place) => {
                place.insert(run);
            }
            Entry::Occupied(mut place) => {
                place.get_mut().is_complete &= run.is_complete;
                place.get_mut().results.extend(run.results);
            }
        }
    }
    merged
}

/// What taking in one report works with.
struct Intake<'a> {
    service: &'a Service,
    asking: &'a Asking,
    own: Caller,
    scope: Scope,
    four_eyes: bool,
    permit: Permit<access::SubmitScan>,
    now: Timestamp,
    /// Appended at the end, when all is written.
    events: Vec<NewEvent>,
}

impl Intake<'_> {
    async fn take_in(&mut self, tx: &mut Tx, mut scan: Scan, results: Vec<Reported>) -> Result<Scan, SubmitScanError> {
        let before = tx.latest_scan(&self.scope, &scan.scope).await?;
        if let Some(same) = before.filter(|before| before.sha256 == scan.sha256) {
            let seen = same.counts.new + same.counts.unchanged + same.counts.reopened;
            return Ok(Scan { counts: ScanCounts { unchanged: seen, ..ScanCounts::default() }, ..same });
        }
        let known = tx.known_findings(&self.scope, &scan.scope).await?;
        let by_signs: Vec<Known> = known.iter().map(as_known).collect();
        let matched = matching::matched(&by_signs, results, scan.complete);
        tx.insert_scan(&self.permit, &scan).await?;

        let mut new = Vec::new();
        let mut seen = Vec::new();
        for candidate in matched.candidates {
            // What was silenced in the source opens nothing and reopens nothing, but it is still there.
            if candidate.reported.is_suppressed {
                continue;
            }
            let Some(n) = candidate.known else {
                new.push(candidate);
                continue;
            };
            match known[n].state {
                FindingState::Open => scan.counts.unchanged += 1,
                FindingState::Gone => scan.counts.reopened += 1,
            }
            let is_told = |sign: Sign, digest: &str| {
                known[n].signs.iter().any(|(name, known)| name == sign.as_str() && known == digest)
            };
            let signs = candidate.signs.iter().filter(|(sign, digest)| !is_told(*sign, digest));
            let signs = signs.map(|(sign, digest)| (sign.as_str(), digest.to_owned())).collect();
            seen.push(sighting(known[n].id, &candidate.reported, signs));
        }
        let gone: Vec<&KnownFinding> =
            if scan.complete { matched.missing.iter().map(|&n| &known[n]).collect() } else { Vec::new() };

        scan.counts.new = count(new.len());
        scan.counts.gone = count(gone.len());
        scan.counts.cases_opened = self.open_cases(tx, &scan, new).await?;
        tx.update_findings(&self.permit, scan.id, self.now, &seen).await?;
        let ids: Vec<FindingId> = gone.iter().map(|finding| finding.id).collect();
        tx.mark_gone(&self.permit, &ids).await?;
        scan.counts.cases_reopened = self.reopen_cases(tx, &scan).await?;
        scan.counts.cases_closed = self.close_cases(tx, &gone).await?;
        tx.set_scan_counts(&self.permit, scan.id, &scan.counts).await?;

        let mut details = Map::new();
        details.insert("project".to_owned(), scan.scope.project.to_string().into());
        details.insert("report_sha256".to_owned(), scan.sha256.clone().into());
        details.insert("complete".to_owned(), scan.complete.into());
        details.insert("counts".to_owned(), json!(scan.counts));
        let object = format!("scan:{}", scan.id);
        self.events.push(self.service.event(self.asking, self.permit.action().name(), object, details));
        Ok(scan)
    }

    /// Writes findings seen for the first time, each with a case of its own.
    async fn open_cases(&mut self, tx: &mut Tx, scan: &Scan, new: Vec<Candidate>) -> Result<i64, SubmitScanError> {
        let total = count(new.len());
        if total == 0 {
            return Ok(0);
        }
        let facts = TenantFacts { id: scan.tenant };
        let permit = self.service.access().permit(&self.own, CreateCase, facts)?;
        let mut number = tx.take_numbers(&permit, Counted::Case, total).await?;
        let mut serial = tx.take_numbers(&permit, Counted::Finding, total).await?;
        let mut cases = Vec::with_capacity(new.len());
        let mut findings = Vec::with_capacity(new.len());
        for candidate in new {
            let case = self.case(scan, number, &candidate.reported)?;
            let signs = candidate.signs.iter().map(|(sign, digest)| (sign.as_str(), digest.to_owned())).collect();
            let seen = sighting(FindingId::fresh(), &candidate.reported, signs);
            findings.push(NewFinding { seen, serial, case: case.id });
            let mut details = Map::new();
            details.insert("severity".to_owned(), case.severity.as_str().into());
            details.insert("scan".to_owned(), scan.id.to_string().into());
            self.events.push(self.own_event(permit.action().name(), case.reference, details));
            cases.push(case);
            number += 1;
            serial += 1;
        }
        tx.insert_cases_of_scan(&permit, &cases, permit.actor(), self.now).await?;
        tx.insert_findings(&self.permit, &scan.scope, scan.id, self.now, &findings).await?;
        Ok(total)
    }

    fn case(&self, scan: &Scan, number: i64, reported: &Reported) -> Result<Case, Fault> {
        let label = |text: &str| Tag::parse(&clean(text, Tag::MOST, false)).ok();
        let mut tags: Vec<Tag> = Vec::new();
        for tag in std::iter::once(reported.rule_name.as_str()).chain(reported.tags.iter().map(String::as_str)) {
            tags.extend(label(tag).filter(|tag| !tags.contains(tag)));
        }
        Ok(Case {
            id: CaseId::fresh(),
            tenant: scan.tenant,
            reference: CaseRef::new(number).ok_or_else(|| Fault::new("case numbers have run out"))?,
            project: Some(scan.scope.project),
            title: title(reported)?,
            description: None,
            status: CaseStatus::Open,
            severity: reported.severity,
            tags,
            due_on: None,
            resolution: None,
            opened_by: Actor::System,
            assignee: None,
            approved_by: None,
            closed_without_four_eyes: false,
            restricted: false,
            version: 1,
            created_at: self.now,
            updated_at: self.now,
        })
    }

    /// A finding that is there again, or still, refutes that its case was fixed; any other way of closing stands.
    async fn reopen_cases(&mut self, tx: &mut Tx, scan: &Scan) -> Result<i64, SubmitScanError> {
        let mut reopened = 0;
        for id in tx.closed_cases_seen_by(&self.scope, &scan.scope, scan.id).await? {
            let Some(case) = self.followed(tx, id).await? else { continue };
            if case.status.is_closed() && case.resolution == Some(Resolution::Fixed) {
                self.step(tx, &case, CaseAction::Reopen, "a scan found it again").await?;
                reopened += 1;
            }
        }
        Ok(reopened)
    }

    /// A case is fixed when all its findings are gone and no person decided otherwise.
    async fn close_cases(&mut self, tx: &mut Tx, gone: &[&KnownFinding]) -> Result<i64, SubmitScanError> {
        let mut closed = 0;
        let is_undecided = |finding: &&&KnownFinding| matches!(finding.decision, None | Some(DecisionKind::Confirmed));
        let cases: BTreeSet<CaseId> = gone.iter().filter(is_undecided).map(|finding| finding.case).collect();
        for id in cases {
            let Some(case) = self.followed(tx, id).await? else { continue };
            let is_undecided = matches!(case.resolution, None | Some(Resolution::Fixed));
            // What a person opened is about more than the findings of its duplicates.
            if case.status.is_closed() || !is_undecided || case.opened_by != Actor::System {
                continue;
            }
            if tx.count_open_findings_of(&self.scope, case.id, case.reference).await? == 0 {
                self.step(tx, &case, CaseAction::CloseGone, "a complete scan no longer found it").await?;
                closed += 1;
            }
        }
        Ok(closed)
    }

    /// The case, or the one that it was closed as a duplicate of.
    async fn followed(&self, tx: &mut Tx, id: CaseId) -> Result<Option<Case>, SubmitScanError> {
        let mut case = tx.case_by_id(&self.scope, id).await?;
        // Duplicates of duplicates end after a few steps, also where they go round in a circle.
        for _ in 0..8 {
            match &case {
                Some(Case { status: CaseStatus::Closed, resolution: Some(Resolution::Duplicate { of }), .. }) => {
                    case = tx.case(&self.scope, *of).await?;
                }
                _ => break,
            }
        }
        Ok(case)
    }

    async fn step(
        &mut self,
        tx: &mut Tx,
        case: &Case,
        action: CaseAction,
        because: &str,
    ) -> Result<(), SubmitScanError> {
        let facts = CaseFacts::of(case, self.four_eyes);
        let permit = self.service.access().permit(&self.own, ApplyAction(action), facts)?;
        let step = Step { action, four_eyes: self.four_eyes, by: None, resolution: None, at: self.now };
        let next = step.from(case).ok_or_else(|| Fault::new("the state table lacks a step of the system"))?;
        let reason = step::own_reason(because)?;
        let details = step::details(case, &next, &reason);
        if !step::take(tx, &permit, (case, &next), reason).await? {
            // Somebody changed the case this very moment. Nothing of the report is kept; sending it again works.
            return Err(Fault::busy("a case changed while a report was taken in").into());
        }
        self.events.push(self.own_event(permit.action().name(), case.reference, details));
        Ok(())
    }

    fn own_event(&self, action: &str, case: CaseRef, details: Map<String, Value>) -> NewEvent {
        let mut event = self.service.event(self.asking, action, object(case), details);
        event.actor = Actor::System;
        event
    }
}

fn as_known(finding: &KnownFinding) -> Known {
    let signs = finding.signs.iter().filter_map(|(name, digest)| Some((Sign::parse(name)?, digest.clone())));
    Known { signs: Signs::from_stored(signs), is_open: finding.state == FindingState::Open }
}

fn sighting(finding: FindingId, reported: &Reported, signs: Vec<(&'static str, String)>) -> Sighting {
    Sighting {
        finding,
        rule: reported.rule.clone(),
        rule_name: reported.rule_name.clone(),
        message: reported.message.clone(),
        remedy: reported.remedy.clone(),
        severity: reported.severity,
        state: FindingState::Open,
        occurrence: reported.occurrence.0.clone(),
        signs,
    }
}

/// The first line of the message.
fn title(reported: &Reported) -> Result<CaseTitle, Fault> {
    let line = reported.message.lines().find(|line| !line.trim().is_empty()).unwrap_or(&reported.rule_name);
    let short = clean(line, CaseTitle::MOST, false);
    let cut = if line.trim().chars().count() > CaseTitle::MOST {
        format!("{}…", clean(line, CaseTitle::MOST - 1, false))
    } else {
        short
    };
    CaseTitle::parse(&cut).or_else(|_| CaseTitle::parse("Finding")).map_err(|error| Fault::new(error.to_string()))
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The latest scans of the tenant, the newest first, for whoever may read.
///
/// # Errors
/// See [`super::list_findings::ListFindingsError`].
pub async fn list_scans(service: &Service, asking: &Asking, most: PageSize) -> Result<Vec<Scan>, ListFindingsError> {
    let scope = service.scope(asking)?;
    let mut tx = service.store().begin_reading(&scope).await?;
    Ok(tx.scans(&scope, most).await?)
}

store_errors_are_faults!(SubmitScanError);
