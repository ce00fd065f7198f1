/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The snapshot: what one moment looked like. Collectors fill it, everyone who shows or judges data
 * reads it, nobody changes it afterwards. It holds no pointer: it can be copied, kept and compared.
 *
 * Strings are UTF-8 and terminated. Lists are an array with its count beside it, `n_` and the name.
 * The tables in fields.c name every member for JSON, for replay and for the exporters.
 */
#ifndef X0_MODEL_SNAPSHOT_H
#define X0_MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/xdp_mode.h"
#include "interfaces.h"
#include "syscall_latency.h"
#include "syscall_latency_secure.h"
#include "tc_classifier.h"
#include "tracepoint_net.h"
#include "xdp_chain.h"
#include "xdp_counter.h"
#include "xdp_mesh_filter.h"
#include "xdp_pqc_verify.h"

#define SNAPSHOT_SCHEMA "x0top/1"

/* A count since the program was loaded, and its rate over the time between two samples. */
struct counter {
	uint64_t total;
	double rate; /* a second */
};

struct traffic {
	struct counter packets;
	struct counter bytes;
};

struct snapshot_host {
	char name[NAME_LEN * 2];
	char kernel[NAME_LEN * 2]; /* release, as uname -r */
	char machine[NAME_LEN];
	uint32_t cpus;
	double uptime_s;
	double load1;
	bool lab; /* this is the host's end of a lab mesh */
};

/* --- programs ------------------------------------------------------------------------------- */

enum program_state {
	PROGRAM_NOT_BUILT, /* this version has no such program yet */
	PROGRAM_OFF, /* switched off by the operator, or not asked for */
	PROGRAM_ON, /* loaded and attached */
	PROGRAM_PARTLY, /* attached to some of what it was asked for; `reason` says what failed */
	PROGRAM_FAILED, /* `reason` and `remedy` say why */
	PROGRAM_STATES,
};

#define PROGRAMS_MAX 16

struct snapshot_program {
	char name[NAME_LEN];
	char kind[NAME_LEN]; /* "XDP", "TC", "tracepoint", "system calls" */
	char attached[TEXT_LEN]; /* where and how: "eth0 native, wg0 generic"; empty if nowhere */
	uint32_t state; /* enum program_state */
	bool enforcer; /* it can drop or shape, if told to */
	bool enforcing; /* it does so now */
	bool pinned; /* it outlives x0top */
	bool adopted; /* it was found running when x0top started */
	struct counter runs;
	bool timed; /* ns_per_run is known */
	double ns_per_run; /* average since the last sample */
	double load_ms; /* to open, verify and load the object */
	uint64_t map_bytes; /* memory of its maps as the kernel accounts it */
	uint32_t verified_instructions; /* 0 where the kernel does not tell (before 5.16) */
	char reason[REASON_LEN];
	char remedy[REASON_LEN];
};

/* --- packets: xdp_counter -------------------------------------------------------------------- */

struct snapshot_packets_interface {
	char name[NAME_LEN];
	uint32_t ifindex;
	uint32_t mode; /* enum xdp_mode */
	char problem[REASON_LEN]; /* why nothing is counted here; empty if all is well */
	bool uncovered; /* it exists, and packets come in that nothing counts or judges */
	struct traffic all;
	struct traffic verdicts[XDP_VERDICTS];
	struct traffic networks[NETWORK_PROTOCOLS];
	struct traffic transports[TRANSPORT_PROTOCOLS]; /* TRANSPORT_NONE stays zero */
	struct counter frame_sizes[FRAME_SIZES];
	struct counter fragments;
	struct counter malformed;
	struct counter vlan;
};

/* An interface that is not watched though it is up, or was asked for. */
struct snapshot_left_out {
	char name[NAME_LEN];
	char reason[TEXT_LEN]; /* "its packets are counted on eth0" */
	bool uncovered; /* packets reach the host through it that nothing counts or judges */
};

#define LEFT_OUT_MAX INTERFACES_MAX

struct snapshot_packets {
	bool available; /* the counter runs on at least one interface */
	/* All interfaces together: `all` to `vlan` of the same struct; no name, no mode. */
	struct snapshot_packets_interface sum;
	uint32_t n_interfaces;
	struct snapshot_packets_interface interfaces[INTERFACES_MAX];
	uint32_t n_left_out;
	struct snapshot_left_out left_out[LEFT_OUT_MAX];
};

/* --- mesh: xdp_mesh_filter ------------------------------------------------------------------- */

