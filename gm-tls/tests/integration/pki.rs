//! A small hierarchy of SM2 certificates, and one of P-256.

use std::str::FromStr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sm2::SecretKey;
use sm2::dsa::signature::{Error as SignatureError, KeypairRef, Signer};
use sm2::dsa::{DerSignature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::Generate;
use sm2::elliptic_curve::pkcs8::{EncodePrivateKey, EncodePublicKey};
use tongxing_gm_tls::CERTIFICATE_ID;
use x509_cert::TbsCertificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder, Result as BuilderResult};
use x509_cert::der::asn1::{Any, Ia5String, UtcTime};
use x509_cert::der::{Encode, flagset::FlagSet};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectAltName};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{
    AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, Result as SpkiResult,
    SubjectPublicKeyInfo, SubjectPublicKeyInfoRef,
};
use x509_cert::time::{Time, Validity};

/// A certificate chain and the leaf's key.
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

impl Identity {
    pub(crate) fn key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.clone()).into()
    }
}

/// Roots with a server for `localhost` and a client under each.
pub(crate) struct Pki {
    pub(crate) root: CertificateDer<'static>,
    pub(crate) roots: Arc<RootCertStore>,
    pub(crate) server: Identity,
    pub(crate) client: Identity,
}

/// SM2 throughout.
pub(crate) static SM2: LazyLock<Pki> = LazyLock::new(sm2_pki);

/// P-256 throughout.
pub(crate) static P256: LazyLock<Pki> = LazyLock::new(p256_pki);

/// Whoever trusts both.
pub(crate) fn both_roots() -> Arc<RootCertStore> {
    let mut roots = RootCertStore::clone(&SM2.roots);
    roots.roots.extend(P256.roots.roots.iter().cloned());
    Arc::new(roots)
}

fn store(root: &CertificateDer<'static>) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).expect("a root certificate");
    Arc::new(roots)
}

/// The two ways in which CAs write the signature's parameters.
#[derive(Clone, Copy)]
enum Parameters {
    Absent,
    Null,
}

/// An issuer's key.
struct Issuer {
    key: SigningKey,
    parameters: Parameters,
}

impl AsRef<VerifyingKey> for Issuer {
    fn as_ref(&self) -> &VerifyingKey {
        self.key.verifying_key()
    }
}

impl KeypairRef for Issuer {
    type VerifyingKey = VerifyingKey;
}

impl Signer<DerSignature> for Issuer {
    fn try_sign(&self, message: &[u8]) -> Result<DerSignature, SignatureError> {
        let signature: sm2::dsa::Signature = self.key.try_sign(message)?;
        Ok(signature.to_der())
    }
}

impl DynSignatureAlgorithmIdentifier for Issuer {
    fn signature_algorithm_identifier(&self) -> SpkiResult<AlgorithmIdentifierOwned> {
        Ok(AlgorithmIdentifierOwned {
            oid: "1.2.156.10197.1.501".parse().expect("an OID"),
            parameters: match self.parameters {
                Parameters::Absent => None,
                Parameters::Null => Some(Any::null()),
            },
        })
    }
}

/// What a certificate is for.
struct Role {
    subject: &'static str,
    issuer: &'static str,
    is_ca: bool,
}

fn name(text: &str) -> Name {
    Name::from_str(text).expect("a name")
}

impl BuilderProfile for Role {
    fn get_issuer(&self, _subject: &Name) -> Name {
        name(self.issuer)
    }

    fn get_subject(&self) -> Name {
        name(self.subject)
    }

    fn build_extensions(
        &self,
        _spk: SubjectPublicKeyInfoRef<'_>,
        _issuer_spk: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> BuilderResult<Vec<Extension>> {
        let usage = if self.is_ca { KeyUsages::KeyCertSign } else { KeyUsages::DigitalSignature };
        let subject = tbs.subject();
        let constraints = BasicConstraints { ca: self.is_ca, path_len_constraint: None };
        let mut extensions = vec![
            constraints.to_extension(subject, &[])?,
            KeyUsage(FlagSet::from(usage)).to_extension(subject, &[])?,
        ];
        if !self.is_ca {
            let host = GeneralName::DnsName(Ia5String::new("localhost")?);
            extensions.push(SubjectAltName(vec![host]).to_extension(subject, &[])?);
        }
        Ok(extensions)
    }
}

/// From 2020 to 2049.
fn validity() -> Validity {
    let at = |seconds| {
        let time = UtcTime::from_unix_duration(Duration::from_secs(seconds));
        Time::UtcTime(time.expect("a time before 2050"))
    };
    Validity::new(at(1_600_000_000), at(2_500_000_000))
}

fn issue(role: Role, key: &SecretKey, issuer: &Issuer) -> CertificateDer<'static> {
    let der = key.public_key().to_public_key_der().expect("a public key");
    let spki = SubjectPublicKeyInfo::try_from(der.as_bytes()).expect("a public key");
    let serial = SerialNumber::from(u32::from(role.subject.as_bytes()[3]));
    let builder = CertificateBuilder::new(role, serial, validity(), spki).expect("a builder");
    let certificate = builder.build::<_, DerSignature>(issuer).expect("a certificate");
    CertificateDer::from(certificate.to_der().expect("DER"))
}

const ROOT: &str = "CN=SM2 root";
const SUBORDINATE: &str = "CN=the SM2 subordinate";

fn sm2_pki() -> Pki {
    let issuer = |key: &SecretKey, parameters| Issuer {
        key: SigningKey::new(CERTIFICATE_ID, key).expect("a key"),
        parameters,
    };
    let (root_key, subordinate_key) = (SecretKey::generate(), SecretKey::generate());
    let root_issuer = issuer(&root_key, Parameters::Absent);
    let subordinate_issuer = issuer(&subordinate_key, Parameters::Null);
    let role = |subject, issuer, is_ca| Role { subject, issuer, is_ca };
    let root = issue(role(ROOT, ROOT, true), &root_key, &root_issuer);
    let subordinate = issue(role(SUBORDINATE, ROOT, true), &subordinate_key, &root_issuer);
    let identity = |subject| {
        let key = SecretKey::generate();
        let leaf = issue(role(subject, SUBORDINATE, false), &key, &subordinate_issuer);
        let key = key.to_pkcs8_der().expect("PKCS#8").as_bytes().to_vec();
        Identity { chain: vec![leaf, subordinate.clone()], key }
    };
    Pki {
        roots: store(&root),
        root,
        server: identity("CN=localhost"),
        client: identity("CN=a client"),
    }
}

fn p256_pki() -> Pki {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

    let generate = || KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "P-256 root");
    let root_key = generate();
    let root = params.self_signed(&root_key).expect("a certificate");
    let issuer = Issuer::new(params, root_key);
    let identity = || {
        let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        let key = generate();
        let leaf = params.signed_by(&key, &issuer).expect("a certificate");
        Identity { chain: vec![leaf.der().clone()], key: key.serialize_der() }
    };
    Pki {
        roots: store(root.der()),
        root: root.der().clone(),
        server: identity(),
        client: identity(),
    }
}
