//! Translators between machines and engines: they return calls as data and read what came of them.
//!
//! Nothing here runs anything.

pub mod access;
pub mod ansible;
pub mod failure;
pub mod image;
pub mod podman;
pub mod rootless;
pub mod setup;
pub mod task;
