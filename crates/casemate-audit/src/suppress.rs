//! Findings silenced by a comment: `# casemate: ignore[rule] until=2027-01-01 -- reason`, `# nosec`, `# noqa: S608`,
//! `# pragma: allowlist secret`, `gitleaks:allow`; in Python and in every other text that has comments.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use casemate_python::syntax::{LineIndex, Module, Span};
use casemate_secrets::Format;
use regex::{Captures, Regex};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::audit::place;
use crate::finding::{Confidence, Detail, Finding, Place, Position};
use crate::fix::{Fix, Safety};
use crate::outline::Outline;
use crate::redact::Redactor;
use crate::rule::Kind;
use crate::rules::run::suppression_without_reason;
use crate::rules::{self, Reported, fold};
use crate::settings::{Day, Settings, parse_day, selects};

/// Who a comment is addressed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Dialect {
    Casemate,
    Nosec,
    Noqa,
    /// `pragma: allowlist secret` and `gitleaks:allow`.
    Secrets,
}

/// One comment that silences.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Suppression {
    place: Place,
    statement: String,
    /// Whether it stands alone and speaks of what is below.
    alone: bool,
    /// Whether it stands in a text that is no comment, such as a document in a string: it silences secrets there.
    is_quoted: bool,
    dialect: Dialect,
    /// Rules by id, name or group, ids of advisories, or another tool's ids; empty means all.
    rules: Vec<String>,
    until: Option<Day>,
    reason: Option<String>,
    used: bool,
    /// The change that takes it out, where nothing else is taken with it.
    removal: Option<Box<Fix>>,
}

/// Ids of other tools for what our rules find.
const BANDIT: &[(&str, &[&str])] = &[
    // SECURITY: these say that a text is no password. A token in the form of its provider says itself what it is.
    ("105", HARDCODED),
    ("106", HARDCODED),
    ("107", HARDCODED),
    ("608", &["INJ101", "INJ102", "INJ103"]),
    ("324", &["AUT410"]),
    ("303", &["AUT410"]),
    ("610", &["INJ101"]),
    ("611", &["INJ101"]),
];

const HARDCODED: &[&str] = &["SEC1003", "SEC1004", "SEC1005", "SEC1008", "SEC1009"];

/// All silencing comments of a project.
pub(crate) struct Suppressions {
    all: Vec<Suppression>,
    /// Those of each file, by line and number.
    by_path: FxHashMap<String, Vec<(u32, usize)>>,
}

impl Suppressions {
    /// Those of Python, and those that were met in other texts.
    pub(crate) fn of(outlines: &[Outline], in_texts: Vec<Suppression>) -> Self {
        let mut all = in_texts;
        all.extend(outlines.iter().flat_map(|outline| &outline.suppressions).cloned());
        Self::from_all(all)
    }

