/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compiles a BPF program for this machine, so that a test calls it as a function, with a clock, random
 * numbers and maps of the test. To be included before the program. Not the verifier, nor the kernel's
 * maps: tests/integration run the same programs there.
 *
 * A map is known by its address, and made at its first use, empty. Arrays, hashes, arrays of maps; per-CPU
 * ones for two CPUs, of which the program runs on the first. bpf_fake.h gives user space the same maps.
 */
#ifndef X0_TESTS_BPF_HOST_H
#define X0_TESTS_BPF_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <linux/bpf.h>
#include <linux/ptrace.h>

/* In place of libbpf's headers. */
#define __BPF_HELPERS__
#define __BPF_CORE_READ_H__
#define __BPF_TRACING_H__

/* Programs have no prototypes, attributes of clang, and arguments that only the kernel looks at. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wattributes"
#pragma GCC diagnostic ignored "-Wunknown-pragmas"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Wunknown-attributes"
#endif

#ifdef __aarch64__
#define __TARGET_ARCH_arm64
#else
#define __TARGET_ARCH_x86
#endif

#define SEC(name)
#define __uint(name, value) int(*name)[value]
#define __type(name, type)  typeof(type) *name
#define __array(name, type) void **value /* of an array of maps */
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif

/* What the helpers answer, and what they were asked. */
struct host {
	uint64_t ktime_ns, boot_ns, tai_ns;
	uint64_t ktime_step_ns; /* added at each look at ktime_ns */
	uint64_t jiffies;
	uint32_t further; /* bytes of a frame behind its first buffer */
	uint32_t random;
	uint64_t task; /* address of the current task's struct */
	uint64_t pid_tgid;
	char command[16];
	uint64_t cgroups[16]; /* of a packet, by level; 0: it has no ancestor there */
	unsigned cgroups_asked; /* which of them were asked for: a bit each */
	bool map_full; /* hashes take no new element */
	bool ring_full;
	uint64_t ring_waiting; /* bytes */
	uint64_t ring_flags; /* of the last submit */
	unsigned records; /* reserved in a ring buffer and submitted */
	size_t record_size; /* of the last */
	uint8_t record[1024];
	unsigned outputs; /* to a ring buffer at once */
	size_t output_size; /* of the last */
	uint8_t output[16384];
	int locks; /* held */
	unsigned tail_calls; /* tried; they find no program */
	uint32_t tail_call; /* index of the last */
};

extern struct host host;

struct host_map_type {
	const void *map;
	size_t key_size, value_size, entries;
	int type; /* enum bpf_map_type */
};

enum { HOST_CPUS = 2 };

/* A map as the program and user space have it. */
struct host_element {
	struct host_element *next;
	uint8_t *value;
	uint8_t key[];
};

struct host_map {
	struct host_map_type type;
	int fd; /* of user space, also to map an array's memory */
	uint64_t inode; /* of that */
	uint8_t *values; /* of an array */
	struct host_element *elements; /* of a hash, the newest first */
	size_t used;
};

/* Returns a map, made if there is none. */
struct host_map *host_map_of(const struct host_map_type *type);

/* Returns the map of a descriptor, or NULL. */
struct host_map *host_map_by_fd(int fd);

/* Forgets a map. */
void host_map_free(struct host_map *map);

/* Returns the bytes of an element, of all CPUs. */
size_t host_map_stride(const struct host_map_type *type);

/* Returns all CPUs' values of an element, or NULL. */
void *host_map_values(struct host_map *map, const void *key);

/* Returns 0 with the element gone, or -ENOENT. */
int host_map_delete(struct host_map *map, const void *key);

/* Forgets all maps and answers. */
void host_reset(void);

/* Writes a `const volatile` variable of the program, which user space sets before it loads. */
void host_write(const volatile void *to, const void *from, size_t size);

/* Returns the element, or NULL. It stays where it is until host_reset(). */
void *host_lookup(const struct host_map_type *type, const void *key);

/* Returns 0, -EEXIST (BPF_NOEXIST), -ENOENT (BPF_EXIST) or -E2BIG. */
long host_update(
	const struct host_map_type *type, const void *key, const void *value, uint64_t flags);

/* Returns the element of a task, made if `make` says so and there is room, or NULL. */
void *host_task_storage(const struct host_map_type *type, const void *task, bool make);

uint64_t host_ktime(void);
void *host_ring_reserve(size_t size);
void host_ring_submit(const void *record, uint64_t flags);
long host_ring_output(const void *record, size_t size);
long host_tail_call(uint32_t index);

long host_skb_load(const struct __sk_buff *skb, uint32_t offset, void *to, size_t size);
long host_skb_store(struct __sk_buff *skb, uint32_t offset, const void *from, size_t size);
/* Changes an Internet checksum for one word that it covers. */
long host_csum_replace(struct __sk_buff *skb, uint32_t offset, uint64_t from, uint64_t to);
const void *host_at(const void *pointer);
long host_probe_read(void *to, size_t size, const void *from);
/* Writes "at 1f" for the first of the data. */
long host_snprintf(char *to, size_t size, const char *format, const void *data);

/*
 * Returns a copy of `size` bytes at an address below 4 GB, which ends where the readable memory ends:
 * struct xdp_md holds addresses of 32 bits. One at a time.
 */
