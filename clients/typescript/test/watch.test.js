import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { KvClient } from "kvaspire";
import { gateway, newUser, register } from "./system.js";

/** A TCP proxy of the gateway whose connections can be cut. */
async function cuttableProxy() {
  const { hostname, port } = new URL(gateway);
  const sockets = new Set();
  const server = createServer(client => {
    const upstream = connect(Number(port), hostname);
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      sockets.add(from);
      from.on("error", () => to.destroy()).on("close", () => { to.destroy(); sockets.delete(from); }).pipe(to);
    }
  });
  await new Promise(resolve => server.listen(0, "127.0.0.1", resolve));
  const cut = () => { for (const socket of sockets) socket.resetAndDestroy(); };
  return { url: `http://127.0.0.1:${server.address().port}`, cut, close: () => { cut(); server.close(); } };
}

test("A watch begins now, or after a revision, and tells of puts and deletions", async () => {
  const kv = await newUser();
  const first = await kv.set("w/1", { n: 1 }, { metadata: { m: 1 } });
  await kv.set("elsewhere", 0);
  await kv.delete("w/1");
  const seen = [];
  const watch = kv.watch("w/", { after: 0 });
  for await (const change of watch) {
    seen.push(change);
    if (seen.length === 2)
      break;
  }
  assert.deepEqual(seen[0], { kind: "put", key: "w/1", revision: first.revision, value: { n: 1 }, metadata: { m: 1 } });
  assert.deepEqual(seen[1], { kind: "delete", key: "w/1", revision: seen[1].revision });
  assert.equal(watch.position, seen[1].revision);

  const next = await kv.set("w/2", 2);
  for await (const change of watch) {
    assert.equal(change.revision, next.revision);
    break;
  }
});

test("A watch returns every change once although its connections are cut", async () => {
  const proxy = await cuttableProxy();
  try {
    const credentials = await register();
    const [writer, watcher] = [new KvClient(gateway, credentials), new KvClient(proxy.url, credentials)];
    const write = async from => {
      for (let i = from; i < from + 10; i++)
        await writer.set("w/0", i);
    };
    let writing = write(0);
    const seen = [];
    for await (const change of watcher.watch("w/", { after: 0, signal: AbortSignal.timeout(60_000) })) {
      seen.push(change.value);
      if (seen.length % 10 === 5)
        proxy.cut();
      if (seen.length % 10 > 0)
        continue;
      await writing;
      if (seen.length === 40)
        break;
      writing = write(seen.length);
    }
    assert.deepEqual(seen, Array.from({ length: 40 }, (_, i) => i));
  } finally {
    proxy.close();
  }
});
