//! A gateway from start to end.
//!
//! Start:
//! 1. The checkpoints in the second place are compared with the journal; a journal
//!    that lacks what they were signed over refuses the start.
//! 2. TLS material and keys are read; a fault refuses the start by name.
//! 3. The listeners are bound; URLs with port 0 take the bound port.
//! 4. Timers start: hints after a change of trust, key rotation and the summary of
//!    refusals once a minute, checkpoints at their interval.
//! 5. The listeners serve, then the admin socket appears: who sees it may ask.
//!
//! Reloading: certificates and keys of both listeners are read again, from the files that
//! the settings named at the start. Only if all of them are in order are they shown, from
//! the next handshake on; open connections go on with what they began with.
//!
//! End: the listeners close, open requests are finished within the drain timeout,
//! the timers stop, the last summary is written, a standby that follows is given the
//! time to take it over, the record is signed, the replica listener closes, the province
//! is closed. Killed at any point, nothing acknowledged is lost: the journal had it
//! before the answer.

mod error;
mod timers;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tongxing_trust_store::{Province, ReplicaRole};

pub use error::StartError;

use crate::admin::{self, AdminServer, BoundSocket};
use crate::config::{Config, ListenerConfig};
use crate::evidence;
use crate::http::Sites;
use crate::metrics;
use crate::server::{ListenerTls, Places, Server};
use crate::site::Site;
use crate::standby::{self, ReplicaListener};
use crate::tls::{CertificateTls, Hints, Loaded, PublicTls, TlsError};

/// Starts gateways.
#[derive(Debug)]
pub struct Gateway;

/// Where a running gateway can be reached.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The public URL, with the bound port; the issuer of tokens.
    pub public_url: String,
    /// The URL of the certificate listener, with the bound port.
    pub certificate_url: String,
    /// Where the public listener listens.
    pub public: Vec<SocketAddr>,
    /// Where the certificate listener listens.
    pub certificate: Vec<SocketAddr>,
    /// The admin socket.
    pub admin_socket: PathBuf,
    /// Where the other gateway is listened for, if it is.
    pub replica: Option<SocketAddr>,
}

/// A gateway that serves until it is shut down.
#[derive(Debug)]
pub struct RunningGateway {
    addresses: Addresses,
    site: Arc<Site>,
    shown: ShownCertificates,
    shutdown: watch::Sender<bool>,
    serving: JoinSet<()>,
    timers: JoinSet<()>,
    /// The listeners that serve until the last record is made.
    second: JoinSet<()>,
}

/// What both listeners show, and where it was read. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct ShownCertificates(Arc<Shown>);

#[derive(Debug)]
struct Shown {
    public: (ListenerConfig, Arc<PublicTls>),
    certificate: (ListenerConfig, Arc<CertificateTls>),
}

impl ShownCertificates {
    /// Reads the certificates of both listeners and their keys again, and shows them from
    /// the next handshake on. The settings themselves are those of the start. It waits for
    /// the disk, and nothing else waits for it.
    ///
    /// # Errors
    /// [`TlsError`] for the first that is not in order: then nothing changes.
    pub async fn reload(&self) -> Result<(), TlsError> {
        let Shown { public: (public, public_tls), certificate: (certificate, certificate_tls) } =
            &*self.0;
        let (read_public, read_certificate) = read(public, certificate).await?;
        public_tls.replace(read_public);
        certificate_tls.replace(read_certificate);
        Ok(())
    }
}

impl Gateway {
    /// Starts serving `province`. Must be called within a tokio runtime with time
    /// and I/O.
    pub async fn start(
        province: Province,
        mut config: Config,
    ) -> Result<RunningGateway, StartError> {
        let province = copy_checkpoints(province, &config).await?;
        let hints = Hints::of(province.snapshot().hints());
        let (read_public, read_certificate) = read(&config.public, &config.certificate).await?;
        let public_tls = Arc::new(PublicTls::new(read_public));
        let without = &config.hosts_without_hints;
        let certificate_tls = CertificateTls::new(read_certificate, without, hints);
        let certificate_tls = Arc::new(certificate_tls);
        let shown = ShownCertificates(Arc::new(Shown {
            public: (config.public.clone(), Arc::clone(&public_tls)),
            certificate: (config.certificate.clone(), Arc::clone(&certificate_tls)),
        }));
        let public = Listeners::bind(&mut config.public).await?;
        let certificate = Listeners::bind(&mut config.certificate).await?;
        let second = Second::bind(&config).await?;
        let places = Places::new(&config.limits);
        let addresses = Addresses {
            replica: second.address(),
            public_url: config.public.url.to_string(),
            certificate_url: config.certificate.url.to_string(),
            public: public.addresses.clone(),
            certificate: certificate.addresses.clone(),
            admin_socket: config.admin_socket.clone(),
        };
        province.keep_free(config.record.disk_reserve);
        // It waits for the disk, before anybody waits for the gateway.
        province.tend_reserve();
        let site = Arc::new(Site::open(province, config)?);
        let socket = bind_admin(&addresses.admin_socket)?;
        let (shutdown, down) = watch::channel(false);
        let server = Server {
            sites: Sites::new(&site),
            site: Arc::clone(&site),
            places,
            shutdown: down.clone(),
        };
        let mut serving = JoinSet::new();
        public.serve(&server, &ListenerTls::Public(public_tls), &mut serving);
        let tls = ListenerTls::Certificate(Arc::clone(&certificate_tls));
        certificate.serve(&server, &tls, &mut serving);
        let admin = AdminServer { site: Arc::clone(&site), shutdown: down };
        serving.spawn(admin.serve(socket));
        let timers = timers::start(&site, &certificate_tls);
        let second = second.serve(&site);
        let role = site.province.role();
        tracing::info!(
            public_url = addresses.public_url,
            certificate_url = addresses.certificate_url,
            role = role.as_str(),
            "gateway started"
        );
        if role == ReplicaRole::Fenced {
            tracing::warn!(
                "another gateway took this one's place: it records nothing, and takes no \
                 sign-ins; see `tongxing standby take-back` and `tongxing standby join`"
            );
        }
        Ok(RunningGateway { addresses, site, shown, shutdown, serving, timers, second })
    }
}

