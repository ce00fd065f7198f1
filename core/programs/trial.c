// SPDX-License-Identifier: BSD-2-Clause
#include "programs/trial.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "programs/program.h"
#include "programs/program_file.h"

#define WINDOW	   10.0 /* seconds of what passed before a trial */
#define FEW	   100 /* packets or calls that say nothing of a share */
#define DEVIATIONS 4 /* of a Poisson distribution; chance exceeds them once in 30,000 looks */
#define IN_FLIGHT  10 /* packets that have come and are not counted yet */
#define TOLERATED  0.001 /* of all packets */

/* --- outcomes -------------------------------------------------------------------------------- */

static struct program_outcome read_outcome(const struct program *program)
{
	struct program_outcome read = { .at = clock_monotonic_seconds() };

	program->type->outcome(program, &read);
	return read;
}

static uint64_t came_between(const struct program_outcome *from, const struct program_outcome *to)
{
	uint64_t most = 0;

	for (int i = 0; i < OUTCOME_WITNESSES; i++)
		if (from->seen[i] && to->seen[i] && to->came[i] > from->came[i] + most)
			most = to->came[i] - from->came[i];
	return most;
}

/* Returns what went wrong between two reads: by the witness who saw most of it. */
static uint64_t wrong_between(const struct program_outcome *from, const struct program_outcome *to)
{
	uint64_t most = 0;

	for (int i = 0; i < OUTCOME_WITNESSES; i++) {
		/* Interfaces may have gone, with what came. */
		uint64_t came = to->came[i] > from->came[i] ? to->came[i] - from->came[i] : 0;
		uint64_t passed = to->passed[i] - from->passed[i];
		if (from->seen[i] && to->seen[i] && came > passed && came - passed > most)
			most = came - passed;
	}
	/* A new program begins to lose at zero. */
	return most + (to->lost > from->lost ? to->lost - from->lost : 0);
}

void trial_watch(struct program *program)
{
	struct program_outcome *window = program->outcomes;
	double now = clock_monotonic_seconds();

	if (program->trial.goes_on || now - window[1].at < WINDOW)
		return;
	window[0] = window[1];
	window[1] = read_outcome(program);
}

/* Of all since counting began where nobody looked. */
double trial_share(const struct program *program)
{
	const struct program_outcome *from =
		program->outcomes[0].at > 0 ? &program->outcomes[0] : &program->outcomes[1];
	const struct program_outcome none = { .seen = { true, true } }, now = read_outcome(program);

	if (from->at <= 0 || came_between(from, &now) < FEW)
		from = &none;
	if (came_between(from, &now) < FEW)
		return 0;
	return (double)wrong_between(from, &now) / (double)came_between(from, &now);
}

/* --- life ------------------------------------------------------------------------------------ */

int trial_may_begin(const struct program *program, struct failure *failure)
{
	struct program_outcome now;

	if (program->trial.goes_on) {
		failure_set(failure, -EBUSY, "%s is on trial already", program->type->name);
		return failure_remedy(failure, "Wait for its end");
	}
	if (program->type->outcome != NULL && program->running) {
		now = read_outcome(program);
		if (now.seen[0])
			return 0;
	}
	failure_set(failure, -EOPNOTSUPP, "Nothing shows how %s does while it is on trial",
		program->type->name);
	return failure_remedy(
		failure, program->type->stage == XDP_ROOT
				 ? "Leave out the trial"
				 : "Switch on what counts packets, or leave out the trial");
}

void trial_begin(struct program *program, uint32_t seconds, struct program_file *file,
	const uint8_t tag[PROGRAM_TAG_LEN], double share)
{
	struct trial *trial = &program->trial;

	trial->goes_on = true;
	trial->file = file;
	trial->began = read_outcome(program);
	memcpy(trial->tag, tag, sizeof(trial->tag));
	trial->share = share;
	trial->ends = trial->began.at + seconds;
	memset(program->outcomes, 0, sizeof(program->outcomes));
}

enum trial_state trial_look(struct program *program, double *left)
{
	const struct trial *trial = &program->trial;

	*left = 0;
	if (!trial->goes_on)
		return TRIAL_NONE;
	struct program_outcome now = read_outcome(program);
	double came = (double)came_between(&trial->began, &now), expected = came * trial->share;
	double wrong = (double)wrong_between(&trial->began, &now);
	if (wrong - expected > DEVIATIONS * sqrt(expected) + IN_FLIGHT + TOLERATED * came)
		return TRIAL_FAILED;
	*left = trial->ends - now.at;
	return *left > 0 ? TRIAL_GOES_ON : TRIAL_PASSED;
}

void trial_describe(const struct program *program, char *text, size_t size)
{
	const struct program_outcome *began = &program->trial.began, now = read_outcome(program);

	snprintf(text, size, "of %llu %s %llu %s, %.1f%% before",
		(unsigned long long)came_between(began, &now), program->type->handles,
		(unsigned long long)wrong_between(began, &now), program->type->wrong,
		program->trial.share * 100);
}

static int no_trial(const struct program *program, struct failure *failure)
{
	failure_set(failure, -ENOENT, "%s is not on trial", program->type->name);
	return failure_remedy(failure, "Replace it by a file: x0top programs replace NAME FILE");
}

void trial_forget(struct program *program)
{
	fd_close(&program->trial.stage_fd);
	program_file_free(program->trial.file);
	program->trial.file = NULL;
	program->trial.goes_on = false;
}

int trial_keep(struct program *program, struct failure *failure)
{
	if (!program->trial.goes_on)
		return no_trial(program, failure);
	int error = program_note_file(program, failure);
	if (error == 0)
		trial_forget(program);
	return error;
}

/* Puts the old one back by one update of the chain. */
static int restore_stage(struct program *program, struct failure *failure)
{
	struct trial *trial = &program->trial;
	struct chain *chain = &program->context->chain;
	int error = chain_set_stage(chain, program->type->stage, trial->stage_fd);

	if (error < 0)
		return failure_set(failure, error, "Cannot put the old %s back: %s",
			program->type->name, strerror(-error));
	fd_close(&program->stage_fd);
	program->stage_fd = trial->stage_fd;
	program_file_free(program->file);
	program->file = trial->file;
	memcpy(program->tag, trial->tag, sizeof(program->tag));
	trial->stage_fd = -1;
	trial->file = NULL;
	return 0;
}

int trial_take_back(struct program *program, struct failure *failure)
{
	struct trial *trial = &program->trial;

	if (!trial->goes_on)
		return no_trial(program, failure);
	if (trial->stage_fd < 0)
		return TRIAL_LOADS_AGAIN;
	int error = restore_stage(program, failure);
	trial->goes_on = error < 0;
	return error;
}
