//! What each entry of a pack finds and does not find, run.

use crate::audit::{Audit, Source, SourceSet};
use crate::rule::Persona;
use crate::settings::Settings;

struct Files(Vec<Source>, String);

impl SourceSet for Files {
    fn sources(&self) -> &[Source] {
        &self.0
    }

    fn read(&self, _: &Source) -> Result<Vec<u8>, String> {
        Ok(self.1.clone().into_bytes())
    }
}

/// Lines that end in `# finding: rule-name` are found by that rule; all other lines by none of the rules named.
fn wrong_lines(code: &str, rules: &[String]) -> Vec<String> {
    let settings = Settings { persona: Persona::Pedantic, select: rules.to_vec(), ..Settings::default() };
    let outcome = Audit::new(&settings).run_on(1, &Files(vec![Source::python("app.py")], code.to_owned()));
    let mut expected: Vec<(u32, String)> =
        code.lines().zip(1..).filter_map(|(line, number)| Some((number, marked(line)?.to_owned()))).collect();
    let mut found: Vec<(u32, String)> = outcome
        .findings
        .iter()
        .filter(|finding| finding.rule.name != "analysis-incomplete")
        .map(|finding| (finding.place.start.line, finding.rule.name.to_owned()))
        .collect();
    expected.sort();
    found.sort();
    found.dedup();
    let mut wrong: Vec<String> = outcome.problems.iter().map(|problem| problem.message.clone()).collect();
    if expected != found {
        wrong.push(format!("expected {expected:?}, found {found:?} in\n{code}"));
    }
    wrong
}

fn marked(line: &str) -> Option<&str> {
    line.split_once("# finding: ").map(|(_, rule)| rule.trim())
}

#[test]
fn every_entry_finds_what_it_says() {
    let mut wrong = Vec::new();
    for example in super::examples() {
        let vulnerable = example.vulnerable.unwrap_or_default();
        let safe = example.safe.unwrap_or_default();
        let mut rules: Vec<String> = vulnerable.lines().filter_map(marked).map(str::to_owned).collect();
        rules.sort();
        rules.dedup();
        let name = format!("{}, entry of {}", example.pack, example.entry);
        if rules.is_empty() || safe.trim().is_empty() {
            wrong.push(format!("{name}: an example needs a vulnerable form with a marked line, and a safe one"));
            continue;
        }
        wrong.extend(
            rules
                .iter()
                .filter(|rule| crate::rules::find(rule).is_none())
                .map(|rule| format!("{name}: no rule {rule}")),
        );
        for code in [&vulnerable, &safe] {
            wrong.extend(wrong_lines(code, &rules).into_iter().map(|text| format!("{name}: {text}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
