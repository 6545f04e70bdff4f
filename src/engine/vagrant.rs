//! Vagrant's side of a machine: the file it is given, the label the provider keeps, and what it says.

pub mod boot;
pub mod define;
mod failure;
pub mod file;
pub mod forward;
pub mod label;
pub mod rows;

pub use define::{define, which};
pub use failure::{is_held, read as failed};
pub use file::{Boot, Driver, FileInputs, Libvirt, file_context, serial};
pub use forward::forward_words;
pub use label::Label;
