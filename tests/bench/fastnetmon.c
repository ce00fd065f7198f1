// SPDX-License-Identifier: BSD-2-Clause
/*
 * FastNetMon, as Debian packages it, on the same floods: it captures the victim's interface (AF_PACKET) and bans
 * the address that more packets come to than x0top's policy allows. A ban is of the victim: from its decision on,
 * all honest traffic to it is lost, as in the blackhole that it announces.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "range.h"

#define FLOODS	   3
#define LEARN_NS   8000000000 /* its average is over 5 s */
#define GIVE_UP_NS 15000000000
#define AFTER_NS   2000000000 /* of the flood, behind the decision */
#define REST_NS	   6000000000
#define THRESHOLD  "5000" /* packets a second: `from` of x0top's policy */
#define VICTIMS	   0x0a620000 /* 10.98.0.0/16 */

static const struct kind udp = { "UDP flood from one address", .tcp = false, .many = false };

static const char settings[] =
	"disable_usage_report = on\nenable_ban = on\nprocess_incoming_traffic = on\n"
	"process_outgoing_traffic = off\nban_time = 3600\ncheck_period = 1\n"
	"enable_connection_tracking = off\nban_for_pps = on\nban_for_bandwidth = off\n"
	"ban_for_flows = off\nthreshold_pps = " THRESHOLD "\nmirror_afpacket = on\n"
	"interfaces = " BENCH_RECEIVES "\naverage_calculation_time = 5\n"
	"speed_calculation_delay = 1\nmonitor_local_ip_addresses = off\nenable_api = off\n"
	"prometheus = off\n";

static int write_file(const char *folder, const char *name, const char *text, const char *more)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "we");
	if (file == NULL)
		return -errno;
	fputs(text, file);
	fputs(more, file);
	return fclose(file) == 0 && chmod(path, 0755) == 0 ? 0 : -errno;
}

/* Its script, which it calls with the address, notes the decision. */
static int write_files(const char *folder)
{
	char more[512];

	snprintf(more, sizeof(more),
		"networks_list_path = %s/networks\nwhite_list_path = %s/spared\n"
		"notify_script_path = %s/decide\ncli_stats_file_path = %s/stats\n"
		"cli_stats_ipv6_file_path = %s/stats6\n",
		folder, folder, folder, folder, folder);
	int error = write_file(folder, "settings", settings, more);
	snprintf(more, sizeof(more), "cat >/dev/null\n[ \"$4\" = ban ] && touch %s/$1\n", folder);
	if (error == 0)
		error = write_file(folder, "decide", "#!/bin/sh\n", more);
	if (error == 0)
		error = write_file(folder, "networks", "10.98.0.0/16\n", "");
	return error == 0 ? write_file(folder, "spared", "", "") : error;
}

/* Measures the ms until it has decided, and the share of the honest traffic of the flood that arrived: none does
 * once the victim is banned. */
static void flood(struct range *range, const char *folder, double *ms, double *share)
{
	char decided[96];
	uint64_t arrived = 0;

	*ms = 0;
	range->victim = VICTIMS + ++range->sources;
	snprintf(decided, sizeof(decided), "%s/10.98.0.%u", folder, range->sources);
	range_make(range, &range->honest, &udp, 1, 0x0a010909);
	range_be_honest_for(range, LEARN_NS);
	range_forget(range);
	range_make_flood(range, &udp, 0);
	const uint64_t began = clock_monotonic_ns();
	uint64_t until = began + GIVE_UP_NS;
	for (uint64_t at = began; at < until; at += BATCH_NS) {
		sleep_until(at);
		range_send(range);
		range_be_honest(range);
		if (*ms > 0 || access(decided, F_OK) < 0)
			continue;
		*ms = (double)(clock_monotonic_ns() - began) / 1e6;
		arrived = range->received;
		until = at + AFTER_NS;
	}
	*share = (double)(*ms > 0 ? arrived : range->received) / (double)range->sent;
}

static void measure(struct range *range, const char *folder)
{
	double ms[FLOODS], shares[FLOODS];

	for (int i = 0; i < FLOODS; i++) {
		flood(range, folder, &ms[i], &shares[i]);
		if (ms[i] == 0) {
			report_missing("FastNetMon", "it did not decide within 15 seconds");
			return;
		}
		sleep_until(clock_monotonic_ns() + REST_NS);
	}
	report_add(&(struct measurement) {
		.what = "FastNetMon, UDP flood from one address, to its decision",
		.unit = "ms",
		.value = bench_median(ms, FLOODS),
		.rounds = FLOODS,
	});
	report_add(&(struct measurement) {
		.what = "the same, honest traffic that arrives: it bans the victim",
		.unit = "",
		.value = bench_median(shares, FLOODS),
		.rounds = FLOODS,
	});
}

void bench_fastnetmon(void)
{
	static struct range range;
	char folder[] = "/tmp/x0-bench-XXXXXX", configuration[64], log[64], remove[64];
	const char *const arguments[] = { "fastnetmon", "--configuration_file", configuration,
		"--log_file", log, "--disable_pid_logic", NULL };

	report_section("FastNetMon",
		"the same floods, AF_PACKET on the victim's interface; to its decision, once a second");
	if (mkdtemp(folder) == NULL || write_files(folder) < 0 || range_open(&range) < 0) {
		report_missing("FastNetMon", "no folder, or no packet socket: %s", strerror(errno));
		return;
	}
	snprintf(configuration, sizeof(configuration), "%s/settings", folder);
	snprintf(log, sizeof(log), "%s/log", folder);
	snprintf(remove, sizeof(remove), "rm -r '%s'", folder);
	pid_t pid = bench_start(arguments);
	measure(&range, folder);
	bench_stop(pid);
	range_close(&range);
	if (system(remove) != 0)
		fprintf(stderr, "bench: %s stays.\n", folder);
}
