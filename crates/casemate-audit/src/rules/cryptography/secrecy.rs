//! Which values are meant to be secret, going by what they are called, and what generators they are made of.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use casemate_python::facts::{Entity, Konst};
use casemate_python::names::ModuleId;
use casemate_python::syntax::{
    BinaryOp, Collection, Constant, Function, FunctionId, FunctionKind, Module, Op, Passing, Piece, Value,
};
use rustc_hash::FxHashSet;

use crate::models::{is_password, is_secret, words};
use crate::rule::Persona;
use crate::rules::Context;
use crate::rules::constant::{At, entity, last_name, origins, path};
use crate::rules::network::calls;
use crate::rules::web::cookies::says_taste;

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To get back into an account, or to confirm an address.
    Recovery,
    /// A password somebody is given.
    Password,
    /// A code to be typed.
    Code,
    /// Whoever shows it is let in.
    Bearer,
    /// A key of a cipher or a signature.
    Key,
    /// What must not be foreseen, though everybody may see it.
    Fresh,
}

impl Purpose {
    /// In words that follow "is".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Recovery => "a token for the recovery of an account",
            Self::Password => "a password",
            Self::Code => "a code that proves who somebody is",
            Self::Bearer => "a token that lets in whoever shows it",
            Self::Key => "a key",
            Self::Fresh => "a value that nobody may foresee",
        }
    }
}

/// What a value of this name protects.
pub(crate) fn purpose(name: &str) -> Option<Purpose> {
    if !may_be_secret(name) {
        return None;
    }
    let words = words(name);
    let last = words.last()?.as_str();
    let before = words.len().checked_sub(2).and_then(|at| words.get(at)).map_or("", String::as_str);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let recovers = has(&[
        "reset",
        "recover",
        "recovery",
        "forgot",
        "forgotten",
        "invite",
        "invitation",
        "activation",
        "activate",
        "verification",
        "verify",
        "confirm",
        "confirmation",
        "magic",
    ]);
    if recovers && matches!(last, "token" | "code" | "key" | "otp" | "pin" | "secret" | "hash" | "link") {
        return Some(Purpose::Recovery);
    }
    if is_password(name)
        || matches!(last, "password" | "passwd" | "passphrase") && !has(&["hash", "hashed", "no", "is", "has", "check"])
    {
        return Some(Purpose::Password);
    }
    let is_code = last == "code"
        && matches!(
            before,
            "auth"
                | "login"
                | "sms"
                | "access"
                | "security"
                | "mfa"
                | "2fa"
                | "authorization"
                | "backup"
                | "otp"
                | "secret"
                | "passcode"
        );
    if is_code
        || matches!(last, "otp" | "totp" | "passcode" | "otpcode")
        || last == "pin" && matches!(before, "user" | "card" | "security" | "new" | "generate" | "random" | "login")
    {
        return Some(Purpose::Code);
    }
    let is_session = last == "sid"
        || last == "sessionid"
        || matches!((before, last), ("session", "id" | "key" | "token" | "cookie"))
        || has(&["remember", "rememberme"])
            && matches!(last, "key" | "token" | "cookie" | "me" | "rememberme" | "value")
        || has(&["csrf", "xsrf"]) && matches!(last, "token" | "csrf" | "xsrf" | "cookie");
    if is_session || last == "apikey" || (last == "token" && is_secret(name) && !is_of_text(&words)) {
        return Some(Purpose::Bearer);
    }
    if (last == "key" && matches!(before, "api" | "access" | "auth" | "license"))
        || matches!((before, last), ("api", "secret") | ("client", "secret"))
    {
        return Some(Purpose::Bearer);
    }
    let is_key = last == "secret"
        || last == "key"
            && matches!(
                before,
                "secret"
                    | "encryption"
                    | "private"
                    | "aes"
                    | "master"
                    | "crypto"
                    | "signing"
                    | "hmac"
                    | "jwt"
                    | "cipher"
                    | "session"
                    | "fernet"
            );
    if is_key && !has(&["name", "id", "path"]) {
        return Some(Purpose::Key);
    }
    matches!(last, "nonce" | "salt" | "verifier").then_some(Purpose::Fresh)
}

/// A quick look at a name before its words are told apart.
fn may_be_secret(name: &str) -> bool {
    static PARTS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let parts = PARTS.get_or_init(|| {
        let parts = [
            "token", "remember", "pass", "pwd", "pw", "code", "otp", "pin", "key", "sid", "secret", "salt", "nonce",
            "session", "cookie", "csrf", "hash", "link", "xsrf", "verifier",
        ];
        AhoCorasick::builder().ascii_case_insensitive(true).build(parts).ok()
    });
    parts.as_ref().is_none_or(|parts| parts.is_match(name))
}

