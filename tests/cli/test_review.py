"""`papertrail review`: what a person decides counts, in every command, through every rebuild."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.archive import write_archive
from archiver.cli.reading import read_all
from archiver.cli.review_desk import Desk, NothingToUndoError
from archiver.cli.review_session import run_session
from archiver.cli.show import TerminalProgress
from archiver.config import Settings, load_settings
from archiver.decisions import Verdict
from indexers import events
from indexers.database import remove_reading
from indexers.model import Event, Family, Reading
from reports.review import Item, in_order
from tests.cli.conftest import imported, journal, letter, run_here
from tests.cli.test_reports import everything_in

MUM, SCHOOL = "mum@mail.example", "teacher@school.example"
OUT = "Ms. Ortiz was out yesterday, so there was no speech session."
BOTH = "There was no speech on February 2 and no speech on February 3 because Ms. Ortiz was out."
LESS = "We propose to reduce speech to 30 minutes a week."
SECRET = "zanzibar"


def letters() -> list[bytes]:
    return [
        letter(1, body=f"Dear family,\n\n{OUT} {LESS}\n\nDana"),
        letter(2, MUM, SCHOOL, "I do not agree with the reduction of speech. Please send me the "
               "logs of all sessions. I am asking for an IEP meeting."),
        letter(3, body=BOTH),
        letter(4, MUM, SCHOOL, f"You told me: {OUT}"),
        letter(5, body=f"For {SECRET} {OUT}"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that tests copy."""
    folder = tmp_path_factory.mktemp("made")
    imported(folder, letters())
    return folder


@pytest.fixture
def config(made: Path, tmp_path: Path) -> Path:
    return copied(made, tmp_path / "copy")


def copied(made: Path, folder: Path) -> Path:
    shutil.copytree(made, folder)
    config = folder / "c.toml"
    config.write_text(config.read_text().replace(str(made), str(folder)))
    return config


def listed(config: Path, status: str = "suggested") -> list[dict[str, object]]:
    out = run_here(config, "review", "list", "--status", status, "--format", "jsonl").out
    return [json.loads(line) for line in out.splitlines()]


def timeline(config: Path) -> dict[str, dict[str, object]]:
    out = run_here(config, "timeline", "--format", "jsonl").out
    return {e["id"]: e for e in map(json.loads, out.splitlines())}


def test_what_matters_most_comes_first(config: Path) -> None:
    rows = listed(config)

    important = [
        row["kind_code"] in {"proposal", "refusal", "objection", "missed_service"} for row in rows
    ]
    assert important == sorted(important, reverse=True)
    assert len(rows) > important.count(True) > 3


def test_confirmed_is_in_the_paper_and_suggested_is_not(config: Path, tmp_path: Path) -> None:
    """PDF and Word carry only what a person confirmed."""
    first, second = listed(config)[:2]
    run_here(config, "review", "confirm", str(first["id"])[:6])
    target = tmp_path / "c.docx"

    said = run_here(config, "report", "chronology", "-o", str(target)).out

    assert said.startswith("Wrote 1 entry")
    assert str(first["words"]).lower() in " ".join(everything_in(target).split())
    assert timeline(config)[str(first["id"])]["status"] == "confirmed"
    assert timeline(config)[str(second["id"])]["status"] == "suggested"


def test_dismissed_is_nowhere_and_can_come_back(config: Path, tmp_path: Path) -> None:
    row = next(r for r in listed(config) if r["kind_code"] == "proposal")

    assert run_here(config, "review", "dismiss", str(row["id"])).status == 0

    assert row["id"] not in timeline(config)
    assert "Nothing was found" in run_here(config, "search", "kind:proposal reduce").out
    run_here(config, "report", "chronology", "--all", "-o", str(tmp_path / "c.json"))
    assert LESS not in [
        source["quote"]
        for line in json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["lines"]
        for source in line["sources"]
    ]
    assert [r["id"] for r in listed(config, "dismissed")] == [row["id"]]
    assert run_here(config, "review", "confirm", str(row["id"])).status == 0
    assert timeline(config)[str(row["id"])]["status"] == "confirmed"
    run_here(config, "review", "undo")
    assert row["id"] not in timeline(config)
    run_here(config, "review", "undo")
    assert timeline(config)[str(row["id"])]["status"] == "suggested"
    assert run_here(config, "review", "undo").status == 2


