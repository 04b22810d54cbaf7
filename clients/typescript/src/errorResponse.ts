import {
  InsufficientScope, InvalidCredentials, InvalidToken, KeyExists, KeyNotFound, KvError, NotANumber, OutcomeUnknown, PreconditionFailed,
  QuotaExceeded, RateLimited, RevisionCompacted, TransactionConflict, Unavailable,
} from "./errors.js";

const classes: Readonly<Record<string, typeof KvError>> = {
  KEY_EXISTS: KeyExists,
  KEY_NOT_FOUND: KeyNotFound,
  PRECONDITION_FAILED: PreconditionFailed,
  TXN_CONFLICT: TransactionConflict,
  NOT_A_NUMBER: NotANumber,
  QUOTA_EXCEEDED: QuotaExceeded,
  RATE_LIMITED: RateLimited,
  REVISION_COMPACTED: RevisionCompacted,
  INVALID_CREDENTIALS: InvalidCredentials,
  INVALID_TOKEN: InvalidToken,
  INSUFFICIENT_SCOPE: InsufficientScope,
  UNAVAILABLE: Unavailable,
  OUTCOME_UNKNOWN: OutcomeUnknown,
};

/** The error of a response, of the class of its code. */
export function errorOf(status: number, headers: Headers, body: string): KvError {
  const json = objectOf(body);
  const code = text(json["code"]) ?? text(json["error"]) ?? `HTTP_${status}`;
  return new (classes[code] ?? KvError)({
    status,
    code,
    message: text(json["message"]) ?? text(json["error_description"]) ?? `The service answered ${status}.`,
    traceId: text(json["trace_id"]),
    errors: json["errors"] as Record<string, string[]> | undefined,
    retryAfter: secondsOf(headers.get("Retry-After")),
  });
}

// Empty for a body that is no envelope, as from a proxy.
function objectOf(body: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(body);
    return typeof json === "object" && json !== null ? json as Record<string, unknown> : {};
  } catch {
    return {};
  }
}

function text(member: unknown): string | undefined {
  return typeof member === "string" ? member : undefined;
}

function secondsOf(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}