/// Tokens of a language, not of a caller.
fn is_of_text(words: &[String]) -> bool {
    words.iter().any(|word| {
        matches!(
            word.as_str(),
            "mask"
                | "masked"
                | "pad"
                | "eos"
                | "bos"
                | "sep"
                | "cls"
                | "unk"
                | "special"
                | "input"
                | "output"
                | "vocab"
                | "word"
                | "text"
                | "image"
                | "draft"
                | "target"
                | "sampled"
                | "first"
                | "last"
                | "num"
                | "max"
                | "cancel"
                | "symbol"
                | "crypto"
                | "erc20"
                | "base"
                | "quote"
                | "lexer"
                | "parse"
        )
    })
}

/// A name given to a value.
pub(crate) struct Binding<'a> {
    pub(crate) name: String,
    pub(crate) purpose: Purpose,
    pub(crate) value: At<'a>,
}

/// Names of secrets with the values they are given.
pub(crate) fn bindings<'a>(cx: &Context<'a>) -> Vec<Binding<'a>> {
    let mut found = Vec::new();
    let mut cookies: Vec<(FunctionId, Value)> = Vec::new();
    let reads_text = cx.imports_any(&[
        "torch",
        "tensorflow",
        "transformers",
        "jax",
        "nltk",
        "spacy",
        "tokenizers",
        "sentencepiece",
        "gensim",
        "tokenize",
    ]);
    for (id, function) in cx.module.function_ids() {
        let mut add = |name: &str, value: Value| {
            let Some(purpose) = purpose(name) else { return };
            if reads_text && purpose == Purpose::Bearer && matches!(name, "token" | "next_token" | "new_token") {
                return;
            }
            if let Some(value) = cx.at(id, value) {
                found.push(Binding { name: name.to_owned(), purpose, value });
            }
        };
        for &(symbol, value) in &function.assigned {
            if !matches!(
                function.op(value),
                Op::Parameter(_) | Op::Import(_) | Op::Function(_) | Op::Class(_) | Op::Constant(_) | Op::Refine { .. }
            ) {
                add(cx.module.symbols.text(symbol), value);
            }
        }
        if function.kind == FunctionKind::Def && names_maker(&function.name) {
            for &value in &function.returns {
                add(&function.name, value);
            }
        }
        for (_, op) in function.values() {
            match op {
                Op::StoreAttribute { name, value, .. } => add(cx.module.symbols.text(name), value),
                Op::StoreName { name, value } => add(cx.module.symbols.text(name), value),
                Op::StoreItem { index, value, .. } => {
                    if let Some(name) = beginning(cx, id, index, 0) {
                        add(&name, value);
                    }
                }
                Op::Build { collection: Collection::Dict, items } => {
                    for pair in function.list(items).chunks_exact(2) {
                        if let Some(name) = cx.module.constant_str(function, pair[0]) {
                            add(name, pair[1]);
                        }
                    }
                }
                // `f"Your verification code: {code}"`
                Op::Format(list) => {
                    let mut said = "";
                    for piece in function.format_pieces(list) {
                        match piece {
                            Piece::Literal(text) => said = cx.module.string(*text),
                            Piece::Hole(value) => {
                                if let Some(name) = announced(std::mem::take(&mut said)) {
                                    add(&name, *value);
                                }
                            }
                        }
                    }
                }
                // `"Your password: " + password`
                Op::Binary { op: BinaryOp::Add, left, right } => {
                    if let Some(name) = cx.module.constant_str(function, left).and_then(announced) {
                        add(&name, right);
                    }
                }
                Op::Call { callee, arguments } => {
                    let arguments = function.call_arguments(arguments);
                    for one in arguments {
                        if let Passing::Keyword(name) = one.passing {
                            add(cx.module.symbols.text(name), one.value);
                        }
                    }
                    if let Some(at) = cx.at(id, callee)
                        && let "set_cookie" | "set_signed_cookie" = last_name(at)
                        && let [name, held, ..] = arguments
                    {
                        match beginning(cx, id, name.value, 0) {
                            Some(name) if purpose(&name).is_some() => add(&name, held.value),
                            // What a visitor is given to show again: by it the site knows him.
                            name if !name.as_deref().is_some_and(is_trifle) => cookies.push((id, held.value)),
                            _ => {}
                        }
                    }
                    let (home, called, bound) = match cx.facts.fact(id, callee).entity {
                        Entity::Function(home, called) => (home, called, 0),
                        Entity::Method(home, called) => (home, called, 1),
                        _ => continue,
                    };
                    if let Some((module, called)) = cx.function(home, called) {
                        let positional = arguments.iter().take_while(|one| one.passing == Passing::Position);
                        for (one, parameter) in positional.zip(called.parameters.iter().skip(bound)) {
                            add(module.symbols.text(parameter.name), one.value);
                        }
                    }
                }
                _ => {}
            }
        }
    }
    for (id, value) in cookies {
        if let Some(value) = cx.at(id, value) {
            found.push(Binding { name: "cookie".to_owned(), purpose: Purpose::Bearer, value });
        }
    }
    found
}

