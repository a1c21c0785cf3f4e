//! Environment markers, within bounds.

use pep508_rs::{ExtraName, MarkerTree};

/// The algebra of markers may grow with the product of what they compare; no tool writes more than this.
const MAX_COMPARISONS: usize = 40;
const MAX_LENGTH: usize = 8 * 1024;
/// Each `(` costs stack.
const MAX_NESTING: usize = 50;

/// The marker a text spells. One that is too long to be worked out is taken to apply everywhere, for a dependency too many
/// is better than one too few.
pub(super) fn parse(written: &str) -> Result<MarkerTree, String> {
    if written.trim().is_empty() {
        return Ok(MarkerTree::TRUE);
    }
    if is_too_long(written) {
        return Ok(MarkerTree::TRUE);
    }
    // SECURITY: the parser points at errors by bytes and panics within a character.
    if !written.is_ascii() {
        return Err("a marker holds letters outside ASCII".to_owned());
    }
    MarkerTree::parse_str::<super::requirement::RawUrl>(written).map_err(|error| error.message.to_string())
}

/// Whether a marker must not be given to the parser.
pub(super) fn is_too_long(written: &str) -> bool {
    let quotes = written.bytes().filter(|byte| matches!(byte, b'"' | b'\'')).count();
    let nesting = written.bytes().filter(|&byte| byte == b'(').count();
    written.len() > MAX_LENGTH || quotes / 2 > MAX_COMPARISONS || nesting > MAX_NESTING
}

/// The extras without any of which the marker is false; empty if it can hold without.
pub(super) fn extras(marker: &MarkerTree, written: &str) -> Vec<String> {
    if marker.is_true() || !written.contains("extra") || marker.evaluate_extras(&[]) {
        return Vec::new();
    }
    let mut named: Vec<ExtraName> = Vec::new();
    for conjunction in marker.to_dnf() {
        for expression in conjunction {
            if let pep508_rs::MarkerExpression::Extra {
                operator: pep508_rs::ExtraOperator::Equal,
                name: pep508_rs::MarkerValueExtra::Extra(name),
            } = expression
                && !named.contains(&name)
            {
                named.push(name);
            }
        }
    }
    named.into_iter().map(|name| name.to_string()).collect()
}
