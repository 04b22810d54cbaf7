from datetime import datetime, timedelta, timezone
from unittest import IsolatedAsyncioTestCase

from kvaspire import Entry, KeyExists, KeyNotFound, KvError, NotANumber, PreconditionFailed, TransactionConflict, op

from .system import Async, Blocking


class Entries:
    async def test_an_entry_is_stored_read_changed_on_conditions_and_deleted(self):
        kv = await self.new_user()
        key = "a//b %2F?+é"
        moment = datetime.now(timezone(timedelta(hours=2))).replace(microsecond=0) + timedelta(hours=1)
        created = await kv.create(key, {"name": "Ada"}, expires_at=moment, metadata={"team": "blue"})
        self.assertTrue(created.created)

        entry = await kv.get(key)
        self.assertEqual(entry, Entry(key, {"name": "Ada"}, created.revision, {"team": "blue"}, moment))
        self.assertEqual(await kv.head(key), created.revision)
        self.assertIs(await kv.refresh(entry), entry)

        changed = await kv.replace(key, {"name": "Lovelace"}, if_match=entry.revision)
        self.assertFalse(changed.created)
        self.assertEqual((await kv.refresh(entry)).value, {"name": "Lovelace"})
        self.assertEqual((await kv.get(key, past_cache=True)).value, {"name": "Lovelace"})
        self.assertTrue((await kv.set("another", [1, "two", None], ttl_seconds=60)).created)
        self.assertTrue(await kv.delete(key, if_match=changed.revision))
        self.assertFalse(await kv.delete(key))
        self.assertIsNone(await kv.get(key))
        self.assertIsNone(await kv.head(key))
        self.assertIsNone(await kv.refresh(entry))
        self.assertEqual((await kv.usage()).keys.used, 1)

    async def test_errors_have_the_class_of_their_code_and_a_trace_id(self):
        kv = await self.new_user()
        await kv.create("taken", 1)
        with self.assertRaises(KeyExists) as exists:
            await kv.create("taken", 2)
        self.assertEqual((exists.exception.status, exists.exception.code), (409, "KEY_EXISTS"))
        self.assertRegex(str(exists.exception), r"^The provided key already exists .*\(KEY_EXISTS, trace [0-9a-f]{32}\)$")
        for failing, kind in [
            (kv.replace("none", 1), KeyNotFound),
            (kv.replace("taken", 2, if_match=1), PreconditionFailed),
            (kv.set("taken", 2, if_none_match="*"), PreconditionFailed),
            (kv.delete("taken", if_match=1), PreconditionFailed),
            (kv.restore("taken", 1), KeyNotFound),
        ]:
            with self.assertRaises(kind):
                await failing
        with self.assertRaises(KvError) as invalid:
            await kv.create("", 1)
        self.assertEqual((invalid.exception.status, invalid.exception.code), (400, "INVALID_KEY"))
        with self.assertRaises(ValueError):
            await kv.set("k", 1, idempotency_key="a\r\nb")
        with self.assertRaises(ValueError):
            await kv.set("k", 1, expires_at=datetime.now())
        self.assertEqual((await kv.get("taken")).value, 1)

    async def test_a_counter_adds_whole_numbers_of_any_size(self):
        kv = await self.new_user()
        self.assertEqual(await kv.add("visits"), 1)
        self.assertEqual(await kv.add("visits", 10**30 - 1), 10**30)
        await kv.set("text", "1")
        with self.assertRaises(NotANumber):
            await kv.add("text")

    async def test_bulk_operations_have_an_outcome_each_and_a_transaction_is_done_in_whole_or_not_at_all(self):
        kv = await self.new_user()
        outcomes = await kv.bulk([op.set("a", 1), op.create("a", 2), op.get("a"), op.delete("none")])
        self.assertEqual([outcome.status for outcome in outcomes], [201, 409, 200, 404])
        self.assertEqual((outcomes[1].code, outcomes[2].value, outcomes[2].succeeded), ("KEY_EXISTS", 1, True))

        await kv.transact([{"key": "lock", "exists": False}], [op.create("lock", "mine"), op.set("a", 2, if_match=outcomes[0].revision)])
        with self.assertRaises(TransactionConflict) as conflict:
            await kv.transact([{"key": "lock", "exists": False}], [op.set("a", 3)])
        self.assertEqual([*conflict.exception.errors], ["checks[0]"])
        self.assertEqual((await kv.get("a")).value, 2)

    async def test_the_history_of_a_key_is_listed_and_an_old_value_restored(self):
        kv = await self.new_user()
        first = await kv.set("k", "one")
        await kv.set("k", "two")
        await kv.delete("k")
        await kv.restore("k", first.revision)
        history = [change async for change in kv.history("k")]
        self.assertEqual(
            [(change.kind, change.value) for change in history], [("put", "one"), ("delete", None), ("put", "two"), ("put", "one")]
        )
        self.assertTrue(all(change.time.tzinfo and change.trace_id for change in history))

    async def test_the_same_idempotency_key_stores_once(self):
        kv = await self.new_user()
        first = await kv.create("once", 1, idempotency_key="a-key")
        self.assertEqual(await kv.create("once", 1, idempotency_key="a-key"), first)
        with self.assertRaises(KvError) as reused:
            await kv.create("twice", 1, idempotency_key="a-key")
        self.assertEqual(reused.exception.code, "IDEMPOTENCY_KEY_REUSED")


class AsyncEntries(Async, Entries, IsolatedAsyncioTestCase):
    pass


class BlockingEntries(Blocking, Entries, IsolatedAsyncioTestCase):
    pass
