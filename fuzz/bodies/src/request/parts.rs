//! A signature whose content is large, in parts.

use std::str::from_utf8;

use tongxing_gateway::{PartsRead, read_parts};

use super::first_line;
use crate::runtime::block_on;

/// What a signed document may have here, and everything together.
const LIMITS: (usize, u64) = (1 << 10, 16 << 10);

const BOUNDARY: &str = "-a-boundary-that-nobody-else-writes-";

/// A line with what the content is declared as, and the content.
///
/// However it arrives, it reads alike; nothing is longer than its limit; and written down
/// again it is the same.
pub fn request_parts(bytes: &[u8]) {
    let (declared, content) = first_line(bytes);
    let Ok(declared) = from_utf8(declared) else { return };
    let read = |piece| block_on(read_parts(declared, content, piece, LIMITS));
    let whole = read(content.len());
    for piece in [7, 64] {
        assert_eq!(read(piece), whole, "in pieces of {piece}");
    }
    match whole {
        Ok(parts) => {
            let limit = u64::try_from(content.len()).expect("octets in memory");
            assert!(limit <= LIMITS.1, "more than everything together");
            assert!(parts.signature.as_ref().is_none_or(|one| one.len() <= LIMITS.0));
            reads_again(&parts);
        }
        Err(told) => assert!(!told.is_empty() && told.is_ascii(), "{told}"),
    }
}

fn reads_again(parts: &PartsRead) {
    let mut form = Vec::new();
    let mut write = |name: &str, content: Option<&[u8]>| {
        let Some(content) = content else { return };
        let head =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        form.extend_from_slice(head.as_bytes());
        form.extend_from_slice(content);
        form.extend_from_slice(b"\r\n");
    };
    write("request", parts.request.then_some(b"{}"));
    write("signature", parts.signature.as_deref());
    write("certificate", parts.certificate.as_deref());
    for one in &parts.certificates {
        write("certificates", Some(one));
    }
    write("content", parts.content.as_deref());
    form.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    let declared = format!("multipart/form-data; boundary={BOUNDARY}");
    let again = block_on(read_parts(&declared, &form, form.len(), (LIMITS.0, u64::MAX)));
    assert_eq!(again.as_ref(), Ok(parts));
}
