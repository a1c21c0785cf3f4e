//! Cases.

pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod show;

/// Something to choose in a form.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}
