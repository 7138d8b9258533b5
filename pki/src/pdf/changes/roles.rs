//! The objects of the signed file that have a rule of their own.

use crate::pdf::budget::{self, MAX_DEPTH};
use crate::pdf::fault::{PdfFault, PdfProblem};
use crate::pdf::field::fields;
use crate::pdf::syntax::{Dictionary, Id, Object};

use super::Comparison;

/// The part that an object plays. Only dictionaries play one: a stream that a page
/// shows never escapes strict comparison by being an annotation too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Catalogue,
    Form,
    Field,
    Pages,
    Page,
    Annotation,
}

/// What is known of a field of the signed file.
#[derive(Clone, Debug)]
pub(super) struct FieldRole {
    pub(super) name: String,
    pub(super) kind: Option<Box<[u8]>>,
    /// The field that it is a kid of.
    pub(super) parent: Option<Id>,
}

impl Comparison<'_, '_, '_> {
    pub(super) fn assign_roles(&mut self) -> Result<(), PdfFault> {
        let (id, catalogue) = self.old.catalogue()?;
        self.roles.insert(id.number, Role::Catalogue);
        if let Some(Object::Reference(form)) = catalogue.get("AcroForm") {
            self.roles.insert(form.number, Role::Form);
        }
        let fields = fields(&self.old)?;
        for field in &fields {
            let parent = field.parent.map(|place| fields[place].id);
            self.known.insert(field.name.clone());
            let (name, kind) = (field.name.clone(), field.kind.clone());
            self.names.insert(field.id.number, FieldRole { name, kind, parent });
            self.roles.insert(field.id.number, Role::Field);
        }
        if let Some(Object::Reference(pages)) = catalogue.get("Pages") {
            self.pages(*pages)?;
        }
        Ok(())
    }

    /// The fields above one, nearest first: no more than fields nest.
    pub(super) fn above(&self, role: &FieldRole) -> Vec<Id> {
        let parent = |id: &Id| self.names.get(&id.number).and_then(|role| role.parent);
        std::iter::successors(role.parent, parent).take(MAX_DEPTH + 1).collect()
    }

    /// The page tree (ISO 32000-2 7.7.3).
    fn pages(&mut self, root: Id) -> Result<(), PdfFault> {
        let mut nodes = vec![(root, 0)];
        while let Some((id, depth)) = nodes.pop() {
            let at = self.old.newest().start;
            if depth > MAX_DEPTH {
                return Err(budget::limit(at, "levels of pages", MAX_DEPTH as u64));
            }
            match self.roles.get(&id.number) {
                None => {}
                // Some writers show one page twice.
                Some(Role::Page) => continue,
                Some(_) => return Err(PdfFault::new(at, PdfProblem::Loop)),
            }
            let Some(object) = self.old.load(id)? else { continue };
            let (Object::Dictionary(node), None) = (object.value, object.stream) else { continue };
            let kids = self.old.get(&node, "Kids")?;
            if let Some(kids) = kids.as_array() {
                self.roles.insert(id.number, Role::Pages);
                nodes.extend(
                    kids.iter().filter_map(Object::as_reference).map(|kid| (kid, depth + 1)),
                );
            } else {
                self.roles.insert(id.number, Role::Page);
                self.annotations(&node)?;
            }
        }
        Ok(())
    }

    fn annotations(&mut self, page: &Dictionary) -> Result<(), PdfFault> {
        let annotations = self.old.get(page, "Annots")?;
        let ids = annotations.as_array().unwrap_or_default().iter();
        for id in ids.filter_map(Object::as_reference) {
            if self.roles.contains_key(&id.number) {
                continue;
            }
            let object = self.old.load(id)?;
            let plays = object.is_some_and(|object| {
                object.stream.is_none() && object.value.as_dictionary().is_some()
            });
            if plays {
                self.roles.insert(id.number, Role::Annotation);
            }
        }
        Ok(())
    }

    /// Compares everything that has a rule, the form first: it says which widgets are
    /// new.
    pub(super) fn roled(&mut self) -> Result<(), PdfFault> {
        let mut roled: Vec<(u32, Role)> =
            self.roles.iter().map(|(number, role)| (*number, *role)).collect();
        roled.sort_unstable_by_key(|(number, role)| (*role == Role::Page, *number));
        for (number, role) in roled {
            // Roles are given to objects by references that led to them.
            let Some(id) = self.id_of(number) else { continue };
            match role {
                Role::Catalogue | Role::Form => {}
                Role::Field => self.field(id)?,
                Role::Pages => {
                    if let Some((old, new)) = self.both(id) {
                        self.strictly_but(&old, &new, id, &[]);
                    }
                }
                Role::Page => self.page(id)?,
                Role::Annotation => self.annotation(id)?,
            }
        }
        Ok(())
    }

    pub(super) fn id_of(&self, number: u32) -> Option<Id> {
        use crate::pdf::xref::Place;
        match self.old.place(number)? {
            Place::Free => None,
            Place::At { generation, .. } => Some(Id { number, generation }),
            Place::InStream { .. } => Some(Id { number, generation: 0 }),
        }
    }
}