impl RunningGateway {
    /// Where it can be reached.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What its listeners show, to be read again while it serves.
    pub fn shown_certificates(&self) -> ShownCertificates {
        self.shown.clone()
    }

    /// Stops accepting, finishes what is open within the drain timeout, writes what
    /// was counted and closes the province.
    pub async fn shutdown(mut self) {
        // Nobody listens any more if everything has ended by itself.
        let _ = self.shutdown.send(true);
        while self.serving.join_next().await.is_some() {}
        self.end().await;
    }

    /// Serves until a listener ends, which none does by itself: to be raced
    /// against the signals that end the process.
    pub async fn wait(&mut self) {
        if let Some(Err(error)) = self.serving.join_next().await {
            tracing::error!(%error, "a listener stopped");
        }
    }

    async fn end(&mut self) {
        self.timers.shutdown().await;
        self.site.flush_refusals().await;
        // What is signed and not there would be a contradiction when it takes over.
        standby::settle(&self.site).await;
        evidence::checkpoint(&self.site).await;
        standby::settle(&self.site).await;
        self.second.shutdown().await;
        let site = Arc::clone(&self.site);
        // Closing waits for the disk and for the thread that applies records.
        if let Err(error) = tokio::task::spawn_blocking(move || site.province.close()).await {
            tracing::error!(%error, "the province was not closed in order");
        }
        tracing::info!("gateway stopped");
    }
}

/// What both listeners show, read from the disk.
async fn read(
    public: &ListenerConfig,
    certificate: &ListenerConfig,
) -> Result<(Loaded, Loaded), TlsError> {
    let (public, certificate) = (public.clone(), certificate.clone());
    let reading = move || Ok((Loaded::read(&public)?, Loaded::read(&certificate)?));
    match tokio::task::spawn_blocking(reading).await {
        Ok(read) => read,
        Err(cut) => Err(TlsError::Unread(cut.to_string())),
    }
}

/// Step 1. It waits for a disk, maybe another machine's.
async fn copy_checkpoints(province: Province, config: &Config) -> Result<Province, StartError> {
    let Some(place) = config.checkpoint_copy().map(Path::to_owned) else { return Ok(province) };
    if province.role() != ReplicaRole::Primary {
        // The second place is the primary's: a standby may well be behind it.
        return Ok(province);
    }
    let comparing = move || province.copy_checkpoints_to(&place).map(|()| province);
    match tokio::task::spawn_blocking(comparing).await {
        Ok(compared) => Ok(compared?),
        Err(cut) => Err(StartError::Cut(cut.to_string())),
    }
}

fn bind_admin(path: &Path) -> Result<BoundSocket, StartError> {
    admin::bind(path).map_err(StartError::from)
}

/// The listeners that no client of the province sees. They are served until the
/// others have ended and the last record is made: it may wait for the standby.
struct Second {
    replica: Option<ReplicaListener>,
    metrics: Option<TcpListener>,
}

impl Second {
    async fn bind(config: &Config) -> Result<Self, StartError> {
        let replica = match config.standby.listen {
            Some(address) => Some(ReplicaListener::bind(address).await?),
            None => None,
        };
        let metrics = match config.metrics {
            Some(address) => Some(metrics::bind(address).await?),
            None => None,
        };
        Ok(Self { replica, metrics })
    }

    fn address(&self) -> Option<SocketAddr> {
        self.replica.as_ref().and_then(ReplicaListener::address)
    }

    fn serve(self, site: &Arc<Site>) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        if let Some(listener) = self.replica {
            tasks.spawn(standby::serve(Arc::clone(site), listener));
        }
        if let Some(listener) = self.metrics {
            tasks.spawn(metrics::serve(Arc::clone(site), listener));
        }
        tasks
    }
}

/// The bound sockets of one listener.
struct Listeners {
    sockets: Vec<TcpListener>,
    addresses: Vec<SocketAddr>,
}

impl Listeners {
    /// Binds every address; the URL takes the first port where it said 0.
    async fn bind(config: &mut ListenerConfig) -> Result<Self, StartError> {
        let mut bound = Self { sockets: Vec::new(), addresses: Vec::new() };
        for address in &config.listen {
            let refused = |source| StartError::Bind { address: *address, source };
            let socket = TcpListener::bind(address).await.map_err(refused)?;
            bound.addresses.push(socket.local_addr().map_err(refused)?);
            bound.sockets.push(socket);
        }
        if let Some(first) = bound.addresses.first() {
            config.url = config.url.with_bound_port(first.port());
        }
        Ok(bound)
    }

    fn serve(self, server: &Server, tls: &ListenerTls, tasks: &mut JoinSet<()>) {
        for socket in self.sockets {
            tasks.spawn(server.clone().serve(socket, tls.clone()));
        }
    }
}
