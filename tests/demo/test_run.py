from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest

from demo import run
from demo.server import Server

# Stands in for the installed command: notes how it was called, prints, ends as it is told.
STAND_IN = """\
import json, os, pathlib, sys
here = pathlib.Path(__file__).parent
with (here / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps([sys.argv[1:], os.environ.get("PAPERTRAIL_PASSWORD")]) + "\\n")
statuses = json.loads((here / "statuses.json").read_text())
command = sys.argv[3]
print("\\n".join(f"{command} {n}" for n in range(20)))
sys.exit(statuses.get(command, 0))
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    if sys.platform == "win32":
        pytest.skip("the stand-in is a script that starts with #!")
    command = tmp_path / "papertrail"
    command.write_text(f"#!{sys.executable}\n{STAND_IN}")
    command.chmod(0o755)
    monkeypatch.setattr(run, "find_command", lambda: str(command))

    def end_with(**statuses: int) -> None:
        (tmp_path / "statuses.json").write_text(json.dumps(statuses))

    end_with()
    return end_with


def _calls(folder: Path):
    return [json.loads(line) for line in (folder / "calls.jsonl").read_text().splitlines()]


def test_the_demo_runs_the_real_command_four_times_and_ends_with_the_report(
    stand_in, tmp_path, capfd
):
    output = tmp_path / "out"

    status = run.main(output)

    given = ["--config", str(output / "papertrail.toml")]
    assert status == 0
    assert _calls(tmp_path) == [
        [[*given, "run"], "not-a-secret"],
        [[*given, "timeline", "--format", "table"], "not-a-secret"],
        [[*given, "status"], "not-a-secret"],
        [[*given, "report", "chronology", "-o", str(output / "chronology.html")], "not-a-secret"],
    ]
    printed = capfd.readouterr().out.splitlines()
    assert printed[-1] == str(output / "chronology.html")
    assert [line for line in printed if line.startswith("timeline")] == [
        f"timeline {n}" for n in range(15)
    ]
    assert "… and 5 more lines" in printed


@pytest.mark.parametrize(
    ("statuses", "expected", "commands"),
    [
        ({"run": 3}, 3, ["run"]),
        ({"run": 2}, 2, ["run"]),
        ({"timeline": 3}, 3, ["run", "timeline", "status", "report"]),
        ({"run": 1, "status": 1}, 0, ["run", "timeline", "status", "report"]),
    ],
)
def test_a_failure_is_passed_on_and_items_to_look_at_are_none(
    stand_in, tmp_path, statuses, expected, commands
):
    """`make` calls any other status an error, and a scan that could not be read is none."""
    stand_in(**statuses)

    assert run.main(tmp_path / "out") == expected
    assert [arguments[2] for arguments, _ in _calls(tmp_path)] == commands


def test_a_second_run_starts_clean_even_over_read_only_files(stand_in, tmp_path):
    output = tmp_path / "out"
    run.main(output)
    original = output / "archive" / "ab.eml"
    original.parent.mkdir()
    original.write_bytes(b"x")
    original.chmod(0o444)
    original.parent.chmod(0o555)

    assert run.main(output) == 0
    assert [path.name for path in output.iterdir()] == ["papertrail.toml"]


def test_a_folder_that_is_not_the_demos_own_is_left_alone(stand_in, tmp_path):
    output = tmp_path / "out"
    output.mkdir()
    (output / "novel.txt").write_text("chapter one")

    assert run.main(output) == 2
    assert [path.name for path in output.iterdir()] == ["novel.txt"]


def test_without_the_command_the_demo_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(run, "find_command", lambda: None)

    assert run.main(tmp_path / "out") == 3
    assert "not installed" in capsys.readouterr().err


def test_the_configuration_survives_any_path_and_agrees_with_the_labels(demo_folder):
    path = Path('C:\\Users\\José "Pepe"\\demo')

    config = tomllib.loads(run.configuration(Server("127.0.0.1", 4143, "u", "p"), path))

    family = json.loads((demo_folder / "family.json").read_text("utf-8"))
    assert config["archive"]["path"] == str(path)
    assert config["account"][0]["port"] == 4143
    assert config["archive"]["timezone"] == family["timezone"]
    assert config["child"]["names"] == family["child"]
    assert config["people"] == {"parents": family["parents"], "privileged": family["privileged"]}
    assert config["correspondence"] == {
        "domains": family["school_domains"],
        "addresses": family["school_addresses"],
        "private_providers": family["private_providers"],
    }
    dated = [{**s, "start": str(s["start"]), "end": str(s["end"])} for s in config["service"]]
    assert dated == family["services"]
