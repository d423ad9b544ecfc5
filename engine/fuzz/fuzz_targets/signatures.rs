//! A file of signatures.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bro_matching::fuzz::fuzz_signature_file(data));
