//! Bytes as the two sides of a connection, to every registered analyzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bro_analyzers::fuzz(data));
