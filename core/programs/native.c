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
	{ "", "its driver may reset queues, drop offloads, limit the MTU", NULL },
	{ "veth", "its peer sends without segmentation offload",
		"its peer sends without segmentation offload, MTU 3506 at most" },
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
static bool append(char *sentence, size_t size, const char *before, const char *text)
{
	size_t length = strlen(sentence);
	int wanted = length < size
			     ? snprintf(sentence + length, size - length, "%s%s", before, text)
			     : (int)size;

	if (length + (size_t)wanted < size)
		return true;
	sentence[length] = '\0';
	return false;
}

/* What is said: of all interfaces, or of those that are about to get native XDP that changes them. */
struct telling {
	const struct program_context *context;
	bool about_to_change;
	const char *before; /* the next group of names */
	uint32_t left; /* interfaces without room */
	size_t size;
	char *sentence;
};

/* Returns what native XDP changes on the interface of a slot; NULL: that is not said. */
static const char *effect_of(const struct telling *t, uint32_t slot)
{
	const struct watched_interface *row = &t->context->watch.interfaces[slot];
	const char *effect = native_effect(&row->interface);
	bool quiet = effect == nothing || effect == no_native;

	if (!watched_is_here(row) ||
		(t->about_to_change &&
			(quiet || chain_root(&t->context->chain, slot)->link_fd >= 0)))
		return NULL;
	return effect;
}

/* Appends "v0, v1: EFFECT", with the interfaces from a slot on that have its effect. */
static void append_group(struct telling *t, uint32_t first)
{
	const char *effect = effect_of(t, first), *before = t->before;
	const size_t end = strlen(": ") + strlen(effect);
	const size_t room = t->size > end ? t->size - end : 0;
	bool full = false;

	for (uint32_t slot = first; slot < t->context->watch.n_interfaces; slot++) {
		if (effect_of(t, slot) != effect)
			continue;
		full = full || !append(t->sentence, room, before,
				       t->context->watch.interfaces[slot].interface.name);
		t->left += full;
		before = full ? before : ", ";
	}
	if (before == t->before)
		return;
	append(t->sentence, t->size, ": ", effect);
	t->before = "; ";
}

static bool is_first(const struct telling *t, uint32_t slot)
{
	const char *effect = effect_of(t, slot);

	for (uint32_t before = 0; before < slot; before++)
		if (effect_of(t, before) == effect)
			return false;
	return effect != NULL;
}

/* Appends all groups, those that are changed first. */
static void append_each(struct telling *t)
{
	for (int quiet = 0; quiet < 2; quiet++)
		for (uint32_t slot = 0; slot < t->context->watch.n_interfaces; slot++) {
			const char *effect = effect_of(t, slot);
			if ((effect == nothing || effect == no_native) == quiet &&
				is_first(t, slot))
				append_group(t, slot);
		}
}

/* Appends all groups; if there is no room for them, as many as leave room for the number of the others. */
static void append_groups(struct telling *t)
{
	const struct telling begin = *t;
	const size_t length = strlen(t->sentence);
	char more[sizeof("and 4294967295 more")];

	append_each(t);
	if (t->left == 0)
		return;
	*t = begin;
	t->sentence[length] = '\0';
	t->size -= sizeof("; and 9999 more") - 1; /* the kernel's slots are fewer */
	append_each(t);
	t->size = begin.size;
	snprintf(more, sizeof(more), "and %u more", t->left);
	append(t->sentence, t->size, t->before, more);
}

void native_append(const struct program_context *context, char *sentence, size_t size)
{
	bool native = context->settings->xdp_mode == XDP_WANT_NATIVE;
	struct telling t = {
		.context = context, .before = "; ", .size = size - 1, .sentence = sentence
	};

	append(sentence, size,
		native ? " XDP is native (--xdp-mode generic turns off only GRO and LRO)"
		       : " XDP is generic (it turns off only GRO and LRO); native "
			 "(--xdp-mode native) is faster",
		"");
	append_groups(&t);
	append(sentence, size, ".", "");
}

void native_tell(const struct program_context *context)
{
	enum { TOLD_LEN = 2048 };
	static const char begin[] = "Native XDP changes",
			  instead[] = "; --xdp-mode generic turns off only GRO and LRO";
	char sentence[TOLD_LEN];
	struct telling t = {
		.context = context,
		.about_to_change = true,
		.before = " ",
		.size = sizeof(sentence) - sizeof(instead),
		.sentence = sentence,
	};

	if (context->settings->tell == NULL || context->settings->xdp_mode != XDP_WANT_NATIVE)
		return;
	snprintf(sentence, sizeof(sentence), "%s", begin);
	append_groups(&t);
	if (sentence[sizeof(begin) - 1] == '\0')
		return;
	append(sentence, sizeof(sentence), instead, "");
	context->settings->tell(sentence);
}
