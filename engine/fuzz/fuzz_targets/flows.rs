//! Data of a connection against signatures with every condition.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bro_matching::fuzz::fuzz_flow(data));
