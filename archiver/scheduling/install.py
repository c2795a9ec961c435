"""Installs, removes and looks for the job in a scheduler. Touches nothing but its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.disk import write_whole
from archiver.errors import ArchiveError, ExitCode
from archiver.scheduling.cron import NOTE, cron_lines, has_job, with_job, without_job
from archiver.scheduling.launchd import launchd
from archiver.scheduling.model import MARK, Installation, Job
from archiver.scheduling.systemd import systemd
from archiver.scheduling.windows import windows

KINDS = ("systemd", "launchd", "windows", "cron")
_TIMEOUT_S = 60


class NoSchedulerError(ArchiveError):
    """This computer has none that we know."""

    hint = "Let `papertrail daemon` run instead; it needs no scheduler."

    def __init__(self) -> None:
        super().__init__("No scheduler was found on this computer (systemd, cron).")


class SchedulerRefusedError(ArchiveError):
    """A scheduler's own command failed."""

    hint = "Nothing was left behind. `papertrail daemon` needs no scheduler."

    def __init__(self, command: Sequence[str], why: str) -> None:
        super().__init__(f"`{' '.join(command)}` failed: {why}")


class NotOursError(ArchiveError):
    """A file with our name that we did not write."""

    exit_code = ExitCode.USAGE
    hint = "Look at it, and move it out of the way if you do not need it."

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} was not written by Paper Trail, and is left as it is.")


class UnsafePathError(ArchiveError):
    """A path that cannot be written into a scheduler's file."""

    exit_code = ExitCode.USAGE
    hint = "Give the configuration a name without line breaks and control characters."

    def __init__(self, word: str) -> None:
        super().__init__(f"{word!r} cannot be handed to a scheduler.")


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done, or would be."""

    what: str  # "write", "run", "remove"
    about: str


Tell = Callable[[Deed], None]


def choose() -> str:
    """The scheduler of this computer.

    Raises:
        NoSchedulerError: there is none.
    """
    if sys.platform == "darwin":
        return "launchd"
    if os.name == "nt":
        return "windows"
    if shutil.which("systemctl") and _runs(("systemctl", "--user", "show-environment")):
        return "systemd"
    if shutil.which("crontab"):
        return "cron"
    raise NoSchedulerError


def installation(kind: str, job: Job) -> Installation:
    """What a scheduler is given; for cron nothing but the note."""
    from platformdirs import user_data_path  # noqa: PLC0415

    for word in (*job.command, str(job.config)):
        if not word.isprintable():
            raise UnsafePathError(word)
    match kind:
        case "systemd":
            base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
            return systemd(job, Path(base) / "systemd" / "user")
        case "launchd":
            uid: int = getattr(os, "getuid", int)()
            return launchd(job, Path.home() / "Library" / "LaunchAgents", uid)
        case "windows":
            return windows(job, Path(user_data_path("papertrail", appauthor=False)))
        case _:
            return Installation("cron", (), (), (), (), (NOTE,))


def is_installed(kind: str, job: Job) -> bool:
    """Whether the job is handed to this scheduler."""
    if kind == "cron":
        return bool(shutil.which("crontab")) and has_job(_crontab(), job)
    files = installation(kind, job).files
    return bool(files) and all(_is_ours(path) for path, _ in files)


def is_current(kind: str, job: Job) -> bool:
    """Whether what is installed is what would be installed now."""
    if kind == "cron":
        text = _crontab()
        return with_job(text, job) == text
    return all(path.read_bytes() == content for path, content in installation(kind, job).files)


def install(kind: str, job: Job, tell: Tell, *, dry_run: bool = False) -> None:
    """Hand the job to a scheduler; again is the same as once.

    Raises:
        NotOursError: a file of somebody else's is in the way; nothing was done.
        SchedulerRefusedError: the scheduler does not take it; nothing is left of it.
        UnsafePathError: a path has a line break in it.
    """
    plan = installation(kind, job)
    if kind == "cron":
        _install_cron(job, tell, dry_run=dry_run)
        return
    for path, _ in plan.files:
        if path.exists() and not _is_ours(path):
            raise NotOursError(path)
    if not dry_run and is_installed(kind, job) and kind == "launchd":
        _try_all(plan.switch_off)  # launchd takes a label once only
    for path, content in plan.files:
        tell(Deed("write", f"{path}"))
        if not dry_run:
            _write(path, content)
    try:
        for command in plan.switch_on:
            tell(Deed("run", " ".join(command)))
            if not dry_run:
                _run(command)
    except SchedulerRefusedError:
        _remove_files(plan)
        _try_all(plan.tidy_up)
        raise


def remove(kind: str, job: Job, tell: Tell, *, dry_run: bool = False) -> bool:
    """Take the job away from a scheduler; returns whether it was there."""
    if not is_installed(kind, job):
        return False
    if kind == "cron":
        tell(Deed("remove", "from your crontab: " + cron_lines(job)[1]))
        if not dry_run:
            _set_crontab(without_job(_crontab(), job))
        return True
    plan = installation(kind, job)
    for command in plan.switch_off:
        tell(Deed("run", " ".join(command)))
    for path, _ in plan.files:
        tell(Deed("remove", f"{path}"))
    if not dry_run:
        # One that was switched off by hand cannot be switched off again, and may still go.
        _try_all(plan.switch_off)
        _remove_files(plan)
        _try_all(plan.tidy_up)
    return True


def _install_cron(job: Job, tell: Tell, *, dry_run: bool) -> None:
    for line in cron_lines(job):
        tell(Deed("write", f"into your crontab: {line}"))
    before = _crontab()
    after = with_job(before, job)
    if not dry_run and after != before:
        _set_crontab(after)


def _crontab() -> str:
    done = _start(("crontab", "-l"))
    return done.stdout if done.returncode == 0 else ""  # 1: there is none yet


def _set_crontab(text: str) -> None:
    _run(("crontab", "-"), text)


def _write(path: Path, content: bytes) -> None:
    try:
        write_whole(path, content)
    except OSError as error:
        raise SchedulerRefusedError(("write", str(path)), error.strerror or str(error)) from error


def _is_ours(path: Path) -> bool:
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return MARK.encode() in content or MARK.encode("utf-16-le") in content


def _remove_files(plan: Installation) -> None:
    for path, _ in plan.files:
        if _is_ours(path):
            path.unlink(missing_ok=True)


def _try_all(commands: Sequence[Sequence[str]]) -> None:
    for command in commands:
        _start(command)


def _run(command: Sequence[str], given: str = "") -> None:
    done = _start(command, given)
    if done.returncode != 0:
        why = (done.stderr or done.stdout).strip().splitlines()
        raise SchedulerRefusedError(command, why[0] if why else f"status {done.returncode}")


def _runs(command: Sequence[str]) -> bool:
    return _start(command).returncode == 0


def _start(command: Sequence[str], given: str = "") -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))
