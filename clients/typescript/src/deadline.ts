import { ConnectionFailed } from "./errors.js";

/** An abort signal that follows the caller's and can be aborted by itself. `release` ends the following. */
export interface Linked {
  readonly controller: AbortController;
  release(): void;
}

export function linked(signal: AbortSignal | undefined): Linked {
  const controller = new AbortController();
  const follow = () => controller.abort(signal!.reason);
  if (signal?.aborted)
    follow();
  signal?.addEventListener("abort", follow, { once: true });
  return { controller, release: () => signal?.removeEventListener("abort", follow) };
}

/** Runs `work` for at most `milliseconds`. Failures are `ConnectionFailed`, but the caller's own abort is its reason. */
export async function within<T>(milliseconds: number, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { controller, release } = linked(signal);
  const timer = setTimeout(() => controller.abort(new Error(`No response within ${milliseconds} ms.`)), milliseconds);
  try {
    return await work(controller.signal);
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ConnectionFailed("The service could not be reached.", { cause: controller.signal.aborted ? controller.signal.reason : cause });
  } finally {
    clearTimeout(timer);
    release();
  }
}

/** Waits. The caller's abort ends it with the abort's reason. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await abortable(signal, new Promise(resolve => timer = setTimeout(resolve, milliseconds)));
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for work that goes on for others after this caller's abort. */
export function abortable<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (!signal)
    return work;
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
