//! The name that a value is bound to, read from the text before it, whatever the language.

/// The longest name that is looked for.
const LONGEST: usize = 80;

/// The name the value that begins here is bound to: `key` of `key = "…"`, `key: …`, `"key": "…"`, `key => "…"`,
/// `<key>…`, `get("key", "…")`, `--key …`, `KEY …`. Empty if there is none.
pub(super) fn of(text: &str, start: usize) -> &str {
    let floor = start.saturating_sub(LONGEST * 2);
    let floor = (floor..=start).find(|at| text.is_char_boundary(*at)).unwrap_or(start);
    let before = text.get(floor..start).unwrap_or_default();
    let before = before.rsplit('\n').next().unwrap_or_default();
    read(before).unwrap_or_default()
}

fn read(before: &str) -> Option<&str> {
    let mut rest = before;
    // Words of an authorization scheme stand between the name of a header and the value.
    for scheme in ["Bearer ", "bearer ", "Basic ", "token ", "Token ", "Bot ", "ApiKey "] {
        rest = rest.strip_suffix(scheme).unwrap_or(rest);
    }
    let unquoted = rest.trim_end_matches(['"', '\'', '`', '\\']);
    let quoted = unquoted.len() < rest.len();
    rest = unquoted;
    if quoted {
        // The prefix of a Python literal.
        let bare = rest.trim_end_matches(['b', 'r', 'f', 'u', 'B', 'R', 'F', 'U']);
        if bare.ends_with([' ', '=', '(', ',', ':', '[', '{', '\t']) {
            rest = bare;
        }
    }
    let spaced = rest.trim_end_matches([' ', '\t', '(']);
    let parted = spaced.len() < rest.len();
    rest = spaced;
    let bare = rest.trim_end_matches(['=', ':', '>', '?', '!', '|', '+']);
    if bare.len() < rest.len() {
        rest = bare.trim_end_matches([' ', '\t', '"', '\'', '`', '\\', ']', ')']);
        // `key: str = "…"`: the name is before the type.
        if let Some((name, kind)) = rest.rsplit_once(':')
            && is_type(kind.trim())
        {
            rest = name.trim_end();
        }
        return identifier(rest);
    }
    if let Some(bare) = rest.strip_suffix(',') {
        // The fallback of a lookup, a header given as two arguments.
        return identifier(bare.trim_end().strip_suffix(['"', '\''])?);
    }
    if parted {
        return identifier(rest);
    }
    None
}

fn is_type(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'[' | b']' | b'.' | b'_' | b'|' | b' ' | b'&'))
        && !text.starts_with(|first: char| first.is_ascii_digit())
}

fn identifier(text: &str) -> Option<&str> {
    let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '$');
    let begin = text.rfind(|c| !belongs(c)).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let name = text.get(begin..)?.trim_matches(['-', '.']);
    (!name.is_empty() && name.len() <= LONGEST && name.bytes().any(|byte| byte.is_ascii_alphabetic())).then_some(name)
}
