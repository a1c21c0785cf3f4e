//! Records of advisories, indexes of them, decisions about them.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| casemate_fuzz::look_up(data));
