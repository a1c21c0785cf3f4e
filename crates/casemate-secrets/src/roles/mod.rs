//! Secrets that the role they play gives away: the value of a key that speaks of a password.
//!
//! One pass looks for the few stems that names of secrets are made of; only the lines around them are read, and read
//! by their characters alone, since files may be broken or templates of files.

mod command;
mod dialect;
mod encoded;
mod judge;
mod kubernetes;
mod name;
mod notebook;
mod pair;

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input, MatchKind};

use crate::format::Format;
use crate::leak::{Leak, LeakKind, Proof};
use crate::path::Surroundings;
use crate::roles::dialect::{Dialect, Reading};
use crate::roles::pair::{Link, Value, at};

pub use judge::{Binding, Bound, Verdict, judge};
pub use name::{NameKind, secret_name};

/// What names of secrets contain.
const STEMS: &[&str] = &[
    "pass", "pwd", "pswd", "secret", "token", "key", "auth", "cred", "salt", "pepper", "senha", "contrase", "kennwort",
    "bearer", "pw", "psk",
];

/// How far around a stem a line without an end is read.
const REACH: usize = 1024;

/// Finds stems in the three ways that names are written, which lets the search run on vector instructions.
static SEARCH: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let capital =
        |stem: &str| stem.get(..1).unwrap_or_default().to_ascii_uppercase() + stem.get(1..).unwrap_or_default();
    let patterns = STEMS
        .iter()
        .chain(command::STEMS)
        .flat_map(|stem| [(*stem).to_owned(), stem.to_ascii_uppercase(), capital(stem)]);
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(patterns).ok()
});

/// Finds them in a text that a program hands on: a command line, a statement, the settings of a connection.
pub fn commands(text: &str) -> Vec<Leak> {
    let reading = Reading { dialect: Dialect::Shell, binding: Binding::Open, surroundings: Surroundings::Example };
    let mut leaks = Vec::new();
    search(text, reading, &mut leaks);
    // What a sentence says after a colon or a space is no argument.
    leaks.retain(|leak| {
        let before = text.get(..leak.span.start).unwrap_or_default().trim_end_matches(['"', '\'']);
        // The parameters of an address are read with it.
        let is_address = before.rsplit(char::is_whitespace).next().is_some_and(|word| word.contains("://"));
        before.ends_with('=') && !is_address || leak.name.is_empty()
    });
    leaks
}

/// Finds them in a file of this format.
pub(crate) fn find(path: &str, format: Format, surroundings: Surroundings, text: &str, leaks: &mut Vec<Leak>) {
    let Some(reading) = dialect::read(path, format, surroundings) else { return };
    match reading.dialect {
        Dialect::Pgpass => pgpass(text, reading, leaks),
        Dialect::Yaml if text.contains("Secret") => kubernetes::find(text, leaks),
        _ => {}
    }
    let is_schema = matches!(reading.dialect, Dialect::Json | Dialect::Yaml) && is_schema(text);
    let reading = if is_schema { Reading { binding: Binding::Loose, ..reading } } else { reading };
    search(text, reading, leaks);
}

/// Whether a text describes the form of other texts, so that its passwords are fields and examples.
fn is_schema(text: &str) -> bool {
    let mut end = text.len().min(8000);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end).unwrap_or_default();
    [
        "\"$schema\": \"http://json-schema",
        "\"$schema\": \"https://json-schema",
        "\"openapi\":",
        "\"swagger\":",
        "openapi:",
        "swagger:",
        "asyncapi:",
        "kind: CustomResourceDefinition",
        "$schema: http",
        "\"discoveryVersion\"",
        "\"swaggerVersion\"",
    ]
    .iter()
    .any(|mark| head.contains(mark))
}

/// Looks at each line with a stem.
fn search(text: &str, reading: Reading, leaks: &mut Vec<Leak>) {
    let Some(stems) = SEARCH.as_ref() else { return };
    let mut from = 0;
    while let Some(hit) = stems.find(Input::new(text).range(from..)) {
        let line = line_around(text, hit.start(), hit.end(), from);
        from = line.end.max(hit.end());
        if reading.dialect == Dialect::Notebook {
            notebook_line(text, &line, reading, leaks);
        } else {
            read_line(text, &line, reading, leaks);
        }
    }
}

/// The line around a hit, not before `from` and not further than the reach.
fn line_around(text: &str, start: usize, end: usize, from: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let mut first = start.saturating_sub(REACH).max(from);
    let mut last = end.saturating_add(REACH).min(bytes.len());
    if let Some(before) = bytes.get(first..start).and_then(|before| before.iter().rposition(|&byte| byte == b'\n')) {
        first += before + 1;
    }
    if let Some(after) = bytes.get(end..last).and_then(|after| after.iter().position(|&byte| byte == b'\n')) {
        last = end + after;
    }
    while first < start && !text.is_char_boundary(first) {
        first += 1;
    }
    while last < bytes.len() && !text.is_char_boundary(last) {
        last += 1;
    }
    first..last
}

