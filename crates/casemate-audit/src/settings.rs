//! What an audit looks for: `[tool.casemate]` in `pyproject.toml`, or `casemate.toml`, over the defaults.

use std::fmt;

use casemate_packages::manifest::{Platform, PythonVersion, Target};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::baseline::Anchor;
use crate::exceptions;
use crate::finding::{Confidence, Finding, Place, Position, Severity};
use crate::rule::{Persona, Rule};

/// What to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Who reads the report.
    pub persona: Persona,
    /// Rule ids, names or group prefixes (`INJ`) to run; empty means all of the persona.
    pub select: Vec<String>,
    /// Rule ids, names or group prefixes not to run.
    pub ignore: Vec<String>,
    /// Report nothing the auditor is less sure of.
    pub min_confidence: Option<Confidence>,
    /// Which findings make the exit code 1.
    pub fail_on: Gate,
    /// Extra glob patterns of paths to leave out, relative to the root.
    pub exclude: Vec<String>,
    /// The file that knows which findings were there before; empty for the one at the top of the project, if it is there.
    pub baseline: String,
    /// For which Python and platform the markers of dependencies are answered.
    pub target: Target,
    /// Findings that do not count, with the reason; for files that have no comments.
    pub exceptions: Vec<Exception>,
    /// Packs of models besides the built-in ones: what each is called, and its text.
    pub models: Vec<(String, String)>,
    /// The project is a library: parameters of its public functions may be chosen by an attacker.
    pub library: bool,
    /// Today, by which suppressions expire; without it none does.
    pub today: Option<Day>,
}

/// Year, month and day.
pub type Day = (i32, u8, u8);

/// Findings that a settings file says not to count. Everything that is said must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exception {
    /// Rule id, name or group.
    pub rule: Option<String>,
    /// Name of a package.
    pub package: Option<String>,
    /// Any id of a known hole.
    pub advisory: Option<String>,
    /// Glob of paths, relative to the file it stands in, written as in .gitignore.
    pub path: Option<String>,
    /// Fingerprint of one finding.
    pub fingerprint: Option<String>,
    /// The last day on which it holds.
    pub until: Option<Day>,
    /// Why.
    pub reason: String,
    /// Where it stands; the path is filled in by whoever has read the file.
    pub place: Place,
    /// How the file names the paths of reports.
    pub anchor: Anchor,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            persona: Persona::Default,
            select: Vec::new(),
            ignore: Vec::new(),
            min_confidence: None,
            // Info findings tell something worth knowing; they are no reason to stop a build.
            fail_on: Gate::at(Severity::Low),
            exclude: Vec::new(),
            baseline: String::new(),
            target: Target::default(),
            exceptions: Vec::new(),
            models: Vec::new(),
            library: false,
            today: None,
        }
    }
}

impl Settings {
    /// Whether this rule runs: it is selected (or nothing is, and it belongs to the persona) and not ignored.
    pub fn wants(&self, rule: &Rule) -> bool {
        let named = |selectors: &[String]| selectors.iter().any(|selector| selects(selector, rule));
        let chosen = if self.select.is_empty() { rule.persona <= self.persona } else { named(&self.select) };
        chosen && !named(&self.ignore)
    }

    /// Whether this day is over.
    pub fn is_past(&self, until: Option<Day>) -> bool {
        matches!((until, self.today), (Some(until), Some(today)) if today > until)
    }

    /// Whether this finding fails the run.
    pub fn fails_on(&self, finding: &Finding) -> bool {
        self.fail_on.stops(finding)
    }
}

/// Which findings fail the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// Findings at least this severe; `None` never fails.
    pub severity: Option<Severity>,
    /// Of known holes in dependencies, only those that a version mends.
    pub is_fixable_only: bool,
    /// Of known holes in dependencies, only those that are not known to be out of reach.
    pub is_reachable_only: bool,
}

impl Gate {
    /// Fails for everything at least this severe.
    pub const fn at(severity: Severity) -> Self {
        Self { severity: Some(severity), is_fixable_only: false, is_reachable_only: false }
    }

    /// Never fails.
    pub const OPEN: Self = Self { severity: None, is_fixable_only: false, is_reachable_only: false };

