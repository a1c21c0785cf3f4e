//! Text for people: each finding with its lines, the path the data took, and how to mend it.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Message, Renderer, Snippet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::excerpt::{Excerpts, Text, byte_of};
use super::upgrades::{Upgrade, known_hole};
use super::{Report, rules_named, summary, why};
use crate::audit::Problem;
use crate::finding::{DependencyDetail, Finding, Liveness, Place, Position, Severity};
use crate::fix::Safety;
use crate::rule::{Kind, Topic};
use crate::rules::dependencies::vulnerable_dependency;

/// How the text looks.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Colour, for a terminal that wants it.
    pub is_coloured: bool,
    /// Characters in a line before long source lines are cut.
    pub width: usize,
    /// Break what is told between words to fit the width; otherwise one line each, for `grep`.
    pub wraps: bool,
    /// What to put before a path so that it can be opened from here; empty when paths are relative to here.
    pub prefix: &'a str,
    /// Counts per rule instead of each finding.
    pub statistics_only: bool,
    /// How long the audit took, if that is to be told.
    pub took: Option<Duration>,
    /// How long each part of it took, in order; told with the counts.
    pub phases: &'a [(&'static str, Duration)],
}

/// What the renderer puts around a cut line, which it does not count.
const MARGIN: usize = 15;

/// A line that may have to be cut.
const LONG_LINE: usize = 100;

/// A multi-line place longer than this is shown by its first line.
const MOST_LINES: u32 = 6;

/// Lines further apart than this go into frames of their own.
const MOST_GAP: u32 = 60;

/// Other places of a package that are named; the rest is counted.
const MOST_PLACES: usize = 5;

/// Tasks that the summary names; the rest is counted.
const MOST_TASKS: usize = 7;

/// Writes the report: findings, problems, and a summary.
pub fn write(report: &Report<'_>, look: &Look<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let paint = Paint { is_coloured: look.is_coloured };
    if look.statistics_only {
        statistics(report, paint, out)?;
        times(report, look, out)?;
    } else {
        write_findings(report, look, out)?;
    }
    // A problem that a finding tells is not told again.
    let about_the_run = report.outcome.findings.iter().filter(|finding| finding.rule.kind == Kind::Run);
    let told: FxHashSet<&Place> = about_the_run.map(|finding| &finding.place).collect();
    let untold: Vec<&Problem> =
        report.outcome.problems.iter().filter(|problem| !told.contains(&problem.place)).collect();
    for problem in &untold {
        let Place { path, start, .. } = &problem.place;
        let at = format!("{}{}", printable(look.prefix), printable(path));
        let word = paint.word("problem", "1;33");
        let message = printable(&problem.message);
        writeln!(out, "{word}: {at}:{}:{}: {message}", start.line.max(1), start.column.max(1))?;
    }
    if !untold.is_empty() {
        writeln!(out)?;
    }
    summary(report, look, paint, out)
}

