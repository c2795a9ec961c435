"""Reading one message, and the lists of attachments and of what was not read."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest

from tests.cli.conftest import Papertrail, Ran, run_papertrail, write_config

OFFER = b"""From: Dana Ortiz <dana@school.example>\r
To: mum@mail.example\r
Subject: Speech\r
Date: Mon, 2 Mar 2026 09:00:00 -0700\r
Message-ID: <offer@school.example>\r
\r
We propose 30 minutes of speech a week, beginning on Monday.\r
"""
ANSWER = b"""From: Mum <mum@mail.example>\r
To: dana@school.example\r
Subject: Re: Speech \x1b[2J\x1b]52;c;ZXZpbA==\x07 \xc2\x9b31m \xe2\x80\xae\r
Date: Tue, 3 Mar 2026 09:00:00 -0700\r
Message-ID: <answer@mail.example>\r
In-Reply-To: <offer@school.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: text/plain; charset=utf-8\r
\r
I do not agree [red]at all[/red]. \x1b[31m\r
\r
On Mon, Mar 2, 2026 at 9:00 AM Dana Ortiz <dana@school.example> wrote:\r
> We propose 60 minutes of speech a week, beginning on Monday.\r
--b\r
Content-Type: text/plain; name="notes.txt"\r
Content-Disposition: attachment; filename="notes.txt"\r
\r
The aide was not there on Monday.\r
--b\r
Content-Type: audio/mpeg; name="call.mp3"\r
Content-Disposition: attachment; filename="call.mp3"\r
\r
x\r
--b--\r
"""


@pytest.fixture(scope="module")
def papertrail(tmp_path_factory: pytest.TempPathFactory) -> Papertrail:
    """The command line with two letters in the archive; no test changes it."""
    folder = tmp_path_factory.mktemp("show")
    (folder / "mail").mkdir()
    (folder / "mail" / "1.eml").write_bytes(OFFER)
    (folder / "mail" / "2.eml").write_bytes(ANSWER)
    nowhere = SimpleNamespace(host="127.0.0.1", port=1, username="mum")
    config = write_config(folder / "config.toml", folder / "Paper Trail", nowhere)

    def run(*arguments: str, **environment: str) -> Ran:
        return run_papertrail(config, *arguments, **environment)

    assert run("import", str(folder / "mail")).status == 0
    return run


def test_a_message_is_shown_as_a_person_reads_it(papertrail: Papertrail) -> None:
    shown = papertrail("show", "<answer@mail.example>")

    assert shown.status == 0
    assert "I do not agree [red]at all[/red]." in shown.out
    assert "We propose 60" not in shown.out
    assert "[1 line quoted from Dana Ortiz, 2 March 2026; the original is here:" in shown.out
    assert 'the quote has "60" where the original has "30"' in shown.out
    assert "notes.txt (7 words)" in shown.out
    assert "call.mp3 (audio/mpeg, 1 bytes) - not read" in shown.out


def test_no_command_sends_a_terminal_what_it_would_obey(papertrail: Papertrail) -> None:
    """A subject that clears the screen or writes to the clipboard is only letters."""
    for arguments in (
        ("show", "answer@mail.example"),
        ("show", "answer@mail.example", "--all"),
        ("show", "answer@mail.example", "--headers"),
        ("show", "answer@mail.example", "--format", "jsonl"),
        ("attachments",),
        ("threads",),
    ):
        out = papertrail(*arguments).out
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", out), arguments


def test_every_view_of_a_message(papertrail: Papertrail) -> None:
    record = json.loads(papertrail("show", "answer@mail.example", "--format", "jsonl").out)
    prefix = record["sha256"][:8]
    whole = papertrail("show", prefix, "--all").out
    part = papertrail("show", prefix, "--part", "notes").out
    headers = papertrail("show", "#1", "--headers").out
    original = papertrail("show", "offer@school.example", "--raw").out

    assert "> We propose 60 minutes" in whole
    assert part.strip() == "The aide was not there on Monday."
    assert headers.startswith("From: Dana Ortiz <dana@school.example>\n")
    assert original.replace("\r", "") == OFFER.decode().replace("\r", "")
    assert [(s["kind"], s["unsure"], s["day"]) for s in record["spans"]] == [
        ("own", False, None),
        ("attribution", False, None),
        ("quoted", False, "2026-03-02"),
    ]
    assert [(q["altered"], q["differences"]) for q in record["quotes"]] == [
        (True, [{"held": "30", "quoted": "60"}])
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "nobody@x.example"), "There is no message 'nobody@x.example'"),
        (("show", "#9"), "There is no message '#9'"),
        (("show", "answer@mail.example", "--part", "call.mp3"), "call.mp3 was not read"),
        (("show", "answer@mail.example", "--part", "notes.txt", "--page", "2"), "has no pages"),
    ],
)
def test_what_is_not_there_is_said(
    papertrail: Papertrail, arguments: tuple[str, ...], sentence: str
) -> None:
    said = papertrail(*arguments)

    assert said.status == 2
    assert sentence in said.err


def test_what_was_not_read_is_listed_with_what_would_help(papertrail: Papertrail) -> None:
    unread = papertrail("unread")
    rows = [
        json.loads(line) for line in papertrail("attachments", "--format", "jsonl").out.splitlines()
    ]

    assert unread.status == 1
    assert "Listen to it and write down what is said" in unread.out
    assert re.search(r"- call\.mp3 \[[0-9a-f]{12}\]", unread.out)
    assert [(r["name"], r["state"], r["words"]) for r in rows] == [
        ("notes.txt", "read", 7),
        ("call.mp3", "not read", 0),
    ]
