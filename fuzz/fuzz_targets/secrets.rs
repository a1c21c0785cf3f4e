//! The search for secrets alone, which reads much more in the same time; the first byte says what the file is called.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some((path, data)) = casemate_fuzz::named(casemate_fuzz::NAMES, data) {
        casemate_fuzz::search(path, &String::from_utf8_lossy(data));
    }
});
