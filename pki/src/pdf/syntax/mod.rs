//! The syntax of PDF objects (ISO 32000-2 7.2, 7.3), read exactly: nothing is
//! repaired, duplicate keys are kept, and values know where they stand.

mod lexer;
mod object;
mod parser;

pub(super) use lexer::{Lexer, is_white};
pub(super) use object::{Dictionary, Id, Object};
pub(super) use parser::{Indirect, parse_indirect, parse_value};
