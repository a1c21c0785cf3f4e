//! Code that serves somebody else: reverse shells, hidden programs, thieves of credentials.

use casemate_python::syntax::{Argument, Constant, Function, FunctionId, Module, Op, Piece, Span, Value};

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `backdoor-pattern`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1613",
    name: "backdoor-pattern",
    summary: "Code that hides what it runs, or hands the machine to somebody else",
    severity: Severity::Critical,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[506],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "15.2.4",
    page: include_str!("backdoor_pattern.md"),
};

/// How far an expression is followed.
const MAX_STEPS: usize = 400;

/// A literal of this length holds a program, not a word.
const HIDDEN: usize = 48;

/// So many blanks put what follows out of sight.
const BLANKS: usize = 80;

const REMEDY: &str = "Find out who brought it and when (`git log -S`), treat every machine that ran it and every secret it could read as known to others, and take it out.";

/// Functions that turn a literal into something else to run.
const DECODES: [&str; 22] = [
    "base64.b64decode",
    "base64.standard_b64decode",
    "base64.urlsafe_b64decode",
    "base64.b32decode",
    "base64.b16decode",
    "base64.b85decode",
    "base64.a85decode",
    "base64.decodebytes",
    "zlib.decompress",
    "gzip.decompress",
    "bz2.decompress",
    "lzma.decompress",
    "codecs.decode",
    "binascii.unhexlify",
    "binascii.a2b_base64",
    "bytes.fromhex",
    "bytearray.fromhex",
    "marshal.loads",
    "binascii.a2b_hex",
    "builtins.bytes.fromhex",
    "builtins.bytearray.fromhex",
    "cryptography.fernet.Fernet.decrypt",
];

/// Functions that bring something from elsewhere.
const FETCHES: [&str; 14] = [
    "requests.get",
    "requests.post",
    "requests.request",
    "httpx.get",
    "httpx.post",
    "urllib.request.urlopen",
    "urllib.request.urlretrieve",
    "urllib2.urlopen",
    "urllib.urlopen",
    "urllib3.PoolManager.request",
    "http.client.HTTPConnection.getresponse",
    "http.client.HTTPSConnection.getresponse",
    "aiohttp.request",
    "wget.download",
];

/// Without one of these words no command that is started gives a shell away or fetches a script.
const TELLTALES: [&str; 9] =
    ["dup2", "/dev/tcp/", "nc ", "ncat ", "curl ", "wget ", "owershell", "owerShell", "OWERSHELL"];

/// Whether a module can have anything of this at all that asks for what its names mean.
pub(crate) fn may_hide(module: &Module) -> bool {
    let names = ["exec", "eval", "__import__", "FunctionType"];
    names.iter().any(|name| module.symbols.find(name).is_some())
        || ["os", "subprocess", "pty"].iter().any(|name| module.symbols.find(name).is_some())
            && TELLTALES.iter().any(|word| module.text.contains(word))
}

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, String, Severity)> = Vec::new();
    executed(cx, &mut found);
    shells(cx, &mut found);
    thieves(cx, &mut found);
    out_of_sight(cx, &mut found);
    for (function, span, message, severity) in found {
        let at = (cx.facts.module, function);
        let finding = cx.report(&RULE, at, span, message);
        finding.severity = severity;
        finding.confidence = if severity == Severity::Critical { Confidence::High } else { Confidence::Medium };
        finding.remedy = REMEDY.to_owned();
    }
}

/// The path of what a call calls, builtins by their name.
fn called<'c>(cx: &'c Context<'_>, id: FunctionId, function: &Function, callee: Value) -> &'c str {
    if let Some(path) = cx.facts.path(id, callee) {
        return path.strip_prefix("builtins.").unwrap_or(path);
    }
    match function.op(callee) {
        Op::Name(name) => cx.module.symbols.text(name),
        _ => "",
    }
}

/// What an expression is made of.
#[derive(Default)]
struct Parts {
    decodes: usize,
    fetches: bool,
    unmarshals: bool,
    makes_letters: bool,
    longest: usize,
}

