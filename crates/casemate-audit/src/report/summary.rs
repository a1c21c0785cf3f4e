//! What to do first, and what was looked at: the few lines that everybody reads.

use rustc_hash::FxHashMap;

use super::Report;
use super::text::counted;
use super::upgrades::{Upgrade, known_hole};
use crate::finding::{Finding, Liveness, Severity};
use crate::rule::Topic;

/// One thing to do, which closes one or more findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What to do, in a few words: `upgrade jinja2 2.10 to 3.1.6`.
    pub words: String,
    /// The worst finding it closes.
    pub severity: Severity,
    /// How many findings it closes.
    pub closes: usize,
}

impl Task {
    /// The task and what it closes.
    pub fn told(&self) -> String {
        match self.closes {
            1 => format!("{} ({})", self.words, self.severity),
            closes => format!("{} (closes {}, up to {})", self.words, counted(closes, "finding"), self.severity),
        }
    }
}

/// What to do, the most urgent first; every finding that somebody can mend is in one task.
pub fn tasks(report: &Report<'_>) -> Vec<Task> {
    let findings = &report.outcome.findings;
    let mut tasks: Vec<(usize, Task)> = Vec::new();
    // Where the first finding of a task stands in the order is where the task stands.
    let position: FxHashMap<*const Finding, usize> =
        findings.iter().enumerate().map(|(at, finding)| (std::ptr::from_ref(finding), at)).collect();
    let first = |finding: &Finding| position.get(&std::ptr::from_ref(finding)).copied().unwrap_or(usize::MAX);
    for upgrade in Upgrade::of(findings) {
        let Some((at, _)) = upgrade.findings.first() else { continue };
        tasks.push((first(at), upgrade_task(&upgrade)));
    }
    let mut by_rule: Vec<Vec<&Finding>> = Vec::new();
    let mut groups: FxHashMap<&str, usize> = FxHashMap::default();
    for finding in findings.iter().filter(|finding| known_hole(finding).is_none()) {
        let topic = finding.rule.kind.topic();
        if topic == Topic::Run {
            continue;
        }
        // All secrets are one walk through the providers' pages.
        let group = if finding.secret().is_some() { "secrets" } else { finding.rule.id };
        let index = *groups.entry(group).or_insert(by_rule.len());
        match by_rule.get_mut(index) {
            Some(of_rule) => of_rule.push(finding),
            None => by_rule.push(vec![finding]),
        }
    }
    for of_rule in by_rule {
        let Some(worst) = of_rule.first() else { continue };
        let words = if worst.secret().is_some() { secrets_words(&of_rule) } else { mend_words(worst, of_rule.len()) };
        tasks.push((first(worst), Task { words, severity: worst.severity, closes: of_rule.len() }));
    }
    tasks.sort_by_key(|(at, _)| *at);
    tasks.into_iter().map(|(_, task)| task).collect()
}

fn upgrade_task(upgrade: &Upgrade<'_>) -> Task {
    let Upgrade { package, version, to, findings } = upgrade;
    let from = if version.is_empty() { String::new() } else { format!(" {version}") };
    let is_malicious = findings.iter().any(|(_, detail)| detail.advisories.iter().any(|id| id.starts_with("MAL-")));
    let words = match to {
        _ if is_malicious => format!("remove {package}{from}, which is malicious, and what it may have left behind"),
        None => format!("replace {package}{from}, which no version mends, or keep what is dangerous out of its reach"),
        Some(to) if upgrade.closes() < findings.len() => {
            let open = findings.len() - upgrade.closes();
            format!("upgrade {package}{from} to {to} or later ({open} of {} stay open)", findings.len())
        }
        Some(to) => format!("upgrade {package}{from} to {to} or later"),
    };
    let closes = if to.is_some() && !is_malicious { upgrade.closes() } else { findings.len() };
    Task { words, severity: upgrade.severity(), closes }
}

fn secrets_words(findings: &[&Finding]) -> String {
    let details = || findings.iter().filter_map(|finding| finding.secret());
    let mut values: Vec<&str> = details().map(|detail| detail.value.expose()).collect();
    values.sort_unstable();
    values.dedup();
    let mut live: Vec<&str> = details()
        .filter(|detail| detail.liveness == Some(Liveness::Live))
        .map(|detail| detail.value.expose())
        .collect();
    live.sort_unstable();
    live.dedup();
    let mut kinds: Vec<&str> = Vec::new();
    for what in details().map(|detail| detail.what.as_str()) {
        if !kinds.contains(&what) {
            kinds.push(what);
        }
    }
    let more = kinds.len().saturating_sub(3);
    kinds.truncate(3);
    let more = if more == 0 { String::new() } else { format!(" and {}", counted(more, "other kind")) };
    let alive = if live.is_empty() { String::new() } else { format!(" ({} alive)", live.len()) };
    format!("revoke and replace {}{alive}: {}{more}", counted(values.len(), "secret"), kinds.join(", "))
}

