import { ConnectionFailed, KvError } from "./errors.js";
import type { Settings } from "./options.js";

const transient = new Set([408, 429, 500, 502, 503, 504]);

/** Whether the same request may succeed later. */
export function isTransient(failure: unknown): failure is KvError | ConnectionFailed {
  return failure instanceof ConnectionFailed
    || (failure instanceof KvError && (transient.has(failure.status) || failure.code === "IDEMPOTENCY_IN_PROGRESS"));
}

/**
 * Whether to repeat a request. 429 comes before any effect, so every request may be repeated. After other failures the effect
 * is unknown.
 */
export function mayRepeat(failure: unknown, isRepeatable: boolean): failure is KvError | ConnectionFailed {
  if (!isTransient(failure))
    return false;
  if (failure instanceof ConnectionFailed)
    return isRepeatable;
  return failure.status === 429 || (isRepeatable && failure.status !== 500);
}

/** The pause before a retry in milliseconds: as the service demands, or growing with jitter. Undefined ends the retries. */
export function delayOf(failure: KvError | ConnectionFailed, retry: number, settings: Settings): number | undefined {
  if (retry >= settings.maxRetries)
    return undefined;
  const growing = Math.min(settings.maxRetryDelay, settings.retryDelay * 2 ** retry) * (0.5 + Math.random() / 2);
  if (failure instanceof ConnectionFailed || failure.retryAfter === undefined)
    return growing;
  const demanded = failure.retryAfter * 1000;
  return demanded > settings.maxRetryDelay ? undefined : Math.max(demanded, growing);
}
