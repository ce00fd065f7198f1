/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sets of a configuration file:
 *
 *	sets:
 *	  blocklist: {file: /etc/x0top/blocklist}
 *	  trusted: {kind: prefixes, elements: [10.1.0.0/16, "fd00::/8"]}
 *	  near: {feed: "kernel,babel"}
 */
#ifndef X0_CONTROL_SETTINGS_SETS_H
#define X0_CONTROL_SETTINGS_SETS_H

#include <yaml.h>

#include "programs/settings.h"

#define SETTINGS_SETS  "sets"
#define SETTINGS_RULES "rules"

/*
 * Reads the value of "sets" into the settings, in place of those there. Returns 0, or a negative errno with *failure
 * set and *wrong the node at fault.
 */
int settings_sets_read(yaml_document_t *document, const yaml_node_t *node,
	struct settings *settings, const yaml_node_t **wrong, struct failure *failure);

#endif
