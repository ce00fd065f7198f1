// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <string.h>

#include "fleet/fleet.h"
#include "model/format.h"

/* Other bytes could drive a terminal. */
static void print_clean(FILE *file, int width, const char *text)
{
	char clean[FLEET_INSTANCE_LEN];
	size_t i = 0;

	for (; text[i] != '\0' && i + 1 < sizeof(clean); i++)
		clean[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	clean[i] = '\0';
	fprintf(file, "%-*.*s ", width, width, clean);
}

static const char *format_state(double value)
{
	return isnan(value) ? "-" : value > 0 ? "yes" : "no";
}

int fleet_write_text(const struct fleet *fleet, FILE *file)
{
	char packets[FORMAT_LEN], bits[FORMAT_LEN], kernel[FORMAT_LEN], mesh[FORMAT_LEN],
		refused[FORMAT_LEN], age[FORMAT_LEN];

	fprintf(file, "%-22s %-12s %-13s %7s %9s %7s %7s %7s %-4s %6s\n", "HOST", "NAME",
		"ATTENTION", "PKT/s", "BIT/s", "KDROP/s", "DROP/s", "REFUS/s", "ENF", "SEEN");
	for (size_t i = 0; i < fleet->n; i++) {
		const struct fleet_host *host = &fleet->hosts[i];
		const double *values = host->values;
		print_clean(file, 22, host->instance);
		print_clean(file, 12, host->name);
		print_clean(file, 13, host->why);
		fprintf(file, "%7s %9s %7s %7s %7s %-4s %6s\n",
			format_rate(packets, values[FLEET_PACKETS]),
			format_bits(bits, values[FLEET_BYTES]),
			format_rate(kernel, values[FLEET_KERNEL_DROPS]),
			format_rate(mesh, values[FLEET_MESH_DROPS]),
			format_rate(refused, values[FLEET_REFUSALS]),
			format_state(values[FLEET_ENFORCING]),
			isnan(values[FLEET_SEEN])
				? "-"
				: format_uptime(age, fmax(0, fleet->time - values[FLEET_SEEN])));
	}
	return ferror(file) ? -EIO : 0;
}

static json_t *json_of(int column, const struct fleet_host *host)
{
	if (column == FLEET_NAME)
		return host->name[0] != '\0' ? json_string(host->name) : json_null();
	if (isnan(host->values[column]))
		return json_null();
	return column == FLEET_UP || column == FLEET_ENFORCING || column == FLEET_FAILING
		       ? json_boolean(host->values[column] > 0)
		       : json_real(host->values[column]);
}

int fleet_write_json(const struct fleet *fleet, const char *url, FILE *file)
{
	json_t *hosts = json_array();
	json_t *all = json_pack("{s:s, s:f, s:s, s:o}", "schema", "x0top-fleet/1", "time",
		fleet->time, "prometheus", url, "hosts", hosts);

	for (size_t i = 0; i < fleet->n; i++) {
		const struct fleet_host *host = &fleet->hosts[i];
		json_t *one =
			json_pack("{s:s, s:s}", "instance", host->instance, "attention", host->why);
		for (int column = 0; column < FLEET_COLUMNS; column++)
			json_object_set_new(one, fleet_fields[column].name, json_of(column, host));
		json_array_append_new(hosts, one);
	}
	int error =
		all == NULL || json_dumpf(all, file, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) < 0
			? -EIO
			: 0;
	json_decref(all);
	fputc('\n', file);
	return error == 0 && !ferror(file) ? 0 : -EIO;
}
