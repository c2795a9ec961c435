"""`papertrail schedule` and `run --if-due`, as their user sees them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import letter, originals, run_papertrail, write_config
from tests.servers.dovecot import Dovecot, Mailbox


def test_a_dry_run_shows_the_files_and_does_nothing(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    folder = tmp_path / "my 'best' config"
    folder.mkdir()
    config = write_config(folder / "c.toml", archive, dovecot, username=mailbox.username)

    ran = run_papertrail(config, "schedule", "install", "--with", "systemd", "--dry-run")

    assert ran.status == 0
    assert "This would be done:" in ran.out
    assert "OnCalendar=*-*-* 02:00:00 America/Phoenix" in ran.out
    assert f'"--config" "{config}" "run" "--if-due"' in ran.out
    assert not Path(os.environ["XDG_CONFIG_HOME"]).exists()
    shown = run_papertrail(config, "schedule", "show")
    assert (shown.status, shown.out.startswith("Not scheduled.")) == (1, True)


_CRONTAB = """#!/bin/sh
if [ "$1" = -l ]; then
  [ -e "$CRONTAB_OF_THE_TEST" ] || { echo "no crontab for you" >&2; exit 1; }
  exec cat "$CRONTAB_OF_THE_TEST"
fi
exec cat > "$CRONTAB_OF_THE_TEST"
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no cron")
def test_cron_gets_a_line_and_loses_it_again(
    mailbox: Mailbox,
    dovecot: Dovecot,
    tmp_path: Path,
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A crontab in a file: the real one belongs to whoever runs the tests."""
    program, crontab = tmp_path / "bin" / "crontab", tmp_path / "crontab"
    program.parent.mkdir()
    program.write_text(_CRONTAB)
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CRONTAB_OF_THE_TEST", str(crontab))
    crontab.write_text("MAILTO=mum\n1 2 * * * own job 100\\%")
    config = write_config(tmp_path / "c.toml", archive, dovecot, username=mailbox.username)

    ran = run_papertrail(config, "schedule", "install", "--with", "cron")

    assert ran.status == 0, ran.said
    assert f"--config {config} run --if-due" in crontab.read_text()
    assert "PAPERTRAIL_PASSWORD of this terminal is not there" in " ".join(ran.out.split())
    assert "papertrail schedule remove" in ran.out
    assert run_papertrail(config, "schedule", "show").status == 0
    ran = run_papertrail(config, "schedule", "remove")
    assert crontab.read_text() == "MAILTO=mum\n1 2 * * * own job 100\\%\n"
    assert "no longer scheduled" in ran.out


def test_a_job_that_is_started_every_hour_does_a_night_once(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    mailbox.deliver(letter(1))
    config = write_config(tmp_path / "c.toml", archive, dovecot, username=mailbox.username)
    assert run_papertrail(config, "run", "--if-due").status == 0
    mailbox.deliver(letter(2))

    again = run_papertrail(config, "run", "--if-due")

    assert (again.status, again.said) == (0, "")
    assert originals(archive) == {letter(1)}
