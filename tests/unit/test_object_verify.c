// SPDX-License-Identifier: BSD-2-Clause
/*
 * Verification of objects: the built-in ones are sound; whatever is not gets a reason; and nothing
 * that a file can hold crashes it (make test SANITIZE=1 looks closer).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <cmocka.h>
#include <elf.h>
#include <errno.h>

#include "kernel/messages.h"
#include "kernel/object.h"
#include "kernel/object_verify.h"

enum {
	FLIPS = 20000,
	SEED = 20261123,
};

static struct object_report report;
static struct failure failure;

/* A copy of an object, on the heap and as long as it is, so that a read beyond it is seen. */
struct copy {
	uint8_t *bytes;
	size_t size;
};

static struct copy copy_of(const char *name)
{
	const uint8_t *data;
	struct copy copy;

	assert_int_equal(object_built_in_bytes(name, &data, &copy.size, &failure), 0);
	copy.bytes = malloc(copy.size);
	assert_non_null(copy.bytes);
	memcpy(copy.bytes, data, copy.size);
	return copy;
}

static int verify(const struct copy *copy)
{
	failure.error = 0;
	failure.what[0] = '\0';
	return object_verify(copy->bytes, copy->size, "it", &report, &failure);
}

static Elf64_Ehdr *header_of(const struct copy *copy)
{
	return (Elf64_Ehdr *)copy->bytes;
}

static Elf64_Shdr *section_of(const struct copy *copy, const char *name)
{
	const Elf64_Ehdr *header = header_of(copy);
	Elf64_Shdr *sections = (Elf64_Shdr *)(copy->bytes + header->e_shoff);
	const char *names = (const char *)copy->bytes + sections[header->e_shstrndx].sh_offset;

	for (int i = 1; i < header->e_shnum; i++)
		if (strcmp(names + sections[i].sh_name, name) == 0)
			return &sections[i];
	fail_msg("no section %s", name);
	abort();
}

static Elf64_Shdr *section_of_type(const struct copy *copy, uint32_t type)
{
	const Elf64_Ehdr *header = header_of(copy);
	Elf64_Shdr *sections = (Elf64_Shdr *)(copy->bytes + header->e_shoff);

	for (int i = 1; i < header->e_shnum; i++)
		if (sections[i].sh_type == type)
			return &sections[i];
	fail_msg("no section of type %u", type);
	abort();
}

