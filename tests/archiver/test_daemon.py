"""The daemon under a clock that runs as fast as it likes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archiver.archive import ArchiveInUseError
from archiver.daemon import Daemon, DaemonRunningError, current_duty, on_duty
from archiver.errors import ArchiveError
from archiver.health import (
    after_run,
    health_path,
    read_health,
    situation,
    try_again_soon,
    write_health,
)
from archiver.imap_faults import UnknownHostError, WrongPasswordError
from archiver.outcome import Outcome
from archiver.timetable import Timetable, due

TABLE = Timetable(time(2), ZoneInfo("America/New_York"))
START = datetime(2026, 3, 6, 17, tzinfo=UTC)
DAY = timedelta(days=1)


class FastClock:
    """Waits take no time; ``at`` sets the clock, or does anything else, once that time has come."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self._now, self._end = start, end
        self.at: list[tuple[datetime, Callable[[], None]]] = []
        self.stopping = False

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        self._now = now

    def wait(self, seconds: float) -> None:
        assert seconds > 0
        self._now += timedelta(seconds=seconds)
        for moment, act in [pair for pair in self.at if pair[0] <= self._now]:
            self.at.remove((moment, act))
            act()
        if self._now >= self._end:
            self.stopping = True


class Nights:
    """A job that takes five minutes and notes how it went, as the real one does."""

    def __init__(self, archive: Path, clock: FastClock) -> None:
        self.archive, self.clock = archive, clock
        self.tried: list[datetime] = []
        self.error: ArchiveError | None = None

    def __call__(self) -> int:
        started = self.clock.now()
        self.tried.append(started)
        self.clock.wait(300)
        outcome = Outcome("family", error=self.error)
        before = read_health(self.archive)
        write_health(
            self.archive, after_run(before, "run", started, self.clock.now(), [outcome], None)
        )
        return 3 if self.error else 0


class At:
    name, host, username, effective_port = "family", "imap.mail.example", "mum", 993


def daemon(archive: Path, clock: FastClock, job: Callable[[], int], said: list[str]) -> Daemon:
    return Daemon(archive, lambda: TABLE, job, clock, say=said.append, draw=lambda: 0.5)


def test_it_runs_at_once_and_then_once_a_night_over_the_change_of_clocks(archive: Path) -> None:
    clock, said = FastClock(START, START + 5 * DAY), []
    nights = Nights(archive, clock)

    daemon(archive, clock, nights, said).run()

    local = [moment.astimezone(TABLE.zone) for moment in nights.tried]
    assert local[0] == START
    # 8 March 2026 has no two o'clock.
    assert [(m.day, m.hour) for m in local[1:]] == [(7, 2), (8, 3), (9, 2), (10, 2), (11, 2)]
    assert "has not run when it should have" in said[0]


def test_a_network_that_is_gone_for_days_costs_a_try_an_hour_and_the_night_after_is_as_usual(
    archive: Path,
) -> None:
    clock, said = FastClock(START, START + 5 * DAY), []
    nights = Nights(archive, clock)
    back = START + 3 * DAY
    nights.error = UnknownHostError(At)  # type: ignore[arg-type]

    def mend() -> None:
        nights.error = None

    clock.at.append((back, mend))
    daemon(archive, clock, nights, said).run()

    during = [moment for moment in nights.tried if moment < back]
    after = [moment for moment in nights.tried if moment >= back]
    assert 60 < len(during) < 110  # every 45 minutes with half the jitter, and five for the job
    assert after[0] - back < timedelta(hours=1)
    assert [m.astimezone(TABLE.zone).hour for m in after[1:]] == [2, 2]
    health = read_health(archive)
    assert health is not None
    assert (health.failures, health.troubles) == (0, ())


