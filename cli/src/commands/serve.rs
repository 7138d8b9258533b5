//! Running the gateway until it is told to end.
//!
//! 1. Settings and province are opened; a missing one is an error, never made.
//! 2. The listeners start; their addresses are said on standard output.
//! 3. SIGHUP: certificates and their keys are read anew. Ending never waits for that: a
//!    disk may hang.
//! 4. SIGTERM or SIGINT: no new connections, open requests finish, the journal is
//!    flushed. A second signal ends the process at once; what was acknowledged is
//!    in the journal either way.

use std::sync::Arc;

use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tongxing_gateway::{CONFIG_FILE, Config, Gateway, RunningGateway, ShownCertificates};
use tongxing_trust_store::SystemClock;

use crate::args::ServeArgs;
use crate::client::open_province;
use crate::log;
use crate::outcome::{Failure, Outcome};
use crate::render::Output;

pub(super) async fn run(args: ServeArgs, output: &Output) -> Result<Outcome, Failure> {
    log::start(&args.log, args.log_format)?;
    let mut signals = Signals::listen()?;
    let hang_up = take(SignalKind::hangup())?;
    let mut gateway = start(&args).await?;
    let addresses = gateway.addresses().clone();
    let document = json!({
        "public_url": addresses.public_url,
        "certificate_url": addresses.certificate_url,
        "admin_socket": addresses.admin_socket,
        "replica": addresses.replica,
    });
    output.value(&document, |_| {
        format!(
            "public       {}\ncertificate  {}\nadmin        {}\n",
            addresses.public_url,
            addresses.certificate_url,
            addresses.admin_socket.display()
        )
    });
    let reloading = tokio::spawn(reload(hang_up, gateway.shown_certificates()));
    let ended = tokio::select! {
        () = gateway.wait() => Err(Failure::unavailable("a listener stopped: see the log")),
        signal = signals.next() => {
            tracing::info!(signal, "shutting down");
            Ok(Outcome::Yes)
        }
    };
    reloading.abort();
    tokio::select! {
        () = gateway.shutdown() => ended,
        _ = signals.next() => Err(Failure::unavailable("ended by a second signal")),
    }
}

async fn start(args: &ServeArgs) -> Result<RunningGateway, Failure> {
    let folder = args.data.folder.clone();
    if !folder.join(CONFIG_FILE).is_file() {
        let message = format!("{} holds no {CONFIG_FILE}", folder.display());
        let help = format!(
            "`tongxing init --data {}` makes a province in a new or empty folder",
            folder.display()
        );
        return Err(Failure::bad_input(message).help(help));
    }
    let config = Config::load(&folder).map_err(|error| Failure::bad_input(error.to_string()))?;
    let province = open_province(&folder, Arc::new(SystemClock)).await?;
    Gateway::start(province, config).await.map_err(|error| Failure::unavailable(error.to_string()))
}

/// Step 3, one after another: who asks twice sees what was there at the second time.
async fn reload(mut hang_up: Signal, shown: ShownCertificates) {
    while hang_up.recv().await.is_some() {
        match shown.reload().await {
            Ok(()) => {
                tracing::info!("SIGHUP: new connections see the certificates as they are now");
            }
            Err(error) => {
                tracing::error!(%error, "SIGHUP: the certificates shown stay as they were");
            }
        }
    }
}

/// The signals that ask us to end.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes the signals over from now on.
    pub(crate) fn listen() -> Result<Self, Failure> {
        Ok(Self {
            terminate: take(SignalKind::terminate())?,
            interrupt: take(SignalKind::interrupt())?,
        })
    }

    /// The name of the next one.
    pub(crate) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Takes a signal over from now on.
fn take(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(|error| Failure::unavailable(format!("taking signals: {error}")))
}
