#!/bin/sh
# Packages and all that they need beside what a guest of this host's release has, as a folder that apt takes for a
# mirror: an emulated guest reads a whole mirror's lists for minutes. Arguments: the guest's /var/lib/dpkg/status, the
# folder, the packages.
set -eu
status=$1 folder=$2
shift 2
mkdir -p "$folder/archives/partial"
apt-get -qq -y --no-install-recommends --download-only -o Dir::State::status="$status" -o Dir::Cache="$folder" \
	-o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)" install "$@"
cd "$folder"
mv archives/*.deb .
rm -rf archives *.bin
for deb in *.deb; do
	# In the name of a file of a mirror a % stands for something else.
	case $deb in *%*) mv "$deb" "$(echo "$deb" | tr % _)" ;; esac
done
for deb in *.deb; do
	dpkg-deb -f "$deb"
	printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$deb" "$(stat -c %s "$deb")" "$(sha256sum <"$deb" | cut -d ' ' -f 1)"
done >Packages