    fn from_all(all: Vec<Suppression>) -> Self {
        let mut by_path: FxHashMap<String, Vec<(u32, usize)>> = FxHashMap::default();
        for (at, suppression) in all.iter().enumerate() {
            by_path.entry(suppression.place.path.clone()).or_default().push((suppression.line(), at));
        }
        by_path.values_mut().for_each(|here| here.sort_unstable());
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
            let here = self.by_path.get(&one.finding.place.path).map_or(&[][..], Vec::as_slice);
            let near: Vec<usize> = near(here, &self.all, one.lines).map(|&(_, at)| at).collect();
            for at in near {
                let Some(suppression) = self.all.get_mut(at) else { continue };
                if suppression.speaks_of(&one) {
                    suppression.used = true;
                    if !suppression.is_expired(settings) && reason.is_none() {
                        reason = Some(suppression.reason.clone().unwrap_or_default());
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
    /// Keeps secrets out of what it says.
    pub(crate) fn mask(&mut self, redactor: &Redactor) {
        redactor.clean_text(&self.place.path, &mut self.statement);
        self.reason.iter_mut().for_each(|reason| redactor.clean_text(&self.place.path, reason));
    }

    fn line(&self) -> u32 {
        self.place.start.line
    }

    /// Whether it speaks of a finding that it is near.
    fn speaks_of(&self, one: &Reported) -> bool {
        let is_secret = one.finding.secret().is_some() || one.finding.rule.kind == Kind::Secret;
        if (self.is_quoted || self.dialect == Dialect::Secrets) && !is_secret {
            return false;
        }
        self.rules.is_empty() || self.rules.iter().any(|rule| self.names(rule, &one.finding))
    }

    /// Whether it names secrets: any rule about them, for what an old version was found by is not known.
    fn names_secrets(&self, is_password: bool) -> bool {
        self.rules.is_empty()
            || self.rules.iter().any(|selector| match self.dialect {
                Dialect::Casemate => rules::ALL.iter().any(|rule| rule.kind == Kind::Secret && selects(selector, rule)),
                Dialect::Nosec | Dialect::Noqa => {
                    let number = selector.trim_start_matches(['B', 'S']);
                    is_password && BANDIT.iter().any(|(theirs, ours)| *theirs == number && *ours == HARDCODED)
                }
                Dialect::Secrets => true,
            })
    }

    fn names(&self, selector: &str, finding: &Finding) -> bool {
        match self.dialect {
            Dialect::Casemate => selects(selector, finding.rule) || is_advisory(selector, finding),
            Dialect::Nosec | Dialect::Noqa => {
                let number = selector.trim_start_matches(['B', 'S']);
                BANDIT.iter().any(|(theirs, ours)| *theirs == number && ours.contains(&finding.rule.id))
            }
            Dialect::Secrets => true,
        }
    }

    /// Whether this run would have found what it names. What packages are known for depends on the day.
    fn was_looked_for(&self, settings: &Settings) -> bool {
        let is_known = |selector: &String| {
            let mut named = rules::ALL.iter().filter(|rule| selects(selector, rule)).peekable();
            named.peek().is_some() && named.all(|rule| settings.wants(rule) && rule.kind != Kind::Dependency)
        };
        !self.rules.is_empty() && settings.min_confidence.is_none() && self.rules.iter().all(is_known)
    }

    fn is_expired(&self, settings: &Settings) -> bool {
        settings.is_past(self.until)
    }
}

/// Those of a file, by line, that stand in some lines, or alone above them, or above other such comments there.
fn near<'h>(
    here: &'h [(u32, usize)],
    all: &[Suppression],
    (first, last): (u32, u32),
) -> impl Iterator<Item = &'h (u32, usize)> {
    let is_alone = |&&(_, at): &&(u32, usize)| all.get(at).is_some_and(|one| one.alone);
    let (before, from) = here.split_at(here.partition_point(|(line, _)| *line < first));
    let within = from.get(..from.partition_point(|(line, _)| *line <= last)).unwrap_or_default();
    let (mut above, mut wanted) = (Vec::new(), first);
    for one in before.iter().rev().filter(is_alone) {
        if one.0 + 1 < wanted {
            break;
        }
        wanted = one.0;
        above.push(one);
    }
    above.into_iter().chain(within)
}

/// Whether this is one of the ids of the known hole that a finding is about.
pub(crate) fn is_advisory(id: &str, finding: &Finding) -> bool {
    finding.dependency().is_some_and(|detail| detail.advisories.iter().any(|one| one.eq_ignore_ascii_case(id)))
}

/// What is wrong with suppressions themselves. Comments for other tools are those tools' business.
pub(crate) fn findings(suppressions: &Suppressions, settings: &Settings) -> Vec<Finding> {
    let ours = |one: &&Suppression| one.dialect == Dialect::Casemate && !one.is_quoted;
    let mut found = Vec::new();
    for suppression in suppressions.all.iter().filter(ours) {
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
        let mut finding = complaint(suppression.place.clone(), &suppression.statement, message, remedy);
        let is_idle = suppression.is_expired(settings) || !suppression.used && suppression.was_looked_for(settings);
        if is_idle {
            finding.fix.clone_from(&suppression.removal);
        }
        found.push(finding);
    }
    found
}

/// A finding about a suppression.
pub(crate) fn complaint(place: Place, statement: &str, message: &str, remedy: &str) -> Finding {
    Finding {
        rule: &suppression_without_reason::RULE,
        severity: suppression_without_reason::RULE.severity,
        confidence: Confidence::High,
        place,
        function: String::new(),
        message: message.to_owned(),
        path: Vec::new(),
        missing_guard: None,
        remedy: remedy.to_owned(),
        statement: statement.to_owned(),
        fingerprint: String::new(),
        detail: Detail::None,
        fix: None,
    }
}

/// Takes a comment out, with its line if nothing else stands there.
fn removal(module: &Module, lines: &LineIndex, span: Span, alone: bool) -> Box<Fix> {
    let text = module.text.as_str();
    let (mut start, mut end) = (span.start as usize, span.end as usize);
    start = text.get(..start).map_or(start, |before| before.trim_end_matches([' ', '\t']).len());
    if alone {
        let rest = text.get(end..).unwrap_or_default();
        end += ["\r\n", "\n", "\r"].iter().find(|end| rest.starts_with(**end)).map_or(0, |end| end.len());
    }
    Fix::new(text, lines, "delete the comment", Safety::Safe, [(start..end, String::new())])
}

/// The silencing comments of a module.
pub(crate) fn in_module(module: &Module, lines: &LineIndex) -> Vec<Suppression> {
    let mut found = Vec::new();
    let mut in_comments = Vec::new();
    for comment in &module.comments {
        let text = module.slice(comment.span);
        if speaks(text) {
            let place = place(&module.path, module, lines, comment.span);
            in_comments.push(place.start.line);
            let mut here = read(text, &place, comment.alone, &Words::PYTHON);
            if let [only] = here.as_mut_slice()
                && text.trim_start_matches('#').trim_start().starts_with("casemate:")
            {
                only.removal = Some(removal(module, lines, comment.span, comment.alone));
            }
            found.extend(here);
        }
    }
    // A secret may stand in a document in a string, and the words that silence it beside it.
    for line in lines_that_speak(&module.text) {
        if in_comments.binary_search(&line.number).is_err() {
            let quoted = read_line(&module.path, &line, &Words::QUOTED);
            found.extend(quoted.into_iter().map(|one| Suppression { is_quoted: true, alone: false, ..one }));
        }
    }
    found
}

/// The silencing comments of a text that is not Python.
pub(crate) fn in_text(path: &str, format: Format, text: &str) -> Vec<Suppression> {
    if format == Format::Python || !speaks(text) {
        return Vec::new();
    }
    let words = Words::of(format);
    // What documents show of comments are examples, and nobody's business when they silence nothing.
    let is_quoted = [".md", ".rst", ".adoc"].iter().any(|end| path.to_ascii_lowercase().ends_with(end));
    let found = lines_that_speak(text);
    let found = found.iter().flat_map(|line| read_line(path, line, &words));
    found.map(|one| Suppression { is_quoted, ..one }).collect()
}

/// What a comment in an old version of a file says of a secret there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Silence {
    /// The last day on which it silences; `None` for ever.
    pub(crate) until: Option<Day>,
    pub(crate) reason: String,
}

impl Silence {
    /// The one of two that silences longer.
    pub(crate) fn longer(self, other: Self) -> Self {
        let rank = |one: &Self| (one.until.is_some(), std::cmp::Reverse(one.until), one.reason.clone());
        if rank(&other) < rank(&self) { other } else { self }
    }
}

/// The silencing comments of an old version, read by its lines alone.
pub(crate) struct PastSuppressions(Suppressions);

impl PastSuppressions {
    pub(crate) fn of(path: &str, format: Format, text: &str) -> Self {
        let words = Words::of(format);
        let lines = if speaks(text) { lines_that_speak(text) } else { Vec::new() };
        Self(Suppressions::from_all(lines.iter().flat_map(|line| read_line(path, line, &words)).collect()))
    }

