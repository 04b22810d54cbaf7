"""The client for code that blocks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from .aio import AsyncKvClient
from .blocking import BlockingHttp, iterate, run
from .credentials import Credentials
from .entries import Condition, Entry, Json, Metadata, Outcome, Page, Revision, Usage, Written
from .op import Check, Operation
from .options import Options
from .watch import Watch


class KvClient:
    """A client of the service, for any number of threads: concurrent calls share one token.

    `address` is that of the gateway, such as `http://localhost:8080`. Credentials are left out for `register` only. Calls raise
    `KvError` for an error response, and `ConnectionFailed` without a response.
    """

    def __init__(self, address: str, credentials: Credentials | None = None, options: Options | None = None) -> None:
        self._http = BlockingHttp(address, options or Options())
        self._client = AsyncKvClient(address, credentials, options, _http=self._http)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes idle connections."""
        self._http.close()

    def register(
        self, username: str, email: str, password: str, full_name: str, *, age: int | None = None, gender: str | None = None
    ) -> Mapping[str, Any]:
        """Registers a user, without a token."""
        return run(self._client.register(username, email, password, full_name, age=age, gender=gender))

    def sign_out(self) -> None:
        """Ends the session of this client's token."""
        run(self._client.sign_out())

    def get(self, key: str, *, past_cache: bool = False) -> Entry | None:
        """Reads an entry; None where there is none."""
        return run(self._client.get(key, past_cache=past_cache))

    def refresh(self, entry: Entry) -> Entry | None:
        """Reads an entry again where it changed: the same object where it did not, None where it is gone."""
        return run(self._client.refresh(entry))

    def head(self, key: str, *, past_cache: bool = False) -> int | None:
        """Reads the revision of an entry without its value; None where there is none."""
        return run(self._client.head(key, past_cache=past_cache))

    def create(
        self, key: str, value: Json, *, metadata: Metadata | None = None, ttl_seconds: int | None = None,
        expires_at: datetime | None = None, idempotency_key: str | bool = True,
    ) -> Written:
        """Stores a value under a new key. Raises `KeyExists` where there is one."""
        return run(self._client.create(
            key, value, metadata=metadata, ttl_seconds=ttl_seconds, expires_at=expires_at, idempotency_key=idempotency_key
        ))

    def set(
        self, key: str, value: Json, *, metadata: Metadata | None = None, ttl_seconds: int | None = None, expires_at: datetime | None = None,
        if_match: Condition | None = None, if_none_match: Condition | None = None, idempotency_key: str | bool = True,
    ) -> Written:
        """Stores a value under a new or existing key."""
        return run(self._client.set(
            key, value, metadata=metadata, ttl_seconds=ttl_seconds, expires_at=expires_at, if_match=if_match,
            if_none_match=if_none_match, idempotency_key=idempotency_key,
        ))

    def replace(
        self, key: str, value: Json, *, metadata: Metadata | None = None, ttl_seconds: int | None = None, expires_at: datetime | None = None,
        if_match: Condition | None = None, if_none_match: Condition | None = None, idempotency_key: str | bool = True,
    ) -> Written:
        """Replaces the value of an entry. Raises `KeyNotFound` where there is none."""
        return run(self._client.replace(
            key, value, metadata=metadata, ttl_seconds=ttl_seconds, expires_at=expires_at, if_match=if_match,
            if_none_match=if_none_match, idempotency_key=idempotency_key,
        ))

    def delete(
        self, key: str, *, if_match: Condition | None = None, if_none_match: Condition | None = None, idempotency_key: str | bool = True
    ) -> bool:
        """Deletes an entry. Returns whether it existed."""
        return run(self._client.delete(key, if_match=if_match, if_none_match=if_none_match, idempotency_key=idempotency_key))

    def add(self, key: str, delta: int = 1, *, idempotency_key: str | bool = True) -> int | None:
        """Adds to a whole number without reading it first; a missing entry counts as 0.

        Returns the sum, or None where the token may not read it.
        """
        return run(self._client.add(key, delta, idempotency_key=idempotency_key))

    def list(
        self, *, prefix: str = "", page_size: int = 1000, values: bool = True, metadata: bool = False
    ) -> Iterator[Entry]:
        """Lists entries in the byte order of their keys, and reads page after page as needed."""
        return iterate(self._client.list(prefix=prefix, page_size=page_size, values=values, metadata=metadata))

    def list_page(
        self, *, prefix: str = "", delimiter: str | None = None, page_size: int = 1000, cursor: str | None = None, values: bool = True,
        metadata: bool = False,
    ) -> Page:
        """Reads one page of entries and folders."""
        return run(self._client.list_page(
            prefix=prefix, delimiter=delimiter, page_size=page_size, cursor=cursor, values=values, metadata=metadata
        ))

    def history(self, key: str) -> Iterator[Revision]:
        """The changes of a key, the newest first, page after page as needed."""
        return iterate(self._client.history(key))

    def restore(self, key: str, revision: int, *, idempotency_key: str | bool = True) -> Written:
        """Stores the value of an earlier revision again."""
        return run(self._client.restore(key, revision, idempotency_key=idempotency_key))

    def bulk(self, operations: Iterable[Operation], *, idempotency_key: str | bool = True) -> Sequence[Outcome]:
        """Runs up to 1000 independent operations, each with an outcome of its own."""
        return run(self._client.bulk(operations, idempotency_key=idempotency_key))

    def transact(
        self, checks: Iterable[Check], operations: Iterable[Operation], *, idempotency_key: str | bool = True
    ) -> Sequence[Outcome]:
        """Runs up to 128 checks and operations: all or none. Raises `TransactionConflict`."""
        return run(self._client.transact(checks, operations, idempotency_key=idempotency_key))

    def watch(self, prefix: str = "", *, after: int | None = None) -> Watch:
        """Watches the changes of keys with a prefix.

        Begins after a revision: 0 for the first change, while none is compacted; None for now.
        """
        return Watch(self._client._watch_loop(prefix, after))

    def usage(self) -> Usage:
        """Reads the usage and the quota."""
        return run(self._client.usage())

    def request(
        self, method: str, path: str, query: Mapping[str, str | int | None] | None = None, body: Json = None, *,
        idempotency_key: str | bool = False,
    ) -> Any:
        """Sends any other request of the API under `api/`, and returns its `data`."""
        return run(self._client.request(method, path, query, body, idempotency_key=idempotency_key))
