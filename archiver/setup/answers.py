"""The answers of a set-up: kept while it goes on, never with a password, and made into tables."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from archiver.private_file import NotPrivateError, read_private, write_private
from archiver.setup.fill import Table

ACCOUNT = "family"
"""The account's name in a record that has none yet."""


@dataclass(slots=True)
class Answers:
    """What was answered so far. ``done`` names the steps that are behind."""

    done: list[str] = field(default_factory=list)
    account: str = ACCOUNT
    address: str = ""
    host: str = ""
    port: int = 993
    security: str = "tls"
    username: str = ""
    auth: str = "password"
    ca_file: str = ""
    password_env: str = ""
    password_command: list[str] = field(default_factory=list)
    password_file: str = ""
    child: list[str] = field(default_factory=list)
    school: list[str] = field(default_factory=list)  # domains and addresses
    own: list[str] = field(default_factory=list)  # what the look found: the mailbox's addresses
    family: list[str] = field(default_factory=list)  # and who else the school writes to with them
    law: list[list[str]] = field(default_factory=list)  # and who seems to be an attorney: who, what
    mediation: list[list[str]] = field(default_factory=list)
    health: list[list[str]] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    state: str = ""
    timezone: str = ""
    privileged: list[str] = field(default_factory=list)
    mediators: list[str] = field(default_factory=list)
    private_providers: list[str] = field(default_factory=list)
    services: list[dict[str, Any]] = field(default_factory=list)
    archive: str = ""


def account_table(answers: Answers) -> dict[str, object]:
    """``[[account]]``."""
    table: dict[str, object] = {
        "name": answers.account,
        "host": answers.host,
        "port": answers.port,
        "security": answers.security,
        "username": answers.username,
        "auth": answers.auth,
    }
    for key in ("password_env", "password_command", "password_file", "ca_file"):
        if value := getattr(answers, key):
            table[key] = value
    return table


def tables(answers: Answers) -> dict[str, Table | list[Table]]:
    """The whole configuration, as a TOML parser would give it; empty lists left out."""
    made: dict[str, Table | list[Table]] = {
        "archive": _given(path=answers.archive, timezone=answers.timezone, state=answers.state),
        "child": _given(names=answers.child),
        "account": [account_table(answers)],
        "correspondence": _given(
            domains=[entry for entry in answers.school if "@" not in entry],
            addresses=[entry for entry in answers.school if "@" in entry],
            private_providers=answers.private_providers,
        ),
        "people": _given(
            parents=answers.parents,
            privileged=answers.privileged,
            mediators=answers.mediators,
        ),
        "service": [
            {key: date.fromisoformat(v) if key in {"start", "end"} else v for key, v in s.items()}
            for s in answers.services
        ],
    }
    return {name: table for name, table in made.items() if table}


def load_answers(path: Path) -> Answers | None:
    """What an earlier set-up left; None where there is nothing that can be gone on from."""
    try:
        record = json.loads(read_private(path))
        fresh = Answers()
        kinds = {f.name: type(getattr(fresh, f.name)) for f in fields(Answers)}
        return Answers(**{k: v for k, v in record.items() if k in kinds and type(v) is kinds[k]})
    except (OSError, ValueError, TypeError, AttributeError, NotPrivateError):
        return None


def save_answers(path: Path, answers: Answers) -> None:
    """Keep the answers for later, readable by their owner alone.

    Raises:
        OSError: they cannot be written.
    """
    write_private(path, json.dumps(asdict(answers), ensure_ascii=True, indent=1) + "\n")


def answers_path() -> Path:
    """Where the answers are kept until the set-up is finished."""
    from platformdirs import user_state_path  # noqa: PLC0415 - keeps --help fast

    return Path(user_state_path("papertrail", appauthor=False)) / "setup.json"


def _given(**table: object) -> dict[str, object]:
    return {key: value for key, value in table.items() if value}
