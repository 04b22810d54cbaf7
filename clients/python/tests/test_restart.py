import asyncio
import os
import urllib.request
from unittest import IsolatedAsyncioTestCase, skipUnless

from kvaspire import Options, op

from .system import Async, Blocking, control, gateway, register

changes = int(os.environ.get("KVASPIRE_CHANGES", "1000"))
outages = 3 if changes > 5000 else 1


class Restarts:
    @skipUnless(control, "KVASPIRE_CONTROL is not set")
    async def test_a_watch_resumes_over_restarts_of_gateway_and_data(self):
        credentials, patient = await register(), Options(max_retries=1000, max_retry_delay=1)
        writer, watcher = self.client(gateway, credentials, patient), self.client(gateway, credentials, patient)
        size = max(1, min(100, changes // 50))

        async def write():
            outage = 1
            for i in range(0, changes, size):
                outcomes = await writer.bulk(op.set(f"feed/{j}", j) for j in range(i, i + size))
                self.assertTrue(all(outcome.succeeded for outcome in outcomes))
                if outage <= outages and i >= changes * outage / (outages + 1):
                    outage += 1
                    answers = await asyncio.gather(*(asyncio.to_thread(restart, service) for service in ("data", "gateway")))
                    self.assertEqual(answers, [200, 200])

        seen, watch = [], watcher.watch("feed/", after=0)
        async with asyncio.timeout(240), asyncio.TaskGroup() as group:
            group.create_task(write())
            async for change in watch:
                seen.append(change)
                if len(seen) == changes:
                    break
        await watch.aclose()
        self.assertEqual(sorted(change.value for change in seen), [*range(changes)])
        revisions = [change.revision for change in seen]
        self.assertEqual(revisions, sorted(set(revisions)))


def restart(service):
    """Kills a service; its start goes on when this returns."""
    with urllib.request.urlopen(urllib.request.Request(f"{control}/restart/{service}", method="POST")) as response:
        return response.status


class AsyncRestarts(Async, Restarts, IsolatedAsyncioTestCase):
    pass


class BlockingRestarts(Blocking, Restarts, IsolatedAsyncioTestCase):
    pass
