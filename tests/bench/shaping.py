#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""shaping.py X0TOP [shape|police]: the rates that iperf3 gets by TCP and UDP from "x0top qos preset uplink" and "x0top
qos police", from 100 kbit/s to 1 Gbit/s, between two network namespaces: by IPv4 and IPv6, with one flow and eight, with
GSO and without, policed as it is sent and as it is received.

Two counts: the frames that left the link by its own counters, with their Ethernet headers, and what iperf3's receiver
says, as the frames that carried it. A rate that is shaped is off where the first is not within 5 per cent: the second
has what filled gaps of TCP's at one end of a window, or lacks it at the other. One that is policed, with the usual
burst, is off where it is not within 5 per cent by the second, or, UDP from 100 Mbit/s on, by the datagrams that have come
in for its sockets; TCP from 1 Mbit/s on, beyond the burst that the window begins or ends with, as at 100 kbit/s it
delivers in its window what came before. The three lowest rates are measured at once, on a link each; the highest with
frames of 9,014 bytes, as an iperf3 sends no more than some 100,000 a second. Exit: 0, or 1 where a rate is off. As
root, in namespaces of its own.
"""
import concurrent.futures
import itertools
import json
import socket
import struct
import subprocess
import sys
import threading
import time

X0TOP = sys.argv[1]
LIMIT = 0.05
AT_ONCE = 0.005  # seconds
BULK = "40"  # af11, the class of what is measured: iperf3's own connection is of another
RATES = {"100kbit/s": 1e5, "1Mbit/s": 1e6, "10Mbit/s": 1e7, "100Mbit/s": 1e8, "1Gbit/s": 1e9}
BURST = 0.2  # seconds of the rate, but 64 kB at least, or half a second; 15 kB: iperf3 sends a packet of each flow at once
HEADERS = {4: 20, 6: 40}


def run(command):
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)


changes = threading.Lock()  # one x0top changes what is done to classes at a time


def qos(words):
    with changes:
        run(f"{X0TOP} qos --yes {words}")


class Link:
    """A pair of veth with a rate, and an iperf3 at both ends: which one sends is the client's choice."""

    def __init__(self, number, name):
        self.name, self.rate = name, RATES[name]
        self.here, self.there, self.ports = f"x0s{number}", f"x0f{number}", {4: 5201 + number, 6: 5301 + number}
        self.mtu = 1500 if self.rate < 1e9 else 9000
        self.addresses = {4: f"10.215.{number}.", 6: f"fd00:215:{number}::"}
        run(f"ip link add {self.here} type veth peer name {self.there} netns x0far")
        for version, size, flags in ((4, 24, ""), (6, 64, "nodad")):
            run(f"ip addr add {self.addresses[version]}1/{size} dev {self.here} {flags}")
            run(f"ip -n x0far addr add {self.addresses[version]}2/{size} dev {self.there} {flags}")
        run(f"ip link set {self.here} mtu {self.mtu} up && ip -n x0far link set {self.there} mtu {self.mtu} up")
        # One for both would not mark what it sends by IPv4.
        self.servers = [
            subprocess.Popen(
                ["ip", "netns", "exec", "x0far", "iperf3", "-s", f"-{version}", "-p", str(self.ports[version])],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            ) for version in HEADERS
        ]  # fmt: skip

    def set_gso(self, gso):
        run(f"ethtool -K {self.here} gso {gso} tso {gso}")
        run(f"ip netns exec x0far ethtool -K {self.there} gso {gso} tso {gso}")

    def is_ready(self):
        far = subprocess.run(["ip", "netns", "exec", "x0far", "ss", "-Hltn"], check=True, stdout=subprocess.PIPE)
        return all(f":{port} ".encode() in far.stdout for port in self.ports.values())

    def payload(self):
        """Of UDP."""
        return self.mtu - 100

    def burst(self):
        """In seconds."""
        return max(BURST, min(0.5, 65536 * 8 / self.rate), 15000 * 8 / self.rate)

    def frames(self, version, kind):
        """Bytes of a frame for each of payload; TCP's segments fill frames, and have times."""
        if kind == "TCP":
            return (self.mtu + 14) / (self.mtu - HEADERS[version] - 32)
        return (self.payload() + 14 + HEADERS[version] + 8) / self.payload()

    def start(self, version, kind, flows, seconds, received):
        command = ["iperf3", "-J", "-c", self.addresses[version] + "2", "-p", str(self.ports[version]), "-P", str(flows),
                   "-S", BULK, "-O", "1", "-t", str(seconds)] + ["-R"] * received  # fmt: skip
        if kind == "UDP":
            offered = (3 if self.rate < 1e9 else 1.5) * self.rate
            command += ["-u", "-l", str(self.payload()), "-b", str(int(offered / flows))]
        elif self.rate < 1e7:
            command += ["-l", "4K", "-w", "32K"]  # a block of the usual size takes ten seconds
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


