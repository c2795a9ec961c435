"""Stays on duty: has the nightly job done when it is due, in a process of its own each time.

A night in a process of its own gives back all its memory, and one that crashes or hangs takes
nothing with it. What is remembered between nights is in the health file; this process holds a
clock, a timetable, and, where new mail is watched for, a connection an account.
"""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from archiver.disk import file_stamp, write_whole
from archiver.errors import ArchiveError
from archiver.health import (
    after_run,
    health_path,
    read_health,
    situation,
    state_path,
    write_health,
)
from archiver.timetable import Situation, Timetable, due

log = logging.getLogger(__name__)

_TICK_S = 60.0  # the clock is looked at this often: it may have been set, or we were suspended
_CHILD_TICK_S = 0.5
_GRACE_S = 5.0  # for a job to stop; then it is ended, which the order of writes makes harmless
_LONGEST_NIGHT_S = 24 * 3600.0
_FRESH = timedelta(hours=1)
_WHOLE = {0, 1}  # exit statuses of a job that went to its end


class DaemonRunningError(ArchiveError):
    """There is one already."""

    hint = "One is enough. `papertrail status` tells what it is doing."

    def __init__(self, pid: int | None) -> None:
        which = f" (process {pid})" if pid else ""
        super().__init__(f"A Paper Trail daemon is on duty for this archive already{which}.")


class StateUnwritableError(ArchiveError):
    """The state folder cannot be used."""

    hint = "Check that the folder is yours and that the disk is not full."

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"{path.parent} cannot be written to: {error.strerror or error}.")


class JobFailedError(ArchiveError):
    """The nightly job ended without noting why."""

    hint = "`papertrail run` shows what is wrong. It is tried again."

    def __init__(self, code: int) -> None:
        self.passing = code != 2
        if code == 2:
            why = "there is a mistake in the configuration; `papertrail check` names it"
        elif code < 0:
            why = f"it was ended by signal {-code}, perhaps for want of memory"
        else:
            why = f"it ended with status {code}"
        super().__init__(f"The nightly job could not be done: {why}.")


class Clock(Protocol):
    """Time as the daemon sees it; tests have one of their own that runs faster."""

    stopping: bool

    def now(self) -> datetime:
        """What the clock on the wall says, aware."""
        ...

    def wait(self, seconds: float) -> None:
        """Wait so long, or less where something happened."""
        ...


class WallClock:
    """The computer's clock. Signals and other threads cut a wait short."""

    def __init__(self) -> None:
        # A pair of sockets, not an Event: a signal that comes while the main thread is inside
        # Event.wait would have to take a lock that this same thread holds. select on Windows
        # knows sockets only.
        self._ear, self._bell = socket.socketpair()
        for end in (self._ear, self._bell):
            end.setblocking(False)
        self.stopping = False

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        """Wait, unless somebody rings."""
        import select  # noqa: PLC0415

        if not self.stopping and select.select([self._ear], [], [], max(0.0, seconds))[0]:
            with suppress(BlockingIOError):
                while self._ear.recv(4096):
                    pass

    def ring(self) -> None:
        """End a wait; from any thread or signal handler."""
        with suppress(OSError):
            self._bell.send(b"!")

    def stop(self) -> None:
        """End a wait, and let there be no other."""
        self.stopping = True
        self.ring()

    @contextmanager
    def heeding_signals(self) -> Iterator[None]:
        """SIGTERM, Ctrl-C and a closed terminal stop it; a second Ctrl-C does so at once."""
        before: dict[int, object] = {}

        def heed(number: int, frame: object) -> None:
            del frame
            if self.stopping and number == signal.SIGINT:
                raise KeyboardInterrupt
            self.stop()

        for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup
                before[number] = signal.signal(number, heed)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Duty:
    """What the daemon is doing, for `papertrail status`."""

    pid: int
    since: str  # when it came on duty, RFC 3339
    doing: str  # "waiting", "running", "trying again"
    next_at: str  # when the job is due, RFC 3339
    watching: tuple[str, ...]  # accounts that new mail is watched for


