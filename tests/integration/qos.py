# SPDX-License-Identifier: BSD-2-Clause
"""Senders and receivers of test_qos.sh: packets whose code points and sums are looked at, and rates."""
import socket
import struct
import sys
import threading
import time

HOST, PEER = ("10.9.0.1", "fd09::1"), ("10.9.0.2", "fd09::2")
PORT = 7000
UDP_SEGMENT = 103  # linux/udp.h
ECN = 2


def total(data):
    data += b"\0" * (len(data) % 2)
    value = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return value


def ip_at(frame):
    """Where the IP header begins, behind VLAN tags, and its version; None without one."""
    at = 12
    while struct.unpack_from("!H", frame, at)[0] in (0x8100, 0x88A8):
        at += 4
    return {0x0800: (at + 2, 4), 0x86DD: (at + 2, 6)}.get(struct.unpack_from("!H", frame, at)[0])


def frame_of(version, dscp, size, vlan, fragment):
    """A UDP datagram, or a later part of one, with all sums right."""
    payload = bytes(i * 7 & 255 for i in range(size))
    if version == 4:
        source, to = (socket.inet_pton(socket.AF_INET, a) for a in ("10.9.0.1", "10.9.0.2"))
    else:
        source, to = (socket.inet_pton(socket.AF_INET6, a) for a in ("fd09::1", "fd09::2"))
    udp = struct.pack("!HHHH", PORT, PORT, 8 + size, 0) + payload
    pseudo = source + to + struct.pack("!IHBB", len(udp), 0, 0, 17)
    udp = udp[:6] + struct.pack("!H", ~total(pseudo + udp) & 0xFFFF or 0xFFFF) + udp[8:]
    tos = dscp << 2 | ECN
    if version == 4:
        head = struct.pack("!BBHHHBBH", 0x45, tos, 20 + len(udp), 1, fragment, 64, 17, 0) + source + to
        head = head[:10] + struct.pack("!H", ~total(head) & 0xFFFF) + head[12:]
    else:
        after = 44 if fragment else 17
        more = struct.pack("!BBHI", 17, 0, fragment << 3, 1) if fragment else b""
        udp = more + udp
        head = struct.pack("!IHBB", 6 << 28 | tos << 20 | 5, len(udp), after, 64) + source + to
    tag = struct.pack("!HH", 0x8100, 5) if vlan else b""
    return b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01" + tag + struct.pack("!H", 0x0800 if version == 4 else 0x86DD) + head + udp


def sums_are_right(frame):
    at, version = ip_at(frame)
    if version == 4:
        if total(frame[at:at + 20]) != 0xFFFF:
            return False
        if struct.unpack_from("!H", frame, at + 6)[0] & 0x1FFF or frame[at + 9] != 17:
            return True
        length = struct.unpack_from("!H", frame, at + 2)[0] - 20
        udp = frame[at + 20:at + 20 + length]
        addresses = frame[at + 12:at + 20]
    else:
        if frame[at + 6] != 17:
            return True
        length = struct.unpack_from("!H", frame, at + 4)[0]
        udp = frame[at + 40:at + 40 + length]
        addresses = frame[at + 8:at + 40]
    return total(addresses + struct.pack("!IHBB", len(udp), 0, 0, 17) + udp) == 0xFFFF


def tos_of(frame):
    at, version = ip_at(frame)
    return frame[at + 1] if version == 4 else struct.unpack_from("!H", frame, at)[0] >> 4 & 0xFF


def expected():
    """All kinds of frames: of bulk (af11), which are marked; of best effort, which are not."""
    for version in (4, 6):
        for dscp in (10, 0):
            for vlan in (False, True):
                for fragment in (0, 5) if version == 4 else (0, 8):
                    for size in (1, 64, 701, 1400):
                        yield version, dscp, vlan, fragment, size


def send_frames(interface):
    """Each twice: the second meets what the first left behind."""
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    raw.bind((interface, 0))
    for version, dscp, vlan, fragment, size in list(expected()) * 2:
        raw.send(frame_of(version, dscp, size, vlan, fragment))


def check_frames(interface, marked):
    """Receives them, and prints what is wrong; `marked` is the code point of bulk."""
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    raw.bind((interface, 0))
    raw.setsockopt(263, 8, 1)  # SOL_PACKET, PACKET_AUXDATA: tags that the kernel took out are not looked at
    raw.settimeout(10)
    print("ready", flush=True)
    wanted = list(expected()) * 2
    while wanted:
        frame = raw.recv(65536)
        found = ip_at(frame)
        if found is None or frame[6:12] != b"\x02\0\0\0\0\x01":
            continue
        version, dscp, vlan, fragment, size = wanted.pop(0)
        tos = (marked if dscp == 10 else dscp) << 2 | ECN
        if tos_of(frame) != tos or not sums_are_right(frame) or found[1] != version:
            print("wrong:", version, dscp, vlan, fragment, size, "tos", tos_of(frame), "not", tos,
                  "sums", sums_are_right(frame))
    print("done")


