//! A pattern, and data to match.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bro_matching::fuzz::fuzz_pattern(data));
