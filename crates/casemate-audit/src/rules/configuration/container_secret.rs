//! A secret that becomes part of a container image.

use std::ops::Range;

use parse_dockerfile::{Instruction, Source};

use super::{dockerfile, files};
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::TextContext;

/// `container-secret`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1602",
    name: "container-secret",
    summary: "A secret becomes part of a container image",
    severity: Severity::Medium,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[538],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "13.3.1",
    page: include_str!("container_secret.md"),
};

const MOUNT: &str = "Mount it for the one step that needs it: `RUN --mount=type=secret,id=token …`, and build with `--secret id=token,src=…`; what the running program needs is given to it when it starts.";

pub(crate) fn check(cx: &mut TextContext<'_>) {
    if !files::is_dockerfile(cx) {
        return;
    }
    let file = cx.dockerfile();
    let last = file.stages.len().saturating_sub(1);
    for argument in &file.arguments {
        let written = &argument.arguments;
        declared(cx, &dockerfile::pairs(&written.value, written.span.start, false), false, false);
    }
    for (at, stage) in file.stages.iter().enumerate() {
        for instruction in &stage.instructions {
            match instruction {
                Instruction::Arg(argument) => {
                    let written = &argument.arguments;
                    declared(cx, &dockerfile::pairs(&written.value, written.span.start, false), false, at == last);
                }
                Instruction::Env(env) => {
                    let written = &env.arguments;
                    declared(cx, &dockerfile::pairs(&written.value, written.span.start, true), true, at == last);
                }
                Instruction::Copy(copy) if !copy.options.iter().any(|option| option.name.value == "from") => {
                    copied(cx, &copy.src, &copy.dest.value, copy.copy.span.start..copy.dest.span.end, at == last);
                }
                Instruction::Add(add) => {
                    copied(cx, &add.src, &add.dest.value, add.add.span.start..add.dest.span.end, at == last);
                }
                _ => {}
            }
        }
    }
}

fn declared(cx: &mut TextContext<'_>, pairs: &[dockerfile::Pair], is_env: bool, is_last: bool) {
    for pair in pairs {
        if !names_secret(&pair.name) {
            continue;
        }
        // The value itself is a matter of the rules about secrets.
        if cx.leaks.iter().any(|leak| leak.span.start < pair.span.end && pair.span.start < leak.span.end) {
            continue;
        }
        let value = pair.value.as_deref();
        let is_passed = match value {
            // `ENV X=` only says that there is such a setting.
            Some(value) if is_env => value.contains('$') && !value.contains("/run/secrets"),
            // `ARG X=dummy` is for builds that need none.
            Some(value) => value.is_empty() || value.contains('$'),
            None => true,
        };
        if !is_passed {
            continue;
        }
        let (message, severity) = if is_env {
            (
                format!("`{}` is kept in the image's environment: whoever has the image reads it", pair.name),
                Severity::High,
            )
        } else {
            (
                format!(
                    "`{}` is passed as a build argument, which stays readable in the history of the image and in the build cache",
                    pair.name
                ),
                if is_last { Severity::Medium } else { Severity::Low },
            )
        };
        let finding = cx.report(&RULE, pair.span.clone(), message);
        finding.severity = severity;
        finding.missing_guard = Some("`--mount=type=secret`".to_owned());
        finding.remedy = MOUNT.to_owned();
    }
}

fn copied(cx: &mut TextContext<'_>, sources: &[Source<'_>], dest: &str, span: Range<usize>, is_last: bool) {
    for source in sources {
        let Source::Path(path) = source else { continue };
        let Some(what) = secret_file(&path.value) else { continue };
        let is_public = dest.ends_with(".pub") || dest.ends_with(".crt");
        if is_public {
            continue;
        }
        let message = format!("{what} `{}` is copied into the image: whoever has the image reads it", path.value);
        let finding = cx.report(&RULE, span.clone(), message);
        finding.severity = if is_last { Severity::High } else { Severity::Medium };
        finding.confidence = Confidence::Medium;
        finding.missing_guard = Some("`--mount=type=secret`".to_owned());
        finding.remedy = format!("{MOUNT} List the file in `.dockerignore`.");
    }
}