/// Writes the findings alone.
pub fn write_findings(report: &Report<'_>, look: &Look<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let renderer = if look.is_coloured { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(look.width.saturating_sub(MARGIN));
    let mut frames = Frames { excerpts: Excerpts::new(report), look, explained: FxHashSet::default() };
    for told in told_together(&report.outcome.findings) {
        let rendered = renderer.render(&[frames.group(&told)]);
        // Snippets end in padding that nobody needs.
        for line in rendered.lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// What findings of one block have in common: rule, package, version and, where it matters, place.
type Block<'f> = (&'f str, &'f str, &'f str, (&'f str, u32));

/// The findings in their order; what is known against one version of a package is told at once, wherever it is asked for.
fn told_together(findings: &[Finding]) -> Vec<Vec<&Finding>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    let mut at: FxHashMap<Block<'_>, usize> = FxHashMap::default();
    for finding in findings {
        let Some(detail) = known_hole(finding) else {
            groups.push(vec![finding]);
            continue;
        };
        // Where code uses what is affected is the point of a finding about it.
        let is_declared = finding.rule.id == vulnerable_dependency::RULE.id;
        let place = if is_declared { ("", 0) } else { (finding.place.path.as_str(), finding.place.start.line) };
        let key = (finding.rule.id, detail.package.as_str(), detail.version.as_str(), place);
        let index = *at.entry(key).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// Each hole once, however many files ask for the package.
fn holes<'f>(upgrade: &Upgrade<'f>) -> Vec<(&'f Finding, &'f DependencyDetail)> {
    let mut seen = FxHashSet::default();
    let holes = upgrade.findings.iter().copied();
    holes.filter(|(_, detail)| seen.insert(detail.advisories.first())).collect()
}

struct Frames<'a> {
    excerpts: Excerpts<'a>,
    look: &'a Look<'a>,
    /// Rules that have been explained; the second finding of a rule is read by somebody who knows why it matters.
    explained: FxHashSet<&'static str>,
}

/// One stretch of a file with what is to be marked in it.
struct Frame {
    path: String,
    text: Rc<Text>,
    /// Start line, and the marks.
    marks: Vec<Mark>,
}

impl Frame {
    /// The first line to show: one before the finding, if something stands there.
    fn first_line(&self) -> u32 {
        let first = self.marks.iter().map(|mark| mark.place.start.line).min().unwrap_or(1);
        if self.shows(first.saturating_sub(1)) { first - 1 } else { first }
    }

    /// The last line to show: one after the finding, if something stands there.
    fn last_line(&self) -> u32 {
        let last = self.marks.iter().map(|mark| shown_end(mark).min(self.text.last_line())).max().unwrap_or(1);
        // The renderer leaves no room for a longer number that belongs to no mark.
        let has_room = digits(last) == digits(last.saturating_add(1));
        if has_room && self.shows(last.saturating_add(1)) { last + 1 } else { last }
    }

    /// Whether this is a line beside the finding with something in it.
    fn shows(&self, line: u32) -> bool {
        let has_text = self.text.line(line).is_some_and(|text| !text.trim().is_empty());
        let is_beside = self.marks.iter().filter(|mark| mark.kind == AnnotationKind::Primary).any(|mark| {
            let is_whole = shown_end(mark) == mark.place.end.line;
            line == mark.place.start.line.saturating_sub(1) || (is_whole && line == shown_end(mark).saturating_add(1))
        });
        // Beside a line that is cut, little of its neighbours would be seen.
        let is_cut = self
            .marks
            .iter()
            .any(|mark| self.text.line(mark.place.start.line).is_some_and(|text| text.chars().count() > LONG_LINE));
        has_text && is_beside && !is_cut
    }
}

struct Mark {
    place: Place,
    kind: AnnotationKind,
    label: String,
}

impl Frames<'_> {
    /// What is told together; the first of it is the most urgent.
    fn group(&mut self, told: &[&Finding]) -> Group<'static> {
        let Some(finding) = told.first() else { return Group::with_title(Level::NOTE.primary_title("")) };
        let taken = finding.severity.as_str().len() + finding.rule.id.len() + "[]: ".len();
        let upgrade = Upgrade::of(told.iter().copied()).into_iter().next();
        let several = upgrade.as_ref().map(holes).filter(|holes| holes.len() > 1);
        let message = match (&upgrade, &several) {
            (Some(Upgrade { package, version, .. }), Some(holes)) => {
                format!("`{package}` {version} has {} known vulnerabilities", holes.len())
            }
            _ => finding.message.clone(),
        };
        let message = self.wrapped(&message, taken);
        let title = level(finding.severity).primary_title(message).id(finding.rule.id);
        let frames = self.frames(finding);
        let mut group = Group::with_title(title);
        if frames.is_empty() {
            let (path, start) = (&finding.place.path, finding.place.start);
            let line = usize::try_from(start.line.max(1)).unwrap_or(1);
            let column = usize::try_from(start.column.max(1)).unwrap_or(1);
            let origin = annotate_snippets::Origin::path(self.shown(path)).line(line).char_column(column);
            group = group.element(origin);
        }
        for frame in &frames {
            group = group.element(self.snippet(frame));
        }
        let widest = frames.iter().map(|frame| digits(frame.last_line())).max().unwrap_or(0);
        let is_first = self.explained.insert(finding.rule.id);
        let margin = widest + " = ".len();
        let remedy = match (&upgrade, &several) {
            (Some(upgrade), Some(holes)) => upgrade_remedy(upgrade, holes),
            _ => finding.remedy.clone(),
        };
        let mut notes = self.notes(finding, &remedy, is_first, margin);
        let about = match (&upgrade, &several) {
            (Some(_), Some(holes)) => {
                let mut about: Vec<_> = self.elsewhere(told, margin).into_iter().collect();
                about.extend(self.hole_notes(holes, margin));
                about
            }
            (Some(_), None) => {
                let mut about: Vec<_> = self.elsewhere(told, margin).into_iter().collect();
                about.extend(
                    finding.dependency().map(|detail| self.dependency_notes(detail, margin)).unwrap_or_default(),
                );
                about
            }
            (None, _) => self.secret_notes(finding, margin),
        };
        // After why, before how.
        let after_why = usize::from(is_first);
        notes.splice(after_why..after_why, about);
        group.elements(notes)
    }

    fn note(&self, level: Level<'static>, name: &'static str, text: &str, margin: usize) -> Message<'static> {
        level.with_name(name).message(self.wrapped(text, margin + name.len() + ": ".len()))
    }

    /// What is known of one hole.
    fn dependency_notes(&self, detail: &DependencyDetail, margin: usize) -> Vec<Message<'static>> {
        let note = |name, text: &str| self.note(Level::NOTE, name, text, margin);
        let vector = detail.vector.as_ref().map(|vector| format!(" ({vector})")).unwrap_or_default();
        let ids = detail.advisories.join(", ");
        let mut notes = vec![
            note("known as", &format!("{ids}{}{vector}", score(detail))),
            note("versions", &format!("{} {}; {}", detail.package, detail.version, mended(detail))),
        ];
        if let Some(is_reachable) = detail.is_reachable {
            let words = if is_reachable { "what is affected is used here" } else { "nothing here uses it" };
            notes.push(note("reach", words));
        }
        if let Some(url) = &detail.url {
            notes.push(note("more", url));
        }
        notes.extend(self.asked_for(detail, margin));
        notes
    }

    /// One line for each of several holes, and once what is true of all.
    fn hole_notes(&self, holes: &[(&Finding, &DependencyDetail)], margin: usize) -> Vec<Message<'static>> {
        let note = |name, text: &str| self.note(Level::NOTE, name, text, margin);
        let mut notes = Vec::new();
        if let Some((_, detail)) = holes.first() {
            notes.extend(self.asked_for(detail, margin));
            if detail.is_unused {
                notes.push(note("use", "nothing in this project imports the package"));
            }
        }
        for (finding, detail) in holes {
            let (id, aliases) = detail.advisories.split_first().map_or(("", &[][..]), |(id, rest)| (id.as_str(), rest));
            let aliases = if aliases.is_empty() { String::new() } else { format!(" ({})", aliases.join(", ")) };
            let used = match detail.is_reachable {
                Some(true) => "; what is affected is used here",
                Some(false) => "; nothing here uses what is affected",
                None => "",
            };
            let summary = if detail.summary.is_empty() { String::new() } else { format!(": {}", detail.summary) };
            let text = format!("{id}{aliases}{}; {}{used}{summary}", score(detail), mended(detail));
            notes.push(note(finding.severity.as_str(), &text));
        }
        let unrated = holes.iter().filter(|(_, detail)| !detail.is_rated).count();
        if unrated > 0 {
            let which = if unrated == holes.len() {
                "nobody has rated them".to_owned()
            } else {
                format!("nobody has rated {unrated} of them")
            };
            notes.push(note("unrated", &format!("{which}; what is not rated is taken for high")));
        }
        notes
    }

    /// Who asks for the package, if it is not the project itself.
    fn asked_for(&self, detail: &DependencyDetail, margin: usize) -> Option<Message<'static>> {
        let way = detail.required_by.join(" → ");
        (!way.is_empty()).then(|| self.note(Level::NOTE, "asked for", &format!("by {way}"), margin))
    }

    /// Other places of the same package.
    fn elsewhere(&self, told: &[&Finding], margin: usize) -> Option<Message<'static>> {
        let mut places: Vec<(&str, u32)> =
            told.iter().map(|one| (one.place.path.as_str(), one.place.start.line)).collect();
        let first = places.first().copied()?;
        places.sort_unstable();
        places.dedup();
        places.retain(|place| *place != first);
        let shown: Vec<String> =
            places.iter().take(MOST_PLACES).map(|(path, line)| format!("{}:{line}", self.shown(path))).collect();
        let more = places.len().saturating_sub(MOST_PLACES);
        let more = if more == 0 { String::new() } else { format!(" and {} more", grouped(more)) };
        (!shown.is_empty()).then(|| self.note(Level::NOTE, "also in", &format!("{}{more}", shown.join(", ")), margin))
    }

    /// What is known of a secret, never the secret.
    fn secret_notes(&self, finding: &Finding, margin: usize) -> Vec<Message<'static>> {
        let Some(secret) = finding.secret() else { return Vec::new() };
        let mut notes = vec![self.note(Level::NOTE, "secret", &secret.what, margin)];
        if let Some(commit) = &secret.commit {
            let id = commit.id.get(..12).unwrap_or(&commit.id);
            let told = format!("{id} of {}, {}", commit.date, commit.author);
            notes.push(self.note(Level::NOTE, "commit", &told, margin));
            // Masked; the file of today may say something else there.
            notes.push(self.note(Level::NOTE, "line", &finding.statement, margin));
        }
        if let Some(liveness) = secret.liveness {
            let told = match liveness {
                Liveness::Live => "yes, its provider accepts it now",
                Liveness::Dead => "no, its provider refuses it",
                Liveness::Unknown => "its provider did not say",
            };
            notes.push(self.note(Level::NOTE, "alive", told, margin));
        }
        notes
    }

    /// The text, broken between words if that is wanted, for lines of which so much is taken.
    fn wrapped(&self, text: &str, taken: usize) -> String {
        let width = if self.look.wraps { self.look.width.saturating_sub(taken) } else { usize::MAX };
        wrapped(&printable(text), width)
    }

    fn notes(&self, finding: &Finding, remedy: &str, is_first: bool, margin: usize) -> Vec<Message<'static>> {
        let rule = finding.rule;
        let note = |level: Level<'static>, name: &'static str, text: &str| self.note(level, name, text, margin);
        let mut notes = Vec::new();
        if is_first {
            notes.push(note(Level::NOTE, "why", &why(rule)));
        }
        if let Some(guard) = &finding.missing_guard {
            notes.push(note(Level::NOTE, "missing", guard));
        }
        notes.push(note(Level::HELP, "mend", remedy));
        if let Some(fix) = &finding.fix {
            let option = if fix.safety == Safety::Safe { "--fix" } else { "--fix --unsafe-fixes" };
            notes.push(note(
                Level::HELP,
                "fix",
                &format!("{} ({}; `{option}` does it)", fix.title, fix.safety.as_str()),
            ));
        }
        let cwe: String = rule.cwe.first().map(|number| format!("CWE-{number}, ")).unwrap_or_default();
        let told =
            format!("{} ({cwe}confidence {}), explained by `casemate rule {}`", rule.name, finding.confidence, rule.id);
        notes.push(note(Level::NOTE, "rule", &told));
        notes
    }

    fn shown(&self, path: &str) -> String {
        format!("{}{}", printable(self.look.prefix), printable(path))
    }

    /// The frame of the finding first, then the rest of the path in the order the data took.
    fn frames(&mut self, finding: &Finding) -> Vec<Frame> {
        let stops = finding.path.len();
        let mut frames: Vec<Frame> = Vec::new();
        if finding.is_past() {
            return frames;
        }
        let mut primary = Mark { place: finding.place.clone(), kind: AnnotationKind::Primary, label: String::new() };
        let mut context = Vec::new();
        for (number, step) in finding.path.iter().enumerate() {
            let note = printable(&step.note);
            let label = if stops > 1 { format!("{}. {note}", number + 1) } else { note };
            if step.place == finding.place {
                let label = [std::mem::take(&mut primary.label), label];
                primary.label = label.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
            } else {
                context.push(Mark { place: step.place.clone(), kind: AnnotationKind::Context, label });
            }
        }
        for mark in std::iter::once(primary).chain(context) {
            self.put(&mut frames, mark);
        }
        frames
    }

    fn put(&mut self, frames: &mut Vec<Frame>, mark: Mark) {
        let Some(text) = self.excerpts.text(&mark.place.path) else { return };
        if mark.place.start.line == 0 || mark.place.start.line > text.last_line() {
            return;
        }
        let line = mark.place.start.line;
        let near = |frame: &&mut Frame| {
            frame.path == mark.place.path
                && frame.marks.iter().any(|other| other.place.start.line.abs_diff(line) <= MOST_GAP)
        };
        if let Some(frame) = frames.iter_mut().find(near) {
            frame.marks.push(mark);
        } else {
            frames.push(Frame { path: mark.place.path.clone(), text, marks: vec![mark] });
        }
    }

    fn snippet(&self, frame: &Frame) -> Snippet<'static, Annotation<'static>> {
        let last_there = frame.text.last_line();
        let (first, last) = (frame.first_line(), frame.last_line());
        let mut source = String::new();
        let mut starts = Vec::new();
        for number in first..=last {
            starts.push(source.len());
            source.push_str(&printable_line(frame.text.line(number).unwrap_or_default()));
            source.push('\n');
        }
        let offset = |line: u32, position| {
            let start = usize::try_from(line.saturating_sub(first)).ok().and_then(|index| starts.get(index)).copied();
            let text = printable_line(frame.text.line(line).unwrap_or_default());
            start.unwrap_or(source.len()) + byte_of(&text, position)
        };
        let beside = (first..=last).filter(|line| frame.shows(*line)).map(|line| {
            let start = offset(line, Position { line, column: 1 });
            AnnotationKind::Visible.span(start..start)
        });
        let annotations: Vec<_> = frame
            .marks
            .iter()
            .map(|mark| {
                let place = &mark.place;
                let start = offset(place.start.line, place.start);
                let end = if shown_end(mark) == place.end.line && place.end.line <= last_there {
                    offset(place.end.line, place.end)
                } else {
                    start + source.get(start..).and_then(|rest| rest.find('\n')).unwrap_or(0)
                };
                let annotation = mark.kind.span(start..end.max(start));
                if mark.label.is_empty() { annotation } else { annotation.label(mark.label.clone()) }
            })
            .chain(beside)
            .collect();
        Snippet::source(source)
            .line_start(usize::try_from(first).unwrap_or(1))
            .path(self.shown(&frame.path))
            .annotations(annotations)
    }
}

