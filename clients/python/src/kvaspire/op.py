"""Operations of `bulk` and `transact`, and checks of `transact`."""

from datetime import datetime
from typing import NotRequired, TypedDict

from .entries import Json, Metadata, content


class Operation(TypedDict):
    op: str
    key: str
    value: NotRequired[Json]
    metadata: NotRequired[Metadata]
    ttl_seconds: NotRequired[int]
    expires_at: NotRequired[str]
    if_match: NotRequired[int]


class Check(TypedDict):
    """Either the revision that the entry must have, or whether it must exist."""

    key: str
    revision: NotRequired[int]
    exists: NotRequired[bool]


def get(key: str) -> Operation:
    """Reads an entry; not in a transaction."""
    return {"op": "get", "key": key}


def set(
    key: str, value: Json, *, metadata: Metadata | None = None, ttl_seconds: int | None = None, expires_at: datetime | None = None,
    if_match: int | None = None,
) -> Operation:
    """Stores a value under a new or existing key."""
    operation: Operation = {"op": "put", "key": key, "value": value, **content(metadata, ttl_seconds, expires_at)}  # type: ignore[misc]
    return _matching(operation, if_match)


def create(
    key: str, value: Json, *, metadata: Metadata | None = None, ttl_seconds: int | None = None, expires_at: datetime | None = None,
) -> Operation:
    """Stores a value under a new key."""
    return {"op": "create", "key": key, "value": value, **content(metadata, ttl_seconds, expires_at)}  # type: ignore[misc]


def delete(key: str, *, if_match: int | None = None) -> Operation:
    return _matching({"op": "delete", "key": key}, if_match)


def _matching(operation: Operation, if_match: int | None) -> Operation:
    if if_match is not None:
        operation["if_match"] = if_match
    return operation
