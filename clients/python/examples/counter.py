"""Counts visits: concurrent additions are all counted, and a repeated request counts once."""

import os
from concurrent.futures import ThreadPoolExecutor

from kvaspire import KvClient, Password

credentials = Password(os.environ.get("KVASPIRE_USER", "example_user"), os.environ.get("KVASPIRE_PASSWORD", "secure_password123"))
kv = KvClient(os.environ.get("KVASPIRE_URL", "http://localhost:8080"), credentials)
with ThreadPoolExecutor() as threads:
    list(threads.map(lambda _: kv.add("visits/today"), range(10)))
print("visits today:", kv.add("visits/today", 0))
