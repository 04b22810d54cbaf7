"""HTTP that blocks, on http.client. Its coroutines never suspend: `run` runs them without an event loop."""

import selectors
import socket
import ssl
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TypeVar

from .errors import ConnectionFailed
from .options import Options
from .wire import Answer, Request, address_of

T = TypeVar("T")


def run(call: Awaitable[T]) -> T:
    try:
        next(call.__await__())
    except StopIteration as done:
        result: T = done.value
        return result
    raise RuntimeError("A blocking call suspended.")


def iterate(items: AsyncGenerator[T, None]) -> Iterator[T]:
    try:
        while True:
            try:
                item: T = run(items.__anext__())
            except StopAsyncIteration:
                return
            yield item
    finally:
        run(items.aclose())


class BlockingHttp:
    """Keeps connections for further requests. Any number of threads may send."""

    def __init__(self, address: str, options: Options) -> None:
        self._address = address_of(address)
        self._ssl_context = options.ssl_context or (ssl.create_default_context() if self._address.scheme == "https" else None)
        self._idle: list[HTTPConnection] = []
        self._turn = threading.Lock()

    async def send(self, request: Request, timeout: float) -> Answer:
        connection, response = self._start(request, timeout)
        try:
            body = response.read()
        except (OSError, HTTPException) as failure:
            connection.close()
            raise ConnectionFailed("The connection was lost.") from failure
        except BaseException:
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            with self._turn:
                self._idle.append(connection)
        return Answer(response.status, response.headers, body)

    async def open(self, request: Request, timeout: float) -> "BlockingStream":
        return BlockingStream(*self._start(request, timeout))

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def lock(self) -> "BlockingLock":
        return BlockingLock()

    def close(self) -> None:
        with self._turn:
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    def _start(self, request: Request, timeout: float) -> tuple[HTTPConnection, HTTPResponse]:
        connection = self._take(timeout)
        try:
            connection.request(request.method, request.target, request.body, dict(request.headers))
            return connection, connection.getresponse()
        except (OSError, HTTPException) as failure:
            connection.close()
            raise ConnectionFailed("The service could not be reached.") from failure
        except BaseException:
            connection.close()
            raise

    def _take(self, timeout: float) -> HTTPConnection:
        while True:
            with self._turn:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return self._new(timeout)
            if not _is_ended(connection.sock):
                connection.sock.settimeout(timeout)
                return connection
            connection.close()

    def _new(self, timeout: float) -> HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        if self._ssl_context is None:
            return HTTPConnection(host, port, timeout=timeout)
        return HTTPSConnection(host, port, timeout=timeout, context=self._ssl_context)


class BlockingStream:
    def __init__(self, connection: HTTPConnection, response: HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self._socket = connection.sock
        self._connection = connection
        self._response = response

    async def read(self, timeout: float) -> bytes:
        try:
            self._socket.settimeout(timeout)
            return self._response.read1(65_536)
        except (OSError, HTTPException, ValueError, AttributeError) as failure:  # the last two: closed by another thread
            raise ConnectionFailed("The connection was lost.") from failure

    async def read_all(self, timeout: float) -> bytes:
        return b"".join([await self.read(timeout), self._response.read()])

    def close(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes a thread that reads
        except OSError:
            pass
        self._connection.close()


class BlockingLock:
    def __init__(self) -> None:
        self._lock = threading.Lock()

    async def __aenter__(self) -> None:
        self._lock.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()


# An idle connection that can be read has ended.
def _is_ended(idle: socket.socket) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(idle, selectors.EVENT_READ)
        return bool(selector.select(0))
