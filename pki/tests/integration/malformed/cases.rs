//! What can be wrong with an element, and valid encodings with everything in them.

use tongxing_pki::Problem;
use tongxing_testdata::{
    Attribute, CrlSpec, Extension, Hierarchy, LeafSpec, OcspAnswer, OcspSpec, OcspStatus,
    RevocationReason, RevokedEntry, Value, name_der, oid,
};

use super::tree::{Node, element};
use crate::party::{DAY, HOUR, NOW, validity};

/// Whether a problem is the one that a case must be given.
type Is = fn(&Problem) -> bool;

/// Writes an element as it must not be.
type Write = Box<dyn Fn(&Node) -> Vec<u8>>;

/// One way to spoil an element.
pub(super) struct Case {
    pub(super) how: &'static str,
    pub(super) writer: Write,
    /// Any of them; empty where another valid encoding may come of it, or any fault.
    pub(super) faults: Vec<Is>,
}

impl Case {
    fn new(how: &'static str, faults: &[Is], writer: impl Fn(&Node) -> Vec<u8> + 'static) -> Self {
        Self { how, writer: Box::new(writer), faults: faults.to_vec() }
    }

    /// Another content, in an element that is otherwise right.
    fn content(how: &'static str, fault: Is, content: Vec<u8>) -> Self {
        Self::new(how, &[fault], move |node| element(node.tag, &content))
    }
}

/// Every way in which this element can be wrong.
pub(super) fn spoil(node: &Node) -> Vec<Case> {
    let mut cases = lengths();
    cases.extend(tags());
    let content = node.octets();
    cases.extend(match node.tag {
        0x01 => booleans(),
        0x02 | 0x0a => integers(&content),
        0x03 => bit_strings(&content),
        0x05 => vec![Case::content("NULL with content", |is| *is == Problem::InvalidNull, vec![0])],
        0x06 => identifiers(&content),
        0x17 => times(&content, ""),
        0x18 => times(&content, "20"),
        _ if node.is_constructed() => structures(node),
        _ => Vec::new(),
    });
    cases
}

fn lengths() -> Vec<Case> {
    let minimal: Is = |is| *is == Problem::LengthNotMinimal;
    let truncated: Is = |is| *is == Problem::Truncated;
    let written = |length: &'static [u8]| {
        move |node: &Node| [&[node.tag][..], length, &node.octets()].concat()
    };
    vec![
        Case::new("a length in an octet too many", &[minimal], |node| {
            let content = node.octets();
            let length = u32::try_from(content.len()).expect("short").to_be_bytes();
            let from = if length[3] < 0x80 && length[..3] == [0; 3] { 3 } else { 0 };
            let octets = &length[from..];
            let count = 0x80 | u8::try_from(octets.len()).expect("at most four");
            [&[node.tag, count][..], octets, &content].concat()
        }),
        Case::new("an indefinite length", &[|is| *is == Problem::IndefiniteLength], |node| {
            [&[node.tag, 0x80][..], &node.octets(), &[0, 0]].concat()
        }),
        Case::new(
            "a length of four gigabytes",
            &[truncated],
            written(&[0x84, 0xff, 0xff, 0xff, 0xff]),
        ),
        Case::new(
            "a length of five octets",
            &[|is| *is == Problem::LengthOutOfRange],
            written(&[0x85, 0x01, 0, 0, 0, 0]),
        ),
        // It takes of what follows, or of what does not.
        Case::new("an octet more than there is", &[], |node| {
            let mut octets = element(node.tag, &[node.octets(), vec![0]].concat());
            octets.pop();
            octets
        }),
        Case::new("an octet less than there is", &[], |node| {
            let content = node.octets();
            match content.split_last() {
                Some((_, rest)) => element(node.tag, rest),
                None => vec![node.tag],
            }
        }),
    ]
}

