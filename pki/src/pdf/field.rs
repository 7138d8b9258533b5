//! Form fields (ISO 32000-2 12.7): the tree from the catalogue's `AcroForm` down.

use std::collections::HashSet;

use super::budget::{self, MAX_DEPTH, MAX_FIELDS, MAX_NAMES};
use super::fault::{PdfFault, PdfProblem};
use super::file::View;
use super::syntax::{Dictionary, Id, Object};
use super::text;

/// A field, or a widget of one.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) id: Id,
    /// The fully qualified name (12.7.4.2).
    pub(super) name: String,
    /// What kind of field, inherited from above (12.7.4.1).
    pub(super) kind: Option<Box<[u8]>>,
    /// The place of the field that this one is a kid of.
    pub(super) parent: Option<usize>,
    /// What it holds, if it is for a signature and has one.
    pub(super) signature: Option<SignatureAt>,
}

/// Where a signature dictionary is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum SignatureAt {
    /// An object of its own, as is usual.
    Object(Id),
    /// Inside the field's own dictionary.
    InField(Id),
}

/// One letter more than the longest kind of field (ISO 32000-2 table 226).
const MAX_KIND: usize = 4;

/// The longest fully qualified name, in octets: each level adds to it. Origin: ours.
const MAX_NAME: usize = 4_096;

impl Field {
    pub(super) fn is_signature(&self) -> bool {
        self.kind.as_deref() == Some(b"Sig")
    }
}

/// All fields and their widgets as of a view, parents before kids. Fields that are no
/// objects of their own cannot be signed or filled in by an update, and are left out.
pub(super) fn fields(view: &View<'_, '_>) -> Result<Vec<Field>, PdfFault> {
    let (_, catalogue) = view.catalogue()?;
    let form = view.get(&catalogue, "AcroForm")?;
    let Some(form) = form.as_dictionary() else { return Ok(Vec::new()) };
    if form.duplicate().is_some() {
        let problem = PdfProblem::DuplicateKey("AcroForm".to_owned());
        return Err(PdfFault::new(view.newest().start, problem));
    }
    let mut tree = Tree { view, seen: HashSet::new(), fields: Vec::new(), names: 0 };
    let roots = view.get(form, "Fields")?;
    for root in roots.as_array().unwrap_or_default() {
        tree.add(root, None, 0)?;
    }
    Ok(tree.fields)
}

struct Tree<'t, 'p, 'f> {
    view: &'t View<'p, 'f>,
    seen: HashSet<Id>,
    fields: Vec<Field>,
    /// Octets in all names.
    names: u64,
}

impl Tree<'_, '_, '_> {
    fn add(&mut self, value: &Object, above: Option<usize>, depth: usize) -> Result<(), PdfFault> {
        let Some(id) = value.as_reference() else { return Ok(()) };
        let at = self.view.newest().start;
        self.view.file.work.looked_up(at)?;
        if depth > MAX_DEPTH {
            return Err(budget::limit(at, "levels of fields", MAX_DEPTH as u64));
        }
        if !self.seen.insert(id) {
            // Some writers list a field twice; one that is above itself is a loop.
            let is_above = self.is_above(id, above);
            return if is_above { Err(PdfFault::new(at, PdfProblem::Loop)) } else { Ok(()) };
        }
        budget::within(self.seen.len() as u64, MAX_FIELDS, "form fields", at)?;
        let Some(object) = self.view.load(id)? else { return Ok(()) };
        if let Some(key) = &object.duplicate {
            let key = String::from_utf8_lossy(key).into_owned();
            return Err(PdfFault::new(object.span.start, PdfProblem::DuplicateKey(key)));
        }
        let Object::Dictionary(dictionary) = object.value else { return Ok(()) };
        let kids = self.view.get(&dictionary, "Kids")?;
        let field = self.describe(id, &dictionary, above)?;
        drop(dictionary);
        self.names += field.name.len() as u64;
        budget::within(self.names, MAX_NAMES, "octets in the names of fields", at)?;
        let place = self.fields.len();
        self.fields.push(field);
        for kid in kids.as_array().unwrap_or_default() {
            self.add(kid, Some(place), depth + 1)?;
        }
        Ok(())
    }

    fn is_above(&self, id: Id, mut place: Option<usize>) -> bool {
        while let Some(at) = place {
            if self.fields[at].id == id {
                return true;
            }
            place = self.fields[at].parent;
        }
        false
    }

    fn describe(
        &self,
        id: Id,
        dictionary: &Dictionary,
        above: Option<usize>,
    ) -> Result<Field, PdfFault> {
        let parent = above;
        let above = above.map(|place| &self.fields[place]);
        let own = dictionary.get("T").and_then(Object::as_string).map(text::text);
        let name = match (above.map(|field| field.name.as_str()), own) {
            (None | Some(""), own) => own.unwrap_or_default(),
            (Some(above), None) => above.to_owned(),
            (Some(above), Some(own)) => format!("{above}.{own}"),
        };
        if name.len() > MAX_NAME {
            let at = self.view.newest().start;
            return Err(budget::limit(at, "octets in the name of a field", MAX_NAME as u64));
        }
        // Every kind there is has two or three letters: no more of another is kept.
        let kind = dictionary.name("FT").map(|kind| kind[..kind.len().min(MAX_KIND)].into());
        let kind: Option<Box<[u8]>> = kind.or_else(|| above.and_then(|field| field.kind.clone()));
        let signature = match dictionary.get("V") {
            Some(Object::Reference(value)) => Some(SignatureAt::Object(*value)),
            Some(Object::Dictionary(_)) => Some(SignatureAt::InField(id)),
            _ => None,
        };
        let signature = signature.filter(|_| kind.as_deref() == Some(b"Sig"));
        Ok(Field { id, name, kind, parent, signature })
    }
}
