//! A regular expression of Python as an automaton of its positions, and in how many ways it can match the same text.
//!
//! A backtracking matcher tries all ways before it gives up. Where a part that repeats can match one text in two ways,
//! they double with each repetition; where two parts that repeat can share a text, they grow with its length.
//! What is decided is decided on bounded graphs; a pattern that is too large, or uses what cannot be shown here (atomic
//! groups, conditions), is left alone.

use regex_syntax::ast::{self, Ast, parse::ParserBuilder};
use regex_syntax::hir::{Class, HirKind};

/// Longer patterns are tables of words, or generated.
const MAX_PATTERN: usize = 2000;
/// Positions of a pattern.
const MAX_POSITIONS: usize = 240;
/// A count up to which a part is written out as often as the pattern says.
const EXACT_COUNT: u32 = 16;
/// Copies of a part that is counted further, or of a pattern that is too large to be written out.
const MOST_COPIES: u32 = 3;
/// SECURITY: steps for one pattern. A pattern is part of what is audited and may be made to keep us busy.
const MAX_STEPS: usize = 1_500_000;
/// Stands for what the automaton does not know: references and assertions that look around.
const UNKNOWN: u8 = 0x80;

/// How a pattern is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) ignores_case: bool,
    pub(super) dot_is_all: bool,
    pub(super) is_verbose: bool,
    /// It has to match the whole text.
    pub(super) is_full: bool,
}

/// How the time to refuse a text grows with its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Growth {
    /// Doubles with each repetition.
    Exponential,
    /// With the square of the length, or more.
    Polynomial,
}

/// A pattern that can be kept busy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ambiguity {
    pub(super) growth: Growth,
    /// How many parts that repeat share one character: the power of the length with which the time grows.
    pub(super) power: usize,
    /// A text that does it: what comes first, what is repeated, and what makes it fail.
    pub(super) before: String,
    pub(super) repeated: String,
    pub(super) after: String,
}

impl Ambiguity {
    /// How fast the time grows, in words.
    pub(super) fn pace(&self) -> String {
        match self.power {
            0..=2 => "the square of its length or faster".to_owned(),
            3 => "the cube of its length".to_owned(),
            power => format!("its length to the power of {power}"),
        }
    }

    /// The text as Python writes it.
    pub(super) fn witness(&self) -> String {
        let times = if self.growth == Growth::Exponential { 40 } else { 50_000 };
        let mut shown = String::new();
        if !self.before.is_empty() {
            shown.push_str(&format!("{:?} + ", self.before));
        }
        shown.push_str(&format!("{:?} * {times}", self.repeated));
        if !self.after.is_empty() {
            shown.push_str(&format!(" + {:?}", self.after));
        }
        shown
    }
}

/// Whether matching a pattern can take far longer than reading the text.
pub(super) fn ambiguity(pattern: &str, flags: Flags) -> Option<Ambiguity> {
    let loops = pattern.bytes().filter(|byte| matches!(byte, b'*' | b'+' | b'{')).count();
    if pattern.len() > MAX_PATTERN || loops == 0 || loops == 1 && !pattern.contains(['|', '?']) {
        return None;
    }
    let (translated, is_exact) = translate(pattern, flags.is_verbose)?;
    let ast =
        ParserBuilder::new().ignore_whitespace(flags.is_verbose).nest_limit(100).build().parse(&translated).ok()?;
    // What is counted keeps its length where there is room: `x{6}|x{3}` takes each text in one way.
    let build = |exact| {
        let mut builder = Builder { text: &translated, flags, exact, sets: Vec::new(), follow: Vec::new(), depth: 0 };
        builder.part(&ast, false).map(|whole| (builder, whole))
    };
    let (builder, whole) = build(EXACT_COUNT).or_else(|| build(MOST_COPIES))?;
    let automaton = Automaton { sets: builder.sets, follow: builder.follow, first: whole.first };
    let mut steps = MAX_STEPS;
    let fails = Refusal::new(&translated, flags, is_exact);
    automaton.exponential(&mut steps, &fails).or_else(|| automaton.polynomial(&mut steps, &fails))
}

