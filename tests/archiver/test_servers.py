"""What the other tests take for granted about the servers they run against."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.conftest import Served
from tests.servers.dovecot import Certificate, Dovecot, Mailbox
from tests.servers.proxy import Proxy

ROOT = Path(__file__).resolve().parents[2]
LETTER = b"From: a@school.example\r\nDate: Wed, 4 Mar 2026 09:00:00 -0700\r\n\r\nOne.\r\n"
BYTES = [
    LETTER,
    b"From: a@school.example\r\n\r\nno line end",
    b"From: a@school.example\r\n\r\nlone \r and \xff\xfe and \x01\r\n",
    b"no header\r\n\r\n\r\n",
    b"From: a@school.example\r\n\r\n" + b"long " * 50_000,
]


def log_in(server: Dovecot | Proxy, mailbox: Mailbox) -> IMAPClient:
    client = IMAPClient(server.host, server.port, ssl=False, timeout=20)
    client.login(mailbox.username, mailbox.password)
    return client


def read(client: IMAPClient, folder: str = "INBOX") -> list[bytes]:
    """All messages of a folder, in order of UID, without touching a flag."""
    client.select_folder(folder, readonly=True)
    uids = client.search()
    got = client.fetch(uids, ["BODY.PEEK[]"]) if uids else {}
    return [got[uid][b"BODY[]"] for uid in sorted(got)]


def test_what_lies_in_the_file_comes_over_the_wire(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """Every test of byte fidelity rests on this: a difference is ours, not the server's."""
    for raw in BYTES:
        mailbox.deliver(raw)

    with log_in(dovecot, mailbox) as client:
        assert read(client) == BYTES


@pytest.mark.parametrize(
    ("stored", "served"),
    [(b"A: b\n\nx\n", b"A: b\r\n\r\nx\r\n"), (b"A: b\r\n\r\n\0\r\n", b"A: b\r\n\r\n\x80\r\n")],
    ids=["lone LF", "NUL"],
)
def test_what_dovecot_changes_by_itself(
    dovecot: Dovecot, mailbox: Mailbox, stored: bytes, served: bytes
) -> None:
    """Lines end in CRLF (RFC 5322, 2.1) and a literal holds no NUL (RFC 9051, 9: CHAR8)."""
    mailbox.deliver(stored)

    with log_in(dovecot, mailbox) as client:
        assert read(client) == [served]


def test_uids_follow_the_order_of_delivery_and_none_is_used_twice(
    dovecot: Dovecot, mailbox: Mailbox
) -> None:
    files = [mailbox.deliver(LETTER, flags=None if n % 2 else "") for n in range(12)]
    with log_in(dovecot, mailbox) as client:
        client.select_folder("INBOX", readonly=True)
        assert client.search() == list(range(1, 13))
        files[11].unlink()
        mailbox.deliver(BYTES[1])
        client.noop()
        assert client.search() == [*range(1, 12), 13]
        assert client.fetch([13], ["BODY.PEEK[]"])[13][b"BODY[]"] == BYTES[1]


def test_the_day_and_flags_of_delivery_are_what_the_server_says(
    dovecot: Dovecot, mailbox: Mailbox
) -> None:
    received = datetime(2026, 3, 4, 16, 0, 5, tzinfo=UTC)
    mailbox.deliver(LETTER, received=received, flags="FS")

    with log_in(dovecot, mailbox) as client:
        client.normalise_times = False
        client.select_folder("INBOX", readonly=True)
        [message] = client.fetch([1], ["INTERNALDATE", "FLAGS"]).values()

    assert message[b"INTERNALDATE"] == received
    assert set(message[b"FLAGS"]) - {b"\\Recent"} == {b"\\Flagged", b"\\Seen"}


def test_state_shows_a_client_that_marks_mail_as_read_or_takes_the_recent_flag(
    dovecot: Dovecot, mailbox: Mailbox
) -> None:
    """Without this, "flags before are flags after" would hold for any client."""
    mailbox.deliver(LETTER, flags=None)
    mailbox.deliver(LETTER, flags="")
    with log_in(dovecot, mailbox) as client:
        untouched = mailbox.state()
        read(client)
        assert mailbox.state() == untouched

        client.select_folder("INBOX")
        not_recent = mailbox.state()
        client.fetch([2], ["BODY[]"])
        read_now = mailbox.state()

    assert [path.split("/")[0] for path in untouched] == ["cur", "new"]
    assert [path.split("/")[0] for path in not_recent] == ["cur", "cur"]
    assert sum(path.endswith("S") for path in read_now) == 1


@pytest.mark.parametrize("folder", ["School", "Year 2/Speech", "Niños & más", "INBOX"])
def test_mail_is_served_in_folders_of_any_name(
    serve_mail: Callable[[dict[str, list[bytes]]], Served], folder: str
) -> None:
    served = serve_mail({folder: [LETTER], "Empty": []})

    with IMAPClient(served.host, served.port, ssl=False, timeout=20) as client:
        client.login(served.username, served.password)
        names = {name for _, _, name in client.list_folders()}
        on_server = folder.replace("/", client.list_folders()[0][1].decode())
        assert {"INBOX", "Empty", on_server} <= names
        assert read(client, on_server) == [LETTER]
        assert read(client, "Empty") == []


