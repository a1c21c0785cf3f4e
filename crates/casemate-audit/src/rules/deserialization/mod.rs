//! Bytes that become objects, XML and archives.

pub(crate) mod archive_slip;
pub(crate) mod decompression_bomb;
pub(crate) mod logging_config_untrusted;
pub(crate) mod model_file_load;
pub(crate) mod pickle_load;
pub(crate) mod pickle_transport;
mod unpacked_entries;
pub(crate) mod unsafe_deserialization;
pub(crate) mod xml_bomb;
pub(crate) mod xxe;
pub(crate) mod yaml_unsafe_load;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (
        &unsafe_deserialization::RULE,
        &[Check::Taint(&unsafe_deserialization::TAINT), Check::Module(unsafe_deserialization::loaders)],
    ),
    (&pickle_load::RULE, &[Check::Module(pickle_load::check)]),
    (&yaml_unsafe_load::RULE, &[Check::Module(yaml_unsafe_load::check)]),
    (&model_file_load::RULE, &[Check::Module(model_file_load::check)]),
    (&pickle_transport::RULE, &[Check::Module(pickle_transport::check)]),
    (&logging_config_untrusted::RULE, &[Check::Module(logging_config_untrusted::check)]),
    (&xxe::RULE, &[Check::Taint(&xxe::TAINT), Check::Module(xxe::explicit)]),
    (&xml_bomb::RULE, &[Check::Module(xml_bomb::check)]),
    (
        &archive_slip::RULE,
        &[
            Check::Module(archive_slip::check),
            Check::Module(unpacked_entries::check),
            Check::Taint(&archive_slip::TAINT),
            Check::Taint(&archive_slip::NAMED),
            Check::Taint(&archive_slip::WRITTEN),
        ],
    ),
    (&decompression_bomb::RULE, &[Check::Taint(&decompression_bomb::TAINT)]),
];
