//! Vagrant's side of a machine: the file it is given, the label the provider keeps, and what it says.

pub mod define;
pub mod file;
pub mod label;

pub use define::{define, which};
pub use file::{Boot, Driver, FileInputs, Libvirt, file_context};
pub use label::Label;
