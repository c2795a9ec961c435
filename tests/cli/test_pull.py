"""`papertrail pull` against a real server."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.imap_guard import ALLOWED
from tests.cli.conftest import (
    journal,
    letter,
    originals,
    run_papertrail,
    snapshot,
    write_config,
)
from tests.conftest import Served
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.proxy import Proxy

Serve = Callable[[dict[str, list[bytes]]], Served]

SCHOOL = [letter(n) for n in range(5)]
STRANGER = letter(90, "shop@store.example")
ODD = [
    b"this is no MIME message at all, and has no headers\r\nFrom: teacher@school.example\r\n\r\n",
    b"From: teacher@school.example\r\nSubject: no end of headers",
    b"From: teacher@school.example\r\nTo: \xff\xfe\r\nSubject: Caf\xe9\r\n\r\n\x01\x02 \xff\r\n",
    b"From: teacher@school.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nodd",
]


def pull(serve_mail: Serve, tmp_path: Path, archive: Path, mail: dict[str, list[bytes]]) -> Path:
    served = serve_mail(mail)
    config = write_config(tmp_path / "config.toml", archive, served)
    ran = run_papertrail(config, "pull", PAPERTRAIL_PASSWORD=served.password)
    assert ran.status == 0, ran.said
    return config


def test_the_school_s_mail_is_kept_byte_for_byte_and_no_stranger_s(
    serve_mail: Serve, tmp_path: Path, archive: Path
) -> None:
    pull(serve_mail, tmp_path, archive, {"INBOX": [*SCHOOL, STRANGER], "Sent": [letter(20)]})

    assert originals(archive) == {*SCHOOL, letter(20)}


def test_one_original_for_the_same_bytes_in_two_folders_and_both_places_are_recorded(
    serve_mail: Serve, tmp_path: Path, archive: Path
) -> None:
    pull(serve_mail, tmp_path, archive, {"INBOX": SCHOOL[:1], "School": SCHOOL[:1]})

    received = [e for e in journal(archive) if e["kind"] == "received"]
    assert originals(archive) == {SCHOOL[0]}
    assert {e["folder"] for e in received} == {"INBOX", "School"}
    assert len({e["sha256"] for e in received}) == 1


def test_two_messages_with_one_message_id_are_two_originals(
    serve_mail: Serve, tmp_path: Path, archive: Path
) -> None:
    twins = [letter(1), letter(1, body="Speech was given yesterday.")]

    pull(serve_mail, tmp_path, archive, {"INBOX": twins})

    assert originals(archive) == set(twins)


def test_messages_that_are_hardly_messages_are_kept_as_they_are(
    serve_mail: Serve, tmp_path: Path, archive: Path
) -> None:
    served = serve_mail({"INBOX": [*ODD, *SCHOOL]})
    config = write_config(tmp_path / "config.toml", archive, served, whole_folders=["INBOX"])

    ran = run_papertrail(config, "pull", PAPERTRAIL_PASSWORD=served.password)

    assert ran.status == 0, ran.said
    if served.kind == "dovecot":  # the embedded server stores what it parsed
        assert originals(archive) >= {*ODD[2:], *SCHOOL}
    assert len(originals(archive)) == len(ODD) + len(SCHOOL)


def test_a_second_run_fetches_nothing_and_changes_no_file(
    serve_mail: Serve, tmp_path: Path, archive: Path
) -> None:
    config = pull(serve_mail, tmp_path, archive, {"INBOX": [*SCHOOL, STRANGER], "Empty": []})
    before = snapshot(archive)

    ran = run_papertrail(config, "pull")

    if ran.status == 0:
        assert "0 new tonight" in ran.out
        assert snapshot(archive) == before


def test_new_mail_of_the_next_night_is_all_that_is_fetched(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    for raw in SCHOOL[:3]:
        mailbox.deliver(raw)
    with Proxy(dovecot.host, dovecot.port) as proxy:
        config = write_config(tmp_path / "c.toml", archive, proxy, username=mailbox.username)
        run_papertrail(config, "pull")
        mailbox.deliver(letter(50))
        proxy.sent.clear()
        ran = run_papertrail(config, "pull")

    fetched = [c for c in bytes(proxy.sent).decode().splitlines() if "BODY.PEEK[]" in c]
    assert "1 new tonight" in ran.out
    assert len(fetched) == 1
    assert "FETCH 4 " in fetched[0]


def test_nothing_but_the_allow_list_is_sent_and_no_flag_changes(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    """Promise 1: flags before are flags after, and what was recent is recent still."""
    for number, flags in enumerate([None, "", "S", "FS", "R", None]):
        mailbox.deliver(letter(number), flags=flags)
        mailbox.deliver(letter(number + 10), "Escuela &AOE-", flags=flags)
    mailbox.deliver(letter(40, "mum@mail.example", "dad@mail.example", "Milk."), flags=None)
    before = mailbox.state()
    with Proxy(dovecot.host, dovecot.port) as proxy:
        config = write_config(tmp_path / "c.toml", archive, proxy, username=mailbox.username)
        for command in ("check", "pull", "run"):
            assert run_papertrail(config, command).status == 0

    assert set(proxy.commands()) <= ALLOWED
    assert {"EXAMINE", "UID FETCH", "UID SEARCH"} <= set(proxy.commands())
    assert len(originals(archive)) == 12
    assert mailbox.state() == before


def test_a_folder_name_in_modified_utf_7_is_read_and_shown_as_it_is_meant(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    mailbox.deliver(SCHOOL[0], "Ni&APE-os")
    config = write_config(
        tmp_path / "c.toml", archive, dovecot, username=mailbox.username, folders=["Niños"]
    )

    ran = run_papertrail(config, "pull")

    assert ran.status == 0, ran.said
    assert [e["folder"] for e in journal(archive) if e["kind"] == "received"] == ["Niños"]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_encrypted_connections_check_the_server_s_certificate(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path, security: str
) -> None:
    mailbox.deliver(SCHOOL[0])
    port = dovecot.tls_port if security == "tls" else dovecot.port
    common = {"security": security, "port": port, "username": mailbox.username}

    trusted = write_config(
        tmp_path / "a.toml", archive, dovecot, **common, ca_file=str(dovecot.authority.ca_file)
    )
    unknown = write_config(tmp_path / "b.toml", tmp_path / "other", dovecot, **common)

    assert run_papertrail(trusted, "pull").status == 0
    assert originals(archive) == {SCHOOL[0]}
    refused = run_papertrail(unknown, "pull")
    assert refused.status == 3
    assert "certificate" in refused.err
    assert "The password was not sent" in refused.err


def test_a_big_message_comes_whole(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    """More than two pieces, and one that ends exactly where a piece does."""
    piece = 4 << 20
    big = letter(1, body="x" * 76 + "\r\n") + random.Random(1).randbytes(9_000_000).hex().encode()
    head = letter(2, body="")
    exact = head + b"y" * (2 * piece - len(head))
    for raw in (big, exact):
        mailbox.deliver(raw)
    config = write_config(tmp_path / "c.toml", archive, dovecot, username=mailbox.username)

    ran = run_papertrail(config, "pull")

    assert ran.status == 0, ran.said
    assert originals(archive) == {big, exact}


def test_what_is_deleted_on_the_server_stays_in_the_archive_and_is_noticed(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    files = [mailbox.deliver(raw) for raw in SCHOOL]
    config = write_config(tmp_path / "c.toml", archive, dovecot, username=mailbox.username)
    run_papertrail(config, "pull")
    files[2].unlink()
    mailbox.own()

    ran = run_papertrail(config, "pull")

    missing = [e for e in journal(archive) if e["kind"] == "missing"]
    assert [(e["folder"], e["uid"]) for e in missing] == [("INBOX", 3)]
    assert missing[0]["last_seen"] <= missing[0]["at"]  # type: ignore[operator]
    assert originals(archive) == set(SCHOOL)
    assert "no longer on the server" in ran.out
    assert run_papertrail(config, "verify").status == 0


def test_the_line_is_cut_again_and_again_and_nothing_is_lost(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    mail = [letter(n, body="words " * 400) for n in range(12)]
    for raw in mail:
        mailbox.deliver(raw)
    with Proxy(dovecot.host, dovecot.port) as proxy:
        config = write_config(tmp_path / "c.toml", archive, proxy, username=mailbox.username)
        for cut in (200, 1500, 5000, 9000, 20000):
            proxy.cut_after = cut
            ran = run_papertrail(config, "pull")
            assert ran.status in {0, 1, 3}, ran.said
            assert "lost" in ran.err or "was not kept" in ran.err or ran.status == 0
        proxy.cut_after = None
        assert run_papertrail(config, "pull").status == 0

    assert originals(archive) == set(mail)
    assert run_papertrail(config, "verify").status == 0


def test_a_run_killed_at_any_moment_is_made_up_for_by_the_next(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    """kill -9 at random moments; then the same originals, receipts and a valid chain."""
    mail = [letter(n, body="words " * 200) for n in range(60)]
    for raw in mail:
        mailbox.deliver(raw, received=datetime(2026, 3, 4, tzinfo=UTC))
    config = write_config(tmp_path / "c.toml", archive, dovecot, username=mailbox.username)
    chance = random.Random(7)
    started = time.monotonic()
    rounds = 0
    while rounds < 15 and time.monotonic() - started < 40:
        process = subprocess.Popen(
            [sys.executable, "-m", "archiver.cli", "--config", str(config), "run"],
            env={**os.environ, "PAPERTRAIL_PASSWORD": mailbox.password},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0.2, 1.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        rounds += 1

    ran = run_papertrail(config, "run")

    assert ran.status == 0, ran.said
    assert originals(archive) == set(mail)
    places = [(e["folder"], e["uid"]) for e in journal(archive) if e["kind"] == "received"]
    assert sorted(places) == [("INBOX", uid) for uid in range(1, 61)]
    verified = run_papertrail(config, "verify")
    assert verified.status == 0, verified.said
    print(f"{rounds} rounds of kill -9")


def test_two_runs_at_once_do_not_get_in_each_other_s_way(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    from archiver.archive import write_archive

    mailbox.deliver(SCHOOL[0])
    config = write_config(tmp_path / "c.toml", archive, dovecot, username=mailbox.username)
    with write_archive(archive):
        ran = run_papertrail(config, "pull")

    assert ran.status == 3
    assert "Another Paper Trail is working" in ran.err
    assert run_papertrail(config, "pull").status == 0
