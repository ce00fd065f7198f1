/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeps the maps that several objects share. Objects are compiled and loaded one by one; a map of a
 * shared name exists once and outlives the object that brought it. So counters and rules survive
 * when a program is turned off, replaced, or loaded again.
 */
#ifndef X0_KERNEL_MAP_REGISTRY_H
#define X0_KERNEL_MAP_REGISTRY_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/failure.h"
#include "kernel/map_carry.h"
#include "kernel/map_move.h"

enum { SHARED_MAPS_MAX = 64 };

/* With what a map is pinned: an enforcing program cannot go on without it. */
enum map_pinned {
	MAP_NOT_PINNED,
	MAP_PINNED_WITH_CHAIN, /* true: the XDP chain, of which a stage enforces */
	MAP_PINNED_WITH_CLASSES, /* the classifier, which acts on what it classifies */
};

/* A map that outlives its object. The kernel keeps 15 characters of its name. */
struct shared_map {
	const char *name;
	uint32_t pinned; /* enum map_pinned */
	bool by_slot; /* counts, one element per interface slot: map_registry_set_slots() */
	uint32_t
		per_slot; /* elements for each slot, of what is no sum of counts; 0: as the object says */
	/* Limits of a max_entries chosen at load time; 0, 0: the object sets it. */
	struct {
		uint32_t min, max;
	} entries;
	/* A value that has grown at its end is carried over, where one of these says how many bytes of it x0top knows;
	 * both 0: it does not fit. Per-CPU maps of 64-bit counts are added; arrays and hashes that user space alone writes,
	 * through map_value.h, or of which the last moment is no matter, are copied. */
	uint32_t counts, copied;
	struct map_words apart; /* words of it that are no sums */
	/* Of what is copied, where flows take places from each other: see map_move_flows(). */
	struct map_words stale;
	const struct map_merging *merging; /* of what is copied, where a value begins with a lock */
	/* Any value may have grown, of arrays and hashes that programs write: what they have written is carried over by
	 * map_move.h. With `shrinks`, a smaller one may follow as well. */
	bool moved, shrinks;
	/* Programs hand it on to each other, or count in it beside each other: where it has grown, all of them change at
	 * once, and what `links` them is brought anew. See map_registry_renews(). */
	bool together, links;
	const char *
		stays; /* why what has grown at its end is not carried over; NULL: it is, or no struct */
};

/* Of a list of one row: it is for each map of the object. */
#define EACH_MAP "*"

struct map_registry {
	uint32_t n;
	struct shared_map maps[SHARED_MAPS_MAX];
	int fds[SHARED_MAPS_MAX]; /* by place in `maps`; -1 while no object has brought the map */
	bool in_pins[SHARED_MAPS_MAX]; /* pinned or taken over here: not what was loaded since */
	bool grown[SHARED_MAPS_MAX]; /* `smaller` is to be forgotten, or to come back */
	struct map_carry *carries
		[SHARED_MAPS_MAX]; /* of counts: from `smaller` to what took its place; or NULL */
	struct map_move *moves[SHARED_MAPS_MAX]; /* the same of values with locks; or NULL */
	int smaller[SHARED_MAPS_MAX]; /* the map before, of one that has grown */
	uint32_t slots; /* elements of new per-interface maps; 0: the objects set them */
	bool may_renew; /* who loads an object now lets all programs change that have maps together */
};

/* Sets up a registry without maps. */
void map_registry_init(struct map_registry *registry);

/*
 * Declares maps as shared. A NULL name ends the list; NULL is an empty list. Names are not copied.
 */
void map_registry_declare(struct map_registry *registry, const struct shared_map *maps);

/* Sets the number of interface slots of per-interface maps that objects bring from now on. Returns
 * 0, or -EBUSY if one of these maps exists. */
int map_registry_set_slots(struct map_registry *registry, uint32_t slots);

/* Closes the file descriptors. */
void map_registry_close(struct map_registry *registry);

/* Lets an opened object use the shared maps that exist. Call it before loading. Returns 0, or a
 * negative errno with *failure set. */
int map_registry_share(
	const struct map_registry *registry, struct bpf_object *object, struct failure *failure);

/*
 * Keeps the shared maps that a loaded object brought. One that has grown takes the place of the smaller one: with
 * what that holds, or map_registry_carry() carries its counts over. Returns 0 or a negative errno.
 */
int map_registry_keep(struct map_registry *registry, const struct bpf_object *object);

/* Returns whether a map has grown since it was last carried over. */
bool map_registry_grows(const struct map_registry *registry);

/* Returns whether such a map is one that programs have together: those in force still have the smaller ones, and all of
 * them are to be loaded again before one of them is put in force. */
bool map_registry_renews(const struct map_registry *registry);

/* Returns whether an object has a map that programs have together. */
bool map_registry_has_together(
	const struct map_registry *registry, const struct bpf_object *object);

/*
 * Carries the counts of smaller maps into those that took their places, once no program counts in the smaller ones
 * any more, and pins the larger ones in place of those in `folder`; negative: in none. Returns 0, or the first negative
 * errno: the others are carried over nevertheless.
 */
int map_registry_carry(struct map_registry *registry, int folder);

/* Forgets the smaller ones of maps that were copied, and pins the larger ones as map_registry_carry() does. */
int map_registry_settle(struct map_registry *registry, int folder);