/// A text, or what one begins with of which the rest is not known: `"remember" + name`.
fn beginning(cx: &Context<'_>, id: FunctionId, value: Value, depth: u32) -> Option<String> {
    let function = cx.module.function(id)?;
    if let Some(text) = cx.module.constant_str(function, value) {
        return Some(text.to_owned());
    }
    if depth > 4 {
        return None;
    }
    match function.op(function.plain(value)) {
        Op::Binary { op: BinaryOp::Add, left, .. } => beginning(cx, id, left, depth + 1),
        Op::Format(list) => match function.format_pieces(list).first()? {
            Piece::Literal(text) => Some(cx.module.string(*text).to_owned()),
            Piece::Hole(_) => None,
        },
        _ => match cx.facts.constant(id, value)? {
            Konst::Text(text) => Some(text.to_string()),
            _ => None,
        },
    }
}

/// The name of a secret that a text ends with where the secret follows: `Your new password: `, `token=`.
fn announced(text: &str) -> Option<String> {
    let text = text.trim_end();
    let text = text.strip_suffix(':').or_else(|| text.strip_suffix('=')).or_else(|| text.strip_suffix(" is"))?;
    let words: Vec<&str> =
        text.rsplit(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).take(2).collect();
    let name = match words.as_slice() {
        [last, before] => format!("{before}_{last}").to_ascii_lowercase(),
        [last] => last.to_ascii_lowercase(),
        _ => return None,
    };
    purpose(&name).is_some().then_some(name)
}

/// Whether a cookie of this name only says how somebody likes to see pages, or which of several he is shown.
fn is_trifle(name: &str) -> bool {
    let others =
        ["ab", "bucket", "variant", "experiment", "group", "cache", "random", "game", "score", "quiz", "captcha"];
    says_taste(name, &others)
}

/// `generate_token`, `make_password`, `api_key`: what it returns is that.
fn names_maker(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let makes = words.len() > 1
        && has(&["generate", "gen", "make", "create", "new", "random", "build", "get", "generator", "rand"]);
    // `def api_key(): …` is called for one.
    makes
        || !has(&[
            "check", "verify", "validate", "is", "has", "parse", "test", "login", "by", "from", "for", "with", "on",
            "handle", "send", "delete", "remove", "use", "type", "name", "len", "length", "size", "count", "index",
        ])
}

/// A generator that a value is made of.
#[derive(Clone, Copy)]
pub(crate) struct Made<'a> {
    pub(crate) generator: Generator,
    /// The call.
    pub(crate) at: At<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generator {
    /// The operating system's, or made of it.
    Secure,
    /// `random`, NumPy: made for simulation.
    Simulation,
    /// Made of the time and the address of the machine.
    Uuid1,
    /// Made of a name.
    NamedUuid,
    /// The clock.
    Clock,
}

fn generator(path: &str) -> Option<Generator> {
    const SECURE: &[&str] = &[
        "secrets.",
        "os.urandom",
        "os.getrandom",
        "random.SystemRandom",
        "uuid.uuid4",
        "Crypto.Random",
        "Cryptodome.Random",
        "nacl.utils.random",
        "ssl.RAND_bytes",
        "django.utils.crypto.get_random_string",
        "cryptography.fernet.Fernet.generate_key",
    ];
    if SECURE.iter().any(|one| path.starts_with(one)) {
        return Some(Generator::Secure);
    }
    match path {
        "uuid.uuid1" => return Some(Generator::Uuid1),
        "uuid.uuid3" | "uuid.uuid5" => return Some(Generator::NamedUuid),
        "time.time"
        | "time.time_ns"
        | "time.monotonic"
        | "time.perf_counter"
        | "datetime.datetime.now"
        | "datetime.datetime.utcnow"
        | "datetime.datetime.today"
        | "django.utils.timezone.now" => {
            return Some(Generator::Clock);
        }
        _ => {}
    }
    let drawn = path
        .strip_prefix("random.Random().")
        .or_else(|| path.strip_prefix("random."))
        .or_else(|| path.strip_prefix("numpy.random.default_rng()."))
        .or_else(|| path.strip_prefix("numpy.random.RandomState()."))
        .or_else(|| path.strip_prefix("numpy.random."))?;
    matches!(
        drawn,
        "random"
            | "randint"
            | "randrange"
            | "choice"
            | "choices"
            | "sample"
            | "getrandbits"
            | "uniform"
            | "randbytes"
            | "triangular"
            | "gauss"
            | "normalvariate"
            | "integers"
            | "rand"
            | "bytes"
            | "randn"
            | "betavariate"
            | "expovariate"
            | "gammavariate"
            | "lognormvariate"
            | "paretovariate"
            | "vonmisesvariate"
            | "weibullvariate"
            | "binomialvariate"
    )
    .then_some(Generator::Simulation)
}