    /// What they say of a secret; whether it is a password decides which words of other tools count.
    pub(crate) fn silence(&self, one: &Reported, is_password: bool) -> Option<Silence> {
        let Suppressions { all, by_path } = &self.0;
        let here = by_path.get(&one.finding.place.path)?;
        near(here, all, one.lines)
            .filter_map(|&(_, at)| all.get(at))
            .filter(|comment| comment.names_secrets(is_password))
            .map(|comment| Silence { until: comment.until, reason: comment.reason.clone().unwrap_or_default() })
            .reduce(Silence::longer)
    }
}

/// How comments begin, and whose words count.
#[derive(Clone, Copy)]
struct Words {
    openers: &'static [&'static str],
    /// Words for linters of Python.
    has_linters: bool,
}

impl Words {
    const PYTHON: Self = Self { openers: &["#"], has_linters: true };
    const QUOTED: Self = Self { openers: &["#", "//", "<!--", ";", "--", "/*"], has_linters: false };

    fn of(format: Format) -> Self {
        let openers: &[&str] = match format {
            Format::Python | Format::Notebook => return Self::PYTHON,
            Format::Env | Format::Yaml | Format::Toml | Format::Dockerfile | Format::Shell => &["#"],
            Format::Ini => &["#", ";"],
            Format::Json => &["//", "/*"],
            Format::Xml => &["<!--"],
            Format::Other => return Self::QUOTED,
        };
        Self { openers, has_linters: false }
    }
}

