#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# enter.sh FOLDER: runs root/inside.sh in the Debian in FOLDER. In mount and process namespaces of its own.
set -eu

cd "$1"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t bpf bpf sys/fs/bpf
mount --bind /dev dev
mount -t tmpfs tmpfs run
exec chroot . /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=xterm LANG=C.UTF-8 sh /root/inside.sh
