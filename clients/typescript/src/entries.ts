import type { components } from "./schema.js";

type Schemas = components["schemas"];

/** An entry. */
export interface Entry<T = unknown> {
  key: string;
  value: T;
  /** Grows with every change; the value for `ifMatch`. */
  revision: number;
  /** The JSON object beside the value, if any. */
  metadata?: Record<string, unknown>;
  /** When the entry expires, if it does. */
  expiresAt?: Date;
}

/** The result of a write. */
export interface Written {
  revision: number;
  /** Whether the key is new. */
  created: boolean;
}

/** What every call takes. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/** A call that changes something. */
export interface WriteOptions extends CallOptions {
  /**
   * Makes the write repeatable. By default the client makes a key for each call. With `false` it sends none, and repeats the
   * write after 429 only.
   */
  idempotencyKey?: string | false;
}

/** What is stored beside a value. */
export interface Content {
  /** The time to live in whole seconds; either this or `expiresAt`. */
  ttlSeconds?: number;
  expiresAt?: Date;
  /** A JSON object of at most 4 KiB. */
  metadata?: Record<string, unknown>;
}

/** Conditions of a write: a revision, or `"*"` for any. */
export interface Conditions {
  /** The entry must exist, with this revision. */
  ifMatch?: number | "*";
  /** The entry must not exist with this revision; with `"*"` it must not exist. */
  ifNoneMatch?: number | "*";
}

export interface StoreOptions extends WriteOptions, Content {}
export interface ReplaceOptions extends StoreOptions, Conditions {}
export interface DeleteOptions extends WriteOptions, Conditions {}

export interface ReadOptions extends CallOptions {
  /** Reads past the cache. */
  pastCache?: boolean;
}

/** The usage and the quota; `allowed` is left out where there is no quota. */
export interface Usage {
  keys: Schemas["Share"];
  bytes: Schemas["Share"];
}

/** Content in the service's words. */
export function contentOf(content: Content): Pick<Schemas["EntryChange"], "metadata" | "ttl_seconds" | "expires_at"> {
  return {
    ...(content.metadata && { metadata: content.metadata as Record<string, never> }),
    ...(content.ttlSeconds !== undefined && { ttl_seconds: content.ttlSeconds }),
    ...(content.expiresAt && { expires_at: content.expiresAt.toISOString() }),
  };
}

export function conditionsOf({ ifMatch, ifNoneMatch }: Conditions): Record<string, string | undefined> {
  return { "If-Match": tagOf(ifMatch), "If-None-Match": tagOf(ifNoneMatch) };
}

function tagOf(condition: number | "*" | undefined): string | undefined {
  return typeof condition === "number" ? `"${condition}"` : condition;
}

/** The revision in an `ETag`. */
export function revisionOf(headers: Headers): number {
  return Number(headers.get("ETag")?.replaceAll('"', ""));
}

export function entryOf<T>(data: Schemas["StoredEntry"] | Schemas["ListedEntry"], revision: number): Entry<T> {
  return {
    key: data.key,
    value: data.value as T,
    revision,
    ...(data.metadata && { metadata: data.metadata }),
    ...(data.expires_at !== undefined && { expiresAt: new Date(data.expires_at) }),
  };
}
