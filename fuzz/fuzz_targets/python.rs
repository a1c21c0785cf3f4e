//! One Python module, all rules, all reports.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    casemate_fuzz::survive(&[("app.py", data)], None);
});
