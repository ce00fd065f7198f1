/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin: an object of the operator's, and the type of program that is made of it at run time. Its file is read
 * and checked once, with the rights that x0top began with; switching it on again uses the same bytes.
 */
#ifndef X0_PLUGINS_PLUGIN_H
#define X0_PLUGINS_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "base/text.h"
#include "crypto/trust.h"
#include "kernel/tc_attach.h"
#include "programs/plugin_names.h"
#include "programs/program.h"

enum plugin_hook {
	PLUGIN_XDP, /* a stage of the chain */
	PLUGIN_TC,
	PLUGIN_TRACE,
	PLUGIN_HOOKS,
};

enum {
	PLUGIN_OBJECT_PROGRAMS = 32, /* of an object */
	PLUGIN_OBJECT_MAPS = 64,
};

/* What the section of a program says. */
struct plugin_section {
	const char *prefix; /* "xdp"; ending in a slash: something follows */
	uint32_t hook; /* enum plugin_hook */
	const char *kind; /* of struct program_type */
};

struct plugin {
	struct program_type type; /* first: program->type points to it; of plugins_read() */
	const char *kind; /* of the type */
	char name[NAME_LEN];
	char path[SETTINGS_PATH_LEN]; /* as it is shown */
	char license[NAME_LEN];
	char signer[TRUST_NAME_LEN]; /* the key that has signed it; empty: none is wanted */
	uint32_t number; /* among the plugins of this x0top */
	uint8_t *data; /* the file, owned; NULL: it cannot be used */
	size_t size;
	struct failure refused; /* why not; error 0 if it can */
	uint32_t hooks; /* bits 1 << enum plugin_hook */
	struct settings_place place; /* that its tag names in the chain, or the operator */
	char behind[NAME_LEN]; /* the stage before it; empty outside the chain */
	bool own_behind; /* a stage of x0top's stands behind it */
	bool named; /* by --plugin: it runs whatever --only says */
	bool later; /* read while x0top runs: it may have given up the right to start a process */
	bool proved; /* the verifier has proved that it passes every packet */
};

/* Returns what a section says, or NULL if a plugin cannot have it. */
const struct plugin_section *plugin_section(const char *name);

/* Returns the direction of a TC program, enum tc_hook. */
uint32_t plugin_tc_hook(const char *section, const char *program);

/* Reads and checks a file, and fills in *plugin, to be freed by plugin_free(), but for its type. */
void plugin_read(struct plugin *plugin, const char *path);
void plugin_free(struct plugin *plugin);

/* Checks the bytes of a plugin: its contents, its sections, its maps, and that libbpf survives it. Returns 0, or
 * a negative errno with *failure set. */
int plugin_check(struct plugin *plugin, struct failure *failure);

/* Notes whether the verifier has proved that what is loaded passes every packet. */
void plugin_is_proved(const struct program *program, bool passes);

/* Returns the plugin that a program is made of. */
const struct plugin *plugin_of(const struct program *program);

#endif
