// Counts visits: concurrent additions are all counted, and a repeated request counts once.
import { KvClient } from "kvaspire";

const kv = new KvClient(process.env.KVASPIRE_URL ?? "http://localhost:8080", {
  username: process.env.KVASPIRE_USER ?? "example_user",
  password: process.env.KVASPIRE_PASSWORD ?? "secure_password123",
});
await Promise.all(Array.from({ length: 10 }, () => kv.add("visits/today")));
console.log(`visits today: ${await kv.add("visits/today", 0)}`);
