"""Pure: what a person types, to values. A ``ValueError`` is a sentence for that person."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection
from datetime import date
from functools import lru_cache
from importlib.resources import files

from archiver.config import SERVICES

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]+@[^\s@<>()\[\],;:\"\\/]+\.[^\s@<>()\[\],;:\"\\/.]+")
_DOMAIN = re.compile(r"[^\s@<>()\[\],;:\"\\/]+\.[^\s@<>()\[\],;:\"\\/.]+")
_MONTHS = {
    name[:3]: number
    for number, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september",
         "october", "november", "december"), 1)
}  # fmt: skip
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SLASHES = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})")
_WORDS = re.compile(
    r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})|(\d{1,2}) ([a-z]{3,9})\.?,? (\d{4})"
)


def clean(text: str) -> str:
    """A line as typed, ready to be used: NFC, no stray spaces.

    Raises:
        ValueError: it has characters that the terminal garbled, or control characters.
    """
    tidy = " ".join(unicodedata.normalize("NFC", text.replace("\ufeff", "")).split())
    if any(c == "\ufffd" or unicodedata.category(c) in {"Cc", "Cs"} for c in tidy):
        raise ValueError("Some of that could not be read. Please type it again.")
    if len(tidy) > 2000:
        raise ValueError("That is too long. Please type less at a time.")
    return tidy


def address(text: str) -> str:
    """One e-mail address, also out of ``Ann Lee <ann@mail.example>``."""
    inner = re.search(r"<([^<>]*)>", text)
    found = (inner[1] if inner else text).strip().removeprefix("mailto:").rstrip(".,;").lower()
    if not found:
        raise ValueError("Please type an e-mail address, such as you@mail.example.")
    if not _ADDRESS.fullmatch(found) or ".." in found:
        raise ValueError(f'"{text}" is no e-mail address. One looks like you@mail.example.')
    return found


def addresses(text: str) -> list[str]:
    """Addresses with commas, semicolons or spaces between them; none is a fair answer."""
    return list(dict.fromkeys(address(part) for part in _parts(text)))


def entries(text: str) -> list[str]:
    """Addresses, or domains such as school.example, each once."""
    return list(dict.fromkeys(map(entry, _parts(text))))


def entry(text: str) -> str:
    """An address or a domain; ``https://www.school.example/`` is taken for the latter."""
    if "@" in text.strip().lstrip("@"):
        return address(text)
    found = re.sub(r"^[a-z]+://", "", text.strip().lower().lstrip("@*.")).split("/")[0]
    found = found.removeprefix("www.").rstrip(".,;")
    if not _DOMAIN.fullmatch(found) or ".." in found:
        raise ValueError(
            f'"{text}" is neither an e-mail address nor what stands after the @, '
            "such as school.example."
        )
    return found


def names(text: str) -> list[str]:
    """Names with commas between them."""
    return list(dict.fromkeys(part for part in map(str.strip, re.split(r"[,;]", text)) if part))


def required_names(text: str) -> list[str]:
    """At least one name."""
    found = names(text)
    if not found:
        raise ValueError("Please type at least one name.")
    return found


def day(text: str) -> date | None:
    """A day as people in the United States write it, or 2025-08-04; None for nothing."""
    typed = " ".join(text.lower().replace(",", ", ").split()).replace(" ,", ",")
    if not typed:
        return None
    if match := _ISO.fullmatch(typed):
        year, month, number = map(int, match.groups())
    elif match := _SLASHES.fullmatch(typed):
        month, number, year = map(int, match.groups())
    elif match := _WORDS.fullmatch(typed):
        word = (match[1] or match[5])[:3]
        month, number = _MONTHS.get(word, 0), int(match[2] or match[4])
        year = int(match[3] or match[6])
    else:
        raise ValueError(f'"{text}" is not understood. Write a day like 8/4/2025.')
    year += 2000 if year < 100 else 0
    try:
        found = date(year, month, number)
    except ValueError:
        raise ValueError(f'There is no day "{text}". Write month/day/year, 8/4/2025.') from None
    if not 2000 <= found.year <= 2100:
        raise ValueError(f"The year {found.year} cannot be right. Write a day like 8/4/2025.")
    return found


def count(text: str, most: int = 2000) -> int | None:
    """A number from 1 on; None for nothing."""
    digits = text.removesuffix("minutes").removesuffix("min").removesuffix("times").strip()
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit()) or not 1 <= int(digits[:9]) <= most:
        raise ValueError(f"Please type a number from 1 to {most}, or nothing.")
    return int(digits)


def port(text: str) -> int:
    """A port."""
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:9]) < 65536:
        raise ValueError("A port is a number from 1 to 65535; most servers use 993.")
    return int(text)


def period(text: str) -> str:
    """day, week, 2 weeks, month or year."""
    word = re.sub(r"^(?:per|every|a) ", "", text.casefold())
    found = _said("period").get(word)
    if found is None:
        raise ValueError("Please type day, week, 2 weeks, month or year.")
    return found


def service(text: str) -> str:
    """A service by the name the configuration has for it; "" for nothing."""
    typed = text.casefold()
    if not typed:
        return ""
    if typed.isascii() and typed.isdigit() and 1 <= int(typed[:4]) <= len(SERVICES):
        return SERVICES[int(typed) - 1]
    found = _said("service").get(typed, typed.replace(" ", "_").replace("-", "_"))
    if found not in SERVICES:
        raise ValueError(f'"{text}" is not in the list. Type its number; "other" fits everything.')
    return found


def picks(text: str, of: int) -> set[int]:
    """Numbers out of 1 to ``of``: ``2 5-7``, commas or none."""
    found: set[int] = set()
    for part in re.sub(r"\s*-\s*", "-", text.replace(",", " ")).split():
        first, dash, last = part.partition("-")
        ends = (first, last if dash else first)
        if not all(end.isascii() and end.isdigit() and 1 <= int(end[:6]) <= of for end in ends):
            raise ValueError(f'"{part}" is not one of the numbers 1 to {of}.')
        found.update(range(int(first), int(ends[1]) + 1))
    return found


def yes_or_no(text: str) -> bool:
    """Whether somebody said yes."""
    typed = text.casefold()
    if typed in {"y", "yes", "yeah", "ok", "si", "sí", "true"}:
        return True
    if typed in {"n", "no", "nope", "false"}:
        return False
    raise ValueError("Please type y for yes or n for no.")


def one_of(text: str, choices: Collection[str]) -> str:
    """One of a few words or their numbers."""
    listed = list(choices)
    if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= len(listed):
        return listed[int(text) - 1]
    if text.casefold() in listed:
        return text.casefold()
    raise ValueError(f"Please type a number from 1 to {len(listed)}.")


@lru_cache(maxsize=2)
def _said(what: str) -> dict[str, str]:
    """What people say for a word of the configuration."""
    text = (files("archiver.setup") / "words.toml").read_text(encoding="utf-8")
    lists: dict[str, list[str]] = tomllib.loads(text)[what]
    return {said: word for word, listed in lists.items() for said in (word, *listed)}


def _parts(text: str) -> list[str]:
    if "<" in text:  # "Ann Lee <ann@mail.example>, Bo <bo@mail.example>"
        return [part.strip() for part in re.split(r"[,;]", text) if part.strip()]
    return [part for part in re.split(r"[,;\s]+", text) if part]
