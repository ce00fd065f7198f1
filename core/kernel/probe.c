// SPDX-License-Identifier: BSD-2-Clause
#include "kernel/probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "kernel/capability.h"
#include "kernel/kprobe.h"
#include "kernel/lockdown.h"
#include "kernel/program_info.h"

/* Kernel headers before 5.8 lack the two newer ones; their numbers are fixed. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#define CAP_BPF	    39
#endif

const char *const probe_group_names[] = { "program_types", "map_types", "helpers", "attach_kinds",
	"system", "capabilities", NULL };
const char *const probe_state_names[] = { "no", "yes", "unknown", NULL };

static void add(struct probe_report *report, enum probe_group group, const char *name,
	uint32_t state, const char *note)
{
	struct probe_feature *feature = &report->features[report->n_features];

	if (report->n_features >= PROBE_FEATURES_MAX)
		return;
	report->n_features++;
	feature->group = group;
	feature->state = state;
	snprintf(feature->name, sizeof(feature->name), "%s", name);
	snprintf(feature->note, sizeof(feature->note), "%s", note);
}

/* --- a minimal program ------------------------------------------------------------------------ */

/* r0 = 0; exit */
static const struct bpf_insn instructions[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static int load_minimal(enum bpf_prog_type type, enum bpf_attach_type attach)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = attach);

	return bpf_prog_load(type, "x0top_probe", "Dual BSD/GPL", instructions, 2, &options);
}

/* Loads the program for the BTF tracepoint whose type has this number in the kernel's BTF. */
static int load_minimal_for(int type)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_RAW_TP,
		.attach_btf_id = (uint32_t)type);

	return bpf_prog_load(
		BPF_PROG_TYPE_TRACING, "x0top_probe", "Dual BSD/GPL", instructions, 2, &options);
}

/* Returns the state of a feature by the result of using it. Call it before errno changes. */
static uint32_t close_probed(int fd)
{
	if (fd < 0)
		return errno == EPERM || errno == EACCES ? PROBE_UNKNOWN : PROBE_NO;
	close(fd);
	return PROBE_YES;
}

/* --- program types, map types, helpers ------------------------------------------------------- */

/* Converts libbpf's answer: 1, 0, or an error if unknown. Without CAP_BPF every probe fails. */
static uint32_t state_of(int answer)
{
	if (!capability_held(CAP_BPF) || answer < 0)
		return PROBE_UNKNOWN;
	return answer > 0 ? PROBE_YES : PROBE_NO;
}

/* Returns whether this process may load the type. If not, libbpf reports program types as missing
 * and helpers as present. */
static bool may_load(int type)
{
	bool network = type == BPF_PROG_TYPE_XDP || type == BPF_PROG_TYPE_SCHED_CLS;

	return capability_held(network ? CAP_NET_ADMIN : CAP_PERFMON);
}

static uint32_t probe_program_type(int type)
{
	return may_load(type) ? state_of(libbpf_probe_bpf_prog_type(type, NULL)) : PROBE_UNKNOWN;
}

static uint32_t probe_helper(int type, int helper)
{
	return may_load(type) ? state_of(libbpf_probe_bpf_helper(type, helper, NULL))
			      : PROBE_UNKNOWN;
}

static const struct {
	int type;
	const char *name;
	const char *note;
} program_types[] = {
	{ BPF_PROG_TYPE_XDP, "XDP", "the chain: counter, mesh filter, signatures" },
	{ BPF_PROG_TYPE_SCHED_CLS, "TC classifier", "traffic classes" },
	{ BPF_PROG_TYPE_KPROBE, "kprobe", "system calls, cheaper than by tracepoint" },
	{ BPF_PROG_TYPE_RAW_TRACEPOINT, "raw tracepoint", "plugins" },
	{ BPF_PROG_TYPE_TRACEPOINT, "tracepoint", "plugins" },
};

static const struct {
	int type;
	const char *name;
} map_types[] = {
	{ BPF_MAP_TYPE_ARRAY, "array" },
	{ BPF_MAP_TYPE_PERCPU_ARRAY, "per-CPU array" },
	{ BPF_MAP_TYPE_HASH, "hash" },
	{ BPF_MAP_TYPE_PERCPU_HASH, "per-CPU hash" },
	{ BPF_MAP_TYPE_LRU_HASH, "LRU hash" },
	{ BPF_MAP_TYPE_LPM_TRIE, "LPM trie" },
	{ BPF_MAP_TYPE_PROG_ARRAY, "program array" },
	{ BPF_MAP_TYPE_RINGBUF, "ring buffer" },
	{ BPF_MAP_TYPE_TASK_STORAGE, "task storage" },
};

