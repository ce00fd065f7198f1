/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells xdp_pqc_verify to which MAC addresses and VLANs frames have to go for this host to take them. */
#ifndef X0_PROGRAMS_XDP_PQC_VERIFY_INTERFACES_H
#define X0_PROGRAMS_XDP_PQC_VERIFY_INTERFACES_H

#include <stddef.h>

#include "kernel/interface.h"
#include "programs/program.h"
#include "xdp_pqc_verify.h"

/*
 * Fills the entry of an interface of a list from interface_list(): its own MAC address, and those of the
 * devices on top of it, with the VLANs that these take. Without a MAC address, or with more than fit,
 * nothing is known.
 */
void verifier_describe_interface(const struct interface *interface, const struct interface *list,
	size_t n, struct pqc_interface *entry);

/* Writes the entries of all watched interfaces. */
void verifier_follow_interfaces(const struct program_context *context);

#endif
