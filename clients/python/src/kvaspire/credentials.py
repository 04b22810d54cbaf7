"""The credentials of a client."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Password:
    """A user's password. The client renews the session, and signs in again where the session has ended."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class RefreshToken:
    """The refresh token of a user who is signed in.

    `on_refresh_token` receives every new refresh token, which replaces the one before.
    """

    refresh_token: str = field(repr=False)
    on_refresh_token: Callable[[str], None] | None = None


@dataclass(frozen=True)
class ClientSecret:
    """The client credentials of RFC 6749, section 4.4. Without a scope the token has all scopes of the client."""

    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None = None


@dataclass(frozen=True)
class ApiKey:
    """An API key, `kva_…`."""

    key: str = field(repr=False)


@dataclass(frozen=True)
class AccessToken:
    """An access token, which the client does not renew."""

    token: str = field(repr=False)


Credentials = Password | RefreshToken | ClientSecret | ApiKey | AccessToken
