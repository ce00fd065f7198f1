/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * BPF side of class_act.h: shapes by departure times, where fq sends each packet at its time, so that no CPU waits for
 * another as it does for HTB. Three clocks say when a packet of a class may leave:
 *
 *	own	its rate, which it has whatever the others send
 *	link	the rate of the link, which all packets of the interface take their time of
 *	last	its ceiling, from its last packet on: packets of a class do not pass each other
 *
 * One that its own clock lets leave now does. Another waits for what comes first, its own clock or a gap of the link,
 * and is dropped if that is too far: the lower the priority of the class, the sooner; or if the class is ahead of another
 * of its priority that has just lost a packet so, by more than its share. As own rates are those of the link
 * together at most, and gaps are what no packet has taken, the link has its rate on an average of what it may wait.
 */
#ifndef X0_CLASS_TIME_BPF_H
#define X0_CLASS_TIME_BPF_H

#include "class_act.h"
#include "gcra.bpf.h"
#include "interfaces.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CLASS_CLOCK_INDEX(INTERFACE_SLOTS_MIN, 0, 0));
	__type(key, __u32);
	__type(value, struct gcra_bucket);
} class_clocks SEC(".maps");

static __always_inline struct gcra_bucket *class_clock(__u32 slot, __u32 clock, __u32 class)
{
	__u32 index = CLASS_CLOCK_INDEX(slot, clock, class);

	return bpf_map_lookup_elem(&class_clocks, &index);
}

/* Lets a clock go on from `at`, or from where it is, by the time of a packet. */
static __always_inline void class_clock_take(
	struct gcra_bucket *clock, __u64 at, __u64 price, __u64 bytes)
{
	__u64 cost = bytes * price >> GCRA_PRICE_SHIFT;

	bpf_spin_lock(&clock->lock);
	if (clock->arrival < at)
		clock->arrival = at;
	clock->arrival += cost;
	bpf_spin_unlock(&clock->lock);
}

static __always_inline __u64 class_later(__u64 a, __u64 b)
{
	return a > b ? a : b;
}

/* How far a class of the whole share may be ahead of others, and one of the least behind, in turn_us. */
#define CLASS_TURN_AHEAD  2
#define CLASS_TURN_BEHIND (8 * CLASS_TURN_AHEAD * CLASS_SHARE_MAX)

/*
 * Returns whether a class may borrow beside others of its rank, whose packets pass none that wait: there is no queue.
 * What each has borrowed is counted by its share, and `all` is where those are that want more: at once with one that a
 * full link has refused and that is behind, slowly with those that are ahead. So nobody waits for a class that has all
 * it wants; *mine says where this one is, and one that had no packets is not far behind. All of it is in nanoseconds.
 */
static __always_inline bool class_has_turn(const struct class_timing *timing, __u64 turn_us,
	__u32 slot, __u64 now, bool full, __u64 *mine)
{
	struct gcra_bucket *all = class_clock(slot, CLASS_CLOCK_TURNS, timing->rank % CLASS_RANKS);
	struct gcra_bucket *since =
		class_clock(slot, CLASS_CLOCK_TURNS, CLASS_RANKS + timing->rank % CLASS_RANKS);
	__u64 period = turn_us * 1000, ahead, behind, part;

	if (!all || !since || !period)
		return !full;
	ahead = period * CLASS_TURN_AHEAD * CLASS_SHARE_MAX;
	behind = period * CLASS_TURN_BEHIND;
	if (*mine + behind < all->arrival)
		*mine = all->arrival - behind;
	if (*mine < all->arrival && full) {
		all->arrival = *mine;
		since->arrival = now;
	}
	if (*mine > all->arrival && now > since->arrival) {
		part = ((now - since->arrival) << 8) / period;
		if (part > 0) {
			all->arrival += ((*mine - all->arrival) >> 8) * (part < 256 ? part : 256);
			since->arrival = now;
		}
	}
	return !full && *mine <= all->arrival + ahead / (timing->share ? timing->share : 1);
}

enum class_departure { CLASS_LATE, CLASS_LENT, CLASS_BORROWED };

/*
 * Gives a packet its time. Returns whether it is late: it is to be dropped, and took nothing. Clocks are read without
 * their locks: two CPUs at one time may both take a gap of the link, which the next packets then wait for.
 */
static __always_inline enum class_departure class_depart(struct __sk_buff *skb,
	const struct class_timing *timing, const struct class_acts *acts, __u32 slot, __u32 class,
	__u64 bytes)
{
	struct gcra_bucket *own = class_clock(slot, CLASS_CLOCK_OWN, class);
	struct gcra_bucket *last = class_clock(slot, CLASS_CLOCK_LAST, class);
	struct gcra_bucket *link = class_clock(slot, CLASS_CLOCK_LAST, CLASS_NONE);
	struct gcra_bucket *turn = class_clock(slot, CLASS_CLOCK_TURN, class);
	__u64 now = bpf_ktime_get_ns() << GCRA_TIME_SHIFT, own_at, link_at, at, mine;
	bool borrows;

	if (!own || !last || !link || !turn)
		return CLASS_LENT;
	own_at = class_later(own->arrival, now + timing->credit) - timing->credit;
	link_at = class_later(link->arrival, now);
	borrows = own_at > now && link_at < own_at;
	mine = turn->arrival;
	if (borrows && !class_has_turn(timing, acts->turn_us, slot, now >> GCRA_TIME_SHIFT,
			       link_at - now > timing->link_wait, &mine))
		return CLASS_LATE;
	at = class_later(borrows ? link_at : own_at, last->arrival);
	if (at - now > timing->wait)
		return CLASS_LATE;
	if (borrows)
		class_clock_take(turn, mine, acts->link_price >> GCRA_TIME_SHIFT,
			bytes * CLASS_SHARE_MAX / (timing->share ? timing->share : 1));
	else
		class_clock_take(own, now, timing->price, bytes);
	class_clock_take(link, now, acts->link_price, bytes);
	class_clock_take(last, at, timing->ceiling_price, bytes);
	at >>= GCRA_TIME_SHIFT;
	if (skb->tstamp < at)
		skb->tstamp = at;
	return borrows ? CLASS_BORROWED : CLASS_LENT;
}

#endif
