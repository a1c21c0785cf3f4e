//! Templates of Jinja and Django: what they put out, where in the page it stands, and whether it is escaped.

use std::ops::Range;

use casemate_python::syntax::LineIndex;

/// A template, read.
#[derive(Debug)]
pub(crate) struct Template {
    /// Relative to the root.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) lines: LineIndex,
    /// What it puts out, in order.
    pub(crate) outputs: Vec<Output>,
    /// Templates it includes or extends, by the names it gives them.
    pub(crate) includes: Vec<String>,
}

/// `{{ expression|filter }}`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    /// From the first brace to the last.
    pub(crate) span: Range<usize>,
    /// What stands before the first filter.
    pub(crate) expression: String,
    /// The variable of the view that the expression begins with, seen through loops and `with`.
    pub(crate) root: String,
    /// Names of the filters, in order.
    pub(crate) filters: Vec<String>,
    /// Whether escaping is turned off around it.
    pub(crate) is_raw: bool,
    /// Where in the page it stands.
    pub(crate) place: Place,
}

/// Where in a page something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Between tags.
    Text,
    /// In the value of an attribute: its name, whether the value is quoted, and whether it begins the value.
    Attribute { name: String, is_quoted: bool, is_first: bool },
    /// In a tag, where names of attributes stand.
    Tag,
    /// In a script: whether it stands in a string of it.
    Script { in_string: bool },
    /// Where nothing runs: a style, a comment, data.
    Other,
}

impl Output {
    /// Whether the value gets into the page as it is.
    pub(crate) fn is_unescaped(&self) -> bool {
        let escapes = |name: &str| {
            matches!(
                name,
                "e" | "escape"
                    | "forceescape"
                    | "force_escape"
                    | "tojson"
                    | "escapejs"
                    | "urlencode"
                    | "striptags"
                    | "length"
                    | "int"
                    | "float"
                    | "bleach"
                    | "clean_html"
                    | "nh3"
                    | "sanitize"
                    | "markdown"
                    | "json_script"
                    | "date"
                    | "filesizeformat"
                    | "floatformat"
                    | "xmlattr"
                    | "urlize"
                    | "linebreaks"
                    | "linebreaksbr"
                    | "slugify"
                    | "wordcount"
                    | "yesno"
                    | "intcomma"
                    | "naturaltime"
            ) || name.contains("bleach")
                || name.contains("sanitize")
                || name.contains("markdown")
        };
        let marks_safe = self.filters.iter().any(|name| matches!(name.as_str(), "safe" | "safeseq"));
        (marks_safe || self.is_raw)
            && !self.filters.iter().any(|name| escapes(name))
            && !self.expression.is_empty()
            && self.is_variable()
    }

    /// Whether it puts out a variable, not a constant or what a function makes.
    pub(crate) fn is_variable(&self) -> bool {
        !self.root.is_empty() && !self.expression.contains('(')
    }
}

/// Larger templates are data.
const MAX_BYTES: usize = 2 << 20;
const MAX_OUTPUTS: usize = 10_000;

/// Whether a file of this name is a template for pages.
pub(crate) fn is_template(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let name = [".j2", ".jinja2", ".jinja"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name).to_owned();
    let plain = path.ends_with(".jinja") || path.ends_with(".jinja2");
    [".html", ".htm", ".djhtml", ".xhtml"].iter().any(|end| name.ends_with(end)) || plain && !name.contains('.')
}

impl Template {
    pub(crate) fn new(path: &str, text: &str) -> Option<Self> {
        if !is_template(path) || text.len() > MAX_BYTES || !text.contains("{{") && !text.contains("{%") {
            return None;
        }
        let (outputs, includes) = read(text);
        Some(Self { path: path.to_owned(), text: text.to_owned(), lines: LineIndex::new(text), outputs, includes })
    }

    /// Whether a view means this template by this name.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        let name = name.trim_start_matches("./");
        !name.is_empty()
            && (self.path == name || self.path.strip_suffix(name).is_some_and(|before| before.ends_with('/')))
    }
}

/// What a template puts out, and which templates it names.
pub(crate) fn read(text: &str) -> (Vec<Output>, Vec<String>) {
    let mut reader = Reader {
        text,
        at: 0,
        state: State::Text,
        raw: Vec::new(),
        names: Vec::new(),
        outputs: Vec::new(),
        includes: Vec::new(),
        script_quote: None,
        tag: String::new(),
        is_data: false,
    };
    reader.run();
    (reader.outputs, reader.includes)
}