fn parts(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value) -> Parts {
    let mut parts = Parts::default();
    let mut left = vec![value];
    let mut seen: Vec<Value> = Vec::new();
    let mut steps = 0;
    while let Some(value) = left.pop() {
        steps += 1;
        if steps > MAX_STEPS || seen.contains(&value) {
            continue;
        }
        seen.push(value);
        match function.op(value) {
            Op::Constant(Constant::Str(text) | Constant::Bytes(text)) => {
                parts.longest = parts.longest.max(cx.module.string(text).len());
            }
            Op::Call { callee, arguments } => {
                let path = called(cx, id, function, callee);
                if DECODES.contains(&path) {
                    parts.decodes += 1;
                    parts.unmarshals |= path == "marshal.loads";
                } else if FETCHES.contains(&path) {
                    parts.fetches = true;
                } else if path == "chr" {
                    parts.makes_letters = true;
                } else if let Op::Attribute { of, name } = function.op(callee) {
                    // `"6578".fromhex`, `text.decode("rot13")`, `response.read()`
                    if cx.module.symbols.text(name) == "fromhex" {
                        parts.decodes += 1;
                    }
                    left.push(of);
                }
                left.extend(function.call_arguments(arguments).iter().map(|argument| argument.value));
            }
            Op::Attribute { of, .. }
            | Op::Await(of)
            | Op::Refine { of, .. }
            | Op::Enter(of)
            | Op::Element(of)
            | Op::Spread(of)
            | Op::Item { of, .. } => {
                left.push(of);
            }
            Op::Subscript { of, .. } => left.push(of),
            Op::Binary { left: a, right: b, .. } => left.extend([a, b]),
            Op::Choice { yes, no, .. } => left.extend([yes, no]),
            Op::Phi(list) | Op::Build { items: list, .. } => left.extend(function.list(list).iter().copied()),
            Op::Format(pieces) => left.extend(function.format_pieces(pieces).iter().filter_map(|piece| match piece {
                Piece::Hole(hole) => Some(*hole),
                Piece::Literal(_) => None,
            })),
            // A name of the module, assigned once.
            Op::Name(name) if id.0 != 0 || function.assigned.is_empty() => {
                if let Some(body) = cx.module.function(FunctionId(0)) {
                    for (assigned, value) in &body.assigned {
                        if *assigned == name
                            && let Op::Constant(Constant::Str(text) | Constant::Bytes(text)) = body.op(*value)
                        {
                            parts.longest = parts.longest.max(cx.module.string(text).len());
                        }
                    }
                }
            }
            _ => {}
        }
    }
    parts
}

/// `exec(base64.b64decode(…))`, `eval(requests.get(…).text)`
fn executed(cx: &Context<'_>, found: &mut Vec<(FunctionId, Span, String, Severity)>) {
    for (id, function, value, callee, arguments) in cx.calls() {
        let name = called(cx, id, function, callee);
        if !matches!(name, "exec" | "eval" | "compile" | "__import__" | "types.FunctionType") {
            continue;
        }
        let Some(first) = arguments.first() else { continue };
        let parts = parts(cx, id, function, first.value);
        let span = function.span_of(value);
        if name != "compile" && name != "__import__" && parts.fetches {
            let message = format!(
                "`{name}` runs what a server answers: whoever holds that address decides what this program does"
            );
            found.push((id, span, message, Severity::Critical));
        } else if parts.decodes > 0
            && parts.longest >= HIDDEN
            && (name != "eval" || parts.decodes > 1 || parts.unmarshals || parts.longest >= 4 * HIDDEN)
        {
            found.push((
                id,
                span,
                format!("`{name}` runs a program that is hidden in an encoded literal"),
                Severity::Critical,
            ));
        } else if name == "exec" && parts.makes_letters && !is_in_tests(cx) {
            found.push((
                id,
                span,
                "`exec` runs a program that is put together letter by letter".to_owned(),
                Severity::High,
            ));
        }
    }
}

fn is_in_tests(cx: &Context<'_>) -> bool {
    cx.scope.surroundings(&cx.module.path) != casemate_secrets::Surroundings::Product
}

const RUNS: [&str; 12] = [
    "os.system",
    "os.popen",
    "subprocess.call",
    "subprocess.run",
    "subprocess.Popen",
    "subprocess.check_output",
    "subprocess.check_call",
    "subprocess.getoutput",
    "pty.spawn",
    "os.execl",
    "os.execv",
    "os.execve",
];