/// SECURITY: values a walk may look at.
const MAX_VISITS: usize = 2000;

/// The generators that a value is made of, far back through the project.
pub(crate) fn made_of<'a>(cx: &Context<'a>, at: At<'a>) -> Vec<Made<'a>> {
    let mut walk = Walk { cx, found: Vec::new(), seen: FxHashSet::default() };
    walk.visit(at, 0);
    walk.found
}

struct Walk<'c, 'a> {
    cx: &'c Context<'a>,
    found: Vec<Made<'a>>,
    seen: FxHashSet<(ModuleId, FunctionId, Value)>,
}

impl<'a> Walk<'_, 'a> {
    fn visit(&mut self, at: At<'a>, depth: u32) {
        if depth > 60 || self.seen.len() > MAX_VISITS || !self.seen.insert((at.home, at.id, at.value)) {
            return;
        }
        let depth = depth + 1;
        match at.op() {
            Op::Call { callee, arguments } => self.call(at, callee, at.function.call_arguments(arguments), depth),
            Op::Format(_)
            | Op::Binary { .. }
            | Op::Phi(_)
            | Op::Or(_)
            | Op::Choice { .. }
            | Op::Item { .. }
            | Op::Element(_)
            | Op::Spread(_)
            | Op::Await(_)
            | Op::Unary(_) => {
                for value in at.function.operands_of(at.value) {
                    if value != Value::NONE {
                        self.visit(at.with(value), depth);
                    }
                }
            }
            Op::Build { .. } => {
                for value in at.function.operands_of(at.value) {
                    if value != Value::NONE {
                        self.visit(at.with(value), depth);
                    }
                }
                self.fills(at, depth);
            }
            Op::Subscript { of, .. } => self.visit(at.with(of), depth),
            Op::Refine { of, test, .. } => {
                self.visit(at.with(of), depth);
                self.appended(at.with(test), depth);
            }
            Op::Attribute { of, .. } => match at.function.op(of) {
                // `uuid.uuid1().hex`
                Op::Call { .. } => self.visit(at.with(of), depth),
                _ => {
                    for one in origins(self.cx, at) {
                        if one.value != at.value || one.id != at.id {
                            self.visit(one, depth);
                        } else if let Op::Attribute { of, .. } = one.op()
                            && matches!(last_word(at), "hex" | "int" | "bytes" | "microsecond")
                        {
                            self.visit(at.with(of), depth);
                        }
                    }
                }
            },
            Op::Name(_) | Op::Import(_) => {
                for one in origins(self.cx, at) {
                    self.visit(one, depth);
                }
            }
            _ => {}
        }
    }

    fn call(&mut self, at: At<'a>, callee: Value, arguments: &'a [casemate_python::syntax::Argument], depth: u32) {
        let callee = at.with(callee);
        let path = path(self.cx, callee).unwrap_or_default();
        if let Some(generator) = generator(path) {
            let is_drawn = !matches!(path.rsplit('.').next(), Some("choice" | "choices" | "sample"))
                || arguments.first().is_some_and(|from| self.is_alphabet(at.with(from.value), 0));
            if generator != Generator::Simulation || is_drawn {
                self.found.push(Made { generator, at });
            }
            return;
        }
        if let Entity::Function(home, id) | Entity::Method(home, id) = entity(self.cx, callee)
            && let Some((module, function)) = self.cx.function(home, id)
        {
            for &value in &function.returns {
                self.visit(At { home, module, id, function, value }, depth + 4);
            }
            for one in arguments {
                self.visit(at.with(one.value), depth);
            }
            return;
        }
        let last = last_name(callee);
        let shapes = matches!(
            last,
            "str"
                | "int"
                | "bytes"
                | "bytearray"
                | "hex"
                | "repr"
                | "format"
                | "join"
                | "list"
                | "tuple"
                | "map"
                | "sorted"
                | "reversed"
                | "round"
                | "abs"
                | "sum"
                | "chr"
                | "oct"
                | "float"
                | "encode"
                | "decode"
                | "hexdigest"
                | "digest"
                | "zfill"
                | "rjust"
                | "ljust"
                | "upper"
                | "lower"
                | "replace"
                | "strip"
                | "rstrip"
                | "lstrip"
                | "b64encode"
                | "urlsafe_b64encode"
                | "b32encode"
                | "hexlify"
                | "md5"
                | "sha1"
                | "sha224"
                | "sha256"
                | "sha384"
                | "sha512"
                | "new"
                | "sha3_256"
                | "blake2b"
                | "timestamp"
                | "isoformat"
                | "strftime"
                | "total_seconds"
                | "to_bytes"
                | "title"
                | "crc32"
                | "quote"
                | "force_str"
                | "force_bytes"
                | "mark_safe"
                | "pad"
                | "deepcopy"
                | "copy"
                | "next"
                | "iter"
                | "tolist"
                | "tobytes"
                | "item"
                | "hash"
                | "ceil"
                | "floor"
                | "trunc"
                | "Field"
                | "field"
                | "shuffle"
                | "SecretStr"
        );
        if shapes && let Op::Attribute { of, .. } = callee.stripped().op() {
            self.visit(at.with(of), depth);
        }
        for one in arguments {
            let hands_over = match one.passing {
                // A function that is called for the default.
                Passing::Keyword(name) => {
                    matches!(at.name(name), "default" | "default_factory" | "factory" | "insert_default")
                }
                _ => shapes,
            };
            if !hands_over {
                continue;
            }
            let given = at.with(one.value);
            if let Entity::Function(home, id) = entity(self.cx, given)
                && let Some((module, function)) = self.cx.function(home, id)
            {
                for &value in &function.returns {
                    self.visit(At { home, module, id, function, value }, depth + 4);
                }
            } else if matches!(given.op(), Op::Attribute { .. } | Op::Import(_))
                && let Some(generator) = self::path(self.cx, given).and_then(generator)
            {
                self.found.push(Made { generator, at: given });
            } else {
                self.visit(given, depth);
            }
        }
    }

    /// What is appended to a list later, where the list has no name of its own.
    fn fills(&mut self, list: At<'a>, depth: u32) {
        for (value, op) in list.function.values() {
            if let Op::Call { callee, .. } = op
                && let Op::Attribute { of, .. } = list.function.op(callee)
                && list.with(of).stripped().value == list.value
            {
                self.appended(list.with(value), depth);
            }
        }
    }

    /// `letters.append(…)`
    fn appended(&mut self, call: At<'a>, depth: u32) {
        if let Op::Call { callee, arguments } = call.op()
            && let Op::Attribute { name, .. } = call.function.op(callee)
            && matches!(call.name(name), "append" | "extend" | "insert" | "add")
        {
            for one in call.function.call_arguments(arguments) {
                self.visit(call.with(one.value), depth);
            }
        }
    }

    /// Whether a secret may be put together of these: letters, digits or words, not one of several things of the program.
    fn is_alphabet(&self, at: At<'a>, depth: u32) -> bool {
        if depth > 8 {
            return false;
        }
        let says = |name: &str| {
            words(name).iter().any(|word| {
                matches!(
                    word.as_str(),
                    "alphabet"
                        | "chars"
                        | "char"
                        | "characters"
                        | "letters"
                        | "digits"
                        | "charset"
                        | "symbols"
                        | "ascii"
                        | "alphanumeric"
                        | "hex"
                        | "hexdigits"
                        | "words"
                        | "wordlist"
                        | "punctuation"
                        | "lowercase"
                        | "uppercase"
                        | "numbers"
                        | "allowed"
                        | "set"
                        | "pool"
                        | "chrs"
                        | "alnum"
                        | "string"
                        | "source"
                )
            })
        };
        let at = at.stripped();
        match at.op() {
            Op::Constant(Constant::Str(text) | Constant::Bytes(text)) => at.module.string(text).len() > 1,
            Op::Binary { left, right, .. } => {
                self.is_alphabet(at.with(left), depth + 1) || self.is_alphabet(at.with(right), depth + 1)
            }
            Op::Call { callee, arguments } => {
                let last = last_name(at.with(callee));
                last == "range"
                    || matches!(last, "list" | "str" | "tuple" | "sorted" | "set" | "join")
                        && at
                            .function
                            .call_arguments(arguments)
                            .iter()
                            .any(|one| self.is_alphabet(at.with(one.value), depth + 1))
            }
            Op::Build { items, .. } => {
                let items = at.list(items);
                items.len() > 4
                    && items.iter().take(60).all(|&item| match at.function.op(item) {
                        Op::Constant(Constant::Str(text)) => at.module.string(text).chars().count() == 1,
                        Op::Constant(Constant::Int(_)) => true,
                        _ => false,
                    })
            }
            Op::Phi(list) | Op::Or(list) => at
                .list(list)
                .iter()
                .filter(|one| one.0 < at.value.0)
                .any(|&one| self.is_alphabet(at.with(one), depth + 1)),
            Op::Parameter(index) => {
                at.function.parameters.get(index as usize).is_some_and(|one| says(at.name(one.name)))
            }
            Op::Name(_) | Op::Import(_) | Op::Attribute { .. } => {
                path(self.cx, at).is_some_and(|path| path.starts_with("string."))
                    || says(at.written())
                    || origins(self.cx, at)
                        .into_iter()
                        .any(|one| one.value != at.value && self.is_alphabet(one, depth + 2))
            }
            _ => says(at.written()),
        }
    }
}

