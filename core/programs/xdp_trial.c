// SPDX-License-Identifier: BSD-2-Clause
#include "programs/xdp_trial.h"

#include <errno.h>
#include <linux/bpf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "interfaces.h"
#include "programs/program.h"
#include "programs/program_file.h"

#define WINDOW	    10.0 /* seconds of what passed before a trial */
#define FEW_PACKETS 100 /* that say nothing of a share */
#define DEVIATIONS  4 /* of a Poisson distribution; chance exceeds them once in 30,000 looks */
#define IN_FLIGHT   10 /* packets that have entered and are not counted yet */
#define TOLERATED   0.001 /* of all packets */

/* --- packets --------------------------------------------------------------------------------- */

/* Returns how many packets have passed the chain, by its last program; those of the time without the counter are
 * not among them. */
static uint64_t passed_chain(const struct program_context *context)
{
	int map = map_registry_fd(&context->maps, "xdp_counters");
	static const int verdicts[] = { XDP_PASS, XDP_TX, XDP_REDIRECT };
	struct xdp_interface_counters counts;
	uint64_t sum = 0;

	for (uint32_t slot = 0; slot < INTERFACES_MAX; slot++) {
		if (percpu_sum(&context->percpu, map, &slot, &counts, sizeof(counts)) < 0)
			break;
		for (int n = 0; n < NETWORK_PROTOCOLS; n++)
			for (int t = 0; t < TRANSPORT_PROTOCOLS; t++)
				for (size_t v = 0; v < sizeof(verdicts) / sizeof(verdicts[0]); v++)
					sum += counts.packets[n][t][verdicts[v]].packets;
	}
	return sum;
}

static struct xdp_passage read_passage(const struct program *program)
{
	const struct program_context *context = program->context;
	struct xdp_passage read = { .at = clock_monotonic_seconds() };
	struct xdp_packet packet;
	uint32_t zero = 0;

	/* First what has passed: what enters meanwhile is not counted against the program, within IN_FLIGHT and what is
	 * tolerated. */
	read.passed = program->type->passed(program);
	read.counted = context->chain.stages[XDP_COUNTER] >= 0;
	read.passed_chain = read.counted ? passed_chain(context) : 0;
	if (percpu_sum(&context->percpu, map_registry_fd(&context->maps, "xdp_packet"), &zero,
		    &packet, sizeof(packet)) == 0)
		read.entered = packet.stages[XDP_ROOT].runs;
	return read;
}

/* Packets that entered between two reads and did not pass. */
static uint64_t not_passed(const struct xdp_passage *from, const struct xdp_passage *to)
{
	uint64_t entered = to->entered - from->entered, through = to->passed - from->passed;

	/* A program may say that it lets pass what it drops: the end of the chain knows better, where it counts. */
	if (from->counted && to->counted && to->passed_chain - from->passed_chain < through)
		through = to->passed_chain - from->passed_chain;
	return entered > through ? entered - through : 0;
}

void xdp_trial_watch(struct program *program)
{
	struct xdp_passage *window = program->passage;
	double now = clock_monotonic_seconds();

	if (program->trial.fd >= 0 || now - window[1].at < WINDOW)
		return;
	window[0] = window[1];
	window[1] = read_passage(program);
}

/* Returns the share that did not pass in the last seconds; else of all since the chain began. */
static double share_before(const struct program *program, const struct xdp_passage *now)
{
	const struct xdp_passage *from =
		program->passage[0].at > 0 ? &program->passage[0] : &program->passage[1];
	const struct xdp_passage none = { 0 };

	if (from->at <= 0 || now->entered - from->entered < FEW_PACKETS)
		from = &none;
	if (now->entered - from->entered < FEW_PACKETS)
		return 0;
	return (double)not_passed(from, now) / (double)(now->entered - from->entered);
}

/* --- life ------------------------------------------------------------------------------------ */

void xdp_trial_begin(struct program *program, uint32_t seconds, struct program_file *file,
	const uint8_t tag[PROGRAM_TAG_LEN])
{
	struct xdp_trial *trial = &program->trial;

	trial->file = file;
	trial->began = read_passage(program);
	memcpy(trial->tag, tag, sizeof(trial->tag));
	trial->share = share_before(program, &trial->began);
	trial->ends = trial->began.at + seconds;
}

enum xdp_trial_state xdp_trial_look(struct program *program, double *left)
{
	const struct xdp_trial *trial = &program->trial;

	*left = 0;
	if (trial->fd < 0)
		return XDP_TRIAL_NONE;
	struct xdp_passage now = read_passage(program);
	double entered = (double)(now.entered - trial->began.entered);
	double expected = entered * trial->share;
	double bad = (double)not_passed(&trial->began, &now);
	if (bad - expected > DEVIATIONS * sqrt(expected) + IN_FLIGHT + TOLERATED * entered)
		return XDP_TRIAL_FAILED;
	*left = trial->ends - now.at;
	return *left > 0 ? XDP_TRIAL_GOES_ON : XDP_TRIAL_PASSED;
}

void xdp_trial_describe(const struct program *program, char *text, size_t size)
{
	const struct xdp_passage *began = &program->trial.began, now = read_passage(program);

	snprintf(text, size, "of %llu packets %llu did not pass, %.1f%% before",
		(unsigned long long)(now.entered - began->entered),
		(unsigned long long)not_passed(began, &now), program->trial.share * 100);
}

static int no_trial(const struct program *program, struct failure *failure)
{
	failure_set(failure, -ENOENT, "%s is not on trial", program->type->name);
	return failure_remedy(failure, "Replace it by a file: x0top programs replace NAME FILE");
}

void xdp_trial_forget(struct program *program)
{
	fd_close(&program->trial.fd);
	program_file_free(program->trial.file);
	program->trial.file = NULL;
}

int xdp_trial_keep(struct program *program, struct failure *failure)
{
	if (program->trial.fd < 0)
		return no_trial(program, failure);
	int error = program_note_file(program, failure);
	if (error == 0)
		xdp_trial_forget(program);
	return error;
}

int xdp_trial_take_back(struct program *program, struct failure *failure)
{
	struct xdp_trial *trial = &program->trial;
	struct chain *chain = &program->context->chain;

	if (trial->fd < 0)
		return no_trial(program, failure);
	int error = chain_set_stage(chain, program->type->stage, trial->fd);
	if (error < 0)
		return failure_set(failure, error, "Cannot put the old %s back: %s",
			program->type->name, strerror(-error));
	fd_close(&program->stage_fd);
	program->stage_fd = trial->fd;
	program_file_free(program->file);
	program->file = trial->file;
	memcpy(program->tag, trial->tag, sizeof(program->tag));
	trial->fd = -1;
	trial->file = NULL;
	return 0;
}