fn tags() -> Vec<Case> {
    let high: [Is; 5] = [
        |is| *is == Problem::HighTagNumber,
        |is| matches!(is, Problem::UnexpectedTag { .. }),
        // Of something that may be left out it is what should not follow.
        |is| *is == Problem::TrailingOctets,
        |is| *is == Problem::Missing,
        |is| *is == Problem::Empty,
    ];
    vec![
        Case::new("a tag number of more than an octet", &high, |node| {
            element(node.tag | 0x1f, &node.octets())
        }),
        Case::new("the tag of another type", &[], |node| element(0x1a, &node.octets())),
        Case::new("a private tag", &[], |node| element(0xc1, &node.octets())),
        Case::new("the other form", &[], |node| element(node.tag ^ 0x20, &node.octets())),
    ]
}

fn booleans() -> Vec<Case> {
    let fault: Is = |is| *is == Problem::InvalidBoolean;
    vec![
        Case::content("a BOOLEAN of 1", fault, vec![1]),
        Case::content("a BOOLEAN of two octets", fault, vec![0xff, 0xff]),
        Case::content("a BOOLEAN of nothing", fault, Vec::new()),
    ]
}

fn integers(content: &[u8]) -> Vec<Case> {
    let sign = if content[0] & 0x80 == 0 { 0x00 } else { 0xff };
    let padded = [&[sign], content].concat();
    vec![
        Case::content("a superfluous sign octet", |is| *is == Problem::NotMinimal, padded),
        Case::content("a number of nothing", |is| *is == Problem::Empty, Vec::new()),
    ]
}

fn bit_strings(content: &[u8]) -> Vec<Case> {
    let fault: Is = |is| *is == Problem::InvalidBitString;
    let mut eight = content.to_vec();
    eight[0] = 8;
    let mut cases = vec![
        Case::content("eight unused bits", fault, eight),
        Case::content("bits of nothing", fault, Vec::new()),
        Case::content("unused bits of nothing", fault, vec![1]),
    ];
    if let [_, octets @ ..] = content
        && !octets.is_empty()
    {
        let mut set = content.to_vec();
        set[0] = 7;
        *set.last_mut().expect("octets") |= 1;
        cases.push(Case::content("unused bits that are set", fault, set));
    }
    cases
}

fn identifiers(content: &[u8]) -> Vec<Case> {
    let fault: Is = |is| *is == Problem::InvalidObjectIdentifier;
    let mut unfinished = content.to_vec();
    *unfinished.last_mut().expect("arcs") |= 0x80;
    let padded = [&content[..1], &[0x80], &content[1..]].concat();
    vec![
        Case::content("an arc without end", fault, unfinished),
        Case::content("an arc in an octet too many", fault, padded),
        Case::content("no arcs", fault, Vec::new()),
    ]
}

fn times(content: &[u8], century: &str) -> Vec<Case> {
    let fault: Is = |is| *is == Problem::InvalidTime;
    let time = |rest: &str| format!("{century}{rest}").into_bytes();
    let cases = [
        ("the thirteenth month", time("261301000000Z")),
        ("the thirtieth of February", time("260230000000Z")),
        ("the twenty-fifth hour", time("260101250000Z")),
        ("a second that is none", time("260101000061Z")),
        ("no seconds", time("2601010000Z")),
        ("no zone", time("260101000000")),
        ("another zone", time("260101000000+0800")),
        ("a fraction", time("260101000000.5Z")),
        ("letters", time("26o101000000Z")),
        ("nothing", Vec::new()),
    ];
    assert!(content.ends_with(b"Z"));
    cases.into_iter().map(|(how, content)| Case::content(how, fault, content)).collect()
}

fn structures(node: &Node) -> Vec<Case> {
    let mut cases = vec![
        Case::new("one element more", &[], |node| {
            element(node.tag, &[node.octets(), vec![0x05, 0x00]].concat())
        }),
        Case::new("an octet more", &[], |node| {
            element(node.tag, &[node.octets(), vec![0x05]].concat())
        }),
    ];
    if !node.children().is_empty() {
        cases.push(Case::new("nothing in it", &[], |node| element(node.tag, &[])));
        cases.push(Case::new("its first element twice", &[], |node| {
            element(node.tag, &[node.children()[0].encoded(), node.octets()].concat())
        }));
        cases.push(Case::new("without its first element", &[], |node| {
            let rest = node.children()[1..].iter().flat_map(Node::encoded);
            element(node.tag, &rest.collect::<Vec<_>>())
        }));
    }
    cases
}

