//! Malformed certificates, lists and responses: every element of valid ones spoiled in
//! every way that X.690 and RFC 5280 rule out, each with the fault that it must be given.
//!
//! Nothing here panics, and nothing costs more than its octets: what nests, repeats or
//! claims to be long ends at a budget that says so, never at a clock.

mod cases;
mod tree;

use tongxing_pki::{Certificate, Crl, Fault, OcspReply, Problem};
use tongxing_pki::{Level, Verdict, VerificationRequest, codes, verify_certificate};
use tongxing_testdata::{CrlSpec, OcspAnswer, OcspSpec, OcspStatus};

use crate::party::{DAY, HOUR, NOW, certify, hierarchy, issued, options};
use cases::{Case, spoil};
use tree::Node;

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Certificate,
    List,
    Response,
}

impl Kind {
    fn parse(self, octets: &[u8]) -> Result<(), Fault> {
        match self {
            Self::Certificate => Certificate::parse(octets).map(drop),
            Self::List => Crl::parse(octets).map(drop),
            Self::Response => OcspReply::parse(octets).map(drop),
        }
    }

    /// What a fault calls the whole.
    fn name(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::List => "certificateList",
            Self::Response => "ocspResponse",
        }
    }
}

/// A valid one of each kind, with everything in it that there is a reader for.
fn valid() -> [(Kind, Vec<u8>); 5] {
    let mut parties = hierarchy();
    let crowded = cases::with_every_extension(&mut parties);
    let (list, response) = (cases::full_list(&mut parties), cases::full_response(&mut parties));
    let plain = tongxing_pki::decode_pem_or_der(
        include_bytes!("../../data/leaf.pem"),
        tongxing_pki::PemLabel::Certificate,
    );
    let plain = plain.expect("armour").remove(0);
    let [leaf, authority] = crowded;
    let all = [
        (Kind::Certificate, plain),
        (Kind::Certificate, leaf),
        (Kind::Certificate, authority),
        (Kind::List, list),
        (Kind::Response, response),
    ];
    for (kind, octets) in &all {
        kind.parse(octets).unwrap_or_else(|fault| panic!("{kind:?}: {fault}"));
        let tree = Node::read(octets).expect("a tree");
        assert_eq!(tree.encoded(), *octets, "{kind:?} comes out as it went in");
    }
    all
}

#[test]
fn every_spoiled_element_is_given_its_fault() {
    let mut spoiled = 0;
    for (kind, octets) in valid() {
        let tree = Node::read(&octets).expect("a tree");
        for place in 0..tree.count() {
            let node = tree.at(place).expect("a place");
            for Case { how, writer, faults } in spoil(node) {
                let bad = tree.with(place, &*writer);
                assert_ne!(bad, octets, "{kind:?}, element {place}: {how}");
                spoiled += 1;
                let place = format!("{kind:?}, element {place} ({node:x?}): {how}");
                match kind.parse(&bad) {
                    Ok(()) => assert!(faults.is_empty(), "{place} passed"),
                    Err(fault) => {
                        let problem = fault.problem();
                        let named = faults.is_empty() || faults.iter().any(|is| is(problem));
                        assert!(named && !fault.field().is_empty(), "{place}: {fault}");
                    }
                }
            }
        }
    }
    assert!(spoiled > 3_000, "{spoiled}");
}

#[test]
fn every_beginning_is_cut_short() {
    for (kind, octets) in valid() {
        for end in 0..octets.len() {
            let fault = kind.parse(&octets[..end]).expect_err("cut short");
            let problem = fault.problem();
            let cut = matches!(problem, Problem::Truncated | Problem::Missing);
            assert!(cut && fault.field() == kind.name(), "{kind:?} {end}: {fault}");
        }
        for behind in [&[0][..], &[5, 0], &octets] {
            let fault = kind.parse(&[&octets[..], behind].concat()).expect_err("more behind it");
            assert_eq!(*fault.problem(), Problem::TrailingOctets, "{kind:?}: {fault}");
        }
    }
}

