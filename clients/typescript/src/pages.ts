import { entryOf, type CallOptions, type Entry } from "./entries.js";
import type { components } from "./schema.js";
import type { KvRequest } from "./transport.js";

type Schemas = components["schemas"];

export interface ListOptions extends CallOptions {
  /** The prefix of the keys. */
  prefix?: string;
  /** The largest number of items on a page, 1 to 1000. Default: 1000. */
  pageSize?: number;
  /** Whether to read values. Default: true. */
  values?: boolean;
  /** Whether to read metadata. Default: false. */
  metadata?: boolean;
}

export interface PageOptions extends ListOptions {
  /** The end of a folder's name; left out to list every key. */
  delimiter?: string;
  /** The cursor of the page before. */
  cursor?: string;
}

/** A page of a list. */
export interface Page<T> {
  items: Entry<T>[];
  /** The folders of this page, with a delimiter. */
  prefixes: string[];
  /** The start of the next page; undefined at the end. */
  cursor: string | undefined;
}

/** A change in the history of a key. */
export interface Revision<T> {
  kind: "put" | "delete";
  revision: number;
  time: Date;
  /** The user, the client or the API key that made the change. */
  actor?: string;
  traceId?: string;
  /** Undefined for a deletion. */
  value: T | undefined;
  metadata?: Record<string, unknown>;
}

export function pageRequest({ prefix, delimiter, pageSize = 1000, cursor, values = true, metadata = false }: PageOptions): KvRequest {
  const include = [values && "value", metadata && "metadata"].filter(Boolean).join(",");
  return { method: "GET", path: "api/data", query: { prefix, delimiter, limit: pageSize, cursor, include: include || undefined } };
}

export function pageOf<T>(data: Schemas["ListedPageOrEntry"]): Page<T> {
  return {
    items: data.items!.map(item => entryOf<T>(item, item.revision)),
    prefixes: data.prefixes ?? [],
    cursor: data.cursor ?? undefined,
  };
}

export function revisionsOf<T>(data: Schemas["History"]): Revision<T>[] {
  return data.revisions.map(change => ({
    kind: change.kind as "put" | "delete",
    revision: change.revision,
    time: new Date(change.time),
    ...(change.actor !== undefined && { actor: change.actor }),
    ...(change.trace_id !== undefined && { traceId: change.trace_id }),
    value: change.value as T | undefined,
    ...(change.metadata && { metadata: change.metadata }),
  }));
}
