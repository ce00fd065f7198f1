// SPDX-License-Identifier: BSD-2-Clause
#include "crypto/verify_kernel.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <stdlib.h>

#include "kernel/object.h"

struct verify_kernel {
	struct bpf_object *object;
	int program_fd;
	int keys_fd;
	int asked_fd;
};

int verify_kernel_open(const char *objects, struct verify_kernel **verify, struct failure *failure)
{
	struct verify_kernel *v = calloc(1, sizeof(*v));
	int error;

	if (v == NULL)
		return failure_set(failure, -ENOMEM, "No memory for mldsa_verify");
	error = object_open("mldsa_verify", objects, &v->object, failure);
	if (error < 0)
		goto close;
	error = object_load(v->object, "mldsa_verify", failure);
	if (error < 0)
		goto close;
	v->program_fd = object_program_fd(v->object, "mldsa_verify_request");
	v->keys_fd = object_map_fd(v->object, "mldsa_keys");
	v->asked_fd = object_map_fd(v->object, "mldsa_asked");
	if (v->program_fd < 0 || v->keys_fd < 0 || v->asked_fd < 0) {
		error = failure_set(failure, -EBADMSG,
			"mldsa_verify lacks a program or a map: it is of another version");
		failure_remedy(failure, "Rebuild it: make clean all");
		goto close;
	}
	*verify = v;
	return 0;
close:
	verify_kernel_close(v);
	return error;
}

void verify_kernel_close(struct verify_kernel *verify)
{
	if (verify == NULL)
		return;
	bpf_object__close(verify->object);
	free(verify);
}

int verify_kernel_set_key(struct verify_kernel *verify, const struct mldsa_key *key)
{
	uint32_t slot = 0;

	return bpf_map_update_elem(verify->keys_fd, &slot, key, BPF_ANY) < 0 ? -errno : 0;
}

int verify_kernel_run(struct verify_kernel *verify, const struct mldsa_request *request,
	uint32_t repeat, uint32_t *run_ns)
{
	uint8_t frame[ETH_ZLEN] = { 0 }; /* XDP needs a frame, which the program ignores */
	uint32_t zero = 0;
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = sizeof(frame),
		.repeat = (int)repeat);

	if (bpf_map_update_elem(verify->asked_fd, &zero, request, BPF_ANY) < 0 ||
		bpf_prog_test_run_opts(verify->program_fd, &run) < 0)
		return -errno;
	if (run_ns != NULL)
		*run_ns = run.duration;
	return (int)run.retval;
}
