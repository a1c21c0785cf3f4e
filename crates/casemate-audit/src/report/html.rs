//! One HTML page for people: everything is in it, nothing is fetched, and it works without its script.
//!
//! SECURITY: paths, source lines and messages are written by whoever wrote the project. Every one of them goes through
//! the template's escaping, and the page's own policy lets nothing run and nothing load but the two texts below.

mod code;

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use sha2::{Digest, Sha256};

use super::excerpt::Excerpts;
use super::text::{counted, printable};
use super::upgrades::{Upgrade, known_hole};
use super::{Report, TOOL_NAME, TOOL_URL, TOOL_VERSION, rules_named, summary, why};
use crate::baseline::Entry;
use crate::finding::{DependencyDetail, Finding, Liveness, Place, SecretDetail, Severity};
use crate::rule::{Rule, Topic};

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// Tasks at the top of the page.
const MOST_TASKS: usize = 12;

/// Findings whose lines are shown; a page with more would be too heavy to open.
const MOST_WITH_CODE: usize = 3000;

/// So few findings are open from the start.
const FEW: usize = 12;

/// Writes the page.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let outcome = report.outcome;
    let mut excerpts = Excerpts::new(report);
    let mut put = |part: Markup| out.write_all(part.into_string().as_bytes());
    put(html! { (DOCTYPE) })?;
    put(PreEscaped("<html lang=\"en\">".to_owned()))?;
    put(head(report))?;
    put(PreEscaped("<body>".to_owned()))?;
    put(top(report))?;
    put(PreEscaped("<main>".to_owned()))?;
    if !outcome.findings.is_empty() {
        put(html! { h2 { "Findings" } (filter(report)) })?;
        put(PreEscaped("<div id=\"findings\">".to_owned()))?;
        let is_open = outcome.findings.len() <= FEW;
        for (at, finding) in outcome.findings.iter().enumerate() {
            let excerpts = (at < MOST_WITH_CODE).then_some(&mut excerpts);
            put(one(finding, excerpts, is_open, None))?;
        }
        put(PreEscaped("</div>".to_owned()))?;
    }
    put(dependencies(report))?;
    put(secrets(report))?;
    put(problems(report))?;
    put(PreEscaped("</main>".to_owned()))?;
    if !outcome.baselined.is_empty() || !outcome.gone.is_empty() {
        put(html! { h2 { "Known before" } })?;
        put(folded("in the baseline", outcome.baselined.iter().map(|finding| (finding, None))))?;
        put(gone(&outcome.gone))?;
    }
    if !outcome.suppressed.is_empty() {
        put(html! { h2 { "Silenced" } })?;
        let silenced = outcome.suppressed.iter().map(|(finding, why)| (finding, Some(why.as_str())));
        put(folded("silenced by comments or settings", silenced))?;
    }
    put(rules(report))?;
    put(html! {
        footer { "Written by " (TOOL_NAME) " " (TOOL_VERSION) ". No secret stands in this page: what would show one is masked." }
        script { (PreEscaped(SCRIPT)) }
    })?;
    put(PreEscaped("</body></html>\n".to_owned()))
}

