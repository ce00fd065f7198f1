// SPDX-License-Identifier: BSD-2-Clause
/* What MAPE-K has done that outlives x0top: what is noted before it is done, whose it is, and what is taken back. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define orchestrator_find  fake_find
#define orchestrator_apply fake_apply
#define enforcement_is_on  fake_is_on
#define enforcement_own	   fake_own
#define qos_is_done	   fake_is_done
#define qos_reverse	   fake_reverse
#define lock_open_switches fake_open
#include "../../core/control/switch_back.c"
#include "../../core/control/switch_book.c"

static struct orchestrator *o;
static struct failure failure;
static bool enforces_now, policed; /* what is so */
static int result, own;
static char applied[8][RULE_LEN];
static uint32_t actors[8];
static unsigned n_applied;

struct program *fake_find(struct orchestrator *orchestrator, const char *name)
{
	return strcmp(name, "xdp_pqc_verify") == 0 || strcmp(name, "tc_classifier") == 0
		       ? &orchestrator->programs[0]
		       : NULL;
}

bool fake_is_on(const struct program *program)
{
	assert_ptr_equal(program, &o->programs[0]);
	return enforces_now;
}

int fake_own(const struct orchestrator *orchestrator, struct failure *why)
{
	(void)orchestrator;
	return own < 0 ? failure_set(why, own, "Another one owns it") : 0;
}

bool fake_is_done(struct orchestrator *orchestrator, const struct action *action)
{
	assert_ptr_equal(orchestrator, o);
	assert_string_equal(action->class, "bulk");
	return policed;
}

int fake_reverse(struct orchestrator *orchestrator, const struct action *action,
	struct action *back, struct failure *why)
{
	(void)orchestrator, (void)why;
	*back = *action;
	back->rate = back->more = 0;
	return 0;
}

static int book = -1; /* the file, which has no place here */

int fake_open(void)
{
	return fcntl(book, F_DUPFD_CLOEXEC, 0);
}

static struct action parse(const char *text, uint32_t actor)
{
	struct action action = { .actor = actor };

	if (action_parse(text, &action, &failure) < 0)
		fail_msg("%s", failure.what);
	return action;
}

/* As core/control/apply.c, with what becomes of it. */
static int do_it(const char *text, uint32_t actor)
{
	struct action action = parse(text, actor);
	int noted = switch_book_note(o, &action, &failure);

	if (noted < 0)
		return noted;
	if (result == 0 && action.verb == &control_verbs[VERB_ENFORCE_ON])
		enforces_now = true;
	if (result == 0 && (action.verb == &control_verbs[VERB_ENFORCE_OFF] ||
				   action.verb == &control_verbs[VERB_PROGRAM_OFF]))
		enforces_now = false;
	if (result == 0 && action.verb == &control_verbs[VERB_QOS_POLICE])
		policed = action.rate > 0;
	switch_book_settle(o, &action, noted > 0, result);
	return result;
}

int fake_apply(struct orchestrator *orchestrator, const struct action *action, struct failure *why)
{
	assert_ptr_equal(orchestrator, o);
	assert_true(n_applied < 8);
	actors[n_applied] = action->actor;
	action_format(action, applied[n_applied], RULE_LEN);
	if (result < 0)
		return failure_set(why, result, "No room");
	return do_it(applied[n_applied++], action->actor);
}

static int setup(void **state)
{
	(void)state;
	o = calloc(1, sizeof(*o));
	if (o == NULL)
		return -1;
	o->settings.lab = true;
	switch_book_open(o);
	o->settings.lab = false; /* from here on it is a host's */
	enforces_now = policed = false;
	result = own = 0;
	n_applied = 0;
	return o->switches < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	fd_close(&o->switches);
	free(o);
	return 0;
}

/* An x0top begins, as owner, with what another has left. */
static void start_next(void)
{
	n_applied = 0;
	o->notice[0] = '\0';
	switch_book_recover(o);
}

#define POLICE "qos police eth0 in bulk 5Mbit/s"
#define ON     "enforce on xdp_pqc_verify"
#define OFF    "enforce off xdp_pqc_verify"

