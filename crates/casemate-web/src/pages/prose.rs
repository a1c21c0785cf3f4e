//! Sentences with words in backticks, shown as code. Everything stays text.

/// A stretch of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stretch<'a> {
    pub(crate) text: &'a str,
    pub(crate) is_code: bool,
}

/// The stretches of a sentence; a backtick without its partner is only a backtick.
pub(crate) fn stretches(text: &str) -> Vec<Stretch<'_>> {
    let plain = |text| Stretch { text, is_code: false };
    let mut all = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, behind)) = after.split_once('`') else { break };
        if code.is_empty() || code.contains('\n') {
            break;
        }
        all.push(plain(before));
        all.push(Stretch { text: code, is_code: true });
        rest = behind;
    }
    all.push(plain(rest));
    all.retain(|stretch| !stretch.text.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        stretches(text).iter().map(|s| if s.is_code { format!("[{}]", s.text) } else { s.text.to_owned() }).collect()
    }

    #[test]
    fn words_in_backticks_are_code() {
        assert_eq!(shown("`name` reaches `execute`"), "[name] reaches [execute]");
        assert_eq!(shown("no code"), "no code");
        assert_eq!(shown("a ` alone"), "a ` alone");
        assert_eq!(shown("an ``empty`` pair"), "an ``empty`` pair");
        assert_eq!(shown(""), "");
    }
}
