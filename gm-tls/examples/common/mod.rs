//! What both examples need: their arguments, PEM files, and a line that describes a
//! connection.

use std::error::Error;
use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;

use rustls::crypto::SupportedKxGroup;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{CommonState, RootCertStore};
use tongxing_gm_tls::{CURVE_SM2, TLS_SM4_CCM_SM3, TLS_SM4_GCM_SM3};

/// More than a request of these examples ever has.
const MAX_REQUEST: usize = 16 * 1024;

/// Options and their values, in any order.
pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    pub(crate) fn parse() -> Self {
        Self(std::env::args().skip(1).collect())
    }

    /// An option with one value.
    pub(crate) fn one(&mut self, option: &str) -> Result<Option<String>, Box<dyn Error>> {
        Ok(self.take(option, 1)?.map(|mut values| values.remove(0)))
    }

    /// An option with two values, if it is there.
    pub(crate) fn maybe_two(
        &mut self,
        option: &str,
    ) -> Result<Option<[String; 2]>, Box<dyn Error>> {
        // `take` gives as many as it was asked for.
        Ok(self.take(option, 2)?.and_then(|values| values.try_into().ok()))
    }

    /// An option with two values.
    #[allow(dead_code, reason = "only the server asks for it")]
    pub(crate) fn two(&mut self, option: &str) -> Result<[String; 2], Box<dyn Error>> {
        self.maybe_two(option)?.ok_or_else(|| format!("{option} is missing").into())
    }

    /// Nothing is left over.
    pub(crate) fn finish(self) -> Result<(), Box<dyn Error>> {
        match self.0.first() {
            None => Ok(()),
            Some(unknown) => Err(format!("what is {unknown}?").into()),
        }
    }

    fn take(&mut self, option: &str, count: usize) -> Result<Option<Vec<String>>, Box<dyn Error>> {
        let Some(at) = self.0.iter().position(|argument| argument == option) else {
            return Ok(None);
        };
        if self.0.len() < at + 1 + count {
            return Err(format!("{option} wants {count} values").into());
        }
        Ok(Some(self.0.drain(at..=at + count).skip(1).collect()))
    }
}

pub(crate) fn exit(result: Result<(), Box<dyn Error>>, usage: &str) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprintln!("{error}\nusage: {usage}");
    ExitCode::FAILURE
}

pub(crate) fn chain(file: &str) -> Result<Vec<CertificateDer<'static>>, Box<dyn Error>> {
    let certificates = CertificateDer::pem_file_iter(file)?;
    Ok(certificates.collect::<Result<_, _>>()?)
}

pub(crate) fn key(file: &str) -> Result<PrivateKeyDer<'static>, Box<dyn Error>> {
    Ok(PrivateKeyDer::from_pem_file(file)?)
}

pub(crate) fn roots(file: &str) -> Result<Arc<RootCertStore>, Box<dyn Error>> {
    let mut roots = RootCertStore::empty();
    for root in chain(file)? {
        roots.add(root)?;
    }
    Ok(Arc::new(roots))
}

/// Suite, group, and how many certificates the peer showed.
pub(crate) fn describe(connection: &CommonState) -> String {
    let suite = connection.negotiated_cipher_suite().map(|suite| suite.suite());
    let suite = match suite {
        Some(TLS_SM4_GCM_SM3) => "TLS_SM4_GCM_SM3".to_owned(),
        Some(TLS_SM4_CCM_SM3) => "TLS_SM4_CCM_SM3".to_owned(),
        other => format!("{other:?}"),
    };
    let group = connection.negotiated_key_exchange_group().map(SupportedKxGroup::name);
    let group = match group {
        Some(CURVE_SM2) => "curveSM2".to_owned(),
        other => format!("{other:?}"),
    };
    let shown = connection.peer_certificates().map_or(0, <[_]>::len);
    format!("{suite}, {group}, peer certificates: {shown}")
}

/// A request's head, which nobody looks at.
#[allow(dead_code, reason = "only the server reads requests")]
pub(crate) fn read_request(stream: &mut impl Read) -> std::io::Result<()> {
    let (mut head, mut octet) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && !head.ends_with(b"\n\n") && head.len() < MAX_REQUEST {
        if stream.read(&mut octet)? == 0 {
            break;
        }
        head.push(octet[0]);
    }
    Ok(())
}
