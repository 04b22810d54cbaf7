"""Failures that the real system does not make on demand come from a small server."""

import asyncio
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import IsolatedAsyncioTestCase
from urllib.parse import parse_qs, urlsplit

from kvaspire import ApiKey, Change, ConnectionFailed, KvError, Options, RevisionCompacted, Unavailable, Written

from .system import Async, Blocking


def error(status, code, **headers):
    body = json.dumps({"status": "error", "code": code, "message": "No.", "trace_id": "0af7651916cd43dd8448eb211c80319c"}).encode()
    return answer(status, body, **headers)


def answer(status, body, **headers):
    def handle(handler):
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return handle


def stream(*pieces):
    def handle(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for piece in pieces:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        time.sleep(2)

    return handle


def cut(handler):
    handler.close_connection = True


stored = answer(201, b'{"status":"success"}', ETag='"7"')


class Server:
    """Answers requests with these handlers in turn, the last one again and again."""

    def __init__(self, *handlers):
        self.requests = requests = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_request(self):
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                requests.append(self)
                handlers[min(len(requests), len(handlers)) - 1](self)

            do_GET = do_POST = do_PUT = handle_request

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.socket.close()


class Failures:
    def server(self, *handlers):
        server = Server(*handlers)
        self.addCleanup(server.close)
        return server

    def to(self, server, **options):
        return self.client(server.url, ApiKey("kva_x"), Options(**{"retry_delay": 0.01, **options}))

    async def test_a_write_is_repeated_with_the_same_idempotency_key_and_not_before_retry_after(self):
        server = self.server(error(503, "UNAVAILABLE", Retry_After="1"), cut, error(409, "IDEMPOTENCY_IN_PROGRESS"), stored)
        began = time.monotonic()
        self.assertEqual(await self.to(server).create("k", 1), Written(7, True))
        self.assertGreaterEqual(time.monotonic() - began, 1)
        self.assertEqual(len(server.requests), 4)
        self.assertEqual(len({request.headers["Idempotency-Key"] for request in server.requests}), 1)
        self.assertRegex(server.requests[0].headers["User-Agent"], "^kvaspire-python/")

    async def test_a_write_without_idempotency_key_is_repeated_after_429_only(self):
        limited, down = self.server(error(429, "RATE_LIMITED"), stored), self.server(error(503, "UNAVAILABLE"))
        await self.to(limited).set("k", 1, idempotency_key=False)
        self.assertEqual(len(limited.requests), 2)
        with self.assertRaises(Unavailable):
            await self.to(down).set("k", 1, idempotency_key=False)
        self.assertEqual(len(down.requests), 1)

    async def test_retries_end_at_their_largest_number_and_before_a_long_retry_after(self):
        down, long = self.server(error(503, "UNAVAILABLE")), self.server(error(503, "UNAVAILABLE", Retry_After="60"))
        with self.assertRaises(Unavailable):
            await self.to(down, max_retries=2).get("k")
        self.assertEqual(len(down.requests), 3)
        with self.assertRaises(Unavailable) as unavailable:
            await self.to(long).get("k")
        self.assertEqual((unavailable.exception.retry_after, len(long.requests)), (60, 1))

    async def test_a_slow_answer_and_a_dead_address_are_connection_failed(self):
        slow = self.server(lambda handler: time.sleep(2))
        with self.assertRaises(ConnectionFailed):
            await self.to(slow, attempt_timeout=0.5, max_retries=1).get("k")
        self.assertEqual(len(slow.requests), 2)
        with self.assertRaises(ConnectionFailed):
            await self.client("http://127.0.0.1:1", ApiKey("kva_x"), Options(max_retries=0)).get("k")

    async def test_an_error_without_an_envelope_has_the_code_of_its_status(self):
        with self.assertRaises(KvError) as failure:
            await self.to(self.server(answer(404, b"<html>"))).get("k")
        self.assertEqual((failure.exception.code, failure.exception.status), ("HTTP_404", 404))

    async def test_a_connection_that_the_server_closed_meanwhile_is_not_used_again(self):
        def last(handler):
            stored(handler)
            handler.close_connection = True  # without saying so

        server = self.server(last, stored)
        kv = self.to(server, max_retries=0)
        await kv.create("k", 1, idempotency_key=False)
        await asyncio.sleep(0.1)
        await kv.create("k", 1, idempotency_key=False)
        self.assertEqual(len(server.requests), 2)

    async def test_a_watch_ends_with_revision_compacted_and_reconnects_after_silence(self):
        server = self.server(
            stream(
                b"retry: 50\n\n: 5\nid: 5\n\nid: 6\nevent: put\nda", b'ta: {"key":"a","revision":6,\r', b'\ndata: "value":1}\n\n',
                b'id: 7\nevent: put\ndata: {"key":"b",',
            ),
            error(410, "REVISION_COMPACTED"),
        )
        seen = []
        with self.assertRaises(RevisionCompacted):
            async for change in self.to(server, watch_silence=0.5).watch():
                seen.append(change)
        self.assertEqual(seen, [Change("put", "a", 6, 1)])
        self.assertEqual([parse_qs(urlsplit(request.path).query).get("after") for request in server.requests], [None, ["6"]])


class AsyncFailures(Async, Failures, IsolatedAsyncioTestCase):
    pass


class BlockingFailures(Blocking, Failures, IsolatedAsyncioTestCase):
    pass
