//! KDL 2: a text's tokens, its mistakes, and its document.

pub mod scan;
mod strings;