    /// Whether this finding fails the run.
    pub fn stops(self, finding: &Finding) -> bool {
        if self.severity.is_none_or(|gate| finding.severity < gate) {
            return false;
        }
        // The conditions speak of known holes in packages; a malicious package is mended by removing it.
        let Some(detail) = finding.dependency().filter(|detail| {
            !detail.advisories.is_empty() && !detail.advisories.iter().any(|id| id.starts_with("MAL-"))
        }) else {
            return true;
        };
        let is_mended_elsewhere = !self.is_fixable_only || !detail.fixed.is_empty();
        // What nobody knows to be out of reach may be in reach.
        let is_in_reach = !self.is_reachable_only || detail.is_reachable != Some(false);
        is_mended_elsewhere && is_in_reach
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.severity.map_or("none", Severity::as_str))?;
        if self.is_fixable_only {
            f.write_str(",fixable")?;
        }
        if self.is_reachable_only {
            f.write_str(",reachable")?;
        }
        Ok(())
    }
}

/// Whether a selector names this rule: its id, its name, or the letters its id begins with.
pub fn selects(selector: &str, rule: &Rule) -> bool {
    let group = rule.id.trim_end_matches(|c: char| c.is_ascii_digit());
    [rule.id, rule.name, group].iter().any(|name| name.eq_ignore_ascii_case(selector))
}

/// The keys, as files spell them; the command line spells the same words with `--`.
pub const KEYS: [(&str, &str); 9] = [
    ("persona", "who reads the report: `default` or `pedantic`"),
    ("select", "rule ids, names or groups to run instead of all of the persona"),
    ("ignore", "rule ids, names or groups not to run; tables say which findings do not count, and why"),
    ("min-confidence", "leave out findings the auditor is less sure of: `low`, `medium` or `high`"),
    (
        "fail-on",
        "exit with 1 for a finding at least this severe: `critical`, `high`, `medium`, `low`, `info` or `none`; \
         `high,fixable` and `high,reachable` let dependencies pass that no upgrade mends, or that are out of reach",
    ),
    ("exclude", "globs of paths to leave out, written as in .gitignore"),
    ("baseline", "the file that knows which findings were there before"),
    ("python", "the Python whose dependencies count, such as `3.12`; `any` for all that the project allows"),
    ("platform", "the platform whose dependencies count: `linux`, `macos`, `windows`, or `any`"),
];

/// The table about asking providers; only a file that the user has named may have one.
const VERIFY: &str = "verify";

/// Where a value comes from. The later ones win.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Nobody said anything.
    #[default]
    Default,
    /// `[tool.casemate]` in `pyproject.toml`.
    Pyproject,
    /// `casemate.toml`.
    CasemateToml,
    /// An option of the command.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Default => "default",
            Self::Pyproject => "pyproject.toml",
            Self::CasemateToml => "casemate.toml",
            Self::CommandLine => "command line",
        })
    }
}

/// What one place says; `None` where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// See [`Settings::persona`].
    pub persona: Option<Persona>,
    /// See [`Settings::select`].
    pub select: Option<Vec<String>>,
    /// See [`Settings::ignore`].
    pub ignore: Option<Vec<String>>,
    /// See [`Settings::min_confidence`].
    pub min_confidence: Option<Confidence>,
    /// See [`Settings::fail_on`].
    pub fail_on: Option<Gate>,
    /// See [`Settings::exclude`].
    pub exclude: Option<Vec<String>>,
    /// See [`Settings::baseline`].
    pub baseline: Option<String>,
    /// See [`Settings::target`]; `Some(None)` for any.
    pub python: Option<Option<PythonVersion>>,
    /// See [`Settings::target`]; `Some(None)` for any.
    pub platform: Option<Option<Platform>>,
    /// See [`Settings::exceptions`]; those of all layers hold.
    pub exceptions: Vec<Exception>,
    /// `[verify] endpoints`: kinds of tokens, and where to ask about them. SECURITY: no setting, for whoever writes it
    /// decides where found secrets are sent; only a file that the user has named by hand may say so.
    pub endpoints: Vec<Endpoint>,
}

/// An entry of `[verify] endpoints`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// The kind of token, `github-personal-token`.
    pub detector: String,
    /// Where to ask.
    pub url: String,
    /// Line of the file.
    pub line: usize,
}

