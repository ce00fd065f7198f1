// SPDX-License-Identifier: BSD-2-Clause
#include "programs/settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "crypto/trust.h"
#include "mesh/rule.h"
#include "model/names.h"
#include "programs/plugin_names.h"
#include "programs/programs.h"
#include "programs/settings_place.h"
#include "qos/classes.h"

const char *const xdp_mode_wanted_names[] = { "auto", "native", "generic", "off", NULL };
const char *const syscalls_attach_wanted_names[] = { "auto", "kprobe", "tracepoint", NULL };
const char *const audit_policy_names[] = { "best-effort", "required", NULL };

/* A call's variants are listed one by one: programs of today use them all. */
static const char *const default_syscalls[] = { "read", "write", "readv", "writev", "pread64",
	"pwrite64", "sendto", "recvfrom", "sendmsg", "recvmsg", "connect", "accept4", "epoll_wait",
	"epoll_pwait", "epoll_pwait2", "poll", "ppoll", "pselect6", "futex", "openat" };

void settings_default(struct settings *settings)
{
	memset(settings, 0, offsetof(struct settings, classes));
	memset(&settings->n_plugins, 0,
		offsetof(struct settings, rules) - offsetof(struct settings, n_plugins));
	settings->interval = 1.0;
	settings->enforce_actor = ACTOR_COMMAND_LINE;
	settings->pqc_mode = PQC_OBSERVE;
	settings->mapek_mode = MAPEK_MODES;
	snprintf(settings->mapek_knowledge, sizeof(settings->mapek_knowledge), MAPEK_KNOWLEDGE);
	snprintf(settings->trust, sizeof(settings->trust), TRUST_DIRECTORY);
	neighbours_settings_default(&settings->neighbours);
	classes_default(&settings->classes);
	settings->n_syscalls = sizeof(default_syscalls) / sizeof(default_syscalls[0]);
	for (uint32_t i = 0; i < settings->n_syscalls; i++)
		snprintf(settings->syscalls[i], sizeof(settings->syscalls[i]), "%s",
			default_syscalls[i]);
}

void settings_copy(struct settings *to, const struct settings *from)
{
	const size_t behind = offsetof(struct settings, n_plugins);

	memcpy(to, from, offsetof(struct settings, classes));
	classes_copy(&to->classes, &from->classes);
	memcpy((char *)to + behind, (const char *)from + behind,
		offsetof(struct settings, rules) + from->n_rules * sizeof(from->rules[0]) - behind);
}

/* --- one value ------------------------------------------------------------------------------ */

/* Adds a name to a list of names of `size` bytes each, unless it is there. */
static int add_to_list(char *list, size_t size, uint32_t *n, uint32_t maximum, const char *name,
	struct failure *failure)
{
	for (uint32_t i = 0; i < *n; i++)
		if (strcmp(list + i * size, name) == 0)
			return 0;
	if (*n == maximum)
		return failure_set(
			failure, -ENOSPC, "No room for \"%s\": the limit is %u", name, maximum);
	snprintf(list + (*n)++ * size, size, "%s", name);
	return 0;
}

static int add_name(char (*list)[NAME_LEN], uint32_t *n, uint32_t maximum, const char *name,
	struct failure *failure)
{
	return add_to_list(list[0], NAME_LEN, n, maximum, name, failure);
}

/*
 * Checks a name by the kernel's rules, dev_valid_name() in net/core/dev.c, but up to the length of
 * alternative names, and without characters that control a terminal. Letters beyond ASCII are in it.
 */
static int set_interface(struct settings *settings, const char *value, struct failure *failure)
{
	size_t length = strlen(value);
	bool valid = length > 0 && length < INTERFACE_ALTNAME_LEN && strcmp(value, ".") != 0 &&
		     strcmp(value, "..") != 0;

	for (size_t i = 0; valid && i < length; i++)
		valid = (unsigned char)value[i] > ' ' && value[i] != 0x7f && value[i] != '/' &&
			value[i] != ':';
	if (!valid)
		return failure_set(
			failure, -EINVAL, "\"%.32s\" cannot be the name of an interface", value);
	return add_to_list(settings->interfaces[0], INTERFACE_ALTNAME_LEN, &settings->n_interfaces,
		INTERFACES_MAX, value, failure);
}

