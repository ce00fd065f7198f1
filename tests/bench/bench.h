/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The benchmarks of `make bench`. Machines are shared and noisy: compared subjects alternate, A B A
 * B, in one run, and the report has medians and the number of rounds.
 */
#ifndef X0_BENCH_H
#define X0_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/xdp_mode.h"
#include "cli/bench_report.h"

/* A row of the table. */
struct measurement {
	const char *what;
	const char *unit;
	double value; /* median */
	const char *beside_what; /* the reference; NULL: none */
	double beside;
	double ratio; /* median of the rounds' ratios; 0: value / beside */
	unsigned int rounds;
	/* Required limits of the value and of its ratio to `beside`; 0: none. */
	double below, above, ratio_below, ratio_above;
};

/* Begins a section; `how` is the method of measuring its rows. */
void report_section(const char *title, const char *how);
void report_add(const struct measurement *measurement);

/* Reports a row that could not be measured, and why. */
void report_missing(const char *what, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Ends the report. Returns the exit status: 0 unless something could not be measured. */
int report_end(void);
void report_begin(bool json);

/* Measure the sections, in the order of the table; each reports rows that it cannot measure. */
void bench_loading(void);
void bench_replacing(void);
void bench_packets(void);
void bench_filters(void);
void bench_sets(void);
void bench_throughput(void);
void bench_observing(void);
void bench_sending(void);
void bench_shaping(void);
void bench_syscalls(void);
void bench_signatures(void);
void bench_dashboard(void);
void bench_host(void);
void bench_interfaces(void);
void bench_serving(void);
void bench_fleet(void);
void bench_mapek(void);
void bench_plugins(void);

void bench_fastnetmon(void);
void bench_day(void);

/* Part of bench_mapek(): what the limits of wakes cost a packet. */
void bench_wake_cost(void);

/* --- common helpers ------------------------------------------------------------------------- */

/* The ends of a veth pair in the network namespace of the benchmarks. */
#define BENCH_SENDS    "bench0"
#define BENCH_RECEIVES "bench1"

/*
 * Opens an orchestrator that runs only these programs (NULL ends the list) on BENCH_RECEIVES with
 * `n_rules` mesh rules, and attaches them. Returns NULL, with the reason in `why`, if one of them
 * does not run.
 */
struct orchestrator *open_programs(
	const char *const *programs, uint32_t n_rules, char *why, size_t size);

/* The same with the XDP chain attached in this mode, whether a stage needs it or not. */
struct orchestrator *open_programs_in_mode(enum xdp_mode_wanted mode, const char *const *programs,
	uint32_t n_rules, char *why, size_t size);

/* Starts a program that says nothing. bench_stop() ends it and waits; it takes what bench_start() returned. */
pid_t bench_start(const char *const *arguments);
void bench_stop(pid_t pid);

/* Return, of a process with all its threads, the seconds of CPU time, and its resident memory in MB; negative if
 * it is gone. */
double bench_cpu_seconds(pid_t pid);
double bench_resident_mb(pid_t pid);

/* Returns how often a second a process, and those that it has forked, are woken by others, measured for so many
 * seconds; NAN if it is gone, or cannot be measured. Ids of processes are those of the host's own namespace. */
double bench_wakes(pid_t pid, unsigned int seconds);

#define DASHBOARD_ROUNDS 9

/*
 * What a program on a terminal uses of a core, median of DASHBOARD_ROUNDS times five seconds; negative
 * if it ends. NULL ends `arguments`.
 */
double dashboard_cpu_percent(const char *const *arguments);

/* Loads a program that only returns `verdict`. Returns its descriptor or -errno. */
int load_empty(uint32_t type, int32_t verdict);

/* Lets packets of BPF_PROG_RUN, which come in on the loopback, be those of a watched interface. */
struct orchestrator;
void watch_loopback(const struct orchestrator *o, const char *table);

/* Returns a descriptor of the program of that name that was loaded last, or -ENOENT. */
int newest_program(const char *name);

struct frame;

/* Runs a program `runs` times on a frame. Returns nanoseconds of this thread's time a run: what others
 * do on this CPU is not in it. */
double run_ns(int fd, const struct frame *frame, uint32_t runs);

/* Makes a UDP packet of so many bytes with its Ethernet header, from FRAME_SOURCE4. */
void make_packet(struct frame *frame, size_t bytes);

#endif
