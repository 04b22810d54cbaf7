// A lock with a lease: it is held by the entry's owner until the entry expires. Renewal and release demand the revision that this
// process wrote, so that a process whose lease has ended changes nothing.
import { KeyExists, KeyNotFound, KvClient, PreconditionFailed } from "kvaspire";

const leaseSeconds = 30;
const kv = new KvClient(process.env.KVASPIRE_URL ?? "http://localhost:8080", {
  username: process.env.KVASPIRE_USER ?? "example_user",
  password: process.env.KVASPIRE_PASSWORD ?? "secure_password123",
});

/** The revision of the lock; undefined where another process holds it. */
async function acquire(name, owner) {
  try {
    return (await kv.create(`locks/${name}`, owner, { ttlSeconds: leaseSeconds })).revision;
  } catch (error) {
    if (error instanceof KeyExists)
      return undefined;
    throw error;
  }
}

/** The new revision; undefined where the lease has ended. */
async function renew(name, owner, revision) {
  try {
    return (await kv.replace(`locks/${name}`, owner, { ttlSeconds: leaseSeconds, ifMatch: revision })).revision;
  } catch (error) {
    if (error instanceof PreconditionFailed || error instanceof KeyNotFound)
      return undefined;
    throw error;
  }
}

const owner = `process ${process.pid}`;
const held = await acquire("nightly", owner);
console.log(held === undefined ? "another process holds the lock" : `${owner} holds the lock`);
if (held !== undefined) {
  const renewed = await renew("nightly", owner, held);
  const isReleased = renewed !== undefined && await kv.delete("locks/nightly", { ifMatch: renewed });
  console.log(isReleased ? "released" : "the lease had ended");
}
