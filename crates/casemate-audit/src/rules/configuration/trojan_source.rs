//! Characters that make code read otherwise than it runs.

use std::ops::Range;

use casemate_python::syntax::{FunctionId, Span};
use casemate_secrets::Format;

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, TextContext};

/// `trojan-source`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1612",
    name: "trojan-source",
    summary: "Characters nobody sees make a text read otherwise than it runs",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[838, 1007],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "15.2.5",
    page: include_str!("trojan_source.md"),
};

/// So many unseen characters in a row are a message.
const MESSAGE: usize = 8;

/// Findings of one file beyond this say nothing more.
const ENOUGH: usize = 20;

const REMEDY: &str =
    "Take the characters out; where a text needs one, write its escape (`\\u202e`) so that readers see it.";

/// Texts that are read as code; in others the direction of writing is a matter of language.
const CODE: [&str; 32] = [
    "js", "mjs", "cjs", "ts", "tsx", "jsx", "c", "h", "cc", "cpp", "hpp", "go", "rs", "java", "kt", "cs", "rb", "php",
    "pl", "lua", "swift", "sql", "tf", "hcl", "gradle", "groovy", "ps1", "bat", "cmd", "pyx", "pxd", "mk",
];

struct Found {
    span: Range<usize>,
    message: String,
    severity: Severity,
    confidence: Confidence,
    is_suspicion: bool,
}

pub(crate) fn check(cx: &mut Context<'_>) {
    let pedantic = cx.persona == Persona::Pedantic;
    let module = cx.module;
    if module.text.is_ascii() {
        return;
    }
    let mut found = Vec::new();
    look(&module.text, true, &mut found);
    if pedantic {
        mixed(&module.text, &mut found);
    }
    for one in found.into_iter().filter(|one| pedantic || !one.is_suspicion).take(ENOUGH) {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span { start: offset(one.span.start), end: offset(one.span.end) };
        let at = (cx.facts.module, FunctionId(0));
        let finding = cx.report(&RULE, at, span, one.message);
        finding.severity = one.severity;
        finding.confidence = one.confidence;
        finding.remedy = REMEDY.to_owned();
    }
}

pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    if cx.text.is_ascii() {
        return;
    }
    let extension = cx.name().rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    let is_code = matches!(cx.format, Format::Shell | Format::Dockerfile | Format::Toml | Format::Env)
        || CODE.contains(&extension.as_str())
        || cx.name() == "Makefile";
    let mut found = Vec::new();
    look(cx.text, is_code, &mut found);
    let pedantic = cx.is_pedantic();
    for one in found.into_iter().filter(|one| pedantic || !one.is_suspicion).take(ENOUGH) {
        let finding = cx.report(&RULE, one.span, one.message);
        finding.severity = one.severity;
        finding.confidence = one.confidence;
        finding.remedy = REMEDY.to_owned();
    }
}

fn opens(letter: char) -> bool {
    matches!(letter, '\u{202A}'..='\u{202B}' | '\u{202D}'..='\u{202E}' | '\u{2066}'..='\u{2068}')
}

fn closes(letter: char) -> bool {
    matches!(letter, '\u{202C}' | '\u{2069}')
}

/// Drawn as nothing, or as blank where no blank is.
fn is_unseen(letter: char) -> bool {
    matches!(letter,
        '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{180E}' | '\u{3164}' | '\u{115F}' | '\u{1160}' | '\u{FFA0}'
        | '\u{E0000}'..='\u{E007F}' | '\u{E0100}'..='\u{E01EF}' | '\u{FE00}'..='\u{FE0F}')
}

/// Names may hold these, so a name may look empty or like another one.
fn is_unseen_letter(letter: char) -> bool {
    matches!(letter, '\u{3164}' | '\u{115F}' | '\u{1160}' | '\u{FFA0}')
}

fn is_hangul(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}' | '\u{FFA0}'..='\u{FFDC}')
}

/// Bytes of a line from which on nobody reads it: what a program wrote, with all letters of a pattern among it.
const LONGEST_READ: usize = 5000;

fn look(text: &str, is_code: bool, found: &mut Vec<Found>) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if !line.is_ascii() {
            if is_code {
                directions(line, start, found);
            }
            unseen(line, start, is_code, found);
        }
        start += line.len();
        if found.len() >= 2 * ENOUGH {
            return;
        }
    }
}

/// Controls that turn the direction of writing.
fn directions(line: &str, start: usize, found: &mut Vec<Found>) {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut worst: Option<(Range<usize>, bool)> = None;
    for (at, letter) in line.char_indices() {
        if opens(letter) {
            open.push((at, letter));
            let span = start + at..start + at + letter.len_utf8();
            worst = worst.or(Some((span, false)));
        } else if closes(letter)
            && let Some((from, _)) = open.pop()
        {
            // Between them the end of a text or the begin of a comment: what is read is not what runs.
            let between = line.get(from..at).unwrap_or_default();
            if between.contains(['"', '\'', '#', '`']) || between.contains("//") || between.contains("/*") {
                worst = Some((start + from..start + at + letter.len_utf8(), true));
            }
        }
    }
    if let Some((from, letter)) = open.first() {
        worst = Some((start + from..start + from + letter.len_utf8(), true));
    }
    let Some((span, is_bad)) = worst else { return };
    let message = if is_bad {
        "a control that turns the direction of writing reaches beyond its text, so the line reads otherwise than it runs"
    } else {
        "a control that turns the direction of writing stands here, unseen"
    };
    found.push(Found {
        span,
        message: message.to_owned(),
        severity: if is_bad { Severity::High } else { Severity::Low },
        confidence: if is_bad { Confidence::High } else { Confidence::Low },
        is_suspicion: !is_bad || line.len() > LONGEST_READ,
    });
}