class Daemon:
    """Decides when, has it done, takes note."""

    def __init__(
        self,
        archive: Path,
        timetable: Callable[[], Timetable],
        job: Callable[[], int],
        clock: Clock,
        *,
        say: Callable[[str], None],
        unnoted: Callable[[], None] = lambda: None,
        watching: tuple[str, ...] = (),
        draw: Callable[[], float] = random.random,
    ) -> None:
        """Nothing happens before ``run``.

        Args:
            archive: whose nights these are.
            timetable: asked at every look, so that a changed configuration is heeded.
            job: does a night and returns its exit status; notes how it went in the health file.
            clock: see ``Clock``.
            say: told in sentences what happens.
            unnoted: called where the job could not note itself that it failed, nor raise an alarm.
            watching: names of the accounts that somebody watches, and calls ``new_mail`` for.
            draw: a number from 0 to 1, for pauses between tries.
        """
        self._archive, self._timetable, self._job, self._clock = archive, timetable, job, clock
        self._say, self._unnoted, self._draw = say, unnoted, draw
        self._mail: datetime | None = None
        self._health_path = health_path(archive)
        self._stamp: tuple[int, int, int] | None = None
        self._noted = Situation()
        self._remembered = Situation()  # for where the health file cannot be written
        self._jitter = draw()
        self._said = ""
        self._duty = Duty(os.getpid(), _text(clock.now()), "waiting", "", watching)

    def new_mail(self) -> None:
        """Mail has come in; from any thread."""
        if self._mail is None:
            self._mail = self._clock.now()

    def run(self) -> None:
        """Stay on duty until the clock stops."""
        first = True
        while not self._clock.stopping:
            now, table, so_far = self._clock.now(), self._timetable(), self._so_far()
            if first and so_far.failures:
                # Whoever starts us may have mended what was wrong: that is worth a try at once.
                so_far = replace(so_far, failures=0)
            if first and self._duty.watching and so_far.good and now - so_far.good > _FRESH:
                self._mail = now  # what came in while nobody watched
                so_far = replace(so_far, mail=now)
            first = False
            at = due(table, so_far, now, self._jitter)
            if at <= now:
                self._announce(so_far, table, now)
                self._do_night()
                continue
            doing = "trying again" if so_far.failures else "waiting"
            self._note(replace(self._duty, doing=doing, next_at=_text(at)))
            self._say_once(_waiting(so_far, table, at))
            self._clock.wait(min(_TICK_S, (at - now) / timedelta(seconds=1)))

    def _so_far(self) -> Situation:
        # Another process may have run the job meanwhile: the file is read again where it changed.
        stamp = file_stamp(self._health_path)
        if stamp != self._stamp:
            self._stamp, self._noted = stamp, situation(read_health(self._archive))
        noted, own = self._noted, self._remembered
        if own.tried is not None and (noted.tried is None or noted.tried < own.tried):
            noted = own
        return replace(noted, mail=self._mail)

    def _do_night(self) -> None:
        started = self._clock.now()
        self._note(replace(self._duty, doing="running", next_at=_text(started)))
        self._mail = None
        code = self._job()
        if self._clock.stopping:
            return
        self._jitter = self._draw()
        finished, health = self._clock.now(), read_health(self._archive)
        if health is None or health.finished_at < started.replace(microsecond=0):
            # It could not say itself how it went: killed, not started, or no place to note it.
            stopped = None if code in _WHOLE else ("JobFailedError", JobFailedError(code))
            health = after_run(health, "run", started, finished, [], stopped)
            write_health(self._archive, health)
            self._unnoted()
            self._remembered = situation(health)
        else:
            self._remembered = Situation()

    def _announce(self, so_far: Situation, table: Timetable, now: datetime) -> None:
        if so_far.failures:
            self._say("Trying again.")
        elif so_far.good is not None and table.latest(now) <= so_far.good <= now:
            self._say("Looking for new mail.")
        elif so_far.good is None or table.nights_behind(so_far.good, now) > 1:
            self._say("The nightly job has not run when it should have; it runs now.")
        else:
            self._say("It is time for the nightly job.")

    def _say_once(self, line: str) -> None:
        if line != self._said:
            self._said = line
            self._say(line)

    def _note(self, duty: Duty) -> None:
        if duty == self._duty:
            return
        self._duty = duty
        try:
            write_whole(_duty_path(self._archive), json.dumps(asdict(duty)).encode())
        except OSError as error:
            log.warning("the state folder cannot be written to: %s", error.strerror)


@contextmanager
def on_duty(archive: Path, patience_s: float = 1.0) -> Iterator[None]:
    """Be the one daemon of an archive.

    Args:
        archive: whose.
        patience_s: how long to wait for the place; `status` takes it for a moment.

    Raises:
        DaemonRunningError: another is.
        StateUnwritableError: that cannot be found out.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415

    path = _duty_path(archive)
    lock = FileLock(path.with_suffix(".lock"), timeout=patience_s)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire()
    except Timeout:
        duty = _read_duty(path)
        raise DaemonRunningError(duty.pid if duty else None) from None
    except OSError as error:
        raise StateUnwritableError(path, error) from error
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        lock.release()


def current_duty(archive: Path) -> Duty | None:
    """What the daemon of an archive is doing; None where none is on duty."""
    path = _duty_path(archive)
    if not path.exists():
        return None
    try:
        with on_duty(archive, 0):
            return None  # one that was killed left its note behind
    except DaemonRunningError:
        return _read_duty(path)
    except StateUnwritableError:
        return None


def run_child(command: Sequence[str], clock: Clock) -> int:
    """Run the job in a process of its own, and stop it when the clock stops.

    It gets a session of its own: Ctrl-C in a terminal reaches us, and we tell the job.
    """
    sys.stdout.flush()
    child: subprocess.Popen[bytes] = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=os.name != "nt",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    until = time.monotonic() + _LONGEST_NIGHT_S
    try:
        while child.poll() is None and not clock.stopping and time.monotonic() < until:
            clock.wait(_CHILD_TICK_S)
    finally:
        code = _end(child)
    return code


def _end(child: subprocess.Popen[bytes]) -> int:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            if os.name == "nt":
                child.kill()
            else:
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
    return child.wait()


def _waiting(so_far: Situation, table: Timetable, at: datetime) -> str:
    when = f"{at.astimezone(table.zone):%A, %B %d, %H:%M} ({table.zone.key})"
    if so_far.failures:
        return f"That did not go well. The next try: {when}."
    if so_far.mail is not None:
        return f"New mail is looked at soon: {when}."
    return f"The next run: {when}."


def _duty_path(archive: Path) -> Path:
    return state_path(archive, ".daemon.json")


def _read_duty(path: Path) -> Duty | None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return Duty(**{**record, "watching": tuple(record["watching"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
