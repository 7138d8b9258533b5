//! The gateway: TLS and HTTP in front of a province.
//!
//! It proves that clients hold the keys of their certificates, asks the trust
//! store who they are, and hands out tokens that say so. It decides nothing about
//! trust itself.
//!
//! - [`Config`] reads `tongxing.toml`, [`init_keys`] makes the gateway's keys.
//! - [`Gateway::start`] serves a province in this process, until
//!   [`RunningGateway::shutdown`].
//! - [`AdminClient`] gives operators' commands to a gateway in another process.
//!
//! - [`join_standby`] makes a folder a second gateway's, which follows the first.
//!
//! What is named `read_…`, `reread_…` or `check_json_…` gives octets from outside to the
//! readers in here, for fuzzing.
//!
//! Three listeners: *public* (keys, challenges, sign-in by challenge),
//! *certificate* (sign-in with TLS) and *admin* (a Unix socket); and where a second
//! gateway follows, *replica*.

mod admin;
mod challenge;
mod config;
mod doctor;
mod evidence;
mod fetch;
mod http;
mod keys;
mod limits;
mod metrics;
mod party;
mod problem;
mod raw_signature;
mod refresh;
mod serve;
mod server;
mod sign_in;
mod site;
mod standby;
mod status;
mod tls;
mod token;
mod webhooks;

pub use admin::{AdminClient, AdminClientError, AdminSocketError};
pub use challenge::reread_challenge_id;
pub use config::{CONFIG_FILE, Config, ConfigError, SiteUrl, Template};
pub use doctor::examine_province;
pub use fetch::{HttpAnswer, read_http_answer, read_ldap_answer, reread_ldap_question};
pub use http::{
    PartsRead, RequestHead, check_json_bodies, check_json_contents, openapi_document, read_parts,
    read_request_head,
};
pub use keys::{KeyError, init_keys};
pub use party::{ShownCredentials, read_authorization};
pub use problem::catalogue;
pub use serve::{Addresses, Gateway, RunningGateway, ShownCertificates, StartError};
pub use standby::{
    Invitation, JoinError, Joined, PeerError, forget_peer, join_standby, reread_standby_messages,
    wait_for_gateway,
};
pub use tls::{ServerCertificateKind, TlsError, check_server_certificate};
pub use token::{SignerFault, TokenAlgorithm, TokenSigner};