/// The place of the outer AlgorithmIdentifier: the second element of the signed structure,
/// which in a response is inside.
pub(super) fn place_of_algorithm(tree: &Node) -> usize {
    let places = 0..tree.count();
    let is_signed = |place: &usize| {
        let node = tree.at(*place).expect("a place");
        let [_, algorithm, signature] = node.children() else { return false };
        node.tag == 0x30 && algorithm.tag == 0x30 && signature.tag == 0x03
    };
    let signed = places.into_iter().find(is_signed).expect("a signed structure");
    let node = tree.at(signed).expect("a place");
    signed + 1 + node.children()[0].count()
}

/// Whether the values of an extension, or of a response type, are taken apart: those of
/// RFC 5280 and RFC 6960 that have a reader.
pub(super) fn is_read(identifier: &[u8]) -> bool {
    const PKIX: [u8; 7] = [0x2b, 6, 1, 5, 5, 7, 0];
    match identifier {
        [0x55, 0x1d, _] => true,
        [start @ .., arc, last] if start == &PKIX[..6] => {
            matches!((arc, last), (1, 1 | 11))
        }
        [start @ .., 48, 1, last] if start == &PKIX[..6] => matches!(last, 1 | 6),
        _ => false,
    }
}

/// A leaf and an authority's certificate.
pub(super) fn with_every_extension(parties: &mut Hierarchy) -> [Vec<u8>; 2] {
    let uri = |text: &str| Value::Text(tongxing_testdata::StringKind::Ia5, text.into()).implicit(6);
    let directory = || {
        let name = name_der(&[Attribute::utf8(oid::COMMON_NAME, "目录")]).expect("a name");
        Value::Raw(name).explicit(4)
    };
    let number = |octets: &[u8]| Value::Raw(element(0x02, octets));
    let identifier = |dotted: &str| Value::ObjectIdentifier(dotted.into());
    let sequence = Value::Sequence;
    let point = sequence(vec![
        sequence(vec![uri("http://crl.example/1.crl"), directory()]).implicit(0).explicit(0),
        Value::Raw(vec![0x81, 2, 6, 0x40]),
        sequence(vec![directory()]).implicit(2),
    ]);
    let qualifier =
        sequence(vec![identifier("1.3.6.1.5.5.7.2.1"), Value::Raw(element(0x16, b"http://cps"))]);
    let other = sequence(vec![identifier("1.2.3"), Value::utf8("别名").explicit(0)]).implicit(0);
    let access = sequence(vec![identifier("1.3.6.1.5.5.7.48.1"), uri("http://ocsp.example")]);
    let attribute = sequence(vec![identifier("2.5.4.6"), Value::printable("CN").in_set()]);
    let subtree = |base: Value| sequence(vec![base]);
    let constraints = sequence(vec![
        sequence(vec![subtree(directory()), subtree(uri(".example"))]).implicit(0),
        sequence(vec![subtree(Value::Raw(element(0x87, &[10, 0, 0, 0, 255, 0, 0, 0])))])
            .implicit(1),
    ]);
    let leaf = [
        Extension::new(
            "2.5.29.17",
            sequence(vec![
                other,
                Value::Raw(element(0x82, b"bid.example")),
                Value::Raw(element(0x81, b"a@bid.example")),
                Value::Raw(element(0x87, &[192, 0, 2, 1])),
                Value::Raw(element(0x88, &[0x2a, 3])),
                directory(),
                uri("https://bid.example/"),
            ]),
        ),
        Extension::new("2.5.29.18", sequence(vec![directory()])),
        Extension::new(
            "2.5.29.32",
            sequence(vec![
                sequence(vec![identifier("1.2.156.1.1"), sequence(vec![qualifier])]),
                sequence(vec![identifier("2.5.29.32.0")]),
            ]),
        ),
        Extension::new("2.5.29.31", sequence(vec![point.clone()])),
        Extension::new("2.5.29.46", sequence(vec![point])),
        Extension::new("1.3.6.1.5.5.7.1.1", sequence(vec![access.clone()])),
        Extension::new("2.5.29.9", sequence(vec![attribute])),
        Extension::new("1.2.156.112562.2.1.1.1", Value::raw_ascii("SF110101199001011234")),
    ];
    let authority = [
        Extension::new("2.5.29.30", constraints).critical(),
        Extension::new(
            "2.5.29.33",
            sequence(vec![sequence(vec![identifier("1.2.156.1.1"), identifier("1.2.156.1.2")])]),
        ),
        Extension::new(
            "2.5.29.36",
            sequence(vec![number(&[0]).implicit(0), number(&[2]).implicit(1)]),
        )
        .critical(),
        Extension::new("2.5.29.54", number(&[1])).critical(),
        Extension::new("1.3.6.1.5.5.7.1.11", sequence(vec![access])),
    ];
    let issued = |parties: &mut Hierarchy, extensions: Vec<Extension>| {
        let subject = vec![
            Attribute::printable(oid::COUNTRY, "CN"),
            Attribute::utf8(oid::COMMON_NAME, "每一项"),
            Attribute::bmp(oid::ORGANIZATION, "组织"),
        ];
        let spec = LeafSpec::signing(subject, validity());
        let spec = extensions.into_iter().fold(spec, LeafSpec::with_extension);
        parties.leaf_as("root", &spec).expect("a certificate").certificate_der
    };
    [issued(parties, leaf.to_vec()), issued(parties, authority.to_vec())]
}

