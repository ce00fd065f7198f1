// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml_file.h"
#include "mapek/policy.h"
#include "mapek/policy_check.h"
#include "mapek/policy_members.h"

/* --- members ------------------------------------------------------------------------------------ */

static int read_value(struct yaml_file *file, const yaml_node_t *node,
	const struct policy_member *member, const struct policy_place *place)
{
	const char *text = yaml_file_text(node);

	if (text == NULL && node->type == YAML_MAPPING_NODE)
		return yaml_file_wrong(
			file, node, "Expected a text: one that begins with { is put in quotes");
	if (text == NULL)
		return yaml_file_wrong(file, node, "Expected a text");
	return member->read(text, place, file->failure) < 0 ? yaml_file_at(file, node, -EINVAL) : 0;
}

static int read_member(struct yaml_file *file, const yaml_node_t *node,
	const struct policy_member *member, const struct policy_place *place)
{
	int error = 0;

	if (!member->list)
		return read_value(file, node, member, place);
	if (node->type != YAML_SEQUENCE_NODE)
		return yaml_file_wrong(file, node, "Expected a list");
	for (const yaml_node_item_t *item = node->data.sequence.items.start;
		item < node->data.sequence.items.top && error == 0; item++)
		error = read_value(file, yaml_file_node(file, *item), member, place);
	return error;
}

/* Returns the member of a pair, NULL with the failure set if the table has none. */
static const struct policy_member *find_member(struct yaml_file *file, const yaml_node_t *mapping,
	const yaml_node_pair_t *pair, const struct policy_member *table)
{
	const yaml_node_t *key = yaml_file_node(file, pair->key);
	const char *name = yaml_file_text(key);

	for (; name != NULL && table->name != NULL; table++)
		if (strcmp(table->name, name) == 0)
			return yaml_file_check_key(file, mapping, pair) == 0 ? table : NULL;
	yaml_file_wrong(file, key, "\"%.48s\" is not a member here", name != NULL ? name : "");
	return NULL;
}

/* --- policies ----------------------------------------------------------------------------------- */

/* Gives a policy with a hook its action, about what its arguments name. */
static int name_hook(struct yaml_file *file, const yaml_node_t *node, struct policy *policy)
{
	const char *argument = policy->hook, *about = NULL;
	char name[NAME_LEN]; /* a copy: gcc takes the two for one that overlaps */

	if (policy->action[0] != '\0')
		return yaml_file_wrong(file, node,
			"The policy has \"do\" and \"run\": write another one for the hook");
	for (uint32_t i = 0; i < policy->n_arguments; i++, argument += strlen(argument) + 1)
		for (uint32_t k = POLICY_NOBODY + 1; k < POLICY_TARGETS; k++) {
			if (strstr(argument, policy_placeholders[k]) == NULL)
				continue;
			if (about != NULL && about != policy_placeholders[k])
				return yaml_file_wrong(file, node,
					"The hook is about both %s and %s", about,
					policy_placeholders[k]);
			about = policy_placeholders[k];
		}
	memcpy(name, policy->name, sizeof(name));
	snprintf(policy->action, sizeof(policy->action), "mapek run %s%s%s", name,
		about != NULL ? " for " : "", about != NULL ? about : "");
	return 0;
}

static int is_complete(
	struct yaml_file *file, const yaml_node_t *node, struct policy *policy, bool watches)
{
	if (policy->name[0] == '\0')
		return yaml_file_wrong(file, node, "The policy has no name");
	if (!watches)
		return yaml_file_wrong(file, node, "The policy does not say what to watch");
	if (policy->n_arguments == 0 && policy->user[0] != '\0')
		return yaml_file_wrong(file, node, "The policy has \"user\", but runs nothing");
	return policy->n_arguments > 0 ? name_hook(file, node, policy) : 0;
}

