//! The trailer, the catalogue and the form.

use std::collections::HashSet;

use crate::pdf::codes;
use crate::pdf::fault::PdfFault;
use crate::pdf::syntax::{Dictionary, Id, Object};

use super::{Comparison, Permitted, pairs};

/// Which of the resources of a form its fields may be drawn with (ISO 32000-2 12.7.3, DR).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shared {
    All,
    /// Looks that are there have resources of their own, and those that readers make are
    /// text. OpenPDF has the look of each signature there, all of them by one name.
    AllButXObjects,
}

impl Comparison<'_, '_, '_> {
    /// Whether both trailers have the same catalogue, or the new one a later copy of it under
    /// another number. One that was there when the file was signed is another document,
    /// whatever it has in common with the one that was signed.
    pub(super) fn trailers(&mut self) -> Result<bool, PdfFault> {
        let (old, new) = (self.old.trailer(), self.new.trailer());
        let root = |trailer: &Dictionary| trailer.get("Root").and_then(Object::as_reference);
        let is_later = |id| !self.was_there(id);
        if root(old) != root(new) && !root(new).is_some_and(is_later) {
            self.changed(&codes::PDF_SHADOW_HIDE_AND_REPLACE, "Root");
            return Ok(false);
        }
        if !self.same(old.get("Info"), new.get("Info"))? {
            self.permit(Permitted::Metadata);
        }
        Ok(true)
    }

    pub(super) fn catalogues(&mut self) -> Result<(), PdfFault> {
        let ((id, old), (_, new)) = (self.old.catalogue()?, self.new.catalogue()?);
        // DSS and extensions: ISO 32000-2 12.8.4.3, 7.12. What a version or metadata
        // says no page shows.
        let data: &[&str] = &["DSS", "Extensions"];
        let metadata: &[&str] = &["Metadata", "Version"];
        for (keys, kind) in [(data, Permitted::ValidationData), (metadata, Permitted::Metadata)] {
            for key in keys {
                if !self.same(old.get(key), new.get(key))? {
                    self.permit(kind);
                }
            }
        }
        // What a signature rests on may grow and be put in order; nobody has a reason to take
        // it away.
        if old.get("DSS").is_some() && new.get("DSS").is_none() {
            self.changed(&codes::PDF_SHADOW_HIDE, "DSS");
        }
        let but = [data, metadata, &["AcroForm"]].concat();
        self.strictly_but(&old, &new, id, &but);
        self.forms(&old, &new, id)
    }

    /// ISO 32000-2 12.7.3, table 224.
    fn forms(&mut self, old: &Dictionary, new: &Dictionary, id: Id) -> Result<(), PdfFault> {
        let (before, after) = (self.old.get(old, "AcroForm")?, self.new.get(new, "AcroForm")?);
        let empty = Dictionary::default();
        let (before, after) = match (&before, &after) {
            (Object::Null, Object::Null) => return Ok(()),
            (Object::Null, Object::Dictionary(after)) => (&empty, after),
            (Object::Dictionary(before), Object::Dictionary(after)) => (before, after),
            _ => {
                self.changed(&codes::PDF_SHADOW_HIDE, "AcroForm");
                return Ok(());
            }
        };
        let but = ["Fields", "SigFlags", "DR", "DA", "NeedAppearances"];
        self.strictly_but(before, after, id, &but);
        // With it readers draw fields anew: it may go, but not come.
        let asked = |asks: &Object| !matches!(asks, Object::Null | Object::Boolean(false));
        let drawn = asked(&self.old.get(before, "NeedAppearances")?);
        if asked(&self.new.get(after, "NeedAppearances")?) && !drawn {
            self.changed(&codes::PDF_SHADOW_REPLACE, "NeedAppearances");
        }
        // Writers add one for fields to come (PDFBox, with every signature). It may come
        // where those that are there are not drawn by it.
        let comes = before.get("DA").is_none() && !drawn;
        if !comes || self.is_default_drawn()? {
            self.strict(before.get("DA"), after.get("DA"), id);
        }
        let shared = if drawn { Shared::All } else { Shared::AllButXObjects };
        self.resources(before, after, id, shared)?;
        self.field_lists(before, after)
    }

    /// Whether some field of the signed form has no way of its own to be drawn, so that the
    /// form's default appearance may be taken (ISO 32000-2 12.7.4.3): by readers that draw
    /// fields themselves, whatever look there is.
    fn is_default_drawn(&self) -> Result<bool, PdfFault> {
        for (number, role) in &self.names {
            let (Some(id), true) = (self.id_of(*number), role.kind.as_deref() != Some(b"Sig"))
            else {
                continue;
            };
            let field = self.old.resolve(&Object::Reference(id))?;
            let Some(field) = field.as_dictionary() else { continue };
            // Of several fields together nothing is drawn.
            let together = role.kind.is_none() && field.get("Kids").is_some();
            if field.get("DA").is_none() && !together {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The resources that fields share may get new names, and keep the old ones as
    /// they are.
    fn resources(
        &mut self,
        old: &Dictionary,
        new: &Dictionary,
        id: Id,
        shared: Shared,
    ) -> Result<(), PdfFault> {
        let (before, after) = (self.old.get(old, "DR")?, self.new.get(new, "DR")?);
        let Some(before) = before.as_dictionary() else { return Ok(()) };
        let empty = Dictionary::default();
        let after = after.as_dictionary().unwrap_or(&empty);
        for (key, (old_kind, new_kind)) in pairs(before, after) {
            let Some(old_kind) = old_kind else { continue };
            let one = self.old.resolve(old_kind)?;
            let other = new_kind.map_or(Ok(Object::Null), |kind| self.new.resolve(kind))?;
            let (Some(one), Some(other)) = (one.as_dictionary(), other.as_dictionary()) else {
                self.strict(before.get(&String::from_utf8_lossy(key)), new_kind, id);
                continue;
            };
            let may_differ = key == b"XObject" && shared == Shared::AllButXObjects;
            for (old, new) in pairs(one, other).into_values() {
                if old.is_some() && (old == new || new.is_none() || !may_differ) {
                    self.strict(old, new, id);
                }
            }
        }
        Ok(())
    }

    /// Fields stay, in their order; new ones come behind or between them.
    fn field_lists(&mut self, old: &Dictionary, new: &Dictionary) -> Result<(), PdfFault> {
        let (before, after) = (self.old.get(old, "Fields")?, self.new.get(new, "Fields")?);
        let before = before.as_array().unwrap_or_default();
        let after = after.as_array().unwrap_or_default();
        let known: HashSet<Id> = before.iter().filter_map(Object::as_reference).collect();
        let is_known = |field: &Object| field.as_reference().is_some_and(|id| known.contains(&id));
        let stays = |field: &&Object| is_known(field) || field.as_reference().is_none();
        if !after.iter().filter(stays).eq(before) {
            self.changed(&codes::PDF_SHADOW_HIDE, "AcroForm Fields");
        }
        let direct =
            |fields: &[Object]| fields.iter().filter(|one| one.as_reference().is_none()).count();
        if direct(after) > direct(before) {
            self.changed(&codes::PDF_INCREMENTAL_SAVING, "a field without a number");
        }
        for id in after.iter().filter(|field| !is_known(field)).filter_map(Object::as_reference) {
            self.new_field(id)?;
        }
        Ok(())
    }
}
