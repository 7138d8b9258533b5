use proptest::prelude::*;
use rustls::PeerMisbehaved;
use rustls::crypto::cipher::OutboundChunks;
use sm4::cipher::{Block, BlockCipherDecrypt, BlockCipherEncrypt};

use super::*;
use crate::test_support::hex;

const KEY: &str = "0123456789ABCDEFFEDCBA9876543210";

/// The longest content of a record (RFC 8446 section 5.1).
const MAX_CONTENT: usize = 1 << 14;

fn new<A: Sm4Aead>(key: &[u8]) -> Protected<A> {
    let aead = A::new_from_slice(key).unwrap();
    Protected { aead, iv: Iv::from([0x5a; 12]) }
}

fn seal<A: Sm4Aead>(content: &[u8], seq: u64) -> Vec<u8> {
    let message = OutboundPlainMessage {
        typ: ContentType::ApplicationData,
        version: ProtocolVersion::TLSv1_3,
        payload: OutboundChunks::Single(content),
    };
    let mut encrypter = new::<A>(&hex(KEY));
    let length = encrypter.encrypted_payload_len(content.len());
    let sealed = encrypter.encrypt(message, seq).unwrap();
    assert_eq!(sealed.typ, ContentType::ApplicationData);
    assert_eq!(sealed.version, ProtocolVersion::TLSv1_2);
    let sealed = sealed.payload.as_ref().to_vec();
    assert_eq!(sealed.len(), length);
    sealed
}

fn open<A: Sm4Aead>(sealed: &mut [u8], seq: u64) -> Result<Vec<u8>, Error> {
    let record =
        InboundOpaqueMessage::new(ContentType::ApplicationData, ProtocolVersion::TLSv1_2, sealed);
    new::<A>(&hex(KEY)).decrypt(record, seq).map(|message| message.payload.to_vec())
}

/// A record whose inner plaintext is given octet by octet.
fn seal_inner<A: Sm4Aead>(inner: &[u8]) -> Vec<u8> {
    let records = new::<A>(&hex(KEY));
    let mut sealed = inner.to_vec();
    let aad = make_tls13_aad(inner.len() + TAG_OCTETS);
    let tag = records
        .aead
        .encrypt_inout_detached(&records.nonce(0), &aad, sealed.as_mut_slice().into())
        .unwrap();
    sealed.extend_from_slice(&tag);
    sealed
}

/// GB/T 32907 appendix A.1: one block.
#[test]
fn sm4_standard_vector() {
    let cipher = Sm4::new_from_slice(&hex(KEY)).unwrap();
    let mut block = Block::<Sm4>::try_from(&hex(KEY)[..]).unwrap();
    cipher.encrypt_block(&mut block);
    assert_eq!(block[..], hex("681EDF34D206965E86B3E94F536E4246"));
    cipher.decrypt_block(&mut block);
    assert_eq!(block[..], hex(KEY));
}

