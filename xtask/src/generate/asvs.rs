//! `docs/asvs.md`: which test proves which requirement of OWASP ASVS 5.0.
//!
//! A test says so itself, in a comment above it: the marker `ASVS`, the requirements, a colon, a sentence.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::Result;
use crate::workspace::TextFile;

const CHAPTERS: [&str; 17] = [
    "Encoding and Sanitization",
    "Validation and Business Logic",
    "Web Frontend Security",
    "API and Web Service",
    "File Handling",
    "Authentication",
    "Session Management",
    "Authorization",
    "Self-contained Tokens",
    "OAuth and OIDC",
    "Cryptography",
    "Secure Communication",
    "Configuration",
    "Data Protection",
    "Secure Coding and Architecture",
    "Security Logging and Error Handling",
    "WebRTC",
];

/// A requirement, `6.2.1` as numbers so that it sorts.
type Requirement = [u16; 3];

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Proof {
    requirement: Requirement,
    sentence: String,
    file: String,
    test: String,
}

/// The table.
pub(super) fn page(files: &[TextFile]) -> Result<String> {
    let mut proofs = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with("crates/") && file.path.ends_with(".rs")) {
        proofs.extend(proofs_in(file)?);
    }
    proofs.sort();
    let mut requirements: Vec<Requirement> = proofs.iter().map(|proof| proof.requirement).collect();
    requirements.dedup();
    let tests: BTreeSet<_> = proofs.iter().map(|proof| (&proof.file, &proof.test)).collect();

    let mut page = format!(
        "<!-- written by `cargo xtask generate` from the markers above the tests -->\n# ASVS 5.0: requirement and proof\n\n\
         Numbers of the OWASP Application Security Verification Standard 5.0. The sentence is ours and says what the test shows.\n\
         A requirement without a test has no row. {} tests for {} requirements.\n",
        tests.len(),
        requirements.len()
    );
    let mut chapter = 0;
    for proof in &proofs {
        if proof.requirement[0] != chapter {
            chapter = proof.requirement[0];
            let name = CHAPTERS[usize::from(chapter) - 1];
            let _ = write!(page, "\n## V{chapter} {name}\n\n| requirement | shown | test |\n|---|---|---|\n");
        }
        let [a, b, c] = proof.requirement;
        let (sentence, file, test) = (proof.sentence.replace('|', "\\|"), &proof.file, &proof.test);
        let _ = writeln!(page, "| V{a}.{b}.{c} | {sentence} | [`{test}`](../{file}) |");
    }
    Ok(page)
}

/// The markers of one file, each with the test below it.
fn proofs_in(file: &TextFile) -> Result<Vec<Proof>> {
    let mut proofs = Vec::new();
    for (index, line) in file.text.lines().map(str::trim).enumerate() {
        let Some(marker) = line.strip_prefix("// ASVS ") else { continue };
        let place = format!("{}:{}", file.path, index + 1);
        let (numbers, sentence) =
            marker.split_once(": ").ok_or_else(|| format!("{place}: write `// ASVS 6.2.1: what the test shows`"))?;
        let below = file.text.lines().skip(index + 1).map(str::trim);
        let test = test_below(below).ok_or_else(|| format!("{place}: there is no test below this marker"))?;
        for number in numbers.split(',') {
            let requirement = requirement(number.trim())
                .ok_or_else(|| format!("{place}: `{}` is no requirement of ASVS 5.0", number.trim()))?;
            proofs.push(Proof {
                requirement,
                sentence: sentence.trim().to_owned(),
                file: file.path.clone(),
                test: test.to_owned(),
            });
        }
    }
    Ok(proofs)
}

fn requirement(number: &str) -> Option<Requirement> {
    let parts: Vec<u16> = number.trim_start_matches('V').split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    let requirement: Requirement = parts.try_into().ok()?;
    (1..=CHAPTERS.len()).contains(&usize::from(requirement[0])).then_some(requirement)
}

/// The function after comments and attributes, if one of them makes it a test.
fn test_below<'a>(lines: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut is_test = false;
    for line in lines {
        if line.starts_with("#[") {
            is_test |= line.contains("test");
        } else if let Some((_, after)) = line.split_once("fn ") {
            let end = after.find(|letter: char| !(letter.is_alphanumeric() || letter == '_'))?;
            return is_test.then(|| &after[..end]);
        } else if !line.starts_with("//") {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, String> {
        let file = TextFile { path: "crates/x/tests/it/main.rs".to_owned(), text: text.to_owned() };
        let proofs = proofs_in(&file).map_err(|error| error.to_string())?;
        Ok(proofs.into_iter().map(|proof| (format!("{:?}", proof.requirement), proof.test)).collect())
    }

    #[test]
    fn a_marker_belongs_to_the_test_below_it() {
        let text = "// ASVS 6.2.1, 6.2.8: short ones are refused\n#[tokio::test]\nasync fn a_short_one() {}\n";
        assert_eq!(
            read(text).unwrap(),
            [("[6, 2, 1]".to_owned(), "a_short_one".to_owned()), ("[6, 2, 8]".to_owned(), "a_short_one".to_owned())]
        );
    }

    #[test]
    fn a_marker_that_proves_nothing_is_refused() {
        for text in [
            "// ASVS 6.2.1: x\nfn not_a_test() {}\n",
            "// ASVS 6.2.1: x\nlet a = 1;\n#[test]\nfn too_far() {}\n",
            "// ASVS 6.2: x\n#[test]\nfn a() {}\n",
            "// ASVS 18.1.1: x\n#[test]\nfn a() {}\n",
            "// ASVS 6.2.1 no colon\n#[test]\nfn a() {}\n",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_page_sorts_by_number_and_names_chapters() {
        let text = "// ASVS 10.1.1: b\n#[test]\nfn b() {}\n// ASVS 2.10.1: a\n#[test]\nfn a() {}\n";
        let page = page(&[TextFile { path: "crates/x/src/x.rs".to_owned(), text: text.to_owned() }]).unwrap();
        assert!(page.find("## V2 Validation").unwrap() < page.find("## V10 OAuth").unwrap());
        assert!(page.contains("2 tests for 2 requirements"));
    }
}
