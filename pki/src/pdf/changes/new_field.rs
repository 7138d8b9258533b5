//! Fields that came behind the signature: only those of further signatures may.

use crate::pdf::codes;
use crate::pdf::fault::PdfFault;
use crate::pdf::file::View;
use crate::pdf::signature::Level;
use crate::pdf::syntax::{Dictionary, Id, Object};
use crate::pdf::text;

use super::{Comparison, Permitted};

/// Flags of an annotation (ISO 32000-2 table 167).
const HIDDEN: i64 = 1 << 1;
const PRINT: i64 = 1 << 2;
const NO_VIEW: i64 = 1 << 5;
const TOGGLE_NO_VIEW: i64 = 1 << 8;

/// What a signature field holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Nothing,
    Signature,
    Timestamp,
}

impl Comparison<'_, '_, '_> {
    pub(super) fn new_field(&mut self, id: Id) -> Result<(), PdfFault> {
        if self.was_there(id) {
            self.changed(&codes::PDF_SHADOW_HIDE_AND_REPLACE, id);
            return Ok(());
        }
        let object = self.new.load(id)?;
        let field = object.as_ref().filter(|object| object.duplicate.is_none());
        let field = field.and_then(|object| object.value.as_dictionary());
        let signs = |field: &&Dictionary| field.is("FT", "Sig") && field.get("Parent").is_none();
        let Some(field) = field.filter(signs) else {
            self.changed(&codes::PDF_INCREMENTAL_SAVING, id);
            return Ok(());
        };
        if acts(field) {
            self.changed(&codes::PDF_SNEAKY_SIGNATURE, id);
        }
        let name = field.get("T").and_then(Object::as_string).map(text::text).unwrap_or_default();
        if name.is_empty() || self.known.contains(&name) {
            self.changed(&codes::PDF_SNEAKY_SIGNATURE, id);
        }
        let Some(visible) = self.new_widgets(id, field)? else { return Ok(()) };
        match self.holds(field)? {
            Some(holds) => self.may_come(id, holds, visible),
            None => self.changed(&codes::PDF_SNEAKY_SIGNATURE, id),
        }
        Ok(())
    }

    fn may_come(&mut self, id: Id, holds: Holds, visible: bool) {
        let foreseen = !visible || (holds == Holds::Signature && !self.rules.certified);
        if !foreseen {
            self.refuse(&codes::PDF_SNEAKY_SIGNATURE, id);
        } else if holds == Holds::Nothing {
            // Making a form is not filling it in (table 257).
            self.refuse(&codes::PDF_NOT_PERMITTED, format_args!("{id}: a field without signature"));
        } else if holds == Holds::Timestamp {
            self.permit(Permitted::Timestamp);
        } else if self.rules.level >= Level::Forms {
            self.permit(Permitted::Signature);
        } else {
            self.refuse(&codes::PDF_NOT_PERMITTED, format_args!("{id}: signature"));
        }
    }

    /// What a signature field has now; `None` when it is nothing that it may have.
    pub(super) fn holds(&self, field: &Dictionary) -> Result<Option<Holds>, PdfFault> {
        let Some(value) = field.get("V") else { return Ok(Some(Holds::Nothing)) };
        let Some(id) = value.as_reference().filter(|id| !self.was_there(*id)) else {
            return Ok(None);
        };
        let object = self.new.load(id)?;
        let value = object.as_ref().and_then(|object| object.value.as_dictionary());
        Ok(value.filter(|value| value.get("ByteRange").is_some()).map(|value| {
            if value.is("SubFilter", "ETSI.RFC3161") { Holds::Timestamp } else { Holds::Signature }
        }))
    }

    /// Notes the widgets of a new field; says whether one can be seen. `None` when they
    /// are not what they may be.
    fn new_widgets(&mut self, id: Id, field: &Dictionary) -> Result<Option<bool>, PdfFault> {
        let kids = self.new.get(field, "Kids")?;
        let Some(kids) = kids.as_array() else {
            self.widgets.insert(id);
            return Ok(Some(is_visible(&self.new, field)?));
        };
        let mut visible = false;
        for kid in kids {
            let kid = kid.as_reference().filter(|kid| !self.was_there(*kid));
            let object = kid.map(|kid| self.new.load(kid)).transpose()?.flatten();
            let widget = object.as_ref().and_then(|object| object.value.as_dictionary());
            let plain = |widget: &&Dictionary| {
                widget.is("Subtype", "Widget")
                    && widget.get("T").is_none()
                    && widget.get("Kids").is_none()
                    && !acts(widget)
            };
            let (Some(kid), Some(widget)) = (kid, widget.filter(plain)) else {
                self.changed(&codes::PDF_SNEAKY_SIGNATURE, id);
                return Ok(None);
            };
            visible |= is_visible(&self.new, widget)?;
            self.widgets.insert(kid);
        }
        Ok(Some(visible))
    }
}

/// Whether a field does something when it is seen, clicked or changed (table 170, 199).
fn acts(field: &Dictionary) -> bool {
    field.get("A").is_some() || field.get("AA").is_some()
}

/// Whether a widget covers any part of a page. One that cannot be told does.
pub(super) fn is_visible(view: &View<'_, '_>, widget: &Dictionary) -> Result<bool, PdfFault> {
    let flags = widget.integer("F").unwrap_or(0);
    let never_viewed = flags & NO_VIEW != 0 && flags & (PRINT | TOGGLE_NO_VIEW) == 0;
    if flags & HIDDEN != 0 || never_viewed {
        return Ok(false);
    }
    let rectangle = view.get(widget, "Rect")?;
    let Some(corners) = rectangle.as_array() else {
        return Ok(widget.get("Rect").is_some() || widget.get("AP").is_some());
    };
    let mut numbers = Vec::new();
    for corner in corners {
        numbers.push(view.resolve(corner)?.as_number());
    }
    Ok(match numbers[..] {
        [Some(left), Some(bottom), Some(right), Some(top)] => {
            (right - left).abs() > f64::EPSILON && (top - bottom).abs() > f64::EPSILON
        }
        _ => true,
    })
}
