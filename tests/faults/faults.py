# SPDX-License-Identifier: BSD-2-Clause
"""Kills x0top before each call that changes what the kernel holds, and looks at what is left.

For every verb: a first run under strace lists its calls. Each bpf call that changes something, each
mkdir, rename and unlink is a point: the verb runs again, and is killed before that call. Then
  - packets meet the old state or the new;
  - the next x0top shows the one that packets meet, and does not change it;
  - the verb can be repeated, which brings about the new state;
  - `programs down` leaves nothing.
Of keys, the verifier that enforces has the old ones or the new.
To be run by test_faults.sh, in namespaces of its own, with v0 and p0 the ends of a veth pair.
"""
import json
import os
import re
import socket
import subprocess
import sys
import time

X0TOP = os.path.realpath(os.environ.get("X0TOP", "./x0top"))
ACT = os.path.realpath(os.environ.get("BUILD", "build") + "/tests/faults/act")
ROOT = "/sys/fs/bpf/x0top"
HEADER = os.path.dirname(__file__) + "/../../core/kernel/pins.h"
LAYOUT = ROOT + "/" + re.search(r'PINS_LAYOUT "(\w+)"', open(HEADER, encoding="utf-8").read())[1]
WORK = sys.argv[1]
CONFIG = WORK + "/rules.yaml"
TRACE = WORK + "/trace"

# The rules of test_faults.sh: 0 drops 10.9.0.3, 1 drops 10.9.5.0/24, and 2, within it, 10.9.5.5, whose
# packets are dropped whichever of both is there.
ADDRESSES = ["10.9.0.3", "10.9.0.4", "10.9.5.5", "10.9.5.6"]

