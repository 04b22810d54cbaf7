import assert from "node:assert/strict";
import { test } from "node:test";
import { op } from "kvaspire";
import { all, newUser } from "./system.js";

test("A list reads page after page: 2,500 keys, each once and in order", async () => {
  const kv = await newUser();
  const keys = Array.from({ length: 2500 }, (_, i) => `list/${String(i).padStart(4, "0")}`);
  for (let i = 0; i < keys.length; i += 500)
    await kv.bulk(keys.slice(i, i + 500).map((key, j) => op.set(key, i + j)));
  await kv.set("other/1", "x", { metadata: { a: 1 } });

  assert.deepEqual((await all(kv.list({ prefix: "list/", pageSize: 700 }))).map(entry => [entry.key, entry.value]), keys.map((key, i) => [key, i]));
  assert.deepEqual((await all(kv.list({ prefix: "list/", values: false }))).map(entry => entry.key), keys);
  assert.deepEqual((await all(kv.list({ prefix: "other/", metadata: true })))[0].metadata, { a: 1 });
  assert.deepEqual(await all(kv.list({ prefix: "none/" })), []);

  const folders = await kv.listPage({ delimiter: "/" });
  assert.deepEqual(folders, { items: [], prefixes: ["list/", "other/"], cursor: undefined });
  for await (const entry of kv.list({ prefix: "list/", pageSize: 10 })) {
    assert.equal(entry.key, keys[0]);
    break;
  }
});
