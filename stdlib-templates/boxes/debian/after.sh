#!/bin/sh
# In the box, after its packages came.
set -eu

useradd --create-home --shell /bin/bash vagrant
echo 'vagrant ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/vagrant
chmod 0440 /etc/sudoers.d/vagrant

systemctl enable systemd-networkd systemd-resolved hostkeys ssh

# Waits for nothing: an address may come later, and sshd listens on all of them.
mkdir -p /etc/systemd/system/ssh.service.d
printf '[Unit]\nAfter=\nAfter=hostkeys.service\n' > /etc/systemd/system/ssh.service.d/early.conf

# Each machine has keys of its own.
rm -f /etc/ssh/ssh_host_*
