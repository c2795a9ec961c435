"""Servers and lines that misbehave: each ends in a sentence, and nothing is lost or invented."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.archive import read_archive
from archiver.outcome import Outcome
from archiver.progress import Silent
from archiver.verify import verify
from tests.archiver.nights import EVERYTHING, Mail, night, over_imap
from tests.cli.conftest import journal, letter, originals
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.memory import MemorySource
from tests.servers.proxy import Proxy
from tests.servers.scripted import scripted

HEADER = b"From: a@school.example\r\nMessage-ID: <%d@x.example>\r\n\r\n"


def whole(uid: int) -> bytes:
    return HEADER % uid + b"Speech was cancelled.\r\n"


def head(uid: int, *, extra: bytes = b"", size: int | None = None) -> bytes:
    said = len(whole(uid)) if size is None else size
    header = HEADER % uid
    return (
        b'* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE "04-Mar-2026 09:00:00 +0000" %s'
        b"BODY[HEADER] {%d}\r\n%s)\r\n" % (uid, uid, said, extra, len(header), header)
    )


def body(uid: int, content: bytes | None = None, announced: int | None = None) -> bytes:
    content = whole(uid) if content is None else content
    length = len(content) if announced is None else announced
    return b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (uid, uid, length, content)


DONE = b"%t OK done\r\n"
GOOD = {
    "LIST": b'* LIST () "/" INBOX\r\n' + DONE,
    "EXAMINE": b"* 2 EXISTS\r\n* OK [UIDVALIDITY 5] x\r\n%t OK [READ-ONLY] done\r\n",
    "UID SEARCH": b"* SEARCH 1 2\r\n" + DONE,
    "UID FETCH 1,2 (RFC822.SIZE": head(1) + head(2) + DONE,
    "UID FETCH 1 (RFC822.SIZE": head(1) + DONE,
    "UID FETCH 2 (RFC822.SIZE": head(2) + DONE,
    "UID FETCH 1,2 (BODY.PEEK[])": body(1) + body(2) + DONE,
    "UID FETCH 1 (BODY.PEEK[])": body(1) + DONE,
    "UID FETCH 2 (BODY.PEEK[])": body(2) + DONE,
}
BOTH = {whole(1), whole(2)}


def pull(archive: Path, script: dict[str, bytes], **options: bytes) -> Outcome:
    with scripted(script, **options) as (host, port):
        return night(archive, over_imap(host, port, "me", "secret"))


BODIES, ONE, TWO = "UID FETCH 1,2 (BODY.PEEK[])", "UID FETCH 1 (BODY.PEEK[])", "UID FETCH 2 (BODY.PEEK[])"  # fmt: skip # noqa: E501
HEADS, HEADS_OF_1 = "UID FETCH 1,2 (RFC822.SIZE", "UID FETCH 1 (RFC822.SIZE"


@pytest.mark.parametrize(
    ("change", "kept", "sentence"),
    [
        pytest.param({BODIES: body(1) + body(2, announced=4000) + b"%close",
                      TWO: body(2, announced=4000) + b"%close"}, {whole(1)},
                     "connection breaks|lost", id="half a literal, then silence"),
        pytest.param({BODIES: body(2) + body(1) + DONE}, BOTH, "", id="answers in another order"),
        pytest.param({BODIES: body(1) + body(1) + body(2) + DONE}, BOTH, "", id="one answer twice"),
        pytest.param({BODIES: body(1) + body(7, b"spam") + body(2) + DONE}, BOTH, "",
                     id="an answer nobody asked for"),
        pytest.param({BODIES: body(1) + DONE, TWO: DONE}, {whole(1)}, "did not give it",
                     id="an answer that does not come"),
        pytest.param({BODIES: b"* 2 EXPUNGE\r\n" + body(1) + DONE, TWO: DONE}, {whole(1)},
                     "did not give it", id="expunged while it is fetched"),
        pytest.param({BODIES: body(1) + b"* 2 FETCH (UID 2 BODY[] NIL)\r\n" + DONE, TWO: DONE},
                     {whole(1)}, "did not give it", id="NIL for a body"),
        pytest.param({BODIES: b"%t NO [SERVERBUG] oops\r\n"}, set(), "asks for a pause",
                     id="NO with a server bug"),
        pytest.param({BODIES: b"%t NO cannot\r\n"}, BOTH, "", id="NO to the batch, yes to each"),
        pytest.param({BODIES: b"%t NO cannot\r\n", TWO: b"%t BAD corrupt\r\n"}, {whole(1)},
                     "refuses to give it", id="NO to one message"),
        pytest.param({BODIES: b"* BYE going down\r\n%close"}, BOTH, "",
                     id="BYE, then each by itself"),
        pytest.param({"LIST": b"* BYE going down\r\n%close"}, set(), "lost", id="BYE at every try"),
        pytest.param({HEADS: b"* BYE [UNAVAILABLE] back soon\r\n%close"}, set(),
                     "asks for a pause", id="BYE UNAVAILABLE"),
        pytest.param({BODIES: b"%t NO [OVERQUOTA] Account exceeded bandwidth limits\r\n"}, set(),
                     "asks for a pause", id="OVERQUOTA"),
        pytest.param({"UID SEARCH": b"* SEARCH 1 x\r\n" + DONE, HEADS_OF_1: head(1) + DONE},
                     {whole(1)}, "lists only 1", id="a UID that is no number"),
        pytest.param({"UID SEARCH": DONE}, set(), "lists only 0", id="SEARCH without an answer"),
        pytest.param({"UID SEARCH": b"* SEARCH 1\r\n* SEARCH 2\r\n" + DONE}, BOTH, "",
                     id="SEARCH in two lines"),
        pytest.param({"LIST": b'* LIST () NIL "INBOX"\r\n* LIST () "/" {5}\r\na"b c\r\n' + DONE,
                      'EXAMINE "a': b"%t NO no\r\n"}, BOTH, "could not be opened",
                     id="a folder name as a literal, refused"),
        pytest.param({"EXAMINE": b"%t NO [INUSE] locked\r\n"}, set(), "asks for a pause",
                     id="a folder in use"),
        pytest.param({HEADS: head(1) + DONE}, {whole(1)}, "no headers", id="no headers for one"),
        pytest.param({HEADS: head(1, size=0) + head(2, size=99999999) + DONE,
                      "UID FETCH 2 (BODY.PEEK[]<0.": b"* 2 FETCH (UID 2 BODY[]<0> {%d}\r\n%s)\r\n"
                      % (len(whole(2)), whole(2)) + DONE}, BOTH, "", id="sizes that are wrong"),
        pytest.param({HEADS: head(1, extra=b'X-GM-LABELS (A) FLAGS (\\Seen) ') + head(2) + DONE},
                     BOTH, "", id="items nobody asked for"),
        pytest.param({"EXAMINE": b"* 2 EXISTS\r\n%t OK [READ-ONLY] done\r\n"}, BOTH, "",
                     id="no UIDVALIDITY"),
        pytest.param({"LIST": b"* LIST (\\HasNoChildren) \"/\" INBOX\r\n* OK still here\r\n"
                      b"* 3 EXISTS\r\n" + DONE}, BOTH, "", id="chatter"),
        pytest.param({"LOGOUT": b"%close"}, BOTH, "", id="no goodbye"),
        pytest.param({"CAPABILITY": b"%t BAD what\r\n"}, set(), ".", id="no CAPABILITY"),
        pytest.param({"LOGIN": b"%t NO [UNAVAILABLE] Temporary authentication failure\r\n"}, set(),
                     "asks for a pause", id="log-in unavailable"),
        pytest.param({BODIES: b"\x00\xff\xfe not IMAP at all\r\n" + DONE, ONE: DONE, TWO: DONE},
                     set(), "not give it|understood|lost", id="no IMAP at all"),
    ],
)  # fmt: skip
def test_a_server_that_misbehaves_costs_no_message_and_no_traceback(
    archive: Path, change: dict[str, bytes], kept: set[bytes], sentence: str
) -> None:
    outcome = pull(archive, {**GOOD, **change})

    said = " ".join([*outcome.notes, *(why for _, why in outcome.failed), str(outcome.error or "")])
    assert originals(archive) == kept
    if sentence:
        assert any(part in said for part in sentence.split("|")), said
    else:
        assert not outcome.needs_attention, said
    # And when the server has come to its senses, all is there.
    pull(archive, GOOD)
    assert originals(archive) >= BOTH
    assert verify(archive, Silent()).findings == ()


def test_a_connection_that_is_logged_in_already_is_used(archive: Path) -> None:
    pull(archive, GOOD, greeting=b"* PREAUTH welcome\r\n")

    assert originals(archive) == BOTH


def test_gmail_s_labels_are_kept_with_the_receipt(archive: Path) -> None:
    """All Mail has each message once; which labels it had would be lost without this."""
    labelled = b'X-GM-LABELS ("\\\\Inbox" School/IEP "Caf&AOk-") '
    pull(
        archive,
        {
            **GOOD,
            "CAPABILITY": b"* CAPABILITY IMAP4rev1 X-GM-EXT-1\r\n" + DONE,
            "LIST": b'* LIST (\\All) "/" "[Gmail]/All Mail"\r\n* LIST () "/" INBOX\r\n' + DONE,
            HEADS: head(1, extra=labelled) + head(2, extra=b"X-GM-LABELS () ") + DONE,
        },
    )

    received = [e for e in journal(archive) if e["kind"] == "received"]
    assert [(e["folder"], e.get("labels")) for e in received] == [
        ("[Gmail]/All Mail", ["\\Inbox", "School/IEP", "Café"]),
        ("[Gmail]/All Mail", None),
    ]
    with read_archive(archive) as opened:
        assert [r.labels for r in opened.catalogue.receipts()] == [
            ("\\Inbox", "School/IEP", "Café"), (),
        ]  # fmt: skip


def test_a_clock_that_jumps_back_breaks_nothing(archive: Path) -> None:
    mail: Mail = {"INBOX": (1, {1: letter(1)})}
    late = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
    night(archive, lambda: MemorySource(mail), now=lambda: late)
    mail["INBOX"][1][2] = letter(2)

    night(archive, lambda: MemorySource(mail), now=lambda: late - timedelta(days=400))

    assert originals(archive) == {letter(1), letter(2)}
    times = [entry["at"] for entry in journal(archive)]
    assert times != sorted(times), "the journal writes what the clock said, and keeps its order"
    assert verify(archive, Silent()).findings == ()


def test_a_connection_cut_after_every_so_many_bytes_loses_nothing(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path
) -> None:
    """The line breaks after k bytes, again whenever it is made again, for k all along a session."""
    mail = [letter(n, body="words " * 40) for n in range(6)]
    for raw in mail:
        mailbox.deliver(raw)
    with Proxy(dovecot.host, dovecot.port) as proxy:
        connect = over_imap(proxy.host, proxy.port, mailbox.username, mailbox.password)
        night(tmp_path / "whole", connect)
        session = proxy.received
        cuts = range(1, session, session // 150)
        for cut in cuts:
            path = tmp_path / str(cut)
            proxy.cut_after = cut
            outcome = night(path, connect)
            assert originals(path) <= set(mail), cut
            assert outcome.needs_attention or originals(path) == set(mail), cut
            proxy.cut_after = None
            assert not night(path, connect).needs_attention, cut
            assert originals(path) == set(mail), cut
            assert verify(path, Silent()).findings == (), cut
    print(f"{len(cuts)} cuts in a session of {session} bytes")


def test_a_line_that_garbles_bytes_never_ends_in_a_traceback(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path
) -> None:
    """Bytes flipped, lost, doubled and put in: a parser's worst day. TLS would notice it first."""
    for n in range(4):
        mailbox.deliver(letter(n))
    chance = random.Random(20260305)

    def mangle(data: bytes) -> bytes:
        if chance.random() < 0.6:
            return data
        at = chance.randrange(len(data) + 1)
        piece = chance.choice([b"", b"\x00", b"(", b'"', b"{9}\r\n", b"\r\n", b"9" * 30, data[:40]])
        return data[:at] + piece + data[at + chance.choice([0, 1, 7]) :]

    rounds = 0
    with Proxy(dovecot.host, dovecot.port, mangle=mangle) as proxy:
        connect = over_imap(proxy.host, proxy.port, mailbox.username, mailbox.password)
        started = time.monotonic()
        while rounds < 150 and time.monotonic() - started < 40:
            path = tmp_path / str(rounds)
            with_short_patience(connect, path)
            if (path / "journal.jsonl").exists():
                assert verify(path, Silent()).findings == (), rounds
            rounds += 1
    print(f"{rounds} garbled sessions")
    assert rounds >= 20


