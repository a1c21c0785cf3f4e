//! Something fetched and run, or installed, without knowing what it is.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use parse_dockerfile::{Instruction, Source};

use super::shell::{self, Command, Pipeline, Word};
use super::{files, scripts};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::TextContext;

/// `unverified-download`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1604",
    name: "unverified-download",
    summary: "A program is fetched and run without knowing what it is",
    severity: Severity::Medium,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[494],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "15.2.4",
    page: include_str!("unverified_download.md"),
};

/// Texts without any of these fetch nothing in a way this rule knows.
static MENTIONS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::new([
        "curl",
        "wget",
        "pip",
        "apt",
        "apk",
        "yum",
        "dnf",
        "npm",
        "git",
        "conda",
        "ADD",
        "add",
        "SSL_NO_VERIFY",
        "TLS_REJECT",
        "yarn",
        "uv",
    ])
    .ok()
});

pub(crate) fn check(cx: &mut TextContext<'_>) {
    if !MENTIONS.as_ref().is_some_and(|mentions| mentions.is_match(cx.text)) {
        return;
    }
    let pipelines = scripts::of(cx);
    let mut found: Vec<Found> = Vec::new();
    shell::each(&pipelines, &mut |pipeline| {
        piped(pipeline, &mut found);
        for command in &pipeline.commands {
            substituted(command, &mut found);
            unchecked(command, &mut found);
        }
    });
    if files::is_dockerfile(cx) {
        added(cx, &mut found);
    }
    for one in found {
        if one.is_suspicion && !cx.is_pedantic() {
            continue;
        }
        let finding = cx.report(&RULE, one.span, one.message);
        finding.severity = one.severity;
        finding.confidence = one.confidence;
        finding.remedy = one.remedy.to_owned();
    }
}

/// The first thing wrong with some commands, and how to mend it.
pub(super) fn first(pipelines: &[Pipeline]) -> Option<(String, &'static str)> {
    let mut found = Vec::new();
    shell::each(pipelines, &mut |pipeline| {
        piped(pipeline, &mut found);
        for command in &pipeline.commands {
            substituted(command, &mut found);
            unchecked(command, &mut found);
        }
    });
    found.into_iter().find(|one: &Found| !one.is_suspicion).map(|one| (one.message, one.remedy))
}

struct Found {
    span: std::ops::Range<usize>,
    message: String,
    remedy: &'static str,
    severity: Severity,
    confidence: Confidence,
    /// Only for those who want to see what merely looks bad.
    is_suspicion: bool,
}

impl Found {
    fn new(span: std::ops::Range<usize>, message: String, remedy: &'static str) -> Self {
        Self { span, message, remedy, severity: Severity::Medium, confidence: Confidence::High, is_suspicion: false }
    }
}

const PIN: &str = "Fetch a named version to a file, compare its SHA-256 with one written here (`echo \"<digest>  file\" | sha256sum -c`), then run it; or install the program from a package manager that checks signatures.";

fn is_fetch(command: &Command) -> bool {
    matches!(command.program(), "curl" | "wget" | "http" | "https" | "fetch" | "aria2c")
        && command.arguments().iter().any(|word| !word.text.starts_with('-'))
}

/// Programs that run what they read.
fn runs_input(command: &Command) -> bool {
    let program = command.program();
    let arguments = command.arguments();
    if shell::is_shell(program) {
        // `sh script` reads its input as data; `sh -s -- arguments` and `sh -` run it.
        return !arguments.iter().any(|word| word.text == "-c")
            && (arguments.iter().all(|word| word.text.starts_with(['-', '+']) || word.text == "/dev/stdin")
                || arguments.iter().any(|word| {
                    word.text == "-s"
                        || (word.text.starts_with('-') && !word.text.starts_with("--") && word.text.ends_with('s'))
                }));
    }
    if is_interpreter(program) {
        return arguments.first().is_none_or(|word| matches!(word.text.as_str(), "-" | "/dev/stdin"));
    }
    false
}

fn is_interpreter(program: &str) -> bool {
    matches!(program, "perl" | "ruby" | "node" | "php" | "pwsh" | "python" | "python2")
        || program
            .strip_prefix("python3")
            .is_some_and(|rest| rest.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit()))
}

fn address(command: &Command) -> String {
    let mut words = command.arguments().iter().map(|word| word.text.trim_matches(['"', '\'']));
    words
        .find(|word| word.contains("://"))
        .or_else(|| words.find(|word| word.contains('$')))
        .unwrap_or("what it fetches")
        .to_owned()
}