/// RFC 8998 appendix A: both vectors have these inputs.
fn appendix_a<A: Sm4Aead>(expected: &str, expected_tag: &str) {
    let aead = A::new_from_slice(&hex(KEY)).unwrap();
    let nonce = AeadNonce::<A>::try_from(&hex("00001234567800000000ABCD")[..]).unwrap();
    let header = hex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
    let plaintext = hex("AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBB CCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD
        EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFF EEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA");
    let mut buffer = plaintext.clone();
    let tag = aead.encrypt_inout_detached(&nonce, &header, buffer.as_mut_slice().into()).unwrap();
    assert_eq!(buffer, hex(expected));
    assert_eq!(tag[..], hex(expected_tag));
    aead.decrypt_inout_detached(&nonce, &header, buffer.as_mut_slice().into(), &tag).unwrap();
    assert_eq!(buffer, plaintext);
}

/// RFC 8998 appendix A.1.
#[test]
fn sm4_gcm_rfc_vector() {
    appendix_a::<Sm4Gcm>(
        "17F399F08C67D5EE19D0DC9969C4BB7D 5FD46FD3756489069157B282BB200735
         D82710CA5C22F0CCFA7CBF93D496AC15 A56834CBCF98C397B4024A2691233B8D",
        "83DE3541E4C2B58177E065A9BF7B62EC",
    );
}

/// RFC 8998 appendix A.2.
#[test]
fn sm4_ccm_rfc_vector() {
    appendix_a::<Sm4Ccm>(
        "48AF93501FA62ADBCD414CCE6034D895 DDA1BF8F132F042098661572E7483094
         FD12E518CE062C98ACEE28D95DF4416B ED31A2F04476C18BB40C84A74B97DC5B",
        "16842D4FA186F56AB33256971FA110F4",
    );
}

fn limits<A: Sm4Aead>() {
    for length in [0, 1, MAX_CONTENT] {
        let content = vec![0x61; length];
        let mut sealed = seal::<A>(&content, 7);
        assert_eq!(open::<A>(&mut sealed.clone(), 7).unwrap(), content);
        assert_eq!(open::<A>(&mut sealed.clone(), 8), Err(Error::DecryptError));
        sealed.pop();
        assert_eq!(open::<A>(&mut sealed, 7), Err(Error::DecryptError), "{length}");
    }
    let mut oversized = seal::<A>(&vec![0x61; MAX_CONTENT + 1], 0);
    assert_eq!(open::<A>(&mut oversized, 0), Err(Error::PeerSentOversizedRecord));
    for length in 0..TAG_OCTETS {
        assert_eq!(open::<A>(&mut vec![0; length], 0), Err(Error::DecryptError));
    }
}

#[test]
fn records_have_their_limits() {
    limits::<Sm4Gcm>();
    limits::<Sm4Ccm>();
}

fn padding<A: Sm4Aead>() {
    let application_data = 0x17;
    let padded = [&b"text"[..], &[application_data], &[0; 40]].concat();
    assert_eq!(open::<A>(&mut seal_inner::<A>(&padded), 0).unwrap(), b"text");
    // RFC 8446 section 5.4: no octet that says what it is.
    let nothing = Err(Error::PeerMisbehaved(PeerMisbehaved::IllegalTlsInnerPlaintext));
    for inner in [&[][..], &[0], &[0; 64]] {
        assert_eq!(open::<A>(&mut seal_inner::<A>(inner), 0), nothing);
    }
    // Section 5.2: padding counts too, to 2^14 + 1 with the type.
    let mut longest = vec![0; MAX_CONTENT + 1];
    longest[0] = application_data;
    assert_eq!(open::<A>(&mut seal_inner::<A>(&longest), 0).unwrap(), b"");
    longest.push(0);
    let too_long = open::<A>(&mut seal_inner::<A>(&longest), 0);
    assert_eq!(too_long, Err(Error::PeerSentOversizedRecord));
}

#[test]
fn padding_is_taken_off_and_counted() {
    padding::<Sm4Gcm>();
    padding::<Sm4Ccm>();
}

fn round_trip<A: Sm4Aead>(content: &[u8], seq: u64, at: usize, bit: u8) {
    let mut sealed = seal::<A>(content, seq);
    assert_eq!(open::<A>(&mut sealed.clone(), seq).unwrap(), content);
    let at = at % sealed.len();
    sealed[at] ^= 1 << bit;
    assert_eq!(open::<A>(&mut sealed, seq), Err(Error::DecryptError));
}

proptest! {
    #[test]
    fn what_was_sealed_opens_and_no_bit_can_change(
        content in prop::collection::vec(any::<u8>(), 0..600),
        seq in any::<u64>(),
        at in any::<usize>(),
        bit in 0..8u8,
    ) {
        round_trip::<Sm4Gcm>(&content, seq, at, bit);
        round_trip::<Sm4Ccm>(&content, seq, at, bit);
    }

    #[test]
    fn what_nobody_sealed_never_opens(
        mut record in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        prop_assert_eq!(open::<Sm4Gcm>(&mut record.clone(), 0), Err(Error::DecryptError));
        prop_assert_eq!(open::<Sm4Ccm>(&mut record, 0), Err(Error::DecryptError));
    }
}
