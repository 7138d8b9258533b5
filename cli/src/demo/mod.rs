//! The whole job, played: four authorities, one company, one identity.
//!
//! 1. The cast is generated (`cast`): authorities, bidders' certificates, and
//!    certificates that are wrong in one chosen way each.
//! 2. The stage is set (`stage`): a province is made, the authorities enrolled
//!    and their lists imported by the commands that operators use, the gateway
//!    started on loopback.
//! 3. The scenes are played (`scenes`, which is data): each is a sign-in with what
//!    has to come of it. Tokens are verified as a platform would (`platform`).
//! 4. A platform has a document verified, keeps the receipt, and shows it when the CA is
//!    withdrawn (`receipts`).
//! 5. The record is signed, exported, and checked as an auditor would, with the
//!    public key alone (`evidence`).
//! 6. The province is left so that all bidders can sign in and sign documents, and
//!    described in `demo.json` where it is kept (`manifest`).

mod cast;
mod evidence;
mod https;
mod manifest;
mod platform;
mod player;
mod receipts;
mod scenes;
mod stage;
mod story;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tongxing_trust_store::{Clock, SystemClock};

use crate::args::DemoArgs;
use crate::commands::Signals;
use crate::outcome::{Failure, Outcome};
use crate::render::Output;
use cast::Cast;
use player::Player;
use stage::Stage;
use story::Story;

/// Where the province lives while the demo runs, and afterwards if it is kept.
enum Place {
    Kept(PathBuf),
    Temporary(TempDir),
}

impl Place {
    fn choose(dir: Option<PathBuf>) -> Result<Self, Failure> {
        match dir {
            Some(folder) => {
                Ok(Self::Kept(std::path::absolute(&folder).map_err(|error| {
                    Failure::bad_input(format!("{}: {error}", folder.display()))
                })?))
            }
            None => TempDir::with_prefix("tongxing-demo-").map(Self::Temporary).map_err(|error| {
                Failure::unavailable(format!("making a temporary folder: {error}"))
            }),
        }
    }

    fn folder(&self) -> &Path {
        match self {
            Self::Kept(folder) => folder,
            Self::Temporary(folder) => folder.path(),
        }
    }
}

/// Plays the demo, and stays up unless only a check was asked for.
pub(crate) async fn run(args: DemoArgs, output: &Output) -> Result<Outcome, Failure> {
    let mut signals = Signals::listen()?;
    let place = Place::choose(args.dir)?;
    let mut story = Story::new(output);
    let stage = tokio::select! {
        stage = play(&place, &mut story) => stage?,
        signal = signals.next() => return Err(Failure::unavailable(format!("ended by {signal}"))),
    };
    let as_told = story.conclude();
    if !args.check {
        output.note(&stage.farewell(&place, output.style()));
        signals.next().await;
    }
    stage.close().await;
    Ok(if as_told { Outcome::Yes } else { Outcome::No })
}

/// Steps 1 to 6.
async fn play(place: &Place, story: &mut Story<'_>) -> Result<Stage, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    story.chapter("The cast");
    let now = clock.now().unix();
    let cast = story
        .work("four authorities and their bidders are generated", async move {
            tokio::task::spawn_blocking(move || Cast::generate(now))
                .await
                .map_err(|error| Failure::unavailable(error.to_string()))?
        })
        .await?;
    story.chapter("The stage");
    let stage = Stage::set(place.folder(), cast, &clock, story).await?;
    let mut player = Player::new(&stage, clock)?;
    for act in scenes::acts() {
        story.chapter(act.title);
        for scene in &act.scenes {
            player.play(scene, story).await?;
        }
    }
    story.chapter("What a platform keeps");
    receipts::show(&stage, story).await?;
    story.chapter("What an auditor is given");
    evidence::show(&stage, story).await?;
    let everybody = "every authority is enrolled for documents too, for whoever goes on by hand";
    story.work(everybody, receipts::enrol_all(&stage)).await?;
    if matches!(place, Place::Kept(_)) {
        story.work("demo.json describes the province", async { stage.describe() }).await?;
    }
    Ok(stage)
}
