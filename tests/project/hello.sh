#!/bin/sh
set -eu
echo hello >/etc/hello
