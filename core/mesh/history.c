// SPDX-License-Identifier: BSD-2-Clause
#include "mesh/history.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/words.h"
#include "kernel/lock.h"
#include "kernel/rights.h"
#include "mesh/rule_edit.h"
#include "mesh/set_store.h"

#define MAGIC	      0x6f646e753078u /* "x0undo" */
#define ENTRY_MAX     ((off_t)16 << 20) /* bytes of an entry: the sets are most of it */
#define SETS_SAME     UINT32_MAX
#define OFFSET(place) (((off_t)(place) % HISTORY_MAX + 1) * ENTRY_MAX)

/* At the beginning: one write makes it another. */
struct head {
	uint64_t magic;
	uint32_t rule_size; /* of struct mesh_rule */
	uint32_t filter; /* identifier of the map `mesh_rules` */
	uint32_t first, n; /* places of the entries, modulo HISTORY_MAX */
	struct history_pending pending;
	uint32_t pending_at; /* place of that entry */
	uint32_t pending_undoes; /* 1: it undoes the entry before it, which goes with a yes */
};

/* Then n_rules times a place and a rule, and the sets. */
struct entry {
	char action[RULE_LEN];
	uint32_t policy;
	uint32_t n_rules;
	uint32_t sets_size; /* SETS_SAME: it changed none */
	uint32_t reserved;
};

struct placed {
	uint32_t place, reserved;
	struct mesh_rule rule;
};

struct file {
	int fd;
	struct head head;
};

/* --- the file ------------------------------------------------------------------------------------ */

static uint32_t filter_of(const struct map_registry *maps)
{
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof(info);
	/* No other takes its place while it enforces. */
	int map = map_registry_fd(maps, "mesh_lines");

	return map >= 0 && bpf_obj_get_info_by_fd(map, &info, &length) == 0 ? info.id : 0;
}

static bool is_sound(const struct head *head, uint32_t filter)
{
	return head->magic == MAGIC && head->rule_size == sizeof(struct mesh_rule) &&
	       head->filter == filter && head->n <= HISTORY_MAX &&
	       (head->pending.token == 0 || head->pending_at - head->first < head->n);
}

/* Nobody else may write what x0top would put in force. */
static int check_file(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return -errno;
	return S_ISREG(status.st_mode) && status.st_uid == rights_user() &&
			       (status.st_mode & (S_IWGRP | S_IWOTH)) == 0
		       ? 0
		       : -EPERM;
}

static int open_file(const struct map_registry *maps, struct file *file)
{
	uint32_t filter = filter_of(maps);

	file->fd = filter == 0 ? -ENOENT : lock_open_undo();
	if (file->fd < 0)
		return file->fd;
	int error = check_file(file->fd);
	if (error < 0) {
		fd_close(&file->fd);
		return error;
	}
	ssize_t size = pread(file->fd, &file->head, sizeof(file->head), 0);
	if (size != sizeof(file->head) || !is_sound(&file->head, filter))
		file->head = (struct head) {
			.magic = MAGIC, .rule_size = sizeof(struct mesh_rule), .filter = filter
		};
	return 0;
}

static int write_all(int fd, const void *data, size_t size, off_t offset)
{
	ssize_t written = pwrite(fd, data, size, offset);

	return written < 0 ? -errno : (size_t)written < size ? -ENOSPC : 0;
}

static int write_head(const struct file *file)
{
	return write_all(file->fd, &file->head, sizeof(file->head), 0);
}

/* --- entries ------------------------------------------------------------------------------------- */

static uint8_t *pack(const struct rule_table *table, const struct mesh_sets *sets,
	const char *action, size_t *size)
{
	size_t sets_size = 0, at = sizeof(struct entry);
	uint8_t *packed = sets != NULL ? set_store_pack(sets, &sets_size) : NULL;
	uint8_t *bytes = calloc(1, at + MESH_RULES_MAX * sizeof(struct placed) + sets_size);
	struct entry entry = { .policy = table->bank.policy, .sets_size = SETS_SAME };

	if (bytes == NULL || (sets != NULL && packed == NULL))
		goto failed;
	for (uint32_t i = 0; i < MESH_RULES_MAX; i++) {
		struct placed placed = { .place = i, .rule = table->rules[i] };
		if (!rule_exists(&placed.rule))
			continue;
		memcpy(bytes + at, &placed, sizeof(placed));
		at += sizeof(placed);
		entry.n_rules++;
	}
	if (sets != NULL) {
		entry.sets_size = (uint32_t)sets_size;
		memcpy(bytes + at, packed, sets_size);
	}
	strncpy(entry.action, action, sizeof(entry.action) - 1);
	memcpy(bytes, &entry, sizeof(entry));
	free(packed);
	*size = at + sets_size;
	return bytes;
failed:
	free(packed);
	free(bytes);
	return NULL;
}

int history_push(const struct map_registry *maps, const struct rule_table *table,
	const struct mesh_sets *sets, const char *action, const struct history_pending *pending)
{
	struct file file;
	size_t size = 0;
	int error = open_file(maps, &file);
	uint8_t *bytes = error < 0 ? NULL : pack(table, sets, action, &size);

	if (error < 0)
		return error;
	struct head *head = &file.head;
	if (bytes == NULL || size > (size_t)ENTRY_MAX)
		error = bytes == NULL ? -ENOMEM : -E2BIG;
	else if (pending != NULL && head->pending.token != 0)
		error = -EBUSY;
	/* A change that is pending must stay. */
	else if (head->n == HISTORY_MAX && head->pending.token != 0 &&
		 head->pending_at == head->first)
		error = -EBUSY;
	if (error == 0)
		error = write_all(file.fd, bytes, size, OFFSET(head->first + head->n));
	if (error == 0) {
		if (pending != NULL) {
			head->pending = *pending;
			head->pending_at = head->first + head->n;
			head->pending_undoes = 0;
		}
		head->first += head->n == HISTORY_MAX;
		head->n += head->n < HISTORY_MAX;
		error = write_head(&file);
	}
	free(bytes);
	fd_close(&file.fd);
	return error;
}

