#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# library-packages.sh PROGRAM: the Debian packages of the shared libraries that it is linked with, and of
# those that serve and fleet open.
# Before Debian 13, packages name files in /lib that are in /usr/lib.
set -eu

{
	ldd "$1"
	ldconfig -p | grep -E '^[[:space:]]*(libmicrohttpd\.so\.12|libcrypt\.so\.1|libcurl-gnutls\.so\.4) ' |
		sed 's/$/ /'
} | sed -n 's/.* => \([^ ]*\) .*/\1/p' | xargs realpath | while read -r library; do
	dpkg-query -S "$library" 2>/dev/null || dpkg-query -S "${library#/usr}"
done | cut -d: -f1 | sort -u
