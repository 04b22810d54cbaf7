// The running system that the tests use: KVASPIRE_URL is its gateway. KVASPIRE_CONTROL, if set, restarts its services.
import { ConnectionFailed, KvClient, Unavailable } from "kvaspire";

export const gateway = process.env.KVASPIRE_URL ?? "http://localhost:8080";
export const control = process.env.KVASPIRE_CONTROL;
export const password = "secure_password123";


/** Registers a user. Another program's test may restart the gateway meanwhile. */
export async function register() {
  for (const end = Date.now() + 60_000; ;) {
    const username = `ts_${crypto.randomUUID().replaceAll("-", "")}`;
    try {
      await new KvClient(gateway).register({ username, email: `${username}@example.com`, password, full_name: "John Doe" });
      return { username, password };
    } catch (error) {
      if (!(error instanceof ConnectionFailed || error instanceof Unavailable) || Date.now() > end)
        throw error;
      await new Promise(resolve => setTimeout(resolve, 500));
    }
  }
}

export async function newUser(options) {
  return new KvClient(gateway, await register(), options);
}

/** A `fetch` that records the requests for tokens. */
export function countingFetch() {
  const signIns = [];
  const counting = (input, init) => {
    if (new URL(input).pathname === "/api/token")
      signIns.push(JSON.parse(init.body));
    return fetch(input, init);
  };
  return { signIns, fetch: counting };
}

export async function all(iterable) {
  const items = [];
  for await (const item of iterable)
    items.push(item);
  return items;
}

export const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