def addresses(host, version):
    pair = HOST if host else PEER
    return pair[version == 6], socket.AF_INET6 if version == 6 else socket.AF_INET


def datagrams(version):
    """Datagrams of UDP that have come in, also those for which a socket had no room."""
    with open("/proc/net/snmp6" if version == 6 else "/proc/net/snmp", encoding="ascii") as file:
        lines = [line.split() for line in file]
    if version == 6:
        counts = dict(line for line in lines if len(line) == 2)
        return int(counts["Udp6InDatagrams"]) + int(counts["Udp6InErrors"])
    names, values = (line for line in lines if line[0] == "Udp:")
    counts = dict(zip(names, values))
    return int(counts["InDatagrams"]) + int(counts["InErrors"])


def now_and_datagrams(version):
    """Both at one time, as nothing else had the processor meanwhile."""
    while True:
        began = time.monotonic()
        count = datagrams(version)
        ended = time.monotonic()
        if ended - began < 0.005:
            return (began + ended) / 2, count


def receive(version, seconds, size, to_host):
    """Prints the rate of UDP in bit/s of frames, after the burst: all of it comes from flood()."""
    address, family = addresses(to_host, version)
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind((address, PORT))
    s.settimeout(10)
    first = datagrams(version)
    print("ready", flush=True)
    while datagrams(version) == first:
        time.sleep(0.01)
    time.sleep(0.7)
    began, first = now_and_datagrams(version)
    time.sleep(seconds)
    ended, last = now_and_datagrams(version)
    print((last - first) * (size + 14 + (20 if version == 4 else 40) + 8) * 8 / (ended - began))


def flood(version, size, flows, rate, to_host, segments):
    """Sends UDP at about twice `rate` until it is killed, `segments` at once, which the kernel parts."""
    address, family = addresses(to_host, version)
    sockets = [socket.socket(family, socket.SOCK_DGRAM) for _ in range(flows)]
    for s in sockets if segments > 1 else ():
        s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
    data = bytes(size * segments)
    begin = time.monotonic()
    sent = 0
    while True:
        while sent * segments * (size + 42) * 8 < 2 * rate * (time.monotonic() - begin):
            try:
                sockets[sent % flows].sendto(data, (address, PORT))
            except OSError:
                pass  # one that is dropped as it is sent may be told
            sent += 1
        time.sleep(0.0005)


def tcp_receive(version, to_host):
    """Prints the rate in bit/s of payload, and whether all of it was right."""
    address, family = addresses(to_host, version)
    s = socket.socket(family, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, PORT))
    s.listen()
    print("ready", flush=True)
    c = s.accept()[0]
    begin, right, at = time.monotonic(), True, 0
    pattern = bytes(range(251)) * 600
    while True:
        got = c.recv(65536)
        if not got:
            break
        right = right and got == pattern[at % 251:at % 251 + len(got)]
        at += len(got)
    print(at * 8 / (time.monotonic() - begin), "right" if right else "WRONG")


def tcp_send(version, seconds, to_host):
    address, family = addresses(to_host, version)
    s = socket.socket(family, socket.SOCK_STREAM)
    s.settimeout(10)
    s.connect((address, PORT))
    pattern = bytes(range(251)) * 600
    begin, at = time.monotonic(), 0
    while time.monotonic() - begin < seconds:
        at = (at + s.send(pattern[at:at + 65536])) % 251
    s.close()


def echo(version):
    address, family = addresses(False, version)
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.bind((address, PORT + 1))
    print("ready", flush=True)
    while True:
        data, sender = s.recvfrom(2048)
        s.sendto(data, sender)


def ask(version, count):
    """Prints the 99th percentile of round trips of control packets (cs6), in ms; lost ones are endless."""
    address, family = addresses(False, version)
    s = socket.socket(family, socket.SOCK_DGRAM)
    if version == 4:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 48 << 2)
    else:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, 48 << 2)
    s.settimeout(1)
    times = []
    for i in range(count):
        begin = time.monotonic()
        s.sendto(struct.pack("!I", i), (address, PORT + 1))
        try:
            while struct.unpack("!I", s.recv(2048))[0] != i:
                pass
            times.append((time.monotonic() - begin) * 1000)
        except socket.timeout:
            times.append(float("inf"))
        time.sleep(0.005)
    print(sorted(times)[int(count * 0.99)])


def main(what, *arguments):
    numbers = [float(a) if "." in a else int(a) if a.isdigit() else a for a in arguments]
    {"send-frames": send_frames, "check-frames": check_frames, "receive": receive, "flood": flood,
     "tcp-receive": tcp_receive, "tcp-send": tcp_send, "echo": echo, "ask": ask}[what](*numbers)


main(*sys.argv[1:])
