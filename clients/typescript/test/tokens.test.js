import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidCredentials, InvalidToken, KvClient } from "kvaspire";
import { countingFetch, gateway, register, sleep } from "./system.js";

const lifetime = Number(process.env.KVASPIRE_TOKEN_LIFETIME ?? 0); // seconds

test("Concurrent calls share one sign-in, and one renewal of a refused token", async () => {
  const credentials = await register();
  const counting = countingFetch();
  const kv = new KvClient(gateway, credentials, { fetch: counting.fetch });
  await Promise.all(Array.from({ length: 20 }, () => kv.usage()));
  assert.equal(counting.signIns.length, 1);

  const sessions = await kv.request({ method: "GET", path: "api/account/sessions" });
  const current = sessions.items.find(session => session.current);
  const before = counting.signIns.length;
  await new KvClient(gateway, credentials).request({ method: "DELETE", path: `api/account/sessions/${current.session_id}` });
  await sleep(2500); // until the gateway knows
  await Promise.all(Array.from({ length: 20 }, () => kv.usage()));
  assert.deepEqual(counting.signIns.slice(before).map(body => body.grant_type ?? "password"), ["refresh_token", "password"]);
});

test("A token is renewed before it ends", { skip: lifetime ? false : "KVASPIRE_TOKEN_LIFETIME is not set" }, async () => {
  const counting = countingFetch();
  const kv = new KvClient(gateway, await register(), { fetch: counting.fetch });
  for (const end = Date.now() + lifetime * 1250; Date.now() < end; await sleep(100))
    await Promise.all([kv.usage(), kv.get("none")]);
  const refreshes = counting.signIns.slice(1).map(body => body.refresh_token);
  assert.ok(refreshes.length >= 2 && refreshes.every(Boolean));
  assert.equal(new Set(refreshes).size, refreshes.length);
});

test("A refresh token signs in, and its successors are told", async () => {
  const credentials = await register();
  const { refresh_token: refreshToken } = await new KvClient(gateway).request({ method: "POST", path: "api/token", body: credentials });
  const told = [];
  const kv = new KvClient(gateway, { refreshToken, onRefreshToken: next => told.push(next) });
  await kv.set("k", 1);
  assert.equal(told.length, 1);
  await kv.signOut();
});

test("Wrong credentials are errors by code, and are not repeated", async () => {
  const { username } = await register();
  const counting = countingFetch();
  const wrong = new KvClient(gateway, { username, password: "not the password" }, { fetch: counting.fetch });
  await assert.rejects(wrong.usage(), InvalidCredentials);
  assert.equal(counting.signIns.length, 1);
  await assert.rejects(new KvClient(gateway, { accessToken: "x.y.z" }).usage(), InvalidToken);
});