static int set_syscall(struct settings *settings, const char *value, struct failure *failure)
{
	size_t length = strlen(value);

	if (length == 0 || length >= NAME_LEN ||
		strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_") != length)
		return failure_set(
			failure, -EINVAL, "\"%.32s\" cannot be the name of a system call", value);
	settings->syscalls_chosen = true;
	return add_name(settings->syscalls, &settings->n_syscalls, SYSCALLS_MAX, value, failure);
}

/* A plugin is known once `plugins` has named it. */
static int set_only(struct settings *settings, const char *value, struct failure *failure)
{
	char names[FAILURE_SENTENCE_LEN] = "", plugin[NAME_LEN];
	size_t length = 0;

	if (program_type_find(value) != NULL || plugin_name_known(settings, value))
		return add_name(settings->only, &settings->n_only, PROGRAMS_MAX, value, failure);
	for (uint32_t i = 0; program_types[i] != NULL && length < sizeof(names); i++)
		length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
			i > 0 ? ", " : "", program_types[i]->name);
	for (uint32_t i = 0; i < settings->n_plugins && length < sizeof(names); i++) {
		plugin_name(settings->plugins[i], plugin);
		length += (size_t)snprintf(names + length, sizeof(names) - length, ", %s", plugin);
	}
	failure_set(failure, -EINVAL, "Unknown program \"%.64s\"", value);
	return failure_remedy(failure, "The programs are %s", names);
}

/* Sets *target to the index of a word; for an unknown one, the remedy lists all words. */
static int set_word(
	uint32_t *target, const char *const *words, const char *value, struct failure *failure)
{
	char all[FAILURE_SENTENCE_LEN] = "";
	size_t length = 0;

	int found = names_find(words, value);
	if (found >= 0) {
		*target = (uint32_t)found;
		return 0;
	}
	for (; *words != NULL && length < sizeof(all); words++)
		length += (size_t)snprintf(all + length, sizeof(all) - length, "%s%s", *words,
			words[1] == NULL   ? ""
			: words[2] == NULL ? " or "
					   : ", ");
	failure_set(failure, -EINVAL, "Unknown value \"%.64s\"", value);
	return failure_remedy(failure, "Write %s", all);
}

static int set_xdp_mode(struct settings *settings, const char *value, struct failure *failure)
{
	return set_word(&settings->xdp_mode, xdp_mode_wanted_names, value, failure);
}

static int set_syscalls_attach(
	struct settings *settings, const char *value, struct failure *failure)
{
	return set_word(&settings->syscalls_attach, syscalls_attach_wanted_names, value, failure);
}

static int set_bool(bool *target, const char *value, struct failure *failure)
{
	static const char *const words[] = { "false", "true", NULL };
	uint32_t found = 0;

	int error = set_word(&found, words, value, failure);
	if (!error)
		*target = found != 0;
	return error;
}

static int set_enforce(struct settings *settings, const char *value, struct failure *failure)
{
	return set_bool(&settings->enforce, value, failure);
}

static int set_small(struct settings *settings, const char *value, struct failure *failure)
{
	return set_bool(&settings->small, value, failure);
}

static int set_readonly(struct settings *settings, const char *value, struct failure *failure)
{
	return set_bool(&settings->readonly, value, failure);
}

static int set_audit(struct settings *settings, const char *value, struct failure *failure)
{
	return set_word(&settings->audit, audit_policy_names, value, failure);
}

/* Reads digits with at most one point, in any locale. Returns whether `text` is that. */
static bool parse_decimal(const char *text, double *value)
{
	size_t length = strlen(text);
	bool point = false;
	double scale = 1;

	*value = 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '.' && !point && length > 1) {
			point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9')
			return false;
		*value = *value * 10 + (text[i] - '0');
		scale *= point ? 10 : 1;
	}
	*value /= scale;
	return length > 0 && length < 16;
}

static int set_interval(struct settings *settings, const char *value, struct failure *failure)
{
	double seconds;

	if (!parse_decimal(value, &seconds) || seconds < INTERVAL_MIN || seconds > INTERVAL_MAX) {
		failure_set(failure, -EINVAL, "\"%.32s\" is not a time between samples", value);
		return failure_remedy(failure, "Write seconds from %.1f to %.0f, such as 1 or 0.5",
			INTERVAL_MIN, INTERVAL_MAX);
	}
	settings->interval = seconds;
	return 0;
}

/* Copies a path that a member of `size` bytes has room for. */
static int set_path(
	char *path, size_t size, const char *value, const char *what, struct failure *failure)
{
	const size_t length = strlen(value);

	if (length == 0 || length >= size)
		return failure_set(
			failure, -EINVAL, "\"%.64s\" cannot be the path of %s", value, what);
	memcpy(path, value, length + 1);
	return 0;
}

static int set_trust(struct settings *settings, const char *value, struct failure *failure)
{
	return set_path(settings->trust, sizeof(settings->trust), value, "a directory", failure);
}

