"""HTTP/1.1 (RFC 9112) on asyncio's streams."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable
from http.client import HTTPMessage, parse_headers
from io import BytesIO
from typing import TypeVar

from .errors import ConnectionFailed
from .options import Options
from .wire import Answer, Request, address_of

T = TypeVar("T")


class AsyncHttp:
    """Keeps connections for further requests. It belongs to one event loop."""

    def __init__(self, address: str, options: Options) -> None:
        self._address = address_of(address)
        self._ssl_context = options.ssl_context or (ssl.create_default_context() if self._address.scheme == "https" else None)
        self._idle: list[Connection] = []

    async def send(self, request: Request, timeout: float) -> Answer:
        return await _connected(self._send(request), timeout)

    async def open(self, request: Request, timeout: float) -> "AsyncStream":
        return await _connected(self._open(request), timeout)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def lock(self) -> asyncio.Lock:
        return asyncio.Lock()

    def close(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    async def _send(self, request: Request) -> Answer:
        stream = await self._open(request)
        try:
            body = b"".join([piece async for piece in stream.pieces])
        except BaseException:
            stream.close()
            raise
        if stream.connection.is_reusable:
            self._idle.append(stream.connection)
        else:
            stream.close()
        return Answer(stream.status, stream.headers, body)

    async def _open(self, request: Request) -> "AsyncStream":
        connection = await self._take()
        try:
            return await connection.start(request, self._address.netloc.rpartition("@")[2])
        except BaseException:
            connection.close()
            raise

    async def _take(self) -> "Connection":
        while self._idle:
            connection = self._idle.pop()
            if not connection.reader.at_eof():
                return connection
            connection.close()
        port = self._address.port or (443 if self._ssl_context else 80)
        return Connection(*await asyncio.open_connection(self._address.hostname, port, ssl=self._ssl_context))


class AsyncStream:
    def __init__(self, connection: "Connection", status: int, headers: HTTPMessage, pieces: AsyncIterator[bytes]) -> None:
        self.connection = connection
        self.status = status
        self.headers = headers
        self.pieces = pieces

    async def read(self, timeout: float) -> bytes:
        return await _connected(anext(self.pieces, b""), timeout)

    async def read_all(self, timeout: float) -> bytes:
        return b"".join([piece async for piece in self.pieces])

    def close(self) -> None:
        self.connection.close()


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.is_reusable = False
        self._writer = writer

    def close(self) -> None:
        self._writer.close()

    async def start(self, request: Request, host: str) -> AsyncStream:
        """Sends a request, and reads the head of its response."""
        self.is_reusable = False
        body = request.body or b""
        length = {"Content-Length": str(len(body))} if request.body is not None or request.method in ("POST", "PUT", "PATCH") else {}
        fields = "".join(f"{name}: {value}\r\n" for name, value in {"Host": host, **request.headers, **length}.items())
        self._writer.write(f"{request.method} {request.target} HTTP/1.1\r\n{fields}\r\n".encode("latin-1") + body)
        await self._writer.drain()
        while True:
            line, _, rest = (await self.reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
            version, status = line.split(b" ", 2)[:2]
            if not status.startswith(b"1"):
                break
        headers = parse_headers(BytesIO(rest))
        will_close = version == b"HTTP/1.0" or (headers.get("Connection") or "").lower() == "close"
        return AsyncStream(self, int(status), headers, self._pieces(request.method, int(status), headers, will_close))

    async def _pieces(self, method: str, status: int, headers: HTTPMessage, will_close: bool) -> AsyncIterator[bytes]:
        length = headers.get("Content-Length")
        if method == "HEAD" or status in (204, 304):
            pass
        elif (headers.get("Transfer-Encoding") or "").lower() == "chunked":
            while size := int((await self.reader.readuntil(b"\r\n")).partition(b";")[0], 16):
                yield (await self.reader.readexactly(size + 2))[:-2]
            while await self.reader.readuntil(b"\r\n") != b"\r\n":
                pass  # trailers
        elif length is not None:
            yield await self.reader.readexactly(int(length))
        else:
            will_close = True
            while piece := await self.reader.read(65_536):
                yield piece
        self.is_reusable = not will_close


async def _connected(work: Awaitable[T], timeout: float) -> T:
    try:
        async with asyncio.timeout(timeout):
            return await work
    except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as failure:  # TimeoutError is an OSError
        raise ConnectionFailed("The connection failed, or was too slow.") from failure
