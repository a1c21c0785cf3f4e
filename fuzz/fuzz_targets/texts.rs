//! One file of any kind but a manifest, all rules, all reports; the first byte says what it is called.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some(file) = casemate_fuzz::named(casemate_fuzz::NAMES, data) {
        casemate_fuzz::survive(&[file], None);
    }
});
