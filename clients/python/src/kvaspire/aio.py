"""The client for asyncio."""

import json
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from .credentials import Credentials
from .entries import Condition, Entry, Json, Metadata, Outcome, Page, Revision, Share, Usage, Written, conditions, content, known, revision_of
from .errors import KeyNotFound
from .op import Check, Operation
from .options import Options
from .streams import AsyncHttp
from .tokens import Tokens
from .transport import Call, Transport
from .watch import AsyncWatch, WatchLoop
from .wire import Answer, Http, address_of


class AsyncKvClient:
    """A client of the service, for the tasks of one event loop: concurrent calls share one token.

    `address` is that of the gateway, such as `http://localhost:8080`. Credentials are left out for `register` only. Calls raise
    `KvError` for an error response, and `ConnectionFailed` without a response.
    """

    def __init__(
        self, address: str, credentials: Credentials | None = None, options: Options | None = None, *, _http: Http | None = None
    ) -> None:
        self._options = options or Options()
        self._http: Http = AsyncHttp(address, self._options) if _http is None else _http
        path = address_of(address).path
        self._tokens = Tokens(self._http, path, credentials, self._options)
        self._transport = Transport(self._http, path, self._tokens, self._options)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes idle connections."""
        self._http.close()

    async def register(
        self, username: str, email: str, password: str, full_name: str, *, age: int | None = None, gender: str | None = None
    ) -> Mapping[str, Any]:
        """Registers a user, without a token."""
        user = {"username": username, "email": email, "password": password, "full_name": full_name, "age": age, "gender": gender}
        body = {name: value for name, value in user.items() if value is not None}
        answer: Mapping[str, Any] = await self.request("POST", "api/register", body=body)
        return answer

    async def sign_out(self) -> None:
        """Ends the session of this client's token."""
        await self._transport.send(Call("POST", "api/logout"))
        self._tokens.forget()

    async def get(self, key: str, *, past_cache: bool = False) -> Entry | None:
        """Reads an entry; None where there is none."""
        try:
            return _entry_of(await self._transport.send(_reading("GET", key, past_cache)))
        except KeyNotFound:
            return None

    async def refresh(self, entry: Entry) -> Entry | None:
        """Reads an entry again where it changed: the same object where it did not, None where it is gone."""
        call = Call("GET", "api/data", {"key": entry.key}, conditions(None, entry.revision))
        try:
            answer = await self._transport.send(call, accepts=[304])
        except KeyNotFound:
            return None
        return entry if answer.status == 304 else _entry_of(answer)

    async def head(self, key: str, *, past_cache: bool = False) -> int | None:
        """Reads the revision of an entry without its value; None where there is none."""
        answer = await self._transport.send(_reading("HEAD", key, past_cache), accepts=[404])
        return None if answer.status == 404 else revision_of(answer.headers)

    async def create(
        self, key: str, value: Json, *, metadata: Metadata | None = None, ttl_seconds: int | None = None,
        expires_at: datetime | None = None, idempotency_key: str | bool = True,
    ) -> Written:
        """Stores a value under a new key. Raises `KeyExists` where there is one."""
        body = {"key": key, "value": value, **content(metadata, ttl_seconds, expires_at)}
        return await self._write(Call("POST", "api/data", body=body, idempotency_key=idempotency_key))

    async def set(
        self, key: str, value: Json, *, metadata: Metadata | None = None, ttl_seconds: int | None = None, expires_at: datetime | None = None,
        if_match: Condition | None = None, if_none_match: Condition | None = None, idempotency_key: str | bool = True,
    ) -> Written:
        """Stores a value under a new or existing key."""
        body = {"value": value, **content(metadata, ttl_seconds, expires_at)}
        headers = conditions(if_match, if_none_match)
        return await self._write(Call("PUT", "api/data", {"key": key, "upsert": "true"}, headers, body, idempotency_key))

    async def replace(
        self, key: str, value: Json, *, metadata: Metadata | None = None, ttl_seconds: int | None = None, expires_at: datetime | None = None,
        if_match: Condition | None = None, if_none_match: Condition | None = None, idempotency_key: str | bool = True,
    ) -> Written:
        """Replaces the value of an entry. Raises `KeyNotFound` where there is none."""
        body = {"value": value, **content(metadata, ttl_seconds, expires_at)}
        return await self._write(Call("PUT", "api/data", {"key": key}, conditions(if_match, if_none_match), body, idempotency_key))

    async def delete(
        self, key: str, *, if_match: Condition | None = None, if_none_match: Condition | None = None, idempotency_key: str | bool = True
    ) -> bool:
        """Deletes an entry. Returns whether it existed."""
        headers = conditions(if_match, if_none_match)
        try:
            await self._transport.send(Call("DELETE", "api/data", {"key": key}, headers, idempotency_key=idempotency_key))
        except KeyNotFound:
            return False
        return True

    async def add(self, key: str, delta: int = 1, *, idempotency_key: str | bool = True) -> int | None:
        """Adds to a whole number without reading it first; a missing entry counts as 0.

        Returns the sum, or None where the token may not read it.
        """
        data = await self.request("POST", "api/counters", {"key": key}, {"delta": delta}, idempotency_key=idempotency_key)
        value: int | None = data.get("value")
        return value

    async def list(
        self, *, prefix: str = "", page_size: int = 1000, values: bool = True, metadata: bool = False
    ) -> AsyncGenerator[Entry, None]:
        """Lists entries in the byte order of their keys, and reads page after page as needed."""
        page: Page | None = None
        while page is None or page.cursor is not None:
            cursor = page.cursor if page else None
            page = await self.list_page(prefix=prefix, page_size=page_size, cursor=cursor, values=values, metadata=metadata)
            for entry in page.items:
                yield entry

    async def list_page(
        self, *, prefix: str = "", delimiter: str | None = None, page_size: int = 1000, cursor: str | None = None, values: bool = True,
        metadata: bool = False,
    ) -> Page:
        """Reads one page of entries and folders."""
        include = ",".join(name for name, is_wanted in (("value", values), ("metadata", metadata)) if is_wanted)
        query = {"prefix": prefix, "delimiter": delimiter, "limit": page_size, "cursor": cursor, "include": include or None}
        data = await self.request("GET", "api/data", query)
        items = [Entry(**known(Entry, {"value": None, **item})) for item in data["items"]]
        return Page(items, data["prefixes"], data["cursor"])

    async def history(self, key: str) -> AsyncGenerator[Revision, None]:
        """The changes of a key, the newest first, page after page as needed."""
        cursor, is_complete = None, False
        while not is_complete:
            data = await self.request("GET", "api/revisions", {"key": key, "cursor": cursor})
            for change in data["revisions"]:
                yield Revision(**known(Revision, change))
            cursor, is_complete = data["cursor"], data["cursor"] is None

    async def restore(self, key: str, revision: int, *, idempotency_key: str | bool = True) -> Written:
        """Stores the value of an earlier revision again."""
        body = {"key": key, "revision": revision}
        return await self._write(Call("POST", "api/revisions/restore", body=body, idempotency_key=idempotency_key))

    async def bulk(self, operations: Iterable[Operation], *, idempotency_key: str | bool = True) -> Sequence[Outcome]:
        """Runs up to 1000 independent operations, each with an outcome of its own."""
        return await self._run("api/bulk", {"operations": [*operations]}, idempotency_key)

    async def transact(
        self, checks: Iterable[Check], operations: Iterable[Operation], *, idempotency_key: str | bool = True
    ) -> Sequence[Outcome]:
        """Runs up to 128 checks and operations: all or none. Raises `TransactionConflict`."""
        return await self._run("api/txn", {"checks": [*checks], "operations": [*operations]}, idempotency_key)

    def watch(self, prefix: str = "", *, after: int | None = None) -> AsyncWatch:
        """Watches the changes of keys with a prefix.

        Begins after a revision: 0 for the first change, while none is compacted; None for now.
        """
        return AsyncWatch(self._watch_loop(prefix, after))

    async def usage(self) -> Usage:
        """Reads the usage and the quota."""
        data = await self.request("GET", "api/usage")
        shares = {name: Share(**known(Share, data[name])) for name in ("keys", "bytes")}
        return Usage(**shares, count_complete=data.get("count_complete"))

    async def request(
        self, method: str, path: str, query: Mapping[str, str | int | None] | None = None, body: Json = None, *,
        idempotency_key: str | bool = False,
    ) -> Any:
        """Sends any other request of the API under `api/`, and returns its `data`."""
        answer = await self._transport.send(Call(method, path, query or {}, body=body, idempotency_key=idempotency_key))
        return _data_of(answer)

    def _watch_loop(self, prefix: str, after: int | None) -> WatchLoop:
        return WatchLoop(self._http, self._transport, self._options, prefix, after)

    async def _write(self, call: Call) -> Written:
        answer = await self._transport.send(call)
        return Written(revision_of(answer.headers), answer.status == 201)

    async def _run(self, path: str, body: Json, idempotency_key: str | bool) -> Sequence[Outcome]:
        data = await self.request("POST", path, body=body, idempotency_key=idempotency_key)
        return [Outcome(**known(Outcome, result)) for result in data["results"]]


def _reading(method: str, key: str, past_cache: bool) -> Call:
    return Call(method, "api/data", {"key": key}, {"Cache-Control": "no-cache" if past_cache else None})


def _entry_of(answer: Answer) -> Entry:
    return Entry(revision=revision_of(answer.headers), **known(Entry, _data_of(answer)))


def _data_of(answer: Answer) -> Any:
    return json.loads(answer.body).get("data")
