// SPDX-License-Identifier: BSD-2-Clause
#include "tests/lib/packet_model.h"

#include <string.h>

#include "xdp_counter.h"

/* A stretch of bytes that is eaten from the front. */
struct bytes {
	const uint8_t *frame; /* where all began */
	const uint8_t *at;
	size_t left;
};

static unsigned two_bytes(const uint8_t *at)
{
	return at[0] * 256 + at[1];
}

/* Returns the first `count` bytes and leaves the rest; NULL if there are fewer. */
static const uint8_t *eat(struct bytes *bytes, size_t count)
{
	const uint8_t *at = bytes->at;

	if (bytes->left < count)
		return NULL;
	bytes->at += count;
	bytes->left -= count;
	return at;
}

static bool is_mesh_port(unsigned port)
{
	static const unsigned ports[] = { 698, 6696, 26970, 51820 };

	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		if (ports[i] == port)
			return true;
	return false;
}

static bool read_ports(struct bytes rest, struct packet_model *model)
{
	size_t left = rest.left;
	const uint8_t *ports = eat(&rest, 4);

	if (!ports)
		return false;
	model->has_ports = true;
	model->ports_at = (uint32_t)(ports - rest.frame);
	model->ports_end = model->ports_at + (uint32_t)left;
	model->source_port = two_bytes(ports);
	model->destination_port = two_bytes(ports + 2);
	return true;
}

static bool read_tcp(struct bytes rest, struct packet_model *model)
{
	model->transport = TRANSPORT_TCP;
	if (!read_ports(rest, model) || rest.left < 20)
		return false;
	unsigned header = rest.at[12] / 16 * 4;

	return header >= 20 && header <= rest.left;
}

static bool read_udp(struct bytes rest, struct packet_model *model)
{
	model->transport = TRANSPORT_UDP;
	if (!read_ports(rest, model) || rest.left < 8)
		return false;
	unsigned length = two_bytes(rest.at + 4);

	if (length > 0 && length < 8)
		return false;
	if (is_mesh_port(model->source_port) || is_mesh_port(model->destination_port))
		model->transport = TRANSPORT_MESH;
	return true;
}

static bool read_transport(struct bytes rest, struct packet_model *model)
{
	bool ipv4 = model->network == NETWORK_IPV4;

	if (model->protocol == 6)
		return read_tcp(rest, model);
	if (model->protocol == 17)
		return read_udp(rest, model);
	if (model->protocol == (ipv4 ? 1 : 58)) {
		model->transport = ipv4 ? TRANSPORT_ICMP : TRANSPORT_ICMPV6;
		model->discovery =
			!ipv4 && rest.left >= 8 && rest.at[0] >= 133 && rest.at[0] <= 136;
		return rest.left >= 8;
	}
	model->transport = TRANSPORT_OTHER;
	return true;
}

/* Parses a fragment other than the first. */
static void name_transport(struct packet_model *model)
{
	bool ipv4 = model->network == NETWORK_IPV4;

	model->transport = TRANSPORT_OTHER;
	if (model->protocol == 6)
		model->transport = TRANSPORT_TCP;
	if (model->protocol == 17)
		model->transport = TRANSPORT_UDP;
	if (model->protocol == 1 && ipv4)
		model->transport = TRANSPORT_ICMP;
	if (model->protocol == 58 && !ipv4)
		model->transport = TRANSPORT_ICMPV6;
}

static bool read_ipv4(struct bytes rest, struct packet_model *model)
{
	const uint8_t *ip = rest.at;

	model->network = NETWORK_IPV4;
	if (rest.left < 20 || ip[0] / 16 != 4)
		return false;
	size_t header = ip[0] % 16 * 4;
	size_t total = two_bytes(ip + 2);

	if (header < 20 || header > rest.left || (total != 0 && total < header))
		return false;
	model->has_address = true;
	memcpy(model->source, ip + 12, 4);
	memcpy(model->destination, ip + 16, 4);
	model->dscp = ip[1] / 4;
	model->protocol = ip[9];
	if (total != 0 && total < rest.left)
		rest.left = total;
	eat(&rest, header);

	bool more = ip[6] & 0x20;
	unsigned offset = two_bytes(ip + 6) % 8192;

	model->fragment = more || offset > 0;
	if (offset == 0)
		return read_transport(rest, model);
	name_transport(model);
	return true;
}

static bool is_extension(unsigned protocol)
{
	static const unsigned extensions[] = { 0, 43, 44, 51, 60, 135, 139, 140 };

	for (size_t i = 0; i < sizeof(extensions) / sizeof(*extensions); i++)
		if (extensions[i] == protocol)
			return true;
	return false;
}