#[test]
fn every_octet_may_be_anything() {
    for (kind, octets) in valid() {
        for place in 0..octets.len() {
            for other in [0x00, 0xff, octets[place] ^ 0x20] {
                let mut bad = octets.clone();
                bad[place] = other;
                // Whatever comes of it: a fault with a name, or another valid encoding.
                if let Err(fault) = kind.parse(&bad) {
                    assert!(!fault.field().is_empty() && !fault.to_string().is_empty());
                }
            }
        }
    }
}

#[test]
fn what_has_no_end_ends_at_a_budget() {
    for (kind, octets) in valid() {
        let tree = Node::read(&octets).expect("a tree");
        // Nested where anything may stand: in the parameters of the outer algorithm, or as
        // the whole.
        let mut nested = vec![0x05, 0x00];
        for _ in 0..2_000 {
            nested = tree::element(0x30, &nested);
        }
        let algorithm = cases::place_of_algorithm(&tree);
        let bad = tree.with(algorithm, &|node| {
            let kind = node.children()[0].encoded();
            tree::element(node.tag, &[kind, nested.clone()].concat())
        });
        let fault = kind.parse(&bad).expect_err("too deep");
        assert!(matches!(fault.problem(), Problem::TooDeep { .. }), "{kind:?}: {fault}");
        let fault = kind.parse(&nested).expect_err("no such thing");
        assert!(matches!(fault.problem(), Problem::UnexpectedTag { .. }), "{kind:?}: {fault}");
    }
    let most = tongxing_pki::MAX_CERTIFICATE_OCTETS;
    let limits = [(Kind::Certificate, most), (Kind::Response, tongxing_pki::MAX_OCSP_OCTETS)];
    for (kind, limit) in limits {
        let fault = kind.parse(&vec![0x30; limit + 1]).expect_err("too long");
        assert_eq!(*fault.problem(), Problem::TooLarge { size: limit + 1, limit });
    }
}

/// The same through the front door: a code, a verdict, and never "passed".
#[test]
fn judging_names_what_could_not_be_read() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root").der().to_vec();
    let leaf = issued(&mut parties, "root");
    let list = parties.crl("root", &CrlSpec::empty(1, NOW - HOUR, NOW + DAY)).expect("a list");
    let answer = OcspAnswer::new(leaf.serial.clone(), OcspStatus::Good, NOW - HOUR, NOW + DAY);
    let response = parties.ocsp("root", "root", &OcspSpec::of(answer)).expect("a response");
    let judged = |leaf: &[u8], list: &[u8], response: &[u8]| {
        let mut request = VerificationRequest::new(leaf, options());
        request.anchors = vec![root.clone()];
        request.lists = vec![list.to_vec()];
        request.responses = vec![response.to_vec()];
        verify_certificate(&request)
    };
    let leaf = leaf.certificate_der;
    assert_eq!(judged(&leaf, &list, &response).verdict(), Verdict::Passed);
    let cut = |octets: &[u8]| octets[..octets.len() - 1].to_vec();
    let bad = judged(&cut(&leaf), &list, &response);
    assert_eq!(bad.verdict(), Verdict::Failed);
    assert!(bad.report().contains(&codes::INPUT_LEAF_MALFORMED, Level::Failed));
    // Neither kind of evidence is left: nothing is known, and nothing called revoked.
    let bad = judged(&leaf, &cut(&list), &cut(&response));
    assert_eq!(bad.verdict(), Verdict::Indeterminate);
    for code in [&codes::INPUT_LIST_MALFORMED, &codes::INPUT_RESPONSE_MALFORMED] {
        assert!(bad.report().contains(code, Level::Warning), "{}", code.id);
    }
    // One of the two is enough.
    assert_eq!(judged(&leaf, &cut(&list), &response).verdict(), Verdict::Passed);
    assert_eq!(judged(&leaf, &list, &cut(&response)).verdict(), Verdict::Passed);
}
