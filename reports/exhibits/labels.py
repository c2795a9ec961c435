"""Pure: an exhibit's number as a forum writes it."""

from __future__ import annotations

import re

from reports.exhibits.model import Profile

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")


def label_of(profile: Profile, number: int) -> str:
    """``P-3``, ``C``, ``Student 12``; "" where the profile has Bates numbers alone."""
    return profile.label.format(n=number, letter=letters(number))


def letters(number: int) -> str:
    """1 is A, 26 is Z, 27 is AA, 52 is AZ."""
    written = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        written = chr(ord("A") + rest) + written
    return written


def bates_of(profile: Profile, number: int) -> str:
    """``PAR000001``."""
    return f"{profile.bates_prefix}{number:0{profile.bates_digits}d}"


def page_stamp(profile: Profile, label: str, page: int, pages: int, bates: str) -> str:
    """``P-3 p. 2 of 6``."""
    return profile.page_stamp.format(label=label, page=page, pages=pages, bates=bates)


def file_stem(label: str, number: int, bates: str) -> str:
    """A file name that sorts as the exhibits do and that every system can store."""
    name = _UNSAFE.sub("-", label).strip("-") or bates
    return f"{number:03d}_{name}"
