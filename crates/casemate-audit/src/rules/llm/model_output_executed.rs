//! The answer of a language model that an interpreter runs.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{Module, Op, Value};

use super::is_run;
use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::constant::At;
use crate::rules::pattern::tell;
use crate::rules::{Context, Taint, Verdict};

/// `model-output-executed`
pub(crate) static RULE: Rule = Rule {
    id: "LLM1301",
    name: "model-output-executed",
    summary: "What a language model said is run as code, as a command or as SQL",
    severity: Severity::Critical,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[1426, 94],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.2",
    page: include_str!("model_output_executed.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["code", "command", "executable", "argv", "template", "import", "sql", "sqlalchemy-text", "django-sql"],
    from: label::MODEL,
    without: Labels::NONE,
    arrives: "is run",
    message: "{call} runs what a language model wrote: {source}",
    missing: "a fixed list of actions, or a sandbox",
    remedy: "Let the model choose from a fixed list of functions and check the arguments; run code only in a sandbox without secrets and network.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    Verdict::only_if(is_run(cx, hit, label::MODEL))
}

/// Depth of what was made of an answer.
const MAX_DEPTH: u32 = 8;

/// What runs the answer of something that is only called a model: `exec(self.llm.generate(question))`.
pub(crate) fn named(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    let Some(kind) = cx.knowledge.kind("code") else { return };
    for site in cx.sites() {
        let runs = matches!(site.path, "eval" | "exec" | "builtins.eval" | "builtins.exec");
        let Some(given) = site.position(0).filter(|_| runs) else { continue };
        let is_told = cx.facts.hits.iter().any(|hit| {
            hit.reach.kind == kind
                && (hit.reach.module, hit.reach.function, hit.reach.call) == (site.at.home, site.at.id, site.at.value)
                && hit.labels.meets(label::MODEL | label::UNTRUSTED)
        });
        let asked = if is_told { None } else { answers(given, given.value, 0) };
        if let Some(asked) = asked {
            let written = Context::written(given.module, given.function, asked);
            let message = format!("`{}` runs `{written}`, by its name what a language model answered", site.called());
            let mut one = site.found(message, TAINT.remedy).confidence(Confidence::Medium).missing(TAINT.missing);
            one.path = vec![
                cx.step(given.home, given.function.span_of(asked), "is the answer of a language model".to_owned()),
                cx.step(site.at.home, site.at.span(), TAINT.arrives.to_owned()),
            ];
            found.push(one);
        }
    }
    tell(cx, &RULE, found);
}

/// The call of a model by its name that a value was made of.
fn answers(given: At<'_>, value: Value, depth: u32) -> Option<Value> {
    let function = given.function;
    if depth > MAX_DEPTH {
        return None;
    }
    let value = function.plain(value);
    match function.op(value) {
        // What processes answers in a module about models: `def process(output): exec(output)`.
        Op::Parameter(index) => {
            let name = function.parameters.get(index as usize).map_or("", |one| given.name(one.name));
            let is_answer = matches!(
                name,
                "output"
                    | "llm_output"
                    | "model_output"
                    | "completion"
                    | "llm_response"
                    | "generation"
                    | "generated_code"
            );
            (is_answer && speaks_of_models(given.module)).then_some(value)
        }
        Op::Attribute { of, .. } | Op::Subscript { of, .. } | Op::Element(of) | Op::Item { of, .. } => {
            answers(given, of, depth + 1)
        }
        Op::Phi(list) | Op::Or(list) => function
            .list(list)
            .iter()
            .filter(|choice| choice.0 < value.0)
            .find_map(|&choice| answers(given, choice, depth + 1)),
        Op::Call { callee, arguments } => {
            let called = given.module.slice(function.span_of(callee));
            let is_model = words(called.split('(').next().unwrap_or_default())
                .iter()
                .any(|word| matches!(word.as_str(), "llm" | "gpt" | "chatgpt"));
            if is_model {
                return Some(value);
            }
            let receiver = match function.op(callee) {
                Op::Attribute { of, .. } => answers(given, of, depth + 1),
                _ => None,
            };
            let mut arguments = function.call_arguments(arguments).iter();
            receiver.or_else(|| arguments.find_map(|argument| answers(given, argument.value, depth + 1)))
        }
        _ => None,
    }
}

/// Whether a module has to do with models of language, by the names in it.
fn speaks_of_models(module: &Module) -> bool {
    [
        "llm",
        "LLM",
        "llm_predictor",
        "BaseLLM",
        "ChatOpenAI",
        "openai",
        "prompt_template",
        "PromptTemplate",
        "service_context",
    ]
    .iter()
    .any(|name| module.symbols.find(name).is_some())
}
