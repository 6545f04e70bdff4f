#!/bin/sh
# In the box, before its packages come: what they find decides what they do.
set -eu
files=$1

# No initial ramdisk for all the hardware there is: it would be made first, and take most of the time.
mkdir -p /etc/initramfs-tools/conf.d /usr/share/initramfs-tools/modules.d
cp "$files/initramfs.conf" /etc/initramfs-tools/conf.d/box
cp "$files/initramfs-modules" /usr/share/initramfs-tools/modules.d/box

mkdir -p /etc/systemd/system /etc/systemd/network /etc/ssh/sshd_config.d /etc/sudoers.d
grep -v -e '^#' -e '^$' "$files/masked" | while read -r unit; do
    ln -sf /dev/null "/etc/systemd/system/$unit"
done
cp "$files/dhcp.network" /etc/systemd/network/90-dhcp.network
cp "$files/hostkeys.service" /etc/systemd/system/hostkeys.service
cp "$files/sshd.conf" /etc/ssh/sshd_config.d/box.conf
cp "$files/fstab" /etc/fstab
