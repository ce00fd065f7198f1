# SPDX-License-Identifier: BSD-2-Clause
"""Counts the same packets in every way there is, and compares.

A namespace sends known frames of every protocol over three veth pairs into the namespace where x0top
runs: one pair has addresses, one is a port of a bridge, one lies below a macvlan. A fourth pair carries a
stream both ways, which the stack handles in packets of many segments. What x0top says of
them (XDP, TC, tracepoints, links, rules, runs) is compared with what was sent, with the kernel's own
counters, with nftables' and with bpftrace's, in both directions. A difference that is right has its name in the
manual: "Numbers that differ".

    consistency.py X0TOP            all modes
    consistency.py send INTERFACE   sends the frames (in the other namespace)
"""
import ctypes
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

HERE_MAC, THERE_MAC = "02:00:00:00:98:01", "02:00:00:00:98:02"
HERE, THERE, UNWANTED = "10.98.0.1", "10.98.0.2", "10.98.0.66"
OPEN, CLOSED, STREAM, BULK, BABEL = 4000, 4009, 4010, 4011, 6696
BULK_HERE, BULK_BYTES, BULK_HEADERS = "10.98.6.1", 1 << 20, 14 + 20 + 32
ETHERNET = 14  # bytes of its header
EF, CS1 = 46 << 2, 8 << 2  # as IP's type of service
DEADLINE_S = 60

# --- frames ------------------------------------------------------------------------------------------


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ethernet(ethertype, payload, to=HERE_MAC):
    return (mac(to) + mac(THERE_MAC) + struct.pack("!H", ethertype) + payload).ljust(60, b"\0")


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(protocol, payload, source=THERE, to=HERE, fragment=0, number=1, wrong=0, service=0, words=5):
    header = struct.pack("!BBHHHBBH4s4s", 0x40 + words, service, 20 + len(payload), number, fragment, 64, protocol, 0,
                         socket.inet_aton(source), socket.inet_aton(to))
    sum_ = checksum(header) ^ wrong
    return header[:10] + struct.pack("!H", sum_) + header[12:] + payload


def udp(port, size=100):
    return struct.pack("!HHHH", 5000, port, 8 + size, 0) + b"x" * size


def tcp_syn(port):
    header = struct.pack("!HHIIBBHHH", 5000, port, 1, 0, 0x50, 2, 1000, 0, 0)
    pseudo = socket.inet_aton(THERE) + socket.inet_aton(HERE) + struct.pack("!BBH", 0, 6, len(header))
    return header[:16] + struct.pack("!H", checksum(pseudo + header)) + header[18:]


def icmp_echo():
    echo = struct.pack("!BBHHH", 8, 0, 0, 1, 1) + b"y" * 56
    return echo[:2] + struct.pack("!H", checksum(echo)) + echo[4:]


def ipv6(protocol, payload):
    return struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + b"\xfd" + b"\0" * 14 + b"\2" + \
        b"\xfd" + b"\0" * 14 + b"\1" + payload


def arp(target):
    return struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, mac(THERE_MAC), socket.inet_aton(THERE), b"\0" * 6,
                       socket.inet_aton(target))


