"""A client of KvAspire, a key-value store for many users: `KvClient` blocks, `AsyncKvClient` is for asyncio."""

from . import op
from .aio import AsyncKvClient
from .client import KvClient
from .credentials import AccessToken, ApiKey, ClientSecret, Credentials, Password, RefreshToken
from .entries import Change, Entry, Outcome, Page, Revision, Share, Usage, Written
from .errors import (
    ConnectionFailed,
    InsufficientScope,
    InvalidCredentials,
    InvalidToken,
    KeyExists,
    KeyNotFound,
    KvError,
    NotANumber,
    OutcomeUnknown,
    PreconditionFailed,
    QuotaExceeded,
    RateLimited,
    RevisionCompacted,
    TransactionConflict,
    Unavailable,
)
from .options import Options
from .watch import AsyncWatch, Watch

__all__ = [
    "AccessToken", "ApiKey", "AsyncKvClient", "AsyncWatch", "Change", "ClientSecret", "ConnectionFailed", "Credentials", "Entry",
    "InsufficientScope", "InvalidCredentials", "InvalidToken", "KeyExists", "KeyNotFound", "KvClient", "KvError", "NotANumber", "Options",
    "Outcome", "OutcomeUnknown", "Page", "Password", "PreconditionFailed", "QuotaExceeded", "RateLimited", "RefreshToken", "Revision",
    "RevisionCompacted", "Share", "TransactionConflict", "Unavailable", "Usage", "Watch", "Written", "op",
]