static int set_identity(struct settings *settings, const char *value, struct failure *failure)
{
	return set_path(
		settings->identity, sizeof(settings->identity), value, "a private key", failure);
}

static int set_translated(struct settings *settings, const char *value, struct failure *failure)
{
	if (!trust_name_valid(value))
		return failure_set(
			failure, -EINVAL, "\"%.64s\" cannot be the name of a node", value);
	return add_to_list(settings->translated[0], sizeof(settings->translated[0]),
		&settings->n_translated, PQC_NODES_DEFAULT, value, failure);
}

static int set_rule(struct settings *settings, const char *value, struct failure *failure)
{
	struct mesh_rule rule;
	bool off = strncmp(value, "off ", 4) == 0;

	int error = rule_parse(off ? value + 4 : value, &rule, failure);
	if (error)
		return error;
	rule.enabled = !off;
	if (rule.origin == MESH_ORIGIN_NONE)
		rule.origin = MESH_ORIGIN_FILE;
	for (uint32_t i = 0; i < settings->n_rules; i++)
		if (rule_same_key(&settings->rules[i], &rule))
			return failure_set(failure, -EEXIST,
				"Another mesh rule already has the key of \"%s\"", value);
	if (settings->n_rules == MESH_RULES_MAX)
		return failure_set(
			failure, -ENOSPC, "No room for more than %d mesh rules", MESH_RULES_MAX);
	settings->rules[settings->n_rules++] = rule;
	return 0;
}

static int set_policy(struct settings *settings, const char *value, struct failure *failure)
{
	int policy = names_find(mesh_action_names, value);

	if (policy != MESH_PASS && policy != MESH_DROP)
		return failure_set(
			failure, -EINVAL, "\"%.32s\" is not a policy: pass or drop", value);
	settings->mesh_policy = (uint32_t)policy;
	return 0;
}

static int set_class(struct settings *settings, const char *value, struct failure *failure)
{
	struct class_line line;

	int error = classes_parse(value, &settings->classes.names, &line, failure);
	if (error)
		return error;
	error = classes_put(&settings->classes, &line);
	if (error)
		return failure_set(failure, error, "No room for \"%s\": there are %d lines", value,
			CLASS_LINES_MAX);
	return 0;
}

/* Which verbs there are, only control/ knows: settings_file.c reads it whole. */
static int set_qos(struct settings *settings, const char *value, struct failure *failure)
{
	if (value[0] == '\0' || strlen(value) >= SETTINGS_QOS_LEN || !words_printable(value))
		return failure_set(failure, -EINVAL,
			"\"%.64s\" is not a change of x0top qos: that has up to %d characters",
			value, SETTINGS_QOS_LEN - 1);
	return add_to_list(settings->qos[0], SETTINGS_QOS_LEN, &settings->n_qos, SETTINGS_QOS_MAX,
		value, failure);
}

static int set_pqc_mode(struct settings *settings, const char *value, struct failure *failure)
{
	return set_word(&settings->pqc_mode, pqc_mode_names, value, failure);
}

static int set_pqc_port(struct settings *settings, const char *value, struct failure *failure)
{
	uint64_t number;

	if (words_number(value, 1, UINT16_MAX, &number) != 0)
		return failure_set(failure, -EINVAL, "\"%.32s\" is not a UDP port, 1 to %d", value,
			UINT16_MAX);
	for (uint32_t i = 0; i < settings->n_pqc_ports; i++)
		if (settings->pqc_ports[i] == number)
			return 0;
	if (settings->n_pqc_ports == PQC_PORTS_SHOWN)
		return failure_set(
			failure, -ENOSPC, "No room for more than %d ports", PQC_PORTS_SHOWN);
	settings->pqc_ports[settings->n_pqc_ports++] = (uint16_t)number;
	return 0;
}

static int set_listen(struct settings *settings, const char *value, struct failure *failure)
{
	size_t length = strlen(value);

	if (length == 0 || length >= LISTEN_ADDRESS_LEN)
		return failure_set(failure, -EINVAL,
			"An address to listen on has up to %d characters: \"%.64s\"",
			LISTEN_ADDRESS_LEN - 1, value);
	return add_to_list(settings->listen[0], LISTEN_ADDRESS_LEN, &settings->n_listen, LISTEN_MAX,
		value, failure);
}

static int set_web_config(struct settings *settings, const char *value, struct failure *failure)
{
	return set_path(
		settings->web_config, sizeof(settings->web_config), value, "a file", failure);
}

static int set_mapek(struct settings *settings, const char *value, struct failure *failure)
{
	return set_word(&settings->mapek_mode, mapek_mode_names, value, failure);
}

