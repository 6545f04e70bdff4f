//! KDL 2: a text's tokens, its mistakes, its document, and what that says.

mod assignment;
mod blocks;
mod characters;
mod check;
mod clump;
mod escapes;
pub mod format;
mod habits;
mod layout;
mod numbers;
mod parse;
mod quotes;
mod read;
mod rewrite;
pub mod scan;
mod strings;
mod unseen;
mod words;
pub mod write;

pub use parse::parse;
pub use read::{is_pattern, read};
pub use rewrite::rewritten;
