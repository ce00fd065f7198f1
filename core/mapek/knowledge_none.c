// SPDX-License-Identifier: BSD-2-Clause
/* Without SQLite. */
#include <errno.h>

#include "mapek/knowledge.h"
#include "mapek/sqlite.h"

#ifndef X0_WEB

/* Nobody has a knowledge: it cannot be opened. */
int knowledge_open(const char *path, enum knowledge_use use, struct knowledge **opened,
	char notice[REASON_LEN], struct failure *failure)
{
	(void)path, (void)use, (void)opened;
	notice[0] = '\0';
	return sqlite_open(failure);
}

void knowledge_close(struct knowledge *knowledge)
{
	(void)knowledge;
}

int knowledge_put_anomaly(struct knowledge *knowledge, const struct snapshot_mapek_anomaly *anomaly,
	const char *sentence)
{
	(void)knowledge, (void)anomaly, (void)sentence;
	return -ENOSYS;
}

int knowledge_put_action(
	struct knowledge *knowledge, const struct snapshot_mapek_action *action, double time)
{
	(void)knowledge, (void)action, (void)time;
	return -ENOSYS;
}

int knowledge_compare(struct knowledge *knowledge, const char (*lasting)[RULE_LEN], uint32_t n)
{
	(void)knowledge, (void)lasting, (void)n;
	return -ENOSYS;
}

int knowledge_put_series(struct knowledge *knowledge, const char *name, const struct series *series)
{
	(void)knowledge, (void)name, (void)series;
	return -ENOSYS;
}

bool knowledge_get_series(struct knowledge *knowledge, const char *name, struct series *series)
{
	(void)knowledge, (void)name, (void)series;
	return false;
}

uint64_t knowledge_last_anomaly(struct knowledge *knowledge)
{
	(void)knowledge;
	return 0;
}

uint64_t knowledge_last_action(struct knowledge *knowledge)
{
	(void)knowledge;
	return 0;
}

int knowledge_forget(struct knowledge *knowledge)
{
	(void)knowledge;
	return -ENOSYS;
}

int knowledge_spare(struct knowledge *knowledge, const char *target, double since)
{
	(void)knowledge, (void)target, (void)since;
	return -ENOSYS;
}

int knowledge_spare_no_more(struct knowledge *knowledge, const char *target)
{
	(void)knowledge, (void)target;
	return -ENOSYS;
}

int knowledge_each_spared(struct knowledge *knowledge,
	void (*take)(void *data, const struct snapshot_mapek_spared *spared), void *data)
{
	(void)knowledge, (void)take, (void)data;
	return -ENOSYS;
}

int knowledge_each_recalled(struct knowledge *knowledge, double undone_since,
	void (*take)(void *data, const struct snapshot_mapek_action *action, double changed),
	void *data)
{
	(void)knowledge, (void)undone_since, (void)take, (void)data;
	return -ENOSYS;
}

bool knowledge_changed(struct knowledge *knowledge)
{
	(void)knowledge;
	return false;
}

int knowledge_write_history(struct knowledge *knowledge, FILE *file)
{
	(void)knowledge, (void)file;
	return -ENOSYS;
}

int knowledge_write_action(struct knowledge *knowledge, uint64_t number, FILE *file)
{
	(void)knowledge, (void)number, (void)file;
	return -ENOSYS;
}

int knowledge_write_json(struct knowledge *knowledge, FILE *file)
{
	(void)knowledge, (void)file;
	return -ENOSYS;
}

int knowledge_write_spared(struct knowledge *knowledge, FILE *file)
{
	(void)knowledge, (void)file;
	return -ENOSYS;
}
#endif
