//! Crashes with real Podman: whatever kills vagrantp, whenever, the next `up` converges and the
//! next `rm` leaves nothing. The engine and the kernel are asked, not our own output.

mod behind;
mod disks;
mod folders;
mod guests;
mod interrupts;
mod killed;
mod layers;
mod leftovers;
mod locks;
mod many;
mod processes;
mod records;
mod remains;
mod turn;
mod user_networks;
mod world;
