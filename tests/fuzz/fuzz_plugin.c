// SPDX-License-Identifier: BSD-2-Clause
/* Objects of plugins: what is one has hooks and a licence, and each other one a sentence that says why not. */
#include "base/words.h"
#include "fuzz.h"
#include "kernel/messages.h"
#include "plugins/plugin.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	messages_capture(false); /* libbpf's words about each input */
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plugin plugin = { .name = "plugin", .kind = "plugin", .size = size };
	struct failure failure = { 0 };

	plugin.data = copy_exactly(data, size);
	int error = plugin_check(&plugin, &failure);
	plugin_free(&plugin);
	if (error < 0) {
		expect(failure.error == error && failure.what[0] != '\0');
		expect(words_printable(failure.what) && words_printable(failure.remedy));
		return 0;
	}
	expect(plugin.hooks != 0 && plugin.hooks < 1U << PLUGIN_HOOKS);
	expect(memchr(plugin.license, 0, sizeof(plugin.license)) != NULL);
	expect(memchr(plugin.place.stage, 0, sizeof(plugin.place.stage)) != NULL);
	expect((plugin.place.where == PLACE_LAST) == (plugin.place.stage[0] == '\0'));
	return 0;
}
