//! Vagrant's side of a machine: the file it is given, the label the provider keeps, and what it says.

pub mod file;
pub mod label;

pub use file::{Boot, Driver, FileInputs, Libvirt, file_context};
pub use label::Label;