/// What Python writes otherwise, as the parser reads it; bytes stand for characters. Also whether nothing was left out.
fn translate(pattern: &str, is_verbose: bool) -> Option<(String, bool)> {
    let mut foreign: Vec<char> = pattern.chars().filter(|c| !c.is_ascii()).collect();
    foreign.sort_unstable();
    foreign.dedup();
    let characters: Vec<char> = pattern.chars().collect();
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut is_exact = true;
    let mut at = 0;
    let mut in_class = false;
    let mut class_start = 0;
    let mut after_quantifier = false;
    let peek = |at: usize| characters.get(at).copied();
    let unknown = |out: &mut String| out.push_str("\\x80");
    while let Some(c) = peek(at) {
        let was_quantifier = std::mem::take(&mut after_quantifier);
        at += 1;
        match c {
            '\\' => {
                let escaped = peek(at)?;
                at += 1;
                match escaped {
                    'Z' if !in_class => out.push_str("\\z"),
                    'b' if in_class => out.push_str("\\x08"),
                    'A' | 'b' | 'B' | 'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 'r' | 't' | 'f' | 'v' | 'a' | 'x' => {
                        out.push('\\');
                        out.push(escaped);
                    }
                    '0' => out.push_str("\\x00"),
                    '1'..='9' if !in_class => {
                        while peek(at).is_some_and(|c| c.is_ascii_digit()) {
                            at += 1;
                        }
                        is_exact = false;
                        unknown(&mut out);
                    }
                    c if c.is_ascii_alphanumeric() => return None,
                    c if c.is_ascii_punctuation() && !matches!(c, '<' | '>') => {
                        out.push('\\');
                        out.push(c);
                    }
                    ' ' if is_verbose => out.push_str("\\x20"),
                    c if c.is_ascii() => out.push(c),
                    c => push_foreign(&mut out, c, &foreign)?,
                }
            }
            c if !c.is_ascii() => push_foreign(&mut out, c, &foreign)?,
            ']' if in_class && at > class_start => {
                in_class = false;
                out.push(']');
            }
            ']' if in_class => out.push_str("\\]"),
            '[' | '&' | '~' | '#' | ' ' if in_class => match c {
                ' ' => out.push_str("\\x20"),
                '#' => out.push_str("\\x23"),
                c => {
                    out.push('\\');
                    out.push(c);
                }
            },
            '-' if in_class && (peek(at) == Some('-') || out.ends_with('-')) => out.push_str("\\-"),
            c if in_class => out.push(c),
            '[' => {
                in_class = true;
                out.push('[');
                if peek(at) == Some('^') {
                    out.push('^');
                    at += 1;
                }
                // The first bracket closes nothing.
                class_start = at + 1;
            }
            '(' if peek(at) == Some('?') => match (peek(at + 1)?, peek(at + 2)) {
                (':', _) => {
                    out.push_str("(?:");
                    at += 2;
                }
                ('P', Some('<')) => {
                    let end = characters.get(at..)?.iter().position(|&c| c == '>')?;
                    out.push('(');
                    at += end + 1;
                }
                ('P', Some('=')) | ('=' | '!', _) | ('<', Some('=' | '!')) => {
                    at = group_end(&characters, at)?;
                    is_exact = false;
                    unknown(&mut out);
                }
                ('#', _) => at = characters.get(at..)?.iter().position(|&c| c == ')')? + at + 1,
                (flag, _) if flag.is_ascii_lowercase() || flag == '-' || flag == 'L' => {
                    out.push_str("(?");
                    at += 1;
                    while let Some(c) = peek(at).filter(|c| c.is_ascii_alphabetic() || *c == '-') {
                        if !matches!(c, 'a' | 'L' | 'u') {
                            out.push(c);
                        }
                        at += 1;
                    }
                    if out.ends_with('?') {
                        // `(?u)` says nothing here.
                        if peek(at) == Some(')') {
                            at += 1;
                            out.truncate(out.len() - 2);
                        } else {
                            return None;
                        }
                    }
                }
                _ => return None,
            },
            '{' => {
                let rest: String = characters.get(at..)?.iter().take(16).collect();
                match rest.find('}').map(|end| rest.get(..end).unwrap_or_default()) {
                    Some(inside) if is_counts(inside) => {
                        at += inside.len() + 1;
                        out.push('{');
                        if inside.starts_with(',') {
                            out.push('0');
                        }
                        out.push_str(inside);
                        out.push('}');
                        after_quantifier = true;
                    }
                    _ => out.push_str("\\{"),
                }
            }
            '}' => out.push_str("\\}"),
            // Possessive: it gives nothing back.
            '+' if was_quantifier => return None,
            '*' | '+' => {
                out.push(c);
                after_quantifier = true;
            }
            '?' => {
                out.push('?');
                after_quantifier = !was_quantifier;
            }
            c => out.push(c),
        }
    }
    Some((out, is_exact))
}

