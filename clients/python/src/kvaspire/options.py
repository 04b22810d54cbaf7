"""Options of a client."""

import ssl
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """Options of a client. Times are seconds.

    `max_retries`: the largest number of retries of a request.
    `retry_delay`: the pause before the first retry, which doubles with jitter.
    `max_retry_delay`: the longest pause before a retry. A longer `Retry-After` ends the retries.
    `attempt_timeout`: the time limit of an attempt; of the blocking client, of each silence in it.
    `renew_before`: how long before its end a token is renewed, at most half of its lifetime.
    `watch_silence`: the silence after which a watch reconnects; heartbeats come every 15 seconds.
    `ssl_context`: certificates and rules of TLS, in place of Python's defaults.
    """

    max_retries: int = 4
    retry_delay: float = 0.1
    max_retry_delay: float = 10.0
    attempt_timeout: float = 30.0
    renew_before: float = 30.0
    watch_silence: float = 40.0
    ssl_context: ssl.SSLContext | None = None