enum State {
    Text,
    Comment,
    Tag,
    /// In the value of an attribute: its name, its quote, and where the value begins.
    Value(String, Option<u8>, usize),
    Script,
    Style,
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    state: State,
    /// `{% autoescape %}` blocks that are open.
    raw: Vec<bool>,
    /// What loops and `with` name: the name, and the variable behind it.
    names: Vec<(String, String)>,
    outputs: Vec<Output>,
    includes: Vec<String>,
    script_quote: Option<u8>,
    tag: String,
    /// Whether the script that begins here is data.
    is_data: bool,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn run(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if byte == b'{' {
                match bytes.get(self.at + 1) {
                    Some(b'{') => {
                        self.output();
                        continue;
                    }
                    Some(b'%') => {
                        self.statement();
                        continue;
                    }
                    Some(b'#') => {
                        self.at = self.rest().find("#}").map_or(self.text.len(), |end| self.at + end + 2);
                        continue;
                    }
                    _ => {}
                }
            }
            self.html(byte);
            if self.outputs.len() >= MAX_OUTPUTS {
                return;
            }
        }
    }

    /// One byte of the page itself.
    fn html(&mut self, byte: u8) {
        let mut step = 1;
        match &self.state {
            State::Text if byte == b'<' => {
                let rest = self.rest();
                if rest.starts_with("<!--") {
                    self.state = State::Comment;
                } else if rest.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic) {
                    let name: String =
                        rest.bytes().skip(1).take_while(u8::is_ascii_alphanumeric).map(char::from).collect();
                    step = 1 + name.len();
                    self.tag = name.to_ascii_lowercase();
                    self.is_data = false;
                    self.state = State::Tag;
                } else if rest.as_bytes().get(1) == Some(&b'/') {
                    self.tag.clear();
                    self.state = State::Tag;
                }
            }
            State::Text => {}
            State::Comment => {
                if byte == b'-' && self.rest().starts_with("-->") {
                    self.state = State::Text;
                    step = 3;
                }
            }
            State::Tag => match byte {
                b'>' => {
                    self.state = match self.tag.as_str() {
                        "script" if self.is_data => State::Style,
                        "script" => State::Script,
                        "style" => State::Style,
                        _ => State::Text,
                    };
                    self.script_quote = None;
                }
                b'=' => {
                    let name: String = self
                        .text
                        .get(..self.at)
                        .unwrap_or_default()
                        .bytes()
                        .rev()
                        .skip_while(u8::is_ascii_whitespace)
                        .take_while(|byte| {
                            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'@' | b'.')
                        })
                        .map(char::from)
                        .collect();
                    let name: String = name.chars().rev().collect::<String>().to_ascii_lowercase();
                    let after = self.rest().get(1..).unwrap_or_default();
                    let space = after.len() - after.trim_start().len();
                    let start = self.at + 1 + space;
                    let quote = self.text.as_bytes().get(start).copied().filter(|byte| matches!(byte, b'"' | b'\''));
                    step = 1 + space + usize::from(quote.is_some());
                    if name == "type" && self.tag == "script" {
                        let kind = self
                            .text
                            .get(start..)
                            .unwrap_or_default()
                            .trim_start_matches(['"', '\''])
                            .to_ascii_lowercase();
                        self.is_data = !(kind.starts_with("text/javascript")
                            || kind.starts_with("module")
                            || kind.starts_with("application/javascript"));
                    }
                    self.state = State::Value(name, quote, self.at + step);
                }
                _ => {}
            },
            State::Value(_, Some(quote), _) => {
                if byte == *quote {
                    self.state = State::Tag;
                }
            }
            State::Value(_, None, _) => match byte {
                b'>' => {
                    self.state = State::Tag;
                    step = 0;
                }
                byte if byte.is_ascii_whitespace() => self.state = State::Tag,
                _ => {}
            },
            State::Script => match byte {
                b'<' if self.rest().get(..8).is_some_and(|tag| tag.eq_ignore_ascii_case("</script")) => {
                    self.tag.clear();
                    self.state = State::Tag;
                }
                b'\\' => step = 2,
                b'"' | b'\'' | b'`' => {
                    self.script_quote = match self.script_quote {
                        None => Some(byte),
                        Some(open) if open == byte => None,
                        open => open,
                    };
                }
                // A string ends with its line, so that an apostrophe in a comment does no harm for long.
                b'\n' if self.script_quote != Some(b'`') => self.script_quote = None,
                _ => {}
            },
            State::Style => {
                let rest = self.rest();
                let ends = |tag: &str| rest.get(..tag.len()).is_some_and(|found| found.eq_ignore_ascii_case(tag));
                if byte == b'<' && (ends("</style") || ends("</script")) {
                    self.tag.clear();
                    self.state = State::Tag;
                }
            }
        }
        self.at += step;
        while self.at < self.text.len() && !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
    }

    /// Where a pair of braces ends, past what stands in quotes; the end of the text if nowhere.
    fn end_of(&self, close: &str) -> usize {
        let bytes = self.text.as_bytes();
        let mut quote = None;
        let mut at = self.at + 2;
        while let Some(&byte) = bytes.get(at) {
            match quote {
                Some(open) if open == byte => quote = None,
                Some(_) => {}
                None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
                None if bytes.get(at..).is_some_and(|rest| rest.starts_with(close.as_bytes())) => return at,
                // Nothing of this goes over many lines; a lone quote may not swallow the page.
                None if at > self.at + 4000 => break,
                None => {}
            }
            at += 1;
        }
        self.rest().find(close).map_or(self.text.len(), |found| self.at + found)
    }

    fn output(&mut self) {
        let (start, end) = (self.at, self.end_of("}}"));
        let inner = self.text.get(start + 2..end).unwrap_or_default().trim_matches(['-', '+']).trim().to_owned();
        self.at = (end + 2).min(self.text.len()).max(start + 2);
        let mut parts = split(&inner, '|').into_iter();
        let expression = parts.next().unwrap_or_default().trim().to_owned();
        let filters =
            parts.map(|filter| filter.trim().split([':', '(', ' ']).next().unwrap_or_default().to_owned()).collect();
        let place = match &self.state {
            State::Text => Place::Text,
            State::Tag => Place::Tag,
            State::Value(name, quote, begin) => {
                Place::Attribute { name: name.clone(), is_quoted: quote.is_some(), is_first: *begin == start }
            }
            State::Script => Place::Script { in_string: self.script_quote.is_some() },
            State::Comment | State::Style => Place::Other,
        };
        let root = self.behind(&root_of(&expression));
        let is_raw = self.raw.last().copied().unwrap_or(false);
        self.outputs.push(Output { span: start..self.at, expression, root, filters, is_raw, place });
    }

    fn statement(&mut self) {
        let (start, end) = (self.at, self.end_of("%}"));
        let inner = self.text.get(start + 2..end).unwrap_or_default().trim_matches(['-', '+']).trim().to_owned();
        self.at = (end + 2).min(self.text.len()).max(start + 2);
        let mut words = inner.split_whitespace();
        match words.next().unwrap_or_default() {
            "autoescape" => self.raw.push(matches!(words.next(), Some("off" | "false" | "False"))),
            "endautoescape" => {
                self.raw.pop();
            }
            keyword @ ("raw" | "verbatim") => {
                let close = if keyword == "raw" { "endraw" } else { "endverbatim" };
                self.at = self.rest().find(close).map_or(self.text.len(), |found| self.at + found);
            }
            "include" | "extends" => {
                let name = inner.split(['"', '\'']).nth(1).unwrap_or_default();
                if !name.is_empty() && self.includes.len() < 100 {
                    self.includes.push(name.to_owned());
                }
            }
            // `{% for item in items %}`
            "for" => {
                if let Some((names, of)) = inner.get(3..).unwrap_or_default().split_once(" in ") {
                    let of = self.behind(&root_of(of.trim()));
                    for name in names.split(',') {
                        self.name(name.trim(), of.clone());
                    }
                }
            }
            // `{% with a=b.c %}`, `{% set a = b.c %}`
            "with" | "set" => {
                let rest = inner.split_once(char::is_whitespace).map_or("", |(_, rest)| rest);
                if let Some((of, name)) = rest.split_once(" as ") {
                    let of = self.behind(&root_of(of.trim()));
                    self.name(name.trim(), of);
                } else if let Some((name, of)) = rest.split_once('=') {
                    let of = self.behind(&root_of(of.trim()));
                    self.name(name.trim(), of);
                }
            }
            _ => {}
        }
    }

    fn name(&mut self, name: &str, of: String) {
        if self.names.len() < 500 && name != of {
            self.names.push((name.to_owned(), of));
        }
    }

    /// The variable behind a name that the template gave.
    fn behind(&self, name: &str) -> String {
        self.names.iter().rev().find(|(known, _)| known == name).map_or_else(|| name.to_owned(), |(_, of)| of.clone())
    }
}

