#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# x0top fleet asks a Prometheus, which is played here: what it asks, with which secret, and what it makes of answers.
set -u
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
x0top=$(realpath "${X0TOP:-./x0top}")
work=/run/work
mkdir "$work" && cd "$work" || exit 1

# Answers each path in its own way, and writes what it was asked.
cat >play.py <<'END'
import http.server, json, urllib.parse

class Prometheus(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        print(self.path, self.headers["Authorization"], body["query"][0], flush=True, file=log)
        way = self.path.split("/")[1]
        status, text = 200, {"status": "success", "data": {"resultType": "vector", "result": samples(body["query"][0])}}
        if way == "refuses":
            status, text = 401, {}
        elif way == "complains":
            status, text = 422, {"status": "error", "error": "too many samples"}
        elif way == "cut":
            text = "{"
        elif way == "odd":
            text = {"status": "success", "data": 7}
        text = (text if isinstance(text, str) else json.dumps(text)).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass

def samples(query):
    values = {"up{": "1", "x0top_mesh_enforcing": "1", "x0top_packets_sum_all_packets": "1500"}
    value = next((values[part] for part in values if part in query and "rate" not in part), None)
    return [] if value is None else [{"metric": {"instance": "a:1"}, "value": [0, value]}]

log = open("log", "w")
http.server.ThreadingHTTPServer.request_queue_size = 64
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Prometheus)
server.daemon_threads = True
open("port.new", "w").write(str(server.server_port))
__import__("os").rename("port.new", "port")
server.serve_forever()
END
python3 play.py 2>errors &
played=$!
trap 'kill $played 2>/dev/null' EXIT
for _ in $(seq 200); do
	[ -s port ] && break
	sleep 0.05
done
url=http://127.0.0.1:$(cat port)

# says STATUS TEXT ARGUMENT...: it ends so, and says this.
says() {
	status=$1 text=$2
	shift 2
	"$x0top" fleet "$@" --once >out 2>&1
	code=$?
	[ "$code" = "$status" ] && [ "$(cat out)" = "$text" ] || fail "fleet $*: exit status $code, not $status: $(cat out)"
}

"$x0top" fleet --prometheus "$url/" --job lab --window 30s --json >json 2>out || fail "$(cat out)"
[ "$(jq -c '[.schema, .prometheus, (.hosts[] | [.instance, .up, .enforcing, .packets, .bytes, .attention])]' json)" = \
	"[\"x0top-fleet/1\",\"$url/\",[\"a:1\",true,true,1500,null,\"\"]]" ] || fail "the answer: $(cat json)"
grep -qxF '/api/v1/query None up{job="lab"}' log || fail "what it asks: $(cat log)"
grep -qxF '/api/v1/query None sum by (instance) (rate(x0top_packets_sum_all_packets_total{job="lab"}[30s]))' log ||
	fail "what it asks: $(cat log)"
grep -qE '\[W\]|\{J' log && fail "what stands for others: $(cat log)"

# --- secrets
printf 'right\nsecond line\n' >secret && chmod 600 secret
"$x0top" fleet --prometheus "$url" --token-file secret --once >out 2>&1 || fail "$(cat out)"
grep -qF '/api/v1/query Bearer right up' log || fail "a token: $(cat log)"
"$x0top" fleet --prometheus "$url" --user alice --password-file secret --once >out 2>&1 || fail "$(cat out)"
grep -qF "/api/v1/query Basic $(printf alice:right | base64) up" log || fail "a password: $(cat log)"
: >empty && chmod 600 empty
says 2 'x0top: Cannot read empty: it is empty.
Check the path, and that it has one line.' --prometheus "$url" --token-file empty
says 1 'x0top: Cannot read none: No such file or directory.
Check --ca-file, and that it has certificates as PEM.' --prometheus "$url" --ca-file none

# --- answers of others
says 1 "x0top: Prometheus at $url/refuses answers with status 401.
Give --token-file, or --user and --password-file." --prometheus "$url/refuses"
says 1 "x0top: Prometheus at $url/complains answers with status 422: too many samples.
Check the path of --prometheus, and what its log says." --prometheus "$url/complains/"
for way in cut odd; do
	says 1 "x0top: $url/$way is no Prometheus: it answers something else.
Check --prometheus." --prometheus "$url/$way"
done
says 2 "x0top: \"http://alice@127.0.0.1\" is no address of a Prometheus.
Write one such as http://127.0.0.1:9090; names and passwords by options." --prometheus http://alice@127.0.0.1
[ "$failures" -eq 0 ]