/// Shells that answer to somebody else.
fn shells(cx: &Context<'_>, found: &mut Vec<(FunctionId, Span, String, Severity)>) {
    let mut turned: Vec<(FunctionId, Span, u32)> = Vec::new();
    let mut starts: Vec<FunctionId> = Vec::new();
    let mut connects: Vec<FunctionId> = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let path = called(cx, id, function, callee);
        let span = function.span_of(value);
        if path == "os.dup2" && arguments.first().is_some_and(|first| is_fileno(cx, function, first.value)) {
            let target = arguments.get(1).map(|second| function.op(second.value));
            if matches!(target, Some(Op::Constant(Constant::Int(0..=2))) | Some(Op::Call { .. }) | Some(Op::Element(_)))
            {
                turned.push((id, span, 1));
            }
        }
        if RUNS.contains(&path) {
            starts.push(id);
            if let Some(what) = commanded(cx, function, arguments) {
                found.push((id, span, what, Severity::Critical));
            }
        }
        if let Op::Attribute { name, .. } = function.op(callee)
            && matches!(cx.module.symbols.text(name), "connect" | "connect_ex")
        {
            connects.push(id);
        }
        if path == "socket.create_connection" {
            connects.push(id);
        }
    }
    // Standard streams turned to a connection, and a program started on them.
    let mut told: Vec<FunctionId> = Vec::new();
    for (id, span, _) in turned {
        if connects.contains(&id) && starts.contains(&id) && !told.contains(&id) {
            told.push(id);
            let message = "a shell is given to whoever is at the other end of a connection".to_owned();
            found.push((id, span, message, Severity::Critical));
        }
    }
}

fn is_fileno(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    match function.op(value) {
        Op::Call { callee, .. } => {
            matches!(function.op(callee), Op::Attribute { name, .. } if cx.module.symbols.text(name) == "fileno")
        }
        Op::Refine { of, .. } => matches!(function.op(of), Op::Call { .. }) && is_fileno(cx, function, of),
        _ => false,
    }
}

/// What is wrong with a command that is started, if its words say so.
fn commanded(cx: &Context<'_>, function: &Function, arguments: &[Argument]) -> Option<String> {
    let first = arguments.first()?;
    let mut text = String::new();
    let mut add = |value: Value| match function.op(value) {
        Op::Constant(Constant::Str(constant) | Constant::Bytes(constant)) => {
            text.push_str(cx.module.string(constant));
            text.push(' ');
        }
        Op::Format(pieces) => {
            for piece in function.format_pieces(pieces) {
                if let Piece::Literal(literal) = piece {
                    text.push_str(cx.module.string(*literal));
                }
            }
        }
        _ => {}
    };
    match function.op(first.value) {
        Op::Build { items, .. } => function.list(items).iter().copied().for_each(&mut add),
        Op::Binary { left, right, .. } => [left, right].into_iter().for_each(&mut add),
        _ => add(first.value),
    }
    let has = |word: &str| text.contains(word);
    let lower = text.to_ascii_lowercase();
    if has("/dev/tcp/") && (has("sh -i") || has("0>&1") || has(">&")) {
        return Some("a shell is given to whoever is at the other end of a connection".to_owned());
    }
    if (lower.contains("nc ") || lower.contains("ncat "))
        && (has(" -e /bin") || has(" -e sh") || has(" -e bash") || has("-e cmd"))
    {
        return Some("a shell is given to whoever is at the other end of a connection".to_owned());
    }
    let is_hidden = lower.contains("powershell") && {
        let flag = lower.split_whitespace().any(|word| matches!(word, "-enc" | "-e" | "-ec" | "-encodedcommand"));
        let long = text.split_whitespace().any(|word| {
            word.len() >= HIDDEN
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
        });
        (flag && long) || ((lower.contains("iex") || lower.contains("invoke-expression")) && lower.contains("download"))
    };
    if is_hidden {
        return Some("a command that PowerShell decodes or fetches is run unseen".to_owned());
    }
    // At import nobody has asked for anything yet.
    let at_import = matches!(function.kind, casemate_python::syntax::FunctionKind::Module);
    let is_setup = cx.module.path.ends_with("setup.py") || cx.module.path.ends_with("__init__.py");
    if (at_import || cx.module.path.ends_with("setup.py"))
        && is_setup
        && (has("curl ") || has("wget "))
        && ["| sh", "|sh", "| bash", "|bash", "| python", "|python"].iter().any(|pipe| has(pipe))
    {
        return Some("whoever installs or imports this runs a script from elsewhere".to_owned());
    }
    None
}

