"""Watches: changes as they are committed."""

import json
from collections.abc import AsyncGenerator
from typing import Self

from .blocking import run
from .entries import Change, known
from .events import EventReader, ServerEvent
from .options import Options
from .retries import is_transient
from .transport import Call, Transport
from .wire import Http, Stream

_longest_pause = 15.0


class WatchLoop:
    """Reconnects and resumes, without gap or duplicate, after the end of a connection, a failure or a silence."""

    def __init__(self, http: Http, transport: Transport, options: Options, prefix: str, after: int | None) -> None:
        self.position = after
        self._http = http
        self._transport = transport
        self._options = options
        self._prefix = prefix
        self._retry = 0.5
        self._stream: Stream | None = None
        self._is_closed = False

    async def changes(self) -> AsyncGenerator[Change, None]:
        failures = 0
        while not self._is_closed:
            try:
                # 1. Connect, after the last change that was seen.
                query = {"prefix": self._prefix, "after": self.position}
                self._stream = await self._transport.open(Call("GET", "api/watch", query))

                # 2. Read changes until the connection ends.
                reader = EventReader()
                while not self._is_closed and (piece := await self._stream.read(self._options.watch_silence)):
                    failures = 0
                    for event in reader.feed(piece):
                        change = self._take(event)
                        if change is not None:
                            yield change
            except Exception as failure:
                if not is_transient(failure):
                    raise
            finally:
                if self._stream:
                    self._stream.close()
                    self._stream = None

            # 3. Pause as the service demands, longer after repeated failures.
            if not self._is_closed:
                await self._http.sleep(min(_longest_pause, self._retry * 2 ** min(failures, 6)))
            failures += 1

    def close(self) -> None:
        """Ends the watch. Any thread may call it."""
        self._is_closed = True
        if stream := self._stream:
            stream.close()

    # Only a whole event moves the position.
    def _take(self, event: ServerEvent) -> Change | None:
        if event.retry is not None:
            self._retry = min(max(event.retry / 1000, 0.05), 30.0)
        change = None
        if event.data is not None:
            change = Change(kind="delete" if event.name == "delete" else "put", **known(Change, json.loads(event.data)))
        if event.id is not None:
            self.position = int(event.id)
        return change


class AsyncWatch:
    """Changes as they are committed. After the end of a connection, a failure or a silence it reconnects and resumes.

    It raises `RevisionCompacted` where the next changes are no longer in the history, and other errors that last.
    """

    def __init__(self, loop: WatchLoop) -> None:
        self._loop = loop
        self._changes = loop.changes()

    @property
    def position(self) -> int | None:
        """The revision up to which every change was seen, also of other keys: keep it to resume later."""
        return self._loop.position

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        return await self._changes.__anext__()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._changes.aclose()


class Watch:
    """The same for the blocking client. `close` ends the watch from any thread; so does the end of a `with` block."""

    def __init__(self, loop: WatchLoop) -> None:
        self._loop = loop
        self._changes = loop.changes()

    @property
    def position(self) -> int | None:
        """The revision up to which every change was seen, also of other keys: keep it to resume later."""
        return self._loop.position

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Change:
        try:
            return run(self._changes.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._loop.close()
