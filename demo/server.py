"""A real IMAP server on the loopback interface that serves a folder of mail.

For `make demo`, and for tests that need a server where none is installed. It is pymap with its
in-memory backend, in a thread of this process: nothing on disk is ever changed, no root, no
system packages, the same on Linux, macOS and Windows.

What it cannot do (pymap 0.36.7): CONDSTORE, QRESYNC, ENABLE, NAMESPACE, SPECIAL-USE. BODY[] is
byte for byte what lies in the file.
"""

from __future__ import annotations

import asyncio
import email.parser
import email.policy
import email.utils
import ssl
import threading
import unicodedata
from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, Login
from pymap.backend.dict.mailbox import MailboxSet
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials.flag import Flag
from pymap.user import Passwords, UserMetadata
from pysasl.hashing import Cleartext

HOST = "127.0.0.1"
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)  # INTERNALDATE of mail that tells no date at all
UID_VALIDITY = 1_754_000_000
START_TIMEOUT_S = 60.0

Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server listens and who may log in."""

    host: str
    port: int
    username: str
    password: str


@contextmanager
def serve(
    mail_folder: Path,
    *,
    username: str = "family@mail.example",
    password: str = "not-a-secret",
    security: Security = "none",
    tls: ssl.SSLContext | None = None,
    uid_validity: int = UID_VALIDITY,
) -> Iterator[Server]:
    """Serve a folder of mail on a free port until the ``with`` block ends.

    Each folder below ``mail_folder`` is a mail folder of that name (``A/B`` for nested ones). Its
    ``*.eml`` files are messages in order of their names, with UIDs from 101 and INTERNALDATE from
    their Date (else their newest Received) header. Every third message is unread, so that a
    client which marks mail as read can be caught. UIDs and UIDVALIDITY are the same each time
    the same folder is served.

    Args:
        mail_folder: ``FOLDER/*.eml``; read once, at the start.
        username: the only account.
        password: its password.
        security: ``starttls`` and ``tls`` need ``tls``. With ``starttls``, pymap takes a LOGIN
            from this machine even before the connection is encrypted.
        tls: a server-side context with a certificate.
        uid_validity: of every folder; another number makes clients see new folders.

    Raises:
        OSError: a file cannot be read, or no port can be had.
    """
    if (security == "none") != (tls is None):
        raise ValueError("a TLS context goes with starttls or tls, and only with them")
    started: Future[_Started] = Future()

    def run() -> None:
        try:
            config = _config(username, password, security, tls)
            asyncio.run(_run(started, config, _read(mail_folder), uid_validity))
        except Exception as error:  # noqa: BLE001 - carried over to the thread that waits
            if not started.done():
                started.set_exception(error)

    thread = threading.Thread(target=run, name="demo-imap-server", daemon=True)
    thread.start()
    running = started.result(timeout=START_TIMEOUT_S)
    try:
        yield Server(HOST, running.port, username, password)
    finally:
        running.loop.call_soon_threadsafe(running.stop.set)
        thread.join(timeout=10)


@dataclass(frozen=True, slots=True)
class _Started:
    """What the server's thread tells the thread that asked for it."""

    port: int
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event


def _read(mail_folder: Path) -> dict[str, list[bytes]]:
    folders: dict[str, list[bytes]] = {"INBOX": []}
    for folder in sorted(path for path in mail_folder.rglob("*") if path.is_dir()):
        # macOS may hand out decomposed names; clients ask for composed ones.
        name = unicodedata.normalize("NFC", folder.relative_to(mail_folder).as_posix())
        folders[name] = [path.read_bytes() for path in sorted(folder.glob("*.eml"))]
    return folders


def received_at(raw: bytes) -> datetime:
    """When a server would have received this message: its Date, else its newest Received.

    Always with a UTC offset; ``UNDATED`` where neither can be read.
    """
    parse = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes
    headers = parse(raw)
    newest_received = (headers.get("Received") or "").rpartition(";")[2]
    for text in (headers.get("Date"), newest_received):
        try:
            when = email.utils.parsedate_to_datetime(str(text))
        except ValueError:
            continue
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    return UNDATED


class _Config(Config):  # type: ignore[misc]
    @property
    def greeting(self) -> bytes:
        # pymap asks the resolver for its own name here, which takes seconds on some machines.
        return b"Demo server ready"


def _config(
    username: str, password: str, security: Security, tls: ssl.SSLContext | None
) -> _Config:
    return _Config(
        Namespace(passlib_cfg=None, proxy_protocol=None, implicit_tls=security == "tls"),
        host=HOST,
        port=0,
        ssl_context=tls,
        tls_enabled=security == "starttls",
        hash_context=Cleartext(),  # a made-up password; hashing it took a second of each test
        demo_data=False,
        demo_user=username,
        demo_password=password,
    )


async def _run(
    started: Future[_Started], config: _Config, mail: dict[str, list[bytes]], uid_validity: int
) -> None:
    config.apply_context()
    login = Login(config)
    hashed = await Passwords(config).hash_password(config.demo_password)
    user = UserMetadata(config, config.demo_user, password=hashed)
    await login.demo_user_identity.set(user)
    async with login.demo_user_identity.new_session() as session:
        await _fill(session.mailbox_set, mail, uid_validity)

    connected = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(login, config))
    tls = config.ssl_context if config.args.implicit_tls else None
    listening = await asyncio.start_server(connected, host=HOST, port=0, ssl=tls)
    port: int = listening.sockets[0].getsockname()[1]
    stop = asyncio.Event()
    started.set_result(_Started(port, asyncio.get_running_loop(), stop))
    await stop.wait()
    # Not wait_closed(): since Python 3.12 it waits for clients that forgot to log out.
    listening.close()


async def _fill(mailboxes: MailboxSet, mail: dict[str, list[bytes]], uid_validity: int) -> None:
    for name, messages in mail.items():
        if name != "INBOX":
            await mailboxes.add_mailbox(name)
        mailbox = await mailboxes.get_mailbox(name)
        mailbox._uid_validity = uid_validity
        for number, raw in enumerate(messages):
            flags = frozenset() if number % 3 == 0 else frozenset([Flag(b"\\Seen")])
            await mailbox.append(AppendMessage(raw, received_at(raw), flags))
