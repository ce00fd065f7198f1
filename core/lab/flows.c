// SPDX-License-Identifier: BSD-2-Clause
#include "lab/flows.h"

#include "lab/scenes.h"

#define MANY 10000

/* DSCP: EF 46 (RFC 3246), CS6 48 and CS1 8 (RFC 4594), 0 best effort. */
const struct service lab_services[LAB_SERVICES] = {
	[SERVICE_VOICE] = { IPPROTO_UDP, 5004, .dscp = 46 },
	[SERVICE_SHELL] = { IPPROTO_TCP, 22, .dscp = 46, .echo = true },
	[SERVICE_ROUTING] = { IPPROTO_TCP, 179, .dscp = 48, .echo = true },
	[SERVICE_WEB] = { IPPROTO_TCP, 80, .dscp = 0, .echo = true },
	[SERVICE_BACKUP] = { IPPROTO_TCP, 873, .dscp = 8, .lossy = true },
	[SERVICE_QUERY] = { IPPROTO_UDP, 7, .dscp = 0, .echo = true },
	[SERVICE_LOG] = { IPPROTO_UDP, 514, .dscp = 8 },
	[SERVICE_TELNET] = { IPPROTO_TCP, 23, .dscp = 0, .closed = true },
};

/* clang-format off */
const struct flow lab_flows[] = {
	/* kind            from           to             service        IP  size burst period */
	{ FLOW_DATAGRAM,   NODE_ELM,      NODE_X0,       SERVICE_VOICE,   4,  160,    1,    20 },
	{ FLOW_DATAGRAM,   NODE_X0,       NODE_ELM,      SERVICE_VOICE,   4,  160,    1,    20 },
	{ FLOW_DATAGRAM,   NODE_DOGWOOD,  NODE_X0,       SERVICE_VOICE,   6,  160,    1,    40 },
	{ FLOW_STREAM,     NODE_ALDER,    NODE_X0,       SERVICE_SHELL,   4,   48,    1,    70 },
	{ FLOW_STREAM,     NODE_X0,       NODE_CEDAR,    SERVICE_SHELL,   6,   48,    1,    90 },
	{ FLOW_STREAM,     NODE_X0,       NODE_ALDER,    SERVICE_ROUTING, 4,   19,    1,  1000 },
	{ FLOW_STREAM,     NODE_BIRCH,    NODE_X0,       SERVICE_ROUTING, 6,   19,    1,  1000 },
	{ FLOW_REQUEST,    NODE_DOGWOOD,  NODE_X0,       SERVICE_WEB,     4,  600,    1,   700 },
	{ FLOW_REQUEST,    NODE_X0,       NODE_ELM,      SERVICE_WEB,     6,  400,    1,   900 },
	{ FLOW_STREAM,     NODE_X0,       NODE_BIRCH,    SERVICE_BACKUP,  4, 1200,   16,   300 },
	{ FLOW_STREAM,     NODE_DOGWOOD,  NODE_X0,       SERVICE_BACKUP,  4, 1200,   96,  5000 },
	{ FLOW_STREAM,     NODE_CEDAR,    NODE_X0,       SERVICE_BACKUP,  6, 1000,   64,  3500 },
	{ FLOW_DATAGRAM,   NODE_BIRCH,    NODE_X0,       SERVICE_QUERY,   4,  300,    1,    60 },
	{ FLOW_DATAGRAM,   NODE_X0,       NODE_CEDAR,    SERVICE_QUERY,   6,  120,    1,   120 },
	{ FLOW_DATAGRAM,   NODE_ELM,      NODE_X0,       SERVICE_LOG,     4,  500,  150,  7000 },
	{ FLOW_DATAGRAM,   NODE_CEDAR,    NODE_X0,       SERVICE_LOG,     6,  220,    1,   500 },
	/* Forwarded by this host between neighbours. */
	{ FLOW_DATAGRAM,   NODE_ALDER,    NODE_BIRCH,    SERVICE_QUERY,   4,  200,    1,   100 },
	{ FLOW_PING,       NODE_ALDER,    NODE_X0,       SERVICE_NONE,    4,   56,    1,  1000 },
	{ FLOW_PING,       NODE_X0,       NODE_DOGWOOD,  SERVICE_NONE,    4,   56,    1,  1000 },
	{ FLOW_PING,       NODE_X0,       NODE_ELM,      SERVICE_NONE,    6,   56,    1,  1000 },
	{ FLOW_PING,       NODE_BIRCH,    NODE_X0,       SERVICE_NONE,    6,   56,    1,  1500 },
	{ FLOW_HELLO,      NODE_X0,       NODE_X0,       SERVICE_NONE,    6,    0,    1,  2000 },
	{ FLOW_HELLO,      NODE_ALDER,    NODE_X0,       SERVICE_NONE,    6,    0,    1,  2000 },
	{ FLOW_HELLO,      NODE_BIRCH,    NODE_X0,       SERVICE_NONE,    6,    0,    1,  2000 },
	{ FLOW_HELLO,      NODE_CEDAR,    NODE_X0,       SERVICE_NONE,    6,    0,    1,  2000 },
	{ FLOW_HELLO,      NODE_DOGWOOD,  NODE_X0,       SERVICE_NONE,    6,    0,    1,  2000 },
	{ FLOW_HELLO,      NODE_ELM,      NODE_X0,       SERVICE_NONE,    6,    0,    1,  2000 },
	{ FLOW_ORIGINATOR, NODE_X0,       NODE_X0,       SERVICE_NONE,    4,    0,    1,  1000 },
	{ FLOW_ORIGINATOR, NODE_ALDER,    NODE_X0,       SERVICE_NONE,    4,    0,    1,  1000 },
	{ FLOW_ORIGINATOR, NODE_BIRCH,    NODE_X0,       SERVICE_NONE,    4,    0,    1,  1000 },
	{ FLOW_TAGGED,     NODE_ALDER,    NODE_X0,       SERVICE_LOG,     4,   80,    2,  2500 },
	/* Unwanted: thistle scans, forges announcements, and answers only while not dropped. */
	{ FLOW_SCAN_TCP,   NODE_THISTLE,  NODE_X0,       SERVICE_NONE,    4,    0,    2,   250 },
	{ FLOW_SCAN_UDP,   NODE_THISTLE,  NODE_X0,       SERVICE_NONE,    4,   20,   10,  4000 },
	{ FLOW_DATAGRAM,   NODE_THISTLE,  NODE_X0,       SERVICE_QUERY,   6,  900,    1,   300 },
	{ FLOW_FORGED,     NODE_THISTLE,  NODE_X0,       SERVICE_NONE,    4,    0,    1,   700 },
	{ FLOW_REQUEST,    NODE_X0,       NODE_THISTLE,  SERVICE_WEB,     4,  200,    1,  8000 },
	/* cedar, taken over, attacks the protected port. */
	{ FLOW_FORGED_TAG, NODE_CEDAR,    NODE_X0,       SERVICE_NONE,    4,    0,    4,   200 },
	{ FLOW_FORGED_SESSION, NODE_CEDAR, NODE_X0,      SERVICE_NONE,    4,    0,    1,   900 },
	{ FLOW_FORGED_NODE, NODE_CEDAR,   NODE_X0,       SERVICE_NONE,    4,    0,    1,  1100 },
	{ FLOW_FORGED_HEADER, NODE_CEDAR, NODE_X0,       SERVICE_NONE,    4,    0,    1,  1300 },
	{ FLOW_CUT_DATA,   NODE_CEDAR,    NODE_X0,       SERVICE_NONE,    4,    0,    1,  1500 },
	{ FLOW_FLIPPED_BIT, NODE_CEDAR,   NODE_X0,       SERVICE_NONE,    4,    0,    1,   500 },
	{ FLOW_FLIPPED_HINT, NODE_CEDAR,  NODE_X0,       SERVICE_NONE,    4,    0,    1,   800 },
	{ FLOW_REPLAYED_DATA, NODE_CEDAR, NODE_X0,       SERVICE_NONE,    4,    0,    2,   300 },
	{ FLOW_REPLAYED_MESSAGE, NODE_CEDAR, NODE_X0,    SERVICE_NONE,    4,    0,    1,  1000 },
	{ FLOW_FLOOD,      NODE_CEDAR,    NODE_X0,       SERVICE_NONE,    4,    0,  300,  8000 },
	{ FLOW_PARTIAL,    NODE_CEDAR,    NODE_X0,       SERVICE_NONE,    4,    0,    1,   700 },
	{ FLOW_EXPIRED,    NODE_CEDAR,    NODE_X0,       SERVICE_NONE,    4,    0,    1,  2000 },
	{ FLOW_EARLY,      NODE_CEDAR,    NODE_X0,       SERVICE_NONE,    4,    0,    1,  3000 },
	{ FLOW_FUTURE,     NODE_CEDAR,    NODE_X0,       SERVICE_NONE,    4,    0,    1,  1700 },
	/* dogwood's source of time is the attacker's. */
	{ FLOW_CLOCK_STEP, NODE_DOGWOOD,  NODE_X0,       SERVICE_NONE,    6,    0,    1,  3000 },
	/* Mistakes: elm and this host ask for services that the other lacks. */
	{ FLOW_SCAN_TCP,   NODE_ELM,      NODE_X0,       SERVICE_NONE,    4,    0,    1,  1200 },
	{ FLOW_SCAN_UDP,   NODE_ELM,      NODE_X0,       SERVICE_NONE,    6,   20,    1,  2000 },
	{ FLOW_REQUEST,    NODE_ELM,      NODE_X0,       SERVICE_TELNET,  4,    1,    1,  3000 },
	{ FLOW_REQUEST,    NODE_X0,       NODE_CEDAR,    SERVICE_TELNET,  4,    1,    1,  4000 },
};
/* clang-format on */

