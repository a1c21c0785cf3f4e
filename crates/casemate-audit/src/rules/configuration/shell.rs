//! Shell scripts as pipelines of commands: enough of the language to tell a command from a text that mentions one.

use std::ops::Range;

/// Substitutions in substitutions; deeper ones are taken as text.
const MAX_DEPTH: usize = 8;

/// The end of `${…}` is looked for so far; nobody writes longer ones.
const MAX_BRACES: usize = 1000;

/// Commands joined by `|`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pipeline {
    pub(crate) commands: Vec<Command>,
}

/// A program with its arguments; redirections are left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Command {
    pub(crate) words: Vec<Word>,
}

/// One word, quotes taken off.
#[derive(Clone, Debug, Default)]
pub(crate) struct Word {
    pub(crate) text: String,
    /// With its quotes.
    pub(crate) span: Range<usize>,
    /// Commands whose output or name becomes part of the word: `$(…)`, `<(…)`, `` `…` ``; and what `sh -c` runs.
    pub(crate) inner: Vec<Pipeline>,
}

impl Command {
    /// Where the program stands among the words, behind assignments, keywords and what only starts another program.
    fn program_at(&self) -> Option<usize> {
        let mut at = 0;
        while let Some(word) = self.words.get(at) {
            let text = word.text.as_str();
            let name = text.rsplit('/').next().unwrap_or(text);
            match name {
                "if" | "then" | "else" | "elif" | "do" | "while" | "until" | "!" | "time" | "{" | "exec"
                | "command" | "nohup" | "eatmydata" | "shell" | "builtin" | "-" => at += 1,
                "sudo" | "doas" | "env" | "nice" | "timeout" | "ionice" => {
                    at += 1;
                    let takes_number = matches!(name, "timeout");
                    while let Some(word) = self.words.get(at) {
                        if word.text.starts_with('-') {
                            at += if matches!(word.text.as_str(), "-u" | "-g" | "-n" | "-k" | "-s") { 2 } else { 1 };
                        } else if is_assignment(&word.text)
                            || (takes_number && word.text.starts_with(|digit: char| digit.is_ascii_digit()))
                        {
                            at += 1;
                        } else {
                            break;
                        }
                    }
                }
                _ if is_assignment(text) => at += 1,
                _ => return Some(at),
            }
        }
        None
    }

    /// The program's name without its folder, empty if there is none.
    pub(crate) fn program(&self) -> &str {
        let text = self.program_at().and_then(|at| self.words.get(at)).map_or("", |word| word.text.as_str());
        // `@curl` in a Makefile.
        text.rsplit('/').next().unwrap_or(text).trim_start_matches(['@', '-', '+'])
    }

    /// What the program is given.
    pub(crate) fn arguments(&self) -> &[Word] {
        self.program_at().and_then(|at| self.words.get(at + 1..)).unwrap_or_default()
    }

    /// Whether one of these is among the arguments.
    pub(crate) fn has(&self, flags: &[&str]) -> bool {
        self.arguments().iter().any(|word| flags.contains(&word.text.as_str()))
    }

    /// Whether this short flag is given, alone or among others: `-k`, `-fsSLk`.
    pub(crate) fn has_short(&self, flag: char) -> bool {
        self.arguments().iter().any(|word| {
            word.text.strip_prefix('-').is_some_and(|flags| {
                !flags.starts_with('-') && flags.chars().all(|one| one.is_ascii_alphanumeric()) && flags.contains(flag)
            })
        })
    }

    /// Whether a word stands before the program: `NAME=value program`.
    pub(crate) fn program_is_after(&self, word: &Word) -> bool {
        self.program_at().and_then(|at| self.words.get(at)).is_some_and(|program| word.span.start < program.span.start)
    }

    /// From the first word to the last.
    pub(crate) fn span(&self) -> Range<usize> {
        let start = self.words.first().map_or(0, |word| word.span.start);
        start..self.words.last().map_or(start, |word| word.span.end)
    }
}

/// `NAME=value` before a program.
pub(crate) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let name = name.trim_end_matches('+');
        !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    })
}

pub(crate) fn is_shell(program: &str) -> bool {
    matches!(program, "sh" | "bash" | "zsh" | "dash" | "ash" | "ksh")
}