fn push_foreign(out: &mut String, c: char, foreign: &[char]) -> Option<()> {
    // In their order, so that ranges stay ranges.
    let place = u8::try_from(foreign.binary_search(&c).ok()?).ok()?;
    let byte = place.checked_add(0x81)?;
    out.push_str(&format!("\\x{byte:02X}"));
    Some(())
}

fn is_counts(inside: &str) -> bool {
    let (low, high) = inside.split_once(',').unwrap_or((inside, "0"));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    is_number(low) && is_number(high) && (!low.is_empty() || inside.contains(',') && !high.is_empty())
}

/// Behind the bracket that closes a group; `at` is behind the one that opens it.
fn group_end(characters: &[char], at: usize) -> Option<usize> {
    let mut depth = 1;
    let mut in_class = false;
    let mut at = at;
    while let Some(&c) = characters.get(at) {
        at += 1;
        match c {
            '\\' => at += 1,
            '[' if !in_class => {
                in_class = true;
                at += usize::from(characters.get(at) == Some(&'^'));
                at += usize::from(characters.get(at) == Some(&']'));
            }
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bytes([u64; 4]);

impl Bytes {
    fn add(&mut self, low: u8, high: u8) {
        for byte in low..=high {
            self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
    }

    fn and(self, other: Self) -> Self {
        let mut both = self;
        for (mine, theirs) in both.0.iter_mut().zip(other.0) {
            *mine &= theirs;
        }
        both
    }

    fn is_empty(self) -> bool {
        self.0 == [0; 4]
    }

    fn has(self, byte: u8) -> bool {
        self.0.get(usize::from(byte >> 6)).is_some_and(|word| word & (1 << (byte & 63)) != 0)
    }

    /// A member that reads well.
    fn example(self) -> Option<u8> {
        readable().chain(0..=255).find(|&byte| self.has(byte))
    }

    /// What is no member and reads well.
    fn other(self) -> Option<u8> {
        readable().find(|&byte| !self.has(byte))
    }
}

/// Characters for the eye, the plainest first.
fn readable() -> impl Iterator<Item = u8> {
    (b'a'..=b'z').chain(b'0'..=b'9').chain(b'A'..=b'Z').chain(b' '..=b'~')
}

/// A part of a pattern, by the positions it can begin and end with.
#[derive(Clone, Debug, Default)]
struct Part {
    /// It may match nothing.
    is_nullable: bool,
    /// It matches never, as far as the automaton knows.
    is_dead: bool,
    /// Something in it repeats without bound.
    has_loop: bool,
    first: Vec<usize>,
    last: Vec<usize>,
}

struct Builder<'p> {
    text: &'p str,
    flags: Flags,
    /// A count up to which a part is written out.
    exact: u32,
    sets: Vec<Bytes>,
    /// What can come behind a position, and whether in more than one way.
    follow: Vec<Vec<(usize, bool)>>,
    depth: u32,
}

impl Builder<'_> {
    fn part(&mut self, ast: &Ast, in_loop: bool) -> Option<Part> {
        self.depth += 1;
        let part = if self.depth > 120 { None } else { self.part_of(ast, in_loop) };
        self.depth -= 1;
        part
    }

    fn part_of(&mut self, ast: &Ast, in_loop: bool) -> Option<Part> {
        let nothing = Part { is_nullable: true, ..Part::default() };
        let never = Part { is_dead: true, ..Part::default() };
        match ast {
            Ast::Empty(_) => Some(nothing),
            Ast::Flags(flags) => {
                for item in &flags.flags.items {
                    if let ast::FlagsItemKind::Flag(flag) = item.kind {
                        match flag {
                            ast::Flag::CaseInsensitive => self.flags.ignores_case = true,
                            ast::Flag::DotMatchesNewLine => self.flags.dot_is_all = true,
                            _ => {}
                        }
                    }
                }
                Some(nothing)
            }
            // Within a loop an assertion may be what keeps its ways apart.
            Ast::Assertion(_) => Some(if in_loop { never } else { nothing }),
            Ast::Group(group) => self.part(&group.ast, in_loop),
            Ast::Alternation(all) => {
                let mut joined = Part { is_dead: true, ..Part::default() };
                for one in &all.asts {
                    let part = self.part(one, in_loop)?;
                    if part.is_dead {
                        continue;
                    }
                    joined.is_dead = false;
                    joined.is_nullable |= part.is_nullable;
                    joined.has_loop |= part.has_loop;
                    joined.first.extend(part.first);
                    joined.last.extend(part.last);
                }
                Some(joined)
            }
            Ast::Concat(all) => {
                let mut joined = nothing;
                for one in &all.asts {
                    let part = self.part(one, in_loop)?;
                    joined = self.then(joined, part)?;
                }
                Some(joined)
            }
            Ast::Repetition(repetition) => self.repeated(repetition, in_loop),
            Ast::Literal(_) | Ast::Dot(_) | Ast::ClassUnicode(_) | Ast::ClassPerl(_) | Ast::ClassBracketed(_) => {
                let set = self.set_of(ast)?;
                let mut unknown = Bytes::default();
                unknown.add(UNKNOWN, UNKNOWN);
                if set == unknown {
                    return Some(if in_loop { never } else { nothing });
                }
                if self.sets.len() >= MAX_POSITIONS {
                    return None;
                }
                let position = self.sets.len();
                self.sets.push(set);
                self.follow.push(Vec::new());
                Some(Part { first: vec![position], last: vec![position], ..Part::default() })
            }
        }
    }

    /// What a single character of the pattern stands for.
    fn set_of(&self, ast: &Ast) -> Option<Bytes> {
        let span = ast.span();
        let written = self.text.get(span.start.offset..span.end.offset)?;
        let hir = regex_syntax::ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .case_insensitive(self.flags.ignores_case)
            .dot_matches_new_line(self.flags.dot_is_all)
            .build()
            .parse(written)
            .ok()?;
        let mut set = Bytes::default();
        match hir.kind() {
            HirKind::Literal(literal) => match *literal.0 {
                [byte] => set.add(byte, byte),
                _ => return None,
            },
            HirKind::Class(Class::Bytes(class)) => class.iter().for_each(|range| set.add(range.start(), range.end())),
            HirKind::Class(Class::Unicode(class)) => {
                for range in class.iter() {
                    let byte = |c: char| u8::try_from(u32::from(c)).unwrap_or(u8::MAX);
                    set.add(byte(range.start()), byte(range.end()));
                }
            }
            _ => return None,
        }
        Some(set)
    }

    fn then(&mut self, before: Part, after: Part) -> Option<Part> {
        if before.is_dead || after.is_dead {
            return Some(Part { is_dead: true, ..Part::default() });
        }
        self.link(&before.last, &after.first);
        let mut first = before.first;
        if before.is_nullable {
            first.extend(&after.first);
        }
        let mut last = after.last;
        if after.is_nullable {
            last.extend(&before.last);
        }
        Some(Part {
            is_nullable: before.is_nullable && after.is_nullable,
            is_dead: false,
            has_loop: before.has_loop || after.has_loop,
            first,
            last,
        })
    }

    fn link(&mut self, from: &[usize], to: &[usize]) {
        for &one in from {
            let Some(follow) = self.follow.get_mut(one) else { continue };
            for &other in to {
                match follow.iter_mut().find(|(known, _)| *known == other) {
                    Some((_, is_twice)) => *is_twice = true,
                    None => follow.push((other, false)),
                }
            }
        }
    }

    fn repeated(&mut self, repetition: &ast::Repetition, in_loop: bool) -> Option<Part> {
        use ast::{RepetitionKind, RepetitionRange};
        let (least, most) = match &repetition.op.kind {
            RepetitionKind::ZeroOrOne => (0, Some(1)),
            RepetitionKind::ZeroOrMore => (0, None),
            RepetitionKind::OneOrMore => (1, None),
            RepetitionKind::Range(RepetitionRange::Exactly(count)) => (*count, Some(*count)),
            RepetitionKind::Range(RepetitionRange::AtLeast(least)) => (*least, None),
            RepetitionKind::Range(RepetitionRange::Bounded(least, most)) => (*least, Some(*most)),
        };
        let inside = |builder: &mut Self| builder.part(&repetition.ast, in_loop || most.is_none_or(|most| most > 1));
        if most == Some(0) {
            return Some(Part { is_nullable: true, ..Part::default() });
        }
        let first = inside(self)?;
        // A bounded repetition of something unbounded is as good as unbounded.
        let is_loop = most.is_none_or(|most| most >= 8 && first.has_loop);
        if is_loop {
            return Some(self.looped(first, least == 0));
        }
        // What is optional nests, `x(x(x)?)?`, so that each text still has one way through it.
        let required = if least <= self.exact { least } else { least.min(MOST_COPIES) };
        let optional =
            most.unwrap_or(least).saturating_sub(least).min(MOST_COPIES.saturating_sub(required.min(MOST_COPIES)));
        let mut unused = Some(first);
        let mut next = |builder: &mut Self| match unused.take() {
            Some(part) => Some(part),
            None => inside(builder),
        };
        let mut whole = Part { is_nullable: true, ..Part::default() };
        for _ in 0..optional {
            let one = next(self)?;
            whole = self.then(one, whole)?;
            whole.is_nullable = true;
        }
        for _ in 0..required {
            let one = next(self)?;
            whole = self.then(one, whole)?;
        }
        Some(whole)
    }

    fn looped(&mut self, part: Part, or_nothing: bool) -> Part {
        if part.is_dead {
            return Part { is_nullable: or_nothing, is_dead: !or_nothing, ..part };
        }
        self.link(&part.last.clone(), &part.first);
        Part { is_nullable: part.is_nullable || or_nothing, has_loop: true, ..part }
    }
}

/// Asks whether a text is refused, which is when all ways are tried.
struct Refusal {
    regex: Option<regex::bytes::Regex>,
    is_exact: bool,
}

impl Refusal {
    fn new(translated: &str, flags: Flags, is_exact: bool) -> Self {
        // A search tries the same at every place, the first one first.
        let whole = if flags.is_full { format!("\\A(?:{translated})\\z") } else { format!("\\A(?:{translated})") };
        let regex = regex::bytes::RegexBuilder::new(&whole)
            .unicode(false)
            .case_insensitive(flags.ignores_case)
            .dot_matches_new_line(flags.dot_is_all)
            .ignore_whitespace(flags.is_verbose)
            .size_limit(1 << 20)
            .build();
        Self { regex: regex.ok(), is_exact }
    }

    /// What to put behind a text so that it is refused; `strange` are characters that some place of the pattern does
    /// not take.
    fn after(&self, text: &[u8], strange: &[u8]) -> Option<Vec<u8>> {
        let regex = self.regex.as_ref()?;
        if !self.is_exact {
            // What looks around is not known; a character few patterns expect will do.
            return Some(b"\x01".to_vec());
        }
        let usual = [&b""[..], b"!", b"\n\n", b"\x01", b"~", b" !", b"x", b"0"];
        usual.into_iter().chain(strange.chunks(1)).find_map(|end| {
            let mut whole = text.to_vec();
            whole.extend_from_slice(end);
            (!regex.is_match(&whole)).then(|| end.to_vec())
        })
    }
}

struct Automaton {
    sets: Vec<Bytes>,
    follow: Vec<Vec<(usize, bool)>>,
    first: Vec<usize>,
}

impl Automaton {
    fn set(&self, position: usize) -> Bytes {
        self.sets.get(position).copied().unwrap_or_default()
    }

    fn next(&self, position: usize) -> &[(usize, bool)] {
        self.follow.get(position).map_or(&[], Vec::as_slice)
    }

    /// The circle each position belongs to; positions that come back to themselves nowhere have none.
    fn circles(&self) -> Vec<Option<usize>> {
        let count = self.sets.len();
        let successors = |node: usize| self.next(node).iter().map(|(next, _)| *next).collect();
        let components =
            components(count, (0..count).collect(), &successors, &mut MAX_STEPS.clone()).unwrap_or_default();
        let mut size = vec![0_usize; count];
        components.iter().flatten().for_each(|&circle| {
            if let Some(size) = size.get_mut(circle) {
                *size += 1;
            }
        });
        components
            .iter()
            .enumerate()
            .map(|(position, circle)| {
                let own = self.next(position).iter().any(|(next, _)| *next == position);
                circle.filter(|&circle| own || size.get(circle).is_some_and(|&size| size > 1))
            })
            .collect()
    }

    /// A text that leads from the beginning to a position.
    fn before(&self, target: usize) -> Option<Vec<u8>> {
        let successors = |node: usize| -> Vec<usize> { self.next(node).iter().map(|(next, _)| *next).collect() };
        let way = way(&self.first, &|node| node == target, &successors, &mut MAX_STEPS.clone())?;
        way.into_iter().map(|position| self.set(position).example()).collect()
    }

    fn told(&self, growth: Growth, at: usize, repeated: Vec<u8>, fails: &Refusal) -> Option<Ambiguity> {
        if repeated.is_empty() {
            return None;
        }
        let before = self.before(at)?;
        let mut text = before.clone();
        for _ in 0..8 {
            text.extend_from_slice(&repeated);
        }
        let mut strange: Vec<u8> = self.sets.iter().filter_map(|set| set.other()).collect();
        strange.sort_unstable();
        strange.dedup();
        let after = fails.after(&text, &strange)?;
        let shown = |bytes: Vec<u8>| bytes.into_iter().map(char::from).collect::<String>();
        let power = if growth == Growth::Polynomial { self.power() } else { 0 };
        Some(Ambiguity { growth, power, before: shown(before), repeated: shown(repeated), after: shown(after) })
    }

    /// The most positions that each repeat one and the same character and follow each other over that character alone.
    fn power(&self) -> usize {
        let circles = self.circles();
        let repeats = |at: usize| self.next(at).iter().any(|(next, _)| *next == at);
        let mut characters: Vec<u8> =
            (0..self.sets.len()).filter(|&at| repeats(at)).filter_map(|at| self.set(at).example()).collect();
        characters.extend(b" \t-.,/0a".iter());
        characters.sort_unstable();
        characters.dedup();
        let mut most = 0;
        for character in characters {
            // The length of the longest chain that begins at each position; what comes later in the text has a higher number.
            let mut chains = vec![0_usize; self.sets.len()];
            for at in (0..self.sets.len()).rev() {
                if !self.set(at).has(character) {
                    continue;
                }
                let circle = circles.get(at).copied().flatten();
                let is_behind =
                    |next: usize| next > at && (circle.is_none() || circle != circles.get(next).copied().flatten());
                let behind = self.next(at).iter().filter(|(next, _)| is_behind(*next));
                let longest = behind.filter_map(|(next, _)| chains.get(*next)).copied().max().unwrap_or(0);
                let chain = longest + usize::from(repeats(at));
                most = most.max(chain);
                if let Some(place) = chains.get_mut(at) {
                    *place = chain;
                }
            }
        }
        most
    }

    /// A position that comes back to itself over one text in two ways.
    fn exponential(&self, steps: &mut usize, fails: &Refusal) -> Option<Ambiguity> {
        let circles = self.circles();
        let same = |a: usize, b: usize| circles.get(a).copied().flatten().is_some() && circles.get(a) == circles.get(b);
        let count = self.sets.len();
        // One step that can be taken in two ways.
        for position in 0..count {
            for &(next, is_twice) in self.next(position) {
                if is_twice && same(position, next) {
                    let successors = |node: usize| -> Vec<usize> {
                        self.next(node).iter().map(|(to, _)| *to).filter(|&to| same(node, to)).collect()
                    };
                    let back = way(&[next], &|node| node == position, &successors, steps)?;
                    let repeated: Option<Vec<u8>> = back.into_iter().map(|at| self.set(at).example()).collect();
                    if let Some(found) = self.told(Growth::Exponential, position, repeated?, fails) {
                        return Some(found);
                    }
                }
            }
        }
        // Two ways side by side.
        let pair = |a: usize, b: usize| a * count + b;
        let successors = |node: usize| -> Vec<usize> {
            let (a, b) = (node / count, node % count);
            let mut found = Vec::new();
            for &(to_a, _) in self.next(a).iter().filter(|(to, _)| same(a, *to)) {
                for &(to_b, _) in self.next(b).iter().filter(|(to, _)| same(b, *to)) {
                    if !self.set(to_a).and(self.set(to_b)).is_empty() {
                        found.push(pair(to_a, to_b));
                    }
                }
            }
            found
        };
        let diagonal: Vec<usize> =
            (0..count).filter(|&at| circles.get(at).copied().flatten().is_some()).map(|at| pair(at, at)).collect();
        let components = components(count * count, diagonal.clone(), &successors, steps)?;
        for &start in &diagonal {
            let Some(component) = components.get(start).copied().flatten() else { continue };
            let in_component = |node: usize| components.get(node).copied().flatten() == Some(component);
            let apart = (0..count * count).find(|&node| node / count != node % count && in_component(node));
            let Some(apart) = apart else { continue };
            let within =
                |node: usize| -> Vec<usize> { successors(node).into_iter().filter(|&to| in_component(to)).collect() };
            let there = way(&within(start), &|node| node == apart, &within, steps)?;
            let back = way(&within(apart), &|node| node == start, &within, steps)?;
            let repeated: Option<Vec<u8>> = there
                .into_iter()
                .chain(back)
                .map(|node| self.set(node / count).and(self.set(node % count)).example())
                .collect();
            if let Some(found) = self.told(Growth::Exponential, start / count, repeated?, fails) {
                return Some(found);
            }
        }
        None
    }

    /// Two positions that each come back to themselves over a text that also leads from one to the other.
    fn polynomial(&self, steps: &mut usize, fails: &Refusal) -> Option<Ambiguity> {
        let circles = self.circles();
        let count = self.sets.len();
        let circle = |at: usize| circles.get(at).copied().flatten();
        let looping: Vec<usize> = (0..count).filter(|&at| circle(at).is_some()).collect();
        if looping.len() > 40 {
            return None;
        }
        for &from in &looping {
            for &to in &looping {
                if circle(from) == circle(to) {
                    continue;
                }
                let number = |a: usize, b: usize, c: usize| (a * count + b) * count + c;
                let successors = |node: usize| -> Vec<usize> {
                    let (a, b, c) = (node / count / count, node / count % count, node % count);
                    let mut found = Vec::new();
                    for &(a, _) in self.next(a).iter().filter(|(next, _)| circle(*next) == circle(from)) {
                        for &(c, _) in self.next(c).iter().filter(|(next, _)| circle(*next) == circle(to)) {
                            let both = self.set(a).and(self.set(c));
                            if both.is_empty() {
                                continue;
                            }
                            for &(b, _) in self.next(b) {
                                if !both.and(self.set(b)).is_empty() {
                                    found.push(number(a, b, c));
                                }
                            }
                        }
                    }
                    found
                };
                let start = number(from, from, to);
                let end = number(from, to, to);
                let Some(found) = way(&successors(start), &|node| node == end, &successors, steps) else {
                    if *steps == 0 {
                        return None;
                    }
                    continue;
                };
                let repeated: Option<Vec<u8>> = found
                    .into_iter()
                    .map(|node| {
                        let (a, b, c) = (node / count / count, node / count % count, node % count);
                        self.set(a).and(self.set(b)).and(self.set(c)).example()
                    })
                    .collect();
                if let Some(found) = self.told(Growth::Polynomial, from, repeated?, fails) {
                    return Some(found);
                }
            }
        }
        None
    }
}

type Successors<'s> = dyn Fn(usize) -> Vec<usize> + 's;

/// The strongly connected component of each node that can be reached from the roots.
fn components(
    count: usize,
    roots: Vec<usize>,
    successors: &Successors<'_>,
    steps: &mut usize,
) -> Option<Vec<Option<usize>>> {
    let mut index = vec![usize::MAX; count];
    let mut low = vec![usize::MAX; count];
    let mut component: Vec<Option<usize>> = vec![None; count];
    let mut on_stack = vec![false; count];
    let (mut stack, mut number, mut made) = (Vec::new(), 0, 0);
    for root in roots {
        if index.get(root).is_none_or(|&index| index != usize::MAX) {
            continue;
        }
        let mut work: Vec<(usize, Vec<usize>, usize)> = Vec::new();
        let enter = |node: usize,
                     index: &mut Vec<usize>,
                     low: &mut Vec<usize>,
                     stack: &mut Vec<usize>,
                     on_stack: &mut Vec<bool>,
                     number: &mut usize| {
            index[node] = *number;
            low[node] = *number;
            *number += 1;
            stack.push(node);
            on_stack[node] = true;
        };
        enter(root, &mut index, &mut low, &mut stack, &mut on_stack, &mut number);
        work.push((root, successors(root), 0));
        while let Some((node, next, at)) = work.pop() {
            *steps = steps.checked_sub(1)?;
            if let Some(&to) = next.get(at) {
                work.push((node, next, at + 1));
                if index[to] == usize::MAX {
                    enter(to, &mut index, &mut low, &mut stack, &mut on_stack, &mut number);
                    work.push((to, successors(to), 0));
                } else if on_stack[to] {
                    low[node] = low[node].min(index[to]);
                }
                continue;
            }
            if low[node] == index[node] {
                while let Some(top) = stack.pop() {
                    on_stack[top] = false;
                    component[top] = Some(made);
                    if top == node {
                        break;
                    }
                }
                made += 1;
            }
            if let Some((parent, ..)) = work.last() {
                low[*parent] = low[*parent].min(low[node]);
            }
        }
    }
    Some(component)
}

/// The shortest way from one of the starts to an end, both included.
fn way(
    starts: &[usize],
    is_end: &dyn Fn(usize) -> bool,
    successors: &Successors<'_>,
    steps: &mut usize,
) -> Option<Vec<usize>> {
    let mut came_from: rustc_hash::FxHashMap<usize, usize> = rustc_hash::FxHashMap::default();
    let mut queue = std::collections::VecDeque::new();
    for &start in starts {
        if came_from.insert(start, usize::MAX).is_none() {
            queue.push_back(start);
        }
    }
    while let Some(node) = queue.pop_front() {
        if is_end(node) {
            let mut found = vec![node];
            let mut at = node;
            while let Some(&before) = came_from.get(&at).filter(|before| **before != usize::MAX) {
                found.push(before);
                at = before;
            }
            found.reverse();
            return Some(found);
        }
        for next in successors(node) {
            *steps = steps.checked_sub(1)?;
            if let std::collections::hash_map::Entry::Vacant(entry) = came_from.entry(next) {
                entry.insert(node);
                queue.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn growth(pattern: &str) -> Option<Growth> {
        ambiguity(pattern, Flags::default()).map(|found| found.growth)
    }

    #[test]
    fn what_repeats_in_two_ways_is_exponential() {
        for pattern in [
            "^(a+)+$",
            r"(\w+\s?)*$",
            "^(a|aa)+$",
            r"^(.|\s)*x$",
            r"^([a-z]+)*\d$",
            r"(a*)*b",
            r"^(?:\d+,?)+$",
            r"^(([a-z])+.)+[A-Z]$",
            r"^(a?){1,50}b(a|a)*c",
            r"(x+x+)+y",
            r"^(\d{1,3}|\d)*z",
            r"^[^#]+(?:-[^#]+)*$",
        ] {
            assert_eq!(growth(pattern), Some(Growth::Exponential), "{pattern}");
        }
    }

    #[test]
    fn neighbours_that_share_are_polynomial() {
        for pattern in [r"^\s*.*\s*x$", r"^\d+\d+$", r"^.*,.*,.*;$", r"^[a-z]*[a-c]*\d$"] {
            assert_eq!(growth(pattern), Some(Growth::Polynomial), "{pattern}");
        }
    }

    #[test]
    fn what_matches_in_one_way_is_neither() {
        for pattern in [
            r"^(\d{4}-)*\d{2}$",
            r"^[a-z]+(?:-[a-z]+)*$",
            r"^(?:[^,]+,)*[^,]+$",
            r"^\s*\w+\s*=\s*\d+$",
            r"^\w+@\w+\.com$",
            r"^(a|b)*c$",
            r"^(?:\d+\.)+\d+$",
            r#""(?:[^"\\]|\\.)*""#,
            r"^(ab*)+$",
            r"^\d{1,3}(?:,\d{3})*$",
            "^(?:a++)+$",
            r"^(\w+\b)+x$",
            r"(a+)+",
            r"^[A-Z]{2,5}[0-9]{1,4}$",
            r"^[\w.]+@\w(?:[\w-]{0,61}\w)?(?:\.\w(?:[\w-]{0,61}\w)?)*$",
        ] {
            assert_eq!(growth(pattern), None, "{pattern} {:?}", ambiguity(pattern, Flags::default()));
        }
    }

    #[test]
    fn a_witness_is_refused() {
        let found = ambiguity("^(a+)+$", Flags::default()).unwrap();

        assert_eq!(found.repeated, "a");
        assert!(!found.after.is_empty());
        assert!(found.witness().starts_with("\"a\" + \"a\" * 40 + "), "{}", found.witness());
    }

    #[test]
    fn hostile_patterns_end() {
        let nested = format!("{}a{}", "(".repeat(300), ")*".repeat(300));
        let wide = format!("^({})*$", (0..200).map(|_| "a*").collect::<Vec<_>>().join("|"));
        let long = format!("^({})*x", r"\w*\d+".repeat(60));
        let counted = "((a{1,1000}){1,1000}){1,1000}b";
        for pattern in [
            nested.as_str(),
            wide.as_str(),
            long.as_str(),
            counted,
            "(",
            "[",
            "(?P<",
            "(?<=",
            "a{",
            "\\",
            "[^",
            "(?",
            "[]",
            "x{,}",
            "(?#",
            "é[é-ü]+(é+)+",
            "(?i",
            "(?u)(?u:a)",
        ] {
            let _ = ambiguity(pattern, Flags::default());
        }
    }
}