# name: (how many, frame)
FRAMES = {
    "udp to an open port": (40, ethernet(0x0800, ipv4(17, udp(OPEN)))),
    "udp to a closed port": (30, ethernet(0x0800, ipv4(17, udp(CLOSED)))),
    "tcp to a closed port": (20, ethernet(0x0800, ipv4(6, tcp_syn(CLOSED)))),
    "icmp echo": (25, ethernet(0x0800, ipv4(1, icmp_echo()))),
    "first fragment": (8, ethernet(0x0800, ipv4(17, udp(OPEN, 152)[:80], fragment=0x2000, number=7))),
    "last fragment": (8, ethernet(0x0800, ipv4(17, udp(OPEN, 152)[80:], fragment=10, number=7))),
    "multicast": (15, ethernet(0x0800, ipv4(17, udp(OPEN), to="224.0.0.99"), to="01:00:5e:00:00:63")),
    "to another host": (12, ethernet(0x0800, ipv4(17, udp(OPEN)), to="02:00:00:00:98:77")),
    "wrong checksum": (11, ethernet(0x0800, ipv4(17, udp(OPEN), wrong=1))),
    "unwanted": (50, ethernet(0x0800, ipv4(17, udp(OPEN), source=UNWANTED))),
    "sctp": (3, ethernet(0x0800, ipv4(132, b"\0" * 28))),
    "babel": (14, ethernet(0x0800, ipv4(17, udp(BABEL)))),
    "expedited": (16, ethernet(0x0800, ipv4(17, udp(OPEN), service=EF))),
    "low priority": (17, ethernet(0x0800, ipv4(17, udp(OPEN), service=CS1))),
    "short header": (4, ethernet(0x0800, ipv4(17, udp(OPEN), words=4))),
    "icmpv6": (9, ethernet(0x86DD, ipv6(58, b"\x80\0\0\0\0\1\0\1"))),
    "tcp in ipv6": (7, ethernet(0x86DD, ipv6(6, tcp_syn(CLOSED)))),
    "udp in ipv6": (18, ethernet(0x86DD, ipv6(17, udp(OPEN)))),
    "arp": (13, ethernet(0x0806, arp(HERE))),
    "vlan": (10, ethernet(0x8100, struct.pack("!HH", 42, 0x0800) + ipv4(17, udp(OPEN)))),
    "vlan of a provider": (19, ethernet(0x88A8, struct.pack("!HH", 43, 0x0800) + ipv4(17, udp(OPEN)))),
    "batman": (6, ethernet(0x4305, b"\x15" + b"\0" * 45)),
    "unknown ethertype": (5, ethernet(0x88B5, b"\0" * 46)),
}


def sent(*names):
    return sum(FRAMES[name][0] for name in names or FRAMES)


def send_frames(interface):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((interface, 0))
        for count, frame in FRAMES.values():
            for _ in range(count):
                raw.send(frame)


def talk_tcp():
    """Small messages there and back: nothing is merged or split, and both sides send."""
    with socket.create_connection((HERE, STREAM)) as stream:
        for _ in range(20):
            stream.sendall(b"z" * 100)
            stream.recv(100, socket.MSG_WAITALL)


def talk_bulk():
    """A stream there and back, in packets as large as the stack makes them."""
    with socket.create_connection((BULK_HERE, BULK)) as stream:
        stream.sendall(b"b" * BULK_BYTES)
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(BULK_BYTES):
            pass


# --- the two namespaces ------------------------------------------------------------------------------

INTERFACES = ("v0", "v2", "v4")  # here; their peers there are v1, v3, v5
STREAMING = "v6"  # and v7
WATCHED = INTERFACES + (STREAMING,)


def run(command, **options):
    return subprocess.run(command, shell=True, check=True, text=True, stdout=subprocess.PIPE, **options).stdout


def there(command):
    return run("nsenter --net=/run/netns/there " + command)


