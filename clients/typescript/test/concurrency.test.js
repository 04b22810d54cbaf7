import assert from "node:assert/strict";
import { test } from "node:test";
import { PreconditionFailed, RateLimited } from "kvaspire";
import { newUser } from "./system.js";

const workers = (count, work) => Promise.all(Array.from({ length: count }, (_, worker) => work(worker)));

test("Concurrent additions are all counted", async () => {
  const kv = await newUser();
  await workers(10, async () => {
    for (let i = 0; i < 10; i++)
      await kv.add("visits");
  });
  assert.equal((await kv.get("visits")).value, 100);
});

test("Concurrent changes with ifMatch lose no update", async () => {
  const kv = await newUser();
  await kv.set("list", []);
  await workers(5, async worker => {
    for (let i = 0; i < 5;) {
      const entry = await kv.get("list");
      try {
        await kv.replace("list", [...entry.value, `${worker}.${i}`], { ifMatch: entry.revision });
        i++;
      } catch (error) {
        if (!(error instanceof PreconditionFailed))
          throw error;
      }
    }
  });
  assert.equal(new Set((await kv.get("list")).value).size, 25);
});

test("A budget that is used up is RateLimited, with the seconds to wait", async () => {
  const kv = await newUser({ maxRetries: 0 });
  const outcomes = await workers(20, async () => {
    for (let i = 0; i < 50; i++) {
      const failure = await kv.request({ method: "GET", path: "api/account" }).then(() => undefined, error => error);
      if (failure)
        return failure;
    }
  });
  assert.ok(outcomes.every(outcome => outcome instanceof RateLimited), String(outcomes[0]));
  assert.ok(outcomes.every(outcome => outcome.status === 429 && outcome.code === "RATE_LIMITED" && outcome.retryAfter >= 1));
});
