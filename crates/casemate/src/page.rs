//! A rule's page on a terminal: enough Markdown to be read with pleasure.

/// Renders headings, paragraphs, lists, tables as they are, code blocks and inline code and emphasis.
pub(crate) fn render(markdown: &str, is_coloured: bool, width: usize) -> String {
    let width = width.min(100);
    let paint = Paint(is_coloured);
    let mut rendered = String::new();
    let mut paragraph = Paragraph::default();
    let mut fence: Option<&str> = None;
    let mut follows_code = false;
    for line in markdown.lines() {
        let trimmed = line.trim_start();
        if let Some(open) = fence {
            if trimmed.starts_with(open) {
                fence = None;
                follows_code = true;
            } else {
                let indented = format!("    {}", paint.code_line(line));
                rendered.push_str(indented.trim_end());
                rendered.push('\n');
            }
            continue;
        }
        follows_code &= trimmed.is_empty() || trimmed.starts_with("```");
        let is_fence = trimmed.starts_with("```") || trimmed.starts_with("~~~");
        let starts_anew = is_fence || trimmed.is_empty() || trimmed.starts_with('#') || trimmed.starts_with('|');
        let marker = list_marker(trimmed);
        if starts_anew || marker > 0 {
            paragraph.flush(&mut rendered, paint, width);
        }
        if is_fence {
            fence = trimmed.get(..3);
            if follows_code {
                // Or two examples would be read as one.
                rendered.push_str("    ----\n\n");
            }
        } else if trimmed.is_empty() {
            rendered.push('\n');
        } else if trimmed.starts_with('#') {
            let title = trimmed.trim_start_matches('#').trim();
            rendered.push_str(&paint.heading(title));
            rendered.push('\n');
        } else if trimmed.starts_with('|') {
            rendered.push_str(&paint.inline(trimmed));
            rendered.push('\n');
        } else {
            if marker > 0 {
                let indent = line.len() - trimmed.len();
                paragraph = Paragraph { text: String::new(), first: indent, rest: indent + marker };
            }
            paragraph.add(trimmed);
        }
    }
    paragraph.flush(&mut rendered, paint, width);
    rendered
}

/// `[text](address)` becomes `text <address>`, which terminals make clickable.
fn unlinked(text: &str) -> String {
    let mut unlinked = String::new();
    let mut rest = text;
    while let Some((before, name, address, after)) = next_link(rest) {
        unlinked.push_str(&format!("{before}{name} <{address}>"));
        rest = after;
    }
    unlinked.push_str(rest);
    unlinked
}

fn next_link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let middle = text.find("](http")?;
    let (before, name) = text.get(..middle)?.rsplit_once('[')?;
    let (address, after) = text.get(middle + 2..)?.split_once(')')?;
    Some((before, name, address, after))
}

/// How many characters the marker of a list item takes, or 0.
fn list_marker(line: &str) -> usize {
    if ["- ", "* ", "+ "].iter().any(|marker| line.starts_with(marker)) {
        return 2;
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && line[digits..].starts_with(". ") { digits + 2 } else { 0 }
}

#[derive(Default)]
struct Paragraph {
    text: String,
    first: usize,
    rest: usize,
}

impl Paragraph {
    fn add(&mut self, line: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(line.trim_end());
    }

    fn flush(&mut self, rendered: &mut String, paint: Paint, width: usize) {
        let paragraph = std::mem::take(self);
        if paragraph.text.is_empty() {
            return;
        }
        let mut line = " ".repeat(paragraph.first);
        let mut used = paragraph.first;
        let mut is_empty = true;
        for word in words(&unlinked(&paragraph.text)) {
            let length = word.chars().count();
            if !is_empty && used + 1 + length > width {
                rendered.push_str(&paint.inline(&line));
                rendered.push('\n');
                line = " ".repeat(paragraph.rest);
                used = paragraph.rest;
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += length;
            is_empty = false;
        }
        rendered.push_str(&paint.inline(&line));
        rendered.push('\n');
    }
}

/// Words, where inline code and emphasis of several words stay together, so that their marks stay on one line.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut in_code = false;
    let mut in_bold = false;
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '`' => in_code = !in_code,
            '*' if previous == '*' && !in_code => in_bold = !in_bold,
            ' ' if !in_code && !in_bold => {
                words.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        previous = c;
    }
    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn wrap(self, codes: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{codes}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn heading(self, title: &str) -> String {
        if self.0 { self.wrap("1", &title.replace('`', "")) } else { title.to_uppercase() }
    }

    fn code_line(self, line: &str) -> String {
        if line.is_empty() {
            String::new()
        } else if line.contains("# finding") {
            self.wrap("31", line)
        } else {
            self.wrap("36", line)
        }
    }

    /// Backticks become colour, `**` becomes bold; without colour the marks stay, they are readable.
    fn inline(self, line: &str) -> String {
        if !self.0 {
            return line.to_owned();
        }
        let mut painted = String::new();
        for (index, part) in line.split('`').enumerate() {
            if index % 2 == 1 {
                painted.push_str(&self.wrap("36", part));
                continue;
            }
            for (index, part) in part.split("**").enumerate() {
                painted.push_str(&if index % 2 == 1 { self.wrap("1", part) } else { part.to_owned() });
            }
        }
        painted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# password-weak-hash

A **fast** hash such as `hashlib.sha256(password)` is guessed at
billions a second, see [the guide](https://example.org/guide).

```python
x = 1

y = sha256(password)  # finding
```

```python
z = 2
```

1. Use Argon2id, which is slow.
   - and salted
";

    #[test]
    fn without_colour_a_page_stays_readable_text() {
        let expected = "\
PASSWORD-WEAK-HASH

A **fast** hash such as `hashlib.sha256(password)`
is guessed at billions a second, see the guide
<https://example.org/guide>.

    x = 1

    y = sha256(password)  # finding

    ----

    z = 2

1. Use Argon2id, which is slow.
   - and salted
";
        assert_eq!(render(PAGE, false, 50), expected);
    }

    #[test]
    fn in_colour_marks_become_looks_and_findings_stand_out() {
        let rendered = render(PAGE, true, 80);
        assert!(rendered.contains("\x1b[1mfast\x1b[0m"), "{rendered:?}");
        assert!(rendered.contains("\x1b[36mhashlib.sha256(password)\x1b[0m"), "{rendered:?}");
        assert!(rendered.contains("    \x1b[31my = sha256(password)  # finding\x1b[0m\n"), "{rendered:?}");
    }
}