uint8_t *host_frame(const void *bytes, size_t size);

#define host_array_length(member) (sizeof(*(member)) / sizeof(int))
/* A map that the program hands on as void *: one that host_type_of() has been asked for before. */
struct host_any_map {
	char *key, *value;
	int (*type)[1], (*max_entries)[1];
};
#define HOST_TYPED(map) _Generic((map), void * : (struct host_any_map *)NULL, default : (map))

#define host_type_of(pointer)                                                    \
	&(const struct host_map_type)                                            \
	{                                                                        \
		.map = (pointer), .key_size = sizeof(*HOST_TYPED(pointer)->key), \
		.value_size = sizeof(*HOST_TYPED(pointer)->value),               \
		.entries = host_array_length(HOST_TYPED(pointer)->max_entries),  \
		.type = host_array_length(HOST_TYPED(pointer)->type)             \
	}
/* For tests: an element, by the key's value. */
#define host_element(map, key_value)        \
	((typeof((map)->value))host_lookup( \
		host_type_of(map), &(const typeof(*(map)->key)) { key_value }))

/* Puts an element into a map. */
#define host_put(map, key, value) host_update(host_type_of(map), key, value, BPF_ANY)

#define bpf_map_lookup_elem(map, key) host_lookup(host_type_of(map), key)
#define bpf_map_update_elem(map, key, value, flags) \
	host_update(host_type_of(map), key, value, flags)
#define bpf_task_storage_get(pointer, task, value_, flags)                  \
	host_task_storage(&(const struct host_map_type) { .map = (pointer), \
				  .key_size = sizeof(uint64_t),             \
				  .value_size = sizeof(*(pointer)->value),  \
				  .entries = 1 << 16,                       \
				  .type = BPF_MAP_TYPE_HASH },              \
		task, (flags)&BPF_LOCAL_STORAGE_GET_F_CREATE)

#define bpf_ktime_get_ns()	       host_ktime()
#define bpf_ktime_get_boot_ns()	       host.boot_ns
#define bpf_ktime_get_tai_ns()	       host.tai_ns
#define bpf_jiffies64()		       host.jiffies
#define bpf_get_prandom_u32()	       host.random
#define bpf_get_current_task()	       host.task
#define bpf_get_current_task_btf()     ((void *)host.task)
#define bpf_get_current_pid_tgid()     host.pid_tgid
#define bpf_get_current_comm(to, size) memcpy(to, host.command, size)
#define bpf_spin_lock(lock)	       (host.locks++, (lock)->val++)
#define bpf_spin_unlock(lock)	       (host.locks--, (lock)->val--)

#define bpf_ringbuf_reserve(map, size, flags)	   host_ring_reserve(size)
#define bpf_ringbuf_submit(record, flags)	   host_ring_submit(record, flags)
#define bpf_ringbuf_output(map, data, size, flags) host_ring_output(data, size)
#define bpf_ringbuf_query(map, what)		   host.ring_waiting
#define bpf_tail_call_static(ctx, map, index)	   host_tail_call(index)
#define bpf_xdp_get_buff_len(ctx)		   ((ctx)->data_end - (ctx)->data + host.further)
#define bpf_skb_ancestor_cgroup_id(skb, level) \
	(host.cgroups_asked |= 1U << (level), host.cgroups[level])
#define bpf_probe_read_kernel(to, size, from)		    host_probe_read(to, size, from)
#define bpf_snprintf(to, size, format, data, n)		    host_snprintf(to, size, format, data)
#define barrier_var(value)				    asm volatile("" : "+r"(value))
#define __builtin_preserve_access_index(address)	    (address)
#define bpf_skb_load_bytes(skb, offset, to, size)	    host_skb_load(skb, offset, to, size)
#define bpf_skb_store_bytes(skb, offset, from, size, flags) host_skb_store(skb, offset, from, size)
#define bpf_l3_csum_replace(skb, offset, from, to, flags)   host_csum_replace(skb, offset, from, to)
#define bpf_core_field_exists(field)			    1

/*
 * Reads of kernel memory: what a bad pointer leads to is 0. Where a program tells kernel addresses from
 * others by the first byte, a test's pointers have host_kernel_pointer().
 */
#define HOST_KERNEL			    (0xffull << 56)
#define host_kernel_pointer(p)		    ((typeof(p))(HOST_KERNEL | (uintptr_t)(p)))
#define HOST_AT(p)			    ((typeof(p))host_at(p))
#define HOST_READ1(from, a)		    (HOST_AT(from)->a)
#define HOST_READ2(from, a, b)		    (HOST_AT(HOST_READ1(from, a))->b)
#define HOST_READ3(from, a, b, c)	    (HOST_AT(HOST_READ2(from, a, b))->c)
#define HOST_READ(from, a, b, c, name, ...) name
#define BPF_CORE_READ_BITFIELD(from, field) (HOST_AT(from)->field)
#define BPF_CORE_READ(...)		    HOST_READ(__VA_ARGS__, HOST_READ3, HOST_READ2, HOST_READ1, )(__VA_ARGS__)

/* A probe's context: the first argument at entry, the result at exit. */
struct host_registers {
	unsigned long argument, result;
};

#define pt_regs		       host_registers
#define PT_REGS_PARM1(context) ((context)->argument)
#define PT_REGS_RC(context)    ((context)->result)

#endif
