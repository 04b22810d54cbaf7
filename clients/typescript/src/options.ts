/** Options of a client. Times are milliseconds. */
export interface KvOptions {
  /** The largest number of retries of a request. Default: 4. */
  maxRetries?: number;
  /** The pause before the first retry, which doubles with jitter. Default: 100. */
  retryDelay?: number;
  /** The longest pause before a retry. A longer `Retry-After` ends the retries. Default: 10,000. */
  maxRetryDelay?: number;
  /** The time limit of an attempt. Default: 30,000. */
  attemptTimeout?: number;
  /** How long before its end a token is renewed, at most half of its lifetime. Default: 30,000. */
  renewBefore?: number;
  /** The silence after which a watch reconnects. Default: 40,000; heartbeats come every 15 seconds. */
  watchSilence?: number;
  /** The `fetch` to use. Default: the global one. */
  fetch?: typeof fetch;
}

export type Settings = Required<KvOptions>;

export function settingsOf(options: KvOptions): Settings {
  return {
    maxRetries: 4,
    retryDelay: 100,
    maxRetryDelay: 10_000,
    attemptTimeout: 30_000,
    renewBefore: 30_000,
    watchSilence: 40_000,
    fetch: (input, init) => fetch(input, init),
    ...options,
  };
}
