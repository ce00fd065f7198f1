# SPDX-License-Identifier: BSD-2-Clause
# Reads shares.txt and what a guest said, and says in 20 lines what failed there: each test with its status and
# seconds and what cmocka says of it, a test that never ended, one that took more than three times its share
# of the time, and the verdicts on the whole guest. With parts=2 the guest ran half of the tests.

function say(text)
{
	if (said++ < 16)
		print "  " substr(text, 1, 200)
}

# What was collected of a test, its end alone where that is too much.
function say_lines(first)
{
	for (first = n > 6 ? n - 5 : 1; first <= n; first++)
		say("  " line[first])
}

function collect(text)
{
	if (!(text in seen))
		line[++n] = text
	seen[text] = 1
}

function begin_test()
{
	n = 0
	delete seen
	running = last = ""
}

function end_test(name, status, took)
{
	seconds[name] = took
	total += took
	if (status != 0) {
		say(name ": status " status " in " took " s" (status == 137 ? ", killed" : "") (running == "" ? "" : ", in " running))
		if (n == 0 && last != "")
			collect(last)
		say_lines()
	}
	begin_test()
}

function say_share(name, usual)
{
	usual *= parts > 1 ? parts : 1
	if (seconds[name] >= 10 && seconds[name] * 100 > 3 * usual * total)
		say(name " took " seconds[name] " s of " total ", where " usual " in 100 are usual")
}

{ sub(/\r$/, "") }
FNR == NR {
	if ($0 !~ /^#/)
		share[$2] = $1
	next
}
/^--- .*: status [0-9]+ in [0-9]+ s$/ {
	name = $0
	sub(/^--- (\.\/)?/, "", name)
	sub(/: status .*/, "", name)
	end_test(name, $(NF - 3), $(NF - 1))
	next
}
/^guest: status / { ended = 1 }
/^verified: .*: |: (the test failed|no end within|ended without|qemu failed|the kernel complained)/ {
	verdict[++verdicts] = $0
	sub(/; the end of its console.*/, ":", verdict[verdicts])
	judged = 1
}
judged { next }
/^\[ RUN / { running = $NF }
/^\[ +(OK|FAILED|SKIPPED) +\]/ { running = "" }
/^\[ +(FAILED|ERROR|LINE) +\]/ && !/test\(s\)/ { collect($0) }
/^x0top: |does not say: / { collect($0) }
!/^\[ |^modprobe: | has no [a-z0-9_]+$/ && NF && !ended { last = $0 }
# The kernel's faults, which are said before the verdict.
/^\[ *[0-9]+\.[0-9]+\]/ { collect($0) }
END {
	if (ended)
		say_lines()
	else {
		say((name == "" ? "no test ended" : "the test after " name " did not end") (running == "" ? "" : ", in " running))
		if (last != "")
			collect(last)
		say_lines()
	}
	for (name in seconds)
		say_share(name, name in share ? share[name] : 4)
	for (i = 1; i <= verdicts && i <= 4; i++)
		print "  " verdict[i]
}