def test_a_refused_password_is_not_tried_more_than_twice_and_then_once_a_night(
    archive: Path,
) -> None:
    clock = FastClock(START, START + 4 * DAY)
    nights = Nights(archive, clock)
    nights.error = WrongPasswordError(At, "no")  # type: ignore[arg-type]

    daemon(archive, clock, nights, []).run()

    assert len(nights.tried) == 2 + 4
    health = read_health(archive)
    assert health is not None
    trouble = health.troubles[0]
    assert (trouble.fault, trouble.since) == ("WrongPasswordError", START.isoformat())
    assert health.failures == 6

    assert due(TABLE, situation(health), clock.now()) > clock.now()
    try_again_soon(archive)  # somebody mended it
    assert due(TABLE, situation(read_health(archive)), clock.now()) <= clock.now()


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(hours=-9), timedelta(days=1500)])
def test_a_clock_that_is_set_wrong_and_put_right_leaves_no_night_out(
    archive: Path, jump: timedelta
) -> None:
    """Jumps at noon, and back after five days; then the nights go on as the calendar has them."""
    clock = FastClock(START, START + 3000 * DAY)
    nights = Nights(archive, clock)

    def put_right() -> None:
        clock.set(START + 6 * DAY)
        clock._end = START + 10 * DAY

    def set_wrong() -> None:
        clock.set(clock.now() + jump)
        clock.at.append((clock.now() + 5 * DAY, put_right))

    clock.at.append((START + DAY, set_wrong))
    daemon(archive, clock, nights, []).run()

    last = [moment.astimezone(TABLE.zone).day for moment in nights.tried[-4:]]
    assert last == [13, 14, 15, 16]


def test_a_computer_that_was_suspended_runs_when_it_wakes(archive: Path) -> None:
    clock = FastClock(START, START + 4 * DAY)
    nights = Nights(archive, clock)
    asleep = START + timedelta(hours=3)
    clock.at.append((asleep, lambda: clock.set(START + 2 * DAY)))

    daemon(archive, clock, nights, []).run()

    assert nights.tried[1] - (START + 2 * DAY) < timedelta(minutes=1)


def test_a_job_that_dies_without_a_word_is_noted_and_tried_again(archive: Path) -> None:
    clock, codes = FastClock(START, START + timedelta(hours=6)), [-9, 2, 3]
    tried: list[datetime] = []

    def job() -> int:
        tried.append(clock.now())
        clock.wait(60)
        return codes[0]

    daemon(archive, clock, job, []).run()

    health = read_health(archive)
    assert health is not None
    assert health.stopped is not None
    assert "ended by signal 9" in health.stopped.error
    assert health.stopped.since == START.isoformat()
    assert 5 < len(tried) < 16


def test_a_state_folder_that_cannot_be_written_to_does_not_make_it_run_without_end(
    archive: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    clock = FastClock(START, START + 3 * DAY)
    nights = Nights(archive, clock)

    daemon(archive, clock, nights, []).run()

    assert len(nights.tried) == 4


def test_new_mail_is_fetched_soon_and_the_night_is_not_lost_for_it(archive: Path) -> None:
    clock, said = FastClock(START, START + DAY), []
    nights = Nights(archive, clock)
    on_watch = daemon(archive, clock, nights, said)
    comes = START + timedelta(hours=2)
    clock.at += [
        (comes, on_watch.new_mail),
        (comes + timedelta(seconds=5), on_watch.new_mail),
        (comes + timedelta(minutes=2), on_watch.new_mail),  # while the job is at work
    ]

    on_watch.run()

    since = [round((m - START) / timedelta(minutes=1)) for m in nights.tried]
    assert since == [0, 121, 136, 14 * 60]
    assert "Looking for new mail." in said


def test_health_that_is_damaged_is_no_health_and_the_job_runs(archive: Path) -> None:
    clock = FastClock(START, START + timedelta(hours=1))
    nights = Nights(archive, clock)
    nights()
    path = health_path(archive)
    for damaged in (b"", b"{", b"[]", b'{"command": 1}', path.read_bytes().replace(b"+00:00", b"")):
        path.write_bytes(damaged)
        assert read_health(archive) is None
    nights.tried.clear()

    daemon(archive, clock, nights, []).run()

    assert len(nights.tried) == 1


def test_there_is_one_daemon_an_archive(archive: Path, tmp_path: Path) -> None:
    assert current_duty(archive) is None
    with on_duty(archive), on_duty(tmp_path / "other"), pytest.raises(DaemonRunningError):
        on_duty(archive, 0.1).__enter__()
    with on_duty(archive):
        pass


def test_a_daemon_that_was_killed_is_not_on_duty(archive: Path) -> None:
    clock = FastClock(START, START + timedelta(hours=1))
    daemon(archive, clock, Nights(archive, clock), []).run()  # leaves its note, as a kill would

    assert current_duty(archive) is None
    with on_duty(archive, 0.1):
        pass


def test_another_run_at_work_is_trouble_that_passes() -> None:
    assert ArchiveInUseError(Path("x")).passing
