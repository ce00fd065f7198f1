// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/trusted_file.h"
#include "kernel/messages.h"
#include "kernel/privilege.h"
#include "kernel/program_info.h"

/* More than any BPF object takes. */
#define OBJECT_MIB_MAX	 16u
#define OBJECT_BYTES_MAX (OBJECT_MIB_MAX << 20)

/* How long libbpf or the verifier may work on a file. */
#define VERIFY_SECONDS 20

/* Made by the build from bpf/: see embed-objects.sh. The last entry has no name. */
struct embedded_object {
	const char *name;
	const uint8_t *begin;
	const uint8_t *end;
};
extern const struct embedded_object objects_embedded[];

/*
 * Checks that `data` is a complete 64-bit ELF file for BPF, and tells damaged from foreign files.
 */
static int check_elf(const uint8_t *data, size_t size, const char *path, struct failure *failure)
{
	Elf64_Ehdr header;

	if (size == 0) {
		failure_set(failure, -ENODATA, "%s is empty", path);
		return failure_remedy(failure, "Build it again: make clean all");
	}
	if (data == NULL || size < SELFMAG || memcmp(data, ELFMAG, SELFMAG) != 0) {
		failure_set(
			failure, -ENOEXEC, "%s is not a BPF object: it is not an ELF file", path);
		return failure_remedy(failure, "Name a file made by clang -target bpf");
	}
	if (size < sizeof(header)) {
		failure_set(
			failure, -EBADMSG, "%s is truncated: its ELF header is cut short", path);
		return failure_remedy(failure, "Build or copy it again");
	}
	memcpy(&header, data, sizeof(header));
	if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_BPF) {
		failure_set(failure, -ENOEXEC,
			"%s is not a BPF object: it is an ELF file for another machine (%u)", path,
			header.e_machine);
		return failure_remedy(failure, "Name a file made by clang -target bpf");
	}
	if (header.e_shoff > size ||
		(uint64_t)header.e_shnum * header.e_shentsize > size - header.e_shoff) {
		failure_set(failure, -EBADMSG,
			"%s is truncated: its section table lies beyond its end", path);
		return failure_remedy(failure, "Build or copy it again");
	}
	return 0;
}

/* Fails unless a file is regular and small enough for an object. */
static int check_file(const char *path, int fd, size_t *size, struct failure *failure)
{
	struct stat status;

	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		failure_set(failure, -ENOEXEC, "%s is not a BPF object: it is not a regular file",
			path);
	else if (status.st_size > (off_t)OBJECT_BYTES_MAX)
		failure_set(failure, -ENOEXEC, "%s is not a BPF object: it is larger than %u MiB",
			path, OBJECT_MIB_MAX);
	else {
		*size = (size_t)status.st_size;
		return 0;
	}
	return failure_remedy(failure, "Name a file made by clang -target bpf");
}

/* Opens a file; one of which the kernel runs the contents only if nobody but root could have written it. */
static int open_file(const char *path, bool trusted, struct failure *failure)
{
	if (privilege_borrowed()) {
		failure_set(failure, -EACCES,
			"x0top does not open %s: with rights from its file, it loads only its own "
			"BPF objects",
			path);
		return failure_remedy(failure, "Run x0top as root to load it");
	}
	if (trusted)
		return trusted_open(path, FILE_FLAGS, failure);
	int fd = open(path, FILE_FLAGS);
	if (fd >= 0)
		return fd;
	failure_set(failure, -errno, "Cannot open the object %s: %s", path, strerror(errno));
	return failure_remedy(failure, "Build it with make, or correct --objects");
}

static int read_file(
	const char *path, bool trusted, uint8_t **data, size_t *size, struct failure *failure)
{
	int fd = open_file(path, trusted, failure);

	if (fd < 0)
		return fd;
	int error = check_file(path, fd, size, failure);
	if (error < 0)
		goto close_fd;
	*data = malloc(*size + 1);
	if (*data == NULL) {
		error = failure_set(failure, -ENOMEM, "Not enough memory to read %s", path);
		goto close_fd;
	}
	ssize_t got = read(fd, *data, *size);
	if (got != (ssize_t)*size) {
		error = failure_set(failure, -EIO, "Cannot read %s", path);
		free(*data);
		*data = NULL;
	}
close_fd:
	close(fd);
	return error;
}

int object_read_file(const char *path, uint8_t **data, size_t *size, struct failure *failure)
{
	return read_file(path, false, data, size, failure);
}

int object_read_trusted(const char *path, uint8_t **data, size_t *size, struct failure *failure)
{
	return read_file(path, true, data, size, failure);
}

