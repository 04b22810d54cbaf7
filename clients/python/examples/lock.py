"""A lock with a lease: it is held by the entry's owner until the entry expires.

Renewal and release demand the revision that this process wrote, so that a process whose lease has ended changes nothing.
"""

import os

from kvaspire import KeyExists, KeyNotFound, KvClient, Password, PreconditionFailed

lease_seconds = 30
credentials = Password(os.environ.get("KVASPIRE_USER", "example_user"), os.environ.get("KVASPIRE_PASSWORD", "secure_password123"))
kv = KvClient(os.environ.get("KVASPIRE_URL", "http://localhost:8080"), credentials)


def acquire(name: str, owner: str) -> int | None:
    """The revision of the lock; None where another process holds it."""
    try:
        return kv.create(f"locks/{name}", owner, ttl_seconds=lease_seconds).revision
    except KeyExists:
        return None


def renew(name: str, owner: str, revision: int) -> int | None:
    """The new revision; None where the lease has ended."""
    try:
        return kv.replace(f"locks/{name}", owner, ttl_seconds=lease_seconds, if_match=revision).revision
    except (PreconditionFailed, KeyNotFound):
        return None


owner = f"process {os.getpid()}"
held = acquire("nightly", owner)
print("another process holds the lock" if held is None else f"{owner} holds the lock")
if held is not None:
    renewed = renew("nightly", owner, held)
    print("released" if renewed is not None and kv.delete("locks/nightly", if_match=renewed) else "the lease had ended")
