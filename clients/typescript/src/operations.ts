import { contentOf, type Content } from "./entries.js";
import type { components } from "./schema.js";

type Schemas = components["schemas"];

/** An operation of `bulk` or `transact`. */
export type Operation = Schemas["BulkRequest"]["operations"][number];

/** A condition of a transaction. */
export type Check = { key: string; revision: number } | { key: string; exists: boolean };

/** The outcome of an operation; `code` is left out after a success. */
export type Outcome = Schemas["Outcome"];

interface Condition {
  /** The revision that the entry must have. */
  ifMatch?: number;
}

/** Reads an entry; not in a transaction. */
export const get = (key: string): Operation => ({ op: "get", key });

/** Stores a value under a new or existing key. */
export const set = (key: string, value: unknown, options: Content & Condition = {}): Operation =>
  ({ op: "put", key, value, ...contentOf(options), ...matching(options) });

/** Stores a value under a new key. */
export const create = (key: string, value: unknown, options: Content = {}): Operation =>
  ({ op: "create", key, value, ...contentOf(options) });

/** Deletes an entry. */
export const remove = (key: string, options: Condition = {}): Operation => ({ op: "delete", key, ...matching(options) });

function matching({ ifMatch }: Condition): Pick<Operation, "if_match"> {
  return ifMatch === undefined ? {} : { if_match: ifMatch };
}
