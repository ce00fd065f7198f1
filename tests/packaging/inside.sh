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

one_is_installed()
{
	for name; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" != installed ] || return 0
	done
	return 1
}

# What the package recommends: of each choice the first that this Debian has. It goes with the package.
install_recommended()
{
	dpkg-deb -f /root/x0top_*.deb Recommends | tr ',\n' '\n\n' | sed 's/|/ /; /^ *$/d' >/tmp/recommended
	while read -r names; do
		! one_is_installed $names || continue
		for name in $names; do
			# It may be another name of the next.
			apt-get install -y -qq --no-install-recommends "$name" </dev/null >/dev/null 2>&1 || continue
			apt-mark auto $names >/dev/null 2>&1 || true
			break
		done
		one_is_installed $names || fail "recommended, and not to be had: $names"
	done </tmp/recommended
}

# What the unit starts, asked as Prometheus does.
try_service()
{
	unit=$(dpkg -L x0top | grep '/x0top\.service$')
	: >/tmp/service
	$(sed -n 's/^ExecStart=//p' "$unit") --only tracepoint_net --listen unix:/run/x0.http 2>>/tmp/service &
	service=$!
	tries=600
	until grep -q Serving /tmp/service; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] && kill -0 $service || fail "the service: $(cat /tmp/service)"
		sleep 0.1
	done
	perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new("/run/x0.http") or die $!;
		print $s "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"; print <$s>' >/tmp/metrics
	kill $service
	wait $service || fail "the service ends with status $?: $(cat /tmp/service)"
	grep -q '^x0top_build_info' /tmp/metrics || fail "no metrics: $(head -n 3 /tmp/metrics)"
}

# Where there is no network, all that is needed is there.
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
install_recommended
try_service
echo "ok: the service answers"
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
# libc6 has a use for what others have brought.
apt-get autoremove -y -qq --purge -o APT::AutoRemove::RecommendsImportant=false \
	-o APT::AutoRemove::SuggestsImportant=false
state >/root/after
diff /root/before /root/after || fail "the purge left that"
echo "ok: nothing is left"
