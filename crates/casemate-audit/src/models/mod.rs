//! What libraries do to data, as data: one pack a field, read once.

#[cfg(test)]
mod examples;

use std::sync::OnceLock;

use casemate_python::facts::{
    ArgumentAt, CallModel, Condition, Expected, GuardModel, Holds, Kinds, Labels, PromiseModel, SinkModel,
};
use casemate_python::flow::Models;
use casemate_python::routes::Role;
use serde::Deserialize;

const PACKS: &[(&str, &str)] = &[
    ("stdlib", include_str!("stdlib.toml")),
    ("sql", include_str!("sql.toml")),
    ("web", include_str!("web.toml")),
    ("commands", include_str!("commands.toml")),
    ("cryptography", include_str!("cryptography.toml")),
    ("deserialization", include_str!("deserialization.toml")),
    ("files", include_str!("files.toml")),
    ("frameworks", include_str!("frameworks.toml")),
    ("injection", include_str!("injection.toml")),
    ("llm", include_str!("llm.toml")),
    ("logging", include_str!("logging.toml")),
    ("network", include_str!("network.toml")),
    ("output", include_str!("output.toml")),
    ("serving", include_str!("serving.toml")),
    ("validation", include_str!("validation.toml")),
];

/// Kinds of sources.
pub(crate) mod label {
    use casemate_python::facts::Labels;

    pub(crate) const QUERY: Labels = Labels::kind(0);
    pub(crate) const PATH: Labels = Labels::kind(1);
    pub(crate) const HEADER: Labels = Labels::kind(2);
    pub(crate) const COOKIE: Labels = Labels::kind(3);
    pub(crate) const FORM: Labels = Labels::kind(4);
    pub(crate) const BODY: Labels = Labels::kind(5);
    pub(crate) const FILE: Labels = Labels::kind(6);
    /// The host a caller names, which is also what the caller says about its address.
    pub(crate) const HOST: Labels = Labels::kind(7);
    /// A password somebody typed.
    pub(crate) const PASSWORD: Labels = Labels::kind(8);
    /// A secret by its name: a token, a key, a stored hash.
    pub(crate) const SECRET: Labels = Labels::kind(9);
    /// The fast hash of a password.
    pub(crate) const PASSWORD_DIGEST: Labels = Labels::kind(10);
    /// A message authentication code.
    pub(crate) const MAC: Labels = Labels::kind(11);
    /// Random bytes or text.
    pub(crate) const RANDOM: Labels = Labels::kind(12);
    /// Base64 and the like: readable and forgeable by anybody.
    pub(crate) const ENCODED: Labels = Labels::kind(13);
    /// A message of a queue, the event of a serverless function, the argument of a remote call.
    pub(crate) const MESSAGE: Labels = Labels::kind(14);
    /// Bytes of a socket or what a peer answered.
    pub(crate) const NETWORK: Labels = Labels::kind(15);
    /// What a language model said.
    pub(crate) const MODEL: Labels = Labels::kind(16);
    /// What a model of a language decided to give to a tool.
    pub(crate) const TOOL: Labels = Labels::kind(17);
    /// The command line.
    pub(crate) const ARGUMENT: Labels = Labels::kind(18);
    /// The environment.
    pub(crate) const ENVIRONMENT: Labels = Labels::kind(19);
    /// What was stored earlier, in a database or cache.
    pub(crate) const STORED: Labels = Labels::kind(20);
    /// The content of a file on disk.
    pub(crate) const DISK: Labels = Labels::kind(21);
    /// A parameter of a public function, where the project is a library.
    pub(crate) const PARAMETER: Labels = Labels::kind(22);
    /// A value of a generator that can be foreseen: `random`, the clock.
    pub(crate) const PREDICTABLE: Labels = Labels::kind(23);
    /// What an exception says, a traceback.
    pub(crate) const EXCEPTION: Labels = Labels::kind(24);
    /// Something about a person.
    pub(crate) const PERSONAL: Labels = Labels::kind(25);
    /// The whole of a request: body, headers or form.
    pub(crate) const REQUEST: Labels = Labels::kind(26);
    /// A path without `..` and links: what `realpath` gives.
    pub(crate) const CANONICAL: Labels = Labels::kind(27);
    /// A token whose signature nobody has checked.
    pub(crate) const UNVERIFIED: Labels = Labels::kind(28);
    /// A member of an archive.
    pub(crate) const MEMBER: Labels = Labels::kind(29);
    /// The host of a URL alone.
    pub(crate) const URL_HOST: Labels = Labels::kind(30);
    /// What a server answered that the program itself asked.
    pub(crate) const ANSWER: Labels = Labels::kind(31);
    /// The argument of a task that the program itself puts into a queue.
    pub(crate) const TASK: Labels = Labels::kind(32);
    /// A parameter of a public function, where nothing in the project takes anything from outside by itself.
    pub(crate) const CALLER: Labels = Labels::kind(33);
    /// What somebody outside can choose.
    pub(crate) const UNTRUSTED: Labels = Labels(
        QUERY.0
            | PATH.0
            | HEADER.0
            | COOKIE.0
            | FORM.0
            | BODY.0
            | FILE.0
            | HOST.0
            | MESSAGE.0
            | NETWORK.0
            | ANSWER.0
            | TASK.0
            | PARAMETER.0,
    );
    /// The same, or what whoever uses a library gives it.
    pub(crate) const OUTSIDE: Labels = Labels(UNTRUSTED.0 | CALLER.0);

