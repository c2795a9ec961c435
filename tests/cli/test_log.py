"""`papertrail log`: the parent's own record, kept apart from mail and never overwritten."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import imported, journal, letter, run_here
from tests.cli.test_reports import everything_in

SECRET = "zanzibar"  # no word of any report
MEETING = (
    "log", "meeting", "--date", "2026-03-04", "--from", "3 pm", "--to", "4:10 pm",
    "--with", "Dana Ortiz, speech therapist", "--with", "Lee Hale (principal)",
    "--proposed", "school: reduce speech to 30 minutes a week",
    "--objected", "I: the cut in speech", "--promised", "Mr. Hale: send the logs",
)  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Path:
    out = "Ms. Ortiz was out yesterday, so there was no speech session."
    return imported(tmp_path, [letter(1, body=out)])


def timeline(config: Path) -> list[dict[str, object]]:
    out = run_here(config, "timeline", "--format", "jsonl").out
    return [json.loads(line) for line in out.splitlines()]


def test_a_meeting_is_in_the_chronology_with_what_was_proposed_and_objected_to(
    config: Path,
) -> None:
    ran = run_here(config, *MEETING)

    assert ran.status == 0, ran.said
    assert "Kept as entry 1" in ran.out
    own = [e for e in timeline(config) if e["status"] == "recorded"]
    told = [(e["kind"], e["date"], e["actor"], e["sources"][0]["quote"]) for e in own]  # type: ignore[index]
    assert [row[:3] for row in told] == [
        ("meeting", "2026-03-04", "parent"),
        ("objection", "2026-03-04", "parent"),
        ("proposal", "2026-03-04", "school"),
    ]
    assert told[2][3] == "Proposed by the school: reduce speech to 30 minutes a week"
    assert "With: Dana Ortiz (speech therapist); Lee Hale (principal)" in str(told[0][3])


def test_a_report_says_whose_record_it_is_and_how_long_after_it_was_entered(
    config: Path, tmp_path: Path
) -> None:
    run_here(config, *MEETING)
    target = tmp_path / "c.json"

    assert run_here(config, "report", "chronology", "-o", str(target)).status == 0

    lines = json.loads(target.read_text(encoding="utf-8"))["lines"]
    (meeting,) = (line for line in lines if line["kind_code"] == "meeting")
    assert meeting["happened"].startswith("The parent’s own record: ")
    assert meeting["confirmed"] is True
    (source,) = meeting["sources"]
    assert source["own"] is True
    assert "entered " in source["place"]
    assert " days after that day); line " in source["place"]
    assert "late" not in source["place"]
    written = journal(tmp_path / "Paper Trail")
    number = int(source["place"].rsplit("line ", 1)[1].split()[0])
    assert written[number - 1]["link"] == source["digest"]


def test_an_edit_is_a_new_version_and_a_withdrawal_keeps_the_history(
    config: Path, archive: Path
) -> None:
    run_here(config, *MEETING)
    before = {e["id"] for e in timeline(config)}

    run_here(config, "log", "edit", "1", "--objected", "", "--text", "as I recall it")
    assert run_here(config, "log", "edit", "1", "--text", "as I recall it").out.count("already")
    shown = run_here(config, "log", "show", "1", "--history").out

    assert "the cut in speech" in shown
    assert "as I recall it" in shown
    assert {e["id"] for e in timeline(config)} < before  # the rest of its lines keep their ids
    run_here(config, "log", "withdraw", "1", "--reason", "twice")
    assert [e for e in timeline(config) if e["status"] == "recorded"] == []
    assert "twice" in run_here(config, "log", "show", "1", "--history").out
    kinds = [entry["kind"] for entry in journal(archive)]
    assert kinds[-3:] == ["logged", "logged", "withdrawn"]
    assert run_here(config, "verify").status == 0
    assert run_here(config, "log", "edit", "1", "--text", "x").status == 2


def test_rebuild_gives_the_same(config: Path) -> None:
    run_here(config, *MEETING)
    run_here(config, "log", "edit", "1", "--text", "more")
    before = timeline(config)

    assert run_here(config, "rebuild").status == 0

    assert timeline(config) == before


def test_what_is_wrong_is_said_all_at_once_and_nothing_is_kept(config: Path, archive: Path) -> None:
    before = len(journal(archive))

    soon = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    ran = run_here(
        config, "log", "service", "--date", soon, "--minutes", "many", "--service", "magic"
    )

    assert ran.status == 2
    for word in ("still to come", "'many' is no number", "'magic' is no service", "Nothing was"):
        assert word in ran.err
    ran = run_here(config, "log", "service", "--date", "2026-03-04", "--service", "ot")
    assert "given or not" in ran.err
    assert len(journal(archive)) == before


def test_the_same_thing_entered_twice_is_one_entry(config: Path) -> None:
    run_here(config, *MEETING)

    assert "entry 1 already" in run_here(config, *MEETING).out


def test_a_service_told_by_mail_and_by_the_parent_is_one_line_with_both(config: Path) -> None:
    """The letter of 4 March says that there was no speech yesterday."""
    (mail,) = (e for e in timeline(config) if e["kind"] == "missed_service")
    service = str(mail["service"])

    run_here(config, "log", "service", "--date", str(mail["date"]), "--service", service,
             "--not-given", "--reason", "Dana was sick", "--minutes", "30")  # fmt: skip

    (both,) = (e for e in timeline(config) if e["kind"] == "missed_service")
    assert len(both["sources"]) == 2  # type: ignore[arg-type]
    assert (both["status"], both["minutes"], both["reason"]) == (
        "recorded", 30, "provider_absent",
    )  # fmt: skip


REPORTS = {
    "chronology": ("html", "pdf", "docx", "xlsx", "csv", "json", "ics"),
    "services": ("html", "json"),
    "open-requests": ("html", "json"),
    "meetings": ("html", "json"),
    "people": ("html", "json"),
}


def test_a_private_note_and_a_talk_with_the_attorney_are_in_no_report_and_no_bundle(
    config: Path, tmp_path: Path
) -> None:
    run_here(config, "log", "note", "--date", "2026-03-03", "--private", "--text", SECRET)
    run_here(config, "log", "meeting", "--date", "2026-03-03", "--private", "--with",
             f"Dana {SECRET}", "--proposed", f"school: {SECRET}", "--objected", SECRET)  # fmt: skip
    run_here(config, "log", "service", "--date", "2026-03-03", "--service", "speech",
             "--not-given", "--minutes", "41", "--private", "--text", SECRET)  # fmt: skip
    run_here(config, "log", "call", "--date", "2026-03-03", "--with", "J. Partner, our attorney",
             "--text", SECRET)  # fmt: skip
    run_here(config, "log", "note", "--date", "2026-03-03", "--text",
             f"Partner <partner@law.example> says {SECRET}")  # fmt: skip
    run_here(config, "log", "meeting", "--date", "2026-03-03", "--text",
             f"The mediator offered {SECRET}.")  # fmt: skip
    withheld = run_here(config, "report", "withheld", "--format", "csv").out.splitlines()[1:]
    grounds = {line.rsplit(",", 1)[1]: line.split(",")[3] for line in withheld}
    assert sorted(grounds.values()) == [
        "mediation", "private note", "private note", "private note", "privileged", "privileged",
    ]  # fmt: skip
    assert SECRET not in "".join(withheld)
    assert SECRET in run_here(config, "timeline").out  # on the parent's own screen

    for report, forms in REPORTS.items():
        for form in forms:
            path = tmp_path / "out" / f"{report}.{form}"
            path.parent.mkdir(exist_ok=True)
            more = ["--all"] if report == "chronology" else []
            ran = run_here(config, "report", report, "-o", str(path), *more)
            assert ran.status == 0, ran.said
            assert SECRET not in ran.said + everything_in(path)
            assert '"minutes": 41' not in path.read_text(encoding="utf-8", errors="ignore")
    for digest, ground in grounds.items():
        path = tmp_path / "named.json"
        run_here(config, "report", "chronology", "--all", "-o", str(path), "--include", digest)
        named = SECRET in path.read_text(encoding="utf-8")
        assert named == (ground != "private note")  # that stays even when it is named
    ran = run_here(config, "bundle", "--after", "2000-01-01", "-o", str(tmp_path / "packet"))
    assert ran.status == 0, ran.said
    packed = [path for path in (tmp_path / "packet").rglob("*") if path.is_file()]
    assert packed
    assert [path.name for path in packed if SECRET in everything_in(path)] == []


def test_search_finds_entries_behind_the_mail(config: Path) -> None:
    run_here(config, *MEETING)

    for query in (
        "reduced speech",
        "logs -mediation",
        '"30 minutes a week"',
        "during:2026-03 log*",
    ):
        assert "In your own record: 1" in run_here(config, "search", query).out
    for query in ("logs mediation", '"minutes 30"', "from:dana reduce", "before:2026-03-04 logs"):
        assert "own record" not in run_here(config, "search", query).out
    listed = run_here(config, "log", "list", "--search", "reduce", "--format", "jsonl").out
    assert json.loads(listed)["entry"] == 1


def test_a_spreadsheet_is_entered_once_however_often_it_is_imported(
    config: Path, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    rows = [
        ("Date", "Service", "Given?", "Min", "Therapist", "Why", "Remark"),
        ("2026-03-02", "Speech", "yes", 30, "Dana Ortiz, SLP; Lee Hale", None, "fine"),
        ("3/4/2026", "OT", False, None, None, "field trip", None),
        (None,) * 7,
        ("3/4/2026", "OT", False, None, None, "field trip", None),
    ]
    for row in rows:
        book.active.append(row)
    path = tmp_path / "log.xlsx"
    book.save(path)
    arguments = ("log", "import", str(path), "--map", "Remark=notes")

    dry = run_here(config, *arguments, "--dry-run")
    assert "Would be entered: 2 entries" in dry.out
    assert run_here(config, "log", "list").out.startswith("No entry is there yet")

    first = run_here(config, *arguments)
    assert "Entered: 2 entries; there already: 1 (row 5) as 1 to 2" in first.out
    run_here(config, "log", "edit", "1", "--minutes", "25")
    run_here(config, "log", "withdraw", "2")
    again = run_here(config, *arguments)
    assert "Entered: 0 entries; there already: 3" in again.out  # nothing comes back
    listed = run_here(config, "log", "list", "--format", "jsonl").out.splitlines()
    (entry,) = map(json.loads, listed)
    assert (entry["minutes"], entry["people"], entry["text"], entry["given"]) == (
        25, "Dana Ortiz, SLP; Lee Hale", "fine", True,
    )  # fmt: skip


def test_a_spreadsheet_s_notice_and_agenda_are_taken(config: Path, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "Date,Type,Notice received on,Agenda,With\n3/4/2026,meeting,2/24/2026,Review,Lee Hale\n"
        "3/5/2026,note,,,Lee Hale\n"
    )

    assert run_here(config, "log", "import", str(path)).out.startswith("Entered: 2 entries")
    shown = run_here(config, "log", "show", "1").out
    assert "Told of it on Tue, February 24, 2026, 8 days before" in shown
    assert "Agenda: Review" in shown
    path.write_text("Date,Type,Notice,Agenda\n3/4/2026,meeting,2/24,Review\n")
    assert "'2/24' has no year" in run_here(config, "log", "import", str(path)).err


def test_rows_that_cannot_be_read_are_all_listed_and_none_is_entered(
    config: Path, tmp_path: Path, archive: Path
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "Date;Service;Given;Notes\n3/4/2026;Speech;yes;ok\n3/4;Speech;yes;\n"
        "3/5/2026;magic;perhaps;\x1b[31mred\n3/6/2026;;;\n",
        encoding="cp1252",
    )
    before = len(journal(archive))

    ran = run_here(config, "log", "import", str(path))

    assert ran.status == 2
    for said in (
        "row 3: '3/4' has no year", "row 4: 'magic' is no service", "row 4: 'perhaps' is neither",
        "row 5: what is it?",
    ):  # fmt: skip
        assert said in ran.err
    assert len(journal(archive)) == before
    for content in (b"", b"PK\x03\x04 no zip", b"\x00\x01\x02", b"a,a\n1,2\n", b"x,y\n1,2\n"):
        path.write_bytes(content)
        ran = run_here(config, "log", "import", str(path))
        assert ran.status == 2, content
        assert ran.err.strip()


def test_what_a_spreadsheet_holds_cannot_steer_the_terminal(config: Path, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"Date,Type,Notes\n3/4/2026,note,\x1b]0;owned\x07 \xe2\x80\xae hidden\n")

    run_here(config, "log", "import", str(path))

    said = (
        "".join(
            run_here(config, "log", *more).out
            for more in (("list",), ("show", "1"), ("show", "1", "--history"))
        )
        + run_here(config, "timeline").out
    )
    assert "owned" in said
    assert not {"\x1b", "\x07", "\u202e"} & set(said)


def asked(config: Path, kind: str, *answers: str) -> str:
    """The questions of a guided entry, answered one after another."""
    import click.testing

    from archiver.cli.log_ask import ask_record
    from archiver.cli.log_keeping import all_entries, keep, today_of
    from archiver.config import load_settings
    from archiver.running_log import LogKind

    settings = load_settings(config)
    before = next((e.record for e in all_entries(settings)), None) if kind == "edit" else None
    with click.testing.CliRunner().isolation(input="\n".join(answers) + "\n") as streams:
        which = before.kind if before else LogKind(kind)
        record = ask_record(which, before, today_of(settings))
        said = str(streams[0].getvalue().decode())
    if record is not None:
        keep(settings, [(record, {})])
    return said


def test_a_guided_entry_asks_again_where_it_cannot_be_and_shows_the_whole(config: Path) -> None:
    said = asked(
        config, "meeting", "someday", "2026-03-04", "", "3", "3 pm", "4:10 pm",
        "last fall", "2026-02-24", "Annual review", "Dana Ortiz, speech therapist", "",
        "school: reduce speech", "", "", "", "Long.", "n", "y",
    )  # fmt: skip

    assert "'someday' is no day" in said
    assert "Wed, March 4, 2026" in said
    assert "say am or pm" in said
    assert "'last fall' is no day" in said
    shown = run_here(config, "log", "show", "1").out
    for line in (
        "From 3:00 PM to 4:10 PM",
        "Told of it on Tue, February 24, 2026, 8 days before",
        "Agenda: Annual review",
        "Proposed by the school: reduce speech",
        "Long.",
    ):
        assert line in said
        assert line in shown


def test_a_guided_edit_keeps_what_is_entered_over(config: Path) -> None:
    run_here(config, *MEETING, "--notice", "Feb 24, 2026", "--agenda", "Annual review")

    said = asked(
        config, "edit", "", "", "", "-", "", "-", "", "-", "I: all of it", "", "", "", "", "y"
    )

    assert "now: Dana Ortiz, speech therapist" in said
    (changed,) = (
        json.loads(line)
        for line in run_here(config, "log", "list", "--format", "jsonl").out.splitlines()
        if json.loads(line)["entry"] == 2
    )
    assert (changed["ends"], changed["proposed"], changed["objected"], changed["begins"]) == (
        "", "", "parent: all of it", "15:00",
    )  # fmt: skip
    assert (changed["noticed"], changed["agenda"]) == ("2026-02-24", "")


def test_when_the_parent_was_told_of_a_meeting_is_in_the_reports(
    config: Path, tmp_path: Path
) -> None:
    run_here(config, *MEETING, "--notice", "2026-03-02", "--agenda", "Annual review; speech")
    run_here(config, "log", "edit", "1", "--notice", "2026-03-03")
    run_here(config, "rebuild")

    for report in ("chronology", "meetings"):
        target = tmp_path / f"{report}.docx"
        assert run_here(config, "report", report, "-o", str(target)).status == 0
        said = everything_in(target)
        assert "told of it on tue, march 3, 2026, 1 day before" in said.lower()
        assert "agenda: annual review; speech" in said.lower()
    ran = run_here(config, "log", "call", "--date", "2026-03-03", "--agenda", "x")
    assert ran.status == 2


def test_a_guided_entry_that_is_not_wanted_is_not_kept(config: Path) -> None:
    said = asked(config, "note", "yesterday", "", "", "to myself", "y", "n")

    assert "[private: in no report]" in said
    assert "Nothing was kept." in said
    assert "No entry is there yet" in run_here(config, "log", "list").out