def with_short_patience(connect: Callable[[], object], path: Path) -> None:
    """A garbled answer may leave both sides waiting for the other: two seconds are enough here."""
    from imapclient import SocketTimeout

    import archiver.imap_source as source

    before, source._TIMEOUT = source._TIMEOUT, SocketTimeout(connect=2, read=0.3)
    try:
        night(path, connect, book=EVERYTHING)  # type: ignore[arg-type]
    finally:
        source._TIMEOUT = before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork(2)")
def test_killed_at_random_moments_hundreds_of_times(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path
) -> None:
    """kill -9 in the middle of real IMAP, then a run to the end: same originals, same receipts."""
    mail = [letter(n, body="words " * 200) for n in range(30)]
    for raw in mail:
        mailbox.deliver(raw)
    connect = over_imap(dovecot.host, dovecot.port, mailbox.username, mailbox.password)
    started = time.monotonic()
    night(tmp_path / "whole", connect)
    took_s = time.monotonic() - started
    chance = random.Random(7)
    rounds = killed = 0
    started = time.monotonic()
    while rounds < 200 and time.monotonic() - started < 40:
        path = tmp_path / str(rounds // 4)  # up to four kills in a row, then a run to the end
        child = os.fork()
        if child == 0:
            night(path, connect)
            os._exit(0)
        time.sleep(chance.uniform(0, took_s))
        os.kill(child, signal.SIGKILL)
        killed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        rounds += 1
        if rounds % 4 == 0:
            assert not night(path, connect).needs_attention
            assert originals(path) == set(mail)
            received = [e["uid"] for e in journal(path) if e["kind"] == "received"]
            assert sorted(received) == list(range(1, 31)), "every place once"  # type: ignore[type-var]
            assert verify(path, Silent()).findings == ()
    print(f"{rounds} rounds, {killed} killed")
    assert killed >= 20
