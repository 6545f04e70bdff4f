#!/bin/sh
# On the host, as root or as the root of a user namespace: the box's files become a disk, a kernel and an
# initial ramdisk. Arguments: the files as a tar, the folder to make them in, and one for what lies between.
set -eu
tar=$1 out=$2 tree=$3
PATH=$PATH:/usr/sbin:/sbin

rm -rf "$tree"
mkdir "$tree"
tar -C "$tree" --numeric-owner --exclude='./dev/*' -xpf "$tar"

# Booted directly: the disk needs neither.
mv "$tree"/boot/vmlinuz-* "$out/kernel"
mv "$tree"/boot/initrd.img-* "$out/initrd"
rm -f "$tree"/vmlinuz* "$tree"/initrd.img* "$tree"/boot/*
chmod 0644 "$out/kernel" "$out/initrd"

# Each machine has an id of its own; empty, it is made at its first start.
: > "$tree/etc/machine-id"
rm -f "$tree/var/lib/dbus/machine-id" "$tree/etc/hostname"
ln -sf /run/systemd/resolve/stub-resolv.conf "$tree/etc/resolv.conf"

rm -f "$out/disk.raw"
mke2fs -q -t ext4 -m 1 -L root -d "$tree" "$out/disk.raw" 2G
rm -rf "$tree"