fn last_word(at: At<'_>) -> &str {
    match at.op() {
        Op::Attribute { name, .. } => at.name(name),
        _ => "",
    }
}

/// Names that the result of a call is given, through what only changes its form: where it is assigned, passed, stored,
/// returned.
pub(crate) fn names_given<'a>(cx: &Context<'a>, at: At<'a>) -> Vec<&'a str> {
    let function = at.function;
    let mut names: Vec<&'a str> = Vec::new();
    let mut reached = vec![at.value];
    for (value, op) in function.values() {
        if value.0 < at.value.0 {
            continue;
        }
        let has = |one: Value| reached.contains(&one);
        let goes_on = match op {
            _ if value == at.value => true,
            Op::Attribute { of, .. }
            | Op::Subscript { of, .. }
            | Op::Refine { of, .. }
            | Op::Await(of)
            | Op::Item { of, .. } => has(of),
            Op::Binary { left, right, .. } => has(left) || has(right),
            Op::Phi(list) | Op::Or(list) => function.list(list).iter().any(|&one| has(one)),
            Op::Choice { yes, no, .. } => has(yes) || has(no),
            Op::Format(_) => function.operands_of(value).into_iter().any(has),
            Op::Build { collection, items } => {
                if collection == Collection::Dict {
                    for pair in function.list(items).chunks_exact(2) {
                        if has(pair[1])
                            && let Some(name) = cx.module.constant_str(function, pair[0])
                        {
                            names.push(name);
                        }
                    }
                }
                false
            }
            Op::StoreAttribute { name, value, .. } | Op::StoreName { name, value } => {
                if has(value) {
                    names.push(cx.module.symbols.text(name));
                }
                false
            }
            Op::StoreItem { index, value, .. } => {
                if has(value)
                    && let Some(name) = cx.module.constant_str(function, index)
                {
                    names.push(name);
                }
                false
            }
            Op::Call { callee, arguments } => {
                let arguments = function.call_arguments(arguments);
                for one in arguments.iter().filter(|one| has(one.value)) {
                    if let Passing::Keyword(name) = one.passing {
                        names.push(cx.module.symbols.text(name));
                    }
                }
                has(callee)
                    || arguments.iter().any(|one| has(one.value))
                        && matches!(
                            last_name(at.with(callee)),
                            "str"
                                | "int"
                                | "bytes"
                                | "hex"
                                | "b64encode"
                                | "urlsafe_b64encode"
                                | "hexlify"
                                | "join"
                                | "format"
                                | "b32encode"
                                | "encode"
                                | "decode"
                        )
            }
            _ => false,
        };
        if goes_on && value != at.value {
            reached.push(value);
        }
        if reached.len() > 200 {
            break;
        }
    }
    for &(symbol, value) in &function.assigned {
        if reached.contains(&value) {
            names.push(cx.module.symbols.text(symbol));
        }
    }
    if function.returns.iter().any(|value| reached.contains(value)) {
        names.push(&function.name);
    }
    names
}