static const struct {
	int program;
	int helper;
	const char *name;
	const char *note;
} helpers[] = {
	{ BPF_PROG_TYPE_XDP, BPF_FUNC_tail_call, "tail_call", "the XDP chain" },
	{ BPF_PROG_TYPE_SCHED_CLS, BPF_FUNC_skb_load_bytes, "skb_load_bytes", "traffic classes" },
	{ BPF_PROG_TYPE_KPROBE, BPF_FUNC_ringbuf_reserve, "ringbuf_reserve", "events" },
	{ BPF_PROG_TYPE_KPROBE, BPF_FUNC_probe_read_kernel, "probe_read_kernel", "tracing" },
	{ BPF_PROG_TYPE_KPROBE, BPF_FUNC_get_current_task_btf, "get_current_task_btf",
		"task storage, else an LRU hash" },
	{ BPF_PROG_TYPE_KPROBE, BPF_FUNC_task_storage_get, "task_storage_get",
		"task storage, else an LRU hash" },
	{ BPF_PROG_TYPE_XDP, BPF_FUNC_loop, "loop", "not needed" },
	{ BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, "xdp_load_bytes", "not needed" },
};

/* Probes BTF tracepoints. libbpf would use an fentry program, which some kernels with this type
 * refuse. */
static uint32_t probe_tracing(void)
{
	int type = libbpf_find_vmlinux_btf_id("sys_enter", BPF_TRACE_RAW_TP);

	if (!may_load(BPF_PROG_TYPE_TRACING))
		return PROBE_UNKNOWN;
	return type < 0 ? PROBE_NO : close_probed(load_minimal_for(type));
}

static void probe_types(struct probe_report *report)
{
	for (size_t i = 0; i < sizeof(program_types) / sizeof(program_types[0]); i++)
		add(report, PROBE_PROGRAM_TYPES, program_types[i].name,
			probe_program_type(program_types[i].type), program_types[i].note);
	add(report, PROBE_PROGRAM_TYPES, "tracing", probe_tracing(),
		"network events and system calls, by BTF");
	for (size_t i = 0; i < sizeof(map_types) / sizeof(map_types[0]); i++)
		add(report, PROBE_MAP_TYPES, map_types[i].name,
			state_of(libbpf_probe_bpf_map_type(map_types[i].type, NULL)), "");
	for (size_t i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++)
		add(report, PROBE_HELPERS, helpers[i].name,
			probe_helper(helpers[i].program, helpers[i].helper), helpers[i].note);
}

/* --- attach kinds ---------------------------------------------------------------------------- */

/* Attaches a minimal program to an interface by link. Returns 0 or the errno. */
static int probe_interface_link(
	enum bpf_prog_type type, int ifindex, uint32_t attach, uint32_t flags)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);
	int program = load_minimal(type, type == BPF_PROG_TYPE_XDP ? BPF_XDP : 0);

	if (program < 0)
		return errno;
	int link = bpf_link_create(program, ifindex, attach, &options);
	int error = link < 0 ? errno : 0;
	fd_close(&link);
	close(program);
	return error;
}

/* Asks for XDP in the hardware of loopback: a kernel with XDP links answers EOPNOTSUPP. */
static uint32_t probe_xdp_link(void)
{
	const int loopback = 1;
	int error = probe_interface_link(BPF_PROG_TYPE_XDP, loopback, BPF_XDP, XDP_FLAGS_HW_MODE);

	if (error == EPERM)
		return PROBE_UNKNOWN;
	return error == EOPNOTSUPP ? PROBE_YES : PROBE_NO;
}

/* Asks for an interface that does not exist: a kernel with TCX links answers ENODEV. */
static uint32_t probe_tcx_link(void)
{
	/* BPF_TCX_INGRESS, which kernel headers before 6.6 do not name. */
	const uint32_t tcx_ingress = 46;
	int error = probe_interface_link(BPF_PROG_TYPE_SCHED_CLS, INT_MAX, tcx_ingress, 0);

	if (error == EPERM)
		return PROBE_UNKNOWN;
	return error == ENODEV ? PROBE_YES : PROBE_NO;
}

static uint32_t probe_btf_tracepoint(void)
{
	int type = libbpf_find_vmlinux_btf_id("sys_enter", BPF_TRACE_RAW_TP);
	int program = type < 0 ? -1 : load_minimal_for(type);

	if (program < 0)
		return type < 0 ? PROBE_NO : close_probed(program);
	uint32_t state = close_probed(bpf_raw_tracepoint_open(NULL, program));
	close(program);
	return state;
}

static uint32_t probe_raw_tracepoint(void)
{
	int program = load_minimal(BPF_PROG_TYPE_RAW_TRACEPOINT, 0);

	if (program < 0)
		return close_probed(program);
	uint32_t state = close_probed(bpf_raw_tracepoint_open("sys_enter", program));
	close(program);
	return state;
}