/// A partitioned delta list with entries.
pub(super) fn full_list(parties: &mut Hierarchy) -> Vec<u8> {
    let mut spec = CrlSpec::empty(9, NOW - HOUR, NOW + DAY);
    for (serial, reason) in
        [(1, RevocationReason::KeyCompromise), (2, RevocationReason::Unspecified)]
    {
        let mut entry = RevokedEntry::new([serial], NOW - DAY, reason);
        entry.invalid_since = Some(NOW - 2 * DAY);
        spec = spec.revoking(entry);
    }
    let uri = Value::Raw(element(0x86, b"http://crl.example/1.crl"));
    let name = Value::Sequence(vec![uri]).implicit(0).explicit(0);
    let some_reasons = Value::Raw(vec![0x83, 2, 6, 0x40]);
    spec.extensions = vec![
        Extension::new("2.5.29.28", Value::Sequence(vec![name, some_reasons])).critical(),
        Extension::new("2.5.29.27", Value::Raw(vec![2, 1, 7])).critical(),
        Extension::new("2.5.29.60", Value::Raw(element(0x18, b"20200101000000Z"))),
    ];
    parties.crl("root", &spec).expect("a list")
}

/// A response about two certificates.
pub(super) fn full_response(parties: &mut Hierarchy) -> Vec<u8> {
    let revoked = OcspStatus::Revoked { at: NOW - DAY, reason: RevocationReason::KeyCompromise };
    let mut first = OcspAnswer::new([1], OcspStatus::Good, NOW - HOUR, NOW + DAY);
    let cutoff = Value::Raw(element(0x18, b"20200101000000Z"));
    first.extensions = vec![Extension::new("1.3.6.1.5.5.7.48.1.6", cutoff)];
    let mut spec = OcspSpec::of(first).and(OcspAnswer::new([2], revoked, NOW - HOUR, NOW + DAY));
    spec.extensions = vec![Extension::new("1.3.6.1.5.5.7.48.1.2", Value::Octets(vec![7; 16]))];
    parties.ocsp("root", "root", &spec).expect("a response")
}
