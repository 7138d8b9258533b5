//! Pages and their annotations (ISO 32000-2 12.5).

use std::collections::HashSet;

use crate::pdf::codes;
use crate::pdf::fault::PdfFault;
use crate::pdf::signature::Level;
use crate::pdf::syntax::{Dictionary, Id, Indirect, Object};

use super::{Comparison, Permitted};

/// Annotations that mark what is there and cannot hide it or pass for it. Others can:
/// free text, stamps and redactions show anything anywhere, and shapes can be filled
/// (Mainka, Mladenov, Rohlmann, *Breaking the Specification: PDF Certification*, IEEE
/// S&P 2021, table 1).
const HARMLESS: &[&[u8]] =
    &[b"Text", b"Popup", b"Link", b"Highlight", b"Underline", b"Squiggly", b"StrikeOut", b"Caret"];

impl Comparison<'_, '_, '_> {
    pub(super) fn page(&mut self, id: Id) -> Result<(), PdfFault> {
        let Some((old, new)) = self.both(id) else { return Ok(()) };
        // The moment of a change is not shown.
        self.strictly_but(&old, &new, id, &["Annots", "Tabs", "LastModified"]);
        self.tabs(&old, &new, id);
        let (before, after) = (self.old.get(&old, "Annots")?, self.new.get(&new, "Annots")?);
        let before = before.as_array().unwrap_or_default();
        let after = after.as_array().unwrap_or_default();
        let ids = |items: &[Object]| -> Vec<Id> {
            items.iter().filter_map(Object::as_reference).collect()
        };
        let (old_ids, new_ids) = (ids(before), ids(after));
        let was: HashSet<Id> = old_ids.iter().copied().collect();
        let is: HashSet<Id> = new_ids.iter().copied().collect();
        for gone in old_ids.iter().filter(|id| !is.contains(id)) {
            let annotation = self.old.resolve(&Object::Reference(*gone))?;
            self.annotation_changed(annotation.as_dictionary(), "removed", *gone)?;
        }
        for come in new_ids.iter().filter(|id| !was.contains(id)) {
            self.annotation_added(*come)?;
        }
        let kept = old_ids.iter().filter(|id| is.contains(id));
        if !kept.clone().eq(new_ids.iter().filter(|id| was.contains(id))) {
            let what = format!("order of annotations on {id}");
            self.changed(&codes::PDF_SHADOW_REPLACE, what.as_str());
        }
        kept.for_each(|annotation| self.enqueue(*annotation));
        // Those without a number of their own stay as they are.
        let direct = |items: &[Object]| -> Object {
            let items = items.iter().filter(|item| item.as_reference().is_none());
            Object::Array(items.cloned().collect())
        };
        self.strict(Some(&direct(before)), Some(&direct(after)), id);
        Ok(())
    }

    /// The order of tabbing (ISO 32000-2 12.5.1) is not shown, but is one of annotations.
    /// Where none was stated, writers of fields state that of the structure.
    fn tabs(&mut self, old: &Dictionary, new: &Dictionary, id: Id) {
        let (before, after) = (old.get("Tabs"), new.get("Tabs"));
        let stated = before.is_none() && new.is("Tabs", "S");
        if before == after || stated {
            return;
        }
        if self.rules.level < Level::Annotations {
            self.refuse(&codes::PDF_NOT_PERMITTED, format_args!("{id}: Tabs"));
        } else {
            self.permit(Permitted::Annotation);
        }
    }

    /// An annotation of the signed file that is no field.
    pub(super) fn annotation(&mut self, id: Id) -> Result<(), PdfFault> {
        let Some((old, new)) = self.both(id) else { return Ok(()) };
        if old == new || old.is("Subtype", "Widget") {
            self.strictly_but(&old, &new, id, &[]);
            return Ok(());
        }
        if old.name("Subtype") != new.name("Subtype") {
            self.refuse(&codes::PDF_EVIL_ANNOTATION, id);
        }
        self.annotation_changed(Some(&new), "changed", id)
    }

    fn annotation_added(&mut self, id: Id) -> Result<(), PdfFault> {
        if self.widgets.contains(&id) {
            return Ok(());
        }
        if self.was_there(id) {
            self.changed(&codes::PDF_SHADOW_HIDE_AND_REPLACE, id);
            return Ok(());
        }
        let object = self.new.load(id)?;
        let proper = |object: &Indirect| object.stream.is_none() && object.duplicate.is_none();
        let annotation = object.filter(proper).map(|object| object.value);
        let annotation = annotation.as_ref().and_then(Object::as_dictionary);
        self.annotation_changed(annotation, "added", id)
    }

    fn annotation_changed(
        &mut self,
        annotation: Option<&Dictionary>,
        how: &str,
        id: Id,
    ) -> Result<(), PdfFault> {
        let Some(annotation) = annotation else {
            self.changed(&codes::PDF_INCREMENTAL_SAVING, id);
            return Ok(());
        };
        let subtype = annotation.name("Subtype").unwrap_or_default();
        let what = format!("{id}: {} {how}", String::from_utf8_lossy(subtype));
        if subtype == b"Widget" {
            let code = if annotation.is("FT", "Sig") {
                &codes::PDF_SNEAKY_SIGNATURE
            } else {
                &codes::PDF_INCREMENTAL_SAVING
            };
            self.changed(code, what.as_str());
        } else if !HARMLESS.contains(&subtype)
            || self.draws(annotation)?
            || self.acts(annotation)?
            || self.has_thick_border(annotation)?
        {
            self.refuse(&codes::PDF_EVIL_ANNOTATION, what);
        } else if self.rules.level < Level::Annotations {
            self.refuse(&codes::PDF_NOT_PERMITTED, what);
        } else {
            self.permit(Permitted::Annotation);
        }
        Ok(())
    }

    /// Whether a border (ISO 32000-2 12.5.4) is so thick that it covers what is there, or
    /// cannot be told.
    fn has_thick_border(&self, annotation: &Dictionary) -> Result<bool, PdfFault> {
        /// Points. Origin: ours; the usual is one.
        const THICK: f64 = 3.0;
        let thin = |width: &Object| match width {
            Object::Null => true,
            width => width.as_number().is_some_and(|width| width <= THICK),
        };
        let border = self.new.get(annotation, "Border")?;
        let first = match &border {
            Object::Null => true,
            Object::Array(parts) => match parts.get(2) {
                None => true,
                Some(width) => thin(&self.new.resolve(width)?),
            },
            _ => false,
        };
        let second = match self.new.get(annotation, "BS")? {
            Object::Null => true,
            Object::Dictionary(style) => thin(&self.new.get(&style, "W")?),
            _ => false,
        };
        Ok(!(first && second))
    }

    /// Whether an annotation does more, when it is clicked or seen, than lead to a place
    /// (ISO 32000-2 12.6.4.2, 12.6.4.8): others run programs, or change what is shown.
    fn acts(&self, annotation: &Dictionary) -> Result<bool, PdfFault> {
        if annotation.get("AA").is_some() || annotation.get("PA").is_some() {
            return Ok(true);
        }
        let action = self.new.get(annotation, "A")?;
        let Some(action) = action.as_dictionary() else {
            return Ok(annotation.get("A").is_some());
        };
        let leads = action.is("S", "GoTo") || action.is("S", "URI");
        Ok(!leads || action.get("Next").is_some())
    }

    /// Whether the appearance of an annotation can show text or images of its own: it
    /// has resources that those need (ISO 32000-2 7.8.3).
    fn draws(&self, annotation: &Dictionary) -> Result<bool, PdfFault> {
        const DEPTH: usize = 4;
        let appearances = self.new.get(annotation, "AP")?;
        let ids = super::strict::references(Some(&appearances)).into_iter();
        let mut forms: Vec<(Id, usize)> = ids.map(|id| (id, 0)).collect();
        while let Some((id, depth)) = forms.pop() {
            let Some(object) = self.new.load(id)? else { continue };
            let form = object.value.as_dictionary().filter(|_| object.stream.is_some());
            let Some(form) = form.filter(|form| !form.is("Subtype", "Image") && depth < DEPTH)
            else {
                return Ok(true);
            };
            let resources = self.new.get(form, "Resources")?;
            let Some(resources) = resources.as_dictionary() else { continue };
            if ["Font", "Shading", "Pattern"].iter().any(|kind| resources.get(kind).is_some()) {
                return Ok(true);
            }
            let inner = self.new.get(resources, "XObject")?;
            let inner = super::strict::references(Some(&inner)).into_iter();
            forms.extend(inner.map(|id| (id, depth + 1)));
        }
        Ok(false)
    }
}
