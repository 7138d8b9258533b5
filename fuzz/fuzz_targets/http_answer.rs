#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| tongxing_fuzz_bodies::http_answer(data));
