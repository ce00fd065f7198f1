// SPDX-License-Identifier: BSD-2-Clause
#include "vary.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "tests/lib/packets.h"

/* Where the frame has them. */
#define MAC_END	 10 /* the last two bytes */
#define SOURCE	 26
#define PORT	 34
#define PROTOCOL 22 /* and the time to live, and the checksum */
#define KEY	 16 /* both addresses, ports, protocol */
#define STATE	 48 /* of the generator, in the payload */
#define BYTES	 64

#define CODE(class, dst, src, offset, value)                                          \
	{                                                                             \
		.code = (class), .dst_reg = (dst), .src_reg = (src), .off = (offset), \
		.imm = (value)                                                        \
	}
#define LOAD_FD(dst, kind, fd) \
	CODE(BPF_LD | BPF_DW | BPF_IMM, dst, kind, 0, fd), CODE(0, 0, 0, 0, 0)
#define LOAD(size, dst, src, offset)  CODE(BPF_LDX | BPF_MEM | (size), dst, src, offset, 0)
#define STORE(size, dst, src, offset) CODE(BPF_STX | BPF_MEM | (size), dst, src, offset, 0)
#define ALU(operation, dst, value)    CODE(BPF_ALU64 | BPF_K | (operation), dst, 0, 0, value)
#define ALU_X(operation, dst, src)    CODE(BPF_ALU64 | BPF_X | (operation), dst, src, 0, 0)

static int array_of(const uint32_t *addresses, uint32_t n)
{
	uint32_t zero = 0;
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "addresses", sizeof(zero),
		n * (uint32_t)sizeof(*addresses), 1, NULL);

	if (map >= 0 && bpf_map_update_elem(map, &zero, addresses, BPF_ANY) < 0) {
		close(map);
		return -1;
	}
	return map;
}

static int program_array(int program)
{
	uint32_t zero = 0;
	int map = bpf_map_create(
		BPF_MAP_TYPE_PROG_ARRAY, "varied", sizeof(zero), sizeof(program), 1, NULL);

	if (map >= 0 && bpf_map_update_elem(map, &zero, &program, BPF_ANY) < 0) {
		close(map);
		return -1;
	}
	return map;
}

static int load(int next, int addresses, uint32_t n, uint32_t flags)
{
	LIBBPF_OPTS(
		bpf_prog_load_opts, options, .prog_flags = flags, .expected_attach_type = BPF_XDP);
	/* The generator is Knuth's, modulo 2^64 with a multiplier that fits. */
	const struct bpf_insn code[] = {
		ALU_X(BPF_MOV, BPF_REG_6, BPF_REG_1),
		LOAD(BPF_W, BPF_REG_7, BPF_REG_6, offsetof(struct xdp_md, data)),
		LOAD(BPF_W, BPF_REG_1, BPF_REG_6, offsetof(struct xdp_md, data_end)),
		ALU_X(BPF_MOV, BPF_REG_2, BPF_REG_7),
		ALU(BPF_ADD, BPF_REG_2, BYTES),
		CODE(BPF_JMP | BPF_JGT | BPF_X, BPF_REG_2, BPF_REG_1, 20, 0), /* to the end */
		LOAD(BPF_DW, BPF_REG_3, BPF_REG_7, STATE),
		ALU(BPF_MUL, BPF_REG_3, 1597334677),
		ALU(BPF_ADD, BPF_REG_3, 915893279),
		STORE(BPF_DW, BPF_REG_7, BPF_REG_3, STATE),
		ALU(BPF_RSH, BPF_REG_3, 24),
		STORE(BPF_H, BPF_REG_7, BPF_REG_3, PORT),
		STORE(BPF_H, BPF_REG_7, BPF_REG_3, MAC_END),
		ALU(BPF_RSH, BPF_REG_3, 8),
		ALU(BPF_AND, BPF_REG_3, (int32_t)n - 1),
		ALU(BPF_LSH, BPF_REG_3, 2),
		LOAD_FD(BPF_REG_4, BPF_PSEUDO_MAP_VALUE, addresses),
		ALU_X(BPF_ADD, BPF_REG_4, BPF_REG_3),
		LOAD(BPF_W, BPF_REG_3, BPF_REG_4, 0),
		STORE(BPF_W, BPF_REG_7, BPF_REG_3, SOURCE),
		ALU_X(BPF_MOV, BPF_REG_1, BPF_REG_6),
		LOAD_FD(BPF_REG_2, BPF_PSEUDO_MAP_FD, next),
		ALU(BPF_MOV, BPF_REG_3, 0),
		CODE(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_tail_call),
		ALU(BPF_MOV, BPF_REG_0, XDP_ABORTED),
		CODE(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	int fd = bpf_prog_load(
		BPF_PROG_TYPE_XDP, "vary", "GPL", code, sizeof(code) / sizeof(code[0]), &options);

	return fd < 0 ? -errno : fd;
}

/* The array of the program loses its program with its last descriptor: this one stays open. */
int vary_load(int program, const uint32_t *addresses, uint32_t n)
{
	int next = program_array(program), list = array_of(addresses, n);
	int fd = next < 0 || list < 0 ? -errno : load(next, list, n, 0);

	/* An array holds programs that take frames of several buffers, or those that do not. */
	if (fd == -EINVAL)
		fd = load(next, list, n, BPF_F_XDP_HAS_FRAGS);
	if (list >= 0)
		close(list);
	return fd;
}

int lookup_load(void)
{
	int hash = bpf_map_create(BPF_MAP_TYPE_HASH, "empty", KEY, sizeof(uint64_t), 1024, NULL);
	const struct bpf_insn code[] = {
		LOAD(BPF_W, BPF_REG_7, BPF_REG_1, offsetof(struct xdp_md, data)),
		LOAD(BPF_W, BPF_REG_1, BPF_REG_1, offsetof(struct xdp_md, data_end)),
		ALU_X(BPF_MOV, BPF_REG_2, BPF_REG_7),
		ALU(BPF_ADD, BPF_REG_2, BYTES),
		CODE(BPF_JMP | BPF_JGT | BPF_X, BPF_REG_2, BPF_REG_1, 11, 0), /* to the end */
		LOAD(BPF_DW, BPF_REG_3, BPF_REG_7, SOURCE),
		STORE(BPF_DW, BPF_REG_10, BPF_REG_3, -KEY),
		LOAD(BPF_W, BPF_REG_3, BPF_REG_7, PORT),
		STORE(BPF_W, BPF_REG_10, BPF_REG_3, 8 - KEY),
		LOAD(BPF_W, BPF_REG_3, BPF_REG_7, PROTOCOL),
		STORE(BPF_W, BPF_REG_10, BPF_REG_3, 12 - KEY),
		ALU_X(BPF_MOV, BPF_REG_2, BPF_REG_10),
		ALU(BPF_ADD, BPF_REG_2, -KEY),
		LOAD_FD(BPF_REG_1, BPF_PSEUDO_MAP_FD, hash),
		CODE(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
		ALU(BPF_MOV, BPF_REG_0, XDP_PASS),
		CODE(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	int fd = hash < 0 ? hash
			  : bpf_prog_load(BPF_PROG_TYPE_XDP, "lookup", "GPL", code,
				    sizeof(code) / sizeof(code[0]), NULL);
	int error = -errno;

	if (hash >= 0)
		close(hash);
	return fd < 0 ? error : fd;
}

void vary_packet(struct frame *frame)
{
	make_packet(frame, BYTES);
}
