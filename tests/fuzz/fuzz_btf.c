// SPDX-License-Identifier: BSD-2-Clause
/* BTF of plugins, with its declaration tags: each type is shown of a value that ends where it is said to end. */
#include "fuzz.h"
#include "kernel/messages.h"
#include "plugins/show.h"

enum { VALUE = 64, CPUS = 3 };

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	messages_capture(false);
	return 0;
}

/* Shows a value of `bytes`, whose contents are those of the input. */
static void show(const struct show_plan *plan, const struct btf *btf, const uint8_t *data,
	size_t size, uint32_t bytes)
{
	uint8_t *values = calloc(CPUS, bytes), *joined = calloc(1, bytes);
	char text[PLUGIN_CELL_LEN];

	expect(values != NULL && joined != NULL);
	memcpy(values, data, size < (size_t)CPUS * bytes ? size : (size_t)CPUS * bytes);
	show_join(plan, values, CPUS, bytes, joined, bytes);
	for (uint32_t i = 0; i < plan->n; i++) {
		if (plan->columns[i].kind == PLUGIN_RATE)
			continue;
		show_text(&plan->columns[i], btf, joined, text);
		expect(memchr(text, 0, sizeof(text)) != NULL);
		show_rank(&plan->columns[i], joined);
	}
	free(values);
	free(joined);
}

static void show_type(
	const struct show_tag_list *list, uint32_t type, const uint8_t *data, size_t size)
{
	const uint32_t bytes = 1 + (uint32_t)(type * 7 + size) % VALUE;
	struct show_tags tags = { 0 };
	struct show_plan plan;

	show_tags_read(list, type, -1, &tags);
	show_plan_begin(&plan);
	show_plan_add(&plan, list, type, bytes, "value", PLUGIN_VALUE, &tags);
	expect(plan.n <= PLUGIN_COLUMNS_MAX);
	expect(plan.sort == PLUGIN_COLUMNS_MAX || plan.sort < plan.n);
	for (uint32_t i = 0; i < plan.n; i++)
		expect(memchr(plan.columns[i].name, 0, PLUGIN_NAME_LEN) != NULL);
	show(&plan, list->btf, data, size, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct show_tag_list list;
	uint8_t *copy = copy_exactly(data, size);
	struct btf *btf = btf__new(copy, (uint32_t)size);

	free(copy); /* libbpf has its own */
	if (btf == NULL)
		return 0;
	show_tags_find(&list, btf);
	for (uint32_t type = 0; type < btf__type_cnt(btf) && type < 256; type++)
		show_type(&list, type, data, size);
	btf__free(btf);
	return 0;
}
