//! Findings silenced by a comment: `# casemate: ignore[rule] until=2027-01-01 -- reason`, `# nosec`, `# noqa: S608`.

use std::sync::OnceLock;

use casemate_python::names::{ModuleId, Program};
use casemate_python::syntax::{Comment, Module, Span};
use regex::Regex;
use rustc_hash::FxHashMap;

use crate::audit::{Lines, place};
use crate::finding::{Confidence, Detail, Finding};
use crate::rule::Rule;
use crate::rules::run::suppression_without_reason;
use crate::rules::{Reported, fold};
use crate::settings::{Settings, selects};

/// Who a comment is addressed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Casemate,
    Nosec,
    Noqa,
}

/// One comment that silences.
#[derive(Debug)]
struct Suppression {
    module: ModuleId,
    span: Span,
    line: u32,
    /// Whether it stands alone and speaks of the statement below.
    alone: bool,
    dialect: Dialect,
    /// Rules by id, name or group, or another tool's ids; empty means all.
    rules: Vec<String>,
    until: Option<(i32, u8, u8)>,
    reason: Option<String>,
    used: bool,
}

/// Ids of other tools for what our rules find.
const BANDIT: &[(&str, &[&str])] = &[
    ("608", &["INJ101", "INJ102", "INJ103"]),
    ("324", &["AUT410"]),
    ("303", &["AUT410"]),
    ("610", &["INJ101"]),
    ("611", &["INJ101"]),
];

/// All silencing comments of a program.
pub(crate) struct Suppressions {
    all: Vec<Suppression>,
    by_path: FxHashMap<String, Vec<usize>>,
}

impl Suppressions {
    pub(crate) fn of(program: &Program, lines: &Lines) -> Self {
        let mut all = Vec::new();
        let mut by_path: FxHashMap<String, Vec<usize>> = FxHashMap::default();
        for (id, module) in program.module_ids() {
            for comment in &module.comments {
                for suppression in read(id, module, lines, comment) {
                    by_path.entry(module.path.clone()).or_default().push(all.len());
                    all.push(suppression);
                }
            }
        }
        Self { all, by_path }
    }

    /// Takes out the findings that a comment silences.
    pub(crate) fn apply(
        &mut self,
        reported: Vec<Reported>,
        settings: &Settings,
    ) -> (Vec<Finding>, Vec<(Finding, String)>) {
        let mut kept = Vec::new();
        let mut suppressed = Vec::new();
        for one in reported {
            let mut reason = None;
            for &at in self.by_path.get(&one.finding.place.path).map_or(&[][..], Vec::as_slice) {
                let all = &self.all;
                let Some(suppression) = all.get(at) else { continue };
                if suppression.speaks_of(&one, |line| {
                    all.iter().any(|other| other.alone && other.line == line && other.module == suppression.module)
                }) {
                    let expired = suppression.is_expired(settings);
                    if let Some(suppression) = self.all.get_mut(at) {
                        suppression.used = true;
                        if !expired && reason.is_none() {
                            reason = Some(suppression.reason.clone().unwrap_or_default());
                        }
                    }
                }
            }
            match reason {
                Some(reason) => suppressed.push((one.finding, reason)),
                None => kept.push(one.finding),
            }
        }
        (kept, suppressed)
    }
}

impl Suppression {
    fn speaks_of(&self, one: &Reported, is_suppression: impl Fn(u32) -> bool) -> bool {
        let (first, last) = one.lines;
        let near = if self.alone {
            // On the line above, or above other such comments there.
            self.line < first && (self.line + 1..first).all(is_suppression) || (first..=last).contains(&self.line)
        } else {
            (first..=last).contains(&self.line)
        };
        near && (self.rules.is_empty() || self.rules.iter().any(|rule| self.names(rule, one.finding.rule)))
    }

    fn names(&self, selector: &str, rule: &Rule) -> bool {
        match self.dialect {
            Dialect::Casemate => selects(selector, rule),
            Dialect::Nosec | Dialect::Noqa => {
                let number = selector.trim_start_matches(['B', 'S']);
                BANDIT.iter().any(|(theirs, ours)| *theirs == number && ours.contains(&rule.id))
            }
        }
    }

    fn is_expired(&self, settings: &Settings) -> bool {
        matches!((self.until, settings.today), (Some(until), Some(today)) if today > until)
    }
}