fn head(report: &Report<'_>) -> Markup {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            meta name="robots" content="noindex";
            title { "Audit of " (paths(report)) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

fn paths(report: &Report<'_>) -> String {
    let paths: Vec<String> = report.paths.iter().map(|path| printable(path)).collect();
    if paths == ["."] { "this folder".to_owned() } else { paths.join(", ") }
}

fn top(report: &Report<'_>) -> Markup {
    let outcome = report.outcome;
    let tasks = summary::tasks(report);
    html! {
        header {
            h1 { "Security audit of " (paths(report)) }
            p.soft { (summary::looked_at(report)) "." }
            @match summary::verdict(report) {
                Some(verdict) => p.verdict.passed[verdict.is_passed].failed[!verdict.is_passed] {
                    @if verdict.is_passed { "Passed: " } @else { "Failed: " } (verdict.words)
                },
                None if outcome.baselined.is_empty() => p.verdict.passed { "No findings." },
                None => p.verdict.passed { "No new findings." },
            }
            @if let Some(lookup) = summary::lookup(report) {
                p.warning[report.advisories.is_none()] { (ticked(&lookup)) }
            }
            @for told in summary::silenced(report) { p { (ticked(&told)) } }
            @if !outcome.problems.is_empty() {
                p.warning { (counted(outcome.problems.len(), "problem")) ": what they name was not audited, or not fully." }
            }
            @if !outcome.findings.is_empty() { (counts(report)) }
            @if !tasks.is_empty() {
                h2 { "What to do first" }
                ol.first {
                    @for task in tasks.iter().take(MOST_TASKS) {
                        li { (printable(&task.words)) " " span.soft {
                            "(" span.(task.severity.as_str()) { (task.severity) }
                            @if task.closes > 1 { ", closes " (counted(task.closes, "finding")) } ")"
                        } }
                    }
                }
                @if tasks.len() > MOST_TASKS { p.soft { "and " (tasks.len() - MOST_TASKS) " more" } }
            }
        }
    }
}

fn counts(report: &Report<'_>) -> Markup {
    let topics = report.counts_by_topic();
    html! {
        h2 { "Counts" }
        div.wide {
            table.counts {
                thead { tr {
                    th scope="col" { "about" }
                    @for severity in Severity::ALL { th.(severity.as_str()) scope="col" { (severity) } }
                } }
                tbody {
                    @for (topic, counts) in topics.iter().filter(|(_, counts)| counts.iter().any(|count| *count > 0)) {
                        tr {
                            th scope="row" { (topic_words(*topic)) }
                            @for (severity, count) in Severity::ALL.into_iter().zip(counts) {
                                @if *count == 0 { td.zero { "0" } } @else { td.(severity.as_str()) { (count) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn topic_words(topic: Topic) -> &'static str {
    if topic == Topic::Run { "the audit itself" } else { topic.as_str() }
}

/// Hidden until the script that serves it runs.
fn filter(report: &Report<'_>) -> Markup {
    let severities = report.counts().into_iter().filter(|(_, count)| *count > 0).map(|(severity, _)| severity);
    let topics = report.counts_by_topic().into_iter().filter(|(_, counts)| counts.iter().any(|count| *count > 0));
    html! {
        form.filter id="filter" hidden role="search" aria-label="Filter the findings" {
            fieldset {
                legend { "Severity" }
                @for severity in severities {
                    label.(severity.as_str()) { input type="checkbox" value=(severity.as_str()) checked; (severity) }
                }
            }
            fieldset {
                legend { "About" }
                @for (topic, _) in topics {
                    label { input type="checkbox" value=(topic.as_str()) checked; (topic_words(topic)) }
                }
            }
            input type="search" placeholder="rule, path or words" aria-label="Text to look for";
            button type="button" data-do="open" { "Open all" }
            button type="button" data-do="close" { "Close all" }
            output.soft aria-live="polite" {}
        }
    }
}

fn place_words(place: &Place) -> String {
    format!("{}:{}", printable(&place.path), place.start.line.max(1))
}

fn one(finding: &Finding, excerpts: Option<&mut Excerpts<'_>>, is_open: bool, because: Option<&str>) -> Markup {
    let rule = finding.rule;
    let severity = finding.severity.as_str();
    html! {
        details.finding open[is_open] data-severity=(severity) data-topic=(rule.kind.topic().as_str()) {
            summary {
                span.badge.(severity) { (severity) }
                span.message { (ticked(&finding.message)) }
                span.where { (place_words(&finding.place)) " · " (rule.id) " " (rule.name) }
            }
            div.body {
                @match excerpts {
                    // The lines of today are not about what only an old version of the file holds.
                    Some(excerpts) if !finding.is_past() => (code::frames(finding, excerpts)),
                    None if because.is_none() => p.soft { "The lines are not shown: the report is too large." },
                    _ => {},
                }
                dl {
                    @if let Some(because) = because.filter(|because| !because.is_empty()) {
                        dt { "Silenced because" } dd { (printable(because)) }
                    }
                    @if let Some(secret) = finding.secret() { (secret_facts(secret)) }
                    @if let Some(dependency) = known_hole(finding) { (dependency_facts(dependency)) }
                    @if let Some(guard) = &finding.missing_guard { dt { "Missing" } dd { (ticked(guard)) } }
                    @if !finding.remedy.is_empty() { dt { "How to mend it" } dd { (ticked(&finding.remedy)) } }
                    dt { "Why it matters" } dd { (ticked(&why(rule))) }
                    dt { "Rule" } dd {
                        a href=(format!("#{}", rule.id)) { (rule.name) }
                        @for cwe in rule.cwe { ", CWE-" (cwe) }
                        ", confidence " (finding.confidence)
                    }
                    @if !finding.function.is_empty() { dt { "In" } dd { code { (printable(&finding.function)) } } }
                    @if !finding.fingerprint.is_empty() { dt { "Fingerprint" } dd.id { (finding.fingerprint) } }
                }
            }
        }
    }
}

fn secret_facts(secret: &SecretDetail) -> Markup {
    html! {
        dt { "Secret" } dd { (printable(&secret.what)) }
        @if let Some(commit) = &secret.commit {
            dt { "Commit" } dd {
                code { (printable(commit.id.get(..12).unwrap_or(&commit.id))) } " of " (printable(&commit.date)) ", "
                (printable(&commit.author))
            }
        }
        @if let Some(liveness) = secret.liveness { dt { "Alive" } dd { (alive_words(liveness)) } }
    }
}

fn alive_words(liveness: Liveness) -> &'static str {
    match liveness {
        Liveness::Live => "yes, its provider accepts it now",
        Liveness::Dead => "no, its provider refuses it",
        Liveness::Unknown => "its provider did not say",
    }
}

fn dependency_facts(detail: &DependencyDetail) -> Markup {
    html! {
        dt { "Package" } dd { (printable(&detail.package)) " " (printable(&detail.version)) }
        dt { "Known as" } dd {
            (printable(&detail.advisories.join(", ")))
            @if let Some(score) = detail.score { ", score " (format!("{score:.1}")) }
            @if let Some(vector) = &detail.vector { " " code { (printable(vector)) } }
            // SECURITY: advisories are written by others; only an address that a browser fetches over TLS is a link.
            @if let Some(url) = detail.url.as_ref().filter(|url| url.starts_with("https://")) {
                " " a href=(url) rel="noreferrer noopener" { "more" }
            }
        }
        dt { "Mended in" } dd {
            @if detail.fixed.is_empty() { "no version" } @else { (printable(&detail.fixed.join(", "))) }
        }
        @if !detail.required_by.is_empty() { dt { "Asked for by" } dd { (printable(&detail.required_by.join(" → "))) } }
        @if let Some(is_reachable) = detail.is_reachable {
            dt { "Reach" } dd { @if is_reachable { "what is affected is used here" } @else { "nothing here uses it" } }
        }
    }
}

fn dependencies(report: &Report<'_>) -> Markup {
    let upgrades = Upgrade::of(&report.outcome.findings);
    if upgrades.is_empty() {
        return html! {};
    }
    html! {
        h2 { "Packages with known holes" }
        div.wide { table {
            thead { tr {
                th scope="col" { "package" } th scope="col" { "version" } th scope="col" { "upgrade to" }
                th scope="col" { "known holes" } th scope="col" { "asked for by" } th scope="col" { "where" }
            } }
            tbody { @for upgrade in &upgrades { (upgrade_row(upgrade)) } }
        } }
    }
}

fn upgrade_row(upgrade: &Upgrade<'_>) -> Markup {
    let mut places: Vec<String> = upgrade.findings.iter().map(|(finding, _)| place_words(&finding.place)).collect();
    places.sort();
    places.dedup();
    let mut holes: Vec<(&str, Option<f32>, Severity)> = Vec::new();
    for (finding, detail) in &upgrade.findings {
        let id = detail.advisories.first().map_or("", String::as_str);
        if !holes.iter().any(|(known, ..)| *known == id) {
            holes.push((id, detail.score, finding.severity));
        }
    }
    let required_by = upgrade.findings.first().map(|(_, detail)| detail.required_by.join(" → ")).unwrap_or_default();
    html! {
        tr {
            td { (printable(upgrade.package)) }
            td { (printable(upgrade.version)) }
            td { @match &upgrade.to { Some(to) => { (printable(to)) }, None => { span.soft { "no version mends it" } } } }
            td { @for (id, score, severity) in &holes {
                div { span.(severity.as_str()) { (severity) } " " span.id { (printable(id)) }
                    @if let Some(score) = score { " " (format!("{score:.1}")) } }
            } }
            td { @if required_by.is_empty() { span.soft { "the project" } } @else { (printable(&required_by)) } }
            td.where { @for place in &places { div { (place) } } }
        }
    }
}

fn secrets(report: &Report<'_>) -> Markup {
    let found: Vec<(&Finding, &SecretDetail)> =
        report.outcome.findings.iter().filter_map(|finding| Some((finding, finding.secret()?))).collect();
    if found.is_empty() {
        return html! {};
    }
    html! {
        h2 { "Secrets" }
        p.soft { "Revoke each at its provider first; taking it out of the text does not take it back." }
        div.wide { table {
            thead { tr {
                th scope="col" { "severity" } th scope="col" { "what" } th scope="col" { "where" } th scope="col" { "alive" }
            } }
            tbody { @for (finding, secret) in &found { tr {
                td.(finding.severity.as_str()) { (finding.severity) }
                td.what { (printable(&secret.what)) @if !secret.name.is_empty() { " (" code { (printable(&secret.name)) } ")" } }
                td.where { (place_words(&finding.place))
                    @if let Some(commit) = &secret.commit {
                        " in " (printable(commit.id.get(..12).unwrap_or(&commit.id))) " of " (printable(&commit.date))
                    }
                }
                td { (secret.liveness.map_or("not asked", alive_words)) }
            } } }
        } }
    }
}

fn problems(report: &Report<'_>) -> Markup {
    let problems = &report.outcome.problems;
    html! {
        @if !problems.is_empty() {
            h2 { "Problems" }
            p.soft { "What they name was not audited, or not fully." }
            ul { @for problem in problems {
                li { span.where { (place_words(&problem.place)) } ": " (printable(&problem.message)) }
            } }
        }
    }
}

fn folded<'a>(what: &str, findings: impl ExactSizeIterator<Item = (&'a Finding, Option<&'a str>)>) -> Markup {
    if findings.len() == 0 {
        return html! {};
    }
    html! {
        details.more {
            summary { (counted(findings.len(), "finding")) " " (what) }
            @for (finding, because) in findings { (one(finding, None, false, Some(because.unwrap_or_default()))) }
        }
    }
}

fn gone(entries: &[Entry]) -> Markup {
    html! {
        @if !entries.is_empty() {
            details.more {
                summary { (counted(entries.iter().map(|entry| entry.count).sum(), "entry")) " of the baseline found no more" }
                ul { @for entry in entries {
                    li { (printable(&entry.rule)) " " (printable(&entry.name)) " in " span.where { (printable(&entry.path)) }
                        @if entry.count > 1 { ", " (entry.count) " times" } }
                } }
            }
        }
    }
}

fn rules(report: &Report<'_>) -> Markup {
    let rules = rules_named(report.outcome);
    html! {
        @if !rules.is_empty() {
            h2 { "Rules" }
            @for rule in rules {
                details.more.rule id=(rule.id) {
                    summary { (rule.id) " " (rule.name) ": " (rule.summary) }
                    (page(rule))
                    p.soft {
                        @for cwe in rule.cwe { "CWE-" (cwe) " " }
                        @if !rule.owasp_2025.is_empty() { "OWASP 2025 " (rule.owasp_2025) " " }
                        @if !rule.asvs.is_empty() { "ASVS " (rule.asvs) " " }
                        a href=(format!("{TOOL_URL}/blob/main/docs/rules/{}.md", rule.name)) rel="noreferrer noopener" {
                            "in the manual"
                        }
                    }
                }
            }
        }
    }
}

/// The page of a rule without its title and its examples of vulnerable code. Pages are ours and come with the program;
/// even so no HTML of theirs is taken, and links between pages are left out, for those pages are not here.
fn page(rule: &Rule) -> Markup {
    let wanted = ["What it finds", "Why it matters", "How to mend it", "Safe"];
    let sections = rule.page.split("\n## ").skip(1);
    let sections = sections.filter(|section| wanted.iter().any(|title| section.starts_with(title)));
    let text: String = sections.map(|section| format!("### {}\n\n", section.trim())).collect();
    let events = Parser::new_ext(&text, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Some(Event::Text(html)),
        Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock) => None,
        Event::End(TagEnd::Link | TagEnd::Image | TagEnd::HtmlBlock) => None,
        other => Some(other),
    });
    let mut rendered = String::new();
    pulldown_cmark::html::push_html(&mut rendered, events);
    PreEscaped(rendered)
}

/// A sentence of ours with code in backticks.
fn ticked(text: &str) -> Markup {
    let text = printable(text);
    let parts: Vec<&str> = text.split('`').collect();
    // Without a partner a backtick is a character like others.
    let is_paired = parts.len() % 2 == 1;
    html! {
        @if is_paired {
            @for (at, part) in parts.iter().enumerate() {
                @if at % 2 == 1 { code { (part) } } @else { (part) }
            }
        } @else { (text) }
    }
}
