"""A year of nights under the daemon: does its memory grow, or that of the nights?

The clock is accelerated, everything else is real: the daemon's own loop in this process, each night
a process of its own that pulls from Dovecot, reads, indexes and reports.

    .venv/bin/python -m benchmarks.year                # 365 nights, a quarter of an hour
    .venv/bin/python -m benchmarks.year --nights 3650 --no-job     # the daemon alone
    .venv/bin/python -m benchmarks.year --idle 20000               # IDLE, begun anew so often
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from zoneinfo import ZoneInfo

from archiver.daemon import Daemon
from archiver.health import after_run, read_health, write_health
from archiver.outcome import Outcome
from archiver.timetable import Timetable

_START = datetime(2026, 1, 1, 12, tzinfo=UTC)
_CONFIG = """
[archive]
path = "{archive}"
timezone = "America/New_York"
[child]
names = ["Maya Lopez", "Maya"]
[[account]]
name = "family"
host = "{host}"
port = {port}
security = "none"
username = "{username}"
password_env = "PAPERTRAIL_PASSWORD"
[correspondence]
domains = ["school.example"]
[people]
parents = ["mum@mail.example"]
"""


class Clock:
    """Waits take no time."""

    def __init__(self, nights: int) -> None:
        self._now, self._end, self.stopping = _START, _START + timedelta(days=nights), False

    def now(self) -> datetime:
        return self._now

    def wait(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self.stopping = self._now >= self._end


class Year:
    """The job of each night, and what was measured after it."""

    def __init__(self, nights: int, archive: Path, clock: Clock, folder: Path) -> None:
        self._archive, self._clock, self._folder = archive, clock, folder
        self._every = max(1, nights // 12)
        self.rows: list[tuple[int, float, float, float]] = []
        self._number = 0

    def __call__(self) -> int:
        self._number += 1
        started = self._clock.now()
        wall, peak, code = self.night()
        # The night has the real clock in its note; the daemon goes by the accelerated one.
        outcome = [Outcome("family")] if code in {0, 1} else []
        before = read_health(self._archive)
        write_health(self._archive, after_run(before, "run", started, started, outcome))
        if self._number == 1 or self._number % self._every == 0:
            gc.collect()
            self.rows.append((self._number, resident_mb(), peak, wall))
            n, daemon, night, seconds = self.rows[-1]
            print(f"| {n:5} | {daemon:10.1f} | {night:13.1f} | {seconds:8.2f} |", flush=True)
        return code

    def night(self) -> tuple[float, float, int]:
        return 0.0, 0.0, 0


class RealYear(Year):
    """Two letters come in each day; the night is `papertrail run`."""

    def __init__(self, *arguments: object, config: Path, box: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self._config, self._box = config, box

    def night(self) -> tuple[float, float, int]:
        day = self._clock.now()
        for number in (0, 1):
            self._box.deliver(_letter(self._number, number, day))  # type: ignore[attr-defined]
        command = [sys.executable, "-m", "archiver.cli", "--config", str(self._config), "run"]
        started = time.perf_counter()
        with (self._folder / "night.log").open("wb") as log:
            child = os.posix_spawn(
                sys.executable,
                command,
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                    (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
                ],
            )
            _, status, usage = os.wait4(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code not in {0, 1}:
            raise SystemExit((self._folder / "night.log").read_text())
        return time.perf_counter() - started, usage.ru_maxrss / 1024, code


def resident_mb() -> float:
    """Memory of this process that is in RAM now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _letter(night: int, number: int, day: datetime) -> bytes:
    said = (
        "I was out sick yesterday, so Maya did not have speech.",
        "The IEP meeting is moved to next Thursday at 3 pm in room 12.",
    )[number]
    return (
        f"From: Dana Ortiz <dana@school.example>\r\nTo: mum@mail.example\r\n"
        f"Subject: Letter {night}.{number}\r\nDate: {day:%a, %d %b %Y %H:%M:%S} +0000\r\n"
        f"Message-ID: <{night}.{number}@school.example>\r\n\r\n"
        + f"Dear family,\r\n{said}\r\n" * 5
        + f"Number {night}.\r\n"
    ).encode()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--nights", type=int, default=365)
    options.add_argument("--no-job", action="store_true", help="the daemon alone")
    options.add_argument("--idle", type=int, default=0, help="begin IDLE anew so often, no nights")
    given = options.parse_args()
    if given.idle:
        _idle(given.idle)
        return
    table = Timetable(time_of_day(2), ZoneInfo("America/New_York"))
    clock = Clock(given.nights)
    # Not below a folder that only its owner may enter: Dovecot reads the mail as another user.
    with tempfile.TemporaryDirectory(prefix="papertrail-year-") as name:
        folder, archive = Path(name), Path(name) / "archive"
        folder.chmod(0o755)
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        print("| night | daemon, MB | night's peak, MB | night, s |")
        print("|---:|---:|---:|---:|")
        if given.no_job:
            _run(Year(given.nights, archive, clock, folder), archive, table, clock)
            return
        from tests.servers.dovecot import PASSWORD, Dovecot  # noqa: PLC0415 - not with --no-job

        os.environ["PAPERTRAIL_PASSWORD"] = PASSWORD
        with Dovecot(folder / "server") as server:
            box = server.mailbox("year")
            config = folder / "config.toml"
            config.write_text(
                _CONFIG.format(
                    archive=archive, host=server.host, port=server.port, username=box.username
                )
            )
            year = RealYear(given.nights, archive, clock, folder, config=config, box=box)
            _run(year, archive, table, clock)


def _idle(times: int) -> None:
    """A year of IDLE at 25 minutes each is 21,000 of them."""
    from archiver.config import AccountTable  # noqa: PLC0415
    from archiver.imap_source import ImapSource  # noqa: PLC0415
    from tests.servers.dovecot import PASSWORD, Dovecot  # noqa: PLC0415

    with (
        tempfile.TemporaryDirectory(prefix="papertrail-year-") as name,
        Dovecot(Path(name)) as server,
    ):
        box = server.mailbox("year")
        account = AccountTable(
            name="family", host=server.host, port=server.port, security="none", username="year"
        )
        source = ImapSource(account, PASSWORD)
        print("| IDLE | MB |\n|---:|---:|")
        for number in range(times + 1):
            if number % max(1, times // 10) == 0:
                gc.collect()
                print(f"| {number} | {resident_mb():.1f} |", flush=True)
            if number % 1000 == 0:
                source.close()
                source = ImapSource(account, PASSWORD)
                box.deliver(_letter(number, 0, _START))
            source.examine("INBOX")
            source.idle(0.001, lambda: False)
        source.close()


def _run(year: Year, archive: Path, table: Timetable, clock: Clock) -> None:
    Daemon(archive, lambda: table, year, clock, say=lambda _: None).run()
    first, last = year.rows[1], year.rows[-1]
    print(f"From night {first[0]} to {last[0]} the daemon grew by {last[1] - first[1]:.1f} MB.")


if __name__ == "__main__":
    main()
