//! Texts become documents: what is written, word by word, each with its place.
//!
//! A `.env` and KDL meet in a [`Document`]; from there on nobody knows which of the two it was.

pub mod convert;
pub mod decode;
pub mod document;
pub mod dotenv;
mod expand;
pub mod kdl;
pub mod kindless;
mod list;
mod misspelt;
pub mod overrides;
mod references;
pub mod scan;
mod shield;
mod slips;
mod written;

pub use document::{Document, Entry, Literal, Section, Word};