fn is_local(address: &str) -> bool {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = host.split(['/', '?']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    ["localhost", "127.", "[::1]", "0.0.0.0", "host.docker.internal"].iter().any(|local| host.starts_with(local))
}

/// `curl … | sh`
fn piped(pipeline: &Pipeline, found: &mut Vec<Found>) {
    let Some(at) = pipeline.commands.iter().position(is_fetch) else { return };
    let Some(fetch) = pipeline.commands.get(at) else { return };
    let rest = pipeline.commands.get(at + 1..).unwrap_or_default();
    // A program in between may check a signature.
    if rest.iter().any(|command| matches!(command.program(), "gpg" | "gpgv" | "sha256sum" | "cosign" | "minisign")) {
        return;
    }
    let Some(runs) = rest.iter().find(|command| runs_input(command)) else { return };
    let address = address(fetch);
    if is_local(&address) {
        return;
    }
    let span = fetch.span().start..runs.span().end;
    let message = if address.starts_with("http://") {
        format!(
            "`{address}` is fetched without encryption and run by `{}`: anyone on the way decides what runs",
            runs.program()
        )
    } else {
        format!("`{}` runs whatever `{address}` answers today", runs.program())
    };
    let mut one = Found::new(span, message, PIN);
    if address.starts_with("http://") {
        one.severity = Severity::High;
    }
    found.push(one);
}

/// `sh -c "$(curl …)"`, `bash <(curl …)`, `eval "$(curl …)"`
fn substituted(command: &Command, found: &mut Vec<Found>) {
    let program = command.program();
    if !(shell::is_shell(program) || is_interpreter(program) || matches!(program, "eval" | "source" | ".")) {
        return;
    }
    for (at, word) in command.arguments().iter().enumerate() {
        // Only what is run: the script of `-c` as a whole, or the file.
        let text = word.text.as_str();
        let is_code = (text.starts_with("$(") || text.starts_with('`'))
            && (program == "eval" || {
                let before = at.checked_sub(1).and_then(|at| command.arguments().get(at));
                before.is_some_and(|flag| flag.text.starts_with('-') && (flag.text.ends_with('c') || flag.text == "-e"))
            })
            || text.starts_with("<(");
        if !is_code {
            continue;
        }
        let Some(fetch) =
            word.inner.iter().flat_map(|pipeline| pipeline.commands.first()).find(|command| is_fetch(command))
        else {
            continue;
        };
        let address = address(fetch);
        if !is_local(&address) {
            found.push(Found::new(command.span(), format!("`{program}` runs whatever `{address}` answers today"), PIN));
        }
    }
}

/// Tools told not to check who answers, or who signed.
fn unchecked(command: &Command, found: &mut Vec<Found>) {
    let program = command.program();
    let arguments = command.arguments();
    let value_of = |flag: &str| -> Option<&Word> {
        let at = arguments.iter().position(|word| word.text == flag)?;
        arguments.get(at + 1)
    };
    let joined = |flag: &str| {
        arguments.iter().find(|word| word.text.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=')))
    };
    let mut tell = |message: String, remedy: &'static str| found.push(Found::new(command.span(), message, remedy));
    match program {
        "curl" | "wget" => {
            let is_off = if program == "curl" {
                command.has(&["--insecure", "--proxy-insecure"]) || command.has_short('k')
            } else {
                command.has(&["--no-check-certificate"])
            };
            let address = address(command);
            if is_off && !is_local(&address) {
                let is_known =
                    address.contains("://") && !address.split("://").nth(1).is_some_and(|host| host.starts_with('$'));
                let message = format!("`{program}` does not check who answers as `{address}`");
                let mut one = Found::new(
                    command.span(),
                    message,
                    "Take the flag out; give the tool the certificate of a private authority (`--cacert`, `--ca-certificate`).",
                );
                one.is_suspicion = !is_known;
                if !is_known {
                    one.confidence = Confidence::Low;
                }
                found.push(one);
            }
        }
        _ if program == "uv"
            || program.starts_with("pip")
            || is_interpreter(program) && arguments.get(1).is_some_and(|word| word.text == "pip") =>
        {
            let trusted = value_of("--trusted-host")
                .or_else(|| value_of("--allow-insecure-host"))
                .or_else(|| joined("--trusted-host"));
            if let Some(host) = trusted {
                let host = host.text.split_once('=').map_or(host.text.as_str(), |(_, host)| host);
                if !is_local(host) {
                    tell(
                        format!("packages are taken from `{host}` without checking who answers"),
                        "Take `--trusted-host` out; give pip the certificate of a private index with `--cert`.",
                    );
                }
            }
            for flag in ["--index-url", "-i", "--extra-index-url", "--find-links", "-f", "--default-index", "--index"] {
                let value = value_of(flag).map(|word| word.text.as_str());
                let value =
                    value.or_else(|| joined(flag).and_then(|word| word.text.split_once('=').map(|(_, value)| value)));
                if let Some(index) = value.filter(|index| index.starts_with("http://") && !is_local(index)) {
                    tell(
                        format!(
                            "packages are taken from `{index}` without encryption: anyone on the way can put in his own"
                        ),
                        "Use an index over https.",
                    );
                }
            }
            if command.has(&["config"])
                && command.has(&["set"])
                && arguments.iter().any(|word| word.text.ends_with("trusted-host"))
            {
                tell(
                    "pip is told for good not to check who answers".to_owned(),
                    "Take `trusted-host` out; give pip the certificate of a private index with `cert`.",
                );
            }
        }
        "apt-get" | "apt" | "aptitude" => {
            let is_off = command.has(&["--allow-unauthenticated", "--force-yes", "--no-gpg-check"])
                || arguments.iter().any(|word| {
                    let text = word.text.to_ascii_lowercase();
                    (text.contains("allowunauthenticated") || text.contains("allowinsecurerepositories"))
                        && !text.ends_with("=false")
                        && !text.ends_with("=0")
                        && !text.ends_with("\"false\"")
                });
            if is_off {
                tell(
                    format!("`{program}` installs packages whatever their signature says"),
                    "Take the flag out and add the key of the repository with `signed-by`.",
                );
            }
        }
        "yum" | "dnf" | "microdnf" | "zypper"
            if command.has(&["--nogpgcheck", "--no-gpg-checks"])
                || arguments.iter().any(|word| word.text.ends_with("gpgcheck=0")) =>
        {
            tell(
                format!("`{program}` installs packages whatever their signature says"),
                "Take the flag out and import the key of the repository with `rpm --import`.",
            );
        }
        "apk" if command.has(&["--allow-untrusted"]) => {
            tell(
                "`apk` installs packages whatever their signature says".to_owned(),
                "Take `--allow-untrusted` out and put the key of the repository into `/etc/apk/keys`.",
            );
        }
        "npm" | "yarn" | "pnpm" => {
            let says_false = |key: &str| {
                value_of(key).is_some_and(|word| word.text == "false")
                    || arguments
                        .iter()
                        .any(|word| word.text == format!("{key}=false") || word.text == format!("--{key}=false"))
            };
            if says_false("strict-ssl") {
                tell(
                    format!("`{program}` does not check who answers as the registry"),
                    "Take the setting out; name the certificate of a private registry in `cafile`.",
                );
            }
        }
        "git" => {
            let says_false = value_of("http.sslVerify").is_some_and(|word| matches!(word.text.as_str(), "false" | "0"))
                || arguments.iter().any(|word| word.text.eq_ignore_ascii_case("http.sslVerify=false"));
            if says_false {
                tell(
                    "`git` does not check who answers as the remote".to_owned(),
                    "Take the setting out; name the certificate of a private authority in `http.sslCAInfo`.",
                );
            }
        }
        "conda" | "mamba" if value_of("ssl_verify").is_some_and(|word| word.text.eq_ignore_ascii_case("false")) => {
            tell(
                format!("`{program}` does not check who answers as the channel"),
                "Take the setting out; give `ssl_verify` the path of the certificate.",
            );
        }
        _ => {}
    }
    for word in &command.words {
        let text = word.text.as_str();
        if matches!(
            text,
            "NODE_TLS_REJECT_UNAUTHORIZED=0" | "GIT_SSL_NO_VERIFY=1" | "GIT_SSL_NO_VERIFY=true" | "PYTHONHTTPSVERIFY=0"
        ) && (program.is_empty() || command.program_is_after(word) || matches!(program, "export" | "set"))
        {
            found.push(Found::new(
                word.span.clone(),
                format!("`{text}`: nothing fetched from here on is checked for who answers"),
                "Take the setting out; name the certificate of a private authority instead.",
            ));
        }
        if text.contains("[trusted=yes") && !text.contains("file:") && !text.contains("[trusted=yes] copy:") {
            found.push(Found::new(
                word.span.clone(),
                "packages of this source are installed whatever their signature says".to_owned(),
                "Name the key of the repository: `[signed-by=/usr/share/keyrings/….gpg]`.",
            ));
        }
    }
}

/// `ADD https://…`
fn added(cx: &TextContext<'_>, found: &mut Vec<Found>) {
    let file = cx.dockerfile();
    // Somebody compares it afterwards.
    let is_checked = [
        "sha256sum -c",
        "sha512sum -c",
        "sha256sum --check",
        "sha1sum -c",
        "gpg --verify",
        "gpg --batch --verify",
        "shasum",
    ]
    .iter()
    .any(|check| cx.text.contains(check));
    for instruction in file.stages.iter().flat_map(|stage| &stage.instructions) {
        let Instruction::Add(add) = instruction else { continue };
        if is_checked || add.options.iter().any(|option| option.name.value == "checksum") {
            continue;
        }
        for source in &add.src {
            let Source::Path(path) = source else { continue };
            let address = path.value.as_ref();
            let is_plain = address.starts_with("http://");
            if !is_plain && !address.starts_with("https://") || is_local(address) {
                continue;
            }
            // A repository at a full commit names its content.
            let is_commit = address
                .rsplit_once('#')
                .is_some_and(|(_, commit)| commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()));
            if is_commit {
                continue;
            }
            let message = if is_plain {
                format!("`{address}` is fetched without encryption and without a checksum")
            } else {
                format!("`{address}` becomes part of the image without a checksum")
            };
            let mut one = Found::new(
                add.add.span.start..add.dest.span.end,
                message,
                "Write the digest beside it: `ADD --checksum=sha256:… https://… /opt/`.",
            );
            one.severity = if is_plain { Severity::Medium } else { Severity::Low };
            one.is_suspicion = files::is_for_development(cx.scope.within(cx.path));
            found.push(one);
        }
    }
}