struct snapshot_rule {
	uint32_t number; /* slot in the kernel's table; lower decides first */
	uint32_t match; /* enum mesh_rule_match */
	uint32_t action; /* enum mesh_rule_action */
	char key[NAME_LEN * 2]; /* "10.1.0.0/16", "02:00:00:00:00:01", "udp 6696" */
	bool enabled;
	struct traffic traffic;
};

struct snapshot_mesh {
	bool available;
	bool enforcing;
	struct traffic no_match, passed, dropped, spared;
	uint32_t n_rules;
	struct snapshot_rule rules[MESH_RULES_MAX];
};

/* --- tc: tc_classifier ----------------------------------------------------------------------- */

struct snapshot_class {
	struct traffic directions[TRAFFIC_DIRECTIONS];
};

struct snapshot_tc_interface {
	char name[NAME_LEN];
	uint32_t ifindex;
	char attached[NAME_LEN]; /* "TCX", "clsact", or empty */
	char problem[REASON_LEN];
	struct snapshot_class classes[TRAFFIC_CLASSES];
};

struct snapshot_tc {
	bool available;
	struct snapshot_class classes[TRAFFIC_CLASSES]; /* all interfaces together */
	uint32_t n_interfaces;
	struct snapshot_tc_interface interfaces[INTERFACES_MAX];
};

/* --- net_events: tracepoint_net -------------------------------------------------------------- */

struct snapshot_net_interface {
	char name[NAME_LEN];
	uint32_t ifindex;
	struct traffic transmitted;
	struct traffic received;
	struct counter transmit_errors;
};

struct snapshot_drop {
	char reason[NAME_LEN * 2]; /* the kernel's name without SKB_DROP_REASON_, "TCP_CSUM" */
	struct counter packets;
};

/* An event in words. Where it came from stays with it, so that views can filter. */
enum event_kind {
	EVENT_KIND_NET, /* drops, retransmits, resets */
	EVENT_KIND_SYSCALL, /* slow calls */
	EVENT_KIND_MESH, /* rules */
	EVENT_KIND_PQC, /* signatures */
	EVENT_KIND_ACTION, /* what an operator or MAPE-K changed */
	EVENT_KIND_PROGRAM, /* loaded, failed, interface gone */
	EVENT_KINDS,
};

struct snapshot_event {
	uint64_t number; /* rises by one; gaps never occur, losses are counted elsewhere */
	double time; /* seconds since 1970 */
	uint32_t kind; /* enum event_kind */
	char text[TEXT_LEN];
};

#define EVENTS_KEPT	256
#define DROPS_SHOWN_MAX DROP_REASONS_MAX

struct snapshot_net_events {
	bool available;
	uint32_t n_interfaces;
	struct snapshot_net_interface interfaces[INTERFACES_MAX];
	struct counter dropped; /* all reasons together */
	uint32_t n_drops;
	struct snapshot_drop drops[DROPS_SHOWN_MAX]; /* only reasons that have occurred */
	struct counter tcp_retransmits;
	struct counter tcp_resets_sent;
	struct counter tcp_resets_received;
	uint32_t n_events;
	struct snapshot_event events[EVENTS_KEPT]; /* of every kind, oldest first */
};

/* --- system calls ---------------------------------------------------------------------------- */

struct quantiles {
	double p50, p90, p99, p999; /* ns; 0 if there was no call */
};

struct snapshot_syscall {
	char name[NAME_LEN];
	struct counter calls;
	struct counter errors;
	double mean_ns; /* of the calls since the last sample */
	double max_ns; /* since start */
	struct quantiles recent; /* of the calls since the last sample */
	struct quantiles overall; /* of all calls since start */
	uint64_t buckets[LATENCY_BUCKETS]; /* since start */
};

struct snapshot_slow_call {
	double time; /* seconds since 1970 */
	char name[NAME_LEN];
	uint32_t pid;
	uint32_t thread;
	char command[16];
	double latency_ns;
	int64_t result;
};

#define SLOW_CALLS_KEPT 32

struct snapshot_syscalls {
	bool available;
	char attached[NAME_LEN]; /* "kprobe" or "tracepoint" */
	uint32_t n_calls;
	struct snapshot_syscall calls[SYSCALLS_MAX];
	uint32_t n_slowest;
	struct snapshot_slow_call slowest[SLOW_CALLS_KEPT]; /* slowest first, of the last minute */
};

struct snapshot_syscall_secure {
	char name[NAME_LEN];
	struct counter calls; /* published: a multiple of SECURE_STEP */
	struct counter errors;
	/* The coarse bucket that holds the quantile, as its upper bound in ns; 0 if none. */
	double p50, p90, p99;
	uint64_t buckets[SECURE_BUCKETS];
};

