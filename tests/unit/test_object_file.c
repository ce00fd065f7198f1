// SPDX-License-Identifier: BSD-2-Clause
/* Objects of a folder: what is no object, or not whole, is told by its kind, and never reaches libbpf here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <elf.h>

#include "base/text.h"
#include "kernel/object.h"

static char folder[] = "/tmp/x0-object-XXXXXX";
static char path[64];
static const uint8_t *whole;
static size_t whole_size;
static struct failure failure;
static struct bpf_object *object;

static int start(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/test.bpf.o", folder);
	return object_built_in_bytes("xdp_root", &whole, &whole_size, &failure);
}

static int stop(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void write_file(const void *data, size_t size)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	fclose(file);
}

static void assert_refused(int error, const char *what, const char *remedy)
{
	char expected[REASON_LEN];

	failure = (struct failure) { 0 };
	object = NULL;
	assert_int_equal(object_open("test", folder, &object, &failure), error);
	assert_null(object);
	assert_int_equal(failure.error, error);
	snprintf(expected, sizeof(expected), "%.*s%s%s", (int)strcspn(what, "%"), what, path,
		strchr(what, '%') + 2);
	assert_string_equal(failure.what, expected);
	assert_string_equal(failure.remedy, remedy);
}

static const char again[] = "Build or copy it again";
static const char by_clang[] = "Name a file made by clang -target bpf";

static void a_file_that_is_missing(void **state)
{
	(void)state;
	unlink(path);
	assert_refused(-ENOENT, "Cannot open the object %s: No such file or directory",
		"Build it with make, or correct --objects");
}

static void files_that_are_no_objects(void **state)
{
	Elf64_Ehdr header;

	(void)state;
	write_file("", 0);
	assert_refused(-ENODATA, "%s is empty", "Build it again: make clean all");
	write_file(ELFMAG, SELFMAG - 1);
	assert_refused(-ENOEXEC, "%s is not a BPF object: it is not an ELF file", by_clang);
	write_file("#!/bin/sh\n", 10);
	assert_refused(-ENOEXEC, "%s is not a BPF object: it is not an ELF file", by_clang);
	memcpy(&header, whole, sizeof(header));
	header.e_machine = EM_X86_64;
	write_file(&header, sizeof(header));
	assert_refused(-ENOEXEC,
		"%s is not a BPF object: it is an ELF file for another machine (62)", by_clang);
	header.e_machine = EM_BPF;
	header.e_ident[EI_CLASS] = ELFCLASS32;
	write_file(&header, sizeof(header));
	assert_refused(-ENOEXEC,
		"%s is not a BPF object: it is an ELF file for another machine (247)", by_clang);
}

static void files_that_were_cut(void **state)
{
	static const char table[] = "%s is truncated: its section table lies beyond its end";

	(void)state;
	write_file(whole, SELFMAG);
	assert_refused(-EBADMSG, "%s is truncated: its ELF header is cut short", again);
	write_file(whole, sizeof(Elf64_Ehdr) - 1);
	assert_refused(-EBADMSG, "%s is truncated: its ELF header is cut short", again);
	write_file(whole, sizeof(Elf64_Ehdr));
	assert_refused(-EBADMSG, table, again);
	write_file(whole, whole_size - 1);
	assert_refused(-EBADMSG, table, again);
}

/* Its header is right, and nothing else. */
static void a_file_that_is_damaged(void **state)
{
	uint8_t *damaged = malloc(whole_size);

	(void)state;
	memset(damaged, 0xff, whole_size);
	memcpy(damaged, whole, sizeof(Elf64_Ehdr));
	write_file(damaged, whole_size);
	free(damaged);
	assert_refused(-EBADMSG, "%s is damaged: libbpf cannot read it", again);
}

static void files_that_are_too_much(void **state)
{
	(void)state;
	write_file(whole, whole_size);
	assert_return_code(truncate(path, (16 << 20) + 1), errno);
	assert_refused(-ENOEXEC, "%s is not a BPF object: it is larger than 16 MiB", by_clang);
	unlink(path);
	assert_return_code(mkfifo(path, 0600), errno);
	assert_refused(-ENOEXEC, "%s is not a BPF object: it is not a regular file", by_clang);
	unlink(path);
	assert_return_code(mkdir(path, 0700), errno);
	assert_refused(-ENOEXEC, "%s is not a BPF object: it is not a regular file", by_clang);
	rmdir(path);
}

/* Bytes behind it, up to the limit, are none of its own. */
static void a_whole_file_is_opened(void **state)
{
	uint8_t *data = NULL;
	size_t size = 0;

	(void)state;
	write_file(whole, whole_size);
	assert_int_equal(object_read_file(path, &data, &size, &failure), 0);
	assert_int_equal(size, whole_size);
	assert_memory_equal(data, whole, size);
	free(data);
	assert_return_code(truncate(path, 16 << 20), errno);
	assert_int_equal(object_read_file(path, &data, &size, &failure), 0);
	assert_int_equal(size, 16 << 20);
	free(data);
	write_file(whole, whole_size);
	assert_int_equal(object_open("test", folder, &object, &failure), 0);
	assert_string_equal(bpf_object__name(object), "test");
	assert_non_null(bpf_object__find_program_by_name(object, "xdp_root"));
	bpf_object__close(object);
}

static void objects_that_are_built_in(void **state)
{
	uint32_t n = 0;

	(void)state;
	while (object_built_in(n) != NULL)
		n++;
	assert_true(n > 5);
	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *data;
		size_t size;
		assert_int_equal(
			object_built_in_bytes(object_built_in(i), &data, &size, &failure), 0);
		assert_memory_equal(data, ELFMAG, SELFMAG);
		assert_int_equal(object_open(object_built_in(i), "", &object, &failure), 0);
		bpf_object__close(object);
	}
	assert_int_equal(object_open("nothing", "", &object, &failure), -ENOENT);
	assert_string_equal(failure.what, "This x0top was built without nothing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_is_missing),
		cmocka_unit_test(files_that_are_no_objects),
		cmocka_unit_test(files_that_were_cut),
		cmocka_unit_test(a_file_that_is_damaged),
		cmocka_unit_test(files_that_are_too_much),
		cmocka_unit_test(a_whole_file_is_opened),
		cmocka_unit_test(objects_that_are_built_in),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
