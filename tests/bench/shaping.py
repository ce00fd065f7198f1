#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""shaping.py X0TOP: the rates that TCP and UDP get from "x0top qos preset uplink", from 100 kbit/s to 1 Gbit/s, between
two network namespaces: by IPv4 and IPv6, with one flow and eight, with GSO and without. Counts frames with
their Ethernet headers. Exit: 0, or 1 where a rate is off by more than 5 per cent. As root, in namespaces of
its own.
"""
import ctypes
import itertools
import multiprocessing
import os
import socket
import struct
import subprocess
import sys
import time

LIMIT = 0.05
AT_ONCE = 0.005  # seconds
UDP_SEGMENT = 103  # linux/udp.h
SEGMENT, SEGMENTS = 1400, 40
PORT = 5215
ADDRESSES = {4: ("10.215.0.1", "10.215.0.2"), 6: ("fd00:215::1", "fd00:215::2")}
RATES = {"100kbit/s": 1e5, "1Mbit/s": 1e6, "10Mbit/s": 1e7, "100Mbit/s": 1e8, "1Gbit/s": 1e9}


def run(command):
    subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)


def make_link():
    run("ip link add x0shape type veth peer name x0far")
    run("ip netns add x0far && ip link set x0far netns x0far")
    for family, (here, there) in ADDRESSES.items():
        size = 24 if family == 4 else 64
        flags = "" if family == 4 else "nodad"
        run(f"ip addr add {here}/{size} dev x0shape {flags}")
        run(f"ip -n x0far addr add {there}/{size} dev x0far {flags}")
    run("ip link set x0shape up && ip -n x0far link set x0far up")


def family_of(version):
    return socket.AF_INET if version == 4 else socket.AF_INET6


def receive(version, kind, ready):
    """In the far namespace: takes all that comes."""
    with open("/run/netns/x0far", encoding="ascii") as namespace:
        if ctypes.CDLL(None).setns(namespace.fileno(), 0) != 0:  # os.setns() is of 3.12
            sys.exit("there is no namespace for the receiver")
    server = socket.socket(family_of(version), kind)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((ADDRESSES[version][1], PORT))
    if kind == socket.SOCK_DGRAM:
        ready.set()
        while True:
            server.recv(65536)
    server.listen(64)
    ready.set()
    while True:
        connection = server.accept()[0]
        if os.fork() == 0:
            room = bytearray(1 << 18)
            while connection.recv_into(room):
                pass
            os._exit(0)
        connection.close()


def send(version, kind, rate):
    """Sends all that the link takes, and more."""
    client = socket.socket(family_of(version), kind)
    client.connect((ADDRESSES[version][1], PORT))
    data = bytes(1 << 16)
    if kind == socket.SOCK_DGRAM:
        client.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, SEGMENT)
        data = bytes(SEGMENT * (SEGMENTS if rate >= 1e8 else 1))
    while True:
        try:
            client.send(data)
        except OSError:
            time.sleep(0.001)


def sent_by_interface():
    with open("/proc/net/dev", encoding="ascii") as file:
        for line in file:
            name, _, counts = line.strip().partition(":")
            if name == "x0shape":
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


def sent_by_class():
    """Of all classes, by rtnetlink, as a process takes too long. A packet of GSO has the headers of all its
    frames, as on a wire: those that a veth counts lack them, 4 per cent of TCP."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as rtnetlink:
        link = socket.if_nametoindex("x0shape")
        rtnetlink.send(struct.pack("=IHHIIBxxxiIII", 36, 42, 0x301, 1, 0, 0, link, 0, 0, 0))
        data = rtnetlink.recv(1 << 16)  # RTM_GETTCLASS: all five in one
    while len(data) >= 36:
        length = struct.unpack_from("=I", data)[0]
        if struct.unpack_from("=I", data, 24)[0] == 0x783000FF:
            return bytes_of(data[:length])
        data = data[length:]
    return sys.exit("the link is not shaped")


def read(sent):
    """The time, and the bytes: both at once, as nothing else had the processor meanwhile."""
    while True:
        began = time.monotonic()
        count = sent()
        ended = time.monotonic()
        if ended - began < AT_ONCE:
            return (began + ended) / 2, count


def departure(sent):
    """Waits until a packet leaves. Returns the time, and the bytes that left before it: the time to the next
    one is what this one takes, and a packet of GSO may take a second."""
    before = read(sent)[1]
    while True:
        now, count = read(sent)
        if count != before:
            return now, before


def measure(version, kind, flows, rate, sent):
    """Bits a second of the frames that came out of the link."""
    seconds = 4 if rate < 1e6 else 1
    ready = multiprocessing.Event()
    # In a group of its own, with the processes that it makes.
    server = multiprocessing.Process(target=lambda: (os.setpgrp(), receive(version, kind, ready)))
    server.start()
    ready.wait(10)
    senders = [multiprocessing.Process(target=send, args=(version, kind, rate)) for _ in range(flows)]
    for sender in senders:
        sender.start()
    time.sleep(seconds / 2)
    began, first = departure(sent)
    time.sleep(seconds)
    ended, last = departure(sent)
    for sender in senders:
        sender.kill()
        sender.join()
    os.killpg(server.pid, 9)
    server.join()
    return 8 * (last - first) / (ended - began)


def main():
    x0top = sys.argv[1]
    worst, bad = 0, 0
    make_link()
    for gso, (name, rate) in itertools.product(("on", "off"), RATES.items()):
        run(f"ethtool -K x0shape gso {gso} tso {gso}")
        for version, kind, flows in itertools.product(
            (4, 6), (socket.SOCK_STREAM, socket.SOCK_DGRAM), (1, 8)
        ):
            run(f"{x0top} qos --yes preset uplink x0shape {name}")
            sent = sent_by_class if gso == "on" else sent_by_interface
            had = measure(version, kind, flows, rate, sent)
            run(f"{x0top} qos --yes off x0shape")  # what waits is not of the next
            off = had / rate - 1
            worst = max(worst, abs(off))
            bad += abs(off) > LIMIT
            what = "TCP" if kind == socket.SOCK_STREAM else "UDP"
            print(f"{name:>10} IPv{version} {what} {flows} flows, GSO {gso:3}: {100 * off:+.1f} %", flush=True)
    print(f"worst: {100 * worst:.1f} %, {bad} of 80 beyond {100 * LIMIT:.0f} %")
    return bad > 0


sys.exit(main())