/* LIBBPF_PIN_BY_NAME in a file of others: libbpf would pin its maps, and take those that another has pinned. */
static void pin_nothing(struct bpf_object *object)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, object)
		bpf_map__set_pin_path(map, NULL);
}

/* libbpf before 1.3 does not know all sections of TC. */
static void set_tc_types(struct bpf_object *object)
{
	static const char *const sections[] = { "tc/", "tcx/", "classifier/" };
	struct bpf_program *program;

	bpf_object__for_each_program (program, object)
		for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
			if (strncmp(bpf_program__section_name(program), sections[i],
				    strlen(sections[i])) == 0)
				bpf_program__set_type(program, BPF_PROG_TYPE_SCHED_CLS);
}

int object_open_bytes(const char *name, const char *path, const uint8_t *data, size_t size,
	struct bpf_object **object, struct failure *failure)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name);

	messages_clear();
	*object = bpf_object__open_mem(data, size, &options);
	if (*object == NULL) {
		failure_set(failure, -EBADMSG, "%s is damaged: libbpf cannot read it", path);
		failure_remedy(failure, "Build or copy it again");
		return failure_cause(failure, "%s", messages_text());
	}
	pin_nothing(*object);
	set_tc_types(*object);
	return 0;
}

/* Loads a file in a child process, which may crash or hang. Never returns. */
static void load_and_exit(const uint8_t *data, size_t size)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct bpf_object *object;

	/* Keeps the messages of a crash off the terminal. */
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	signal(SIGALRM, SIG_DFL);
	alarm(VERIFY_SECONDS);
	object = bpf_object__open_mem(data, size, NULL);
	if (object != NULL && object_wanted_map_bytes(object) <= OBJECT_MAP_BYTES_MAX) {
		pin_nothing(object);
		set_tc_types(object);
		bpf_object__load(object);
	}
	_exit(EXIT_SUCCESS);
}

int object_verify_load(const uint8_t *data, size_t size, const char *path, struct failure *failure)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		load_and_exit(data, size);
	if (child < 0)
		return failure_set(failure, -errno, "Cannot start a process to verify %s: %s", path,
			strerror(errno));
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
		return 0;
	failure_set(failure, -EBADMSG, "%s is damaged: libbpf %s", path,
		WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? "does not finish loading it"
								   : "crashes on it");
	return failure_remedy(failure, "Build or copy it again");
}

int object_built_in_bytes(
	const char *name, const uint8_t **data, size_t *size, struct failure *failure)
{
	for (const struct embedded_object *o = objects_embedded; o->name != NULL; o++) {
		if (strcmp(o->name, name) != 0)
			continue;
		*data = o->begin;
		*size = (size_t)(o->end - o->begin);
		return 0;
	}
	return failure_set(failure, -ENOENT, "This x0top was built without %s", name);
}

int object_open(
	const char *name, const char *folder, struct bpf_object **object, struct failure *failure)
{
	const uint8_t *built_in = NULL;
	uint8_t *data = NULL;
	char path[512];
	size_t size = 0;
	int error;

	if (folder[0] == '\0') {
		error = object_built_in_bytes(name, &built_in, &size, failure);
		return error < 0 ? error
				 : object_open_bytes(name, name, built_in, size, object, failure);
	}
	snprintf(path, sizeof(path), "%s/%s.bpf.o", folder, name);
	error = object_read_file(path, &data, &size, failure);
	if (error < 0)
		return error;
	error = check_elf(data, size, path, failure);
	if (error == 0)
		error = object_verify_load(data, size, path, failure);
	if (error == 0)
		error = object_open_bytes(name, path, data, size, object, failure);
	free(data);
	return error;
}

const char *object_built_in(uint32_t number)
{
	for (uint32_t i = 0; i < number; i++)
		if (objects_embedded[i].name == NULL)
			return NULL;
	return objects_embedded[number].name;
}

int object_set_constant(
	struct bpf_object *object, const char *variable, const void *value, size_t size)
{
	struct bpf_map *map;
	const struct btf *btf = bpf_object__btf(object);
	int section = btf == NULL ? -1 : btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC);

	if (section < 0)
		return -ENOENT;
	bpf_object__for_each_map (map, object) {
		const char *name = strrchr(bpf_map__name(map), '.');
		if (name == NULL || strcmp(name, ".rodata") != 0)
			continue;
		size_t map_size;
		uint8_t *memory = (uint8_t *)bpf_map__initial_value(map, &map_size);
		const struct btf_type *type = btf__type_by_id(btf, (uint32_t)section);
		const struct btf_var_secinfo *info = btf_var_secinfos(type);
		for (int i = 0; i < btf_vlen(type); i++) {
			const struct btf_type *var = btf__type_by_id(btf, info[i].type);
			const char *found = btf__name_by_offset(btf, var->name_off);
			if (strcmp(found, variable) != 0 || info[i].size != size ||
				memory == NULL || info[i].offset + size > map_size)
				continue;
			memcpy(memory + info[i].offset, value, size);
			return 0;
		}
	}
	return -ENOENT;
}