    /// All of them by the names that packs use, with words for a path that follow a name.
    pub(crate) const ALL: &[(&str, Labels, &str)] = &[
        ("query", QUERY, "comes from the query string"),
        ("path", PATH, "comes from the path of the URL"),
        ("form", FORM, "comes from a form"),
        ("body", BODY, "comes from the body of the request"),
        ("header", HEADER, "comes from a header"),
        ("cookie", COOKIE, "comes from a cookie"),
        ("file", FILE, "comes from an uploaded file"),
        ("host", HOST, "is named by the caller"),
        ("message", MESSAGE, "comes with a message from outside"),
        ("network", NETWORK, "comes from the network"),
        ("answer", ANSWER, "comes from the network"),
        ("task", TASK, "is given to a task"),
        ("parameter", PARAMETER, "is chosen by who calls the library"),
        ("caller", CALLER, "is given by who calls the function"),
        ("model", MODEL, "was written by a language model"),
        ("tool", TOOL, "is chosen by a language model"),
        ("stored", STORED, "was stored earlier"),
        ("argument", ARGUMENT, "comes from the command line"),
        ("environment", ENVIRONMENT, "comes from the environment"),
        ("disk", DISK, "is read from a file"),
        ("password", PASSWORD, "is a password"),
        ("secret", SECRET, "is a secret"),
        ("password-digest", PASSWORD_DIGEST, "is the fast hash of a password"),
        ("mac", MAC, "is a message authentication code"),
        ("random", RANDOM, "is random"),
        ("predictable", PREDICTABLE, "can be foreseen"),
        ("encoded", ENCODED, "is only encoded"),
        ("exception", EXCEPTION, "tells of an error inside"),
        ("personal", PERSONAL, "is about a person"),
        ("request", REQUEST, "is the request as it came"),
        ("canonical", CANONICAL, "is a canonical path"),
        ("unverified", UNVERIFIED, "is read from a token that nobody has verified"),
        ("member", MEMBER, "is a member of an archive"),
        ("url-host", URL_HOST, "is the host of a URL"),
    ];
}

/// Kinds of sinks that code asks for by number; all others have numbers in the order in which packs name them.
pub(crate) mod sink {
    pub(crate) const SQL: u8 = 0;
    pub(crate) const SQLALCHEMY_TEXT: u8 = 1;
    pub(crate) const FAST_HASH: u8 = 2;
    /// The command line of another program, which others on the machine can read.
    pub(crate) const COMMAND: u8 = 3;

    pub(super) const NAMED: [&str; 4] = ["sql", "sqlalchemy-text", "fast-hash", "command-line"];
}