const size_t n_lab_flows = sizeof(lab_flows) / sizeof(lab_flows[0]);

/* clang-format off */
const struct scene_flow scene_flows[] = {
	/* scene                sources  kind               from           to       service       IP  size burst period */
	{ SCENE_UDP_FLOOD,      1,    { FLOW_FLOOD_UDP,     NODE_BIRCH,    NODE_X0, SERVICE_QUERY, 4,   18,   40,     5 } },
	{ SCENE_UDP_FLOOD_MANY, MANY, { FLOW_FLOOD_UDP,     NODE_BIRCH,    NODE_X0, SERVICE_QUERY, 4,   18,   40,     5 } },
	{ SCENE_SYN_FLOOD,      1,    { FLOW_FLOOD_SYN,     NODE_BIRCH,    NODE_X0, SERVICE_WEB,   4,    0,   60,     5 } },
	{ SCENE_SYN_FLOOD_MANY, MANY, { FLOW_FLOOD_SYN,     NODE_BIRCH,    NODE_X0, SERVICE_WEB,   4,    0,   60,     5 } },
	{ SCENE_PORT_SCAN,      0,    { FLOW_SCAN_TCP,      NODE_BIRCH,    NODE_X0, SERVICE_NONE,  4,    0,   16,    40 } },
	{ SCENE_REPLAY_STORM,   0,    { FLOW_REPLAYED_DATA, NODE_CEDAR,    NODE_X0, SERVICE_NONE,  4,    0,   25,    50 } },
	{ SCENE_SLOW_DRIP,      1,    { FLOW_FLOOD_UDP,     NODE_BIRCH,    NODE_X0, SERVICE_LOG,   4,   18,    6,    20 } },
	{ SCENE_FORGED_BEACONS, 0,    { FLOW_FLOOD,         NODE_CEDAR,    NODE_X0, SERVICE_NONE,  4,    0,   10,   100 } },
	{ SCENE_BAD_NODE,       0,    { FLOW_EXPIRED,       NODE_CEDAR,    NODE_X0, SERVICE_NONE,  4,    0,    2,   100 } },
	{ SCENE_BAD_NODE,       0,    { FLOW_FORGED_SESSION, NODE_CEDAR,   NODE_X0, SERVICE_NONE,  4,    0,   10,   100 } },
	{ SCENE_BAD_NODE,       0,    { FLOW_FORGED_HEADER, NODE_CEDAR,    NODE_X0, SERVICE_NONE,  4,    0,   10,   100 } },
	{ SCENE_FLASH_CROWD,    0,    { FLOW_REQUEST,       NODE_ALDER,    NODE_X0, SERVICE_WEB,   4,  900,    1,     4 } },
	{ SCENE_FLASH_CROWD,    0,    { FLOW_REQUEST,       NODE_BIRCH,    NODE_X0, SERVICE_WEB,   4,  700,    1,     4 } },
	{ SCENE_FLASH_CROWD,    0,    { FLOW_REQUEST,       NODE_DOGWOOD,  NODE_X0, SERVICE_WEB,   4,  600,    1,     4 } },
	{ SCENE_FLASH_CROWD,    0,    { FLOW_REQUEST,       NODE_ELM,      NODE_X0, SERVICE_WEB,   6,  400,    1,     4 } },
	{ SCENE_FLASH_CROWD,    0,    { FLOW_STREAM,        NODE_DOGWOOD,  NODE_X0, SERVICE_WEB,   4, 1200,    8,     5 } },
	{ SCENE_FLASH_CROWD,    0,    { FLOW_STREAM,        NODE_ALDER,    NODE_X0, SERVICE_WEB,   6, 1200,    8,     5 } },
};
/* clang-format on */

const size_t n_scene_flows = sizeof(scene_flows) / sizeof(scene_flows[0]);