/// Whether what is done here is laid down by somebody else: a module that only talks to a service, reads what others
/// encrypted and encrypts nothing itself, or a class or module for a format of files. Whoever reads a PDF does as it says.
pub(crate) fn follows_another(cx: &Context<'_>, module: ModuleId, id: FunctionId) -> bool {
    let Some(source) = cx.program.module(module) else { return false };
    reads_only(source)
        || is_of_format(source, id)
        || is_of_protocol(source, id)
        || module == cx.facts.module && speaks_to_service(cx)
}

/// Values of a function that this one goes on in: not what is looked up by it, and not what is only known since a test of it.
pub(crate) fn goes_on(function: &Function, value: Value) -> Vec<Value> {
    let mut found = vec![value];
    for (later, op) in function.values().skip(value.0 as usize + 1) {
        let has = |one: Value| found.contains(&one);
        let is_it = match op {
            Op::Refine { of, .. } | Op::Subscript { of, .. } => has(of),
            _ => function.operands_of(later).into_iter().any(has),
        };
        if is_it {
            found.push(later);
        }
        if found.len() > 300 {
            break;
        }
    }
    found.remove(0);
    found
}

/// Whether a cipher is made here to decrypt, and not to encrypt: who encrypted has chosen it.
pub(crate) fn only_decrypts(at: At<'_>) -> bool {
    let function = at.function;
    let mut reads = false;
    for (_, op) in function.values() {
        let Op::Attribute { of, name } = op else { continue };
        if function.bare(of) != at.value {
            continue;
        }
        match at.name(name) {
            "decrypt" | "decryptor" | "decrypt_and_verify" => reads = true,
            "encrypt" | "encryptor" | "encrypt_and_digest" => return false,
            _ => {}
        }
    }
    reads
}