static void probe_kprobe(struct probe_report *report)
{
	const int error = kprobe_probe();
	const bool refused = error == -EPERM || error == -EACCES;

	add(report, PROBE_ATTACH_KINDS, "kprobe",
		error == 0 ? PROBE_YES
		: refused  ? PROBE_UNKNOWN
			   : PROBE_NO,
		error == -ENODATA ? "switched off, so tracepoints" : "else tracepoints");
}

static void probe_attach_kinds(struct probe_report *report)
{
	add(report, PROBE_ATTACH_KINDS, "XDP link", probe_xdp_link(),
		"native where the driver can, else generic");
	add(report, PROBE_ATTACH_KINDS, "TCX link", probe_tcx_link(), "else clsact");
	add(report, PROBE_ATTACH_KINDS, "BTF tracepoint", probe_btf_tracepoint(), "needs BTF");
	add(report, PROBE_ATTACH_KINDS, "raw tracepoint", probe_raw_tracepoint(), "");
	probe_kprobe(report);
}

/* --- the system ------------------------------------------------------------------------------ */

/* Reads the first line of a file, without its newline. Returns false if that fails. */
static bool read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return false;
	bool got = fgets(line, (int)size, file) != NULL;
	fclose(file);
	if (got)
		line[strcspn(line, "\n")] = '\0';
	return got;
}

static void probe_mount(struct probe_report *report, const char *name, const char *path,
	unsigned long magic, const char *missing)
{
	struct statfs status;
	bool mounted = statfs(path, &status) == 0 && (unsigned long)status.f_type == magic;

	add(report, PROBE_SYSTEM, name, mounted ? PROBE_YES : PROBE_NO, mounted ? path : missing);
}

static void probe_unprivileged(struct probe_report *report)
{
	char line[64], note[TEXT_LEN];

	if (!read_line("/proc/sys/kernel/unprivileged_bpf_disabled", line, sizeof(line))) {
		add(report, PROBE_SYSTEM, "unprivileged BPF disabled", PROBE_UNKNOWN,
			"cannot be read");
		return;
	}
	snprintf(note, sizeof(note), "unprivileged_bpf_disabled is %s", line);
	add(report, PROBE_SYSTEM, "unprivileged BPF disabled",
		strcmp(line, "0") == 0 ? PROBE_NO : PROBE_YES, note);
}

/* Probes whether a loaded program becomes machine code, which the setting alone does not show. */
static void probe_jit(struct probe_report *report)
{
	struct bpf_prog_info info;
	uint32_t state = PROBE_UNKNOWN;
	char line[64], note[TEXT_LEN] = "";
	int program = load_minimal(BPF_PROG_TYPE_SOCKET_FILTER, 0);

	if (capability_held(CAP_BPF) && program >= 0 && program_info_read(program, &info) == 0)
		state = info.jited_prog_len > 0 ? PROBE_YES : PROBE_NO;
	fd_close(&program);
	if (read_line("/proc/sys/net/core/bpf_jit_enable", line, sizeof(line)))
		snprintf(note, sizeof(note), "bpf_jit_enable is %s", line);
	add(report, PROBE_SYSTEM, "JIT", state, note);
}

static void probe_lockdown(struct probe_report *report)
{
	char line[64];

	if (!lockdown_read(line, sizeof(line)))
		add(report, PROBE_SYSTEM, "lockdown", PROBE_UNKNOWN,
			"securityfs is not mounted, or the kernel has no lockdown");
	else
		add(report, PROBE_SYSTEM, "lockdown",
			strstr(line, "[none]") == NULL ? PROBE_YES : PROBE_NO, line);
}

static void probe_system(struct probe_report *report)
{
	bool btf = access("/sys/kernel/btf/vmlinux", R_OK) == 0;

	add(report, PROBE_SYSTEM, "BTF", btf ? PROBE_YES : PROBE_NO,
		btf ? "/sys/kernel/btf/vmlinux" : "the tracing programs need it");
	probe_jit(report);
	probe_mount(report, "bpffs", "/sys/fs/bpf", BPF_FS_MAGIC,
		"enforcement is pinned there: mount -t bpf bpf /sys/fs/bpf");
	probe_mount(report, "tracefs", "/sys/kernel/tracing", TRACEFS_MAGIC, "not needed");
	probe_unprivileged(report);
	probe_lockdown(report);
}

static const struct {
	unsigned int capability;
	const char *name;
	const char *note;
} capabilities[] = {
	{ CAP_BPF, "CAP_BPF", "every program" },
	{ CAP_PERFMON, "CAP_PERFMON", "every program" },
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN", "the XDP and TC programs" },
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "listing other programs of the host" },
};

void probe_run(struct probe_report *report)
{
	memset(report, 0, sizeof(*report));
	probe_types(report);
	probe_attach_kinds(report);
	probe_system(report);
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++)
		add(report, PROBE_CAPABILITIES, capabilities[i].name,
			capability_held(capabilities[i].capability) ? PROBE_YES : PROBE_NO,
			capabilities[i].note);
}