/// One line of a text.
struct Line<'t> {
    number: u32,
    text: &'t str,
}

/// Whether a text has any of the words; nearly all texts have none.
pub(crate) fn speaks(text: &str) -> bool {
    marks().is_some_and(|marks| marks.is_match(text))
}

/// Finds the words as people write them, which lets the search run on vector instructions; in any case it could not.
fn marks() -> Option<&'static AhoCorasick> {
    static MARKS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let words = ["casemate:", "nosec", "noqa:", "gitleaks:allow", "allowlist", "whitelist"];
    let mixed = ["NoSec", "noSec", "NoQA:", "noQA:", "AllowList", "allowList", "WhiteList", "whiteList"];
    let capital = |word: &str| word.get(..1).unwrap_or_default().to_uppercase() + word.get(1..).unwrap_or_default();
    let forms = || words.into_iter().flat_map(|word| [word.to_owned(), word.to_uppercase(), capital(word)]);
    let search = || {
        let forms = forms().chain(mixed.map(str::to_owned));
        AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(forms).ok()
    };
    MARKS.get_or_init(search).as_ref()
}

/// The lines with any of the words, each once. Lines end as editors and the auditor count them.
fn lines_that_speak(text: &str) -> Vec<Line<'_>> {
    let index = LineIndex::new(text);
    let mut lines: Vec<Line<'_>> = Vec::new();
    let Some(marks) = marks() else { return lines };
    for mark in marks.find_iter(text) {
        let line = index.line(u32::try_from(mark.start()).unwrap_or(u32::MAX));
        let number = u32::try_from(line + 1).unwrap_or(u32::MAX);
        if lines.last().is_none_or(|last| last.number != number) {
            lines.push(Line { number, text: index.text(text, line) });
        }
    }
    lines
}