fn unseen(line: &str, start: usize, is_code: bool, found: &mut Vec<Found>) {
    if !line.chars().any(is_unseen) {
        return;
    }
    let letters: Vec<(usize, char)> = line.char_indices().collect();
    let mut at = 0;
    while let Some(&(from, first)) = letters.get(at) {
        let is_mark = first == '\u{FEFF}' && start + from == 0;
        if !is_unseen(first) || is_mark {
            at += 1;
            continue;
        }
        let run: Vec<char> =
            letters.iter().skip(at).map(|(_, letter)| *letter).take_while(|letter| is_unseen(*letter)).collect();
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).map(|(_, letter)| *letter);
        let after = letters.get(at + run.len()).map(|(_, letter)| *letter);
        let end = letters.get(at + run.len()).map_or(line.len(), |(at, _)| *at);
        let span = start + from..start + end;
        // Flags of countries' parts are a black flag with tags behind it.
        let tags =
            run.iter().filter(|letter| matches!(letter, '\u{E0000}'..='\u{E007F}' | '\u{E0100}'..='\u{E01EF}')).count();
        let is_flag = before == Some('\u{1F3F4}');
        let distinct = run.iter().collect::<std::collections::BTreeSet<_>>().len();
        if !is_flag && (tags >= MESSAGE || (run.len() >= 2 * MESSAGE && distinct >= 2)) {
            found.push(Found {
                span,
                message: format!("{} characters that nobody sees stand here in a row: they carry something for a program or a language model to read", run.len()),
                severity: Severity::High,
                confidence: Confidence::High,
                is_suspicion: false,
            });
        } else if is_code
            && run.iter().copied().all(is_unseen_letter)
            && !before.is_some_and(is_hangul)
            && !after.is_some_and(is_hangul)
            && !in_quotes(line, from)
        {
            found.push(Found {
                span,
                message: "a letter that nobody sees is part of a name".to_owned(),
                severity: Severity::High,
                confidence: Confidence::High,
                is_suspicion: false,
            });
        } else if is_code && !is_flag && !joins(before, after, &run) {
            let name = run.first().map_or(0, |letter| u32::from(*letter));
            found.push(Found {
                span,
                message: format!("a character that nobody sees stands here (U+{name:04X})"),
                severity: Severity::Low,
                confidence: Confidence::Low,
                is_suspicion: true,
            });
        }
        at += run.len().max(1);
    }
}

/// Whether a quote is open before this place of a line; good enough for a line.
fn in_quotes(line: &str, at: usize) -> bool {
    let before = line.get(..at).unwrap_or_default();
    before.contains(['"', '\'', '#', '`'])
}

/// Whether joiners and selectors do what they are for: between letters of scripts that join, and in emoji.
fn joins(before: Option<char>, after: Option<char>, run: &[char]) -> bool {
    let wants = |letter: char| {
        matches!(letter,
            '\u{0600}'..='\u{08FF}' | '\u{0900}'..='\u{0DFF}' | '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
            | '\u{1800}'..='\u{18AF}' | '\u{2190}'..='\u{2BFF}' | '\u{3000}'..='\u{9FFF}' | '\u{1F000}'..='\u{1FAFF}' | '\u{AC00}'..='\u{D7AF}'
            | '\u{00A9}' | '\u{00AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}')
    };
    let is_keycap = after == Some('\u{20E3}');
    is_keycap
        || before.is_some_and(wants)
            && (after.is_some_and(wants) || run.iter().any(|letter| matches!(letter, '\u{FE00}'..='\u{FE0F}')))
}

/// Names of letters that look alike in two scripts.
fn mixed(text: &str, found: &mut Vec<Found>) {
    let mut at = 0;
    for word in text.split_inclusive(|letter: char| !(letter.is_alphanumeric() || letter == '_')) {
        let start = at;
        at += word.len();
        let name = word.trim_end_matches(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
        if name.is_ascii() {
            continue;
        }
        let latin = name.chars().any(|letter| letter.is_ascii_alphabetic());
        let alike = name.chars().any(|letter| "аеорсухіјѕһԁԛԝВЕКМНОРСТХАЅІЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧονι".contains(letter));
        let other = name.chars().any(|letter| !letter.is_ascii() && !matches!(letter, '\u{0370}'..='\u{052F}'));
        if latin && alike && !other {
            found.push(Found {
                span: start..start + name.len(),
                message: format!("`{name}` mixes letters of two scripts that look alike"),
                severity: Severity::Low,
                confidence: Confidence::Low,
                is_suspicion: true,
            });
        }
        if found.len() >= 2 * ENOUGH {
            return;
        }
    }
}
