#![no_main]
//! Every way the crate has of taking bytes off the wire; see its function `fuzz`.
libfuzzer_sys::fuzz_target!(|data: &[u8]| bro_capture::fuzz(data));
