//! The sample project of `examples/`, carried in the binary so that the demo can really audit it.

use casemate_audit::{Source, SourceSet};

const VULNERABLE: [(&str, &str); 2] = [
    ("app.py", include_str!("../../../examples/vulnerable/app.py")),
    ("database.py", include_str!("../../../examples/vulnerable/database.py")),
];

/// The application with seven holes.
pub(crate) fn vulnerable() -> impl SourceSet {
    Embedded { sources: VULNERABLE.map(|(path, _)| Source::named(path)).to_vec() }
}

struct Embedded {
    sources: Vec<Source>,
}

impl SourceSet for Embedded {
    fn sources(&self) -> &[Source] {
        &self.sources
    }

    fn read(&self, source: &Source) -> Result<Vec<u8>, String> {
        let found = VULNERABLE.iter().find(|(path, _)| *path == source.path);
        found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| "is not among the sources".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_demo_source_can_be_read() {
        let sources = vulnerable();
        assert_eq!(sources.sources().len(), 2);
        for source in sources.sources() {
            assert!(!sources.read(source).expect("is there").is_empty());
        }
    }
}