@pytest.mark.parametrize(
    ("certificate", "complaint"),
    [("expired", "certificate has expired"), ("wrong-host", "IP address mismatch")],
)
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_bad_certificate_is_bad_in_one_way_only(
    dovecot_presenting: Callable[[Certificate], Dovecot],
    certificate: Certificate,
    complaint: str,
    security: str,
) -> None:
    server = dovecot_presenting(certificate)
    trusting = ssl.create_default_context(cafile=str(server.authority.ca_file))

    with pytest.raises(ssl.SSLCertVerificationError, match=complaint):
        connect(server, security, trusting)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_good_certificate_is_good_for_those_who_trust_the_authority(
    dovecot: Dovecot, mailbox: Mailbox, security: str
) -> None:
    trusting = ssl.create_default_context(cafile=str(dovecot.authority.ca_file))
    with connect(dovecot, security, trusting) as client:
        assert client.login(mailbox.username, mailbox.password)

    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        connect(dovecot, security, ssl.create_default_context())


def connect(server: Dovecot, security: str, context: ssl.SSLContext) -> IMAPClient:
    if security == "tls":
        return IMAPClient(server.host, server.tls_port, ssl_context=context, timeout=20)
    client = IMAPClient(server.host, server.port, ssl=False, timeout=20)
    try:
        client.starttls(context)
    except ssl.SSLError:
        with contextlib.suppress(OSError):
            client.shutdown()
        raise
    return client


def test_wrong_passwords_do_not_slow_down_the_tests_that_come_after(
    dovecot: Dovecot, mailbox: Mailbox
) -> None:
    """Dovecot makes a machine that failed wait, up to 17 s; all tests come from one machine."""
    started = time.monotonic()
    for _ in range(3):
        client = IMAPClient(dovecot.host, dovecot.port, ssl=False, timeout=20)
        with client, pytest.raises(LoginError):
            client.login(mailbox.username, "wrong")
    log_in(dovecot, mailbox).logout()

    assert time.monotonic() - started < 8


def test_the_proxy_records_what_the_client_sent(dovecot: Dovecot, mailbox: Mailbox) -> None:
    with Proxy(dovecot.host, dovecot.port) as proxy, log_in(proxy, mailbox) as client:
        assert read(client) == []
        client.fetch([1], ["FLAGS"])

    tagless = [line.partition(" ")[2] for line in proxy.lines()]
    assert 'EXAMINE "INBOX"' in tagless or "EXAMINE INBOX" in tagless
    assert [c for c in proxy.commands() if c != "CAPABILITY"] == [
        "LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH", "LOGOUT",
    ]  # fmt: skip


def test_the_proxy_cuts_the_line_after_so_many_bytes(dovecot: Dovecot, mailbox: Mailbox) -> None:
    mailbox.deliver(BYTES[-1])
    with Proxy(dovecot.host, dovecot.port, cut_after=20_000) as proxy:
        client = log_in(proxy, mailbox)
        with pytest.raises((OSError, IMAPClient.AbortError)):
            read(client)
        client.shutdown()

        proxy.cut_after = None
        with log_in(proxy, mailbox) as whole:
            assert read(whole) == [BYTES[-1]]
    assert proxy.connections == 2


def test_the_proxy_makes_each_turn_take_longer(dovecot: Dovecot, mailbox: Mailbox) -> None:
    with Proxy(dovecot.host, dovecot.port, delay_s=0.05) as proxy, log_in(proxy, mailbox) as client:
        started = time.monotonic()
        for _ in range(4):
            client.noop()
        assert 0.2 <= time.monotonic() - started < 2


def test_a_server_that_is_gone_takes_its_clients_line_along(tmp_path: Path) -> None:
    with Proxy("127.0.0.1", 1) as proxy, pytest.raises((OSError, IMAPClient.AbortError)):
        IMAPClient(proxy.host, proxy.port, ssl=False, timeout=20)


def test_a_labelled_mailbox_is_served_whole(
    dovecot: Dovecot, dovecot_with_corpus: Callable[[str], tuple[Mailbox, Path]]
) -> None:
    mailbox, folder = dovecot_with_corpus("ohio")

    with log_in(dovecot, mailbox) as client:
        served = {name: read(client, name) for _, _, name in client.list_folders()}

    assert served == {
        "INBOX": [],
        **{
            path.name: [file.read_bytes() for file in sorted(path.glob("*.eml"))]
            for path in (folder / "mail").iterdir()
        },
    }


def test_dovecot_runs_and_stops_without_root(dovecot: Dovecot, tmp_path: Path) -> None:
    """What a developer has who is not root: the same server, with nobody's help."""
    if os.geteuid() != 0:
        assert dovecot.port  # this very session shows it
        return
    nobody, group = pwd.getpwnam("nobody"), grp.getgrgid(pwd.getpwnam("nobody").pw_gid)
    program = (
        "import sys, tempfile, pathlib; from tests.servers.dovecot import Dovecot\n"
        "with tempfile.TemporaryDirectory(prefix='papertrail-') as base:\n"
        "  with Dovecot(pathlib.Path(base)) as server:\n"
        "    server.mailbox('me').deliver(b'A: b')\n"
        "    import imaplib; client = imaplib.IMAP4(server.host, server.port)\n"
        "    client.login('me', 'correct-horse')\n"
        "    print(client.select('INBOX', readonly=True))\n"
    )
    # The interpreter may lie where only root may enter: give up root once it has started.
    drop = (
        f"import encodings.idna, os, sys; sys.path[:0] = [{str(ROOT)!r}]\n"
        "import imapclient, tests.servers.dovecot, imaplib, tempfile, pathlib\n"
        f"os.setgroups([]); os.setgid({group.gr_gid}); os.setuid({nobody.pw_uid})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", drop + program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HOME": "/nonexistent", "TMPDIR": "/tmp"},
    )

    assert (done.stdout.strip(), done.returncode) == ("('OK', [b'1'])", 0), done.stderr