static void test_the_next_one_takes_back_what_a_kill_has_left(void **state)
{
	(void)state;
	assert_int_equal(do_it(ON, ACTOR_MAPEK), 0);
	assert_int_equal(do_it(POLICE, ACTOR_MAPEK), 0);
	start_next();
	assert_int_equal(n_applied, 2);
	assert_string_equal(applied[0], OFF);
	assert_string_equal(applied[1], "qos police eth0 in bulk none");
	assert_int_equal(actors[0], ACTOR_ADOPTION);
	assert_string_equal(o->notice, "took back what MAPE-K had done before a kill: " ON);
	start_next();
	assert_int_equal(n_applied, 0);
	assert_string_equal(o->notice, "");
}

/* A kill before it was done, or after it was taken back. */
static void test_what_is_not_so_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(do_it(ON, ACTOR_MAPEK), 0);
	enforces_now = false;
	start_next();
	assert_int_equal(n_applied, 0);
	enforces_now = true; /* somebody else's: it was forgotten */
	start_next();
	assert_int_equal(n_applied, 0);
}

static void test_what_cannot_be_taken_back_stays_noted(void **state)
{
	(void)state;
	assert_int_equal(do_it(ON, ACTOR_MAPEK), 0);
	result = -EBUSY;
	start_next();
	assert_string_equal(o->notice, "cannot take back what MAPE-K had done: " ON ": No room");
	assert_true(enforces_now);
	result = 0;
	start_next();
	assert_int_equal(n_applied, 1);
	assert_false(enforces_now);
}

static void test_only_the_owner_takes_back(void **state)
{
	(void)state;
	assert_int_equal(do_it(ON, ACTOR_MAPEK), 0);
	o->lock_fd = -1;
	start_next();
	o->lock_fd = 0;
	snprintf(o->readonly_reason, sizeof(o->readonly_reason), "x");
	start_next();
	assert_int_equal(n_applied, 0);
	o->readonly_reason[0] = '\0';
	start_next();
	assert_int_equal(n_applied, 1);
}

static void test_what_an_operator_changes_is_the_operators(void **state)
{
	static const uint32_t others[] = { ACTOR_KEY, ACTOR_COMMAND_LINE, ACTOR_CONFIGURATION };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(do_it(ON, ACTOR_MAPEK), 0);
		assert_int_equal(do_it(POLICE, ACTOR_MAPEK), 0);
		assert_int_equal(do_it("qos police eth0 out bulk 5Mbit/s", others[i]), 0);
		assert_int_equal(do_it(ON, others[i]), 0);
		start_next(); /* the other direction is another thing */
		assert_int_equal(n_applied, 1);
		assert_string_equal(applied[0], "qos police eth0 in bulk none");
		enforces_now = false;
	}
	/* One that fails changes nothing. */
	assert_int_equal(do_it(ON, ACTOR_MAPEK), 0);
	result = -EPERM;
	assert_int_equal(do_it(OFF, ACTOR_KEY), -EPERM);
	result = 0;
	start_next();
	assert_int_equal(n_applied, 1);
}

static void test_it_ends_while_x0top_runs(void **state)
{
	(void)state;
	assert_int_equal(do_it(POLICE, ACTOR_MAPEK), 0);
	assert_int_equal(
		orchestrator_take_back(o, "qos police eth0 in bulk 5000kbit/s", &failure), 1);
	assert_int_equal(n_applied, 1);
	assert_int_equal(actors[0], ACTOR_MAPEK);
	assert_false(policed);
	start_next();
	assert_int_equal(n_applied, 0);
	/* What is noted of something else, or of nothing, is not taken back. */
	assert_int_equal(do_it(POLICE, ACTOR_MAPEK), 0);
	assert_int_equal(orchestrator_take_back(o, "qos police eth0 in bulk 6Mbit/s", &failure), 0);
	assert_int_equal(orchestrator_take_back(o, ON, &failure), 0);
	assert_int_equal(orchestrator_take_back(o, "nonsense", &failure), 0);
	assert_int_equal(n_applied, 0);
	policed = false; /* by qos off, which is about no class */
	assert_int_equal(orchestrator_take_back(o, POLICE, &failure), 0);
	assert_int_equal(n_applied, 0);
}

