#!/bin/sh
# First process of a machine: makes the user (VP_USER, VP_UID, VP_GID), takes the keys from the read-only
# mount /run/vagrantp, and becomes sshd, or the command it is given (/sbin/init). Safe on every restart.
set -eu
umask 077
keys=/run/vagrantp d=/etc/vagrantp
u=${VP_USER:-root} uid=${VP_UID:-1000} gid=${VP_GID:-${VP_UID:-1000}} names=${VP_ENV:-}
unset VP_USER VP_UID VP_GID VP_ENV

# The first process ignores what it does not handle; a stop meanwhile would take the whole grace period.
trap 'exit 0' TERM
(trap : 37) 2>/dev/null && trap 'exit 0' 37 # SIGRTMIN+3, systemd's

die() { echo "vagrantp init: $*" >&2; exit 78; }

# Not by rename: the file may be a mount, and its mode stays as it is.
replace() { cat "$1.vagrantp" >"$1"; rm -f "$1.vagrantp"; }

# Mount points below $1, one a line.
mounts_below() {
	while read -r _ _ _ _ m _; do
		case $m in "$1"/*) printf '%b\n' "$m" ;; esac
	done </proc/self/mountinfo
}

# Whether $1 itself is mounted: then it is the host's, and its owner, mode and content stay as they are.
is_mounted() {
	while read -r _ _ _ _ m _; do [ "$m" != "$1" ] || return 0; done </proc/self/mountinfo
	return 1
}

owner() { ls -nd "$1" | { read -r _ _ o _; echo "$o"; }; }

# What $2 owns in the home $1 goes to the user; what is mounted in there is someone else's.
give_home() {
	(
		h=$1 old=$2
		set --
		while read -r m; do set -- "$@" -path "$m" -prune -o; done <<-EOF
			$(mounts_below "$h")
		EOF
		find "$h" -xdev "$@" -user "$old" -exec chown -h "$uid:$gid" {} + 2>/dev/null || chown "$uid:$gid" "$h"
	)
}

# A group with the user's name and id, in front of any other with that id.
make_group() {
	done=
	while IFS= read -r line; do
		IFS=: read -r n p i rest <<-EOF
			$line
		EOF
		if [ "$n" = "$u" ]; then
			[ -n "$done" ] && continue
			line="$n:$p:$gid:$rest" done=1
		elif [ "$i" = "$gid" ] && [ -z "$done" ]; then
			echo "$u:x:$gid:"
			done=1
		fi
		printf '%s\n' "$line"
	done </etc/group >/etc/group.vagrantp
	[ -n "$done" ] || echo "$u:x:$gid:" >>/etc/group.vagrantp
	replace /etc/group
}

# The account's old files and the skeleton become the user's.
furnish_home() {
	if [ -n "$old" ] && [ "$old" != "$uid" ] && [ "$old" != 0 ]; then give_home "$h" "$old"; fi
	for f in /etc/skel/.[!.]* /etc/skel/*; do
		t=$h/${f#/etc/skel/}
		[ -e "$f" ] && [ ! -e "$t" ] || continue
		(umask 022 && cp -R "$f" "$t" && chown -R "$uid:$gid" "$t")
	done
	[ "$(owner "$h")" = "$uid" ] || chown "$uid:$gid" "$h"
}

make_user() {
	old= h= s= gecos=
	while IFS=: read -r n _ i _ g f c; do
		[ "$n" = "$u" ] && old=$i gecos=$g h=$f s=$c && break
	done </etc/passwd
	# An existing account may be one nobody can live in, or the line podman adds for the caller (home /).
	case $h in '' | / | /nonexistent | /dev/null | /bin | /sbin | /usr/sbin | /proc) h=/home/$u ;; esac
	case $s in *nologin | *false | *sync) s= ;; esac
	[ -n "$s" ] && [ -x "$s" ] || { s=/bin/sh; [ ! -x /bin/bash ] || s=/bin/bash; }
	# In front of any other account with that id: sudo and the prompt ask for the name of the id.
	{
		mine="$u:x:$uid:$gid:$gecos:$h:$s" done=
		while IFS= read -r line; do
			IFS=: read -r n _ i _ <<-EOF
				$line
			EOF
			if [ "$n" = "$u" ] || [ "$i" = "$uid" ]; then
				[ -n "$done" ] || printf '%s\n' "$mine"
				done=1
				[ "$n" != "$u" ] || continue
			fi
			printf '%s\n' "$line"
		done </etc/passwd
		[ -n "$done" ] || printf '%s\n' "$mine"
	} >/etc/passwd.vagrantp
	replace /etc/passwd
	make_group

	if [ "$(cat $d/home 2>/dev/null)" != "$u $uid $h" ]; then # the first start of this machine
		is_mounted /home || { mkdir -p /home && chmod 755 /home; }
		[ -d "$h" ] || { mkdir -p "$h"; chmod 755 "$h"; }
		is_mounted "$h" || furnish_home
		# Folders the engine made on the way to a mount point are root's.
		mounts_below "$h" | while read -r m; do
			m=${m%/*}
			while [ "$m" != "$h" ]; do
				[ "$(owner "$m")" != 0 ] || chown "$uid:$gid" "$m"
				m=${m%/*}
			done
		done
		echo "$u $uid $h" >$d/home
	fi
	mkdir -p /etc/sudoers.d
	echo "$u ALL=(ALL:ALL) NOPASSWD: ALL" >/etc/sudoers.d/vagrantp
	chmod 0440 /etc/sudoers.d/vagrantp
}

for f in host_key authorized_keys; do [ -r $keys/$f ] || die "$keys/$f is not there"; done
[ "$u" = root ] || make_user

# Without PAM sshd refuses an account whose password field begins with "!".
if [ -f /etc/shadow ]; then
	done=
	while IFS= read -r line; do
		IFS=: read -r n p rest <<-EOF
			$line
		EOF
		if [ "$n" = "$u" ]; then
			done=1
			case $p in '!'*) line="$n:*:$rest" ;; esac
		fi
		printf '%s\n' "$line"
	done </etc/shadow >/etc/shadow.vagrantp
	[ -n "$done" ] || echo "$u:*:19000:0:99999:7:::" >>/etc/shadow.vagrantp
	replace /etc/shadow
fi

# Copies, because sshd wants them owned by root whoever owns the mount.
cat $keys/host_key >$d/host_key
cat $keys/authorized_keys >$d/authorized_keys
chmod 600 $d/host_key
chmod 644 $d/authorized_keys

# sshd gives its sessions a PATH of its own, and /etc/profile another: keep the image's.
session=
case $PATH in
*[!A-Za-z0-9/:._+@,=-]*) ;;
*)
	session=" PATH=$PATH"
	if [ -d /etc/profile.d ]; then
		echo "PATH=$PATH" >/etc/profile.d/00-vagrantp.sh
		chmod 644 /etc/profile.d/00-vagrantp.sh
	fi
	;;
esac

# Nor do its sessions have the machine's environment. A value of several lines has no way to them.
for n in $names; do
	case $n in PATH | *[!A-Za-z0-9_]* | [0-9]*) continue ;; esac
	eval "v=\${$n-}"
	case $v in *"
"*) continue ;; esac
	session="$session \"$n=$(printf '%s' "$v" | sed 's/[\\"]/\\&/g')\""
done
# sshd takes the first such line alone. Values may be secrets, and only root reads them.
grep -v '^SetEnv ' $d/sshd_config >$d/sshd_config.vagrantp
[ -z "$session" ] || printf '%s\n' "SetEnv$session" >>$d/sshd_config.vagrantp
replace $d/sshd_config
chmod 600 $d/sshd_config

mkdir -p /run/sshd
chmod 755 /run/sshd
umask 022
[ $# -eq 0 ] || exec "$@"
exec /usr/sbin/sshd -D -e -f $d/sshd_config