/// Whether nothing is done with what a call in a `try` gives: it only looks whether the call works.
pub(crate) fn is_tried(at: At<'_>) -> bool {
    let function = at.function;
    goes_on(function, at.value).is_empty()
        && !function.returns.contains(&at.value)
        && function.assigned.iter().all(|(_, value)| *value != at.value)
        && stands_in_try(&at.module.text, at.span().start as usize)
}

/// Whether a place stands in the body of a `try`, or of a `with` that says what may be raised, of its function.
fn stands_in_try(text: &str, place: usize) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.get(..place).unwrap_or_default().lines().rev();
    let Some(mut inner) = lines.next().map(indent) else { return false };
    for line in lines {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') || indent(line) >= inner {
            continue;
        }
        inner = indent(line);
        match trimmed.split([' ', ':', '(']).next() {
            Some("try") => return true,
            Some("with") if trimmed.contains("raises") || trimmed.contains("suppress") => return true,
            Some("def" | "async" | "class") => return false,
            _ => {}
        }
    }
    false
}

/// The names of a function and of those it stands in, each with that of its class.
fn scopes_around(source: &Module, id: FunctionId) -> impl Iterator<Item = (&str, Option<&str>)> {
    let outward = |scope: &&Function| source.function(scope.parent.filter(|parent| parent.0 != 0)?);
    std::iter::successors(source.function(id), move |scope| outward(scope)).map(|scope| {
        let class = scope.class.and_then(|class| source.class(class));
        (scope.name.as_str(), class.map(|class| class.name.as_str()))
    })
}

/// Whether a name is that of a scheme for `crypt(3)`: `md5_crypt`, `raw_sha2_crypt`. What it does with a hash is laid down.
fn is_crypt_scheme(name: &str) -> bool {
    words(name).windows(2).any(|pair| {
        pair.last().is_some_and(|last| last == "crypt")
            && pair.first().is_some_and(|hash| {
                matches!(hash.as_str(), "md5" | "sha1" | "sha2" | "sha256" | "sha512" | "des" | "bsdi" | "apr" | "nt")
            })
    })
}

/// Whether the names of a function, its class or its file say whose protocol it speaks, that lays down hashes and ciphers.
pub(crate) fn is_of_protocol(source: &Module, id: FunctionId) -> bool {
    let names = |name: &str| {
        words(name).iter().any(|word| {
            matches!(
                word.as_str(),
                "ocsp"
                    | "gssapi"
                    | "dpapi"
                    | "mysql"
                    | "ntlm"
                    | "ntlmv1"
                    | "ntlmv2"
                    | "lanman"
                    | "lmhash"
                    | "nthash"
                    | "radius"
                    | "tacacs"
                    | "chap"
                    | "mschap"
                    | "mschapv2"
                    | "apop"
                    | "vnc"
                    | "rfb"
                    | "krb5"
                    | "kerberos"
                    | "smb"
                    | "wep"
                    | "mifare"
                    | "yubikey"
                    | "totp"
                    | "hotp"
                    | "ocra"
                    | "mssql"
                    | "htdigest"
                    | "quarantine"
                    | "quarantined"
            )
            // `APOPCredentials`
            || word.starts_with("apop")
        }) || is_crypt_scheme(name)
    };
    let file = source.path.rsplit('/').next().unwrap_or_default();
    scopes_around(source, id).any(|(function, class)| names(function) || class.is_some_and(names))
        || names(file.strip_suffix(".py").unwrap_or(file))
}