/// What a line says after the first thing that begins a comment in it.
fn read_line(path: &str, line: &Line<'_>, words: &Words) -> Vec<Suppression> {
    let mut found = Vec::new();
    // What stands in a later comment stands in the first one too.
    if let Some(at) = first_comment(line.text, words.openers) {
        let (before, comment) = line.text.split_at(at);
        let column = |bytes: usize| {
            let chars = line.text.get(..bytes).map_or(0, |text| text.chars().count());
            u32::try_from(chars + 1).unwrap_or(u32::MAX)
        };
        let position = |bytes| Position { line: line.number, column: column(bytes) };
        let end = line.text.trim_end().len().max(at);
        let place = Place { path: path.to_owned(), start: position(at), end: position(end) };
        let alone = before.chars().all(|c| c.is_whitespace() || c == '"');
        found = read(comment.trim_end(), &place, alone, words);
    }
    if found.is_empty() && secrets().is_some_and(|pattern| pattern.is_match(line.text)) {
        let start = Position { line: line.number, column: 1 };
        let place = Place { path: path.to_owned(), start, end: start };
        found = read(line.text, &place, false, words);
    }
    found
}

/// Where the first comment of a line begins: after white space or a quote. Asked once a line, for a line may be a script
/// of megabytes.
fn first_comment(text: &str, openers: &[&str]) -> Option<usize> {
    let mut before = None;
    for (at, c) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        let begins = before.is_none_or(|c: char| c.is_whitespace() || c == '"');
        if begins && openers.iter().any(|opener| rest.starts_with(opener)) {
            return Some(at);
        }
        before = Some(c);
    }
    None
}

/// What one comment says.
fn read(text: &str, place: &Place, alone: bool, words: &Words) -> Vec<Suppression> {
    let mut found = Vec::new();
    let mut add = |dialect, alone, rules, until, reason| {
        found.push(Suppression {
            place: place.clone(),
            statement: fold(text),
            alone,
            is_quoted: false,
            dialect,
            rules,
            until,
            reason,
            used: false,
            removal: None,
        });
    };
    let named = |parts: &Captures<'_>| list(parts.get(1).map_or("", |rules| rules.as_str()));
    if let Some(parts) = ours().and_then(|pattern| pattern.captures(text)) {
        let reason = parts.get(3).map(|reason| reason_of(reason.as_str())).filter(|reason| !reason.is_empty());
        let until = parts.get(2).and_then(|date| parse_day(date.as_str()));
        add(Dialect::Casemate, alone, named(&parts), until, reason);
    }
    if let Some(parts) = secrets().and_then(|pattern| pattern.captures(text)) {
        // Said to be about the next line, or about this one.
        let speaks_of_next = parts.get(1).is_some();
        add(Dialect::Secrets, alone && speaks_of_next, Vec::new(), None, None);
    }
    if !words.has_linters {
        return found;
    }
    if let Some(parts) = nosec().and_then(|pattern| pattern.captures(text)) {
        add(Dialect::Nosec, alone, named(&parts), None, None);
    }
    for parts in noqa().into_iter().flat_map(|pattern| pattern.captures_iter(text)) {
        let rules: Vec<String> = named(&parts).into_iter().filter(|rule| rule.starts_with('S')).collect();
        // A bare `noqa` is about style.
        if !rules.is_empty() {
            add(Dialect::Noqa, alone, rules, None, None);
        }
    }
    found
}

/// The reason without what ends a comment, or a line of a notebook.
fn reason_of(text: &str) -> String {
    let mut reason = text.trim();
    for end in ["-->", "*/", "\\n\",", "\\n\"", "\","] {
        reason = reason.strip_suffix(end).unwrap_or(reason).trim_end();
    }
    reason.to_owned()
}

fn list(rules: &str) -> Vec<String> {
    rules.split([',', ' ']).map(str::trim).filter(|rule| !rule.is_empty()).map(str::to_owned).collect()
}

fn pattern(slot: &'static OnceLock<Option<Regex>>, text: &str) -> Option<&'static Regex> {
    slot.get_or_init(|| Regex::new(text).ok()).as_ref()
}

fn ours() -> Option<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    pattern(
        &PATTERN,
        r"(?:#|//|<!--|;|--|/\*)\s*casemate:\s*ignore(?:\[([^\]]*)\])?(?:\s+until=(\d{4}-\d{1,2}-\d{1,2}))?(?:\s*--\s*(.*))?",
    )
}

