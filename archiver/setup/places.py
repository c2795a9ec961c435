"""States and time zones, as people say them; and which zone this computer is in."""

from __future__ import annotations

import os
import tomllib
import zoneinfo
from functools import lru_cache
from importlib.resources import files
from pathlib import Path


def find_state(text: str) -> str:
    """A state's two letters, from those or from its name.

    Raises:
        ValueError: there is no such state; the sentence is for the person who typed.
    """
    typed = " ".join(text.replace(".", "").split()).casefold()
    for code, (name, *_) in _places()["state"].items():
        if typed in {code.casefold(), name.casefold()}:
            return code
    raise ValueError("Please type the two letters of a state, such as AZ, or its name.")


def find_zone(text: str) -> str:
    """A time zone's name, from that or from what people call it ("Eastern").

    Raises:
        ValueError: there is none of that name.
    """
    typed = " ".join(text.split())
    word = typed.casefold().removesuffix(" time").removesuffix(" standard").strip()
    found = _places()["zone"].get(word, typed)
    spelled = {name.casefold(): name for name in zoneinfo.available_timezones()}
    name = spelled.get(str(found).casefold().replace(" ", "_"))
    if name is None or "/" not in name:
        raise ValueError("Please type Eastern, Central, Mountain, Pacific, or America/Phoenix.")
    return name


def zone_of(state: str, here: str) -> str:
    """The zone to propose: this computer's where it is one of the state's, else the state's."""
    zones = _places()["state"].get(state, [""])[1:]
    return here if here in zones or not zones else zones[0]


def state_at(zone: str) -> str:
    """The only state with that zone, such as Arizona's; "" where there are several or none."""
    found = [code for code, (_, *zones) in _places()["state"].items() if zones[:1] == [zone]]
    return found[0] if len(found) == 1 else ""


def local_zone() -> str:
    """The zone this computer is set to; "" where it does not say in a way that is understood."""
    candidates = [os.environ.get("TZ", "").removeprefix(":")]
    try:
        candidates.append(str(Path("/etc/localtime").resolve()).rpartition("zoneinfo/")[2])
    except OSError:
        candidates.append("")
    try:
        candidates.append(Path("/etc/timezone").read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError):
        candidates.append("")
    known = zoneinfo.available_timezones()
    return next((name for name in candidates if name in known and "/" in name), "")


@lru_cache(maxsize=1)
def _places() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files("archiver.setup") / "places.toml").read_text(encoding="utf-8"))