static void test_what_fails_is_not_noted(void **state)
{
	(void)state;
	result = -EIO;
	assert_int_equal(do_it(ON, ACTOR_MAPEK), -EIO);
	result = 0;
	enforces_now = true;
	start_next();
	assert_int_equal(n_applied, 0);
}

/* Neither by one that is no owner, nor where it cannot be noted, nor twice. */
static void test_what_could_not_be_taken_back_is_not_done(void **state)
{
	int fd = o->switches;

	(void)state;
	own = -EBUSY;
	assert_int_equal(do_it(ON, ACTOR_MAPEK), -EBUSY);
	own = 0;
	o->switches = -1;
	assert_int_equal(do_it(ON, ACTOR_MAPEK), -EBADF);
	assert_non_null(strstr(failure.what, "Cannot note what would take it back"));
	assert_int_equal(do_it(ON, ACTOR_COMMAND_LINE), 0);
	o->switches = fd;
	assert_int_equal(do_it(POLICE, ACTOR_MAPEK), 0);
	assert_int_equal(do_it("qos police eth0 in bulk 6Mbit/s", ACTOR_MAPEK), -EBUSY);
	assert_non_null(strstr(failure.what, "MAPE-K has done \"" POLICE "\" already"));
	assert_int_equal(do_it("qos police eth0 in bulk none", ACTOR_MAPEK), 0);
}

static void test_there_is_room_for_as_many(void **state)
{
	char text[RULE_LEN];

	(void)state;
	for (int i = 0; i < SWITCH_BOOK_PLACES; i++) {
		snprintf(text, sizeof(text), "qos police eth%d in bulk 5Mbit/s", i);
		assert_int_equal(do_it(text, ACTOR_MAPEK), 0);
	}
	assert_int_equal(do_it(ON, ACTOR_MAPEK), -ENOSPC);
	assert_int_equal(do_it("qos police eth7 in bulk none", ACTOR_MAPEK), 0);
	assert_int_equal(do_it(ON, ACTOR_MAPEK), 0);
}

static bool advise(void *data, const char *action)
{
	return strcmp(data, action) == 0;
}

/* By the menu, in the operator's name: it ends as what MAPE-K does. */
static void test_advice_that_is_taken_is_noted(void **state)
{
	char text[] = ON;

	(void)state;
	o->thinker = (struct orchestrator_thinker) { .data = text, .advises = advise };
	assert_int_equal(do_it(POLICE, ACTOR_KEY), 0);
	assert_int_equal(do_it(ON, ACTOR_KEY), 0);
	own = -EBUSY; /* who does not own the chain is told so by the action itself */
	assert_int_equal(do_it(ON, ACTOR_KEY), 0);
	own = 0;
	o->thinker.advises = NULL;
	assert_int_equal(do_it(ON, ACTOR_MAPEK), 0);
	start_next();
	assert_int_equal(n_applied, 1);
	assert_string_equal(applied[0], OFF);
}

static void put(int at, const char *done, const char *back)
{
	struct entry entry = { .magic = MAGIC };

	snprintf(entry.done, sizeof(entry.done), "%s", done);
	snprintf(entry.back, sizeof(entry.back), "%s", back);
	assert_int_equal(write_place(o, at, &entry), 0);
}

#define TURN_OFF "program off xdp_pqc_verify"

/* It enforces again, and runs again before that. */
static void test_a_program_that_is_turned_off_enforced(void **state)
{
	(void)state;
	assert_int_equal(do_it(TURN_OFF, ACTOR_MAPEK), 0); /* it only observed */
	start_next();
	assert_int_equal(n_applied, 0);
	enforces_now = true;
	assert_int_equal(do_it(TURN_OFF, ACTOR_MAPEK), 0);
	assert_false(enforces_now);
	assert_int_equal(orchestrator_take_back(o, TURN_OFF, &failure), 1);
	assert_int_equal(n_applied, 2);
	assert_string_equal(applied[0], "program on xdp_pqc_verify");
	assert_string_equal(applied[1], ON);
	assert_true(enforces_now);
	start_next();
	assert_int_equal(n_applied, 0);
	/* The next x0top has started it already. */
	assert_int_equal(do_it(TURN_OFF, ACTOR_MAPEK), 0);
	start_next();
	assert_int_equal(n_applied, 1);
	assert_string_equal(applied[0], ON);
	/* An operator who turns it on, or off, has it. */
	assert_int_equal(do_it(TURN_OFF, ACTOR_MAPEK), 0);
	assert_int_equal(do_it("program on xdp_pqc_verify", ACTOR_KEY), 0);
	start_next();
	assert_int_equal(n_applied, 0);
	/* Of two, the first knows how it was. */
	enforces_now = true;
	assert_int_equal(do_it(OFF, ACTOR_MAPEK), 0);
	assert_int_equal(do_it(TURN_OFF, ACTOR_MAPEK), 0);
	start_next();
	assert_int_equal(n_applied, 1);
	assert_string_equal(applied[0], ON);
}

