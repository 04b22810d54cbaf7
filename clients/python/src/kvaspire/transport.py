"""Requests with a token, and their retries."""

import json
import re
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from .errors import KvError, error_of
from .options import Options
from .retries import delay_of, may_repeat
from .tokens import Tokens
from .wire import Answer, Http, Request, Stream, agent

T = TypeVar("T")
_header = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True)
class Call:
    """A request in the client's words. Members of `query` and `headers` that are None are left out; `body` is sent as JSON.

    An idempotency key makes a write repeatable; True stands for a new key.
    """

    method: str
    path: str
    query: Mapping[str, str | int | None] = field(default_factory=dict)
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: Any = None
    idempotency_key: str | bool = False

    @property
    def is_repeatable(self) -> bool:
        return self.method in ("GET", "HEAD") or self.idempotency_key is not False


class Transport:
    """Repeats a request once with a new token after 401, and after other failures where the request is safe to repeat."""

    def __init__(self, http: Http, path: str, tokens: Tokens, options: Options) -> None:
        self._http = http
        self._path = path
        self._tokens = tokens
        self._options = options

    async def send(self, call: Call, accepts: Collection[int] = ()) -> Answer:
        """Raises `KvError` for an error response whose status is not in `accepts`."""
        request = self._prepare(call)
        retry = 0
        while True:
            is_sent = False

            async def attempt(token: str | None) -> Answer:
                nonlocal is_sent
                is_sent = True
                answer = await self._http.send(_with_token(request, token), self._options.attempt_timeout)
                if answer.status < 300 or answer.status in accepts:
                    return answer
                raise error_of(answer.status, answer.headers, answer.body)

            try:
                return await self._authorized(attempt)
            except Exception as failure:
                delay = delay_of(failure, retry, self._options) if may_repeat(failure, call.is_repeatable or not is_sent) else None
                if delay is None:
                    raise
            await self._http.sleep(delay)
            retry += 1

    async def open(self, call: Call) -> Stream:
        """Makes one attempt at an answer that streams."""
        request = self._prepare(call)

        async def attempt(token: str | None) -> Stream:
            stream = await self._http.open(_with_token(request, token), self._options.attempt_timeout)
            if stream.status == 200:
                return stream
            try:
                raise error_of(stream.status, stream.headers, await stream.read_all(self._options.attempt_timeout))
            finally:
                stream.close()

        return await self._authorized(attempt)

    async def _authorized(self, attempt: Callable[[str | None], Awaitable[T]]) -> T:
        token = await self._tokens.get()
        try:
            return await attempt(token)
        except KvError as failure:
            if failure.status != 401 or not self._tokens.can_renew:
                raise
        return await attempt(await self._tokens.get(refused=token))

    # The same key at every attempt, so that a write whose response was lost is done once.
    def _prepare(self, call: Call) -> Request:
        query = urlencode({name: value for name, value in call.query.items() if value is not None}, quote_via=quote, safe="")
        headers = {"User-Agent": agent, **{name: value for name, value in call.headers.items() if value is not None}}
        if call.idempotency_key is not False:
            headers["Idempotency-Key"] = uuid.uuid4().hex if call.idempotency_key is True else call.idempotency_key
        body = None
        if call.body is not None:
            # A service that does not know a member must refuse it, not ignore it.
            headers |= {"Content-Type": "application/json", "Prefer": "handling=strict"}
            body = json.dumps(call.body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        if wrong := [name for name, value in headers.items() if not _header.fullmatch(value)]:
            raise ValueError(f"{wrong[0]} may have printable ASCII characters only.")
        return Request(call.method, f"{self._path}{call.path}{f'?{query}' if query else ''}", headers, body)


def _with_token(request: Request, token: str | None) -> Request:
    return request if token is None else replace(request, headers={**request.headers, "Authorization": f"Bearer {token}"})
