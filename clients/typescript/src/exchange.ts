import { within } from "./deadline.js";
import { errorOf } from "./errorResponse.js";
import { ConnectionFailed, KvError } from "./errors.js";
import type { Settings } from "./options.js";

/** A response that was read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Browsers send their own User-Agent, and let no script change it across origins. */
const agent: Record<string, string> = typeof process === "object" && process.versions?.["node"]
  ? { "User-Agent": `kvaspire-typescript/1.0.0 node/${process.versions["node"]}` }
  : {};

/** Sends a request once. Any status is an answer. */
export function exchange(settings: Settings, url: URL, init: RequestInit, signal: AbortSignal | undefined): Promise<Answer> {
  return within(settings.attemptTimeout, signal, async signal => {
    const response = await settings.fetch(url, { ...init, headers: { ...agent, ...init.headers }, signal });
    return { status: response.status, headers: response.headers, body: await response.text() };
  });
}

/** Sends a request once, and returns the start of an answer that streams until `connection` is aborted. */
export async function open(settings: Settings, url: URL, init: RequestInit, connection: AbortController): Promise<Response> {
  const late = () => connection.abort(new Error(`No response within ${settings.attemptTimeout} ms.`));
  const timer = setTimeout(late, settings.attemptTimeout);
  try {
    const response = await settings.fetch(url, { ...init, headers: { ...agent, ...init.headers }, signal: connection.signal });
    if (!response.ok)
      throw errorOf(response.status, response.headers, await response.text());
    return response;
  } catch (cause) {
    throw cause instanceof KvError ? cause : new ConnectionFailed("The service could not be reached.", { cause });
  } finally {
    clearTimeout(timer);
  }
}

declare const process: { versions?: Record<string, string> } | undefined;