fn score(detail: &DependencyDetail) -> String {
    detail.score.map(|score| format!(", score {score:.1}")).unwrap_or_default()
}

fn mended(detail: &DependencyDetail) -> String {
    match detail.fixed.as_slice() {
        [] => "no version mends it".to_owned(),
        fixed => format!("mended in {}", fixed.join(", ")),
    }
}

/// The one step that closes all, or most, of the holes of a package.
fn upgrade_remedy(upgrade: &Upgrade<'_>, holes: &[(&Finding, &DependencyDetail)]) -> String {
    let Upgrade { package, to, .. } = upgrade;
    let mended = holes.iter().filter(|(_, detail)| !detail.fixed.is_empty()).count();
    match to {
        Some(to) if mended == holes.len() => format!("upgrade `{package}` to {to} or later, which mends all of them"),
        Some(to) => format!("upgrade `{package}` to {to} or later, which mends {mended} of {}", holes.len()),
        None => format!("no version of `{package}` mends them: replace it, or keep what is affected out of reach"),
    }
}

/// The last line to show of a mark: a long one is shown by its first line.
fn shown_end(mark: &Mark) -> u32 {
    let (first, last) = (mark.place.start.line, mark.place.end.line.max(mark.place.start.line));
    if last - first < MOST_LINES { last } else { first }
}

