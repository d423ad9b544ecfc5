//! Bytes as a frame of every link type, and as the payload of every protocol and tunnel.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| bro_decode::fuzz(data));