static void assert_refused(const struct copy *copy, int error, const char *reason)
{
	assert_int_equal(verify(copy), error);
	if (strstr(failure.what, reason) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", failure.what, reason);
	free(copy->bytes);
}

/* --- sound ----------------------------------------------------------------------------------- */

static void built_in_objects_are_sound(void **state)
{
	const char *name;
	uint32_t n = 0;

	(void)state;
	for (; (name = object_built_in(n)) != NULL; n++) {
		struct copy copy = copy_of(name);
		uint32_t code = 0, relocations = 0;
		if (verify(&copy) < 0)
			fail_msg("%s: %s", name, failure.what);
		assert_string_equal(report.license, "Dual BSD/GPL");
		assert_true(report.btf_types > 0);
		assert_true(report.btf_ext);
		assert_true(report.n_functions > 0);
		for (uint32_t i = 0; i < report.n_sections; i++) {
			code += report.sections[i].code ? report.sections[i].bytes / 8 : 0;
			relocations += report.sections[i].relocations;
		}
		assert_int_equal(report.instructions, code);
		assert_int_equal(report.relocations, relocations);
		free(copy.bytes);
	}
	assert_true(n >= 6);
}

/* --- foreign --------------------------------------------------------------------------------- */

static void other_files_are_foreign(void **state)
{
	uint8_t *bytes;
	size_t size;
	char text[] =
		"This is no object at all, but long enough to be taken for the header of one.";

	(void)state;
	assert_int_equal(object_verify("", 0, "it", &report, &failure), -ENODATA);
	assert_int_equal(object_verify(text, sizeof(text), "it", &report, &failure), -ENOEXEC);
	assert_int_equal(object_read_file("/proc/self/exe", &bytes, &size, &failure), 0);
	assert_int_equal(object_verify(bytes, size, "it", &report, &failure), -ENOEXEC);
	assert_non_null(strstr(failure.what, "for another machine"));
	free(bytes);
}

static void headers_tell_foreign_from_ours(void **state)
{
	struct copy copy = copy_of("xdp_root");

	(void)state;
	header_of(&copy)->e_machine = EM_AARCH64;
	assert_refused(&copy, -ENOEXEC, "another machine (183)");
	copy = copy_of("xdp_root");
	copy.bytes[EI_CLASS] = ELFCLASS32;
	assert_refused(&copy, -ENOEXEC, "not 64 bits");
	copy = copy_of("xdp_root");
	header_of(&copy)->e_type = ET_EXEC;
	assert_refused(&copy, -ENOEXEC, "not relocatable");
}

static void licences_are_those_of_the_kernel(void **state)
{
	struct copy copy = copy_of("xdp_root");

	(void)state;
	memcpy(copy.bytes + section_of(&copy, "license")->sh_offset, "Proprietary", 12);
	assert_refused(&copy, -EPERM, "\"Proprietary\", does not permit the kernel's helpers");
	copy = copy_of("xdp_root");
	memset(copy.bytes + section_of(&copy, "license")->sh_offset, 'x',
		section_of(&copy, "license")->sh_size);
	assert_refused(&copy, -EBADMSG, "not a terminated string");
	copy = copy_of("xdp_root");
	section_of(&copy, "license")->sh_type = SHT_NOTE;
	assert_refused(&copy, -EBADMSG, "has no licence");
}

/* --- damaged --------------------------------------------------------------------------------- */

static void lengths_are_not_trusted(void **state)
{
	struct copy copy = copy_of("xdp_counter");

	(void)state;
	header_of(&copy)->e_shoff = UINT64_MAX - 8;
	assert_true(verify(&copy) < 0);
	free(copy.bytes);
	copy = copy_of("xdp_counter");
	section_of(&copy, "xdp")->sh_size = UINT64_MAX - 7;
	assert_refused(&copy, -EBADMSG, "beyond its end");
	copy = copy_of("xdp_counter");
	section_of(&copy, ".BTF")->sh_offset = copy.size;
	assert_refused(&copy, -EBADMSG, "beyond its end");
	copy = copy_of("xdp_counter");
	section_of(&copy, "xdp")->sh_size -= 4;
	assert_refused(&copy, -EBADMSG, "whole number of instructions");
	copy = copy_of("xdp_counter");
	section_of(&copy, ".BTF")->sh_size /= 2;
	assert_refused(&copy, -EBADMSG, "BTF cannot be read");
	copy = copy_of("xdp_counter");
	section_of(&copy, "xdp")->sh_name = UINT32_MAX;
	assert_refused(&copy, -EBADMSG, "has no name");
}

static void symbols_and_relocations_are_checked(void **state)
{
	struct copy copy = copy_of("xdp_counter");
	Elf64_Shdr *table = section_of_type(&copy, SHT_REL);
	Elf64_Rel *relocation = (Elf64_Rel *)(copy.bytes + table->sh_offset);

	(void)state;
	relocation->r_offset = UINT64_MAX;
	assert_refused(&copy, -EBADMSG, "beyond its section");
	copy = copy_of("xdp_counter");
	table = section_of_type(&copy, SHT_REL);
	relocation = (Elf64_Rel *)(copy.bytes + table->sh_offset);
	relocation->r_info = ELF64_R_INFO((uint64_t)UINT32_MAX, ELF64_R_TYPE(relocation->r_info));
	assert_refused(&copy, -EBADMSG, "names no symbol");
	copy = copy_of("xdp_counter");
	section_of_type(&copy, SHT_REL)->sh_info = 9999;
	assert_refused(&copy, -EBADMSG, "belong to no section");
	copy = copy_of("xdp_counter");
	table = section_of_type(&copy, SHT_SYMTAB);
	((Elf64_Sym *)(copy.bytes + table->sh_offset))[2].st_name = UINT32_MAX;
	assert_refused(&copy, -EBADMSG, "has no name");
	copy = copy_of("xdp_counter");
	section_of_type(&copy, SHT_SYMTAB)->sh_size = 0;
	assert_true(verify(&copy) < 0);
	free(copy.bytes);
}

/* A name that could drive the operator's terminal. */
static void names_are_printable(void **state)
{
	struct copy copy = copy_of("xdp_root");
	const Elf64_Shdr *names;

	(void)state;
	names = (const Elf64_Shdr *)(copy.bytes + header_of(&copy)->e_shoff) +
		header_of(&copy)->e_shstrndx;
	copy.bytes[names->sh_offset + section_of(&copy, "xdp")->sh_name] = '\033';
	assert_refused(&copy, -EBADMSG, "has no name");
}

/*
 * A member of a struct whose type does not exist: libbpf 1.1 crashes when it relocates by it, which takes
 * root. Whoever reads the file does not.
 */
static void a_crash_of_libbpf_is_survived(void **state)
{
	struct copy copy = copy_of("tracepoint_net");
	const Elf64_Shdr *section = section_of(&copy, ".BTF");
	struct btf *btf = btf__new(copy.bytes + section->sh_offset, (uint32_t)section->sh_size);
	uint32_t size;

	(void)state;
	assert_non_null(btf);
	int id = btf__find_by_name_kind(btf, "sk_buff___x0", BTF_KIND_STRUCT);
	assert_true(id > 0);
	const struct btf_member *last = btf_members(btf__type_by_id(btf, (uint32_t)id)) +
					btf_vlen(btf__type_by_id(btf, (uint32_t)id)) - 1;
	size_t offset =
		(size_t)((const char *)&last->type - (const char *)btf__raw_data(btf, &size));
	const uint32_t nowhere = 0x7b000000;
	memcpy(copy.bytes + section->sh_offset + offset, &nowhere, sizeof(nowhere));
	btf__free(btf);

	int error = object_verify_load(copy.bytes, copy.size, "it", &failure);
	print_message("%s\n", error == 0 ? "libbpf does not crash on it here" : failure.what);
	assert_true(error == 0 || error == -EBADMSG);
	if (error != 0)
		assert_string_equal(failure.what, "it is damaged: libbpf crashes on it");
	free(copy.bytes);
}

/* Nothing that was cut off is taken for whole: the section table is at the end. */
static void every_truncation_is_refused(void **state)
{
	struct copy whole = copy_of("xdp_mesh_filter");

	(void)state;
	for (size_t size = 1; size < whole.size; size += size < 4096 ? 1 : 97) {
		struct copy cut = { malloc(size), size };
		assert_non_null(cut.bytes);
		memcpy(cut.bytes, whole.bytes, size);
		if (verify(&cut) == 0)
			fail_msg("%zu of %zu bytes are taken for whole", size, whole.size);
		assert_true(failure.what[0] != '\0');
		free(cut.bytes);
	}
	free(whole.bytes);
}

static uint64_t random_number(void)
{
	static uint64_t x = SEED;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

/* One to four bytes anywhere, half of the time in the section table. */
static void damage_never_crashes(void **state)
{
	struct copy whole = copy_of("xdp_counter");
	uint32_t refused = 0;

	(void)state;
	for (int i = 0; i < FLIPS; i++) {
		struct copy hurt = { malloc(whole.size), whole.size };
		assert_non_null(hurt.bytes);
		memcpy(hurt.bytes, whole.bytes, whole.size);
		size_t first = i % 2 == 0 ? header_of(&whole)->e_shoff : 0;
		for (uint64_t n = 1 + random_number() % 4; n > 0; n--)
			hurt.bytes[first + random_number() % (whole.size - first)] =
				(uint8_t)random_number();
		if (verify(&hurt) < 0) {
			assert_true(failure.what[0] != '\0');
			refused++;
		}
		free(hurt.bytes);
	}
	print_message("%u of %u refused\n", refused, FLIPS);
	assert_true(refused > FLIPS / 4);
	free(whole.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(built_in_objects_are_sound),
		cmocka_unit_test(other_files_are_foreign),
		cmocka_unit_test(headers_tell_foreign_from_ours),
		cmocka_unit_test(licences_are_those_of_the_kernel),
		cmocka_unit_test(lengths_are_not_trusted),
		cmocka_unit_test(symbols_and_relocations_are_checked),
		cmocka_unit_test(names_are_printable),
		cmocka_unit_test(a_crash_of_libbpf_is_survived),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(damage_never_crashes),
	};

	messages_capture(false);
	return cmocka_run_group_tests_name("object verification", tests, NULL, NULL);
}
