//! The settings of Bandit, said in our words.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use toml::de::{DeTable, DeValue};

use crate::report::text::printable;
use crate::rules;
use crate::rules::configuration::yaml;

/// What Bandit's tests look for, and our rules that look for the same; those that are not there (yet) are left out.
const TESTS: &[(&str, &[&str])] = &[
    ("B101", &["AUT407"]),
    ("B102", &["INJ115", "INJ116"]),
    ("B103", &["FIL808"]),
    ("B104", &["NET310"]),
    ("B105", &["SEC1003"]),
    ("B106", &["SEC1003"]),
    ("B107", &["SEC1003"]),
    ("B108", &["FIL807"]),
    ("B113", &["NET311"]),
    ("B201", &["WEB609"]),
    ("B202", &["DES709"]),
    ("B301", &["DES701", "DES702"]),
    ("B302", &["DES701", "DES702"]),
    ("B303", &["CRY901"]),
    ("B304", &["CRY902"]),
    ("B305", &["CRY903"]),
    ("B306", &["FIL806"]),
    ("B307", &["INJ115", "INJ116"]),
    ("B308", &["XSS202"]),
    ("B310", &["NET301"]),
    ("B311", &["CRY909"]),
    ("B312", &["NET309"]),
    ("B313", &["DES707", "DES708"]),
    ("B314", &["DES707", "DES708"]),
    ("B315", &["DES707", "DES708"]),
    ("B316", &["DES707", "DES708"]),
    ("B317", &["DES707", "DES708"]),
    ("B318", &["DES707", "DES708"]),
    ("B319", &["DES707", "DES708"]),
    ("B320", &["DES707", "DES708"]),
    ("B321", &["NET309"]),
    ("B323", &["NET305"]),
    ("B324", &["CRY901"]),
    ("B501", &["NET305"]),
    ("B502", &["NET306"]),
    ("B503", &["NET306"]),
    ("B504", &["NET306"]),
    ("B505", &["CRY907"]),
    ("B506", &["DES703"]),
    ("B507", &["NET308"]),
    ("B508", &["NET312"]),
    ("B509", &["NET312"]),
    ("B601", &["INJ110"]),
    ("B602", &["INJ110", "INJ111"]),
    ("B604", &["INJ110", "INJ111"]),
    ("B605", &["INJ110", "INJ111"]),
    ("B608", &["INJ101", "INJ102", "INJ103"]),
    ("B609", &["INJ112"]),
    ("B610", &["INJ104"]),
    ("B611", &["INJ104"]),
    ("B612", &["DES706"]),
    ("B613", &["CFG1612"]),
    ("B614", &["DES704"]),
    ("B701", &["XSS203"]),
    ("B702", &["XSS203"]),
    ("B703", &["XSS202"]),
];

/// What a file says to Bandit.
#[derive(Debug, Default)]
struct Said {
    skips: Vec<String>,
    tests: Vec<String>,
    exclude: Vec<String>,
    /// Keys that have no counterpart.
    others: Vec<String>,
}

/// Names under which settings of Bandit are looked for, those that win first.
pub const BANDIT_FILES: [&str; 5] = [".bandit", "bandit.yaml", "bandit.yml", ".bandit.yaml", "pyproject.toml"];

/// A `casemate.toml` that says what this file says to Bandit; `None` if it says nothing to it.
pub fn from_bandit(path: &str, text: &str) -> Result<Option<String>, String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let said = match extension {
        "toml" => in_toml(text)?,
        "yaml" | "yml" => in_yaml(name, text)?,
        // Bandit takes a `.bandit` for INI, and everything that `-c` names for YAML.
        _ if text.lines().any(|line| line.trim() == "[bandit]") => Some(in_ini(text)),
        _ => in_yaml(name, text)?,
    };
    Ok(said.map(|said| written(name, &said)))
}

fn in_toml(text: &str) -> Result<Option<Said>, String> {
    let document = DeTable::parse(text).map_err(|error| error.message().lines().collect::<Vec<_>>().join(" "))?;
    let bandit = document.get_ref().get("tool").and_then(|tool| tool.get_ref().get("bandit"));
    let Some(DeValue::Table(table)) = bandit.map(toml::Spanned::get_ref) else { return Ok(None) };
    let mut said = Said::default();
    for (key, value) in table {
        let words = match value.get_ref() {
            DeValue::Array(items) => {
                items.iter().filter_map(|item| item.get_ref().as_str()).map(str::to_owned).collect()
            }
            DeValue::String(list) => separated(list),
            _ => Vec::new(),
        };
        said.put(key.get_ref(), words);
    }
    Ok(Some(said))
}

