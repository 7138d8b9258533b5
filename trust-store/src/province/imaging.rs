//! Images of an open province. The steps, and what a power cut leaves of each,
//! are told in the module `image`.

use super::Province;
use crate::change::{Actor, Change, Entry, ImageTaken};
use crate::command::ImageView;
use crate::error::StoreError;
use crate::hex;
use crate::image::{ImageError, ImageSummary, vouch};
use crate::state::StateError;

impl Province {
    /// Takes an image of the state while changes go on, and removes the oldest.
    ///
    /// The thread is held until the rows are on the disk: seconds for a million
    /// subjects.
    ///
    /// # Errors
    /// [`ImageError::UnderWay`] when another is being taken; any other leaves the
    /// images that there were.
    pub async fn take_image(&self, by: &Actor) -> Result<ImageView, StoreError> {
        let Ok(_only) = self.imaging.try_lock() else {
            return Err(ImageError::UnderWay.into());
        };
        let prepared = self.shared.index.with(|index| {
            let scan = index.scan_all().map_err(ImageError::from)?;
            self.images.prepare(scan)
        });
        let summary = prepared.map_err(StateError::from)??;
        let change = Change::ImageTaken(ImageTaken {
            sequence: summary.header.sequence,
            sha256: hex::encode(&summary.sha256),
            rows: summary.header.rows,
            state: hex::encode(&summary.header.state),
        });
        self.submit(&Entry { by: by.clone(), change }).await?;
        self.images.publish(summary.header.sequence)?;
        if let Err(error) = self.images.prune() {
            tracing::warn!(%error, "an old image was not removed");
        }
        Ok(view(&summary))
    }

    /// The images that there are, the newest first; each is read whole and
    /// compared with the journal.
    ///
    /// # Errors
    /// [`StoreError`] when the folder or the journal cannot be read.
    pub fn images(&self) -> Result<Vec<ImageView>, StoreError> {
        self.images.sequences()?.into_iter().map(|sequence| self.look_at(sequence)).collect()
    }

    /// How many records there are behind the newest image.
    ///
    /// # Errors
    /// [`StoreError`] when the folder cannot be read.
    pub fn records_since_image(&self) -> Result<u64, StoreError> {
        let newest = self.images.sequences()?.first().copied().unwrap_or(0);
        Ok(self.journal.position().sequence.saturating_sub(newest))
    }

    fn look_at(&self, sequence: u64) -> Result<ImageView, StoreError> {
        let looked = self.images.open(sequence).map_err(StoreError::from).and_then(|image| {
            vouch(&image, &*self.journal)?;
            Ok(image.verify()?)
        });
        match looked {
            Ok(summary) => Ok(view(&summary)),
            Err(StoreError::Image(fault)) => {
                Ok(ImageView { sequence, fault: Some(fault.to_string()), ..ImageView::default() })
            }
            Err(other) => Err(other),
        }
    }
}

fn view(summary: &ImageSummary) -> ImageView {
    ImageView {
        sequence: summary.header.sequence,
        rows: summary.header.rows,
        bytes: summary.bytes,
        sha256: hex::encode(&summary.sha256),
        state: hex::encode(&summary.header.state),
        fault: None,
    }
}
