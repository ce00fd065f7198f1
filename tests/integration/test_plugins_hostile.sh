#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Objects that somebody made to harm: each gets a sentence, and nothing crashes, hangs or is left in the kernel.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=${X0TOP:-./x0top}
build=${BUILD:-build}
work=/run/work
mkdir "$work"

# refuses FILE TEXT: x0top plugins check refuses it with the text in its sentence, and no control character.
refuses() {
	timeout 60 "$x0top" plugins check "$1" >"$work/out" 2>&1 </dev/null
	status=$?
	[ "$status" -eq 1 ] || fail "$1: exit status $status: $(cat "$work/out")"
	grep -q "$2" "$work/out" || fail "$1 is not said to be: $2. But: $(cat "$work/out")"
	! LC_ALL=C grep -q '[^ -~]' "$work/out" || fail "$1: its sentence can drive a terminal"
}

for name in refused huge_map many_programs; do
	cp "$build/tests/plugins/$name.bpf.o" "$work"
done
dns=$build/examples/dns_types.bpf.o

# --- what the kernel or libbpf would take, or fall over
refuses "$work/huge_map.bpf.o" 'take 4096 MiB of memory'
refuses "$work/many_programs.bpf.o" 'more than 64'
refuses "$work/refused.bpf.o" "verifier refuses refused at .*data\[12\].*: invalid access to packet"

# --- a tag that is none, of bytes that drive a terminal
LC_ALL=C sed 's/x0:before=xdp_mesh_filter/x0:be\x9b2J\x1b[2J\xc3xdp_mesh_fil/' "$build/tests/plugins/before.bpf.o" >"$work/tag.bpf.o"
refuses "$work/tag.bpf.o" 'The tag x0:be?2J?.2J?xdp_mesh_fil of the XDP program of tag is not known'

# --- bytes that lie: sections, lengths, names, types that refer to themselves
/usr/bin/python3 - "$dns" "$work" <<'PYTHON'
import pathlib
import struct
import sys

good = pathlib.Path(sys.argv[1]).read_bytes()
out = pathlib.Path(sys.argv[2])
table, = struct.unpack_from("<Q", good, 0x28)
number, names = struct.unpack_from("<HH", good, 0x3C)
sections = [list(struct.unpack_from("<IIQQQQIIQQ", good, table + 64 * i)) for i in range(number)]
strings = sections[names][4]


def name(section):
    start = strings + section[0]
    return good[start : good.index(b"\0", start)].decode()


def write(file, *changes):
    data = bytearray(good)
    for offset, form, value in changes:
        struct.pack_into(form, data, offset, value)
    (out / f"{file}.bpf.o").write_bytes(data)


def header(wanted):
    return table + 64 * next(i for i, section in enumerate(sections) if name(section) == wanted)