fn level(severity: Severity) -> Level<'static> {
    let level = match severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low => Level::INFO,
        Severity::Info => Level::NOTE,
    };
    level.with_name(severity.as_str())
}

/// Breaks a text between words; the renderer puts the lines below each other.
fn wrapped(text: &str, width: usize) -> String {
    let mut wrapped = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if used > 0 {
            let is_full = used + 1 + length > width;
            wrapped.push(if is_full { '\n' } else { ' ' });
            used = if is_full { 0 } else { used + 1 };
        }
        wrapped.push_str(word);
        used += length;
    }
    wrapped
}

fn digits(number: u32) -> usize {
    number.to_string().len()
}

fn statistics(report: &Report<'_>, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    let findings = &report.outcome.findings;
    let mut rows: Vec<_> = rules_named(report.outcome)
        .into_iter()
        .map(|rule| {
            let of_rule = findings.iter().filter(|finding| finding.rule.id == rule.id);
            let worst = of_rule.clone().map(|finding| finding.severity).max().unwrap_or(rule.severity);
            (of_rule.count(), worst, rule)
        })
        .filter(|(count, ..)| *count > 0)
        .collect();
    rows.sort_by(|a, b| (b.1, b.0, a.2.id).cmp(&(a.1, a.0, b.2.id)));
    for (count, worst, rule) in &rows {
        let severity = paint.severity(&format!("{:<8}", worst.as_str()), *worst);
        writeln!(out, "{count:>6}  {severity}  {:<8} {}", rule.id, rule.name)?;
    }
    if !rows.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// Where the time went, and how large the program is.
fn times(report: &Report<'_>, look: &Look<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    if look.phases.is_empty() {
        return Ok(());
    }
    for (phase, took) in look.phases {
        writeln!(out, "{:>12}  {phase}", spoken(*took))?;
    }
    let outcome = report.outcome;
    let size = format!("{}, {}", counted(outcome.files, "file"), counted(outcome.lines, "line"));
    let as_before = if outcome.remembered > 0 {
        format!("; {} as they were, with the answers of an earlier audit", grouped(outcome.remembered))
    } else {
        String::new()
    };
    writeln!(out, "\n{size}, {} of evaluation{as_before}\n", counted(outcome.rounds, "round"))
}