static int read_policy(struct yaml_file *file, const yaml_node_t *node, struct policy *policy)
{
	const struct policy_place place = { file->data, policy };
	bool watches = false;
	int error = 0;

	*policy = (struct policy) { .score = NAN,
		.small = NAN,
		.from = NAN,
		.hold = 1,
		.calm = 10,
		.within = 10,
		.most = 1,
		.length = 60,
		.line = node->start_mark.line + 1 };
	if (node->type != YAML_MAPPING_NODE)
		return yaml_file_wrong(file, node, "Expected a policy: name, watch and more");
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		pair < node->data.mapping.pairs.top && error == 0; pair++) {
		const struct policy_member *member = find_member(file, node, pair, policy_members);
		error = member == NULL ? -EINVAL
				       : read_member(file, yaml_file_node(file, pair->value),
						 member, &place);
		watches |= member != NULL && strcmp(member->name, "watch") == 0;
	}
	return error < 0 ? error : is_complete(file, node, policy, watches);
}

static int read_list(struct yaml_file *file, const yaml_node_t *node)
{
	struct policies *policies = file->data;
	int error = 0;

	if (node->type != YAML_SEQUENCE_NODE)
		return yaml_file_wrong(file, node, "Expected a list of policies");
	for (const yaml_node_item_t *item = node->data.sequence.items.start;
		item < node->data.sequence.items.top && error == 0; item++) {
		const yaml_node_t *policy = yaml_file_node(file, *item);
		if (policies->n == POLICIES_MAX)
			return yaml_file_wrong(
				file, policy, "No room for more than %d policies", POLICIES_MAX);
		error = read_policy(file, policy, &policies->list[policies->n]);
		policies->n += error == 0;
	}
	return error;
}

struct reading {
	struct policies policies; /* first: file->data is both */
	const struct connection *own;
};

/* Checks each with those before it, once all is read: `never` may stand behind. */
static int check_list(struct yaml_file *file, const yaml_node_t *node)
{
	const struct reading *reading = file->data;
	const struct policies *policies = &reading->policies;
	int error = 0;

	for (uint32_t i = 0; i < policies->n && error == 0; i++) {
		error = policy_check(policies, &policies->list[i], reading->own, file->failure);
		for (uint32_t k = 0; k < i && error == 0; k++)
			error = policy_check_pair(
				&policies->list[i], &policies->list[k], file->failure);
		if (error < 0)
			return yaml_file_at(file,
				yaml_file_node(file, node->data.sequence.items.start[i]), -EINVAL);
	}
	return error;
}

static int read_document(struct yaml_file *file, const yaml_node_t *root)
{
	const struct policy_place place = { file->data, NULL };
	const yaml_node_t *list = NULL;
	int error = 0;

	if (root->type != YAML_MAPPING_NODE)
		return yaml_file_wrong(
			file, root, "Expected mode, policies and more, as \"key: value\"");
	for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
		pair < root->data.mapping.pairs.top && error == 0; pair++) {
		const yaml_node_t *value = yaml_file_node(file, pair->value);
		const char *key = yaml_file_text(yaml_file_node(file, pair->key));
		if (key != NULL && strcmp(key, "policies") == 0 && list == NULL) {
			list = value;
			error = read_list(file, value);
			continue;
		}
		const struct policy_member *member =
			find_member(file, root, pair, policies_members);
		error = member == NULL ? -EINVAL : read_member(file, value, member, &place);
	}
	return error < 0 || list == NULL ? error : check_list(file, list);
}

int policies_read(struct policies *policies, const char *path, const struct connection *own,
	struct failure *failure)
{
	struct reading *reading = calloc(1, sizeof(*reading));
	struct yaml_file file = { .path = path != NULL ? path : "the policies of x0top",
		.failure = failure,
		.take = read_document,
		.data = reading };

	if (reading == NULL)
		return failure_set(failure, -ENOMEM, "Not enough memory to read policies");
	reading->own = own;
	reading->policies.mode = MAPEK_ADVISE;
	reading->policies.brake = 10;
	int error = path != NULL
			    ? yaml_file_read(&file, "the policies")
			    : yaml_file_parse(&file, policies_built_in, strlen(policies_built_in));
	if (error == 0)
		*policies = reading->policies;
	free(reading);
	return error;
}
