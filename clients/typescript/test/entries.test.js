import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyExists, KeyNotFound, KvError, NotANumber, op, PreconditionFailed, TransactionConflict } from "kvaspire";
import { all, newUser } from "./system.js";

test("An entry is stored, read, changed on conditions and deleted", async () => {
  const kv = await newUser();
  const key = "a//b %2F?+é";
  const created = await kv.create(key, { name: "Ada" }, { ttlSeconds: 3600, metadata: { team: "blue" } });
  assert.ok(created.created && created.revision > 0);

  const entry = await kv.get(key);
  assert.ok(entry.expiresAt > new Date());
  assert.deepEqual({ ...entry, expiresAt: undefined },
    { key, value: { name: "Ada" }, revision: created.revision, metadata: { team: "blue" }, expiresAt: undefined });
  assert.equal(await kv.head(key), created.revision);
  assert.equal(await kv.refresh(entry), entry);

  const changed = await kv.replace(key, { name: "Lovelace" }, { ifMatch: entry.revision });
  assert.equal(changed.created, false);
  assert.deepEqual((await kv.refresh(entry)).value, { name: "Lovelace" });
  assert.deepEqual((await kv.get(key, { pastCache: true })).value, { name: "Lovelace" });
  assert.equal((await kv.set("another", [1, "two", null])).created, true);
  assert.equal(await kv.delete(key, { ifMatch: changed.revision }), true);
  assert.equal(await kv.delete(key), false);
  assert.equal(await kv.get(key), null);
  assert.equal(await kv.head(key), null);
  assert.equal((await kv.usage()).keys.used, 1);
});

test("Errors have the class of their code, and a trace id", async () => {
  const kv = await newUser();
  await kv.create("taken", 1);
  const exists = await kv.create("taken", 2).catch(error => error);
  assert.ok(exists instanceof KeyExists && exists instanceof KvError);
  assert.deepEqual([exists.status, exists.code], [409, "KEY_EXISTS"]);
  assert.match(String(exists), /^KeyExists: The provided key already exists .*\(KEY_EXISTS, trace [0-9a-f]{32}\)$/);

  await assert.rejects(kv.replace("none", 1), KeyNotFound);
  await assert.rejects(kv.replace("taken", 2, { ifMatch: 1 }), PreconditionFailed);
  await assert.rejects(kv.set("taken", 2, { ifNoneMatch: "*" }), PreconditionFailed);
  await assert.rejects(kv.delete("taken", { ifMatch: 1 }), PreconditionFailed);
  await assert.rejects(kv.restore("taken", 1), KeyNotFound);
  const invalid = await kv.create("", 1).catch(error => error);
  assert.deepEqual([invalid.status, invalid.code], [400, "INVALID_KEY"]);
  assert.equal((await kv.get("taken")).value, 1);
});

test("A counter adds whole numbers of any size", async () => {
  const kv = await newUser();
  assert.equal(await kv.add("visits"), 1n);
  assert.equal(await kv.add("visits", 999999999999999999999n), 1000000000000000000000n);
  await kv.set("text", "1");
  await assert.rejects(kv.add("text"), NotANumber);
});

test("Bulk operations have an outcome each, and a transaction is done in whole or not at all", async () => {
  const kv = await newUser();
  const outcomes = await kv.bulk([op.set("a", 1), op.create("a", 2), op.get("a"), op.remove("none")]);
  assert.deepEqual(outcomes.map(outcome => outcome.status), [201, 409, 200, 404]);
  assert.equal(outcomes[1].code, "KEY_EXISTS");
  assert.equal(outcomes[2].value, 1);

  await kv.transact([{ key: "lock", exists: false }], [op.create("lock", "mine"), op.set("a", 2, { ifMatch: outcomes[0].revision })]);
  const conflict = await kv.transact([{ key: "lock", exists: false }], [op.set("a", 3)]).catch(error => error);
  assert.ok(conflict instanceof TransactionConflict);
  assert.deepEqual(Object.keys(conflict.errors), ["checks[0]"]);
  assert.equal((await kv.get("a")).value, 2);
});

test("The history of a key is listed, and an old value restored", async () => {
  const kv = await newUser();
  const first = await kv.set("k", "one");
  await kv.set("k", "two");
  await kv.delete("k");
  await kv.restore("k", first.revision);
  const history = await all(kv.history("k"));
  assert.deepEqual(history.map(change => [change.kind, change.value]), [["put", "one"], ["delete", undefined], ["put", "two"], ["put", "one"]]);
  assert.ok(history.every(change => change.time instanceof Date && /^[0-9a-f]{32}$/.test(change.traceId)));
});

test("The same Idempotency-Key stores once", async () => {
  const kv = await newUser();
  const first = await kv.create("once", 1, { idempotencyKey: "a-key" });
  assert.deepEqual(await kv.create("once", 1, { idempotencyKey: "a-key" }), first);
  const reused = await kv.create("twice", 1, { idempotencyKey: "a-key" }).catch(error => error);
  assert.equal(reused.code, "IDEMPOTENCY_KEY_REUSED");
});

test("An abort ends a call with its reason", async () => {
  const kv = await newUser();
  await assert.rejects(kv.get("k", { signal: AbortSignal.abort() }), { name: "AbortError" });
  const reason = new Error("enough");
  const enough = new AbortController();
  const watching = all(kv.watch("", { signal: enough.signal }));
  setTimeout(() => enough.abort(reason), 100);
  await assert.rejects(watching, reason);
});