/// Settings, and who had the last word on each, in the order of [`KEYS`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The values in force.
    pub settings: Settings,
    /// Where each comes from.
    pub origins: [Origin; KEYS.len()],
}

impl Resolved {
    /// Lays the layers over the defaults, later ones over earlier ones.
    pub fn from_layers(layers: impl IntoIterator<Item = (Origin, Layer)>) -> Self {
        let mut resolved = Self::default();
        let Self { settings, origins } = &mut resolved;
        for (origin, layer) in layers {
            let [persona, select, ignore, min_confidence, fail_on, exclude, baseline, python, platform] = &mut *origins;
            put(&mut settings.persona, layer.persona, persona, origin);
            put(&mut settings.select, layer.select, select, origin);
            put(&mut settings.ignore, layer.ignore, ignore, origin);
            put(&mut settings.min_confidence, layer.min_confidence.map(Some), min_confidence, origin);
            put(&mut settings.fail_on, layer.fail_on, fail_on, origin);
            put(&mut settings.exclude, layer.exclude, exclude, origin);
            put(&mut settings.baseline, layer.baseline, baseline, origin);
            put(&mut settings.target.python, layer.python, python, origin);
            put(&mut settings.target.platform, layer.platform, platform, origin);
            settings.exceptions.extend(layer.exceptions);
        }
        resolved
    }

    /// Each key with its value as a file would spell it, and where it comes from.
    pub fn table(&self) -> Vec<(&'static str, String, Origin)> {
        let list = |words: &[String]| {
            let quoted: Vec<String> = words.iter().map(|word| toml_string(word)).collect();
            format!("[{}]", quoted.join(", "))
        };
        let settings = &self.settings;
        let values = [
            toml_string(persona_word(settings.persona)),
            list(&settings.select),
            list(&settings.ignore),
            toml_string(settings.min_confidence.unwrap_or(Confidence::Low).as_str()),
            toml_string(&settings.fail_on.to_string()),
            list(&settings.exclude),
            toml_string(&settings.baseline),
            toml_string(&settings.target.python.as_ref().map_or_else(|| ANY.to_owned(), ToString::to_string)),
            toml_string(settings.target.platform.map_or(ANY, Platform::as_str)),
        ];
        KEYS.iter().zip(values).zip(self.origins).map(|((key, value), origin)| (key.0, value, origin)).collect()
    }
}

fn put<T>(value: &mut T, new: Option<T>, origin: &mut Origin, from: Origin) {
    if let Some(new) = new {
        *value = new;
        *origin = from;
    }
}

/// The word users type and read.
pub fn persona_word(persona: Persona) -> &'static str {
    match persona {
        Persona::Default => "default",
        Persona::Pedantic => "pedantic",
    }
}

/// Understands `default` and `pedantic`.
pub fn parse_persona(word: &str) -> Result<Persona, String> {
    match word {
        "default" => Ok(Persona::Default),
        "pedantic" => Ok(Persona::Pedantic),
        _ => Err(format!("`{word}` is not a persona; use default or pedantic")),
    }
}

/// Understands `low`, `medium` and `high`.
pub fn parse_confidence(word: &str) -> Result<Confidence, String> {
    [Confidence::High, Confidence::Medium, Confidence::Low]
        .into_iter()
        .find(|confidence| confidence.as_str() == word)
        .ok_or_else(|| format!("`{word}` is not a confidence; use high, medium or low"))
}

/// What stands for no choice.
const ANY: &str = "any";

/// Understands `3.12`, `3.12.4` and `any`.
pub fn parse_python(word: &str) -> Result<Option<PythonVersion>, String> {
    match word {
        ANY => Ok(None),
        _ => PythonVersion::parse(word)
            .map(Some)
            .ok_or_else(|| format!("`{word}` is no version of Python; write 3.12, 3.12.4 or any")),
    }
}

/// Understands `linux`, `macos`, `windows` and `any`.
pub fn parse_platform(word: &str) -> Result<Option<Platform>, String> {
    match word {
        ANY => Ok(None),
        _ => Platform::parse(word)
            .map(Some)
            .ok_or_else(|| format!("`{word}` is not a platform; use linux, macos, windows or any")),
    }
}

