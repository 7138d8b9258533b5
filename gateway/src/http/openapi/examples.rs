//! A request of each kind that a platform can send as it stands: its signature holds, and
//! the report says that no authority here stands above who signed.

use serde_json::{Value, json};

/// DER of a certificate that its own key signed (EC P-256, valid from 2026 to 2049), made
/// for this document alone.
const CERTIFICATE: &str = "MIIBYjCCAQigAwIBAgIIKgECAwQFBgcwCgYIKoZIzj0EAwIwJjELMAkGA1UEBhMCQ04xFzAVBgNVBAMM\
     DkV4YW1wbGUgQmlkZGVyMB4XDTI2MDEwMTAwMDAwMFoXDTQ5MTIzMTIzNTk1OVowJjELMAkGA1UEBhMC\
     Q04xFzAVBgNVBAMMDkV4YW1wbGUgQmlkZGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYNYVvtRW\
     Dqk1tA8g+SqzhSpEBHQ0nB2OT0BoPFanSm/TM4X5MIf5ZTbA+av635pQ3wxhLYOqFsi3h8gWeP6Dt6Mg\
     MB4wDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCBsAwCgYIKoZIzj0EAwIDSAAwRQIgTJf+EjFhJmYe\
     TC1YyQeGBSSm0zQ8gI4CgBBmvrWGhv8CIQCdDOXY4YnvncBCuUhjKjTSkgY/DwBOMIvJUKROye/dlg==";

/// By that key, with SHA-256 over [`CONTENT`].
const SIGNATURE: &str = "MEUCIGXod8yCPzXHMZeICfWPiG994o952f0rtSaHEN0CLbImAiEAhD8QgW/TphwCbzL9l+8BUHpsqKd6\
     yj7Lucny1i/da80=";

/// A CMS message of that key's, with the certificate and [`CONTENT`] inside.
const MESSAGE: &str = "MIICRQYJKoZIhvcNAQcCoIICNjCCAjICAQExDTALBglghkgBZQMEAgEwFQYJKoZIhvcNAQcBoAgEBnRl\
     bmRlcqCCAWYwggFiMIIBCKADAgECAggqAQIDBAUGBzAKBggqhkjOPQQDAjAmMQswCQYDVQQGEwJDTjEX\
     MBUGA1UEAwwORXhhbXBsZSBCaWRkZXIwHhcNMjYwMTAxMDAwMDAwWhcNNDkxMjMxMjM1OTU5WjAmMQsw\
     CQYDVQQGEwJDTjEXMBUGA1UEAwwORXhhbXBsZSBCaWRkZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\
     AARg1hW+1FYOqTW0DyD5KrOFKkQEdDScHY5PQGg8VqdKb9Mzhfkwh/llNsD5q/rfmlDfDGEtg6oWyLeH\
     yBZ4/oO3oyAwHjAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIGwDAKBggqhkjOPQQDAgNIADBFAiBM\
     l/4SMWEmZh5MLVjJB4YFJKbTNDyAjgKAEGa+tYaG/wIhAJ0M5djhie+dwEK5SGMqNNKSBj8PAE4wi8lQ\
     pE7J792WMYGcMIGZAgEBMDIwJjELMAkGA1UEBhMCQ04xFzAVBgNVBAMMDkV4YW1wbGUgQmlkZGVyAggq\
     AQIDBAUGBzALBglghkgBZQMEAgEwCgYIKoZIzj0EAwIERzBFAiEA51NYc9Csfb6QQdfKYONqzouSVFTM\
     o1Q2SbeFdZmmnYACIHcmfO5Bth+5fuZEok2EbK7ypZ6EZPH9CF5Q1n561Bnw";

/// `tender`.
const CONTENT: &str = "dGVuZGVy";

/// Its SHA-256.
const SHA256: &str = "a9eba7c405ea67a1992992d7464ad4f04b7e8dffa39e249c6b26aaa54cc853de";

/// What may be sent to the operation of this id; `None` where nobody made one.
pub(super) fn of(id: &str) -> Option<Value> {
    let raw = json!({
        "signature": SIGNATURE,
        "format": "raw",
        "algorithm": "ecdsa-sha256",
        "certificate": CERTIFICATE,
        "content": CONTENT,
        "options": { "detail": "summary" },
    });
    let cms = json!({ "signature": MESSAGE, "format": "cms" });
    let svs = |request: Value| json!({ "version": "v1", "reqType": id, "request": request });
    Some(match id {
        "verifyCertificate" => {
            json!({ "certificate": CERTIFICATE, "purpose": "document-signing", "detail": "summary" })
        }
        "verifySignature" => raw,
        "verifyHash" => json!({
            "signature": SIGNATURE,
            "format": "raw",
            "algorithm": "ecdsa-sha256",
            "certificate": CERTIFICATE,
            "hash": SHA256,
            "hash_algorithm": "sha-256",
        }),
        "verifyBatch" => json!({ "items": [raw, cms] }),
        "parseCert" => svs(json!({ "cert": CERTIFICATE, "infoType": 0x31 })),
        "validateCert" => svs(json!({ "cert": CERTIFICATE })),
        "verifySignedData" => svs(json!({
            "type": 1,
            "cert": CERTIFICATE,
            "inDataLen": 6,
            "inData": CONTENT,
            "signature": SIGNATURE,
        })),
        "verifySignedMessage" => svs(json!({ "signedMessage": MESSAGE })),
        _ => return None,
    })
}
