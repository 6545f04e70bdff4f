//! KDL 2: a text's tokens, its mistakes, and its document.

mod blocks;
mod characters;
mod check;
mod clump;
pub mod format;
mod habits;
mod parse;
mod quotes;
pub mod scan;
mod strings;
mod unseen;
mod words;

pub use parse::parse;