/// What is wrong with suppressions themselves. Comments for other tools are those tools' business.
pub(crate) fn findings(
    suppressions: &Suppressions,
    program: &Program,
    lines: &Lines,
    settings: &Settings,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for suppression in suppressions.all.iter().filter(|suppression| suppression.dialect == Dialect::Casemate) {
        let Some(module) = program.module(suppression.module) else { continue };
        let (message, remedy) = if suppression.is_expired(settings) {
            (
                "this suppression has expired, so it silences nothing any more",
                "Mend what it silences, or set a new date and say why.",
            )
        } else if !suppression.used {
            (
                "this suppression matches no finding",
                "Delete the comment; what it silenced is gone, or the rule is named differently.",
            )
        } else if suppression.reason.is_none() {
            ("this suppression gives no reason", "Say after `--` why the finding does not matter here.")
        } else {
            continue;
        };
        found.push(Finding {
            rule: &suppression_without_reason::RULE,
            severity: suppression_without_reason::RULE.severity,
            confidence: Confidence::High,
            place: place(&module.path, module, lines.of(suppression.module, module), suppression.span),
            function: String::new(),
            message: message.to_owned(),
            path: Vec::new(),
            missing_guard: None,
            remedy: remedy.to_owned(),
            statement: fold(module.slice(suppression.span)),
            fingerprint: String::new(),
            detail: Detail::None,
        });
    }
    found
}

fn read(id: ModuleId, module: &Module, lines: &Lines, comment: &Comment) -> Vec<Suppression> {
    let text = module.slice(comment.span);
    // Nearly all comments silence nothing.
    if !["casemate", "nosec", "noqa", "NOQA", "NOSEC"].iter().any(|word| text.contains(word)) {
        return Vec::new();
    }
    let line = u32::try_from(lines.of(id, module).line(comment.span.start) + 1).unwrap_or(u32::MAX);
    let mut found = Vec::new();
    let mut add = |dialect, rules, until, reason| {
        found.push(Suppression {
            module: id,
            span: comment.span,
            line,
            alone: comment.alone,
            dialect,
            rules,
            until,
            reason,
            used: false,
        });
    };
    if let Some(parts) = ours().and_then(|pattern| pattern.captures(text)) {
        let reason = parts.get(3).map(|reason| reason.as_str().trim().to_owned()).filter(|reason| !reason.is_empty());
        add(
            Dialect::Casemate,
            list(parts.get(1).map_or("", |rules| rules.as_str())),
            parts.get(2).and_then(|date| day(date.as_str())),
            reason,
        );
    }
    if let Some(parts) = nosec().and_then(|pattern| pattern.captures(text)) {
        let rules: Vec<String> = list(parts.get(1).map_or("", |rules| rules.as_str()));
        add(Dialect::Nosec, rules, None, None);
    }
    if let Some(parts) = noqa().and_then(|pattern| pattern.captures(text)) {
        let rules: Vec<String> = list(parts.get(1).map_or("", |rules| rules.as_str()))
            .into_iter()
            .filter(|rule| rule.starts_with('S'))
            .collect();
        // A bare `noqa` is about style.
        if !rules.is_empty() {
            add(Dialect::Noqa, rules, None, None);
        }
    }
    found
}

fn list(rules: &str) -> Vec<String> {
    rules.split([',', ' ']).map(str::trim).filter(|rule| !rule.is_empty()).map(str::to_owned).collect()
}

fn day(text: &str) -> Option<(i32, u8, u8)> {
    let mut parts = text.splitn(3, '-');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn pattern(slot: &'static OnceLock<Option<Regex>>, text: &str) -> Option<&'static Regex> {
    slot.get_or_init(|| Regex::new(text).ok()).as_ref()
}

fn ours() -> Option<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    pattern(&PATTERN, r"#\s*casemate:\s*ignore(?:\[([^\]]*)\])?(?:\s+until=(\d{4}-\d{1,2}-\d{1,2}))?(?:\s*--\s*(.*))?")
}

fn nosec() -> Option<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    pattern(&PATTERN, r"#\s*(?i:nosec)\b:?\s*((?:B\d{3}[,\s]*)*)")
}

fn noqa() -> Option<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    pattern(&PATTERN, r"#\s*(?i:noqa):\s*((?:[A-Z]+\d+[,\s]*)+)")
}