/// Where browsers and wallets keep what is worth stealing.
const KEPT: [&str; 16] = [
    "Login Data",
    "Local State",
    "\\Google\\Chrome\\User Data",
    "/Google/Chrome/",
    "BraveSoftware",
    "Local Extension Settings",
    "wallet.dat",
    "Exodus",
    "Electrum",
    "Local Storage\\leveldb",
    "Local Storage/leveldb",
    "moz_logins",
    "logins.json",
    "key4.db",
    "discordcanary",
    "\\Opera Software",
];

/// Places that take what was stolen without asking who sends it.
const DROPS: [&str; 6] = [
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "api.telegram.org/bot",
    "https://webhook.site/",
    "store1.gofile.io",
    "transfer.sh/",
];

/// Reads what browsers and wallets keep, and sends it away.
fn thieves(cx: &Context<'_>, found: &mut Vec<(FunctionId, Span, String, Severity)>) {
    let text = &cx.module.text;
    if !DROPS.iter().any(|drop| text.contains(drop)) || KEPT.iter().filter(|place| text.contains(**place)).count() < 2 {
        return;
    }
    // In literals, not in prose about them.
    let mut drop = None;
    let mut places: Vec<&str> = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let constants: Vec<&str> = match op {
                Op::Constant(Constant::Str(text) | Constant::Bytes(text)) => vec![cx.module.string(text)],
                Op::Format(pieces) => function
                    .format_pieces(pieces)
                    .iter()
                    .filter_map(|piece| match piece {
                        Piece::Literal(text) => Some(cx.module.string(*text)),
                        Piece::Hole(_) => None,
                    })
                    .collect(),
                _ => continue,
            };
            for constant in constants {
                if constant.len() < 400 && DROPS.iter().any(|place| constant.contains(place)) {
                    drop = drop.or(Some((id, function.span_of(value))));
                }
                for place in KEPT {
                    if constant.len() < 400 && constant.contains(place) && !places.contains(&place) {
                        places.push(place);
                    }
                }
            }
        }
    }
    if let Some((id, span)) = drop
        && places.len() >= 2
    {
        let message =
            format!("what browsers or wallets keep (`{}`) is read here and sent away", places.first().unwrap_or(&""));
        found.push((id, span, message, Severity::Critical));
    }
}

/// Code far to the right, where nobody scrolls.
fn out_of_sight(cx: &Context<'_>, found: &mut Vec<(FunctionId, Span, String, Severity)>) {
    let text = &cx.module.text;
    let blanks = " ".repeat(BLANKS);
    let mut at = 0;
    while let Some(start) = memchr_find(text, &blanks, at) {
        let rest = text.get(start..).unwrap_or_default();
        let len = rest.len() - rest.trim_start_matches(' ').len();
        let code = rest.get(len..).unwrap_or_default();
        let line = code.lines().next().unwrap_or_default();
        at = start + len;
        let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let before = text.get(line_start..start).unwrap_or_default();
        // A statement of its own behind a statement: `import os <blanks> ; exec(…)`.
        let runs = ["exec(", "eval(", "__import__(", "compile(", "os.system(", "subprocess.", "import "]
            .iter()
            .any(|word| line.contains(word));
        let is_statement = line.trim_start().starts_with(';') || before.trim_end().ends_with(';');
        if before.trim().is_empty() || before.contains('#') || !runs || !is_statement {
            continue;
        }
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span { start: offset(start + len), end: offset(start + len + line.len()) };
        let message = format!("a statement stands {len} blanks to the right of the line, out of sight");
        found.push((FunctionId(0), span, message, Severity::Critical));
    }
}

fn memchr_find(text: &str, what: &str, from: usize) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| from + at)
}
