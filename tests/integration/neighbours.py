# SPDX-License-Identifier: BSD-2-Clause
"""neighbours.py X0TOP: three nodes in namespaces a, b and c, each linked with each other. babeld runs on all, c
announces its address, and x0top on a shows neighbours and routes as the kernel and babeld have them; also
after the link of a and c is cut, and after babeld has ended. Sets of mesh rules on a follow, and its packets
are judged by them."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

X0TOP = os.path.abspath(sys.argv[1])
PREFIX = "10.50.0.3"
WORK = pathlib.Path(tempfile.mkdtemp())
SOCKET = pathlib.Path("/run/babeld.sock")
LINKS = [("a", "b"), ("b", "c"), ("a", "c")]
babelds = {}
failures = 0


def run(*words, check=True):
    return subprocess.run(words, check=check, capture_output=True, text=True).stdout


def on(node, *words):
    return ["nsenter", f"--net=/run/netns/{node}", *words]


def make_network():
    for number, node in enumerate("abc", 1):
        run("ip", "netns", "add", node)
        run(*on(node, "sh", "-c", "echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad;"
                "echo 1 >/proc/sys/net/ipv4/ip_forward"))
        run(*on(node, "ip", "link", "set", "lo", "up"))
        run(*on(node, "ip", "address", "add", f"10.50.0.{number}/32", "dev", "lo"))
    for one, other in LINKS:
        run("ip", "link", "add", f"{one}{other}", "netns", one, "type", "veth",
            "peer", "name", f"{other}{one}", "netns", other)
        for node, link in (one, one + other), (other, other + one):
            run(*on(node, "ip", "link", "set", link, "up"))


def start_babeld(node):
    interfaces = [f"{node}{other}" for other in "abc" if other != node]
    socket = SOCKET if node == "a" else WORK / f"{node}.sock"
    babelds[node] = subprocess.Popen(
        on(node, "babeld", "-G", str(socket), "-I", str(WORK / f"{node}.pid"),
           "-S", str(WORK / f"{node}.state"), "-h", "1", "-H", "1", "-d", "0",
           "-C", "redistribute local ip 10.50.0.0/16 le 32",
           "-C", "redistribute ip ::/0 le 128 deny",
           "-C", "redistribute local deny", "-C", "default update-interval 1", *interfaces),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=open(WORK / f"{node}.log", "w"))


def snapshot(*options):
    words = on("a", X0TOP, "--once", "--json", "--only", "tc_classifier", "-d", "0.1", *options)
    result = subprocess.run(words, capture_output=True, text=True)
    try:
        return json.loads(result.stdout)["neighbours"]
    except (ValueError, KeyError):
        sys.exit(f"no snapshot: {result.stdout[:200]} {result.stderr}")


def rows(part, source, kind):
    return [row for row in part["neighbours"] if (row["source"], row["kind"]) == (source, kind)]


def state(part, name):
    return next(source for source in part["sources"] if source["name"] == name)


def until(what, test, *options):
    """Polls for a minute and a half until the snapshot is as wanted."""
    global failures
    end, began = time.monotonic() + 90, time.monotonic()
    while True:
        part = snapshot(*options)
        if test(part):
            print(f"ok: {what} ({time.monotonic() - began:.1f} s)", flush=True)
            return
        if time.monotonic() > end:
            failures += 1
            print(f"FAILED: {what}", *part["sources"], *part["neighbours"], sep="\n", flush=True)
            return
        time.sleep(0.2)


def route_by(part, interface):
    """Whether babeld's installed route, and the kernel's, lead to the prefix by this interface."""
    babel = [row for row in rows(part, "babel", "route")
             if row["address"] == PREFIX and row["state"] == "installed"]
    kernel = [row for row in rows(part, "kernel", "route") if row["address"] == PREFIX]
    return (len(babel) == 1 and len(kernel) == 1 and babel[0]["interface"] == interface
            and kernel[0]["interface"] == interface and kernel[0]["state"] == "babel"
            and babel[0]["metric"] > 0 and babel[0]["via"].startswith("fe80:"))


def two_neighbours(part):
    found = rows(part, "babel", "neighbour")
    return (len(found) == 2 and {row["interface"] for row in found} == {"ab", "ac"}
            and all(row["metric"] and row["quality"] > 0 for row in found))


def x0top(*words):
    return subprocess.run(on("a", X0TOP, *words), capture_output=True, text=True)


def enforce():
    """Lets the mesh filter on a enforce, with sets that follow babeld, and an x0top that brings them up to date."""
    filter_words = "--once", "--only", "xdp_mesh_filter", "-i", "ab", "-i", "ac"
    for words in ((*filter_words, "--enforce", "-d", "0.1"), ("sets", "feed", "far", "babel,routes"),
                  ("sets", "feed", "near", "babel"), ("rules", "add", "pass", "from", "@far"),
                  ("rules", "add", "pass", "from", "@near"), ("rules", "add", "drop", "proto", "tcp")):
        result = x0top(*words)
        if result.returncode != 0:
            sys.exit(f"{words}: {result.stdout} {result.stderr}")
    return subprocess.Popen(on("a", X0TOP, *filter_words, "-d", "3600"), stdout=subprocess.DEVNULL)


def decided_by(address):
    """The rule that decides about a TCP segment from there, by the kernel's tables."""
    result = x0top("rules", "--json", "check", address, "tcp", "9")
    return json.loads(result.stdout)["rule"] if result.returncode == 0 else result.stderr


