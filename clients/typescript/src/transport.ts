import { pause } from "./deadline.js";
import { errorOf } from "./errorResponse.js";
import { KvError } from "./errors.js";
import { exchange, open, type Answer } from "./exchange.js";
import type { Settings } from "./options.js";
import { delayOf, mayRepeat } from "./retries.js";
import type { Tokens } from "./tokens.js";

/** A request to the service. */
export interface KvRequest {
  method: string;
  /** The path, such as `api/usage`. */
  path: string;
  /** Undefined members are left out. */
  query?: Record<string, string | number | boolean | undefined> | undefined;
  headers?: Record<string, string | undefined> | undefined;
  /** Sent as JSON. */
  body?: unknown;
  /** The body as JSON text, in place of `body`. */
  json?: string | undefined;
  /** Makes a write repeatable: `true` for a new key. */
  idempotencyKey?: string | boolean | undefined;
}

/**
 * Sends requests with a token. Repeats a request once with a new token after 401, and after other failures where the request is
 * safe to repeat.
 */
export class Transport {
  constructor(private readonly base: URL, private readonly tokens: Tokens, private readonly settings: Settings) {}

  /** Sends a request. Throws `KvError` for an error response whose status is not in `accepts`. */
  async send(request: KvRequest, signal: AbortSignal | undefined, accepts: readonly number[] = []): Promise<Answer> {
    const [url, init] = this.prepare(request);
    const isRepeatable = request.method === "GET" || request.method === "HEAD" || "Idempotency-Key" in init.headers;
    for (let retry = 0; ; retry++) {
      let isSent = false;
      try {
        return await this.authorized(signal, async token => {
          isSent = true;
          const answer = await exchange(this.settings, url, withToken(init, token), signal);
          if (answer.status < 300 || accepts.includes(answer.status))
            return answer;
          throw errorOf(answer.status, answer.headers, answer.body);
        });
      } catch (failure) {
        const delay = mayRepeat(failure, isRepeatable || !isSent) ? delayOf(failure, retry, this.settings) : undefined;
        if (delay === undefined)
          throw failure;
        await pause(delay, signal);
      }
    }
  }

  /** Makes one attempt at an answer that streams until `connection` is aborted. */
  open(request: KvRequest, connection: AbortController): Promise<Response> {
    const [url, init] = this.prepare(request);
    return this.authorized(connection.signal, token => open(this.settings, url, withToken(init, token), connection));
  }

  private async authorized<T>(signal: AbortSignal | undefined, attempt: (token: string | undefined) => Promise<T>): Promise<T> {
    const token = await this.tokens.get(undefined, signal);
    try {
      return await attempt(token);
    } catch (failure) {
      if (!(failure instanceof KvError && failure.status === 401 && this.tokens.canRenew))
        throw failure;
    }

    return attempt(await this.tokens.get(token, signal));
  }

  // The same key at every attempt, so that a write whose response was lost is done once.
  private prepare(request: KvRequest): [URL, RequestInit & { headers: Record<string, string> }] {
    const url = new URL(request.path, this.base);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined)
        url.searchParams.set(name, String(value));
    }

    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers ?? {})) {
      if (value !== undefined)
        headers[name] = value;
    }
    if (request.idempotencyKey)
      headers["Idempotency-Key"] = request.idempotencyKey === true ? newKey() : request.idempotencyKey;
    const body = request.json ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
    if (body === undefined)
      return [url, { method: request.method, headers }];

    // A service that does not know a member must refuse it, not ignore it.
    Object.assign(headers, { "Content-Type": "application/json", Prefer: "handling=strict" });
    return [url, { method: request.method, headers, body }];
  }
}

function withToken(init: RequestInit & { headers: Record<string, string> }, token: string | undefined): RequestInit {
  return token === undefined ? init : { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } };
}

// Unlike crypto.randomUUID, this works in pages without TLS.
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");
}
