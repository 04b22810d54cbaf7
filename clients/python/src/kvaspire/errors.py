"""Errors, with a class for each important code."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Headers(Protocol):
    def get(self, name: str) -> str | None: ...


class KvError(Exception):
    """An error response of the service.

    `status` is the HTTP status, `code` the error code such as `KEY_NOT_FOUND`, `trace_id` the trace id for the operators of the
    service, `errors` the errors of each field, and `retry_after` the seconds of `Retry-After`.
    """

    def __init__(
        self, status: int, code: str, message: str, trace_id: str | None = None, errors: Mapping[str, Sequence[str]] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.trace_id = trace_id
        self.errors: Mapping[str, Sequence[str]] = errors or {}
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.message} ({self.code}{f', trace {self.trace_id}' if self.trace_id else ''})"


class KeyExists(KvError):
    pass


class KeyNotFound(KvError):
    pass


class PreconditionFailed(KvError):
    """The entry is not in the state that `if_match` or `if_none_match` demands."""


class TransactionConflict(KvError):
    """A check or an operation of a transaction failed; `errors` names it, such as `checks[0]`."""


class NotANumber(KvError):
    """The value of a counter, or what it would become, is not a whole number of at most 100 digits."""


class QuotaExceeded(KvError):
    pass


class RateLimited(KvError):
    """Too many requests: `retry_after` seconds from now one may succeed."""


class RevisionCompacted(KvError):
    """The history no longer has the revision: list the keys again, then watch from now."""


class InvalidCredentials(KvError):
    pass


class InvalidToken(KvError):
    pass


class InsufficientScope(KvError):
    pass


class Unavailable(KvError):
    """A dependency is down; nothing was stored."""


class OutcomeUnknown(KvError):
    """The write may or may not be stored."""


class ConnectionFailed(Exception):
    """No response: the connection failed, or the attempt took too long. `__cause__` says why."""


_classes: Mapping[str, type[KvError]] = {
    "KEY_EXISTS": KeyExists,
    "KEY_NOT_FOUND": KeyNotFound,
    "PRECONDITION_FAILED": PreconditionFailed,
    "TXN_CONFLICT": TransactionConflict,
    "NOT_A_NUMBER": NotANumber,
    "QUOTA_EXCEEDED": QuotaExceeded,
    "RATE_LIMITED": RateLimited,
    "REVISION_COMPACTED": RevisionCompacted,
    "INVALID_CREDENTIALS": InvalidCredentials,
    "INVALID_TOKEN": InvalidToken,
    "INSUFFICIENT_SCOPE": InsufficientScope,
    "UNAVAILABLE": Unavailable,
    "OUTCOME_UNKNOWN": OutcomeUnknown,
}


def error_of(status: int, headers: Headers, body: bytes) -> KvError:
    """The error of a response, of the class of its code."""
    answer = _object_of(body)
    code = answer.get("code") or answer.get("error") or f"HTTP_{status}"
    message = answer.get("message") or answer.get("error_description") or f"The service answered {status}."
    seconds = headers.get("Retry-After") or ""
    return _classes.get(code, KvError)(
        status, code, message, answer.get("trace_id"), answer.get("errors"), int(seconds) if seconds.isdecimal() else None
    )


# Empty for a body that is no envelope, as from a proxy.
def _object_of(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
