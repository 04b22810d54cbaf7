"""Server-sent events (WHATWG HTML, section 9.2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_end = re.compile(rb"\r\n|\n|\r(?!\Z)")  # a carriage return at the end may be the first half of a line's end


@dataclass
class ServerEvent:
    """A block of a stream; without data a heartbeat."""

    id: str | None = None
    name: str | None = None
    data: str | None = None
    retry: int | None = None


class EventReader:
    """Only whole blocks are events: one that was cut comes again after a reconnection."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._lines: list[str] = []

    def feed(self, piece: bytes) -> Iterator[ServerEvent]:
        # A long line arrives in many pieces: they are joined once.
        if b"\n" not in piece and b"\r" not in piece and not (self._rest and self._rest[-1].endswith(b"\r")):
            self._rest.append(piece)
            return
        *lines, rest = _end.split(b"".join([*self._rest, piece]))
        self._rest = [rest] if rest else []
        for line in lines:
            if line:
                self._lines.append(line.decode())
            elif self._lines:
                event, self._lines = _event_of(self._lines), []
                yield event


def _event_of(lines: list[str]) -> ServerEvent:
    event = ServerEvent()
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "id":
            event.id = value
        elif field == "event":
            event.name = value
        elif field == "data":
            event.data = value if event.data is None else f"{event.data}\n{value}"
        elif field == "retry" and value.isdecimal():
            event.retry = int(value)
    return event
