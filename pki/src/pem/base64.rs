//! Base64 with white space, as armour has it.
//!
//! Lists of revoked certificates are many megabytes of it. Its lines are joined in
//! pieces that the processor's nearest memory holds, and each piece is decoded by
//! what the processor has for it.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig, Simd};
use memchr::memchr_iter;

/// How many characters are decoded at once: ours.
const PIECE: usize = 16 * 1024;

/// As RFC 4648 has it: padded, and nothing left over.
pub(super) const STRICT: GeneralPurposeConfig = GeneralPurposeConfig::new();

/// For blocks of PEM: some write no padding, and some leave bits set that belong to no
/// octet.
pub(super) const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// The octets; `None` where there is anything but base64 and white space.
pub(super) fn decode(text: &[u8], config: GeneralPurposeConfig) -> Option<Vec<u8>> {
    // White space inside lines is rare.
    by_lines(text, config).or_else(|| {
        let solid: Vec<u8> =
            text.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
        (solid.len() < text.len()).then(|| by_lines(&solid, config)).flatten()
    })
}

fn by_lines(text: &[u8], config: GeneralPurposeConfig) -> Option<Vec<u8>> {
    let mut decoder = Decoder {
        engine: Simd::standard(config),
        piece: Vec::with_capacity(PIECE * 2),
        octets: Vec::with_capacity(text.len() / 4 * 3 + 3),
        has_ended: false,
    };
    let mut start = 0;
    for end in memchr_iter(b'\n', text).chain([text.len()]) {
        decoder.piece.extend_from_slice(text[start..end].trim_ascii());
        start = end + 1;
        if decoder.piece.len() >= PIECE {
            decoder.decode_whole()?;
        }
    }
    decoder.finish()
}

struct Decoder {
    engine: Simd,
    /// Characters that wait.
    piece: Vec<u8>,
    octets: Vec<u8>,
    /// Whether there was padding, behind which nothing may stand.
    has_ended: bool,
}

impl Decoder {
    /// Decodes what is whole of the piece: four characters are three octets.
    fn decode_whole(&mut self) -> Option<()> {
        let whole = self.piece.len() / 4 * 4;
        self.decode(whole)?;
        self.piece.drain(..whole);
        Some(())
    }

    fn finish(mut self) -> Option<Vec<u8>> {
        self.decode(self.piece.len())?;
        Some(self.octets)
    }

    fn decode(&mut self, characters: usize) -> Option<()> {
        if characters > 0 && self.has_ended {
            return None;
        }
        let before = self.octets.len();
        self.engine.decode_vec(&self.piece[..characters], &mut self.octets).ok()?;
        self.has_ended |= self.octets.len() - before < characters / 4 * 3;
        Some(())
    }
}
