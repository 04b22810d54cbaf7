// A change feed: prints every change of orders/, from the first one, and goes on where the run before ended.
import { readFile, writeFile } from "node:fs/promises";
import { KvClient, RevisionCompacted } from "kvaspire";

const file = process.argv[2] ?? "feed.position";
const kv = new KvClient(process.env.KVASPIRE_URL ?? "http://localhost:8080", {
  username: process.env.KVASPIRE_USER ?? "example_user",
  password: process.env.KVASPIRE_PASSWORD ?? "secure_password123",
});
const after = Number(await readFile(file, "utf8").catch(() => "0"));
const watch = kv.watch("orders/", { after, signal: AbortSignal.timeout(Number(process.argv[3] ?? 60_000)) });
try {
  for await (const change of watch) {
    console.log(`${change.revision}: ${change.kind} ${change.key}`);
    await writeFile(file, String(watch.position)); // after the work: a change whose work failed comes again
  }
} catch (error) {
  if (error instanceof RevisionCompacted)
    console.log("The history does not reach back: list orders/ and begin anew.");
  else if (error.name !== "TimeoutError")
    throw error;
}
