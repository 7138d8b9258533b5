//! A content of a signed document, as it is at hand: octets, in it or brought, or digests.

use std::cell::RefCell;

use crate::Finding;
use crate::keys::{Digest, PublicKey};

use super::codes;
use super::content::{Content, ContentDigests, DigestNeed};
use super::document::{SignedContent, SignedDocument};

/// A content as it is at hand.
pub(super) struct Source<'a> {
    pieces: Option<Vec<&'a [u8]>>,
    given: Option<&'a ContentDigests>,
    /// The caller brought another content than the document holds.
    pub(super) differs: bool,
    /// Digests made here, so that signers of one content share them.
    made: RefCell<Vec<(DigestNeed, Digest)>>,
}

impl<'a> Source<'a> {
    pub(super) fn of(
        document: &'a SignedDocument,
        place: usize,
        content: Content<'a>,
        is_brought: bool,
    ) -> Self {
        let pieces = document.pieces(place, content, is_brought);
        // The document holds it: what is brought beside is compared, and counts for nothing.
        let embedded = matches!(document.contents[place], SignedContent::Embedded(_));
        let in_parts = matches!(document.contents[place], SignedContent::Ranges(_));
        let given = match content {
            Content::Digests(digests) => Some(digests),
            Content::None | Content::Octets(_) => None,
        };
        let mut source = Self {
            pieces,
            given: given.filter(|_| !embedded && !in_parts),
            differs: false,
            made: RefCell::default(),
        };
        let brought = !matches!(content, Content::None);
        source.differs = (embedded && source.is_not(content))
            || (in_parts && brought && source.pieces.is_none());
        source
    }

    /// The octets of a signature, as the content of what is about it.
    pub(super) fn octets(octets: &'a [u8]) -> Self {
        Self { pieces: Some(vec![octets]), given: None, differs: false, made: RefCell::default() }
    }

    fn is_not(&self, content: Content<'_>) -> bool {
        match content {
            Content::None => false,
            Content::Octets(octets) => {
                self.pieces.as_ref().is_none_or(|own| own.concat() != octets)
            }
            Content::Digests(digests) => digests.plain().any(|(hash, digest)| {
                self.digest(&DigestNeed::Plain(hash), None).as_ref() != Some(digest)
            }),
        }
    }

    /// Whether a digest behind Z of this key was brought that is not the content's, which
    /// the document holds. Whose it is must be known before it can be compared.
    pub(super) fn is_not_of(&self, key: &PublicKey, content: Content<'_>) -> bool {
        let (Content::Digests(digests), None, true) = (content, self.given, self.pieces.is_some())
        else {
            return false;
        };
        digests.iter().any(|(need, digest)| {
            need.is_sm2_of(key) && self.digest(need, Some(key)).as_ref() != Some(digest)
        })
    }

    /// The digest for a need; `key` is that of SM2's Z.
    pub(super) fn digest(&self, need: &DigestNeed, key: Option<&PublicKey>) -> Option<Digest> {
        let Some(pieces) = &self.pieces else {
            return self.given.and_then(|given| given.get(need)).copied();
        };
        let mut made = self.made.borrow_mut();
        if let Some((_, digest)) = made.iter().find(|(known, _)| known == need) {
            return Some(*digest);
        }
        let mut hasher = need.hasher(key)?;
        for piece in pieces {
            hasher.update(piece);
        }
        let digest = hasher.finish();
        made.push((need.clone(), digest));
        Some(digest)
    }

    /// The whole content in one piece, if it is at hand as one.
    pub(super) fn whole(&self) -> Option<&'a [u8]> {
        match self.pieces.as_deref() {
            Some([whole]) => Some(whole),
            _ => None,
        }
    }

    /// Whether the octets or a digest of them are here.
    pub(super) fn is_at_hand(&self) -> bool {
        self.pieces.is_some() || self.given.is_some()
    }

    /// Why a digest is not to be had.
    pub(super) fn missing(&self) -> Finding {
        match self.given {
            None => Finding::indeterminate(&codes::CONTENT_MISSING),
            Some(_) => Finding::indeterminate(&codes::CONTENT_DIGEST_NOT_GIVEN),
        }
    }

    /// The content, where it is at hand and short.
    pub(super) fn short_content(&self) -> Option<&[u8]> {
        self.whole().or_else(|| self.given.and_then(ContentDigests::short_content))
    }
}
