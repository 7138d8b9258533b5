//! A signed document: CMS, a PDF file, or a timestamp.

use serde_json::{Value, json};
use tongxing_pki::{
    Fault, SignedAttributes, SignedContent, SignedDocument, Signer, TimestampToken, read_document,
};

use super::{certificate, hex};

pub(super) fn show(octets: &[u8]) -> Result<Value, Fault> {
    read_document(octets, None).map(|document| of(&document))
}

fn of(document: &SignedDocument) -> Value {
    let contents = document.contents().iter().map(content);
    let certificates = document.certificates().iter().map(certificate::brief);
    let findings = document.report().findings().iter();
    json!({
        "kind": document.format(),
        "contents": contents.collect::<Vec<_>>(),
        "signers": signers(document, document.signers()),
        "timestamps": document
            .timestamps()
            .iter()
            .map(|stamp| timestamp(&stamp.token))
            .collect::<Vec<_>>(),
        "certificates": certificates.collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
    })
}

fn content(content: &SignedContent) -> Value {
    match content {
        SignedContent::Embedded(octets) => json!({ "place": "inside", "octets": octets.len() }),
        SignedContent::Ranges(ranges) => {
            let octets: usize = ranges.iter().map(ExactSizeIterator::len).sum();
            json!({ "place": "ranges of the file", "octets": octets })
        }
        _ => json!({ "place": "elsewhere" }),
    }
}

fn signers(document: &SignedDocument, signers: &[Signer]) -> Value {
    signers.iter().map(|one| signer(document, one)).collect()
}

fn signer(document: &SignedDocument, signer: &Signer) -> Value {
    let digest = signer.digest_algorithm().map(ToString::to_string);
    let signed_by =
        document.certificates().iter().find(|certificate| signer.identifier().names(certificate));
    json!({
        "signed_by": signed_by.map(|certificate| certificate.subject().to_string()),
        "identifier": signer.identifier().to_string(),
        "digest_algorithm": digest,
        "signature_algorithm": signer.signature_algorithm().to_string(),
        "claimed_time": signer.claimed_time(),
        "signed_attributes": signer.attributes().map(attributes),
        "signature_octets": signer.signature().len(),
        "timestamps": signer.timestamps().iter().map(timestamp).collect::<Vec<_>>(),
        "counter_signers": signers(document, signer.counter_signers()),
        "findings": signer.report().findings(),
    })
}

fn attributes(attributes: &SignedAttributes) -> Value {
    let named = attributes.signing_certificates().iter();
    let named = named.map(|one| format!("{} {}", one.algorithm, text(&hex(&one.digest))));
    json!({
        "types": attributes.types().collect::<Vec<_>>(),
        "content_type": attributes.content_type(),
        "message_digest": attributes.message_digest().map(hex),
        "signing_certificates": named.collect::<Vec<_>>(),
    })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn timestamp(token: &TimestampToken) -> Value {
    let info = token.info();
    let message = token.message();
    json!({
        "time": info.time,
        "accuracy_micros": info.accuracy_micros,
        "policy": info.policy,
        "serial": info.serial.to_string(),
        "imprint_algorithm": info.algorithm.to_string(),
        "imprint": hex(&info.imprint),
        "nonce": info.nonce.as_deref().map(hex),
        "authority": info.authority.as_ref().map(ToString::to_string),
        "signers": signers(message, message.signers()),
        "certificates": message.certificates().iter().map(certificate::brief).collect::<Vec<_>>(),
    })
}
