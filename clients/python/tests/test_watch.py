import asyncio
from unittest import IsolatedAsyncioTestCase
from urllib.parse import urlsplit

from kvaspire import Change

from .system import Async, Blocking, gateway, register


class CuttableProxy:
    """A TCP proxy of the gateway whose connections can be cut."""

    async def __aenter__(self):
        self.writers, self.copies = [], []
        self.server = await asyncio.start_server(self.connect, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self.server.close()
        self.cut()
        await asyncio.gather(*self.copies)

    def cut(self):
        while self.writers:
            self.writers.pop().transport.abort()

    async def connect(self, reader, writer):
        address = urlsplit(gateway)
        upstream_reader, upstream_writer = await asyncio.open_connection(address.hostname, address.port)
        self.writers += [writer, upstream_writer]
        copies = [(reader, upstream_writer), (upstream_reader, writer)]
        self.copies += [asyncio.create_task(self.copy(source, target)) for source, target in copies]

    async def copy(self, reader, writer):
        try:
            while piece := await reader.read(65_536):
                writer.write(piece)
        except OSError:
            pass
        writer.close()


class Watches:
    async def test_a_watch_begins_after_a_revision_and_tells_of_puts_and_deletions(self):
        kv = await self.new_user()
        first = await kv.set("w/1", {"n": 1}, metadata={"m": 1})
        await kv.set("elsewhere", 0)
        await kv.delete("w/1")
        watch, seen = kv.watch("w/", after=0), []
        async for change in watch:
            seen.append(change)
            if len(seen) == 2:
                break
        self.assertEqual(seen[0], Change("put", "w/1", first.revision, {"n": 1}, {"m": 1}))
        self.assertEqual(seen[1], Change("delete", "w/1", seen[1].revision))
        self.assertEqual(watch.position, seen[1].revision)
        await watch.aclose()

    async def test_a_watch_returns_every_change_once_although_its_connections_are_cut(self):
        async with CuttableProxy() as proxy, asyncio.timeout(60):
            credentials = await register()
            writer, watcher = self.client(gateway, credentials), self.client(proxy.url, credentials)

            async def write(first):
                for i in range(first, first + 10):
                    await writer.set("w/0", i)

            writing, seen = asyncio.create_task(write(0)), []
            watch = watcher.watch("w/", after=0)
            async for change in watch:
                seen.append(change.value)
                if len(seen) % 10 == 5:
                    proxy.cut()
                if len(seen) % 10 > 0:
                    continue
                await writing
                if len(seen) == 40:
                    break
                writing = asyncio.create_task(write(len(seen)))
            self.assertEqual(seen, [*range(40)])
            await watch.aclose()


class AsyncWatches(Async, Watches, IsolatedAsyncioTestCase):
    pass


class BlockingWatches(Blocking, Watches, IsolatedAsyncioTestCase):
    pass
