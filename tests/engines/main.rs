//! Real Podman and libvirt: each scenario brings a machine up with the real program, asks the engine, the guest and the
//! host's own sockets, takes it down, and asks again that nothing is left.
//!
//! They run as root and as an ordinary user, where the two differ: the test says what each gets. `tests/run` names
//! those that one of the two is enough for.
//! None is skipped: without Podman they fail.

mod a_virtual_machine;
mod acceleration;
mod changes;
mod convert;
mod dead_box;
mod echo;
mod engine;
mod environment;
mod example;
mod examples;
mod first_process;
mod fleet;
mod guest_box;
mod guest_disk;
mod guest_disk_fails;
mod guest_seed;
mod host;
mod host_wide;
mod images;
mod isolated;
mod libvirt_says;
mod limits;
mod looking;
mod names;
mod networks;
mod order;
mod place;
mod ports;
mod project;
mod provision;
mod provision_blame;
mod provision_means;
mod provision_settings;
mod provision_together;
mod provisioned;
mod requirements;
mod said;
mod secrets;
mod session;
mod shares;
mod shop;
mod states;
mod stdlib;
mod storage;
mod tasks;
mod turned;
mod virtualbox;
mod vm_fails;
mod way_in;
