/** What an error response says. */
export interface ErrorDetails {
  /** The HTTP status. */
  status: number;
  /** The error code, such as `KEY_NOT_FOUND`. */
  code: string;
  /** A sentence for people. */
  message: string;
  /** The trace id of the request, for the operators of the service. */
  traceId?: string | undefined;
  /** The errors of each field. */
  errors?: Readonly<Record<string, readonly string[]>> | undefined;
  /** `Retry-After` in seconds. */
  retryAfter?: number | undefined;
}

/** An error response of the service. */
export class KvError extends Error {
  readonly status: number;
  readonly code: string;
  readonly traceId: string | undefined;
  readonly errors: Readonly<Record<string, readonly string[]>>;
  readonly retryAfter: number | undefined;

  constructor(details: ErrorDetails) {
    super(details.message);
    this.name = new.target.name;
    this.status = details.status;
    this.code = details.code;
    this.traceId = details.traceId;
    this.errors = details.errors ?? {};
    this.retryAfter = details.retryAfter;
  }

  override toString(): string {
    return `${this.name}: ${this.message} (${this.code}${this.traceId ? `, trace ${this.traceId}` : ""})`;
  }
}

export class KeyExists extends KvError {}
export class KeyNotFound extends KvError {}
/** The entry is not in the state that `ifMatch` or `ifNoneMatch` demands. */
export class PreconditionFailed extends KvError {}
/** A check or an operation of a transaction failed; `errors` names it, such as `checks[0]`. */
export class TransactionConflict extends KvError {}
/** The value of a counter, or what it would become, is not a whole number of at most 100 digits. */
export class NotANumber extends KvError {}
export class QuotaExceeded extends KvError {}
/** Too many requests: `retryAfter` seconds from now one may succeed. */
export class RateLimited extends KvError {}
/** The history no longer has the revision: list the keys again, then watch from now. */
export class RevisionCompacted extends KvError {}
export class InvalidCredentials extends KvError {}
export class InvalidToken extends KvError {}
export class InsufficientScope extends KvError {}
/** A dependency is down; nothing was stored. */
export class Unavailable extends KvError {}
/** The write may or may not be stored. */
export class OutcomeUnknown extends KvError {}

/** No response: the connection failed, or the attempt took too long. `cause` says why. */
export class ConnectionFailed extends Error {
  override readonly name = "ConnectionFailed";
}
