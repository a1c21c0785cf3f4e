//! Paths, uploads and what is kept on disk.

pub(crate) mod arbitrary_file_response;
pub(crate) mod containment;
pub(crate) mod file_toctou;
pub(crate) mod hardcoded_temp_directory;
pub(crate) mod image_bomb;
pub(crate) mod insecure_temp_file;
mod late_rights;
pub(crate) mod path_check_bypass;
pub(crate) mod path_traversal;
pub(crate) mod symlink_followed;
mod temporary;
pub(crate) mod upload_type_unchecked;
pub(crate) mod upload_unlimited;
pub(crate) mod weak_file_permissions;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (&path_traversal::RULE, &[Check::Taint(&path_traversal::TAINT)]),
    (&path_check_bypass::RULE, &[Check::Module(path_check_bypass::check)]),
    (&arbitrary_file_response::RULE, &[Check::Taint(&arbitrary_file_response::TAINT)]),
    (&upload_unlimited::RULE, &[Check::Module(upload_unlimited::check)]),
    (&upload_type_unchecked::RULE, &[Check::Taint(&upload_type_unchecked::TAINT)]),
    (&insecure_temp_file::RULE, &[Check::Module(insecure_temp_file::check)]),
    (&hardcoded_temp_directory::RULE, &[Check::Module(hardcoded_temp_directory::check)]),
    (&weak_file_permissions::RULE, &[Check::Module(weak_file_permissions::check)]),
    (&file_toctou::RULE, &[Check::Module(file_toctou::check)]),
    (&symlink_followed::RULE, &[Check::Module(symlink_followed::check)]),
    (&image_bomb::RULE, &[Check::Module(image_bomb::check)]),
];
