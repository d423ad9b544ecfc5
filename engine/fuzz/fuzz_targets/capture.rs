//! Bytes as a capture of every format.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bro_capture::fuzz(data));
