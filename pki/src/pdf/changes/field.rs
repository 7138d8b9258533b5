//! Fields of the signed form: what filling in and signing may change.

use crate::pdf::codes;
use crate::pdf::fault::PdfFault;
use crate::pdf::signature::Level;
use crate::pdf::syntax::{Dictionary, Id, Object};

use super::new_field::{Holds, is_visible};
use super::roles::FieldRole;
use super::{Comparison, Permitted};

/// The flag of a field that nobody may fill in (ISO 32000-2 table 227).
const READ_ONLY: i64 = 1;

impl Comparison<'_, '_, '_> {
    pub(super) fn field(&mut self, id: Id) -> Result<(), PdfFault> {
        let Some(role) = self.names.get(&id.number).cloned() else { return Ok(()) };
        let Some((old, new)) = self.both(id) else { return Ok(()) };
        if role.kind.as_deref() == Some(b"Sig") {
            return self.signature_field(id, &role, &old, &new);
        }
        let filled = self.is_filled(&role, &old, &new)?;
        let own: &[&str] = match role.kind.as_deref() {
            Some(b"Tx" | b"Ch") if filled => &["V", "RV", "I", "M", "AP"],
            // The looks of a button are there from the start: one of them is chosen.
            Some(b"Btn") if filled => &["V", "AS", "M"],
            // Parents of fields of several kinds have none themselves.
            _ => &["M"],
        };
        self.strictly_but(&old, &new, id, &[own, &["AP"]].concat());
        if !filled || role.kind.as_deref() == Some(b"Btn") {
            if self.same(old.get("AP"), new.get("AP"))? {
                self.strict(old.get("AP"), new.get("AP"), id);
            } else {
                // What is seen changed, but not what the field holds.
                self.changed(&codes::PDF_SHADOW_REPLACE, id);
            }
        }
        if filled {
            self.may_be_filled(id, &role, &old);
        }
        Ok(())
    }

    fn may_be_filled(&mut self, id: Id, role: &FieldRole, old: &Dictionary) {
        let what = format_args!("{id} ({})", role.name).to_string();
        let read_only = old.integer("Ff").is_some_and(|flags| flags & READ_ONLY != 0);
        if self.rules.locks(&role.name) {
            self.refuse(&codes::PDF_LOCKED_FIELD, &what);
        } else if self.rules.level < Level::Forms {
            self.refuse(&codes::PDF_NOT_PERMITTED, &what);
        } else if read_only {
            self.changed(&codes::PDF_INCREMENTAL_SAVING, &*what);
        } else {
            self.permit(Permitted::Form);
        }
    }

    /// Whether the field, or one that it belongs to, has another value now.
    fn is_filled(
        &self,
        role: &FieldRole,
        old: &Dictionary,
        new: &Dictionary,
    ) -> Result<bool, PdfFault> {
        if !self.same(old.get("V"), new.get("V"))? {
            return Ok(true);
        }
        for above in self.above(role) {
            let (one, other) = (self.old.load(above)?, self.new.load(above)?);
            let value = |object: &Option<crate::pdf::syntax::Indirect>| {
                let dictionary = object.as_ref().and_then(|object| object.value.as_dictionary());
                dictionary.and_then(|dictionary| dictionary.get("V")).cloned()
            };
            if !self.same(value(&one).as_ref(), value(&other).as_ref())? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn signature_field(
        &mut self,
        id: Id,
        role: &FieldRole,
        old: &Dictionary,
        new: &Dictionary,
    ) -> Result<(), PdfFault> {
        let signed_now = old.get("V").is_none() && new.get("V").is_some();
        let above_signed = self.above(role).into_iter().any(|above| self.is_signed_now(above));
        if !signed_now && !above_signed {
            if old.get("V").is_some() && new.get("V").is_none() {
                self.refuse(&codes::PDF_SIGNATURE_REMOVED, &role.name);
            }
            self.strictly_but(old, new, id, &[]);
            return Ok(());
        }
        self.strictly_but(old, new, id, &["V", "AP", "M", "F", "Rect"]);
        if old.get("Rect") != new.get("Rect") {
            self.changed(&codes::PDF_SNEAKY_SIGNATURE, id);
        }
        self.strict_flags(old, new, id);
        match self.holds(new)? {
            Some(Holds::Nothing) if above_signed => {}
            Some(Holds::Timestamp) => {
                // Anybody can have one made: it shows nothing of its own.
                if is_visible(&self.new, new)? && !self.same(old.get("AP"), new.get("AP"))? {
                    self.changed(&codes::PDF_SNEAKY_SIGNATURE, id);
                }
                self.permit(Permitted::Timestamp);
            }
            Some(Holds::Signature) if self.rules.locks(&role.name) => {
                self.refuse(&codes::PDF_LOCKED_FIELD, &role.name);
            }
            Some(Holds::Signature) if self.rules.level >= Level::Forms => {
                self.permit(Permitted::Signature);
            }
            Some(Holds::Signature) => {
                self.refuse(&codes::PDF_NOT_PERMITTED, format_args!("{}: signature", role.name));
            }
            Some(Holds::Nothing) | None => self.changed(&codes::PDF_SNEAKY_SIGNATURE, id),
        }
        Ok(())
    }

    fn is_signed_now(&self, id: Id) -> bool {
        let has_value = |object: Option<crate::pdf::syntax::Indirect>| {
            let dictionary = object.as_ref().and_then(|object| object.value.as_dictionary());
            dictionary.is_some_and(|dictionary| dictionary.get("V").is_some())
        };
        let before = self.old.load(id).is_ok_and(has_value);
        !before && self.new.load(id).is_ok_and(has_value)
    }

    /// Signing may lock a widget and have it printed, nothing else (table 167).
    fn strict_flags(&mut self, old: &Dictionary, new: &Dictionary, id: Id) {
        const PRINT_AND_LOCKS: i64 = 1 << 2 | 1 << 7 | 1 << 9;
        let flags = |dictionary: &Dictionary| dictionary.integer("F").unwrap_or(0);
        let differ = flags(old) ^ flags(new);
        let kept = matches!(new.get("F"), None | Some(Object::Integer(_)));
        if !kept || differ & !PRINT_AND_LOCKS != 0 {
            self.changed(&codes::PDF_SNEAKY_SIGNATURE, id);
        }
    }
}