/// Understands a severity, or `none` for a gate that never fails, and conditions after it: `high,fixable`.
pub fn parse_gate(words: &str) -> Result<Gate, String> {
    let mut severity = None;
    let mut gate = Gate::OPEN;
    for word in words.split(',').map(str::trim) {
        match word {
            "fixable" => gate.is_fixable_only = true,
            "reachable" => gate.is_reachable_only = true,
            _ => {
                let known = if word == "none" { None } else { Some(word.parse().map_err(|_| not_a_severity(word))?) };
                if severity.replace(known).is_some() {
                    return Err(format!(
                        "`{words}` names more than one severity; give one, and `fixable` or `reachable`"
                    ));
                }
            }
        }
    }
    let Some(severity) = severity else {
        return Err(format!("`{words}` names no severity; write `high,{words}`, say"));
    };
    gate.severity = severity;
    Ok(gate)
}

fn not_a_severity(word: &str) -> String {
    format!("`{word}` is not a severity; use critical, high, medium, low, info or none")
}

/// Why settings could not be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The text is not TOML at all.
    #[error("line {line}: {message}")]
    Syntax {
        /// Where, from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// A key nobody knows.
    #[error("line {line}: unknown key `{key}`{}", hint(.closest.as_deref()))]
    UnknownKey {
        /// Where, from 1.
        line: usize,
        /// The key as written.
        key: String,
        /// What was probably meant.
        closest: Option<String>,
    },
    /// A key with a value it cannot have.
    #[error("line {line}: `{key}`: {message}")]
    BadValue {
        /// Where, from 1.
        line: usize,
        /// The key as written.
        key: String,
        /// What is wrong with the value and what it may be.
        message: String,
    },
    /// A selector that names no rule.
    #[error("`{key}`: `{selector}` names no rule{}; `casemate rule` lists them", hint(.closest.as_deref()))]
    UnknownRule {
        /// The key or option it was given to.
        key: &'static str,
        /// The selector as written.
        selector: String,
        /// What was probably meant.
        closest: Option<String>,
    },
}

fn hint(closest: Option<&str>) -> String {
    closest.map(|word| format!(", did you mean `{word}`?")).unwrap_or_default()
}

impl Layer {
    /// What `[tool.casemate]` of a `pyproject.toml` says; `None` when there is no such table.
    pub fn from_pyproject(text: &str) -> Result<Option<Self>, SettingsError> {
        let document = parse(text)?;
        let ours = document.get_ref().get("tool").and_then(|tool| tool.get_ref().get("casemate"));
        let Some(ours) = ours else { return Ok(None) };
        match ours.get_ref() {
            DeValue::Table(table) => Self::from_table(text, table).map(Some),
            other => Err(SettingsError::BadValue {
                line: line_of(text, ours.span().start),
                key: "tool.casemate".to_owned(),
                message: format!("is a table, not {}", article(other.type_str())),
            }),
        }
    }

    /// What a `casemate.toml` says.
    pub fn from_casemate_toml(text: &str) -> Result<Self, SettingsError> {
        Self::from_table(text, parse(text)?.get_ref())
    }

