//! Messages put together from OpenSSL's parts, as no option of its makes them.

/// One DER element.
pub(super) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let head = match u8::try_from(length) {
        Ok(short) if short < 0x80 => vec![tag, short],
        _ => {
            let octets: Vec<u8> =
                length.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
            let count = u8::try_from(octets.len()).expect("a length");
            [&[tag, 0x80 | count][..], &octets].concat()
        }
    };
    [head, content.to_vec()].concat()
}

/// The elements inside an element in DER, each whole.
pub(super) fn inside(element: &[u8]) -> Vec<&[u8]> {
    let (mut rest, mut parts) = (&element[header(element)..], Vec::new());
    while !rest.is_empty() {
        let (part, others) = rest.split_at(header(rest) + length(rest));
        parts.push(part);
        rest = others;
    }
    parts
}

fn header(element: &[u8]) -> usize {
    if element[1] < 0x80 { 2 } else { 2 + usize::from(element[1] & 0x7F) }
}

fn length(element: &[u8]) -> usize {
    if element[1] < 0x80 {
        return usize::from(element[1]);
    }
    element[2..header(element)].iter().fold(0, |length, octet| length << 8 | usize::from(*octet))
}

/// A message whose signers are changed, each from its fields.
pub(super) fn with_signers(
    message: &[u8],
    change: impl Fn(Vec<Vec<u8>>) -> Vec<Vec<u8>>,
) -> Vec<u8> {
    let info = inside(message);
    let data = inside(inside(info[1])[0]);
    let (signers, before) = data.split_last().expect("signers come last");
    let fields = |signer: &[u8]| inside(signer).into_iter().map(<[u8]>::to_vec).collect();
    let changed =
        inside(signers).into_iter().map(|signer| tlv(0x30, &change(fields(signer)).concat()));
    let signers = tlv(0x31, &changed.collect::<Vec<_>>().concat());
    let data = tlv(0x30, &[&before.concat()[..], &signers].concat());
    tlv(0x30, &[info[0], &tlv(0xA0, &data)].concat())
}

/// The message, each signer with one more unsigned attribute.
pub(super) fn with_unsigned(message: &[u8], oid: &[u8], value: &[u8]) -> Vec<u8> {
    let attribute = tlv(0x30, &[tlv(0x06, oid), tlv(0x31, value)].concat());
    with_signers(message, |mut fields| {
        match fields.last_mut().filter(|last| last[0] == 0xA1) {
            Some(unsigned) => {
                let others = inside(unsigned).concat();
                *unsigned = tlv(0xA1, &[&others[..], &attribute].concat());
            }
            None => fields.push(tlv(0xA1, &attribute)),
        }
        fields
    })
}

/// The message, each signer with a timestamp (1.2.840.113549.1.9.16.2.14).
pub(super) fn with_timestamp(message: &[u8], token: &[u8]) -> Vec<u8> {
    with_unsigned(message, &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 14], token)
}

/// The message with another certificate in its own ones' place.
pub(super) fn swap(message: &[u8], other: &[u8]) -> Vec<u8> {
    with_parts(message, |part| if part[0] == 0xA0 { tlv(0xA0, other) } else { part })
}

/// The message with the parts of its SignedData changed.
pub(super) fn with_parts(message: &[u8], change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let info = inside(message);
    let parts = inside(inside(info[1])[0]).into_iter();
    let parts: Vec<Vec<u8>> = parts.map(|part| change(part.to_vec())).collect();
    tlv(0x30, &[info[0], &tlv(0xA0, &tlv(0x30, &parts.concat()))].concat())
}
