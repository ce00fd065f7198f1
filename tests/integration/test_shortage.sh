#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# With too few descriptors, or too little memory, x0top says so, whatever fails first: no run fails without a sentence, and no
# sentence blames the kernel, an interface or a file. Without /sys, too, it says what is missing.
set -u
x0top=${X0TOP:-./x0top}
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ip link add v0 type veth peer name p0
ip link set v0 up
ip link set p0 up
mkdir "$work/trust"
"$x0top" keys generate one --directory "$work" >/dev/null
"$x0top" keys add "$work/one.pub.pem" --trust "$work/trust" >/dev/null
printf 'trust: %s\nidentity: %s\nrules: [drop 10.9.0.3]\n' "$work/trust" "$work/one.key.pem" \
	>"$work/config"
"$x0top" --once -d 0.1 --only xdp_counter --record "$work/recording" >/dev/null

/usr/bin/python3 - "$x0top" "$work" <<'PYTHON'
import glob
import json
import os
import resource
import subprocess
import sys

x0top, work = os.path.realpath(sys.argv[1]), sys.argv[2]
FILES = ("Too many open files", "ulimit -n")
MEMORY = ("emory", "ulimit -v")
ENOUGH = 400
failures = 0


def run(limit, arguments, resource_=resource.RLIMIT_NOFILE):
    return subprocess.run([x0top, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60,
                          preexec_fn=lambda: resource.setrlimit(resource_, (limit, limit)))


def wrong(result, words=FILES):
    """What is wrong with how a run failed."""
    said = result.stderr
    if result.returncode == 127:  # the loader could not open its libraries
        return None if "loading shared libraries" in said else "the loader says: " + said
    sentences = [said]
    if result.stdout.startswith("{"):
        programs = json.loads(result.stdout)["programs"]
        sentences = [p["reason"] + ". " + p["remedy"] for p in programs if p["state"] in ("failed", "partly")]
        if said:
            sentences.append(said)
    if not sentences or not "".join(sentences):
        return "it fails and says nothing"
    for sentence in sentences:
        if not all(word in sentence for word in words):
            return sentence
    return None


def try_all(name, arguments, step=1, to=ENOUGH):
    """Runs with 3 descriptors, then more, until it has worked for ten limits in a row."""
    global failures
    worked, limit, tried = 0, 3, 0
    while worked < 10 and limit < to:
        result = run(limit, arguments)
        tried += 1
        worked = worked + 1 if result.returncode == 0 else 0
        problem = wrong(result) if result.returncode != 0 else None
        if result.returncode < 0:
            problem = "it ends by signal %d" % -result.returncode
        if problem:
            failures += 1
            print("FAILED: %s with %d descriptors: status %d: %s" % (name, limit, result.returncode, problem))
        if "--enforce" in arguments:
            subprocess.run([x0top, "programs", "down"], stdout=subprocess.DEVNULL)
        limit += step
    if worked < 10:
        failures += 1
        print("FAILED: %s never works: %s" % (name, result.stderr))
    print("ok: %s: %d limits, enough from %d on" % (name, tried, limit - 10 * step))


config = ["--config", work + "/config"]
try_all("--once", ["--once", "--json", "-d", "0.1"], 3)
try_all("--enforce", config + ["--once", "--json", "-d", "0.1", "--enforce", "--yes", "--only",
                               "xdp_mesh_filter", "--only", "xdp_pqc_verify"], 2)
try_all("--replay", ["--once", "--replay", work + "/recording"])
try_all("--record", ["--once", "--json", "-d", "0.1", "--only", "xdp_counter", "--record", work + "/other"], 2)
try_all("programs list", ["programs", "list"])
try_all("programs down", ["programs", "down"])
try_all("keys list", ["keys", "list", "--trust", work + "/trust"])
try_all("programs verify", ["programs", "verify", os.environ.get("BUILD", "build") + "/bpf/xdp_counter.bpf.o"], 2)
verdict = run(8, ["programs", "verify", os.environ.get("BUILD", "build") + "/bpf/xdp_counter.bpf.o"]).stdout
if "no verdict" not in verdict or "refused" in verdict:
    failures += 1
    print("FAILED: programs verify: the kernel has refused what it was not given: %s" % verdict)
subprocess.run([x0top, *config, "--once", "--enforce", "--yes"], stdout=subprocess.DEVNULL)
pinned = sorted(glob.glob("/sys/fs/bpf/x0top/*/*"))
if not pinned:
    sys.exit("FAILED: nothing is pinned")
try_all("--once beside pins", config + ["--once", "--json", "-d", "0.1"], 5)
pinned_now = sorted(glob.glob("/sys/fs/bpf/x0top/*/*"))
if pinned_now != pinned:
    failures += 1
    print("FAILED: the pins are others: %s" % set(pinned).symmetric_difference(pinned_now))
try_all("rules list", ["rules", "list"])
# It never says that it has removed what is still there.
for limit in range(4, 40):
    result = run(limit, ["programs", "down"])
    left = glob.glob("/sys/fs/bpf/x0top/*/*")
    problem = wrong(result) if result.returncode != 0 else "pins are left, and its status is 0" if left else None
    if problem:
        failures += 1
        print("FAILED: programs down beside pins, with %d descriptors: %s" % (limit, problem))
    if not left:
        break
print("ok: programs down beside pins: it needs %d" % limit)
subprocess.run([x0top, "programs", "down"], stdout=subprocess.DEVNULL)
# In less than its own image, and a MiB for its stack and the loader, the kernel cannot even start it.
MIB = 1 << 20
image = int(subprocess.run(["size", x0top], capture_output=True, text=True).stdout.split("\n")[1].split()[3])
least = -(-image // MIB) + 1
for mib in range(least, 80, 3):
    result = run(mib * MIB, ["--once", "--json", "-d", "0.1"], resource.RLIMIT_AS)
    problem = wrong(result, MEMORY) if result.returncode != 0 else None
    if problem or result.returncode < 0:
        failures += 1
        print("FAILED: in %d MiB: status %d: %s" % (mib, result.returncode, problem))
if result.returncode != 0:
    failures += 1
    print("FAILED: it does not run in %d MiB: %s" % (mib, result.stderr))
print("ok: --once in %d to %d MiB" % (least, mib))
sys.exit(failures != 0)
PYTHON
status=$?

# Nothing of /sys is there.
umount -l /sys/fs/bpf
mount -t tmpfs tmpfs /sys
said=$("$x0top" --once -d 0.1 2>&1) && {
	echo "FAILED: x0top runs without /sys"
	status=1
}
case $said in
*"/sys/devices/system/cpu/possible: No such file"*"mount -t sysfs"*) echo "ok: $said" ;;
*)
	echo "FAILED: without /sys: $said"
	status=1
	;;
esac
said=$("$x0top" lab --once 2>&1)
case $said in
*"mount -t sysfs"*) echo "ok: $said" ;;
*)
	echo "FAILED: a lab without /sys: $said"
	status=1
	;;
esac
exit $status
