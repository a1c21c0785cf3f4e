//! Cases.

pub mod list;
pub mod new;
pub mod show;

/// Something to choose in a form.
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}