/// Reads one line.
fn read_line(text: &str, line: &Range<usize>, reading: Reading, leaks: &mut Vec<Leak>) {
    let (Some(stems), bytes) = (SEARCH.as_ref(), text.as_bytes()) else { return };
    if is_shown(text, line, reading.dialect) {
        return;
    }
    let reading = Reading { binding: binding_of_line(text, line, reading), ..reading };
    let reading = if is_exported(text, line) { Reading { dialect: Dialect::Shell, ..reading } } else { reading };
    let mut from = line.start;
    let mut may_command = false;
    while let Some(hit) = stems.find(Input::new(text).range(from..line.end)) {
        let mut name = pair::name_around(bytes, line, &hit.range());
        if reading.dialect == Dialect::Prose {
            name.start = pair::word_before(text, line, &name).unwrap_or(name.start);
        }
        from = name.end.max(hit.end());
        may_command = true;
        let Some(label) = text.get(name.clone()) else { continue };
        if label.len() > 100 || secret_name(label).is_none() {
            continue;
        }
        if let Some(value) = pair::value_after(bytes, line, &name, reading.dialect) {
            if let Some(leak) = weigh(text, label, &value, reading) {
                from = from.max(leak.span.end.min(line.end));
                leaks.push(leak);
            }
        } else if pair::is_named(bytes, &name)
            && let Some(value) = pair::value_of_named(bytes, &name, reading.dialect)
            && let Some(leak) = weigh(text, label, &value, reading)
        {
            leaks.push(leak);
        } else if let Some(value) = value_below(text, line, &name, reading)
            && let Some(leak) = weigh(text, label, &value, reading)
        {
            leaks.push(leak);
        }
    }
    if may_command && reading.dialect != Dialect::Markup {
        command::find(text, line.clone(), reading.binding, reading.surroundings == Surroundings::Product, leaks);
    }
}

/// Whether a comment shows code rather than having been code: it is indented as examples are.
fn is_shown(text: &str, line: &Range<usize>, dialect: Dialect) -> bool {
    let start = text.get(line.clone()).unwrap_or_default().trim_start();
    let comment = ["///", "//", "#'", "#", "*", "--", ";"].iter().find_map(|mark| start.strip_prefix(mark));
    dialect == Dialect::Source
        && comment.is_some_and(|comment| {
            comment.starts_with("  ")
                || comment.starts_with('\t')
                || comment.trim_start().starts_with(['<', '>', '$', '%'])
        })
}

/// Whether the line is one of a shell, whatever the file: programs and manifests carry scripts.
fn is_exported(text: &str, line: &Range<usize>) -> bool {
    let start = text.get(line.clone()).unwrap_or_default().trim_start();
    start.strip_prefix("export ").is_some_and(|rest| {
        let name = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        name.len() < rest.len() && name.starts_with('=')
    })
}

/// How sure the bindings of a line are: those of a comment less than those of the file.
fn binding_of_line(text: &str, line: &Range<usize>, reading: Reading) -> Binding {
    let start = text.get(line.clone()).unwrap_or_default().trim_start();
    let is_comment = match reading.dialect {
        Dialect::Env | Dialect::Yaml | Dialect::Shell | Dialect::Dockerfile | Dialect::Quoted => start.starts_with('#'),
        // `//host/:_authToken=…` is how npm scopes a setting.
        Dialect::Ini => start.starts_with(['#', ';', '!']) || start.starts_with("//") && !start.contains("/:_"),
        Dialect::Source => ["//", "#", "*", "/*", "--", "<!--"].iter().any(|mark| start.starts_with(mark)),
        Dialect::Xml => start.starts_with("<!--"),
        _ => false,
    };
    if is_comment {
        reading.binding.min(Binding::Open).min(if reading.dialect == Dialect::Source {
            Binding::Loose
        } else {
            Binding::Open
        })
    } else {
        reading.binding
    }
}

/// The value that stands under a name on its own lines: `password:` and below it `value: …`, or the `default` of
/// `variable "db_password" {`.
fn value_below(text: &str, line: &Range<usize>, name: &Range<usize>, reading: Reading) -> Option<Value> {
    let rest = text.get(name.end..line.end)?.trim_start_matches(['"', '\'']).trim();
    let is_block = match reading.dialect {
        Dialect::Yaml => rest == ":" || matches!(rest, ": |" | ": >" | ": |-" | ": >-"),
        Dialect::Quoted => rest == "{",
        Dialect::Json => rest == ": {",
        _ => false,
    };
    if !is_block {
        return None;
    }
    if rest.ends_with(['|', '>', '-']) {
        let start = pair::skip_space(text.as_bytes(), line.end + 1, text.len());
        let end = text.get(start..)?.find('\n').map_or(text.len(), |length| start + length);
        let indent = |place: usize| {
            place.saturating_sub(
                text.get(..place).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1),
            )
        };
        let is_deeper = indent(start) > indent(name.start);
        // A block of several lines is a key or a certificate, which has a form of its own.
        let next = text.get(end + 1..).map_or(0, |rest| rest.len() - rest.trim_start_matches(' ').len());
        let value = text.get(start..end)?.trim_end();
        return (is_deeper && next < indent(start) && !value.is_empty()).then(|| Value {
            span: start..start + value.len(),
            is_quoted: false,
            link: Link::Colon,
        });
    }
    pair::value_of_named(text.as_bytes(), &(line.end..line.end), reading.dialect).filter(|value| {
        // The value belongs to the name only if it stands deeper.
        let indent = |place: usize| {
            let start = text.get(..place).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
            text.get(start..place).map_or(0, |head| head.len() - head.trim_start().len())
        };
        indent(value.span.start) > indent(name.start)
    })
}