/// Every pipeline of a script, also those inside other commands, each once.
pub(crate) fn each<'p>(pipelines: &'p [Pipeline], visit: &mut dyn FnMut(&'p Pipeline)) {
    let mut left: Vec<&Pipeline> = pipelines.iter().rev().collect();
    while let Some(pipeline) = left.pop() {
        visit(pipeline);
        for word in pipeline.commands.iter().flat_map(|command| &command.words) {
            left.extend(word.inner.iter().rev());
        }
    }
}

/// Reads a script that begins at `base` of its file.
pub(crate) fn read(script: &str, base: usize) -> Vec<Pipeline> {
    read_at(script, base, 0)
}

fn read_at(script: &str, base: usize, depth: usize) -> Vec<Pipeline> {
    let mut reader = Reader { text: script, bytes: script.as_bytes(), at: 0, base, depth, documents: Vec::new() };
    let mut pipelines = Vec::new();
    while reader.at < reader.bytes.len() {
        pipelines.extend(reader.list(None));
        // A bracket that closes nothing.
        reader.at += 1;
    }
    pipelines
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    base: usize,
    depth: usize,
    /// Ends of here-documents whose text begins with the next line, and whether tabs before them count.
    documents: Vec<String>,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn list(&mut self, until: Option<u8>) -> Vec<Pipeline> {
        let mut pipelines = Vec::new();
        let mut pipeline = Pipeline::default();
        let mut command = Command::default();
        let mut skip_next = false;
        while self.at < self.bytes.len() {
            let byte = self.peek(0);
            if Some(byte) == until {
                break;
            }
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\\' if self.peek(1) == b'\n' || (self.peek(1) == b'\r' && self.peek(2) == b'\n') => {
                    self.at += if self.peek(1) == b'\n' { 2 } else { 3 };
                    self.skip_comment_lines();
                }
                b'#' => self.skip_line(),
                b'\n' => {
                    self.at += 1;
                    self.end(&mut command, &mut pipeline);
                    pipelines.extend(finished(&mut pipeline));
                    self.skip_documents();
                }
                b'|' if self.peek(1) == b'|' => {
                    self.at += 2;
                    self.end(&mut command, &mut pipeline);
                    pipelines.extend(finished(&mut pipeline));
                }
                b'|' => {
                    self.at += if self.peek(1) == b'&' { 2 } else { 1 };
                    self.end(&mut command, &mut pipeline);
                    self.skip_blank_lines();
                }
                b'&' if self.peek(1) == b'>' => {
                    self.at += 2;
                    skip_next = true;
                }
                b';' | b'&' | b'(' | b')' => {
                    if byte == b')' && until.is_none() && self.depth > 0 {
                        break;
                    }
                    self.at += 1;
                    self.end(&mut command, &mut pipeline);
                    pipelines.extend(finished(&mut pipeline));
                }
                b'<' | b'>' if self.peek(1) != b'(' => skip_next = self.redirection(),
                _ => {
                    let before = self.at;
                    let word = self.word(until);
                    if self.at == before {
                        self.at += 1;
                        continue;
                    }
                    let is_descriptor = matches!(self.peek(0), b'<' | b'>')
                        && !word.text.is_empty()
                        && word.text.bytes().all(|digit| digit.is_ascii_digit());
                    if !skip_next && !is_descriptor {
                        command.words.push(word);
                    }
                    skip_next = false;
                }
            }
        }
        self.end(&mut command, &mut pipeline);
        pipelines.extend(finished(&mut pipeline));
        pipelines
    }

    fn end(&self, command: &mut Command, pipeline: &mut Pipeline) {
        let mut command = std::mem::take(command);
        if command.words.is_empty() {
            return;
        }
        if is_shell(command.program()) && self.depth < MAX_DEPTH {
            let runs = command.program_at().unwrap_or(0);
            let flag = command.words.iter().skip(runs + 1).position(|word| {
                word.text.starts_with('-') && !word.text.starts_with("--") && word.text.ends_with('c')
            });
            if let Some(word) = flag.and_then(|at| command.words.get_mut(runs + at + 2)) {
                let inside = word.span.start - self.base..word.span.end - self.base;
                let written = self.text.get(inside).unwrap_or_default();
                let open = usize::from(written.starts_with(['"', '\'']));
                let script = written.trim_matches(['"', '\'']);
                word.inner.extend(read_at(script, word.span.start + open, self.depth + 1));
            }
        }
        pipeline.commands.push(command);
    }

    fn skip_line(&mut self) {
        while self.at < self.bytes.len() && self.peek(0) != b'\n' {
            self.at += 1;
        }
    }

    fn skip_blank_lines(&mut self) {
        while matches!(self.peek(0), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    /// In a Dockerfile lines of comment may stand inside a continued command.
    fn skip_comment_lines(&mut self) {
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let line = rest.split('\n').next().unwrap_or_default();
            if !line.trim_start().starts_with('#') {
                return;
            }
            self.at = (self.at + line.len() + 1).min(self.bytes.len());
            if self.at == self.bytes.len() {
                return;
            }
        }
    }

    /// Steps over `<`, `>>`, `>&`, `<<EOF`; whether the next word is where it leads.
    fn redirection(&mut self) -> bool {
        if self.peek(0) == b'<' && self.peek(1) == b'<' && self.peek(2) != b'<' {
            self.at += 2;
            if self.peek(0) == b'-' {
                self.at += 1;
            }
            while matches!(self.peek(0), b' ' | b'\t') {
                self.at += 1;
            }
            let word = self.word(None);
            if !word.text.is_empty() {
                self.documents.push(word.text);
            }
            return false;
        }
        while matches!(self.peek(0), b'<' | b'>' | b'|' | b'&') {
            self.at += 1;
        }
        true
    }

    fn skip_documents(&mut self) {
        for end in std::mem::take(&mut self.documents) {
            while self.at < self.bytes.len() {
                let rest = self.text.get(self.at..).unwrap_or_default();
                let line = rest.split('\n').next().unwrap_or_default();
                self.at = (self.at + line.len() + 1).min(self.bytes.len());
                if line.trim() == end {
                    break;
                }
            }
        }
    }

    fn word(&mut self, until: Option<u8>) -> Word {
        let start = self.at;
        let mut word = Word::default();
        let mut in_double = false;
        while self.at < self.bytes.len() {
            let byte = self.peek(0);
            match byte {
                b'"' => {
                    in_double = !in_double;
                    self.at += 1;
                }
                b'\'' if !in_double => {
                    let rest = self.text.get(self.at + 1..).unwrap_or_default();
                    let end = rest.find('\'').unwrap_or(rest.len());
                    word.text.push_str(rest.get(..end).unwrap_or_default());
                    self.at = (self.at + end + 2).min(self.bytes.len());
                }
                b'\\' => {
                    if self.peek(1) == b'\n' {
                        if !in_double {
                            break;
                        }
                        self.at += 2;
                        continue;
                    }
                    self.at += 1;
                    self.take(&mut word.text);
                }
                b'$' if self.peek(1) == b'{' => self.braces(&mut word.text),
                b'$' if self.peek(1) == b'(' && self.peek(2) != b'(' => self.substitution(&mut word, 2, b')'),
                b'<' | b'>' if self.peek(1) == b'(' && !in_double => self.substitution(&mut word, 2, b')'),
                b'`' if until != Some(b'`') => self.substitution(&mut word, 1, b'`'),
                _ if in_double => self.take(&mut word.text),
                _ if Some(byte) == until => break,
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
                _ => self.take(&mut word.text),
            }
        }
        word.span = self.base + start..self.base + self.at.min(self.bytes.len());
        word
    }

    /// One character.
    fn take(&mut self, into: &mut String) {
        if let Some(letter) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            into.push(letter);
            self.at += letter.len_utf8();
        } else {
            self.at += 1;
        }
    }

    /// `${…}`, and `${{ … }}` of workflows, as written.
    fn braces(&mut self, into: &mut String) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let close: &[u8] = if rest.starts_with(b"${{") { b"}}" } else { b"}" };
        let near = rest.get(..rest.len().min(MAX_BRACES)).unwrap_or_default();
        let len = near.windows(close.len()).position(|at| at == close).map_or(2, |end| end + close.len());
        into.push_str(self.text.get(self.at..self.at + len).unwrap_or_default());
        self.at += len;
    }

    fn substitution(&mut self, word: &mut Word, open: usize, close: u8) {
        let start = self.at;
        self.at += open;
        if self.depth >= MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let inner = self.list(Some(close));
        self.depth -= 1;
        self.at = (self.at + 1).min(self.bytes.len());
        word.inner.extend(inner);
        word.text.push_str(self.text.get(start..self.at).unwrap_or_default());
    }
}

fn finished(pipeline: &mut Pipeline) -> Option<Pipeline> {
    let pipeline = std::mem::take(pipeline);
    (!pipeline.commands.is_empty()).then_some(pipeline)
}
