#!/bin/sh
# The ssh layer: runs once as root in a container of the base image, whose file system is then committed.
# Before: `podman cp` puts this file, init and sshd_config into /etc/vagrantp. VP_INIT (or $1): sshd, systemd.
set -eu
umask 022
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
init=${1:-${VP_INIT:-sshd}} d=/etc/vagrantp

die() { echo "vagrantp layer: $*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

case $init in sshd | systemd) ;; *) die "unknown init \"$init\" (sshd or systemd)" ;; esac
for f in init sshd_config; do [ -f $d/$f ] || die "$d/$f is missing"; done

# The package would make three host keys only for us to delete them: it makes none that is there.
[ -e /etc/ssh ] || mkdir -p /etc/ssh
for k in rsa ecdsa ed25519; do [ -e /etc/ssh/ssh_host_${k}_key ] || : >/etc/ssh/ssh_host_${k}_key; done

# Nothing to install where the image has it all (python3-minimal is not enough for Ansible).
complete() {
	[ -x /usr/sbin/sshd ] && has sudo && has python3 &&
		python3 -c 'import email.message, tarfile, unittest, zipfile' 2>/dev/null &&
		{ [ "$init" = sshd ] || { [ -x /sbin/init ] && has systemctl && has dbus-daemon; }; }
}

apt() {
	# No service may start here: what it starts would die with this container anyway.
	policy=/usr/sbin/policy-rc.d
	[ -e $policy ] && policy= || { printf '#!/bin/sh\nexit 101\n' >$policy; chmod 755 $policy; }
	apt-get -qq -o Acquire::Retries=2 -o Acquire::Languages=none -o Acquire::PDiffs=false update || return 1
	apt-get -qq -y --no-install-recommends -o Acquire::Retries=2 -o Dpkg::Use-Pty=0 \
		-o Dpkg::Options::=--force-unsafe-io -o Dpkg::Options::=--force-confold \
		install "$@" >/dev/null || return 1
	apt-get clean
	rm -rf ${policy:+"$policy"} /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/log/apt/* /var/log/dpkg.log
}

packages="openssh-server python3 sudo"
if complete; then
	:
elif has apt-get; then
	[ "$init" = sshd ] || packages="$packages systemd systemd-sysv dbus"
	apt $packages ca-certificates || die "apt-get failed"
elif has dnf; then
	[ "$init" = sshd ] || packages="$packages systemd dbus"
	dnf install -y -q --setopt=install_weak_deps=False $packages ca-certificates || die "dnf failed"
	dnf clean all -q || :
elif has microdnf; then
	[ "$init" = sshd ] || packages="$packages systemd dbus"
	microdnf install -y --setopt=install_weak_deps=0 $packages ca-certificates || die "microdnf failed"
	microdnf clean all || :
elif has apk; then
	[ "$init" = sshd ] || die "this image is built with apk, where there is no systemd"
	apk add --no-cache -q openssh-server openssh-sftp-server python3 sudo bash ca-certificates || die "apk failed"
elif has zypper; then
	[ "$init" = sshd ] || packages="$packages systemd dbus-1"
	zypper -q -n install --no-recommends $packages ca-certificates || die "zypper failed"
	zypper -q clean -a || :
elif has pacman; then
	[ "$init" = sshd ] || packages="$packages systemd dbus"
	pacman -Sy --noconfirm --needed --noprogressbar openssh python sudo ca-certificates ${packages#openssh-server python3 sudo} ||
		die "pacman failed"
	rm -rf /var/cache/pacman/pkg/* /var/lib/pacman/sync/*
else
	die "no known package manager in this image (apt-get, dnf, microdnf, apk, zypper, pacman)"
fi
[ -x /usr/sbin/sshd ] || die "no /usr/sbin/sshd after the installation"

# Host keys are ours, one a machine; none may be shared through the image.
rm -f /etc/ssh/ssh_host_* $d/host_key $d/authorized_keys
chown -R 0:0 $d
chmod 755 $d $d/init
chmod 644 $d/sshd_config
# OpenSSH >= 9.8 locks out an address that connects often without logging in, as one that waits for sshd does.
if /usr/sbin/sshd -G -f $d/sshd_config -o PerSourcePenalties=no >/dev/null 2>&1; then
	echo 'PerSourcePenalties no' >>$d/sshd_config
fi

if [ "$init" = systemd ]; then
	unit=sshd
	for p in /lib /usr/lib /etc; do [ -f $p/systemd/system/ssh.service ] && unit=ssh; done
	mkdir -p /etc/systemd/system/$unit.service.d
	cat >/etc/systemd/system/$unit.service.d/vagrantp.conf <<-EOF
		[Service]
		Type=exec
		ExecStartPre=
		ExecStart=
		ExecStart=/usr/sbin/sshd -D -e -f $d/sshd_config
		ExecReload=
		RuntimeDirectory=sshd
		RuntimeDirectoryMode=0755
	EOF
	# A socket unit would own port 22 and start sshd with the image's own configuration.
	systemctl --quiet disable ssh.socket sshd.socket 2>/dev/null || :
	systemctl --quiet mask ssh.socket sshd.socket sshd-keygen.service 2>/dev/null || :
	systemctl --quiet enable $unit.service || die "systemctl enable $unit failed"
	[ -e /etc/machine-id ] && : >/etc/machine-id
fi
rm -rf $d/layer $d/layer.sh /tmp/* /var/tmp/*
