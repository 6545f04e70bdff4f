//! What vagrantp remembers, where, and who holds it; and the facts of the host.

/// What goes wrong with the folder, and the system's words for it.
pub mod error;
mod file;
pub mod folder;
pub mod gate;
pub mod given;
pub mod host;
mod identity;
pub mod ledger;
pub mod listeners;
pub mod lock;
pub mod observed;
pub mod project;
pub mod record;
pub mod runtime;

pub use error::StateError;
pub use file::{make as make_folder, replace as replace_file};
