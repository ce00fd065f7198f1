// SPDX-License-Identifier: BSD-2-Clause
/* Makes a peer follow a trust store. */
#include <errno.h>
#include <string.h>

#include "peer/peer.h"

int peer_follow_trust(struct peer *peer, const struct trust *trust, struct failure *failure)
{
	const struct peer_remote_state *remote;
	int error = 0;

	for (uint32_t i = 0; (remote = peer_remote(peer, i)) != NULL;)
		if (trust_find(trust, remote->node) == NULL)
			peer_forget(peer, remote->node);
		else
			i++;
	for (uint32_t i = 0; error == 0 && i < trust->n_keys; i++) {
		error = peer_trust(peer, trust->keys[i].name, &trust->keys[i].key, failure);
		if (error == -EEXIST)
			error = 0; /* it was trusted before, or is this node's own */
	}
	return error;
}
