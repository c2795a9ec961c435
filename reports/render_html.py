"""Pure: a chronology as one self-contained page that filters and prints."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from indexers.model import Actor
from reports.lines import Line, SourceLine, moment
from reports.view import Report
from reports.words import KINDS, MONTHS, day
from reports.year_picture import draw_years

_ACTORS = {Actor.SCHOOL: "School", Actor.PARENT: "Parent", Actor.OTHER: "Other"}
# Marks that turn the direction of text round: a hostile subject could hide behind them.
_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\x00-\x08\x0b-\x1f\x7f]")


def render_html(report: Report, originals: str = "") -> str:
    """The page. It loads nothing; without its script it shows everything, as on paper.

    Args:
        report: what it shows.
        originals: where the archive's originals are, from the page's own folder, for links that
            open them; "" where the page goes elsewhere.
    """
    script = files("reports").joinpath("templates/filter.js").read_text("utf-8")
    everything = (*report.lines, *report.appendix)
    page: str = environment().get_template("chronology.html").render(
        report=report,
        facts=report.facts,
        parts=[
            part
            for part in (
                ("", "", _months(report.lines, "m")),
                ("Appendix: suggestions", "appendix", _months(report.appendix, "a")),
            )
            if part[2]
        ],
        kinds=_counted(line.kind for line in everything),
        services=_counted(line.service for line in everything if line.service),
        people=_counted(source.sender for line in everything for source in line.sources),
        statuses=_counted(line.status for line in everything),
        picture=draw_years(everything),
        sources=_messages(everything),
        unconfirmed=sum(not line.confirmed for line in everything),
        actors=_ACTORS,
        originals=originals,
        day=day,
        as_of=moment(report.facts.as_of, report.facts.zone),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )  # fmt: skip
    return page


def _months(lines: Sequence[Line], prefix: str) -> list[dict[str, object]]:
    return [
        {
            "id": f"{prefix}{year}-{month:02}",
            "name": f"{MONTHS[month - 1]} {year}",
            "lines": list(rows),
        }
        for (year, month), rows in groupby(lines, key=lambda line: (line.on.year, line.on.month))
    ]


def _counted(names: Iterable[str]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    order = {name: place for place, name in enumerate(KINDS.values())}
    return sorted(counts.items(), key=lambda item: (order.get(item[0], 99), item[0].lower()))


def _messages(lines: Sequence[Line]) -> list[tuple[SourceLine, list[Line]]]:
    """Every message that is quoted, once, with the lines that rest on it."""
    found: dict[str, tuple[SourceLine, list[Line]]] = {}
    for line in lines:
        for source in line.sources:
            _, resting = found.setdefault(source.digest, (source, []))
            if line not in resting:
                resting.append(line)
    return list(found.values())


def _visible(value: object) -> str:
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", str(value))


@lru_cache(maxsize=1)
def environment() -> Any:
    """Jinja for the pages: everything escaped, nothing undefined, no hidden marks."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: _visible(value) if type(value) is str else value,
    )
