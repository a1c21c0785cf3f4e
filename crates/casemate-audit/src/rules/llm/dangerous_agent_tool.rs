//! Tools that run code, commands or requests of a language model's choice, or an agent that asks nobody.

use casemate_python::syntax::{Argument, Collection, Constant, Function, Op};

use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `dangerous-agent-tool`
pub(crate) static RULE: Rule = Rule {
    id: "LLM1304",
    name: "dangerous-agent-tool",
    summary: "An agent is given a tool that runs anything",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[749, 250],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "15.2.5",
    page: include_str!("dangerous_agent_tool.md"),
};

/// Tools that run whatever they are given, by the name of their class in the packages of LangChain and its kin.
const TOOLS: &[&str] = &[
    "PythonREPLTool",
    "PythonAstREPLTool",
    "PythonREPL",
    "ShellTool",
    "BashProcess",
    "TerminalTool",
    "LocalCommandLineCodeExecutor",
    "LocalShellTool",
    "PythonCodeTextTool",
];

const PACKAGES: &[&str] = &[
    "langchain",
    "langchain_community",
    "langchain_experimental",
    "autogen",
    "autogen_ext",
    "autogen_core",
    "crewai",
    "crewai_tools",
    "smolagents",
    "llama_index",
    "agno",
    "phi",
    "agents",
    "open_interpreter",
];

/// Keywords that say it themselves.
const PERMITS: &[&str] =
    &["allow_dangerous_code", "allow_dangerous_requests", "allow_dangerous_tools", "allow_dangerous_operations"];

/// Keywords that say it only where a language model is at work.
const CONFIRMS: &[&str] = &["auto_approve", "auto_confirm"];

pub(crate) fn check(cx: &mut Context<'_>) {
    let confirms = if cx.imports_any(PACKAGES) { CONFIRMS } else { &[] };
    let permits = PERMITS.iter().chain(confirms);
    let calls: Vec<_> = cx.calls().collect();
    for (id, function, call, callee, arguments) in calls {
        let path = cx.facts.path(id, callee).unwrap_or("").to_owned();
        let class = path.rsplit('.').next().unwrap_or("");
        let root = path.split('.').next().unwrap_or("");
        let is_true = |name: &str| {
            cx.keyword(arguments, name)
                .is_some_and(|value| matches!(function.op(value), Op::Constant(Constant::Bool(true))))
        };
        let text = |name: &str| cx.keyword(arguments, name).and_then(|value| cx.module.constant_str(function, value));
        let reason = if PACKAGES.contains(&root) && TOOLS.contains(&class) {
            Some(format!("`{class}` runs whatever a language model writes"))
        } else if let Some(permit) = permits.clone().find(|name| is_true(name)) {
            Some(format!("`{permit}=True` lets a language model run whatever it writes"))
        } else if is_true("allow_code_execution") && text("code_execution_mode") == Some("unsafe") {
            Some("an agent runs its code on the machine itself".to_owned())
        } else if starred(cx, function, arguments) {
            Some("an agent may import every module".to_owned())
        } else if runs_unguarded(cx, function, arguments) {
            Some("an agent runs its code on the machine itself".to_owned())
        } else if class == "load_tools" && PACKAGES.contains(&root) {
            loads(cx, function, arguments)
                .map(|tool| format!("the tool `{tool}` runs whatever a language model writes"))
        } else {
            None
        };
        let Some(reason) = reason else { continue };
        let finding = cx.report(&RULE, (cx.facts.module, id), function.span_of(call), reason);
        finding.missing_guard = Some("a sandbox, or a person who confirms".to_owned());
        finding.remedy = "Give the agent narrow tools with checked arguments, run code in a container without secrets, and let a person confirm what cannot be undone.".to_owned();
    }
}

fn starred(cx: &Context<'_>, function: &Function, arguments: &[Argument]) -> bool {
    let Some(list) = cx.keyword(arguments, "additional_authorized_imports") else { return false };
    match function.op(list) {
        Op::Build { items, .. } => {
            function.list(items).iter().any(|&item| cx.module.constant_str(function, item) == Some("*"))
        }
        _ => false,
    }
}

/// `code_execution_config={"use_docker": False}`
fn runs_unguarded(cx: &Context<'_>, function: &Function, arguments: &[Argument]) -> bool {
    let Some(config) = cx.keyword(arguments, "code_execution_config") else { return false };
    let Op::Build { collection: Collection::Dict, items } = function.op(config) else { return false };
    function.list(items).chunks_exact(2).any(|pair| {
        cx.module.constant_str(function, pair[0]) == Some("use_docker")
            && matches!(function.op(pair[1]), Op::Constant(Constant::Bool(false)))
    })
}

fn loads<'c>(cx: &Context<'c>, function: &Function, arguments: &[Argument]) -> Option<&'c str> {
    let first = arguments.first()?;
    let Op::Build { items, .. } = function.op(first.value) else { return None };
    function
        .list(items)
        .iter()
        .filter_map(|&item| cx.module.constant_str(function, item))
        .find(|name| matches!(*name, "terminal" | "python_repl" | "requests_all" | "requests"))
}
