export { KvClient } from "./client.js";
export type {
  AccessTokenCredentials, ApiKeyCredentials, ClientCredentials, Credentials, PasswordCredentials, RefreshTokenCredentials,
} from "./credentials.js";
export type {
  CallOptions, Conditions, Content, DeleteOptions, Entry, ReadOptions, ReplaceOptions, StoreOptions, Usage, WriteOptions, Written,
} from "./entries.js";
export * from "./errors.js";
export * as op from "./operations.js";
export type { Check, Operation, Outcome } from "./operations.js";
export type { KvOptions } from "./options.js";
export type { ListOptions, Page, PageOptions, Revision } from "./pages.js";
export type { components } from "./schema.js";
export type { KvRequest } from "./transport.js";
export { Watch, type Change, type WatchOptions } from "./watch.js";