# --- the link's own counters ----------------------------------------------------------------------


def sent_by_interface(link):
    with open("/proc/net/dev", encoding="ascii") as file:
        for line in file:
            name, _, counts = line.strip().partition(":")
            if name == link.here:
                return int(counts.split()[8])
    return sys.exit("the link is gone")


def attributes(data):
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind & 0x3FFF, data[4:length]
        data = data[(length + 3) & ~3 :]


def bytes_of(message):
    """TCA_STATS2, TCA_STATS_BASIC"""
    stats = dict(attributes(dict(attributes(message[36:]))[7]))
    return struct.unpack_from("=Q", stats[1])[0]


def sent_by_class(link):
    """Of all classes, by rtnetlink, as a process takes too long. A packet of GSO has the headers of all its
    frames, as on a wire: those that a veth counts lack them, 4 per cent of TCP."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as rtnetlink:
        index = socket.if_nametoindex(link.here)
        rtnetlink.send(struct.pack("=IHHIIBxxxiIII", 36, 42, 0x301, 1, 0, 0, index, 0, 0, 0))
        data = rtnetlink.recv(1 << 16)  # RTM_GETTCLASS: all five in one
    while len(data) >= 36:
        length = struct.unpack_from("=I", data)[0]
        if struct.unpack_from("=I", data, 24)[0] == 0x783000FF:
            return bytes_of(data[:length])
        data = data[length:]
    return sys.exit("the link is not shaped")


def read(sent, link):
    """The time, and the bytes: both at once, as nothing else had the processor meanwhile."""
    while True:
        began = time.monotonic()
        count = sent(link)
        ended = time.monotonic()
        if ended - began < AT_ONCE:
            return (began + ended) / 2, count


def departure(sent, link):
    """Waits until a packet leaves. Returns the time, and the bytes that left before it: the time to the next
    one is what this one takes, and a packet of GSO may take a second."""
    before = read(sent, link)[1]
    until = time.monotonic() + 10
    while time.monotonic() < until:
        now, count = read(sent, link)
        if count != before:
            return now, before
        if link.rate < 1e7:
            time.sleep(0.0005)
    return sys.exit("nothing is sent")


# --- measuring ------------------------------------------------------------------------------------


def seconds_of(link, measure, kind):
    """A packet of TCP may have some frames, and take half a second at the lowest rate."""
    if measure is police:
        return 12 if link.rate < 1e7 and kind == "TCP" else 8 if link.rate < 1e6 else 4
    return 2 if link.rate >= 1e6 else 9 if kind == "TCP" else 5


def goodput(link, client, version, kind):
    """What iperf3's receiver had, in bit/s of the frames that carried it. None: it failed."""
    try:
        report = json.loads(client.communicate(timeout=60)[0])["end"]
    except (KeyError, ValueError, subprocess.TimeoutExpired):
        client.kill()
        return None
    if "sum_received" in report:
        bits = report["sum_received"]["bits_per_second"]
    elif "sum" in report:
        bits = report["sum"]["bits_per_second"] * (1 - report["sum"]["lost_percent"] / 100)
    else:
        return None
    return bits * link.frames(version, kind) / link.rate - 1


def shape(link, gso, version, kind, flows):
    """Returns how much both counts are off."""
    sent = sent_by_class if gso == "on" else sent_by_interface
    qos(f"preset uplink {link.here} {link.name}")
    client = link.start(version, kind, flows, seconds_of(link, shape, kind), False)
    departure(sent, link)
    time.sleep(1)
    began, first = departure(sent, link)
    time.sleep(seconds_of(link, shape, kind) - 1.2)
    ended, last = departure(sent, link)
    had = goodput(link, client, version, kind)
    qos(f"off {link.here}")  # what waits is not of the next
    return 8 * (last - first) / (ended - began) / link.rate - 1, had


