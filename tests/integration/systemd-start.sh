#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# systemd-start.sh FOLDER TARGET: becomes the systemd of a machine whose root is this one's, with FOLDER/up on top
# of it; in namespaces of its own, for test_systemd.sh.
set -eu
folder=$1 target=$2
root=$folder/root

mkdir -p "$root" "$folder/work"
mount -t overlay -o "lowerdir=/,upperdir=$folder/up,workdir=$folder/work" overlay "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mkdir -p "$root/sys/fs/cgroup" "$root/sys/fs/bpf"
# On a machine that is no container, systemd does so.
mount -t bpf -o mode=0700 bpf "$root/sys/fs/bpf"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for place in run tmp var/log; do
	mount -t tmpfs -o mode=0755 tmpfs "$root/$place"
done
mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
	: >"$root/dev/$device"
	mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ip link set lo up
ip link add v0 type veth peer name p0
ip link set v0 up
ip link set p0 up
cd "$root"
mkdir -p old
pivot_root . old
umount -l /old
exec env -i container=x0test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	/usr/lib/systemd/systemd --unit="$target" --log-target=journal-or-kmsg --show-status=0
