"""Answers shown again, and put down as a configuration file."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from archiver.config import parse_settings, refuse_passwords
from archiver.errors import ConfigError
from archiver.private_file import write_private
from archiver.setup.answers import Answers, tables
from archiver.setup.earlier import flat, merged
from archiver.setup.fill import example, fill

SERVICE_NAMES = {
    "ot": "ot (occupational therapy)", "pt": "pt (physical therapy)", "ape": "ape (adapted PE)",
    "esy": "esy (extended school year)", "psych": "psych (psychologist)",
    "mobility": "mobility (orientation and mobility)",
    "assistive_tech": "assistive tech", "social_work": "social work",
}  # fmt: skip
_HEAD = """\
The configuration of Paper Trail, written by `papertrail init` on {day}.
It is yours to change with any text editor; `papertrail check` tells of every mistake in it.
A line with # in front is an explanation, or a setting that is not in use and shows an example."""


def summary(answers: Answers) -> list[tuple[str, str]]:
    """What was answered, a line a step, with the step's name."""

    def some(values: list[str]) -> str:
        return ", ".join(values) or "none"

    services = "; ".join(map(describe, answers.services)) or "none"
    return [
        ("address", f"Mailbox: {answers.address}"),
        ("server", f"Mail server: {answers.host}, port {answers.port}"),
        ("child", f"Child: {some(answers.child)}"),
        ("school", f"The school: {some(answers.school)}"),
        ("parents", f"The family: {some(answers.parents)}"),
        ("place", f"Place: {answers.state}, {answers.timezone}"),
        ("privileged", f"Attorney or advocate: {some(answers.privileged)}"),
        ("mediators", f"Mediators: {some(answers.mediators)}"),
        ("private_providers", f"Doctors: {some(answers.private_providers)}"),
        ("services", f"The IEP promises: {services}"),
        ("archive", f"Folder of the record: {answers.archive}"),
    ]


def describe(service: dict[str, Any]) -> str:
    """A service in a sentence without its full stop."""
    parts = []
    if "times" in service:
        parts.append(f"{service['times']} times per {service['per']}")
    if "minutes" in service:
        parts.append(f"{service['minutes']} minutes")
    for word, key in (("from", "start"), ("to", "end")):
        if key in service:
            parts.append(f"{word} {us_day(service[key])}")
    if "provider" in service:
        parts.append(f"by {service['provider']}")
    name = SERVICE_NAMES.get(service["service"], service["service"])
    return f"{name}: {', '.join(parts)}" if parts else name


def us_day(day: str | None) -> str:
    """2025-08-04 as 8/4/2025."""
    if not day:
        return ""
    found = date.fromisoformat(day)
    return f"{found.month}/{found.day}/{found.year}"


def write_config(
    path: Path, answers: Answers, old: Mapping[str, Any], others: Collection[str] = ()
) -> Path | None:
    """Write the configuration, whole or not at all; where an earlier one is now.

    What ``old`` has beside what was asked stays, and so do the accounts that ``others`` names.

    Raises:
        ConfigError: the answers make none, or it cannot be written; nothing was changed.
    """
    made = merged(old, tables(answers), others)
    parse_settings(made)
    text = fill(example(), flat(made), _HEAD.format(day=_today()))
    if tomllib.loads(text) != made:
        raise ConfigError(path, ["what was written would not be what was answered"])
    try:
        aside = _set_aside(path)
        write_private(path, text)
    except OSError as error:
        raise ConfigError(path, [f"it cannot be written: {error.strerror}"]) from error
    return aside


def read_answers(path: Path) -> dict[str, object]:
    """A file of answers.

    Raises:
        ConfigError: it cannot be read, is no TOML, or has a password in it.
    """
    try:
        table = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(path, [f"it cannot be read: {error.strerror}"]) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(path, [f"it is not valid TOML: {error}"]) from None
    refuse_passwords(table, path)
    return table


def _set_aside(path: Path) -> Path | None:
    """Give an existing file a dated name; None where there is none."""
    if not path.exists():
        return None
    for number in range(1, 1000):
        suffix = "" if number == 1 else f"-{number}"
        aside = path.with_name(f"{path.stem}-{_today()}{suffix}{path.suffix}")
        if not aside.exists():
            path.rename(aside)
            return aside
    raise FileExistsError(17, "there are too many old ones", str(path))


def _today() -> str:
    return date.today().isoformat()  # noqa: DTZ011 - the day on this computer's calendar
