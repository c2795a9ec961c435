"""`papertrail schedule` and `run --if-due`, as their user sees them."""

from __future__ import annotations

import os
import shutil
import subprocess
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


@pytest.mark.skipif(shutil.which("crontab") is None, reason="there is no cron here")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a crontab that no person uses")
def test_cron_gets_a_line_and_loses_it_again(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    def crontab() -> str:
        done = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False)
        return done.stdout

    before = crontab()
    config = write_config(tmp_path / "c.toml", archive, dovecot, username=mailbox.username)
    try:
        ran = run_papertrail(config, "schedule", "install", "--with", "cron")
        assert ran.status == 0, ran.said
        assert f"--config {config} run --if-due" in crontab()
        assert "PAPERTRAIL_PASSWORD of this terminal is not there" in " ".join(ran.out.split())
        assert "papertrail schedule remove" in ran.out
        assert run_papertrail(config, "schedule", "show").status == 0
    finally:
        ran = run_papertrail(config, "schedule", "remove")
    assert crontab() == before
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
