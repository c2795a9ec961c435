"""`papertrail run` and what it makes: search, timeline, report, rebuild."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from indexers.model import LIKELY
from tests.cli.conftest import letter, run_papertrail, snapshot, write_config
from tests.conftest import SHARED, Served
from tests.servers.dovecot import Dovecot, Mailbox

Serve = Callable[[dict[str, list[bytes]]], Served]

MAIL = {
    "INBOX": [
        letter(1, body="I was out sick yesterday, so Maya did not have speech."),
        letter(
            2,
            body="Lunch menu: tacos on Friday. The spring concert is moved to May. The nurse was "
            "busy this morning.",
        ),
        letter(3, "partner@law.example", body="Our SECRETPLAN is to file for due process."),
        letter(
            4,
            body="See below.",
            extra="MIME-Version: 1.0\nReferences: <1@test.example>\n",
        ),
    ],
    "Sent": [
        letter(
            10,
            "mum@mail.example",
            "teacher@school.example",
            "I disagree with the reduction of her speech minutes and do not consent to it.",
        ),
        letter(
            11,
            "mum@mail.example",
            "dad@mail.example",
            "PRIVATEWORD: the IEP meeting was awful, speech was missed on March 2.",
        ),
        letter(12, "mum@mail.example", "dad@mail.example", "Milk, eggs, bread, school snacks."),
    ],
}


@pytest.fixture
def ran(serve_mail: Serve, tmp_path: Path, archive: Path) -> Path:
    served = serve_mail(MAIL)
    config = write_config(tmp_path / "config.toml", archive, served)
    done = run_papertrail(config, "run", PAPERTRAIL_PASSWORD=served.password)
    assert done.status == 0, done.said
    return config


def timeline(config: Path) -> list[dict[str, object]]:
    done = run_papertrail(config, "timeline", "--format", "jsonl")
    assert done.status == 0, done.said
    return [json.loads(line) for line in done.out.splitlines()]


def test_events_are_found_with_their_day_and_words(ran: Path) -> None:
    entries = {(e["kind"], e["date"]): e for e in timeline(ran)}

    missed = entries["missed_service", "2026-03-03"]
    assert missed["service"] == "speech"
    assert missed["sources"][0]["quote"] == (  # type: ignore[index]
        "I was out sick yesterday, so Maya did not have speech."
    )
    assert ("objection", "2026-03-04") in entries


def test_no_report_holds_a_privileged_or_a_family_word(
    ran: Path, tmp_path: Path, archive: Path
) -> None:
    output = tmp_path / "chronology.html"

    done = run_papertrail(ran, "report", "chronology", "-o", str(output))

    assert done.status == 0, done.said
    for page in (output, archive / "exports" / "chronology.html"):
        text = page.read_text("utf-8")
        for word in ("SECRETPLAN", "PRIVATEWORD", "law.example", "dad@mail.example"):
            assert word not in text
        assert "did not have speech" in text


def test_the_parent_finds_everything_and_sees_what_is_privileged(ran: Path) -> None:
    found = run_papertrail(ran, "search", "secretplan")

    assert found.status == 0
    assert "[privileged]" in found.out
    assert "SECRETPLAN" in found.out
    assert "1 message" in found.out
    assert "Nothing was found" in run_papertrail(ran, "search", "groceries").out


QUERIES: list[tuple[list[str], set[int]]] = [
    (["sick"], {1}),
    (["SICK"], {1}),
    (["speech", "minutes"], {10}),
    (["speech minutes"], {10}),
    (['"speech minutes"'], {10}),
    (['"minutes speech"'], set()),
    (["sick OR tacos"], {1, 2}),
    (["speech NOT sick"], {10, 11}),
    (["concer*"], {2}),
    (["concerts"], {2}),
    (["letter", "--from", "law.example"], {3}),
    (["letter", "--after", "2026-03-05"], set()),
]
NONSENSE = ["((((", '"', "NOT", "*", "a:b [x TO", "^2", "x" * 2000, "~", " "]


def test_words_phrases_operators_and_stems_are_found_and_nonsense_shows_no_traceback(
    ran: Path,
) -> None:
    for query, numbers in QUERIES:
        done = run_papertrail(ran, "search", "--format", "jsonl", *query)
        ids = {json.loads(line)["message_id"] for line in done.out.splitlines()}
        assert (done.status, ids) == (0, {f"<{n}@test.example>" for n in numbers}), query
    for nonsense in NONSENSE:
        assert run_papertrail(ran, "search", nonsense).status in {0, 2}, nonsense


def test_a_second_night_without_news_changes_nothing(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    mailbox.deliver(MAIL["INBOX"][0])
    config = write_config(tmp_path / "c.toml", archive, dovecot, username=mailbox.username)
    run_papertrail(config, "run")
    before = snapshot(archive)

    assert run_papertrail(config, "run").status == 0

    assert snapshot(archive) == before


def test_a_rebuild_gives_the_same_content(ran: Path, archive: Path) -> None:
    def dump() -> list[str]:
        with sqlite3.connect(archive / "derived" / "reading.sqlite") as db:
            return list(db.iterdump())

    before, entries = dump(), timeline(ran)
    kept = snapshot(archive / "originals"), (archive / "journal.jsonl").read_bytes()

    assert run_papertrail(ran, "rebuild").status == 0
    assert (dump(), timeline(ran)) == (before, entries)
    shutil.rmtree(archive / "derived")
    assert timeline(ran) == entries
    assert dump() == before
    assert (snapshot(archive / "originals"), (archive / "journal.jsonl").read_bytes()) == kept


def test_damaged_derived_files_are_made_anew(ran: Path, archive: Path) -> None:
    before = timeline(ran)
    for name in ("reading.sqlite", "catalogue.sqlite", "listing.sqlite", "search"):
        target = archive / "derived" / name
        for path in [target] if target.is_file() else target.iterdir():
            path.write_bytes(b"damage" * 100)

        assert timeline(ran) == before, name
        assert "1 message" in run_papertrail(ran, "search", "sick").out, name


def test_an_attorney_named_only_now_makes_old_mail_privileged(
    ran: Path, archive: Path, tmp_path: Path
) -> None:
    text = ran.read_text("utf-8").replace(
        'privileged = ["law.example"]', 'privileged = ["law.example", "teacher@school.example"]'
    )
    ran.write_text(text, "utf-8")
    output = tmp_path / "page.html"

    assert run_papertrail(ran, "report", "chronology", "-o", str(output)).status == 0

    assert "did not have speech" not in output.read_text("utf-8")


def test_csv_and_table_show_the_same_entries(ran: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run_papertrail(ran, "timeline", "--format", "csv").out)))

    assert [row["id"] for row in rows] == [e["id"] for e in timeline(ran)]
    assert "Missed service" in run_papertrail(ran, "timeline").out


def test_status_tells_when_and_what(ran: Path) -> None:
    done = run_papertrail(ran, "status")
    facts = json.loads(run_papertrail(ran, "status", "--format", "jsonl").out)

    assert done.status == 0, done.said
    assert "Nothing needs attention." in done.out
    assert (facts["originals"], facts["read"], facts["attention"]) == (6, 6, [])
    assert facts["last_run"] is not None


def test_help_and_version_need_no_configuration(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"

    assert "nightly job" in run_papertrail(missing, "--help").out
    assert "0.1.0" in run_papertrail(missing, "--version").out
    assert run_papertrail(missing, "pul").status == 2


@pytest.mark.parametrize("name", ["arizona", "ohio"])
def test_a_labelled_mailbox_is_kept_as_it_should_be(
    dovecot: Dovecot, mailbox: Mailbox, corpus: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    """Every school, provider or privileged message byte for byte, and no stranger's."""
    path = corpus(name)
    kit = _kit()
    kit.maildir(path, mailbox.maildir)
    mailbox.own()
    before = mailbox.state()
    done = subprocess.run(
        [
            sys.executable, str(SHARED / "corpus" / "corpus.py"), "config", str(path),
            "--archive", str(tmp_path / "archive"), "--port", str(dovecot.port),
            "--username", mailbox.username,
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    config = tmp_path / "c.toml"
    config.write_text(done.stdout, "utf-8")

    ran = run_papertrail(config, "run")

    assert ran.status == 0, ran.said
    kept = subprocess.run(
        [
            sys.executable, str(SHARED / "corpus" / "corpus.py"), "kept", str(path),
            str(tmp_path / "archive"),
        ],
        capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    missing = int(kept.split(" missing")[0].split()[-1])
    assert " 0 needless, 0 altered" in kept, kept
    assert missing <= 1, kept  # a grandmother whom the family did not name
    assert mailbox.state() == before


def _kit() -> object:
    spec = importlib.util.spec_from_file_location("corpus_kit", SHARED / "corpus" / "corpus.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_faint_guesses_are_shown_only_when_asked_for(ran: Path) -> None:
    """Few events are missing then; most of the guesses are wrong, so no report has them."""
    shown = timeline(ran)
    every = [
        json.loads(line)
        for line in run_papertrail(ran, "timeline", "--all", "--format", "jsonl").out.splitlines()
    ]

    assert {e["id"] for e in shown} <= {e["id"] for e in every}
    assert min(float(str(e["confidence"])) for e in shown) >= LIKELY
    assert min(e["confidence"] for e in every) < LIKELY
    faint = next(str(e["id"]) for e in every if e["id"] not in {e["id"] for e in shown})
    assert run_papertrail(ran, "why", faint).status == 0
