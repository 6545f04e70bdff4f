#!/bin/sh
# Makes a box as others make them out of the folder of one of ours: partitioned, with a boot loader and a kernel of its
# own, and the key that every Vagrant knows. Needs no root. Arguments: the folder of our box, the file to be made.
set -eu
from=$1 box=$2
PATH=$PATH:/usr/sbin:/sbin
grub=/usr/lib/grub/i386-pc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

qemu-img convert -O raw "$from/box.img" "$work/root.raw"
cat >"$work/grub.cfg" <<'END'
set timeout=0
menuentry Debian {
	linux /boot/vmlinuz root=/dev/vda1 rw console=ttyS0 net.ifnames=0 quiet
	initrd /boot/initrd
}
END
echo '/dev/vda1 / ext4 errors=remount-ro 0 1' >"$work/fstab"
cp /usr/share/rubygems-integration/all/gems/vagrant-*/keys/vagrant.pub "$work/authorized_keys"
debugfs -w -f - "$work/root.raw" >/dev/null 2>&1 <<END
mkdir /boot/grub
write $from/kernel /boot/vmlinuz
write $from/initrd /boot/initrd
write $work/grub.cfg /boot/grub/grub.cfg
rm /etc/fstab
write $work/fstab /etc/fstab
mkdir /home/vagrant/.ssh
write $work/authorized_keys /home/vagrant/.ssh/authorized_keys
sif /home/vagrant/.ssh mode 040700
sif /home/vagrant/.ssh uid 1000
sif /home/vagrant/.ssh gid 1000
sif /home/vagrant/.ssh/authorized_keys mode 0100600
sif /home/vagrant/.ssh/authorized_keys uid 1000
sif /home/vagrant/.ssh/authorized_keys gid 1000
END

truncate -s 2050M "$work/disk.raw"
printf 'label: dos\nstart=2048, type=83, bootable\n' | sfdisk -q "$work/disk.raw"
dd if="$work/root.raw" of="$work/disk.raw" bs=1M seek=1 conv=notrunc,sparse status=none
# The loader is in the gap before the partition, as its installer puts it; that one would need a loop device.
grub-mkimage -O i386-pc -p '(hd0,msdos1)/boot/grub' -o "$work/core.img" biosdisk part_msdos ext2 normal linux
dd if=$grub/boot.img of="$work/disk.raw" bs=440 count=1 conv=notrunc status=none
dd if="$work/core.img" of="$work/disk.raw" bs=512 seek=1 conv=notrunc status=none
qemu-img convert -O qcow2 "$work/disk.raw" "$work/box.img"
echo '{"provider":"libvirt","format":"qcow2","virtual_size":3}' >"$work/metadata.json"
printf 'Vagrant.configure("2") do |config|\n  config.ssh.username = "vagrant"\nend\n' >"$work/Vagrantfile"
tar -C "$work" -cf "$box" metadata.json Vagrantfile box.img
