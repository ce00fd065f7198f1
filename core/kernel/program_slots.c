// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/program_slots.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/program_wrap.h"

enum { SLOT_NAME_LEN = 64 };

/* Returns the slot of a program, or NULL if it has none. */
static struct bpf_map *slot_of(const struct bpf_object *object, const struct bpf_program *program)
{
	char name[SLOT_NAME_LEN];

	snprintf(name, sizeof(name), "%.48s_slot", bpf_program__name(program));
	return bpf_object__find_map_by_name(object, name);
}

static struct bpf_program *caller_of(
	const struct bpf_object *object, const struct bpf_program *program)
{
	char name[SLOT_NAME_LEN];

	snprintf(name, sizeof(name), "call_%.48s", bpf_program__name(program));
	return bpf_object__find_program_by_name(object, name);
}

void program_slots_prepare(struct bpf_object *object, bool attached)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, object) {
		struct bpf_map *slot = slot_of(object, program);
		struct bpf_program *caller = caller_of(object, program);
		const bool wanted = bpf_program__autoload(program);
		if (slot == NULL || caller == NULL)
			continue;
		bpf_program__set_autoattach(program, false);
		bpf_program__set_autoload(caller, wanted && !attached);
		bpf_map__set_autocreate(slot, wanted);
	}
}

int program_slots_fill(const struct bpf_object *object, const struct bpf_object *attached)
{
	const uint32_t zero = 0;
	struct bpf_program *program;

	bpf_object__for_each_program (program, object) {
		const struct bpf_map *slot = slot_of(object, program);
		const int fd = bpf_program__fd(program);
		if (slot == NULL || fd < 0)
			continue;
		const struct bpf_program *caller = caller_of(attached, program);
		if (caller == NULL || bpf_program__fd(caller) < 0)
			return -ENOENT;
		if (bpf_map_update_elem(bpf_map__fd(slot), &zero, &fd, BPF_ANY) < 0)
			return -errno;
	}
	return 0;
}

void program_slots_empty(struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program (program, object)
		if (slot_of(object, program) != NULL)
			bpf_program__unload(program);
}

/* --- slots of others' programs ---------------------------------------------------------------- */

/* Loads what calls the program in a slot, of the same type. Returns its descriptor or a negative errno. */
static int load_caller(
	const struct bpf_program *program, const char *license, const char *name, int slot)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
			.dst_reg = BPF_REG_2,
			.src_reg = BPF_PSEUDO_MAP_FD,
			.imm = slot },
		{ .code = 0 }, /* the upper half of the constant */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_tail_call },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options,
		.expected_attach_type = bpf_program__expected_attach_type(program),
		.attach_btf_id = program_attached_to(program));
	int fd = bpf_prog_load(bpf_program__type(program), name, license, code,
		sizeof(code) / sizeof(code[0]), &options);

	return fd < 0 ? -errno : fd;
}

int program_slot_put(int slot, int program)
{
	const uint32_t zero = 0;

	return bpf_map_update_elem(slot, &zero, &program, BPF_ANY) < 0 ? -errno : 0;
}

int program_slot_make(
	struct bpf_program *program, const char *license, const char *name, int *slot, int *filled)
{
	int caller = -1, error = 0;

	*slot = bpf_map_create(
		BPF_MAP_TYPE_PROG_ARRAY, name, sizeof(uint32_t), sizeof(uint32_t), 1, NULL);
	*filled = *slot < 0 ? -1 : fcntl(bpf_program__fd(program), F_DUPFD_CLOEXEC, 0);
	if (*filled < 0)
		error = -errno;
	if (error == 0)
		error = caller = load_caller(program, license, name, *slot);
	if (error >= 0)
		error = program_slot_put(*slot, *filled);
	if (error == 0 && dup3(caller, bpf_program__fd(program), O_CLOEXEC) < 0)
		error = -errno;
	fd_close(&caller);
	if (error < 0) {
		fd_close(slot);
		fd_close(filled);
	}
	return error;
}
