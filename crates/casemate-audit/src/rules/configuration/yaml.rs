//! YAML as a tree that knows where everything stands.

use std::borrow::Cow;
use std::ops::Range;

use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Marker, Parser};

/// Deeper files are no configuration anybody wrote.
const MAX_DEPTH: usize = 100;

/// Nodes that aliases may add to a file. SECURITY: aliases of aliases grow without bound.
const MAX_COPIES: usize = 20_000;

/// Something written in YAML.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where it stands, quotes and the mark of a block included.
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// The documents of a file, as far as they could be read.
#[derive(Debug, Default)]
pub(crate) struct Yaml {
    pub(crate) documents: Vec<Node>,
    /// Where reading ended before the end, and why.
    pub(crate) problem: Option<(usize, String)>,
}

impl Node {
    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Value::Scalar(text) = &self.value { Some(text) } else { None }
    }

    /// Whether it says `text`, whatever the case of its letters.
    pub(crate) fn says(&self, text: &str) -> bool {
        self.text().is_some_and(|written| written.eq_ignore_ascii_case(text))
    }

    pub(crate) fn is_true(&self) -> bool {
        self.text().is_some_and(|text| matches!(text, "true" | "True" | "TRUE" | "yes" | "on" | "1"))
    }

    /// The entries of a list.
    pub(crate) fn items(&self) -> &[Node] {
        if let Value::List(items) = &self.value { items } else { &[] }
    }

    /// The entries of a mapping as written.
    pub(crate) fn entries(&self) -> &[(Node, Node)] {
        if let Value::Map(entries) = &self.value { entries } else { &[] }
    }

    /// The entry of a mapping with its key, also one that is merged in.
    pub(crate) fn entry(&self, key: &str) -> Option<(&Node, &Node)> {
        let merged = self.entries().iter().filter(|(name, _)| name.text() == Some("<<")).map(|(_, value)| value);
        let merged = merged.flat_map(|value| std::iter::once(value).chain(value.items()));
        std::iter::once(self).chain(merged).find_map(|node| node.own(key))
    }

    fn own(&self, key: &str) -> Option<(&Node, &Node)> {
        self.entries().iter().find(|(name, _)| name.text() == Some(key)).map(|(key, value)| (key, value))
    }

    /// The value of a mapping at this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A scalar, or the scalars of a list.
    pub(crate) fn texts(&self) -> Vec<&Node> {
        match &self.value {
            Value::Scalar(_) => vec![self],
            Value::List(items) => items.iter().filter(|item| item.text().is_some()).collect(),
            Value::Map(_) => Vec::new(),
        }
    }

    /// Every node below this one, and itself.
    pub(crate) fn walk<'n>(&'n self, visit: &mut dyn FnMut(&'n Node)) {
        let mut left = vec![self];
        while let Some(node) = left.pop() {
            visit(node);
            match &node.value {
                Value::Scalar(_) => {}
                Value::List(items) => left.extend(items.iter().rev()),
                Value::Map(entries) => left.extend(entries.iter().rev().map(|(_, value)| value)),
            }
        }
    }

    fn count(&self) -> usize {
        let mut count = 0;
        self.walk(&mut |_| count += 1);
        count
    }
}

enum Open {
    List { start: usize, anchor: usize, items: Vec<Node> },
    Map { start: usize, anchor: usize, entries: Vec<(Node, Node)>, key: Option<Node> },
}

/// Reads every document of a text.
pub(crate) fn read(text: &str) -> Yaml {
    let offsets = Offsets::new(text);
    let mut yaml = Yaml::default();
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: FxHashMap<usize, Node> = FxHashMap::default();
    let mut copies = 0;
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                yaml.problem = Some((offsets.of(*error.marker()), error.info().to_owned()));
                break;
            }
        };
        let range = offsets.of(span.start)..offsets.of(span.end).max(offsets.of(span.start));
        let (node, anchor) = match event {
            Event::Scalar(text, _, anchor, _) => {
                (Node { span: range, value: Value::Scalar(Cow::into_owned(text)) }, anchor)
            }
            Event::Alias(anchor) => {
                let known = anchors.get(&anchor);
                copies += known.map_or(0, Node::count);
                let value = match known {
                    Some(node) if copies <= MAX_COPIES => node.value.clone(),
                    _ => Value::Scalar(String::new()),
                };
                (Node { span: range, value }, 0)
            }
            Event::SequenceStart(anchor, _) => {
                open.push(Open::List { start: range.start, anchor, items: Vec::new() });
                if open.len() > MAX_DEPTH {
                    yaml.problem = Some((range.start, format!("it is nested more than {MAX_DEPTH} deep")));
                    break;
                }
                continue;
            }
            Event::MappingStart(anchor, _) => {
                open.push(Open::Map { start: range.start, anchor, entries: Vec::new(), key: None });
                if open.len() > MAX_DEPTH {
                    yaml.problem = Some((range.start, format!("it is nested more than {MAX_DEPTH} deep")));
                    break;
                }
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List { start, anchor, items }) => {
                    (Node { span: start..range.end.max(start), value: Value::List(items) }, anchor)
                }
                Some(Open::Map { start, anchor, entries, .. }) => {
                    (Node { span: start..range.end.max(start), value: Value::Map(entries) }, anchor)
                }
                None => continue,
            },
            Event::DocumentStart(_) => {
                anchors.clear();
                continue;
            }
            _ => continue,
        };
        if anchor != 0 {
            anchors.insert(anchor, node.clone());
        }
        put(node, &mut open, &mut yaml.documents);
    }
    // What was open when reading ended is still worth a look.
    while let Some(unfinished) = open.pop() {
        let (start, value) = match unfinished {
            Open::List { start, items, .. } => (start, Value::List(items)),
            Open::Map { start, entries, .. } => (start, Value::Map(entries)),
        };
        put(Node { span: start..text.len(), value }, &mut open, &mut yaml.documents);
    }
    yaml
}

fn put(node: Node, open: &mut [Open], documents: &mut Vec<Node>) {
    match open.last_mut() {
        Some(Open::List { items, .. }) => items.push(node),
        Some(Open::Map { entries, key, .. }) => match key.take() {
            Some(name) => entries.push((name, node)),
            None => *key = Some(node),
        },
        None => documents.push(node),
    }
}

/// From the characters the parser counts to bytes.
struct Offsets {
    /// The byte of each character; empty when they are the same.
    bytes: Vec<usize>,
    len: usize,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let bytes = if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at).collect() };
        Self { bytes, len: text.len() }
    }

    fn of(&self, marker: Marker) -> usize {
        let index = marker.index();
        if self.bytes.is_empty() { index.min(self.len) } else { self.bytes.get(index).copied().unwrap_or(self.len) }
    }
}
