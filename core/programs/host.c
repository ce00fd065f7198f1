// SPDX-License-Identifier: BSD-2-Clause
#include "programs/host.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "model/rate.h"

void collect_host(struct snapshot *now)
{
	struct utsname names;
	struct sysinfo info;
	struct snapshot_host *host = &now->host;

	if (uname(&names) == 0) {
		snprintf(host->name, sizeof(host->name), "%.*s", (int)sizeof(host->name) - 1,
			names.nodename);
		snprintf(host->kernel, sizeof(host->kernel), "%.*s", (int)sizeof(host->kernel) - 1,
			names.release);
		snprintf(host->machine, sizeof(host->machine), "%.*s",
			(int)sizeof(host->machine) - 1, names.machine);
	}
	if (sysinfo(&info) == 0) {
		host->uptime_s = (double)info.uptime;
		host->load1 = (double)info.loads[0] / (1 << SI_LOAD_SHIFT);
	}
	host->cpus = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
}

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Reads the second number of statm: resident pages. */
static uint64_t resident_bytes(void)
{
	char text[128];
	unsigned long long size, resident = 0;
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	ssize_t length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return 0;
	text[length] = '\0';
	if (sscanf(text, "%llu %llu", &size, &resident) != 2)
		return 0;
	return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Sums what the programs take. Errors of independent estimates add up by their squares. */
static void collect_programs(struct snapshot *now)
{
	struct snapshot_self *self = &now->self;
	double sum = 0, square_error = 0;
	uint32_t known = 0;

	for (uint32_t i = 0; i < now->n_programs; i++) {
		const struct snapshot_program *program = &now->programs[i];
		if (program->state != PROGRAM_ON && program->state != PROGRAM_PARTLY)
			continue;
		if (isnan(program->cpu_percent)) {
			self->programs_unknown++;
			continue;
		}
		known++;
		sum += program->cpu_percent;
		if (program->cpu_percent > 0)
			square_error +=
				program->cpu_percent * program->cpu_percent / program->timed_runs;
	}
	self->programs_percent = known > 0 ? sum : NAN;
	self->programs_samples = square_error > 0 ? sum * sum / square_error : 0;
}

void collect_self(const struct snapshot *before, struct snapshot *now)
{
	struct snapshot_self *self = &now->self;
	struct rusage usage;

	self->pid = (uint32_t)getpid();
	self->memory_bytes = resident_bytes();
	self->cpu_percent = NAN;
	collect_programs(now);
	if (getrusage(RUSAGE_SELF, &usage) < 0)
		return;
	self->cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	if (before != NULL && now->interval > 0)
		self->cpu_percent =
			100 * (self->cpu_seconds - before->self.cpu_seconds) / now->interval;
	counter_update(&self->wakeups, before ? &before->self.wakeups : NULL,
		(uint64_t)usage.ru_nvcsw, now->interval);
}

void collect_loss(
	const char *what, uint64_t total, const struct snapshot *before, struct snapshot *now)
{
	const struct counter *old = NULL;

	struct snapshot_loss *loss = SNAPSHOT_ADD(now, &now->self, losses);

	if (loss == NULL)
		return;
	snprintf(loss->what, sizeof(loss->what), "%s", what);
	for (uint32_t i = 0; before != NULL && i < before->self.n_losses; i++)
		if (strcmp(before->self.losses[i].what, what) == 0)
			old = &before->self.losses[i].count;
	counter_update(&loss->count, old, total, now->interval);
}
