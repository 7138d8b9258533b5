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

/// Bindings read at a time, so that no change waits long. Tests have more than a page of
/// them.
const PAGE: usize = if cfg!(test) { 3 } else { 1024 };

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

    /// Step 2, unless there are more records than `most`.
    fn follow(&mut self, province: &Province, most: u64) -> Result<(), StoreError> {
        let behind = province.journal().position().sequence.saturating_sub(self.through);
        if behind == 0 {
            return Ok(());
        }
        let records = match province.journal().read_from(self.through + 1) {
            Ok(records) if behind <= most => records,
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
                    known.follow(
                        self,
                        u64::try_from(known.hints.len().max(PAGE)).unwrap_or(u64::MAX),
                    )?;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tempfile::TempDir;
    use tongxing_pki::Timestamp;

    use super::*;
    use crate::change::{
        Actor, BlobModel, CertificateModel, EntityModel, Entry, IdentifierModel, Method, SignIn,
        TokenModel,
    };
    use crate::clock::ManualClock;
    use crate::command::PolicyFile;
    use crate::ids::SubjectId;
    use crate::policy::Capacity;

    const POLICY: &str = include_str!("../../../policies/province.toml");

    struct World {
        _folder: TempDir,
        province: Province,
        runtime: tokio::runtime::Runtime,
    }

    impl World {
        fn new() -> Self {
            let folder = TempDir::new().unwrap();
            let clock = Arc::new(ManualClock::at(Timestamp::from_unix(1_780_000_000)));
            let policy = PolicyFile { name: "province.toml".into(), source: POLICY.into() };
            let home = folder.path().join("province");
            Province::create(&home, "测试省", None, policy, &Actor::Gateway, clock.clone())
                .unwrap();
            let runtime = tokio::runtime::Runtime::new().unwrap();
            Self { _folder: folder, province: Province::open(&home, clock).unwrap(), runtime }
        }

        /// Binds a certificate with this number; its hash.
        fn bind(&self, serial: &str) -> String {
            let sha256 =
                hex::encode(&Hash::Sha256.digest(SubjectId::random().unwrap().as_str().as_bytes()));
            let sign_in = SignIn {
                authority: "ca-a".parse().unwrap(),
                judged_at: u64::MAX,
                certificate: CertificateModel {
                    sha256: sha256.clone(),
                    serial: serial.to_owned(),
                    not_after: Timestamp::from_unix(2_000_000_000),
                    key: None,
                    blob: Some(BlobModel { sha256: sha256.clone(), sealed_for: None }),
                },
                entity: EntityModel {
                    identifier: IdentifierModel::Uscc("91350100M0001TGQXM".to_owned()),
                    name: Some("甲公司".to_owned()),
                    name_keys: vec![crate::name_rule::name_key("甲公司")],
                    person: None,
                },
                holder: None,
                capacity: Capacity::Organization,
                new_subject: SubjectId::random().unwrap(),
                relying_party: "platform".parse().unwrap(),
                method: Method::Tls,
                challenge: None,
                auth_time: Timestamp::from_unix(0),
                token: TokenModel {
                    jti: sha256.clone(),
                    issued_at: Timestamp::from_unix(0),
                    expires_at: Timestamp::from_unix(300),
                },
                revocation: None,
                responses: Vec::new(),
            };
            let change = Change::SignIn(Box::new(sign_in));
            let entry = Entry { by: Actor::Gateway, change };
            let (_, outcome) = self.runtime.block_on(self.province.submit(&entry)).unwrap();
            assert!(matches!(outcome, crate::state::Outcome::Admitted(_)), "{outcome:?}");
            sha256
        }

        fn numbered(&self, serial: &[u8]) -> Vec<String> {
            let serial = SerialNumber::from_bytes(serial).unwrap();
            let mut found: Vec<String> = self
                .province
                .bindings_numbered(&serial)
                .unwrap()
                .into_iter()
                .map(|binding| binding.blob)
                .collect();
            found.sort();
            found
        }
    }

    #[test]
    fn what_was_bound_before_and_after_the_first_question_is_found() {
        let world = World::new();
        let first = world.bind("0A");
        assert_eq!(world.numbered(&[10]), [first.as_str()]);
        assert!(world.numbered(&[11]).is_empty());
        let mut both = [first, world.bind("0A")];
        both.sort();
        let other = world.bind("0B");
        assert_eq!(world.numbered(&[10]), both);
        assert_eq!(world.numbered(&[11]), [other]);
        assert!(world.numbered(&[12]).is_empty());
    }

    /// Whichever way it went, the same is known.
    #[test]
    fn following_and_reading_anew_come_to_the_same() {
        let world = World::new();
        world.bind("01");
        let mut followed = Known::read(&world.province).unwrap();
        let mut anew = Known::read(&world.province).unwrap();
        for serial in ["02", "03", "02"] {
            world.bind(serial);
        }
        followed.follow(&world.province, 3).unwrap();
        anew.follow(&world.province, 2).unwrap();
        assert_eq!((followed.through, followed.hints.len()), (anew.through, 4));
        assert_eq!(followed.hints, anew.hints);
    }

    #[test]
    fn no_number_brings_more_than_a_few() {
        let mut known = Known { through: 0, hints: BTreeSet::new() };
        for certificate in 0..100_u8 {
            known.add("01", &hex::encode(&[certificate; 32]));
            known.add("02", "no hash");
        }
        assert_eq!(known.alike("01").count(), MAX_ALIKE);
        assert_eq!(known.alike("02").count(), 0);
    }
}
