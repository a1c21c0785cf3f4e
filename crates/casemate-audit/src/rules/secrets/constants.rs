//! Texts that the code puts together from constants alone: what they say, and where they are written.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use casemate_python::syntax::{BinaryOp, Collection, Constant, Function, List, Module, Op, Piece, Span, Value};

/// A text made of constants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    /// What it says.
    pub(crate) text: String,
    /// The stretch of the source that it is written in, without the outermost quotes; of parts that stand apart, the
    /// longest.
    pub(crate) span: Span,
    /// Where its parts are written.
    pub(crate) written: Vec<Span>,
    /// Constants it is put together from.
    pub(crate) parts: usize,
    /// Whether something had to be decoded, turned round or looked up by number.
    pub(crate) is_encoded: bool,
}

impl Text {
    /// Whether the source does not show it as it is.
    pub(crate) fn is_rebuilt(&self) -> bool {
        self.is_encoded || self.parts > 1
    }
}

/// SECURITY: `a = a + a` doubles with every line; what is longer is no secret.
const MAX_LENGTH: usize = 16 * 1024;
const MAX_DEPTH: u32 = 48;
const MAX_ITEMS: usize = 4096;

/// Rebuilds texts of one module.
pub(crate) struct Rebuilder<'m> {
    module: &'m Module,
    /// Steps that are left; when they are used up, nothing more is rebuilt.
    steps: u32,
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

impl<'m> Rebuilder<'m> {
    pub(crate) fn new(module: &'m Module) -> Self {
        Self { module, steps: 200_000 }
    }

    /// The text a value is, if it is made of constants alone.
    pub(crate) fn text(&mut self, function: &Function, value: Value) -> Option<Text> {
        let mut text = self.at(function, value, 0).filter(|text| !text.text.is_empty())?;
        text.written.sort_unstable();
        text.written.dedup();
        text.span = place(self.module, &text.written);
        Some(text)
    }

    fn at(&mut self, function: &Function, value: Value, depth: u32) -> Option<Text> {
        self.steps = self.steps.checked_sub(1)?;
        if depth > MAX_DEPTH {
            return None;
        }
        let depth = depth + 1;
        let found = match function.op(value) {
            Op::Constant(Constant::Str(text) | Constant::Bytes(text)) => {
                let (span, parts) = inside(self.module, function.span_of(value));
                Text { text: self.module.string(text).to_owned(), written: vec![span], parts, ..Text::default() }
            }
            Op::Refine { of, .. } => self.at(function, of, depth)?,
            Op::Name(symbol) => {
                // A module constant, if that is what the name holds in the end.
                let body = self.module.functions.first()?;
                let at = body.exit.binary_search_by_key(&symbol, |(name, _)| *name).ok()?;
                let held = body.exit.get(at)?.1;
                if std::ptr::eq(body, function) && held.0 >= value.0 {
                    return None;
                }
                self.at(body, held, depth)?
            }
            Op::Binary { op: BinaryOp::Add, left, right } => {
                let left = self.at(function, left, depth)?;
                let right = self.at(function, right, depth)?;
                join([left, right])?
            }
            Op::Binary { op: BinaryOp::Mod, left, right } => {
                let template = self.at(function, left, depth)?;
                let given = match function.op(right) {
                    Op::Build { items, .. } => self.all(function, items, depth)?,
                    _ => vec![self.at(function, right, depth)?],
                };
                fill(&template, "%s", given)?
            }
            Op::Format(list) => {
                let mut parts = vec![Text {
                    written: vec![within_quotes(self.module, function.span_of(value))],
                    ..Text::default()
                }];
                for piece in function.format_pieces(list).iter().take(MAX_ITEMS) {
                    parts.push(match piece {
                        Piece::Literal(text) => {
                            Text { text: self.module.string(*text).to_owned(), parts: 1, ..Text::default() }
                        }
                        Piece::Hole(value) => self.at(function, *value, depth)?,
                    });
                }
                join(parts)?
            }
            Op::Subscript { of, index } => {
                if !self.is_backwards(function.span_of(index)) {
                    return None;
                }
                backwards(self.at(function, of, depth)?)
            }
            Op::Call { callee, arguments } => {
                let arguments = function.call_arguments(arguments);
                let given = |at: usize| arguments.get(at).map(|argument| argument.value);
                match function.op(callee) {
                    Op::Attribute { of, name } => {
                        let name = self.module.symbols.text(name);
                        self.method(function, value, of, name, given(0), arguments.len(), depth)?
                    }
                    Op::Name(name) => {
                        let name = self.module.symbols.text(name);
                        self.function(function, value, name, given(0)?, depth)?
                    }
                    Op::Import(_) => {
                        let written = self.module.slice(function.span_of(callee));
                        self.function(function, value, written, given(0)?, depth)?
                    }
                    _ => return None,
                }
            }
            _ => return None,
        };
        (found.text.len() <= MAX_LENGTH).then_some(found)
    }