int history_undoes(const struct map_registry *maps)
{
	struct file file;
	int error = open_file(maps, &file);

	if (error < 0)
		return error;
	file.head.pending_undoes = 1;
	error = file.head.pending.token != 0 ? write_head(&file) : -ENOENT;
	fd_close(&file.fd);
	return error;
}

int history_pop(const struct map_registry *maps)
{
	struct file file;
	int error = open_file(maps, &file);

	if (error < 0)
		return error;
	struct head *head = &file.head;
	if (head->n > 0)
		head->n--;
	if (head->pending.token != 0 && head->pending_at - head->first >= head->n)
		head->pending.token = 0;
	error = write_head(&file);
	fd_close(&file.fd);
	return error;
}

/* --- reading ------------------------------------------------------------------------------------- */

static bool is_terminated(const struct mesh_rule *rule)
{
	for (int i = 0; i < MESH_RULE_SETS_MAX; i++)
		if (memchr(rule->names[i], '\0', MESH_SET_NAME_LEN) == NULL)
			return false;
	return memchr(rule->comment, '\0', MESH_COMMENT_LEN) != NULL &&
	       memchr(rule->interface, '\0', sizeof(rule->interface)) != NULL;
}

static int take_rules(const uint8_t *bytes, uint32_t n, struct rule_table *table)
{
	memset(table->rules, 0, sizeof(table->rules));
	for (uint32_t i = 0; i < n; i++) {
		struct placed placed;
		memcpy(&placed, bytes + i * sizeof(placed), sizeof(placed));
		if (placed.place >= MESH_RULES_MAX || !rule_exists(&placed.rule) ||
			placed.rule.action >= MESH_ACTIONS || !is_terminated(&placed.rule))
			return -EBADMSG;
		table->rules[placed.place] = placed.rule;
	}
	return 0;
}

static int take_sets(const uint8_t *bytes, size_t size, struct rule_table *table)
{
	struct mesh_sets *sets = calloc(1, sizeof(*sets));
	int error = sets == NULL ? -ENOMEM : set_store_unpack(bytes, size, sets);

	if (error == 0)
		table->sets = sets;
	else
		sets_free(sets);
	return error;
}

static int take_entry(
	const uint8_t *bytes, size_t size, struct rule_table *table, char action[RULE_LEN])
{
	struct entry entry;
	size_t at = sizeof(entry);

	if (size < at)
		return -EBADMSG;
	memcpy(&entry, bytes, sizeof(entry));
	entry.action[sizeof(entry.action) - 1] = '\0';
	if (entry.n_rules > MESH_RULES_MAX || size - at < entry.n_rules * sizeof(struct placed) ||
		!words_printable(entry.action) || entry.policy > MESH_DROP)
		return -EBADMSG;
	int error = take_rules(bytes + at, entry.n_rules, table);
	at += entry.n_rules * sizeof(struct placed);
	table->bank.policy = entry.policy;
	memcpy(action, entry.action, sizeof(entry.action));
	if (error < 0 || entry.sets_size == SETS_SAME)
		return error;
	return entry.sets_size > size - at ? -EBADMSG
					   : take_sets(bytes + at, entry.sets_size, table);
}

/* Returns how many entries precede the one that is meant: head->n or more, if there is none. */
static uint32_t find_entry(const struct head *head, enum history_which which)
{
	if (which == HISTORY_LAST)
		return head->n - 1;
	if (head->pending.token == 0)
		return head->n;
	return head->pending_at - head->first + (which == HISTORY_BEHIND_PENDING);
}

int history_read(const struct map_registry *maps, enum history_which which,
	struct rule_table *table, char action[RULE_LEN])
{
	struct file file;
	int error = open_file(maps, &file);

	if (error < 0)
		return error;
	const struct head *head = &file.head;
	uint32_t before = find_entry(head, which), place = head->first + before;
	uint8_t *bytes = malloc((size_t)ENTRY_MAX);
	if (before >= head->n)
		error = -ENOENT;
	else if (bytes == NULL)
		error = -ENOMEM;
	ssize_t size = error < 0 ? 0 : pread(file.fd, bytes, (size_t)ENTRY_MAX, OFFSET(place));
	if (error == 0)
		error = size < 0 ? -errno : take_entry(bytes, (size_t)size, table, action);
	free(bytes);
	fd_close(&file.fd);
	return error;
}

struct history_pending history_pending(const struct map_registry *maps)
{
	struct history_pending pending = { 0 };
	struct file file;

	if (open_file(maps, &file) == 0) {
		pending = file.head.pending;
		fd_close(&file.fd);
	}
	return pending;
}

/* Returns how many entries are left when the pending change is settled. */
static uint32_t left_after(const struct head *head, bool undone)
{
	uint32_t before = head->pending_at - head->first;

	if (undone)
		return before;
	/* What came after an undoing is undone first. */
	return head->pending_undoes != 0 && before > 0 && before + 1 == head->n ? before - 1
										: head->n;
}

int history_settle(const struct map_registry *maps, bool undone)
{
	struct file file;
	int error = open_file(maps, &file);

	if (error < 0)
		return error;
	struct head *head = &file.head;
	if (head->pending.token == 0) {
		error = -ENOENT;
	} else {
		head->n = left_after(head, undone);
		head->pending.token = 0;
		error = write_head(&file);
	}
	fd_close(&file.fd);
	return error;
}
