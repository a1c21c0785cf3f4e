//! Bytes to text, for manifests: tools on Windows write UTF-16 too.

/// The text of a manifest. Bytes that are no text are replaced, and the second part says so.
pub fn decode(bytes: &[u8]) -> (String, Option<String>) {
    let wide = |order: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let units = bytes.chunks(2).map(|pair| match pair {
            [a, b] => order([*a, *b]),
            _ => 0xfffd,
        });
        let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        let is_broken = text.contains(char::REPLACEMENT_CHARACTER);
        (text, is_broken.then(|| "not valid UTF-16; what is not was replaced, and packages may be missing".to_owned()))
    };
    if let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe]) {
        return wide(u16::from_le_bytes, rest);
    }
    if let Some(rest) = bytes.strip_prefix(&[0xfe, 0xff]) {
        return wide(u16::from_be_bytes, rest);
    }
    let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(rest) {
        Ok(text) => {
            let problem =
                text.contains('\0').then(|| "holds NUL bytes, so it is damaged; packages may be missing".to_owned());
            (text.to_owned(), problem)
        }
        Err(error) => {
            let before = rest.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
            let has_comment_only = rest.split(|&byte| byte == b'\n').all(|line| {
                line.is_ascii()
                    || line
                        .iter()
                        .position(|&byte| byte == b'#')
                        .is_some_and(|at| line.get(..at).is_some_and(<[u8]>::is_ascii))
            });
            let problem = format!("not valid UTF-8 at line {line}; the bytes that are not were replaced");
            // A comment in another encoding changes nothing.
            (String::from_utf8_lossy(rest).into_owned(), (!has_comment_only).then_some(problem))
        }
    }
}
