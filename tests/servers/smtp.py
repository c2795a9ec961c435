"""A server for outgoing mail on loopback that keeps what it is given."""

from __future__ import annotations

import asyncio
import ssl
import threading
import warnings
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class MailServer:
    """Takes mail for anybody, after a log-in where ``password`` is set."""

    def __init__(
        self,
        security: Literal["tls", "starttls", "none"],
        certificate: tuple[Path, Path] | None = None,
        password: str = "",
    ) -> None:
        self.received: list[EmailMessage] = []
        self.logins: list[tuple[str, str]] = []
        self.port = 0
        self._security, self._password = security, password
        self._context: ssl.SSLContext | None = None
        if certificate:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*map(str, certificate))
        self._loop = asyncio.new_event_loop()
        # A client that refuses our certificate is what some tests are about.
        self._loop.set_exception_handler(lambda *_: None)

    def __enter__(self) -> MailServer:
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._server = self._wait(
            self._loop.create_server(
                self._protocol,
                "127.0.0.1",
                0,
                ssl=self._context if self._security == "tls" else None,
            )
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        message = message_from_bytes(envelope.content, policy=policy.default)  # type: ignore[arg-type]
        self.received.append(message)
        return "250 OK"

    def _protocol(self) -> SMTP:
        # The library does not count TLS from the first byte on as TLS.
        warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
        starttls = self._security == "starttls"
        return SMTP(
            self,
            hostname="localhost",
            tls_context=self._context if starttls else None,
            require_starttls=starttls,
            auth_require_tls=starttls,
            authenticator=self._check if self._password else None,
            auth_required=bool(self._password),
            loop=self._loop,
        )

    def _check(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password.decode() == self._password, handled=False)

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _wait(self, coroutine: object) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)  # type: ignore[arg-type]