def test_a_correction_counts_everywhere(config: Path, tmp_path: Path) -> None:
    row = next(r for r in listed(config) if r["kind_code"] == "proposal")

    ran = run_here(
        config, "review", "correct", str(row["id"]), "--kind", "missed", "--date", "March 2",
        "--service", "occupational therapy", "--minutes", "45", "--reason", "vacancy",
        "--people", "Dana Ortiz, OT", "--note", f"ask about {SECRET}",
    )  # fmt: skip

    assert ran.out == (
        "Corrected: Missed service: Occupational therapy, Mon, March 2, 2026, 45 minutes\n"
    )
    (made,) = (e for e in timeline(config).values() if e["status"] == "corrected")
    assert (made["kind"], made["date"], made["service"], made["minutes"], made["reason"]) == (
        "missed_service", "2026-03-02", "ot", 45, "vacancy",
    )  # fmt: skip
    assert made["sources"][0]["quote"] == LESS  # type: ignore[index]
    target = tmp_path / "c.json"
    run_here(config, "report", "chronology", "--confirmed-only", "-o", str(target))
    (line,) = json.loads(target.read_text(encoding="utf-8"))["lines"]
    assert "Named: Dana Ortiz (OT)." in line["happened"]
    assert SECRET not in target.read_text(encoding="utf-8")  # a note is the family's own
    told = run_here(config, "why", str(made["id"])).out
    for said in ("kind: proposal → missed_service", "service: none → ot", f"ask about {SECRET}"):
        assert said in told


def test_who_did_it_and_what_it_is_about_are_corrected_for_good(
    config: Path, tmp_path: Path
) -> None:
    row = next(r for r in listed(config) if r["kind_code"] == "objection")

    ran = run_here(
        config, "review", "correct", str(row["id"]), "--actor", "advocate",
        "--topics", "the bus, independent evaluation, iee",
    )  # fmt: skip

    assert ran.out.endswith("; by: other; about: transportation, independent evaluation\n")
    run_here(config, "rebuild")
    (made,) = (e for e in timeline(config).values() if e["status"] == "corrected")
    assert (made["id"], made["actor"], made["topics"]) == (
        row["id"], "other", ["transport", "iee"],
    )  # fmt: skip
    told = run_here(config, "why", str(made["id"])).out
    assert "who: parent → other" in told
    assert "→ transport, iee" in told
    target = tmp_path / "c.csv"
    run_here(config, "report", "chronology", "-o", str(target))
    assert "Somebody else writes an objection (about: transportation, independent evaluation)" in (
        target.read_text(encoding="utf-8")
    )
    run_here(config, "review", "correct", str(row["id"]), "--topics", "")
    assert timeline(config)[str(row["id"])]["topics"] == []
    run_here(config, "review", "undo")
    assert timeline(config)[str(row["id"])]["topics"] == ["transport", "iee"]


def test_who_and_about_follow_a_corrected_kind(config: Path) -> None:
    row = next(r for r in listed(config) if r["kind_code"] == "proposal")

    run_here(config, "review", "correct", str(row["id"]), "--kind", "request")

    (made,) = (e for e in timeline(config).values() if e["status"] == "corrected")
    assert (made["kind"], made["actor"], made["topics"]) == ("request", "parent", ["services"])
    run_here(config, "review", "correct", str(made["id"]), "--kind", "meeting", "--actor", "school")
    (made,) = (e for e in timeline(config).values() if e["status"] == "corrected")
    assert (made["kind"], made["actor"], made["topics"]) == ("meeting", "school", [])