static int set_mapek_policy(struct settings *settings, const char *value, struct failure *failure)
{
	return set_path(
		settings->mapek_policy, sizeof(settings->mapek_policy), value, "a file", failure);
}

static int set_mapek_knowledge(
	struct settings *settings, const char *value, struct failure *failure)
{
	if (strcmp(value, "none") == 0) {
		settings->mapek_knowledge[0] = '\0';
		return 0;
	}
	return set_path(settings->mapek_knowledge, sizeof(settings->mapek_knowledge), value,
		"a file", failure);
}

static int set_plugin(struct settings *settings, const char *value, struct failure *failure)
{
	char path[SETTINGS_PATH_LEN];
	int error = set_path(path, sizeof(path), value, "a plugin", failure);

	if (error == 0 && !words_printable(path))
		error = failure_set(
			failure, -EINVAL, "The path of a plugin has unprintable characters");
	return error < 0 ? error
			 : add_to_list(settings->plugins[0], SETTINGS_PATH_LEN,
				   &settings->n_plugins, PLUGINS_MAX, path, failure);
}

static int set_neighbours(struct settings *settings, const char *value, struct failure *failure)
{
	return neighbours_settings_add(&settings->neighbours, value, failure);
}

/* --- the keys ------------------------------------------------------------------------------- */

#define NO_LIST SIZE_MAX

static const struct key {
	const char *name;
	int (*set)(struct settings *settings, const char *value, struct failure *failure);
	bool list;
	size_t count; /* offset of the list's count; NO_LIST: cannot be emptied */
} keys[] = {
	{ "interfaces", set_interface, true, offsetof(struct settings, n_interfaces) },
	{ "xdp-mode", set_xdp_mode, false, NO_LIST },
	{ "syscalls-attach", set_syscalls_attach, false, NO_LIST },
	{ "syscalls", set_syscall, true, offsetof(struct settings, n_syscalls) },
	{ "only", set_only, true, offsetof(struct settings, n_only) },
	{ "rules", set_rule, true, offsetof(struct settings, n_rules) },
	{ "policy", set_policy, false, NO_LIST },
	{ "classes", set_class, true, NO_LIST },
	{ "qos", set_qos, true, offsetof(struct settings, n_qos) },
	{ "pqc-mode", set_pqc_mode, false, NO_LIST },
	{ "pqc-port", set_pqc_port, true, offsetof(struct settings, n_pqc_ports) },
	{ "neighbours", set_neighbours, true, offsetof(struct settings, neighbours.n_wanted) },
	{ "trust", set_trust, false, NO_LIST },
	{ "identity", set_identity, false, NO_LIST },
	{ "translated", set_translated, true, offsetof(struct settings, n_translated) },
	{ SETTINGS_PLUGINS, set_plugin, true, offsetof(struct settings, n_plugins) },
	{ "plugin-places", settings_place_set, true, offsetof(struct settings, n_places) },
	{ "interval", set_interval, false, NO_LIST },
	{ "enforce", set_enforce, false, NO_LIST },
	{ "readonly", set_readonly, false, NO_LIST },
	{ "small", set_small, false, NO_LIST },
	{ "audit", set_audit, false, NO_LIST },
	{ "listen", set_listen, true, offsetof(struct settings, n_listen) },
	{ "web-config", set_web_config, false, NO_LIST },
	{ "mapek", set_mapek, false, NO_LIST },
	{ "mapek-policy", set_mapek_policy, false, NO_LIST },
	{ "mapek-knowledge", set_mapek_knowledge, false, NO_LIST },
	{ NULL, NULL, false, NO_LIST },
};

static const struct key *find_key(const char *name)
{
	for (const struct key *key = keys; key->name != NULL; key++)
		if (strcmp(key->name, name) == 0)
			return key;
	return NULL;
}

const char *settings_key(uint32_t index)
{
	return keys[index].name;
}

bool settings_is_key(const char *name)
{
	return find_key(name) != NULL;
}

bool settings_key_is_list(const char *name)
{
	const struct key *key = find_key(name);

	return key != NULL && key->list;
}

int settings_set(
	struct settings *settings, const char *name, const char *value, struct failure *failure)
{
	const struct key *key = find_key(name);

	if (key == NULL)
		return failure_set(failure, -ENOENT, "Unknown setting \"%.64s\"", name);
	return key->set(settings, value, failure);
}

void settings_clear(struct settings *settings, const char *name)
{
	const struct key *key = find_key(name);

	if (key != NULL && key->count != NO_LIST)
		memset((char *)settings + key->count, 0, sizeof(uint32_t));
}
