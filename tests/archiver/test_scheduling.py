"""What schedulers are handed is what their own readers read back, whatever a folder is called."""

from __future__ import annotations

import json
import os
import plistlib
import shlex
import shutil
import stat
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archiver.scheduling import install as scheduling
from archiver.scheduling.cron import cron_lines, has_job, with_job, without_job
from archiver.scheduling.install import NotOursError, SchedulerRefusedError, UnsafePathError
from archiver.scheduling.launchd import launchd
from archiver.scheduling.model import MARK, Job
from archiver.scheduling.systemd import quoted, systemd
from archiver.scheduling.windows import windows

HOSTILE = "a 'b' \"c\" 100%h $HOME ${x} \\n ;&| é #"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="such names cannot be made there")


def job_for(config: Path, *command: str) -> Job:
    words = command or ("/usr/bin/python3", "-m", "archiver.cli", "--config", str(config), "run")
    return Job(words, config, time(2, 5), "America/Phoenix")


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1))
@example(HOSTILE)
def test_what_is_quoted_for_systemd_reads_back(word: str) -> None:
    """Its double quotes and backslashes are those of a shell; %% is a percent sign."""
    assert [read.replace("%%", "%") for read in shlex.split(quoted(word))] == [word]
    assert "%" not in quoted(word).replace("%%", "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_reads_hostile_names_as_they_are_meant(tmp_path: Path) -> None:
    """It complains of a program that does not exist: so the program has the hostile name.

    Quotes and backslashes it takes in arguments only.
    """
    program = tmp_path / "".join(set(HOSTILE) - set("\"'\\")) / "program"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    job = job_for(tmp_path / HOSTILE / "c.toml", str(program), HOSTILE)
    plan = systemd(job, tmp_path)
    for path, content in plan.files:
        path.write_bytes(content)

    def verify() -> tuple[int, str]:
        units = [str(path) for path, _ in plan.files]
        done = subprocess.run(
            ["systemd-analyze", "verify", "--user", "--man=no", *units],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        )
        return done.returncode, "".join(
            line for line in done.stderr.splitlines(keepends=True) if job.name in line
        )

    assert verify() == (0, "")
    program.unlink()
    status, said = verify()
    assert status != 0
    assert "not executable" in said


def test_systemd_s_timer_has_the_school_s_zone_and_makes_up_for_nights(tmp_path: Path) -> None:
    timer = dict(systemd(job_for(tmp_path / "c.toml"), tmp_path).files)
    text = next(content for path, content in timer.items() if path.suffix == ".timer").decode()

    assert "OnCalendar=*-*-* 02:05:00 America/Phoenix\n" in text
    assert "Persistent=true\n" in text
    if shutil.which("systemd-analyze"):
        for line in text.splitlines():
            if line.startswith("OnCalendar="):
                when = line.partition("=")[2]
                subprocess.run(
                    ["systemd-analyze", "calendar", when], check=True, capture_output=True
                )


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1))
def test_cron_s_shell_reads_arguments_as_they_are_meant(word: str) -> None:
    line = cron_lines(job_for(Path("/c.toml"), "program", word))[1]
    command = line.removeprefix("5 * * * * ").removesuffix(" >/dev/null 2>&1")

    assert "%" not in command.replace("\\%", "")
    assert shlex.split(command.replace("\\%", "%")) == ["program", word]


def test_a_real_shell_does_so_too(tmp_path: Path) -> None:
    script = "import json, sys; print(json.dumps(sys.argv[1:]))"
    line = cron_lines(job_for(tmp_path / "c", sys.executable, "-c", script, HOSTILE))[1]
    command = line.removeprefix("5 * * * * ").removesuffix(" >/dev/null 2>&1")
    done = subprocess.run(
        ["/bin/sh", "-c", command.replace("\\%", "%")], capture_output=True, check=True
    )

    assert json.loads(done.stdout) == [HOSTILE]


@given(st.text())
def test_a_crontab_loses_nothing_and_gets_the_job_once(crontab: str) -> None:
    one, other = job_for(Path("/a.toml")), job_for(Path("/b.toml"))
    before = crontab if not crontab or crontab.endswith("\n") else crontab + "\n"
    after = with_job(before, one)

    assert has_job(after, one)
    assert not has_job(after, other)
    assert with_job(after, one) == after
    assert without_job(after, one) == before
    both = with_job(after, other)
    assert without_job(without_job(both, one), other) == before


