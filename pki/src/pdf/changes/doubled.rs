//! Objects that a page is drawn with, or that act, and that have a rule of their own too.
//!
//! Numbers may be shared at will: what is a field may be a page's resources as well. By the
//! rule for fields its value may change, and with it what the page shows. No writer does
//! so; where it is so, and the object changed, content did.

use std::collections::HashSet;

use crate::pdf::codes;
use crate::pdf::fault::PdfFault;
use crate::pdf::syntax::{Id, Object};

use super::Comparison;
use super::roles::Role;

/// What an object leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// What is shown.
    Draws,
    /// What is done; that pages and fields are named by it is usual.
    Acts,
}

impl Comparison<'_, '_, '_> {
    /// Goes through what is drawn with and what acts, in the signed file.
    pub(super) fn doubled(&mut self) -> Result<(), PdfFault> {
        let mut roled: Vec<(u32, Role)> =
            self.roles.iter().map(|(number, role)| (*number, *role)).collect();
        roled.sort_unstable_by_key(|(number, _)| *number);
        let (mut drawn, mut acting) = (Vec::new(), Vec::new());
        for (number, role) in roled {
            let Some(Object::Dictionary(dictionary)) = self.signed(number)? else { continue };
            let (looks, acts): (&[&str], &[&str]) = match role {
                Role::Catalogue => (&["OCProperties"], &["OpenAction", "AA", "Names"]),
                Role::Form => (&["DR"], &[]),
                Role::Pages | Role::Page => (&["Resources", "Contents", "Group"], &["AA"]),
                Role::Field | Role::Annotation => (&["AP"], &["A", "AA"]),
            };
            drawn.extend(looks.iter().filter_map(|key| dictionary.get(key)).cloned());
            acting.extend(acts.iter().filter_map(|key| dictionary.get(key)).cloned());
            if let (Role::Catalogue, Some(Object::Dictionary(form))) =
                (role, dictionary.get("AcroForm"))
            {
                drawn.extend(form.get("DR").cloned());
            }
        }
        self.walk(drawn, Use::Draws)?;
        self.walk(acting, Use::Acts)
    }

    fn walk(&mut self, mut values: Vec<Object>, used: Use) -> Result<(), PdfFault> {
        let mut seen: HashSet<u32> = HashSet::new();
        while let Some(value) = values.pop() {
            for id in super::strict::references(Some(&value)) {
                if !seen.insert(id.number) {
                    continue;
                }
                match self.roles.get(&id.number) {
                    Some(role) => self.double(id, *role, used),
                    None => values.extend(self.signed(id.number)?),
                }
            }
        }
        Ok(())
    }

    fn double(&mut self, id: Id, role: Role, used: Use) {
        let usual = used == Use::Acts && matches!(role, Role::Pages | Role::Page | Role::Field);
        if !usual && !self.old.is_same(&self.new, id.number) {
            self.changed(&codes::PDF_SHADOW_REPLACE, id);
        }
    }

    /// What a number was when the file was signed; a stream's dictionary alone.
    fn signed(&self, number: u32) -> Result<Option<Object>, PdfFault> {
        let Some(id) = self.id_of(number) else { return Ok(None) };
        match self.old.load(id) {
            Ok(object) => Ok(object.map(|object| object.value)),
            Err(fault) if fault.problem().is_limit() => Err(fault),
            // What cannot be read is named where it is compared.
            Err(_) => Ok(None),
        }
    }
}
