//! A place on this server to go to next, as named in `?next=`.

use std::fmt;

/// A path with an optional query on this server. What cannot lead elsewhere is one; everything else is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// Reads `?next=`; `None` for whatever a browser could take for another host (CWE-601).
    pub fn parse(text: &str) -> Option<Self> {
        // SECURITY: browsers drop tabs and line breaks and read `\` as `/`, so that `/\evil` and `/\t/evil` leave.
        let is_plain = text.len() <= 2_000 && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        let rest = text.strip_prefix('/')?;
        (is_plain && !rest.starts_with('/')).then(|| Self(text.to_owned()))
    }

    /// Where to go when nothing better is known.
    pub fn home() -> Self {
        Self("/cases".to_owned())
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for LocalPath {
    /// Anything that is not a local path becomes [`LocalPath::home`]: a bad link is no reason to fail a sign-in.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self::parse(&text).unwrap_or_else(Self::home))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // ASVS 3.7.2: nothing that leads to another host is taken as the next page
    #[test]
    fn nothing_leads_to_another_host() {
        for good in ["/", "/cases", "/cases/CASE-1?x=/y#z", "/cases?text=a%2F%2Fb"] {
            assert!(LocalPath::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "cases",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            " //evil.example",
            "/x\r\nSet-Cookie: a=b",
            "/caf\u{e9}",
        ] {
            assert_eq!(LocalPath::parse(bad), None, "{bad:?}");
        }
    }
}