/* Returns whether the kernel takes an XDP program with these flags. */
static bool kernel_loads(const struct bpf_insn *code, size_t n, uint32_t flags)
{
	LIBBPF_OPTS(
		bpf_prog_load_opts, options, .prog_flags = flags, .expected_attach_type = BPF_XDP);
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "x0_probe", "GPL", code, n, &options);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool object_kernel_has_frags(void)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return kernel_loads(code, sizeof(code) / sizeof(code[0]), BPF_F_XDP_HAS_FRAGS);
}

bool object_array_has_frags(int prog_array)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
			.dst_reg = BPF_REG_2,
			.src_reg = BPF_PSEUDO_MAP_FD,
			.imm = prog_array },
		{ 0 }, /* the upper half of the constant */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_tail_call },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return !kernel_loads(code, sizeof(code) / sizeof(code[0]), 0);
}

void object_take_frags(struct bpf_object *object)
{
	struct bpf_program *program;
	bool frags = object_kernel_has_frags();

	if (!frags || object_set_constant(object, "xdp_frags", &frags, sizeof(frags)) < 0)
		return;
	bpf_object__for_each_program (program, object)
		if (bpf_program__type(program) == BPF_PROG_TYPE_XDP)
			bpf_program__set_flags(
				program, bpf_program__flags(program) | BPF_F_XDP_HAS_FRAGS);
}

int object_map_fd(const struct bpf_object *object, const char *name)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	/* libbpf 1.4 and later keep a placeholder for a map that is not created. */
	return map == NULL || !bpf_map__autocreate(map) ? -ENOENT : bpf_map__fd(map);
}

int object_program_fd(const struct bpf_object *object, const char *name)
{
	const struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	return program == NULL ? -ENOENT : bpf_program__fd(program);
}

static bool is_per_cpu(const struct bpf_map *map)
{
	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
		return true;
	default:
		return false;
	}
}

uint64_t object_wanted_map_bytes(const struct bpf_object *object)
{
	const struct bpf_map *map;
	int cpus = libbpf_num_possible_cpus();
	uint64_t bytes = 0;

	bpf_object__for_each_map (map, object) {
		uint64_t copies = is_per_cpu(map) && cpus > 0 ? (uint64_t)cpus : 1, all;
		/* A ring buffer has bytes in place of elements. */
		bool keyed = bpf_map__type(map) != BPF_MAP_TYPE_ARRAY &&
			     bpf_map__type(map) != BPF_MAP_TYPE_PERCPU_ARRAY;
		uint64_t element =
			(keyed ? bpf_map__key_size(map) : 0) + copies * bpf_map__value_size(map);
		if (__builtin_mul_overflow(
			    element > 0 ? element : 1, (uint64_t)bpf_map__max_entries(map), &all) ||
			__builtin_add_overflow(bytes, all, &bytes))
			return UINT64_MAX;
	}
	return bytes;
}

static uint64_t map_bytes(int fd)
{
	char path[64], line[128];
	unsigned long long bytes = 0;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "memlock: %llu", &bytes) == 1)
			break;
	fclose(file);
	return bytes;
}

uint64_t object_map_bytes(const struct bpf_object *object)
{
	const struct bpf_map *map;
	uint64_t bytes = 0;

	bpf_object__for_each_map (map, object)
		if (bpf_map__fd(map) >= 0)
			bytes += map_bytes(bpf_map__fd(map));
	return bytes;
}

uint64_t object_missed_runs(const struct bpf_object *object)
{
	struct bpf_program *program;
	struct bpf_prog_info info;
	uint64_t missed = 0;

	bpf_object__for_each_program (program, object) {
		program_info_read(bpf_program__fd(program), &info);
		missed += info.recursion_misses;
	}
	return missed;
}

uint32_t object_verified_instructions(const struct bpf_object *object)
{
	struct bpf_program *program;
	struct bpf_prog_info info;
	uint32_t instructions = 0;

	bpf_object__for_each_program (program, object) {
		program_info_read(bpf_program__fd(program), &info);
		instructions += info.verified_insns;
	}
	return instructions;
}