/// Whether a value that is bound to a name is a secret.
fn weigh(text: &str, name: &str, value: &Value, reading: Reading) -> Option<Leak> {
    let mut span = value.span.clone();
    let mut content = text.get(span.clone())?;
    // `Authorization: Bearer …` is read by the commands.
    let scheme = content.split_once(' ').map(|(scheme, _)| scheme.to_ascii_lowercase());
    if let Some(scheme) = scheme
        && matches!(scheme.as_str(), "basic" | "bearer" | "token")
    {
        if name.to_ascii_lowercase().ends_with("authorization") {
            return None;
        }
        span.start += scheme.len() + 1;
        content = text.get(span.clone())?;
    }
    let binding = match (value.link, reading.dialect) {
        (Link::Compared, _) if reading.binding == Binding::Firm => Binding::Open,
        (Link::Space, Dialect::Ini | Dialect::Shell | Dialect::Dockerfile) => reading.binding.min(Binding::Open),
        (Link::Argument, _) => reading.binding.min(Binding::Open),
        _ => reading.binding,
    };
    if is_not_the_value(text, value, reading) {
        return None;
    }
    let bound = Bound { name, value: content, binding, surroundings: reading.surroundings };
    let verdict = judge(&bound)?;
    Some(Leak {
        span,
        kind: verdict.kind,
        detector: verdict.detector,
        what: verdict.what,
        proof: verdict.proof,
        name: name.to_owned(),
        decoded: verdict.decoded,
    })
}

/// Whether what follows the value shows that it is only a part of an expression.
fn is_not_the_value(text: &str, value: &Value, reading: Reading) -> bool {
    let bytes = text.as_bytes();
    let after = pair::skip_space(bytes, value.span.end + usize::from(value.is_quoted), bytes.len());
    match reading.dialect {
        // `{"password": "…": …` is no pair, `"a": "b" in` neither.
        Dialect::Json => value.is_quoted && at(bytes, after) == b':',
        Dialect::Source => {
            value.is_quoted
                && matches!((at(bytes, after), at(bytes, after + 1)), (b'?', b' ') | (b'.', b'.') | (b'=', b'>'))
                && value.link != Link::Compared
        }
        _ => false,
    }
}

/// Reads the texts of one line of a notebook: each source line is a string of its own.
fn notebook_line(text: &str, line: &Range<usize>, reading: Reading, leaks: &mut Vec<Leak>) {
    let bytes = text.as_bytes();
    let Some(stems) = SEARCH.as_ref() else { return };
    let mut place = line.start;
    // A window into a long line may begin inside a string: then the first quote ends it.
    if place > 0 && at(bytes, place - 1) != b'\n' {
        place = line.start;
    }
    while let Some(open) = bytes.get(place..line.end).and_then(|rest| rest.iter().position(|&byte| byte == b'"')) {
        let start = place + open + 1;
        let mut end = start;
        while end < line.end && at(bytes, end) != b'"' {
            end += if at(bytes, end) == b'\\' { 2 } else { 1 };
        }
        let end = end.min(line.end);
        place = end + 1;
        let is_interesting = text.get(start..end).is_some_and(|content| stems.is_match(content));
        if !is_interesting {
            continue;
        }
        let Some(unescaped) = notebook::unescape(text, start..end) else { continue };
        let inner = Reading { dialect: Dialect::Source, ..reading };
        let mut found = Vec::new();
        search(&unescaped.text, inner, &mut found);
        leaks.extend(found.into_iter().filter_map(|leak| Some(Leak { span: unescaped.span(&leak.span)?, ..leak })));
        if place > line.end {
            break;
        }
    }
}

/// Reads a file of PostgreSQL passwords.
fn pgpass(text: &str, reading: Reading, leaks: &mut Vec<Leak>) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let fields: Vec<&str> = content.splitn(5, ':').collect();
        if let [host, port, _, _, password] = fields.as_slice()
            && !host.starts_with('#')
            && (*port == "*" || port.chars().all(|c| c.is_ascii_digit()))
            && judge(&Bound {
                name: "password",
                value: password,
                binding: Binding::Firm,
                surroundings: reading.surroundings,
            })
            .is_some()
        {
            let end = start + content.len();
            leaks.push(Leak {
                span: end - password.len()..end,
                kind: LeakKind::Password,
                detector: "password",
                what: "password".to_owned(),
                proof: Proof::Role,
                name: "password".to_owned(),
                decoded: None,
            });
        }
        start += line.len();
    }
}