    fn from_table(text: &str, table: &DeTable<'_>) -> Result<Self, SettingsError> {
        let mut layer = Self::default();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let bad = |message| SettingsError::BadValue {
                line: line_of(text, value.span().start),
                key: name.to_owned(),
                message,
            };
            match name {
                "persona" => layer.persona = Some(word(value).and_then(parse_persona).map_err(bad)?),
                "select" => layer.select = Some(words(value).map_err(bad)?),
                "ignore" => layer.read_ignore(text, value)?,
                "min-confidence" => {
                    layer.min_confidence = Some(word(value).and_then(parse_confidence).map_err(bad)?);
                }
                "fail-on" => layer.fail_on = Some(word(value).and_then(parse_gate).map_err(bad)?),
                "exclude" => layer.exclude = Some(words(value).map_err(bad)?),
                "baseline" => layer.baseline = Some(word(value).map_err(bad)?.to_owned()),
                "python" => layer.python = Some(word(value).and_then(parse_python).map_err(bad)?),
                "platform" => layer.platform = Some(word(value).and_then(parse_platform).map_err(bad)?),
                VERIFY => layer.endpoints = endpoints(text, value)?,
                _ => {
                    return Err(SettingsError::UnknownKey {
                        line: line_of(text, key.span().start),
                        key: name.to_owned(),
                        closest: closest(name, KEYS.iter().map(|key| key.0).chain([VERIFY])).map(str::to_owned),
                    });
                }
            }
        }
        Ok(layer)
    }

    /// A list of rules, of tables, or of both.
    fn read_ignore(&mut self, text: &str, value: &Spanned<DeValue<'_>>) -> Result<(), SettingsError> {
        let bad = |at: &Spanned<DeValue<'_>>, message| SettingsError::BadValue {
            line: line_of(text, at.span().start),
            key: "ignore".to_owned(),
            message,
        };
        let list = value.get_ref();
        let list = list
            .as_array()
            .ok_or_else(|| bad(value, format!("is a list of strings or tables, not {}", article(list.type_str()))))?;
        let mut rules = Vec::new();
        for item in list.iter() {
            match item.get_ref() {
                DeValue::Table(table) => self.exceptions.push(exception(text, item, table)?),
                DeValue::String(rule) if rule.trim().is_empty() => {
                    return Err(bad(item, "holds an empty string".to_owned()));
                }
                DeValue::String(rule) => rules.push(rule.clone().into_owned()),
                other => {
                    return Err(bad(item, format!("holds strings and tables, not {}", article(other.type_str()))));
                }
            }
        }
        if !rules.is_empty() || list.is_empty() {
            self.ignore = Some(rules);
        }
        Ok(())
    }

    /// Says which file this is from, and how that file names the paths of reports.
    pub fn stand_in(&mut self, path: &str, anchor: &Anchor) {
        for exception in &mut self.exceptions {
            path.clone_into(&mut exception.place.path);
            exception.anchor = anchor.clone();
        }
    }

    /// Fails on a selector that names none of these rules, so that a typo does not switch off a rule unseen.
    pub fn check(&self, rules: &[&Rule]) -> Result<(), SettingsError> {
        let select = self.select.iter().flatten().map(|selector| ("select", selector));
        let ignore = self.ignore.iter().flatten().map(|selector| ("ignore", selector));
        let except = self.exceptions.iter().filter_map(|exception| Some(("ignore.rule", exception.rule.as_ref()?)));
        {
            for (key, selector) in select.chain(ignore).chain(except) {
                if !rules.iter().any(|rule| selects(selector, rule)) {
                    let closest = closest_rule(selector, rules).map(str::to_owned);
                    return Err(SettingsError::UnknownRule { key, selector: selector.clone(), closest });
                }
            }
        }
        Ok(())
    }
}

/// The id or name of the rule that was probably meant.
pub fn closest_rule<'a>(word: &str, rules: &[&'a Rule]) -> Option<&'a str> {
    closest(word, rules.iter().flat_map(|rule| [rule.name, rule.id]))
}