fn summary(report: &Report<'_>, look: &Look<'_>, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    let outcome = report.outcome;
    let found = outcome.findings.len();
    let took = look.took.map(|took| format!(" in {}", spoken(took))).unwrap_or_default();
    let is_empty = outcome.files == 0 && outcome.texts == 0 && outcome.packages == 0;
    if is_empty && outcome.problems.is_empty() && found == 0 {
        let paths: Vec<String> = report.paths.iter().map(|path| format!("`{}`", printable(path))).collect();
        return writeln!(out, "Nothing to audit found in {}.", paths.join(", "));
    }
    let read = format!("{}{took}", summary::looked_at(report));
    if found == 0 {
        let nothing = match (&outcome.elsewhere, outcome.baselined.is_empty()) {
            (Some(_), _) => "No findings on changed lines",
            (None, true) => "No findings",
            (None, false) => "No new findings",
        };
        writeln!(out, "{} in {read}.", paint.word(nothing, "1;32"))?;
    } else {
        overview(report, paint, out)?;
        let counts: Vec<String> = report
            .counts()
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(severity, count)| paint.severity(&format!("{} {severity}", grouped(count)), severity))
            .collect();
        let total = paint.word(&counted(found, "finding"), "1");
        writeln!(out, "{total}: {} — in {read}.", counts.join(", "))?;
    }
    if let Some(lookup) = summary::lookup(report) {
        writeln!(out, "{}", printable(&lookup))?;
    }
    for told in summary::silenced(report) {
        writeln!(out, "{}", printable(&told))?;
    }
    if !outcome.problems.is_empty() {
        let problems = paint.word(&counted(outcome.problems.len(), "problem"), "1;33");
        writeln!(out, "{problems}: what they name was not audited, or not fully.")?;
    }
    if let Some(verdict) = summary::verdict(report) {
        let word = if verdict.is_passed { paint.word("Passed", "1;32") } else { paint.word("Failed", "1;31") };
        writeln!(out, "{word}: {}", verdict.words)?;
    }
    Ok(())
}

