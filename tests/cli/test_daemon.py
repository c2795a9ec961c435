"""`papertrail daemon` as a process of its own, on a real server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.daemon import current_duty
from archiver.health import read_health
from tests.cli.conftest import journal, letter, originals, run_papertrail, write_config
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.proxy import Proxy

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGTERM is not what ends things there")

_ATTACHED = """MIME-Version: 1.0
Content-Disposition: attachment; filename=backup.bin
Content-Transfer-Encoding: base64
"""
_FILLING = "\n".join(["UGFwZXIgVHJhaWwg" * 4] * 15_000)  # a megabyte that nobody has to read


class OnDuty:
    """A daemon at work, and what it has said so far."""

    def __init__(self, process: subprocess.Popen[bytes], out: Path) -> None:
        self.process, self._out = process, out

    @property
    def said(self) -> str:
        return self._out.read_text(encoding="utf-8")

    def until(self, condition: Callable[[], object], timeout_s: float = 30.0) -> None:
        until = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < until, self.said
            assert self.process.poll() is None, self.said
            time.sleep(0.05)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Ask it to stop; how many seconds that took."""
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(20)
        return time.monotonic() - started


@contextmanager
def on_duty(config: Path, out: Path) -> Iterator[OnDuty]:
    with out.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "archiver.cli", "--config", str(config), "daemon"],
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PAPERTRAIL_PASSWORD": "correct-horse"},
        )
    try:
        yield OnDuty(process, out)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def config_for(
    tmp_path: Path, archive: Path, server: object, box: Mailbox, **schedule: str
) -> Path:
    config = write_config(tmp_path / "c.toml", archive, server, username=box.username)
    # Twelve hours from now: no night comes while a test runs.
    at = f"{datetime.now(UTC) + timedelta(hours=12 - 7):%H:%M}"
    lines = "".join(f"{key} = {value}\n" for key, value in {"at": f'"{at}"', **schedule}.items())
    with config.open("a", encoding="utf-8") as file:
        file.write(f"[schedule]\n{lines}")
    return config


def test_it_runs_a_night_that_was_missed_waits_for_mail_and_stops_when_told(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    mailbox.deliver(letter(1))
    flags = mailbox.state()
    config = config_for(tmp_path, archive, dovecot, mailbox, watch="true")

    with on_duty(config, tmp_path / "out") as daemon:
        daemon.until(lambda: "The next run" in daemon.said)
        assert originals(archive) == {letter(1)}
        assert (archive / "exports" / "chronology.html").exists()
        assert mailbox.state() == flags
        duty = current_duty(archive)
        assert duty is not None
        assert (duty.pid, duty.watching) == (daemon.process.pid, ("family",))
        again = run_papertrail(config, "daemon")
        assert again.status == 3
        assert f"on duty for this archive already (process {daemon.process.pid})" in again.err
        assert "New mail" not in daemon.said
        mailbox.deliver(letter(2), flags=None)
        daemon.until(lambda: "New mail is looked at soon" in daemon.said)
        took = daemon.stop()

    assert daemon.process.returncode == 0, daemon.said
    assert took < 3
    assert "Traceback" not in daemon.said
    assert current_duty(archive) is None
    health = read_health(archive)
    assert health is not None
    assert (health.command, health.failures, health.troubles) == ("run", 0, ())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_in_the_middle_of_a_pull_within_seconds_and_nothing_is_lost(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path, number: signal.Signals
) -> None:
    mail = [letter(n, body=_FILLING, extra=_ATTACHED) for n in range(24)]
    for raw in mail:
        mailbox.deliver(raw)
    with Proxy(dovecot.host, dovecot.port, delay_s=0.15) as slow:
        config = config_for(tmp_path, archive, slow, mailbox)
        with on_duty(config, tmp_path / "out") as daemon:
            daemon.until(lambda: (archive / "originals").exists() and originals(archive))
            took = daemon.stop(number)
        assert daemon.process.returncode == 0, daemon.said
        assert took < 6
        assert "Traceback" not in daemon.said
        assert 0 < len(originals(archive)) < 24
        assert run_papertrail(config, "verify").status == 0
        assert read_health(archive) is None  # who was stopped has not failed

        slow.delay_s = 0.0
        assert run_papertrail(config, "pull").status == 0

    assert originals(archive) == set(mail)
    received = [line for line in journal(archive) if line["kind"] == "received"]
    assert len(received) == 24


def test_a_server_that_comes_back_is_found_and_one_that_is_silent_does_not_keep_it_from_stopping(
    mailbox: Mailbox, dovecot: Dovecot, tmp_path: Path, archive: Path
) -> None:
    mailbox.deliver(letter(1))
    with Proxy(dovecot.host, dovecot.port, delay_s=600) as silent:
        config = config_for(tmp_path, archive, silent, mailbox, watch="true")
        with on_duty(config, tmp_path / "out") as daemon:
            daemon.until(lambda: silent.connections >= 2)
            took = daemon.stop()

    assert daemon.process.returncode == 0, daemon.said
    assert took < 6


def test_mistakes_in_the_configuration_are_said_before_it_goes_on_duty(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('[schedule]\nat = "25:00"\nwach = true\n')

    ran = run_papertrail(config, "daemon")

    assert ran.status == 2
    assert "'25:00' is no time of day" in ran.err
    assert "did you mean 'watch'?" in ran.err
