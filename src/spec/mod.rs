//! What is written, read into values: settings that may be absent, known, or wrong.

pub mod lower;
pub mod settings;