/// The variable an expression begins with: `user` of `user.bio`; empty for constants.
fn root_of(expression: &str) -> String {
    let expression = expression.trim_start_matches(['(', ' ', '[']);
    let name: String = expression.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if name.starts_with(|c: char| c.is_ascii_digit())
        || matches!(
            name.as_str(),
            "true" | "false" | "none" | "True" | "False" | "None" | "not" | "loop" | "forloop" | "super"
        )
    {
        return String::new();
    }
    name
}

/// Splits at a character that stands in no quotes or brackets.
fn split(text: &str, at: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quote, mut depth) = (0, None, 0_u32);
    for (place, c) in text.char_indices() {
        match quote {
            Some(open) if open == c => quote = None,
            Some(_) => {}
            None => match c {
                '"' | '\'' => quote = Some(c),
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                c if c == at && depth == 0 => {
                    parts.push(text.get(start..place).unwrap_or_default());
                    start = place + c.len_utf8();
                }
                _ => {}
            },
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn only(text: &str) -> Output {
        let (outputs, _) = read(text);
        assert_eq!(outputs.len(), 1, "{text}");
        outputs.into_iter().next().unwrap()
    }

    #[test]
    fn places_are_told_apart() {
        let attribute =
            |name: &str, is_quoted, is_first| Place::Attribute { name: name.to_owned(), is_quoted, is_first };
        for (text, place) in [
            ("<p>{{ a }}</p>", Place::Text),
            ("<a href={{ a }}>", attribute("href", false, true)),
            ("<a class=\"x {{ a }}\">", attribute("class", true, false)),
            ("<a {% if x %}href='{{ a }}'{% endif %}>", attribute("href", true, true)),
            ("<script>let a = {{ a }};</script>", Place::Script { in_string: false }),
            ("<script>let a = '{{ a }}';</script>", Place::Script { in_string: true }),
            ("<script type=\"application/json\">{{ a }}</script>", Place::Other),
            ("<script src=\"a.js\"></script>{{ a }}", Place::Text),
            ("<!-- <a href={{ a }}> -->", Place::Other),
            ("<div {{ a }}>", Place::Tag),
        ] {
            assert_eq!(only(text).place, place, "{text}");
        }
    }

    #[test]
    fn escaping_is_followed() {
        assert!(only("{{ a.b|safe }}").is_unescaped());
        assert!(only("{% autoescape off %}{{ a }}{% endautoescape %}").is_unescaped());
        assert!(!only("{% autoescape off %}{% endautoescape %}{{ a }}").is_unescaped());
        assert!(!only("{% autoescape false %}{{ a|e }}{% endautoescape %}").is_unescaped());
        assert!(!only("{{ a|tojson|safe }}").is_unescaped());
        assert!(!only("{{ '|safe' }}").is_unescaped());
        assert!(read("{% raw %}{{ a|safe }}{% endraw %}").0.is_empty());
        assert!(read("{# {{ a|safe }} #}").0.is_empty());
    }

    #[test]
    fn names_of_loops_lead_back_to_the_view() {
        assert_eq!(only("{% for post in page.posts %}{{ post.body|safe }}{% endfor %}").root, "page");
        assert_eq!(only("{% with body=post.body %}{{ body|safe }}{% endwith %}").root, "post");
        assert_eq!(read("{% extends \"base.html\" %}{% include 'a/b.html' %}").1, ["base.html", "a/b.html"]);
    }

    proptest! {
        #[test]
        fn no_template_is_too_broken(text in "[<>{}%#|\"'=a-e \\n/!-]{0,200}") {
            let (outputs, _) = read(&text);
            for output in outputs {
                prop_assert!(text.get(output.span).is_some());
            }
        }
    }
}
