// SPDX-License-Identifier: BSD-2-Clause
#include "cli/peer_options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/trust.h"
#include "peer/prefix.h"

#define BEACON_SECONDS 10
#define BEACON_MIN     0.1
#define BEACON_MAX     3600
#define DATA_MAX       100000 /* packets per second */

const char peer_usage[] =
	"Usage: x0top peer --identity FILE [OPTION]... [--to ADDRESS[:PORT]]...\n"
	"Announces this node, exchanges keys with the trusted nodes it hears, and sends\n"
	"and receives authenticated data. Needs no capability. SIGINT and SIGTERM end\n"
	"it; SIGHUP reloads the trust store.\n"
	"  --identity FILE      private key: x0top keys generate NAME makes it\n"
	"  --trust DIRECTORY    keys of the trusted nodes (" TRUST_DIRECTORY ")\n"
	"  --listen ADDRESS     use this local address only (all)\n"
	"  --port PORT          local port, and default port of --to (26970)\n"
	"  --to ADDRESS[:PORT]  send beacons there; [ADDRESS]:PORT for IPv6 (repeatable)\n"
	"  --translated NAME    addresses change on the way to this node (repeatable)\n"
	"  --prefix PREFIX      announce a prefix behind this node (repeatable)\n"
	"  --beacon SECONDS     interval between beacons (10)\n"
	"  --data NUMBER        data packets per second in each session (0)\n"
	"  --rekey SECONDS      maximum age of keys (120, the maximum)\n"
	"  --rekey-packets N    maximum data packets per key (16777216, the maximum)\n"
	"  --once               exit with 0 once every --to has a session, or with 1\n"
	"                       after 10 seconds\n"
	"  -v, --verbose        print beacons and key exchanges, never a key\n";

enum option_letter {
	OPTION_IDENTITY = 256,
	OPTION_TRUST,
	OPTION_LISTEN,
	OPTION_PORT,
	OPTION_TO,
	OPTION_PREFIX,
	OPTION_TRANSLATED,
	OPTION_BEACON,
	OPTION_DATA,
	OPTION_REKEY,
	OPTION_REKEY_PACKETS,
	OPTION_ONCE,
};

static const struct option long_options[] = {
	{ "identity", required_argument, NULL, OPTION_IDENTITY },
	{ "trust", required_argument, NULL, OPTION_TRUST },
	{ "listen", required_argument, NULL, OPTION_LISTEN },
	{ "port", required_argument, NULL, OPTION_PORT },
	{ "to", required_argument, NULL, OPTION_TO },
	{ "prefix", required_argument, NULL, OPTION_PREFIX },
	{ "translated", required_argument, NULL, OPTION_TRANSLATED },
	{ "beacon", required_argument, NULL, OPTION_BEACON },
	{ "data", required_argument, NULL, OPTION_DATA },
	{ "rekey", required_argument, NULL, OPTION_REKEY },
	{ "rekey-packets", required_argument, NULL, OPTION_REKEY_PACKETS },
	{ "once", no_argument, NULL, OPTION_ONCE },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* Options that depend on others: resolved after all are read. */
struct raw_options {
	const char *listen;
	uint64_t port;
	uint32_t n_to;
	const char *to[PEER_TARGETS_MAX];
};

/* --- values ----------------------------------------------------------------------------------- */

static int read_number(const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	return text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || *value < least ||
			       *value > most
		       ? -EINVAL
		       : 0;
}

static int read_seconds(const char *text, double least, double most, uint64_t *ns)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end != '\0' || !(seconds >= least && seconds <= most))
		return -EINVAL;
	*ns = (uint64_t)(seconds * (double)NS_PER_SECOND);
	return 0;
}

