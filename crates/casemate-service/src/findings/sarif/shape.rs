//! The parts of a SARIF report that we look at, bounded while they are read.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

use casemate_model::text::clean;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{MOST_MESSAGE, MOST_NAME, MOST_PATH, MOST_RESULTS, MOST_RUNS, MOST_SNIPPET};

/// Most rules, files and logical locations of a run.
const MOST_LISTED: usize = 20_000;
/// Most of what one result or rule holds.
const MOST_HELD: usize = 100;

#[derive(serde::Deserialize)]
pub(super) struct Log {
    #[serde(default)]
    pub(super) version: Text<20>,
    pub(super) runs: Option<Few<RunShape, MOST_RUNS>>,
}

/// How much there is of everything that is bounded by refusing.
#[derive(serde::Deserialize)]
pub(super) struct Sizes {
    #[serde(default)]
    pub(super) runs: Few<RunSizes, { MOST_RUNS + 1 }>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct RunSizes {
    results: Count,
}

impl Sizes {
    pub(super) fn results(&self) -> usize {
        self.runs.iter().map(|run| run.results.0).fold(0, usize::saturating_add)
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RunShape {
    pub(super) tool: Maybe<Tool>,
    pub(super) automation_details: Maybe<AutomationDetails>,
    pub(super) version_control_provenance: Few<VersionControl, 1>,
    pub(super) invocations: Few<Invocation, MOST_HELD>,
    pub(super) original_uri_base_ids: Names<Artifact>,
    pub(super) artifacts: Few<ListedArtifact, MOST_LISTED>,
    pub(super) logical_locations: Few<LogicalLocation, MOST_LISTED>,
    pub(super) results: Option<Few<ResultShape, MOST_RESULTS>>,
    pub(super) properties: Maybe<Properties>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Tool {
    pub(super) driver: Maybe<Component>,
    pub(super) extensions: Few<Component, MOST_HELD>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Component {
    pub(super) name: Text<MOST_NAME>,
    pub(super) version: Text<MOST_NAME>,
    pub(super) semantic_version: Text<MOST_NAME>,
    pub(super) rules: Few<Rule, MOST_LISTED>,
    pub(super) global_message_strings: Names<Message>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Rule {
    pub(super) id: Text<MOST_NAME>,
    pub(super) name: Text<MOST_NAME>,
    pub(super) short_description: Maybe<Message>,
    pub(super) help: Maybe<Message>,
    pub(super) message_strings: Names<Message>,
    pub(super) default_configuration: Maybe<Configuration>,
    pub(super) properties: Maybe<Properties>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Configuration {
    pub(super) level: Text<20>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct AutomationDetails {
    pub(super) id: Text<MOST_NAME>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct VersionControl {
    pub(super) revision_id: Text<MOST_NAME>,
    pub(super) branch: Text<MOST_NAME>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Invocation {
    pub(super) execution_successful: Truth,
    pub(super) tool_execution_notifications: Few<Notification, MOST_LISTED>,
    pub(super) tool_configuration_notifications: Few<Notification, MOST_LISTED>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Notification {
    pub(super) level: Text<20>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ResultShape {
    pub(super) rule_id: Text<MOST_NAME>,
    pub(super) rule_index: Number,
    pub(super) rule: Maybe<RuleReference>,
    pub(super) kind: Text<20>,
    pub(super) level: Text<20>,
    pub(super) baseline_state: Text<20>,
    pub(super) message: Maybe<Message>,
    pub(super) locations: Few<Location, 1>,
    pub(super) code_flows: Few<CodeFlow, 1>,
    pub(super) fingerprints: Names<Text<MOST_NAME>>,
    pub(super) partial_fingerprints: Names<Text<MOST_NAME>>,
    pub(super) suppressions: Few<Suppression, MOST_HELD>,
    pub(super) fixes: Few<Fix, 1>,
    pub(super) properties: Maybe<Properties>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct RuleReference {
    pub(super) id: Text<MOST_NAME>,
    pub(super) index: Number,
    pub(super) tool_component: Maybe<ComponentReference>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct ComponentReference {
    pub(super) index: Number,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Message {
    pub(super) text: Text<MOST_MESSAGE>,
    pub(super) id: Text<MOST_NAME>,
    pub(super) arguments: Few<Text<MOST_MESSAGE>, 20>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Location {
    pub(super) physical_location: Maybe<PhysicalLocation>,
    pub(super) logical_locations: Few<LogicalLocation, 10>,
    pub(super) message: Maybe<Message>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct PhysicalLocation {
    pub(super) artifact_location: Maybe<Artifact>,
    pub(super) region: Maybe<Region>,
    pub(super) context_region: Maybe<Region>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Artifact {
    pub(super) uri: Text<MOST_PATH>,
    pub(super) uri_base_id: Text<MOST_NAME>,
    pub(super) index: Number,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct ListedArtifact {
    pub(super) location: Maybe<Artifact>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct LogicalLocation {
    pub(super) name: Text<MOST_NAME>,
    pub(super) fully_qualified_name: Text<MOST_NAME>,
    pub(super) kind: Text<20>,
    pub(super) index: Number,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Region {
    pub(super) start_line: Number,
    pub(super) end_line: Number,
    pub(super) start_column: Number,
    pub(super) end_column: Number,
    pub(super) snippet: Maybe<Snippet>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Snippet {
    text: Text<MOST_SNIPPET>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct CodeFlow {
    pub(super) thread_flows: Few<ThreadFlow, 1>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct ThreadFlow {
    pub(super) locations: Few<ThreadFlowLocation, 50>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct ThreadFlowLocation {
    pub(super) location: Maybe<Location>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Suppression {
    pub(super) status: Text<20>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Fix {
    pub(super) description: Maybe<Message>,
}

/// What tools put into property bags, where anything goes.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Properties {
    #[serde(rename = "security-severity")]
    pub(super) security_severity: Score,
    pub(super) severity: Text<20>,
    pub(super) remedy: Text<MOST_MESSAGE>,
    pub(super) statement: Text<MOST_SNIPPET>,
    pub(super) tags: Few<Text<MOST_NAME>, MOST_HELD>,
    pub(super) dependency: Maybe<Dependency>,
    #[serde(rename = "casemate/complete")]
    pub(super) complete: Truth,
    #[serde(rename = "casemate/paths")]
    pub(super) paths: Few<Text<MOST_PATH>, 1_000>,
}

/// What our own reports say about a known hole in a package.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Dependency {
    pub(super) package: Text<MOST_NAME>,
    pub(super) advisories: Few<Text<MOST_NAME>, MOST_HELD>,
}

impl Maybe<Message> {
    pub(super) fn text(&self) -> &str {
        self.get().map_or("", |message| message.text.as_str())
    }
}

impl Maybe<Snippet> {
    pub(super) fn text(&self) -> &str {
        self.get().map_or("", |snippet| snippet.text.as_str())
    }
}

/// A text of at most so many characters, cleaned; empty when something else stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Text<const MOST: usize>(pub(super) String);

impl<const MOST: usize> Text<MOST> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// An object, or nothing when something else stands there. Boxed: most are absent.
pub(super) struct Maybe<T>(Option<Box<T>>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Maybe<T> {
    pub(super) fn get(&self) -> Option<&T> {
        self.0.as_deref()
    }
}

/// The first so many of a list; the others are skipped.
pub(super) struct Few<T, const MOST: usize>(Vec<T>);

impl<T, const MOST: usize> Default for Few<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MOST: usize> Few<T, MOST> {
    pub(super) fn into_inner(self) -> Vec<T> {
        self.0
    }
}

impl<T, const MOST: usize> std::ops::Deref for Few<T, MOST> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'a, T, const MOST: usize> IntoIterator for &'a Few<T, MOST> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// How many a list holds.
#[derive(Default)]
pub(super) struct Count(usize);

/// Values by name, the first hundred.
pub(super) struct Names<T>(HashMap<String, T>);

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> std::ops::Deref for Names<T> {
    type Target = HashMap<String, T>;

    fn deref(&self) -> &HashMap<String, T> {
        &self.0
    }
}

/// A whole number.
#[derive(Clone, Copy, Default)]
pub(super) struct Number(Option<i64>);

impl Number {
    /// As a line or column, from 1.
    pub(super) fn line(self) -> Option<i64> {
        self.0.filter(|line| (1..=100_000_000).contains(line))
    }

    /// As an index from 0; SARIF writes -1 for none.
    pub(super) fn index(self) -> Option<usize> {
        self.0.and_then(|index| usize::try_from(index).ok())
    }
}

/// A score from 0 to 10, as a number or as text.
#[derive(Clone, Copy, Default)]
pub(super) struct Score(pub(super) Option<f64>);

/// Yes or no.
#[derive(Clone, Copy, Default)]
pub(super) struct Truth(pub(super) Option<bool>);

/// Reads any JSON value; what a type has no use for becomes its default.
trait Lenient<'de>: Default {
    fn of_text(_text: &str) -> Self {
        Self::default()
    }
    fn of_number(_number: f64) -> Self {
        Self::default()
    }
    fn of_truth(_truth: bool) -> Self {
        Self::default()
    }
    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
    fn of_object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

struct Any<T>(PhantomData<T>);

#[expect(clippy::cast_precision_loss, reason = "lines, columns and indexes are far below 2^52")]
impl<'de, T: Lenient<'de>> Visitor<'de> for Any<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::of_text(text))
    }
    fn visit_bool<E>(self, truth: bool) -> Result<T, E> {
        Ok(T::of_truth(truth))
    }
    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::of_number(number as f64))
    }
    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::of_number(number as f64))
    }
    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(T::of_number(number))
    }
    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::of_list(list)
    }
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::of_object(object)
    }
}

fn any<'de, T: Lenient<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(Any(PhantomData))
}

impl<'de, const MOST: usize> Lenient<'de> for Text<MOST> {
    fn of_text(text: &str) -> Self {
        Self(clean(text, MOST, MOST >= MOST_MESSAGE))
    }
    fn of_number(number: f64) -> Self {
        Self(number.to_string())
    }
}

impl<'de, const MOST: usize> Deserialize<'de> for Text<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de, T: Deserialize<'de>> Lenient<'de> for Maybe<T> {
    fn of_object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|value| Self(Some(Box::new(value))))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

/// An element that is no object where objects stand.
struct Element<T>(Option<T>);

impl<T> Default for Element<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Lenient<'de> for Element<T> {
    fn of_text(text: &str) -> Self {
        Self(T::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(text)).ok())
    }
    fn of_object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|value| Self(Some(value)))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Element<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de, T: Deserialize<'de> + Default, const MOST: usize> Lenient<'de> for Few<T, MOST> {
    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut few = Vec::new();
        while few.len() < MOST {
            match list.next_element::<Element<T>>()? {
                // A place in the list is kept, or indexes into it would point elsewhere.
                Some(element) => few.push(element.0.unwrap_or_default()),
                None => return Ok(Self(few)),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self(few))
    }
}

impl<'de, T: Deserialize<'de> + Default, const MOST: usize> Deserialize<'de> for Few<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de> Lenient<'de> for Count {
    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut count = 0;
        while list.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(Self(count))
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de, T: Deserialize<'de> + Default> Lenient<'de> for Names<T> {
    fn of_object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        let mut names = HashMap::new();
        while let Some(name) = object.next_key::<Text<MOST_NAME>>()? {
            if names.len() < MOST_HELD {
                let element = object.next_value::<Element<T>>()?;
                names.insert(name.0, element.0.unwrap_or_default());
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Self(names))
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Names<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de> Lenient<'de> for Number {
    #[expect(clippy::cast_possible_truncation, reason = "floats saturate")]
    fn of_number(number: f64) -> Self {
        Self(Some(number as i64))
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de> Lenient<'de> for Score {
    fn of_text(text: &str) -> Self {
        text.trim().parse().map_or(Self(None), Self::of_number)
    }
    fn of_number(number: f64) -> Self {
        Self((0.0..=10.0).contains(&number).then_some(number))
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}

impl<'de> Lenient<'de> for Truth {
    fn of_truth(truth: bool) -> Self {
        Self(Some(truth))
    }
}

impl<'de> Deserialize<'de> for Truth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        any(deserializer)
    }
}
