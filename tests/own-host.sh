#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# own-host.sh COMMAND...: runs it, as root, with interfaces, pins, locks and logs of its own: all that namespaces make
# of a host.
exec unshare --net --mount --propagation private sh -c 'mount -t tmpfs run /run && mount -t tmpfs log /var/log &&
	mkdir /run/lock && ip link set lo up && exec "$@"' sh "$@"
