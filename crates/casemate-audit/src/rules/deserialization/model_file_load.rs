//! A machine-learning model loaded so that the file may run code.

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{Given, called, given, has_at_least, mentions};

/// `model-file-load`
pub(crate) static RULE: Rule = Rule {
    id: "DES704",
    name: "model-file-load",
    summary: "A model file is loaded in a way that runs code in it",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[502],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "1.5.2",
    page: include_str!("model_file_load.md"),
};

const TORCH: &str = "Pass `weights_only=True`, or load safetensors (`safetensors.torch.load_file`).";
const KERAS: &str =
    "Leave `safe_mode` on and register the layers you need (`keras.saving.register_keras_serializable`).";
const REMOTE: &str = "Leave `trust_remote_code` off; where a model needs its own code, read it, pin the revision (`revision=\"<commit>\"`) and ship that code with yours.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !mentions(cx, &["torch", "keras", "trust_remote_code"]) {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let path = cx.facts.path(id, callee).unwrap_or_default();
        let span = function.span_of(value);
        let told = match path {
            "torch.load" | "torch.serialization.load" => match given(cx, id, arguments, None, "weights_only") {
                Given::Value(flag) if flag.truth() == Some(false) => Some(Told::new(
                    id,
                    span,
                    "a model file is a pickle here: whoever made it runs code when it is loaded",
                    TORCH,
                )),
                Given::Nothing if !has_at_least(cx.manifests, "torch", [2, 6]) => Some(
                    Told::new(
                        id,
                        span,
                        "before PyTorch 2.6 a model file is loaded as a pickle: whoever made it runs code",
                        TORCH,
                    )
                    .severity(Severity::Medium)
                    .confidence(Confidence::Medium),
                ),
                _ => None,
            },
            path if is_keras(path) && given(cx, id, arguments, None, "safe_mode").is_false() => {
                Some(Told::new(id, span, "a model may hold lambdas, which are run when it is loaded", KERAS))
            }
            "keras.config.enable_unsafe_deserialization"
            | "tensorflow.keras.config.enable_unsafe_deserialization"
            | "keras.saving.enable_unsafe_deserialization" => Some(Told::new(
                id,
                span,
                "every model may hold lambdas from here on, which are run when it is loaded",
                KERAS,
            )),
            _ => None,
        };
        let trusts = given(cx, id, arguments, None, "trust_remote_code").is_true()
            && !matches!(called(cx.module, function, callee), "update" | "dict" | "setdefault");
        let remote = trusts.then(|| {
            Told::new(id, span, "the program runs the code that lies beside the model, whoever changed it last", REMOTE)
        });
        found.extend(told.or(remote));
    }
    told::report(cx, &RULE, found);
}

fn is_keras(path: &str) -> bool {
    (path.starts_with("keras.") || path.starts_with("tensorflow.keras.") || path.starts_with("tf_keras."))
        && matches!(
            path.rsplit('.').next(),
            Some(
                "load_model"
                    | "model_from_json"
                    | "from_config"
                    | "deserialize"
                    | "deserialize_keras_object"
                    | "model_from_config"
            )
        )
}
