from unittest import IsolatedAsyncioTestCase

from kvaspire import Page, op

from .system import Async, Blocking


class Pages:
    async def test_a_list_reads_page_after_page_2500_keys_each_once_and_in_order(self):
        kv = await self.new_user()
        keys = [f"list/{i:04}" for i in range(2500)]
        for i in range(0, len(keys), 500):
            await kv.bulk(op.set(key, i + j) for j, key in enumerate(keys[i:i + 500]))
        await kv.set("other/1", "x", metadata={"a": 1})

        listed = [(entry.key, entry.value) async for entry in kv.list(prefix="list/", page_size=700)]
        self.assertEqual(listed, [(key, i) for i, key in enumerate(keys)])
        self.assertEqual([entry.key async for entry in kv.list(prefix="list/", values=False)], keys)
        self.assertEqual([entry.metadata async for entry in kv.list(prefix="other/", metadata=True)], [{"a": 1}])
        self.assertEqual([entry async for entry in kv.list(prefix="none/")], [])
        self.assertEqual(await kv.list_page(delimiter="/"), Page([], ["list/", "other/"], None))


class AsyncPages(Async, Pages, IsolatedAsyncioTestCase):
    pass


class BlockingPages(Blocking, Pages, IsolatedAsyncioTestCase):
    pass
