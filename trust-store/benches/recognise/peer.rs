//! OpenSSL on the same chain, with the same lists.

use std::io::Write;

use openssl::ssl::SslFiletype;
use openssl::stack::Stack;
use openssl::x509::store::{X509Lookup, X509Store, X509StoreBuilder};
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509PurposeId, X509StoreContext, X509StoreContextRef};

use tempfile::NamedTempFile;
use tongxing_testdata::{TestAuthority, crl_pem};

use crate::world::{NOW, lists};

/// What `X509_verify_cert` does about certificate policies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policies {
    /// Nothing, which is its default.
    Ignored,
    /// It processes them, as recognition always does.
    Checked,
}

/// An `X509_STORE` with an authority's root and lists.
pub(crate) struct Peer(X509Store);

impl Peer {
    pub(crate) fn new(authority: &TestAuthority, policies: Policies) -> Self {
        Self::with_lists(authority, policies, &lists(authority))
    }

    fn with_lists(authority: &TestAuthority, policies: Policies, lists: &[Vec<u8>]) -> Self {
        let mut store = X509StoreBuilder::new().expect("a store");
        store.add_cert(parse(authority.root().der())).expect("added");
        for list in lists {
            let mut file = NamedTempFile::new().expect("a file");
            file.write_all(crl_pem(list).expect("PEM").as_bytes()).expect("written");
            let lookup = store.add_lookup(X509Lookup::file()).expect("added");
            lookup.load_crl_file(file.path(), SslFiletype::PEM).expect("a list");
        }
        let mut flags = X509VerifyFlags::CRL_CHECK | X509VerifyFlags::CRL_CHECK_ALL;
        if policies == Policies::Checked {
            flags |= X509VerifyFlags::POLICY_CHECK;
        }
        let mut parameters = X509VerifyParam::new().expect("parameters");
        parameters.set_time(NOW);
        parameters.set_purpose(X509PurposeId::SSL_CLIENT).expect("set");
        parameters.set_flags(flags).expect("set");
        store.set_param(&parameters).expect("set");
        Self(store.build())
    }

    /// That the lists are asked at all.
    pub(crate) fn refuses_without_lists(authority: &TestAuthority, chain: &[Vec<u8>]) {
        let unlisted = Self::with_lists(authority, Policies::Ignored, &[]);
        assert!(!unlisted.passes(chain), "OpenSSL asks for lists");
    }

    pub(crate) fn verify(&self, chain: &[Vec<u8>]) {
        assert!(self.passes(chain), "OpenSSL verifies the chain");
    }

    fn passes(&self, chain: &[Vec<u8>]) -> bool {
        let leaf = parse(&chain[0]);
        let mut untrusted = Stack::new().expect("a stack");
        for intermediate in &chain[1..] {
            untrusted.push(parse(intermediate)).expect("pushed");
        }
        let mut context = X509StoreContext::new().expect("a context");
        let verified = context.init(&self.0, &leaf, &untrusted, X509StoreContextRef::verify_cert);
        verified.expect("an answer")
    }
}

fn parse(der: &[u8]) -> X509 {
    X509::from_der(der).expect("a certificate")
}
