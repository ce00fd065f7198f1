// SPDX-License-Identifier: BSD-2-Clause
#include "cli/qos_print.h"

#include <stdio.h>

#include "cli/command.h"
#include "export/json.h"
#include "export/text_sections.h"

static int print(const struct snapshot *snapshot, bool json)
{
	if (json)
		return json_write_part(qos_fields, &snapshot->qos, stdout, false);
	qos_write_text(snapshot, stdout);
	if (snapshot->qos.n_interfaces == 0)
		puts("x0top only counts: nothing is marked, policed or shaped.");
	return 0;
}

int qos_print(struct orchestrator *orchestrator, bool json)
{
	struct snapshot *snapshot = snapshot_open();

	if (snapshot == NULL)
		return command_no_memory();
	orchestrator_qos(orchestrator, snapshot);
	int error = print(snapshot, json);
	snapshot_close(snapshot);
	return error == 0 ? EXIT_ALL_RAN : EXIT_SOME_FAILED;
}
