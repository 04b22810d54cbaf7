// The quick start runs word for word, twice; so do the examples.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { KvClient } from "kvaspire";
import { gateway, register } from "./system.js";

const folder = fileURLToPath(new URL("..", import.meta.url));

async function run(parameters, env = {}) {
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { cwd: folder, env: { ...process.env, ...env }, timeout: 60_000 });
  return stdout.trim().split("\n");
}

test("The quick start of the README runs twice", async () => {
  const readme = await readFile(join(folder, "README.md"), "utf8");
  const name = `ts_${crypto.randomUUID().replaceAll("-", "")}`;
  const code = [...readme.matchAll(/^```js\n(.*?)^```/gms)].map(block => block[1]).join("")
    .replaceAll("http://localhost:8080", gateway).replaceAll("example_user", name).replaceAll("user@example.com", `${name}@example.com`);
  const [first, second] = [await run(["--input-type=module", "-e", code]), await run(["--input-type=module", "-e", code])];
  assert.deepEqual([first[0], second[0]], ["visits: 1", "visits: 2"]);
  assert.equal(first[1], "users/42 { name: 'Ada', born: 1815 }");
  assert.match(first[2], /^\d+ put users\/42$/);
});

test("The examples count, lock, and go on with a feed", async () => {
  const credentials = await register();
  const env = { KVASPIRE_URL: gateway, KVASPIRE_USER: credentials.username, KVASPIRE_PASSWORD: credentials.password };
  assert.deepEqual(await run(["examples/counter.mjs"], env), ["visits today: 10"]);
  assert.match((await run(["examples/lock.mjs"], env)).join(), /^process \d+ holds the lock,released$/);

  const kv = new KvClient(gateway, credentials);
  const position = join(await mkdtemp(join(tmpdir(), "feed-")), "position");
  const orders = [await kv.set("orders/1", 1), await kv.set("orders/2", 2)];
  assert.deepEqual(await run(["examples/feed.mjs", position, "5000"], env), orders.map((order, i) => `${order.revision}: put orders/${i + 1}`));
  const third = await kv.set("orders/3", 3);
  assert.deepEqual(await run(["examples/feed.mjs", position, "5000"], env), [`${third.revision}: put orders/3`]);
  await rm(position);
});
