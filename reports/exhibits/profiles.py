"""Profiles from TOML: the packaged ones, and a person's own file over them."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from archiver.errors import ConfigError
from reports.exhibits.labels import label_of, page_stamp
from reports.exhibits.model import Profile

_PLACES = {"left", "center", "right"}
_CHOICES = {
    "edge": {"top", "bottom"},
    "label_at": _PLACES,
    "bates_at": _PLACES,
    "order": {"date", "given"},
    "unit": {"message", "thread"},
}
_TEXTS = {"title", "label", "page_stamp", "bates_prefix", "offered_by", "note"}
_SMALLEST, _LARGEST = 300.0, 2000.0  # points a side of paper


def packaged() -> dict[str, dict[str, Any]]:
    """The profiles that come with the program, as tables by name."""
    text = files("reports.exhibits").joinpath("profiles.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def load_profile(name: str, own: Path | None = None) -> Profile:
    """A profile by name; what it leaves out is taken from ``default``.

    Args:
        name: of the packaged profiles or of those in ``own``.
        own: a file of the same form, whose profiles add to and go before the packaged ones.

    Raises:
        ConfigError: there is no such profile, or its values cannot be used; lists every mistake.
    """
    tables = packaged()
    if own is not None:
        try:
            tables |= tomllib.loads(own.read_text(encoding="utf-8"))
        except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(own, [f"it cannot be read: {error}"]) from error
    if name not in tables or not isinstance(tables[name], dict):
        raise ConfigError(own, [f"there is no profile {name!r}; there are {', '.join(tables)}"])
    return parse_profile(name, packaged()["default"] | tables[name], own)


def parse_profile(name: str, table: dict[str, Any], path: Path | None = None) -> Profile:
    """Check a table and make it a profile; raises ConfigError with every mistake."""
    problems = list(_mistakes(table))
    if problems:
        raise ConfigError(path, [f"profile {name}: {problem}" for problem in problems])
    wide, high = table["page"]
    profile = Profile(
        name=name,
        page_size=(float(wide), float(high)),
        max_file_bytes=int(table["max_file_mb"] * 1_000_000),
        bates_digits=table["bates_digits"],
        **{key: table[key] for key in (*_TEXTS, *_CHOICES)},
    )
    try:
        page_stamp(profile, label_of(profile, 1), 1, 1, "X1")
    except (KeyError, ValueError, IndexError) as error:
        what = f"profile {name}: label and page_stamp know {{n}}, {{letter}}, {{label}}, {{page}}"
        raise ConfigError(path, [f"{what}, {{pages}} and {{bates}} only ({error})"]) from error
    return profile


def _mistakes(table: dict[str, Any]) -> list[str]:
    known = {*_TEXTS, *_CHOICES, "page", "max_file_mb", "bates_digits"}
    problems = [f"{key} is not known" for key in sorted(table.keys() - known)]
    problems += [f"{key} must be text" for key in sorted(_TEXTS) if not _is_text(table[key])]
    problems += [
        f"{key} must be one of {', '.join(sorted(choices))}"
        for key, choices in _CHOICES.items()
        if table[key] not in choices
    ]
    page = table["page"]
    if not (
        isinstance(page, list)
        and len(page) == 2
        and all(isinstance(side, int | float) and _SMALLEST <= side <= _LARGEST for side in page)
    ):
        problems.append("page must be two numbers of points, such as [612, 792]")
    if not isinstance(table["bates_digits"], int) or not 3 <= table["bates_digits"] <= 12:
        problems.append("bates_digits must be from 3 to 12")
    if not isinstance(table["max_file_mb"], int | float) or table["max_file_mb"] < 0.1:
        problems.append("max_file_mb must be 0.1 or more")
    if table["label_at"] == table["bates_at"] and table["label"]:
        problems.append("label_at and bates_at must not be the same place")
    return problems


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isascii()