def holds(what, test):
    global failures
    end, began = time.monotonic() + 60, time.monotonic()
    while not test():
        if time.monotonic() > end:
            failures += 1
            print(f"FAILED: {what}", x0top("sets", "list").stdout, x0top("sets", "show", "far").stdout, flush=True)
            return
        time.sleep(0.2)
    print(f"ok: {what} ({time.monotonic() - began:.1f} s)", flush=True)


def answered(address):
    """Whether a TCP segment from this address of c is answered by a, with a reset."""
    program = ("import socket, sys; s = socket.socket(); s.settimeout(1); s.bind((sys.argv[1], 0));"
               "sys.exit(s.connect_ex(('10.50.0.1', 9)) != 111)")
    return subprocess.run(on("c", sys.executable, "-c", program, address)).returncode == 0


def neighbours_of_a():
    return [row["address"] for row in rows(snapshot(), "babel", "neighbour")]


def test():
    until("without babeld, its source is absent, and that is no error",
          lambda part: state(part, "babel")["state"] == "absent" and not rows(part, "babel", "neighbour"))
    for node in "abc":
        start_babeld(node)
    until("both neighbours, with cost and quality", two_neighbours)
    until("the address of c by the direct link", lambda part: route_by(part, "ac"))
    follower = enforce()
    holds("a set of babeld's routes passes the address of c", lambda: decided_by(PREFIX) == 0)
    holds("and its packets", lambda: answered(PREFIX))
    holds("but not those from an address that it does not announce", lambda: decided_by("10.51.0.3") == 2)
    for address in neighbours_of_a():
        holds(f"a set of babeld's neighbours holds {address}", lambda: decided_by(address) == 1)
    run(*on("c", "ip", "link", "set", "ca", "down"))
    until("the route has moved", lambda part: route_by(part, "ab"))
    holds("the address of c is in the set, by the other way", lambda: decided_by(PREFIX) == 0)
    holds("its packets pass by the other way", lambda: answered(PREFIX))
    end("c")
    until("the route is gone", lambda part: state(part, "babel")["routes"] == 1
          and not [row for row in rows(part, "kernel", "route") if row["address"] == PREFIX])
    holds("the set has lost the address", lambda: decided_by(PREFIX) == 2)
    until("no source is asked that is not wanted",
          lambda part: not rows(part, "babel", "route") and rows(part, "kernel", "route"),
          "--neighbours", "kernel")
    until("a file's entries", lambda part: [row["address"] for row in rows(part, "file", "neighbour")] == ["10.1.2.3"],
          "--neighbours", f"file={entries()}")
    end("a")
    holds("the set of babeld that has ended is kept, and it is said",
          lambda: "stale since" in x0top("sets", "list").stdout and decided_by("10.50.0.1") in (0, 2))
    follower.terminate()
    follower.wait()
    x0top("programs", "down")
    until("babeld has ended", lambda part: state(part, "babel")["state"] == "absent")


def entries():
    path = WORK / "entries"
    path.write_text("# neighbours\n10.1.2.3 alder\n")
    return path


def end(node):
    process = babelds.pop(node)
    process.terminate()
    process.wait()


try:
    make_network()
    test()
finally:
    for node in list(babelds):
        end(node)
    for node in "abc":
        run("ip", "netns", "delete", node, check=False)
    shutil.rmtree(WORK)
sys.exit(failures > 0)