fn in_yaml(name: &str, text: &str) -> Result<Option<Said>, String> {
    let read = yaml::read(text);
    if let Some((_, problem)) = read.problem {
        return Err(problem);
    }
    let mut said = Said::default();
    let entries: Vec<_> = read.documents.iter().flat_map(yaml::Node::entries).collect();
    for (key, value) in &entries {
        let items = value.items().iter().filter_map(|item| item.text()).map(str::to_owned);
        let words = value.text().map_or_else(|| items.collect(), separated);
        said.put(key.text().unwrap_or_default(), words);
    }
    // Other files are YAML by chance.
    let is_ours = name.trim_start_matches('.').starts_with("bandit");
    let says_something = [&said.skips, &said.tests, &said.exclude].iter().any(|words| !words.is_empty());
    Ok((says_something || is_ours && !entries.is_empty()).then_some(said))
}

/// The keys of `[bandit]`, as Bandit has them: one line each, lists separated by commas.
fn in_ini(text: &str) -> Said {
    let mut said = Said::default();
    let mut is_ours = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            is_ours = line == "[bandit]";
        } else if is_ours
            && !line.starts_with(['#', ';'])
            && let Some((key, value)) = line.split_once(['=', ':'])
        {
            said.put(&key.trim().to_ascii_lowercase(), separated(value));
        }
    }
    said
}

fn separated(list: &str) -> Vec<String> {
    list.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

impl Said {
    fn put(&mut self, key: &str, words: Vec<String>) {
        match key {
            "skips" | "skip" => self.skips.extend(words),
            "tests" => self.tests.extend(words),
            "exclude_dirs" | "exclude" => self.exclude.extend(words),
            _ => self.others.push(key.to_owned()),
        }
    }
}

fn written(file: &str, said: &Said) -> String {
    let mut out = format!("# From {file}, by `casemate config migrate-bandit`. Read it before you keep it.\n");
    if !said.tests.is_empty() {
        out.push_str(
            "\n# Bandit ran these tests alone. Without `select` secrets, dependencies and everything else is looked at, too.\n",
        );
        list(&mut out, "select", &said.tests);
    }
    if !said.skips.is_empty() {
        out.push('\n');
        list(&mut out, "ignore", &said.skips);
    }
    if !said.exclude.is_empty() {
        out.push('\n');
        exclude(&mut out, &said.exclude);
    }
    if !said.others.is_empty() {
        let keys: Vec<String> = said.others.iter().map(|key| format!("`{}`", printable(key))).collect();
        let _ = writeln!(out, "\n# Nothing here says what these say: {}.", keys.join(", "));
    }
    out.push_str("\n# `# nosec` comments are understood as they are.\n");
    out
}

/// Our rules for theirs, each once, and what each stands for.
fn list(out: &mut String, key: &str, theirs: &[String]) {
    let mut seen = BTreeSet::new();
    let mut missing = Vec::new();
    let _ = writeln!(out, "{key} = [");
    for test in theirs {
        let id = test.to_ascii_uppercase();
        let ours = TESTS.iter().find(|(known, _)| *known == id).map_or(&[][..], |(_, ours)| ours);
        let rules: Vec<_> = ours.iter().filter_map(|ours| rules::find(ours)).collect();
        if rules.is_empty() {
            missing.push(printable(test));
        }
        for rule in rules.into_iter().filter(|rule| seen.insert(rule.id)) {
            let _ = writeln!(out, "    {:<34} # {id}", format!("\"{}\",", rule.name));
        }
    }
    out.push_str("]\n");
    if !missing.is_empty() {
        let _ = writeln!(out, "# No rule is the same as {}.", missing.join(", "));
    }
}

fn exclude(out: &mut String, paths: &[String]) {
    let mut globs = Vec::new();
    let mut foreign = Vec::new();
    for path in paths {
        let bare = path.strip_prefix("./").unwrap_or(path);
        // `*` of theirs goes through folders; a name without a `/` does so in ours.
        let inner = bare.strip_prefix("*/").and_then(|rest| rest.strip_suffix("/*")).unwrap_or(bare);
        let is_outside = inner.starts_with(['/', '~', '!', '#']) || inner.starts_with("..") || inner.contains(":\\");
        if is_outside || inner.is_empty() || inner == "." {
            foreign.push(printable(path));
        } else {
            let folder = if inner != bare { format!("{inner}/") } else { inner.to_owned() };
            globs.push(serde_json::Value::from(folder).to_string());
        }
    }
    let _ = writeln!(out, "exclude = [{}]", globs.join(", "));
    if !foreign.is_empty() {
        let _ = writeln!(out, "# Paths outside of the project cannot be named: {}.", foreign.join(", "));
    }
}
