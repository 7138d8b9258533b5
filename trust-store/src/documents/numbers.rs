//! Bound certificates by their serial numbers: where to look, and nothing more.
//!
//! The state has bindings by the hash of the certificate. Who seeks one by its number, which
//! is seldom, would have to look at all of them:
//!
//! 1. The first who does reads all bindings, a page at a time, and keeps of each eight
//!    octets of the number's hash and eight of the certificate's.
//! 2. Whoever seeks later adds what the journal bound since. Where that would be more than
//!    reading the bindings again, or is archived away, step 1 is done anew.
//!
//! What is remembered is a hint. A certificate that was let go of, or never bound, is not
//! found in the state, which alone decides; so nothing of this is ever written.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use tongxing_pki::{Hash, SerialNumber};

use crate::change::Change;
use crate::error::StoreError;
use crate::hex;
use crate::journal::JournalError;
use crate::province::{Province, decode};
use crate::state::{BindingRow, Lookups};

/// Bindings read at a time, so that no change waits long.
const PAGE: usize = 1024;

/// Bindings of one number that are looked at. Origin: ours; as many authorities may have
/// numbered one alike.
const MAX_ALIKE: usize = 16;

/// The beginning of a hash.
type Beginning = [u8; 8];

/// The hints, once somebody asked.
#[derive(Debug, Default)]
pub(crate) struct Numbers(Mutex<Option<Known>>);

#[derive(Debug)]
struct Known {
    /// Of every binding made by this record or before.
    through: u64,
    hints: BTreeSet<(Beginning, Beginning)>,
}

impl Known {
    fn add(&mut self, serial: &str, certificate: &str) {
        self.hints
            .extend(hex::decode(certificate).map(|hash| (of_number(serial), beginning(hash))));
    }

    /// Step 1.
    fn read(province: &Province) -> Result<Self, StoreError> {
        let (through, _) = province.index_stands_at()?;
        let mut known = Self { through, hints: BTreeSet::new() };
        let mut last: Option<String> = None;
        loop {
            let page = province.read(|view| view.bindings_after(last.as_deref(), PAGE))?;
            for (certificate, row) in &page {
                known.add(&row.serial, certificate);
            }
            match page.into_iter().next_back() {
                Some((certificate, _)) => last = Some(certificate),
                None => return Ok(known),
            }
        }
    }

    /// Step 2.
    fn follow(&mut self, province: &Province) -> Result<(), StoreError> {
        let behind = province.journal().position().sequence.saturating_sub(self.through);
        if behind == 0 {
            return Ok(());
        }
        let many = u64::try_from(self.hints.len().max(PAGE)).unwrap_or(u64::MAX);
        let records = match province.journal().read_from(self.through + 1) {
            Ok(records) if behind <= many => records,
            Ok(_) | Err(JournalError::Unavailable { .. }) => {
                *self = Self::read(province)?;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        for record in records {
            let record = record?;
            if let Change::SignIn(bound) = decode(&record)?.change {
                self.add(&bound.certificate.serial, &bound.certificate.sha256);
            }
            self.through = record.sequence();
        }
        Ok(())
    }

    fn alike(&self, serial: &str) -> impl Iterator<Item = &Beginning> {
        let number = of_number(serial);
        let hints = self.hints.range((number, Beginning::default())..).map_while(move |hint| {
            let (of, certificate) = hint;
            (*of == number).then_some(certificate)
        });
        hints.take(MAX_ALIKE)
    }
}

impl Province {
    /// Bindings of certificates with a serial number. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] when the state or the journal cannot be read.
    pub(super) fn bindings_numbered(
        &self,
        serial: &SerialNumber,
    ) -> Result<Vec<BindingRow>, StoreError> {
        let serial = serial.to_string();
        let alike: Vec<Beginning> = {
            let mut known = self.numbers().0.lock().unwrap_or_else(PoisonError::into_inner);
            let known = match &mut *known {
                Some(known) => {
                    known.follow(self)?;
                    known
                }
                none => none.insert(Known::read(self)?),
            };
            known.alike(&serial).copied().collect()
        };
        let mut bindings = Vec::new();
        for certificate in alike {
            let beginning = hex::encode(&certificate);
            let found = self.read(|view| view.bindings_beginning(&beginning, MAX_ALIKE))?;
            bindings.extend(found.into_iter().filter(|binding| binding.serial == serial));
        }
        Ok(bindings)
    }
}

fn of_number(serial: &str) -> Beginning {
    beginning(Hash::Sha256.digest(serial.as_bytes()))
}

fn beginning(hash: impl AsRef<[u8]>) -> Beginning {
    let mut beginning = Beginning::default();
    beginning.iter_mut().zip(hash.as_ref()).for_each(|(to, from)| *to = *from);
    beginning
}
