"""The access token of a client."""

import json
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from .credentials import AccessToken, ApiKey, ClientSecret, Credentials, Password, RefreshToken
from .errors import InvalidCredentials, error_of
from .options import Options
from .wire import Http, Request, agent


@dataclass(frozen=True)
class Token:
    access: str
    refresh: str | None
    renew_at: float
    """On the clock of `time.monotonic()`."""


class Tokens:
    """Requests a token at its first use, and renews it before it expires and after the service refused it.

    Concurrent callers share one renewal, so that a refresh token is used once.
    """

    def __init__(self, http: Http, path: str, credentials: Credentials | None, options: Options) -> None:
        self._http = http
        self._path = path
        self._credentials = credentials
        self._options = options
        self._turn = http.lock()
        self._current: Token | None = None

    @property
    def can_renew(self) -> bool:
        return not (self._credentials is None or isinstance(self._credentials, ApiKey | AccessToken))

    async def get(self, refused: str | None = None) -> str | None:
        """The current token, renewed where necessary; None without credentials. A refused token must be replaced."""
        credentials = self._credentials
        if credentials is None:
            return None
        if isinstance(credentials, ApiKey):
            return credentials.key
        if isinstance(credentials, AccessToken):
            return credentials.token
        if token := self._usable(refused):
            return token.access
        async with self._turn:
            token = self._usable(refused)
            if token is None:
                token = self._current = await self._renew(credentials)
            return token.access

    def forget(self) -> None:
        """Forgets the session, which has ended."""
        self._current = None

    def _usable(self, refused: str | None) -> Token | None:
        token = self._current
        return token if token and token.access != refused and time.monotonic() < token.renew_at else None

    async def _renew(self, credentials: Password | RefreshToken | ClientSecret) -> Token:
        if isinstance(credentials, ClientSecret):
            return await self._ask("connect/token", *_client_request(credentials))

        refresh = self._current.refresh if self._current else None
        if refresh is None and isinstance(credentials, RefreshToken):
            refresh = credentials.refresh_token
        if refresh is not None:
            try:
                token = await self._ask_user({"grant_type": "refresh_token", "refresh_token": refresh}, refresh)
            except InvalidCredentials:
                if not isinstance(credentials, Password):
                    raise
                # The session has ended: sign in again.
            else:
                if isinstance(credentials, RefreshToken) and credentials.on_refresh_token and token.refresh and token.refresh != refresh:
                    credentials.on_refresh_token(token.refresh)
                return token

        assert isinstance(credentials, Password)
        return await self._ask_user({"username": credentials.username, "password": credentials.password})

    async def _ask_user(self, body: Mapping[str, str], refresh: str | None = None) -> Token:
        return await self._ask("api/token", {"Content-Type": "application/json"}, json.dumps(body).encode(), refresh)

    async def _ask(self, path: str, headers: Mapping[str, str], body: bytes, refresh: str | None = None) -> Token:
        asked = time.monotonic()
        request = Request("POST", self._path + path, {"User-Agent": agent, **headers}, body)
        answer = await self._http.send(request, self._options.attempt_timeout)
        if answer.status != 200:
            raise error_of(answer.status, answer.headers, answer.body)
        token = json.loads(answer.body)
        token = token.get("data", token)
        lifetime = token["expires_in"]
        renew_at = asked + max(lifetime - self._options.renew_before, lifetime / 2)
        return Token(token["access_token"], token.get("refresh_token", refresh), renew_at)


# Id and secret are form-encoded before they are joined (RFC 6749, section 2.3.1).
def _client_request(credentials: ClientSecret) -> tuple[Mapping[str, str], bytes]:
    form = {"grant_type": "client_credentials"} | ({"scope": credentials.scope} if credentials.scope else {})
    basic = b64encode(f"{quote(credentials.client_id, '')}:{quote(credentials.client_secret, '')}".encode()).decode()
    return {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {basic}"}, urlencode(form).encode()