/// Counts by topic, where there are several, and what to do first, where there is more than one thing to do.
fn overview(report: &Report<'_>, paint: Paint, out: &mut dyn io::Write) -> io::Result<()> {
    let topics = report.counts_by_topic();
    let mut rows: Vec<_> = topics.iter().filter(|(_, counts)| counts.iter().any(|count| *count > 0)).collect();
    if rows.len() > 1 {
        rows.retain(|(topic, _)| *topic != Topic::Run);
        let heads = Severity::ALL.map(|severity| format!("{:>10}", severity.as_str())).concat();
        writeln!(out, "{:<14}{heads}", "")?;
        for (topic, counts) in rows {
            write!(out, "{:<14}", topic.as_str())?;
            for (severity, count) in Severity::ALL.into_iter().zip(counts) {
                let cell = if *count == 0 { format!("{:>10}", "·") } else { format!("{:>10}", grouped(*count)) };
                let cell = if *count == 0 { cell } else { paint.severity(&cell, severity) };
                write!(out, "{cell}")?;
            }
            writeln!(out)?;
        }
        writeln!(out)?;
    }
    let tasks = summary::tasks(report);
    if tasks.len() > 1 {
        writeln!(out, "{}", paint.word("What to do first", "1"))?;
        for (at, task) in tasks.iter().take(MOST_TASKS).enumerate() {
            writeln!(out, "  {}. {}", at + 1, printable(&task.told()))?;
        }
        if tasks.len() > MOST_TASKS {
            writeln!(out, "  and {} more", grouped(tasks.len() - MOST_TASKS))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// `1 file`, `1,234 files`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn spoken(took: Duration) -> String {
    match took.as_secs_f64() {
        secs if secs < 0.095 => format!("{} ms", took.as_millis().max(1)),
        secs if secs < 60.0 => format!("{secs:.1} s"),
        secs => format!("{:.0} min {:.0} s", (secs / 60.0).floor(), secs % 60.0),
    }
}

#[derive(Clone, Copy)]
struct Paint {
    is_coloured: bool,
}

impl Paint {
    fn word(self, word: &str, codes: &str) -> String {
        if self.is_coloured { format!("\x1b[{codes}m{word}\x1b[0m") } else { word.to_owned() }
    }

    fn severity(self, word: &str, severity: Severity) -> String {
        let codes = match severity {
            Severity::Critical | Severity::High => "1;31",
            Severity::Medium => "1;33",
            Severity::Low => "1;34",
            Severity::Info => "1;32",
        };
        self.word(word, codes)
    }
}

/// SECURITY: names and texts of a hostile project must not reach the terminal as control sequences (CWE-150).
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c == '\n' || c == '\r' || c == '\t' { ' ' } else { harmless(c) }).collect()
}

/// One character for one character, so that columns stay what they were; the renderer widens tabs itself.
pub fn printable_line(line: &str) -> String {
    line.chars().map(|c| if c == '\t' { '\t' } else { harmless(c) }).collect()
}

fn harmless(c: char) -> char {
    let is_bidi_control =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{061c}');
    let is_separator = matches!(c, '\u{2028}' | '\u{2029}');
    if c.is_control() || is_bidi_control || is_separator { '\u{fffd}' } else { c }
}
