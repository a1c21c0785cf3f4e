//! Whether a text can still hold line breaks.

use casemate_python::syntax::Value;

use super::scene::Scene;

/// Whether line breaks are taken out of a value, or shown as something else, on its way.
pub(super) fn loses_line_breaks(scene: &Scene<'_>, value: Value) -> bool {
    let made_from = scene.made_from(value);
    // What was encoded and read back again is as it was.
    let is_read_back = made_from.iter().any(|&from| {
        matches!(
            scene.called(from),
            "json.loads"
                | "urllib.parse.unquote"
                | "urllib.parse.unquote_plus"
                | "urllib.parse.parse_qs"
                | "urllib.parse.parse_qsl"
                | "base64.b64decode"
        )
    });
    made_from.iter().any(|&from| {
        let called = scene.called(from);
        if is_read_back && !matches!(called, "repr" | "ascii" | "re.sub") {
            return matches!(scene.method(from), Some((_, "replace"))) && takes_out_breaks(scene, from);
        }
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
            Some((_, "replace")) => takes_out_breaks(scene, from),
            Some((_, "translate" | "splitlines" | "isoformat" | "hexdigest")) => true,
            Some((_, "split")) => first().is_empty() || first().contains('\n'),
            _ => false,
        }
    })
}

/// Whether a call of `replace` is about line breaks.
fn takes_out_breaks(scene: &Scene<'_>, call: Value) -> bool {
    let first = scene.arguments(call).first().and_then(|first| scene.constant(first.value));
    first.is_some_and(|text| text.contains(['\n', '\r']))
}