    fn all(&mut self, function: &Function, items: List, depth: u32) -> Option<Vec<Text>> {
        let items = function.list(items);
        if items.len() > MAX_ITEMS {
            return None;
        }
        items.iter().map(|&item| self.at(function, item, depth)).collect()
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one call")]
    fn method(
        &mut self,
        function: &Function,
        call: Value,
        of: Value,
        name: &str,
        first: Option<Value>,
        count: usize,
        depth: u32,
    ) -> Option<Text> {
        match name {
            "decode" | "encode" if count <= 2 && !self.is_module(function, of) => self.at(function, of, depth),
            "strip" | "lstrip" | "rstrip" if count == 0 => {
                let text = self.at(function, of, depth)?;
                Some(Text { text: text.text.trim().to_owned(), ..text })
            }
            "join" => {
                let between = self.at(function, of, depth)?;
                self.joined(function, &between, first?, depth)
            }
            "format" => {
                let template = self.at(function, of, depth)?;
                let Op::Call { arguments, .. } = function.op(call) else { return None };
                let arguments: Vec<Value> =
                    function.call_arguments(arguments).iter().map(|argument| argument.value).collect();
                let given =
                    arguments.into_iter().map(|value| self.at(function, value, depth)).collect::<Option<Vec<_>>>()?;
                fill(&template, "{}", given)
            }
            "fromhex" => decoded(self.at(function, first?, depth)?, hex),
            _ if self.is_module(function, of) => self.function(function, call, name, first?, depth),
            _ => None,
        }
    }

    fn function(&mut self, function: &Function, call: Value, name: &str, first: Value, depth: u32) -> Option<Text> {
        let name = name.rsplit('.').next().unwrap_or(name);
        match name {
            "str" | "bytes" | "bytearray" if !self.holds_numbers(function, first) => self.at(function, first, depth),
            "bytes" | "bytearray" => self.numbers(function, first, depth),
            "chr" => match function.op(first) {
                Op::Constant(Constant::Int(number)) => {
                    let text = char::from_u32(u32::try_from(number).ok()?)?.to_string();
                    Some(Text {
                        text,
                        written: vec![function.span_of(call)],
                        parts: 1,
                        is_encoded: true,
                        ..Text::default()
                    })
                }
                _ => None,
            },
            "b64decode" | "urlsafe_b64decode" | "standard_b64decode" | "decodebytes" | "decodestring"
            | "a2b_base64" => decoded(self.at(function, first, depth)?, base64),
            "b16decode" | "unhexlify" | "a2b_hex" => decoded(self.at(function, first, depth)?, hex),
            "reversed" => Some(backwards(self.at(function, first, depth)?)),
            "decode" => {
                // `codecs.decode(text, "rot13")`
                let Op::Call { arguments, .. } = function.op(call) else { return None };
                let how = function.call_arguments(arguments).get(1)?.value;
                let how = self.module.constant_str(function, how)?.to_owned();
                let text = self.at(function, first, depth)?;
                match how.as_str() {
                    "rot13" | "rot_13" => {
                        Some(Text { text: text.text.chars().map(rot13).collect(), is_encoded: true, ..text })
                    }
                    "base64" => decoded(text, base64),
                    "hex" => decoded(text, hex),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `separator.join(of)`
    fn joined(&mut self, function: &Function, between: &Text, of: Value, depth: u32) -> Option<Text> {
        match function.op(of) {
            Op::Build { collection: Collection::List | Collection::Tuple, items } => {
                let values = function.list(items);
                if let [only] = values
                    && let Op::Call { callee, arguments } = function.op(*only)
                    && self.names(function, callee, "chr")
                    && let [argument] = function.call_arguments(arguments)
                    && let Op::Element(from) = function.op(argument.value)
                {
                    // `"".join(chr(n) for n in numbers)`
                    return self.numbers(function, from, depth);
                }
                let mut parts = Vec::new();
                for (at, part) in self.all(function, items, depth)?.into_iter().enumerate() {
                    if at > 0 && !between.text.is_empty() {
                        parts.push(Text { parts: 0, written: Vec::new(), ..between.clone() });
                    }
                    parts.push(part);
                }
                join(parts)
            }
            // `"".join(map(chr, numbers))`
            Op::Call { callee, arguments } => match function.call_arguments(arguments) {
                [how, numbers] if self.names(function, callee, "map") && self.names(function, how.value, "chr") => {
                    self.numbers(function, numbers.value, depth)
                }
                [one] if self.names(function, callee, "reversed") => {
                    Some(backwards(self.at(function, one.value, depth)?))
                }
                _ => None,
            },
            _ => {
                let text = self.at(function, of, depth)?;
                between.text.is_empty().then_some(text)
            }
        }
    }

    /// A list of character codes.
    fn numbers(&mut self, function: &Function, value: Value, depth: u32) -> Option<Text> {
        let (function, value) = self.held(function, value);
        let Op::Build { items, .. } = function.op(value) else { return None };
        let items = function.list(items);
        if items.len() > MAX_ITEMS || depth > MAX_DEPTH {
            return None;
        }
        let mut text = String::with_capacity(items.len());
        for &item in items {
            let Op::Constant(Constant::Int(number)) = function.op(item) else { return None };
            text.push(char::from_u32(u32::try_from(number).ok()?)?);
        }
        Some(Text { text, written: vec![function.span_of(value)], parts: 1, is_encoded: true, ..Text::default() })
    }

    fn holds_numbers(&self, function: &Function, value: Value) -> bool {
        let (function, value) = self.held(function, value);
        matches!(function.op(value), Op::Build { .. })
    }

    /// What a name of the module holds.
    fn held<'f>(&self, function: &'f Function, value: Value) -> (&'f Function, Value)
    where
        'm: 'f,
    {
        if let Op::Name(symbol) = function.op(value)
            && let Some(body) = self.module.functions.first()
            && let Ok(at) = body.exit.binary_search_by_key(&symbol, |(name, _)| *name)
            && let Some((_, held)) = body.exit.get(at)
        {
            return (body, *held);
        }
        (function, value)
    }

    fn names(&self, function: &Function, value: Value, wanted: &str) -> bool {
        matches!(function.op(value), Op::Name(name) if self.module.symbols.text(name) == wanted)
    }

    fn is_module(&self, function: &Function, value: Value) -> bool {
        match function.op(value) {
            Op::Import(_) => true,
            Op::Name(_) => {
                matches!(self.held(function, value), (held, value) if matches!(held.op(value), Op::Import(_)))
            }
            _ => false,
        }
    }

    fn is_backwards(&self, index: Span) -> bool {
        let mut written = self.module.slice(index).bytes().filter(|byte| !byte.is_ascii_whitespace());
        written.by_ref().take(4).eq(*b"::-1") && written.next().is_none()
    }
}

/// A string constant's text in the source, without its prefix and quotes, and of how many literals it consists.
fn inside(module: &Module, span: Span) -> (Span, usize) {
    let inner = within_quotes(module, span);
    let written = module.slice(inner);
    let quote = module.slice(span).trim_start_matches(|c: char| c.is_ascii_alphabetic()).chars().next().unwrap_or('"');
    // Two literals side by side are written with quotes between them; a triple-quoted one may hold quotes of its own.
    let is_triple =
        inner.start >= span.start + 3 && module.slice(span).ends_with("\"\"\"") || module.slice(span).ends_with("'''");
    let mut count = 1;
    if !is_triple {
        let mut escaped = false;
        let mut quotes = 0;
        for c in written.chars() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == quote => quotes += 1,
                _ => {}
            }
        }
        count += quotes / 2;
    }
    (inner, count)
}

fn within_quotes(module: &Module, span: Span) -> Span {
    let written = module.slice(span);
    let prefix = written.len() - written.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let rest = written.get(prefix..).unwrap_or_default();
    let quotes = if rest.starts_with("\"\"\"") || rest.starts_with("'''") { 3 } else { 1 };
    if !rest.starts_with(['"', '\'']) || rest.len() < 2 * quotes {
        return span;
    }
    let offset = |bytes: usize| u32::try_from(bytes).unwrap_or(0);
    let ends_in = if rest.ends_with("\"\"\"") || rest.ends_with("'''") { 3 } else { 1 };
    let (start, end) = (span.start + offset(prefix + quotes), span.end - offset(ends_in));
    if start <= end { Span { start, end } } else { span }
}

fn join(parts: impl IntoIterator<Item = Text>) -> Option<Text> {
    let mut whole: Option<Text> = None;
    for part in parts {
        match &mut whole {
            None => whole = Some(part),
            Some(whole) => {
                whole.text.push_str(&part.text);
                whole.parts += part.parts;
                whole.is_encoded |= part.is_encoded;
                whole.written.extend(part.written);
                if whole.text.len() > MAX_LENGTH {
                    return None;
                }
            }
        }
    }
    whole
}

/// One stretch around parts that stand together, or the longest of them when there is other code between them.
fn place(module: &Module, parts: &[Span]) -> Span {
    let (Some(first), Some(last)) = (parts.first(), parts.iter().max_by_key(|part| part.end)) else {
        return Span::default();
    };
    let is_joint = |pair: &[Span]| match pair {
        [before, after] => {
            let between = module.slice(Span { start: before.end.min(after.start), end: after.start });
            // A prefix such as `rb` may stand before a quote.
            between.chars().filter(|c| c.is_alphanumeric()).count() <= 2
        }
        _ => true,
    };
    if parts.windows(2).all(is_joint) {
        return Span { start: first.start, end: last.end };
    }
    parts.iter().copied().max_by_key(|part| part.end - part.start).unwrap_or_default()
}

/// A template with its holes filled.
fn fill(template: &Text, hole: &str, given: Vec<Text>) -> Option<Text> {
    if template.text.matches(hole).count() != given.len() {
        return None;
    }
    let mut whole = Text { text: String::new(), parts: template.parts, ..template.clone() };
    let mut between = template.text.split(hole);
    whole.text.push_str(between.next().unwrap_or_default());
    for (part, after) in given.into_iter().zip(between) {
        whole.text.push_str(&part.text);
        whole.text.push_str(after);
        whole.parts += part.parts;
        whole.is_encoded |= part.is_encoded;
        whole.written.extend(part.written);
        if whole.text.len() > MAX_LENGTH {
            return None;
        }
    }
    Some(whole)
}

fn backwards(text: Text) -> Text {
    Text { text: text.text.chars().rev().collect(), is_encoded: true, ..text }
}

fn decoded(text: Text, how: fn(&str) -> Option<String>) -> Option<Text> {
    Some(Text { text: how(&text.text)?, is_encoded: true, ..text })
}

/// Base64 of either alphabet, with or without its padding.
pub(crate) fn base64(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let is_url_safe = plain.contains(['-', '_']);
    let bytes = if is_url_safe { URL_SAFE.decode(plain) } else { STANDARD.decode(plain) }.ok()?;
    String::from_utf8(bytes).ok()
}

/// Pairs of hexadecimal digits.
pub(crate) fn hex(text: &str) -> Option<String> {
    let digits: Vec<u32> =
        text.chars().filter(|c| !c.is_ascii_whitespace()).map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let bytes: Option<Vec<u8>> =
        digits.chunks(2).map(|pair| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok()).collect();
    String::from_utf8(bytes?).ok()
}

fn rot13(c: char) -> char {
    let turned = |base: u8| char::from((c as u8 - base + 13) % 26 + base);
    match c {
        'a'..='z' => turned(b'a'),
        'A'..='Z' => turned(b'A'),
        _ => c,
    }
}
