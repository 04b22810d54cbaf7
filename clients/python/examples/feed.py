"""A change feed: prints every change of orders/, from the first one, and goes on where the run before ended. Ctrl-C ends it."""

import os
import sys
from pathlib import Path

from kvaspire import KvClient, Password, RevisionCompacted

position = Path(sys.argv[1] if len(sys.argv) > 1 else "feed.position")
credentials = Password(os.environ.get("KVASPIRE_USER", "example_user"), os.environ.get("KVASPIRE_PASSWORD", "secure_password123"))
kv = KvClient(os.environ.get("KVASPIRE_URL", "http://localhost:8080"), credentials)
try:
    with kv.watch("orders/", after=int(position.read_text()) if position.exists() else 0) as changes:
        for change in changes:
            print(f"{change.revision}: {change.kind} {change.key}", flush=True)
            position.write_text(str(changes.position))  # after the work: a change whose work failed comes again
except RevisionCompacted:
    print("The history does not reach back: list orders/ and begin anew.")
except KeyboardInterrupt:
    pass
