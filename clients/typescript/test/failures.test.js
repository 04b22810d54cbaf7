// Failures that the real system does not make on demand come from a small server.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { ConnectionFailed, KvClient, KvError, RevisionCompacted, Unavailable } from "kvaspire";

const servers = [];
after(() => servers.forEach(server => server.closeAllConnections() ?? server.close()));

/** Answers requests with these handlers in turn, the last one again and again. */
async function serverOf(...handlers) {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handlers[Math.min(requests.length, handlers.length) - 1](response, request);
  });
  servers.push(server);
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  const client = options => new KvClient(`http://127.0.0.1:${server.address().port}`, { apiKey: "kva_x" }, { retryDelay: 10, ...options });
  return { requests, client };
}

const error = (status, code, headers = {}) => response =>
  response.writeHead(status, headers).end(JSON.stringify({ status: "error", code, message: "No.", trace_id: "0af7651916cd43dd8448eb211c80319c" }));
const stored = response => response.writeHead(201, { ETag: '"7"' }).end('{"status":"success"}');
const cut = response => response.destroy();

test("A write is repeated with the same Idempotency-Key, and not before Retry-After", async () => {
  const { requests, client } = await serverOf(error(503, "UNAVAILABLE", { "Retry-After": "1" }), cut, error(409, "IDEMPOTENCY_IN_PROGRESS"), stored);
  const began = performance.now();
  assert.deepEqual(await client().create("k", 1), { revision: 7, created: true });
  assert.ok(performance.now() - began >= 1000);
  assert.equal(requests.length, 4);
  assert.equal(new Set(requests.map(request => request.headers["idempotency-key"])).size, 1);
  assert.match(requests[0].headers["user-agent"], /^kvaspire-typescript\//);
});

test("A write without Idempotency-Key is repeated after 429 only", async () => {
  const limited = await serverOf(error(429, "RATE_LIMITED"), stored);
  await limited.client().set("k", 1, { idempotencyKey: false });
  assert.equal(limited.requests.length, 2);
  const down = await serverOf(error(503, "UNAVAILABLE"));
  await assert.rejects(down.client().set("k", 1, { idempotencyKey: false }), Unavailable);
  assert.equal(down.requests.length, 1);
});

test("Retries end at their largest number, and before a long Retry-After", async () => {
  const down = await serverOf(error(503, "UNAVAILABLE"));
  await assert.rejects(down.client({ maxRetries: 2 }).get("k"), Unavailable);
  assert.equal(down.requests.length, 3);
  const long = await serverOf(error(503, "UNAVAILABLE", { "Retry-After": "60" }));
  await assert.rejects(long.client().get("k"), { retryAfter: 60 });
  assert.equal(long.requests.length, 1);
});

test("A slow answer and a dead address are ConnectionFailed", async () => {
  const slow = await serverOf(() => {});
  await assert.rejects(slow.client({ attemptTimeout: 500, maxRetries: 1 }).get("k"), ConnectionFailed);
  assert.equal(slow.requests.length, 2);
  await assert.rejects(new KvClient("http://127.0.0.1:1", { apiKey: "kva_x" }, { maxRetries: 0 }).get("k"), ConnectionFailed);
});

test("An error without an envelope has the code of its status", async () => {
  const { client } = await serverOf(response => response.writeHead(404).end("<html>"));
  const failure = await client().get("k").catch(error => error);
  assert.ok(failure instanceof KvError);
  assert.deepEqual([failure.code, failure.status], ["HTTP_404", 404]);
});

test("A watch ends with RevisionCompacted, and reconnects after silence", async () => {
  const stream = (...pieces) => response => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    for (const piece of pieces)
      response.write(piece);
  };
  const { requests, client } = await serverOf(
    stream("retry: 50\n\n: 5\nid: 5\n\nid: 6\nevent: put\nda", 'ta: {"key":"a","revision":6,\r\ndata: "value":1}\n\nid: 7\nevent: put\ndata: {"key":"b",'),
    error(410, "REVISION_COMPACTED"));
  const seen = [];
  await assert.rejects(async () => {
    for await (const change of client({ watchSilence: 2000 }).watch())
      seen.push(change);
  }, RevisionCompacted);
  assert.deepEqual(seen, [{ kind: "put", key: "a", revision: 6, value: 1 }]);
  assert.deepEqual(requests.map(request => new URL(request.url, "http://x").searchParams.get("after")), [null, "6"]);
});
