"""Words that are not the sender's, through every command that shows an event."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import imported, letter, run_here

MUM, GRAN, SCHOOL = "mum@mail.example", "gran@mail.example", "teacher@school.example"
OUT = "I was out sick yesterday, so Maya did not have speech."
FORWARDED = (
    "She sent this to me alone.\n\n---------- Forwarded message ---------\n"
    f"From: Dana Ortiz <dana@school.example>\nDate: Wed, Feb 25, 2026 at 9:00 AM\n"
    f"Subject: speech\nTo: <{MUM}>\n\n{OUT}\n"
)
INLINE = (
    "On Mon, Mar 2, 2026 at 9:00 AM Mum <mum@mail.example> wrote:\n"
    "> Did she have speech?\n\nNo. There was no speech therapy on March 3.\n"
)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forwarded")
    return imported(folder, [
        letter(1, MUM, SCHOOL, FORWARDED), letter(2, SCHOOL, MUM, INLINE),
    ])  # fmt: skip


def missed(config: Path) -> dict[str, dict[str, object]]:
    """Lines of missed services, by day."""
    rows = run_here(config, "timeline", "--format", "jsonl").out.splitlines()
    return {row["date"]: row for row in map(json.loads, rows) if row["kind"] == "missed_service"}


def test_both_are_told_on_their_own_days_and_why_shows_their_words(config: Path) -> None:
    found = missed(config)

    assert set(found) == {"2026-02-24", "2026-03-03"}
    for row, words in ((found["2026-02-24"], OUT), (found["2026-03-03"], "on March 3")):
        why = run_here(config, "why", str(row["id"]))
        assert why.status == 0
        assert words in " ".join(why.out.split())


def test_the_one_to_decide_on_it_sees_whose_words_they_are(config: Path) -> None:
    name = str(missed(config)["2026-02-24"]["id"])

    said = " ".join(run_here(config, "why", name).out.split())

    assert "by its own heading of Dana Ortiz on Wed, February 25, 2026" in said
    assert run_here(config, "review", "list").status == 0
    assert run_here(config, "review", "confirm", name).status == 0
    assert missed(config)["2026-02-24"]["status"] == "confirmed"


def test_the_report_says_it_too(config: Path, tmp_path: Path) -> None:
    target = tmp_path / "c.json"

    assert run_here(config, "report", "chronology", "--all", "-o", str(target)).status == 0

    assert "by its own heading of Dana Ortiz" in target.read_text(encoding="utf-8")
