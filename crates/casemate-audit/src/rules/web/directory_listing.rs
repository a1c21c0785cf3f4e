//! A whole folder of the program is served, or its content is listed.

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{Given, called, given, speaks_of};

/// `directory-listing`
pub(crate) static RULE: Rule = Rule {
    id: "WEB614",
    name: "directory-listing",
    summary: "A folder is served that holds more than pages",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[548, 552],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "13.4.3",
    page: include_str!("directory_listing.md"),
};

const FOLDER: &str = "Serve a folder that holds nothing but what is meant to be public (`static/`).";
const LISTING: &str = "Leave the listing off, and name the files that may be fetched.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !speaks_of(
        cx,
        &[
            "StaticFiles",
            "send_from_directory",
            "Flask",
            "Quart",
            "static_file",
            "add_static",
            "static",
            "serve",
            "SimpleHTTPRequestHandler",
        ],
    ) {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let path = cx.facts.path(id, callee).unwrap_or_default();
        let last = called(cx.module, function, callee);
        let span = function.span_of(value);
        let folder = match path {
            "starlette.staticfiles.StaticFiles" | "fastapi.staticfiles.StaticFiles" => {
                given(cx, id, arguments, Some(0), "directory")
            }
            "flask.send_from_directory" => given(cx, id, arguments, Some(0), "directory"),
            "flask.Flask" | "quart.Quart" => given(cx, id, arguments, Some(2), "static_folder"),
            "bottle.static_file" => given(cx, id, arguments, Some(1), "root"),
            _ if matches!(last, "add_static" | "static") && path.starts_with("aiohttp.") => {
                given(cx, id, arguments, Some(1), "path")
            }
            _ => Given::Nothing,
        };
        if is_program_folder(folder) {
            found.push(
                Told::new(
                    id,
                    span,
                    "the folder of the program itself is served: source, settings and the database are fetched by name",
                    FOLDER,
                )
                .severity(Severity::High),
            );
        } else if matches!(last, "add_static" | "static") && given(cx, id, arguments, None, "show_index").is_true()
            || given(cx, id, arguments, None, "show_indexes").is_true()
            || matches!(path, "starlette.staticfiles.StaticFiles")
                && given(cx, id, arguments, None, "follow_symlink").is_true()
        {
            found.push(Told::new(id, span, "the content of the folder is listed for everybody", LISTING));
        } else if matches!(
            path,
            "http.server.HTTPServer" | "http.server.ThreadingHTTPServer" | "socketserver.TCPServer"
        ) && arguments
            .iter()
            .any(|argument| cx.facts.path(id, argument.value) == Some("http.server.SimpleHTTPRequestHandler"))
            && is_public(given(cx, id, arguments, Some(0), "server_address"))
        {
            found.push(
                Told::new(
                    id,
                    span,
                    "the folder the program was started in is served and listed to the network",
                    LISTING,
                )
                .confidence(Confidence::Medium),
            );
        }
    }
    told::report(cx, &RULE, found);
}

fn is_program_folder(folder: Given<'_>) -> bool {
    let Given::Value(written) = folder else { return false };
    match written.text() {
        Some(text) => matches!(
            text,
            "." | "./" | "/" | ".." | "../" | "/app" | "/app/" | "/etc" | "/home" | "/root" | "/var" | "/srv"
        ),
        // `app.root_path`, `os.getcwd()`, `Path(__file__).parent`
        None => {
            let code = written.code();
            code.ends_with(".root_path")
                || code == "os.getcwd()"
                || code == "Path.cwd()"
                || code == "os.path.dirname(__file__)"
                || code == "Path(__file__).parent"
        }
    }
}

fn is_public(address: Given<'_>) -> bool {
    let Given::Value(written) = address else { return false };
    written
        .items()
        .and_then(|items| items.first().and_then(|first| first.text()))
        .is_some_and(|host| matches!(host, "" | "0.0.0.0" | "::"))
}
