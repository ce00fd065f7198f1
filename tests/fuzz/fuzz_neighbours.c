// SPDX-License-Identifier: BSD-2-Clause
/* What sources of neighbours say: lines of babeld and of files, and the kernel's messages. Whatever they say,
 * texts are printable, lengths are those of a family, and sets stay whole. */
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "fuzz.h"
#include "neighbours/babel_line.h"
#include "neighbours/entry.h"
#include "neighbours/file_lines.h"
#include "neighbours/kernel.h"

static void check_text(const char *text, size_t size)
{
	expect(memchr(text, '\0', size) != NULL);
	for (; *text != '\0'; text++)
		expect(*text >= ' ' && *text <= '~');
}

static void check(const struct neighbour *neighbour)
{
	char text[ENTRY_LEN];

	expect(neighbour->key.family == 0 || neighbour_address_len(neighbour->key.family) > 0);
	check_text(neighbour->name, sizeof(neighbour->name));
	check_text(neighbour->interface, sizeof(neighbour->interface));
	expect(neighbour->state != NULL);
	entry_format(text, neighbour->key.family, neighbour->key.address, neighbour->key.bits);
	check_text(text, sizeof(text));
}

static void check_set(struct neighbour_set *set)
{
	for (uint32_t i = 0; i < set->n; i++) {
		check(&set->list[i]);
		expect(neighbour_set_find(set, &set->list[i].key) == &set->list[i]);
	}
	while (set->n > 0)
		neighbour_set_remove(set, &set->list[0].key);
	neighbour_set_clear(set);
}

/* Lines as the socket brings them. */
static void try_babel(const uint8_t *data, size_t size)
{
	struct neighbour_set set = { 0 };

	for (size_t at = 0; at < size;) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t length = end != NULL ? (size_t)(end - data) - at : size - at;
		char *line = calloc(1, length + 1);
		struct neighbour neighbour;

		expect(line != NULL);
		memcpy(line, data + at, length);
		enum babel_line kind = babel_line_read(line, &neighbour);
		if (kind == BABEL_PUT)
			neighbour_set_put(&set, &neighbour);
		if (kind == BABEL_FLUSH)
			neighbour_set_remove(&set, &neighbour.key);
		free(line);
		at += length + 1;
	}
	check_set(&set);
}

static void try_file(const uint8_t *data, size_t size)
{
	struct neighbour_set set = { 0 };
	uint8_t *text = copy_exactly(data, size);

	file_lines_read((const char *)text, size, &set);
	free(text);
	check_set(&set);
}

/*
 * One message: their division is the kernel's, and libmnl trusts it, as that a message ends where an attribute
 * may. The type is one of four.
 */
static void try_kernel(const uint8_t *data, size_t size)
{
	static const uint16_t types[] = { RTM_NEWNEIGH, RTM_DELNEIGH, RTM_NEWROUTE, RTM_DELROUTE };
	static const struct neighbour_source source;
	struct neighbour_set set = { 0 };

	size -= size % NLMSG_ALIGNTO;
	if (size < sizeof(struct nlmsghdr))
		return;
	struct nlmsghdr *message = (void *)copy_exactly(data, size);
	message->nlmsg_len = (uint32_t)size;
	message->nlmsg_type = types[message->nlmsg_type % 4];
	neighbours_kernel_take(&source, message, &set);
	free(message);
	check_set(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_babel(data, size);
	try_file(data, size);
	try_kernel(data, size);
	return 0;
}