/* What is to be done to classes is forgotten with the last of it. */
static void test_what_cannot_be_brought_back(void **state)
{
	(void)state;
	enforces_now = true;
	assert_int_equal(do_it("enforce off tc_classifier", ACTOR_MAPEK), -EBUSY);
	assert_non_null(strstr(failure.what, "could not be brought back"));
	assert_int_equal(do_it("program off tc_classifier", ACTOR_MAPEK), -EBUSY);
	assert_int_equal(do_it("program off tc_classifier", ACTOR_KEY), 0);
	enforces_now = false;
	assert_int_equal(do_it("program off tc_classifier", ACTOR_MAPEK), 0);
}

static void test_what_is_no_entry_is_free(void **state)
{
	struct entry entry = { .magic = MAGIC };

	(void)state;
	enforces_now = policed = true;
	put(0, ON, "rule clear");
	put(1, "program on xdp_pqc_verify", OFF);
	put(2, ON, POLICE);
	put(3, ON, "enforce off another");
	put(4, "", "");
	put(5, ON "\n", OFF);
	memset(entry.done, 'x', sizeof(entry.done));
	memset(entry.back, 'x', sizeof(entry.back));
	assert_int_equal(write_place(o, 6, &entry), 0);
	start_next();
	assert_int_equal(n_applied, 0);
	assert_int_equal(do_it(ON, ACTOR_MAPEK), 0);
	put(SWITCH_BOOK_PLACES, POLICE, "qos police eth0 in bulk none"); /* behind the last */
	assert_int_equal(ftruncate(o->switches, PLACE(SWITCH_BOOK_PLACES) + 10), 0);
	start_next();
	assert_int_equal(n_applied, 1);
	assert_string_equal(applied[0], OFF);
}

static off_t book_size(void)
{
	struct stat status;

	assert_int_equal(fstat(book, &status), 0);
	return status.st_size;
}

/* Also where it is the first descriptor; but not what others may have written. */
static void test_the_book_is_forgotten(void **state)
{
	int input = dup(0);

	(void)state;
	book = memfd_create("book", MFD_CLOEXEC);
	assert_int_equal(fchmod(book, 0600), 0);
	assert_int_equal(ftruncate(book, 100), 0);
	switch_book_forget();
	assert_int_equal(book_size(), 0);
	assert_int_equal(ftruncate(book, 100), 0);
	close(0);
	switch_book_forget();
	dup2(input, 0);
	close(input);
	assert_int_equal(book_size(), 0);
	assert_int_equal(ftruncate(book, 100), 0);
	assert_int_equal(fchmod(book, 0620), 0);
	switch_book_forget();
	assert_int_equal(book_size(), 100);
	assert_int_equal(fchmod(book, 0602), 0);
	switch_book_forget();
	assert_int_equal(book_size(), 100);
	fd_close(&book);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_the_next_one_takes_back_what_a_kill_has_left),
		TEST(test_what_is_not_so_is_left_alone),
		TEST(test_what_cannot_be_taken_back_stays_noted),
		TEST(test_only_the_owner_takes_back),
		TEST(test_what_an_operator_changes_is_the_operators),
		TEST(test_it_ends_while_x0top_runs),
		TEST(test_what_fails_is_not_noted),
		TEST(test_what_could_not_be_taken_back_is_not_done),
		TEST(test_there_is_room_for_as_many),
		TEST(test_advice_that_is_taken_is_noted),
		TEST(test_a_program_that_is_turned_off_enforced),
		TEST(test_what_cannot_be_brought_back),
		TEST(test_what_is_no_entry_is_free),
		TEST(test_the_book_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
