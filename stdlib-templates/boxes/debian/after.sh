#!/bin/sh
# In the box, after its packages came.
set -eu

useradd --create-home --shell /bin/bash vagrant
echo 'vagrant ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/vagrant
chmod 0440 /etc/sudoers.d/vagrant

# Nothing that sshd needs waits for them, and sshd waits for neither: an address may come later, and it listens
# on all of them. A drop-in can only add to an order, so these are units of their own.
sed -e '/^Before=/d' -e 's/^WantedBy=.*/WantedBy=multi-user.target/' \
    /lib/systemd/system/systemd-resolved.service > /etc/systemd/system/systemd-resolved.service
sed -e '/^After=/d' -e '/^\[Unit\]/a After=hostkeys.service' \
    /lib/systemd/system/ssh.service > /etc/systemd/system/ssh.service
rm -f /etc/systemd/system/sysinit.target.wants/systemd-resolved.service
systemctl enable systemd-networkd systemd-resolved hostkeys ssh

# Each machine has keys of its own.
rm -f /etc/ssh/ssh_host_*