def test_a_line_keeps_its_number_when_it_is_corrected(config: Path, tmp_path: Path) -> None:
    target = tmp_path / "c.json"

    def numbers() -> dict[str, int]:
        run_here(config, "report", "chronology", "--all", "-o", str(target))
        lines = json.loads(target.read_text(encoding="utf-8"))["lines"]
        return {line["sources"][0]["quote"] + line["kind"]: line["number"] for line in lines}

    before = numbers()
    row = next(r for r in listed(config) if r["kind_code"] == "proposal")
    run_here(config, "review", "correct", str(row["id"]), "--date", "2026-02-02")

    assert numbers() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--date", "soon"), "'soon' is no day"),
        (("--kind", "magic", "--minutes", "x"), "'x' is no number"),
        (("--until", "2020-01-01"), "is before the first"),
        (("--service", "ot"), "correct the kind, too"),
        (("--actor", "parent"), "what a parent proposes is a request"),
        (("--actor", ""), "choose from school, parent, other"),
        (("--kind", "request", "--actor", "school"), "A request is not the school’s"),
        (("--topics", "services, magic"), "'magic' is no topic; choose from iee"),
        (("--kind", "meeting", "--topics", "services"), "correct the kind, too"),
        ((), "Say what is wrong"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(
    config: Path, arguments: tuple[str, ...], said: str
) -> None:
    row = next(r for r in listed(config) if r["kind_code"] == "proposal")
    before = timeline(config)

    ran = run_here(config, "review", "correct", str(row["id"]), *arguments)

    assert ran.status == 2
    assert said in ran.err
    assert timeline(config) == before


def test_a_telling_nobody_looked_at_does_not_ride_on_one_that_was_confirmed(
    config: Path, tmp_path: Path
) -> None:
    """Two letters tell of the same missed session; a person confirms it, then a third comes."""
    many = next(r for r in listed(config) if r["tellings"] != 1)
    run_here(config, "review", "confirm", str(many["id"]))
    mail = tmp_path / "later"
    mail.mkdir()
    (mail / "6.eml").write_bytes(letter(6, body=f"As I said: {OUT} It was 45 minutes."))
    run_here(config, "import", str(mail))

    entry = timeline(config)[str(many["id"])]
    statuses = [source.get("status") for source in entry["sources"]]  # type: ignore[attr-defined]
    assert entry["status"] == "confirmed"
    assert statuses.count(None) == 1
    assert many["id"] in {row["id"] for row in listed(config)}  # it asks for the new one
    target = tmp_path / "c.json"
    run_here(config, "report", "chronology", "--confirmed-only", "-o", str(target))
    lines = json.loads(target.read_text(encoding="utf-8"))["lines"]
    (line,) = (line for line in lines if line["id"] == many["id"])
    assert {source["status"] for source in line["sources"]} == {"confirmed"}


def test_a_message_marked_as_privileged_is_in_no_report_and_no_bundle(
    config: Path, tmp_path: Path
) -> None:
    arguments = ("review", "privileged", "<5@test.example>")
    before = tmp_path / "before.json"
    run_here(config, "report", "chronology", "--all", "-o", str(before))
    assert SECRET in everything_in(before)

    assert run_here(config, *arguments).status == 0

    for name in ("chronology.html", "chronology.json", "people.json"):
        report, target = name.split(".")[0], tmp_path / name
        more = ["--all"] if report == "chronology" else []
        run_here(config, "report", report, "-o", str(target), *more)
        assert SECRET not in everything_in(target)
    assert ",privileged," in run_here(config, "report", "withheld", "--format", "csv").out
    assert "1 message" in run_here(config, "search", f"is:privileged {SECRET}").out
    ran = run_here(config, "bundle", "--after", "2000-01-01", "-o", str(tmp_path / "packet"))
    assert ran.status == 1
    packed = [path for path in (tmp_path / "packet").rglob("*") if path.is_file()]
    assert [path.name for path in packed if SECRET in everything_in(path)] == []
    run_here(config, "rebuild")
    assert "1 message" in run_here(config, "search", "is:privileged").out
    run_here(config, *arguments, "--clear")
    assert "Nothing was found" in run_here(config, "search", "is:privileged").out


def test_while_the_nightly_job_runs_nothing_is_shown_without_what_was_told(
    config: Path, tmp_path: Path
) -> None:
    """Marked a minute ago, in no report now, even if the reading cannot be brought up to date."""
    archive, target = tmp_path / "copy" / "Paper Trail", tmp_path / "c.html"
    report = ("report", "people", "-o", str(target))
    assert run_here(config, *report).status == 0
    with FileLock(archive / ".lock"):
        ran = run_here(config, *report)
    assert "at work" in ran.err
    assert ran.status == 0
    run_here(config, "review", "privileged", "<5@test.example>")

    with FileLock(archive / ".lock"):
        assert run_here(config, *report).status == 3
        assert run_here(config, "timeline").status == 3

    assert run_here(config, *report).status == 0


def test_a_message_told_not_to_be_privileged_may_leave(made: Path, tmp_path: Path) -> None:
    """The attorney was copied on a letter to everybody."""
    config = copied(made, tmp_path / "copy")
    config.write_text(config.read_text().replace('"law.example"', '"teacher@school.example"'))
    target = tmp_path / "c.json"
    run_here(config, "report", "chronology", "--all", "-o", str(target))
    assert SECRET not in target.read_text(encoding="utf-8")

    run_here(config, "review", "privileged", "<5@test.example>", "--not")

    run_here(config, "report", "chronology", "--all", "-o", str(target))
    assert SECRET in target.read_text(encoding="utf-8")
    assert LESS not in target.read_text(encoding="utf-8")  # another letter of the same person


def test_decisions_outlast_another_model(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that finds nothing; then one that quotes otherwise and reads every day a day later."""
    rows = [r for r in listed(config) if r["tellings"] == 1 and r["words"] != BOTH]
    confirmed, dismissed, corrected = (str(row["id"]) for row in rows[:3])
    run_here(config, "review", "confirm", confirmed)
    run_here(config, "review", "dismiss", dismissed)
    run_here(config, "review", "correct", corrected, "--date", "2026-02-02")
    before, found = timeline(config), events.find_events

    def told() -> dict[str, list[object]]:
        entries = timeline(config).values()
        return {
            str(e["sources"][0]["quote"]): [e["kind"], e["date"], e["status"]]  # type: ignore[index]
            for e in entries
            if e["status"] != "suggested"
        }

    decided = told()
    assert len(decided) == 2
    monkeypatch.setattr(events, "find_events", lambda reading, family: [])
    monkeypatch.setattr(events, "detector_version", lambda: "finds nothing")
    assert told() == decided
    assert len(timeline(config)) == 2

    def otherwise(reading: Reading, family: Family) -> list[Event]:
        return [
            replace(
                event,
                on=event.on + timedelta(days=1),
                citation=replace(
                    event.citation, start=event.citation.start + 3, quote=event.citation.quote[3:]
                ),
            )
            for event in found(reading, family)
        ]

    monkeypatch.setattr(events, "find_events", otherwise)
    monkeypatch.setattr(events, "detector_version", lambda: "finds otherwise")
    assert told() == decided
    assert len(timeline(config)) == len(before)


def test_what_is_named_wrongly_is_refused(config: Path) -> None:
    assert run_here(config, "review", "confirm", "zzzz").status == 2
    run_here(config, "log", "note", "--date", "2026-03-04", "--text", "x")
    own = next(e["id"] for e in timeline(config).values() if e["kind"] == "note")
    ran = run_here(config, "review", "dismiss", str(own))
    assert ran.status == 2
    assert "your own record" in ran.err
    assert run_here(config, "why", str(own)).status == 0


def test_confirming_twice_writes_once(config: Path) -> None:
    row = str(listed(config)[0]["id"])
    run_here(config, "review", "confirm", row, row)
    before = len(journal(config.parent / "Paper Trail"))

    assert "Confirmed already" in run_here(config, "review", "confirm", row).out

    assert len(journal(config.parent / "Paper Trail")) == before


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["confirm", "dismiss", "correct", "undo", "mark", "unmark"]),
        st.integers(0, 40),
    ),
    min_size=1,
    max_size=7,
)


def state(settings: Settings) -> object:
    """All that depends on what a person decided."""
    db = sqlite3.connect(settings.archive.path / "derived" / "reading.sqlite")
    rows = db.execute("SELECT * FROM events ORDER BY digest, number").fetchall()
    standings = db.execute("SELECT digest, standing FROM messages ORDER BY 1").fetchall()
    db.close()
    with Desk(settings) as desk:
        return rows, standings, [(i.entry, i.events) for i in (*desk.items, *desk.dismissed)]


@settings(max_examples=6)
@given(acts=ACTS)
def test_any_sequence_of_decisions_is_the_same_after_a_rebuild(
    acts: list[tuple[str, int]], made: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    config = copied(made, tmp_path_factory.mktemp("acts") / "copy")
    told = load_settings(config)
    stands: list[object] = []
    with Desk(told) as desk:
        for act, which in acts:
            items = [item for item in (*desk.items, *desk.dismissed) if item.events]
            before = [(item.entry, item.events) for item in desk.items]
            item = items[which % len(items)]
            if act == "undo":
                try:
                    desk.undo()
                except NothingToUndoError:
                    assert not stands
                else:
                    assert [(i.entry, i.events) for i in desk.items] == stands.pop()
                continue
            if act in {"mark", "unmark"}:
                desk.mark(item.events[0].citation.digest, act == "mark")
            else:
                verdict, changes = {
                    "confirm": (Verdict.CONFIRMED, {}),
                    "dismiss": (Verdict.DISMISSED, {}),
                    "correct": (Verdict.CORRECTED, {"minutes": which}),
                }[act]
                desk.decide([item], verdict, changes)
            stands.append(before)
            desk.refresh()
    kept = state(told)

    with write_archive(told.archive.path) as archive:
        archive.forget_catalogue()
        remove_reading(archive.derived / "reading.sqlite")
        read_all(told, archive, TerminalProgress())

    assert state(told) == kept


def session(config: Path, keys: str, *typed: str, kind: str = "") -> str:
    """A sitting at the terminal, its keys pressed one after another; all that is said in it."""
    pressed = iter(keys)

    def key() -> str:
        return next(pressed)

    import click.testing

    with (
        click.testing.CliRunner().isolation(input="\n".join([*typed, ""])) as streams,
        Desk(load_settings(config)) as desk,
    ):

        def choose() -> list[Item]:
            waiting = (i for i in desk.items if i.waiting and i.entry.kind.startswith(kind))
            return in_order(waiting)

        run_session(desk, choose, key)
        return str(streams[0].getvalue().decode())


def test_a_sitting_goes_on_where_it_was_left(config: Path) -> None:
    before = [row["id"] for row in listed(config)]

    said = session(config, "ynsq")

    assert "1 confirmed, 1 dismissed" in said
    now = [row["id"] for row in listed(config)]
    assert [*before[:2], *now] == before  # what was skipped waits too
    said = session(config, "uuuq")  # the third time there is nothing to take back
    assert "There is nothing to take back." in said
    assert [row["id"] for row in listed(config)] == before


def test_a_correction_is_made_a_field_at_a_time(config: Path) -> None:
    said = session(
        config, "cdmmsewakn\rq", "soon", "many", "20", "ot", "2020-01-01", "me", "magic",
        "missed service", "me", kind="proposal",
    )  # fmt: skip

    assert "by: school; about: services" in " ".join(said.split())  # as it is now
    for wrong in (
        "'soon' is no day", "'many' is no number", "is before the first",
        "what a parent proposes is a", "'magic' is no topic",
    ):  # fmt: skip
        assert wrong in said
    assert "Now" not in said
    assert "1 corrected" in said
    (made,) = (e for e in timeline(config).values() if e["status"] == "corrected")
    assert (made["kind"], made["date"], made["minutes"], made["service"]) == (
        "missed_service", "2026-03-04", None, "other",
    )  # fmt: skip
    assert session(config, "cxq", kind="request").count("Left as it was") == 1
    said = session(config, "cwa\rq", "advocate", "esy", kind="request")
    assert "; by: other; about: extended school year" in said


def test_days_that_one_sentence_tells_of_are_decided_together(config: Path) -> None:
    def statuses() -> list[object]:
        entries = timeline(config).values()
        sources = [s for e in entries for s in e["sources"]]  # type: ignore[attr-defined]
        return [s.get("status", "suggested") for s in sources if s["quote"] == BOTH]

    both = statuses()
    assert both == ["suggested", "suggested"]
    later = "sq" if listed(config)[0]["words"] != BOTH else "q"
    assert "These words tell of 2: also Feb 3." in session(config, later, kind="missed")
    session(config, later.replace("q", "aq"), kind="missed")

    assert statuses() == ["confirmed", "confirmed"]
    run_here(config, "review", "undo")
    assert statuses() == both
    session(config, later.replace("q", "cs\ryq"), "ot", kind="missed")
    corrected = [e for e in timeline(config).values() if e["status"] == "corrected"]
    assert [(e["service"], e["date"]) for e in corrected] == [
        ("ot", "2026-02-02"), ("ot", "2026-02-03"),
    ]  # fmt: skip


def test_keys_that_mean_nothing_do_nothing(config: Path) -> None:
    before = journal(config.parent / "Paper Trail")

    assert "does nothing here" in session(config, "zé\x1b")
    assert "nothing decided" in session(config, "wwoo?  pq" + "q" * 9)

    assert journal(config.parent / "Paper Trail") == before


def test_the_screen_fits_and_no_mail_steers_the_terminal(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = letter(
        7,
        "=?utf-8?q?Mr_=1B[2J=07_Evil?= <evil@school.example>",
        body=f"\x1b]0;owned\x07 \u202e{'long words ' * 90} {OUT}\x1b[31m {'more ' * 300}",
    ).replace(b"Subject: Letter 7", b"Subject: =?utf-8?q?=1B[5mblink?=")
    config = imported(tmp_path, [hostile])
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")

    said = session(config, "?" + "q" * 12)

    assert ">> " in said
    assert not {"\x1b", "\x07", "\u202e", "\r"} & set(said)
    first = said.split("y  yes: it happened")[0]
    assert max(map(len, first.splitlines())) <= 80
    assert len(first.splitlines()) <= 24


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_on_a_real_terminal(config: Path) -> None:
    """Bytes from a keyboard, a screen of 80 columns, no colour."""
    main, follower = pty.openpty()
    environment = {**os.environ, "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    process = subprocess.Popen(
        [sys.executable, "-m", "archiver.cli", "--config", str(config), "review"],
        stdin=follower, stdout=follower, stderr=follower, env=environment, close_fds=True,
    )  # fmt: skip
    os.close(follower)
    read = reader(main)
    assert "y confirm" in read("? help")
    time.sleep(0.5)  # what is typed before a screen is whole is thrown away
    os.write(main, b"y")
    assert "Confirmed." in read("Confirmed.")
    time.sleep(0.5)
    os.write(main, b"\x03")
    assert "1 confirmed" in read("goes on with them")
    assert process.wait(10) == 0
    os.close(main)
    assert len(listed(config, "confirmed")) == 1


def reader(terminal: int) -> Callable[[str], str]:
    def read(until: str) -> str:
        said, end = "", time.monotonic() + 20
        while until not in said and time.monotonic() < end:
            ready, _, _ = select.select([terminal], [], [], 0.2)
            if ready:
                try:
                    said += os.read(terminal, 65536).decode("utf-8", "replace")
                except OSError:
                    break
        return said

    return read
