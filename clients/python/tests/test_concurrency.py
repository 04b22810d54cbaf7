import asyncio
from unittest import IsolatedAsyncioTestCase

from kvaspire import Options, PreconditionFailed, RateLimited

from .system import Async, Blocking


async def workers(count, work):
    return await asyncio.gather(*(work(worker) for worker in range(count)))


class Concurrency:
    async def test_concurrent_additions_are_all_counted(self):
        kv = await self.new_user()

        async def add(_):
            for _ in range(10):
                await kv.add("visits")

        await workers(10, add)
        self.assertEqual((await kv.get("visits")).value, 100)

    async def test_concurrent_changes_with_if_match_lose_no_update(self):
        kv = await self.new_user()
        await kv.set("list", [])

        async def append(worker):
            done = 0
            while done < 5:
                entry = await kv.get("list")
                try:
                    await kv.replace("list", [*entry.value, f"{worker}.{done}"], if_match=entry.revision)
                    done += 1
                except PreconditionFailed:
                    pass

        await workers(5, append)
        self.assertEqual(len(set((await kv.get("list")).value)), 25)


class AsyncConcurrency(Async, Concurrency, IsolatedAsyncioTestCase):
    async def test_a_budget_that_is_used_up_is_rate_limited_with_the_seconds_to_wait(self):
        kv = await self.new_user(Options(max_retries=0))

        async def read(_):
            for _ in range(50):
                try:
                    await kv.request("GET", "api/account")
                except RateLimited as limited:
                    return limited

        for limited in await workers(20, read):
            self.assertEqual((limited.status, limited.code), (429, "RATE_LIMITED"))
            self.assertGreaterEqual(limited.retry_after, 1)

    async def test_a_cancelled_call_leaves_the_client_usable(self):
        kv = await self.new_user()
        with self.assertRaises(TimeoutError):
            async with asyncio.timeout(0.5):
                async for _ in kv.watch():
                    self.fail("Nothing changes.")
        for _ in range(5):
            call = asyncio.create_task(kv.set("k", 1))
            await asyncio.sleep(0.001)
            call.cancel()
        self.assertTrue((await kv.set("after", 1)).created)
        self.assertEqual((await kv.get("after")).value, 1)


class BlockingConcurrency(Blocking, Concurrency, IsolatedAsyncioTestCase):
    async def test_a_watch_ends_when_another_thread_closes_it(self):
        kv = await self.new_user()
        watch = kv.watch()

        async def read():
            return [change async for change in watch]

        reading = asyncio.create_task(read())
        await asyncio.sleep(0.5)
        await watch.aclose()
        self.assertEqual(await asyncio.wait_for(reading, 10), [])