/* Goes back to the smaller maps: the program with the larger ones does not run. */
void map_registry_carry_nothing(struct map_registry *registry);

/* Takes over what another x0top has pinned in the place of maps that have grown. */
void map_registry_follow(struct map_registry *registry, int folder);

/* Keeps a map that no object brings. Takes `fd` over, also if it fails. Returns 0, or -ENOENT if no map of that
 * name is declared, -EEXIST if there is one. */
int map_registry_add(struct map_registry *registry, const char *name, int fd);

/*
 * Compares the shared maps that exist with those that `object`, opened and not loaded, declares: member by
 * member, by BTF; of counts, more at the end of a value is none. `before`, opened and not loaded, declares those of the object in force, for a process that may
 * not read the BTF of the kernel's; or NULL. `whose` is for messages: libbpf keeps 15 characters. Returns 0, or -EBADMSG or another negative errno with *failure
 * naming the member that differs.
 */
int map_registry_fits(const struct map_registry *registry, const char *whose,
	const struct bpf_object *object, const struct bpf_object *before, struct failure *failure);

/* Compares one of them, `map` of the object, with the one in force behind `fd`; `shared` says what it holds, NULL: nothing
 * that may grow. Returns an enum map_fit that the program can go on with, or as above. */
int map_registry_fit(const char *whose, const struct shared_map *shared, int fd,
	const struct bpf_object *object, const struct bpf_map *map, const struct bpf_object *before,
	struct failure *failure);

/*
 * Lets `object`, opened and not loaded, go on with the maps of its own that `kept`, loaded, has: each of them, and with
 * `variables` those that begin as zeroes, must be there and fit; of those of the list `own`, what has grown is brought by `object`. `before` as of
 * map_registry_fits(). Returns 0 or a negative errno with *failure set.
 */
int map_registry_keep_own(const struct map_registry *registry, const char *whose,
	struct bpf_object *object, const struct bpf_object *kept, const struct bpf_object *before,
	const struct shared_map *own, bool variables, struct failure *failure);

/* What is carried over of maps of an object's own. */
struct map_moves {
	uint32_t n;
	struct map_move *moves[SHARED_MAPS_MAX];
};

/*
 * Copies to `object`, loaded, what `kept` has in maps that are moved and of another size in both. The programs of `object`
 * do not run yet. Returns 0 with *moves to be closed, or a negative errno with *failure set and nothing to close.
 */
int map_registry_move_own(const char *whose, const struct bpf_object *object,
	const struct bpf_object *kept, const struct shared_map *own, struct map_moves *moves,
	struct failure *failure);

/* Adds what has changed since, once `kept` runs no more. Returns 0, or the first negative errno: the others are settled
 * nevertheless. */
int map_moves_settle(struct map_moves *moves);

void map_moves_close(struct map_moves *moves);

/* Returns whether `object`, loaded, has brought larger ones. */
bool map_registry_own_grows(const struct bpf_object *object, const struct bpf_object *kept,
	const struct shared_map *own);

/* Carries the counts of such maps that have grown from `kept` to `object`, loaded, once `kept` counts no more. Returns 0
 * or a negative errno. */
int map_registry_carry_own(const struct bpf_object *object, const struct bpf_object *kept,
	const struct shared_map *own);

/* Returns the place of a shared map in the registry, or -ENOENT. */
int map_registry_find(const struct map_registry *registry, const char *name);

/* Returns how many bytes of a value x0top knows that may have grown at its end; 0: it may not. */
uint32_t map_registry_known(const struct shared_map *shared);

/* Returns whether a map of this name is shared and no object has brought it yet. */
bool map_registry_lacks(const struct map_registry *registry, const char *name);

/* Returns the file descriptor of a shared map, still owned by the registry, or -ENOENT. */
int map_registry_fd(const struct map_registry *registry, const char *name);

/* Pins the maps that enforcing programs need in `folder`, those of one enum map_pinned; never those of
 * observers alone. Stops at the first failure. Returns 0 or a negative errno. */
int map_registry_pin(struct map_registry *registry, int folder, uint32_t with);

/* Removes these pins. */
void map_registry_unpin(struct map_registry *registry, int folder, uint32_t with);

/* Closes the maps of one enum map_pinned: objects bring new ones. */
void map_registry_forget(struct map_registry *registry, uint32_t with);

/* Returns whether `folder` still has a pin for each map that was pinned there or taken over from there. */
bool map_registry_pins_hold(const struct map_registry *registry, int folder);

/*
 * Takes over pinned maps from `folder` that the registry lacks. Do not trust them before
 * map_registry_compare() has passed for each object. Returns 0, or a negative errno with *failure
 * naming the pin.
 */
int map_registry_adopt(struct map_registry *registry, int folder, struct failure *failure);

/*
 * Compares the pinned maps in the registry with those that `object`, opened and not loaded,
 * declares: type, key size, value size (of counts, but for more at the end of either), entries (or their limits, if
 * chosen at load time), flags and name. With `whole`, a missing map is a difference too. Returns 0, or -EBADMSG or another
 * negative errno with *failure naming the pin and the difference.
 */
int map_registry_compare(const struct map_registry *registry, const struct bpf_object *object,
	bool whole, struct failure *failure);

#endif
