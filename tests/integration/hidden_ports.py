# SPDX-License-Identifier: BSD-2-Clause
"""hidden_ports.py MAC: sends UDP to port 7777 of 10.9.0.1 and fd00::1 out of "out" in ways that make the port hard to
find, and at last, in plain, to 8888. Prints the ways of what came."""
import select
import socket
import struct
import sys

PORT, OTHER = 7777, 8888
A4, B4 = (socket.inet_aton(a) for a in ("10.9.0.2", "10.9.0.1"))
A6, B6 = (socket.inet_pton(socket.AF_INET6, a) for a in ("fd00::2", "fd00::1"))
UDP, FRAGMENT, DESTINATION = 17, 44, 60
ETHERNET = bytes.fromhex(sys.argv[1].replace(":", "")) + b"\x02\0\0\0\0\x09"
V4, V6 = b"\x08\0", b"\x86\xdd"
PRIORITY = b"\x81\0\0\0"  # a tag of VLAN 0, behind which the stack looks, however many there are


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp(port, pseudo, name):
    payload = name.encode().ljust(16)
    header = struct.pack("!HHH", 4000, port, 8 + len(payload))
    total = checksum(pseudo + struct.pack("!HH", UDP, 8 + len(payload)) + header + b"\0\0" + payload)
    return header + struct.pack("!H", total) + payload


def ipv4(payload, fragment=0):
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 7, fragment, 64, UDP, 0) + A4 + B4
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def ipv6(kind, payload):
    return struct.pack("!IHBB", 6 << 28, len(payload), kind, 64) + A6 + B6 + payload


def extension(following):
    return bytes([following, 0, 1, 4, 0, 0, 0, 0])  # PadN


def fragments(kind, payload, at, number):
    """In two: the first has `at` bytes."""
    return [
        ipv6(FRAGMENT, struct.pack("!BBHI", kind, 0, 1, number) + payload[:at]),
        ipv6(FRAGMENT, struct.pack("!BBHI", kind, 0, at, number) + payload[at:]),
    ]


def four(name, port=PORT):
    return udp(port, A4 + B4, name)


def six(name, port=PORT):
    return udp(port, A6 + B6, name)


def chain(name, length):
    kinds = [DESTINATION] * (length - 1) + [UDP]
    return b"".join(extension(kind) for kind in kinds) + six(name)


# The first fragment of "cut" ends within the chain, against RFC 7112. Linux takes it, also 6.18.
WAYS = {
    "ipv4": (V4, lambda name: [ipv4(four(name))]),
    "ipv6": (V6, lambda name: [ipv6(UDP, six(name))]),
    "8ext": (V6, lambda name: [ipv6(DESTINATION, chain(name, 8))]),
    "9ext": (V6, lambda name: [ipv6(DESTINATION, chain(name, 9))]),
    "20ext": (V6, lambda name: [ipv6(DESTINATION, chain(name, 20))]),
    "4tags": (PRIORITY * 4 + V4, lambda name: [ipv4(four(name))]),
    "5tags": (PRIORITY * 5 + V4, lambda name: [ipv4(four(name))]),
    "fragments4": (V4, lambda name: [ipv4(four(name)[:16], 0x2000), ipv4(four(name)[16:], 2)]),
    "fragments6": (V6, lambda name: fragments(UDP, six(name), 16, 1)),
    "atomic": (V6, lambda name: [ipv6(FRAGMENT, struct.pack("!BBHI", UDP, 0, 0, 2) + six(name))]),
    "cut": (V6, lambda name: fragments(DESTINATION, chain(name, 2), 8, 3)),
    "other4": (V4, lambda name: [ipv4(four(name, OTHER))]),
    "other6": (V6, lambda name: [ipv6(UDP, six(name, OTHER))]),
}


def bind(port):
    receiver = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    receiver.bind(("::", port))
    return receiver


receivers = [bind(PORT), bind(OTHER)]
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind(("out", 0))
for way, (ethertype, make) in WAYS.items():
    for packet in make(way):
        out.send(ETHERNET + ethertype + packet)
came = set()
while ready := select.select(receivers, [], [], 0.5 if "other6" in came else 60)[0]:
    came.update(receiver.recv(2048).decode().strip() for receiver in ready)
print(*(way for way in WAYS if way in came))
