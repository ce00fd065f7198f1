# SPDX-License-Identifier: BSD-2-Clause
# prometheus-fake.py PORT: answers as a Prometheus that is well, at /good/api/v1, and in ways that it should not
# at others: the first part of the path says which.
import gzip
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

HOSTS = ["[2001:db8::1]:26970", "down\x1b[2J\u202e\"\n.example:1", "nan:1", "odd:1"]


def values(query):
    """The vector of an expression."""
    if query.startswith("up"):
        numbers = ["1", "0", "NaN", "bogus"]
    else:
        numbers = ["+Inf", "-Inf", "NaN", "1e400"]
    if "host_info" in query:
        return [{"metric": {"instance": HOSTS[0], "name": "n\x1b]0;evil\x07ame"}, "value": [1, "1"]}]
    vector = [{"metric": {"instance": host}, "value": [1, number]} for host, number in zip(HOSTS, numbers)]
    return vector + [{"metric": {"instance": 5}, "value": "?"}, {"value": [1]}, None, []]


def past(asked):
    """The matrix of a host that was scraped at each point, and does not know its load."""
    start, end, step = (float(asked[name][0]) for name in ("start", "end", "step"))
    points = [start + i * step for i in range(round((end - start) / step) + 1)]
    lines = {"scrape_samples_scraped": lambda _: 600} if asked["query"][0].startswith("scrape_") else {
        "x0top_sample_timestamp_seconds": lambda at: at,
        "x0top_host_cpus": lambda _: 4,
        "x0top_host_uptime_seconds": lambda _: 7200,
    }
    return json.dumps({"status": "success", "data": {"resultType": "matrix", "result": [
        {"metric": {"__name__": name}, "values": [[at, repr(value(at))] for at in points]}
        for name, value in lines.items()]}}).encode()


def good(query):
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": values(query)}}).encode()


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send(self, body, status=200, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def chunks(self, parts):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in parts:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def answer(self, way, body):
        if way == "bearer" and self.headers["Authorization"] != "Bearer sesame":
            self.send(b"who are you?", 401)
        elif way in ("good", "bearer"):
            self.send(body)
        elif way == "gzip":
            self.send(gzip.compress(body), headers=[("Content-Encoding", "gzip")])
        elif way == "chunked":
            self.chunks(body[i : i + 7] for i in range(0, len(body), 7))
        elif way == "garbage":
            self.send(b"\x00\xff<html>{]" * 99)
        elif way == "nothing":
            self.send(b"")
        elif way == "deep":
            self.send(b"[" * 1000000)
        elif way == "huge":
            self.chunks(b" " * (1 << 20) for _ in range(200))
        elif way == "redirect":
            self.send(b"", 302, [("Location", "http://127.0.0.1:1/login")])
        elif way == "error":
            self.send(b'{"status":"error","error":"too many\\u001b[2J samples"}', 422)
        elif way == "half":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(body[:40])
            self.close_connection = True
        elif way == "none":
            self.send(b'{"status":"success","data":{"resultType":"vector","result":[]}}')
        else:
            self.send(b"not here", 404)

    def do_POST(self):
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        parts = self.path.split("/")
        way = parts[1] if self.path.endswith(("/api/v1/query", "/api/v1/query_range")) else "lost"
        try:
            self.answer(way, past(asked) if "start" in asked else good(asked["query"][0]))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


class Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", int(sys.argv[1])), Answer)
server.serve_forever()