struct snapshot_syscalls_secure {
	bool available;
	char attached[NAME_LEN];
	uint32_t step; /* counts below this are withheld */
	double epsilon; /* of the noise: ln(1/alpha) a bucket */
	uint32_t n_calls;
	struct snapshot_syscall_secure calls[SYSCALLS_MAX];
};

/* --- signatures: xdp_pqc_verify ---------------------------------------------------------------- */

enum {
	PQC_NAME_LEN = 2 * NAME_LEN, /* of a node, as the trust store has it */
	PQC_NODE_TEXT_LEN = 2 * PQC_NODE_LEN + 1, /* a node's id in hexadecimal */
	PQC_PORTS_SHOWN = 16,
	PQC_SESSIONS_SHOWN = 256,
};

struct snapshot_pqc_port {
	uint32_t number; /* UDP */
};

struct snapshot_pqc_node {
	char name[PQC_NAME_LEN]; /* in the trust store; empty if its key is there no more */
	char node[PQC_NODE_TEXT_LEN];
	uint32_t set; /* enum pqc_set */
	double authenticated_until; /* seconds since 1970; 0 while no message of it was good */
	double last_time; /* of the last good message, seconds since 1970; 0: none yet */
	uint64_t sequence; /* of that message */
	struct counter good; /* messages */
};

struct snapshot_pqc_session {
	char name[PQC_NAME_LEN]; /* of the sender, as above */
	char node[PQC_NODE_TEXT_LEN];
	char session[9]; /* in hexadecimal */
	double began, expires; /* seconds since 1970 */
	struct traffic traffic; /* what was good; bytes of payload */
	struct counter replayed;
};

/* The parameter set of a node's key. */
enum pqc_set {
	PQC_SET_UNKNOWN,
	PQC_SET_44,
	PQC_SET_65,
	PQC_SET_87,
	PQC_SETS,
};

struct snapshot_pqc {
	bool available;
	char state[NAME_LEN]; /* of the program: "not built", "off", "failed", "observing", ... */
	uint32_t mode; /* enum pqc_mode */
	uint32_t n_ports;
	struct snapshot_pqc_port ports[PQC_PORTS_SHOWN]; /* the protected ones */
	struct counter results[PQC_RESULTS]; /* packets, by what became of them */
	struct counter verifications; /* of signatures, the mathematics */
	struct counter undelivered; /* good messages that nobody took out of the ring buffer */
	struct quantiles times; /* of a verification, since start */
	uint64_t buckets[PQC_TIME_BUCKETS]; /* the same */
	double budget_used; /* 0 to 1, of what strangers and newcomers share */
	double budget_rate; /* verifications a second that it allows */
	uint32_t n_nodes;
	struct snapshot_pqc_node nodes[PQC_NODES_DEFAULT];
	uint32_t sessions_total; /* of which the list holds PQC_SESSIONS_SHOWN at most */
	uint32_t n_sessions;
	struct snapshot_pqc_session sessions[PQC_SESSIONS_SHOWN];
};

/* --- MAPE-K: comes later; the state says so ------------------------------------------------------ */

struct snapshot_mapek {
	bool available;
	char state[NAME_LEN];
};

/* --- self: what x0top costs, and what it missed --------------------------------------------------- */

#define LOSSES_MAX 16

struct snapshot_loss {
	char what[NAME_LEN * 2]; /* "events: system calls", "net_interfaces full" */
	struct counter count;
};

struct snapshot_self {
	uint32_t pid;
	double cpu_percent; /* of one core, since the last sample */
	double cpu_seconds; /* user and system, since start */
	uint64_t memory_bytes; /* resident */
	struct counter wakeups; /* voluntary context switches */
	double sample_ms; /* what it took to make this snapshot */
	bool readonly;
	uint32_t n_losses;
	struct snapshot_loss losses[LOSSES_MAX];
};

struct snapshot {
	char schema[NAME_LEN]; /* SNAPSHOT_SCHEMA */
	double time; /* seconds since 1970 */
	double interval; /* seconds since the sample before; 0 for the first: rates are 0 then */
	struct snapshot_host host;
	uint32_t n_programs;
	struct snapshot_program programs[PROGRAMS_MAX];
	struct snapshot_packets packets;
	struct snapshot_mesh mesh;
	struct snapshot_tc tc;
	struct snapshot_net_events net_events;
	struct snapshot_syscalls syscalls;
	struct snapshot_syscalls_secure syscalls_secure;
	struct snapshot_pqc pqc;
	struct snapshot_mapek mapek;
	struct snapshot_self self;
};

#endif
