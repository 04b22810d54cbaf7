"""What the service stores and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal

from .errors import Headers

Json = Any
Metadata = Mapping[str, Any]
Condition = int | Literal["*"]


@dataclass(frozen=True)
class Entry:
    """An entry. `revision` grows with every change, and is the value for `if_match`."""

    key: str
    value: Json
    revision: int
    metadata: Metadata | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Written:
    """The result of a write. `created` says whether the key is new."""

    revision: int
    created: bool


@dataclass(frozen=True)
class Page:
    """A page of a list: entries, folders (with a delimiter), and the cursor of the next page; None at the end."""

    items: Sequence[Entry]
    prefixes: Sequence[str]
    cursor: str | None


@dataclass(frozen=True)
class Change:
    """A change in a watch. A deletion has no value."""

    kind: Literal["put", "delete"]
    key: str
    revision: int
    value: Json = None
    metadata: Metadata | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Revision:
    """A change in the history of a key, with the user, client or API key that made it, and the trace id of its request."""

    kind: Literal["put", "delete"]
    revision: int
    time: datetime
    actor: str | None = None
    trace_id: str | None = None
    value: Json = None
    metadata: Metadata | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Outcome:
    """The outcome of an operation: the status that it has as a single request, and the error code, if it failed."""

    status: int
    key: str | None = None
    revision: int | None = None
    value: Json = None
    metadata: Metadata | None = None
    expires_at: datetime | None = None
    code: str | None = None
    message: str | None = None
    errors: Mapping[str, Sequence[str]] | None = None

    @property
    def succeeded(self) -> bool:
        return self.code is None


@dataclass(frozen=True)
class Share:
    """How much of a quota is used; without a quota `allowed` is None."""

    used: int
    allowed: int | None = None


@dataclass(frozen=True)
class Usage:
    keys: Share
    bytes: Share
    count_complete: bool | None = None


def known(kind: type[Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """The members that a class has, with dates as `datetime`: later services may answer more."""
    members = {name: value for name, value in answer.items() if name in kind.__dataclass_fields__}
    return {name: datetime.fromisoformat(value) if name in ("time", "expires_at") else value for name, value in members.items()}


def content(metadata: Metadata | None, ttl_seconds: int | None, expires_at: datetime | None) -> dict[str, Any]:
    """What is stored beside a value, in the service's words."""
    if expires_at is not None and expires_at.tzinfo is None:
        raise ValueError("expires_at needs a time zone.")
    members = {
        "metadata": metadata,
        "ttl_seconds": ttl_seconds,
        "expires_at": expires_at and expires_at.astimezone(timezone.utc).isoformat(),
    }
    return {name: value for name, value in members.items() if value is not None}


def conditions(if_match: Condition | None, if_none_match: Condition | None) -> dict[str, str | None]:
    return {"If-Match": _tag(if_match), "If-None-Match": _tag(if_none_match)}


def revision_of(headers: Headers) -> int:
    """The revision in an `ETag`."""
    return int((headers.get("ETag") or "").strip('"'))


def _tag(condition: Condition | None) -> str | None:
    return f'"{condition}"' if isinstance(condition, int) else condition