/// Whether a variable of this name holds a secret.
pub(super) fn names_secret(name: &str) -> bool {
    let words = words(name);
    let has = |word: &str| words.iter().any(|one| one == word);
    let pair = |first: &str, second: &str| words.windows(2).any(|pair| pair[0] == first && pair[1] == second);
    // What only points to a secret, counts it or describes it.
    let about = words.last().is_some_and(|last| {
        matches!(
            last.as_str(),
            "file"
                | "path"
                | "dir"
                | "directory"
                | "name"
                | "url"
                | "uri"
                | "endpoint"
                | "length"
                | "len"
                | "ttl"
                | "expiry"
                | "expires"
                | "expiration"
                | "timeout"
                | "policy"
                | "enabled"
                | "disabled"
                | "type"
                | "version"
                | "id"
                | "ids"
                | "header"
                | "hash"
                | "rotation"
                | "prompt"
                | "required"
                | "field"
                | "env"
                | "manager"
                | "store"
                | "backend"
                | "provider"
                | "algorithm"
                | "algo"
                | "lifetime"
                | "duration"
                | "min"
                | "max"
                | "count"
                | "limit"
                | "limits"
                | "issuer"
                | "audience"
                | "email"
                | "user"
                | "username"
                | "host"
                | "port"
                | "public"
        )
    });
    let negated = words.first().is_some_and(|first| {
        matches!(first.as_str(), "no" | "use" | "enable" | "disable" | "allow" | "skip" | "public" | "max" | "min")
    });
    !about
        && !negated
        && (has("password")
            || has("passwd")
            || has("passphrase")
            || has("secret")
            || has("secrets")
            || has("token")
            || has("apikey")
            || has("credentials")
            || pair("api", "key")
            || pair("access", "key")
            || pair("private", "key")
            || pair("auth", "key")
            || pair("signing", "key")
            || pair("encryption", "key")
            || pair("license", "key")
            || pair("ssh", "key"))
        && !pair("public", "key")
}

/// What a file of this name holds, if it holds a secret.
fn secret_file(path: &str) -> Option<&'static str> {
    let lower = path.to_ascii_lowercase();
    let name = lower.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let is_example = [
        "example", "sample", "template", "dist", "default", "test", "dummy", "fake", "mock", "docker", "build",
        "schema",
    ]
    .iter()
    .any(|word| lower.split(['/', '.', '-', '_']).any(|part| part == *word));
    if is_example {
        return None;
    }
    Some(match name {
        "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519" => "the private key",
        ".ssh" => "the folder of SSH keys",
        ".env" | ".env.production" | ".env.prod" | ".env.local" | ".env.staging" => "the file of settings",
        ".netrc" | "_netrc" | ".pypirc" | ".git-credentials" | ".pgpass" | ".my.cnf" => "the file of credentials",
        ".npmrc" | ".yarnrc" | "pip.conf" | ".htpasswd" => return None,
        ".aws" | ".kube" | ".gnupg" => "the folder of credentials",
        "kubeconfig" => "the file of credentials",
        _ if lower.ends_with(".aws/credentials")
            || lower.ends_with(".kube/config")
            || lower.ends_with(".docker/config.json") =>
        {
            "the file of credentials"
        }
        _ if name.starts_with("service-account") && name.ends_with(".json") => "the key of a service account",
        _ => match name.rsplit_once('.') {
            Some((stem, "key")) if !stem.contains("pub") && !stem.is_empty() => "the private key",
            Some((stem, "pem")) if stem.contains("key") && !stem.contains("pub") => "the private key",
            Some((_, "p12" | "pfx" | "jks" | "kdbx" | "ppk" | "keystore")) => "the key store",
            _ => return None,
        },
    })
}