/// A pack as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    #[serde(default)]
    passes: Vec<String>,
    #[serde(default)]
    safe_types: Vec<String>,
    #[serde(default)]
    alias: Vec<AliasEntry>,
    #[serde(default)]
    source: Vec<SourceEntry>,
    #[serde(default)]
    call: Vec<CallEntry>,
    #[serde(default)]
    method: Vec<MethodEntry>,
    #[serde(default)]
    guard: Vec<GuardEntry>,
    #[serde(default)]
    part: Vec<PartEntry>,
    #[serde(default)]
    form: Vec<FormEntry>,
    #[serde(default)]
    promise: Vec<PromiseEntry>,
    /// Sink kinds for which membership in a list that the program holds is enough, though its entries may change.
    #[serde(default)]
    listed: Vec<String>,
    /// Sink kinds for which it is enough that the host of a URL is the one that was asked.
    #[serde(default)]
    peered: Vec<String>,
    /// Characters with the sink kinds that cannot do without them.
    #[serde(default)]
    without: Vec<(String, Vec<String>)>,
    #[serde(default)]
    member: Vec<PartEntry>,
}

/// What is read from a value and tells enough of it when it is one of a few: the host of a URL.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartEntry {
    paths: Vec<String>,
    clears: Vec<String>,
    #[cfg_attr(not(test), allow(dead_code, reason = "the test runs them"))]
    #[serde(default)]
    example: Examples,
}

/// What a form keeps under an attribute: of each of its fields what stands under this part of the field's path.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormEntry {
    paths: Vec<String>,
    part: String,
    #[cfg_attr(not(test), allow(dead_code, reason = "the test runs them"))]
    #[serde(default)]
    example: Examples,
}

/// What a function promises whose name holds one of these words, and one of those it is about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PromiseEntry {
    says: Vec<String>,
    #[serde(default)]
    about: Vec<String>,
    #[serde(default)]
    except: Vec<String>,
    clears: Vec<String>,
    #[serde(default)]
    denies: bool,
    /// It holds of all but the first argument, which leads.
    #[serde(default)]
    but_first: bool,
    #[cfg_attr(not(test), allow(dead_code, reason = "the test runs them"))]
    #[serde(default)]
    example: Examples,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AliasEntry {
    is: String,
    paths: Vec<String>,
}