btf = next(section for section in sections if name(section) == ".BTF")
(out / "short.bpf.o").write_bytes(good[: len(good) // 2])
(out / "headless.bpf.o").write_bytes(good[:40])
(out / "escape.bpf.o").write_bytes(good.replace(b"dns_types", b"dns\x1b[31mx"))
(out / "section.bpf.o").write_bytes(good.replace(b"xdp\0", b"lsm\0"))
write("beyond", (header("xdp") + 24, "<Q", len(good)))
write("long", (header("xdp") + 32, "<Q", 1 << 40))
write("odd", (header("xdp") + 32, "<Q", sections[[name(s) for s in sections].index("xdp")][5] - 3))
write("symbols", (header(".symtab") + 32, "<Q", 1 << 33))
write("btf-short", (header(".BTF") + 32, "<Q", 20))
write("btf-magic", (btf[4], "<H", 0))
write("btf-strings", (btf[4] + 20, "<I", 1 << 31))
# Each type that refers to another one refers to itself, or to the one that refers to it.
kinds = {1: 4, 2: 0, 3: 12, 4: -12, 5: -12, 6: -8, 7: 0, 8: 0, 9: 0, 10: 0, 11: 0, 12: 0, 13: -8, 14: 4, 15: -12,
         16: 0, 17: 4, 18: 0, 19: -12}
at = btf[4] + 24 + struct.unpack_from("<I", good, btf[4] + 8)[0]
end = at + struct.unpack_from("<I", good, btf[4] + 12)[0]
identifier = 1
cycles = []
while at < end:
    _, info, _ = struct.unpack_from("<III", good, at)
    kind, n = info >> 24 & 0x1F, info & 0xFFFF
    size = kinds[kind]
    if kind in (2, 8, 9, 10, 11, 18):
        cycles.append((at + 8, "<I", identifier))
    if kind == 3:
        cycles.append((at + 12, "<I", identifier))
    if kind in (4, 5):
        cycles += [(at + 12 + 12 * i + 4, "<I", identifier) for i in range(n)]
    at += 12 + (size if size >= 0 else -size * n)
    identifier += 1
write("cycle-all", *cycles)
for i, cycle in enumerate(cycles):
    write(f"cycle-{i}", cycle)
# And bytes anywhere, by a generator that is always the same.
state = 1
for i in range(100):
    data = bytearray(good)
    for _ in range(1 + i % 4):
        state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        data[(state >> 33) % len(data)] = state >> 20 & 0xFF
    (out / f"random-{i}.bpf.o").write_bytes(data)
PYTHON
refuses "$work/short.bpf.o" 'beyond its end'
refuses "$work/headless.bpf.o" 'damaged\|not a BPF object'
refuses "$work/escape.bpf.o" 'has no name'
refuses "$work/section.bpf.o" 'no program of a plugin attaches as dns_types does: section lsm'
refuses "$work/beyond.bpf.o" 'beyond its end'
refuses "$work/long.bpf.o" 'beyond its end'
refuses "$work/odd.bpf.o" 'whole number of instructions'
refuses "$work/symbols.bpf.o" 'beyond its end'
refuses "$work/btf-short.bpf.o" 'BTF'
refuses "$work/btf-magic.bpf.o" 'BTF'
refuses "$work/btf-strings.bpf.o" 'BTF'

# A file's own name.
escape=$(printf 'a\033[31mb')
cp "$dns" "$work/$escape.bpf.o"
"$x0top" plugins check "$work/$escape.bpf.o" >"$work/out" 2>&1 </dev/null
grep -q 'a?\[31mb.bpf.o: good' "$work/out" || fail "a name with an escape: $(cat "$work/out")"
printf 'plugins: ["%s"]\n' "$work/a\e[31mb.bpf.o" >"$work/escape.yaml"
"$x0top" plugins list --config "$work/escape.yaml" >"$work/out" 2>&1 </dev/null
! LC_ALL=C grep -q '[^ -~]' "$work/out" || fail 'a name in the list can drive a terminal'

# Some of these are harmless. None may end x0top by a signal, take long, or write what drives a terminal.
timeout 250 "$x0top" plugins check "$work"/cycle-*.bpf.o "$work"/random-*.bpf.o >"$work/out" 2>&1 </dev/null
status=$?
[ "$status" -le 1 ] || fail "damaged objects: exit status $status: $(tail -5 "$work/out")"
! LC_ALL=C grep -q '[^ -~]' "$work/out" || fail 'a sentence about damaged objects can drive a terminal'

# --- beside others, in a running x0top
set --
for file in "$work"/cycle-all.bpf.o "$work"/cycle-1*.bpf.o "$work/refused.bpf.o" "$work/huge_map.bpf.o"; do
	[ $# -ge 32 ] || set -- "$@" --plugin "$file"
done
timeout 120 "$x0top" --json -d 0.2 --only tracepoint_net "$@" >"$work/json" 2>"$work/err" </dev/null
status=$?
[ "$status" -eq 1 ] || fail "x0top with damaged plugins: exit status $status: $(cat "$work/err")"
jq -e '(.programs[] | select(.name == "tracepoint_net") | .state == "on") and
	([.programs[] | select(.state == "failed" and .reason == "")] | length == 0)' "$work/json" >/dev/null ||
	fail "what stands beside damaged plugins: $(jq -c '.programs | map([.name, .state, .reason])' "$work/json")"
! bpftool prog show 2>/dev/null | grep -q x0p_ || fail 'a program of a plugin is left'
exit $((failures > 0))
