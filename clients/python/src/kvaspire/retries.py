"""Which requests are repeated, and when."""

import random

from .errors import ConnectionFailed, KvError
from .options import Options

_transient = frozenset({408, 429, 500, 502, 503, 504})


def is_transient(failure: Exception) -> bool:
    """Whether the same request may succeed later."""
    if isinstance(failure, KvError):
        return failure.status in _transient or failure.code == "IDEMPOTENCY_IN_PROGRESS"
    return isinstance(failure, ConnectionFailed)


def may_repeat(failure: Exception, is_repeatable: bool) -> bool:
    """429 comes before any effect, so every request may be repeated. After other failures the effect is unknown."""
    if not is_transient(failure):
        return False
    if isinstance(failure, KvError) and failure.status == 429:
        return True
    return is_repeatable and not (isinstance(failure, KvError) and failure.status == 500)


def delay_of(failure: Exception, retry: int, options: Options) -> float | None:
    """The pause before a retry in seconds: as the service demands, or growing with jitter. None ends the retries."""
    if retry >= options.max_retries:
        return None
    growing: float = min(options.max_retry_delay, options.retry_delay * 2 ** min(retry, 20)) * random.uniform(0.5, 1)
    demanded = failure.retry_after if isinstance(failure, KvError) else None
    if demanded is None:
        return growing
    if demanded > options.max_retry_delay:
        return None
    return max(demanded, growing)
