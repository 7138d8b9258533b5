//! The settings file that `init` writes, with every key explained.

/// What a new settings file differs in.
#[derive(Debug, Clone)]
pub struct Template {
    /// The public address, for example `https://tongxing.example.cn`.
    pub public_url: String,
    /// The address of the certificate listener.
    pub certificate_url: String,
    /// Where the public listener listens.
    pub public_listen: String,
    /// Where the certificate listener listens.
    pub certificate_listen: String,
    /// PEM file with the server's certificate chain.
    pub certificate_file: String,
    /// PEM file with the server's private key.
    pub key_file: String,
    /// PEM files with the SM2 certificate chain and key of clients that offer
    /// RFC 8998, if there is one.
    pub sm2: Option<(String, String)>,
}

impl Default for Template {
    fn default() -> Self {
        Self {
            public_url: "https://localhost:8443".to_owned(),
            certificate_url: "https://localhost:9443".to_owned(),
            public_listen: "127.0.0.1:8443".to_owned(),
            certificate_listen: "127.0.0.1:9443".to_owned(),
            certificate_file: "tls/server.pem".to_owned(),
            key_file: "tls/server.key".to_owned(),
            sm2: None,
        }
    }
}

/// Where `init` puts an SM2 certificate and its key.
const SM2_FILES: (&str, &str) = ("tls/server-sm2.pem", "tls/server-sm2.key");

impl Template {
    /// The files of an SM2 certificate and key, where `init` puts them.
    #[must_use]
    pub fn sm2_files() -> (String, String) {
        (SM2_FILES.0.to_owned(), SM2_FILES.1.to_owned())
    }

    pub(super) fn render(&self) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        TEXT.replace("{public_url}", &quoted(&self.public_url))
            .replace("{certificate_url}", &quoted(&self.certificate_url))
            .replace("{public_listen}", &quoted(&self.public_listen))
            .replace("{certificate_listen}", &quoted(&self.certificate_listen))
            .replace("{certificate_file}", &quoted(&self.certificate_file))
            .replace("{key_file}", &quoted(&self.key_file))
            .replace("{sm2}", &self.sm2_lines())
    }

    /// Settings, or comments that show them.
    fn sm2_lines(&self) -> String {
        let (mark, certificate, key) = match &self.sm2 {
            Some((certificate, key)) => ("", certificate.as_str(), key.as_str()),
            None => ("# ", SM2_FILES.0, SM2_FILES.1),
        };
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let (certificate, key) = (quoted(certificate), quoted(key));
        format!("{mark}sm2_certificate_file = {certificate}\n{mark}sm2_key_file = {key}")
    }
}

const TEXT: &str = r#"# Settings of the Tongxing gateway. Relative paths start from this file's folder.
# Authorities, policies and relying parties are not set here: use `tongxing ca`,
# `tongxing policy` and `tongxing rp`. A change here needs a restart; the certificates and
# keys named here are read again on SIGHUP.

# What clients are told. The public URL is also the issuer (`iss`) of every token:
# relying parties pin it, so choose it once. Port 0 stands for the port that the
# system gave to a listener on port 0.
public_url = {public_url}
certificate_url = {certificate_url}

# Where operators' commands arrive: a Unix socket, mode 0660 for the group
# tongxing-admin, or 0600 where that group does not exist.
# admin_socket = "admin.sock"

# Keys, challenges and pages; never asks for a client certificate.
[public]
listen = [{public_listen}]
certificate_file = {certificate_file}
key_file = {key_file}
# The certificate of an SM2 key, issued with SM2: clients that offer RFC 8998 (TLS 1.3 with
# SM2, SM3 and SM4) see it instead of the other one.
{sm2}
# "offered": whoever offers it. "preferred": only who also prefers it to everything else.
# sm2_when = "offered"
# tls = ["1.2", "1.3"]
# Further names or addresses that requests without a TLS server name may be for;
# the URL's host and the addresses listened on are always among them.
# hosts = []

# Sign-in with TLS; asks for a client certificate and explains if there is none.
[certificate]
listen = [{certificate_listen}]
certificate_file = {certificate_file}
key_file = {key_file}
# As above. Who is shown it can sign in with an SM2 key alone (RFC 8998 section 3.3.2):
# with "preferred" a browser that does both but prefers others may use a key of any kind.
{sm2}
# sm2_when = "offered"
# Limit to ["1.2"] for keys that cannot sign with RSA-PSS, which TLS 1.3 demands.
# tls = ["1.2", "1.3"]
# hosts = []
# Names under which no list of acceptable CAs is sent, for browsers that do not
# offer a certificate which the holder knows to be there.
# hosts_without_hints = []

