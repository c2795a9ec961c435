"""Promises from an IEP's service grid: shown, confirmed by a person, counted, taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Ran, letter, run_papertrail, write_config

GRID = "Service,Minutes,Frequency\r\nSpeech therapy,30,2 x weekly\r\nNursing,,daily\r\n"


def attached(number: int, sender: str, name: str) -> bytes:
    """A letter with a service grid, as a table that needs no drawing."""
    head, _, _ = letter(number, sender, extra="MIME-Version: 1.0\n").partition(b"Content-Type:")
    return (
        head
        + (
            'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
            "Content-Type: text/plain\r\n\r\nThe draft is attached.\r\n--b\r\n"
            f'Content-Type: text/csv; name="{name}"\r\n'
            f'Content-Disposition: attachment; filename="{name}"\r\n\r\n{GRID}\r\n--b--\r\n'
        ).encode()
    )


def listed(config: Path) -> list[dict[str, object]]:
    ran = run_papertrail(config, "promises", "--format", "jsonl")
    assert ran.status == 0, ran.said
    return [json.loads(line) for line in ran.out.splitlines()]


def ledger(config: Path, folder: Path) -> str:
    ran = run_papertrail(config, "report", "services", "-o", str(folder / "ledger.json"))
    assert ran.status == 0, ran.said
    return (folder / "ledger.json").read_text(encoding="utf-8")


def test_a_grid_counts_once_a_person_confirms_it_and_until_it_is_withdrawn(
    tmp_path: Path, serve_mail: Callable[..., object]
) -> None:
    server = serve_mail(
        {"INBOX": [attached(1, "teacher@school.example", "IEP draft.csv"), letter(2)]}
    )
    config = write_config(tmp_path / "config.toml", tmp_path / "archive", server)
    assert run_papertrail(config, "run").status == 0

    speech, nursing = listed(config)
    assert (speech["service"], speech["read_as"]) == ("speech", "speech: 30 minutes, 2 per week")
    assert (nursing["service"], nursing["status"]) == ("nursing", "found")
    before = ledger(config, tmp_path)
    assert "confirmed by nobody" in before
    assert "Promised: 2 sessions" not in before

    def confirm(*more: str) -> Ran:
        days = ("--start", "2026-01-05", "--end", "2026-05-21")
        return run_papertrail(config, "promises", "confirm", str(speech["id"]), *days, *more)

    assert confirm().status == 0
    run_papertrail(config, "rebuild")
    assert [row["status"] for row in listed(config)] == ["confirmed", "found"]
    assert "Promised: 2 sessions of 30 minutes per week" in ledger(config, tmp_path)
    assert run_papertrail(config, "verify").status == 0

    assert run_papertrail(config, "promises", "withdraw", str(speech["id"])).status == 0
    after = ledger(config, tmp_path)
    assert json.loads(after)["sections"] == json.loads(before)["sections"]


def test_what_the_configuration_promises_already_cannot_be_confirmed(
    tmp_path: Path, serve_mail: Callable[..., object]
) -> None:
    """Its sessions would be counted twice over."""
    server = serve_mail({"INBOX": [attached(1, "teacher@school.example", "IEP.csv")]})
    config = write_config(tmp_path / "config.toml", tmp_path / "archive", server)
    block = '[[service]]\nservice = "speech"\nstart = 2025-08-04\nend = 2026-05-21\n'
    config.write_text(config.read_text("utf-8") + block, encoding="utf-8")
    run_papertrail(config, "run")
    speech = listed(config)[0]

    def confirm(start: str, end: str, name: str = str(speech["id"])) -> Ran:
        return run_papertrail(config, "promises", "confirm", name, "--start", start, "--end", end)

    ran = confirm("2026-05-01", "2026-06-30")
    assert (ran.status, "already promises speech" in ran.said) == (2, True), ran.said
    assert confirm("2026-08-03", "2026-01-01").status == 2
    assert confirm("2026-08-03", "2027-05-21", "feed").status == 2
    assert confirm("2026-08-03", "2027-05-21").status == 0


def test_a_grid_from_an_attorney_is_in_no_report(
    tmp_path: Path, serve_mail: Callable[..., object]
) -> None:
    server = serve_mail({"INBOX": [attached(1, "partner@law.example", "zanzibar.csv"), letter(2)]})
    config = write_config(tmp_path / "config.toml", tmp_path / "archive", server)
    run_papertrail(config, "run")

    assert len(listed(config)) == 2
    assert "zanzibar" not in ledger(config, tmp_path)