def test_launchd_and_windows_read_back_what_was_meant(tmp_path: Path) -> None:
    job = job_for(tmp_path / HOSTILE / "c.toml", "/usr/bin/python3", "-m", HOSTILE)

    plist = plistlib.loads(launchd(job, tmp_path, 501).files[0][1])
    assert plist["ProgramArguments"] == list(job.command)
    assert plist["StartCalendarInterval"] == {"Minute": 5}
    root = ET.fromstring(windows(job, tmp_path).files[0][1])
    ns = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert root.findtext(".//t:Exec/t:Command", namespaces=ns) == "/usr/bin/python3"
    arguments = root.findtext(".//t:Exec/t:Arguments", namespaces=ns)
    assert arguments == subprocess.list2cmdline(job.command[1:])
    assert root.findtext(".//t:StartWhenAvailable", namespaces=ns) == "true"
    assert MARK in (root.findtext(".//t:Description", namespaces=ns) or "")


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """A systemctl that writes down what it is told; this machine has no user instance."""
    script, log = tmp_path / "bin" / "systemctl", tmp_path / "log"
    script.parent.mkdir()
    script.write_text(
        f'#!/bin/sh\necho "$@" >> {shlex.quote(str(log))}\n[ ! -e {tmp_path}/down ]\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")

    def calls() -> list[str]:
        said = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return said

    return calls


def test_install_and_remove_are_idempotent_and_touch_nothing_else(
    tmp_path: Path, systemctl: Callable[[], list[str]]
) -> None:
    job, said = job_for(tmp_path / "c.toml"), []
    folder = Path(os.environ["XDG_CONFIG_HOME"]) / "systemd" / "user"
    folder.mkdir(parents=True)
    (folder / "other.timer").write_text("somebody else's")
    before = sorted(folder.iterdir())

    scheduling.install("systemd", job, said.append, dry_run=True)
    assert (sorted(folder.iterdir()), systemctl()) == (before, [])
    assert [deed.what for deed in said] == ["write", "write", "run", "run"]
    for _ in range(2):
        scheduling.install("systemd", job, said.append)
        assert systemctl() == ["--user daemon-reload", f"--user enable --now {job.name}.timer"]
        assert len(sorted(folder.iterdir())) == 3
    assert scheduling.is_installed("systemd", job)
    assert scheduling.is_current("systemd", job)
    assert not scheduling.is_current("systemd", replace(job, at=time(3)))
    assert not scheduling.is_installed("systemd", job_for(tmp_path / "other.toml"))
    assert scheduling.remove("systemd", job, said.append)
    assert not scheduling.remove("systemd", job, said.append)
    assert sorted(folder.iterdir()) == before
    assert systemctl() == [f"--user disable --now {job.name}.timer", "--user daemon-reload"]


def test_a_file_of_somebody_else_s_with_our_name_stays(
    tmp_path: Path, systemctl: Callable[[], list[str]]
) -> None:
    job = job_for(tmp_path / "c.toml")
    path = scheduling.installation("systemd", job).files[0][0]
    path.parent.mkdir(parents=True)
    path.write_text("[Service]\nExecStart=/bin/mine\n")

    with pytest.raises(NotOursError):
        scheduling.install("systemd", job, print)
    assert not scheduling.remove("systemd", job, print)
    assert path.read_text() == "[Service]\nExecStart=/bin/mine\n"
    assert systemctl() == []


def test_a_scheduler_that_refuses_leaves_nothing_behind(
    tmp_path: Path, systemctl: Callable[[], list[str]]
) -> None:
    job = job_for(tmp_path / "c.toml")
    (tmp_path / "down").touch()

    with pytest.raises(SchedulerRefusedError, match="systemctl --user"):
        scheduling.install("systemd", job, print)

    assert not any(path.exists() for path, _ in scheduling.installation("systemd", job).files)


def test_a_line_break_in_a_path_cannot_become_a_line_of_a_unit(tmp_path: Path) -> None:
    with pytest.raises(UnsafePathError):
        scheduling.installation("systemd", job_for(tmp_path / "a\nExecStart=/bin/evil"))
