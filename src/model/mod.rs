//! What is meant.

pub mod host;