/// The candidate that takes the fewest edits, if it takes few enough to be what was meant.
fn closest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase().replace('_', "-");
    let allowed = (word.chars().count() / 3).clamp(1, 4);
    candidates
        .map(|candidate| (edits(&word, &candidate.to_lowercase()), candidate))
        .filter(|(edits, _)| *edits <= allowed)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance in characters.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(x != *y)).min(above + 1).min(left + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, SettingsError> {
    DeTable::parse(text).map_err(|error| SettingsError::Syntax {
        line: line_of(text, error.span().map_or(0, |span| span.start)),
        message: error.message().lines().collect::<Vec<_>>().join(" "),
    })
}

fn word<'a>(value: &'a Spanned<DeValue<'_>>) -> Result<&'a str, String> {
    let value = value.get_ref();
    value.as_str().ok_or_else(|| format!("is a string, not {}", article(value.type_str())))
}

fn words(value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, String> {
    let list = value.get_ref();
    let list = list.as_array().ok_or_else(|| format!("is a list of strings, not {}", article(list.type_str())))?;
    let each = list.iter().map(|item| {
        let item = item.get_ref();
        let item = item.as_str().ok_or_else(|| format!("holds strings, not {}", article(item.type_str())))?;
        if item.trim().is_empty() { Err("holds an empty string".to_owned()) } else { Ok(item.to_owned()) }
    });
    each.collect()
}

/// The table `verify`, which holds the table `endpoints`.
fn endpoints(text: &str, value: &Spanned<DeValue<'_>>) -> Result<Vec<Endpoint>, SettingsError> {
    let line = |at: &Spanned<DeValue<'_>>| line_of(text, at.span().start);
    let table = |key: &str, at: &Spanned<DeValue<'_>>| SettingsError::BadValue {
        line: line(at),
        key: key.to_owned(),
        message: format!("is a table, not {}", article(at.get_ref().type_str())),
    };
    let DeValue::Table(verify) = value.get_ref() else { return Err(table(VERIFY, value)) };
    let mut endpoints = Vec::new();
    for (key, value) in verify {
        let name = key.get_ref().as_ref();
        if name != "endpoints" {
            return Err(SettingsError::UnknownKey {
                line: line_of(text, key.span().start),
                key: format!("{VERIFY}.{name}"),
                closest: Some(format!("{VERIFY}.endpoints")),
            });
        }
        let DeValue::Table(named) = value.get_ref() else { return Err(table("verify.endpoints", value)) };
        for (detector, url) in named {
            let detector = detector.get_ref().as_ref().to_owned();
            let bad = |message| SettingsError::BadValue {
                line: line(url),
                key: format!("verify.endpoints.{detector}"),
                message,
            };
            let address = word(url).map_err(bad)?.to_owned();
            endpoints.push(Endpoint { detector, url: address, line: line(url) });
        }
    }
    Ok(endpoints)
}

/// One table of `ignore`.
fn exception(text: &str, item: &Spanned<DeValue<'_>>, table: &DeTable<'_>) -> Result<Exception, SettingsError> {
    const EXCEPTION_KEYS: [&str; 7] = ["rule", "package", "advisory", "path", "fingerprint", "until", "reason"];
    let line = line_of(text, item.span().start);
    let bad =
        |line, key: &str, message: String| SettingsError::BadValue { line, key: format!("ignore.{key}"), message };
    let mut exception = Exception::default();
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        let line = line_of(text, value.span().start);
        if !EXCEPTION_KEYS.contains(&name) {
            return Err(SettingsError::UnknownKey {
                line: line_of(text, key.span().start),
                key: format!("ignore.{name}"),
                closest: closest(name, EXCEPTION_KEYS.into_iter()).map(str::to_owned),
            });
        }
        if name == "until" {
            let written = match value.get_ref() {
                DeValue::Datetime(date) => date.to_string(),
                _ => word(value).map_err(|message| bad(line, name, message))?.to_owned(),
            };
            let day = parse_day(&written);
            let day = day.ok_or_else(|| bad(line, name, format!("`{written}` is no date; write 2027-01-31")))?;
            exception.until = Some(day);
            continue;
        }
        let said = word(value).map_err(|message| bad(line, name, message))?.trim().to_owned();
        if said.is_empty() {
            return Err(bad(line, name, "is empty".to_owned()));
        }
        match name {
            "rule" => exception.rule = Some(said),
            "package" => exception.package = Some(said),
            "advisory" => exception.advisory = Some(said),
            "path" => {
                exceptions::glob(&said).map_err(|error| bad(line, name, format!("is no glob: {error}")))?;
                exception.path = Some(said);
            }
            "fingerprint" => exception.fingerprint = Some(said),
            _ => exception.reason = said,
        }
    }
    if exception.reason.is_empty() {
        return Err(bad(line, "reason", "is missing; say why this does not count".to_owned()));
    }
    let Exception { rule, package, advisory, path, fingerprint, .. } = &exception;
    if [rule, package, advisory, path, fingerprint].into_iter().all(Option::is_none) {
        let message = "is missing; name a rule, a package, an advisory, a path or a fingerprint".to_owned();
        return Err(bad(line, "rule", message));
    }
    let start = Position { line: u32::try_from(line).unwrap_or(u32::MAX), column: 1 };
    exception.place = Place { path: String::new(), start, end: start };
    Ok(exception)
}

/// Understands `2027-01-31`.
pub fn parse_day(text: &str) -> Option<Day> {
    let mut parts = text.trim().splitn(3, '-');
    let (year, month, day): (i32, u8, u8) =
        (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some((year, month, day))
}

fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn toml_string(word: &str) -> String {
    // JSON strings without `\/` are TOML basic strings.
    serde_json::Value::from(word).to_string()
}