/// What an entry does and does not find: lines that end in `# finding: rule-name` are found, all others are not.
#[cfg_attr(not(test), allow(dead_code, reason = "the test runs them"))]
#[derive(Clone, Default, Deserialize)]
struct Examples {
    vulnerable: Option<String>,
    safe: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceEntry {
    label: String,
    paths: Vec<String>,
    #[cfg_attr(not(test), allow(dead_code, reason = "the test runs them"))]
    #[serde(default)]
    example: Examples,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallEntry {
    paths: Vec<String>,
    #[serde(default)]
    passes: bool,
    #[serde(default)]
    returns: Vec<String>,
    #[serde(default)]
    transforms: Vec<(String, String)>,
    #[serde(default)]
    cleans: Vec<String>,
    #[serde(default)]
    fills_receiver: bool,
    #[serde(default)]
    sink: Vec<SinkEntry>,
    #[cfg_attr(not(test), allow(dead_code, reason = "the test runs them"))]
    #[serde(default)]
    example: Examples,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MethodEntry {
    names: Vec<String>,
    #[serde(default)]
    sink: Vec<SinkEntry>,
    #[cfg_attr(not(test), allow(dead_code, reason = "the test runs them"))]
    #[serde(default)]
    example: Examples,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SinkEntry {
    kind: String,
    /// Which argument: by position, by keyword or either.
    position: Option<usize>,
    keyword: Option<String>,
    /// The object the method is called on.
    #[serde(default)]
    receiver: bool,
    /// Every argument.
    #[serde(default)]
    any: bool,
    #[serde(default)]
    when: Vec<ConditionEntry>,
    #[serde(default)]
    unless: Vec<ConditionEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionEntry {
    position: Option<usize>,
    keyword: Option<String>,
    /// It is this constant.
    is: Option<toml::Value>,
    /// It is one of these things of a library.
    path: Option<Vec<String>>,
    /// It is given at all.
    given: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GuardEntry {
    /// Functions by path.
    #[serde(default)]
    paths: Vec<String>,
    /// Methods by name, for receivers of unknown type.
    #[serde(default)]
    names: Vec<String>,
    position: Option<usize>,
    keyword: Option<String>,
    #[serde(default)]
    receiver: bool,
    /// `true`, `false`: the result that clears. `returns`: it raises otherwise. `equal`: it is compared with something.
    when: toml::Value,
    /// It speaks of what the value was made from, too.
    #[serde(default)]
    through: bool,
    /// Sink kinds, or `*`.
    clears: Vec<String>,
    /// What the tested value must carry for the guard to count.
    needs: Option<String>,
    #[cfg_attr(not(test), allow(dead_code, reason = "the test runs them"))]
    #[serde(default)]
    example: Examples,
}

/// An example of an entry, for the test that runs them.
#[cfg(test)]
pub(crate) struct Example {
    pub(crate) pack: String,
    pub(crate) entry: String,
    pub(crate) vulnerable: Option<String>,
    pub(crate) safe: Option<String>,
}

/// Models with the names of the sink kinds they speak of.
#[derive(Debug)]
pub(crate) struct Knowledge {
    pub(crate) models: Models,
    kinds: Vec<String>,
}

impl Knowledge {
    /// The number of a sink kind, if any pack speaks of it.
    pub(crate) fn kind(&self, name: &str) -> Option<u8> {
        self.kinds.iter().position(|known| known == name).and_then(|at| u8::try_from(at).ok())
    }

    fn empty() -> Self {
        Self { models: empty(), kinds: sink::NAMED.iter().map(|&name| name.to_owned()).collect() }
    }

    fn kind_or_new(&mut self, name: &str) -> Result<u8, String> {
        if let Some(known) = self.kind(name) {
            return Ok(known);
        }
        // One bit each in a mask.
        if self.kinds.len() >= 128 {
            return Err(format!("there is no room for another kind of sink, `{name}`"));
        }
        self.kinds.push(name.to_owned());
        u8::try_from(self.kinds.len() - 1).map_err(|error| error.to_string())
    }

    fn mask(&mut self, names: &[String]) -> Result<Kinds, String> {
        let mut mask = 0;
        for name in names {
            mask |= if name == "*" { Kinds::MAX } else { 1 << self.kind_or_new(name)? };
        }
        Ok(mask)
    }
}

/// The built-in models.
pub(crate) fn builtin() -> &'static Knowledge {
    static KNOWLEDGE: OnceLock<Knowledge> = OnceLock::new();
    // A pack of ours that does not read is a mistake of ours; a test reads them all.
    KNOWLEDGE.get_or_init(|| with(&[]).unwrap_or_else(|_| Knowledge::empty()))
}

/// None at all, where there is no program to know them for: reading them takes milliseconds.
pub(crate) fn none() -> &'static Knowledge {
    static NONE: OnceLock<Knowledge> = OnceLock::new();
    NONE.get_or_init(Knowledge::empty)
}

/// The built-in models and packs of the user, each a name and its text; an error says which pack is wrong, and how.
pub(crate) fn with(packs: &[(String, String)]) -> Result<Knowledge, String> {
    let mut knowledge = Knowledge::empty();
    let own = PACKS.iter().copied();
    for (name, text) in own.chain(packs.iter().map(|(name, text)| (name.as_str(), text.as_str()))) {
        add(&mut knowledge, text).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(knowledge)
}

/// Whether a pack of the user can be used, and if not, what is wrong with it.
pub fn check_pack(text: &str) -> Result<(), String> {
    add(&mut Knowledge::empty(), text)
}

fn empty() -> Models {
    Models {
        aliases: Default::default(),
        sources: Default::default(),
        calls: Default::default(),
        methods: Default::default(),
        guards: Default::default(),
        method_guards: Default::default(),
        safe_types: Default::default(),
        by_name,
        by_role,
        through_objects: label::UNTRUSTED
            | label::RANDOM
            | label::PREDICTABLE
            | label::ENCODED
            | label::MODEL
            | label::TOOL
            | label::ARGUMENT
            | label::ENVIRONMENT
            | label::STORED
            | label::DISK
            | label::UNVERIFIED
            | label::MEMBER
            | label::EXCEPTION
            | label::CALLER,
        library: label::PARAMETER,
        callers: label::CALLER,
        listed: 0,
        peers: label::HOST,
        peered: 0,
        derived_guards: Default::default(),
        without: Vec::new(),
        members: Default::default(),
        forms: Default::default(),
        promises: Vec::new(),
        words,
        described: OnceLock::new(),
    }
}

/// An error of the reader on one line, without the text around it.
fn told(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    format!("line {line}: {}", error.message().lines().collect::<Vec<_>>().join(" "))
}

fn add(knowledge: &mut Knowledge, text: &str) -> Result<(), String> {
    let pack: Pack = toml::from_str(text).map_err(|error| told(text, &error))?;
    for path in pack.passes {
        knowledge.models.calls.entry(path).or_default().passes = true;
    }
    knowledge.models.safe_types.extend(pack.safe_types);
    for entry in pack.alias {
        for path in entry.paths {
            knowledge.models.aliases.insert(path, entry.is.clone());
        }
    }
    for entry in pack.source {
        let label = label_named(&entry.label)?;
        for path in entry.paths {
            let known = knowledge.models.sources.entry(path).or_default();
            *known |= label;
        }
    }
    for entry in pack.call {
        let mut model =
            CallModel { passes: entry.passes, fills_receiver: entry.fills_receiver, ..CallModel::default() };
        for name in &entry.returns {
            model.returns |= label_named(name)?;
        }
        for (has, gives) in &entry.transforms {
            model.transforms.push((label_named(has)?, label_named(gives)?));
        }
        model.cleans = knowledge.mask(&entry.cleans)?;
        model.sinks = sinks(knowledge, &entry.sink)?;
        for path in entry.paths {
            // Several packs may know something about one function.
            let known = knowledge.models.calls.entry(path).or_default();
            known.passes |= model.passes;
            known.fills_receiver |= model.fills_receiver;
            known.returns |= model.returns;
            known.cleans |= model.cleans;
            known.transforms.extend_from_slice(&model.transforms);
            known.sinks.extend_from_slice(&model.sinks);
        }
    }
    for entry in pack.method {
        let sinks = sinks(knowledge, &entry.sink)?;
        for name in entry.names {
            let known = knowledge.models.methods.entry(name).or_default();
            known.sinks.extend_from_slice(&sinks);
        }
    }
    knowledge.models.listed |= knowledge.mask(&pack.listed)?;
    knowledge.models.peered |= knowledge.mask(&pack.peered)?;
    for entry in pack.form {
        for path in entry.paths {
            knowledge.models.forms.insert(path, entry.part.clone());
        }
    }
    for (character, kinds) in pack.without {
        let clears = knowledge.mask(&kinds)?;
        knowledge.models.without.push((character, clears));
    }
    for entry in pack.member {
        let clears = knowledge.mask(&entry.clears)?;
        for path in entry.paths {
            *knowledge.models.members.entry(path).or_default() |= clears;
        }
    }
    for entry in pack.part {
        let clears = knowledge.mask(&entry.clears)?;
        for path in entry.paths {
            *knowledge.models.derived_guards.entry(path).or_default() |= clears;
        }
    }
    for entry in pack.promise {
        let clears = knowledge.mask(&entry.clears)?;
        let PromiseEntry { says, about, except, denies, but_first, .. } = entry;
        knowledge.models.promises.push(PromiseModel { says, about, except, clears, denies, but_first });
    }
    for entry in pack.guard {
        let clears = knowledge.mask(&entry.clears)?;
        let holds = match &entry.when {
            toml::Value::Boolean(true) => Holds::Yes,
            toml::Value::Boolean(false) => Holds::No,
            toml::Value::String(word) if word == "returns" => Holds::Returns,
            toml::Value::String(word) if word == "equal" => Holds::Equal,
            other => {
                return Err(format!(
                    "`when` of a guard is `true`, `false`, \"returns\" or \"equal\", not a {}",
                    other.type_str()
                ));
            }
        };
        let guard = GuardModel {
            tested: ArgumentAt {
                position: entry.position,
                keyword: entry.keyword,
                receiver: entry.receiver,
                any: false,
            },
            holds,
            clears,
            needs: entry.needs.as_deref().map(label_named).transpose()?.unwrap_or_default(),
            through: entry.through,
        };
        for path in entry.paths {
            knowledge.models.guards.entry(path).or_default().push(guard.clone());
        }
        for name in entry.names {
            knowledge.models.method_guards.entry(name).or_default().push(guard.clone());
        }
    }
    Ok(())
}

fn sinks(knowledge: &mut Knowledge, entries: &[SinkEntry]) -> Result<Vec<SinkModel>, String> {
    entries
        .iter()
        .map(|entry| {
            let argument = ArgumentAt {
                position: entry.position,
                keyword: entry.keyword.clone(),
                receiver: entry.receiver,
                any: entry.any,
            };
            let conditions = |entries: &[ConditionEntry]| entries.iter().map(condition).collect::<Result<Vec<_>, _>>();
            Ok(SinkModel {
                kind: knowledge.kind_or_new(&entry.kind)?,
                argument,
                when: conditions(&entry.when)?,
                unless: conditions(&entry.unless)?,
            })
        })
        .collect()
}

fn condition(entry: &ConditionEntry) -> Result<Condition, String> {
    let argument = ArgumentAt { position: entry.position, keyword: entry.keyword.clone(), receiver: false, any: false };
    let expected = match (&entry.is, &entry.path, entry.given) {
        (Some(toml::Value::Boolean(value)), None, None) => Expected::Bool(*value),
        (Some(toml::Value::Integer(value)), None, None) => Expected::Int(*value),
        (Some(toml::Value::String(value)), None, None) => Expected::Text(value.clone()),
        (None, Some(paths), None) => Expected::Path(paths.clone()),
        (None, None, Some(given)) => Expected::Given(given),
        _ => return Err("a condition says one of `is`, `path` and `given`".to_owned()),
    };
    Ok(Condition { argument, expected })
}

fn label_named(name: &str) -> Result<Labels, String> {
    label::ALL
        .iter()
        .find(|(known, _, _)| *known == name)
        .map(|(_, label, _)| *label)
        .ok_or_else(|| format!("`{name}` is not a label"))
}

/// Every example of every pack.
#[cfg(test)]
pub(crate) fn examples() -> Vec<Example> {
    let mut found = Vec::new();
    for &(name, text) in PACKS {
        let pack: Pack = toml::from_str(text).unwrap();
        let mut add = |entry: &[String], example: Examples| {
            if example.vulnerable.is_some() || example.safe.is_some() {
                let entry = entry.first().cloned().unwrap_or_default();
                found.push(Example {
                    pack: name.to_owned(),
                    entry,
                    vulnerable: example.vulnerable,
                    safe: example.safe,
                });
            }
        };
        pack.source.into_iter().for_each(|entry| add(&entry.paths, entry.example));
        pack.call.into_iter().for_each(|entry| add(&entry.paths, entry.example));
        pack.method.into_iter().for_each(|entry| add(&entry.names, entry.example));
        pack.part.into_iter().for_each(|entry| add(&entry.paths, entry.example));
        pack.form.into_iter().for_each(|entry| add(&entry.paths, entry.example));
        pack.promise.into_iter().for_each(|entry| add(&entry.says, entry.example));
        pack.guard.into_iter().for_each(|entry| {
            add(if entry.paths.is_empty() { &entry.names } else { &entry.paths }, entry.example);
        });
    }
    found
}

fn by_role(role: Role) -> Labels {
    match role {
        Role::Path => label::PATH,
        Role::Query => label::QUERY,
        Role::Header => label::HEADER,
        Role::Cookie => label::COOKIE,
        Role::Form => label::FORM,
        Role::Body => label::BODY,
        Role::File => label::FILE,
        Role::Message => label::MESSAGE,
        Role::Task => label::TASK,
        Role::Tool => label::TOOL,
        Role::Argument => label::ARGUMENT,
        Role::Request | Role::Dependency | Role::Other => Labels::NONE,
    }
}

/// What a name promises about a value.
pub(crate) fn by_name(name: &str) -> Labels {
    match name {
        // Django and WebOb spell these so, and nothing else does.
        "GET" => return label::QUERY,
        "POST" => return label::FORM,
        "COOKIES" => return label::COOKIE,
        "FILES" => return label::FILE,
        // Headers by their names.
        "Authorization" | "Proxy-Authorization" => return label::SECRET,
        _ => {}
    }
    if is_password(name) {
        label::PASSWORD
    } else if is_secret(name) {
        label::SECRET
    } else {
        Labels::NONE
    }
}

/// The words of a name, in lower case: `newPassword`, `new_password` and `NEW-PASSWORD` are two each.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut after_lower = false;
    let mut open = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            open = false;
            after_lower = false;
            continue;
        }
        if !open || (c.is_uppercase() && after_lower) {
            words.push(String::new());
            open = true;
        }
        after_lower = c.is_lowercase() || c.is_ascii_digit();
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

/// Whether a name is that of a password somebody typed, not of its hash or of something about passwords.
pub(crate) fn is_password(name: &str) -> bool {
    if !has_stem(name, &["pass", "pw"]) {
        return false;
    }
    let words = words(name);
    let is_word = |word: &str| {
        matches!(
            word,
            "password"
                | "passwd"
                | "pwd"
                | "passphrase"
                | "passcode"
                | "pw"
                | "passwort"
                | "userpassword"
                | "password1"
                | "password2"
        )
    };
    let Some(last) = words.last() else { return false };
    let about = |word: &str| {
        matches!(
            word,
            "hash"
                | "hashed"
                | "encrypted"
                | "digest"
                | "reset"
                | "forgot"
                | "forgotten"
                | "has"
                | "is"
                | "needs"
                | "require"
                | "requires"
                | "no"
                | "show"
                | "hide"
                | "use"
                | "ask"
                | "change"
                | "changed"
        )
    };
    if is_word(last) {
        return !words.iter().any(|word| about(word));
    }
    words.len() > 1
        && is_word(&words[0])
        && matches!(
            last.as_str(),
            "raw"
                | "plain"
                | "plaintext"
                | "input"
                | "bytes"
                | "text"
                | "str"
                | "string"
                | "attempt"
                | "candidate"
                | "confirm"
        )
}

/// Whether a name is that of a secret that is compared or kept.
pub(crate) fn is_secret(name: &str) -> bool {
    if !has_stem(name, &["token", "secret", "key", "hash", "signature", "digest", "pass", "pwd", "otp", "mac"]) {
        return false;
    }
    let words = words(name);
    let Some(last) = words.last().map(String::as_str) else { return false };
    let before = words.len().checked_sub(2).and_then(|at| words.get(at)).map_or("", String::as_str);
    match last {
        "token" => !matches!(
            before,
            "page"
                | "next"
                | "continuation"
                | "sync"
                | "cancel"
                | "cancellation"
                | "lex"
                | "current"
                | "prev"
                | "previous"
                | "delimiter"
                | "start"
                | "starting"
                | "resume"
                | "acquire"
                | "end"
                | "last"
                | "max"
                | "min"
                | "from"
                | "to"
                | "since"
                | "until"
                | "upto"
                | "stream"
                | "room"
                | "batch"
                | "position"
                | "pagination"
        ),
        "secret" | "signature" | "hmac" | "apikey" | "otp" | "totp" => true,
        "key" => matches!(before, "api" | "secret" | "access" | "auth" | "service" | "webhook" | "signing"),
        "hash" | "hashed" | "digest" => words.iter().any(|word| {
            matches!(word.as_str(), "password" | "passwd" | "pwd" | "pw" | "token" | "stored" | "expected" | "secret")
        }),
        "password" | "passwd" | "pwd" => {
            words.iter().any(|word| matches!(word.as_str(), "hashed" | "encrypted" | "hash"))
        }
        _ => false,
    }
}

/// Whether one of these, written small, stands in a name in whatever case. Every name of a program is asked this.
fn has_stem(name: &str, stems: &[&str]) -> bool {
    let bytes = name.as_bytes();
    let begins = |rest: &[u8], stem: &str| {
        rest.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem.as_bytes()))
    };
    (0..bytes.len()).any(|at| {
        let rest = bytes.get(at..).unwrap_or_default();
        let first = rest.first().map(u8::to_ascii_lowercase);
        stems.iter().any(|stem| stem.bytes().next() == first && begins(rest, stem))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pack_reads() {
        for &(name, text) in PACKS {
            add(&mut Knowledge::empty(), text).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        with(&[]).unwrap();
    }

    #[test]
    fn a_password_is_told_from_what_is_about_passwords() {
        for name in ["password", "new_password", "userPassword", "PASSWD", "plain_password", "password_bytes"] {
            assert!(is_password(name), "{name}");
        }
        for name in [
            "password_hash",
            "hashed_password",
            "password_reset",
            "reset_password",
            "has_password",
            "compass",
            "bypass",
            "password_field",
            "pwm",
        ] {
            assert!(!is_password(name), "{name}");
        }
    }
}
