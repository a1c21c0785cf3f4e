//! Where the next page of a list begins, as text that only we read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use casemate_model::page::{PAGE_MOST, PageSize};

use super::input::Faults;

/// Of which list a cursor is. One of another list is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Of {
    Cases = 1,
    Findings = 2,
    Trail = 3,
}

/// The cursor that begins after this key.
pub(crate) fn write(of: Of, key: i64) -> String {
    let mut bytes = vec![of as u8];
    bytes.extend(key.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The key; `None` for what [`write`] did not write.
pub(crate) fn read(of: Of, cursor: &str) -> Option<i64> {
    if cursor.len() > 16 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (kind, key) = bytes.split_first()?;
    let key = i64::from_be_bytes(key.try_into().ok()?);
    (*kind == of as u8 && key > 0).then_some(key)
}

/// `cursor` and `limit` of a list.
pub(crate) fn page(of: Of, cursor: Option<&str>, limit: Option<u16>, faults: &mut Faults) -> (Option<i64>, PageSize) {
    let before = cursor.and_then(|cursor| {
        faults.take("cursor", read(of, cursor).ok_or("must be the `next` of the page before, unchanged"))
    });
    let size = match limit {
        None => PageSize::default(),
        Some(limit) => faults
            .take("limit", PageSize::new(limit).ok_or_else(|| format!("must be between 1 and {PAGE_MOST}")))
            .unwrap_or_default(),
    };
    (before, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_cursors_of_the_same_list_are_read() {
        let cursor = write(Of::Cases, 17);
        assert_eq!(read(Of::Cases, &cursor), Some(17));
        assert_eq!(read(Of::Findings, &cursor), None);
        for bad in ["", "17", "AA", "' OR 1=1 --", &write(Of::Cases, -1), &format!("{cursor}="), &"A".repeat(5_000)] {
            assert_eq!(read(Of::Cases, bad), None, "{bad}");
        }
    }
}