def datagrams(version, way):
    """UDP that has come in where it is received, also what a socket had no room for; and when."""
    where = ["ip", "netns", "exec", "x0far"] if way == "out" else []
    path = "/proc/net/snmp" if version == 4 else "/proc/net/snmp6"
    text = subprocess.run(where + ["cat", path], check=True, stdout=subprocess.PIPE, text=True).stdout
    now, lines = time.monotonic(), [line.split() for line in text.splitlines()]
    if version == 6:
        counts = dict(line for line in lines if len(line) == 2)
        return now, int(counts["Udp6InDatagrams"]) + int(counts["Udp6InErrors"])
    counts = dict(zip(*(line for line in lines if line[0] == "Udp:")))
    return now, int(counts["InDatagrams"]) + int(counts["InErrors"])


def passed(link, version, way):
    """How much is off what passes the policer, of a link that nothing else is measured beside."""
    time.sleep(1.5)  # the burst
    began, first = datagrams(version, way)
    time.sleep(2)
    ended, last = datagrams(version, way)
    frame = link.payload() * link.frames(version, "UDP")
    return 8 * frame * (last - first) / (ended - began) / link.rate - 1


def police(link, way, version, kind, flows):
    burst = f"{link.burst() * link.rate / 8000:.0f}kB" if link.rate < 1e6 else ""
    qos(f"police {link.here} {way} bulk {link.name} {burst}")
    seconds = seconds_of(link, police, kind)
    client = link.start(version, kind, flows, seconds, way == "in")
    left = passed(link, version, way) if kind == "UDP" and link.rate >= 1e8 else None
    had = goodput(link, client, version, kind)
    qos(f"off {link.here}")
    return left, had


def is_off(link, measure, kind, left, had):
    if had is None:
        return True
    if measure is shape:
        return abs(left) > LIMIT
    if kind == "UDP":
        return abs(had if left is None else left) > LIMIT
    return link.rate >= 1e6 and abs(had) > LIMIT + link.burst() / seconds_of(link, police, kind)


def percent(off):
    return f"{100 * off:+.1f} %" if off is not None else "-"


def measure_all(links, measure, what, arguments):
    """Measures one kind of traffic at all rates. Returns the lines that are off."""
    kind = arguments[2]
    with concurrent.futures.ThreadPoolExecutor() as together:
        slow = list(together.map(lambda link: measure(link, *arguments), links[:3]))
    results = slow + [measure(link, *arguments) for link in links[3:]]
    bad = 0
    for link, (left, had) in zip(links, results):
        off = is_off(link, measure, kind, left, had)
        bad += off
        print(f"{link.name:>10} {what}: left {percent(left)}, iperf3 {percent(had)}{', OFF' * off}", flush=True)
    return bad


def combinations(first):
    return itertools.product(first, (4, 6), ("TCP", "UDP"), (1, 8))


def shape_all(links):
    bad = n = 0
    for gso, version, kind, flows in combinations(("on", "off")):
        for link in links:
            link.set_gso(gso)
        what = f"shaped, IPv{version} {kind} {flows} flows, GSO {gso:3}"
        bad += measure_all(links, shape, what, (gso, version, kind, flows))
        n += len(links)
    return bad, n


def police_all(links):
    bad = n = 0
    for i, (_, version, kind, flows) in enumerate(combinations(("",))):
        # Half of the ways: each beside each of the others.
        way, gso = ("out", "in")[bin(i).count("1") % 2], ("on", "off")[(i >> 1 ^ i >> 2) % 2]
        for link in links:
            link.set_gso(gso)
        what = f"policed, {way:3}, IPv{version} {kind} {flows} flows, GSO {gso:3}"
        bad += measure_all(links, police, what, (way, version, kind, flows))
        n += len(links)
    return bad, n


def main():
    run("ip netns add x0far")
    links = [Link(number, name) for number, name in enumerate(RATES)]
    until = time.monotonic() + 10
    while not all(link.is_ready() for link in links):
        if time.monotonic() > until:
            sys.exit("iperf3 does not listen")
        time.sleep(0.05)
    bad = 0
    try:
        for part in sys.argv[2:] or ("shape", "police"):
            off, n = {"shape": shape_all, "police": police_all}[part](links)
            print(f"{part}: {off} of {n} are off by more than {100 * LIMIT:.0f} %", flush=True)
            bad += off
    finally:
        for link in links:
            for server in link.servers:
                server.kill()
    return bad > 0


sys.exit(main())
