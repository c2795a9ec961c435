"""An authorization server on loopback that is Google and Microsoft at once, as far as we ask.

It checks what the real ones check: client, secret, redirect address, PKCE, device codes, and that a
refresh token is the last one given where it rotates them. Tokens are told of to a mail server by
introspection (RFC 7662), over plain HTTP on a port of its own, as Dovecot asks.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.servers.certificates import Authority

CLIENT_ID = "client-of-the-family.apps.example"
CLIENT_SECRET = "the-secret-of-the-app"
GOOGLE_SCOPE = "https://mail.google.com/"
MICROSOFT_SCOPE = "https://outlook.office.com/IMAP.AccessAsUser.All"

Answer = tuple[int, dict[str, Any]]


@dataclass
class Token:
    email: str
    scope: str
    until: float


class OAuthServer:
    """Answers at ``url`` (HTTPS) and ``introspection`` (HTTP)."""

    def __init__(self, folder: Path) -> None:
        authority = Authority(folder)
        self.ca_file = authority.ca_file
        certificate, key = authority.issue("oauth", host="localhost", days=30)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._secure = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._answer))
        self._secure.socket = context.wrap_socket(self._secure.socket, server_side=True)
        self._plain = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._introspect))
        self.url = f"https://localhost:{self._secure.server_address[1]}"
        self.introspection = f"http://127.0.0.1:{self._plain.server_address[1]}/introspect"
        self.reset("nobody@mail.example")

    def reset(self, email: str) -> None:
        """Forget everything; ``email`` is who allows whatever is asked from now on."""
        self.email = email
        self.scope: str | None = None  # what is granted in place of what is asked for
        self.access_life_s = 3600
        self.refresh_life_s: int | None = None  # told as Google tells it
        self.refusal: dict[str, Any] | None = None  # what the token endpoint says from now on
        self.denies = False
        self.polls_before_consent = 1
        self.access: dict[str, Token] = {}
        self.refresh: dict[str, Token] = {}
        self.revoked: list[str] = []
        self.grants: list[str] = []  # grant types asked for, in order
        self._codes: dict[str, dict[str, str]] = {}
        self._devices: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> OAuthServer:
        for server in (self._secure, self._plain):
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in (self._secure, self._plain):
            server.shutdown()
            server.server_close()

    def secrets(self) -> set[str]:
        """Everything that must not be seen anywhere."""
        return {*self.access, *self.refresh, *self._codes, CLIENT_SECRET}

    def _answer(self, path: str, query: dict[str, str], form: dict[str, str]) -> Answer:
        match path:
            case "/o/oauth2/v2/auth":
                return self._consent(query)
            case "/token":
                if form.get("client_secret") != CLIENT_SECRET:
                    return 401, {"error": "invalid_client"}
                return self._token(form, GOOGLE_SCOPE)
            case "/revoke":
                self.revoked.append(form.get("token", ""))
                return 200, {}
            case "/common/.well-known/openid-configuration":
                return 200, {
                    "issuer": f"{self.url}/common",
                    "authorization_endpoint": f"{self.url}/common/oauth2/v2.0/authorize",
                    "token_endpoint": f"{self.url}/common/oauth2/v2.0/token",
                    "device_authorization_endpoint": f"{self.url}/common/oauth2/v2.0/devicecode",
                }
            case "/common/oauth2/v2.0/devicecode":
                return self._device_code(form)
            case "/common/oauth2/v2.0/token":
                return self._token(form, MICROSOFT_SCOPE)
        return 404, {"error": "not_found"}

    def _consent(self, query: dict[str, str]) -> Answer:
        assert query["client_id"] == CLIENT_ID
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert query["access_type"] == "offline"
        if self.denies:
            back = {"error": "access_denied", "state": query["state"]}
        else:
            code = secrets.token_urlsafe(20)
            self._codes[code] = query
            back = {"code": code, "state": query["state"]}
        return 302, {"Location": f"{query['redirect_uri']}?{urlencode(back)}"}

    def _device_code(self, form: dict[str, str]) -> Answer:
        if form.get("client_id") != CLIENT_ID:
            return 400, {"error": "unauthorized_client", "error_codes": [700016]}
        code = secrets.token_urlsafe(20)
        self._devices[code] = {"polls": 0, "scope": form["scope"]}
        return 200, {
            "device_code": code,
            "user_code": "HJKL-4711",
            "verification_uri": "https://login.example/device",
            "expires_in": 600,
            "interval": 0.2,
            "message": "not for our user",
        }

    def _token(self, form: dict[str, str], scope: str) -> Answer:
        self.grants.append(form["grant_type"])
        if self.refusal is not None:
            return 400, self.refusal
        if form.get("client_id", CLIENT_ID) != CLIENT_ID:
            return 400, {"error": "invalid_client"}
        match form["grant_type"]:
            case "authorization_code":
                asked = self._codes.pop(form["code"], None)
                digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
                challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
                if asked is None or asked["code_challenge"] != challenge:
                    return 400, {"error": "invalid_grant"}
                assert asked["redirect_uri"] == form["redirect_uri"]
            case "urn:ietf:params:oauth:grant-type:device_code" | "device_code":
                device = self._devices[form["device_code"]]
                device["polls"] += 1
                if self.denies:
                    return 400, {"error": "authorization_declined"}
                if device["polls"] <= self.polls_before_consent:
                    return 400, {"error": "authorization_pending"}
            case "refresh_token":
                known = self.refresh.get(form["refresh_token"])
                if known is None:
                    said = "Token has been expired or revoked."
                    return 400, {"error": "invalid_grant", "error_description": said}
                if scope == MICROSOFT_SCOPE:
                    del self.refresh[form["refresh_token"]]
        return 200, self._give(self.scope or scope, rotate=form["grant_type"] != "refresh_token"
                               or scope == MICROSOFT_SCOPE)  # fmt: skip

    def _give(self, scope: str, *, rotate: bool) -> dict[str, Any]:
        access, refresh = secrets.token_urlsafe(40), secrets.token_urlsafe(40)
        token = Token(self.email, scope, time.time() + self.access_life_s)
        self.access[access] = token
        given: dict[str, Any] = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.access_life_s,
            "scope": scope,
        }
        if rotate:
            self.refresh[refresh] = token
            given["refresh_token"] = refresh
            if self.refresh_life_s is not None:
                given["refresh_token_expires_in"] = self.refresh_life_s
        return given

    def _introspect(self, path: str, query: dict[str, str], form: dict[str, str]) -> Answer:
        token = self.access.get(form.get("token", ""))
        if token is None or token.until < time.time():
            return 200, {"active": False}
        return 200, {"active": True, "email": token.email, "scope": token.scope}


def _handler(
    answer: Callable[[str, dict[str, str], dict[str, str]], Answer],
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._reply("")

        def do_POST(self) -> None:
            self._reply(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _reply(self, body: str) -> None:
            url, form = urlsplit(self.path), _single(body)
            scheme, _, given = self.headers.get("Authorization", "").partition(" ")
            if scheme == "Basic":  # the other way for a client to show its secret (RFC 6749, 2.3.1)
                pair = base64.b64decode(given).decode().partition(":")
                form["client_id"], form["client_secret"] = pair[0], pair[2]
            status, record = answer(url.path, _single(url.query), form)
            content = json.dumps(record).encode()
            self.send_response(status)
            if "Location" in record:
                self.send_header("Location", record["Location"])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    return Handler


def _single(query: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(query).items()}
