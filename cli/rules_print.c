// SPDX-License-Identifier: BSD-2-Clause
#include "cli/rules_print.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/duration.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/saved_file.h"
#include "export/json.h"
#include "export/rules_yaml.h"
#include "model/format.h"
#include "model/names.h"

#define RATE_MS 250 /* between two samples, for rates */

/* --- the list ----------------------------------------------------------------------------------- */

/* Writes how long ago a time was, or "-". */
static const char *ago(char text[DURATION_LEN], double now, double then)
{
	if (isnan(then))
		return "-";
	return duration_format(text, now > then ? (uint64_t)(now - then) : 0);
}

static const char *left(char text[DURATION_LEN], double seconds)
{
	return isnan(seconds) ? "-"
	       : seconds <= 0 ? "over"
			      : duration_format(text, (uint64_t)seconds);
}

static void print_rule(const struct snapshot_rule *rule, double now)
{
	char packets[FORMAT_LEN], bytes[FORMAT_LEN], rate[FORMAT_LEN], time_left[DURATION_LEN],
		last[DURATION_LEN], key[REASON_LEN + NAME_LEN * 2];

	snprintf(key, sizeof(key), "%s%s%s", rule->limit, rule->limit[0] != '\0' ? " " : "",
		rule->key);
	printf("%6u  %-5s %-6s %-34s %-8s %6s %8s %8s %8s %6s", rule->number,
		rule->enabled ? "on" : "off", mesh_action_names[rule->action], key,
		mesh_origin_names[rule->origin], left(time_left, rule->time_left),
		format_count(packets, (double)rule->traffic.packets.total),
		format_bytes(bytes, (double)rule->traffic.bytes.total),
		format_rate(rate, rule->traffic.packets.rate), ago(last, now, rule->last_match));
	if (rule->comment[0] != '\0')
		printf("  %s", rule->comment);
	printf("\n");
	if (rule->shadow[0] != '\0')
		printf("%6s  %s\n", "", rule->shadow);
}

static void print_rest(uint32_t action, const char *which, const struct traffic *traffic)
{
	char packets[FORMAT_LEN], bytes[FORMAT_LEN], rate[FORMAT_LEN];

	printf("%6s  %-5s %-6s %-34s %-8s %6s %8s %8s %8s\n", "policy", "",
		mesh_action_names[action], which, "", "",
		format_count(packets, (double)traffic->packets.total),
		format_bytes(bytes, (double)traffic->bytes.total),
		format_rate(rate, traffic->packets.rate));
}

static void print_table(const struct snapshot *snapshot)
{
	const struct snapshot_mesh *mesh = &snapshot->mesh;
	const struct traffic *rest = mesh->policy == MESH_DROP ? &mesh->refused : &mesh->no_match;

	printf("%6s  %-5s %-6s %-34s %-8s %6s %8s %8s %8s %6s  %s\n", "NUMBER", "STATE", "ACTION",
		"KEY", "ORIGIN", "LEFT", "PACKETS", "BYTES", "PKT/S", "LAST", "COMMENT");
	for (uint32_t i = 0; i < mesh->n_rules; i++)
		print_rule(&mesh->rules[i], snapshot->time);
	print_rest(mesh->policy, "what no rule matches", rest);
	if (mesh->unreadable.packets.total > 0)
		print_rest(MESH_DROP, "unreadable, by no rule", &mesh->unreadable);
}

static int not_read(struct orchestrator *orchestrator)
{
	struct failure failure;

	if (orchestrator_must_enforce(orchestrator, &failure) == 0)
		failure_set(&failure, -ENOENT, "The mesh rules of this host cannot be read");
	return command_failed(&failure, false);
}

int rules_print(struct orchestrator *orchestrator, bool json)
{
	struct snapshot *before = snapshot_open(), *now = snapshot_open();
	int status = EXIT_ALL_RAN;

	if (before == NULL || now == NULL) {
		status = command_no_memory();
		goto out;
	}
	orchestrator_sample(orchestrator, NULL, before);
	if (!before->mesh.available) {
		status = not_read(orchestrator);
		goto out;
	}
	poll(NULL, 0, RATE_MS);
	orchestrator_sample(orchestrator, before, now);
	if (json && json_write_part(mesh_fields, &now->mesh, stdout, false) < 0 && !ferror(stdout))
		status = command_no_memory();
	else if (!json)
		print_table(now);
out:
	snapshot_close(before);
	snapshot_close(now);
	return status;
}

/* --- saving ------------------------------------------------------------------------------------- */

/* What is saved: the rules, with their sets, or the set at a place alone. */
struct saved {
	const struct rule_table *table;
	const struct mesh_sets *sets;
	int set; /* -1: the rules */
	const char *path; /* of the rules, absolute */
};

static int cannot_save(const char *path, int error)
{
	struct failure failure;

	failure_set(&failure, error, "Cannot write %.200s: %s", path,
		error == -E2BIG		 ? "a set has too many elements for one file"
		: error == -ENAMETOOLONG ? "the path is too long for a file of a set beside it"
					 : file_strerror(error));
	if (error == -E2BIG)
		failure_remedy(&failure, "Name a file: x0top rules save FILE");
	return command_failed(&failure, false);
}

static int write_saved(const struct saved *saved, FILE *file)
{
	if (saved->set < 0)
		return rules_write_yaml(saved->table, saved->sets, saved->path, file);
	return rules_write_set(
		&saved->sets->sets[saved->set], saved->sets->elements[saved->set], file);
}

static int save_to(const struct saved *saved, const char *path)
{
	struct saved_file to;
	int error = saved_file_open(&to, path);

	return error < 0 ? error : saved_file_close(&to, write_saved(saved, to.file));
}

/* The sets first: the rules name their files. */
static int save_all(struct saved *saved, const char *path)
{
	char file[MESH_SET_SOURCE_LEN];
	int error = 0;

	for (uint32_t i = 0; i < saved->sets->n && error == 0; i++) {
		if (!rules_need_file(&saved->sets->sets[i], saved->sets->elements[i]))
			continue;
		saved->set = (int)i;
		error = rules_file_of_set(saved->path, &saved->sets->sets[i], file);
		if (error == 0)
			error = save_to(saved, file);
	}
	saved->set = -1;
	return error == 0 ? save_to(saved, path) : error;
}

/* Writes the absolute form of a path whose file need not be there. Returns 0 or a negative errno. */
static int absolute_path(const char *path, char absolute[PATH_MAX])
{
	char here[PATH_MAX] = "";

	if (path[0] != '/' && getcwd(here, sizeof(here)) == NULL)
		return -errno;
	int length = snprintf(absolute, PATH_MAX, "%s%s%s", here, path[0] != '/' ? "/" : "", path);
	return length < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int rules_save(const struct orchestrator *orchestrator, const char *path)
{
	struct failure failure;
	struct mesh_sets *sets;
	struct rule_table *table = orchestrator_rules(orchestrator, &sets, &failure);
	char absolute[PATH_MAX];
	int error;

	if (table == NULL)
		return command_failed(&failure, false);
	struct saved saved = { .table = table, .sets = sets, .set = -1 };
	if (path == NULL) {
		error = write_saved(&saved, stdout);
	} else {
		error = absolute_path(path, absolute);
		saved.path = absolute;
		if (error == 0)
			error = save_all(&saved, path);
	}
	free(table);
	sets_free(sets);
	return error < 0 ? cannot_save(path != NULL ? path : "the rules", error) : EXIT_ALL_RAN;
}
