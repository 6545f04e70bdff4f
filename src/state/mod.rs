//! What vagrantp remembers, where, and who holds it.

pub mod folder;
pub mod ledger;
pub mod lock;
pub mod observed;
pub mod project;
pub mod record;
