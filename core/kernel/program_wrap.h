/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a program of others as a function of one of ours, its wrapper, which counts what it returns and decides
 * what follows. The wrapper is compiled with an empty function in its place; once both are loaded, their
 * instructions are complete, and those of the program go where the empty function's were. So the program stays
 * as it is: no instruction of it is changed. An ordinary XDP program, which ends by XDP_PASS, need not know of a
 * chain to be a stage of one; freplace, which libxdp uses for that, is missing on kernels without trampolines.
 */
#ifndef X0_KERNEL_PROGRAM_WRAP_H
#define X0_KERNEL_PROGRAM_WRAP_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdint.h>

/* Prepares an opened object, not yet loaded, whose programs will be wrapped. Returns 0 or a negative errno. */
int program_wrap_prepare(struct bpf_object *object);

struct program_wrapping {
	const struct bpf_object *object; /* of the program; loaded */
	const struct bpf_program *wrapper; /* loaded */
	const char *license; /* of the program's object */
	const char *name; /* of the whole, in the kernel */
	uint32_t flags; /* of BPF_PROG_LOAD, besides the program's own */
};

/*
 * Loads the whole, and puts it in place of the program: its descriptor is from now on that of the whole, so that
 * bpf_program__attach() attaches it. Returns 0, or a negative errno with the program as it was and the
 * verifier's messages, if it refused the whole, in the `size` bytes at `log`.
 */
int program_wrap(struct bpf_program *program, const struct program_wrapping *wrapping, char *log,
	size_t size);

/* Returns the id of what a tracing program, loaded, is attached to in the kernel's BTF; 0: nothing of that kind. */
uint32_t program_attached_to(const struct bpf_program *program);

/*
 * Returns whether the verifier proves that a loaded program returns none but `results`, n of them: whether it
 * loads a wrapper that errs after any other. Ask before program_wrap().
 */
bool program_returns_only(const struct bpf_program *program, const struct bpf_object *object,
	const char *license, const int *results, uint32_t n);

#endif