def make_networks():
    run("ip netns add there && ip link set lo up")
    for namespace in ("", "nsenter --net=/run/netns/there "):
        run(namespace + "sh -c 'for i in all default; do echo 1 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; done'")
    for n in (0, 2, 4, 6):
        run(f"ip link add v{n} address {HERE_MAC} type veth peer name v{n + 1} address {THERE_MAC} netns there")
        there(f"ip link set v{n + 1} up")
    run("ip link add b0 address " + HERE_MAC + " type bridge mcast_snooping 0 && ip link set v2 master b0")
    run("ip link add m0 link v4 address 02:00:00:00:98:44 type macvlan mode bridge")
    for name in WATCHED + ("b0", "m0"):
        run(f"ip link set {name} up")
    run(f"ip addr add {HERE}/24 dev v0 && ip neigh replace {THERE} lladdr {THERE_MAC} dev v0 nud permanent")
    run(f"ip addr add 10.98.2.1/24 dev b0 && ip addr add 10.98.4.1/24 dev m0")
    for net, name in (("2", "b0"), ("4", "m0")):
        run(f"ip neigh replace 10.98.{net}.2 lladdr {THERE_MAC} dev {name} nud permanent")
    run(f"ip addr add {BULK_HERE}/24 dev v6 && ip neigh replace 10.98.6.2 lladdr {THERE_MAC} dev v6 nud permanent")
    there("ip addr add 10.98.6.2/24 dev v7")
    there(f"ip neigh replace {BULK_HERE} lladdr {HERE_MAC} dev v7 nud permanent")
    there(f"ip addr add {THERE}/24 dev v1")
    there(f"ip neigh replace {HERE} lladdr {HERE_MAC} dev v1 nud permanent")
    # Else the reverse path of a frame that comes in over another pair would be looked for.
    run("sh -c 'for i in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$i; done'")
    # Answers would come at the kernel's pace.
    run("echo 0 >/proc/sys/net/ipv4/icmp_ratelimit")


# name: what it matches, one or the other
NFT_COUNTERS = {
    "all": [""],
    "ipv4": ["ether type ip"],
    "ipv6": ["ether type ip6"],
    "arp": ["ether type arp"],
    "tcp": ["meta l4proto tcp"],
    "udp": ["meta l4proto udp"],
    "icmp": ["meta l4proto icmp"],
    "icmpv6": ["meta l4proto icmpv6"],
    "sctp": ["meta l4proto sctp"],
    "babel": [f"udp dport {BABEL}"],
    "resets": ["tcp flags & rst == rst"],
    # The classes of these packets by x0top's default table; the others are best effort.
    "class_control": ["ether type arp", "meta l4proto { icmp, icmpv6 }"],
    "class_mesh": ["ether type 0x4305", f"udp dport {BABEL}"],
    "class_interactive": ["ip dscp ef"],
    "class_bulk": ["ip dscp cs1"],
}
CLASSES = ("control", "mesh", "interactive", "bulk")


def make_nft():
    rules = []
    for name in WATCHED:
        for hook in ("ingress", "egress"):
            rules.append(f"table netdev {name}_{hook} {{")
            rules += [f"counter of_{counter} {{ }}" for counter in NFT_COUNTERS]
            rules.append(f"chain c {{ type filter hook {hook} device {name} priority 0;")
            rules += [f"{match} counter name of_{counter}"
                      for counter, matches in NFT_COUNTERS.items() for match in matches]
            rules += ["}", "}"]
    run("nft -f -", input="\n".join(rules))


def nft_counts():
    counts = {}
    for item in json.loads(run("nft -j list counters"))["nftables"]:
        if "counter" in item:
            counter = item["counter"]
            counts[counter["table"], counter["name"].removeprefix("of_")] = counter["packets"]
    return counts


def link_counts():
    return {link["ifname"]: link["stats64"] for link in json.loads(run("ip -s -j link"))}


# --- what counts -------------------------------------------------------------------------------------


def wait_until(what, condition):
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"FAILED: {what} within {DEADLINE_S} s")
        time.sleep(0.05)


def links_of(pid):
    """The types of the BPF links that a process holds."""
    types = []
    for name in os.listdir(f"/proc/{pid}/fdinfo"):
        try:
            with open(f"/proc/{pid}/fdinfo/{name}", encoding="ascii") as file:
                types += re.findall(r"link_type:\s*(\w+)", file.read())
        except OSError:
            pass
    return types


