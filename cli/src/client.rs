//! One way to ask a province, over two transports.
//!
//! 1. If the province's admin socket answers (or its path was given itself), the running gateway carries the
//!    command out: it owns the folder.
//! 2. Otherwise the folder is opened in this process, which takes its lock. When
//!    another process holds it, nothing can be done but say so.

use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::sync::Arc;

use tokio::net::UnixStream;
use tongxing_gateway::{AdminClient, AdminClientError, CONFIG_FILE, Config, wait_for_gateway};
use tongxing_trust_store::{Actor, Clock, Command, Province, ReplicaRole, Reply, SystemClock};

use crate::bar::Bar;
use crate::outcome::Failure;

/// A province that can be asked.
pub(crate) enum Client {
    /// The folder is open in this process.
    InProcess {
        /// The open province.
        province: Box<Province>,
        /// Whose doing the changes are.
        by: Actor,
    },
    /// A running gateway answers.
    Socket(AdminClient),
}

impl Client {
    /// Reaches the province in `folder`, or whose gateway listens at that path.
    pub(crate) async fn open(folder: &Path) -> Result<Self, Failure> {
        if let Some(client) = Self::gateway(folder).await? {
            return Ok(client);
        }
        let province = open_province(folder, Arc::new(SystemClock)).await?;
        let province = as_its_gateway_has_it(province).await?;
        Ok(Self::InProcess { province: Box::new(province), by: operator() })
    }

    /// Reaches the gateway that has the province open, if one runs.
    pub(crate) async fn gateway(folder: &Path) -> Result<Option<Self>, Failure> {
        if is_socket(folder) {
            let message = format!("{}: no gateway listens", folder.display());
            let client = Self::listening(folder).await?;
            return client.map(Some).ok_or_else(|| Failure::unavailable(message));
        }
        Self::running(folder).await
    }

    /// The running gateway of the province, if its socket is listened to.
    async fn running(folder: &Path) -> Result<Option<Self>, Failure> {
        if !folder.join(CONFIG_FILE).is_file() {
            return Ok(None);
        }
        let config = Config::load(folder).map_err(|error| Failure::bad_input(error.to_string()))?;
        Self::listening(config.admin_socket()).await
    }

    async fn listening(socket: &Path) -> Result<Option<Self>, Failure> {
        match UnixStream::connect(socket).await {
            Ok(_) => Ok(Some(Self::Socket(AdminClient::new(socket)))),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                let message = format!("{}: this account may not ask", socket.display());
                let help = "become a member of the group tongxing-admin, or the gateway's account";
                Err(Failure::unavailable(message).help(help))
            }
            // Nothing there, or nobody listening: no gateway runs.
            Err(_) => Ok(None),
        }
    }

    /// Lets go of the province; when this returns another process can open it.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        tokio::task::spawn_blocking(move || drop(self))
            .await
            .map_err(|error| Failure::unavailable(format!("closing the province: {error}")))
    }

    /// Carries out a command; a change is durable when this returns.
    pub(crate) async fn execute(&self, command: Command) -> Result<Reply, Failure> {
        match self {
            Self::InProcess { province, by } => Ok(province.execute(by, command).await?),
            Self::Socket(client) => Ok(client.execute(&command).await?),
        }
    }
}

/// Whether a path is an admin socket's, and not a province's folder.
pub(crate) fn is_socket(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|data| data.file_type().is_socket())
}

/// Opens a province, whose one writer this process is from then on, and says what
/// had to be mended.
pub(crate) async fn open_province(
    folder: &Path,
    clock: Arc<dyn Clock>,
) -> Result<Province, Failure> {
    let folder = folder.to_owned();
    let opening = move || Province::open_showing(&folder, clock, &Bar::on_stderr());
    let province = tokio::task::spawn_blocking(opening)
        .await
        .map_err(|error| Failure::unavailable(format!("opening the province: {error}")))??;
    let opened = province.opened();
    if opened.applied > 0 && opened.rebuilt.is_none() {
        let records = opened.applied;
        tracing::warn!(records, "the index was behind the journal: records were applied to it");
    }
    if let Some(torn) = &opened.journal.torn {
        tracing::warn!(
            segment = torn.segment,
            bytes = torn.bytes,
            sequence = torn.sequence,
            "the journal ended in the middle of a record, which nobody was told of: it was cut off"
        );
    }
    Ok(province)
}

/// What this process signs goes to the second place too, as the gateway's does; and it
/// acknowledges nothing that the gateway would not.
async fn as_its_gateway_has_it(province: Province) -> Result<Province, Failure> {
    let folder = province.folder();
    if !folder.join(CONFIG_FILE).is_file() {
        return Ok(province);
    }
    let config = Config::load(folder).map_err(|error| Failure::bad_input(error.to_string()))?;
    let paired = wait_for_gateway(&province, &config);
    paired.map_err(|error| Failure::unavailable(error.to_string()))?;
    let Some(place) = config.checkpoint_copy().map(Path::to_owned) else { return Ok(province) };
    if province.role() != ReplicaRole::Primary {
        province.know_second_place(&place);
        return Ok(province);
    }
    let comparing = move || province.copy_checkpoints_to(&place).map(|()| province);
    let compared = tokio::task::spawn_blocking(comparing).await;
    let cut = |error| Failure::unavailable(format!("comparing checkpoints: {error}"));
    Ok(compared.map_err(cut)??)
}

impl From<AdminClientError> for Failure {
    fn from(error: AdminClientError) -> Self {
        match error {
            AdminClientError::Command(error) => error.into(),
            other => Self::unavailable(other.to_string()),
        }
    }
}

/// The account that this process runs under.
pub(crate) fn operator() -> Actor {
    let uid = nix::unistd::getuid();
    let name = nix::unistd::User::from_uid(uid).ok().flatten().map(|user| user.name);
    Actor::Operator { uid: uid.as_raw(), name }
}
