// SPDX-License-Identifier: BSD-2-Clause
/* Objects that are loaded side by side: each its own verdict, and no signal that breaks it off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <sys/time.h>

#include "control/state.h"
#include "kernel/btf_names.h"
#include "kernel/messages.h"
#include "kernel/object.h"
#include "tests/lib/host.h"
#include "tests/lib/netns.h"

#define LEFT  "x0left"
#define RIGHT "x0right"
#define LOADS 6

static struct object_load loads[LOADS];
static struct failure failures[LOADS];

/* --- objects --------------------------------------------------------------------------------- */

static void open_all(const char *const names[LOADS])
{
	for (int i = 0; i < LOADS; i++) {
		failures[i].error = 0;
		loads[i] = (struct object_load) { .name = names[i], .failure = &failures[i] };
		if (object_open(names[i], "", &loads[i].object, &failures[i]) < 0)
			fail_msg("%s", failures[i].what);
	}
}

static void close_all(void)
{
	for (int i = 0; i < LOADS; i++)
		bpf_object__close(loads[i].object);
}

/* Makes the first program of an object read a register that has no value. */
static void spoil(struct bpf_object *object, uint8_t reg)
{
	struct bpf_program *program = bpf_object__next_program(object, NULL);
	size_t n = bpf_program__insn_cnt(program);
	struct bpf_insn *code = calloc(n, sizeof(*code));

	assert_non_null(code);
	memcpy(code, bpf_program__insns(program), n * sizeof(*code));
	code[0] = (struct bpf_insn) {
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_0, .src_reg = reg & 15
	};
	assert_int_equal(bpf_program__set_insns(program, code, n), 0);
	free(code);
}

static unsigned told;

static void count(const struct object_load *load)
{
	assert_non_null(load->object);
	told++;
}

/* Each of two refusals has the words of its own object's verification, and the others load. */
static void what_fails_says_its_own(void **state)
{
	(void)state;
	static const char *const names[LOADS] = { "xdp_counter", "tc_classifier", "xdp_mesh_filter",
		"xdp_root", "xdp_counter", "xdp_pqc_verify" };
	char sentence[FAILURE_SENTENCE_LEN];

	open_all(names);
	spoil(loads[1].object, BPF_REG_7);
	spoil(loads[3].object, BPF_REG_8);
	told = 0;
	objects_load(loads, LOADS, count);
	assert_int_equal(told, LOADS);
	for (int i = 0; i < LOADS; i++) {
		const struct object_load *load = &loads[i];
		bool first = strcmp(load->name, "tc_classifier") == 0;
		if (!first && strcmp(load->name, "xdp_root") != 0) {
			assert_int_equal(load->failure->error, 0);
			continue;
		}
		assert_int_equal(load->failure->error, -EACCES);
		snprintf(sentence, sizeof(sentence),
			"Cannot load %s: the kernel's verifier refused it", load->name);
		assert_string_equal(load->failure->what, sentence);
		assert_non_null(strstr(load->failure->cause, first ? "R7 !read" : "R8 !read"));
		assert_null(strstr(load->failure->cause, first ? "R8 !read" : "R7 !read"));
	}
	close_all();
}

static volatile sig_atomic_t signals;

static void on_signal(int signal)
{
	(void)signal;
	signals++;
}

/* BPF_PROG_LOAD ends with EAGAIN on a pending signal; this one is always pending. */
static void a_storm_of_signals(void **state)
{
	(void)state;
	static const char *const names[LOADS] = { "xdp_pqc_verify", "tc_classifier", "xdp_counter",
		"xdp_mesh_filter", "mldsa_verify", "xdp_root" };
	const struct itimerval storm = { { 0, 50 }, { 0, 50 } }, calm = { 0 };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct failure failure = { 0 };

	sigaction(SIGALRM, &action, NULL);
	open_all(names);
	setitimer(ITIMER_REAL, &storm, NULL);
	int error = object_load(loads[0].object, names[0], &failure);
	objects_load(&loads[1], LOADS - 1, NULL);
	setitimer(ITIMER_REAL, &calm, NULL);
	assert_true(signals > 0);
	if (error < 0)
		fail_msg("%s: %s", failure.what, failure.cause);
	for (int i = 1; i < LOADS; i++)
		if (failures[i].error < 0)
			fail_msg("%s: %s", failures[i].what, failures[i].cause);
	close_all();
}

/* --- programs -------------------------------------------------------------------------------- */

static struct settings settings;
static struct snapshot now;

static struct orchestrator *open_programs(void)
{
	struct orchestrator *orchestrator;
	struct failure failure = { 0 };

	netns_veth(LEFT, RIGHT);
	settings_default(&settings);
	settings.n_interfaces = 1;
	snprintf(settings.interfaces[0], NAME_LEN, RIGHT);
	if (orchestrator_open(&settings, &orchestrator, &failure) < 0)
		fail_msg("%s", failure.what);
	orchestrator_sample(orchestrator, NULL, &now);
	return orchestrator;
}

static uint32_t map_id(int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t size = sizeof(info);

	assert_return_code(bpf_obj_get_info_by_fd(fd, &info, &size), errno);
	return info.id;
}

