"""When the nightly job last ran on this computer, how it went, and since when it does not.

It lives outside the archive, in the user's state folder: a quiet night changes no byte of the
archive, and a copy of the archive on another computer has a health of its own.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.disk import write_whole
from archiver.errors import ArchiveError
from archiver.outcome import Outcome
from archiver.timetable import Situation

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something could not be done, and since when."""

    fault: str  # the name of the error, "WrongPasswordError"
    error: str  # a sentence and what to do
    passing: bool  # whether it may go away by itself
    since: str  # when it began, without a good run in between; RFC 3339


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """How the last run went for one account."""

    account: str
    received: int
    listed: int  # messages the server listed in the folders that were looked at
    held: int  # of those, how many the archive holds
    failed: int
    attention: tuple[str, ...]  # sentences a person should read
    trouble: Trouble | None  # None where the account was looked at to its end


@dataclass(frozen=True, slots=True)
class Health:
    """The last run, and what is remembered of the ones before."""

    command: str  # "pull" or "run"
    started_at: datetime
    finished_at: datetime
    accounts: tuple[AccountHealth, ...]
    last_good: dict[str, str]  # by account: when it was last looked at to its end, RFC 3339
    last_run: str = ""  # when a `run` last went well for all accounts, RFC 3339; "" for never
    failures: int = 0  # runs in a row that did not go well for all accounts
    stopped: Trouble | None = None  # why the run as a whole could not be done

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Everything that keeps the job from going well, the run as a whole first."""
        found = (self.stopped, *(account.trouble for account in self.accounts))
        return tuple(trouble for trouble in found if trouble is not None)


def after_run(
    before: Health | None,
    command: str,
    started: datetime,
    finished: datetime,
    outcomes: Sequence[Outcome],
    stopped: tuple[str, ArchiveError] | None = None,
) -> Health:
    """What is to be remembered after a run.

    Args:
        before: what was remembered so far.
        command: "pull" or "run".
        started: aware, like ``finished``.
        finished: when the run ended.
        outcomes: of the accounts, as far as it came.
        stopped: the name of what ended it before its end, and the error that tells about it.
    """
    began = _began(before)
    accounts = tuple(_account_health(outcome, began, started) for outcome in outcomes)
    if stopped and before and not accounts:
        accounts = before.accounts
    at = finished.isoformat(timespec="seconds")
    good = dict(before.last_good) if before else {}
    good.update({outcome.account: at for outcome in outcomes if not outcome.error})
    whole = stopped is None and not any(outcome.error for outcome in outcomes)
    return Health(
        command,
        started,
        finished,
        accounts,
        good,
        at if whole and command == "run" else (before.last_run if before else ""),
        0 if whole else (before.failures if before else 0) + 1,
        _trouble(stopped[0], stopped[1], began.get("", ""), started) if stopped else None,
    )


def situation(health: Health | None) -> Situation:
    """What decides when the job is due."""
    if health is None:
        return Situation()
    return Situation(
        datetime.fromisoformat(health.last_run) if health.last_run else None,
        health.finished_at,
        health.failures,
        all(trouble.passing for trouble in health.troubles),
    )


def write_health(archive: Path, health: Health) -> None:
    """Remember a run. A state folder that cannot be written to is no reason to fail the run."""
    path = health_path(archive)
    record = {
        **asdict(health),
        "started_at": health.started_at.isoformat(timespec="seconds"),
        "finished_at": health.finished_at.isoformat(timespec="seconds"),
    }
    try:
        write_whole(path, (json.dumps(record, indent=1) + "\n").encode())
    except OSError as error:
        log.warning("the time of this run could not be noted in %s: %s", path, error.strerror)


def read_health(archive: Path) -> Health | None:
    """The last run on this computer, or None where there was none or its note is damaged."""
    try:
        record = json.loads(health_path(archive).read_text(encoding="utf-8"))
        return Health(
            record["command"],
            _moment(record["started_at"]),
            _moment(record["finished_at"]),
            tuple(
                AccountHealth(
                    **{
                        **account,
                        "attention": tuple(account["attention"]),
                        "trouble": _read_trouble(account["trouble"]),
                    }
                )
                for account in record["accounts"]
            ),
            {str(name): _moment(at).isoformat() for name, at in record["last_good"].items()},
            record["last_run"] and _moment(record["last_run"]).isoformat(),
            int(record["failures"]),
            _read_trouble(record["stopped"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def try_again_soon(archive: Path) -> None:
    """Something was mended: the next look at the clock finds the job due, if a night is missing."""
    health = read_health(archive)
    if health is not None and health.failures:
        write_health(archive, replace(health, failures=0))


def health_path(archive: Path) -> Path:
    """The note of one archive's runs, by the archive's place on this computer."""
    return state_path(archive, ".json")


def state_path(archive: Path, ending: str) -> Path:
    """A file of one archive's own in the user's state folder."""
    from platformdirs import user_state_path  # noqa: PLC0415 - keeps --help fast

    name = hashlib.sha256(str(archive.absolute()).encode("utf-8", "surrogateescape")).hexdigest()
    return Path(user_state_path("papertrail", appauthor=False)) / f"{name[:16]}{ending}"


def _account_health(outcome: Outcome, began: dict[str, str], started: datetime) -> AccountHealth:
    error = outcome.error
    since = began.get(outcome.account, "")
    return AccountHealth(
        outcome.account,
        outcome.received,
        sum(tally.listed for tally in outcome.folders),
        sum(tally.held for tally in outcome.folders),
        len(outcome.failed),
        tuple(outcome.notes),
        _trouble(type(error).__name__, error, since, started) if error else None,
    )


def _began(before: Health | None) -> dict[str, str]:
    """Since when each account is in trouble; "" stands for the run as a whole."""
    if before is None:
        return {}
    found = {account.account: account.trouble for account in before.accounts}
    found[""] = before.stopped
    return {name: trouble.since for name, trouble in found.items() if trouble}


def _trouble(fault: str, error: ArchiveError, since: str, started: datetime) -> Trouble:
    said = f"{error} {error.hint}".strip()
    return Trouble(fault, said, error.passing, since or started.isoformat(timespec="seconds"))


def _read_trouble(record: dict[str, Any] | None) -> Trouble | None:
    if record is None:
        return None
    trouble = Trouble(**record)
    _moment(trouble.since)
    return trouble


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.utcoffset() is None:
        raise ValueError(f"needs a UTC offset: {text!r}")
    return moment
