/* SPDX-License-Identifier: BSD-2-Clause */
/* Where packets of an interface are met: as the operator wants it, and as it is. */
#ifndef X0_BASE_XDP_MODE_H
#define X0_BASE_XDP_MODE_H

enum xdp_mode_wanted {
	XDP_WANT_AUTO, /* TC while the counter alone looks at packets, else generic XDP */
	XDP_WANT_NATIVE,
	XDP_WANT_GENERIC,
	XDP_WANT_OFF,
};

enum xdp_mode {
	XDP_MODE_OFF,
	XDP_MODE_NATIVE,
	XDP_MODE_GENERIC,
	XDP_MODE_TC, /* no XDP: the counter alone, at TC ingress */
	XDP_MODES,
};

#endif