SYSCALLS = ["bpf", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir"]
CHANGES = re.compile(
    r"BPF_(MAP_(UPDATE|DELETE)_(ELEM|BATCH)|OBJ_PIN|LINK_(CREATE|UPDATE|DETACH)|PROG_(ATTACH|DETACH))\b")


def run(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60)


# --- packets --------------------------------------------------------------------------------------

def frame(source):
    header = bytearray.fromhex("4500001c0000000040110000") + socket.inet_aton(source)
    header += socket.inet_aton("10.9.9.9")
    total = sum(int.from_bytes(header[i:i + 2], "big") for i in range(0, 20, 2))
    header[10:12] = (~((total & 0xffff) + (total >> 16)) & 0xffff).to_bytes(2, "big")
    udp = bytes.fromhex("1388138900080000")
    return (b"\xff" * 6 + b"\x02\0\0\0\0\x01\x08\0" + bytes(header) + udp).ljust(60, b"\0")


class Wire:
    def __init__(self):
        self.out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.out.bind(("p0", 0))
        self.seen = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        self.seen.bind(("v0", 0))
        self.seen.settimeout(5)

    def passing(self):
        """Which of ADDRESSES get through. The last frame is one that no rule is for."""
        for source in ADDRESSES + ["10.8.0.1"]:
            self.out.send(frame(source))
        found = set()
        while True:
            source = socket.inet_ntoa(self.seen.recv(2048)[26:30])
            if source == "10.8.0.1":
                return frozenset(found)
            found.add(source)


# --- what x0top says ------------------------------------------------------------------------------

def holds(key, address):
    network, _, length = key.partition("/")
    bits = 32 - int(length or 32)
    number = [int.from_bytes(socket.inet_aton(text), "big") for text in (network, address)]
    return number[0] >> bits == number[1] >> bits


def shown_passing(snapshot):
    """Which of ADDRESSES get through by what the snapshot says: the first that matches decides."""
    passing = set()
    mesh = snapshot["mesh"]
    for address in ADDRESSES:
        action = "pass"
        for rule in reversed(mesh["rules"]):
            if rule["enabled"] and holds(rule["key"], address):
                action = rule["action"]
        if not (mesh["enforcing"] and action == "drop"):
            passing.add(address)
    return frozenset(passing)


def look():
    result = run(X0TOP, "--config", CONFIG, "--once", "--json", "-d", "0.1")
    return json.loads(result.stdout), result.stderr


# --- verbs ----------------------------------------------------------------------------------------

def rules(*words):
    return [X0TOP, "rules", *words]


def enforce():
    return [X0TOP, "--config", CONFIG, "--enforce", "--once", "--json", "-d", "0.1"]


# As a kill leaves them: pins that enforce nothing, and pins that are not in force.
NOT_ENFORCING = ["bpftool", "map", "update", "pinned", LAYOUT + "/mesh_filter_control",
                 "key", "0", "0", "0", "0", "value"] + 16 * ["0"]
IN_THE_MAKING = ["mv", LAYOUT, ROOT + "/new-1"]
START = [X0TOP, "--config", CONFIG, "--once", "--json", "-d", "0.1"]

ALL = frozenset(ADDRESSES)
ENFORCED = frozenset(["10.9.0.4"])

# Name, what is run before, the verb, what passes before and after it; of its points only these, where
# the rest is as in "enforce".
CLEANING = re.compile("unlink|rmdir|BPF_LINK_DETACH")
VERBS = [
    ("enforce", [], enforce(), ALL, ENFORCED),
    ("start again", [enforce()], START, ENFORCED, ENFORCED),
    ("start on pins without effect", [enforce(), NOT_ENFORCING], START, ALL, ALL, CLEANING),
    ("start on pins in the making", [enforce(), NOT_ENFORCING, IN_THE_MAKING], START, ALL, ALL, CLEANING),
    ("rules add", [enforce()], rules("add", "drop", "10.9.0.4"), ENFORCED, frozenset()),
    ("rules off", [enforce()], rules("off", "0"), ENFORCED, ENFORCED | {"10.9.0.3"}),
    ("rules off, within another", [enforce()], rules("off", "2"), ENFORCED, ENFORCED),
    ("rules on", [enforce(), rules("off", "0")], rules("on", "0"), ENFORCED | {"10.9.0.3"}, ENFORCED),
    ("rules on, within another", [enforce(), rules("off", "2")], rules("on", "2"), ENFORCED, ENFORCED),
    ("rules delete", [enforce()], rules("delete", "0"), ENFORCED, ENFORCED | {"10.9.0.3"}),
    ("rules delete, within another", [enforce()], rules("delete", "2"), ENFORCED, ENFORCED),
    ("enforce off", [enforce()], [ACT, CONFIG, "enforce off xdp_mesh_filter"], ENFORCED, ALL),
    ("program off, of the filter", [enforce()], [ACT, CONFIG, "program off xdp_mesh_filter"], ENFORCED, ALL),
    ("program off, of the counter", [enforce()], [ACT, CONFIG, "program off xdp_counter"], ENFORCED, ENFORCED),
    ("program on", [enforce()], [ACT, CONFIG, "program on tc_classifier"], ENFORCED, ENFORCED),
    ("programs down", [enforce()], [X0TOP, "programs", "down"], ENFORCED, ALL),
]


def trace(verb, injection=()):
    return run("strace", "-f", "-qq", "-s", "0", "-o", TRACE, "-e", "trace=" + ",".join("?" + s for s in SYSCALLS),
               *injection, *verb)


def points(verb):
    """The calls that change something: (system call, its number among those of that name, its text)."""
    trace(verb)
    counts, found = {}, []
    for line in open(TRACE):
        match = re.match(r"\d+ +(\w+)\((.*)", line)
        if not match:
            continue
        name, text = match.groups()
        counts[name] = counts.get(name, 0) + 1
        # What fails changes nothing.
        if " = -1 E" not in text and (name != "bpf" or CHANGES.match(text)):
            found.append((name, counts[name], text.split(",")[0] if name == "bpf" else text[:60]))
    return found


_opening = []


def beyond_opening(wire, before, old, found):
    """Without the points at which x0top opens: "start again" tries them, the same calls by number."""
    if not _opening:
        prepare(before, wire, old)
        _opening.extend(points(START))
        clean()
    same = 0
    while same < len(_opening) and found[same:same + 1] == [_opening[same]]:
        same += 1
    return found[same:]


def chosen_points(wire, before, verb, old, only):
    """The points of a verb. Their numbers are those of now: x0top asks about each program of the host, and others may
    load some meanwhile."""
    prepare(before, wire, old)
    found = [point for point in points(verb) if not only or only[0].search(" ".join(map(str, point)))]
    clean()
    return beyond_opening(wire, before, old, found) if verb[0] == ACT else found


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


def has_xdp():
    return "prog/xdp" in run("ip", "link", "show", "v0").stdout


def clean():
    result = run(X0TOP, "programs", "down")
    check(result.returncode == 0, "programs down: " + result.stderr)
    check(not os.path.exists(ROOT), "programs down leaves " + ROOT)
    until = time.monotonic() + 10
    while has_xdp():
        check(time.monotonic() < until, "programs down leaves a program on v0")
        time.sleep(0.01)


def prepare(before, wire, old):
    for command in before:
        result = run(*command)
        check(result.returncode == 0, "%s: %s" % (" ".join(command), result.stderr))
    check(wire.passing() == old, "the state to begin with")


def try_point(wire, before, verb, old, new, point):
    """Returns whether the verb was killed there: else it ended before."""
    prepare(before, wire, old)
    name, number, _ = point
    result = trace(verb, ["-e", "inject=%s:signal=KILL:when=%d" % (name, number)])
    killed = result.returncode in (-9, 137)
    found = wire.passing()
    check(found in (old, new), "neither the old state nor the new: %s pass" % sorted(found))
    snapshot, said = look()
    check(shown_passing(snapshot) == found,
          "%s pass, the next x0top shows that %s do (%s)" % (sorted(found), sorted(shown_passing(snapshot)), said))
    check(wire.passing() == found, "the next x0top changes the state: %s pass" % sorted(wire.passing()))
    keys = [rule["key"] for rule in snapshot["mesh"]["rules"]]
    check(len(keys) == len(set(keys)), "a rule twice: %s" % keys)
    check(not [n for n in (os.listdir(ROOT) if os.path.exists(ROOT) else []) if n.startswith("new-")],
          "the next x0top leaves pins in the making")
    result = run(*verb)
    found = wire.passing()
    check(found == new, "repeated: %s pass (%s)" % (sorted(found), result.stderr))
    clean()
    return killed


# --- keys -----------------------------------------------------------------------------------------

KEYS_CONFIG = WORK + "/keys.yaml"
TRUST = WORK + "/trust"
KEYS_START = [X0TOP, "--config", KEYS_CONFIG, "--once", "--json", "-d", "0.1"]
# birch's key is of a parameter set that the verifier was loaded without: it is replaced.
KEYS_RELOAD = [ACT, KEYS_CONFIG, "keys reload", "cp %s/birch.pub.pem %s" % (WORK, TRUST)]


def must(*command):
    result = run(*command)
    check(result.returncode == 0, "%s: %s" % (" ".join(command), result.stderr))


def prepare_keys():
    """alder is trusted by a verifier that enforces."""
    must(X0TOP, "keys", "add", WORK + "/alder.pub.pem", "--trust", TRUST)
    must(*KEYS_START)
    return held_nodes()


def clean_keys():
    clean()
    for name in os.listdir(TRUST):
        os.unlink(TRUST + "/" + name)


def held_nodes():
    """The nodes that the pinned maps of the kernel have keys of."""
    entries = json.loads(run("bpftool", "-j", "map", "dump", "pinned", LAYOUT + "/pqc_node_slots").stdout)
    return frozenset("".join(byte[2:] for byte in entry["key"]) for entry in entries)


def try_keys_point(point):
    old = prepare_keys()
    check(len(old) == 1, "one node to begin with, not %d" % len(old))
    name, number, _ = point
    result = trace(KEYS_RELOAD, ["-e", "inject=%s:signal=KILL:when=%d" % (name, number)])
    found = held_nodes()
    check(found >= old and len(found) <= 2, "neither the old keys nor the new: %s" % sorted(found))
    snapshot = json.loads(run(*KEYS_START).stdout)
    shown = frozenset(node["node"] for node in snapshot["pqc"]["nodes"])
    check(snapshot["pqc"]["state"] == "enforcing", "the next x0top does not enforce")
    check(shown == held_nodes() and len(shown) == len(os.listdir(TRUST)),
          "the next x0top shows %s" % sorted(shown))
    must(*KEYS_RELOAD)
    check(held_nodes() > old, "repeated: the new key is not there")
    clean_keys()
    return result.returncode in (-9, 137)


def try_keys():
    """Returns the number of points and of failures."""
    started = time.monotonic()
    with open(KEYS_CONFIG, "w") as file:
        file.write("interfaces: [v0]\nonly: [xdp_pqc_verify]\npqc-mode: enforce\ntrust: %s\n" % TRUST)
    os.mkdir(TRUST, 0o755)
    must(X0TOP, "keys", "generate", "alder", "--directory", WORK)
    must(X0TOP, "keys", "generate", "birch", "--set", "44", "--directory", WORK)
    prepare_keys()
    found = points(KEYS_RELOAD)
    clean_keys()
    killed = failures = 0
    for point in found:
        try:
            killed += try_keys_point(point)
        except (Failed, subprocess.TimeoutExpired) as error:
            failures += 1
            killed += 1
            print("FAILED: keys reload, killed before %s %d (%s): %s" % (*point, error), flush=True)
            clean_keys()
    print("%-30s %3d points, killed at %3d, %5.1f s"
          % ("keys reload", len(found), killed, time.monotonic() - started), flush=True)
    if killed < len(found):
        failures += 1
        print("FAILED: keys reload: not killed at %d points" % (len(found) - killed))
    return len(found), failures


def main():
    wire = Wire()
    wanted = sys.argv[2:]
    failures = tried = 0
    part, parts = map(int, os.environ.get("PART", "0/1").split("/"))
    # strace counts the calls of each thread by itself: on one CPU, x0top loads its objects without threads.
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[part % len(cpus)]})
    for name, before, verb, old, new, *only in VERBS[part::parts]:
        if wanted and name not in wanted:
            continue
        started = time.monotonic()
        found = chosen_points(wire, before, verb, old, only)
        killed = 0
        for i, point in enumerate(found):
            try:
                if not try_point(wire, before, verb, old, new, point):
                    point = chosen_points(wire, before, verb, old, only)[i:][:1]
                    killed += bool(point) and try_point(wire, before, verb, old, new, point[0])
                else:
                    killed += 1
            except (Failed, subprocess.TimeoutExpired) as error:
                failures += 1
                killed += 1
                print("FAILED: %s, killed before %s %d (%s): %s" % (name, *point, error), flush=True)
                run(X0TOP, "programs", "down")
                run("rm", "-rf", ROOT)
        tried += len(found)
        print("%-30s %3d points, killed at %3d, %5.1f s"
              % (name, len(found), killed, time.monotonic() - started), flush=True)
        if killed < len(found):
            failures += 1
            print("FAILED: %s: not killed at %d points" % (name, len(found) - killed))
    if "keys reload" in wanted or (not wanted and part == parts - 1):
        n, failed = try_keys()
        tried += n
        failures += failed
    print("%d points tried, %d failures" % (tried, failures))
    return failures != 0


sys.exit(main())
