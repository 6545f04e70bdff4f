//! What vagrantp remembers, where, and who holds it; and the facts of the host.

mod error;
pub mod folder;
pub mod host;
pub mod ledger;
pub mod listeners;
pub mod lock;
pub mod observed;
pub mod project;
pub mod record;
pub mod runtime;

pub use error::StateError;