[tokens]
# How long a token is valid is the province's policy; this may only shorten it.
# max_lifetime_seconds = 900
# "ES256" or "EdDSA", from the next rotation on.
# algorithm = "ES256"
# rotation_hours = 24

[limits]
# Connections at a time, on both listeners together and from one address.
# connections = 4096
# connections_per_address = 1024
# sign_ins_per_certificate_per_minute = 60
# A whole hall of bidders may sit behind one address.
# requests_per_address_per_minute = 6000
# A TLS handshake costs more than a request. Connections beyond this are closed before
# it begins; clients that keep their connection count once.
# handshakes_per_address_per_minute = 6000
# Attempts to pass for a platform that failed; a right secret from the same address
# still passes.
# failed_authentications_per_address_per_minute = 60
# Verifications that a platform may ask for, unless `tongxing rp set --per-minute` says
# otherwise.
# verifications_per_party_per_minute = 6000
# Documents that are judged at once; others wait. Each may take twice the longest signed
# document in memory. What is signed beside it is never held, however long.
# verifications = 8
# attached_document = "16MiB"
# content = "4GiB"

[timeouts]
# handshake_seconds = 20
# For a request's header; also how long a connection may be idle.
# header_seconds = 30
# For a request's content to arrive.
# request_seconds = 30
# connection_seconds = 600
# How long open requests may take at shutdown.
# drain_seconds = 20

[record]
# After so many records an image of the state is taken, so that making the state
# anew does not begin with the first record. The newest two are kept.
# image_every = 1000000
# Below so much free room on the province's disk sign-ins pause (503), so that changes
# of trust still fit. Beside it a file of 64 MiB is set aside, and given back when even
# this is gone. Bytes, or "512MiB", "2GiB".
# disk_reserve = "512MiB"
# How often the whole record is signed, when something was recorded since. It is
# signed at shutdown too, and by `tongxing audit checkpoint`.
# checkpoint_interval_seconds = 600
# An existing folder, best on another machine, that gets a copy of every checkpoint:
# it shows when the journal was cut off or exchanged together with its own.
# checkpoint_copy = "/mnt/other/checkpoints"
# A timestamp service (RFC 3161) that is asked about the newest checkpoint, at most
# so often. Plain http will do: its answers are signed.
# timestamp_url = "http://tsa.example/"
# timestamp_interval_seconds = 3600

[standby]
# A second gateway follows this one and can take its place: `tongxing standby invite`
# here, `tongxing standby join` there. Both have the province's keys. Where the other
# one is listened for: a line that only the two of them use is best.
# listen = "127.0.0.1:7443"
# What the other one is told to connect to, where that is not the address above.
# address = "gateway-1.internal:7443"
# When a sign-in or a change of trust is acknowledged: "local", when it is durable
# here, or "standby", when the standby has it for good too: then nothing that was
# acknowledged is lost with this machine, and while the standby is away sign-ins are
# refused (503).
# acknowledge = "local"
# With "standby": after so long without it go on alone, and say so. Never without this.
# degrade_after_seconds = 60

[metrics]
# Figures for Prometheus at http://ADDRESS/metrics, in the clear and for everybody who
# reaches it. The admin socket has them too.
# listen = "127.0.0.1:9464"

[revocation]
# A folder whose files are imported as revocation lists, for authorities that are not
# connected. Move files in whole, or let them keep their size for ten seconds; what
# was done with each shows in its folders done/ and refused/.
# drop_folder = "drop"

[receipts]
# Of which verifications a signed receipt is given: "asked", where the platform asks for
# one, or "always", those in the shape of GM/T 0029 too. Each is on the record.
# given = "asked"
# Whether the timestamp service of [record] vouches for each before it is given. Where it
# does not answer within five seconds, the receipt goes without.
# timestamp = false
# A PEM file of further CAs that webhooks' servers may have their certificates of, beside
# those that this machine trusts.
# webhook_roots = "tls/webhook-roots.pem"
"#;
