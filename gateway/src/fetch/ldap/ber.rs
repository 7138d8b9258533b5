//! As much BER as one search needs (RFC 4511 5.1): single-octet tags, definite
//! lengths, read one element at a time.

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const ENUMERATED: u8 = 0x0a;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// Elements one after another.
pub(super) struct Ber<'a>(&'a [u8]);

impl<'a> Ber<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The content of the next element, if it has this tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    /// The next element's tag and content; nothing if it is not all there.
    pub(super) fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = if first & 0x80 == 0 {
            (usize::from(first), rest)
        } else {
            let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            if octets.is_empty() || octets.len() > 4 {
                return None;
            }
            (octets.iter().fold(0, |length, octet| (length << 8) | usize::from(*octet)), rest)
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }
}

/// An element with this content.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            let length = content.len().to_be_bytes();
            let zeros = length.iter().take_while(|octet| **octet == 0).count();
            let octets = &length[zeros..];
            // A usize has at most eight octets.
            bytes.push(0x80 | u8::try_from(octets.len()).unwrap_or(8));
            bytes.extend_from_slice(octets);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let written = element(OCTET_STRING, &content);
            let mut read = Ber::new(&written);
            assert_eq!(read.take(OCTET_STRING), Some(&content[..]));
            assert!(read.is_empty());
            for cut in [1, 2, length] {
                let cut = &written[..written.len().saturating_sub(cut.max(1))];
                assert_eq!(Ber::new(cut).take(OCTET_STRING), None);
            }
        }
    }

    #[test]
    fn lengths_that_lead_nowhere_are_no_elements() {
        for bytes in [
            &[0x30, 0x80, 0, 0][..],
            &[0x30, 0x85, 1, 0, 0, 0, 0],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0xff],
            &[0x30],
            &[],
        ] {
            assert!(Ber::new(bytes).next().is_none(), "{bytes:x?}");
        }
    }
}
