"""When the nightly job last ran on this computer, and how it went.

It lives outside the archive, in the user's state folder: a quiet night changes no byte of the
archive, and a copy of the archive on another computer has a health of its own.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from archiver.outcome import Outcome

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """How the last run went for one account."""

    account: str
    received: int
    listed: int  # messages the server listed in the folders that were looked at
    held: int  # of those, how many the archive holds
    failed: int
    attention: tuple[str, ...]  # sentences a person should read
    error: str  # "" where the account was looked at to its end


@dataclass(frozen=True, slots=True)
class Health:
    """The last run."""

    command: str  # "pull" or "run"
    started_at: datetime
    finished_at: datetime
    accounts: tuple[AccountHealth, ...]
    last_good: dict[str, str]  # by account: when it was last looked at to its end, RFC 3339


def account_health(outcome: Outcome) -> AccountHealth:
    """The part of an outcome that is worth keeping."""
    error = f"{outcome.error} {outcome.error.hint}".strip() if outcome.error else ""
    return AccountHealth(
        outcome.account,
        outcome.received,
        sum(tally.listed for tally in outcome.folders),
        sum(tally.held for tally in outcome.folders),
        len(outcome.failed),
        tuple(outcome.notes),
        error,
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
        path.parent.mkdir(parents=True, exist_ok=True)
        working = path.with_suffix(".new")
        working.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        working.replace(path)
    except OSError as error:
        log.warning("the time of this run could not be noted in %s: %s", path, error.strerror)


def read_health(archive: Path) -> Health | None:
    """The last run on this computer, or None where there was none or its note is damaged."""
    try:
        record = json.loads(health_path(archive).read_text(encoding="utf-8"))
        return Health(
            record["command"],
            datetime.fromisoformat(record["started_at"]),
            datetime.fromisoformat(record["finished_at"]),
            tuple(
                AccountHealth(**{**account, "attention": tuple(account["attention"])})
                for account in record["accounts"]
            ),
            dict(record["last_good"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def health_path(archive: Path) -> Path:
    """The note of one archive's runs, by the archive's place on this computer."""
    from platformdirs import user_state_path  # noqa: PLC0415 - keeps --help fast

    name = hashlib.sha256(str(archive.absolute()).encode("utf-8", "surrogateescape")).hexdigest()
    return Path(user_state_path("papertrail", appauthor=False)) / f"{name[:16]}.json"