class Bpftrace:
    """Counts kfree_skb by reason in this namespace: an oracle of drops. Attaching native XDP to a veth frees an
    empty packet, before x0top counts (napi_get_frags_check())."""

    def __init__(self):
        inode = os.stat("/proc/self/ns/net").st_ino
        program = f"""tracepoint:skb:kfree_skb {{
            $packet = (struct sk_buff *)args->skbaddr;
            if ($packet->len && $packet->dev->nd_net.net->ns.inum == {inode}) {{ @[args->reason] = count(); }} }}"""
        self.process = subprocess.Popen(["bpftrace", "-e", program], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        wait_until("bpftrace attaches", self.attached)

    def attached(self):
        return any(probe["pid"] == self.process.pid for probe in json.loads(run("bpftool -j perf") or "[]"))

    def counts(self, names):
        self.process.send_signal(signal.SIGINT)
        output = self.process.communicate(timeout=DEADLINE_S)[0]
        return {names[int(reason)]: int(count) for reason, count in re.findall(r"@\[(\d+)\]: (\d+)", output)}


def reason_names():
    text = run("bpftool btf dump file /sys/kernel/btf/vmlinux | "
               "grep -A 400 \"ENUM 'skb_drop_reason'\" | sed '1d;/^\\[/,$d'")
    return {int(value): re.sub("^SKB_(DROP_REASON_)?", "", name)
            for name, value in re.findall(r"'(\w+)' val=(\d+)", text)}


class X0top:
    PROGRAMS = ("xdp_counter", "tracepoint_net", "tc_classifier")

    def __init__(self, program, options, seconds):
        command = [program, "--once", "--json", "-d", str(seconds), *options]
        for name in WATCHED:
            command += ["-i", name]
        for name in self.PROGRAMS:
            command += ["--only", name]
        self.filters = "xdp_mesh_filter" in options
        self.enforces = "--enforce" in options
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        # Each program is attached once its links are: the classifier's are the last to come.
        wait_until("x0top attaches", self.attached)
        # Rules are in force, and dropped by, a little after that.
        wait_until("the rules are in force", self.in_force)

    def attached(self):
        links = links_of(self.process.pid)
        classified = links.count("tcx") >= 2 * len(WATCHED) or \
            all("tc_egress" in run(f"tc filter show dev {name} egress") for name in WATCHED)
        return links.count("tracing") + links.count("raw_tracepoint") >= 6 and classified

    def in_force(self):
        if not self.filters:
            return True
        dump = run("bpftool -j map dump name mesh_filter_con")
        rules = re.search(r"\"set\": ?[1-9]", dump)
        control = re.search(r"\"enforce\": ?(1|\"0x01\")", dump)
        return bool(rules) and (bool(control) or not self.enforces)

    def snapshot(self):
        return json.loads(self.process.communicate(timeout=DEADLINE_S)[0])


# --- comparing ---------------------------------------------------------------------------------------

failures = 0


def same(what, **counts):
    global failures
    if len(set(counts.values())) != 1:
        print(f"FAILED: {what}: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
        failures += 1


def total(traffic, unit="packets"):
    return traffic[unit]["total"]


def find(rows, name):
    return next(row for row in rows if row["name"] == name)


def classes(tc, interface, direction, unit="packets"):
    return sum(total(row["directions"][direction], unit)
               for row in tc["interfaces_classes"] if row["interface"] == interface)


def compare_classes(name, s, nft):
    """Each class in both directions, by nftables' conditions, which nothing of x0top's reads."""
    rows = [row for row in s["tc"]["interfaces_classes"] if row["interface"] == name]
    for direction in ("ingress", "egress"):
        counted = {row["name"]: total(row["directions"][direction]) for row in rows}
        right = {of: nft[f"{name}_{direction}", "class_" + of] for of in CLASSES}
        right["best_effort"] = nft[f"{name}_{direction}", "all"] - sum(right.values())
        for of, count in right.items():
            same(f"{name}: class {of}, {direction}", tc=counted[of], nft=count)


def compare_link(name, s, kernel):
    """The kernel's own counts are those that ip shows."""
    link = find(s["links"]["links"], name)
    for way, said in (("rx", "receive"), ("tx", "send")):
        moved, of = link["received" if way == "rx" else "sent"], kernel[name][way]
        same(f"{name}: {said}, link", json=(total(moved), total(moved, "bytes"), link[said + "_errors"]["total"],
                                            link[said + "_dropped"]["total"]),
             ip=(of["packets"], of["bytes"], of["errors"], of["dropped"]))


def compare_sums(what, row):
    """The ways in which one interface's frames are split add up."""
    same(f"{what}: XDP's sums", all=total(row["all"]),
         **{part: sum(total(of) for of in row[part].values()) for part in ("verdicts", "networks", "transports")},
         frame_sizes=sum(of["total"] for of in row["frame_sizes"].values()))


def compare_interface(name, s, kernel, nft):
    xdp, tc = find(s["packets"]["interfaces"], name), find(s["tc"]["interfaces"], name)
    net = find(s["net_events"]["interfaces"], name)
    dropped = total(xdp["verdicts"]["drop"])
    ingress = {counter: nft[f"{name}_ingress", counter] for counter in NFT_COUNTERS}

    compare_sums(name, xdp)
    same(f"{name}: frames that arrived", xdp=total(xdp["all"]), kernel=kernel[name]["rx"]["packets"])
    # With native XDP, veth counts what arrives without the Ethernet header.
    header = ETHERNET if xdp["hook"] == "native XDP" else 0
    same(f"{name}: bytes that arrived", xdp=total(xdp["all"], "bytes") - header * total(xdp["all"]),
         kernel=kernel[name]["rx"]["bytes"])
    same(f"{name}: packets behind the chain", xdp=total(xdp["all"]) - dropped, tc=classes(s["tc"], name, "ingress"),
         nft=ingress["all"])
    # Generic XDP runs behind the tracepoint, native XDP before it.
    same(f"{name}: packets received", tracepoint=total(net["received"]),
         xdp=total(xdp["all"]) - (dropped if xdp["hook"] == "native XDP" else 0))
    same(f"{name}: packets sent", tc=classes(s["tc"], name, "egress"), tracepoint=total(net["transmitted"]),
         kernel=kernel[name]["tx"]["packets"], nft=nft[f"{name}_egress", "all"])
    same(f"{name}: bytes sent", tc=classes(s["tc"], name, "egress", "bytes"),
         tracepoint=total(net["transmitted"], "bytes"), kernel=kernel[name]["tx"]["bytes"])
    # A tag that the stack has moved beside the packet is in the tracepoint's bytes, and not in TC's.
    if not dropped:
        same(f"{name}: bytes behind the chain", tracepoint=total(net["received"], "bytes"),
             tc=classes(s["tc"], name, "ingress", "bytes") + 4 * tc["vlan"]["ingress"]["total"])
    tagged = sent("vlan", "vlan of a provider")
    same(f"{name}: VLAN tags", xdp=xdp["vlan"]["total"], tc=tc["vlan"]["ingress"]["total"], sent=tagged)
    same(f"{name}: malformed", xdp=xdp["malformed"]["total"], sent=sent("short header"))
    same(f"{name}: fragments", xdp=xdp["fragments"]["total"], sent=sent("first fragment", "last fragment"))
    same(f"{name}: mesh", xdp=total(xdp["networks"]["batman-adv"]), sent=sent("batman"))
    # The chain drops UDP in IPv4 alone. XDP looks behind a VLAN tag; nft's "ether type" does not.
    for network, without in (("ipv4", dropped + tagged), ("ipv6", 0), ("arp", 0)):
        same(f"{name}: {network}", xdp=total(xdp["networks"][network]) - without, nft=ingress[network])
    for transport, counter, without in (("tcp", "tcp", 0), ("udp", "udp", sent("unwanted") if dropped else 0),
                                    ("mesh UDP", "babel", 0), ("icmp", "icmp", 0), ("icmpv6", "icmpv6", 0),
                                    ("other", "sctp", 0)):
        same(f"{name}: {transport}", xdp=total(xdp["transports"][transport]) - without,
             nft=ingress[counter] - (ingress["babel"] if counter == "udp" else 0))


def compare_stacked(s, kernel):
    """A bridge takes packets up by a report of its own; a macvlan takes them over without one."""
    bridge, macvlan = (find(s["net_events"]["interfaces"], name) for name in ("b0", "m0"))

    same("b0: received", tracepoint=total(bridge["received"]), kernel=kernel["b0"]["rx"]["packets"])
    for row in (bridge, macvlan):
        same(f"{row['name']}: transmitted", tracepoint=total(row["transmitted"]),
             kernel=kernel[row["name"]]["tx"]["packets"])
    same("m0: received is not known", json=macvlan["received"], right=None)
    # A bridge counts what it hands up behind the Ethernet header; the loopback all that passes.
    same("b0: bytes received", tracepoint=total(bridge["received"], "bytes"),
         kernel=kernel["b0"]["rx"]["bytes"] + ETHERNET * kernel["b0"]["rx"]["packets"])
    loopback = find(s["net_events"]["interfaces"], "lo")
    for way, moved in (("rx", loopback["received"]), ("tx", loopback["transmitted"])):
        same(f"lo: {way}", tracepoint=(total(moved), total(moved, "bytes")), kernel=(
            kernel["lo"][way]["packets"], kernel["lo"][way]["bytes"] + ETHERNET * kernel["lo"][way]["packets"]))


def compare_segments(s, kernel, nft):
    """What the stack handles in packets of many segments: TC counts these, also for the counter; generic XDP and
    the tracepoints count packets. With native XDP, the peer sends each segment by itself."""
    xdp, net = find(s["packets"]["interfaces"], STREAMING), find(s["net_events"]["interfaces"], STREAMING)
    of, hook, name = kernel[STREAMING], xdp["hook"], STREAMING
    segments, received = classes(s["tc"], name, "ingress"), of["rx"]["packets"]

    same(f"{name}: packets received", tracepoint=total(net["received"]), kernel=received, nft=nft[f"{name}_ingress", "all"])
    same(f"{name}: counted by {hook}", xdp=total(xdp["all"]), right=segments if hook == "TC" else received)
    same(f"{name}: has segments", tc=segments > received, right=hook != "native XDP")
    same(f"{name}: bytes received", xdp=total(xdp["all"], "bytes"), tc=classes(s["tc"], name, "ingress", "bytes"),
         tracepoint=total(net["received"], "bytes"),
         kernel=of["rx"]["bytes"] + (ETHERNET * received if hook == "native XDP" else 0))
    sent_segments, packets = classes(s["tc"], name, "egress"), total(net["transmitted"])
    same(f"{name}: packets sent", tracepoint=packets, kernel=of["tx"]["packets"], nft=nft[f"{name}_egress", "all"])
    same(f"{name}: sends segments", tc=sent_segments > packets, right=True)
    # TC counts what leaves with the headers of each segment.
    same(f"{name}: bytes sent", tracepoint=total(net["transmitted"], "bytes"), kernel=of["tx"]["bytes"],
         tc=classes(s["tc"], name, "egress", "bytes") - BULK_HEADERS * (sent_segments - packets))
    compare_sums(name, xdp)


def compare_drops(s, oracle, judged, enforcing):
    net = s["net_events"]
    by_reason = {}
    for row in net["drops"]:
        by_reason[row["reason"]] = by_reason.get(row["reason"], 0) + row["packets"]["total"]
    # bpftrace does not know which of these are x0top's.
    if net["dropped_by_x0top"]["total"]:
        by_reason["NOT_SPECIFIED"] = by_reason.get("NOT_SPECIFIED", 0) + net["dropped_by_x0top"]["total"]
    for reason in sorted(set(by_reason) | set(oracle) - {"CONSUMED", "NOT_DROPPED_YET"}):
        same(f"drops for {reason}", x0top=by_reason.get(reason, 0), bpftrace=oracle.get(reason, 0))
    same("drops", all=net["dropped"]["total"], rows=sum(row["packets"]["total"] for row in net["drops"]))
    same("drops without a function", rows=sum(not row["function"] for row in net["drops"]), right=0)
    mesh, refused = s["mesh"], 3 * sent("unwanted", "short header")
    same("dropped by x0top", tracepoint=net["dropped_by_x0top"]["total"],
         xdp=total(s["packets"]["sum"]["verdicts"]["drop"]), sent=refused if enforcing else 0)
    if not judged:
        same("mesh filter that does not run", json=mesh["dropped"]["packets"]["total"], right=None)
        return
    same("dropped by rules", mesh=total(mesh["dropped"]), rules=sum(total(rule["dropped"]) for rule in mesh["rules"]),
         sent=3 * sent("unwanted") if enforcing else 0)
    same("unreadable", mesh=total(mesh["unreadable"]), sent=3 * sent("short header") if enforcing else 0)
    same("would be dropped", mesh=total(mesh["spared"]), sent=0 if enforcing else refused)
    same("judged", xdp=total(s["packets"]["sum"]["all"]),
         mesh=sum(total(mesh[what]) for what in ("passed", "no_match", "spared", "dropped", "refused", "unreadable")))


def compare_runs(s, judged, kernel, nft):
    """Each program runs once for each packet that it counts, of several segments or one."""
    runs = {row["name"]: row["runs"]["total"] for row in s["programs"]}
    xdp = sum(total(find(s["packets"]["interfaces"], name)["all"]) for name in INTERFACES)
    xdp += kernel[STREAMING]["rx"]["packets"]
    same("runs of the counter", json=runs["xdp_counter"], packets=xdp)
    same("runs of the mesh filter", json=runs["xdp_mesh_filter"], packets=xdp if judged else None)
    same("runs of the classifier", json=runs["tc_classifier"],
         packets=sum(classes(s["tc"], name, way) for name in INTERFACES for way in ("ingress", "egress")) +
         sum(nft[f"{STREAMING}_{way}", "all"] for way in ("ingress", "egress")))


def compare_resets(s, nft):
    same("TCP resets sent", tracepoint=s["net_events"]["tcp_resets_sent"]["total"],
         nft=sum(nft[f"{name}_egress", "resets"] for name in INTERFACES), sent=3 * sent("tcp to a closed port"))


def observe(x0top, options, seconds=6):
    """Starts all that counts, sends, and returns the snapshot and the differences of the other counters."""
    run("nft flush ruleset")
    make_nft()
    kernel = link_counts()
    bpftrace = Bpftrace()
    counter = X0top(x0top, options, seconds)
    for interface in ("v1", "v3", "v5", "v7"):
        there(f"python3 {__file__} send {interface}")
    for service, port, count in ((0, OPEN, 17), (0, BABEL, 6), (EF, OPEN, 5), (CS1, OPEN, 4)):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as answers:
            answers.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, service)
            for net in (0, 2, 4):
                for _ in range(count):
                    answers.sendto(b"w" * 100, (f"10.98.{net}.2", port))
                answers.sendto(b"l" * 100, ("127.0.0.1", OPEN))
    if counter.process.poll() is not None:
        if seconds > DEADLINE_S:
            sys.exit("FAILED: x0top had ended before all was sent")
        bpftrace.counts(reason_names())
        return observe(x0top, options, 4 * seconds)
    snapshot = counter.snapshot()
    now, links = link_counts(), link_counts()
    for name, counts in now.items():
        for way in ("rx", "tx"):
            for unit in ("packets", "bytes"):
                counts[way][unit] -= kernel[name][way][unit]
    return snapshot, now, links, nft_counts(), bpftrace.counts(reason_names())


def compare_policed(x0top):
    """What a class sends beyond its rate is dropped by x0top, and by nobody else."""
    with open("/run/policed.yaml", "w", encoding="ascii") as file:
        file.write("qos:\n  - police v0 in best_effort 8kbit/s 1500B\n")
    counter = X0top(x0top, ["--config", "/run/policed.yaml", "-y"], 3)
    wait_until("the class is policed", lambda: "police" in run(f"{x0top} qos list"))
    there(f"python3 {__file__} send v1")
    s = counter.snapshot()
    net = s["net_events"]
    same("dropped by the classifier", tracepoint=net["dropped_by_x0top"]["total"],
         qos=sum(row["dropped"]["total"] for row in s["qos"]["classes"]))
    same("some are", policed=net["dropped_by_x0top"]["total"] > 100, right=True)
    same("none by the kernel", rows=sum(row["reason"].startswith("TC_") for row in net["drops"]), right=0)
    run(f"{x0top} programs down")


def fork_bound():
    """Forks a process that ends with this one. Returns whether it is that one."""
    parent = os.getpid()
    if os.fork():
        return False
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)
    return True


