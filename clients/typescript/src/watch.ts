import { linked, pause } from "./deadline.js";
import { entryOf, type CallOptions } from "./entries.js";
import { readEvents } from "./events.js";
import { ConnectionFailed } from "./errors.js";
import type { Settings } from "./options.js";
import { isTransient } from "./retries.js";
import type { components } from "./schema.js";
import type { Transport } from "./transport.js";

const longestPause = 15_000;

/** A change of an entry. */
export type Change<T = unknown> = {
  kind: "put";
  key: string;
  revision: number;
  value: T;
  metadata?: Record<string, unknown>;
  expiresAt?: Date;
} | {
  kind: "delete";
  key: string;
  revision: number;
};

export interface WatchOptions extends CallOptions {
  /** The revision after which to begin: 0 for the first change, while none is compacted; left out for now. */
  after?: number;
}

/**
 * Changes as they are committed. After the end of a connection, a failure or a silence the watch reconnects and resumes, without
 * gap or duplicate. It throws `RevisionCompacted` where the next changes are no longer in the history, and other errors that
 * last. Iterating again resumes as well.
 */
export class Watch<T> implements AsyncIterable<Change<T>> {
  private seen: number | undefined;
  private retry = 500;

  constructor(
    private readonly transport: Transport, private readonly settings: Settings, private readonly prefix: string,
    private readonly options: WatchOptions,
  ) {
    this.seen = options.after;
  }

  /** The revision up to which every change was seen. It grows past changes of other keys too: keep it to resume later. */
  get position(): number | undefined {
    return this.seen;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Change<T>, void, undefined> {
    const { signal } = this.options;
    for (let failures = 0; ; failures++) {
      const connection = linked(signal);
      try {
        for await (const change of this.changes(connection.controller)) {
          failures = 0;
          if (change)
            yield change;
        }
      } catch (failure) {
        signal?.throwIfAborted();
        if (!isTransient(failure))
          throw failure;
      } finally {
        connection.controller.abort();
        connection.release();
      }

      // As the service demands, longer after repeated failures.
      await pause(Math.min(longestPause, this.retry * 2 ** Math.min(failures, 6)), signal);
    }
  }

  // The changes of one connection, and undefined for heartbeats.
  private async *changes(connection: AbortController): AsyncGenerator<Change<T> | undefined, void, undefined> {
    const query = { prefix: this.prefix, after: this.seen };
    const response = await this.transport.open({ method: "GET", path: "api/watch", query }, connection);
    const silent = () => connection.abort(new Error(`Nothing arrived for ${this.settings.watchSilence} ms.`));
    let timer = setTimeout(silent, this.settings.watchSilence);
    try {
      const events = readEvents(response.body!, () => {
        clearTimeout(timer);
        timer = setTimeout(silent, this.settings.watchSilence);
      });
      while (true) {
        const { done, value: event } = await events.next().catch(lost);
        if (done)
          return;
        if (event.retry !== undefined)
          this.retry = Math.min(Math.max(event.retry, 50), 30_000);
        const change = event.data === undefined ? undefined : changeOf<T>(event.name, event.data);
        if (event.id !== undefined)
          this.seen = Number(event.id);
        yield change;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

function lost(cause: unknown): never {
  throw new ConnectionFailed("The watch lost its connection.", { cause });
}

function changeOf<T>(name: string | undefined, json: string): Change<T> {
  const data = JSON.parse(json) as components["schemas"]["ListedEntry"];
  return name === "delete"
    ? { kind: "delete", key: data.key, revision: data.revision }
    : { kind: "put", ...entryOf<T>(data, data.revision) };
}
