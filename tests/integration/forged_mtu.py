# SPDX-License-Identifier: BSD-2-Clause
"""forged_mtu.py NETNS: hears on "right" what 10.9.0.1 sends, its peer of x0top and a socket that this opens in NETNS,
claims to both that the path takes 576 bytes, and ends with 0 if the socket's packets are cut from then on, and none of
the peer's."""
import ctypes
import os
import socket
import struct
import sys
import time

PEER, OTHER, LARGE = 26970, 26999, 1200


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def sender(netns):
    """A socket as most programs have it, in the namespace of the peer."""
    libc, here = ctypes.CDLL(None), os.open("/proc/self/ns/net", os.O_RDONLY)
    libc.setns(os.open(netns, os.O_RDONLY), 0)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("10.9.0.1", OTHER))
    libc.setns(here, 0)
    return sock


def hear(sock, other, seconds):
    """Returns large packets as [source port, or None of later fragments, IP packet, whether it is a fragment]."""
    heard, sent, end = [], 0, time.monotonic() + seconds
    sock.settimeout(0.05)
    while time.monotonic() < end:
        if time.monotonic() > sent + 0.05:
            sent = time.monotonic()
            other.sendto(bytes(LARGE), ("10.9.0.2", OTHER))
        try:
            packet = sock.recv(65536)[14:]
        except socket.timeout:
            continue
        if packet[9] != socket.IPPROTO_UDP or packet[12:16] != bytes([10, 9, 0, 1]):
            continue
        cut = struct.unpack("!H", packet[6:8])[0] & 0x3FFF
        port = struct.unpack("!H", packet[20:22])[0] if cut & 0x1FFF == 0 else None
        if len(packet) > 500:
            heard.append((port, packet, cut != 0))
    return heard


def forge(packet):
    """Frag needed, from the receiver, for this packet."""
    icmp = struct.pack("!BBHHH", 3, 4, 0, 0, 576) + packet[:28]
    return icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]


sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
sock.bind(("right", 0))
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
other = sender(sys.argv[1])
before = hear(sock, other, 2)
for port in PEER, OTHER:
    of_port = [packet for number, packet, cut in before if number == port and not cut]
    if not of_port:
        sys.exit(f"nothing large and whole came from port {port}")
    raw.sendto(forge(of_port[0]), ("10.9.0.1", 0))
time.sleep(0.2)
after = hear(sock, other, 2)
peers, others = ([cut for number, _, cut in after if number == port] for port in (PEER, OTHER))
print(f"{len(peers)} packets of the peer, {sum(peers)} cut; {len(others)} of another program, {sum(others)} cut")
if not others or not all(others[-10:]):
    sys.exit("the forged message has no effect on this kernel")
if not peers or any(peers):
    sys.exit("the peer's are cut, or none came")