/// Whether a function answers what the other side made up for this one time: what it hashes with the secret is never kept,
/// and how is for both sides to know.
pub(crate) fn answers_challenge(source: &Module, function: &Function) -> bool {
    let speaks = |name: &str| {
        words(name).iter().any(|word| matches!(word.as_str(), "challenge" | "nonce" | "snonce" | "cnonce" | "realm"))
    };
    function.parameters.iter().any(|parameter| speaks(source.symbols.text(parameter.name)))
        || function.values().any(|(_, op)| match op {
            Op::Attribute { of, name } => {
                matches!(function.op(function.bare(of)), Op::Parameter(0)) && speaks(source.symbols.text(name))
            }
            _ => false,
        })
}

/// Whether an algorithm is one of several: it is looked up in a table, handed over, or kept in an object that was made with
/// it. Whoever asks for the weak one says so elsewhere.
pub(crate) fn is_one_of_several(cx: &Context<'_>, at: At<'_>) -> bool {
    if cx.persona == Persona::Pedantic {
        return false;
    }
    let mut at = at.stripped();
    for _ in 0..8 {
        at = match at.op() {
            Op::Call { callee, .. } => at.with(callee).stripped(),
            Op::Item { of, .. } | Op::Element(of) => at.with(of).stripped(),
            Op::Subscript { index, .. } => return at.module.constant_str(at.function, index).is_none(),
            Op::Parameter(_) | Op::Or(_) | Op::Choice { .. } | Op::Phi(_) => return true,
            Op::Attribute { of, .. } => return matches!(at.with(of).stripped().op(), Op::Parameter(0)),
            _ => return false,
        };
    }
    false
}

/// Whether a module decrypts and encrypts nothing.
pub(crate) fn reads_only(source: &Module) -> bool {
    let has = |name: &str| source.symbols.find(name).is_some();
    (has("decryptor") || has("decrypt")) && !has("encryptor") && !has("encrypt")
}

/// Whether a function belongs to a class or module for a format of files that says how passwords and keys are used.
pub(crate) fn is_of_format(source: &Module, id: FunctionId) -> bool {
    let names = |name: &str| {
        words(name).first().is_some_and(|word| {
            matches!(
                word.as_str(),
                "pdf"
                    | "pdfdocument"
                    | "rar"
                    | "rarfile"
                    | "zipcrypto"
                    | "zipdecrypter"
                    | "sevenzip"
                    | "7z"
                    | "xls"
                    | "xlsx"
                    | "docx"
                    | "ole"
                    | "epub"
                    | "kdbx"
                    | "keepass"
                    | "jks"
            )
        })
    };
    let file = source.path.rsplit('/').next().unwrap_or_default();
    scopes_around(source, id).any(|(_, class)| class.is_some_and(names)) || names(file)
}

/// Whether a module talks to a service of somebody else and serves nobody.
pub(crate) fn speaks_to_service(cx: &Context<'_>) -> bool {
    let text = &cx.module.text;
    let names_service = ["\"https://", "'https://", "\"http://", "'http://"].iter().any(|scheme| {
        text.match_indices(scheme).any(|(at, _)| {
            let host = text.get(at + scheme.len()..).unwrap_or_default();
            !["localhost", "127.", "0.0.0.0", "{", "%", "\"", "'"].iter().any(|own| host.starts_with(own))
        })
    });
    names_service && !calls::imports(cx.module, calls::WEB)
}

/// Whether a module only asks a server of somebody else, who says how requests are signed: it names the address of a service,
/// serves nobody and verifies nothing.
pub(crate) fn is_asked_by_another(cx: &Context<'_>) -> bool {
    let verifies = cx.module.functions.iter().any(|function| {
        let words = words(&function.name);
        let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
        has(&["verify", "verifies", "unsign"])
            || has(&["check", "validate", "valid", "is"])
                && has(&["signature", "sig", "mac", "hmac", "token", "password", "digest", "hash", "code", "user"])
    });
    let compares = ["compare_digest", "constant_time_compare", "safe_str_cmp"];
    !verifies
        && !compares.iter().any(|name| cx.module.symbols.find(name).is_some())
        && !calls::imports(cx.module, calls::WEB)
        && (cx.module.text.contains("\"https://") || cx.module.text.contains("'https://"))
}
