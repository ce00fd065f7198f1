// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/program_wrap.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/program_info.h"

enum {
	FUNCTIONS_MAX = 256, /* of a program; the kernel's BPF_MAX_SUBPROGS */
	LEAST_LOG = 128, /* bytes; the kernel wants that many */
	/* Of BPF_PROG_LOAD's func_info, as kernels have it: struct bpf_func_info. */
	RECORD = sizeof(struct bpf_func_info),
};

/* --- types ----------------------------------------------------------------------------------- */

/* Finds the last function of a name: the one that program_wrap_prepare() has added. */
static int static_function(const struct btf *btf, const char *name)
{
	for (uint32_t id = btf__type_cnt(btf); id-- > 1;) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		if (btf_is_func(type) && btf_vlen(type) == BTF_FUNC_STATIC &&
			strcmp(btf__name_by_offset(btf, type->name_off), name) == 0)
			return (int)id;
	}
	return -ENOENT;
}

/*
 * The verifier judges a global function apart from its callers, by the types of its arguments; a static one with
 * them, so that the context is one for it and what it returns is known.
 */
int program_wrap_prepare(struct bpf_object *object)
{
	struct btf *btf = bpf_object__btf(object);
	struct bpf_program *program;

	bpf_object__for_each_program (program, object) {
		const char *name = bpf_program__name(program);
		int id = btf == NULL ? -ENOENT : btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);
		if (id < 0)
			continue;
		id = btf__add_func(
			btf, name, BTF_FUNC_STATIC, (int)btf__type_by_id(btf, (uint32_t)id)->type);
		if (id < 0)
			return id;
	}
	return 0;
}

/* --- functions ------------------------------------------------------------------------------- */

static bool calls_function(const struct bpf_insn *insn)
{
	return (insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL) ||
	       (insn->code == (BPF_LD | BPF_IMM | BPF_DW) && insn->src_reg == BPF_PSEUDO_FUNC);
}

static int by_place(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* Lists where the functions of a program begin, in order, the main one first. Returns their number, or -E2BIG. */
static int find_functions(const struct bpf_insn *code, uint32_t n, uint32_t starts[FUNCTIONS_MAX])
{
	uint32_t found = 1;

	starts[0] = 0;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = i + 1 + (uint32_t)code[i].imm, known = 0;
		if (!calls_function(&code[i]))
			continue;
		while (known < found && starts[known] != at)
			known++;
		if (known < found)
			continue;
		if (found == FUNCTIONS_MAX || at >= n)
			return -E2BIG;
		starts[found++] = at;
	}
	qsort(starts, found, sizeof(starts[0]), by_place);
	return (int)found;
}

/*
 * Describes the functions of the whole: the kernel wants that of functions whose address is taken. Takes the
 * types from the kernel's description of the loaded program, which leaves out none that is called. Returns their
 * number, or 0 if they are not known.
 */
static uint32_t describe_functions(const struct bpf_program *program, const struct btf *btf,
	uint32_t shift, struct bpf_func_info records[FUNCTIONS_MAX + 1])
{
	uint32_t starts[FUNCTIONS_MAX];
	struct bpf_prog_info info = { .nr_func_info = FUNCTIONS_MAX,
		.func_info_rec_size = RECORD,
		.func_info = (uintptr_t)(records + 1) };
	uint32_t size = sizeof(info);
	int n = find_functions(
		bpf_program__insns(program), (uint32_t)bpf_program__insn_cnt(program), starts);
	int body = static_function(btf, bpf_program__name(program));

	if (body < 0 || bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) < 0 ||
		info.func_info_rec_size != RECORD || info.nr_func_info != (uint32_t)n)
		return 0;
	records[0] = (struct bpf_func_info) { .insn_off = 0, .type_id = records[1].type_id };
	records[1].type_id = (uint32_t)body;
	for (int i = 0; i < n; i++)
		records[i + 1].insn_off = shift + starts[i];
	return (uint32_t)n + 1;
}

/* --- loading --------------------------------------------------------------------------------- */

/* The kernel does not tell before 6.0 what a program is attached to. */
uint32_t program_attached_to(const struct bpf_program *program)
{
	const char *target = strchr(bpf_program__section_name(program), '/');
	struct bpf_prog_info info;

	if (bpf_program__type(program) != BPF_PROG_TYPE_TRACING || target == NULL)
		return 0;
	if (program_info_read(bpf_program__fd(program), &info) == 0 && info.attach_btf_id != 0)
		return info.attach_btf_id;
	int id = libbpf_find_vmlinux_btf_id(target + 1, bpf_program__expected_attach_type(program));
	return id > 0 ? (uint32_t)id : 0;
}

