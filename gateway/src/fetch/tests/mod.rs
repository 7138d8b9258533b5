//! The client against servers that lie, dawdle, never end and send it elsewhere.

mod directory;
mod evil;
mod web;

use std::time::Duration;

use tokio_rustls::rustls::RootCertStore;
use tongxing_trust_store::{HostRules, PointUrl, PrivateAddresses};

use super::{Client, FetchError, Fetched, Limits, Validators};

/// Limits that a test reaches soon.
const LIMITS: Limits = Limits {
    bytes: 100_000,
    total: Duration::from_secs(5),
    idle: Duration::from_millis(500),
    redirects: 3,
};

fn client() -> Client {
    Client::trusting(RootCertStore::empty()).within(LIMITS)
}

fn url(text: &str) -> PointUrl {
    text.parse().unwrap()
}

/// These hosts, on loopback too.
fn local(hosts: &[&str]) -> HostRules {
    let hosts = hosts.iter().map(|host| host.parse().unwrap()).collect();
    HostRules::new(hosts, PrivateAddresses::Allowed)
}

/// What is at an address whose own host may be asked.
async fn fetch(address: &str) -> Result<Fetched, FetchError> {
    let address = url(address);
    let rules = HostRules::trusting(&address);
    client().fetch(&address, &rules, &Validators::default()).await
}

fn one(fetched: Fetched) -> Vec<u8> {
    match fetched {
        Fetched::Content { mut documents, .. } if documents.len() == 1 => documents.remove(0),
        other => panic!("{other:?}"),
    }
}
