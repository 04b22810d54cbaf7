"""Requests and answers, and what a client needs of HTTP. `blocking.py` and `streams.py` provide it."""

import platform
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from .errors import Headers

agent = f"kvaspire-python/1.0.0 python/{platform.python_version()}"


@dataclass(frozen=True)
class Request:
    """A request. The target is its path and query."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(frozen=True)
class Answer:
    """A response that was read to its end."""

    status: int
    headers: Headers
    body: bytes


class Stream(Protocol):
    """A response that is being read."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Headers: ...

    async def read(self, timeout: float) -> bytes:
        """The next piece; empty at the end."""

    async def read_all(self, timeout: float) -> bytes: ...

    def close(self) -> None:
        """Closes the connection. Any thread may call it."""


class Http(Protocol):
    """Failures of connections are `ConnectionFailed`."""

    async def send(self, request: Request, timeout: float) -> Answer: ...

    async def open(self, request: Request, timeout: float) -> Stream: ...

    async def sleep(self, seconds: float) -> None: ...

    def lock(self) -> AbstractAsyncContextManager[object]: ...

    def close(self) -> None: ...


def address_of(address: str) -> SplitResult:
    parts = urlsplit(address if address.endswith("/") else f"{address}/")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{address} is no http or https address.")
    return parts