/* Eats one extension header. Returns false when it is cut short. Sets the fragment's offset. */
static bool read_extension(struct bytes *rest, struct packet_model *model, unsigned *offset)
{
	unsigned kind = model->protocol;

	if (rest->left < 8)
		return false;
	size_t length = 8 * (rest->at[1] + 1);

	if (kind == 51)
		length = 4 * (rest->at[1] + 2);
	if (kind == 44)
		length = 8;
	const uint8_t *header = eat(rest, length);

	if (!header)
		return false;
	model->protocol = header[0];
	if (kind == 44) {
		*offset = two_bytes(header + 2) / 8;
		if (*offset > 0 || header[3] % 2 == 1)
			model->fragment = true;
	}
	return true;
}

static bool read_ipv6(struct bytes rest, struct packet_model *model)
{
	const uint8_t *ip = eat(&rest, 40);
	unsigned offset = 0;

	model->network = NETWORK_IPV6;
	if (!ip || ip[0] / 16 != 6)
		return false;
	model->has_address = true;
	memcpy(model->source, ip + 8, 16);
	memcpy(model->destination, ip + 24, 16);
	model->dscp = two_bytes(ip) / 64 % 64;
	model->protocol = ip[6];

	size_t payload = two_bytes(ip + 4);

	if (payload != 0 && payload < rest.left)
		rest.left = payload;
	for (int i = 0; i < 8 && is_extension(model->protocol) && offset == 0; i++)
		if (!read_extension(&rest, model, &offset))
			return false;
	if (offset == 0)
		return read_transport(rest, model);
	name_transport(model);
	return true;
}

static bool read_arp(struct bytes rest, struct packet_model *model)
{
	model->network = NETWORK_ARP;
	return rest.left >= 8 && rest.left >= 8u + 2 * rest.at[4] + 2 * rest.at[5];
}

static bool read_network(struct bytes rest, struct packet_model *model)
{
	switch (model->ethertype) {
	case 0x0800:
		return read_ipv4(rest, model);
	case 0x86dd:
		return read_ipv6(rest, model);
	case 0x0806:
		return read_arp(rest, model);
	case 0x4305:
		model->network = NETWORK_MESH;
		return true;
	}
	return true;
}

static bool read_ethernet(struct bytes rest, struct packet_model *model)
{
	const uint8_t *ethernet = eat(&rest, 14);

	if (!ethernet)
		return false;
	model->has_mac = true;
	memcpy(model->source_mac, ethernet + 6, 6);
	model->ethertype = two_bytes(ethernet + 12);
	for (int tags = 0; tags < 4; tags++) {
		if (model->ethertype != 0x8100 && model->ethertype != 0x88a8)
			break;
		const uint8_t *tag = eat(&rest, 4);

		if (!tag)
			return false;
		if (!model->vlan)
			model->vlan_id = two_bytes(tag) % 4096;
		model->vlan = true;
		model->ethertype = two_bytes(tag + 2);
	}
	return read_network(rest, model);
}

static bool read_raw_ip(struct bytes rest, struct packet_model *model)
{
	unsigned version = rest.left > 0 ? rest.at[0] / 16 : 0;

	if (version != 4 && version != 6)
		return false;
	model->ethertype = version == 4 ? 0x0800 : 0x86dd;
	return read_network(rest, model);
}

/* Addresses or ports that would be there, and are not to be found. IPv6 alone has chains of headers. */
static bool is_hiding(const struct packet_model *model)
{
	if (model->ethertype == 0x8100 || model->ethertype == 0x88a8)
		return true;
	if (model->malformed && !model->has_address)
		return model->ethertype != 0x0806;
	if (!model->has_address || model->has_ports)
		return false;
	if (model->malformed && (model->protocol == 6 || model->protocol == 17))
		return true;
	return model->network == NETWORK_IPV6 && is_extension(model->protocol);
}

static uint32_t frame_size(size_t length)
{
	static const size_t ends[] = { 64, 127, 255, 511, 1023, 1518 };
	uint32_t size = 0;

	while (size < FRAME_OVER_1518 && length > ends[size])
		size++;
	return size;
}

void packet_model_read(const uint8_t *bytes, size_t length, bool raw_ip, struct packet_model *model)
{
	struct bytes all = { bytes, bytes, length };

	memset(model, 0, sizeof(*model));
	model->frame_size = frame_size(length);
	model->malformed = raw_ip ? !read_raw_ip(all, model) : !read_ethernet(all, model);
	if (model->malformed)
		model->transport = TRANSPORT_NONE;
	model->hiding = is_hiding(model);
}
