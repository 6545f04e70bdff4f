//! KDL 2: a text's tokens, its mistakes, and its document.

mod characters;
pub mod format;
pub mod scan;
mod strings;