fn mend_words(worst: &Finding, count: usize) -> String {
    let name = worst.rule.name;
    if count == 1 { format!("mend {name} in {}", worst.place.path) } else { format!("mend {count} × {name}") }
}

/// What was looked at: `12 files and 3,456 lines of Python, 3 other texts and 45 packages`.
pub fn looked_at(report: &Report<'_>) -> String {
    let outcome = report.outcome;
    let mut parts =
        vec![format!("{} and {} of Python", counted(outcome.files, "file"), counted(outcome.lines, "line"))];
    if outcome.texts > 0 {
        parts.push(counted(outcome.texts, if outcome.files > 0 { "other text" } else { "text" }));
    }
    if outcome.packages > 0 {
        parts.push(counted(outcome.packages, "package"));
    }
    parts.join(", ")
}

/// Whether packages were looked up, and in what; `None` when there were none.
pub fn lookup(report: &Report<'_>) -> Option<String> {
    let looked_up = match (report.outcome.packages, report.advisories) {
        (_, Some(state)) => Some(format!("Packages were looked up in {state}.")),
        (0, None) => None,
        (packages, None) => Some(format!(
            "{} NOT looked up: there are no advisories here; `casemate advisories update` fetches them.",
            if packages == 1 { "1 package was".to_owned() } else { format!("{} were", counted(packages, "package")) },
        )),
    };
    let open = match report.outcome.unlocked {
        0 => None,
        1 => Some("1 more has no exact version anywhere and could not be looked up.".to_owned()),
        open => Some(format!("{open} more have no exact version anywhere and could not be looked up.")),
    };
    let told: Vec<String> = looked_up.into_iter().chain(open).collect();
    if told.is_empty() { None } else { Some(told.join(" ")) }
}

/// What was silenced or known before, each in a sentence.
pub fn silenced(report: &Report<'_>) -> Vec<String> {
    let outcome = report.outcome;
    let mut told = Vec::new();
    if !outcome.suppressed.is_empty() {
        told.push(format!("{} silenced by comments or settings.", counted(outcome.suppressed.len(), "more finding")));
    }
    if let Some(elsewhere) = outcome.elsewhere.as_ref().filter(|elsewhere| elsewhere.count > 0) {
        let count = counted(elsewhere.count, "finding");
        told.push(format!("{count} on lines that have not changed since `{}` not shown.", elsewhere.since));
    }
    if let Some(baseline) = report.baseline {
        if !outcome.baselined.is_empty() {
            let known = counted(outcome.baselined.len(), "known finding");
            told.push(format!("{known} in the baseline `{baseline}` not shown again."));
        }
        if !outcome.gone.is_empty() {
            let gone: usize = outcome.gone.iter().map(|entry| entry.count).sum();
            let (noun, is) = if gone == 1 { ("finding", "is") } else { ("findings", "are") };
            told.push(format!(
                "{gone} {noun} of the baseline {is} gone; `--prune-baseline` takes {} out of it.",
                if gone == 1 { "it" } else { "them" }
            ));
        }
    }
    told
}

/// What the gate decided; `None` when there is nothing to decide about.
pub fn verdict(report: &Report<'_>) -> Option<Verdict> {
    if report.outcome.findings.is_empty() {
        return None;
    }
    let gate = report.settings.fail_on;
    let Some(severity) = gate.severity else {
        return Some(Verdict { is_passed: true, words: "the gate is open (fail-on = none).".to_owned() });
    };
    let or_worse = if severity == Severity::Critical { "" } else { " or worse" };
    let only = match (gate.is_fixable_only, gate.is_reachable_only) {
        (false, false) => "",
        (true, false) => ", dependencies only if an upgrade mends them",
        (false, true) => ", dependencies only if they may be in reach",
        (true, true) => ", dependencies only if an upgrade mends them and they may be in reach",
    };
    let failing = report.failing();
    let words = match failing {
        0 => format!("no finding is {severity}{or_worse}{only} (fail-on = {gate})."),
        failing => {
            let are = if failing == 1 { "is" } else { "are" };
            format!("{} {are} {severity}{or_worse}{only} (fail-on = {gate}).", counted(failing, "finding"))
        }
    };
    Some(Verdict { is_passed: failing == 0, words })
}

/// What the gate decided.
pub struct Verdict {
    /// Whether the run may go on.
    pub is_passed: bool,
    /// Why, in a sentence that begins in lower case.
    pub words: String,
}
