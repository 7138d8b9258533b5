//! `tongxing init`, `serve`, `demo` and `clock`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use tongxing_trust_store::RecordProfile;

use super::DataArgs;

/// Make a province in a new or empty folder
#[derive(Debug, Args)]
#[command(after_help = "\
Makes the journal, the keys, the settings (tongxing.toml) and a copy of the province's
policy. Without --server-certificate it also makes a server CA and a certificate for
localhost, 127.0.0.1 and ::1, which is for trying out only. If anything fails, nothing
is left behind.

EXAMPLES:
  tongxing init
  tongxing init --data /srv/tongxing --name 某省 \\
      --public-url https://id.example.cn --certificate-url https://cert.id.example.cn \\
      --public-listen 0.0.0.0:443 --certificate-listen 0.0.0.0:8443 \\
      --server-certificate chain.pem --server-key key.pem")]
pub(crate) struct InitArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// The province's Chinese name
    #[arg(long, value_name = "NAME", default_value = "试用省")]
    pub(crate) name: String,
    /// The province's English name
    #[arg(long, value_name = "NAME")]
    pub(crate) name_en: Option<String>,
    /// What the record rests on, for good: standard (SHA-256, Ed25519, AES-256-GCM) or gm
    /// (SM3, SM2, SM4-GCM)
    #[arg(long, value_name = "PROFILE", default_value_t = RecordProfile::Standard)]
    pub(crate) profile: RecordProfile,
    /// The province's policy file, instead of the one that is built in
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// What clients are told, and the issuer of every token: choose it once
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Where bidders sign in with TLS
    #[arg(long, value_name = "URL")]
    pub(crate) certificate_url: Option<String>,
    /// Where the public listener listens
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) public_listen: Option<String>,
    /// Where the certificate listener listens
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) certificate_listen: Option<String>,
    /// The server's certificate chain, PEM, leaf first
    #[arg(long, value_name = "FILE", requires = "server_key")]
    pub(crate) server_certificate: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long, value_name = "FILE", requires = "server_certificate")]
    pub(crate) server_key: Option<PathBuf>,
    /// A second certificate chain, of an SM2 key and issued with SM2, PEM, leaf first
    ///
    /// Clients that offer RFC 8998 (TLS 1.3 with SM2, SM3 and SM4) see it instead. Where no
    /// certificate is given at all, both are made, for trying out.
    #[arg(long, value_name = "FILE", requires = "sm2_server_key")]
    pub(crate) sm2_server_certificate: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long, value_name = "FILE", requires = "sm2_server_certificate")]
    pub(crate) sm2_server_key: Option<PathBuf>,
}

/// Run the gateway until SIGTERM or SIGINT
#[derive(Debug, Args)]
#[command(after_help = "\
On the first signal the gateway takes no new connections and finishes open requests; a
second one ends it at once. SIGHUP has it read its certificates and their keys anew, for
connections to come; if one of them is not in order, all stay as they were, and the log
says why.

EXAMPLES:
  tongxing serve
  tongxing serve --data /srv/tongxing --log-format json")]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// What to log: a level, or directives such as `info,tongxing_gateway=debug`
    #[arg(long, value_name = "FILTER", env = "TONGXING_LOG", default_value = "info")]
    pub(crate) log: String,
    /// How to log, on standard error
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One JSON document a line
    Json,
}

/// Show the whole job: four synthetic CAs, one company, one identity
#[derive(Debug, Args)]
#[command(after_help = "\
Makes a province, enrols four CAs that differ like real ones (one of them SM2), starts the gateway on
loopback and signs the same company in with each, by TLS and by challenge; then shows
what is refused and why. It stays up until Ctrl-C, with lines for curl to go on with.

EXAMPLES:
  tongxing demo
  tongxing demo --check            exit 0 if everything was as told
  tongxing demo --dir try          keep the province, write demo.json")]
pub(crate) struct DemoArgs {
    /// Keep the province in this new or empty folder, and describe it in DIR/demo.json
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// End after the story; 1 if anything was not as told
    #[arg(long)]
    pub(crate) check: bool,
}

/// The journal's time.
#[derive(Debug, Subcommand)]
pub(crate) enum ClockCommand {
    /// Reset log time to this machine's clock, and void earlier challenges
    #[command(after_help = "\
Log time is the largest time that any writer has written. After a clock has run ahead
and was put right, the journal refuses to append until log time is reset.

EXAMPLES:
  tongxing clock reset --reason 'NTP was wrong until 08:00'")]
    Reset {
        /// Why the clock was wrong
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        data: DataArgs,
    },
}