fn nosec() -> Option<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    pattern(&PATTERN, r"#\s*(?i:nosec)\b:?\s*((?:B\d{3}[,\s]*)*)")
}

fn noqa() -> Option<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    pattern(&PATTERN, r"#\s*(?i:noqa):\s*((?:[A-Z]+\d+[,\s]*)+)")
}

fn secrets() -> Option<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    pattern(&PATTERN, r"(?i:pragma:\s*(?:allow|white)list(\s+nextline)?\s+secret|gitleaks:allow)\b")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{DependencyDetail, SecretDetail, SecretText};
    use crate::rule::Rule;

    static SECRET: Rule = Rule { id: "SEC1003", name: "hardcoded-password", kind: Kind::Secret, ..OTHER };
    static TOKEN: Rule = Rule { id: "SEC1001", name: "provider-token", kind: Kind::Secret, ..OTHER };
    static OTHER: Rule = Rule {
        id: "CFG1601",
        name: "container-root",
        kind: Kind::Configuration,
        cwe: &[],
        ..suppression_without_reason::RULE
    };

    fn reported(rule: &'static Rule, path: &str, lines: (u32, u32)) -> Reported {
        let place = Place { path: path.to_owned(), ..Place::default() };
        let mut finding = complaint(place, "", "", "");
        finding.rule = rule;
        if rule.kind == Kind::Secret {
            let detail = SecretDetail {
                detector: "password",
                what: String::new(),
                name: String::new(),
                value: SecretText::new("x"),
                commit: None,
                liveness: None,
            };
            finding.detail = Detail::Secret(Box::new(detail));
        }
        Reported { finding, lines }
    }

    /// Whether a text silences a finding of a rule on a line, and why.
    fn silences(path: &str, text: &str, rule: &'static Rule, line: u32) -> Option<String> {
        let all = in_text(path, Format::of(path), text);
        let mut suppressions = Suppressions::from_all(all);
        let settings = Settings { today: Some((2026, 11, 22)), ..Settings::default() };
        let (_, suppressed) = suppressions.apply(vec![reported(rule, path, (line, line))], &settings);
        suppressed.into_iter().next().map(|(_, reason)| reason)
    }

    #[test]
    fn every_format_with_comments_can_say_it_on_the_line_or_above() {
        let said = "casemate: ignore[SEC1003] until=2027-01-01 -- sample data";
        for (path, open, close) in [
            ("app.yml", "#", ""),
            ("app.toml", "#", ""),
            ("app.ini", ";", ""),
            ("app.ini", "#", ""),
            (".env", "#", ""),
            ("Dockerfile", "#", ""),
            ("run.sh", "#", ""),
            ("requirements.txt", "#", ""),
            ("app.xml", "<!--", " -->"),
            ("tsconfig.json", "//", ""),
            ("app.json5", "/*", " */"),
            ("dump.sql", "--", ""),
            ("index.js", "//", ""),
        ] {
            let beside = format!("one\npassword=x {open} {said}{close}\n");
            assert_eq!(silences(path, &beside, &SECRET, 2).as_deref(), Some("sample data"), "{path} {open}");
            assert_eq!(silences(path, &beside, &SECRET, 3), None, "{path} {open}");
            assert_eq!(silences(path, &beside, &OTHER, 2), None, "another rule");
            let above = format!("one\n  {open} {said}{close}\npassword=x\n");
            assert_eq!(silences(path, &above, &SECRET, 3).as_deref(), Some("sample data"), "{path} {open}");
            assert_eq!(silences(path, &above, &SECRET, 4), None, "{path} {open}");
        }
    }

    #[test]
    fn what_is_no_comment_in_a_format_silences_nothing() {
        let said = "casemate: ignore[SEC1003] -- no";
        for (path, open) in [("app.yml", "//"), (".env", ";"), ("app.xml", "#"), ("app.json", "#")] {
            assert_eq!(silences(path, &format!("password=x {open} {said}\n"), &SECRET, 1), None, "{path} {open}");
        }
        assert_eq!(silences("app.yml", "password: x#casemate: ignore -- part of a word\n", &SECRET, 1), None);
        assert_eq!(silences("app.yml", "password: x casemate: ignore -- no comment\n", &SECRET, 1), None);
    }

    #[test]
    fn an_expired_comment_in_a_text_silences_nothing() {
        let text = "password=x # casemate: ignore until=2026-11-21 -- old\n";
        assert_eq!(silences(".env", text, &SECRET, 1), None);
    }

    #[test]
    fn comments_of_secret_scanners_silence_secrets_and_nothing_else() {
        for comment in [
            "# pragma: allowlist secret",
            "// pragma: allowlist secret",
            "<!-- pragma: allowlist secret -->",
            "# pragma: whitelist secret",
            "# gitleaks:allow",
            "# see gitleaks:allow here",
        ] {
            for path in [".env", "app.json", "app.xml", "page.html"] {
                let text = format!("password=x {comment}\n");
                assert_eq!(silences(path, &text, &SECRET, 1).as_deref(), Some(""), "{path} {comment}");
                assert_eq!(silences(path, &text, &TOKEN, 1).as_deref(), Some(""), "{path} {comment}");
                assert_eq!(silences(path, &text, &OTHER, 1), None, "{path} {comment}");
            }
        }
        let next = "# pragma: allowlist nextline secret\npassword=x\n";
        assert!(silences(".env", next, &SECRET, 2).is_some());
        assert!(silences(".env", next.replace(" nextline", "").as_str(), &SECRET, 2).is_none());
    }

    #[test]
    fn a_cell_of_a_notebook_says_it_as_python_does() {
        let text = "{\"source\": [\n \"password = 'x'  # casemate: ignore[SEC1003] -- sample\\n\",\n \"y = 1\"]}\n";
        assert_eq!(silences("a.ipynb", text, &SECRET, 2).as_deref(), Some("sample"));
    }

    #[test]
    fn ids_of_bandit_and_ruff_speak_of_passwords_but_not_of_tokens_that_prove_themselves() {
        for said in ["# nosec B105", "# noqa: S105", "# noqa: S106, S107"] {
            let text = format!("\"password = 'x'  {said}\\n\",\n");
            assert!(silences("a.ipynb", &text, &SECRET, 1).is_some(), "{said}");
            assert!(silences("a.ipynb", &text, &TOKEN, 1).is_none(), "{said}");
            assert!(silences("a.yml", &text, &SECRET, 1).is_none(), "linters of Python say nothing elsewhere");
        }
    }

    #[test]
    fn examples_in_documents_silence_secrets_and_are_not_complained_about() {
        let text = "password=x # casemate: ignore -- example\n";
        assert!(silences("README.md", text, &SECRET, 1).is_some());
        assert!(silences("README.md", text, &OTHER, 1).is_none());
        let all = in_text("docs/config.md", Format::Other, text);
        let suppressions = Suppressions::from_all(all);
        assert!(findings(&suppressions, &Settings::default()).is_empty());
    }

    #[test]
    fn a_known_hole_may_be_named_by_any_of_its_ids() {
        let mut one = reported(&OTHER, "requirements.txt", (1, 1));
        one.finding.detail = Detail::Dependency(Box::new(DependencyDetail {
            advisories: vec!["CVE-2024-1".to_owned(), "GHSA-x".to_owned()],
            ..DependencyDetail::default()
        }));
        for (id, fits) in [("ghsa-x", true), ("CVE-2024-1", true), ("CVE-2024-2", false)] {
            let text = format!("jinja2==2.10  # casemate: ignore[{id}] -- not used\n");
            let all = in_text("requirements.txt", Format::Other, &text);
            assert_eq!(all.len(), 1);
            assert_eq!(all.first().is_some_and(|one_said| one_said.speaks_of(&one)), fits, "{id}");
        }
    }
}