/* Reads a numeric address of this family; AF_INET6 takes IPv4 in its mapped form, too. */
static int resolve(const char *host, unsigned port, int family, struct peer_address *address)
{
	const struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_DGRAM,
		.ai_flags =
			AI_NUMERICHOST | AI_NUMERICSERV | (family == AF_INET6 ? AI_V4MAPPED : 0),
	};
	struct addrinfo *found;
	uint8_t whole[16];
	char service[8];

	/* getaddrinfo() takes 10.0.0 for 10.0.0.0, and 10 for 0.0.0.10. */
	if (strchr(host, ':') == NULL && inet_pton(AF_INET, host, whole) != 1)
		return -EINVAL;
	snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(host, service, &hints, &found) != 0)
		return -EINVAL;
	memset(address, 0, sizeof(*address));
	memcpy(&address->storage, found->ai_addr, found->ai_addrlen);
	address->length = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

/* Reads "10.0.0.1", "10.0.0.1:7", "fd00::1", "[fd00::1]" or "[fd00::1]:7". */
static int read_target(const char *text, unsigned port, int family, struct peer_address *address)
{
	char host[ADDRESS_TEXT_LEN];
	const char *colon = strrchr(text, ':'), *end = text + strlen(text);
	uint64_t number = port;

	if (text[0] == '[') {
		const char *bracket = strchr(text, ']');

		if (bracket == NULL || (bracket[1] != '\0' && bracket[1] != ':'))
			return -EINVAL;
		colon = bracket[1] == ':' ? bracket + 1 : NULL;
		end = bracket;
		text++;
	} else if (colon != NULL && strchr(text, ':') == colon) {
		end = colon;
	} else {
		colon = NULL;
	}
	if (colon != NULL && read_number(colon + 1, 1, 65535, &number) < 0)
		return -EINVAL;
	if ((size_t)(end - text) >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	return resolve(host, (unsigned)number, family, address);
}

/* --- options ---------------------------------------------------------------------------------- */

static int wrong(struct failure *failure, const char *option, const char *value, const char *wanted)
{
	failure_set(failure, -EINVAL, "--%s cannot be \"%s\"", option, value);
	return failure_remedy(failure, "Give %s", wanted);
}

/* Sets when to replace keys: at most the protocol's limits. */
static int set_rekey(struct session_limits *limits, int letter, const char *value)
{
	uint64_t number;

	if (letter == OPTION_REKEY_PACKETS) {
		if (read_number(value, 1, SESSION_REKEY_AFTER_PACKETS, &number) < 0)
			return -EINVAL;
		limits->rekey_after_packets = number;
		return 0;
	}
	return read_seconds(value, 1, (double)SESSION_REKEY_AFTER_NS / (double)NS_PER_SECOND,
		&limits->rekey_after_ns);
}

static int set(struct peer_options *options, struct raw_options *raw, int letter, const char *value,
	struct failure *failure)
{
	struct peer_settings *settings = &options->endpoint.peer;
	uint64_t number;

	switch (letter) {
	case OPTION_PORT:
		if (read_number(value, 1, 65535, &raw->port) < 0)
			return wrong(failure, "port", value, "a number from 1 to 65535");
		return 0;
	case OPTION_TO:
		if (raw->n_to == PEER_TARGETS_MAX)
			return wrong(failure, "to", value, "at most 64 of them");
		raw->to[raw->n_to++] = value;
		return 0;
	case OPTION_PREFIX:
		if (settings->n_prefixes == PQC_PREFIXES_MAX ||
			prefix_parse(value, &settings->prefixes[settings->n_prefixes]) < 0)
			return wrong(failure, "prefix", value,
				"at most 64, such as 10.1.0.0/16 or fd00::/8, without host bits");
		settings->n_prefixes++;
		return 0;
	case OPTION_TRANSLATED:
		if (settings->n_translated == PEER_REMOTES_MAX || !trust_name_valid(value))
			return wrong(
				failure, "translated", value, "at most 64 names of trusted nodes");
		snprintf(
			settings->translated[settings->n_translated++], PEER_NAME_LEN, "%s", value);
		return 0;
	case OPTION_BEACON:
		if (read_seconds(value, BEACON_MIN, BEACON_MAX, &settings->beacon_ns) < 0)
			return wrong(failure, "beacon", value, "seconds from 0.1 to 3600");
		return 0;
	case OPTION_DATA:
		if (read_number(value, 0, DATA_MAX, &number) < 0)
			return wrong(failure, "data", value, "packets per second, up to 100000");
		settings->data_per_second = (uint32_t)number;
		return 0;
	case OPTION_REKEY:
		if (set_rekey(&settings->limits, letter, value) < 0)
			return wrong(failure, "rekey", value, "seconds from 1 to 120");
		return 0;
	default:
		if (set_rekey(&settings->limits, letter, value) < 0)
			return wrong(
				failure, "rekey-packets", value, "a number from 1 to 16777216");
		return 0;
	}
}

static int read_options(int argc, char **argv, struct peer_options *options,
	struct raw_options *raw, struct failure *failure)
{
	int letter, error = 0;

	optind = 1;
	opterr = 0;
	while (error == 0 && (letter = getopt_long(argc, argv, ":vh", long_options, NULL)) != -1) {
		if (letter == OPTION_IDENTITY)
			options->endpoint.identity = optarg;
		else if (letter == OPTION_TRUST)
			options->trust = optarg;
		else if (letter == OPTION_LISTEN)
			raw->listen = optarg;
		else if (letter == OPTION_ONCE)
			options->once = true;
		else if (letter == 'v')
			options->verbose = true;
		else if (letter == 'h')
			options->help = true;
		else if (letter == ':')
			error = failure_set(failure, -EINVAL, "%s needs a value", argv[optind - 1]);
		else if (letter == '?')
			error = failure_set(
				failure, -EINVAL, "Unknown option %s", argv[optind - 1]);
		else
			error = set(options, raw, letter, optarg, failure);
	}
	if (error == 0 && optind < argc)
		error = failure_set(failure, -EINVAL, "x0top peer takes no \"%s\"", argv[optind]);
	if (error < 0 && failure->remedy[0] == '\0')
		failure_remedy(failure, "Try x0top peer --help");
	return error;
}

/*
 * Reads all addresses in the family of the socket: IPv6, which carries IPv4 too, unless --listen is
 * IPv4.
 */
static int read_addresses(
	const struct raw_options *raw, struct peer_options *options, struct failure *failure)
{
	struct peer_settings *settings = &options->endpoint.peer;
	unsigned port = (unsigned)raw->port;
	int family = AF_INET6;

	if (raw->listen != NULL && strchr(raw->listen, ':') == NULL)
		family = AF_INET;
	if (resolve(raw->listen ?: "::", port, family, &options->endpoint.listen) < 0)
		return wrong(failure, "listen", raw->listen, "a numeric address of this host");
	for (uint32_t i = 0; i < raw->n_to; i++)
		if (read_target(raw->to[i], port, family, &settings->targets[i]) < 0)
			return wrong(failure, "to", raw->to[i],
				family == AF_INET ? "a numeric IPv4 address, as --listen is one"
						  : "a numeric address; [ADDRESS]:PORT for IPv6");
	settings->n_targets = raw->n_to;
	return 0;
}

int peer_options_parse(int argc, char **argv, struct peer_options *options, struct failure *failure)
{
	struct raw_options raw = { .port = PQC_PORT };

	*options = (struct peer_options) {
		.trust = TRUST_DIRECTORY,
		.endpoint.peer = { .limits = session_limits_default,
			.beacon_ns = BEACON_SECONDS * NS_PER_SECOND },
	};
	int error = read_options(argc, argv, options, &raw, failure);
	if (error < 0 || options->help)
		return error;
	if (options->endpoint.identity == NULL) {
		failure_set(failure, -EINVAL, "x0top peer needs --identity FILE");
		return failure_remedy(failure, "Create one with: x0top keys generate NAME");
	}
	if (options->once && raw.n_to == 0) {
		failure_set(failure, -EINVAL, "--once waits for a session with every --to");
		return failure_remedy(failure, "Give --to ADDRESS");
	}
	return read_addresses(&raw, options, failure);
}
