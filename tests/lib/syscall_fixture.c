// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/syscall_fixture.h"

#include <stdio.h>

#include "kernel/messages.h"
#include "kernel/object.h"

static int use_lru(struct bpf_object *object)
{
	bool task_storage = false;

	bpf_map__set_autocreate(bpf_object__find_map_by_name(object, "in_flight_storage"), false);
	bpf_map__set_autocreate(bpf_object__find_map_by_name(object, "in_flight_lru"), true);
	return object_set_constant(object, "task_storage", &task_storage, sizeof(task_storage));
}

int syscall_fixture_open(struct syscall_fixture *fixture, const char *program,
	const char *const *names, uint32_t wanted)
{
	char list[SYSCALLS_MAX][NAME_LEN];
	uint32_t n;
	int error;

	for (n = 0; names[n] != NULL; n++)
		snprintf(list[n], NAME_LEN, "%s", names[n]);
	messages_capture(false);
	fixture->links.n = 0;
	error = traced_calls_resolve(
		&fixture->calls, (const char(*)[NAME_LEN])list, n, true, &fixture->failure);
	if (error < 0)
		return error;
	error = object_open(program, "", &fixture->object, &fixture->failure);
	if (error < 0)
		return error;
	error = tracer_prepare(
		fixture->object, &fixture->calls, wanted, &fixture->kprobes, &fixture->failure);
	if (error == 0 && fixture->lru)
		error = use_lru(fixture->object);
	if (error == 0)
		error = object_load(fixture->object, program, &fixture->failure);
	if (error == 0)
		error = tracer_attach(fixture->object, &fixture->calls, fixture->kprobes,
			&fixture->links, &fixture->failure);
	if (error < 0)
		syscall_fixture_close(fixture);
	return error;
}

void syscall_fixture_close(struct syscall_fixture *fixture)
{
	trace_links_close(&fixture->links);
	bpf_object__close(fixture->object);
	fixture->object = NULL;
}
