#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What debian.sh runs in a new Debian: the package from its installation to its purge.
set -eu
export DEBIAN_FRONTEND=noninteractive

fail()
{
	echo "FAILED: $*"
	exit 1
}

# What is there, but for what apt and dpkg write about what they did, and the copies of /etc/passwd and others
# as they were before their last change.
state()
{
	find / -xdev \( -path /tmp -o -path /run -o -path /root -o -path /var/lib/apt -o -path /var/cache \
		-o -path /var/lib/dpkg -o -path /var/log/apt -o -name dpkg.log -o -path /etc/ld.so.cache \
		-o -path '/etc/*-' \) -prune \
		-o -print | sort
	cut -d: -f1 /etc/passwd /etc/group | sort
	dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n'
}

apt-get update -qq
# Users that its dependencies make belong to those.
apt-get install -y -qq --no-install-recommends adduser >/dev/null
state >/root/before

apt-get install -y -qq --no-install-recommends /root/x0top_*.deb
echo "ok: installed, with $(dpkg-query -W -f '${Depends}' x0top | tr , '\n' | wc -l) dependencies"
getent passwd x0top | grep -q ':/nonexistent:' || fail "no user x0top: $(getent passwd x0top)"
[ ! -e /etc/systemd/system/multi-user.target.wants/x0top.service ] || fail "installing it enables the service"
x0top --version
x0top --help >/dev/null
x0top programs verify >/tmp/verified || fail "the programs do not load: $(cat /tmp/verified)"
echo "ok: all programs are verified"
ip=$(x0top --once --json --only tracepoint_net) || fail "x0top --once: status $?"
case $ip in *'"tracepoint_net"'*) echo "ok: a snapshot" ;; *) fail "no snapshot: $ip" ;; esac
for file in /usr/share/man/man8/x0top.8.gz /usr/share/bash-completion/completions/x0top /etc/x0top/x0top.yaml.example /etc/x0top/x0top.yaml; do
	# A minimal Debian may leave out manuals.
	[ -e $file ] || grep -rq "path-exclude.*man" /etc/dpkg/dpkg.cfg.d || fail "no $file"
done

# What an operator changes outlives an upgrade; what x0top writes outlives a removal, and no purge.
echo '# changed' >>/etc/x0top/x0top.yaml.example
dpkg --force-confold -i /root/x0top_*.deb >/dev/null
grep -q '^# changed' /etc/x0top/x0top.yaml.example || fail "an upgrade takes away what was configured"
x0top keys generate host --directory /etc/x0top >/dev/null
echo log >/var/log/x0top.log
apt-get remove -y -qq x0top
[ ! -e /usr/sbin/x0top ] || fail "x0top is there after its removal"
grep -q '^# changed' /etc/x0top/x0top.yaml.example || fail "a removal takes away what was configured"
[ -e /etc/x0top/host.key.pem ] || fail "a removal takes away a key"
apt-get purge -y -qq x0top
apt-get autoremove -y -qq --purge
state >/root/after
diff /root/before /root/after || fail "the purge left that"
echo "ok: nothing is left"
