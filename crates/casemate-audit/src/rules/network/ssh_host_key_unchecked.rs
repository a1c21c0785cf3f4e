//! SSH that takes any server for the right one.

use casemate_python::facts::{Entity, TextPart, text_of};
use casemate_python::routes::library_bases;
use casemate_python::syntax::{FunctionId, Op, Span};

use super::calls::{At, Call, calls, is_none, items, path_of, tell, text};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `ssh-host-key-unchecked`
pub(crate) static RULE: Rule = Rule {
    id: "NET308",
    name: "ssh-host-key-unchecked",
    summary: "The host key of an SSH server is not checked",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[322],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "12.3.2",
    page: include_str!("ssh_host_key_unchecked.md"),
};

const REMEDY: &str = "Load the keys that are known (`client.load_system_host_keys()`, or a file of your own) and keep `RejectPolicy`, which is the default; for asyncssh, leave `known_hosts` alone or name a file.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, String)> = Vec::new();
    for call in calls(cx) {
        let span = call.span();
        match call.name {
            "set_missing_host_key_policy" => {
                let Some(given) = call.argument(cx, 0, "policy") else { continue };
                let path = path_of(cx, given).trim_end_matches("()");
                let name = path.rsplit('.').next().unwrap_or_default();
                if matches!(name, "AutoAddPolicy" | "WarningPolicy") {
                    found.push((
                        call.id,
                        span,
                        format!("`{name}` takes any key that a server shows for the right one"),
                    ));
                } else if lets_all_in(cx, &call, given) {
                    let message =
                        "this policy raises nothing, so it takes any key that a server shows for the right one";
                    found.push((call.id, span, message.to_owned()));
                }
            }
            "connect" | "create_connection" | "SSHClientConnectionOptions" | "connect_reverse"
                if call.path.starts_with("asyncssh.")
                    && call.keyword(cx, "known_hosts").is_some_and(|at| is_none(cx, at)) =>
            {
                found.push((
                    call.id,
                    span,
                    "`known_hosts=None` takes any key that a server shows for the right one".to_owned(),
                ));
            }
            "ConnectHandler" | "Connection"
                if call.keyword(cx, "host_key_policy").is_some_and(|at| path_of(cx, at).contains("AutoAddPolicy")) =>
            {
                found.push((
                    call.id,
                    span,
                    "`AutoAddPolicy` takes any key that a server shows for the right one".to_owned(),
                ));
            }
            "SSHUserPrivateKey" => {}
            _ => {}
        }
        // `subprocess.run(["ssh", "-o", "StrictHostKeyChecking=no", …])`
        if call.path.starts_with("subprocess.")
            || call.path.starts_with("os.")
            || call.path.starts_with("asyncio.create_subprocess")
            || call.path.starts_with("pexpect.")
        {
            for argument in call.arguments {
                let words = std::iter::once(call.at(argument.value)).chain(items(cx, call.at(argument.value)));
                let off = words.filter_map(|at| told(cx, at)).any(|text| {
                    let text = text.to_ascii_lowercase().replace(' ', "=");
                    text.contains("stricthostkeychecking=no") || text.contains("userknownhostsfile=/dev/null")
                });
                if off {
                    found.push((
                        call.id,
                        span,
                        "`ssh` is told to take any key that a server shows for the right one".to_owned(),
                    ));
                    break;
                }
            }
        }
    }
    for (id, function) in cx.module.function_ids() {
        for (at, op) in function.values() {
            let Op::StoreAttribute { of, name, value } = op else { continue };
            let place = At { module: cx.facts.module, function: id, value };
            // pysftp: `options.hostkeys = None`
            if cx.module.symbols.text(name) == "hostkeys"
                && is_none(cx, place)
                && cx.facts.path(id, of).is_some_and(|path| path.starts_with("pysftp."))
            {
                found.push((
                    id,
                    function.span_of(at),
                    "without `hostkeys` any key that a server shows is taken for the right one".to_owned(),
                ));
            }
        }
    }
    for (id, span, message) in found {
        let finding = tell(cx, &RULE, id, span, message, REMEDY, Confidence::High);
        finding.missing_guard = Some("a comparison with the keys that are known".to_owned());
    }
}

/// Whether a policy is of a class of this module that neither raises nor asks anybody else about a key it does not know.
fn lets_all_in(cx: &Context<'_>, call: &Call<'_>, given: At) -> bool {
    let (Entity::Class(home, class) | Entity::Instance(home, class)) = cx.facts.fact(call.id, given.value).entity
    else {
        return false;
    };
    let Some(module) = cx.program.module(home) else { return false };
    let Some(function) = module.method(class, "missing_host_key").and_then(|method| module.function(method)) else {
        return false;
    };
    library_bases(cx.program, home, class).iter().any(|base| base.ends_with(".MissingHostKeyPolicy"))
        && !function.values().any(|(_, op)| matches!(op, Op::Call { .. } | Op::Raise(_)))
}

/// The text of a value as far as it is written here.
fn told(cx: &Context<'_>, at: At) -> Option<String> {
    if let Some(text) = text(cx, at) {
        return Some(text.to_owned());
    }
    let parts = text_of(cx.program, at.module, at.function, at.value);
    let written: String = parts
        .into_iter()
        .map(|part| match part {
            TextPart::Literal(text) => text,
            TextPart::Hole(_) => "?".to_owned(),
        })
        .collect();
    Some(written)
}
