"""The running system that the tests use: KVASPIRE_URL is its gateway. KVASPIRE_CONTROL, if set, restarts its services.

Each test runs with both clients: `Threads` makes the blocking one look like the other, by a thread for each call.
"""

import asyncio
import logging
import os
import time
import uuid
from typing import Any

from kvaspire import AsyncKvClient, ConnectionFailed, KvClient, Options, Password, Unavailable

gateway = os.environ.get("KVASPIRE_URL", "http://localhost:8080")
control = os.environ.get("KVASPIRE_CONTROL")
password = "secure_password123"
logging.getLogger("asyncio").setLevel(logging.ERROR)  # slow machines are no news


class Threads:
    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.blocking = KvClient(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.blocking, name)
        if name in ("list", "history"):
            return lambda *arguments, **options: steps(method(*arguments, **options))
        if name == "watch":
            return lambda *arguments, **options: ThreadWatch(method(*arguments, **options))
        return lambda *arguments, **options: asyncio.to_thread(method, *arguments, **options)

    async def aclose(self) -> None:
        self.blocking.close()


class ThreadWatch:
    def __init__(self, watch: Any) -> None:
        self.watch = watch

    @property
    def position(self) -> int | None:
        return self.watch.position

    def __aiter__(self) -> Any:
        return steps(self.watch)

    async def aclose(self) -> None:
        self.watch.close()


async def steps(items: Any) -> Any:
    iterator, end = iter(items), object()
    while (item := await asyncio.to_thread(next, iterator, end)) is not end:
        yield item


async def register() -> Password:
    """Registers a user with a name of its own. Another program's test may restart the gateway meanwhile."""
    end = time.monotonic() + 60
    while True:
        username = f"py_{uuid.uuid4().hex}"
        try:
            async with AsyncKvClient(gateway) as client:
                await client.register(username, f"{username}@example.com", password, "John Doe")
            return Password(username, password)
        except (ConnectionFailed, Unavailable):
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.5)


class BothClients:
    """The tests of a class, with each client. `kind` is the client's class."""

    kind: Any

    async def asyncSetUp(self) -> None:
        self.clients: list[Any] = []

    async def asyncTearDown(self) -> None:
        for client in self.clients:
            await client.aclose()

    def client(self, address: str, credentials: Any = None, options: Options | None = None) -> Any:
        self.clients.append(self.kind(address, credentials, options))
        return self.clients[-1]

    async def new_user(self, options: Options | None = None) -> Any:
        return self.client(gateway, await register(), options)


class Async(BothClients):
    kind = AsyncKvClient


class Blocking(BothClients):
    kind = Threads
