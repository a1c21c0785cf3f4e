//! Whether a text can still hold line breaks.

use casemate_python::syntax::Value;

use super::scene::Scene;

/// Whether line breaks are taken out of a value, or shown as something else, on its way.
pub(super) fn loses_line_breaks(scene: &Scene<'_>, value: Value) -> bool {
    scene.made_from(value).iter().any(|&from| {
        let called = scene.called(from);
        if matches!(
            called,
            "repr"
                | "ascii"
                | "json.dumps"
                | "urllib.parse.quote"
                | "urllib.parse.quote_plus"
                | "urllib.parse.urlencode"
                | "re.sub"
                | "base64.b64encode"
        ) {
            return true;
        }
        let first = || scene.arguments(from).first().and_then(|first| scene.constant(first.value)).unwrap_or("");
        match scene.method(from) {
            Some((_, "replace")) => first().contains(['\n', '\r']),
            Some((_, "translate" | "splitlines" | "isoformat" | "hexdigest")) => true,
            Some((_, "split")) => first().is_empty() || first().contains('\n'),
            _ => false,
        }
    })
}
