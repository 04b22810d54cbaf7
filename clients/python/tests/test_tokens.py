import asyncio
import json
import os
import time
from unittest import IsolatedAsyncioTestCase, skipUnless

from kvaspire import AccessToken, InvalidCredentials, InvalidToken, Password, RefreshToken

from .system import Async, Blocking, gateway, register

lifetime = float(os.environ.get("KVASPIRE_TOKEN_LIFETIME", "0"))  # seconds


def sign_ins_of(client):
    """Records the requests for tokens."""
    http = getattr(client, "blocking", client)._http
    recorded, send = [], http.send

    async def recording(request, timeout):
        if request.target.endswith("/api/token"):
            recorded.append(json.loads(request.body))
        return await send(request, timeout)

    http.send = recording
    return recorded


class Tokens:
    async def test_concurrent_calls_share_one_sign_in_and_one_renewal_of_a_refused_token(self):
        credentials = await register()
        kv, other = self.client(gateway, credentials), self.client(gateway, credentials)
        sign_ins = sign_ins_of(kv)
        await asyncio.gather(*(kv.usage() for _ in range(20)))
        self.assertEqual(len(sign_ins), 1)

        sessions = (await kv.request("GET", "api/account/sessions"))["items"]
        [current] = [session["session_id"] for session in sessions if session["current"]]
        before = len(sign_ins)
        await other.request("DELETE", f"api/account/sessions/{current}")
        await asyncio.sleep(2.5)  # until the gateway knows
        await asyncio.gather(*(kv.usage() for _ in range(20)))
        self.assertEqual([sign_in.get("grant_type", "password") for sign_in in sign_ins[before:]], ["refresh_token", "password"])

    @skipUnless(lifetime, "KVASPIRE_TOKEN_LIFETIME is not set")
    async def test_a_token_is_renewed_before_it_ends(self):
        kv = self.client(gateway, await register())
        sign_ins = sign_ins_of(kv)
        end = time.monotonic() + lifetime * 1.25
        while time.monotonic() < end:
            await asyncio.gather(kv.usage(), kv.get("none"))
            await asyncio.sleep(0.1)
        refreshes = [sign_in["refresh_token"] for sign_in in sign_ins[1:]]
        self.assertGreaterEqual(len(refreshes), 2)
        self.assertEqual(len(set(refreshes)), len(refreshes))

    async def test_a_refresh_token_signs_in_and_its_successors_are_told(self):
        credentials = await register()
        body = {"username": credentials.username, "password": credentials.password}
        session = await self.client(gateway).request("POST", "api/token", body=body)
        told = []
        kv = self.client(gateway, RefreshToken(session["refresh_token"], told.append))
        await kv.set("k", 1)
        self.assertEqual(len(told), 1)
        await kv.sign_out()

    async def test_wrong_credentials_are_errors_by_code_and_are_not_repeated(self):
        wrong = self.client(gateway, Password((await register()).username, "not the password"))
        sign_ins = sign_ins_of(wrong)
        with self.assertRaises(InvalidCredentials):
            await wrong.usage()
        self.assertEqual(len(sign_ins), 1)
        with self.assertRaises(InvalidToken):
            await self.client(gateway, AccessToken("x.y.z")).usage()
        self.assertNotIn("not the password", repr(Password("name", "not the password")))


class AsyncTokens(Async, Tokens, IsolatedAsyncioTestCase):
    pass


class BlockingTokens(Blocking, Tokens, IsolatedAsyncioTestCase):
    pass
