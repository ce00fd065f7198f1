// SPDX-License-Identifier: BSD-2-Clause
/* Bytes over the local socket, both ways: what a service says to a dashboard, and what that asks. */
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "programs/connection.h"
#include "serve/view_wire.h"
#include "serve/viewer.h"

static void try_dashboard(const uint8_t *data, size_t size)
{
	static struct snapshot *snapshot;
	struct failure failure = { 0 };
	struct viewer *viewer;
	const char *text = "";
	int ends[2], event;

	if (snapshot == NULL)
		snapshot = snapshot_open();
	expect(snapshot != NULL && socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	expect(send(ends[1], data, size, MSG_DONTWAIT) == (ssize_t)size);
	close(ends[1]);
	expect(viewer_adopt(ends[0], &viewer) == 0);
	while ((event = viewer_read(viewer, snapshot, &text, &failure)) >= 0) {
		expect(event != VIEWER_NOTHING && strlen(text) < REASON_LEN);
		expect(event != VIEWER_FAILURE || failure.error < 0);
	}
	expect(failure.error == event && failure.what[0] != '\0');
	viewer_close(viewer);
	snapshot_clear(snapshot);
}

/* In pieces, as a socket may bring it. */
static void try_service(const uint8_t *data, size_t size)
{
	struct view_asked asked = { .length = 0 };
	struct connection connection;
	struct view_header header;
	char text[VIEW_ASK_MAX + 1];
	size_t at = 0, piece = 1;
	int result = 0;

	while (at < size && result >= 0) {
		size_t room = sizeof(asked.bytes) - asked.length;
		size_t n = size - at < piece ? size - at : piece;
		n = n < room ? n : room;
		expect(n > 0);
		memcpy(asked.bytes + asked.length, data + at, n);
		asked.length += n;
		at += n;
		piece += n;
		while ((result = view_asked_take(&asked, &header, text)) > 0) {
			expect(strlen(text) <= header.length);
			connection_read(text, &connection);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = copy_exactly(data, size);

	if (size > 0)
		try_dashboard(copy, size);
	try_service(copy, size);
	free(copy);
	return 0;
}