def serve_bulk():
    """Receives all of a stream, and then sends as much, in a process of its own."""
    listener = socket.create_server((BULK_HERE, BULK))
    if not fork_bound():
        listener.close()
        return
    while True:
        stream = listener.accept()[0]
        while stream.recv(BULK_BYTES):
            pass
        stream.sendall(b"b" * BULK_BYTES)
        stream.close()


def serve():
    """Receives what is sent to the open ports, in a process of its own."""
    if not fork_bound():
        return
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("0.0.0.0", OPEN))
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HERE, STREAM))
    listener.listen()
    while True:
        stream = listener.accept()[0]
        while stream.recv(100):
            stream.sendall(b"z" * 100)
        stream.close()


def main(x0top):
    with open("/run/rules.yaml", "w", encoding="ascii") as file:
        file.write(f"rules:\n  - drop {UNWANTED}\n")
    make_networks()
    serve()
    serve_bulk()
    filtering = ["--only", "xdp_mesh_filter", "--config", "/run/rules.yaml"]
    # Alone, the counter needs no XDP, and auto counts at TC.
    scenarios = {"auto, counting": ["--xdp-mode", "auto"]}
    for mode in ("auto", "generic", "native"):
        scenarios[f"{mode}, observing"] = ["--xdp-mode", mode, *filtering]
        scenarios[f"{mode}, enforcing"] = ["--xdp-mode", mode, *filtering, "--enforce", "-y"]
    for scenario, options in scenarios.items():
        print(f"--- {scenario}", flush=True)
        s, kernel, links, nft, oracle = observe(x0top, options)
        for name in INTERFACES:
            compare_interface(name, s, kernel, nft)
            compare_classes(name, s, nft)
            compare_link(name, s, links)
        compare_link(STREAMING, s, links)
        compare_segments(s, kernel, nft)
        compare_sums("all interfaces", s["packets"]["sum"])
        compare_stacked(s, kernel)
        compare_drops(s, oracle, "xdp_mesh_filter" in options, "--enforce" in options)
        compare_runs(s, "xdp_mesh_filter" in options, kernel, nft)
        compare_resets(s, nft)
        run(f"{x0top} programs down")
    print("--- policed", flush=True)
    compare_policed(x0top)
    print("ok" if not failures else f"{failures} differences")
    return failures != 0


if __name__ == "__main__":
    if sys.argv[1] == "send" and sys.argv[2] == "v7":
        talk_bulk()
    elif sys.argv[1] == "send":
        send_frames(sys.argv[2])
        if sys.argv[2] == "v1":
            talk_tcp()
    else:
        sys.exit(main(sys.argv[1]))
