import assert from "node:assert/strict";
import { test } from "node:test";
import { KvClient, op } from "kvaspire";
import { control, gateway, register } from "./system.js";

const changes = Number(process.env.KVASPIRE_CHANGES ?? 1000);
const outages = changes > 5000 ? 3 : 1;

/** Kills a service; its start goes on when this returns. */
async function restart(service) {
  assert.ok((await fetch(`${control}/restart/${service}`, { method: "POST" })).ok);
}

test(`A watch resumes over restarts of gateway and data: ${changes} changes`, { skip: control ? false : "KVASPIRE_CONTROL is not set" }, async () => {
  const credentials = await register();
  const patient = { maxRetries: 1000, maxRetryDelay: 1000 };
  const [writer, watcher] = [new KvClient(gateway, credentials, patient), new KvClient(gateway, credentials, patient)];
  const write = async () => {
    const size = Math.max(1, Math.min(100, changes / 50));
    for (let i = 0, outage = 1; i < changes; i += size) {
      const outcomes = await writer.bulk(Array.from({ length: size }, (_, j) => op.set(`feed/${i + j}`, i + j)));
      assert.ok(outcomes.every(outcome => outcome.code === undefined));
      if (outage <= outages && i >= changes * outage / (outages + 1)) {
        outage++;
        await Promise.all(["data", "gateway"].map(restart));
      }
    }
  };
  const writing = write();
  const seen = [];
  for await (const change of watcher.watch("feed/", { after: 0, signal: AbortSignal.timeout(240_000) })) {
    seen.push(change);
    if (seen.length === changes)
      break;
  }
  await writing;
  assert.deepEqual(seen.map(change => change.value).sort((a, b) => a - b), Array.from({ length: changes }, (_, i) => i));
  assert.ok(seen.every((change, i) => i === 0 || change.revision > seen[i - 1].revision));
});
