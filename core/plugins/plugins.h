/* SPDX-License-Identifier: BSD-2-Clause */
/* The plugins of one x0top: those that the settings name, and those of PLUGIN_FOLDER. */
#ifndef X0_PLUGINS_PLUGINS_H
#define X0_PLUGINS_PLUGINS_H

#include "plugins/plugin.h"

struct plugins;

/* Reads and checks them. Those that cannot be used are listed, too. Returns NULL if memory runs out; free them
 * by plugins_free(), after all programs that are made of them. */
struct plugins *plugins_read(const struct settings *settings);
void plugins_free(struct plugins *plugins); /* accepts NULL */

/* Returns plugin `number`, from 0; NULL after the last. */
const struct plugin *plugins_at(const struct plugins *plugins, uint32_t number);

/* Returns why PLUGIN_FOLDER is not used; NULL if it is, or there is none. */
const struct failure *plugins_failure(const struct plugins *plugins);

/* Returns what the settings say of a place in the chain, and of none of them; NULL: nothing. */
const struct failure *plugins_place_failure(const struct plugins *plugins);

/* Returns the order of the stages of the chain, for chain_set_order(). */
const uint8_t *plugins_order(const struct plugins *plugins);

/* Counts, and with `remove` removes, what plugins of a killed x0top have left. Returns the number or a negative
 * errno. */
int plugins_leftovers(bool remove);

/* Returns whether a program in the kernel has the name of a plugin's. */
bool plugins_kernel_name(const char *name);

#endif
