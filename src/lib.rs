//! Every project folder its own isolated machine, from one small file, with one command.
//!
//! Text becomes action in one direction; each group below uses only the groups above it:
//!
//! ```text
//! Source ─syntax→ Document ─lower→ Spec ─resolve, rules→ Project ─render→ Artifact
//!                             engine.look/read → Observed ┐
//!                                   state.load → Record   ├ reconcile → Plan
//!                                                         ┘
//! Plan ─engine.calls→ Call ─call::run→ Outcome ─state.save→ Record
//! ```

// What everything stands on.
pub mod source;
pub mod value;

// The vocabulary.
pub mod settings;

// What is wrong.
pub mod diagnostic;

// Reading, running, printing.
pub mod call;
pub mod syntax;
pub mod ui;

// What is written.
pub mod spec;

// What is meant.
pub mod model;

// What engines are given.
pub mod render;

// What is remembered and found.
pub mod state;

// What is to be done.
pub mod plan;

// How an engine says it.
pub mod engine;

// Doing it.
pub mod apply;

// The verbs.
pub mod commands;

// The command line.
pub mod cli;

pub use commands::Session;
pub use commands::running::Running;
pub use commands::seen::Machine;
pub use commands::session::{Error, Output};
