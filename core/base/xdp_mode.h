/* SPDX-License-Identifier: BSD-2-Clause */
/* How XDP is attached to an interface: as the operator wants it, and as it is. */
#ifndef X0_BASE_XDP_MODE_H
#define X0_BASE_XDP_MODE_H

enum xdp_mode_wanted {
	XDP_WANT_AUTO, /* native where the driver can, else generic */
	XDP_WANT_NATIVE,
	XDP_WANT_GENERIC,
	XDP_WANT_OFF,
};

enum xdp_mode {
	XDP_MODE_OFF,
	XDP_MODE_NATIVE,
	XDP_MODE_GENERIC,
	XDP_MODES,
};

#endif
