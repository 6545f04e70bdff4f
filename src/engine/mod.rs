//! Translators between machines and engines: they return calls as data and read what came of them.
//!
//! Nothing here runs anything.

pub mod acceleration;
pub mod access;
pub mod ansible;
pub mod boxes;
pub mod failure;
pub mod guest_disk;
pub mod image;
pub mod libvirt;
pub mod namespace;
pub mod podman;
pub mod qcow;
pub mod rootless;
pub mod setup;
pub mod task;
pub mod vagrant;
pub mod virtualbox;