static bool uses_map(int program_fd, uint32_t id)
{
	uint32_t ids[64] = { 0 };
	struct bpf_prog_info info = { .nr_map_ids = 64, .map_ids = (uintptr_t)ids };
	uint32_t size = sizeof(info);

	assert_return_code(bpf_obj_get_info_by_fd(program_fd, &info, &size), errno);
	for (uint32_t i = 0; i < info.nr_map_ids && i < 64; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* All programs run, and those of the chain have one map of each kind between them. */
static void maps_are_shared(void **state)
{
	(void)state;
	static const char *const stages[] = { "xdp_counter", "xdp_mesh_filter", "xdp_pqc_verify" };
	static const char *const maps[] = { "xdp_chain", "xdp_packet" };
	struct orchestrator *orchestrator = open_programs();

	for (uint32_t i = 0; i < now.n_programs; i++)
		if (now.programs[i].state != PROGRAM_ON)
			fail_msg("%s: %s", now.programs[i].name, now.programs[i].reason);
	for (size_t m = 0; m < 2; m++) {
		uint32_t id = map_id(map_registry_fd(&orchestrator->context.maps, maps[m]));
		for (size_t s = 0; s < 3; s++)
			assert_true(
				uses_map(orchestrator_find(orchestrator, stages[s])->stage_fd, id));
	}
	orchestrator_close(orchestrator);
	netns_delete(LEFT);
}

/* --- names from BTF -------------------------------------------------------------------------- */

static struct btf_names names;

static void read_names(struct btf *btf)
{
	uint32_t size;
	const void *data = btf__raw_data(btf, &size);

	assert_non_null(data);
	assert_int_equal(btf_names_read(&names, data, size), 0);
	assert_int_equal(btf_names_read(&names, data, 8), -EINVAL);
	assert_int_equal(btf_names_read(&names, data, size - 1), -EINVAL);
	assert_int_equal(btf_names_read(&names, data, size), 0);
	btf__free(btf);
}

/* The kernel's own: what libbpf finds in it is what is read. */
static void names_of_this_kernel(void **state)
{
	(void)state;
	struct btf *btf = btf__load_vmlinux_btf();
	struct failure failure;

	assert_non_null(btf);
	assert_int_equal(btf_names_load(&names, &failure), 0);
	assert_true(names.has_drop_reasons);
	int id = btf__find_by_name_kind(btf, "skb_drop_reason", BTF_KIND_ENUM);
	assert_true(id > 0);
	const struct btf_type *type = btf__type_by_id(btf, (uint32_t)id);
	for (int i = 0; i < btf_vlen(type); i++) {
		const struct btf_enum *value = &btf_enum(type)[i];
		const char *name = btf__name_by_offset(btf, value->name_off);
		if ((uint32_t)value->val < DROP_REASONS_MAX - 1 &&
			strstr(name, "REASON_MAX") == NULL)
			assert_string_equal(names.drop_reasons[value->val],
				strncmp(name, "SKB_DROP_REASON_", 16) == 0 ? name + 16 : name + 4);
	}
	btf__free(btf);
}

/* Types of every kind before it; a pointer to `arguments` of them; an enum of 64 bits. */
static struct btf *make_btf(int arguments, bool reasons)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "int", 4, 0);

	btf__add_array(btf, number, number, 3);
	btf__add_struct(btf, "s", 4);
	btf__add_field(btf, "f", number, 0, 0);
	btf__add_fwd(btf, "skb_drop_reason", BTF_FWD_STRUCT);
	btf__add_float(btf, "double", 8);
	btf__add_datasec(btf, ".data", 0);
	btf__add_func_proto(btf, 0);
	for (int i = 0; i < arguments + 1; i++)
		btf__add_func_param(btf, "p", number);
	int pointer = btf__add_ptr(btf, (int)btf__type_cnt(btf) - 1);
	btf__add_decl_tag(btf, "tag", number, -1);
	btf__add_typedef(btf, "btf_trace_kfree_skb", pointer);
	if (reasons) {
		btf__add_enum64(btf, "skb_drop_reason", 8, false);
		btf__add_enum64_value(btf, "SKB_NOT_DROPPED_YET", 0);
		btf__add_enum64_value(btf, "SKB_DROP_REASON_NO_SOCKET", 3);
		btf__add_enum64_value(btf, "SKB_DROP_REASON_MAX", 4);
	}
	return btf;
}

static void names_of_other_kernels(void **state)
{
	(void)state;
	read_names(make_btf(3, true));
	assert_true(names.has_drop_reasons);
	assert_string_equal(names.drop_reasons[0], "NOT_DROPPED_YET");
	assert_string_equal(names.drop_reasons[3], "NO_SOCKET");
	assert_string_equal(names.drop_reasons[4], "");
	read_names(make_btf(2, false));
	assert_false(names.has_drop_reasons);
	assert_string_equal(names.drop_reasons[0], "NOT_SPECIFIED");
	assert_string_equal(names.drop_reasons[DROP_REASONS_MAX - 1], "OTHER");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fails_says_its_own),
		cmocka_unit_test(a_storm_of_signals),
		cmocka_unit_test(maps_are_shared),
		cmocka_unit_test(names_of_this_kernel),
		cmocka_unit_test(names_of_other_kernels),
	};

	host_enter(true);
	messages_capture(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
