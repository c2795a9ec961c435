"""Census and witness: what is not there, and what is not there any more, in plain sentences."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import letter, run_papertrail, write_config
from tests.conftest import Served
from tests.servers.dovecot import Dovecot, Mailbox

MAIL = [
    letter(1),
    letter(2, extra="In-Reply-To: <lost@school.example>\n", body="As I wrote before."),
    letter(3, body="Please see the attached draft IEP."),
    letter(4, body="The form is here: https://docs.google.com/document/d/abc Thanks."),
    letter(1, body="The same number, other words."),
    b"From: teacher@school.example\r\nTo: mum@mail.example\r\nSubject: No date\r\n\r\nHello\r\n",
]


@pytest.fixture
def config(
    serve_mail: Callable[[dict[str, list[bytes]]], Served], tmp_path: Path, archive: Path
) -> Path:
    served = serve_mail({"INBOX": [*MAIL, letter(80, sender="shop@shop.example")]})
    config = write_config(tmp_path / "c.toml", archive, served)
    assert run_papertrail(config, "run").status in {0, 1}
    return config


def test_every_gap_is_a_sentence_with_its_count_and_list(config: Path) -> None:
    ran = run_papertrail(config, "census")

    assert ran.status == 1, ran.said
    assert "INBOX: 7 on the server on" in ran.out
    assert "6 of them the school's correspondence and held, 1 other mail" in ran.out
    for sentence in (
        "1 messages are answered or referred to and not held.",
        "1 messages speak of something attached and have nothing attached.",
        "1 messages link to a portal or a cloud drive",
        "1 Message-IDs are on more than one message with different bytes",
        "1 messages have no date of their own.",
    ):
        assert sentence in ran.out
    assert "docs.google.com" in ran.out
    assert "<lost@school.example>" in ran.out


def test_the_census_as_lines_for_programs(config: Path) -> None:
    lines = run_papertrail(config, "census", "--format", "jsonl").out.splitlines()

    gaps = {json.loads(line)["gap"] for line in lines}
    assert gaps == {"", "not held", "nothing attached", "elsewhere", "same id", "undated"}


def test_what_vanishes_from_the_server_is_witnessed_with_its_times(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    for raw in (letter(1), letter(2), letter(3)):
        mailbox.deliver(raw)
    config = write_config(tmp_path / "c.toml", archive, dovecot, username=mailbox.username)
    run_papertrail(config, "pull")
    assert (
        "0 messages that the archive holds are no longer" in run_papertrail(config, "witness").out
    )
    files = sorted(
        p for p in mailbox.folder().rglob("*") if p.is_file() and p.parent.name in {"cur", "new"}
    )
    gone = next(p for p in files if b"Letter 1" in p.read_bytes())
    moved = next(p for p in files if b"Letter 2" in p.read_bytes())
    other = mailbox.add_folder("School")
    gone.unlink()
    moved.rename(other / "cur" / moved.name)
    mailbox.own()

    run_papertrail(config, "pull")

    ran = run_papertrail(config, "witness")
    assert "1 messages that the archive holds are no longer on the server; 1 are there" in ran.out
    rows = [
        json.loads(line)
        for line in run_papertrail(config, "witness", "--all", "--format", "jsonl").out.splitlines()
    ]
    assert {(row["change"], row["subject"]) for row in rows} == {
        ("vanished", "Letter 1"), ("moved", "Letter 2"),
    }  # fmt: skip
    for row in rows:
        assert row["first_seen"] <= row["last_seen"] <= row["first_missing"]
