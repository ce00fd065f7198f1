// SPDX-License-Identifier: BSD-2-Clause
#include "programs/native.h"

#include <stdio.h>
#include <string.h>

#include "kernel/object.h"

static const char nothing[] = "nothing";

/* By kind of rtnetlink; hardware has none. */
static const struct {
	const char *kind;
	const char *effect;
	const char *limited; /* where a frame must fit one buffer; NULL: the same */
} effects[] = {
	{ "", "its driver may reset queues, turn offloads off and limit the MTU", NULL },
	{ "veth", "its peer sends without segmentation offload",
		"its peer sends without segmentation offload, with an MTU of 3506 at most" },
	{ "tun", nothing, NULL },
};

/* Of kinds that run XDP in generic mode only, as bridges and VLANs. */
static const char no_native[] = "it has none";

const char *native_effect(const struct interface *interface)
{
	for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++)
		if (strcmp(effects[i].kind, interface->kind) == 0)
			return effects[i].limited != NULL && !object_kernel_has_frags()
				       ? effects[i].limited
				       : effects[i].effect;
	return no_native;
}

/* Appends as much as is whole. Returns whether there was room. */
static bool append(
	char *sentence, size_t size, const char *before, const char *name, const char *after)
{
	size_t length = strlen(sentence);
	int wanted = snprintf(sentence + length, size - length, "%s%s%s%s", before, name,
		*after ? ": " : "", after);

	if (wanted >= 0 && (size_t)wanted < size - length)
		return true;
	sentence[length] = '\0';
	return false;
}

void native_append(const struct program_context *context, char *sentence, size_t size)
{
	bool native = context->settings->xdp_mode == XDP_WANT_NATIVE;
	bool room = append(sentence, size,
		native ? " XDP is native (--xdp-mode generic turns off only GRO and LRO)"
		       : " XDP is generic (it turns off only GRO and LRO); native "
			 "(--xdp-mode native) is faster",
		"", "");

	for (uint32_t slot = 0; room && slot < context->watch.n_interfaces; slot++) {
		const struct watched_interface *row = &context->watch.interfaces[slot];
		if (watched_is_here(row))
			room = append(sentence, size, "; ", row->interface.name,
				native_effect(&row->interface));
	}
	append(sentence, size, ".", "", "");
}

void native_tell(const struct program_context *context)
{
	enum { TOLD_LEN = 2048 }; /* of some twenty interfaces */
	static const char begin[] = "Native XDP changes",
			  instead[] = "; --xdp-mode generic turns off only GRO and LRO";
	char sentence[TOLD_LEN];
	bool room = true;

	if (context->settings->tell == NULL || context->settings->xdp_mode != XDP_WANT_NATIVE)
		return;
	snprintf(sentence, sizeof(sentence), "%s", begin);
	for (uint32_t slot = 0; room && slot < context->watch.n_interfaces; slot++) {
		const struct watched_interface *row = &context->watch.interfaces[slot];
		const char *effect = native_effect(&row->interface);
		if (watched_is_here(row) && chain_root(&context->chain, slot)->link_fd < 0 &&
			effect != nothing && effect != no_native)
			room = append(sentence, sizeof(sentence) - sizeof(instead),
				sentence[sizeof(begin) - 1] == '\0' ? " " : "; ",
				row->interface.name, effect);
	}
	if (sentence[sizeof(begin) - 1] == '\0')
		return;
	append(sentence, sizeof(sentence), instead, "", "");
	context->settings->tell(sentence);
}
