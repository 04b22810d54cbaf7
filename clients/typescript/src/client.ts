import type { Credentials } from "./credentials.js";
import {
  conditionsOf, contentOf, entryOf, revisionOf, type CallOptions, type DeleteOptions, type Entry, type ReadOptions,
  type ReplaceOptions, type StoreOptions, type Usage, type WriteOptions, type Written,
} from "./entries.js";
import { KeyNotFound } from "./errors.js";
import type { Answer } from "./exchange.js";
import type { Check, Operation, Outcome } from "./operations.js";
import { settingsOf, type KvOptions, type Settings } from "./options.js";
import { pageOf, pageRequest, revisionsOf, type ListOptions, type Page, type PageOptions, type Revision } from "./pages.js";
import type { components } from "./schema.js";
import { Tokens } from "./tokens.js";
import { Transport, type KvRequest } from "./transport.js";
import { Watch, type WatchOptions } from "./watch.js";

type Schemas = components["schemas"];

/** A client of the service. It may be shared: concurrent calls share one token. */
export class KvClient {
  private readonly settings: Settings;
  private readonly tokens: Tokens;
  private readonly transport: Transport;

  /**
   * @param address The address of the gateway, such as `http://localhost:8080`.
   * @param credentials Left out for `register` only.
   */
  constructor(address: string | URL, credentials?: Credentials, options: KvOptions = {}) {
    const base = new URL(address);
    base.pathname = base.pathname.replace(/\/*$/, "/");
    this.settings = settingsOf(options);
    this.tokens = new Tokens(base, credentials, this.settings);
    this.transport = new Transport(base, this.tokens, this.settings);
  }

  /** Registers a user, without a token. */
  register(user: Schemas["NewUser"], options: CallOptions = {}): Promise<Schemas["UserProfile"]> {
    return this.request({ method: "POST", path: "api/register", body: user }, options);
  }

  /** Ends the session of this client's token. */
  async signOut(options: CallOptions = {}): Promise<void> {
    await this.transport.send({ method: "POST", path: "api/logout" }, options.signal);
    this.tokens.forget();
  }

  /** Reads an entry; null where there is none. */
  async get<T = unknown>(key: string, options: ReadOptions = {}): Promise<Entry<T> | null> {
    const answer = await this.transport.send(reading("GET", key, options), options.signal).catch(missing);
    return answer && entryOf<T>(dataOf(answer), revisionOf(answer.headers));
  }

  /** Reads an entry again where it changed: the same object where it did not, null where it is gone. */
  async refresh<T>(entry: Entry<T>, options: CallOptions = {}): Promise<Entry<T> | null> {
    const request = { ...reading("GET", entry.key, {}), headers: conditionsOf({ ifNoneMatch: entry.revision }) };
    const answer = await this.transport.send(request, options.signal, [304]).catch(missing);
    return answer?.status === 304 ? entry : answer && entryOf<T>(dataOf(answer), revisionOf(answer.headers));
  }

  /** Reads the revision of an entry without its value; null where there is none. */
  async head(key: string, options: ReadOptions = {}): Promise<number | null> {
    const answer = await this.transport.send(reading("HEAD", key, options), options.signal, [404]);
    return answer.status === 404 ? null : revisionOf(answer.headers);
  }

  /** Stores a value under a new key. Throws `KeyExists` where there is one. */
  create(key: string, value: unknown, options: StoreOptions = {}): Promise<Written> {
    return this.write({ method: "POST", path: "api/data", body: { key, value, ...contentOf(options) } }, options);
  }

  /** Stores a value under a new or existing key. */
  set(key: string, value: unknown, options: ReplaceOptions = {}): Promise<Written> {
    return this.put(key, value, options, true);
  }

  /** Replaces the value of an entry. Throws `KeyNotFound` where there is none. */
  replace(key: string, value: unknown, options: ReplaceOptions = {}): Promise<Written> {
    return this.put(key, value, options, undefined);
  }

  /** Deletes an entry. Returns whether it existed. */
  async delete(key: string, options: DeleteOptions = {}): Promise<boolean> {
    const request = { method: "DELETE", path: "api/data", query: { key }, headers: conditionsOf(options), idempotencyKey: keyOf(options) };
    return await this.transport.send(request, options.signal).catch(missing) !== null;
  }

  /**
   * Adds to a whole number without reading it first; a missing entry counts as 0. Returns the sum, or undefined where the token may
   * not read it.
   */
  async add(key: string, delta: number | bigint = 1, options: WriteOptions = {}): Promise<bigint | undefined> {
    const request = { method: "POST", path: "api/counters", query: { key }, json: `{"delta":${delta}}`, idempotencyKey: keyOf(options) };
    const { body } = await this.transport.send(request, options.signal);

    // Of the text, because a sum may have more digits than a number. A quote inside of a key is escaped.
    const sum = /"value":(-?\d+)/.exec(body)?.[1];
    return sum === undefined ? undefined : BigInt(sum);
  }

  /** Lists entries in the byte order of their keys, and reads page after page as needed. */
  async *list<T = unknown>(options: ListOptions = {}): AsyncGenerator<Entry<T>, void, undefined> {
    for (let page: Page<T> | undefined; !page || page.cursor !== undefined;) {
      page = await this.listPage<T>({ ...options, ...(page?.cursor !== undefined && { cursor: page.cursor }) });
      yield* page.items;
    }
  }

  /** Reads one page of entries and folders. */
  async listPage<T = unknown>(options: PageOptions = {}): Promise<Page<T>> {
    return pageOf<T>(dataOf(await this.transport.send(pageRequest(options), options.signal)));
  }

  /** The changes of a key, the newest first, page after page as needed. */
  async *history<T = unknown>(key: string, options: CallOptions = {}): AsyncGenerator<Revision<T>, void, undefined> {
    let cursor: string | undefined;
    do {
      const data: Schemas["History"] = await this.request({ method: "GET", path: "api/revisions", query: { key, cursor } }, options);
      yield* revisionsOf<T>(data);
      cursor = data.cursor ?? undefined;
    } while (cursor !== undefined);
  }

  /** Stores the value of an earlier revision again. */
  restore(key: string, revision: number, options: WriteOptions = {}): Promise<Written> {
    return this.write({ method: "POST", path: "api/revisions/restore", body: { key, revision } }, options);
  }

  /** Runs up to 1000 independent operations, each with an outcome of its own. */
  bulk(operations: readonly Operation[], options: WriteOptions = {}): Promise<Outcome[]> {
    return this.run("api/bulk", { operations }, options);
  }

  /** Runs up to 128 checks and operations: all or none. Throws `TransactionConflict`. */
  transact(checks: readonly Check[], operations: readonly Operation[], options: WriteOptions = {}): Promise<Outcome[]> {
    return this.run("api/txn", { checks, operations }, options);
  }

  /** Watches the changes of keys with a prefix; all of them with `""`. */
  watch<T = unknown>(prefix: string = "", options: WatchOptions = {}): Watch<T> {
    return new Watch<T>(this.transport, this.settings, prefix, options);
  }

  /** Reads the usage and the quota. */
  usage(options: CallOptions = {}): Promise<Usage> {
    return this.request({ method: "GET", path: "api/usage" }, options);
  }

  /** Sends any other request of the API under `/api`, and returns its `data`. */
  async request<T>(request: KvRequest, options: CallOptions = {}): Promise<T> {
    return dataOf<T>(await this.transport.send(request, options.signal));
  }

  private put(key: string, value: unknown, options: ReplaceOptions, upsert: true | undefined): Promise<Written> {
    const body = { value, ...contentOf(options) };
    return this.write({ method: "PUT", path: "api/data", query: { key, upsert }, headers: conditionsOf(options), body }, options);
  }

  private async write(request: KvRequest, options: WriteOptions): Promise<Written> {
    const answer = await this.transport.send({ ...request, idempotencyKey: keyOf(options) }, options.signal);
    return { revision: revisionOf(answer.headers), created: answer.status === 201 };
  }

  private async run(path: string, body: object, options: WriteOptions): Promise<Outcome[]> {
    const { results } = await this.request<Schemas["OperationOutcomes"]>({ method: "POST", path, body, idempotencyKey: keyOf(options) }, options);
    return results;
  }
}

function reading(method: string, key: string, { pastCache }: ReadOptions): KvRequest {
  return { method, path: "api/data", query: { key }, headers: { "Cache-Control": pastCache ? "no-cache" : undefined } };
}

// By default the client makes a key, so that a write whose response was lost can be repeated.
function keyOf({ idempotencyKey = true as const }: { idempotencyKey?: string | boolean }): string | boolean {
  return idempotencyKey;
}

function missing(failure: unknown): null {
  if (failure instanceof KeyNotFound)
    return null;
  throw failure;
}

function dataOf<T>(answer: Answer): T {
  return (JSON.parse(answer.body) as { data: T }).data;
}