/* Loads `code`, whose first `shift` instructions are the wrapper's main function. Returns a descriptor or a
 * negative errno. */
static int load(const struct bpf_program *program, const struct program_wrapping *wrapping,
	const struct bpf_insn *code, uint32_t n, uint32_t shift, char *log, size_t size)
{
	struct bpf_func_info records[FUNCTIONS_MAX + 1];
	const struct btf *btf = bpf_object__btf(wrapping->object);
	LIBBPF_OPTS(bpf_prog_load_opts, options,
		.expected_attach_type = bpf_program__expected_attach_type(program),
		.prog_flags = bpf_program__flags(program) | wrapping->flags,
		.attach_btf_id = program_attached_to(program));

	if (btf != NULL && bpf_object__btf_fd(wrapping->object) >= 0)
		options.func_info_cnt = describe_functions(program, btf, shift, records);
	if (options.func_info_cnt > 0) {
		options.func_info = records;
		options.func_info_rec_size = RECORD;
		options.prog_btf_fd = (uint32_t)bpf_object__btf_fd(wrapping->object);
	}
	if (size >= LEAST_LOG) {
		log[0] = '\0';
		options.log_buf = log;
		options.log_size = (uint32_t)size;
	}
	int fd = bpf_prog_load(
		bpf_program__type(program), wrapping->name, wrapping->license, code, n, &options);
	return fd < 0 ? -errno : fd;
}

/* Returns where the empty function of a wrapper begins: its only one, at its end. 0: it has none. */
static uint32_t empty_function(const struct bpf_program *wrapper)
{
	uint32_t starts[FUNCTIONS_MAX];
	int n = find_functions(
		bpf_program__insns(wrapper), (uint32_t)bpf_program__insn_cnt(wrapper), starts);

	return n == 2 ? starts[1] : 0;
}

int program_wrap(struct bpf_program *program, const struct program_wrapping *wrapping, char *log,
	size_t size)
{
	const uint32_t main = empty_function(wrapping->wrapper);
	const uint32_t body = (uint32_t)bpf_program__insn_cnt(program);
	struct bpf_insn *code = main == 0 ? NULL : calloc(main + body, sizeof(*code));

	log[0] = '\0';
	if (code == NULL)
		return main == 0 ? -EBADMSG : -ENOMEM;
	memcpy(code, bpf_program__insns(wrapping->wrapper), main * sizeof(*code));
	memcpy(code + main, bpf_program__insns(program), body * sizeof(*code));
	int fd = load(program, wrapping, code, main + body, main, log, size);
	free(code);
	if (fd < 0)
		return fd;
	int error = dup3(fd, bpf_program__fd(program), O_CLOEXEC) < 0 ? -errno : 0;
	close(fd);
	return error;
}

/* --- what it returns ------------------------------------------------------------------------- */

enum { RESULTS_MAX = 8 };

/* Writes a main function that calls the one behind it, and reads an uninitialized register if that returns
 * anything else. Returns its length. */
static uint32_t write_proof(struct bpf_insn *code, const int *results, uint32_t n)
{
	const uint32_t length = n + 4;
	uint32_t at = 0;

	code[at++] = (struct bpf_insn) {
		.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = (int)length - 1
	};
	for (uint32_t i = 0; i < n; i++, at++)
		code[at] = (struct bpf_insn) { .code = BPF_JMP32 | BPF_JEQ | BPF_K,
			.dst_reg = BPF_REG_0,
			.off = (int16_t)(length - 2 - at - 1),
			.imm = results[i] };
	code[at++] = (struct bpf_insn) {
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_9
	};
	code[at++] =
		(struct bpf_insn) { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 };
	code[at++] = (struct bpf_insn) { .code = BPF_JMP | BPF_EXIT };
	return at;
}

bool program_returns_only(const struct bpf_program *program, const struct bpf_object *object,
	const char *license, const int *results, uint32_t n)
{
	const struct program_wrapping wrapping = {
		.object = object, .license = license, .name = "x0p_proof"
	};
	const uint32_t body = (uint32_t)bpf_program__insn_cnt(program);
	struct bpf_insn *code =
		n > RESULTS_MAX ? NULL : calloc(RESULTS_MAX + 4 + body, sizeof(*code));

	if (code == NULL)
		return false;
	uint32_t main = write_proof(code, results, n);
	memcpy(code + main, bpf_program__insns(program), body * sizeof(*code));
	int fd = load(program, &wrapping, code, main + body, main, NULL, 0);
	free(code);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}
